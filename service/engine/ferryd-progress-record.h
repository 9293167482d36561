/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-destination.h"
#include "ferryd-ranges.h"

G_BEGIN_DECLS

/**
 * FerrydFolder:
 * @path: (owned) (nullable): absolute, in the file system's encoding; NULL for no folder
 * @device: another one at @path now means that it is not there
 * @inode: the same
 *
 * A folder in which a partial file is or was.
 */
typedef struct
{
  char *path;
  guint64 device;
  guint64 inode;
} FerrydFolder;

/**
 * FerrydProgressRecord:
 * @epoch: random; a new one whenever the download begins again from nothing, so that nothing left behind by
 * an earlier representation is ever taken for part of this one
 * @device: of the partial file, 0 where there is none yet
 * @inode: of the partial file
 * @born: when the partial file was made, nanoseconds of its file system's clock; 0 where that is not known.
 * Inode numbers are used again at once, birth times are not
 * @folder: where the partial file is while that is not beside the destination, since that was changed; else
 *   without a path
 * @former: where one may have been left when it was copied from there; else without a path
 * @modified: of a file that the caller gave: its time of modification when it was last left alone,
 * nanoseconds; 0 while it is written to. What it holds is not believed once somebody else has written to it
 * @total: bytes of the whole, -1 not known
 * @validator: (owned) (nullable): strong validator the held bytes belong to
 * @etag: (owned) (nullable): entity tag as received
 * @last_modified: (owned) (nullable): as received
 * @uri: (owned) (nullable): the operation's URI when they were set; NULL in records of older versions, which
 * could not tell. Where it is another one by now, what is held has to be compared with what that has
 * @whole_only: the server does not take requests for a part of it
 * @mixed: bytes held are of several sources that only the checksum can prove to be one file
 * @from: what is to be fetched first: from this byte on, then the rest
 * @ranges: (owned): bytes held that a power loss does not take away
 * @digest: (owned) (nullable): state of the checksum over the first bytes (#FerrydDigest)
 * @server_digest: (owned) (nullable): `sha256:HEX` or `sha512:HEX` that the server says all of it has
 * @digest_failed: what came did not fit it once, or the server said another, and all was fetched again
 * @complete: every byte is there, proved and verified; only the name is missing
 * @complete_proved: for the Response property
 * @publish_name: (owned) (nullable): the leaf name decided for the last step, from before that step
 * @publish_replace: the last step may replace what is there
 * @snapshot: (owned) (nullable): what the files that are sent were when they were opened first
 *   (ferryd_content_open())
 * @fresh: times that sending began anew because they had changed
 * @sealed: what is sent may be there to its last byte, and the server's answer is not
 * @upload_url: (owned) (nullable): where the server keeps what it has got of it
 * @upload_offset: bytes that the server has said to have
 * @upload_protocol: what the server can (#FerrydUploadProtocol)
 *
 * What has to survive of a transfer that has not come to its end. A plain value.
 */
typedef struct
{
  guint64 epoch;
  guint64 device;
  guint64 inode;
  guint64 born;
  FerrydFolder folder;
  FerrydFolder former;
  guint64 modified;
  gint64 total;
  char *validator;
  char *etag;
  char *last_modified;
  char *uri;
  gboolean whole_only;
  gboolean mixed;
  guint64 from;
  FerrydRanges *ranges;
  GVariant *digest;
  char *server_digest;
  gboolean digest_failed;
  gboolean complete;
  gboolean complete_proved;
  char *publish_name;
  gboolean publish_replace;
  GVariant *snapshot;
  guint fresh;
  gboolean sealed;
  char *upload_url;
  guint64 upload_offset;
  guint upload_protocol;
} FerrydProgressRecord;

FerrydProgressRecord *ferryd_progress_record_new (void);
FerrydProgressRecord *ferryd_progress_record_copy (const FerrydProgressRecord *record);
void ferryd_progress_record_free (FerrydProgressRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydProgressRecord, ferryd_progress_record_free)

void ferryd_folder_clear (FerrydFolder *folder);
void ferryd_progress_record_leave (FerrydProgressRecord *record);
void ferryd_progress_record_follow (FerrydProgressRecord *record, const FerrydDestination *from,
                                    const FerrydDestination *to);

/* (transfer floating) */
GVariant *ferryd_progress_record_to_variant (const FerrydProgressRecord *record);
/* @variant (nullable): NULL or of a type not known gives an empty record. */
FerrydProgressRecord *ferryd_progress_record_from_variant (GVariant *variant);

G_END_DECLS
