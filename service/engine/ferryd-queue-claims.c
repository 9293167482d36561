/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

#include <sys/resource.h>

/* Files that were given are held open up to this part of the descriptors the process may have: the others are
 * for connections, sinks and the store. */
#define HELD_SHARE 4

static gboolean
is_set (const guint8 key[16])
{
  static const guint8 none[16] = { 0 };

  return memcmp (key, none, sizeof none) != 0;
}

/**
 * ferryd_queue_has_claim:
 * @operation: an operation
 *
 * Returns: whether it claims a destination
 */
gboolean
ferryd_queue_has_claim (const FerrydOperation *operation)
{
  return is_set (operation->claim);
}

/**
 * ferryd_queue_claim:
 * @self: a queue
 * @operation: an unfinished operation
 * @claim: a destination nobody else claims
 */
void
ferryd_queue_claim (FerrydQueue *self, FerrydOperation *operation, const guint8 claim[16])
{
  ferryd_queue_unclaim (self, operation);
  memcpy (operation->claim, claim, sizeof operation->claim);
  g_hash_table_replace (self->claims, operation->claim, operation);
}

/**
 * ferryd_queue_unclaim:
 * @self: a queue
 * @operation: an operation
 *
 * Gives its destination back. The operation remembers it, for Resume.
 */
void
ferryd_queue_unclaim (FerrydQueue *self, FerrydOperation *operation)
{
  if (ferryd_queue_has_claim (operation) && g_hash_table_lookup (self->claims, operation->claim) == operation)
    g_hash_table_remove (self->claims, operation->claim);
}

/**
 * ferryd_queue_drop_claim:
 * @self: a queue
 * @operation: an operation that is live
 *
 * Gives back the name that was tried for the last step, where it is not the operation's own by now.
 */
void
ferryd_queue_drop_claim (FerrydQueue *self, FerrydOperation *operation)
{
  FerrydLive *live = operation->run->live;

  if (is_set (live->claim))
    g_hash_table_remove (self->claims, live->claim);
  memset (live->claim, 0, sizeof live->claim);
}

/**
 * ferryd_queue_refuse_claimed:
 * @destination: as asked for
 * @error: (out): says that another operation has it
 */
void
ferryd_queue_refuse_claimed (const char *destination, GError **error)
{
  if (destination[0] != '\0')
    g_set_error (
        error, FERRY_ERROR, FERRY_ERROR_DESTINATION_EXISTS,
        "Another unfinished operation has the destination %s; choose another name, wait for its end, "
        "or give the option exists as 'rename'",
        destination);
  else
    g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_DESTINATION_EXISTS,
                         "Another unfinished operation writes to the file of 'destination-fd'; give another, "
                         "or wait for its end");
}

/* By somebody else. */
static gboolean
is_claimed (FerrydQueue *self, const FerrydOperation *operation, const guint8 claim[16])
{
  gpointer claimant = NULL;

  return g_hash_table_lookup_extended (self->claims, claim, NULL, &claimant) &&
         (operation == NULL || claimant != operation);
}

/* A file has two claims where one operation writes to it and another is going to replace it: that of its name
 * and its own. Which of them an operation keeps says how it gets at the file; the other must not be there. */
static gboolean
is_other_claimed (FerrydQueue *self, const FerrydOperation *operation, const FerrydDestination *target)
{
  guint8 claim[16];

  if (!ferryd_destination_is_given (target))
    ferryd_destination_claim_file (target->there_device, target->there_inode, claim);
  else if (target->leaf != NULL)
    ferryd_destination_claim (target->device, target->inode, target->leaf, claim);
  else
    return FALSE;
  return is_claimed (self, operation, claim);
}

/**
 * ferryd_queue_find_claim:
 * @self: a queue
 * @operation: (nullable): whose it will be; its own claims are in nobody's way
 * @target: a destination with a name, or a file that was given
 * @exists: what an occupied name means
 * @claim: (out caller-allocates): a claim of it that nobody has
 *
 * Returns: FALSE where there is none
 */
gboolean
ferryd_queue_find_claim (FerrydQueue *self, const FerrydOperation *operation, const FerrydDestination *target,
                         FerryExists exists, guint8 claim[16])
{
  gboolean renames = exists == FERRY_EXISTS_RENAME;

  if (!renames && is_other_claimed (self, operation, target))
    return FALSE;
  if (ferryd_destination_is_given (target))
    {
      ferryd_destination_claim_file (target->file_device, target->file_inode, claim);
      return !is_claimed (self, operation, claim);
    }
  for (guint n = 1;; n++)
    {
      g_autofree char *name = ferryd_destination_candidate (target->leaf, n);

      ferryd_destination_claim (target->device, target->inode, name, claim);
      if (!is_claimed (self, operation, claim))
        return TRUE;
      if (!renames)
        return FALSE;
    }
}

/**
 * ferryd_queue_may_hold_file:
 * @self: a queue
 * @file: (inout) (transfer full) (nullable): what was given; nothing any more where there is no room
 * @has_name: it can be found again
 * @key: the option it was given as
 * @n: files that are about to be held beside it
 * @error: return location for FERRY_ERROR_LIMIT_EXCEEDED
 *
 * A file that was given is kept open while there is room, so that it is written to, or read, whatever becomes
 * of its name; without room its name has to do, as after a restart.
 *
 * Returns: FALSE where it has to be held and cannot
 */
gboolean
ferryd_queue_may_hold_file (FerrydQueue *self, FerrydDescriptor **file, gboolean has_name, const char *key,
                            guint n, GError **error)
{
  struct rlimit files;

  if (*file == NULL)
    return TRUE;
  if (getrlimit (RLIMIT_NOFILE, &files) != 0 || self->held + n < files.rlim_cur / HELD_SHARE)
    return TRUE;
  g_clear_pointer (file, ferryd_descriptor_unref);
  if (has_name)
    return TRUE;
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_LIMIT_EXCEEDED,
               "Option '%s': the file has no name, and the service holds %u files open already; "
               "give a file with a name, or wait for some operations to end",
               key, self->held);
  return FALSE;
}

/**
 * ferryd_queue_hold_file:
 * @self: a queue
 * @operation: an operation
 * @file: (nullable): what was given to write to, or to read from
 *
 * Keeps it open.
 */
void
ferryd_queue_hold_file (FerrydQueue *self, FerrydOperation *operation, FerrydDescriptor *file)
{
  if (file == NULL)
    return;
  operation->held = ferryd_descriptor_ref (file);
  self->held++;
}

/**
 * ferryd_queue_drop_file:
 * @self: a queue
 * @operation: one that has no more use of the file it holds, or holds none
 */
void
ferryd_queue_drop_file (FerrydQueue *self, FerrydOperation *operation)
{
  if (operation->held == NULL)
    return;
  g_clear_pointer (&operation->held, ferryd_descriptor_unref);
  self->held--;
}
