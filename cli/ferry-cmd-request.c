/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferry-cmd-request.h"

#include <glib/gi18n.h>

/**
 * ferry_cmd_request_read:
 * @self: (out caller-allocates): what the command line says, without requests yet
 * @options: (inout): those of the contract
 * @command: `get` or `put`
 * @entries: (array zero-terminated=1): options that only this command has
 * @argv: (inout): its arguments, its name at their head; afterwards the words among them alone
 * @error: (nullable): what is wrong with them
 *
 * Returns: whether they can be understood
 */
gboolean
ferry_cmd_request_read (FerryCmdRequest *self, FerryCmdOptions *options, const FerryCmd *command,
                        const GOptionEntry *entries, GStrv *argv, GError **error)
{
  const GOptionEntry own[] = {
    { "detach", 'd', 0, G_OPTION_ARG_NONE, &self->detach, N_ ("Leave it to the service, print its id"),
      NULL },
    { "no-start", 0, 0, G_OPTION_ARG_NONE, &self->no_start, N_ ("Create it only: “ferry start” starts it"),
      NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, N_ ("Print its properties as JSON"), NULL },
  };
  g_autoptr (GArray) all = g_array_new (TRUE, TRUE, sizeof (GOptionEntry));

  *self = (FerryCmdRequest){ .requests = g_ptr_array_new_with_free_func (g_object_unref) };
  g_array_append_vals (all, own, G_N_ELEMENTS (own));
  for (guint i = 0; entries[i].long_name != NULL; i++)
    g_array_append_val (all, entries[i]);
  return ferry_cmd_options_parse (options, command, (const GOptionEntry *) (gpointer) all->data, argv, 1,
                                  G_MAXUINT, error);
}

static gboolean
set_option (const char *key, GVariant *value, gpointer user_data, GError **error)
{
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_HANDLE))
    {
      ferry_request_set_option (user_data, key, value);
      return TRUE;
    }
  if (ferry_request_set_descriptor (user_data, key, g_variant_get_handle (value), error))
    return TRUE;
  g_prefix_error (error, "--%s %d: ", key, g_variant_get_handle (value));
  return FALSE;
}

/**
 * ferry_cmd_request_add:
 * @self: what a command line says
 * @request: (transfer full): what to ask the service for
 * @options: those of the contract
 * @error: (nullable): which of them is wrong
 *
 * Gives @request its options.
 *
 * Returns: whether that could be done
 */
gboolean
ferry_cmd_request_add (FerryCmdRequest *self, FerryRequest *request, FerryCmdOptions *options, GError **error)
{
  /* So that creating can be repeated if the service goes away before it answers. */
  g_autofree char *token = g_uuid_string_random ();

  g_ptr_array_add (self->requests, request);
  ferry_request_set_option (request, "token", g_variant_new_string (token));
  ferry_request_set_option (request, "application-id", g_variant_new_string (FERRY_COMMAND_APPLICATION));
  ferry_request_set_option (request, "start", g_variant_new_boolean (!self->no_start && !self->streams));
  return ferry_cmd_options_foreach (options, set_option, request, error);
}

/**
 * ferry_cmd_request_looks_like_uri:
 * @word: of a command line
 *
 * Returns: whether it is a URL rather than the name of a file
 */
gboolean
ferry_cmd_request_looks_like_uri (const char *word)
{
  g_autofree char *scheme = g_uri_parse_scheme (word);

  return scheme != NULL && g_str_has_prefix (word + strlen (scheme), "://");
}

/**
 * ferry_cmd_request_check_text:
 * @uri: a URL
 * @error: (nullable):
 *
 * Returns: whether it can be sent over the bus
 */
gboolean
ferry_cmd_request_check_text (const char *uri, GError **error)
{
  if (g_utf8_validate (uri, -1, NULL))
    return TRUE;
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("The URL is not UTF-8"));
  return FALSE;
}

/**
 * ferry_cmd_request_clear:
 * @request: what a command line said
 *
 * Frees what it owns.
 */
void
ferry_cmd_request_clear (FerryCmdRequest *request)
{
  g_clear_pointer (&request->requests, g_ptr_array_unref);
  g_clear_pointer (&request->output, g_free);
}
