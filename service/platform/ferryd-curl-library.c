/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-curl-library.h"

#include "ferryd-library.h"

#define SONAME "libcurl-gnutls.so.4"

static gboolean
load (FerrydCurlLibrary *library)
{
  static const FerrydSymbol symbols[] = {
    FERRYD_SYMBOL (FerrydCurlLibrary, curl_global_init),
    FERRYD_SYMBOL (FerrydCurlLibrary, curl_easy_init),
    FERRYD_SYMBOL (FerrydCurlLibrary, curl_easy_setopt),
    FERRYD_SYMBOL (FerrydCurlLibrary, curl_easy_perform),
    FERRYD_SYMBOL (FerrydCurlLibrary, curl_easy_getinfo),
    FERRYD_SYMBOL (FerrydCurlLibrary, curl_easy_cleanup),
  };
  g_autoptr (GError) error = NULL;

  if (!ferryd_library_load (SONAME, symbols, G_N_ELEMENTS (symbols), library, &error))
    {
      g_warning ("FTP is not possible: %s", error->message);
      return FALSE;
    }
  return library->curl_global_init (CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

/**
 * ferryd_curl_library_get:
 *
 * Loads libcurl when it is asked for first, which blocks. To be called in a thread where that does not
 * matter.
 *
 * Returns: (nullable): libcurl; %NULL where it is not installed, or not yet
 */
const FerrydCurlLibrary *
ferryd_curl_library_get (void)
{
  static GMutex lock;
  static FerrydCurlLibrary library;
  static gboolean loaded;
  gboolean found;

  g_mutex_lock (&lock);
  loaded = loaded || load (&library);
  found = loaded;
  g_mutex_unlock (&lock);
  return found ? &library : NULL;
}
