/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-entity.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct _FerrydEntity
{
  gatomicrefcount ref_count;
  GArray *pieces; /* (owned) (element-type FerrydEntityPiece): none of them empty */
  guint64 length; /* bytes */
};

static void
piece_clear (gpointer data)
{
  FerrydEntityPiece *piece = data;

  g_clear_pointer (&piece->bytes, g_bytes_unref);
  if (piece->fd >= 0)
    close (piece->fd);
}

/**
 * ferryd_entity_new:
 *
 * Returns: (transfer full): an empty entity
 */
FerrydEntity *
ferryd_entity_new (void)
{
  FerrydEntity *entity = g_new0 (FerrydEntity, 1);

  g_atomic_ref_count_init (&entity->ref_count);
  entity->pieces = g_array_new (FALSE, FALSE, sizeof (FerrydEntityPiece));
  g_array_set_clear_func (entity->pieces, piece_clear);
  return entity;
}

/**
 * ferryd_entity_ref:
 * @entity: an entity
 *
 * Returns: (transfer full): @entity
 */
FerrydEntity *
ferryd_entity_ref (FerrydEntity *entity)
{
  g_atomic_ref_count_inc (&entity->ref_count);
  return entity;
}

/**
 * ferryd_entity_unref:
 * @entity: (transfer full): an entity
 */
void
ferryd_entity_unref (FerrydEntity *entity)
{
  if (!g_atomic_ref_count_dec (&entity->ref_count))
    return;
  g_array_unref (entity->pieces);
  g_free (entity);
}

static void
add_piece (FerrydEntity *entity, FerrydEntityPiece piece)
{
  piece.start = entity->length;
  entity->length += piece.length;
  if (piece.length > 0)
    g_array_append_val (entity->pieces, piece);
  else
    piece_clear (&piece);
}

/**
 * ferryd_entity_add_bytes:
 * @entity: an entity that nobody shares yet
 * @bytes: (transfer full): what comes next
 */
void
ferryd_entity_add_bytes (FerrydEntity *entity, GBytes *bytes)
{
  add_piece (entity, (FerrydEntityPiece){ .bytes = bytes, .fd = -1, .length = g_bytes_get_size (bytes) });
}

/**
 * ferryd_entity_add_file:
 * @entity: an entity that nobody shares yet
 * @fd: (transfer full): of the regular file whose bytes come next
 * @offset: of the first
 * @length: how many
 */
void
ferryd_entity_add_file (FerrydEntity *entity, int fd, guint64 offset, guint64 length)
{
  add_piece (entity, (FerrydEntityPiece){ .fd = fd, .offset = offset, .length = length });
}

/**
 * ferryd_entity_get_length:
 * @entity: an entity
 *
 * Returns: bytes
 */
guint64
ferryd_entity_get_length (const FerrydEntity *entity)
{
  return entity->length;
}

/**
 * ferryd_entity_find_piece:
 * @entity: an entity
 * @position: of a byte
 *
 * Returns: (transfer none) (nullable): the piece that byte is in, NULL behind the last
 */
const FerrydEntityPiece *
ferryd_entity_find_piece (const FerrydEntity *entity, guint64 position)
{
  guint low = 0, high = entity->pieces->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const FerrydEntityPiece *piece = &g_array_index (entity->pieces, FerrydEntityPiece, middle);

      if (position < piece->start)
        high = middle;
      else if (position - piece->start >= piece->length)
        low = middle + 1;
      else
        return piece;
    }
  return NULL;
}

/**
 * ferryd_entity_read:
 * @entity: an entity
 * @position: of the first byte wanted
 * @buffer: where to put them
 * @size: how many are wanted at most
 *
 * Reads from one piece or several, until @size.
 *
 * Returns: how many there were, fewer at the end only; 0 too where a file has become shorter than it was; -1
 * with errno where none could be read
 */
gssize
ferryd_entity_read (const FerrydEntity *entity, guint64 position, void *buffer, gsize size)
{
  gsize n_read = 0;

  while (n_read < size)
    {
      const FerrydEntityPiece *piece = ferryd_entity_find_piece (entity, position + n_read);
      guint64 within;
      gsize wanted;
      ssize_t n = 0;

      if (piece == NULL)
        break;
      within = position + n_read - piece->start;
      wanted = MIN (size - n_read, piece->length - within);
      if (piece->bytes != NULL)
        {
          memcpy ((guint8 *) buffer + n_read, (const guint8 *) g_bytes_get_data (piece->bytes, NULL) + within,
                  wanted);
          n = (ssize_t) wanted;
        }
      else
        {
          do
            n = pread (piece->fd, (guint8 *) buffer + n_read, wanted, (off_t) (piece->offset + within));
          while (n < 0 && errno == EINTR);
        }
      if (n <= 0)
        return n_read > 0 ? (gssize) n_read : n;
      n_read += (gsize) n;
    }
  return (gssize) n_read;
}
