/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-sink-journal.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <nettle/sha2.h>
#include <stddef.h>
#include <unistd.h>

/* Bytes: one page of the page cache, so that a killed process leaves either the old page or the new one.
 * Should it be torn all the same, the checksum finds out. */
#define JOURNAL_PAGE 4096

/* "ferry-j" and the version of the layout; other values are not believed. */
#define PAGE_MAGIC G_GUINT64_CONSTANT (0x66657272792d6a01)

/* The page as it lies in the file, in the machine's own byte order: it is never read on another. */
typedef struct
{
  guint64 magic;
  FerrydSinkIdentity identity;
  guint64 n_ranges;
  guint8 checksum[SHA256_DIGEST_SIZE]; /* over the page up to its last range, with this member 0 */
  FerrydRange ranges[];
} Page;

#define MAX_RANGES ((JOURNAL_PAGE - sizeof (Page)) / sizeof (FerrydRange))

typedef union
{
  Page page;
  guint8 bytes[JOURNAL_PAGE];
} Buffer;

static gsize
page_size (const Page *page)
{
  return sizeof (Page) + page->n_ranges * sizeof (FerrydRange);
}

/* Clears the checksum in the page and computes what it has to be. */
static void
digest_page (Page *page, guint8 checksum[SHA256_DIGEST_SIZE])
{
  struct sha256_ctx context;

  memset (page->checksum, 0, sizeof page->checksum);
  sha256_init (&context);
  sha256_update (&context, page_size (page), (const guint8 *) page);
  sha256_digest (&context, SHA256_DIGEST_SIZE, checksum);
}

static char *
page_path (const char *directory, const FerrydId *id)
{
  char text[FERRYD_ID_TEXT_SIZE];

  ferryd_id_format (id, text);
  return g_build_filename (directory, text, NULL);
}

static int
compare_by_size (gconstpointer a, gconstpointer b)
{
  const FerrydRange *left = a;
  const FerrydRange *right = b;
  guint64 left_size = left->end - left->start;
  guint64 right_size = right->end - right->start;

  return left_size < right_size ? 1 : left_size > right_size ? -1 : 0;
}

/* Those of @ranges that fit; where that is not all of them, the largest. */
static void
fill_ranges (Page *page, const FerrydRanges *ranges)
{
  guint n;
  const FerrydRange *held = ferryd_ranges_peek (ranges, &n);
  g_autofree FerrydRange *sorted = NULL;

  page->n_ranges = MIN (n, MAX_RANGES);
  if (n > MAX_RANGES)
    {
      sorted = g_memdup2 (held, n * sizeof (FerrydRange));
      qsort (sorted, n, sizeof (FerrydRange), compare_by_size);
      held = sorted;
    }
  if (n > 0)
    memcpy (page->ranges, held, page->n_ranges * sizeof (FerrydRange));
}

/**
 * ferryd_sink_journal_write:
 * @directory: absolute path of the folder of all pages; made where it is not there
 * @id: the operation
 * @identity: what the page is believed for
 * @ranges: bytes written, synced or not
 *
 * Puts the page where a later process finds it. Not synced: what it speaks of does not survive a power loss
 * either. A page that cannot be written costs a killed process the bytes it did not sync, and nothing else.
 */
void
ferryd_sink_journal_write (const char *directory, const FerrydId *id, const FerrydSinkIdentity *identity,
                           const FerrydRanges *ranges)
{
  g_autofree char *path = page_path (directory, id);
  Buffer buffer = { 0 };
  guint8 checksum[SHA256_DIGEST_SIZE];
  const int flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
  int fd = open (path, flags, 0600);

  if (fd < 0 && errno == ENOENT && g_mkdir_with_parents (directory, 0700) == 0)
    fd = open (path, flags, 0600);
  if (fd < 0)
    {
      g_debug ("Journal page %s: %s", path, g_strerror (errno));
      return;
    }
  buffer.page.magic = PAGE_MAGIC;
  buffer.page.identity = *identity;
  fill_ranges (&buffer.page, ranges);
  digest_page (&buffer.page, checksum);
  memcpy (buffer.page.checksum, checksum, sizeof checksum);
  if (pwrite (fd, buffer.bytes, page_size (&buffer.page), 0) != (gssize) page_size (&buffer.page))
    {
      g_debug ("Journal page %s: %s", path, g_strerror (errno));
    }
  close (fd);
}

static gboolean
page_is_sound (Page *page, gsize size)
{
  guint8 claimed[SHA256_DIGEST_SIZE];
  guint8 checksum[SHA256_DIGEST_SIZE];

  if (size < sizeof (Page) || page->magic != PAGE_MAGIC || page->n_ranges > MAX_RANGES ||
      page_size (page) > size)
    return FALSE;
  memcpy (claimed, page->checksum, sizeof claimed);
  digest_page (page, checksum);
  return memcmp (claimed, checksum, sizeof claimed) == 0;
}

/**
 * ferryd_sink_journal_read:
 * @directory: absolute path of the folder of all pages
 * @id: the operation
 * @identity: what the page has to be for
 *
 * Returns: (transfer full) (nullable): what the page says, %NULL where there is none that can be believed
 */
FerrydRanges *
ferryd_sink_journal_read (const char *directory, const FerrydId *id, const FerrydSinkIdentity *identity)
{
  g_autofree char *path = page_path (directory, id);
  g_autoptr (FerrydRanges) ranges = NULL;
  Buffer buffer = { 0 };
  gssize size;
  int fd = open (path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

  if (fd < 0)
    return NULL;
  size = pread (fd, buffer.bytes, JOURNAL_PAGE, 0);
  close (fd);
  if (size < 0 || !page_is_sound (&buffer.page, (gsize) size) ||
      memcmp (&buffer.page.identity, identity, sizeof *identity) != 0)
    return NULL;
  ranges = ferryd_ranges_new ();
  for (guint i = 0; i < buffer.page.n_ranges; i++)
    ferryd_ranges_add (ranges, buffer.page.ranges[i].start, buffer.page.ranges[i].end);
  return g_steal_pointer (&ranges);
}

/**
 * ferryd_sink_journal_remove:
 * @directory: absolute path of the folder of all pages
 * @id: the operation
 *
 * Takes the page away, if there is one.
 */
void
ferryd_sink_journal_remove (const char *directory, const FerrydId *id)
{
  g_autofree char *path = page_path (directory, id);

  if (unlink (path) != 0 && errno != ENOENT)
    g_debug ("Journal page %s: %s", path, g_strerror (errno));
}
