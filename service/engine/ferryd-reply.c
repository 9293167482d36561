/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-reply.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

struct _FerrydReply
{
  char *directory; /* (owned) */
  char *path;      /* (owned): where it belongs */
  char *temporary; /* (owned): where it is until then */
  int fd;          /* of that, -1 while there is no byte of it */
  gsize size;      /* bytes written */
  gboolean cut;    /* there were more than are kept */
};

/**
 * ferryd_reply_new:
 * @directory: where the bodies of responses are
 * @id: whose it is
 *
 * Returns: (transfer full): one without a byte
 */
FerrydReply *
ferryd_reply_new (const char *directory, const FerrydId *id)
{
  FerrydReply *reply = g_new0 (FerrydReply, 1);
  char text[FERRYD_ID_TEXT_SIZE];

  ferryd_id_format (id, text);
  reply->directory = g_strdup (directory);
  reply->path = g_build_filename (directory, text, NULL);
  reply->temporary = g_strconcat (reply->path, ".new", NULL);
  reply->fd = -1;
  return reply;
}

/**
 * ferryd_reply_free:
 * @reply: (transfer full) (nullable): a reply
 *
 * What was not kept is gone.
 */
void
ferryd_reply_free (FerrydReply *reply)
{
  if (reply == NULL)
    return;
  if (reply->fd >= 0)
    {
      close (reply->fd);
      g_unlink (reply->temporary);
    }
  g_free (reply->directory);
  g_free (reply->path);
  g_free (reply->temporary);
  g_free (reply);
}

/* The server has got everything: what it says about that is worth keeping, but no reason to send it again. */
static void
give_up (FerrydReply *reply)
{
  g_warning ("The answer to an upload is not kept: %s", g_strerror (errno));
  reply->cut = TRUE;
  reply->size = FERRYD_REPLY_MAX;
}

/**
 * ferryd_reply_write:
 * @reply: a reply
 * @bytes: the next bytes
 * @size: how many
 *
 * Keeps them, as far as there is room.
 */
void
ferryd_reply_write (FerrydReply *reply, const guint8 *bytes, gsize size)
{
  gsize room = FERRYD_REPLY_MAX - reply->size;

  reply->cut = reply->cut || size > room;
  size = MIN (size, room);
  if (size > 0 && reply->fd < 0 && g_mkdir_with_parents (reply->directory, 0700) == 0)
    reply->fd = open (reply->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (size > 0 && reply->fd < 0)
    {
      give_up (reply);
      return;
    }
  while (size > 0)
    {
      ssize_t n = write (reply->fd, bytes, size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          give_up (reply);
          return;
        }
      bytes += n;
      size -= (gsize) n;
      reply->size += (gsize) n;
    }
}

/**
 * ferryd_reply_is_cut:
 * @reply: a reply
 *
 * Returns: whether there were more bytes than are kept
 */
gboolean
ferryd_reply_is_cut (const FerrydReply *reply)
{
  return reply->cut;
}

/**
 * ferryd_reply_keep:
 * @reply: a reply that is whole
 *
 * Puts it where it belongs, durably but for the name; what an earlier attempt left there goes.
 */
void
ferryd_reply_keep (FerrydReply *reply)
{
  if (reply->fd < 0)
    {
      g_unlink (reply->path);
      return;
    }
  if (fdatasync (reply->fd) != 0 || g_rename (reply->temporary, reply->path) != 0)
    {
      give_up (reply);
      return;
    }
  close (reply->fd);
  reply->fd = -1;
}
