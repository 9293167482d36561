/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-fake-transport.h"

#include "ferryd-answer-copy.h"

/**
 * Step:
 * @answer: (owned) (nullable): call `answered`
 * @bytes: (owned) (nullable): call `body`
 * @offset: of @bytes
 * @failure: (owned) (nullable): with neither of the above: call `ended` with it
 * @end: without @failure: call `ended` with it
 * @interim: (owned) (nullable): call `interim` with @status and it
 * @sent: call `sent` with it, -1 not to
 * @hold_last: call `last_held`, and wait for its answer
 *
 * One thing that happens to a fetch.
 */
typedef struct
{
  FerrydAnswer *answer;
  GBytes *bytes;
  guint64 offset;
  FerrydFailure *failure;
  FerrydBodyEnd end;
  GVariant *interim;
  guint status;
  gint64 sent;
  gboolean hold_last;
} Step;

struct _FerrydFetch
{
  FerrydFakeTransport *transport; /* (not owned): owns this */
  FerrydFetchRequest request;     /* strings owned */
  FerrydFetchHandler handler;
  gpointer user_data;    /* for @handler */
  GMainContext *context; /* (owned): where @handler is called */

  /* Guarded by the transport's mutex. */
  GQueue steps;    /* (owned) (element-type Step) */
  GSource *source; /* (owned) (nullable): delivers @steps */
  gboolean held;
  gboolean canceled;
  gboolean ended;
};

struct _FerrydFakeTransport
{
  GObject parent_instance;

  GMutex mutex;
  GPtrArray *fetches;      /* (owned) (element-type FerrydFetch): in the order they began */
  guint n_drops;           /* calls of drop_connections */
  FerrydFakeServer server; /* (nullable) */
  gpointer server_data;    /* for @server */
};

static void ferryd_fake_transport_transport_init (FerrydTransportInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydFakeTransport, ferryd_fake_transport, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_TRANSPORT,
                                                      ferryd_fake_transport_transport_init))

static GVariant *
ref_variant (GVariant *variant)
{
  return variant != NULL ? g_variant_ref_sink (variant) : NULL;
}

static void
free_step (Step *step)
{
  g_clear_pointer (&step->answer, ferryd_answer_free);
  g_clear_pointer (&step->bytes, g_bytes_unref);
  g_clear_pointer (&step->failure, ferryd_failure_free);
  g_clear_pointer (&step->interim, g_variant_unref);
  g_free (step);
}

static Step *
new_step (void)
{
  Step *step = g_new0 (Step, 1);

  step->sent = -1;
  return step;
}

static gboolean
is_last (const Step *step)
{
  return step->answer == NULL && step->bytes == NULL && step->interim == NULL && step->sent < 0 &&
         !step->hold_last;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Step, free_step)

static void
clear_steps (FerrydFetch *fetch)
{
  g_queue_clear_full (&fetch->steps, (GDestroyNotify) free_step);
}

static void
stop_source (FerrydFetch *fetch)
{
  if (fetch->source != NULL)
    g_source_destroy (fetch->source);
  g_clear_pointer (&fetch->source, g_source_unref);
}

static void
free_fetch (FerrydFetch *fetch)
{
  stop_source (fetch);
  clear_steps (fetch);
  g_free ((char *) fetch->request.application);
  g_free ((char *) fetch->request.method);
  ferryd_peers_unref (fetch->request.peers);
  g_free ((char *) fetch->request.uri);
  g_free ((char *) fetch->request.if_range);
  g_free ((char *) fetch->request.origin);
  g_clear_pointer (&fetch->request.headers, g_variant_unref);
  g_clear_pointer (&fetch->request.own_headers, g_variant_unref);
  g_clear_pointer (&fetch->request.entity, ferryd_entity_unref);
  g_main_context_unref (fetch->context);
  g_free (fetch);
}

/* Under the mutex, which the handler's `room` has no need of: the next step, of a piece of a body no more
 * than there is room for. */
static Step *
take_step (FerrydFetch *fetch)
{
  Step *step = g_queue_peek_head (&fetch->steps);
  g_autoptr (GBytes) whole = NULL;
  Step *part;
  gsize room, size;

  if (step == NULL || step->bytes == NULL)
    return g_queue_pop_head (&fetch->steps);
  room = fetch->handler.room != NULL ? fetch->handler.room (fetch->user_data) : G_MAXSIZE;
  fetch->held = room == 0;
  size = g_bytes_get_size (step->bytes);
  if (room == 0 || room >= size)
    return room == 0 ? NULL : g_queue_pop_head (&fetch->steps);
  part = g_new0 (Step, 1);
  part->bytes = g_bytes_new_from_bytes (step->bytes, 0, room);
  part->offset = step->offset;
  whole = g_steal_pointer (&step->bytes);
  step->bytes = g_bytes_new_from_bytes (whole, room, size - room);
  step->offset += room;
  return part;
}

/* Calls one handler, without the mutex; it may call anything. */
static FerrydFlow
perform (FerrydFetch *fetch, Step *step)
{
  const guint8 *bytes;
  gsize size;

  if (step->answer != NULL)
    return fetch->handler.answered (step->answer, fetch->user_data);
  if (step->bytes != NULL)
    {
      bytes = g_bytes_get_data (step->bytes, &size);
      return fetch->handler.body (step->offset, bytes, size, fetch->user_data);
    }
  if (step->interim != NULL)
    fetch->handler.interim (step->status, fetch->request.uri, step->interim, fetch->user_data);
  else if (step->sent >= 0)
    fetch->handler.sent ((guint64) step->sent, fetch->user_data);
  else if (step->hold_last)
    fetch->handler.last_held (fetch->user_data);
  else
    fetch->handler.ended (step->failure, step->end, fetch->user_data);
  return FERRYD_FLOW_CONTINUE;
}

/* Under the mutex: what the handler wants. */
static void
follow (FerrydFetch *fetch, FerrydFlow flow)
{
  if (fetch->canceled || fetch->ended || flow == FERRYD_FLOW_CONTINUE)
    return;
  if (flow == FERRYD_FLOW_HOLD)
    {
      fetch->held = TRUE;
      return;
    }
  clear_steps (fetch);
  g_queue_push_tail (&fetch->steps, new_step ());
  ((Step *) fetch->steps.head->data)->end = FERRYD_BODY_END_UNPROVED;
}

static gboolean
deliver (gpointer user_data)
{
  FerrydFetch *fetch = user_data;
  g_autoptr (FerrydFakeTransport) self = g_object_ref (fetch->transport);
  g_autoptr (Step) step = NULL;
  gboolean again;
  FerrydFlow flow;

  g_mutex_lock (&self->mutex);
  step = fetch->canceled || fetch->held || fetch->ended ? NULL : take_step (fetch);
  if (step != NULL && is_last (step))
    fetch->ended = TRUE;
  /* Released from inside the handler, or later. */
  if (step != NULL && step->hold_last)
    fetch->held = TRUE;
  g_mutex_unlock (&self->mutex);

  flow = step != NULL ? perform (fetch, step) : FERRYD_FLOW_CONTINUE;

  g_mutex_lock (&self->mutex);
  if (step != NULL)
    follow (fetch, flow);
  again = !fetch->canceled && !fetch->held && !fetch->ended && fetch->steps.length > 0;
  if (!again)
    g_clear_pointer (&fetch->source, g_source_unref);
  g_mutex_unlock (&self->mutex);
  g_main_context_wakeup (NULL);
  return again ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* Under the mutex: sees to it that steps are delivered. */
static void
start_source (FerrydFetch *fetch)
{
  if (fetch->source != NULL || fetch->held || fetch->canceled || fetch->ended || fetch->steps.length == 0)
    return;
  fetch->source = g_idle_source_new ();
  g_source_set_priority (fetch->source, G_PRIORITY_DEFAULT);
  g_source_set_callback (fetch->source, deliver, fetch, NULL);
  g_source_attach (fetch->source, fetch->context);
}

static void
push (FerrydFetch *fetch, Step *step)
{
  g_mutex_lock (&fetch->transport->mutex);
  g_queue_push_tail (&fetch->steps, step);
  start_source (fetch);
  g_mutex_unlock (&fetch->transport->mutex);
}

static FerrydFetch *
ferryd_fake_transport_fetch (FerrydTransport *transport, const FerrydFetchRequest *request,
                             const FerrydFetchHandler *handler, gpointer user_data)
{
  FerrydFakeTransport *self = FERRYD_FAKE_TRANSPORT (transport);
  FerrydFetch *fetch = g_new0 (FerrydFetch, 1);

  fetch->transport = self;
  fetch->request = *request;
  fetch->request.application = g_strdup (request->application);
  fetch->request.method = g_strdup (request->method);
  fetch->request.peers = ferryd_peers_ref (request->peers);
  fetch->request.uri = g_strdup (request->uri);
  fetch->request.headers = ref_variant (request->headers);
  fetch->request.if_range = g_strdup (request->if_range);
  fetch->request.origin = g_strdup (request->origin);
  fetch->request.own_headers = ref_variant (request->own_headers);
  fetch->request.entity = request->entity != NULL ? ferryd_entity_ref (request->entity) : NULL;
  fetch->handler = *handler;
  fetch->user_data = user_data;
  fetch->context = g_main_context_ref_thread_default ();
  g_queue_init (&fetch->steps);

  g_mutex_lock (&self->mutex);
  g_ptr_array_add (self->fetches, fetch);
  g_mutex_unlock (&self->mutex);
  if (self->server != NULL)
    self->server (fetch, self->server_data);
  g_main_context_wakeup (NULL);
  return fetch;
}

static void
ferryd_fake_transport_cancel (FerrydTransport *transport, FerrydFetch *fetch)
{
  FerrydFakeTransport *self = FERRYD_FAKE_TRANSPORT (transport);

  g_mutex_lock (&self->mutex);
  /* Once `ended` has been called the fetch is the transport's again. */
  g_assert_false (fetch->ended);
  fetch->canceled = TRUE;
  stop_source (fetch);
  clear_steps (fetch);
  g_mutex_unlock (&self->mutex);
  g_main_context_wakeup (NULL);
}

static void
ferryd_fake_transport_resume (FerrydTransport *transport, FerrydFetch *fetch)
{
  FerrydFakeTransport *self = FERRYD_FAKE_TRANSPORT (transport);

  g_mutex_lock (&self->mutex);
  g_assert_true (fetch->held);
  fetch->held = FALSE;
  start_source (fetch);
  g_mutex_unlock (&self->mutex);
}

static void
ferryd_fake_transport_release_last (FerrydTransport *transport, FerrydFetch *fetch)
{
  FerrydFakeTransport *self = FERRYD_FAKE_TRANSPORT (transport);

  g_mutex_lock (&self->mutex);
  g_assert_true (fetch->request.hold_last);
  fetch->request.hold_last = FALSE;
  fetch->held = FALSE;
  start_source (fetch);
  g_mutex_unlock (&self->mutex);
}

static void
ferryd_fake_transport_drop_connections (FerrydTransport *transport)
{
  FerrydFakeTransport *self = FERRYD_FAKE_TRANSPORT (transport);

  g_mutex_lock (&self->mutex);
  self->n_drops++;
  g_mutex_unlock (&self->mutex);
}

static void
ferryd_fake_transport_finalize (GObject *object)
{
  FerrydFakeTransport *self = FERRYD_FAKE_TRANSPORT (object);

  g_ptr_array_unref (self->fetches);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (ferryd_fake_transport_parent_class)->finalize (object);
}

static void
ferryd_fake_transport_class_init (FerrydFakeTransportClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferryd_fake_transport_finalize;
}

static void
ferryd_fake_transport_init (FerrydFakeTransport *self)
{
  g_mutex_init (&self->mutex);
  self->fetches = g_ptr_array_new_with_free_func ((GDestroyNotify) free_fetch);
}

static void
ferryd_fake_transport_transport_init (FerrydTransportInterface *iface)
{
  iface->fetch = ferryd_fake_transport_fetch;
  iface->cancel = ferryd_fake_transport_cancel;
  iface->resume = ferryd_fake_transport_resume;
  iface->release_last = ferryd_fake_transport_release_last;
  iface->drop_connections = ferryd_fake_transport_drop_connections;
}

/**
 * ferryd_fake_transport_new:
 *
 * Returns: (transfer full): a transport that nobody answers
 */
FerrydFakeTransport *
ferryd_fake_transport_new (void)
{
  return g_object_new (FERRYD_TYPE_FAKE_TRANSPORT, NULL);
}

/**
 * ferryd_fake_transport_set_server:
 * @self: a transport, before its first fetch
 * @server: called for each new fetch, in the I/O thread, to script it
 * @user_data: for @server
 */
void
ferryd_fake_transport_set_server (FerrydFakeTransport *self, FerrydFakeServer server, gpointer user_data)
{
  self->server = server;
  self->server_data = user_data;
}

/**
 * ferryd_fake_transport_count_fetches:
 * @self: a transport
 *
 * Returns: how many fetches were ever begun
 */
guint
ferryd_fake_transport_count_fetches (FerrydFakeTransport *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return self->fetches->len;
}

/**
 * ferryd_fake_transport_count_drops:
 * @self: a transport
 *
 * Returns: how often connections were dropped
 */
guint
ferryd_fake_transport_count_drops (FerrydFakeTransport *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return self->n_drops;
}

/**
 * ferryd_fake_transport_wait_fetch:
 * @self: a transport
 * @nth: which fetch, from 0
 *
 * Iterates the default main context until that fetch has begun.
 *
 * Returns: (transfer none): the fetch
 */
FerrydFetch *
ferryd_fake_transport_wait_fetch (FerrydFakeTransport *self, guint nth)
{
  FerrydFetch *fetch;

  while (ferryd_fake_transport_count_fetches (self) <= nth)
    g_main_context_iteration (NULL, TRUE);

  g_mutex_lock (&self->mutex);
  fetch = g_ptr_array_index (self->fetches, nth);
  g_mutex_unlock (&self->mutex);
  return fetch;
}

/**
 * ferryd_fake_fetch_answer:
 * @fetch: a fetch
 * @answer: the final response
 */
void
ferryd_fake_fetch_answer (FerrydFetch *fetch, const FerrydAnswer *answer)
{
  Step *step = new_step ();

  step->answer = ferryd_answer_copy (answer);
  push (fetch, step);
}

/**
 * ferryd_fake_fetch_body:
 * @fetch: a fetch
 * @offset: where @bytes belong
 * @bytes: the next bytes of the body
 * @size: of @bytes
 */
void
ferryd_fake_fetch_body (FerrydFetch *fetch, guint64 offset, const void *bytes, gsize size)
{
  Step *step = new_step ();

  step->bytes = g_bytes_new (bytes, size);
  step->offset = offset;
  push (fetch, step);
}

/**
 * ferryd_fake_fetch_end:
 * @fetch: a fetch
 * @end: how sure it is that the body was complete
 */
void
ferryd_fake_fetch_end (FerrydFetch *fetch, FerrydBodyEnd end)
{
  Step *step = new_step ();

  step->end = end;
  push (fetch, step);
}

/**
 * ferryd_fake_fetch_fail:
 * @fetch: a fetch
 * @failure: (transfer full): why the body is not whole
 */
void
ferryd_fake_fetch_fail (FerrydFetch *fetch, FerrydFailure *failure)
{
  Step *step = new_step ();

  step->failure = failure;
  step->end = FERRYD_BODY_END_UNPROVED;
  push (fetch, step);
}

/**
 * ferryd_fake_fetch_interim:
 * @fetch: a fetch
 * @status: status code, 1xx
 * @headers: (transfer floating): a(ss)
 */
void
ferryd_fake_fetch_interim (FerrydFetch *fetch, guint status, GVariant *headers)
{
  Step *step = new_step ();

  step->status = status;
  step->interim = g_variant_ref_sink (headers);
  push (fetch, step);
}

/**
 * ferryd_fake_fetch_take:
 * @fetch: a fetch with an entity
 * @until: the byte of the entity that is not sent any more
 *
 * Takes the entity so far, the last bytes when its sender lets them go.
 */
void
ferryd_fake_fetch_take (FerrydFetch *fetch, guint64 until)
{
  gboolean whole = until == ferryd_entity_get_length (fetch->request.entity);
  Step *step;

  if (whole && fetch->request.hold_last)
    {
      step = new_step ();
      step->hold_last = TRUE;
      push (fetch, step);
    }
  step = new_step ();
  step->sent = (gint64) until;
  push (fetch, step);
}

/**
 * ferryd_fake_fetch_get_request:
 * @fetch: a fetch
 *
 * Returns: (transfer none): what was asked for
 */
const FerrydFetchRequest *
ferryd_fake_fetch_get_request (FerrydFetch *fetch)
{
  return &fetch->request;
}

/**
 * ferryd_fake_fetch_is_canceled:
 * @fetch: a fetch
 *
 * Returns: whether it was canceled
 */
gboolean
ferryd_fake_fetch_is_canceled (FerrydFetch *fetch)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fetch->transport->mutex);

  return fetch->canceled;
}

/**
 * ferryd_fake_fetch_is_held:
 * @fetch: a fetch
 *
 * Returns: whether its handler wants nothing more for now
 */
gboolean
ferryd_fake_fetch_is_held (FerrydFetch *fetch)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fetch->transport->mutex);

  return fetch->held;
}

/**
 * ferryd_fake_fetch_has_ended:
 * @fetch: a fetch
 *
 * Returns: whether `ended` was called
 */
gboolean
ferryd_fake_fetch_has_ended (FerrydFetch *fetch)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fetch->transport->mutex);

  return fetch->ended;
}
