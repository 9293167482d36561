/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferryd-destination.h"
#include "ferryd-failure.h"
#include "ferryd-id.h"
#include "ferryd-progress-record.h"

G_BEGIN_DECLS

/**
 * FerrydSink:
 *
 * The partial file of one download, `.ferry-ID.part` in the destination's folder, and what of it is held; or,
 * in its place, the very file that the caller gave, which is emptied at first, never unlinked and has its
 * name already.
 *
 * Lives in the I/O thread; what may block for long (opening, syncing, checking, renaming) runs on a worker
 * and answers in the caller's thread-default context. Exactly one such call is under way at a time, but
 * writing goes on during a sync.
 *
 * Beside the ranges that are synced it keeps a page in a journal file in the state directory that a killed
 * process leaves behind: the ranges written but not synced. That page is believed after a restart only on the
 * same boot, for the same file and the same epoch.
 */
typedef struct _FerrydSink FerrydSink;

/**
 * FerrydSinkSpec:
 * @id: the operation
 * @target: where the file goes; another folder at its path now means it is lost
 * @journal_directory: absolute path of the folder for journal pages
 * @checksum: (nullable): what the whole has to give
 * @told: the server says so, and may say something else later
 * @cancellable: (nullable): gives up opening where a file has to be copied for it, which takes long
 */
typedef struct
{
  FerrydId id;
  const FerrydDestination *target;
  const char *journal_directory;
  const char *checksum;
  gboolean told;
  GCancellable *cancellable;
} FerrydSinkSpec;

/* Opens or creates the partial file and finds out what of @record still holds (never more than it and the
 * journal page prove). A partial file that is not the one recorded, not regular, not ours, linked elsewhere
 * or too short is left to whom it belongs or deleted if it is ours, and a new one begun. */
void ferryd_sink_open_async (const FerrydSinkSpec *spec, const FerrydProgressRecord *record,
                             GAsyncReadyCallback callback, gpointer user_data);
FerrydSink *ferryd_sink_open_finish (GAsyncResult *result, FerrydFailure **failure);
/* Whether the file had to be copied from another file system; the former one is still there. */
gboolean ferryd_sink_is_copied (FerrydSink *sink);
/* Deletes the former one, once @record, which says where it is, is durable. */
void ferryd_sink_forget_former_async (FerrydSink *sink, const FerrydProgressRecord *record,
                                      GAsyncReadyCallback callback, gpointer user_data);
void ferryd_sink_close (FerrydSink *sink);
/* The same, and nothing of it is left. */
void ferryd_sink_drop (FerrydSink *sink);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydSink, ferryd_sink_close)

/* Borrowed; changes with every write. */
const FerrydRanges *ferryd_sink_get_ranges (FerrydSink *sink);
guint64 ferryd_sink_get_unsynced (FerrydSink *sink);
/* Device, inode, epoch, ranges held now and digest state, as a record may say them once a sync begun after
 * this call has ended. The other members are left alone. */
void ferryd_sink_snapshot (FerrydSink *sink, FerrydProgressRecord *record);

/* What the whole has to give from now on, as the server says, NULL for nothing; unless the caller has said
 * something. */
void ferryd_sink_expect_digest (FerrydSink *sink, const char *checksum);
gboolean ferryd_sink_is_behind (FerrydSink *sink);
FerrydFailure *ferryd_sink_expect (FerrydSink *sink, gint64 total);
FerrydFailure *ferryd_sink_write (FerrydSink *sink, guint64 offset, const guint8 *bytes, gsize size);
/* Whether the file has these bytes there. */
FerrydFailure *ferryd_sink_compare (FerrydSink *sink, guint64 offset, const guint8 *bytes, gsize size,
                                    gboolean *equal);
/* Nothing held, a new epoch. The caller has recorded that durably before. */
FerrydFailure *ferryd_sink_restart (FerrydSink *sink, guint64 epoch);

void ferryd_sink_sync_async (FerrydSink *sink, GAsyncReadyCallback callback, gpointer user_data);
FerrydFailure *ferryd_sink_sync_finish (FerrydSink *sink, GAsyncResult *result);

/* The last thing before closing: notes in @record what shows later whether somebody wrote to the file. */
void ferryd_sink_settle (FerrydSink *sink, FerrydProgressRecord *record);

/* Compares size and checksum, then syncs. */
void ferryd_sink_verify_async (FerrydSink *sink, guint64 size, GAsyncReadyCallback callback,
                               gpointer user_data);
FerrydFailure *ferryd_sink_verify_finish (FerrydSink *sink, GAsyncResult *result);

/* Gives the file its name and mode and syncs the folder. With @replace FALSE an occupied name is
 * FERRY_TRANSFER_ERROR_DESTINATION_EXISTS and nothing has happened. The journal page goes. Done again after a
 * kill in the middle it finds its work done (the name has the recorded inode) and succeeds. */
void ferryd_sink_publish_async (FerrydSink *sink, const char *name, gboolean replace,
                                GAsyncReadyCallback callback, gpointer user_data);
FerrydFailure *ferryd_sink_publish_finish (FerrydSink *sink, GAsyncResult *result);

/* For an operation that does not run; these block, so call them on a worker. */
gboolean ferryd_sink_is_published (const FerrydSinkSpec *spec, const FerrydProgressRecord *record);
void ferryd_sink_delete (const FerrydSinkSpec *spec, const FerrydProgressRecord *record);
int ferryd_sink_open_partial (const FerrydSinkSpec *spec, const FerrydProgressRecord *record, GError **error);

G_END_DECLS
