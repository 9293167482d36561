/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-cmd.h"

G_BEGIN_DECLS

/**
 * FerryCmdOptionsScope:
 * @FERRY_CMD_OPTIONS_GET: `ferry get`
 * @FERRY_CMD_OPTIONS_SET: `ferry set`
 * @FERRY_CMD_OPTIONS_PUT: `ferry put`
 *
 * The commands that take options of the contract.
 */
typedef enum
{
  FERRY_CMD_OPTIONS_GET = 1 << 0,
  FERRY_CMD_OPTIONS_SET = 1 << 1,
  FERRY_CMD_OPTIONS_PUT = 1 << 2,
} FerryCmdOptionsScope;

/* Called for each option that was given: @value is an `h` with the descriptor itself where the contract's key
 * is a descriptor. */
typedef gboolean (*FerryCmdOptionsFunc) (const char *key, GVariant *value, gpointer user_data,
                                         GError **error);

typedef struct _FerryCmdOptions FerryCmdOptions;

FerryCmdOptions *ferry_cmd_options_new (FerryCmdOptionsScope scope);
void ferry_cmd_options_free (FerryCmdOptions *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryCmdOptions, ferry_cmd_options_free)

gboolean ferry_cmd_options_parse (FerryCmdOptions *self, const FerryCmd *command, const GOptionEntry *entries,
                                  GStrv *argv, guint min_words, guint max_words, GError **error);
gboolean ferry_cmd_options_check_for_many (FerryCmdOptions *self, GError **error);
GVariant *ferry_cmd_options_lookup (FerryCmdOptions *self, const char *key);
gboolean ferry_cmd_options_foreach (FerryCmdOptions *self, FerryCmdOptionsFunc callback, gpointer user_data,
                                    GError **error);
gboolean ferry_cmd_options_has (FerryCmdOptionsScope scope, const char *key);

G_END_DECLS
