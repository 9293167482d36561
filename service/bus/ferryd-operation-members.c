/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-enum-types.h"
#include "ferry-error.h"
#include "ferry-names.h"
#include "ferry-options.h"
#include "ferryd-descriptors.h"
#include "ferryd-members.h"
#include "ferryd-operation-properties.h"

/* Verbs, and who is told. */

static void
on_attached (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydCall *call = user_data;
  g_autoptr (FerrydCaller) caller = ferryd_caller_ref (call->caller);
  g_autoptr (GArray) late = NULL;
  GError *error = NULL;

  if (!ferryd_subscribers_attach_finish (FERRYD_SUBSCRIBERS (source), result, &late, &error))
    {
      ferryd_members_fail (call, error);
      return;
    }
  ferryd_call_reply (call, NULL);
  ferryd_subscribers_tell_ended (FERRYD_SUBSCRIBERS (source), caller, late);
}

static FerrydAttaching *
begin_attaching (FerrydMembers *members, FerrydCall *call)
{
  return ferryd_subscribers_begin_attaching (members->subscribers, call->caller, &call->operation);
}

static void
attach (FerrydAttaching *attaching, FerrydCall *call)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (FerrydId));

  g_array_append_val (ids, call->operation);
  ferryd_subscribers_attach_async (attaching, ids, on_attached, call);
}

/**
 * ferryd_operation_attach:
 * @members: what it works with
 * @call: (transfer full): Attach
 */
void
ferryd_operation_attach (FerrydMembers *members, FerrydCall *call)
{
  attach (begin_attaching (members, call), call);
}

/**
 * ferryd_operation_detach:
 * @members: what it works with
 * @call: (transfer full): Detach
 */
void
ferryd_operation_detach (FerrydMembers *members, FerrydCall *call)
{
  ferryd_subscribers_detach (members->subscribers, call->caller, &call->operation);
  ferryd_call_reply (call, NULL);
}

static void
on_verb_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydCall *call = user_data;
  GError *error = NULL;

  if (ferryd_queue_verb_finish (FERRYD_QUEUE (source), result, &error))
    ferryd_call_reply (call, NULL);
  else
    ferryd_members_fail (call, error);
}

/**
 * ferryd_operation_verb:
 * @members: what it works with
 * @call: (transfer full): Pause, Resume, Cancel or Remove
 */
void
ferryd_operation_verb (FerrydMembers *members, FerrydCall *call)
{
  g_autofree char *nick = g_ascii_strdown (call->member, -1);
  int verb = FERRY_VERB_PAUSE;

  ferry_enum_from_nick (FERRY_TYPE_VERB, nick, &verb);
  ferryd_queue_verb_async (members->queue, &call->operation, verb, on_verb_done, call);
}

typedef struct
{
  FerrydAttaching *attaching; /* (owned) */
  FerrydCall *call;           /* (owned) */
} Starting;

static void
on_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Starting *starting = user_data;
  GError *error = NULL;

  if (ferryd_queue_verb_finish (FERRYD_QUEUE (source), result, &error))
    attach (starting->attaching, starting->call);
  else
    {
      ferryd_attaching_free (starting->attaching);
      ferryd_members_fail (starting->call, error);
    }
}

/**
 * ferryd_operation_start:
 * @members: what it works with
 * @call: (transfer full): Start
 */
void
ferryd_operation_start (FerrydMembers *members, FerrydCall *call)
{
  Starting *starting = g_new (Starting, 1);

  *starting = (Starting){ begin_attaching (members, call), call };
  ferryd_queue_verb_async (members->queue, &call->operation, FERRY_VERB_START, on_started, starting);
}

/* The result. */

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydCall *call = user_data;
  GError *error = NULL;
  int descriptor = ferryd_queue_open_result_finish (FERRYD_QUEUE (source), result, &error);

  if (descriptor >= 0)
    ferryd_call_reply_descriptor (call, descriptor);
  else
    ferryd_members_fail (call, error);
}

/**
 * ferryd_operation_open_result:
 * @members: what it works with
 * @call: (transfer full): OpenResult
 */
void
ferryd_operation_open_result (FerrydMembers *members, FerrydCall *call)
{
  ferryd_queue_open_result_async (members->queue, &call->operation, on_opened, call);
}

static void
on_prioritized (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydCall *call = user_data;
  GError *error = NULL;

  if (ferryd_queue_prioritize_finish (FERRYD_QUEUE (source), result, &error))
    ferryd_call_reply (call, NULL);
  else
    ferryd_members_fail (call, error);
}

/**
 * ferryd_operation_prioritize:
 * @members: what it works with
 * @call: (transfer full): Prioritize
 */
void
ferryd_operation_prioritize (FerrydMembers *members, FerrydCall *call)
{
  guint64 offset;

  g_variant_get (call->arguments, "(t)", &offset);
  ferryd_queue_prioritize_async (members->queue, &call->operation, offset, on_prioritized, call);
}

/* The destination. */

static void
on_destination_set (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydCall *call = user_data;
  GError *error = NULL;

  if (ferryd_queue_set_destination_finish (FERRYD_QUEUE (source), result, &error))
    ferryd_call_reply (call, NULL);
  else
    ferryd_members_fail (call, error);
}

static gboolean
check_leaf_or_path (const char *destination, const FerrydDescriptor *folder, GError **error)
{
  if (destination[0] != '\0')
    return TRUE;
  g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                       folder != NULL
                           ? "destination is empty; with 'destination-dir-fd' right is the name of a file"
                           : "destination is empty; right would be an absolute path, or one of a folder that "
                             "ends in '/'");
  return FALSE;
}

/**
 * ferryd_operation_set_destination:
 * @members: what it works with
 * @call: (transfer full): SetDestination
 */
void
ferryd_operation_set_destination (FerrydMembers *members, FerrydCall *call)
{
  g_autoptr (GVariant) options = NULL;
  g_autoptr (GVariant) checked = NULL;
  g_autoptr (FerrydDescriptor) folder = NULL;
  g_autoptr (GError) error = NULL;
  const char *destination;
  FerryExists exists;

  g_variant_get (call->arguments, "(&s@a{sv})", &destination, &options);
  checked = ferry_options_check (FERRY_OPTIONS_SET_DESTINATION, options, &error);
  if (checked != NULL &&
      ferryd_descriptors_lookup (call->message, checked, "destination-dir-fd", &folder, &error) &&
      check_leaf_or_path (destination, folder, &error) &&
      ferryd_request_read_exists (checked, destination, &exists, &error))
    ferryd_queue_set_destination_async (members->queue, &call->operation, destination, folder, exists,
                                        on_destination_set, call);
  else
    ferryd_call_fail (call, error);
}

/* Edits. */

static void
on_edited (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydCall *call = user_data;
  GError *error = NULL;

  if (ferryd_queue_edit_finish (FERRYD_QUEUE (source), result, &error))
    ferryd_call_reply (call, NULL);
  else
    ferryd_members_fail (call, error);
}

static void
edit (FerrydMembers *members, FerrydCall *call, FerrydEdit edit, GVariant *value)
{
  ferryd_queue_edit_async (members->queue, &call->operation, edit, value, on_edited, call);
}

/**
 * ferryd_operation_set_request_header:
 * @members: what it works with
 * @call: (transfer full): SetRequestHeader
 */
void
ferryd_operation_set_request_header (FerrydMembers *members, FerrydCall *call)
{
  g_autoptr (GError) error = NULL;
  const char *name, *value;

  g_variant_get (call->arguments, "(&s&s)", &name, &value);
  if (ferry_options_check_header (name, value, &error))
    edit (members, call, FERRYD_EDIT_SET_HEADER, g_variant_new ("(ss)", name, value));
  else
    ferryd_call_fail (call, error);
}

/**
 * ferryd_operation_remove_request_header:
 * @members: what it works with
 * @call: (transfer full): RemoveRequestHeader
 */
void
ferryd_operation_remove_request_header (FerrydMembers *members, FerrydCall *call)
{
  g_autoptr (GError) error = NULL;
  const char *name;

  g_variant_get (call->arguments, "(&s)", &name);
  if (ferry_options_check_header (name, "", &error))
    edit (members, call, FERRYD_EDIT_REMOVE_HEADER, g_variant_new_string (name));
  else
    ferryd_call_fail (call, error);
}

/**
 * ferryd_operation_write_uri:
 * @members: what it works with
 * @call: (transfer full): Uri is written
 */
void
ferryd_operation_write_uri (FerrydMembers *members, FerrydCall *call)
{
  const char *uri = g_variant_get_string (call->arguments, NULL);
  g_autoptr (GVariant) credential = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *bare = NULL;

  if (ferry_options_check_uri (FERRY_OPTIONS_DOWNLOAD, uri, &error))
    bare = ferry_uri_split_credential (uri, &credential, &error);
  if (bare != NULL)
    edit (members, call, FERRYD_EDIT_URI, g_variant_new ("(sm@(ss))", bare, credential));
  else
    ferryd_call_fail (call, error);
}

/**
 * ferryd_operation_set_credential:
 * @members: what it works with
 * @call: (transfer full): SetCredential
 */
void
ferryd_operation_set_credential (FerrydMembers *members, FerrydCall *call)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *option = NULL;
  const char *which, *user, *password;

  g_variant_get (call->arguments, "(&s&s&s)", &which, &user, &password);
  if (!g_str_equal (which, "server") && !g_str_equal (which, "proxy"))
    ferryd_call_reject (call, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                        "which: '%.64s' is neither 'server' nor 'proxy'", which);
  else if (!ferry_options_check_credential (user, password, &error))
    ferryd_call_fail (call, error);
  else
    {
      option = g_strconcat (which, "-credential", NULL);
      edit (members, call, FERRYD_EDIT_CREDENTIAL, g_variant_new ("(s(ss))", option, user, password));
    }
}

static void
write_enum (FerrydMembers *members, FerrydCall *call, FerrydEdit what, GType type)
{
  const char *nick = g_variant_get_string (call->arguments, NULL);
  int value;

  if (ferry_enum_from_nick (type, nick, &value))
    edit (members, call, what, g_variant_new_int32 (value));
  else
    {
      g_autofree char *nicks = ferry_enum_list_nicks (type);

      ferryd_call_reject (call, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT, "%s: '%s' is not one of %s",
                          call->member, nick, nicks);
    }
}

/**
 * ferryd_operation_write_priority:
 * @members: what it works with
 * @call: (transfer full): Priority is written
 */
void
ferryd_operation_write_priority (FerrydMembers *members, FerrydCall *call)
{
  write_enum (members, call, FERRYD_EDIT_PRIORITY, FERRY_TYPE_PRIORITY);
}

/**
 * ferryd_operation_write_cost_policy:
 * @members: what it works with
 * @call: (transfer full): CostPolicy is written
 */
void
ferryd_operation_write_cost_policy (FerrydMembers *members, FerrydCall *call)
{
  write_enum (members, call, FERRYD_EDIT_COST_POLICY, FERRY_TYPE_COST_POLICY);
}

/**
 * ferryd_operation_write_max_speed:
 * @members: what it works with
 * @call: (transfer full): MaxSpeed is written
 */
void
ferryd_operation_write_max_speed (FerrydMembers *members, FerrydCall *call)
{
  edit (members, call, FERRYD_EDIT_MAX_SPEED, call->arguments);
}

/**
 * ferryd_operation_write_recoverable_errors:
 * @members: what it works with
 * @call: (transfer full): RecoverableErrors is written
 */
void
ferryd_operation_write_recoverable_errors (FerrydMembers *members, FerrydCall *call)
{
  guint64 set[2] = { 0 };
  GVariantIter iter;
  const char *status;
  FerryTransferError code;

  g_variant_iter_init (&iter, call->arguments);
  while (g_variant_iter_next (&iter, "&s", &status))
    {
      if (!ferry_transfer_error_from_status (status, &code))
        {
          ferryd_call_reject (call, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                              "RecoverableErrors: '%s' is not an error status; 'not-found' would be one",
                              status);
          return;
        }
      set[code / 64] |= G_GUINT64_CONSTANT (1) << (code % 64);
    }
  edit (members, call, FERRYD_EDIT_RECOVERABLE_ERRORS, g_variant_new ("(tt)", set[0], set[1]));
}

/* Properties. */

static FerrydProperties
get_wanted (const FerrydCall *call)
{
  guint index;

  if (call->member == NULL)
    return call->interface[0] != '\0' ? ferryd_operation_properties_of_interface (call->interface)
                                      : ~(FerrydProperties) 0;
  if (ferryd_operation_properties_find (call->interface, call->member, &index))
    return FERRYD_PROPERTY (index);
  return 0;
}

static void
reply_properties (FerrydCall *call, const FerrydDescription *description)
{
  FerrydProperties properties = get_wanted (call) & ferryd_operation_properties_of_kind (description->kind);

  ferryd_call_reply_properties (call, ferryd_operation_properties_to_dict (properties, description));
}

static void
on_described (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydCall *call = user_data;
  GError *error = NULL;
  g_autoptr (GPtrArray) descriptions = ferryd_queue_describe_finish (FERRYD_QUEUE (source), result, &error);
  const FerrydDescription *description = descriptions != NULL ? g_ptr_array_index (descriptions, 0) : NULL;

  if (description != NULL && description->is_complete)
    reply_properties (call, description);
  else if (description != NULL)
    ferryd_call_reject (
        call, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE,
        "What was asked for cannot be read from the store; cancel the operation and create it again");
  else if (error != NULL)
    ferryd_members_fail (call, error);
  else
    ferryd_members_reject_unknown_object (call);
}

/**
 * ferryd_operation_read:
 * @members: what it works with
 * @call: (transfer full): Get or GetAll of properties the operation has
 *
 * Always as things are now.
 */
void
ferryd_operation_read (FerrydMembers *members, FerrydCall *call)
{
  g_autoptr (FerrydDescription) description = ferryd_queue_describe (members->queue, &call->operation);

  if (description != NULL && ferryd_operation_properties_suffice (get_wanted (call), description))
    reply_properties (call, description);
  else
    ferryd_queue_describe_async (members->queue, &call->operation, 1, on_described, call);
}
