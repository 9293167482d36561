/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-descriptors.h"

#include <gio/gunixfdlist.h>

#include "ferry-error.h"
#include "ferry-options.h"

static int
count (GDBusMessage *message)
{
  GUnixFDList *list = g_dbus_message_get_unix_fd_list (message);

  return list != NULL ? g_unix_fd_list_get_length (list) : 0;
}

/**
 * ferryd_descriptors_check:
 * @message: a call
 * @error: %FERRY_ERROR_INVALID_ARGUMENT
 *
 * The bus has the same limit and hangs up on who exceeds it, but its administrator may have raised that.
 *
 * Returns: whether it carries no more descriptors than the contract lets
 */
gboolean
ferryd_descriptors_check (GDBusMessage *message, GError **error)
{
  if (count (message) <= FERRY_MAX_DESCRIPTORS)
    return TRUE;
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
               "The call carries %d descriptors; at most %d are right: split the call", count (message),
               FERRY_MAX_DESCRIPTORS);
  return FALSE;
}

/**
 * ferryd_descriptors_lookup:
 * @message: the call
 * @options: an a{sv} of it, normalised by ferry_options_check()
 * @key: an option of the type h
 * @descriptor: (out) (transfer full) (nullable): a duplicate of its own, %NULL where @key is not given
 * @error: %FERRY_ERROR_INVALID_ARGUMENT where the handle stands for no descriptor of the message,
 *   %FERRY_ERROR_LIMIT_EXCEEDED where the service has no room for another
 *
 * What kind of descriptor it is is found out later, on a worker, by ferryd_descriptor_check().
 *
 * Returns: whether @descriptor says what was given
 */
gboolean
ferryd_descriptors_lookup (GDBusMessage *message, GVariant *options, const char *key,
                           FerrydDescriptor **descriptor, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  gint32 handle;
  int fd;

  *descriptor = NULL;
  if (!g_variant_lookup (options, key, "h", &handle))
    return TRUE;
  if (handle < 0 || handle >= count (message))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                   "Option '%s': handle %d stands for no descriptor, as the call carries %d; send the "
                   "descriptor with the call and count from 0",
                   key, handle, count (message));
      return FALSE;
    }
  fd = g_unix_fd_list_get (g_dbus_message_get_unix_fd_list (message), handle, &local_error);
  if (fd < 0)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_LIMIT_EXCEEDED,
                   "Option '%s': the descriptor cannot be kept: %s; try again when less is under way", key,
                   local_error->message);
      return FALSE;
    }
  *descriptor = ferryd_descriptor_new (fd);
  return TRUE;
}
