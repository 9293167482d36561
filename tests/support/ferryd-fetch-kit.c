/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-fetch-kit.h"

#include <string.h>

/**
 * fetch_kit_init:
 * @kit: (out caller-allocates): a kit
 * @transport: (transfer full): what is tested, made for the default main context
 * @address: an address of the loopback interface
 * @certificate: (nullable): for https, NULL for http
 *
 * Starts the server.
 */
void
fetch_kit_init (FetchKit *kit, FerrydTransport *transport, const char *address, GTlsCertificate *certificate)
{
  kit->transport = transport;
  kit->server = ferryd_script_server_new (address, certificate);
  kit->base = g_strdup_printf (strchr (address, ':') != NULL ? "%s://[%s]:%u" : "%s://%s:%u",
                               certificate != NULL ? "https" : "http", address,
                               ferryd_script_server_get_port (kit->server));
}

/**
 * fetch_kit_settle:
 *
 * Lets everything happen in the default main context that does not wait for anything.
 */
void
fetch_kit_settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

/**
 * fetch_kit_clear:
 * @kit: a kit
 *
 * Frees the transport, which has to let go of everything, and stops the server.
 */
void
fetch_kit_clear (FetchKit *kit)
{
  g_assert_finalize_object (kit->transport);
  /* Requests that were canceled end in the main context; the connections they close end the server's scripts.
   */
  fetch_kit_settle ();
  ferryd_script_server_free (kit->server);
  fetch_kit_settle ();
  g_free (kit->base);
}

/**
 * fetch_kit_request:
 * @uri: (nullable): what to ask for; NULL to have fetch_kit_begin() fill it in
 *
 * Returns: a request for the whole of it with time limits that are never reached
 */
FerrydFetchRequest
fetch_kit_request (const char *uri)
{
  return (FerrydFetchRequest){
    .application = "org.example.Test",
    .method = "GET",
    .uri = uri,
    .last = -1,
    .connect_timeout = FETCH_LONG,
    .response_timeout = FETCH_LONG,
    .stall_timeout = FETCH_LONG,
  };
}

static FerrydFlow
log_answered (const FerrydAnswer *answer, gpointer user_data)
{
  FetchLog *log = user_data;

  g_assert_cmpuint (log->n_ended, ==, 0);
  log->n_answers++;
  log->answer = *answer;
  log->answer.uri = g_strdup (answer->uri);
  log->answer.headers = g_variant_ref (answer->headers);
  log->answer.validator = g_strdup (answer->validator);
  log->answer.etag = g_strdup (answer->etag);
  log->answer.last_modified = g_strdup (answer->last_modified);
  log->answer.suggested_name = g_strdup (answer->suggested_name);
  log->answer.remote_address = g_strdup (answer->remote_address);
  log->next_offset = answer->first;
  if (log->cancel_answer)
    fetch_log_cancel (log);
  return log->answer_flow;
}

static FerrydFlow
log_body (guint64 offset, const guint8 *bytes, gsize size, gpointer user_data)
{
  FetchLog *log = user_data;

  g_assert_nonnull (log->fetch);
  g_assert_cmpuint (log->n_answers, ==, 1);
  g_assert_cmpuint (offset, ==, log->next_offset);
  g_assert_cmpuint (size, >, 0);
  log->n_bodies++;
  if (log->check_only)
    {
      for (gsize i = 0; i < size; i++)
        g_assert_cmpuint (bytes[i], ==, ferryd_script_byte (offset + i));
    }
  else
    g_byte_array_append (log->body, bytes, size);
  log->received += size;
  log->next_offset += size;
  if (log->cancel_at != -1 && (gint64) log->received >= log->cancel_at)
    fetch_log_cancel (log);
  if (log->body_flow_at == -1 || (gint64) log->received < log->body_flow_at)
    return FERRYD_FLOW_CONTINUE;
  log->body_flow_at = -1;
  return log->body_flow;
}

static void
log_ended (const FerrydFailure *failure, FerrydBodyEnd end, gpointer user_data)
{
  FetchLog *log = user_data;

  g_assert_nonnull (log->fetch);
  log->fetch = NULL;
  log->n_ended++;
  log->failure = ferryd_failure_copy (failure);
  log->end = end;
}

static void
log_interim (guint status, const char *uri, GVariant *headers, gpointer user_data)
{
  FetchLog *log = user_data;

  g_assert_cmpuint (log->n_answers, ==, 0);
  log->interim = status;
  log->n_interim++;
}

static void
log_sent (guint64 offset, gpointer user_data)
{
  FetchLog *log = user_data;

  log->sent = offset;
  log->n_sent++;
}

static void
log_last_held (gpointer user_data)
{
  FetchLog *log = user_data;

  log->n_held++;
  if (!log->keep_last)
    ferryd_transport_release_last (log->kit->transport, log->fetch);
}

/**
 * fetch_kit_begin:
 * @kit: a kit
 * @path: path at the kit's server
 * @request: what to ask there; its uri is filled in unless it is set
 *
 * Returns: (transfer full): the log of a fetch that has begun
 */
FetchLog *
fetch_kit_begin (FetchKit *kit, const char *path, FerrydFetchRequest request)
{
  static const FerrydFetchHandler handler = { log_answered, log_body, log_ended,
                                              log_interim,  log_sent, log_last_held };
  FetchLog *log = g_new0 (FetchLog, 1);
  g_autofree char *uri = g_strconcat (kit->base, path, NULL);

  log->kit = kit;
  log->body_flow_at = -1;
  log->cancel_at = -1;
  log->body = g_byte_array_new ();
  if (request.uri == NULL)
    request.uri = uri;
  log->fetch = ferryd_transport_fetch (kit->transport, &request, &handler, log);
  g_assert_nonnull (log->fetch);
  return log;
}

/**
 * fetch_log_wait:
 * @log: a log
 *
 * Iterates the default main context until its fetch has ended or was canceled.
 */
void
fetch_log_wait (FetchLog *log)
{
  while (log->fetch != NULL)
    g_main_context_iteration (NULL, TRUE);
}

/**
 * fetch_kit_run:
 * @kit: a kit
 * @path: path at the kit's server
 * @request: what to ask there
 *
 * Returns: (transfer full): the log of a fetch that has ended
 */
FetchLog *
fetch_kit_run (FetchKit *kit, const char *path, FerrydFetchRequest request)
{
  FetchLog *log = fetch_kit_begin (kit, path, request);

  fetch_log_wait (log);
  fetch_kit_settle ();
  g_assert_cmpuint (log->n_ended, ==, 1);
  return log;
}

/**
 * fetch_kit_get:
 * @kit: a kit
 * @path: path at the kit's server
 *
 * Returns: (transfer full): the log of a fetch of the whole that has ended
 */
FetchLog *
fetch_kit_get (FetchKit *kit, const char *path)
{
  return fetch_kit_run (kit, path, fetch_kit_request (NULL));
}

/**
 * fetch_log_cancel:
 * @log: a log whose fetch is under way
 *
 * Cancels it.
 */
void
fetch_log_cancel (FetchLog *log)
{
  FerrydFetch *fetch = g_steal_pointer (&log->fetch);

  ferryd_transport_cancel (log->kit->transport, fetch);
}

/**
 * fetch_log_free:
 * @log: (transfer full): a log
 *
 * Frees it; its fetch is over.
 */
void
fetch_log_free (FetchLog *log)
{
  g_assert_null (log->fetch);
  if (log->n_answers > 0)
    {
      g_free ((char *) log->answer.uri);
      g_variant_unref (log->answer.headers);
      g_free ((char *) log->answer.validator);
      g_free ((char *) log->answer.etag);
      g_free ((char *) log->answer.last_modified);
      g_free ((char *) log->answer.suggested_name);
      g_free ((char *) log->answer.remote_address);
    }
  g_byte_array_unref (log->body);
  ferryd_failure_free (log->failure);
  g_free (log);
}

/**
 * fetch_log_assert_body:
 * @log: the log of a fetch that has ended
 * @text: all that its body was to be
 *
 * Asserts that it ended without a failure and with that body.
 */
void
fetch_log_assert_body (FetchLog *log, const char *text)
{
  g_assert_cmpstr (log->failure != NULL ? log->failure->message : NULL, ==, NULL);
  g_assert_cmpmem (log->body->data, log->body->len, text, strlen (text));
}

/**
 * fetch_log_assert_failed:
 * @log: the log of a fetch that has ended
 * @status: error status of the contract
 * @remedy: what is to help
 *
 * Asserts that it ended so, with something to tell people.
 */
void
fetch_log_assert_failed (FetchLog *log, const char *status, FerrydRemedy remedy)
{
  g_assert_nonnull (log->failure);
  g_test_message ("%s", log->failure->message);
  g_assert_cmpstr (ferry_transfer_error_to_status (log->failure->status), ==, status);
  g_assert_cmpint (log->failure->remedy, ==, remedy);
  g_assert_cmpstr (log->failure->message, !=, "");
}
