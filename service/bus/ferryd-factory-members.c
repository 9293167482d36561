/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-error.h"
#include "ferry-options.h"
#include "ferryd-descriptors.h"
#include "ferryd-list-filter.h"
#include "ferryd-listing.h"
#include "ferryd-members.h"
#include "ferryd-paths.h"
#include "ferryd-upload-creation.h"

/* Creating. */

typedef struct
{
  FerrydCall *call;           /* (owned) */
  FerrydAttaching *attaching; /* (owned) (nullable): until it attaches; NULL where nothing is started */
  GArray *attach;  /* (owned) (element-type FerrydId): what is started, which attaches the caller */
  GVariant *reply; /* (owned) (nullable) */
  guint starting;  /* Starts that have not been answered */
  gboolean many;
} Creating;

static void
creating_free (Creating *creating)
{
  g_clear_pointer (&creating->attaching, ferryd_attaching_free);
  g_array_unref (creating->attach);
  g_clear_pointer (&creating->reply, g_variant_unref);
  g_free (creating);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Creating, creating_free)

static void
on_attached (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Creating) creating = user_data;
  g_autoptr (FerrydCaller) caller = ferryd_caller_ref (creating->call->caller);
  g_autoptr (GArray) late = NULL;
  g_autoptr (GError) error = NULL;

  /* They are created and started whether that can be shown or not, or somebody removed one since. */
  if (!ferryd_subscribers_attach_finish (FERRYD_SUBSCRIBERS (source), result, &late, &error))
    g_message ("A new operation could not be attached to: %s", error->message);
  ferryd_call_reply (creating->call, creating->reply);
  ferryd_subscribers_tell_ended (FERRYD_SUBSCRIBERS (source), caller, late);
}

static void
attach (Creating *creating)
{
  if (--creating->starting > 0)
    return;
  if (creating->attach->len > 0)
    {
      ferryd_subscribers_attach_async (g_steal_pointer (&creating->attaching), creating->attach, on_attached,
                                       creating);
      return;
    }
  ferryd_call_reply (creating->call, creating->reply);
  creating_free (creating);
}

/* An older operation with the same token may be one that cannot be started any more: it is attached to all
 * the same. */
static void
on_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ferryd_queue_verb_finish (FERRYD_QUEUE (source), result, NULL);
  attach (user_data);
}

static void
on_created (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Creating *creating = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) creations = ferryd_queue_create_finish (FERRYD_QUEUE (source), result, &error);
  g_auto (GVariantBuilder) paths = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_OBJECT_PATH_ARRAY);

  if (creations == NULL)
    {
      ferryd_call_fail (creating->call, error);
      creating_free (creating);
      return;
    }
  creating->starting = 1;
  for (guint i = 0; i < creations->len; i++)
    {
      const FerrydCreation *creation = g_ptr_array_index (creations, i);
      g_autofree char *path = ferryd_paths_of_operation (&creation->id);

      g_variant_builder_add (&paths, "o", path);
      if (!creation->request->start)
        continue;
      g_array_append_val (creating->attach, creation->id);
      if (creation->request->token == NULL)
        continue;
      creating->starting++;
      ferryd_queue_verb_async (FERRYD_QUEUE (source), &creation->id, FERRY_VERB_START, on_started, creating);
    }
  if (creating->many)
    creating->reply = g_variant_ref_sink (g_variant_new ("(ao)", &paths));
  else
    {
      g_autofree char *path =
          ferryd_paths_of_operation (&((FerrydCreation *) g_ptr_array_index (creations, 0))->id);

      creating->reply = g_variant_ref_sink (g_variant_new ("(o)", path));
    }
  attach (creating);
}

/* A destination is named in one way. */
static gboolean
check_destination (const FerrydCreation *creation, const char *destination, GError **error)
{
  if (creation->file != NULL && destination[0] != '\0')
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                   "Option 'destination-fd' and the destination '%s' mean nothing together; with the option "
                   "the destination is ''",
                   destination);
      return FALSE;
    }
  if (creation->file != NULL || destination[0] != '\0')
    return TRUE;
  g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                       creation->folder != NULL
                           ? "destination is empty; with 'destination-dir-fd' right is the name of a file"
                           : "destination is empty; right would be an absolute path, or one of a folder that "
                             "ends in '/', or a file given as 'destination-fd'");
  return FALSE;
}

static FerrydCreation *
make_creation (const FerrydCall *call, const char *uri, const char *destination, GVariant *checked,
               GError **error)
{
  g_autoptr (FerrydCreation) creation = g_new0 (FerrydCreation, 1);
  g_autoptr (GVariant) complete = NULL;
  g_autofree char *bare = NULL;

  if (!ferry_options_check_uri (FERRY_OPTIONS_DOWNLOAD, uri, error) ||
      !ferryd_descriptors_lookup (call->message, checked, "destination-fd", &creation->file, error) ||
      !ferryd_descriptors_lookup (call->message, checked, "destination-dir-fd", &creation->folder, error) ||
      !check_destination (creation, destination, error) ||
      !ferryd_body_make_sources (call, checked, &creation->sources, error))
    return NULL;
  complete = ferry_options_take_credentials (checked, uri, &bare, error);
  if (complete == NULL)
    return NULL;
  creation->request = ferryd_request_new (FERRY_KIND_DOWNLOAD, bare, destination, complete, error);
  if (creation->request == NULL ||
      !ferryd_request_check_scheme (creation->request, creation->sources != NULL, error))
    return NULL;
  return g_steal_pointer (&creation);
}

/* Whose it will be. All operations of one call are one application's. */
static gboolean
find_application (const FerrydCall *call, GVariant *checked, char **application, GError **error)
{
  const char *named = call->caller->application;

  g_variant_lookup (checked, "application-id", "&s", &named);
  if (*application == NULL)
    *application = g_strdup (named);
  if (g_str_equal (*application, named))
    return TRUE;
  g_set_error (
      error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
      "application-id: '%s' and '%s' in one call; operations created together have to be of one application",
      *application, named);
  return FALSE;
}

static gboolean
will_start (gconstpointer creation, gconstpointer nothing)
{
  return ((const FerrydCreation *) creation)->request->start;
}

static void
create (FerrydMembers *members, FerrydCall *call, GPtrArray *creations, const char *application,
        gboolean many)
{
  Creating *creating = g_new0 (Creating, 1);

  creating->call = call;
  if (g_ptr_array_find_with_equal_func (creations, NULL, will_start, NULL))
    creating->attaching = ferryd_subscribers_begin_attaching (members->subscribers, call->caller, NULL);
  creating->attach = g_array_new (FALSE, FALSE, sizeof (FerrydId));
  creating->many = many;
  ferryd_queue_create_async (members->queue, application != NULL ? application : "", creations, on_created,
                             creating);
}

/* What one operation is made of: URI, destination or source, options, of a call with these options. */
static FerrydCreation *
make_one (FerrydCall *call, FerryOptionsScope scope, GVariant *tuple, char **application, GError **error)
{
  g_autoptr (GVariant) third = g_variant_get_child_value (tuple, 2);
  g_autoptr (GVariant) second = g_variant_get_child_value (tuple, 1);
  g_autoptr (GVariant) checked = ferry_options_check (scope, third, error);
  const char *uri;

  if (checked == NULL || !find_application (call, checked, application, error))
    return NULL;
  g_variant_get_child (tuple, 0, "&s", &uri);
  if (scope == FERRY_OPTIONS_MULTIPART)
    return ferryd_multipart_make_creation (call, uri, second, checked, error);
  if (scope == FERRY_OPTIONS_UPLOAD)
    return ferryd_upload_make_creation (call, uri, g_variant_get_string (second, NULL), checked, error);
  return make_creation (call, uri, g_variant_get_string (second, NULL), checked, error);
}

static gboolean
add_creation (FerrydMembers *members, FerrydCall *call, FerryOptionsScope scope, GVariant *tuple,
              GPtrArray *creations, char **application, GError **error)
{
  FerrydCreation *creation = make_one (call, scope, tuple, application, error);

  if (creation == NULL)
    return FALSE;
  g_ptr_array_add (creations, creation);
  return ferryd_completion_check_access (members->queue, call->caller, &creation->request->completion_group,
                                         error);
}

static GPtrArray *
new_creations (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_creation_free);
}

static void
create_one (FerrydMembers *members, FerrydCall *call, FerryOptionsScope scope)
{
  g_autoptr (GPtrArray) creations = new_creations ();
  g_autoptr (GError) error = NULL;
  g_autofree char *application = NULL;

  if (add_creation (members, call, scope, call->arguments, creations, &application, &error))
    create (members, call, g_steal_pointer (&creations), application, FALSE);
  else
    ferryd_call_fail (call, error);
}

static void
create_many (FerrydMembers *members, FerrydCall *call, FerryOptionsScope scope)
{
  g_autoptr (GVariant) tuples = g_variant_get_child_value (call->arguments, 0);
  g_autoptr (GPtrArray) creations = new_creations ();
  g_autoptr (GError) error = NULL;
  g_autofree char *application = NULL;

  for (gsize i = 0; i < g_variant_n_children (tuples); i++)
    {
      g_autoptr (GVariant) tuple = g_variant_get_child_value (tuples, i);

      if (add_creation (members, call, scope, tuple, creations, &application, &error))
        continue;
      g_prefix_error (&error, "operation %" G_GSIZE_FORMAT ": ", i);
      ferryd_call_fail (call, error);
      return;
    }
  create (members, call, g_steal_pointer (&creations), application, TRUE);
}

/**
 * ferryd_downloader_create:
 * @members: what it works with
 * @call: (transfer full): Create
 */
void
ferryd_downloader_create (FerrydMembers *members, FerrydCall *call)
{
  create_one (members, call, FERRY_OPTIONS_DOWNLOAD);
}

/**
 * ferryd_downloader_create_many:
 * @members: what it works with
 * @call: (transfer full): CreateMany
 */
void
ferryd_downloader_create_many (FerrydMembers *members, FerrydCall *call)
{
  create_many (members, call, FERRY_OPTIONS_DOWNLOAD);
}

/**
 * ferryd_uploader_create:
 * @members: what it works with
 * @call: (transfer full): Create
 */
void
ferryd_uploader_create (FerrydMembers *members, FerrydCall *call)
{
  create_one (members, call, FERRY_OPTIONS_UPLOAD);
}

/**
 * ferryd_uploader_create_many:
 * @members: what it works with
 * @call: (transfer full): CreateMany
 */
void
ferryd_uploader_create_many (FerrydMembers *members, FerrydCall *call)
{
  create_many (members, call, FERRY_OPTIONS_UPLOAD);
}

/**
 * ferryd_uploader_create_multipart:
 * @members: what it works with
 * @call: (transfer full): CreateMultipart
 */
void
ferryd_uploader_create_multipart (FerrydMembers *members, FerrydCall *call)
{
  create_one (members, call, FERRY_OPTIONS_MULTIPART);
}

/* Listing. */

typedef struct
{
  FerrydCall *call;         /* (owned) */
  FerrydListFilter *filter; /* (owned) */
  GVariantBuilder *builder; /* (owned) */
} Listing;

static void
on_operation (const FerrydDescription *description, gpointer user_data)
{
  Listing *listing = user_data;
  g_autofree char *path = ferryd_paths_of_operation (&description->id);
  FerrydProperties properties =
      listing->filter->properties & ferryd_operation_properties_of_kind (description->kind);

  /* It may have gone into another state since the list was made. */
  if (!ferryd_list_filter_matches (listing->filter, description))
    return;
  if (!description->is_complete)
    properties &= ~ferryd_operation_properties_with_flags (FERRYD_PROPERTY_COMPLETE);
  g_variant_builder_add (listing->builder, "{o@a{sv}}", path,
                         ferryd_operation_properties_to_dict (properties, description));
}

static void
on_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Listing *listing = user_data;
  g_autoptr (GError) error = NULL;

  if (ferryd_listing_run_finish (FERRYD_QUEUE (source), result, &error))
    ferryd_call_reply (listing->call, g_variant_new ("(a{oa{sv}})", listing->builder));
  else
    ferryd_call_fail (listing->call, error);
  g_variant_builder_unref (listing->builder);
  ferryd_list_filter_free (listing->filter);
  g_free (listing);
}

static void
list (FerrydMembers *members, FerrydCall *call, guint kinds)
{
  g_autoptr (GVariant) options = g_variant_get_child_value (call->arguments, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydListFilter) filter =
      ferryd_list_filter_new (members->queue, options, call->caller, kinds, &error);
  FerrydProperties complete = ferryd_operation_properties_with_flags (FERRYD_PROPERTY_COMPLETE);
  FerrydFilter for_queue;
  Listing *listing;

  if (filter == NULL)
    {
      ferryd_call_fail (call, error);
      return;
    }
  for_queue = ferryd_list_filter_for_queue (filter);
  listing = g_new0 (Listing, 1);
  listing->call = call;
  listing->builder = g_variant_builder_new (G_VARIANT_TYPE ("a{oa{sv}}"));
  listing->filter = g_steal_pointer (&filter);
  ferryd_listing_run_async (members->queue, ferryd_queue_list (members->queue, &for_queue),
                            (listing->filter->properties & complete) != 0, on_operation, on_listed, listing);
}

/**
 * ferryd_downloader_list:
 * @members: what it works with
 * @call: (transfer full): List
 */
void
ferryd_downloader_list (FerrydMembers *members, FerrydCall *call)
{
  list (members, call, FERRYD_KIND (FERRY_KIND_DOWNLOAD));
}

/**
 * ferryd_uploader_list:
 * @members: what it works with
 * @call: (transfer full): List
 */
void
ferryd_uploader_list (FerrydMembers *members, FerrydCall *call)
{
  list (members, call, FERRYD_KIND (FERRY_KIND_UPLOAD));
}
