/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-curl-job.h"

#include <sys/socket.h>
#include <unistd.h>

#include "ferryd-curl-failure.h"
#include "ferryd-curl-setup.h"

/* Bytes that the thread runs ahead: enough to keep the connection busy while the I/O thread writes. */
#define AHEAD (256 * 1024)

struct _FerrydCurlJob
{
  gatomicrefcount ref_count; /* one of the caller's, one of the thread's */

  /* Set once. */
  FerrydCurlOrder order; /* its members are owned */
  gint64 first;
  gint64 last;             /* -1 for all there is */
  char *if_range;          /* (owned) (nullable) */
  GCancellable *abandoned; /* (owned) */

  /* Of the thread's alone. */
  const FerrydCurlLibrary *library; /* (unowned) */
  const char *proxy;                /* (unowned): the way that is tried */
  CURL *easy;                       /* (owned) (nullable): while a transfer is under way */
  gint64 position;                  /* of the next byte */
  gboolean begun;                   /* bytes have come */
  gboolean other;                   /* is not what the part asked for belongs to */
  gboolean enough;                  /* all that was asked for has come */
  gboolean unreached;               /* that was no way to the server */

  GMutex lock; /* of all below */
  GCond taken; /* bytes were collected, or nobody wants any more */
  FerrydCurlNews news;
  GByteArray *bytes; /* (owned): not yet collected */
  GArray *sockets;   /* (owned) (element-type int): open ones */
  GSource *wake;     /* (owned) (nullable): NULL once it is abandoned */
};

/* How many threads there are. */
static GMutex count_lock;
static GCond count_changed;
static guint count;

static void
job_unref (FerrydCurlJob *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  ferryd_curl_order_clear (&self->order);
  ferryd_curl_news_clear (&self->news);
  g_byte_array_unref (self->bytes);
  g_array_unref (self->sockets);
  g_clear_pointer (&self->wake, g_source_unref);
  g_free (self->if_range);
  g_object_unref (self->abandoned);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->taken);
  g_free (self);
}

/**
 * ferryd_curl_news_clear:
 * @news: news
 *
 * Frees what they own, and makes them none.
 */
void
ferryd_curl_news_clear (FerrydCurlNews *news)
{
  g_free (news->address);
  g_clear_pointer (&news->failure, ferryd_failure_free);
  *news = (FerrydCurlNews){ 0 };
}

/**
 * ferryd_curl_news_get_validator:
 * @news: news that say what the file is
 *
 * FTP has no validators. Two files of the same name, size and time of change are taken for one.
 *
 * Returns: (transfer full) (nullable): a word for what is known of the file; %NULL where that is too little
 */
char *
ferryd_curl_news_get_validator (const FerrydCurlNews *news)
{
  if (news->total < 0 || news->modified < 0)
    return NULL;
  return g_strdup_printf ("size=%" G_GINT64_FORMAT ";modified=%" G_GINT64_FORMAT, news->total,
                          news->modified);
}

/* With the lock held. */
static void
job_wake (FerrydCurlJob *self)
{
  if (self->wake != NULL)
    g_source_set_ready_time (self->wake, 0);
}

/* What curl calls. */

static curl_socket_t
on_open_socket (void *user_data, curlsocktype purpose, struct curl_sockaddr *address)
{
  FerrydCurlJob *self = user_data;
  int fd = -1;

  g_mutex_lock (&self->lock);
  if (self->wake != NULL)
    fd = socket (address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (fd >= 0)
    g_array_append_val (self->sockets, fd);
  g_mutex_unlock (&self->lock);
  return fd >= 0 ? fd : CURL_SOCKET_BAD;
}

static int
on_close_socket (void *user_data, curl_socket_t fd)
{
  FerrydCurlJob *self = user_data;
  int status;

  g_mutex_lock (&self->lock);
  for (guint i = self->sockets->len; i-- > 0;)
    {
      if (g_array_index (self->sockets, int, i) == fd)
        g_array_remove_index_fast (self->sockets, i);
    }
  status = close (fd);
  g_mutex_unlock (&self->lock);
  return status;
}

static int
on_progress (void *user_data, curl_off_t total, curl_off_t now, curl_off_t to_send, curl_off_t sent)
{
  FerrydCurlJob *self = user_data;

  return g_cancellable_is_cancelled (self->abandoned) ? 1 : 0;
}

static size_t
on_header (char *bytes, size_t size, size_t n, void *user_data)
{
  FerrydCurlJob *self = user_data;

  g_mutex_lock (&self->lock);
  if (!self->news.connected)
    {
      self->news.connected = TRUE;
      job_wake (self);
    }
  g_mutex_unlock (&self->lock);
  return size * n;
}

/* Tells what the file is, now that the server has said all it will. FALSE where that is not the file that
 * the part asked for belongs to. */
static gboolean
job_answer (FerrydCurlJob *self)
{
  curl_off_t modified = -1;
  curl_off_t length = -1;
  const char *address = NULL;
  FerrydCurlNews answer = { 0 };
  g_autofree char *validator = NULL;

  self->library->curl_easy_getinfo (self->easy, CURLINFO_FILETIME_T, &modified);
  self->library->curl_easy_getinfo (self->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  self->library->curl_easy_getinfo (self->easy, CURLINFO_PRIMARY_IP, &address);
  answer.modified = modified;
  answer.first = self->position;
  /* Where nothing is sent, curl has left it at the size of the whole. */
  answer.total = length >= 0 && self->begun ? length + self->position : length;
  answer.beyond = !self->begun && self->position > 0;
  validator = ferryd_curl_news_get_validator (&answer);
  if (self->position > 0 && self->if_range != NULL && g_strcmp0 (validator, self->if_range) != 0)
    {
      self->other = TRUE;
      return FALSE;
    }
  g_mutex_lock (&self->lock);
  self->news.first = answer.first;
  self->news.total = answer.total;
  self->news.modified = answer.modified;
  self->news.beyond = answer.beyond;
  self->news.address = g_strdup (address);
  self->news.answered = TRUE;
  job_wake (self);
  g_mutex_unlock (&self->lock);
  return TRUE;
}

static size_t
on_body (char *bytes, size_t size, size_t n, void *user_data)
{
  FerrydCurlJob *self = user_data;
  gsize length = size * n;
  gsize wanted = length;
  gboolean abandoned;

  if (!self->begun)
    {
      self->begun = TRUE;
      if (!job_answer (self))
        return 0;
    }
  if (self->last >= 0)
    wanted = (gsize) CLAMP (self->last + 1 - self->position, 0, (gint64) length);
  g_mutex_lock (&self->lock);
  while (self->wake != NULL && self->bytes->len >= AHEAD)
    g_cond_wait (&self->taken, &self->lock);
  abandoned = self->wake == NULL;
  if (!abandoned)
    {
      g_byte_array_append (self->bytes, (const guint8 *) bytes, (guint) wanted);
      job_wake (self);
    }
  g_mutex_unlock (&self->lock);
  self->position += (gint64) wanted;
  self->enough = self->last >= 0 && self->position > self->last;
  return abandoned || self->enough ? 0 : length;
}

static CURLcode
job_set_up (FerrydCurlJob *self)
{
  const FerrydCurlLibrary *library = self->library;

  self->easy = library->curl_easy_init ();
  if (self->easy == NULL)
    return CURLE_OUT_OF_MEMORY;
  library->curl_easy_setopt (self->easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
  library->curl_easy_setopt (self->easy, CURLOPT_OPENSOCKETDATA, self);
  library->curl_easy_setopt (self->easy, CURLOPT_CLOSESOCKETFUNCTION, on_close_socket);
  library->curl_easy_setopt (self->easy, CURLOPT_CLOSESOCKETDATA, self);
  library->curl_easy_setopt (self->easy, CURLOPT_XFERINFOFUNCTION, on_progress);
  library->curl_easy_setopt (self->easy, CURLOPT_XFERINFODATA, self);
  library->curl_easy_setopt (self->easy, CURLOPT_NOPROGRESS, 0L);
  library->curl_easy_setopt (self->easy, CURLOPT_HEADERFUNCTION, on_header);
  library->curl_easy_setopt (self->easy, CURLOPT_HEADERDATA, self);
  library->curl_easy_setopt (self->easy, CURLOPT_WRITEFUNCTION, on_body);
  library->curl_easy_setopt (self->easy, CURLOPT_WRITEDATA, self);
  library->curl_easy_setopt (self->easy, CURLOPT_RESUME_FROM_LARGE, (curl_off_t) self->position);
  return ferryd_curl_set_up (library, self->easy, &self->order, self->proxy);
}

/* (transfer full) (nullable): why it failed. */
static FerrydFailure *
job_explain (FerrydCurlJob *self, CURLcode code)
{
  FerrydCurlTrouble trouble = { .code = code, .in_body = self->begun };

  trouble.through_proxy = !g_str_has_prefix (self->proxy, "direct:");
  if (self->easy != NULL)
    {
      self->library->curl_easy_getinfo (self->easy, CURLINFO_RESPONSE_CODE, &trouble.reply);
      self->library->curl_easy_getinfo (self->easy, CURLINFO_OS_ERRNO, &trouble.os_error);
      self->library->curl_easy_getinfo (self->easy, CURLINFO_SSL_VERIFYRESULT, &trouble.certificate);
      self->library->curl_easy_getinfo (self->easy, CURLINFO_HTTP_CONNECTCODE, &trouble.tunnel);
      self->library->curl_easy_getinfo (self->easy, CURLINFO_PROXY_ERROR, &trouble.proxy);
    }
  return ferryd_curl_failure_new (&trouble);
}

/* One go at it. Returns: whether it is over; FALSE: only from byte 0. */
static gboolean
job_try (FerrydCurlJob *self, gint64 position, FerrydFailure **failure)
{
  CURLcode code;

  self->position = position;
  self->begun = FALSE;
  self->other = FALSE;
  code = job_set_up (self);
  if (code == CURLE_OK)
    code = self->library->curl_easy_perform (self->easy);
  if (code == CURLE_OK && !self->begun && !job_answer (self))
    code = CURLE_WRITE_ERROR;
  if (code != CURLE_OK && !self->enough)
    *failure = job_explain (self, code);
  if (self->easy != NULL)
    self->library->curl_easy_cleanup (self->easy);
  self->easy = NULL;
  self->unreached =
      code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_PROXY;
  if (code == CURLE_FTP_COULDNT_USE_REST)
    {
      g_mutex_lock (&self->lock);
      self->news.refuses_parts = TRUE;
      g_mutex_unlock (&self->lock);
    }
  return position == 0 || g_cancellable_is_cancelled (self->abandoned) ||
         !(self->other || code == CURLE_FTP_COULDNT_USE_REST || code == CURLE_BAD_DOWNLOAD_RESUME);
}

/* (transfer full) (nullable): why it failed, by the way that is tried. */
static FerrydFailure *
job_try_from (FerrydCurlJob *self)
{
  FerrydFailure *failure = NULL;

  if (!job_try (self, self->first, &failure))
    {
      g_clear_pointer (&failure, ferryd_failure_free);
      self->last = -1;
      job_try (self, 0, &failure);
    }
  return failure;
}

static FerrydFailure *
job_perform (FerrydCurlJob *self)
{
  g_auto (GStrv) proxies = ferryd_curl_order_find_proxies (&self->order, self->abandoned);
  FerrydFailure *failure = NULL;

  self->library = ferryd_curl_library_get ();
  if (self->library == NULL)
    return ferryd_failure_new (FERRY_TRANSFER_ERROR_NOT_IMPLEMENTED, FERRYD_REMEDY_FINAL,
                               "FTP needs libcurl (libcurl3-gnutls), which is not installed");
  if (proxies == NULL || proxies[0] == NULL)
    return ferryd_failure_new (FERRY_TRANSFER_ERROR_CANNOT_CONNECT, FERRYD_REMEDY_RETRY,
                               "The proxy that leads to the server cannot be found out");
  for (guint i = 0; proxies[i] != NULL && (i == 0 || self->unreached); i++)
    {
      g_clear_pointer (&failure, ferryd_failure_free);
      self->proxy = proxies[i];
      failure = job_try_from (self);
    }
  return failure;
}

static gpointer
run (gpointer data)
{
  FerrydCurlJob *self = data;
  FerrydFailure *failure = job_perform (self);

  g_mutex_lock (&self->lock);
  self->news.failure = failure;
  self->news.ended = TRUE;
  job_wake (self);
  g_mutex_unlock (&self->lock);
  job_unref (self);
  g_mutex_lock (&count_lock);
  count--;
  g_cond_broadcast (&count_changed);
  g_mutex_unlock (&count_lock);
  return NULL;
}

/**
 * ferryd_curl_job_new:
 * @request: what is asked; borrowed for the call
 * @wake: (transfer none): to be made ready whenever there is news
 *
 * Begins at once.
 *
 * Returns: (transfer full): a job, to be abandoned
 */
FerrydCurlJob *
ferryd_curl_job_new (const FerrydFetchRequest *request, GSource *wake)
{
  FerrydCurlJob *self = g_new0 (FerrydCurlJob, 1);

  g_atomic_ref_count_init (&self->ref_count);
  ferryd_curl_order_init (&self->order, request);
  self->first = request->first;
  self->last = request->last;
  self->if_range = g_strdup (request->if_range);
  self->abandoned = g_cancellable_new ();
  g_mutex_init (&self->lock);
  g_cond_init (&self->taken);
  self->bytes = g_byte_array_new ();
  self->sockets = g_array_new (FALSE, FALSE, sizeof (int));
  self->wake = g_source_ref (wake);
  g_atomic_ref_count_inc (&self->ref_count);
  g_mutex_lock (&count_lock);
  count++;
  g_mutex_unlock (&count_lock);
  g_thread_unref (g_thread_new ("ferryd-ftp", run, self));
  return self;
}

/**
 * ferryd_curl_job_collect:
 * @self: a job
 * @news: (inout): brought up to date
 * @bytes: (inout) (nullable): an empty array, which is exchanged for what has come; %NULL to leave that there
 */
void
ferryd_curl_job_collect (FerrydCurlJob *self, FerrydCurlNews *news, GByteArray **bytes)
{
  g_mutex_lock (&self->lock);
  ferryd_curl_news_clear (news);
  *news = self->news;
  news->address = g_strdup (self->news.address);
  news->failure = ferryd_failure_copy (self->news.failure);
  if (bytes != NULL && self->bytes->len > 0)
    {
      GByteArray *empty = *bytes;

      *bytes = self->bytes;
      self->bytes = empty;
      g_cond_signal (&self->taken);
    }
  g_mutex_unlock (&self->lock);
}

/**
 * ferryd_curl_job_abandon:
 * @self: (transfer full): a job
 *
 * Closes what it has open, as far as the other side sees; its thread ends when libcurl has noticed.
 */
void
ferryd_curl_job_abandon (FerrydCurlJob *self)
{
  g_cancellable_cancel (self->abandoned);
  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->wake, g_source_unref);
  for (guint i = 0; i < self->sockets->len; i++)
    shutdown (g_array_index (self->sockets, int, i), SHUT_RDWR);
  g_cond_signal (&self->taken);
  g_mutex_unlock (&self->lock);
  job_unref (self);
}

/**
 * ferryd_curl_job_wait_for_all:
 * @microseconds: how long at most
 *
 * Waits until the threads of abandoned jobs have ended, so that libraries can be taken apart.
 */
void
ferryd_curl_job_wait_for_all (gint64 microseconds)
{
  gint64 until = g_get_monotonic_time () + microseconds;

  g_mutex_lock (&count_lock);
  while (count > 0 && g_cond_wait_until (&count_changed, &count_lock, until))
    continue;
  g_mutex_unlock (&count_lock);
}
