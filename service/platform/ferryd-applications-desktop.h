/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-applications.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_APPLICATIONS_DESKTOP (ferryd_applications_desktop_get_type ())
/**
 * FerrydApplicationsDesktop:
 *
 * Applications by their desktop files (freedesktop.org, "Desktop Entry Specification").
 */
G_DECLARE_FINAL_TYPE (FerrydApplicationsDesktop, ferryd_applications_desktop, FERRYD, APPLICATIONS_DESKTOP,
                      GObject)

FerrydApplications *ferryd_applications_desktop_new (GDBusConnection *connection);

G_END_DECLS
