/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-options-private.h"

/* Keys that mean nothing together. */
static const struct
{
  FerryOptionsScope scope;
  const char *key, *other;
} exclusive[] = {
  { FERRY_OPTIONS_DOWNLOAD, "destination-fd", "destination-dir-fd" },
  { FERRY_OPTIONS_DOWNLOAD, "exists", "destination-fd" },
  { FERRY_OPTIONS_DOWNLOAD, "body", "body-fd" },
  /* Parts of an answer to a body need not go together. */
  { FERRY_OPTIONS_DOWNLOAD, "mirrors", "body" },
  { FERRY_OPTIONS_DOWNLOAD, "mirrors", "body-fd" },
  { FERRY_OPTIONS_DOWNLOAD, "random-access", "body" },
  { FERRY_OPTIONS_DOWNLOAD, "random-access", "body-fd" },
  { FERRY_OPTIONS_PART, "file", "file-fd" },
  { FERRY_OPTIONS_PART, "file", "text" },
  { FERRY_OPTIONS_PART, "file-fd", "text" },
};

/* Keys that mean nothing without another. */
static const struct
{
  FerryOptionsScope scope;
  const char *key, *needs;
} dependent[] = {
  { FERRY_OPTIONS_COMPLETION_GROUP, "handler-path", "handler-name" },
  { FERRY_OPTIONS_COMPLETION_GROUP, "handler-action", "handler-name" },
};

/* (transfer none) (nullable) */
static GVariant *
lookup (FerryOptionsScope scope, GPtrArray *values, const char *key)
{
  int row = ferry_options_find_row (scope, key);

  return row >= 0 ? g_ptr_array_index (values, row) : NULL;
}

static gboolean
check_download_combinations (GPtrArray *values, GError **error)
{
  static const char *const get_only[] = { "mirrors", "random-access" };
  GVariant *method = lookup (FERRY_OPTIONS_DOWNLOAD, values, "method");

  if (method == NULL || strcmp (g_variant_get_string (method, NULL), "GET") == 0)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (get_only); i++)
    {
      if (lookup (FERRY_OPTIONS_DOWNLOAD, values, get_only[i]) == NULL)
        continue;
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                   "Option '%s' means nothing with method '%s': leave it out, or use 'GET'", get_only[i],
                   g_variant_get_string (method, NULL));
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_create_combinations (FerryOptionsScope scope, GPtrArray *values, GError **error)
{
  GVariant *not_before = lookup (scope, values, "not-before");
  GVariant *not_after = lookup (scope, values, "not-after");
  GVariant *proxy = lookup (scope, values, "proxy");

  if (not_before != NULL && not_after != NULL &&
      g_variant_get_int64 (not_after) <= g_variant_get_int64 (not_before))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                   "Option 'not-after' is %" G_GINT64_FORMAT
                   ", must be later than 'not-before', %" G_GINT64_FORMAT,
                   g_variant_get_int64 (not_after), g_variant_get_int64 (not_before));
      return FALSE;
    }
  if (proxy != NULL && lookup (scope, values, "proxy-credential") != NULL &&
      strchr (g_variant_get_string (proxy, NULL), '@') != NULL)
    {
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                           "Option 'proxy-credential' is a second credential beside the one in 'proxy': "
                           "give user and password once");
      return FALSE;
    }
  return TRUE;
}

/**
 * ferry_options_check_combinations:
 * @scope: one scope
 * @values: (element-type GVariant): one entry a row of the table, each found right, NULL where its key was
 *   not given or asks for nothing
 * @error: (nullable): which keys do not go together
 *
 * Returns: whether they mean something together
 */
gboolean
ferry_options_check_combinations (FerryOptionsScope scope, GPtrArray *values, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (exclusive); i++)
    {
      if (exclusive[i].scope != scope || lookup (scope, values, exclusive[i].key) == NULL ||
          lookup (scope, values, exclusive[i].other) == NULL)
        continue;
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                   "Options '%s' and '%s' mean nothing together: give one of them", exclusive[i].key,
                   exclusive[i].other);
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (dependent); i++)
    {
      if (dependent[i].scope != scope || lookup (scope, values, dependent[i].key) == NULL ||
          lookup (scope, values, dependent[i].needs) != NULL)
        continue;
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                   "Option '%s' means nothing without '%s': give both or neither", dependent[i].key,
                   dependent[i].needs);
      return FALSE;
    }
  if (scope == FERRY_OPTIONS_PART && lookup (scope, values, "file") == NULL &&
      lookup (scope, values, "file-fd") == NULL && lookup (scope, values, "text") == NULL)
    {
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                           "The part has no content: give one of 'file', 'file-fd' and 'text'");
      return FALSE;
    }
  if ((scope & FERRY_OPTIONS_CREATE) != 0 && !check_create_combinations (scope, values, error))
    return FALSE;
  return scope != FERRY_OPTIONS_DOWNLOAD || check_download_combinations (values, error);
}
