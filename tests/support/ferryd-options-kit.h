/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-error.h"
#include "ferry-options.h"

G_BEGIN_DECLS

/* What the tests of the table of options share. Dictionaries are written in GVariant text form. */

/* Stands where a secret would; in no message. */
#define FERRYD_OPTIONS_KIT_CANARY "hunter2"

GVariant *ferryd_options_kit_new_dictionary (const char *key, GVariant *value);
GVariant *ferryd_options_kit_parse (const char *text);
void ferryd_options_kit_assert_refused_as (FerryOptionsScope scope, GVariant *options, FerryError code,
                                           const char *names, gboolean shows);
void ferryd_options_kit_assert_refused (FerryOptionsScope scope, GVariant *options, FerryError code,
                                        const char *names);
GVariant *ferryd_options_kit_assert_taken (FerryOptionsScope scope, GVariant *options);
void ferryd_options_kit_assert_text_refused (FerryOptionsScope scope, const char *text, FerryError code,
                                             const char *names);
void ferryd_options_kit_assert_text_taken (FerryOptionsScope scope, const char *text, const char *normalised);

G_END_DECLS
