/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-network-reading.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_MANAGER_OBJECT (ferryd_manager_object_get_type ())
/**
 * FerrydManagerObject:
 *
 * NetworkManager's own object, alone. Libnm knows NetworkManager by the tree of all its objects; one without
 * such a tree, or that does not show it, is not there for libnm, though it may well say what counts.
 *
 * Signal `changed` (no arguments): ferryd_manager_object_read() or ferryd_manager_object_is_asking() answers
 * differently.
 */
G_DECLARE_FINAL_TYPE (FerrydManagerObject, ferryd_manager_object, FERRYD, MANAGER_OBJECT, GObject)

FerrydManagerObject *ferryd_manager_object_new (GDBusConnection *connection);

/* It is not known yet whether it is there, and without a tree. */
gboolean ferryd_manager_object_is_asking (FerrydManagerObject *self);
/* FALSE where it says nothing, or libnm knows it. */
gboolean ferryd_manager_object_read (FerrydManagerObject *self, FerrydNetworkReading *reading);

G_END_DECLS
