/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-interface-counters-sysfs.h"

#include "ferryd-boot.h"

struct _FerrydInterfaceCountersSysfs
{
  GObject parent_instance;

  char *root; /* (owned): where the folders of the interfaces are */
};

static void ferryd_interface_counters_sysfs_counters_init (FerrydInterfaceCountersInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydInterfaceCountersSysfs, ferryd_interface_counters_sysfs, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_INTERFACE_COUNTERS,
                                                      ferryd_interface_counters_sysfs_counters_init))

static gboolean
read_number (const FerrydInterfaceCountersSysfs *self, const char *interface, const char *name,
             guint64 *number)
{
  g_autofree char *path = g_build_filename (self->root, interface, name, NULL);
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) &&
         g_ascii_string_to_unsigned (g_strchomp (text), 10, 0, G_MAXUINT64, number, NULL);
}

static gboolean
ferryd_interface_counters_sysfs_read (FerrydInterfaceCounters *counters, const char *interface,
                                      FerrydCounter *counter)
{
  FerrydInterfaceCountersSysfs *self = FERRYD_INTERFACE_COUNTERS_SYSFS (counters);
  guint64 index, received, sent;

  if (!ferryd_boot_get_id (counter->boot.bytes) || !read_number (self, interface, "ifindex", &index) ||
      !read_number (self, interface, "statistics/rx_bytes", &received) ||
      !read_number (self, interface, "statistics/tx_bytes", &sent))
    return FALSE;
  counter->index = (guint) index;
  counter->bytes = received + sent;
  return TRUE;
}

static void
ferryd_interface_counters_sysfs_finalize (GObject *object)
{
  g_free (FERRYD_INTERFACE_COUNTERS_SYSFS (object)->root);
  G_OBJECT_CLASS (ferryd_interface_counters_sysfs_parent_class)->finalize (object);
}

static void
ferryd_interface_counters_sysfs_class_init (FerrydInterfaceCountersSysfsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferryd_interface_counters_sysfs_finalize;
}

static void
ferryd_interface_counters_sysfs_init (FerrydInterfaceCountersSysfs *self)
{
}

static void
ferryd_interface_counters_sysfs_counters_init (FerrydInterfaceCountersInterface *iface)
{
  iface->read = ferryd_interface_counters_sysfs_read;
}

/**
 * ferryd_interface_counters_sysfs_new:
 * @root: (nullable): where the folders of the interfaces are; NULL for the kernel's
 *
 * Returns: (transfer full): the counters
 */
FerrydInterfaceCounters *
ferryd_interface_counters_sysfs_new (const char *root)
{
  FerrydInterfaceCountersSysfs *self = g_object_new (FERRYD_TYPE_INTERFACE_COUNTERS_SYSFS, NULL);

  self->root = g_strdup (root != NULL ? root : "/sys/class/net");
  return FERRYD_INTERFACE_COUNTERS (self);
}
