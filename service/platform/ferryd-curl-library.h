/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <curl/curl.h>
#include <glib.h>

G_BEGIN_DECLS

/* curl's header wraps these in macros that check the arguments' types, and would not let a member be called
 * by their names. */
#undef curl_easy_setopt
#undef curl_easy_getinfo

/**
 * FerrydCurlLibrary:
 *
 * What is used of libcurl.
 */
typedef struct
{
  __typeof__ (curl_global_init) *curl_global_init;
  __typeof__ (curl_easy_init) *curl_easy_init;
  __typeof__ (curl_easy_setopt) *curl_easy_setopt;
  __typeof__ (curl_easy_perform) *curl_easy_perform;
  __typeof__ (curl_easy_getinfo) *curl_easy_getinfo;
  __typeof__ (curl_easy_cleanup) *curl_easy_cleanup;
} FerrydCurlLibrary;

const FerrydCurlLibrary *ferryd_curl_library_get (void);

G_END_DECLS
