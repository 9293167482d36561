/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-curl-fetch.h"

#include <string.h>

#include "ferryd-curl-job.h"
#include "ferryd-http-failure.h"
#include "ferryd-suggested-name.h"

/* Of taking bytes, below everything else in the I/O thread, as for other bodies. */
#define BODY_PRIORITY 100

struct _FerrydFetch
{
  const FerrydCurlShared *shared; /* (unowned): outlives the fetch */
  FerrydFetchHandler handler;
  gpointer user_data;     /* (unowned) */
  FerrydFailure *refusal; /* (owned) (nullable): why nothing is asked at all */
  char *uri;              /* (owned) */
  gint64 first;           /* as asked */
  gint64 last;            /* as asked: -1 for all there is */
  gboolean ranged;        /* a part is wanted even if that is all there is */
  guint response_timeout; /* milliseconds */
  guint stall_timeout;    /* milliseconds */
  GSource *wake;          /* (owned): made ready by the job, or by us */
  FerrydCurlJob *job;     /* (owned) (nullable): NULL where nothing is asked */
  FerrydDeadline deadline;
  FerrydHttpPhase phase;
  FerrydCurlNews news; /* its members are owned */
  GByteArray *bytes;   /* (owned): collected */
  guint told;          /* so many of @bytes */
  gint64 start;        /* of the body, offset of its first byte */
  gint64 length;       /* of the body, -1 where not known */
  gint64 received;     /* bytes told of the body */
  gboolean has_body;
  gboolean answered;
  gboolean held; /* until ferryd_curl_fetch_resume() */
  gboolean over; /* calls nobody any more */
};

static void
fetch_clear (gpointer data)
{
  FerrydFetch *self = data;

  g_clear_pointer (&self->refusal, ferryd_failure_free);
  g_byte_array_unref (self->bytes);
  g_free (self->uri);
}

static void
fetch_release (FerrydFetch *self)
{
  g_rc_box_release_full (self, fetch_clear);
}

/**
 * ferryd_curl_fetch_forget:
 * @self: (transfer full): a fetch
 *
 * Closes what it has open and frees it, without calling anybody.
 */
void
ferryd_curl_fetch_forget (FerrydFetch *self)
{
  self->over = TRUE;
  g_hash_table_steal (self->shared->fetches, self);
  ferryd_deadline_clear (&self->deadline);
  g_clear_pointer (&self->job, ferryd_curl_job_abandon);
  g_source_destroy (self->wake);
  g_clear_pointer (&self->wake, g_source_unref);
  ferryd_curl_news_clear (&self->news);
  fetch_release (self);
}

static void
fetch_end (FerrydFetch *self, const FerrydFailure *failure, FerrydBodyEnd end)
{
  g_autoptr (FerrydFailure) copy = ferryd_failure_copy (failure);
  FerrydFetchHandler handler = self->handler;
  gpointer user_data = self->user_data;

  ferryd_curl_fetch_forget (self);
  handler.ended (copy, end, user_data);
}

static void
fetch_deadline_passed (gpointer user_data)
{
  FerrydFetch *self = user_data;
  g_autoptr (FerrydFailure) failure = ferryd_http_failure_timeout (self->phase);

  fetch_end (self, failure, FERRYD_BODY_END_UNPROVED);
}

static void
fetch_wake (FerrydFetch *self)
{
  g_source_set_ready_time (self->wake, 0);
}

static void
fetch_obey (FerrydFetch *self, FerrydFlow flow)
{
  if (self->over)
    return;
  if (flow == FERRYD_FLOW_STOP)
    fetch_end (self, NULL, FERRYD_BODY_END_UNPROVED);
  else if (flow == FERRYD_FLOW_HOLD)
    {
      self->held = TRUE;
      ferryd_deadline_clear (&self->deadline);
    }
}

/* Bytes of the file from where it begins to come. */
static gint64
get_length (FerrydFetch *self)
{
  gint64 total = self->news.total;

  if (total < 0)
    return -1;
  if (self->last >= 0 && self->news.first == self->first)
    total = MIN (total, self->last + 1);
  return MAX (total - self->news.first, 0);
}

static FerrydAnswerKind
get_kind (FerrydFetch *self)
{
  if (self->news.beyond)
    return FERRYD_ANSWER_NOTHING_BEYOND;
  if (self->news.first > 0)
    return FERRYD_ANSWER_PART;
  return self->first == 0 && (self->ranged || self->last >= 0) && self->news.total > 0 ? FERRYD_ANSWER_PART
                                                                                       : FERRYD_ANSWER_WHOLE;
}

/* (transfer full): what the file is called; the type that is named behind it (RFC 1738) is no part of that.
 */
static char *
dup_name (const char *uri)
{
  static const char type[] = ";type=i";
  gsize length = strlen (uri);
  gboolean has_type = length > strlen (type) && g_ascii_strcasecmp (uri + length - strlen (type), type) == 0;
  g_autofree char *bare = g_strndup (uri, has_type ? length - strlen (type) : length);

  return ferryd_suggested_name_from_uri (bare);
}

static void
fetch_tell_answer (FerrydFetch *self)
{
  g_autoptr (GVariant) none = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("(ss)"), NULL, 0));
  g_autofree char *validator = ferryd_curl_news_get_validator (&self->news);
  g_autofree char *name = dup_name (self->uri);
  FerrydAnswer answer = {
    .kind = get_kind (self),
    .uri = self->uri,
    .headers = none,
    .first = self->news.first,
    .length = get_length (self),
    .total = self->news.total,
    .validator = validator,
    .resumable = self->news.total >= 0 && !self->news.refuses_parts,
    .suggested_name = name,
    .remote_address = self->news.address,
  };

  self->answered = TRUE;
  self->has_body = answer.kind != FERRYD_ANSWER_NOTHING_BEYOND;
  self->start = answer.first;
  self->length = answer.length;
  self->phase = FERRYD_HTTP_PHASE_BODY;
  ferryd_deadline_set (&self->deadline, self->stall_timeout);
  fetch_obey (self, self->handler.answered (&answer, self->user_data));
}

static void
fetch_tell_body (FerrydFetch *self)
{
  gsize room = self->handler.room != NULL ? self->handler.room (self->user_data) : G_MAXSIZE;
  gsize size = MIN (room, self->bytes->len - self->told);
  guint64 offset = (guint64) (self->start + self->received);
  const guint8 *bytes = self->bytes->data + self->told;

  if (self->length >= 0)
    size = MIN (size, (gsize) (self->length - self->received));
  if (size == 0)
    {
      fetch_obey (self, FERRYD_FLOW_HOLD);
      return;
    }
  self->told += (guint) size;
  self->received += (gint64) size;
  ferryd_deadline_set (&self->deadline, self->stall_timeout);
  fetch_obey (self, self->handler.body (offset, bytes, size, self->user_data));
}

static gboolean
is_complete (FerrydFetch *self)
{
  return self->answered && (!self->has_body || (self->length >= 0 && self->received == self->length));
}

/* Everything that has come has been told. The server's last word is not waited for where that was all. */
static void
fetch_find_end (FerrydFetch *self)
{
  g_autoptr (FerrydFailure) failure = NULL;

  if (is_complete (self))
    fetch_end (self, NULL, FERRYD_BODY_END_PROVED);
  else if (!self->news.ended)
    return;
  else if (self->news.failure != NULL)
    fetch_end (self, self->news.failure, FERRYD_BODY_END_UNPROVED);
  else if (self->length >= 0)
    {
      failure = ferryd_http_failure_short (self->received, self->length);
      fetch_end (self, failure, FERRYD_BODY_END_UNPROVED);
    }
  else
    /* The server said that it had sent all of it. */
    fetch_end (self, NULL, FERRYD_BODY_END_PROVED);
}

static void
fetch_collect (FerrydFetch *self)
{
  gboolean is_empty = self->told == self->bytes->len;

  if (is_empty)
    {
      g_byte_array_set_size (self->bytes, 0);
      self->told = 0;
    }
  ferryd_curl_job_collect (self->job, &self->news, is_empty ? &self->bytes : NULL);
  if (self->phase == FERRYD_HTTP_PHASE_CONNECT && self->news.connected)
    {
      self->phase = FERRYD_HTTP_PHASE_RESPONSE;
      ferryd_deadline_set (&self->deadline, self->response_timeout);
    }
}

static void
fetch_go_on (FerrydFetch *self)
{
  if (self->held)
    return;
  if (self->refusal != NULL)
    {
      fetch_end (self, self->refusal, FERRYD_BODY_END_UNPROVED);
      return;
    }
  fetch_collect (self);
  if (!self->answered && self->news.answered)
    fetch_tell_answer (self);
  if (self->over || self->held)
    return;
  if (self->told == self->bytes->len || is_complete (self))
    {
      fetch_find_end (self);
      return;
    }
  fetch_tell_body (self);
  /* More may be there, of which the job has told already. */
  if (!self->over && !self->held)
    fetch_wake (self);
}

static gboolean
on_wake (gpointer user_data)
{
  FerrydFetch *self = g_rc_box_acquire (user_data);

  fetch_go_on (self);
  fetch_release (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch_wake (GSource *source, GSourceFunc callback, gpointer user_data)
{
  /* Before the news is collected: what comes after that wakes it again. */
  g_source_set_ready_time (source, -1);
  return callback (user_data);
}

/* (transfer full) (nullable): what FTP cannot do. */
static FerrydFailure *
find_refusal (const FerrydFetchRequest *request)
{
  if (!g_str_equal (request->method, "GET"))
    return ferryd_failure_new (FERRY_TRANSFER_ERROR_NOT_IMPLEMENTED, FERRYD_REMEDY_FINAL,
                               "FTP has no method %s, only GET", request->method);
  if (request->peers != NULL && request->peers->fingerprint != NULL)
    return ferryd_failure_new (FERRY_TRANSFER_ERROR_NOT_IMPLEMENTED, FERRYD_REMEDY_FINAL,
                               "A certificate's fingerprint cannot be checked with FTP");
  return NULL;
}

/**
 * ferryd_curl_fetch_new:
 * @shared: what it has in common with the others; it adds itself to their set
 * @request: what is asked; borrowed for the call
 * @handler: whom to report to; borrowed for the call
 * @user_data: for @handler's functions
 *
 * Begins to fetch a file.
 *
 * Returns: (transfer none): the fetch, good until it has ended or ferryd_curl_fetch_forget()
 */
FerrydFetch *
ferryd_curl_fetch_new (const FerrydCurlShared *shared, const FerrydFetchRequest *request,
                       const FerrydFetchHandler *handler, gpointer user_data)
{
  static GSourceFuncs wake_functions = { NULL, NULL, dispatch_wake, NULL, NULL, NULL };
  FerrydFetch *self = g_rc_box_new0 (FerrydFetch);

  self->shared = shared;
  self->handler = *handler;
  self->user_data = user_data;
  self->uri = g_strdup (request->uri);
  self->first = request->first;
  self->last = request->last;
  self->ranged = request->ranged;
  self->response_timeout = request->response_timeout;
  self->stall_timeout = request->stall_timeout;
  self->bytes = g_byte_array_new ();
  self->wake = g_source_new (&wake_functions, sizeof (GSource));
  g_source_set_static_name (self->wake, "ferryd-ftp");
  g_source_set_priority (self->wake, BODY_PRIORITY);
  g_source_set_callback (self->wake, on_wake, self, NULL);
  g_source_attach (self->wake, shared->context);
  ferryd_deadline_init (&self->deadline, shared->deadlines, fetch_deadline_passed, self);
  g_hash_table_add (shared->fetches, self);
  self->refusal = find_refusal (request);
  if (self->refusal != NULL)
    {
      fetch_wake (self);
      return self;
    }
  ferryd_deadline_set (&self->deadline, request->connect_timeout);
  self->job = ferryd_curl_job_new (request, self->wake);
  return self;
}

/**
 * ferryd_curl_fetch_resume:
 * @self: a fetch
 *
 * Goes on with one that was answered %FERRYD_FLOW_HOLD, soon; another is left alone.
 */
void
ferryd_curl_fetch_resume (FerrydFetch *self)
{
  if (!self->held)
    return;
  self->held = FALSE;
  ferryd_deadline_set (&self->deadline, self->stall_timeout);
  fetch_wake (self);
}
