/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-model-client.h"

#include <glib/gstdio.h>

#include "ferryd-operation-state.h"

static const char *const applications[] = { "org.example.One", "org.example.Two", "" };
static const char *const leaves[] = { "a",        "b.tar.gz", "c", "d", "e.bin", "f",
                                      "g.tar.xz", "h",        "i", "j", "k",     "" };

/**
 * Call:
 * @known: (unowned) (nullable): whom it is about
 *
 * A call of a client.
 */
typedef struct
{
  FerrydModelWorld *world;
  FerrydModelKnown *known;
  FerryVerb verb;
  int priority;
  gboolean is_edit;
} Call;

/**
 * ferryd_model_draw:
 * @world: a world
 * @n: more than 0
 *
 * Returns: a random number below @n
 */
guint
ferryd_model_draw (FerrydModelWorld *world, guint n)
{
  return (guint) g_rand_int_range (world->rand, 0, (gint32) n);
}

/**
 * ferryd_model_draw_application:
 * @world: a world
 *
 * Returns: one of those who have operations
 */
const char *
ferryd_model_draw_application (FerrydModelWorld *world)
{
  return applications[ferryd_model_draw (world, G_N_ELEMENTS (applications))];
}

/* Everything that may become of a state by itself, and by the verbs asked for. */
static guint
get_reachable (FerryState state, guint asked)
{
  guint reached = 1u << state, before = 0;

  while (reached != before)
    {
      before = reached;
      for (guint from = 0; from < FERRY_N_STATES; from++)
        for (guint event = 0; (reached & (1u << from)) != 0 && event < FERRYD_N_OPERATION_EVENTS; event++)
          {
            FerryState next;

            if (event < FERRY_N_VERBS && (asked & (1u << event)) == 0)
              continue;
            if (ferryd_operation_state_next (from, event, &next, NULL))
              reached |= 1u << next;
          }
    }
  return reached;
}

/**
 * ferryd_model_learn:
 * @world: a world
 * @id: an operation
 *
 * Returns: (transfer none): what is known of it, nothing at first
 */
FerrydModelKnown *
ferryd_model_learn (FerrydModelWorld *world, const FerrydId *id)
{
  FerrydModelKnown *known = g_hash_table_lookup (world->known, id);

  if (known != NULL)
    return known;
  known = g_new0 (FerrydModelKnown, 1);
  known->id = *id;
  known->priority = -1;
  g_hash_table_insert (world->known, &known->id, known);
  return known;
}

/**
 * ferryd_model_get_state:
 * @queue: a queue
 * @id: an operation that is there
 *
 * Returns: its state
 */
FerryState
ferryd_model_get_state (FerrydQueue *queue, const FerrydId *id)
{
  g_autoptr (FerrydDescription) description = ferryd_queue_describe (queue, id);

  return description->state;
}

/**
 * ferryd_model_see:
 * @world: a world
 * @queue: the queue it is or was about
 * @known: an operation that is there
 *
 * Looks at its state, which has to follow from what was told and asked for.
 */
void
ferryd_model_see (FerrydModelWorld *world, FerrydQueue *queue, FerrydModelKnown *known)
{
  FerryState state = ferryd_model_get_state (queue, &known->id);

  if ((get_reachable (known->state, known->asked) & (1u << state)) == 0)
    g_error ("An operation in state %d is found in %d, and nobody asked for it (%x)", known->state, state,
             known->asked);
  if (state == FERRY_STATE_COMPLETED && known->state != state)
    world->completed++;
  known->state = state;
}

static void
on_added (FerrydQueue *queue, const FerrydId *id, FerrydModelWorld *world)
{
  FerrydModelKnown *known = ferryd_model_learn (world, id);

  g_assert_false (known->added);
  known->added = TRUE;
  known->state = ferryd_model_get_state (queue, id);
}

static void
on_changed (FerrydQueue *queue, const FerrydId *id, gboolean urgent, FerrydModelWorld *world)
{
  FerrydModelKnown *known = g_hash_table_lookup (world->known, id);

  g_assert_nonnull (known);
  g_assert_false (known->removed);
  ferryd_model_see (world, queue, known);
}

static void
on_ended (FerrydQueue *queue, const FerrydId *id, FerrydModelWorld *world)
{
  FerrydModelKnown *known = g_hash_table_lookup (world->known, id);

  /* `changed` came first, and what is told is on disk. */
  g_assert_true (ferry_state_is_ended (known->state));
  g_assert_cmpint (ferryd_model_get_state (queue, id), ==, known->state);
  g_assert_cmpint (ferryd_fake_store_peek (world->kit.store, id)->state, ==, known->state);
}

static void
on_removed (FerrydQueue *queue, const FerrydId *id, FerrydModelWorld *world)
{
  FerrydModelKnown *known = g_hash_table_lookup (world->known, id);

  g_assert_false (ferryd_queue_contains (queue, id));
  g_assert_null (ferryd_fake_store_peek (world->kit.store, id));
  g_assert_true (known->asked & (1u << FERRY_VERB_REMOVE) || ferry_state_is_ended (known->state));
  known->removed = TRUE;
}

/**
 * ferryd_model_watch:
 * @world: a world with a new queue
 */
void
ferryd_model_watch (FerrydModelWorld *world)
{
  g_signal_connect (world->kit.queue, "added", G_CALLBACK (on_added), world);
  g_signal_connect (world->kit.queue, "changed", G_CALLBACK (on_changed), world);
  g_signal_connect (world->kit.queue, "ended", G_CALLBACK (on_ended), world);
  g_signal_connect (world->kit.queue, "removed", G_CALLBACK (on_removed), world);
}

/* Calls. */

static Call *
call_new (FerrydModelWorld *world, FerrydModelKnown *known)
{
  Call *call = g_new0 (Call, 1);

  call->world = world;
  call->known = known;
  g_ptr_array_add (world->calls, call);
  return call;
}

static void
call_end (Call *call)
{
  g_assert_true (g_ptr_array_remove_fast (call->world->calls, call));
}

static void
on_created (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  FerrydModelWorld *world = call->world;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) created = ferryd_queue_create_finish (FERRYD_QUEUE (source), result, &error);

  for (guint i = 0; created != NULL && i < created->len; i++)
    {
      const FerrydCreation *creation = g_ptr_array_index (created, i);
      const FerrydModelKnown *known = g_hash_table_lookup (world->known, &creation->id);

      g_assert_nonnull (known);
      g_assert_nonnull (ferryd_fake_store_peek (world->kit.store, &creation->id));
      world->created++;
    }
  if (created == NULL)
    g_assert_cmpuint (error->domain, ==, FERRY_ERROR);
  call_end (call);
}

static char *
draw_options (FerrydModelWorld *world)
{
  GString *options = g_string_new ("{");

  if (ferryd_model_draw (world, 2) == 0)
    g_string_append (options, "'start': <true>, ");
  if (ferryd_model_draw (world, 4) == 0)
    g_string_append_printf (options, "'token': <'t%u'>, ", ferryd_model_draw (world, 5));
  if (ferryd_model_draw (world, 3) == 0)
    g_string_append_printf (options, "'group': <'g%u'>, ", ferryd_model_draw (world, 3));
  if (ferryd_model_draw (world, 3) == 0)
    g_string_append_printf (options, "'priority': <'%s'>, ",
                            ferryd_model_draw (world, 2) == 0 ? "high" : "low");
  if (ferryd_model_draw (world, 3) == 0)
    g_string_append (options, "'headers': <[('Cookie', 'secret')]>, ");
  if (ferryd_model_draw (world, 4) == 0)
    g_string_append (options, "'recoverable-errors': <['not-found', 'disk-full', 'timeout']>, ");
  if (ferryd_model_draw (world, 8) == 0)
    g_string_append (options, "'method': <'POST'>, ");
  if (ferryd_model_draw (world, 8) == 0)
    g_string_append_printf (options, "'checksum': <'sha256:%064x'>, ", ferryd_model_draw (world, 3));
  if (ferryd_model_draw (world, 8) == 0)
    g_string_append_printf (options, "'expected-size': <uint64 %u>, ", ferryd_model_draw (world, 1000));
  if (ferryd_model_draw (world, 2) == 0)
    g_string_append_printf (options, "'exists': <'%s'>, ",
                            ferryd_model_draw (world, 2) == 0 ? "rename" : "replace");
  g_string_append (options, "'title': <'model'>}");
  return g_string_free (options, FALSE);
}

/**
 * ferryd_model_create:
 * @world: a world
 */
void
ferryd_model_create (FerrydModelWorld *world)
{
  guint n = ferryd_model_draw (world, 4) == 0 ? 1 + ferryd_model_draw (world, 5) : 1;
  GPtrArray *creations = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_creation_free);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *uri = ferryd_model_server_new_uri (world->server);
      g_autofree char *options = draw_options (world);
      const char *leaf = leaves[ferryd_model_draw (world, G_N_ELEMENTS (leaves))];
      g_autofree char *destination = g_strconcat (world->kit.folder, "/", leaf, NULL);

      g_ptr_array_add (creations, ferryd_queue_kit_ask (&world->kit, uri, destination, options));
    }
  ferryd_queue_create_async (world->kit.queue, ferryd_model_draw_application (world), creations, on_created,
                             call_new (world, NULL));
}

static FerrydModelKnown *
draw_known (FerrydModelWorld *world)
{
  const FerrydFilter all = { .kinds = 1u << FERRY_KIND_DOWNLOAD };
  g_autoptr (GArray) ids = ferryd_queue_list (world->kit.queue, &all);

  return ids->len > 0 ? g_hash_table_lookup (
                            world->known, &g_array_index (ids, FerrydId, ferryd_model_draw (world, ids->len)))
                      : NULL;
}

/* What an acknowledged verb leaves, whatever happens by itself and by others' calls afterwards. */
static void
on_verb_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  FerrydModelKnown *known = call->known;
  g_autoptr (GError) error = NULL;

  if (!ferryd_queue_verb_finish (FERRYD_QUEUE (source), result, &error))
    g_assert_cmpuint (error->domain, ==, FERRY_ERROR);
  else if (call->verb == FERRY_VERB_REMOVE)
    g_assert_true (known->removed);
  else if (ferryd_queue_contains (FERRYD_QUEUE (source), &known->id))
    {
      const FerrydRow *row = ferryd_fake_store_peek (call->world->kit.store, &known->id);

      ferryd_model_see (call->world, FERRYD_QUEUE (source), known);
      g_assert_true (call->verb != FERRY_VERB_CANCEL || row->state == FERRY_STATE_CANCELED);
      g_assert_true (call->verb != FERRY_VERB_START || row->state != FERRY_STATE_IDLE);
    }
  call_end (call);
}

/**
 * ferryd_model_verb:
 * @world: a world
 */
void
ferryd_model_verb (FerrydModelWorld *world)
{
  FerrydModelKnown *known = draw_known (world);
  FerryVerb verb = (FerryVerb) ferryd_model_draw (world, FERRY_N_VERBS);
  Call *call;

  if (known == NULL)
    return;
  call = call_new (world, known);
  call->verb = verb;
  known->asked |= 1u << verb;
  ferryd_queue_verb_async (world->kit.queue, &known->id, verb, on_verb_done, call);
}

static void
on_all_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  guint count;

  g_assert_true (ferryd_queue_for_each_finish (FERRYD_QUEUE (source), result, &count, NULL));
  call_end (user_data);
}

/**
 * ferryd_model_for_each:
 * @world: a world
 * @verb: what to do
 * @application: (nullable): with whose operations; NULL for all
 */
void
ferryd_model_for_each (FerrydModelWorld *world, FerryVerb verb, const char *application)
{
  const FerrydFilter filter = { .kinds = 1u << FERRY_KIND_DOWNLOAD, .application = application };
  g_autoptr (GArray) ids = ferryd_queue_list (world->kit.queue, &filter);

  for (guint i = 0; i < ids->len; i++)
    ferryd_model_learn (world, &g_array_index (ids, FerrydId, i))->asked |= 1u << verb;
  ferryd_queue_for_each_async (world->kit.queue, verb, &filter, on_all_done, call_new (world, NULL));
}

static void
on_edited (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  g_autoptr (GError) error = NULL;

  if (!ferryd_queue_edit_finish (FERRYD_QUEUE (source), result, &error))
    g_assert_cmpuint (error->domain, ==, FERRY_ERROR);
  else if (call->is_edit)
    call->known->priority = call->priority;
  call_end (call);
}

/**
 * ferryd_model_edit:
 * @world: a world
 */
void
ferryd_model_edit (FerrydModelWorld *world)
{
  FerrydModelKnown *known = draw_known (world);
  FerrydEdit edit = (FerrydEdit) ferryd_model_draw (world, FERRYD_EDIT_REMOVE_HEADER + 1);
  g_autofree char *uri = ferryd_model_server_new_uri (world->server);
  Call *call;
  GVariant *value;

  if (known == NULL)
    return;
  call = call_new (world, known);
  call->priority = (int) ferryd_model_draw (world, FERRY_PRIORITY_LOW + 1);
  call->is_edit = edit == FERRYD_EDIT_PRIORITY;
  switch (edit)
    {
    case FERRYD_EDIT_PRIORITY:
      value = g_variant_new_int32 (call->priority);
      break;
    case FERRYD_EDIT_COST_POLICY:
      value = g_variant_new_int32 ((gint32) ferryd_model_draw (world, FERRY_COST_POLICY_ALWAYS + 1));
      break;
    case FERRYD_EDIT_UNCONSTRAINED:
      value = g_variant_new_boolean (ferryd_model_draw (world, 2) == 1);
      break;
    case FERRYD_EDIT_MAX_SPEED:
      /* None, or as good as none: what is limited takes real time. */
      value = g_variant_new_uint64 (ferryd_model_draw (world, 3) * G_MAXUINT32);
      break;
    case FERRYD_EDIT_URI:
      value = g_variant_new ("(sm(ss))", uri, NULL);
      break;
    case FERRYD_EDIT_RECOVERABLE_ERRORS:
      value = g_variant_new ("(tt)", (guint64) g_rand_int (world->rand), (guint64) 0);
      break;
    case FERRYD_EDIT_SET_HEADER:
      value = g_variant_new ("(ss)", "Cookie", "other");
      break;
    case FERRYD_EDIT_REMOVE_HEADER:
    default:
      value = g_variant_new_string ("Cookie");
      break;
    }
  ferryd_queue_edit_async (world->kit.queue, &known->id, edit, value, on_edited, call);
}

static void
on_behaving (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!ferryd_queue_set_group_behavior_finish (FERRYD_QUEUE (source), result, &error))
    g_assert_cmpuint (error->domain, ==, FERRY_ERROR);
  call_end (user_data);
}

static void
on_made_current (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!ferryd_queue_make_current_finish (FERRYD_QUEUE (source), result, &error))
    g_assert_cmpuint (error->domain, ==, FERRY_ERROR);
  call_end (user_data);
}

/**
 * ferryd_model_group:
 * @world: a world
 */
void
ferryd_model_group (FerrydModelWorld *world)
{
  const FerrydModelKnown *known = draw_known (world);
  g_autofree char *name = g_strdup_printf ("g%u", ferryd_model_draw (world, 3));
  gboolean serialized = ferryd_model_draw (world, 3) != 0;

  if (ferryd_model_draw (world, 3) == 0)
    ferryd_queue_set_group_behavior_async (world->kit.queue, ferryd_model_draw_application (world), name,
                                           serialized ? FERRY_GROUP_BEHAVIOR_SERIALIZED
                                                      : FERRY_GROUP_BEHAVIOR_PARALLEL,
                                           on_behaving, call_new (world, NULL));
  else if (known != NULL)
    ferryd_queue_make_current_async (world->kit.queue, &known->id, on_made_current, call_new (world, NULL));
}

static void
on_described (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GPtrArray) descriptions = ferryd_queue_describe_finish (FERRYD_QUEUE (source), result, NULL);

  call_end (user_data);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  int fd = ferryd_queue_open_result_finish (FERRYD_QUEUE (source), result, NULL);

  if (fd >= 0)
    g_assert_true (g_close (fd, NULL));
  call_end (user_data);
}

/**
 * ferryd_model_read:
 * @world: a world
 */
void
ferryd_model_read (FerrydModelWorld *world)
{
  const FerrydModelKnown *known = draw_known (world);

  if (known == NULL)
    return;
  ferryd_queue_describe_async (world->kit.queue, &known->id, 1, on_described, call_new (world, NULL));
  ferryd_queue_open_result_async (world->kit.queue, &known->id, on_opened, call_new (world, NULL));
}

/**
 * ferryd_model_forget_edits:
 * @world: a world whose queue is about to end
 *
 * What is being edited may be recorded without being answered.
 */
void
ferryd_model_forget_edits (FerrydModelWorld *world)
{
  for (guint i = 0; i < world->calls->len; i++)
    {
      const Call *call = g_ptr_array_index (world->calls, i);

      if (call->is_edit)
        call->known->uncertain = TRUE;
    }
}
