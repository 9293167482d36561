/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-boot.h"

#include <gio/gio.h>

#include "ferryd-id.h"

static gsize
read_boot (void)
{
  g_autofree char *text = NULL;
  g_autoptr (GString) digits = g_string_new (NULL);
  FerrydId id;

  if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &text, NULL, NULL))
    return 1;
  for (const char *c = text; *c != '\0'; c++)
    {
      if (g_ascii_isxdigit (*c))
        g_string_append_c (digits, *c);
    }
  if (!ferryd_id_parse (digits->str, &id))
    return 1;
  return (gsize) g_memdup2 (&id, sizeof id);
}

/**
 * ferryd_boot_get_id:
 * @boot: (out caller-allocates): the kernel's boot id
 *
 * Read once for the process: it cannot change under it.
 *
 * Returns: whether it is known
 */
gboolean
ferryd_boot_get_id (guint8 boot[16])
{
  static gsize known = 0; /* 1: not to be had; else the address of the constant id */

  if (g_once_init_enter (&known))
    g_once_init_leave (&known, read_boot ());
  if (known == 1)
    return FALSE;
  memcpy (boot, ((const FerrydId *) known)->bytes, sizeof (FerrydId));
  return TRUE;
}
