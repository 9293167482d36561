/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Downloads all of a list and writes down what became of it, without running itself while they come.
 *
 *     ferry-fetch-all FOLDER URL...
 *
 * asks Ferry for every URL in one completion group and ends. When all of them have ended, Ferry calls
 * org.ferry.Transfer1.CompletionHandler, for which the session bus starts this program again; the report is
 * then beside the files, as `report.txt`, and only then the call is answered. A crash before that leads to
 * another call. */

#include <ferry.h>

#define APPLICATION "org.example.FerryFetchAll"
#define REPORT "report.txt"

static const char interface[] = "<node>"
                                "  <interface name='org.ferry.Transfer1.CompletionHandler'>"
                                "    <method name='OperationsEnded'>"
                                "      <arg type='o' name='group' direction='in'/>"
                                "      <arg type='ao' name='downloads' direction='in'/>"
                                "      <arg type='ao' name='uploads' direction='in'/>"
                                "    </method>"
                                "  </interface>"
                                "</node>";

#define TYPE_HANDLER (handler_get_type ())
G_DECLARE_FINAL_TYPE (Handler, handler, FERRY_FETCH_ALL, HANDLER, GApplication)

struct _Handler
{
  GApplication parent_instance;
};

G_DEFINE_FINAL_TYPE (Handler, handler, G_TYPE_APPLICATION)

/* What has become of the downloads, one line each. */

/* (transfer full): what has no name yet is to go into a folder that ends in a slash. */
static GFile *
get_folder (FerryOperation *download)
{
  g_autofree char *destination = NULL;
  g_autofree char *folder = NULL;

  g_object_get (download, "destination", &destination, NULL);
  folder = g_path_get_dirname (destination);
  return g_str_has_prefix (folder, "file:") ? g_file_new_for_uri (folder) : g_file_new_for_path (folder);
}

/* (transfer full) */
static char *
describe (FerryOperation *download)
{
  g_autoptr (GError) error = ferry_operation_get_error (download);

  if (ferry_operation_get_state (download) == FERRY_STATE_COMPLETED)
    return g_strdup ("there");
  return g_strdup (error != NULL ? error->message : "canceled");
}

static gboolean
write_report (GListModel *downloads, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GFile) report = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (downloads); i++)
    {
      g_autoptr (FerryOperation) download = g_list_model_get_item (downloads, i);
      g_autoptr (GFile) folder = get_folder (download);
      g_autofree char *what = describe (download);

      if (report == NULL)
        report = g_file_get_child (folder, REPORT);
      g_string_append_printf (text, "%s\t%s\n", ferry_operation_get_uri (download), what);
    }
  return report == NULL || g_file_replace_contents (report, text->str, text->len, NULL, FALSE,
                                                    G_FILE_CREATE_NONE, NULL, NULL, error);
}

static void
on_activation (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GDBusMethodInvocation *invocation = user_data;
  g_autoptr (GListModel) downloads = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryCompletionGroup) group =
      ferry_completion_group_from_activation_finish (result, &downloads, NULL, &error);

  /* An error makes Ferry call again, later. */
  if (group != NULL && write_report (downloads, &error))
    g_dbus_method_invocation_return_value (invocation, NULL);
  else
    g_dbus_method_invocation_return_gerror (invocation, error);
  g_application_release (g_application_get_default ());
}

static void
on_method_call (GDBusConnection *connection, const char *sender, const char *path, const char *interface_name,
                const char *method, GVariant *parameters, GDBusMethodInvocation *invocation,
                gpointer user_data)
{
  g_application_hold (G_APPLICATION (user_data));
  ferry_completion_group_from_activation_async (parameters, NULL, on_activation, invocation);
}

static const GDBusInterfaceVTable vtable = { on_method_call, NULL, NULL, { NULL } };

static gboolean
handler_dbus_register (GApplication *application, GDBusConnection *connection, const char *path,
                       GError **error)
{
  g_autoptr (GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (interface, error);

  return info != NULL && g_dbus_connection_register_object (connection, path, info->interfaces[0], &vtable,
                                                            application, NULL, error) != 0;
}

static void
handler_activate (GApplication *application)
{
}

static void
handler_class_init (HandlerClass *klass)
{
  G_APPLICATION_CLASS (klass)->dbus_register = handler_dbus_register;
  G_APPLICATION_CLASS (klass)->activate = handler_activate;
}

static void
handler_init (Handler *self)
{
}

/* Asking for them. A program with a main loop of its own would not wait. */

static void
keep (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **kept = user_data;

  *kept = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **kept)
{
  while (*kept == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *kept;
}

static FerryCompletionGroup *
make_group (GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ferry_completion_group_new_async (APPLICATION, NULL, NULL, keep, &result);
  return ferry_completion_group_new_finish (wait_for (&result), error);
}

static gboolean
add (FerryDownloader *downloader, FerryCompletionGroup *group, GFile *folder, const char *uri, GError **error)
{
  g_autoptr (FerryDownloadRequest) request = ferry_download_request_new (uri, folder);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (FerryOperation) download = NULL;

  ferry_download_request_set_into_folder (request, TRUE);
  ferry_request_set_option (FERRY_REQUEST (request), "completion-group",
                            g_variant_new_object_path (ferry_completion_group_get_path (group)));
  ferry_request_set_option (FERRY_REQUEST (request), "start", g_variant_new_boolean (TRUE));
  ferry_factory_create_async (FERRY_FACTORY (downloader), FERRY_REQUEST (request), NULL, keep, &result);
  download = ferry_factory_create_finish (FERRY_FACTORY (downloader), wait_for (&result), error);
  return download != NULL;
}

static gboolean
fetch (GFile *folder, char **uris, GError **error)
{
  g_autoptr (FerryCompletionGroup) group = make_group (error);
  g_autoptr (FerryDownloader) downloader = ferry_downloader_new ();
  g_autoptr (GAsyncResult) result = NULL;

  if (group == NULL)
    return FALSE;
  for (guint i = 0; uris[i] != NULL; i++)
    {
      if (!add (downloader, group, folder, uris[i], error))
        return FALSE;
    }
  ferry_completion_group_enable_async (group, NULL, keep, &result);
  return ferry_completion_group_enable_finish (group, wait_for (&result), error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GApplication) application = NULL;
  g_autoptr (GFile) folder = NULL;
  g_autoptr (GError) error = NULL;

  if (argc > 2)
    {
      folder = g_file_new_for_commandline_arg (argv[1]);
      if (fetch (folder, &argv[2], &error))
        return 0;
      g_printerr ("ferry-fetch-all: %s\n", error->message);
      return 1;
    }
  if (argc != 2 || !g_str_equal (argv[1], "--gapplication-service"))
    {
      g_printerr ("Usage: ferry-fetch-all FOLDER URL…\n");
      return 2;
    }
  application = g_object_new (TYPE_HANDLER, "application-id", APPLICATION, "flags", G_APPLICATION_IS_SERVICE,
                              "inactivity-timeout", 200, NULL);
  return g_application_run (application, 1, argv);
}
