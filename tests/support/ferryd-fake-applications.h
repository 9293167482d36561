/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-applications.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_FAKE_APPLICATIONS (ferryd_fake_applications_get_type ())
/**
 * FerrydFakeApplications:
 *
 * Applications that the test installs; none at first.
 */
G_DECLARE_FINAL_TYPE (FerrydFakeApplications, ferryd_fake_applications, FERRYD, FAKE_APPLICATIONS, GObject)

FerrydFakeApplications *ferryd_fake_applications_new (void);
void ferryd_fake_applications_set_installed (FerrydFakeApplications *self, const char *id,
                                             gboolean installed);
/* (transfer full) (nullable): what has been activated since it was last asked: `id|action|token`. */
char *ferryd_fake_applications_take_activated (FerrydFakeApplications *self);

G_END_DECLS
