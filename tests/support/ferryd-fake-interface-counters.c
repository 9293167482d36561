/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-fake-interface-counters.h"

struct _FerrydFakeInterfaceCounters
{
  GObject parent_instance;

  FerrydCounter counter; /* of the one there is */
  gboolean present;      /* it is there */
  guint reads;           /* how often somebody looked */
};

static void ferryd_fake_interface_counters_counters_init (FerrydInterfaceCountersInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydFakeInterfaceCounters, ferryd_fake_interface_counters, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_INTERFACE_COUNTERS,
                                                      ferryd_fake_interface_counters_counters_init))

static gboolean
ferryd_fake_interface_counters_read (FerrydInterfaceCounters *counters, const char *interface,
                                     FerrydCounter *counter)
{
  FerrydFakeInterfaceCounters *self = FERRYD_FAKE_INTERFACE_COUNTERS (counters);

  self->reads++;
  if (!self->present || !g_str_equal (interface, "eth0"))
    return FALSE;
  *counter = self->counter;
  return TRUE;
}

static void
ferryd_fake_interface_counters_class_init (FerrydFakeInterfaceCountersClass *klass)
{
}

static void
ferryd_fake_interface_counters_init (FerrydFakeInterfaceCounters *self)
{
  ferryd_id_generate (&self->counter.boot);
  self->counter.index = 2;
  self->present = TRUE;
}

static void
ferryd_fake_interface_counters_counters_init (FerrydInterfaceCountersInterface *iface)
{
  iface->read = ferryd_fake_interface_counters_read;
}

/**
 * ferryd_fake_interface_counters_new:
 *
 * Returns: (transfer full): counters of an interface that has not been used
 */
FerrydFakeInterfaceCounters *
ferryd_fake_interface_counters_new (void)
{
  return g_object_new (FERRYD_TYPE_FAKE_INTERFACE_COUNTERS, NULL);
}

/**
 * ferryd_fake_interface_counters_add:
 * @self: the counters
 * @bytes: that go through the interface
 */
void
ferryd_fake_interface_counters_add (FerrydFakeInterfaceCounters *self, guint64 bytes)
{
  self->counter.bytes += bytes;
}

/**
 * ferryd_fake_interface_counters_set_present:
 * @self: the counters
 * @present: whether there is the interface
 */
void
ferryd_fake_interface_counters_set_present (FerrydFakeInterfaceCounters *self, gboolean present)
{
  self->present = present;
}

/**
 * ferryd_fake_interface_counters_boot:
 * @self: the counters
 * @bytes: that it has counted since the machine started again
 */
void
ferryd_fake_interface_counters_boot (FerrydFakeInterfaceCounters *self, guint64 bytes)
{
  ferryd_id_generate (&self->counter.boot);
  self->counter.bytes = bytes;
}

/**
 * ferryd_fake_interface_counters_replace:
 * @self: the counters
 * @bytes: that the new interface has counted
 */
void
ferryd_fake_interface_counters_replace (FerrydFakeInterfaceCounters *self, guint64 bytes)
{
  self->counter.index++;
  self->counter.bytes = bytes;
}

/**
 * ferryd_fake_interface_counters_get_reads:
 * @self: the counters
 *
 * Returns: how often they were read
 */
guint
ferryd_fake_interface_counters_get_reads (FerrydFakeInterfaceCounters *self)
{
  return self->reads;
}
