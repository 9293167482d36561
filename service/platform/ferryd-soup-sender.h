/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "ferryd-entity.h"
#include "ferryd-failure.h"
#include "ferryd-limiter.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_SOUP_SENDER (ferryd_soup_sender_get_type ())
/**
 * FerrydSoupSender:
 *
 * The stream that libsoup reads a request's body from. Where the connection is a plain socket, it does not
 * let libsoup have the files: they go from the kernel's cache to the socket without passing through this
 * process, and libsoup, which is told to wait meanwhile, gets the last few KiB, as many as prove to it that
 * the body has ended.
 */
G_DECLARE_FINAL_TYPE (FerrydSoupSender, ferryd_soup_sender, FERRYD, SOUP_SENDER, GInputStream)

/**
 * FerrydSoupSenderHandler:
 * @sent: the entity is sent up to byte @offset of it
 * @last_held: the last bytes wait for ferryd_soup_sender_release_last()
 * @interim: an interim response came while the body was being sent
 * @early: the final response came while the body was being sent: no more of it is, and the connection is not
 *   to be used again
 * @limited: its limit allows no more bytes for now, or does again
 * @failed: the entity is not what it was; @failure (transfer full)
 *
 * Whom a sender reports to, from inside libsoup: none may free what libsoup is working with.
 */
typedef struct
{
  void (*sent) (guint64 offset, gpointer user_data);
  void (*last_held) (gpointer user_data);
  void (*interim) (guint status, SoupMessageHeaders *headers, gpointer user_data);
  void (*early) (gpointer user_data);
  void (*limited) (gboolean limited, gpointer user_data);
  void (*failed) (FerrydFailure *failure, gpointer user_data);
} FerrydSoupSenderHandler;

FerrydSoupSender *ferryd_soup_sender_new (FerrydEntity *entity, guint64 first, guint64 end,
                                          gboolean hold_last, FerrydLimiterShare *share,
                                          const FerrydSoupSenderHandler *handler, gpointer user_data);
void ferryd_soup_sender_forget (FerrydSoupSender *self);

void ferryd_soup_sender_set_socket (FerrydSoupSender *self, GSocket *socket);
void ferryd_soup_sender_release_last (FerrydSoupSender *self);
gboolean ferryd_soup_sender_has_begun (FerrydSoupSender *self);

G_END_DECLS
