/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-attached.h"

#include "ferry-names.h"
#include "ferryd-callers.h"
#include "ferryd-signals.h"

static const char *const interfaces[] = {
  FERRY_OPERATION_INTERFACE,
  FERRY_DOWNLOAD_OPERATION_INTERFACE,
  FERRY_UPLOAD_OPERATION_INTERFACE,
};

static FerrydProperties
get_counters (void)
{
  return ferryd_operation_properties_with_flags (FERRYD_PROPERTY_COUNTER);
}

static FerrydProperties
get_told (void)
{
  return ~ferryd_operation_properties_with_flags (FERRYD_PROPERTY_SILENT);
}

/**
 * ferryd_attached_new:
 * @id: an operation
 *
 * Returns: (transfer full): nobody is attached, and nothing has been told
 */
FerrydAttached *
ferryd_attached_new (const FerrydId *id)
{
  FerrydAttached *attached = g_new0 (FerrydAttached, 1);

  attached->id = *id;
  attached->connections = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_caller_unref);
  attached->told = ferryd_told_new (get_told ());
  return attached;
}

/**
 * ferryd_attached_free:
 * @data: (transfer full): an operation that nobody is attached to any more
 */
void
ferryd_attached_free (gpointer data)
{
  FerrydAttached *attached = data;

  g_ptr_array_unref (attached->connections);
  ferryd_told_free (attached->told);
  ferryd_told_ranges_clear (&attached->ranges);
  g_clear_pointer (&attached->added, g_variant_unref);
  g_clear_pointer (&attached->end, ferryd_description_free);
  g_free (attached);
}

static const char *
get_name (const FerrydAttached *attached, guint i)
{
  const FerrydCaller *caller = g_ptr_array_index (attached->connections, i);

  return caller->name;
}

/* One message for each interface that has any of @properties, to everybody. */
static void
tell (const FerrydAttached *attached, GDBusConnection *connection, FerrydProperties properties)
{
  for (guint i = 0; i < G_N_ELEMENTS (interfaces); i++)
    {
      FerrydProperties here = properties & ferryd_operation_properties_of_interface (interfaces[i]);
      g_autoptr (GVariant) dict = g_variant_ref_sink (ferryd_told_to_dict (attached->told, here));

      if (g_variant_n_children (dict) == 0)
        continue;
      for (guint j = 0; j < attached->connections->len; j++)
        ferryd_signals_changed (connection, get_name (attached, j), &attached->id, interfaces[i], dict);
    }
}

static void
tell_added (FerrydAttached *attached, GDBusConnection *connection)
{
  g_autoptr (GVariant) added = g_steal_pointer (&attached->added);

  for (guint i = 0; added != NULL && i < attached->connections->len; i++)
    ferryd_signals_ranges (connection, get_name (attached, i), &attached->id, added);
}

static void
take_added (FerrydAttached *attached, const FerrydDescription *description)
{
  GVariant *added = ferryd_told_ranges_update (&attached->ranges, description);

  if (added != NULL)
    attached->added = g_variant_ref_sink (added);
}

/* Rounds of counters, and of the ranges that came. */

/**
 * ferryd_attached_has_round:
 * @attached: an operation
 *
 * Returns: whether not everybody has been told the counters yet
 */
gboolean
ferryd_attached_has_round (const FerrydAttached *attached)
{
  return attached->round != 0 || attached->added != NULL;
}

static void
end_round (FerrydAttached *attached)
{
  attached->round = 0;
  attached->n_told = 0;
  g_clear_pointer (&attached->added, g_variant_unref);
}

/**
 * ferryd_attached_count:
 * @attached: an operation that runs
 * @connection: the session bus
 * @description: (nullable): as it is now
 * @left: signals
 *
 * Tells counters and ranges to as many connections as @left signals are for. A round with the values of its
 * beginning goes on until all have been told.
 *
 * Returns: how many signals that were
 */
guint
ferryd_attached_count (FerrydAttached *attached, GDBusConnection *connection,
                       const FerrydDescription *description, guint left)
{
  g_autoptr (GVariant) dict = NULL;
  guint each, sent = 0;

  if (!ferryd_attached_has_round (attached) && description != NULL)
    {
      attached->round = ferryd_told_update (attached->told, get_counters (), description);
      take_added (attached, description);
    }
  if (!ferryd_attached_has_round (attached))
    return 0;
  dict = g_variant_ref_sink (ferryd_told_to_dict (attached->told, attached->round));
  each = (attached->round != 0 ? 1 : 0) + (attached->added != NULL ? 1 : 0);
  for (; attached->n_told < attached->connections->len && sent + each <= left; sent += each)
    {
      const char *name = get_name (attached, attached->n_told++);

      if (attached->round != 0)
        ferryd_signals_changed (connection, name, &attached->id, FERRY_OPERATION_INTERFACE, dict);
      if (attached->added != NULL)
        ferryd_signals_ranges (connection, name, &attached->id, attached->added);
    }
  if (attached->n_told == attached->connections->len)
    end_round (attached);
  return sent;
}

/* States. */

/**
 * ferryd_attached_take:
 * @attached: an operation that nobody is attached to yet
 * @description: what the first one is told of it
 */
void
ferryd_attached_take (FerrydAttached *attached, const FerrydDescription *description)
{
  ferryd_told_update (attached->told, get_told (), description);
  ferryd_told_ranges_update (&attached->ranges, description);
}

/**
 * ferryd_attached_tell:
 * @attached: an operation
 * @connection: the session bus
 * @description: as it is now
 *
 * Tells everybody what has changed. Counters of what runs have their own time.
 */
void
ferryd_attached_tell (FerrydAttached *attached, GDBusConnection *connection,
                      const FerrydDescription *description)
{
  FerrydProperties properties = get_told ();

  if (attached->running)
    {
      tell (attached, connection,
            ferryd_told_update (attached->told, properties & ~get_counters (), description));
      return;
    }
  tell (attached, connection, ferryd_told_update (attached->told, properties, description) | attached->round);
  tell_added (attached, connection);
  take_added (attached, description);
  tell_added (attached, connection);
  end_round (attached);
}

/**
 * ferryd_attached_tell_end:
 * @attached: an operation
 * @connection: the session bus
 *
 * Tells everybody what has been waiting for the last PropertiesChanged, if anything has.
 */
void
ferryd_attached_tell_end (FerrydAttached *attached, GDBusConnection *connection)
{
  g_autoptr (FerrydDescription) end = g_steal_pointer (&attached->end);

  for (guint i = 0; end != NULL && i < attached->connections->len; i++)
    ferryd_signals_ended (connection, get_name (attached, i), end);
}
