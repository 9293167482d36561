/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-completion-group.h"

#include "ferry-enum-types.h"
#include "ferry-error.h"

#define BIT(state) (1u << FERRY_COMPLETION_STATE_##state)

static const char *const notification_keys[] = { "success-notification", "failure-notification" };

/* One event: the states it happens in, and the one it leads to. In others it is refused. */
static const struct
{
  const char *name; /* how an error calls it */
  guint from;
  int to; /* -1 where the group goes */
  const char *right;
} rules[FERRYD_N_COMPLETION_EVENTS] = {
  [FERRYD_COMPLETION_ENABLE] = { "Enable", BIT (COLLECTING), FERRY_COMPLETION_STATE_ENABLED,
                                 "a group is enabled once, while it is 'collecting'" },
  [FERRYD_COMPLETION_TRIGGER] = { "Triggering", BIT (ENABLED), FERRY_COMPLETION_STATE_TRIGGERED,
                                  "that is for groups that are 'enabled'" },
  [FERRYD_COMPLETION_DELIVER] = { "Delivering", BIT (TRIGGERED), FERRY_COMPLETION_STATE_DELIVERED,
                                  "that is for groups that are 'triggered'" },
  [FERRYD_COMPLETION_REMOVE] = { "Remove", BIT (COLLECTING) | BIT (DELIVERED), -1,
                                 "a group is removed while it is 'collecting' or when it is 'delivered'" },
};

static char *
lookup_string (GVariant *dict, const char *key)
{
  char *value = NULL;

  g_variant_lookup (dict, key, "s", &value);
  return value;
}

/* How GApplication makes its object path of its id. */
static char *
make_default_path (const char *name)
{
  g_autofree char *path = g_strconcat ("/", name, NULL);

  g_strdelimit (path, ".", '/');
  g_strdelimit (path, "-", '_');
  return g_steal_pointer (&path);
}

static FerrydCompletionGroup *
group_new (void)
{
  FerrydCompletionGroup *group = g_new0 (FerrydCompletionGroup, 1);

  group->members = g_ptr_array_new ();
  return group;
}

static void
take_notifications (FerrydCompletionGroup *group, GVariant *dict)
{
  for (guint i = 0; i < G_N_ELEMENTS (notification_keys); i++)
    group->notifications[i] = g_variant_lookup_value (dict, notification_keys[i], G_VARIANT_TYPE_VARDICT);
}

/**
 * ferryd_completion_group_new:
 * @application: whose it is
 * @options: a{sv}, normalised by ferry_options_check()
 *
 * Returns: (transfer full): a group that is collecting, with an id of its own
 */
FerrydCompletionGroup *
ferryd_completion_group_new (const char *application, GVariant *options)
{
  FerrydCompletionGroup *group = group_new ();

  ferryd_id_generate (&group->id);
  group->application = g_strdup (application);
  group->handler_name = lookup_string (options, "handler-name");
  g_variant_lookup (options, "handler-path", "o", &group->handler_path);
  if (group->handler_path == NULL && group->handler_name != NULL)
    group->handler_path = make_default_path (group->handler_name);
  group->handler_action = lookup_string (options, "handler-action");
  take_notifications (group, options);
  return group;
}

/**
 * ferryd_completion_group_free:
 * @group: (transfer full): a group without members
 */
void
ferryd_completion_group_free (FerrydCompletionGroup *group)
{
  g_free (group->application);
  g_free (group->handler_name);
  g_free (group->handler_path);
  g_free (group->handler_action);
  for (guint i = 0; i < G_N_ELEMENTS (group->notifications); i++)
    g_clear_pointer (&group->notifications[i], g_variant_unref);
  g_ptr_array_unref (group->members);
  g_clear_object (&group->enabler);
  g_free (group);
}

static void
put_string (GVariantDict *dict, const char *key, const char *value)
{
  if (value != NULL)
    g_variant_dict_insert (dict, key, "s", value);
}

static void
put_number (GVariantDict *dict, const char *key, gint64 value)
{
  if (value != 0)
    g_variant_dict_insert (dict, key, "x", value);
}

/**
 * ferryd_completion_group_to_variant:
 * @group: a group
 *
 * Who its members are is in their rows.
 *
 * Returns: (transfer floating): a{sv}: what of it has to survive
 */
GVariant *
ferryd_completion_group_to_variant (const FerrydCompletionGroup *group)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  put_string (&dict, "application", group->application);
  put_string (&dict, "handler-name", group->handler_name);
  put_string (&dict, "handler-path", group->handler_path);
  put_string (&dict, "handler-action", group->handler_action);
  for (guint i = 0; i < G_N_ELEMENTS (group->notifications); i++)
    {
      if (group->notifications[i] != NULL)
        g_variant_dict_insert_value (&dict, notification_keys[i], group->notifications[i]);
    }
  put_string (&dict, "state", ferry_enum_to_nick (FERRY_TYPE_COMPLETION_STATE, (int) group->state));
  put_number (&dict, "created", group->created);
  put_number (&dict, "triggered", group->triggered);
  put_number (&dict, "delivered", group->delivered);
  put_number (&dict, "attempts", group->attempts);
  put_number (&dict, "retry-at", group->retry_at);
  g_variant_dict_insert (&dict, "notification-pending", "b", group->notification_pending);
  return g_variant_dict_end (&dict);
}

/**
 * ferryd_completion_group_from_variant:
 * @id: its id
 * @variant: what ferryd_completion_group_to_variant() made
 *
 * Returns: (transfer full) (nullable): the group without members, NULL where @variant is none
 */
FerrydCompletionGroup *
ferryd_completion_group_from_variant (const FerrydId *id, GVariant *variant)
{
  g_autoptr (FerrydCompletionGroup) group = group_new ();
  const char *nick;
  gint64 attempts = 0;
  int state;

  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE_VARDICT) ||
      !g_variant_lookup (variant, "state", "&s", &nick) ||
      !ferry_enum_from_nick (FERRY_TYPE_COMPLETION_STATE, nick, &state))
    return NULL;
  group->id = *id;
  group->state = (FerryCompletionState) state;
  group->application = lookup_string (variant, "application");
  if (group->application == NULL)
    return NULL;
  group->handler_name = lookup_string (variant, "handler-name");
  group->handler_path = lookup_string (variant, "handler-path");
  group->handler_action = lookup_string (variant, "handler-action");
  take_notifications (group, variant);
  g_variant_lookup (variant, "created", "x", &group->created);
  g_variant_lookup (variant, "triggered", "x", &group->triggered);
  g_variant_lookup (variant, "delivered", "x", &group->delivered);
  g_variant_lookup (variant, "attempts", "x", &attempts);
  group->attempts = (guint) CLAMP (attempts, 0, G_MAXINT);
  g_variant_lookup (variant, "retry-at", "x", &group->retry_at);
  g_variant_lookup (variant, "notification-pending", "b", &group->notification_pending);
  return g_steal_pointer (&group);
}

/**
 * ferryd_completion_group_next:
 * @state: the present state
 * @event: what happens
 * @next: (out): the state afterwards, equal to @state where the group goes
 * @error: FERRY_ERROR_INVALID_STATE, naming the event, the state, and what would be right
 *
 * The only table of states and events.
 *
 * Returns: whether @event can happen in @state
 */
gboolean
ferryd_completion_group_next (FerryCompletionState state, FerrydCompletionEvent event,
                              FerryCompletionState *next, GError **error)
{
  if ((rules[event].from & (1u << state)) != 0)
    {
      *next = rules[event].to >= 0 ? (FerryCompletionState) rules[event].to : state;
      return TRUE;
    }
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_STATE,
               "%s is not possible while the completion group is '%s'; %s", rules[event].name,
               ferry_enum_to_nick (FERRY_TYPE_COMPLETION_STATE, (int) state), rules[event].right);
  return FALSE;
}

static void
count (FerrydCompletionGroup *group, FerryState state, int step)
{
  if (!ferry_state_is_ended (state))
    return;
  group->ended += (guint) step;
  if (state != FERRY_STATE_COMPLETED)
    group->failed += (guint) step;
}

/**
 * ferryd_completion_group_join:
 * @group: a group
 * @operation: an operation in none, younger than the members
 */
void
ferryd_completion_group_join (FerrydCompletionGroup *group, FerrydOperation *operation)
{
  operation->completion = group;
  g_ptr_array_add (group->members, operation);
  count (group, operation->state, 1);
}

/**
 * ferryd_completion_group_leave:
 * @group: a group
 * @operation: a member
 */
void
ferryd_completion_group_leave (FerrydCompletionGroup *group, FerrydOperation *operation)
{
  operation->completion = NULL;
  g_ptr_array_remove (group->members, operation);
  count (group, operation->state, -1);
}

/**
 * ferryd_completion_group_count:
 * @group: a group
 * @before: state that a member had
 * @after: state that it has
 */
void
ferryd_completion_group_count (FerrydCompletionGroup *group, FerryState before, FerryState after)
{
  count (group, before, -1);
  count (group, after, 1);
}

/**
 * ferryd_completion_group_is_over:
 * @group: a group
 *
 * Returns: whether it is enabled, every member has ended, and none is about to go on
 */
gboolean
ferryd_completion_group_is_over (const FerrydCompletionGroup *group)
{
  return group->state == FERRY_COMPLETION_STATE_ENABLED && group->creating == 0 && group->resuming == 0 &&
         group->ended == group->members->len;
}

/**
 * ferryd_completion_group_get_notification:
 * @group: a group whose members have ended
 *
 * Returns: (transfer none) (nullable): what the user is shown, success where every one has succeeded
 */
GVariant *
ferryd_completion_group_get_notification (const FerrydCompletionGroup *group)
{
  return group->notifications[group->failed > 0 ? 1 : 0];
}
