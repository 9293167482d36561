/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-error.h"

G_BEGIN_DECLS

/**
 * FerrydRemedy:
 * @FERRYD_REMEDY_RETRY: transient; the same again after a delay, with what is held
 * @FERRYD_REMEDY_AT_ONCE: once more without delay, on a fresh connection; then as RETRY
 * @FERRYD_REMEDY_RESTART: what is held does not fit the server's any more; again from byte 0, without delay
 * @FERRYD_REMEDY_FINAL: will not get better by itself
 * @FERRYD_REMEDY_NO_NETWORK: not an attempt at all: the network went away under it
 * @FERRYD_REMEDY_LATER: not an attempt at all: something of this machine misses, which may come back; looked
 *   for again at leisure
 * @FERRYD_REMEDY_DISK_FULL: wait for space
 *
 * What helps against a failure.
 */
typedef enum
{
  FERRYD_REMEDY_RETRY,
  FERRYD_REMEDY_AT_ONCE,
  FERRYD_REMEDY_RESTART,
  FERRYD_REMEDY_FINAL,
  FERRYD_REMEDY_NO_NETWORK,
  FERRYD_REMEDY_LATER,
  FERRYD_REMEDY_DISK_FULL,
} FerrydRemedy;

/**
 * FerrydFailure:
 * @status: the contract's word for it
 * @remedy: what helps
 * @retry_after: microseconds the server asked to wait (RFC 9110 section 10.2.3), or -1
 * @message: (owned): a sentence for people, without secrets
 * @response: (owned) (nullable): the Response property, a{sv}, where it was a response that failed
 * @body: (owned) (nullable): what the server said in its body, for OpenResult; at most 1 MiB of it
 *
 * Why an attempt ended. Passed by value between threads.
 */
typedef struct
{
  FerryTransferError status;
  FerrydRemedy remedy;
  gint64 retry_after;
  char *message;
  GVariant *response;
  GBytes *body;
} FerrydFailure;

FerrydFailure *ferryd_failure_new (FerryTransferError status, FerrydRemedy remedy, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
FerrydFailure *ferryd_failure_new_from_errno (int saved_errno, const char *format, ...) G_GNUC_PRINTF (2, 3);
FerrydFailure *ferryd_failure_copy (const FerrydFailure *failure);
guint ferryd_failure_get_http_status (const FerrydFailure *failure);
gboolean ferryd_failure_judge_once (FerrydFailure *failure);
void ferryd_failure_free (FerrydFailure *failure);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydFailure, ferryd_failure_free)

G_END_DECLS
