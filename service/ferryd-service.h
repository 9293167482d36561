/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * FerrydService:
 *
 * The composition root: builds every part, in the order in which they need each other, connects them and
 * takes them apart again. Knows all of them; none of them knows it.
 */
#define FERRYD_TYPE_SERVICE (ferryd_service_get_type ())
G_DECLARE_FINAL_TYPE (FerrydService, ferryd_service, FERRYD, SERVICE, GObject)

FerrydService *ferryd_service_new (GMainLoop *loop, const char *state_directory, gboolean replace);
void ferryd_service_start (FerrydService *self);
void ferryd_service_stop (FerrydService *self);
int ferryd_service_get_exit_status (FerrydService *self);

G_END_DECLS
