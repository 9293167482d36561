/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferry-cmd-transfer.h"

#include <glib/gi18n.h>
#include <unistd.h>

#include "ferry-cmd-follow.h"
#include "ferry-cmd-operation.h"
#include "ferry-cmd-util.h"

static void
tell_detached (FerryOperation *operation, gboolean started)
{
  g_autofree char *id = ferry_cmd_short_id (operation);

  g_print ("%s\n", ferry_operation_get_id (operation));
  if (!isatty (STDERR_FILENO))
    return;
  if (started && FERRY_IS_UPLOAD (operation))
    g_printerr (_ ("The service uploads it: “ferry wait %s” waits for it.\n"), id);
  else if (started)
    g_printerr (_ ("The service downloads it: “ferry wait %s” waits for it.\n"), id);
  else
    g_printerr (_ ("It is there and not started: “ferry start %s” starts it.\n"), id);
}

/* Says which of several was refused; nothing of a URL that may hold a password. */
static void
prefix_refusal (FerryRequest *request, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (ferry_request_get_uri (request), G_URI_FLAGS_HAS_PASSWORD, NULL);
  g_autofree char *shown = uri != NULL ? g_uri_to_string_partial (uri, G_URI_HIDE_USERINFO) : NULL;

  if (shown != NULL && (*error)->domain == FERRY_ERROR)
    g_prefix_error (error, "%s: ", shown);
}

/* Asks for all of them before the first has answered. Those that are refused are told of at once, and stand
 * in the way of no other. */
static FerryCmdStatus
create_all (FerryFactory *factory, GPtrArray *requests, GPtrArray *operations)
{
  g_autofree GAsyncResult **results = g_new0 (GAsyncResult *, requests->len);
  FerryCmdStatus status = FERRY_CMD_DONE;

  for (guint i = 0; i < requests->len; i++)
    ferry_factory_create_async (factory, requests->pdata[i], NULL, ferry_cmd_keep_result, &results[i]);
  for (guint i = 0; i < requests->len; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      FerryOperation *operation;
      FerryCmdStatus refusal;

      ferry_cmd_await (&results[i]);
      result = results[i];
      operation = ferry_factory_create_finish (factory, result, &error);
      if (operation != NULL)
        {
          g_ptr_array_add (operations, operation);
          continue;
        }
      if (requests->len > 1)
        prefix_refusal (requests->pdata[i], &error);
      refusal = ferry_cmd_report (error);
      status = MAX (status, refusal);
    }
  return status;
}

/* Whoever wrote a stream was interrupted together with this program, so that not all of it may have come:
 * half of a backup is none. */
static FerryCmdStatus
drop_all (GPtrArray *operations)
{
  for (guint i = 0; i < operations->len; i++)
    {
      g_autoptr (GAsyncResult) canceled = NULL;
      g_autoptr (GAsyncResult) removed = NULL;

      ferry_operation_cancel_async (operations->pdata[i], NULL, ferry_cmd_keep_result, &canceled);
      ferry_cmd_await (&canceled);
      (void) ferry_operation_cancel_finish (operations->pdata[i], canceled, NULL);
      ferry_operation_remove_async (operations->pdata[i], NULL, ferry_cmd_keep_result, &removed);
      ferry_cmd_await (&removed);
      (void) ferry_operation_remove_finish (operations->pdata[i], removed, NULL);
    }
  g_printerr (_ ("ferry: Interrupted while reading: nothing is sent\n"));
  return FERRY_CMD_INTERRUPTED;
}

static FerryCmdStatus
start_all (GPtrArray *operations)
{
  FerryCmdStatus status = FERRY_CMD_DONE;

  for (guint i = 0; i < operations->len; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      FerryCmdStatus refusal;

      ferry_operation_start_async (operations->pdata[i], NULL, ferry_cmd_keep_result, &result);
      ferry_cmd_await (&result);
      if (ferry_operation_start_finish (operations->pdata[i], result, &error))
        continue;
      refusal = ferry_cmd_report (error);
      status = MAX (status, refusal);
    }
  return status;
}

/**
 * ferry_cmd_transfer:
 * @factory: what creates them
 * @request: what the command line says
 *
 * Creates transfers, and waits for them unless that is not wanted.
 *
 * Returns: the worst exit status of them
 */
FerryCmdStatus
ferry_cmd_transfer (FerryFactory *factory, const FerryCmdRequest *request)
{
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func (g_object_unref);
  /* Whoever interrupts while the transfers are being created is to hear of it too: that they are there and go
   * on. */
  g_autoptr (FerryCmdInterrupt) interrupt = ferry_cmd_interrupt_new ();
  FerryCmdStatus followed;
  FerryCmdStatus status = create_all (factory, request->requests, operations);

  if (request->streams && operations->len > 0)
    {
      if (g_cancellable_is_cancelled (ferry_cmd_interrupt_get_cancellable (interrupt)))
        return drop_all (operations);
      if (!request->no_start)
        status = MAX (status, start_all (operations));
      if (status != FERRY_CMD_DONE)
        return status;
    }
  if (operations->len > 0 && !request->detach && !request->no_start)
    {
      followed = ferry_cmd_follow (operations, interrupt, request->json, request->output);
      return MAX (status, followed);
    }
  for (guint i = 0; i < operations->len; i++)
    {
      FerryOperation *operation = operations->pdata[i];
      g_autoptr (GVariant) properties = ferry_operation_get_properties (operation);

      if (request->json)
        ferry_cmd_print_json (properties);
      else
        tell_detached (operation, !request->no_start);
    }
  return status;
}
