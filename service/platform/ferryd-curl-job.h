/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-transport.h"

G_BEGIN_DECLS

/**
 * FerrydCurlJob:
 *
 * One file being fetched by libcurl, in a thread of its own: libcurl waits for the answer to QUIT, for the
 * last word after a file, and for name servers, whatever interface it is used by. Reports by waking a source
 * of the I/O thread, which then collects what there is; does not run ahead of it by more than a buffer.
 */
typedef struct _FerrydCurlJob FerrydCurlJob;

/**
 * FerrydCurlNews:
 * @connected: the server has said something
 * @answered: the members below are known
 * @first: offset of the first byte: the one asked for, or 0 where that would not be the same file
 * @total: bytes of the file, -1 where the server does not say
 * @modified: when it was changed, seconds since 1970; -1 where the server does not say
 * @beyond: there is nothing from the byte asked for on
 * @refuses_parts: the server does not know how to start anywhere else than at byte 0
 * @address: (owned) (nullable): that was connected to
 * @ended: nothing more will come
 * @failure: (owned) (nullable): why the file is not whole, once @ended
 *
 * All that has happened so far.
 */
typedef struct
{
  gboolean connected;
  gboolean answered;
  gint64 first;
  gint64 total;
  gint64 modified;
  gboolean beyond;
  gboolean refuses_parts;
  char *address;
  gboolean ended;
  FerrydFailure *failure;
} FerrydCurlNews;

FerrydCurlJob *ferryd_curl_job_new (const FerrydFetchRequest *request, GSource *wake);
void ferryd_curl_job_collect (FerrydCurlJob *self, FerrydCurlNews *news, GByteArray **bytes);
void ferryd_curl_job_abandon (FerrydCurlJob *self);
void ferryd_curl_job_wait_for_all (gint64 microseconds);

void ferryd_curl_news_clear (FerrydCurlNews *news);
char *ferryd_curl_news_get_validator (const FerrydCurlNews *news);

G_END_DECLS
