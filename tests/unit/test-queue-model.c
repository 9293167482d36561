/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Random steps with a queue whose server, disk and network behave as badly as they do in the world. Whatever
 * happens, what it has said stays true. FERRYD_MODEL_STEPS and FERRYD_MODEL_SEED say how long and which. */

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "ferryd-model-client.h"
#include "ferryd-queue-audit.h"

#define STEPS 3000

/* More unfinished operations than run at once, few enough to meet each other. */
#define MAX_OPERATIONS 30

/* Between two moments at which everything has settled. */
#define BURST 8

/* A queue that does not settle in so many seconds hangs. */
#define PATIENCE 30

/* What happens outside. */

static void
change_settings (FerrydModelWorld *world)
{
  FerrydSettingsValues values = *ferryd_settings_get (world->kit.settings);

  values.max_running = 1 + ferryd_model_draw (world, 5);
  values.max_running_per_host = 1 + ferryd_model_draw (world, 3);
  values.max_retries = ferryd_model_draw (world, 4);
  values.max_operations_per_application = 10 + ferryd_model_draw (world, 20);
  ferryd_settings_override (world->kit.settings, &values);
}

static void
change_conditions (FerrydModelWorld *world)
{
  FerrydQueueKit *kit = &world->kit;

  /* Mostly everything is well, or nothing would ever end. */
  gboolean good = ferryd_model_draw (world, 3) != 0;

  ferryd_fake_network_monitor_set_connectivity (
      kit->network, good ? FERRY_CONNECTIVITY_FULL
                         : (FerryConnectivity) ferryd_model_draw (world, FERRY_CONNECTIVITY_FULL));
  ferryd_fake_network_monitor_set_cost (
      kit->network, good ? FERRY_NETWORK_COST_UNRESTRICTED : (FerryNetworkCost) ferryd_model_draw (world, 4),
      ferryd_model_draw (world, 4) == 0, ferryd_model_draw (world, 4) == 0, ferryd_model_draw (world, 4) == 0,
      ferryd_model_draw (world, 4) == 0);
  ferryd_fake_network_monitor_set_ready (kit->network, good || ferryd_model_draw (world, 2) == 0);
  if (ferryd_model_draw (world, 3) == 0)
    ferryd_fake_network_monitor_change_link (kit->network, !good && ferryd_model_draw (world, 2) == 0);
  ferryd_fake_sleep_monitor_set_asleep (kit->sleep, !good && ferryd_model_draw (world, 4) == 0);
  ferryd_fake_power_monitor_set (kit->power, TRUE, !good && ferryd_model_draw (world, 2) == 0);
}

static void
let_time_pass (FerrydModelWorld *world)
{
  static const gint64 spans[] = { G_TIME_SPAN_MILLISECOND, 3 * G_TIME_SPAN_SECOND, 20 * G_TIME_SPAN_SECOND,
                                  G_TIME_SPAN_MINUTE, 3 * G_TIME_SPAN_HOUR };

  if (ferryd_model_draw (world, 300) == 0)
    ferryd_fake_clock_advance (world->kit.clock, 31 * G_TIME_SPAN_DAY);
  else
    ferryd_fake_clock_advance (world->kit.clock, spans[ferryd_model_draw (world, G_N_ELEMENTS (spans))]);
}

/* Checks. */

static gboolean
is_silent (const char *uri, gpointer user_data)
{
  const FerrydModelWorld *world = user_data;

  return ferryd_model_server_is_silent (world->server, uri);
}

static gboolean
on_patience_lost (gpointer user_data)
{
  g_error ("The queue does not settle");
  return G_SOURCE_REMOVE;
}

static void
skip_log (FerrydModelWorld *world)
{
  static const char *const names[] = { "added",       "changed", "ended", "removed", "conditions-changed",
                                       "busy-changed" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    ferryd_signal_log_skip (world->kit.log, names[i]);
}

static void
settle (FerrydModelWorld *world)
{
  guint patience = g_timeout_add_seconds (PATIENCE, on_patience_lost, NULL);

  ferryd_fake_store_release (world->kit.store);
  for (;;)
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
      if (!ferryd_queue_audit_is_settled (&world->kit, is_silent, world))
        g_main_context_iteration (NULL, TRUE);
      else if (world->calls->len > 0)
        /* Who waits for an end that could not be recorded waits for its next try. */
        ferryd_fake_clock_advance (world->kit.clock, 5 * G_TIME_SPAN_SECOND);
      else
        break;
    }
  g_source_remove (patience);
}

/* Nothing but whole files, and partial ones of those who may need them. */
static void
check_files (FerrydModelWorld *world)
{
  g_autoptr (GDir) dir = g_dir_open (world->kit.folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (world->kit.folder, name, NULL);
      g_autofree char *bytes = NULL;
      gsize size;

      if (g_str_has_prefix (name, ".ferry-"))
        {
          g_autofree char *text = g_strndup (name + strlen (".ferry-"), FERRYD_ID_TEXT_SIZE - 1);
          FerrydId id;

          g_assert_true (ferryd_id_parse (text, &id));
          if (!ferryd_queue_contains (world->kit.queue, &id) ||
              ferry_state_is_finished (ferryd_model_get_state (world->kit.queue, &id)))
            g_error ("%s is left", name);
          continue;
        }
      g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
      if (!ferryd_model_server_knows ((const guint8 *) bytes, size))
        g_error ("%s is no file of the server's", name);
      /* Room for the next of that name. */
      if (ferryd_model_draw (world, 2) == 0)
        g_unlink (path);
    }
}

static void
check_known (FerrydModelWorld *world)
{
  const FerrydFilter all = { .kinds = 1u << FERRY_KIND_DOWNLOAD };
  g_autoptr (GArray) ids = ferryd_queue_list (world->kit.queue, &all);
  GHashTableIter iter;
  gpointer value;
  guint there = 0;

  g_hash_table_iter_init (&iter, world->known);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      FerrydModelKnown *known = value;
      g_autoptr (FerrydDescription) description = ferryd_queue_describe (world->kit.queue, &known->id);

      if (description == NULL)
        {
          /* Only what was removed may be gone; a kill may have come before it was told. */
          g_assert_true (known->removed || known->asked & (1u << FERRY_VERB_REMOVE));
          g_hash_table_iter_remove (&iter);
          continue;
        }
      g_assert_false (known->removed);
      ferryd_model_see (world, world->kit.queue, known);
      known->asked = 0;
      if (known->priority >= 0)
        g_assert_cmpint (description->priority, ==, known->priority);
      there++;
    }
  g_assert_cmpuint (there, ==, ids->len);
}

static void
check (FerrydModelWorld *world)
{
  settle (world);
  ferryd_queue_audit (&world->kit);
  check_known (world);
  check_files (world);
  skip_log (world);
  /* And nothing is told where nothing happens. */
  settle (world);
  g_assert_cmpuint (ferryd_signal_log_count (world->kit.log), ==, 0);
}

/* In the middle of things. What is found afterwards may have been created without an answer. */
static void
begin_again (FerrydModelWorld *world, gboolean crash)
{
  const FerrydFilter all = { .kinds = 1u << FERRY_KIND_DOWNLOAD };
  g_autoptr (GArray) ids = NULL;
  GHashTableIter iter;
  gpointer value;

  ferryd_model_forget_edits (world);
  skip_log (world);
  ferryd_queue_kit_break (&world->kit, crash);
  g_assert_cmpuint (world->calls->len, ==, 0);
  g_hash_table_iter_init (&iter, world->known);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      FerrydModelKnown *known = value;

      if (known->uncertain)
        known->priority = -1;
      known->uncertain = FALSE;
    }
  ids = ferryd_queue_list (world->kit.queue, &all);
  for (guint i = 0; i < ids->len; i++)
    {
      const FerrydId *id = &g_array_index (ids, FerrydId, i);
      FerrydModelKnown *known = ferryd_model_learn (world, id);

      if (!known->added)
        known->state = ferryd_model_get_state (world->kit.queue, id);
      known->added = TRUE;
    }
  ferryd_model_watch (world);
}

static void
do_step (FerrydModelWorld *world)
{
  guint kind = ferryd_model_draw (world, 100);

  if (kind < 20)
    ferryd_model_create (world);
  else if (kind < 50)
    ferryd_model_verb (world);
  else if (kind < 60)
    ferryd_model_edit (world);
  else if (kind < 63)
    ferryd_model_read (world);
  else if (kind < 68)
    ferryd_model_group (world);
  else if (kind < 70)
    ferryd_model_for_each (world, (FerryVerb) ferryd_model_draw (world, FERRY_N_VERBS),
                           ferryd_model_draw_application (world));
  else if (kind < 72)
    change_settings (world);
  else if (kind < 76)
    change_conditions (world);
  else if (kind < 85)
    let_time_pass (world);
  else if (kind < 90)
    ferryd_model_server_break_silence (world->server);
  else if (kind < 93)
    ferryd_fake_store_hold (world->kit.store);
  else if (kind < 95)
    ferryd_fake_store_fail_next (world->kit.store);
  else if (kind < 97)
    begin_again (world, ferryd_model_draw (world, 3) != 0);
  else
    ferryd_fake_store_release (world->kit.store);
  for (guint n = ferryd_model_draw (world, 12); n > 0; n--)
    g_main_context_iteration (NULL, FALSE);
}

/* Room for new ones. */
static void
clear_out (FerrydModelWorld *world)
{
  if (g_hash_table_size (world->known) < MAX_OPERATIONS)
    return;
  ferryd_model_for_each (world, FERRY_VERB_CANCEL, ferryd_model_draw_application (world));
  settle (world);
  ferryd_model_for_each (world, FERRY_VERB_REMOVE, NULL);
  check (world);
}

static void
run (FerrydModelWorld *world, guint steps)
{
  for (guint i = 1; i <= steps; i++)
    {
      do_step (world);
      if (i % BURST != 0)
        continue;
      check (world);
      clear_out (world);
    }
  check (world);
}

/* What cannot be recorded is warned of, again and again. */
static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  if (level & (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE))
    return G_LOG_WRITER_HANDLED;
  return g_log_writer_default (level, fields, n_fields, user_data);
}

static guint32
get_number (const char *variable, guint32 otherwise)
{
  const char *text = g_getenv (variable);

  return text != NULL ? (guint32) g_ascii_strtoull (text, NULL, 10) : otherwise;
}

static void
test_model (void)
{
  guint32 seed = get_number ("FERRYD_MODEL_SEED", (guint32) g_test_rand_int ());
  guint32 steps = get_number ("FERRYD_MODEL_STEPS", STEPS);
  FerrydModelWorld world = { 0 };

  g_test_message ("FERRYD_MODEL_SEED=%u FERRYD_MODEL_STEPS=%u", seed, steps);
  world.rand = g_rand_new_with_seed (seed);
  world.known = g_hash_table_new_full (ferryd_id_hash, ferryd_id_equal, NULL, g_free);
  world.calls = g_ptr_array_new_with_free_func (g_free);
  ferryd_queue_kit_set_up (&world.kit, NULL);
  world.server = ferryd_model_server_new (world.kit.transport, world.rand);
  ferryd_model_watch (&world);

  run (&world, steps);

  g_test_message ("%u operations created, %u completed", world.created, world.completed);
  g_assert_cmpuint (world.completed, >, steps / 200);
  ferryd_queue_kit_tear_down (&world.kit, NULL);
  ferryd_model_server_free (world.server);
  g_ptr_array_unref (world.calls);
  g_hash_table_unref (world.known);
  g_rand_free (world.rand);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
  g_log_set_writer_func (write_log, NULL, NULL);
  g_test_add_func ("/queue-model/random", test_model);
  return g_test_run ();
}
