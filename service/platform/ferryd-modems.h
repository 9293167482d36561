/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define FERRYD_TYPE_MODEMS (ferryd_modems_get_type ())
/**
 * FerrydModems:
 *
 * What ModemManager knows of the modems that NetworkManager names: whether they are at home. Its library is
 * loaded for the first of these objects, so there is one only where there is a modem.
 *
 * Emits `changed` (no arguments) in the main thread when one of the answers may be different.
 */
G_DECLARE_FINAL_TYPE (FerrydModems, ferryd_modems, FERRYD, MODEMS, GObject)

FerrydModems *ferryd_modems_new (GDBusConnection *connection);
gboolean ferryd_modems_is_ready (FerrydModems *self);
gboolean ferryd_modems_is_roaming (FerrydModems *self, const char *path);

G_END_DECLS
