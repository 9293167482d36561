/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * FerrydSocketPoll:
 *
 * Waits for any number of sockets with one epoll descriptor, which is one source of a main context: a GSource
 * for each would make every turn of the loop walk them all. Used in one thread only.
 */
typedef struct _FerrydSocketPoll FerrydSocketPoll;

/**
 * FerrydSocketWatch:
 *
 * Somebody who wants to be called: because a socket can be read, or simply soon. Owned by who added it.
 */
typedef struct _FerrydSocketWatch FerrydSocketWatch;

/* May arm, rest and free any watch, its own too. */
typedef void (*FerrydSocketFunc) (gpointer user_data);

FerrydSocketPoll *ferryd_socket_poll_new (GMainContext *context, int priority);
void ferryd_socket_poll_free (FerrydSocketPoll *self);

FerrydSocketWatch *ferryd_socket_poll_add (FerrydSocketPoll *self, FerrydSocketFunc func, gpointer user_data);
gboolean ferryd_socket_watch_wait (FerrydSocketWatch *watch, int fd);
void ferryd_socket_watch_soon (FerrydSocketWatch *watch);
void ferryd_socket_watch_rest (FerrydSocketWatch *watch);
void ferryd_socket_watch_free (FerrydSocketWatch *watch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydSocketPoll, ferryd_socket_poll_free)

G_END_DECLS
