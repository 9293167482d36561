/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-content.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* What a file was: device, inode, size, times of modification and change in nanoseconds. */
#define SNAPSHOT_TYPE G_VARIANT_TYPE ("a(ttttt)")

struct _FerrydContent
{
  gatomicrefcount ref_count;
  GArray *pieces; /* (owned) (element-type FerrydContentPiece) */
  char *type;     /* (owned) (nullable) */
};

static void
piece_clear (gpointer data)
{
  FerrydContentPiece *piece = data;

  g_clear_pointer (&piece->bytes, g_bytes_unref);
  g_clear_pointer (&piece->path, g_free);
}

/**
 * ferryd_content_new:
 * @type: (nullable): the media type that goes with it
 *
 * Returns: (transfer full): a content without a byte
 */
FerrydContent *
ferryd_content_new (const char *type)
{
  FerrydContent *content = g_new0 (FerrydContent, 1);

  g_atomic_ref_count_init (&content->ref_count);
  content->pieces = g_array_new (FALSE, FALSE, sizeof (FerrydContentPiece));
  g_array_set_clear_func (content->pieces, piece_clear);
  content->type = g_strdup (type);
  return content;
}

/**
 * ferryd_content_ref:
 * @content: a content
 *
 * Returns: (transfer full): @content
 */
FerrydContent *
ferryd_content_ref (FerrydContent *content)
{
  g_atomic_ref_count_inc (&content->ref_count);
  return content;
}

/**
 * ferryd_content_unref:
 * @content: (transfer full): a content
 */
void
ferryd_content_unref (FerrydContent *content)
{
  if (!g_atomic_ref_count_dec (&content->ref_count))
    return;
  g_array_unref (content->pieces);
  g_free (content->type);
  g_free (content);
}

/**
 * ferryd_content_add:
 * @content: a content that nobody shares yet
 * @piece: what comes next; copied
 */
void
ferryd_content_add (FerrydContent *content, const FerrydContentPiece *piece)
{
  FerrydContentPiece copy = *piece;

  copy.bytes = piece->bytes != NULL ? g_bytes_ref (piece->bytes) : NULL;
  copy.path = g_strdup (piece->path);
  g_array_append_val (content->pieces, copy);
}

/**
 * ferryd_content_get_type:
 * @content: a content
 *
 * Returns: (transfer none) (nullable): the media type that goes with it
 */
const char *
ferryd_content_get_type (const FerrydContent *content)
{
  return content->type;
}

/**
 * ferryd_content_count_pieces:
 * @content: a content
 *
 * Returns: how many pieces it is made of
 */
guint
ferryd_content_count_pieces (const FerrydContent *content)
{
  return content->pieces->len;
}

/**
 * ferryd_content_get_piece:
 * @content: a content
 * @i: which piece
 *
 * Returns: (transfer none): that piece
 */
const FerrydContentPiece *
ferryd_content_get_piece (const FerrydContent *content, guint i)
{
  return &g_array_index (content->pieces, FerrydContentPiece, i);
}

/**
 * ferryd_content_count_spools:
 * @content: a content
 *
 * Returns: the highest number of a file in the state directory that it has, 0 for none
 */
guint
ferryd_content_count_spools (const FerrydContent *content)
{
  guint n_spools = 0;

  for (guint i = 0; i < content->pieces->len; i++)
    n_spools = MAX (n_spools, ferryd_content_get_piece (content, i)->spool);
  return n_spools;
}

/* As it is kept. */

static GVariant *
piece_to_variant (const FerrydContentPiece *piece)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);

  if (piece->bytes != NULL)
    {
      g_variant_dict_insert_value (&dict, "bytes",
                                   g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, piece->bytes, TRUE));
      return g_variant_dict_end (&dict);
    }
  if (piece->path != NULL)
    g_variant_dict_insert (&dict, "path", "^ay", piece->path);
  if (piece->spool != 0)
    g_variant_dict_insert (&dict, "spool", "u", piece->spool);
  if (piece->inode != 0)
    {
      g_variant_dict_insert (&dict, "device", "t", piece->device);
      g_variant_dict_insert (&dict, "inode", "t", piece->inode);
      g_variant_dict_insert (&dict, "born", "t", piece->born);
    }
  if (piece->offset != 0)
    g_variant_dict_insert (&dict, "offset", "t", piece->offset);
  if (piece->length >= 0)
    g_variant_dict_insert (&dict, "length", "x", piece->length);
  return g_variant_dict_end (&dict);
}

/**
 * ferryd_content_to_variant:
 * @content: a content
 *
 * Returns: (transfer floating): what the store keeps
 */
GVariant *
ferryd_content_to_variant (const FerrydContent *content)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);
  GVariantBuilder pieces;

  if (content->type != NULL)
    g_variant_dict_insert (&dict, "type", "s", content->type);
  g_variant_builder_init (&pieces, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < content->pieces->len; i++)
    g_variant_builder_add_value (&pieces, piece_to_variant (ferryd_content_get_piece (content, i)));
  g_variant_dict_insert_value (&dict, "pieces", g_variant_builder_end (&pieces));
  return g_variant_dict_end (&dict);
}

static void
add_from_variant (FerrydContent *content, GVariant *variant)
{
  FerrydContentPiece piece = { .length = -1 };
  g_autoptr (GVariant) bytes = g_variant_lookup_value (variant, "bytes", G_VARIANT_TYPE_BYTESTRING);

  if (bytes != NULL)
    piece.bytes = g_variant_get_data_as_bytes (bytes);
  g_variant_lookup (variant, "path", "^ay", &piece.path);
  g_variant_lookup (variant, "spool", "u", &piece.spool);
  g_variant_lookup (variant, "device", "t", &piece.device);
  g_variant_lookup (variant, "inode", "t", &piece.inode);
  g_variant_lookup (variant, "born", "t", &piece.born);
  g_variant_lookup (variant, "offset", "t", &piece.offset);
  g_variant_lookup (variant, "length", "x", &piece.length);
  g_array_append_val (content->pieces, piece);
}

/**
 * ferryd_content_from_variant:
 * @variant: (nullable): as ferryd_content_to_variant() made it
 *
 * Returns: (transfer full) (nullable): the content; NULL where @variant is none
 */
FerrydContent *
ferryd_content_from_variant (GVariant *variant)
{
  g_autoptr (GVariant) pieces = NULL;
  FerrydContent *content;
  const char *type = NULL;

  if (variant == NULL || !g_variant_is_of_type (variant, G_VARIANT_TYPE_VARDICT))
    return NULL;
  pieces = g_variant_lookup_value (variant, "pieces", G_VARIANT_TYPE ("aa{sv}"));
  if (pieces == NULL)
    return NULL;
  g_variant_lookup (variant, "type", "&s", &type);
  content = ferryd_content_new (type);
  for (gsize i = 0; i < g_variant_n_children (pieces); i++)
    {
      g_autoptr (GVariant) piece = g_variant_get_child_value (pieces, i);

      add_from_variant (content, piece);
    }
  return content;
}

/**
 * ferryd_content_get_spool_path:
 * @directory: where the files are that the service keeps for itself
 * @id: an operation
 * @spool: number of one of its files
 *
 * Returns: (transfer full): that file's path
 */
char *
ferryd_content_get_spool_path (const char *directory, const FerrydId *id, guint spool)
{
  char text[FERRYD_ID_TEXT_SIZE];

  ferryd_id_format (id, text);
  return g_strdup_printf ("%s/%s.%u", directory, text, spool);
}

/* On disk. */

static FerrydFailure *
new_lost (const char *path, const char *why)
{
  g_autofree char *name = path != NULL ? g_filename_display_name (path) : NULL;

  return ferryd_failure_new (FERRY_TRANSFER_ERROR_SOURCE_LOST, FERRYD_REMEDY_FINAL, "%s cannot be read: %s",
                             name != NULL ? name : "The file that was given", why);
}

/* RESTART: what it has become may be sent from its beginning. */
static FerrydFailure *
new_changed (const char *path)
{
  g_autofree char *name = path != NULL ? g_filename_display_name (path) : NULL;

  return ferryd_failure_new (FERRY_TRANSFER_ERROR_SOURCE_CHANGED, FERRYD_REMEDY_RESTART,
                             "%s changed while it was being sent", name != NULL ? name : "The file");
}

static GVariant *
make_snapshot (const struct stat *file)
{
  return g_variant_new ("(ttttt)", (guint64) file->st_dev, (guint64) file->st_ino, (guint64) file->st_size,
                        (guint64) file->st_mtim.tv_sec * 1000000000u + (guint64) file->st_mtim.tv_nsec,
                        (guint64) file->st_ctim.tv_sec * 1000000000u + (guint64) file->st_ctim.tv_nsec);
}

/* That a file has lost its name changes nothing in it, but its time of change. */
static gboolean
is_unchanged (const struct stat *file, GVariant *snapshot)
{
  g_autoptr (GVariant) now = g_variant_ref_sink (make_snapshot (file));
  guint64 before[5], after[5];

  g_variant_get (snapshot, "(ttttt)", &before[0], &before[1], &before[2], &before[3], &before[4]);
  g_variant_get (now, "(ttttt)", &after[0], &after[1], &after[2], &after[3], &after[4]);
  return memcmp (before, after, 4 * sizeof *before) == 0 && (file->st_nlink == 0 || before[4] == after[4]);
}

static int
open_piece (const FerrydContentPiece *piece, const char *spool_directory, const FerrydId *id,
            const FerrydDescriptor *held, FerrydFailure **failure)
{
  g_autofree char *spool_path =
      piece->spool != 0 ? ferryd_content_get_spool_path (spool_directory, id, piece->spool) : NULL;
  const char *path = spool_path != NULL ? spool_path : piece->path;
  struct stat file;
  int fd;

  if (held != NULL && piece->inode != 0)
    {
      fd = fcntl (ferryd_descriptor_peek (held), F_DUPFD_CLOEXEC, 0);
      if (fd >= 0)
        return fd;
    }
  if (path == NULL)
    {
      *failure = new_lost (NULL, "it has no name to find it by again");
      return -1;
    }
  /* A pipe that took the file's place must not block. */
  fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    *failure = errno == EMFILE || errno == ENFILE
                   ? ferryd_failure_new (FERRY_TRANSFER_ERROR_IO_ERROR, FERRYD_REMEDY_RETRY,
                                         "Too many files are open")
                   : new_lost (piece->path, g_strerror (errno));
  else if (fstat (fd, &file) != 0 || !S_ISREG (file.st_mode))
    *failure = new_lost (piece->path, "it is no regular file");
  else if (piece->inode != 0 && (file.st_dev != piece->device || file.st_ino != piece->inode ||
                                 (piece->born != 0 && ferryd_descriptor_get_birth (fd) != piece->born)))
    *failure = new_lost (piece->path, "another file is in its place");
  else
    return fd;
  if (fd >= 0)
    close (fd);
  return -1;
}

static gboolean
add_file (const FerrydContentPiece *piece, int fd, const struct stat *file, FerrydEntity *entity,
          FerrydFailure **failure)
{
  guint64 size = (guint64) file->st_size;

  if (piece->offset > size || (piece->length >= 0 && (guint64) piece->length > size - piece->offset))
    {
      *failure = new_changed (piece->path);
      close (fd);
      return FALSE;
    }
  ferryd_entity_add_file (entity, fd, piece->offset,
                          piece->length >= 0 ? (guint64) piece->length : size - piece->offset);
  return TRUE;
}

/**
 * ferryd_content_open:
 * @content: a content
 * @spool_directory: where the files are that the service keeps for itself
 * @id: whose content it is
 * @held: (nullable): the file that was given as a descriptor, where this process has it
 * @snapshot: (inout) (transfer full) (nullable): what its files were when they were opened first; NULL the
 *   first time, and then filled in
 * @failure: (out) (transfer full): SOURCE_LOST, SOURCE_CHANGED, IO_ERROR
 *
 * Opens what is to be sent, if it is still what it was.
 *
 * Returns: (transfer full) (nullable): it, of a length that is fixed from now on
 */
FerrydEntity *
ferryd_content_open (const FerrydContent *content, const char *spool_directory, const FerrydId *id,
                     const FerrydDescriptor *held, GVariant **snapshot, FerrydFailure **failure)
{
  g_autoptr (FerrydEntity) entity = ferryd_entity_new ();
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (SNAPSHOT_TYPE);
  gsize n = 0;

  for (guint i = 0; i < content->pieces->len; i++)
    {
      const FerrydContentPiece *piece = ferryd_content_get_piece (content, i);
      struct stat file;
      int fd;

      if (piece->bytes != NULL)
        {
          ferryd_entity_add_bytes (entity, g_bytes_ref (piece->bytes));
          continue;
        }
      fd = open_piece (piece, spool_directory, id, held, failure);
      if (fd < 0)
        return NULL;
      if (fstat (fd, &file) != 0)
        memset (&file, 0, sizeof file);
      if (*snapshot != NULL)
        {
          g_autoptr (GVariant) before =
              n < g_variant_n_children (*snapshot) ? g_variant_get_child_value (*snapshot, n) : NULL;

          if (before == NULL || !is_unchanged (&file, before))
            {
              *failure = new_changed (piece->path);
              close (fd);
              return NULL;
            }
        }
      n++;
      g_variant_builder_add_value (&builder, make_snapshot (&file));
      if (!add_file (piece, fd, &file, entity, failure))
        return NULL;
    }
  if (*snapshot == NULL)
    *snapshot = g_variant_ref_sink (g_variant_builder_end (&builder));
  return g_steal_pointer (&entity);
}

/**
 * ferryd_content_verify:
 * @content: a content
 * @entity: it, as it was opened
 * @snapshot: what its files were then
 *
 * Returns: (transfer full) (nullable): SOURCE_CHANGED where one of them is not any more
 */
FerrydFailure *
ferryd_content_verify (const FerrydContent *content, const FerrydEntity *entity, GVariant *snapshot)
{
  guint64 position = 0;
  gsize n = 0;

  for (guint i = 0; i < content->pieces->len; i++)
    {
      const FerrydContentPiece *piece = ferryd_content_get_piece (content, i);
      const FerrydEntityPiece *part = ferryd_entity_find_piece (entity, position);
      g_autoptr (GVariant) before = NULL;
      struct stat file;

      if (piece->bytes != NULL)
        {
          position += g_bytes_get_size (piece->bytes);
          continue;
        }
      before = g_variant_get_child_value (snapshot, n++);
      /* A file of which no byte is sent is no part of the entity. */
      if (part == NULL || part->bytes != NULL)
        continue;
      position += part->length;
      if (fstat (part->fd, &file) != 0 || !is_unchanged (&file, before))
        return new_changed (piece->path);
    }
  return NULL;
}

/* On a worker. */

typedef struct
{
  FerrydContent *content; /* (owned) */
  char *spool_directory;  /* (owned) */
  FerrydId id;            /* whose content it is */
  FerrydDescriptor *held; /* (owned) (nullable) */
  GVariant *snapshot;     /* (owned) (nullable) */
  FerrydEntity *entity;   /* (owned) (nullable) */
  FerrydFailure *failure; /* (owned) (nullable) */
} Opening;

static void
opening_free (gpointer data)
{
  Opening *opening = data;

  ferryd_content_unref (opening->content);
  g_free (opening->spool_directory);
  g_clear_pointer (&opening->held, ferryd_descriptor_unref);
  g_clear_pointer (&opening->snapshot, g_variant_unref);
  g_clear_pointer (&opening->entity, ferryd_entity_unref);
  g_clear_pointer (&opening->failure, ferryd_failure_free);
  g_free (opening);
}

static void
open_in_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Opening *opening = task_data;

  opening->entity = ferryd_content_open (opening->content, opening->spool_directory, &opening->id,
                                         opening->held, &opening->snapshot, &opening->failure);
  g_task_return_boolean (task, TRUE);
}

/**
 * ferryd_content_open_async:
 * @content: a content
 * @spool_directory: where the files are that the service keeps for itself
 * @id: whose content it is
 * @held: (nullable): the file that was given as a descriptor, where this process has it
 * @snapshot: (nullable): what its files were when they were opened first; NULL the first time
 * @callback: told when it is open, or cannot be
 * @user_data: for @callback
 *
 * ferryd_content_open() on a worker.
 */
void
ferryd_content_open_async (FerrydContent *content, const char *spool_directory, const FerrydId *id,
                           FerrydDescriptor *held, GVariant *snapshot, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  Opening *opening = g_new0 (Opening, 1);

  opening->content = ferryd_content_ref (content);
  opening->spool_directory = g_strdup (spool_directory);
  opening->id = *id;
  opening->held = held != NULL ? ferryd_descriptor_ref (held) : NULL;
  opening->snapshot = snapshot != NULL ? g_variant_ref (snapshot) : NULL;
  g_task_set_source_tag (task, ferryd_content_open_async);
  g_task_set_task_data (task, opening, opening_free);
  g_task_run_in_thread (task, open_in_worker);
}

/**
 * ferryd_content_open_finish:
 * @result: what the callback was given
 * @snapshot: (inout) (transfer full) (nullable): where it is NULL it gets what the files were
 * @failure: (out) (transfer full): SOURCE_LOST, SOURCE_CHANGED, IO_ERROR
 *
 * Returns: (transfer full) (nullable): what ferryd_content_open() has opened
 */
FerrydEntity *
ferryd_content_open_finish (GAsyncResult *result, GVariant **snapshot, FerrydFailure **failure)
{
  Opening *opening = g_task_get_task_data (G_TASK (result));

  *failure = g_steal_pointer (&opening->failure);
  if (opening->entity != NULL && *snapshot == NULL)
    *snapshot = g_steal_pointer (&opening->snapshot);
  return g_steal_pointer (&opening->entity);
}
