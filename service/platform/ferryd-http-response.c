/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-http-response.h"

#include "ferryd-http-digest.h"
#include "ferryd-http-failure.h"
#include "ferryd-suggested-name.h"

#include <string.h>

/* Bytes of an entity tag that is kept; a longer one is treated as none. */
#define ETAG_MAX 1024

/* Seconds that a file must have been unchanged when it was sent for its date to tell it from a later version.
 * RFC 9110 section 8.8.2.2 asks for one; clocks of several servers behind one name agree less well. */
#define LAST_MODIFIED_MARGIN 60

/* What libsoup puts in place of bytes that are not UTF-8: a value with it is not what the server sent. */
#define REPLACEMENT_CHARACTER "\357\277\275"

/* The only value of field @name; NULL when there is none, and when there are different ones. */
static const char *
get_single (SoupMessageHeaders *headers, const char *wanted, gboolean *several)
{
  SoupMessageHeadersIter iter;
  const char *name, *value, *found = NULL;

  *several = FALSE;
  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    {
      if (g_ascii_strcasecmp (name, wanted) != 0)
        continue;
      if (found != NULL && !g_str_equal (found, value))
        *several = TRUE;
      found = value;
    }
  return *several ? NULL : found;
}

/* Takes one field's list of lengths, which have to be numbers and the same (RFC 9112 section 6.3). */
static gboolean
add_lengths (const char *value, gint64 *length)
{
  g_auto (GStrv) items = g_strsplit (value, ",", -1);

  if (items[0] == NULL)
    return FALSE;
  for (guint i = 0; items[i] != NULL; i++)
    {
      guint64 number;

      if (!g_ascii_string_to_unsigned (g_strstrip (items[i]), 10, 0, G_MAXINT64, &number, NULL))
        return FALSE;
      if (*length != -1 && *length != (gint64) number)
        return FALSE;
      *length = number;
    }
  return TRUE;
}

/**
 * ferryd_http_read_framing:
 * @headers: a response's
 * @fresh: the request had a connection of its own
 * @framing: (out): what marks the end of its body
 * @length: (out): its Content-Length, -1 for none
 *
 * Checks what libsoup takes on trust: several lengths of which it would use the last, lengths that are no
 * numbers, and a length beside a transfer coding.
 *
 * Returns: (transfer full) (nullable): why the body's end cannot be told, NULL when it can
 */
FerrydFailure *
ferryd_http_read_framing (SoupMessageHeaders *headers, gboolean fresh, FerrydHttpFraming *framing,
                          gint64 *length)
{
  SoupMessageHeadersIter iter;
  const char *name, *value;
  guint n_codings = 0;

  *length = -1;
  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    {
      if (g_ascii_strcasecmp (name, "Content-Length") == 0 && !add_lengths (value, length))
        return ferryd_http_failure_invalid (FERRYD_REMEDY_FINAL, "its length makes no sense");
      if (g_ascii_strcasecmp (name, "Transfer-Encoding") == 0 &&
          (g_ascii_strcasecmp (value, "chunked") != 0 || n_codings++ > 0))
        return ferryd_http_failure_invalid (FERRYD_REMEDY_FINAL, "its transfer coding is not known");
    }
  if (n_codings > 0 && *length != -1)
    return ferryd_http_failure_invalid (fresh ? FERRYD_REMEDY_FINAL : FERRYD_REMEDY_AT_ONCE,
                                        "it has both a length and a transfer coding");
  if (n_codings > 0)
    *framing = FERRYD_HTTP_FRAMING_CHUNKED;
  else
    *framing = *length != -1 ? FERRYD_HTTP_FRAMING_LENGTH : FERRYD_HTTP_FRAMING_CLOSE;
  return NULL;
}

static gboolean
is_strong (const char *etag)
{
  gsize size = strlen (etag);

  return size >= 2 && etag[0] == '"' && etag[size - 1] == '"' && memchr (etag + 1, '"', size - 2) == NULL;
}

static gboolean
is_old_enough (const char *last_modified, const char *date)
{
  g_autoptr (GDateTime) changed = NULL;
  g_autoptr (GDateTime) sent = NULL;

  if (date == NULL)
    return FALSE;
  changed = soup_date_time_new_from_http_string (last_modified);
  sent = soup_date_time_new_from_http_string (date);
  return changed != NULL && sent != NULL &&
         g_date_time_difference (sent, changed) >= LAST_MODIFIED_MARGIN * G_USEC_PER_SEC;
}

static void
read_validators (FerrydHttpResponse *self, SoupMessageHeaders *headers)
{
  gboolean several_etags, several_dates, several;
  const char *etag = get_single (headers, "ETag", &several_etags);
  const char *last_modified = get_single (headers, "Last-Modified", &several_dates);
  const char *date = get_single (headers, "Date", &several);
  gboolean has_etag = etag != NULL || several_etags;

  if (etag != NULL && strlen (etag) <= ETAG_MAX && strstr (etag, REPLACEMENT_CHARACTER) == NULL)
    self->etag = g_strdup (etag);
  if (last_modified != NULL && strlen (last_modified) <= ETAG_MAX)
    self->last_modified = g_strdup (last_modified);
  if (self->etag != NULL && is_strong (self->etag))
    self->validator = g_strdup (self->etag);
  else if (!has_etag && self->last_modified != NULL && is_old_enough (self->last_modified, date))
    self->validator = g_strdup (self->last_modified);
}

/* Whether what a 206 says of itself fits the validator it was asked with, which then goes on being the
 * validator. */
static gboolean
fits_validator (FerrydHttpResponse *self, const char *if_range)
{
  const char *own = *if_range == '"' ? self->etag : self->last_modified;

  if (own != NULL && !g_str_equal (own, if_range))
    return FALSE;
  g_free (self->validator);
  self->validator = g_strdup (if_range);
  return TRUE;
}

/* `bytes FIRST-LAST/TOTAL`, or an asterisk for a total that is not known. libsoup's reader wraps numbers that
 * are too large and takes missing ones for 0, so what it read has to be what was sent. */
static gboolean
read_content_range (SoupMessageHeaders *headers, gint64 *first, gint64 *last, gint64 *total)
{
  gboolean several;
  const char *value = get_single (headers, "Content-Range", &several);
  g_autofree char *complete = NULL;
  g_autofree char *read_back = NULL;
  goffset start, end, all;

  if (value == NULL || !soup_message_headers_get_content_range (headers, &start, &end, &all))
    return FALSE;
  complete = all == -1 ? g_strdup ("*") : g_strdup_printf ("%" G_GINT64_FORMAT, (gint64) all);
  read_back = g_strdup_printf ("bytes %" G_GINT64_FORMAT "-%" G_GINT64_FORMAT "/%s", (gint64) start,
                               (gint64) end, complete);
  if (!g_str_equal (read_back, value) || start < 0 || end < start || end == G_MAXINT64 ||
      (all != -1 && all <= end))
    return FALSE;
  *first = start;
  *last = end;
  *total = all;
  return TRUE;
}

static gboolean
is_ranged (const FerrydHttpQuestion *question)
{
  return question->ranged || question->first != 0 || question->last != -1;
}

static FerrydFailure *
read_part (FerrydHttpResponse *self, const FerrydHttpQuestion *question, SoupMessageHeaders *headers)
{
  FerrydRemedy remedy = question->fresh ? FERRYD_REMEDY_RESTART : FERRYD_REMEDY_AT_ONCE;
  const char *type = soup_message_headers_get_one (headers, "Content-Type");
  gint64 last;

  if (!is_ranged (question))
    return ferryd_http_failure_invalid (question->fresh ? FERRYD_REMEDY_FINAL : FERRYD_REMEDY_AT_ONCE,
                                        "it sends a part where the whole was asked for");
  if (type != NULL &&
      g_ascii_strncasecmp (type, "multipart/byteranges", strlen ("multipart/byteranges")) == 0)
    return ferryd_http_failure_invalid (FERRYD_REMEDY_RESTART,
                                        "it sends several parts where one was asked for");
  if (!read_content_range (headers, &self->first, &last, &self->total))
    return ferryd_http_failure_invalid (remedy, "it does not say which part it sends");
  if (self->first != question->first)
    return ferryd_http_failure_invalid (remedy, "it sends another part than the one asked for");
  if (self->length != -1 && self->length != last - self->first + 1)
    return ferryd_http_failure_invalid (remedy, "its length is not that of the part it sends");
  if (question->if_range != NULL && !fits_validator (self, question->if_range))
    return ferryd_http_failure_invalid (FERRYD_REMEDY_RESTART,
                                        "it sends a part of another version of the file");
  self->kind = FERRYD_ANSWER_PART;
  self->length = (question->last != -1 ? MIN (last, question->last) : last) - self->first + 1;
  return NULL;
}

/* 416. Its Content-Range, an asterisk for the range, is one form that libsoup has no reader for. */
static FerrydFailure *
read_nothing_beyond (FerrydHttpResponse *self, const FerrydHttpQuestion *question,
                     SoupMessageHeaders *headers)
{
  FerrydFailure *failure = ferryd_http_failure_from_status (416, headers, question->fresh);
  gboolean several;
  const char *value = get_single (headers, "Content-Range", &several);
  guint64 total;

  if (!is_ranged (question))
    return failure;
  failure->remedy = FERRYD_REMEDY_RESTART;
  /* Without a validator it may be another file of that length, unless that is nothing at all, and a shorter
   * one certainly is. */
  if ((question->if_range == NULL && question->first > 0) || value == NULL ||
      !g_str_has_prefix (value, "bytes */") ||
      !g_ascii_string_to_unsigned (value + strlen ("bytes */"), 10, 0, G_MAXINT64, &total, NULL) ||
      (gint64) total != question->first)
    return failure;
  ferryd_failure_free (failure);
  g_free (self->validator);
  self->validator = g_strdup (question->if_range);
  self->kind = FERRYD_ANSWER_NOTHING_BEYOND;
  self->first = question->first;
  self->length = 0;
  self->total = total;
  return NULL;
}

static FerrydFailure *
read_body_answer (FerrydHttpResponse *self, const FerrydHttpQuestion *question, guint status,
                  SoupMessageHeaders *headers)
{
  FerrydFailure *failure = ferryd_http_read_framing (headers, question->fresh, &self->framing, &self->length);

  if (failure != NULL)
    return failure;
  if (status == 206)
    return read_part (self, question, headers);
  self->kind = FERRYD_ANSWER_WHOLE;
  self->total = self->length;
  return NULL;
}

/* What was wanted is done; the body says something about it. */
static FerrydFailure *
read_success (FerrydHttpResponse *self, const FerrydHttpQuestion *question, guint status,
              SoupMessageHeaders *headers)
{
  self->kind = FERRYD_ANSWER_WHOLE;
  if (question->is_head || status == 204 || status == 205)
    {
      self->length = 0;
      self->total = 0;
      return NULL;
    }
  return read_body_answer (self, question, 200, headers);
}

/**
 * ferryd_http_response_read:
 * @self: (out caller-allocates): cleared with ferryd_http_response_clear(), after a failure too
 * @question: what was asked
 * @status: status code of a final response that is no redirect
 * @headers: its headers
 *
 * Turns a response into the words of the transport.
 *
 * Returns: (transfer full) (nullable): why it is of no use; NULL when @self says what it is
 */
FerrydFailure *
ferryd_http_response_read (FerrydHttpResponse *self, const FerrydHttpQuestion *question, guint status,
                           SoupMessageHeaders *headers)
{
  FerrydFailure *failure = NULL;
  gboolean refuses_ranges = soup_message_headers_header_equals (headers, "Accept-Ranges", "none");

  *self = (FerrydHttpResponse){ .length = -1, .total = -1 };
  read_validators (self, headers);
  if (question->any_success && status >= 200 && status < 300)
    return read_success (self, question, status, headers);
  switch (status)
    {
    case 200:
    case 201:
    case 202:
    case 203:
    case 206:
      failure = read_body_answer (self, question, status, headers);
      self->digest = ferryd_http_get_digest (status, headers);
      break;
    case 304:
      self->kind = FERRYD_ANSWER_UNCHANGED;
      self->length = 0;
      if (!question->conditional)
        {
          failure = ferryd_http_failure_from_status (status, headers, question->fresh);
          failure->remedy = question->fresh ? FERRYD_REMEDY_FINAL : FERRYD_REMEDY_AT_ONCE;
        }
      break;
    case 416:
      failure = read_nothing_beyond (self, question, headers);
      break;
    default:
      failure = ferryd_http_failure_from_status (status, headers, question->fresh);
      break;
    }
  self->resumable = !refuses_ranges && (self->validator != NULL || self->total != -1);
  return failure;
}

/**
 * ferryd_http_response_clear:
 * @self: what ferryd_http_response_read() filled in
 *
 * Frees what it holds.
 */
void
ferryd_http_response_clear (FerrydHttpResponse *self)
{
  g_clear_pointer (&self->validator, g_free);
  g_clear_pointer (&self->etag, g_free);
  g_clear_pointer (&self->last_modified, g_free);
  g_clear_pointer (&self->digest, g_free);
}

/**
 * ferryd_http_list_headers:
 * @headers: a response's
 *
 * Returns: (transfer floating): a(ss), one pair per field line, valid UTF-8 so that it may cross the bus,
 * less Set-Cookie, whose values are credentials
 */
GVariant *
ferryd_http_list_headers (SoupMessageHeaders *headers)
{
  GVariantBuilder builder;
  SoupMessageHeadersIter iter;
  const char *name, *value;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(ss)"));
  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    {
      g_autofree char *safe_name = g_utf8_make_valid (name, -1);
      g_autofree char *safe_value = g_utf8_make_valid (value, -1);

      if (g_ascii_strcasecmp (name, "Set-Cookie") != 0 && g_ascii_strcasecmp (name, "Set-Cookie2") != 0)
        g_variant_builder_add (&builder, "(ss)", safe_name, safe_value);
    }
  return g_variant_builder_end (&builder);
}

/**
 * ferryd_http_get_suggested_name:
 * @headers: a response's
 * @uri: where it came from
 *
 * Returns: (transfer full): a safe leaf name by Content-Disposition (RFC 6266), else by @uri; never empty
 */
char *
ferryd_http_get_suggested_name (SoupMessageHeaders *headers, GUri *uri)
{
  g_autoptr (GHashTable) params = NULL;
  g_autofree char *disposition = NULL;
  g_autofree char *text = NULL;

  if (soup_message_headers_get_content_disposition (headers, &disposition, &params) && params != NULL)
    {
      const char *name = g_hash_table_lookup (params, "filename");

      if (name != NULL && *name != '\0')
        return ferryd_suggested_name_sanitise (name);
    }
  text = g_uri_to_string (uri);
  return ferryd_suggested_name_from_uri (text);
}
