/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-limiter.h"

G_BEGIN_DECLS

/**
 * FerrydIoThread:
 *
 * The one thread in which transport and sinks live, with a main context of its own, so that the bus stays
 * quick while a disk blocks. Reached by functions posted to it, and it answers by functions posted back; no
 * object of the engine is touched there.
 */
typedef struct _FerrydIoThread FerrydIoThread;

/**
 * FerrydDirection:
 * @FERRYD_DIRECTION_DOWN: bytes received
 * @FERRYD_DIRECTION_UP: bytes sent
 *
 * Which way the bytes go that a limit is about.
 */
typedef enum
{
  FERRYD_DIRECTION_DOWN,
  FERRYD_DIRECTION_UP,
} FerrydDirection;

#define FERRYD_N_DIRECTIONS (FERRYD_DIRECTION_UP + 1)

typedef void (*FerrydIoFunc) (gpointer data);

FerrydIoThread *ferryd_io_thread_new (void);
FerrydIoThread *ferryd_io_thread_new_inline (void);
void ferryd_io_thread_free (FerrydIoThread *thread);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydIoThread, ferryd_io_thread_free)

GMainContext *ferryd_io_thread_get_context (FerrydIoThread *thread);
FerrydLimiter *ferryd_io_thread_get_limiter (FerrydIoThread *thread, FerrydDirection direction);
void ferryd_io_thread_set_limit (FerrydIoThread *thread, FerrydDirection direction, guint64 rate);
void ferryd_io_thread_post (FerrydIoThread *thread, FerrydIoFunc func, gpointer data);
void ferryd_io_thread_post_back (FerrydIoFunc func, gpointer data);

G_END_DECLS
