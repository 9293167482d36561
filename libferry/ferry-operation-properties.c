/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-enum-types.h"
#include "ferry-names.h"
#include "ferry-operation-private.h"

/* Every property of Operation and of the interfaces that say what kind of operation it is. */

#define OPERATION FERRY_OPERATION_INTERFACE
#define DOWNLOAD FERRY_DOWNLOAD_OPERATION_INTERFACE
#define UPLOAD FERRY_UPLOAD_OPERATION_INTERFACE

static const FerryPropertySpec specs[] = {
  { OPERATION, "Id", "s", "id", FERRY_PROPERTY_STRING },
  { OPERATION, "Kind", "s", "kind", FERRY_PROPERTY_ENUM, ferry_kind_get_type },
  { OPERATION, "Uri", "s", "uri", FERRY_PROPERTY_STRING },
  { OPERATION, "Method", "s", "method", FERRY_PROPERTY_STRING },
  { OPERATION, "Group", "s", "group", FERRY_PROPERTY_STRING },
  { OPERATION, "ApplicationId", "s", "application-id", FERRY_PROPERTY_STRING },
  { OPERATION, "Title", "s", "title", FERRY_PROPERTY_STRING },
  { OPERATION, "CompletionGroup", "o", "completion-group", FERRY_PROPERTY_STRING },
  { OPERATION, "State", "s", "state", FERRY_PROPERTY_ENUM, ferry_state_get_type },
  { OPERATION, "StateReason", "s", "state-reason", FERRY_PROPERTY_STRING },
  { OPERATION, "BlockedBy", "as", "blocked-by", FERRY_PROPERTY_STRV },
  { OPERATION, "Priority", "s", "priority", FERRY_PROPERTY_ENUM, ferry_priority_get_type },
  { OPERATION, "CostPolicy", "s", "cost-policy", FERRY_PROPERTY_ENUM, ferry_cost_policy_get_type },
  { OPERATION, "MaxSpeed", "t", "max-speed", FERRY_PROPERTY_INT64 },
  { OPERATION, "RecoverableErrors", "as", "recoverable-errors", FERRY_PROPERTY_STRV },
  { OPERATION, "Options", "a{sv}", "options", FERRY_PROPERTY_VARIANT },
  { OPERATION, "BytesReceived", "t", "bytes-received", FERRY_PROPERTY_INT64 },
  { OPERATION, "BytesSent", "t", "bytes-sent", FERRY_PROPERTY_INT64 },
  { OPERATION, "TotalBytesToReceive", "x", "total-bytes-to-receive", FERRY_PROPERTY_INT64 },
  { OPERATION, "TotalBytesToSend", "x", "total-bytes-to-send", FERRY_PROPERTY_INT64 },
  { OPERATION, "Speed", "t", "speed", FERRY_PROPERTY_INT64 },
  { OPERATION, "TimeRemaining", "x", "time-remaining", FERRY_PROPERTY_INT64 },
  { OPERATION, "Response", "a{sv}", "response", FERRY_PROPERTY_VARIANT },
  { OPERATION, "Restarts", "u", "restarts", FERRY_PROPERTY_UINT },
  { OPERATION, "Attempt", "u", "attempt", FERRY_PROPERTY_UINT },
  { OPERATION, "RetryAt", "x", "retry-at", FERRY_PROPERTY_TIME },
  { OPERATION, "ErrorStatus", "s", "error-status", FERRY_PROPERTY_STRING },
  { OPERATION, "ErrorMessage", "s", "error-message", FERRY_PROPERTY_STRING },
  { OPERATION, "Unconstrained", "b", "unconstrained", FERRY_PROPERTY_BOOLEAN },
  { OPERATION, "Metadata", "a{sv}", "metadata", FERRY_PROPERTY_VARIANT },
  { OPERATION, "Created", "x", "created", FERRY_PROPERTY_TIME },
  { OPERATION, "Finished", "x", "finished", FERRY_PROPERTY_TIME },
  { DOWNLOAD, "Destination", "s", "destination", FERRY_PROPERTY_STRING },
  { DOWNLOAD, "SuggestedName", "s", "suggested-name", FERRY_PROPERTY_STRING },
  { DOWNLOAD, "Ranges", "a(tt)", "ranges", FERRY_PROPERTY_VARIANT },
  { DOWNLOAD, "RandomAccess", "b", "random-access", FERRY_PROPERTY_BOOLEAN },
  { UPLOAD, "Source", "s", "source", FERRY_PROPERTY_STRING },
};

/**
 * ferry_operation_get_specs:
 * @n_specs: (out): its length
 *
 * Returns: (transfer none) (array length=n_specs): the table of properties of every kind of operation
 */
const FerryPropertySpec *
ferry_operation_get_specs (guint *n_specs)
{
  *n_specs = G_N_ELEMENTS (specs);
  return specs;
}

/**
 * ferry_operation_complete_filter:
 * @filter: (nullable): an a{sv} as List, Watch and ForEach have it; consumed if floating
 *
 * Returns: (transfer full): @filter, which asks for every property unless it names some, and always for Kind,
 * by which the library knows of what class an operation is
 */
GVariant *
ferry_operation_complete_filter (GVariant *filter)
{
  g_autoptr (GVariant) owned = filter != NULL ? g_variant_ref_sink (filter) : NULL;
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (owned);
  g_auto (GVariantBuilder) names = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_STRING_ARRAY);
  g_autofree const char **given = NULL;

  if (g_variant_dict_lookup (&dict, "properties", "^a&s", &given))
    {
      for (guint i = 0; given[i] != NULL; i++)
        g_variant_builder_add (&names, "s", given[i]);
      if (!g_strv_contains (given, "Kind"))
        g_variant_builder_add (&names, "s", "Kind");
    }
  else
    {
      for (guint i = 0; i < G_N_ELEMENTS (specs); i++)
        g_variant_builder_add (&names, "s", specs[i].dbus_name);
    }
  g_variant_dict_insert_value (&dict, "properties", g_variant_builder_end (&names));
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}
