/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferry-cmd-operation.h"

#include <glib/gi18n.h>

#include "ferry-cmd-util.h"

/* Characters of a whole id. */
#define ID_LENGTH 32

/**
 * ferry_cmd_match_prefix:
 * @ids: (array zero-terminated=1): all there are
 * @prefix: how one of them begins
 * @error: (nullable): of G_OPTION_ERROR when there are several, of FERRY_ERROR when there is none
 *
 * Returns: (transfer full): the one id that begins with @prefix, or NULL with @error
 */
char *
ferry_cmd_match_prefix (const char *const *ids, const char *prefix, GError **error)
{
  const char *found = NULL;

  for (guint i = 0; ids[i] != NULL; i++)
    {
      if (!g_str_has_prefix (ids[i], prefix))
        continue;
      if (found != NULL)
        {
          g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       _ ("More than one id begins with “%s”, %.*s and %.*s among them: give more of it"),
                       prefix, FERRY_CMD_SHORT_ID, found, FERRY_CMD_SHORT_ID, ids[i]);
          return NULL;
        }
      found = ids[i];
    }
  if (found == NULL)
    g_set_error (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND, _ ("There is no operation “%s”"), prefix);
  return g_strdup (found);
}

static char *
complete_id (const char *prefix, GError **error)
{
  static const char *const properties[] = { "Id", NULL };
  g_autoptr (GListModel) list = ferry_cmd_query (ferry_cmd_filter (NULL, NULL, properties), error);
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);

  if (list == NULL)
    return NULL;
  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (FerryOperation) operation = g_list_model_get_item (list, i);

      g_ptr_array_add (ids, g_strdup (ferry_operation_get_id (operation)));
    }
  g_ptr_array_add (ids, NULL);
  return ferry_cmd_match_prefix ((const char *const *) ids->pdata, prefix, error);
}

/**
 * ferry_cmd_find:
 * @prefix: an id or how it begins
 * @error: (nullable):
 *
 * Returns: (transfer full): the operation, with all its properties, or NULL with @error
 */
FerryOperation *
ferry_cmd_find (const char *prefix, GError **error)
{
  g_autofree char *given = g_ascii_strdown (prefix, -1);
  g_autofree char *id = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  if (given[0] == '\0' || strspn (given, "0123456789abcdef") != strlen (given) || strlen (given) > ID_LENGTH)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("“%s” is not the beginning of an id: “ferry list” shows them"), prefix);
      return NULL;
    }
  id = strlen (given) == ID_LENGTH ? g_steal_pointer (&given) : complete_id (given, error);
  if (id == NULL)
    return NULL;
  ferry_operation_get_async (id, NULL, ferry_cmd_keep_result, &result);
  ferry_cmd_await (&result);
  return ferry_operation_get_finish (result, error);
}

/**
 * ferry_cmd_short_id:
 * @operation: an operation
 *
 * Returns: (transfer full): the beginning of its id
 */
char *
ferry_cmd_short_id (FerryOperation *operation)
{
  return g_strndup (ferry_operation_get_id (operation), FERRY_CMD_SHORT_ID);
}

/**
 * ferry_cmd_name:
 * @operation: an operation
 *
 * Returns: (transfer full): what it is called in a list: its title, or its file, or its URI
 */
char *
ferry_cmd_name (FerryOperation *operation)
{
  const char *title = ferry_operation_get_title (operation);
  const char *destination, *suggested, *source;

  if (title[0] != '\0')
    return g_strdup (title);
  if (FERRY_IS_DOWNLOAD (operation))
    {
      destination = ferry_download_get_destination (FERRY_DOWNLOAD (operation));
      suggested = ferry_download_get_suggested_name (FERRY_DOWNLOAD (operation));
      if (destination[0] != '\0' && !g_str_has_suffix (destination, "/"))
        return g_path_get_basename (destination);
      if (suggested[0] != '\0')
        return g_strdup (suggested);
    }
  else
    {
      source = ferry_upload_get_source (FERRY_UPLOAD (operation));
      if (source[0] != '\0')
        return g_path_get_basename (source);
    }
  return g_strdup (ferry_operation_get_uri (operation));
}

/**
 * ferry_cmd_get_bytes:
 * @operation: an operation
 * @moved: (out): bytes that have come, or of an upload gone
 * @total: (out): how many there will be, -1 when not known
 *
 * Says how far it is.
 */
void
ferry_cmd_get_bytes (FerryOperation *operation, gint64 *moved, gint64 *total)
{
  gboolean upload = FERRY_IS_UPLOAD (operation);

  *moved =
      upload ? ferry_operation_get_bytes_sent (operation) : ferry_operation_get_bytes_received (operation);
  *total = upload ? ferry_operation_get_total_bytes_to_send (operation)
                  : ferry_operation_get_total_bytes_to_receive (operation);
}

/**
 * ferry_cmd_figures:
 * @operation: an operation
 * @name: what to call it
 * @figures: (out caller-allocates): what is known; borrows @name and from @operation
 *
 * Gathers what a line about it says.
 */
void
ferry_cmd_figures (FerryOperation *operation, const char *name, FerryCmdFigures *figures)
{
  gboolean runs = ferry_operation_get_state (operation) == FERRY_STATE_RUNNING;

  *figures = (FerryCmdFigures){
    .name = name,
    .waits_for = runs ? NULL : ferry_operation_get_state_reason (operation),
    .speed = ferry_operation_get_speed (operation),
    .remaining = ferry_operation_get_time_remaining (operation),
  };
  ferry_cmd_get_bytes (operation, &figures->received, &figures->total);
}

/**
 * ferry_cmd_state:
 * @operation: an operation
 *
 * Returns: (transfer none): its state, as the bus has it
 */
const char *
ferry_cmd_state (FerryOperation *operation)
{
  return ferry_enum_to_nick (FERRY_TYPE_STATE, ferry_operation_get_state (operation));
}

/**
 * ferry_cmd_filter:
 * @group: (nullable): only those of this group
 * @states: (nullable): only those in one of these states
 * @properties: (nullable): what is needed of each; NULL for everything
 *
 * Returns: (transfer floating): a filter among every application's operations
 */
GVariant *
ferry_cmd_filter (const char *group, GStrv states, const char *const *properties)
{
  g_auto (GVariantDict) filter = G_VARIANT_DICT_INIT (NULL);

  g_variant_dict_insert (&filter, "all", "b", TRUE);
  if (group != NULL)
    g_variant_dict_insert (&filter, "group", "s", group);
  if (states != NULL)
    g_variant_dict_insert (&filter, "states", "^as", states);
  if (properties != NULL)
    g_variant_dict_insert (&filter, "properties", "^as", properties);
  return g_variant_dict_end (&filter);
}

static int
compare_ages (gconstpointer a, gconstpointer b, gpointer user_data)
{
  g_autoptr (GDateTime) first = ferry_operation_get_created (FERRY_OPERATION ((gpointer) a));
  g_autoptr (GDateTime) second = ferry_operation_get_created (FERRY_OPERATION ((gpointer) b));

  return first != NULL && second != NULL ? g_date_time_compare (first, second) : 0;
}

/**
 * ferry_cmd_query:
 * @filter: as of ferry_cmd_filter(); consumed if floating
 * @error: (nullable):
 *
 * Returns: (transfer full): downloads and uploads, oldest first if the filter asks for Created, or NULL with
 * @error
 */
GListModel *
ferry_cmd_query (GVariant *filter, GError **error)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (filter);
  g_autoptr (FerryFactory) downloader = FERRY_FACTORY (ferry_downloader_new ());
  g_autoptr (FerryFactory) uploader = FERRY_FACTORY (ferry_uploader_new ());
  FerryFactory *const factories[] = { downloader, uploader };
  GAsyncResult *results[G_N_ELEMENTS (factories)] = { NULL };
  g_autoptr (GListStore) all = g_list_store_new (FERRY_TYPE_OPERATION);
  gboolean failed = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (factories); i++)
    ferry_factory_query_async (factories[i], owned, NULL, ferry_cmd_keep_result, &results[i]);
  for (guint i = 0; i < G_N_ELEMENTS (factories); i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GListModel) some = NULL;

      ferry_cmd_await (&results[i]);
      result = results[i];
      /* The first error is enough to tell. */
      some = ferry_factory_query_finish (factories[i], result, failed ? NULL : error);
      failed |= some == NULL;
      for (guint j = 0; some != NULL && j < g_list_model_get_n_items (some); j++)
        {
          g_autoptr (FerryOperation) operation = g_list_model_get_item (some, j);

          g_list_store_append (all, operation);
        }
    }
  if (failed)
    return NULL;
  g_list_store_sort (all, compare_ages, NULL);
  return G_LIST_MODEL (g_steal_pointer (&all));
}
