/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-transfer-kit.h"

#define URI "http://host/f"

static const char *const mirror_uris[] = { "http://one/f", "http://two/f" };

/**
 * ferryd_transfer_kit_bytes:
 * @server: a server
 * @start: first byte
 * @end: the byte behind the last
 *
 * Returns: (transfer full): what it has there
 */
guint8 *
ferryd_transfer_kit_bytes (const FerrydTransferServer *server, guint64 start, guint64 end)
{
  return ferryd_sink_kit_bytes (start + server->shift, end + server->shift);
}

/**
 * ferryd_transfer_kit_digest:
 * @server: a server
 *
 * Returns: (transfer full): the checksum of what it has
 */
char *
ferryd_transfer_kit_digest (const FerrydTransferServer *server)
{
  g_autofree guint8 *bytes = ferryd_transfer_kit_bytes (server, 0, server->size);
  g_autofree char *hex = g_compute_checksum_for_data (G_CHECKSUM_SHA256, bytes, server->size);

  return g_strconcat ("sha256:", hex, NULL);
}

static FerrydTransferServer *
find_server (FerrydTransferKit *kit, const char *uri, const char **name)
{
  *name = "";
  for (guint i = 0; i < G_N_ELEMENTS (mirror_uris); i++)
    {
      if (!g_str_equal (uri, mirror_uris[i]))
        continue;
      *name = i == 0 ? "1 " : "2 ";
      return &kit->mirrors[i];
    }
  return &kit->server;
}

static void
send_body (FerrydFetch *fetch, const FerrydTransferServer *server, guint64 first, guint64 end)
{
  g_autofree guint8 *bytes = ferryd_transfer_kit_bytes (server, first, end);
  gsize piece = server->piece > 0 ? server->piece : (gsize) (end - first);

  for (guint64 offset = first; offset < end; offset += piece)
    ferryd_fake_fetch_body (fetch, offset, bytes + (offset - first), MIN (piece, end - offset));
}

static void
answer_range (const FerrydTransferServer *server, const FerrydFetchRequest *request, FerrydAnswer *answer)
{
  gboolean ranged = request->ranged || request->first > 0 || request->last >= 0;
  gboolean matches = request->if_range == NULL || g_strcmp0 (request->if_range, server->validator) == 0;

  answer->kind = FERRYD_ANSWER_WHOLE;
  answer->status = 200;
  answer->length = (gint64) server->size;
  if (!ranged || !server->ranges || !matches)
    return;
  answer->kind = (guint64) request->first >= server->size ? FERRYD_ANSWER_NOTHING_BEYOND : FERRYD_ANSWER_PART;
  answer->status = answer->kind == FERRYD_ANSWER_PART ? 206 : 416;
  answer->first = MIN (request->first, (gint64) server->size);
  answer->length = (request->last >= 0 ? request->last + 1 : (gint64) server->size) - answer->first;
}

static char *
describe (const FerrydFetchRequest *request, const char *name)
{
  g_autofree char *along = request->entity == NULL
                               ? g_strdup ("")
                               : g_strdup_printf ("%c%" G_GUINT64_FORMAT, request->hold_last ? '!' : '+',
                                                  ferryd_entity_get_length (request->entity));

  return g_strdup_printf ("%s%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT " %s%s", name, request->first,
                          request->last, request->if_range ? request->if_range : "", along);
}

static void
fail (FerrydFetch *fetch, const FerrydTransferServer *server)
{
  FerrydFailure *failure = ferryd_failure_new ((FerryTransferError) server->status, server->remedy, "no");

  if (server->answers != 0)
    failure->response =
        g_variant_ref_sink (g_variant_new_parsed ("{'status': <%u>}", (guint32) server->answers));
  ferryd_fake_fetch_fail (fetch, failure);
}

static void
serve (FerrydFetch *fetch, gpointer data)
{
  FerrydTransferKit *kit = data;
  const FerrydFetchRequest *request = ferryd_fake_fetch_get_request (fetch);
  const char *name;
  FerrydTransferServer *server = find_server (kit, request->uri, &name);
  FerrydAnswer answer = { .uri = request->uri, .suggested_name = "f" };
  guint64 end;

  g_ptr_array_add (kit->fetches, describe (request, name));
  if (request->entity != NULL)
    ferryd_fake_fetch_take (fetch,
                            server->takes > 0 ? server->takes : ferryd_entity_get_length (request->entity));
  if (server->status >= 0)
    {
      fail (fetch, server);
      return;
    }
  if (kit->changes > 0 && kit->fetches->len > kit->changes)
    server->shift = kit->fetches->len * 1000;
  answer_range (server, request, &answer);
  end = (guint64) (answer.first + answer.length);
  answer.headers = g_variant_ref_sink (g_variant_new ("a(ss)", NULL));
  answer.total = server->says_size || answer.status == 416 ? (gint64) server->size : -1;
  if (answer.total < 0)
    answer.length = -1;
  answer.validator = server->validator;
  answer.etag = server->etag;
  answer.digest = answer.kind == FERRYD_ANSWER_PART ? server->part_digest : server->digest;
  answer.resumable = server->ranges || server->pretends;
  ferryd_fake_fetch_answer (fetch, &answer);
  g_variant_unref (answer.headers);
  if (server->cut > 0)
    end = MIN (end, (guint64) answer.first + server->cut);
  send_body (fetch, server, (guint64) answer.first, end);
  if (server->hangs)
    return;
  if (answer.length >= 0 && server->cut > 0)
    ferryd_fake_fetch_fail (
        fetch, ferryd_failure_new (FERRY_TRANSFER_ERROR_DISCONNECTED, FERRYD_REMEDY_RETRY, "cut"));
  else
    ferryd_fake_fetch_end (fetch, answer.length >= 0 ? FERRYD_BODY_END_PROVED : server->end);
}

static void
on_event (FerrydAttempt *transfer, FerrydTransferEvent *event, gpointer user_data)
{
  FerrydTransferKit *kit = user_data;

  g_string_append_c (kit->events, "ARMcLCoPspaUFS"[event->kind]);
  g_clear_pointer (&kit->record, ferryd_progress_record_free);
  kit->record = g_steal_pointer (&event->record);
  kit->restarts = event->restarts;
  if ((event->kind == FERRYD_TRANSFER_RESET || event->kind == FERRYD_TRANSFER_SEALED) && !kit->proceed_late)
    ferryd_attempt_proceed (transfer);
  if (event->kind == FERRYD_TRANSFER_FAILED)
    kit->failure = g_steal_pointer (&event->failure);
  if (event->kind == FERRYD_TRANSFER_LIMITED)
    kit->limited = event->connections;
  kit->over = (event->kind >= FERRYD_TRANSFER_PUBLISHED && event->kind != FERRYD_TRANSFER_SEALED) ||
              event->kind == FERRYD_TRANSFER_COMPLETE;
}

/**
 * ferryd_transfer_kit_set_up:
 * @kit: a kit
 * @data: nothing
 *
 * Three servers that make no mistakes and have the same.
 */
void
ferryd_transfer_kit_set_up (FerrydTransferKit *kit, gconstpointer data)
{
  const FerrydTransferServer server = {
    .size = FERRYD_TRANSFER_KIT_SIZE,
    .validator = "\"one\"",
    .etag = "\"one\"",
    .says_size = TRUE,
    .ranges = TRUE,
    .status = -1,
  };

  ferryd_sink_kit_set_up (&kit->sink, data);
  kit->transport = ferryd_fake_transport_new ();
  ferryd_fake_transport_set_server (kit->transport, serve, kit);
  kit->io = ferryd_io_thread_new_inline ();
  kit->fetches = g_ptr_array_new_with_free_func (g_free);
  kit->events = g_string_new (NULL);
  kit->server = kit->mirrors[0] = kit->mirrors[1] = server;
}

/**
 * ferryd_transfer_kit_tear_down:
 * @kit: a kit
 * @data: nothing
 */
void
ferryd_transfer_kit_tear_down (FerrydTransferKit *kit, gconstpointer data)
{
  g_clear_pointer (&kit->transfer, ferryd_attempt_unref);
  ferryd_transfer_kit_settle (kit, 0);
  g_clear_pointer (&kit->meter, ferryd_meter_unref);
  g_clear_pointer (&kit->record, ferryd_progress_record_free);
  g_clear_pointer (&kit->failure, ferryd_failure_free);
  g_clear_pointer (&kit->content, ferryd_content_unref);
  g_ptr_array_unref (kit->fetches);
  g_string_free (kit->events, TRUE);
  g_object_unref (kit->transport);
  ferryd_io_thread_free (kit->io);
  ferryd_sink_kit_tear_down (&kit->sink, data);
}

static FerrydTransferSpec *
make_spec (FerrydTransferKit *kit, const char *options)
{
  g_autoptr (GVariant) parsed =
      g_variant_ref_sink (g_variant_parse (G_VARIANT_TYPE_VARDICT, options, NULL, NULL, NULL));
  g_autofree char *destination = g_build_filename (kit->sink.folder, "f", NULL);
  FerrydTransferSpec *spec = g_new0 (FerrydTransferSpec, 1);

  spec->id = kit->sink.id;
  spec->application = g_strdup ("");
  spec->request =
      ferryd_request_new (FERRY_KIND_DOWNLOAD, kit->uri != NULL ? kit->uri : URI, destination, parsed, NULL);
  spec->request->target = ferryd_destination_resolve (destination, FERRY_EXISTS_REPLACE, NULL, NULL);
  g_assert_nonnull (spec->request->target);
  spec->request->content = kit->content != NULL ? ferryd_content_ref (kit->content) : NULL;
  spec->record = kit->record != NULL ? g_steal_pointer (&kit->record) : ferryd_progress_record_new ();
  spec->journal_directory = g_strdup (kit->sink.journal);
  spec->is_last = kit->is_last;
  return spec;
}

/**
 * ferryd_transfer_kit_start:
 * @kit: a kit
 * @options: of the request, as text; as many mirrors as there are in it are allowed for
 *
 * Begins an attempt with what the one before left.
 */
void
ferryd_transfer_kit_start (FerrydTransferKit *kit, const char *options)
{
  FerrydTransferSpec *spec = make_spec (kit, options);
  guint sources = ferryd_request_count_sources (spec->request);

  g_clear_pointer (&kit->meter, ferryd_meter_unref);
  kit->meter = ferryd_meter_new ();
  kit->over = FALSE;
  g_ptr_array_set_size (kit->fetches, 0);
  g_string_truncate (kit->events, 0);
  g_clear_pointer (&kit->transfer, ferryd_attempt_unref);
  kit->transfer =
      ferryd_transfer_start (kit->io, FERRYD_TRANSPORT (kit->transport), spec, kit->meter, on_event, kit);
  for (guint i = 0; i < sources; i++)
    ferryd_transfer_allow (kit->transfer, i, MAX (kit->connections, 1));
}

/**
 * ferryd_transfer_kit_wait:
 * @kit: a kit
 *
 * Waits for an event that ends the attempt or needs the test.
 */
void
ferryd_transfer_kit_wait (FerrydTransferKit *kit)
{
  while (!kit->over)
    g_main_context_iteration (NULL, TRUE);
}

/**
 * ferryd_transfer_kit_settle:
 * @kit: a kit
 * @fetches: how many the attempt has to have begun
 *
 * Waits for them, then lets everything happen that can without waiting.
 */
void
ferryd_transfer_kit_settle (FerrydTransferKit *kit, guint fetches)
{
  while (kit->fetches->len < fetches)
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/**
 * ferryd_transfer_kit_run:
 * @kit: a kit
 * @options: of the request, as text
 *
 * Begins an attempt and waits for it.
 */
void
ferryd_transfer_kit_run (FerrydTransferKit *kit, const char *options)
{
  ferryd_transfer_kit_start (kit, options);
  ferryd_transfer_kit_wait (kit);
}

/**
 * ferryd_transfer_kit_publish:
 * @kit: a kit whose attempt is complete
 *
 * The last step, as the main thread has it done; then the file has to be the server's.
 */
void
ferryd_transfer_kit_publish (FerrydTransferKit *kit)
{
  g_autofree char *path = ferryd_sink_kit_path (&kit->sink, "f");
  g_autofree guint8 *expected = ferryd_transfer_kit_bytes (&kit->server, 0, kit->server.size);
  g_autofree char *found = NULL;
  gsize length;

  g_assert_cmpint (kit->events->str[kit->events->len - 1], ==, 'C');
  g_assert_true (kit->record->complete);
  kit->over = FALSE;
  ferryd_attempt_publish (kit->transfer, "f", FALSE);
  ferryd_transfer_kit_wait (kit);
  g_assert_cmpint (kit->events->str[kit->events->len - 1], ==, 'P');
  g_assert_true (g_file_get_contents (path, &found, &length, NULL));
  g_assert_cmpmem (found, length, expected, kit->server.size);
}

/**
 * ferryd_transfer_kit_assert_fetch:
 * @kit: a kit
 * @nth: which fetch of the attempt
 * @expected: "first-last if-range"
 */
void
ferryd_transfer_kit_assert_fetch (const FerrydTransferKit *kit, guint nth, const char *expected)
{
  g_assert_cmpuint (nth, <, kit->fetches->len);
  g_assert_cmpstr (g_ptr_array_index (kit->fetches, nth), ==, expected);
}

/**
 * ferryd_transfer_kit_fetch_half:
 * @kit: a kit
 *
 * Holds the first half after an attempt that lost its connection.
 */
void
ferryd_transfer_kit_fetch_half (FerrydTransferKit *kit)
{
  kit->server.cut = kit->server.size / 2;
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpint (kit->events->str[kit->events->len - 1], ==, 'F');
  g_assert_cmpint (kit->failure->status, ==, FERRY_TRANSFER_ERROR_DISCONNECTED);
  g_assert_cmpuint (ferryd_ranges_prefix (kit->record->ranges), ==, kit->server.size / 2);
  g_clear_pointer (&kit->failure, ferryd_failure_free);
  kit->server.cut = 0;
}
