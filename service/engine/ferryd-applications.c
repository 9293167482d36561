/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-applications.h"

G_DEFINE_INTERFACE (FerrydApplications, ferryd_applications, G_TYPE_OBJECT)

static void
ferryd_applications_default_init (FerrydApplicationsInterface *iface)
{
}

/**
 * ferryd_applications_look_async:
 * @self: the applications
 * @ids: (array zero-terminated=1): applications
 * @callback: told which of them are installed
 * @user_data: for @callback
 */
void
ferryd_applications_look_async (FerrydApplications *self, const char *const *ids,
                                GAsyncReadyCallback callback, gpointer user_data)
{
  FERRYD_APPLICATIONS_GET_IFACE (self)->look_async (self, ids, callback, user_data);
}

/**
 * ferryd_applications_look_finish:
 * @self: the applications
 * @result: what the callback was given
 * @error: return location for why nobody knows
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): those that are installed
 */
GStrv
ferryd_applications_look_finish (FerrydApplications *self, GAsyncResult *result, GError **error)
{
  return FERRYD_APPLICATIONS_GET_IFACE (self)->look_finish (self, result, error);
}

/**
 * ferryd_applications_activate:
 * @self: the applications
 * @id: an application
 * @action: (nullable): an action of it
 * @token: (nullable): lets it raise its window
 */
void
ferryd_applications_activate (FerrydApplications *self, const char *id, const char *action, const char *token)
{
  FERRYD_APPLICATIONS_GET_IFACE (self)->activate (self, id, action, token);
}
