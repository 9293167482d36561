/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-request.h"

static gboolean
refuse (FerryError code, const char *option, GError **error)
{
  g_set_error (error, FERRY_ERROR, code,
               code == FERRY_ERROR_NOT_SUPPORTED
                   ? "Option '%s' is not supported with an ftp URI: 'ca-certificates' is"
                   : "Option '%s' means nothing with an ftp URI: leave it out, or use 'http' or 'https'",
               option);
  return FALSE;
}

/**
 * ferryd_request_check_scheme:
 * @request: a request, as new or as it would be after a change
 * @sends: it has something to send, also where that is not yet looked for
 * @error: return location for a FERRY_ERROR that names what does not go with the URI's scheme
 *
 * Nothing that is asked for is ignored because FTP does not have it.
 *
 * Returns: whether all of it means something together
 */
gboolean
ferryd_request_check_scheme (const FerrydRequest *request, gboolean sends, GError **error)
{
  if (g_ascii_strncasecmp (request->uri, "ftp:", strlen ("ftp:")) != 0)
    return TRUE;
  if (request->kind != FERRY_KIND_DOWNLOAD)
    {
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_NOT_SUPPORTED,
                           "The URI's scheme 'ftp' is not supported for uploads: 'http' and 'https' are");
      return FALSE;
    }
  if (sends)
    return refuse (FERRY_ERROR_INVALID_ARGUMENT,
                   g_variant_lookup (request->options, "body", "s", NULL) ? "body" : "body-fd", error);
  if (request->method != NULL && !g_str_equal (request->method, "GET"))
    return refuse (FERRY_ERROR_INVALID_ARGUMENT, "method", error);
  if (request->headers != NULL && g_variant_n_children (request->headers) > 0)
    return refuse (FERRY_ERROR_INVALID_ARGUMENT, "headers", error);
  if (request->mirrors != NULL && request->mirrors[0] != NULL)
    return refuse (FERRY_ERROR_INVALID_ARGUMENT, "mirrors", error);
  if (request->random_access)
    return refuse (FERRY_ERROR_INVALID_ARGUMENT, "random-access", error);
  if (request->peers != NULL && request->peers->fingerprint != NULL)
    return refuse (FERRY_ERROR_NOT_SUPPORTED, "certificate-fingerprint", error);
  return TRUE;
}
