/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-library.h"

#include <gmodule.h>

/**
 * ferryd_library_load:
 * @soname: such as `libcurl-gnutls.so.4`
 * @symbols: (array length=n_symbols): what is needed of it
 * @n_symbols: how many
 * @table: (out caller-allocates): filled in, all or nothing
 * @error: (nullable): G_MODULE_ERROR, when the library is not installed or lacks one of @symbols
 *
 * Loads a library that few need, and which would cost megabytes at rest. It stays loaded: some of them start
 * threads and register types, and none of those can be taken back. Blocks while the linker works, so call it
 * where that does not matter.
 *
 * Returns: whether @table can be used
 */
gboolean
ferryd_library_load (const char *soname, const FerrydSymbol *symbols, guint n_symbols, gpointer table,
                     GError **error)
{
  g_autofree gpointer *found = g_new (gpointer, n_symbols);
  GModule *module = g_module_open_full (soname, G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL, error);

  if (module == NULL)
    return FALSE;
  for (guint i = 0; i < n_symbols; i++)
    {
      if (g_module_symbol (module, symbols[i].name, &found[i]))
        continue;
      g_set_error (error, G_MODULE_ERROR, G_MODULE_ERROR_FAILED, "%s has no %s", soname, symbols[i].name);
      g_module_close (module);
      return FALSE;
    }
  g_module_make_resident (module);
  for (guint i = 0; i < n_symbols; i++)
    G_STRUCT_MEMBER (gpointer, table, symbols[i].offset) = found[i];
  return TRUE;
}
