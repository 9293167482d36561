/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-answer-copy.h"

/**
 * ferryd_answer_copy:
 * @answer: an answer
 *
 * Returns: (transfer full): a copy that owns what it points to
 */
FerrydAnswer *
ferryd_answer_copy (const FerrydAnswer *answer)
{
  FerrydAnswer *copy = g_new (FerrydAnswer, 1);

  *copy = *answer;
  copy->uri = g_strdup (answer->uri);
  copy->headers = answer->headers != NULL ? g_variant_ref_sink (answer->headers) : NULL;
  copy->validator = g_strdup (answer->validator);
  copy->etag = g_strdup (answer->etag);
  copy->last_modified = g_strdup (answer->last_modified);
  copy->digest = g_strdup (answer->digest);
  copy->suggested_name = g_strdup (answer->suggested_name);
  copy->remote_address = g_strdup (answer->remote_address);
  return copy;
}

/**
 * ferryd_answer_free:
 * @answer: (transfer full): a copy
 */
void
ferryd_answer_free (FerrydAnswer *answer)
{
  g_free ((char *) answer->uri);
  g_clear_pointer (&answer->headers, g_variant_unref);
  g_free ((char *) answer->validator);
  g_free ((char *) answer->etag);
  g_free ((char *) answer->last_modified);
  g_free ((char *) answer->digest);
  g_free ((char *) answer->suggested_name);
  g_free ((char *) answer->remote_address);
  g_free (answer);
}
