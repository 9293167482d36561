/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-fake-transport.h"

/* Of the pieces in which ferryd_fake_fetch_serve() delivers a body, bytes; what a socket gives at a time. */
#define PIECE_SIZE 65536

/**
 * ferryd_fake_fetch_serve:
 * @fetch: a fetch
 * @content: what is at that URI
 * @validator: (nullable): its strong entity tag
 *
 * Scripts what a server does that makes no mistakes and supports ranges.
 */
void
ferryd_fake_fetch_serve (FerrydFetch *fetch, GBytes *content, const char *validator)
{
  const FerrydFetchRequest *request = ferryd_fake_fetch_get_request (fetch);
  gsize total;
  const guint8 *bytes = g_bytes_get_data (content, &total);
  gboolean is_range = (request->ranged || request->first > 0 || request->last >= 0) &&
                      (request->if_range == NULL || g_strcmp0 (request->if_range, validator) == 0);
  gint64 first = is_range ? request->first : 0;
  gint64 last = is_range && request->last >= 0 ? MIN (request->last, (gint64) total - 1) : (gint64) total - 1;
  g_autoptr (GVariant) headers = g_variant_ref_sink (g_variant_new ("a(ss)", NULL));
  FerrydAnswer answer = { .kind = is_range ? FERRYD_ANSWER_PART : FERRYD_ANSWER_WHOLE,
                          .status = is_range ? 206 : 200,
                          .uri = request->uri,
                          .headers = headers,
                          .first = first,
                          .length = last - first + 1,
                          .total = (gint64) total,
                          .validator = validator,
                          .etag = validator,
                          .resumable = TRUE,
                          .suggested_name = "served" };

  if (is_range && first >= (gint64) total)
    {
      answer.kind = FERRYD_ANSWER_NOTHING_BEYOND;
      answer.status = 416;
      answer.length = 0;
    }
  ferryd_fake_fetch_answer (fetch, &answer);
  for (gint64 offset = first; answer.kind != FERRYD_ANSWER_NOTHING_BEYOND && offset <= last;
       offset += PIECE_SIZE)
    ferryd_fake_fetch_body (fetch, (guint64) offset, bytes + offset,
                            (gsize) MIN (PIECE_SIZE, last - offset + 1));
  ferryd_fake_fetch_end (fetch, FERRYD_BODY_END_PROVED);
}
