/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-subscribers.h"

#include "ferry-error.h"
#include "ferry-names.h"
#include "ferryd-attached.h"
#include "ferryd-signals.h"

/* Counters are told so often at most (contract: four times a second an operation), and so many such signals
 * at most each time (contract: 200 a second in all). Milliseconds, signals. */
#define TICK 250
#define MAX_SIGNALS_PER_TICK 50

struct _FerrydSubscribers
{
  GObject parent_instance;

  GDBusConnection *connection; /* (owned) */
  FerrydQueue *queue;          /* (owned) */
  FerrydCallers *callers;      /* (owned) */
  GHashTable *attached;        /* (owned): FerrydId → FerrydAttached */
  GQueue attaching;            /* (element-type FerrydAttaching): not answered yet */
  GQueue rounds;               /* (element-type FerrydAttached): whose turn it is for counters, first */
  guint tick;                  /* source; 0 while nothing changes that somebody is attached to */
  gboolean causes_changed;     /* of operations that wait: the next tick looks at them */
};

static guint idle_changed_signal;

G_DEFINE_FINAL_TYPE (FerrydSubscribers, ferryd_subscribers, G_TYPE_OBJECT)

static guint
count (FerrydSubscribers *self, FerrydAttached *attached, guint left)
{
  g_autoptr (FerrydDescription) description = ferryd_queue_describe (self->queue, &attached->id);

  return ferryd_attached_count (attached, self->connection, description, left);
}

static void on_changed (FerrydSubscribers *self, const FerrydId *id, gboolean urgent);

/* What waits for others: at once what is known, and the sentence for people when it has been read. */
static guint
tell_causes (FerrydSubscribers *self, FerrydAttached *attached, guint left)
{
  if (ferryd_queue_get_causes (self->queue, &attached->id) == attached->causes)
    return 0;
  on_changed (self, &attached->id, TRUE);
  return MIN (left, 2 * attached->connections->len);
}

/* Everybody in turn, as far as the bound allows. */
static gboolean
on_tick (gpointer user_data)
{
  FerrydSubscribers *self = user_data;
  guint left = MAX_SIGNALS_PER_TICK;
  gboolean running = FALSE;
  gboolean causes_changed = self->causes_changed;
  guint n;

  for (n = self->rounds.length; n > 0 && left > 0; n--)
    {
      GList *link = g_queue_peek_head_link (&self->rounds);
      FerrydAttached *attached = link->data;

      running = running || attached->running;
      if (attached->running)
        left -= count (self, attached, left);
      else if (causes_changed)
        left -= tell_causes (self, attached, left);
      if (ferryd_attached_has_round (attached))
        break;
      g_queue_unlink (&self->rounds, link);
      g_queue_push_tail_link (&self->rounds, link);
    }
  self->causes_changed = causes_changed && n > 0;
  if (running || self->causes_changed)
    return G_SOURCE_CONTINUE;
  self->tick = 0;
  return G_SOURCE_REMOVE;
}

static void
begin_ticking (FerrydSubscribers *self)
{
  if (self->tick == 0)
    self->tick = g_timeout_add (TICK, on_tick, self);
}

static void
look_if_running (FerrydSubscribers *self, FerrydAttached *attached, const FerrydDescription *description)
{
  attached->running = description->state == FERRY_STATE_RUNNING;
  attached->causes = description->causes;
  if (attached->running)
    begin_ticking (self);
}

/* Changes. */

static void
on_causes_changed (FerrydSubscribers *self)
{
  if (g_hash_table_size (self->attached) == 0)
    return;
  self->causes_changed = TRUE;
  begin_ticking (self);
}

static void settle (FerrydSubscribers *self, FerrydAttached *attached);

typedef struct
{
  FerrydSubscribers *subscribers; /* (owned) */
  FerrydId id;
} Settling;

static void
update (FerrydSubscribers *self, FerrydAttached *attached, const FerrydDescription *description)
{
  look_if_running (self, attached, description);
  ferryd_attached_tell (attached, self->connection, description);
}

static void
on_settled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Settling *settling = user_data;
  g_autoptr (FerrydSubscribers) self = settling->subscribers;
  FerrydAttached *attached = g_hash_table_lookup (self->attached, &settling->id);
  g_autoptr (GPtrArray) descriptions = ferryd_queue_describe_finish (FERRYD_QUEUE (source), result, NULL);
  const FerrydDescription *description = descriptions != NULL ? g_ptr_array_index (descriptions, 0) : NULL;

  if (attached == NULL)
    return;
  attached->settling = FALSE;
  if (description != NULL)
    update (self, attached, description);
  if (attached->settle_again)
    {
      attached->settle_again = FALSE;
      settle (self, attached);
    }
  else
    ferryd_attached_tell_end (attached, self->connection);
}

/* What is not at hand is read first. */
static void
settle (FerrydSubscribers *self, FerrydAttached *attached)
{
  Settling *settling;

  if (attached->settling)
    {
      attached->settle_again = TRUE;
      return;
    }
  settling = g_new (Settling, 1);
  *settling = (Settling){ g_object_ref (self), attached->id };
  attached->settling = TRUE;
  ferryd_queue_describe_async (self->queue, &attached->id, 1, on_settled, settling);
}

static void
on_changed (FerrydSubscribers *self, const FerrydId *id, gboolean urgent)
{
  FerrydAttached *attached = g_hash_table_lookup (self->attached, id);
  g_autoptr (FerrydDescription) description = NULL;

  if (attached == NULL || (!urgent && attached->running))
    return;
  description = ferryd_queue_describe (self->queue, id);
  if (description == NULL)
    return;
  update (self, attached, description);
  if (!description->is_complete)
    settle (self, attached);
}

static void
on_ended (FerrydSubscribers *self, const FerrydId *id)
{
  FerrydAttached *attached = g_hash_table_lookup (self->attached, id);

  if (attached == NULL)
    return;
  ferryd_attached_tell_end (attached, self->connection);
  attached->end = ferryd_queue_describe (self->queue, id);
  if (!attached->settling || (attached->end != NULL && attached->end->is_complete))
    ferryd_attached_tell_end (attached, self->connection);
}

static void
drop (FerrydSubscribers *self, FerrydAttached *attached)
{
  FerrydId id = attached->id;

  g_queue_remove (&self->rounds, attached);
  g_hash_table_remove (self->attached, &id);
  ferryd_queue_set_attached (self->queue, &id, FALSE);
  if (g_hash_table_size (self->attached) > 0)
    return;
  g_clear_handle_id (&self->tick, g_source_remove);
  g_signal_emit (self, idle_changed_signal, 0);
}

/* The last connection takes the place of @caller, so a round begins again. */
static void
let_go (FerrydSubscribers *self, FerrydAttached *attached, const FerrydCaller *caller)
{
  if (!g_ptr_array_remove_fast (attached->connections, (gpointer) caller))
    return;
  attached->n_told = 0;
  if (attached->connections->len == 0)
    drop (self, attached);
}

static void
on_removed (FerrydSubscribers *self, const FerrydId *id)
{
  FerrydAttached *attached = g_hash_table_lookup (self->attached, id);

  if (attached == NULL)
    return;
  ferryd_attached_tell_end (attached, self->connection);
  drop (self, attached);
}

static void
on_left (FerrydSubscribers *self, FerrydCaller *caller)
{
  g_autoptr (GList) all = g_hash_table_get_values (self->attached);

  for (GList *l = all; l != NULL; l = l->next)
    let_go (self, l->data, caller);
}

/* Attaching. */

static void
remove_connection (FerrydSubscribers *self, const FerrydCaller *caller, const FerrydId *id)
{
  FerrydAttached *attached = g_hash_table_lookup (self->attached, id);

  if (attached != NULL)
    let_go (self, attached, caller);
}

struct _FerrydAttaching
{
  FerrydSubscribers *subscribers; /* (owned) */
  FerrydCaller *caller;           /* (owned) */
  gboolean is_known;              /* it will be to @id alone, and otherwise to whatever comes of the call */
  FerrydId id;
  GHashTable *detached; /* (owned): set of FerrydId: what it has detached from since the call arrived */
  GArray *late;         /* (owned) (element-type FerrydId): whose end was announced before */
};

/**
 * ferryd_subscribers_begin_attaching:
 * @self: the subscribers
 * @caller: whose call has arrived
 * @id: (nullable): the operation that it will attach to; NULL while that is not known
 *
 * The calls of a connection take effect in the order they were sent, also where the first is still being
 * recorded: what @caller detaches from after this it is not attached to by it.
 *
 * Returns: (transfer full): for ferryd_subscribers_attach_async(), or to be freed when nothing comes of it
 */
FerrydAttaching *
ferryd_subscribers_begin_attaching (FerrydSubscribers *self, FerrydCaller *caller, const FerrydId *id)
{
  FerrydAttaching *attaching = g_new0 (FerrydAttaching, 1);

  attaching->subscribers = g_object_ref (self);
  attaching->caller = ferryd_caller_ref (caller);
  attaching->is_known = id != NULL;
  if (id != NULL)
    attaching->id = *id;
  attaching->detached = ferryd_id_set_new ();
  attaching->late = g_array_new (FALSE, FALSE, sizeof (FerrydId));
  g_queue_push_tail (&self->attaching, attaching);
  return attaching;
}

/**
 * ferryd_attaching_free:
 * @data: (transfer full): a call that attaches to nothing any more
 */
void
ferryd_attaching_free (gpointer data)
{
  FerrydAttaching *attaching = data;

  g_queue_remove (&attaching->subscribers->attaching, attaching);
  g_object_unref (attaching->subscribers);
  ferryd_caller_unref (attaching->caller);
  g_hash_table_unref (attaching->detached);
  g_array_unref (attaching->late);
  g_free (attaching);
}

static FerrydAttached *
enter (FerrydSubscribers *self, const FerrydId *id)
{
  FerrydAttached *attached = g_hash_table_lookup (self->attached, id);

  if (attached != NULL)
    return attached;
  attached = ferryd_attached_new (id);
  g_hash_table_insert (self->attached, &attached->id, attached);
  g_queue_push_tail (&self->rounds, attached);
  if (g_hash_table_size (self->attached) == 1)
    g_signal_emit (self, idle_changed_signal, 0);
  return attached;
}

static void
attach (FerrydSubscribers *self, FerrydAttaching *attaching, const FerrydDescription *description)
{
  FerrydCaller *caller = attaching->caller;
  FerrydAttached *attached;

  /* The answer comes behind every property in any case. */
  if (g_hash_table_contains (attaching->detached, &description->id))
    {
      ferryd_signals_snapshot (self->connection, caller->name, description);
      return;
    }
  attached = enter (self, &description->id);
  if (attached->connections->len > 0)
    update (self, attached, description);
  else
    ferryd_attached_take (attached, description);
  look_if_running (self, attached, description);
  ferryd_signals_snapshot (self->connection, caller->name, description);
  if (g_ptr_array_find (attached->connections, caller, NULL))
    return;
  /* First, and told already: it does not need the values that a round has begun with. */
  g_ptr_array_insert (attached->connections, 0, ferryd_caller_ref (caller));
  if (ferryd_attached_has_round (attached))
    attached->n_told++;
  if (ferry_state_is_ended (description->state) && attached->end == NULL)
    g_array_append_val (attaching->late, description->id);
  ferryd_queue_set_attached (self->queue, &description->id, TRUE);
}

static void
on_described (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FerrydSubscribers *self = g_task_get_source_object (task);
  FerrydAttaching *attaching = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) descriptions = ferryd_queue_describe_finish (FERRYD_QUEUE (source), result, &error);

  for (guint i = 0; descriptions != NULL && i < descriptions->len && !attaching->caller->left; i++)
    {
      const FerrydDescription *description = g_ptr_array_index (descriptions, i);

      if (description != NULL && description->is_complete)
        attach (self, attaching, description);
      else if (error == NULL && description == NULL)
        g_set_error_literal (&error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND, "There is no such operation");
      else if (error == NULL)
        g_set_error_literal (&error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE,
                             "What was asked for cannot be read from the store; cancel the operation and "
                             "create it again");
    }
  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

/**
 * ferryd_subscribers_attach_async:
 * @attaching: (transfer full): whose call attaches
 * @ids: (element-type FerrydId): to which operations
 * @callback: called when the caller has been sent every property of each
 * @user_data: for @callback
 *
 * From then on the caller is told what changes. Twice is once.
 */
void
ferryd_subscribers_attach_async (FerrydAttaching *attaching, const GArray *ids, GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  FerrydSubscribers *self = attaching->subscribers;
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, ferryd_subscribers_attach_async);
  g_task_set_task_data (task, attaching, ferryd_attaching_free);
  ferryd_queue_describe_async (self->queue, (const FerrydId *) (gpointer) ids->data, ids->len, on_described,
                               task);
}

/**
 * ferryd_subscribers_attach_finish:
 * @self: the subscribers
 * @result: what the callback got; the caller is to be answered at once
 * @late: (out) (transfer full) (element-type FerrydId): those that had ended before, for
 *   ferryd_subscribers_tell_ended() behind the answer
 * @error: FERRY_ERROR_NOT_FOUND or STORE_UNAVAILABLE
 *
 * Returns: whether the caller is attached to each of them; those that could be attached to are in any case
 */
gboolean
ferryd_subscribers_attach_finish (FerrydSubscribers *self, GAsyncResult *result, GArray **late,
                                  GError **error)
{
  const FerrydAttaching *attaching = g_task_get_task_data (G_TASK (result));

  *late = g_array_ref (attaching->late);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * ferryd_subscribers_tell_ended:
 * @self: the subscribers
 * @caller: whose call that attached has just been answered
 * @late: (element-type FerrydId): what had ended before
 *
 * Tells @caller of ends that were announced before it attached.
 */
void
ferryd_subscribers_tell_ended (FerrydSubscribers *self, const FerrydCaller *caller, const GArray *late)
{
  for (guint i = 0; i < late->len; i++)
    {
      const FerrydId *id = &g_array_index (late, FerrydId, i);
      FerrydAttached *attached = g_hash_table_lookup (self->attached, id);
      g_autoptr (FerrydDescription) description = ferryd_queue_describe (self->queue, id);

      if (attached != NULL && description != NULL && g_ptr_array_find (attached->connections, caller, NULL))
        ferryd_signals_ended (self->connection, caller->name, description);
    }
}

/**
 * ferryd_subscribers_detach:
 * @self: the subscribers
 * @caller: who does not want to hear any more
 * @id: of which operation
 */
void
ferryd_subscribers_detach (FerrydSubscribers *self, const FerrydCaller *caller, const FerrydId *id)
{
  for (GList *l = self->attaching.head; l != NULL; l = l->next)
    {
      FerrydAttaching *attaching = l->data;

      if (attaching->caller == caller && (!attaching->is_known || ferryd_id_equal (&attaching->id, id)))
        ferryd_id_set_add (attaching->detached, id);
    }
  remove_connection (self, caller, id);
}

/**
 * ferryd_subscribers_peek_attached:
 * @self: the subscribers
 * @id: an operation
 *
 * Returns: (transfer none) (nullable) (element-type FerrydCaller): who is attached to it; NULL for nobody
 */
const GPtrArray *
ferryd_subscribers_peek_attached (FerrydSubscribers *self, const FerrydId *id)
{
  const FerrydAttached *attached = g_hash_table_lookup (self->attached, id);

  return attached != NULL ? attached->connections : NULL;
}

/**
 * ferryd_subscribers_is_idle:
 * @self: the subscribers
 *
 * Returns: whether nobody is attached to anything
 */
gboolean
ferryd_subscribers_is_idle (FerrydSubscribers *self)
{
  return g_hash_table_size (self->attached) == 0;
}

static void
ferryd_subscribers_dispose (GObject *object)
{
  FerrydSubscribers *self = FERRYD_SUBSCRIBERS (object);

  g_clear_handle_id (&self->tick, g_source_remove);
  g_queue_clear (&self->rounds);
  g_queue_clear (&self->attaching);
  g_hash_table_remove_all (self->attached);
  if (self->queue != NULL)
    g_signal_handlers_disconnect_by_data (self->queue, self);
  if (self->callers != NULL)
    g_signal_handlers_disconnect_by_data (self->callers, self);
  g_clear_object (&self->queue);
  g_clear_object (&self->callers);
  g_clear_object (&self->connection);
  G_OBJECT_CLASS (ferryd_subscribers_parent_class)->dispose (object);
}

static void
ferryd_subscribers_finalize (GObject *object)
{
  g_hash_table_unref (FERRYD_SUBSCRIBERS (object)->attached);
  G_OBJECT_CLASS (ferryd_subscribers_parent_class)->finalize (object);
}

static void
ferryd_subscribers_class_init (FerrydSubscribersClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_subscribers_dispose;
  G_OBJECT_CLASS (klass)->finalize = ferryd_subscribers_finalize;
  idle_changed_signal = g_signal_new ("idle-changed", FERRYD_TYPE_SUBSCRIBERS, G_SIGNAL_RUN_LAST, 0, NULL,
                                      NULL, NULL, G_TYPE_NONE, 0);
}

static void
ferryd_subscribers_init (FerrydSubscribers *self)
{
  self->attached = g_hash_table_new_full (ferryd_id_hash, ferryd_id_equal, NULL, ferryd_attached_free);
  g_queue_init (&self->rounds);
  g_queue_init (&self->attaching);
}

/**
 * ferryd_subscribers_new:
 * @connection: the session bus
 * @queue: whose operations they attach to
 * @callers: who they are
 *
 * Returns: (transfer full): nobody is attached
 */
FerrydSubscribers *
ferryd_subscribers_new (GDBusConnection *connection, FerrydQueue *queue, FerrydCallers *callers)
{
  FerrydSubscribers *self = g_object_new (FERRYD_TYPE_SUBSCRIBERS, NULL);

  self->connection = g_object_ref (connection);
  self->queue = g_object_ref (queue);
  self->callers = g_object_ref (callers);
  g_signal_connect_swapped (queue, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (queue, "causes-changed", G_CALLBACK (on_causes_changed), self);
  g_signal_connect_swapped (queue, "ended", G_CALLBACK (on_ended), self);
  g_signal_connect_swapped (queue, "removed", G_CALLBACK (on_removed), self);
  g_signal_connect_swapped (callers, "left", G_CALLBACK (on_left), self);
  return self;
}
