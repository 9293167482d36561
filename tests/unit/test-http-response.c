/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "ferryd-http-failure.h"
#include "ferryd-http-response.h"

#define DATE "Date: Sun, 06 Nov 1994 08:49:37 GMT\n"
#define CL5 "Content-Length: 5\n"
#define INVALID "error-http-invalid-server-response"

/* clang-format off */
#define WHOLE { .last = -1 }
#define FRESH { .last = -1, .fresh = TRUE }
#define PART { .first = 5, .last = -1, .if_range = "\"v1\"" }
#define PART_FRESH { .first = 5, .last = -1, .if_range = "\"v1\"", .fresh = TRUE }
#define PART_UNBOUND { .first = 5, .last = -1 }
#define PART_DATED { .first = 5, .last = -1, .if_range = "Sun, 06 Nov 1994 08:48:00 GMT" }
#define PART_BOUNDED { .first = 5, .last = 7 }
#define RANGED { .last = -1, .ranged = TRUE }
/* clang-format on */

static SoupMessageHeaders *
parse_headers (const char *lines)
{
  SoupMessageHeaders *headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  g_auto (GStrv) list = g_strsplit (lines, "\n", -1);

  for (guint i = 0; list[i] != NULL && *list[i] != '\0'; i++)
    {
      char *colon = strchr (list[i], ':');

      *colon = '\0';
      soup_message_headers_append (headers, list[i], colon + 2);
    }
  return headers;
}

typedef struct
{
  const char *name;
  FerrydHttpQuestion question;
  guint status;
  const char *headers;
  /* A failure, */
  const char *failure; /* NULL for none */
  FerrydRemedy remedy;
  /* or an answer. */
  FerrydAnswerKind kind;
  gint64 first, length, total;
  gboolean resumable;
} Case;

static const Case cases[] = {
  { "whole", WHOLE, 200, CL5, NULL, 0, FERRYD_ANSWER_WHOLE, 0, 5, 5, TRUE },
  { "whole/201", WHOLE, 201, CL5, NULL, 0, FERRYD_ANSWER_WHOLE, 0, 5, 5, TRUE },
  { "whole/202", WHOLE, 202, CL5, NULL, 0, FERRYD_ANSWER_WHOLE, 0, 5, 5, TRUE },
  { "whole/203", WHOLE, 203, CL5, NULL, 0, FERRYD_ANSWER_WHOLE, 0, 5, 5, TRUE },
  { "whole/no-length", WHOLE, 200, "", NULL, 0, FERRYD_ANSWER_WHOLE, 0, -1, -1, FALSE },
  { "whole/no-length-but-tag", WHOLE, 200, "ETag: \"v1\"\n", NULL, 0, FERRYD_ANSWER_WHOLE, 0, -1, -1, TRUE },
  { "whole/no-ranges", WHOLE, 200, CL5 "ETag: \"v1\"\nAccept-Ranges: none\n", NULL, 0, FERRYD_ANSWER_WHOLE, 0,
    5, 5, FALSE },
  { "whole/ranges", WHOLE, 200, CL5 "Accept-Ranges: bytes\n", NULL, 0, FERRYD_ANSWER_WHOLE, 0, 5, 5, TRUE },
  { "whole/to-a-range", PART, 200, CL5, NULL, 0, FERRYD_ANSWER_WHOLE, 0, 5, 5, TRUE },
  { "whole/empty", WHOLE, 200, "Content-Length: 0\n", NULL, 0, FERRYD_ANSWER_WHOLE, 0, 0, 0, TRUE },
  { "whole/chunked", WHOLE, 200, "Transfer-Encoding: Chunked\n", NULL, 0, FERRYD_ANSWER_WHOLE, 0, -1, -1,
    FALSE },
  { "length/huge", WHOLE, 200, "Content-Length: 9223372036854775807\n", NULL, 0, FERRYD_ANSWER_WHOLE, 0,
    G_MAXINT64, G_MAXINT64, TRUE },
  { "length/twice", WHOLE, 200, CL5 CL5, NULL, 0, FERRYD_ANSWER_WHOLE, 0, 5, 5, TRUE },
  { "length/list", WHOLE, 200, "Content-Length: 5, 5\n", NULL, 0, FERRYD_ANSWER_WHOLE, 0, 5, 5, TRUE },
  { "length/too-large", WHOLE, 200, "Content-Length: 9223372036854775808\n", INVALID, FERRYD_REMEDY_FINAL },
  { "length/wraps", WHOLE, 200, "Content-Length: 18446744073709551621\n", INVALID, FERRYD_REMEDY_FINAL },
  { "length/negative", WHOLE, 200, "Content-Length: -5\n", INVALID, FERRYD_REMEDY_FINAL },
  { "length/plus", WHOLE, 200, "Content-Length: +5\n", INVALID, FERRYD_REMEDY_FINAL },
  { "length/hex", WHOLE, 200, "Content-Length: 0x5\n", INVALID, FERRYD_REMEDY_FINAL },
  { "length/empty", WHOLE, 200, "Content-Length: \n", INVALID, FERRYD_REMEDY_FINAL },
  { "length/differ", WHOLE, 200, "Content-Length: 10\n" CL5, INVALID, FERRYD_REMEDY_FINAL },
  { "length/differ-in-list", WHOLE, 200, "Content-Length: 5, 6\n", INVALID, FERRYD_REMEDY_FINAL },
  { "length/and-chunks", WHOLE, 200, CL5 "Transfer-Encoding: chunked\n", INVALID, FERRYD_REMEDY_AT_ONCE },
  { "length/and-chunks-again", FRESH, 200, CL5 "Transfer-Encoding: chunked\n", INVALID, FERRYD_REMEDY_FINAL },
  { "coding/gzip", WHOLE, 200, "Transfer-Encoding: gzip, chunked\n", INVALID, FERRYD_REMEDY_FINAL },
  { "coding/identity", WHOLE, 200, "Transfer-Encoding: identity\n", INVALID, FERRYD_REMEDY_FINAL },
  { "coding/twice", WHOLE, 200, "Transfer-Encoding: chunked\nTransfer-Encoding: chunked\n", INVALID,
    FERRYD_REMEDY_FINAL },

  { "part", PART, 206, "ETag: \"v1\"\nContent-Range: bytes 5-9/10\n" CL5, NULL, 0, FERRYD_ANSWER_PART, 5, 5,
    10, TRUE },
  { "part/no-tag", PART, 206, "Content-Range: bytes 5-9/10\n" CL5, NULL, 0, FERRYD_ANSWER_PART, 5, 5, 10,
    TRUE },
  { "part/subset", PART, 206, "Content-Range: bytes 5-6/10\n", NULL, 0, FERRYD_ANSWER_PART, 5, 2, 10, TRUE },
  { "part/no-total", PART, 206, "Content-Range: bytes 5-9/*\n", NULL, 0, FERRYD_ANSWER_PART, 5, 5, -1, TRUE },
  { "part/chunked", PART, 206, "Content-Range: bytes 5-9/10\nTransfer-Encoding: chunked\n", NULL, 0,
    FERRYD_ANSWER_PART, 5, 5, 10, TRUE },
  { "part/unbound", PART_UNBOUND, 206, "ETag: \"v2\"\nContent-Range: bytes 5-9/10\n", NULL, 0,
    FERRYD_ANSWER_PART, 5, 5, 10, TRUE },
  { "part/bounded", PART_BOUNDED, 206, "Content-Range: bytes 5-7/10\n", NULL, 0, FERRYD_ANSWER_PART, 5, 3, 10,
    TRUE },
  { "part/more-than-asked", PART_BOUNDED, 206, "Content-Range: bytes 5-9/10\n" CL5, NULL, 0,
    FERRYD_ANSWER_PART, 5, 3, 10, TRUE },
  { "part/dated", PART_DATED, 206,
    "Last-Modified: Sun, 06 Nov 1994 08:48:00 GMT\nContent-Range: bytes 5-9/10\n", NULL, 0,
    FERRYD_ANSWER_PART, 5, 5, 10, TRUE },
  { "part/beyond-4-gib",
    { .first = G_GINT64_CONSTANT (9007199254740993), .last = -1 },
    206,
    "Content-Range: bytes 9007199254740993-9007199254740994/9223372036854775807\n",
    NULL,
    0,
    FERRYD_ANSWER_PART,
    G_GINT64_CONSTANT (9007199254740993),
    2,
    G_MAXINT64,
    TRUE },
  { "part/unasked", WHOLE, 206, "Content-Range: bytes 0-4/5\n", INVALID, FERRYD_REMEDY_AT_ONCE },
  { "part/unasked-again", FRESH, 206, "Content-Range: bytes 0-4/5\n", INVALID, FERRYD_REMEDY_FINAL },
  { "part/gap", PART, 206, "Content-Range: bytes 6-9/10\n", INVALID, FERRYD_REMEDY_AT_ONCE },
  { "part/gap-again", PART_FRESH, 206, "Content-Range: bytes 6-9/10\n", INVALID, FERRYD_REMEDY_RESTART },
  { "part/earlier", PART, 206, "Content-Range: bytes 0-9/10\n", INVALID, FERRYD_REMEDY_AT_ONCE },
  { "part/no-range", PART, 206, CL5, INVALID, FERRYD_REMEDY_AT_ONCE },
  { "part/two-ranges", PART, 206, "Content-Range: bytes 5-9/10\nContent-Range: bytes 5-8/10\n", INVALID,
    FERRYD_REMEDY_AT_ONCE },
  { "part/unit", PART, 206, "Content-Range: lines 5-9/10\n", INVALID, FERRYD_REMEDY_AT_ONCE },
  { "part/backwards", PART, 206, "Content-Range: bytes 5-4/10\n", INVALID, FERRYD_REMEDY_AT_ONCE },
  { "part/total-too-small", PART, 206, "Content-Range: bytes 5-9/9\n", INVALID, FERRYD_REMEDY_AT_ONCE },
  { "part/no-last", PART, 206, "Content-Range: bytes 5-/10\n", INVALID, FERRYD_REMEDY_AT_ONCE },
  { "part/no-total-at-all", PART, 206, "Content-Range: bytes 5-9/\n", INVALID, FERRYD_REMEDY_AT_ONCE },
  { "part/wraps", PART, 206, "Content-Range: bytes 5-9/18446744073709551626\n", INVALID,
    FERRYD_REMEDY_AT_ONCE },
  { "part/length", PART, 206, "Content-Range: bytes 5-9/10\nContent-Length: 4\n", INVALID,
    FERRYD_REMEDY_AT_ONCE },
  { "part/multipart", PART, 206,
    "Content-Type: Multipart/byteranges; boundary=x\nContent-Range: bytes 5-9/10\n", INVALID,
    FERRYD_REMEDY_RESTART },
  { "part/changed", PART, 206, "ETag: \"v2\"\nContent-Range: bytes 5-9/10\n", INVALID,
    FERRYD_REMEDY_RESTART },
  { "part/weakened", PART, 206, "ETag: W/\"v1\"\nContent-Range: bytes 5-9/10\n", INVALID,
    FERRYD_REMEDY_RESTART },
  { "part/other-date", PART_DATED, 206,
    "Last-Modified: Sun, 06 Nov 1994 08:48:01 GMT\nContent-Range: bytes 5-9/10\n", INVALID,
    FERRYD_REMEDY_RESTART },

  { "416/at-end", PART, 416, "Content-Range: bytes */5\n", NULL, 0, FERRYD_ANSWER_NOTHING_BEYOND, 5, 0, 5,
    TRUE },
  { "part/of-all", RANGED, 206, CL5 "Content-Range: bytes 0-4/5\n", NULL, 0, FERRYD_ANSWER_PART, 0, 5, 5,
    TRUE },
  { "part/of-all-refused", RANGED, 200, CL5, NULL, 0, FERRYD_ANSWER_WHOLE, 0, 5, 5, TRUE },
  { "416/empty", RANGED, 416, "Content-Range: bytes */0\n", NULL, 0, FERRYD_ANSWER_NOTHING_BEYOND, 0, 0, 0,
    TRUE },
  { "416/shorter", PART, 416, "Content-Range: bytes */4\n", "requested-range-not-satisfiable",
    FERRYD_REMEDY_RESTART },
  { "416/longer", PART, 416, "Content-Range: bytes */6\n", "requested-range-not-satisfiable",
    FERRYD_REMEDY_RESTART },
  { "416/unbound", PART_UNBOUND, 416, "Content-Range: bytes */5\n", "requested-range-not-satisfiable",
    FERRYD_REMEDY_RESTART },
  { "416/silent", PART, 416, "", "requested-range-not-satisfiable", FERRYD_REMEDY_RESTART },
  { "416/nonsense", PART, 416, "Content-Range: bytes */x\n", "requested-range-not-satisfiable",
    FERRYD_REMEDY_RESTART },
  { "416/unasked", WHOLE, 416, "Content-Range: bytes */5\n", "requested-range-not-satisfiable",
    FERRYD_REMEDY_FINAL },

  { "304/asked",
    { .last = -1, .conditional = TRUE },
    304,
    "",
    NULL,
    0,
    FERRYD_ANSWER_UNCHANGED,
    0,
    0,
    -1,
    FALSE },
  { "304/unasked", WHOLE, 304, "", "not-modified", FERRYD_REMEDY_AT_ONCE },
  { "304/unasked-again", FRESH, 304, "", "not-modified", FERRYD_REMEDY_FINAL },
  { "status/204", WHOLE, 204, "", "unexpected-status-code", FERRYD_REMEDY_FINAL },
  { "status/205", WHOLE, 205, "", "unexpected-status-code", FERRYD_REMEDY_FINAL },
  { "status/207", WHOLE, 207, "", "unexpected-status-code", FERRYD_REMEDY_FINAL },
  { "status/299", WHOLE, 299, "", "unexpected-status-code", FERRYD_REMEDY_FINAL },
  { "status/300", WHOLE, 300, "", "multiple-choices", FERRYD_REMEDY_FINAL },
  { "status/306", WHOLE, 306, "", "unexpected-redirection", FERRYD_REMEDY_FINAL },
  { "status/400", WHOLE, 400, "", "bad-request", FERRYD_REMEDY_FINAL },
  { "status/401", WHOLE, 401, "", "unauthorized", FERRYD_REMEDY_FINAL },
  { "status/403", WHOLE, 403, "", "forbidden", FERRYD_REMEDY_FINAL },
  { "status/408", WHOLE, 408, "", "request-timeout", FERRYD_REMEDY_RETRY },
  { "status/410", WHOLE, 410, "", "gone", FERRYD_REMEDY_FINAL },
  { "status/412", WHOLE, 412, "", "precondition-failed", FERRYD_REMEDY_FINAL },
  { "status/421", WHOLE, 421, "", "unexpected-client-error", FERRYD_REMEDY_AT_ONCE },
  { "status/421-again", FRESH, 421, "", "unexpected-client-error", FERRYD_REMEDY_FINAL },
  { "status/425", WHOLE, 425, "", "unexpected-client-error", FERRYD_REMEDY_RETRY },
  { "status/429", WHOLE, 429, "", "unexpected-client-error", FERRYD_REMEDY_RETRY },
  { "status/451", WHOLE, 451, "", "unexpected-client-error", FERRYD_REMEDY_FINAL },
  { "status/500", WHOLE, 500, "", "internal-server-error", FERRYD_REMEDY_RETRY },
  { "status/501", WHOLE, 501, "", "not-implemented", FERRYD_REMEDY_FINAL },
  { "status/502", WHOLE, 502, "", "bad-gateway", FERRYD_REMEDY_RETRY },
  { "status/503", WHOLE, 503, "", "service-unavailable", FERRYD_REMEDY_RETRY },
  { "status/504", WHOLE, 504, "", "gateway-timeout", FERRYD_REMEDY_RETRY },
  { "status/505", WHOLE, 505, "", "http-version-not-supported", FERRYD_REMEDY_FINAL },
  { "status/511", WHOLE, 511, "", "unexpected-server-error", FERRYD_REMEDY_FINAL },
  { "status/999", WHOLE, 999, "", "unexpected-status-code", FERRYD_REMEDY_FINAL },
};

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (SoupMessageHeaders) headers = parse_headers (c->headers);
  g_auto (FerrydHttpResponse) response = { 0 };
  g_autoptr (FerrydFailure) failure = ferryd_http_response_read (&response, &c->question, c->status, headers);

  if (c->failure != NULL)
    {
      g_assert_nonnull (failure);
      g_assert_cmpstr (ferry_transfer_error_to_status (failure->status), ==, c->failure);
      g_assert_cmpint (failure->remedy, ==, c->remedy);
      return;
    }
  g_assert_cmpstr (failure != NULL ? failure->message : NULL, ==, NULL);
  g_assert_cmpint (response.kind, ==, c->kind);
  g_assert_cmpint (response.first, ==, c->first);
  g_assert_cmpint (response.length, ==, c->length);
  g_assert_cmpint (response.total, ==, c->total);
  g_assert_cmpint (response.resumable, ==, c->resumable);
}

static void
test_framing (void)
{
  static const struct
  {
    const char *headers;
    FerrydHttpFraming framing;
  } rows[] = {
    { CL5, FERRYD_HTTP_FRAMING_LENGTH },
    { "Transfer-Encoding: chunked\n", FERRYD_HTTP_FRAMING_CHUNKED },
    { "", FERRYD_HTTP_FRAMING_CLOSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (SoupMessageHeaders) headers = parse_headers (rows[i].headers);
      FerrydHttpFraming framing;
      gint64 length;

      g_assert_null (ferryd_http_read_framing (headers, FALSE, &framing, &length));
      g_assert_cmpint (framing, ==, rows[i].framing);
    }
}

static void
test_validators (void)
{
  g_autofree char *pad = g_strnfill (1022, 'x');
  g_autofree char *long_tag = g_strdup_printf ("ETag: \"%s\"\n", pad);
  g_autofree char *longest = g_strdup_printf ("\"%s\"", pad);
  g_autofree char *too_long_tag = g_strdup_printf ("ETag: \"%sx\"\n", pad);
  const struct
  {
    const char *headers;
    const char *validator;
    const char *etag;
  } rows[] = {
    { "ETag: \"v1\"\n", "\"v1\"", "\"v1\"" },
    { "ETag: W/\"v1\"\n", NULL, "W/\"v1\"" },
    /* A date may only stand in for a tag where there is none at all. */
    { "ETag: W/\"v1\"\nLast-Modified: Sat, 05 Nov 1994 08:49:37 GMT\n" DATE, NULL, "W/\"v1\"" },
    { "ETag: v1\nLast-Modified: Sat, 05 Nov 1994 08:49:37 GMT\n" DATE, NULL, "v1" },
    { "ETag: \"a\"b\"\n", NULL, "\"a\"b\"" },
    { "ETag: \"\"\n", "\"\"", "\"\"" },
    { "ETag: \"a\"\nETag: \"b\"\nLast-Modified: Sat, 05 Nov 1994 08:49:37 GMT\n" DATE, NULL, NULL },
    { "ETag: \"\357\277\275\"\n", NULL, NULL },
    { long_tag, longest, longest },
    { too_long_tag, NULL, NULL },
    { "Last-Modified: Sun, 06 Nov 1994 08:48:37 GMT\n" DATE, "Sun, 06 Nov 1994 08:48:37 GMT", NULL },
    { "Last-Modified: Sun, 06 Nov 1994 08:48:38 GMT\n" DATE, NULL, NULL },
    { "Last-Modified: Sun, 06 Nov 1994 08:48:37 GMT\n", NULL, NULL },
    /* Byte for byte, in whatever form. */
    { "Last-Modified: Sunday, 06-Nov-94 08:00:00 GMT\n" DATE, "Sunday, 06-Nov-94 08:00:00 GMT", NULL },
    { "Last-Modified: yesterday\n" DATE, NULL, NULL },
    { "Last-Modified: Sun, 06 Nov 1994 08:48:37 GMT\nDate: today\n", NULL, NULL },
    { "", NULL, NULL },
  };
  const FerrydHttpQuestion question = WHOLE;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (SoupMessageHeaders) headers = parse_headers (rows[i].headers);
      g_auto (FerrydHttpResponse) response = { 0 };

      g_test_message ("%s", rows[i].headers);
      g_assert_null (ferryd_http_response_read (&response, &question, 200, headers));
      g_assert_cmpstr (response.validator, ==, rows[i].validator);
      g_assert_cmpstr (response.etag, ==, rows[i].etag);
    }
}

/* A part that says nothing of its version was sent because the version asked with still holds. */
static void
test_part_keeps_validator (void)
{
  g_autoptr (SoupMessageHeaders) headers = parse_headers ("Content-Range: bytes 5-9/10\n");
  const FerrydHttpQuestion question = PART;
  g_auto (FerrydHttpResponse) response = { 0 };

  g_assert_null (ferryd_http_response_read (&response, &question, 206, headers));
  g_assert_cmpstr (response.validator, ==, "\"v1\"");
}

static void
test_retry_after (void)
{
  static const struct
  {
    const char *headers;
    gint64 seconds;
  } rows[] = {
    { "", -1 },
    { "Retry-After: 0\n", 0 },
    { "Retry-After: 120\n", 120 },
    { "Retry-After: 86401\n", 86400 },
    { "Retry-After: 2147483648\n", -1 },
    { "Retry-After: -5\n", -1 },
    { "Retry-After: 1.5\n", -1 },
    { "Retry-After: soon\n", -1 },
    { "Retry-After: \n", -1 },
    { "Retry-After: Sun, 06 Nov 1994 08:51:37 GMT\n" DATE, 120 },
    { "Retry-After: Sun, 06 Nov 1994 08:40:37 GMT\n" DATE, 0 },
    { "Retry-After: Sun, 06 Nov 2094 08:40:37 GMT\n" DATE, 86400 },
    /* Without the server's clock, ours. */
    { "Retry-After: Sun, 06 Nov 1994 08:51:37 GMT\n", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (SoupMessageHeaders) headers = parse_headers (rows[i].headers);
      gint64 wait = ferryd_http_get_retry_after (headers);

      g_test_message ("%s", rows[i].headers);
      g_assert_cmpint (wait, ==, rows[i].seconds == -1 ? -1 : rows[i].seconds * G_USEC_PER_SEC);
    }
}

static void
test_suggested_name (void)
{
  static const struct
  {
    const char *headers;
    const char *name;
  } rows[] = {
    { "", "from-uri.bin" },
    { "Content-Disposition: inline\n", "from-uri.bin" },
    { "Content-Disposition: attachment; filename=plain.txt\n", "plain.txt" },
    { "Content-Disposition: attachment; filename=\"a b.txt\"\n", "a b.txt" },
    { "Content-Disposition: attachment; filename=a.txt; filename*=UTF-8''%e2%82%ac.txt\n", "€.txt" },
    { "Content-Disposition: attachment; filename*=UTF-8''%e2%82%ac.txt; filename=a.txt\n", "€.txt" },
    { "Content-Disposition: attachment; filename*=x-klingon''%e2.txt; filename=a.txt\n", "a.txt" },
    { "Content-Disposition: attachment; filename=\"../../etc/passwd\"\n", "passwd" },
    { "Content-Disposition: attachment; filename*=UTF-8''..%2F..%5C.bashrc\n", "_bashrc" },
    { "Content-Disposition: attachment; filename=\"\"\n", "from-uri.bin" },
  };
  g_autoptr (GUri) uri = g_uri_parse ("http://h/x/from-uri.bin?name=y", SOUP_HTTP_URI_FLAGS, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (SoupMessageHeaders) headers = parse_headers (rows[i].headers);
      g_autofree char *name = ferryd_http_get_suggested_name (headers, uri);

      g_test_message ("%s", rows[i].headers);
      g_assert_cmpstr (name, ==, rows[i].name);
    }
}

static void
test_certificates (void)
{
  static const struct
  {
    GTlsCertificateFlags flags;
    const char *status;
  } rows[] = {
    { G_TLS_CERTIFICATE_VALIDATE_ALL, "certificate-revoked" },
    { G_TLS_CERTIFICATE_BAD_IDENTITY | G_TLS_CERTIFICATE_EXPIRED | G_TLS_CERTIFICATE_UNKNOWN_CA,
      "certificate-common-name-is-incorrect" },
    { G_TLS_CERTIFICATE_EXPIRED | G_TLS_CERTIFICATE_UNKNOWN_CA, "certificate-expired" },
    { G_TLS_CERTIFICATE_NOT_ACTIVATED | G_TLS_CERTIFICATE_UNKNOWN_CA, "certificate-expired" },
    { G_TLS_CERTIFICATE_UNKNOWN_CA | G_TLS_CERTIFICATE_INSECURE, "certificate-is-invalid" },
    { G_TLS_CERTIFICATE_INSECURE, "certificate-contains-errors" },
    { G_TLS_CERTIFICATE_GENERIC_ERROR, "certificate-contains-errors" },
  };
  g_autoptr (GError) error = g_error_new_literal (G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE, "secret");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      FerrydHttpTrouble trouble = { .certificate_errors = rows[i].flags };
      g_autoptr (FerrydFailure) failure = ferryd_http_failure_from_error (error, &trouble);

      g_assert_cmpstr (ferry_transfer_error_to_status (failure->status), ==, rows[i].status);
      g_assert_cmpint (failure->remedy, ==, FERRYD_REMEDY_FINAL);
    }
}

static void
test_errors (void)
{
  static const struct
  {
    FerrydHttpPhase phase;
    int code;
    const char *status;
    FerrydRemedy remedy;
  } rows[] = {
    { FERRYD_HTTP_PHASE_CONNECT, G_IO_ERROR_CONNECTION_REFUSED, "cannot-connect", FERRYD_REMEDY_RETRY },
    { FERRYD_HTTP_PHASE_CONNECT, G_IO_ERROR_HOST_UNREACHABLE, "server-unreachable", FERRYD_REMEDY_RETRY },
    { FERRYD_HTTP_PHASE_CONNECT, G_IO_ERROR_NETWORK_UNREACHABLE, "server-unreachable", FERRYD_REMEDY_RETRY },
    { FERRYD_HTTP_PHASE_CONNECT, G_IO_ERROR_HOST_NOT_FOUND, "host-name-not-resolved", FERRYD_REMEDY_RETRY },
    { FERRYD_HTTP_PHASE_CONNECT, G_IO_ERROR_TIMED_OUT, "timeout", FERRYD_REMEDY_RETRY },
    { FERRYD_HTTP_PHASE_CONNECT, G_IO_ERROR_PROXY_FAILED, "cannot-connect", FERRYD_REMEDY_RETRY },
    { FERRYD_HTTP_PHASE_CONNECT, G_IO_ERROR_PROXY_NEED_AUTH, "proxy-authentication-required",
      FERRYD_REMEDY_FINAL },
    { FERRYD_HTTP_PHASE_CONNECT, G_IO_ERROR_FAILED, "cannot-connect", FERRYD_REMEDY_RETRY },
    { FERRYD_HTTP_PHASE_RESPONSE, G_IO_ERROR_CONNECTION_CLOSED, "connection-reset", FERRYD_REMEDY_RETRY },
    { FERRYD_HTTP_PHASE_RESPONSE, G_IO_ERROR_PARTIAL_INPUT, "connection-aborted", FERRYD_REMEDY_AT_ONCE },
    { FERRYD_HTTP_PHASE_BODY, G_IO_ERROR_PARTIAL_INPUT, "disconnected", FERRYD_REMEDY_RETRY },
    { FERRYD_HTTP_PHASE_BODY, G_IO_ERROR_CONNECTION_CLOSED, "connection-reset", FERRYD_REMEDY_RETRY },
    { FERRYD_HTTP_PHASE_BODY, G_IO_ERROR_FAILED, "disconnected", FERRYD_REMEDY_RETRY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, rows[i].code, "http://user:secret@host/");
      FerrydHttpTrouble trouble = { .phase = rows[i].phase };
      g_autoptr (FerrydFailure) failure = ferryd_http_failure_from_error (error, &trouble);

      g_test_message ("%s", failure->message);
      g_assert_cmpstr (ferry_transfer_error_to_status (failure->status), ==, rows[i].status);
      g_assert_cmpint (failure->remedy, ==, rows[i].remedy);
      g_assert_null (strstr (failure->message, "secret"));
    }
}

/* The same code stands for a header section that is too large and for a connection that was lost. */
static void
test_cut_headers (void)
{
  static const struct
  {
    guint64 header_bytes;
    gboolean fresh;
    const char *status;
    FerrydRemedy remedy;
  } rows[] = {
    { 0, FALSE, "connection-aborted", FERRYD_REMEDY_AT_ONCE },
    { 0, TRUE, "connection-aborted", FERRYD_REMEDY_RETRY },
    { 100, FALSE, "disconnected", FERRYD_REMEDY_RETRY },
    { 64 * 1024, FALSE, INVALID, FERRYD_REMEDY_FINAL },
  };
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT, "");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      FerrydHttpTrouble trouble = { .phase = FERRYD_HTTP_PHASE_RESPONSE,
                                    .header_bytes = rows[i].header_bytes,
                                    .fresh = rows[i].fresh };
      g_autoptr (FerrydFailure) failure = ferryd_http_failure_from_error (error, &trouble);

      g_assert_cmpstr (ferry_transfer_error_to_status (failure->status), ==, rows[i].status);
      g_assert_cmpint (failure->remedy, ==, rows[i].remedy);
    }
}

static void
test_tunnel (void)
{
  g_autoptr (FerrydFailure) gateway = ferryd_http_failure_from_tunnel (502);
  g_autoptr (FerrydFailure) credential = ferryd_http_failure_from_tunnel (407);

  g_assert_cmpint (gateway->status, ==, FERRY_TRANSFER_ERROR_CANNOT_CONNECT);
  g_assert_cmpint (gateway->remedy, ==, FERRYD_REMEDY_RETRY);
  g_assert_cmpint (credential->status, ==, FERRY_TRANSFER_ERROR_PROXY_AUTHENTICATION_REQUIRED);
  g_assert_cmpint (credential->remedy, ==, FERRYD_REMEDY_FINAL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/http-response/read/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/http-response/framing", test_framing);
  g_test_add_func ("/http-response/validators", test_validators);
  g_test_add_func ("/http-response/part-keeps-validator", test_part_keeps_validator);
  g_test_add_func ("/http-response/retry-after", test_retry_after);
  g_test_add_func ("/http-response/suggested-name", test_suggested_name);
  g_test_add_func ("/http-failure/certificates", test_certificates);
  g_test_add_func ("/http-failure/errors", test_errors);
  g_test_add_func ("/http-failure/cut-headers", test_cut_headers);
  g_test_add_func ("/http-failure/tunnel", test_tunnel);
  return g_test_run ();
}
