/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-power-monitor-upower.h"

/* How long the first answers are waited for (microseconds): the contract's limit, transfers wait meanwhile.
 */
#define READY_TIMEOUT (2 * G_TIME_SPAN_SECOND)

/* How long what a service said last is believed after it has left the bus (microseconds): a restart must not
 * make transfers go on and stop again. */
#define GONE_DELAY (2 * G_TIME_SPAN_SECOND)

/* UPower's UpDeviceLevel: low; critical and action, which are worse, come behind it. */
#define WARNING_LEVEL_LOW 3

typedef enum
{
  SOURCE_UPOWER,
  SOURCE_DISPLAY_DEVICE,
  SOURCE_PROFILES,
  SOURCE_PROFILES_OLD,
} SourceId;
#define N_SOURCES (SOURCE_PROFILES_OLD + 1)

/**
 * Origin:
 * @name: bus name
 * @path: object path; the display device's is fixed by UPower
 * @interface: with @property
 * @property: the one that counts
 * @parse: what a value means; FALSE where it is of a type that it cannot be of
 *
 * Where one answer comes from. All of them are yes or no.
 */
typedef struct
{
  const char *name;
  const char *path;
  const char *interface;
  const char *property;
  gboolean (*parse) (GVariant *value, gboolean *holds);
} Origin;

/**
 * Source:
 * @monitor: (unowned): whose it is
 * @proxy: (owned) (nullable): NULL until it has been set up, and after the bus has closed
 * @id: which
 * @holds: the last answer; FALSE where there is none
 * @gone: alarm, 0 for none: runs while @holds is believed without its service
 */
typedef struct
{
  FerrydPowerMonitorUpower *monitor;
  GDBusProxy *proxy;
  SourceId id;
  gboolean holds;
  guint gone;
} Source;

struct _FerrydPowerMonitorUpower
{
  GObject parent_instance;

  FerrydClock *clock;        /* (owned) */
  GCancellable *cancellable; /* (owned): of everything asynchronous; callbacks do not hold the monitor */
  FerrydSystemBus *bus;      /* (owned) */
  Source sources[N_SOURCES]; /* by SourceId */
  guint unanswered;          /* of @sources */
  guint timeout;             /* alarm, 0 for none: ends the wait for the first answers */
  gboolean waiting;          /* for the first answers */

  /* What ferryd_power_monitor_fill() answers. */
  gboolean ready;         /* the first answers, or the certainty that none will come, are there */
  gboolean on_battery;    /* no mains */
  gboolean battery_saver; /* battery low, or the power-saver profile */
};

static void ferryd_power_monitor_upower_monitor_init (FerrydPowerMonitorInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydPowerMonitorUpower, ferryd_power_monitor_upower, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_POWER_MONITOR,
                                                      ferryd_power_monitor_upower_monitor_init))

static gboolean
parse_on_battery (GVariant *value, gboolean *holds)
{
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    return FALSE;
  *holds = g_variant_get_boolean (value);
  return TRUE;
}

static gboolean
parse_warning_level (GVariant *value, gboolean *holds)
{
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32))
    return FALSE;
  *holds = g_variant_get_uint32 (value) >= WARNING_LEVEL_LOW;
  return TRUE;
}

static gboolean
parse_profile (GVariant *value, gboolean *holds)
{
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return FALSE;
  *holds = g_str_equal (g_variant_get_string (value, NULL), "power-saver");
  return TRUE;
}

/* The profile's daemon has both its names at once or only the older one; other daemons take either. */
static const Origin origins[N_SOURCES] = {
  [SOURCE_UPOWER] = { "org.freedesktop.UPower", "/org/freedesktop/UPower", "org.freedesktop.UPower",
                      "OnBattery", parse_on_battery },
  [SOURCE_DISPLAY_DEVICE] = { "org.freedesktop.UPower", "/org/freedesktop/UPower/devices/DisplayDevice",
                              "org.freedesktop.UPower.Device", "WarningLevel", parse_warning_level },
  [SOURCE_PROFILES] = { "org.freedesktop.UPower.PowerProfiles", "/org/freedesktop/UPower/PowerProfiles",
                        "org.freedesktop.UPower.PowerProfiles", "ActiveProfile", parse_profile },
  [SOURCE_PROFILES_OLD] = { "net.hadess.PowerProfiles", "/net/hadess/PowerProfiles",
                            "net.hadess.PowerProfiles", "ActiveProfile", parse_profile },
};

static void
update (FerrydPowerMonitorUpower *self)
{
  const Source *sources = self->sources;
  gboolean ready = !self->waiting;
  gboolean on_battery = sources[SOURCE_UPOWER].holds;
  gboolean battery_saver = (on_battery && sources[SOURCE_DISPLAY_DEVICE].holds) ||
                           sources[SOURCE_PROFILES].holds || sources[SOURCE_PROFILES_OLD].holds;

  if (ready == self->ready && on_battery == self->on_battery && battery_saver == self->battery_saver)
    return;
  self->ready = ready;
  self->on_battery = on_battery;
  self->battery_saver = battery_saver;
  g_signal_emit_by_name (self, "changed");
}

static void
end_wait (FerrydPowerMonitorUpower *self)
{
  ferryd_clock_clear_alarm (self->clock, &self->timeout);
  self->waiting = FALSE;
  update (self);
}

static void
on_timeout (gpointer user_data)
{
  FerrydPowerMonitorUpower *self = user_data;

  g_debug ("UPower or the power profile's daemon does not answer: going on without");
  self->timeout = 0;
  end_wait (self);
}

static void
on_gone (gpointer user_data)
{
  Source *source = user_data;

  source->gone = 0;
  source->holds = FALSE;
  update (source->monitor);
}

/* Does not tell: several may have changed. */
static void
read_source (Source *source)
{
  FerrydClock *clock = source->monitor->clock;
  const Origin *origin = &origins[source->id];
  g_autoptr (GVariant) value = NULL;

  if (source->proxy != NULL)
    value = g_dbus_proxy_get_cached_property (source->proxy, origin->property);
  if (value != NULL && origin->parse (value, &source->holds))
    ferryd_clock_clear_alarm (clock, &source->gone);
  else if (source->holds && source->gone == 0)
    source->gone = ferryd_clock_add_alarm (clock, ferryd_clock_elapsed (clock) + GONE_DELAY, on_gone, source);
}

static void
on_asked (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GDBusProxy *proxy = G_DBUS_PROXY (object);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = g_dbus_proxy_call_finish (proxy, result, &error);
  g_autoptr (GVariant) value = NULL;
  Source *source = user_data;

  /* Cancelled, the source may have gone; others have nothing to say, as before. */
  if (answer == NULL)
    return;
  g_variant_get (answer, "(v)", &value);
  g_dbus_proxy_set_cached_property (proxy, origins[source->id].property, value);
  read_source (source);
  update (source->monitor);
}

/* A device that came to be after its service had the name announces itself to nobody who watches properties.
 */
static void
ask_for_missing (Source *source)
{
  const Origin *origin = &origins[source->id];
  g_autoptr (GVariant) known = NULL;
  g_autofree char *owner = NULL;

  if (source->proxy == NULL)
    return;
  known = g_dbus_proxy_get_cached_property (source->proxy, origin->property);
  owner = g_dbus_proxy_get_name_owner (source->proxy);
  if (known == NULL && owner != NULL)
    g_dbus_proxy_call (source->proxy, "org.freedesktop.DBus.Properties.Get",
                       g_variant_new ("(ss)", origin->interface, origin->property),
                       G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, source->monitor->cancellable, on_asked, source);
}

static void
on_proxy_changed (Source *source)
{
  if (source->id == SOURCE_UPOWER)
    ask_for_missing (&source->monitor->sources[SOURCE_DISPLAY_DEVICE]);
  read_source (source);
  update (source->monitor);
}

static void
drop_proxy (Source *source)
{
  if (source->proxy != NULL)
    g_signal_handlers_disconnect_by_data (source->proxy, source);
  g_clear_object (&source->proxy);
}

static void
on_proxy (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusProxy) proxy = g_dbus_proxy_new_finish (result, &error);
  Source *source = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the source has gone with its monitor, or the bus */
  if (proxy == NULL)
    g_debug ("%s cannot be watched: %s", origins[source->id].interface, error->message);
  else
    {
      source->proxy = g_steal_pointer (&proxy);
      g_signal_connect_swapped (source->proxy, "g-properties-changed", G_CALLBACK (on_proxy_changed), source);
      /* Without properties in its cache, a service that comes or goes changes nothing but this. */
      g_signal_connect_swapped (source->proxy, "notify::g-name-owner", G_CALLBACK (on_proxy_changed), source);
      read_source (source);
    }
  source->monitor->unanswered--;
  if (source->monitor->unanswered == 0)
    end_wait (source->monitor);
  else
    update (source->monitor);
}

static void
on_bus_changed (FerrydPowerMonitorUpower *self)
{
  GDBusConnection *connection = ferryd_system_bus_get_connection (self->bus);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  self->unanswered = N_SOURCES;
  for (guint i = 0; i < N_SOURCES; i++)
    {
      drop_proxy (&self->sources[i]);
      read_source (&self->sources[i]);
      if (connection != NULL)
        g_dbus_proxy_new (
            connection, G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START | G_DBUS_PROXY_FLAGS_GET_INVALIDATED_PROPERTIES,
            NULL, origins[i].name, origins[i].path, origins[i].interface, self->cancellable, on_proxy,
            &self->sources[i]);
    }
  if (connection == NULL)
    end_wait (self);
}

static gboolean
ferryd_power_monitor_upower_fill (FerrydPowerMonitor *monitor, FerrydConditions *conditions)
{
  FerrydPowerMonitorUpower *self = FERRYD_POWER_MONITOR_UPOWER (monitor);

  conditions->on_battery = self->on_battery;
  conditions->battery_saver = self->battery_saver;
  return self->ready;
}

static void
ferryd_power_monitor_upower_dispose (GObject *object)
{
  FerrydPowerMonitorUpower *self = FERRYD_POWER_MONITOR_UPOWER (object);

  g_cancellable_cancel (self->cancellable);
  for (guint i = 0; i < N_SOURCES; i++)
    {
      drop_proxy (&self->sources[i]);
      if (self->clock != NULL)
        ferryd_clock_clear_alarm (self->clock, &self->sources[i].gone);
    }
  if (self->clock != NULL)
    ferryd_clock_clear_alarm (self->clock, &self->timeout);
  if (self->bus != NULL)
    g_signal_handlers_disconnect_by_data (self->bus, self);
  g_clear_object (&self->bus);
  g_clear_object (&self->clock);
  G_OBJECT_CLASS (ferryd_power_monitor_upower_parent_class)->dispose (object);
}

static void
ferryd_power_monitor_upower_finalize (GObject *object)
{
  FerrydPowerMonitorUpower *self = FERRYD_POWER_MONITOR_UPOWER (object);

  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (ferryd_power_monitor_upower_parent_class)->finalize (object);
}

static void
ferryd_power_monitor_upower_class_init (FerrydPowerMonitorUpowerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ferryd_power_monitor_upower_dispose;
  object_class->finalize = ferryd_power_monitor_upower_finalize;
}

static void
ferryd_power_monitor_upower_init (FerrydPowerMonitorUpower *self)
{
  self->cancellable = g_cancellable_new ();
  self->waiting = TRUE;
  self->unanswered = N_SOURCES;
  for (guint i = 0; i < N_SOURCES; i++)
    self->sources[i] = (Source){ .monitor = self, .id = i };
}

static void
ferryd_power_monitor_upower_monitor_init (FerrydPowerMonitorInterface *iface)
{
  iface->fill = ferryd_power_monitor_upower_fill;
}

/**
 * ferryd_power_monitor_upower_new:
 * @clock: for its delays
 * @bus: where UPower is
 *
 * Begins to ask at once.
 *
 * Returns: (transfer full): a monitor that is ready when all have answered or are known to be absent, and
 * after two seconds at the latest
 */
FerrydPowerMonitorUpower *
ferryd_power_monitor_upower_new (FerrydClock *clock, FerrydSystemBus *bus)
{
  FerrydPowerMonitorUpower *self = g_object_new (FERRYD_TYPE_POWER_MONITOR_UPOWER, NULL);

  self->clock = g_object_ref (clock);
  self->timeout =
      ferryd_clock_add_alarm (clock, ferryd_clock_elapsed (clock) + READY_TIMEOUT, on_timeout, self);
  self->bus = g_object_ref (bus);
  g_signal_connect_swapped (bus, "changed", G_CALLBACK (on_bus_changed), self);
  if (ferryd_system_bus_get_connection (bus) != NULL)
    on_bus_changed (self);
  return self;
}
