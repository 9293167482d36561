/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <curl/curl.h>

#include "ferryd-failure.h"

G_BEGIN_DECLS

/**
 * FerrydCurlTrouble:
 * @code: what curl failed with
 * @reply: the last reply code of the FTP server (RFC 959 section 4.2), 0 for none
 * @os_error: errno of the last failed connection, 0 for none
 * @certificate: what GnuTLS found wrong with the certificate, its own bits; 0 where it was the name
 * @tunnel: what an HTTP proxy answered to CONNECT, 0 for none
 * @proxy: what went wrong with a SOCKS proxy (CURLproxycode)
 * @through_proxy: a proxy was on the way
 * @in_body: bytes of the file have come
 *
 * What is known of a transfer that failed.
 */
typedef struct
{
  CURLcode code;
  long reply;
  long os_error;
  long certificate;
  long tunnel;
  long proxy;
  gboolean through_proxy;
  gboolean in_body;
} FerrydCurlTrouble;

FerrydFailure *ferryd_curl_failure_new (const FerrydCurlTrouble *trouble);

G_END_DECLS
