/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-operation-properties.h"

#include <string.h>

#include "ferry-enum-types.h"
#include "ferry-enums.h"
#include "ferry-error.h"
#include "ferry-names.h"
#include "ferryd-paths.h"

static GVariant *
nick_of (GType enum_type, int value)
{
  return g_variant_new_string (ferry_enum_to_nick (enum_type, value));
}

static GVariant *
string_of (const char *text)
{
  return g_variant_new_string (text != NULL ? text : "");
}

static GVariant *
get_id (const FerrydDescription *d)
{
  char text[FERRYD_ID_TEXT_SIZE];

  ferryd_id_format (&d->id, text);
  return g_variant_new_string (text);
}

static GVariant *
get_kind (const FerrydDescription *d)
{
  return nick_of (FERRY_TYPE_KIND, d->kind);
}

static GVariant *
get_uri (const FerrydDescription *d)
{
  return string_of (d->request->uri);
}

static GVariant *
get_method (const FerrydDescription *d)
{
  return string_of (d->request->method);
}

static GVariant *
get_group (const FerrydDescription *d)
{
  return string_of (d->group);
}

static GVariant *
get_application (const FerrydDescription *d)
{
  return string_of (d->application);
}

static GVariant *
get_title (const FerrydDescription *d)
{
  return string_of (d->request->title);
}

static GVariant *
get_completion_group (const FerrydDescription *d)
{
  static const FerrydId none = { { 0 } };
  g_autofree char *path = NULL;

  if (ferryd_id_equal (&d->completion_group, &none))
    return g_variant_new_object_path ("/");
  path = ferryd_paths_of_completion_group (&d->completion_group);
  return g_variant_new_object_path (path);
}

static GVariant *
get_state (const FerrydDescription *d)
{
  return nick_of (FERRY_TYPE_STATE, d->state);
}

static GVariant *
get_state_reason (const FerrydDescription *d)
{
  return g_variant_new_take_string (ferryd_description_get_reason (d));
}

static GVariant *
get_blocked_by (const FerrydDescription *d)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("as"));
  for (int cause = 0; cause < FERRY_N_CAUSES; cause++)
    {
      if ((d->causes & FERRYD_CAUSE (cause)) != 0)
        g_variant_builder_add_value (&builder, nick_of (FERRY_TYPE_CAUSE, cause));
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
get_priority (const FerrydDescription *d)
{
  return nick_of (FERRY_TYPE_PRIORITY, d->priority);
}

static GVariant *
get_cost_policy (const FerrydDescription *d)
{
  return nick_of (FERRY_TYPE_COST_POLICY, d->cost_policy);
}

static GVariant *
get_max_speed (const FerrydDescription *d)
{
  return g_variant_new_uint64 (d->max_speed);
}

static GVariant *
get_recoverable_errors (const FerrydDescription *d)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("as"));
  for (int code = 0; code < FERRY_N_TRANSFER_ERRORS; code++)
    {
      if (ferryd_request_is_recoverable (d->request, code))
        g_variant_builder_add_value (&builder, nick_of (FERRY_TYPE_TRANSFER_ERROR, code));
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
get_options (const FerrydDescription *d)
{
  return d->request->options;
}

static GVariant *
get_bytes_received (const FerrydDescription *d)
{
  return g_variant_new_uint64 (d->bytes_received);
}

static GVariant *
get_total_to_receive (const FerrydDescription *d)
{
  return g_variant_new_int64 (d->total_to_receive);
}

static GVariant *
get_bytes_sent (const FerrydDescription *d)
{
  return g_variant_new_uint64 (d->bytes_sent);
}

static GVariant *
get_total_to_send (const FerrydDescription *d)
{
  return g_variant_new_int64 (d->total_to_send);
}

static GVariant *
get_speed (const FerrydDescription *d)
{
  return g_variant_new_uint64 (d->speed);
}

static GVariant *
get_time_remaining (const FerrydDescription *d)
{
  return g_variant_new_int64 (d->time_remaining);
}

static GVariant *
get_response (const FerrydDescription *d)
{
  return d->response != NULL ? d->response : g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0);
}

static GVariant *
get_restarts (const FerrydDescription *d)
{
  return g_variant_new_uint32 (d->restarts);
}

static GVariant *
get_attempt (const FerrydDescription *d)
{
  return g_variant_new_uint32 (d->attempt);
}

static GVariant *
get_retry_at (const FerrydDescription *d)
{
  return g_variant_new_int64 (d->retry_at);
}

static GVariant *
get_error_status (const FerrydDescription *d)
{
  return string_of (d->error_status < 0 ? NULL : ferry_transfer_error_to_status (d->error_status));
}

static GVariant *
get_error_message (const FerrydDescription *d)
{
  return string_of (d->error_message);
}

static GVariant *
get_unconstrained (const FerrydDescription *d)
{
  return g_variant_new_boolean (d->unconstrained);
}

static GVariant *
get_metadata (const FerrydDescription *d)
{
  return d->request->metadata;
}

static GVariant *
get_created (const FerrydDescription *d)
{
  return g_variant_new_int64 (d->created);
}

static GVariant *
get_finished (const FerrydDescription *d)
{
  return g_variant_new_int64 (d->finished);
}

/* Of a download its destination, of an upload its source. */
static GVariant *
get_file (const FerrydDescription *d)
{
  return string_of (d->destination);
}

static GVariant *
get_suggested_name (const FerrydDescription *d)
{
  return string_of (d->suggested_name);
}

static GVariant *
get_ranges (const FerrydDescription *d)
{
  if (d->ranges == NULL)
    return g_variant_new_array (G_VARIANT_TYPE ("(tt)"), NULL, 0);
  return ferryd_ranges_to_variant (d->ranges);
}

static GVariant *
get_random_access (const FerrydDescription *d)
{
  return g_variant_new_boolean (d->request->random_access);
}

#define OPERATION FERRY_OPERATION_INTERFACE
#define DOWNLOAD FERRY_DOWNLOAD_OPERATION_INTERFACE
#define UPLOAD FERRY_UPLOAD_OPERATION_INTERFACE
#define COMPLETE FERRYD_PROPERTY_COMPLETE
#define COUNTER FERRYD_PROPERTY_COUNTER
#define SILENT FERRYD_PROPERTY_SILENT
#define CAUSE FERRYD_PROPERTY_CAUSE

static const FerrydProperty property_table[] = {
  { OPERATION, "Id", "s", 0, get_id },
  { OPERATION, "Kind", "s", 0, get_kind },
  { OPERATION, "Uri", "s", COMPLETE, get_uri },
  { OPERATION, "Method", "s", COMPLETE, get_method },
  { OPERATION, "Group", "s", 0, get_group },
  { OPERATION, "ApplicationId", "s", 0, get_application },
  { OPERATION, "Title", "s", COMPLETE, get_title },
  { OPERATION, "CompletionGroup", "o", 0, get_completion_group },
  { OPERATION, "State", "s", 0, get_state },
  { OPERATION, "StateReason", "s", COMPLETE | CAUSE, get_state_reason },
  { OPERATION, "BlockedBy", "as", CAUSE, get_blocked_by },
  { OPERATION, "Priority", "s", 0, get_priority },
  { OPERATION, "CostPolicy", "s", 0, get_cost_policy },
  { OPERATION, "MaxSpeed", "t", 0, get_max_speed },
  { OPERATION, "RecoverableErrors", "as", COMPLETE, get_recoverable_errors },
  { OPERATION, "Options", "a{sv}", COMPLETE, get_options },
  { OPERATION, "BytesReceived", "t", COUNTER, get_bytes_received },
  { OPERATION, "TotalBytesToReceive", "x", COUNTER, get_total_to_receive },
  { OPERATION, "BytesSent", "t", COUNTER, get_bytes_sent },
  { OPERATION, "TotalBytesToSend", "x", COUNTER, get_total_to_send },
  { OPERATION, "Speed", "t", COUNTER, get_speed },
  { OPERATION, "TimeRemaining", "x", COUNTER, get_time_remaining },
  { OPERATION, "Response", "a{sv}", COMPLETE, get_response },
  { OPERATION, "Restarts", "u", 0, get_restarts },
  { OPERATION, "Attempt", "u", 0, get_attempt },
  { OPERATION, "RetryAt", "x", 0, get_retry_at },
  { OPERATION, "ErrorStatus", "s", 0, get_error_status },
  { OPERATION, "ErrorMessage", "s", COMPLETE, get_error_message },
  { OPERATION, "Unconstrained", "b", 0, get_unconstrained },
  { OPERATION, "Metadata", "a{sv}", COMPLETE, get_metadata },
  { OPERATION, "Created", "x", 0, get_created },
  { OPERATION, "Finished", "x", 0, get_finished },
  { DOWNLOAD, "Destination", "s", COMPLETE, get_file },
  { DOWNLOAD, "SuggestedName", "s", COMPLETE, get_suggested_name },
  { DOWNLOAD, "Ranges", "a(tt)", COMPLETE | SILENT, get_ranges },
  { DOWNLOAD, "RandomAccess", "b", COMPLETE, get_random_access },
  { UPLOAD, "Source", "s", COMPLETE, get_file },
};

G_STATIC_ASSERT (G_N_ELEMENTS (property_table) <= 8 * sizeof (FerrydProperties));

/**
 * ferryd_operation_properties_get_table:
 * @n_properties: (out): rows
 *
 * Returns: (transfer none) (array length=n_properties): every property of operations
 */
const FerrydProperty *
ferryd_operation_properties_get_table (guint *n_properties)
{
  *n_properties = G_N_ELEMENTS (property_table);
  return property_table;
}

/**
 * ferryd_operation_properties_find:
 * @interface: (nullable): where it is, NULL for anywhere (names are unique)
 * @name: a name
 * @index: (out): its row
 *
 * Returns: whether there is such a property
 */
gboolean
ferryd_operation_properties_find (const char *interface, const char *name, guint *index)
{
  for (guint i = 0; i < G_N_ELEMENTS (property_table); i++)
    {
      if (strcmp (property_table[i].name, name) == 0 &&
          (interface == NULL || strcmp (property_table[i].interface, interface) == 0))
        {
          *index = i;
          return TRUE;
        }
    }
  return FALSE;
}

/**
 * ferryd_operation_properties_of_interface:
 * @interface: an interface of operations
 *
 * Returns: its properties
 */
FerrydProperties
ferryd_operation_properties_of_interface (const char *interface)
{
  FerrydProperties properties = 0;

  for (guint i = 0; i < G_N_ELEMENTS (property_table); i++)
    {
      if (strcmp (property_table[i].interface, interface) == 0)
        properties |= FERRYD_PROPERTY (i);
    }
  return properties;
}

/**
 * ferryd_operation_properties_of_kind:
 * @kind: a kind of operations
 *
 * Returns: the properties that one of them has
 */
FerrydProperties
ferryd_operation_properties_of_kind (FerryKind kind)
{
  return ferryd_operation_properties_of_interface (OPERATION) |
         ferryd_operation_properties_of_interface (kind == FERRY_KIND_DOWNLOAD ? DOWNLOAD : UPLOAD);
}

/**
 * ferryd_operation_properties_with_flags:
 * @flags: flags
 *
 * Returns: the properties that have any of @flags
 */
FerrydProperties
ferryd_operation_properties_with_flags (FerrydPropertyFlags flags)
{
  FerrydProperties properties = 0;

  for (guint i = 0; i < G_N_ELEMENTS (property_table); i++)
    {
      if ((property_table[i].flags & flags) != 0)
        properties |= FERRYD_PROPERTY (i);
    }
  return properties;
}

/**
 * ferryd_operation_properties_suffice:
 * @properties: properties somebody wants
 * @description: an operation
 *
 * Returns: whether all of them can be had from @description
 */
gboolean
ferryd_operation_properties_suffice (FerrydProperties properties, const FerrydDescription *description)
{
  return description->is_complete ||
         (properties & ferryd_operation_properties_with_flags (FERRYD_PROPERTY_COMPLETE)) == 0;
}

/**
 * ferryd_operation_properties_to_dict:
 * @properties: properties somebody wants; those that its kind does not have are left out
 * @description: an operation, which suffices for them
 *
 * Returns: (transfer floating): their values, a{sv}
 */
GVariant *
ferryd_operation_properties_to_dict (FerrydProperties properties, const FerrydDescription *description)
{
  GVariantBuilder builder;

  properties &= ferryd_operation_properties_of_kind (description->kind);
  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < G_N_ELEMENTS (property_table); i++)
    {
      if ((properties & FERRYD_PROPERTY (i)) != 0)
        g_variant_builder_add (&builder, "{sv}", property_table[i].name, property_table[i].get (description));
    }
  return g_variant_builder_end (&builder);
}
