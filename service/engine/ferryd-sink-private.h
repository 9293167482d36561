/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-digest.h"
#include "ferryd-sink-folder.h"
#include "ferryd-sink-journal.h"

G_BEGIN_DECLS

/* Bytes that the digest may be behind what is held to be brought up to date at once, when the file is opened
 * or synced, so that it goes along with the writes again: about what a killed process leaves between two
 * records, and read in the fraction of a second. */
#define FERRYD_SINK_CATCH_UP (64 * 1024 * 1024)

struct _FerrydSink
{
  gatomicrefcount ref_count; /* the owner's, and one of each call to a worker */

  /* Constant from opening to closing, so workers may read them. */
  FerrydId id;
  FerrydDestination *target;        /* (owned) */
  char *journal_directory;          /* (owned) */
  char *checksum;                   /* (owned) (nullable): what the whole had to give when it was opened */
  char part[FERRYD_SINK_PART_SIZE]; /* the partial file's name */
  gboolean copied;                  /* from where it was; set before it is open */
  int folder;                       /* (owned): -1 not open, or not needed; may be an O_PATH one */
  int file;                         /* (owned): -1 not open */
  guint64 device;                   /* of the partial file */
  guint64 inode;                    /* of the partial file */
  guint64 born;                     /* of the partial file: when it was made, 0 not known */

  /* The caller's thread only. */
  guint64 epoch;
  FerrydRanges *ranges;   /* (owned): held */
  FerrydRanges *synced;   /* (owned): of them, what a power loss does not take away */
  FerrydRanges *syncing;  /* (owned) (nullable): what the sync under way is going to make so */
  guint64 unsynced;       /* bytes written since the last sync that ended well */
  guint64 syncing_bytes;  /* of them, those the sync under way covers */
  guint64 unjournaled;    /* bytes written since the journal page was */
  gboolean folder_synced; /* the partial file's name is durable */
  FerrydDigest *digest;   /* (owned) (nullable): over the first bytes held; NULL without a checksum */
  gboolean told;          /* which is what the server says */
  guint64 catching_up; /* up to where the sync under way reads for @digest; 0: what it reads is of no use */
};

/**
 * FerrydSinkCall:
 * @sink: (owned)
 * @digest: (owned) (nullable): the worker's own copy
 * @told: what it has to give is what the server says
 * @size: bytes the file has to have; of a sync, up to where @digest is to be taken
 * @with_folder: sync the folder too
 * @name: (owned) (nullable): to give to the file
 * @replace: even if something has it
 * @emptied: set by the worker: what a check found wrong is not in the file that was given any more
 * @sync_failed: set by the worker: what was written cannot be trusted any more
 *
 * What a worker is told and what it tells; nothing else is shared with it but the constants of the sink.
 */
typedef struct
{
  FerrydSink *sink;
  FerrydDigest *digest;
  gboolean told;
  guint64 size;
  gboolean with_folder;
  char *name;
  gboolean replace;
  gboolean emptied;
  gboolean sync_failed;
} FerrydSinkCall;

FerrydSink *ferryd_sink_new (const FerrydSinkSpec *spec);
void ferryd_sink_distrust (FerrydSink *sink);
FerrydSinkCall *ferryd_sink_call_new (FerrydSink *sink);
void ferryd_sink_call_free (FerrydSinkCall *call);
void ferryd_sink_run (GTask *task, GTaskThreadFunc func);
FerrydFailure *ferryd_sink_failure (FerrydSink *sink, int saved_errno, const char *doing);

/* ferryd-sink-digest.c */
FerrydFailure *ferryd_sink_digest_file (FerrydSink *sink, FerrydDigest *digest, guint64 end);
void ferryd_sink_digest_written (FerrydSink *sink, guint64 offset, const guint8 *bytes, gsize size);
void ferryd_sink_digest_cut (FerrydSink *sink);
void ferryd_sink_begin_catching_up (FerrydSink *sink, FerrydSinkCall *call);
void ferryd_sink_end_catching_up (FerrydSink *sink, FerrydSinkCall *call);

G_END_DECLS
