/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define FERRYD_TYPE_APPLICATIONS (ferryd_applications_get_type ())
G_DECLARE_INTERFACE (FerrydApplications, ferryd_applications, FERRYD, APPLICATIONS, GObject)

/**
 * FerrydApplicationsInterface:
 * @look_async: looks which of the applications @ids (NULL-terminated) are installed, that is, have a desktop
 *   file. Answers (transfer full) those that are, NULL-terminated.
 * @activate: brings an application to the user's attention: its action @action (nullable), or itself where
 *   @action is NULL or it has no actions. @token (nullable) lets it raise its window. Nothing happens where
 * it is not installed.
 *
 * The applications of the desktop. Main thread only; no call blocks.
 */
struct _FerrydApplicationsInterface
{
  GTypeInterface parent;

  void (*look_async) (FerrydApplications *self, const char *const *ids, GAsyncReadyCallback callback,
                      gpointer user_data);
  GStrv (*look_finish) (FerrydApplications *self, GAsyncResult *result, GError **error);
  void (*activate) (FerrydApplications *self, const char *id, const char *action, const char *token);
};

void ferryd_applications_look_async (FerrydApplications *self, const char *const *ids,
                                     GAsyncReadyCallback callback, gpointer user_data);
GStrv ferryd_applications_look_finish (FerrydApplications *self, GAsyncResult *result, GError **error);
void ferryd_applications_activate (FerrydApplications *self, const char *id, const char *action,
                                   const char *token);

G_END_DECLS
