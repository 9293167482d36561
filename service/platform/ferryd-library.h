/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * FerrydSymbol:
 * @name: of the function
 * @offset: in the caller's table, where the pointer to it goes
 *
 * One function of a library that is loaded on first use. A table is a struct with a member
 * `__typeof__ (function) *function` for each, so that calls through it are checked against the library's own
 * header, which the build needs.
 */
typedef struct
{
  const char *name;
  gsize offset;
} FerrydSymbol;

/* A row for @function, which is the member's name as well. */
#define FERRYD_SYMBOL(Table, function)          \
  {                                             \
#function, G_STRUCT_OFFSET(Table, function) \
  }

gboolean ferryd_library_load (const char *soname, const FerrydSymbol *symbols, guint n_symbols,
                              gpointer table, GError **error);

G_END_DECLS
