/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-data-meter.h"

#include "ferry-error.h"

/* Name in the store of what was used: by connection the FerrydDataUsage, and the place of the count: of which
 * connection, boot, interface and bytes of its counter. */
#define SETTING_USAGE "data-usage"

/* How often is looked, in steps of the setting retry-delay: every five seconds by default while something is
 * transferred, every half minute while others use the network, and every ten minutes at most while nobody
 * does. */
#define BUSY_STEPS 1
#define USED_STEPS 6
#define QUIET_STEPS 120

/* Fewer bytes a second are what a network says by itself. */
#define QUIET_SPEED 1024

/* What may be counted without being written (bytes): only the machine going down unasked loses it. */
#define UNSAVED_BYTES (1024 * 1024)

/* What was used of a plan that is no more is forgotten so long after its period began (microseconds). */
#define FORGET_AFTER (62 * G_TIME_SPAN_DAY)

struct _FerrydDataMeter
{
  GObject parent_instance;

  FerrydClock *clock;                /* (owned) */
  FerrydStore *store;                /* (owned) */
  FerrydSettings *settings;          /* (owned) */
  FerrydNetworkMonitor *network;     /* (owned) */
  FerrydInterfaceCounters *counters; /* (owned) */
  GHashTable *usages;                /* (owned) (element-type utf8 FerrydDataUsage): by connection */
  char *connection;                  /* (owned) (nullable): that was in use last, by its UUID */
  char *interface;                   /* (owned) (nullable): its bytes go through, where that is known */
  gboolean in_use;                   /* @connection is */
  FerrydCounter counter;             /* of @interface at the last look */
  gboolean counting;                 /* @counter is where the count of @connection has come to */
  guint64 unsaved;                   /* bytes that are not in the store */
  guint alarm;                       /* 0 for none: the next look */
  gint64 next;                       /* when that is, as of the clock's elapsed */
  gint64 interval;                   /* microseconds to it */
  gboolean busy;                     /* something is transferred */
  gboolean open;                     /* the store is */
  /* As last told. */
  gboolean has_plan;
  gboolean over;
  gboolean approaching;
};

G_DEFINE_FINAL_TYPE (FerrydDataMeter, ferryd_data_meter, G_TYPE_OBJECT)

/**
 * ferryd_metered_free:
 * @metered: (transfer full): a connection
 */
void
ferryd_metered_free (FerrydMetered *metered)
{
  ferryd_connection_clear (&metered->connection);
  g_free (metered);
}

static void
get_period (FerrydDataMeter *self, const FerrydDataPlan *plan, FerrydDataPeriod *period)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();

  ferryd_data_plan_get_period (plan, ferryd_clock_now (self->clock), zone, period);
}

static FerrydDataUsage *
get_usage (FerrydDataMeter *self, const char *connection)
{
  FerrydDataUsage *usage = g_hash_table_lookup (self->usages, connection);

  if (usage == NULL)
    {
      usage = g_new0 (FerrydDataUsage, 1);
      g_hash_table_insert (self->usages, g_strdup (connection), usage);
    }
  return usage;
}

/* The store. */

/* @instead: (nullable): in place of that of @connection. */
static GVariant *
to_variant (FerrydDataMeter *self, const char *connection, const FerrydDataUsage *instead)
{
  GVariantBuilder usages;
  GHashTableIter iter;
  gpointer key, value;
  char boot[FERRYD_ID_TEXT_SIZE];

  g_variant_builder_init (&usages, G_VARIANT_TYPE ("a{s(xtxt)}"));
  g_hash_table_iter_init (&iter, self->usages);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      const FerrydDataUsage *usage = g_strcmp0 (key, connection) == 0 ? instead : value;

      g_variant_builder_add (&usages, "{s(xtxt)}", key, usage->begin, usage->used, usage->earlier_begin,
                             usage->earlier_used);
    }
  ferryd_id_format (&self->counter.boot, boot);
  return g_variant_new ("(a{s(xtxt)}(ssut))", &usages, self->connection != NULL ? self->connection : "",
                        self->counting ? boot : "", self->counter.index, self->counter.bytes);
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);

  if (batch == NULL)
    g_message ("What was used of a data plan is not recorded: %s", error->message);
}

static void
save (FerrydDataMeter *self)
{
  g_autoptr (FerrydBatch) batch = ferryd_batch_new ();

  self->unsaved = 0;
  ferryd_batch_set (batch, SETTING_USAGE, to_variant (self, NULL, NULL));
  ferryd_store_commit_async (self->store, g_steal_pointer (&batch), FERRYD_DURABILITY_SOON, on_saved, NULL);
}

/* Counting. */

/* The plan of the connection in use. */
static gboolean
get_plan (FerrydDataMeter *self, FerrydDataPlan *plan)
{
  return self->open && self->in_use && ferryd_settings_get_data_plan (self->settings, self->connection, plan);
}

/* Returns: how many bytes it were. */
static guint64
count (FerrydDataMeter *self)
{
  FerrydDataUsage *usage;
  FerrydDataPeriod period;
  FerrydDataPlan plan;
  FerrydCounter now;
  guint64 bytes;

  if (!get_plan (self, &plan) || self->interface == NULL ||
      !ferryd_interface_counters_read (self->counters, self->interface, &now))
    return 0;
  usage = get_usage (self, self->connection);
  get_period (self, &plan, &period);
  /* A new period, and where the count begins, are not left to chance. */
  if (period.begin != usage->begin || !self->counting)
    self->unsaved = MAX (self->unsaved, UNSAVED_BYTES);
  ferryd_data_usage_enter (usage, period.begin);
  bytes = self->counting ? ferryd_counter_since (&self->counter, &now) : 0;
  ferryd_data_usage_add (usage, bytes);
  self->counter = now;
  self->counting = TRUE;
  self->unsaved += bytes;
  if (self->unsaved >= UNSAVED_BYTES)
    save (self);
  return bytes;
}

static void
judge (FerrydDataMeter *self)
{
  FerrydDataUsage *usage;
  FerrydDataPeriod period;
  FerrydDataPlan plan;
  gboolean has_plan = get_plan (self, &plan);
  gboolean over = FALSE, approaching = FALSE;

  if (has_plan)
    {
      usage = get_usage (self, self->connection);
      get_period (self, &plan, &period);
      ferryd_data_usage_enter (usage, period.begin);
      over = ferryd_data_plan_is_over (&plan, usage->used);
      approaching =
          ferryd_data_plan_is_approaching (&plan, &period, usage->used, ferryd_clock_now (self->clock));
    }
  if (has_plan == self->has_plan && over == self->over && approaching == self->approaching)
    return;
  self->has_plan = has_plan;
  self->over = over;
  self->approaching = approaching;
  g_signal_emit_by_name (self, "changed");
}

static void on_alarm (gpointer user_data);

static void
set_alarm (FerrydDataMeter *self)
{
  gint64 step = (gint64) ferryd_settings_get (self->settings)->retry_delay * G_TIME_SPAN_MILLISECOND;
  FerrydDataPlan plan;

  ferryd_clock_clear_alarm (self->clock, &self->alarm);
  if (!get_plan (self, &plan))
    return;
  self->interval =
      self->busy ? BUSY_STEPS * step : CLAMP (self->interval, USED_STEPS * step, QUIET_STEPS * step);
  self->next = ferryd_clock_elapsed (self->clock) + self->interval;
  self->alarm = ferryd_clock_add_alarm (self->clock, self->next, on_alarm, self);
}

static void
on_alarm (gpointer user_data)
{
  FerrydDataMeter *self = user_data;
  gboolean quiet;

  self->alarm = 0;
  quiet = count (self) < (guint64) (self->interval / G_TIME_SPAN_MILLISECOND) * QUIET_SPEED / 1000;
  self->interval = quiet ? self->interval * 2 : 0;
  set_alarm (self);
  judge (self);
}

/* What went through the interface before is not this connection's, but where it is the one that was counted
 * last: it was away for a moment, or the service was. */
static void
take_up (FerrydDataMeter *self, const FerrydConnection *connection)
{
  gboolean in_use = connection->uuid != NULL;
  gboolean another = in_use && g_strcmp0 (connection->uuid, self->connection) != 0;

  if (!another && in_use == self->in_use && g_strcmp0 (connection->interface, self->interface) == 0)
    return;
  count (self);
  if (another)
    {
      self->counting = FALSE;
      g_free (self->connection);
      self->connection = g_strdup (connection->uuid);
    }
  g_free (self->interface);
  self->interface = g_strdup (connection->interface);
  self->in_use = in_use;
  /* Whose the count is from here on, and how much the one before has used. */
  if (ferryd_data_meter_is_needed (self))
    save (self);
}

/* The network or the settings have changed. */
static void
follow (FerrydDataMeter *self)
{
  FerrydDataPlan plan;

  if (!self->open)
    return;
  take_up (self, ferryd_network_monitor_get_connection (self->network));
  if (!get_plan (self, &plan) && self->in_use)
    self->counting = FALSE;
  count (self);
  set_alarm (self);
  judge (self);
}

/**
 * ferryd_data_meter_restore:
 * @self: a meter
 * @settings: a{sv} of what the store has
 *
 * Goes on counting where an earlier life of the service ended.
 */
void
ferryd_data_meter_restore (FerrydDataMeter *self, GVariant *settings)
{
  g_autoptr (GVariantIter) usages = NULL;
  const char *connection, *boot, *key;
  FerrydDataUsage usage;
  FerrydDataPlan plan;
  gint64 now = ferryd_clock_now (self->clock);

  if (g_variant_lookup (settings, SETTING_USAGE, "(a{s(xtxt)}(&s&sut))", &usages, &connection, &boot,
                        &self->counter.index, &self->counter.bytes))
    {
      self->connection = g_strdup (connection);
      self->counting = ferryd_id_parse (boot, &self->counter.boot);
      while (g_variant_iter_next (usages, "{&s(xtxt)}", &key, &usage.begin, &usage.used, &usage.earlier_begin,
                                  &usage.earlier_used))
        {
          if (ferryd_settings_get_data_plan (self->settings, key, &plan) || usage.begin + FORGET_AFTER > now)
            *get_usage (self, key) = usage;
        }
    }
  self->open = TRUE;
  follow (self);
}

/**
 * ferryd_data_meter_close:
 * @self: a meter
 *
 * Counts for the last time.
 */
void
ferryd_data_meter_close (FerrydDataMeter *self)
{
  if (!self->open)
    return;
  count (self);
  if (self->unsaved > 0)
    save (self);
  self->open = FALSE;
  ferryd_clock_clear_alarm (self->clock, &self->alarm);
}

/**
 * ferryd_data_meter_fill:
 * @self: a meter
 * @conditions: (inout): with what the network monitor knows
 *
 * A metered network with a plan costs by the plan, one without by what is used.
 */
void
ferryd_data_meter_fill (FerrydDataMeter *self, FerrydConditions *conditions)
{
  if (!self->has_plan)
    return;
  if (ferryd_conditions_is_metered (conditions))
    conditions->cost = FERRY_NETWORK_COST_FIXED;
  conditions->over_limit = self->over;
  conditions->approaching_limit = self->approaching;
}

/**
 * ferryd_data_meter_set_busy:
 * @self: a meter
 * @busy: whether something is being transferred
 */
void
ferryd_data_meter_set_busy (FerrydDataMeter *self, gboolean busy)
{
  gint64 step = (gint64) ferryd_settings_get (self->settings)->retry_delay * G_TIME_SPAN_MILLISECOND;

  if (self->busy == busy)
    return;
  self->busy = busy;
  if (busy && self->alarm != 0 && self->next - ferryd_clock_elapsed (self->clock) > BUSY_STEPS * step)
    set_alarm (self);
}

/**
 * ferryd_data_meter_is_needed:
 * @self: a meter
 *
 * Returns: whether there is a plan, in use or not: it may be at any moment
 */
gboolean
ferryd_data_meter_is_needed (FerrydDataMeter *self)
{
  return g_variant_n_children (ferryd_settings_peek_data_plans (self->settings)) > 0;
}

/* Telling. */

static FerrydMetered *
describe (FerrydDataMeter *self, const FerrydConnection *connection)
{
  const FerrydConnection *active = ferryd_network_monitor_get_connection (self->network);
  FerrydMetered *metered = g_new0 (FerrydMetered, 1);
  FerrydDataUsage usage = { 0 };
  const FerrydDataUsage *known = g_hash_table_lookup (self->usages, connection->uuid);

  metered->active = g_strcmp0 (active->uuid, connection->uuid) == 0;
  ferryd_connection_set (&metered->connection, connection->uuid, connection->name, connection->kind,
                         metered->active ? active->interface : NULL);
  metered->has_plan = ferryd_settings_get_data_plan (self->settings, connection->uuid, &metered->plan);
  if (!metered->has_plan)
    return metered;
  get_period (self, &metered->plan, &metered->period);
  if (known != NULL)
    usage = *known;
  ferryd_data_usage_enter (&usage, metered->period.begin);
  metered->used = usage.used;
  return metered;
}

static gboolean
is_listed (const GPtrArray *list, const char *uuid)
{
  for (guint i = 0; i < list->len; i++)
    {
      if (g_str_equal (((const FerrydMetered *) g_ptr_array_index (list, i))->connection.uuid, uuid))
        return TRUE;
    }
  return FALSE;
}

/**
 * ferryd_data_meter_list:
 * @self: a meter
 *
 * Counts first, so that what is told is how things are now.
 *
 * Returns: (transfer full) (element-type FerrydMetered): every connection that is known or has a plan
 */
GPtrArray *
ferryd_data_meter_list (FerrydDataMeter *self)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_metered_free);
  g_autoptr (GPtrArray) known = ferryd_network_monitor_list_connections (self->network);
  const FerrydConnection *active = ferryd_network_monitor_get_connection (self->network);
  FerrydConnection unknown = { NULL };
  GVariantIter iter;

  count (self);
  judge (self);
  for (guint i = 0; i < known->len; i++)
    g_ptr_array_add (list, describe (self, g_ptr_array_index (known, i)));
  if (active->uuid != NULL && !is_listed (list, active->uuid))
    g_ptr_array_add (list, describe (self, active));
  g_variant_iter_init (&iter, ferryd_settings_peek_data_plans (self->settings));
  while (g_variant_iter_next (&iter, "{&s(tu)}", &unknown.uuid, NULL, NULL))
    {
      if (!is_listed (list, unknown.uuid))
        g_ptr_array_add (list, describe (self, &unknown));
    }
  return list;
}

typedef struct
{
  char *connection;      /* (owned) */
  guint64 before;        /* bytes that were used by then */
  FerrydDataUsage usage; /* as it is to be */
} Correction;

static void
correction_free (gpointer data)
{
  Correction *correction = data;

  g_free (correction->connection);
  g_free (correction);
}

static void
on_corrected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FerrydDataMeter *self = g_task_get_source_object (task);
  const Correction *correction = g_task_get_task_data (task);
  FerrydDataUsage *usage = get_usage (self, correction->connection);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);
  guint64 since = usage->used > correction->before ? usage->used - correction->before : 0;

  if (batch == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  *usage = correction->usage;
  ferryd_data_usage_add (usage, since);
  judge (self);
  g_task_return_boolean (task, TRUE);
}

/**
 * ferryd_data_meter_correct_async:
 * @self: a meter
 * @connection: UUID of a connection that has a plan
 * @used: bytes of this period
 * @callback: told when that is durable and counts
 * @user_data: for @callback
 */
void
ferryd_data_meter_correct_async (FerrydDataMeter *self, const char *connection, guint64 used,
                                 GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (FerrydBatch) batch = ferryd_batch_new ();
  Correction *correction = g_new0 (Correction, 1);
  FerrydDataPeriod period;
  FerrydDataPlan plan;

  correction->connection = g_strdup (connection);
  g_task_set_source_tag (task, ferryd_data_meter_correct_async);
  g_task_set_task_data (task, correction, correction_free);
  if (!ferryd_settings_get_data_plan (self->settings, connection, &plan))
    {
      g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_NOT_FOUND, "connection: '%s' has no data plan",
                               connection);
      return;
    }
  count (self);
  get_period (self, &plan, &period);
  correction->before = get_usage (self, connection)->used;
  correction->usage = (FerrydDataUsage){ .begin = period.begin, .used = used };
  ferryd_batch_set (batch, SETTING_USAGE, to_variant (self, connection, &correction->usage));
  ferryd_store_commit_async (self->store, g_steal_pointer (&batch), FERRYD_DURABILITY_SYNCED, on_corrected,
                             g_steal_pointer (&task));
}

/**
 * ferryd_data_meter_correct_finish:
 * @self: a meter
 * @result: what the callback was given
 * @error: return location for FERRY_ERROR_NOT_FOUND or FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Returns: whether that is what counts now
 */
gboolean
ferryd_data_meter_correct_finish (FerrydDataMeter *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* The class. */

static void
ferryd_data_meter_dispose (GObject *object)
{
  FerrydDataMeter *self = FERRYD_DATA_METER (object);

  if (self->clock != NULL)
    ferryd_clock_clear_alarm (self->clock, &self->alarm);
  if (self->settings != NULL)
    g_signal_handlers_disconnect_by_data (self->settings, self);
  if (self->network != NULL)
    g_signal_handlers_disconnect_by_data (self->network, self);
  g_clear_object (&self->clock);
  g_clear_object (&self->store);
  g_clear_object (&self->settings);
  g_clear_object (&self->network);
  g_clear_object (&self->counters);
  G_OBJECT_CLASS (ferryd_data_meter_parent_class)->dispose (object);
}

static void
ferryd_data_meter_finalize (GObject *object)
{
  FerrydDataMeter *self = FERRYD_DATA_METER (object);

  g_hash_table_unref (self->usages);
  g_free (self->connection);
  g_free (self->interface);
  G_OBJECT_CLASS (ferryd_data_meter_parent_class)->finalize (object);
}

static void
ferryd_data_meter_class_init (FerrydDataMeterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ferryd_data_meter_dispose;
  object_class->finalize = ferryd_data_meter_finalize;

  /**
   * FerrydDataMeter::changed:
   *
   * ferryd_data_meter_fill() answers differently from now on.
   */
  g_signal_new ("changed", FERRYD_TYPE_DATA_METER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ferryd_data_meter_init (FerrydDataMeter *self)
{
  self->usages = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

/**
 * ferryd_data_meter_new:
 * @clock: for periods and delays
 * @store: keeps what was used
 * @settings: the plans
 * @network: which connection is in use
 * @counters: what goes through it
 *
 * Returns: (transfer full): a meter that counts when it is restored
 */
FerrydDataMeter *
ferryd_data_meter_new (FerrydClock *clock, FerrydStore *store, FerrydSettings *settings,
                       FerrydNetworkMonitor *network, FerrydInterfaceCounters *counters)
{
  FerrydDataMeter *self = g_object_new (FERRYD_TYPE_DATA_METER, NULL);

  self->clock = g_object_ref (clock);
  self->store = g_object_ref (store);
  self->settings = g_object_ref (settings);
  self->network = g_object_ref (network);
  self->counters = g_object_ref (counters);
  g_signal_connect_swapped (settings, "changed", G_CALLBACK (follow), self);
  g_signal_connect_swapped (network, "changed", G_CALLBACK (follow), self);
  return self;
}
