/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Everything here happens in the I/O thread. */

/**
 * FerrydLimiter:
 *
 * Lets the bytes of one direction through: so many a second in all, and so many of each share. Shares that
 * want more than there is take turns, portion by portion, so that each gets as much as the others, however
 * many taps it has.
 */
typedef struct _FerrydLimiter FerrydLimiter;

/**
 * FerrydLimiterShare:
 *
 * An operation's part of a limiter, with a limit of its own. Without a tap the limiter does not know it, and
 * any thread may free it.
 */
typedef struct _FerrydLimiterShare FerrydLimiterShare;

/**
 * FerrydLimiterTap:
 *
 * One stream of bytes of a share. Before it moves any it asks how many it may, and says afterwards how many
 * it did.
 */
typedef struct _FerrydLimiterTap FerrydLimiterTap;

/* Monotonic microseconds. */
typedef gint64 (*FerrydLimiterTime) (void);

/* A tap that was told 0 may ask again. Must not call the limiter from inside. */
typedef void (*FerrydLimiterFunc) (gpointer user_data);

FerrydLimiter *ferryd_limiter_new (GMainContext *context, FerrydLimiterTime get_time);
void ferryd_limiter_free (FerrydLimiter *self);
void ferryd_limiter_set_rate (FerrydLimiter *self, guint64 rate);
void ferryd_limiter_distribute (FerrydLimiter *self);
gint64 ferryd_limiter_get_due (FerrydLimiter *self);

FerrydLimiterShare *ferryd_limiter_share_new (FerrydLimiter *self);
void ferryd_limiter_share_free (FerrydLimiterShare *share);
void ferryd_limiter_share_set_rate (FerrydLimiterShare *share, guint64 rate);

FerrydLimiterTap *ferryd_limiter_tap_new (FerrydLimiterShare *share, FerrydLimiterFunc func,
                                          gpointer user_data);
void ferryd_limiter_tap_free (FerrydLimiterTap *tap);
gsize ferryd_limiter_tap_get_room (FerrydLimiterTap *tap);
void ferryd_limiter_tap_spend (FerrydLimiterTap *tap, gsize bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydLimiter, ferryd_limiter_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydLimiterShare, ferryd_limiter_share_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydLimiterTap, ferryd_limiter_tap_free)

G_END_DECLS
