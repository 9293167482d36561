/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-kit.h"

#include <ftw.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define APPLICATION "org.example.App"
#define URI "http://server.example/file"

/* How long a worker may take to let go, microseconds; more is a leak. */
#define PATIENCE (10 * G_TIME_SPAN_SECOND)

static void
keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
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

static void
start_queue (FerrydQueueKit *kit)
{
  const FerrydQueueParts parts = {
    .clock = FERRYD_CLOCK (kit->clock),
    .store = FERRYD_STORE (kit->store),
    .transport = FERRYD_TRANSPORT (kit->transport),
    .io = kit->io,
    .settings = kit->settings,
    .network = FERRYD_NETWORK_MONITOR (kit->network),
    .power = FERRYD_POWER_MONITOR (kit->power),
    .sleep = FERRYD_SLEEP_MONITOR (kit->sleep),
    .handlers = FERRYD_HANDLER_CALLER (kit->handlers),
    .notifier = FERRYD_NOTIFIER (kit->notifier),
    .applications = FERRYD_APPLICATIONS (kit->applications),
    .state_directory = kit->state,
  };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  kit->queue = ferryd_queue_new (&parts);
  ferryd_queue_load_async (kit->queue, NULL, keep_result, &result);
  ferryd_queue_load_finish (kit->queue, wait_for (&result), &error);
  g_assert_no_error (error);
  kit->log = ferryd_signal_log_new (kit->queue);
  ferryd_signal_log_ignore (kit->log, "causes-changed");
}

/* Workers that nobody waits for (sweeping), or that have just answered, let go of what they hold in their
 * thread, which wakes nobody. */
static void
finalize (gpointer object)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE;

  while (g_atomic_int_get (&G_OBJECT (object)->ref_count) > 1 && g_get_monotonic_time () < deadline)
    {
      g_main_context_iteration (NULL, FALSE);
      g_thread_yield ();
    }
  g_assert_finalize_object (object);
}

/* What the store was held back from goes on once everything else has ended. */
static void
end_queue (FerrydQueueKit *kit)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ferryd_queue_close_async (kit->queue, keep_result, &result);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  ferryd_fake_store_release (kit->store);
  ferryd_queue_close_finish (kit->queue, wait_for (&result), &error);
  g_assert_no_error (error);
  g_clear_object (&result);
  finalize (g_steal_pointer (&kit->queue));
  g_assert_cmpuint (ferryd_fake_clock_count_alarms (kit->clock), ==, 0);
}

static void
stop_queue (FerrydQueueKit *kit)
{
  ferryd_queue_kit_settle (kit);
  g_clear_pointer (&kit->log, ferryd_signal_log_free);
  end_queue (kit);
}

/**
 * ferryd_queue_kit_set_up:
 * @kit: (out caller-allocates): a kit
 * @data: not used
 */
void
ferryd_queue_kit_set_up (FerrydQueueKit *kit, gconstpointer data)
{
  kit->base = g_dir_make_tmp ("ferry-queue-XXXXXX", NULL);
  g_assert_nonnull (kit->base);
  kit->folder = g_build_filename (kit->base, "folder", NULL);
  kit->state = g_build_filename (kit->base, "state", NULL);
  g_assert_cmpint (g_mkdir (kit->folder, 0755), ==, 0);
  g_assert_cmpint (g_mkdir (kit->state, 0700), ==, 0);
  kit->clock = ferryd_fake_clock_new ();
  kit->store = ferryd_fake_store_new ();
  kit->transport = ferryd_fake_transport_new ();
  kit->network = ferryd_fake_network_monitor_new ();
  kit->power = ferryd_fake_power_monitor_new ();
  kit->sleep = ferryd_fake_sleep_monitor_new ();
  kit->handlers = ferryd_fake_handler_caller_new ();
  kit->notifier = ferryd_fake_notifier_new ();
  kit->applications = ferryd_fake_applications_new ();
  kit->settings = ferryd_settings_new (NULL);
  kit->io = ferryd_io_thread_new_inline ();
  start_queue (kit);
}

static int
remove_one (const char *path, const struct stat *file, int kind, struct FTW *place)
{
  return remove (path);
}

/**
 * ferryd_queue_kit_tear_down:
 * @kit: a kit
 * @data: not used
 *
 * Fails the test where an emission was not read, or where somebody keeps a part of the queue or an alarm.
 */
void
ferryd_queue_kit_tear_down (FerrydQueueKit *kit, gconstpointer data)
{
  stop_queue (kit);
  ferryd_io_thread_free (kit->io);
  g_assert_finalize_object (kit->settings);
  g_assert_finalize_object (kit->sleep);
  g_assert_finalize_object (kit->power);
  g_assert_finalize_object (kit->handlers);
  g_assert_finalize_object (kit->notifier);
  g_assert_finalize_object (kit->applications);
  g_assert_finalize_object (kit->network);
  finalize (kit->transport);
  g_assert_finalize_object (kit->store);
  g_assert_finalize_object (kit->clock);
  g_assert_cmpint (nftw (kit->base, remove_one, 8, FTW_DEPTH | FTW_PHYS), ==, 0);
  g_free (kit->state);
  g_free (kit->folder);
  g_free (kit->base);
}

/**
 * ferryd_queue_kit_restart:
 * @kit: a kit
 *
 * Ends the queue in order and begins another with what the store holds.
 */
void
ferryd_queue_kit_restart (FerrydQueueKit *kit)
{
  stop_queue (kit);
  start_queue (kit);
}

/**
 * ferryd_queue_kit_break:
 * @kit: a kit
 * @crash: as a kill does, as far as the store knows: what it has not carried out by now never was
 *
 * Ends the queue in the middle of things, and begins another with what the store holds.
 */
void
ferryd_queue_kit_break (FerrydQueueKit *kit, gboolean crash)
{
  g_clear_pointer (&kit->log, ferryd_signal_log_free);
  if (crash)
    ferryd_fake_store_crash (kit->store);
  end_queue (kit);
  start_queue (kit);
}

/**
 * ferryd_queue_kit_settle:
 * @kit: a kit
 *
 * Lets everything happen that happens by itself now.
 */
void
ferryd_queue_kit_settle (FerrydQueueKit *kit)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
  ferryd_signal_log_skip (kit->log, "busy-changed");
}

/**
 * ferryd_queue_kit_ask:
 * @kit: a kit
 * @uri: what to download
 * @leaf: name in the kit's folder; one with a slash is a path
 * @options: an `a{sv}` in text form, as normalised
 *
 * Returns: (transfer full): an operation to be created
 */
FerrydCreation *
ferryd_queue_kit_ask (FerrydQueueKit *kit, const char *uri, const char *leaf, const char *options)
{
  FerrydCreation *creation = g_new0 (FerrydCreation, 1);
  g_autofree char *destination =
      strchr (leaf, '/') != NULL ? g_strdup (leaf) : g_build_filename (kit->folder, leaf, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) parsed = g_variant_parse (G_VARIANT_TYPE_VARDICT, options, NULL, NULL, &error);

  g_assert_no_error (error);
  creation->request = ferryd_request_new (FERRY_KIND_DOWNLOAD, uri, destination, parsed, &error);
  g_assert_no_error (error);
  return creation;
}

/**
 * ferryd_queue_kit_create_many:
 * @kit: a kit
 * @application: whose they are
 * @creations: (transfer full) (element-type FerrydCreation): what is asked for
 * @error: return location for a FERRY_ERROR
 *
 * Returns: (transfer full) (nullable): @creations with their ids
 */
GPtrArray *
ferryd_queue_kit_create_many (FerrydQueueKit *kit, const char *application, GPtrArray *creations,
                              GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_ptr_array_set_free_func (creations, (GDestroyNotify) ferryd_creation_free);
  ferryd_queue_create_async (kit->queue, application, creations, keep_result, &result);
  return ferryd_queue_create_finish (kit->queue, wait_for (&result), error);
}

/**
 * ferryd_queue_kit_try_create:
 * @kit: a kit
 * @application: whose it is
 * @creation: (transfer full): what is asked for
 * @id: (out) (optional): the operation
 * @error: return location for a FERRY_ERROR
 *
 * Returns: whether it was created
 */
gboolean
ferryd_queue_kit_try_create (FerrydQueueKit *kit, const char *application, FerrydCreation *creation,
                             FerrydId *id, GError **error)
{
  GPtrArray *creations = g_ptr_array_new ();
  g_autoptr (GPtrArray) created = NULL;

  g_ptr_array_add (creations, creation);
  created = ferryd_queue_kit_create_many (kit, application, creations, error);
  if (created == NULL)
    return FALSE;
  g_assert_cmpuint (created->len, ==, 1);
  if (id != NULL)
    *id = ((FerrydCreation *) g_ptr_array_index (created, 0))->id;
  return TRUE;
}

/**
 * ferryd_queue_kit_create:
 * @kit: a kit
 * @leaf: name in the kit's folder
 * @options: an `a{sv}` in text form
 *
 * Creates what can be created, and reads its `added`.
 *
 * Returns: the operation
 */
FerrydId
ferryd_queue_kit_create (FerrydQueueKit *kit, const char *leaf, const char *options)
{
  g_autoptr (GError) error = NULL;
  char text[FERRYD_ID_TEXT_SIZE];
  FerrydId id;

  ferryd_queue_kit_try_create (kit, APPLICATION, ferryd_queue_kit_ask (kit, URI, leaf, options), &id, &error);
  g_assert_no_error (error);
  ferryd_id_format (&id, text);
  ferryd_signal_log_skip (kit->log, "busy-changed");
  ferryd_signal_log_expect (kit->log, "added (%s)", text);
  return id;
}

/**
 * ferryd_queue_kit_run:
 * @kit: a kit
 * @leaf: name in the kit's folder
 * @options: an `a{sv}` in text form
 *
 * The same, started, and waits until it runs.
 *
 * Returns: the operation
 */
FerrydId
ferryd_queue_kit_run (FerrydQueueKit *kit, const char *leaf, const char *options)
{
  FerrydId id = ferryd_queue_kit_create (kit, leaf, options);
  g_autoptr (GError) error = NULL;

  ferryd_queue_kit_verb (kit, &id, FERRY_VERB_START, &error);
  g_assert_no_error (error);
  ferryd_queue_kit_wait_state (kit, &id, FERRY_STATE_RUNNING);
  ferryd_queue_kit_expect_changes (kit, &id);
  return id;
}

/**
 * ferryd_queue_kit_verb:
 * @kit: a kit
 * @id: an operation
 * @verb: what to do with it
 * @error: return location for a FERRY_ERROR
 *
 * Returns: whether that could be done
 */
gboolean
ferryd_queue_kit_verb (FerrydQueueKit *kit, const FerrydId *id, FerryVerb verb, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ferryd_queue_verb_async (kit->queue, id, verb, keep_result, &result);
  return ferryd_queue_verb_finish (kit->queue, wait_for (&result), error);
}

/**
 * ferryd_queue_kit_for_each:
 * @kit: a kit
 * @verb: what to do
 * @filter: with which
 *
 * Returns: how many it took effect on
 */
guint
ferryd_queue_kit_for_each (FerrydQueueKit *kit, FerryVerb verb, const FerrydFilter *filter)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  guint count = 0;

  ferryd_queue_for_each_async (kit->queue, verb, filter, keep_result, &result);
  ferryd_queue_for_each_finish (kit->queue, wait_for (&result), &count, &error);
  g_assert_no_error (error);
  return count;
}

/**
 * ferryd_queue_kit_describe:
 * @kit: a kit
 * @id: an operation
 *
 * Returns: (transfer full) (nullable): all there is to tell about it
 */
FerrydDescription *
ferryd_queue_kit_describe (FerrydQueueKit *kit, const FerrydId *id)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) descriptions = NULL;

  ferryd_queue_describe_async (kit->queue, id, 1, keep_result, &result);
  descriptions = ferryd_queue_describe_finish (kit->queue, wait_for (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (descriptions->len, ==, 1);
  return g_ptr_array_steal_index (descriptions, 0);
}

/**
 * ferryd_queue_kit_state:
 * @kit: a kit
 * @id: an operation that is there
 *
 * Returns: its state now
 */
FerryState
ferryd_queue_kit_state (FerrydQueueKit *kit, const FerrydId *id)
{
  g_autoptr (FerrydDescription) description = ferryd_queue_describe (kit->queue, id);

  g_assert_nonnull (description);
  return description->state;
}

/**
 * ferryd_queue_kit_wait_state:
 * @kit: a kit
 * @id: an operation
 * @state: what it is about to be
 *
 * Waits for threads and idle sources, never for time; a state that does not come hangs until the test's time
 * is over.
 */
void
ferryd_queue_kit_wait_state (FerrydQueueKit *kit, const FerrydId *id, FerryState state)
{
  while (ferryd_queue_kit_state (kit, id) != state)
    g_main_context_iteration (NULL, TRUE);
}

/**
 * ferryd_queue_kit_assert_causes:
 * @kit: a kit
 * @id: an operation
 * @causes: why it does not run
 */
void
ferryd_queue_kit_assert_causes (FerrydQueueKit *kit, const FerrydId *id, FerrydCauses causes)
{
  g_autoptr (FerrydDescription) description = ferryd_queue_describe (kit->queue, id);

  g_assert_cmphex (description->causes, ==, causes);
}

/**
 * ferryd_queue_kit_expect_changes:
 * @kit: a kit
 * @id: an operation
 *
 * Reads every `changed` of @id; there must have been one.
 */
void
ferryd_queue_kit_expect_changes (FerrydQueueKit *kit, const FerrydId *id)
{
  char text[FERRYD_ID_TEXT_SIZE];
  guint n = 0;

  ferryd_id_format (id, text);
  while (ferryd_signal_log_take (kit->log, "changed (%s, TRUE)", text) ||
         ferryd_signal_log_take (kit->log, "changed (%s, FALSE)", text))
    n++;
  g_assert_cmpuint (n, >, 0);
}

/**
 * ferryd_queue_kit_fetch:
 * @kit: a kit
 * @nth: which, from 0
 *
 * Waits until that fetch has begun.
 *
 * Returns: (transfer none): the fetch
 */
FerrydFetch *
ferryd_queue_kit_fetch (FerrydQueueKit *kit, guint nth)
{
  return ferryd_fake_transport_wait_fetch (kit->transport, nth);
}

/**
 * ferryd_queue_kit_path:
 * @kit: a kit
 * @leaf: name in the kit's folder
 *
 * Returns: (transfer full): its path
 */
char *
ferryd_queue_kit_path (FerrydQueueKit *kit, const char *leaf)
{
  return g_build_filename (kit->folder, leaf, NULL);
}

/**
 * ferryd_queue_kit_count_files:
 * @kit: a kit
 *
 * Returns: how many files there are in the kit's folder, partial ones too
 */
guint
ferryd_queue_kit_count_files (FerrydQueueKit *kit)
{
  g_autoptr (GDir) dir = g_dir_open (kit->folder, 0, NULL);
  guint n = 0;

  g_assert_nonnull (dir);
  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}
