/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferry-cmd-follow.h"

#include <glib/gi18n.h>
#include <unistd.h>

#include "ferry-cmd-operation.h"
#include "ferry-cmd-progress.h"
#include "ferry-cmd-response.h"
#include "ferry-cmd-util.h"

/* The one status of a completed download that leaves nothing behind. */
#define HTTP_NOT_MODIFIED 304

/* Microseconds below which a speed says nothing about the network. */
#define MIN_SPAN_US (G_USEC_PER_SEC / 10)

typedef struct
{
  guint *left;   /* (unowned): waits without an answer */
  GError *error; /* (owned) (nullable): how it failed */
} Wait;

static void
wait_free (gpointer data)
{
  Wait *wait = data;

  g_clear_error (&wait->error);
  g_free (wait);
}

static void
on_waited (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Wait *wait = user_data;

  (void) ferry_operation_wait_finish (FERRY_OPERATION (source), result, &wait->error);
  (*wait->left)--;
}

/* 0 where there was no answer. */
static guint32
get_status (FerryOperation *operation)
{
  g_autoptr (GVariant) properties = ferry_operation_get_properties (operation);
  g_autoptr (GVariant) response = g_variant_lookup_value (properties, "Response", G_VARIANT_TYPE_VARDICT);
  guint32 status = 0;

  if (response != NULL)
    (void) g_variant_lookup (response, "status", "u", &status);
  return status;
}

/* As in `1.4 GB in 12 s, 112 MB/s`. */
static char *
format_pace (FerryOperation *operation)
{
  g_autoptr (GDateTime) created = ferry_operation_get_created (operation);
  g_autoptr (GDateTime) finished = ferry_operation_get_finished (operation);
  gint64 span = created != NULL && finished != NULL ? g_date_time_difference (finished, created) : 0;
  g_autofree char *size = NULL;
  g_autofree char *duration = NULL;
  g_autofree char *speed = NULL;
  gint64 bytes, total;

  ferry_cmd_get_bytes (operation, &bytes, &total);
  size = ferry_cmd_format_size (bytes);
  if (span < MIN_SPAN_US)
    return g_steal_pointer (&size);
  duration = ferry_cmd_format_duration (span);
  speed = ferry_cmd_format_size ((gint64) ((double) bytes * G_USEC_PER_SEC / (double) span));
  return g_strdup_printf (_ ("%s in %s, %s/s"), size, duration, speed);
}

static char *
describe_end (FerryOperation *operation)
{
  g_autofree char *uri = ferry_cmd_format_cell (ferry_operation_get_uri (operation), G_MAXUINT, FALSE);
  g_autofree char *pace = format_pace (operation);
  guint32 status = get_status (operation);
  g_autofree char *name = NULL;
  g_autofree char *cell = NULL;

  if (FERRY_IS_UPLOAD (operation))
    {
      name = ferry_cmd_name (operation);
      cell = ferry_cmd_format_cell (name, G_MAXUINT, FALSE);
      /* What has neither title nor file is called by its URI. */
      if (g_str_equal (cell, uri))
        return g_strdup_printf (_ ("Sent to %s (%s), answered %u\n"), uri, pace, status);
      return g_strdup_printf (_ ("Sent %s to %s (%s), answered %u\n"), cell, uri, pace, status);
    }
  if (status == HTTP_NOT_MODIFIED)
    return g_strdup_printf (_ ("Nothing new to save: %s has not changed on the server\n"), uri);
  cell =
      ferry_cmd_format_cell (ferry_download_get_destination (FERRY_DOWNLOAD (operation)), G_MAXUINT, FALSE);
  return g_strdup_printf (_ ("Saved %s (%s)\n"), cell, pace);
}

/* On standard error where standard output has what the server answered. */
static void
tell_done (FerryOperation *operation, const char *output)
{
  g_autofree char *sentence = describe_end (operation);

  if (g_strcmp0 (output, "-") == 0)
    /* An answer need not end its line, which a terminal would show. */
    g_printerr ("%s%s", isatty (STDOUT_FILENO) ? "\n" : "", sentence);
  else
    g_print ("%s", sentence);
}

static void
tell_failure (FerryOperation *operation, const GError *error, const char *output)
{
  g_autofree char *id = ferry_cmd_short_id (operation);
  g_autofree char *name = ferry_cmd_name (operation);
  g_autofree char *cell = ferry_cmd_format_cell (name, G_MAXUINT, FALSE);
  g_autofree char *why = ferry_cmd_format_cell (error->message, G_MAXUINT, FALSE);

  if (g_error_matches (error, FERRY_TRANSFER_ERROR, FERRY_TRANSFER_ERROR_OPERATION_CANCELED))
    {
      g_printerr (_ ("ferry: %s was canceled\n"), cell);
      return;
    }
  g_printerr (_ ("ferry: %s failed (%s): %s\n"), cell, ferry_transfer_error_to_status (error->code), why);
  if (g_error_matches (error, FERRY_TRANSFER_ERROR, FERRY_TRANSFER_ERROR_DESTINATION_EXISTS))
    g_printerr (_ ("Move the file away, or download with “--exists replace” or “--exists rename”.\n"));
  if (FERRY_IS_UPLOAD (operation) && output == NULL && get_status (operation) != 0)
    g_printerr (_ ("“ferry wait --output - %s” shows what the server answered.\n"), id);
  g_printerr (_ ("“ferry resume %s” tries again with what is there, “ferry remove %s” forgets it.\n"), id,
              id);
}

static FerryCmdStatus
tell_interrupted (GPtrArray *operations)
{
  for (guint i = 0; i < operations->len; i++)
    {
      FerryOperation *operation = operations->pdata[i];
      g_autofree char *id = ferry_cmd_short_id (operation);
      g_autofree char *name = ferry_cmd_name (operation);
      g_autofree char *cell = ferry_cmd_format_cell (name, G_MAXUINT, FALSE);

      if (!ferry_state_is_ended (ferry_operation_get_state (operation)))
        g_printerr (
            _ ("%s goes on in the background: “ferry wait %s” comes back to it, “ferry cancel %s” ends "
               "it.\n"),
            cell, id, id);
    }
  return FERRY_CMD_INTERRUPTED;
}

/* Asks once more, since not every property tells of its changes; who has been removed is printed as it was.
 */
static void
print_json (FerryOperation *operation)
{
  g_autoptr (FerryOperation) again = ferry_cmd_find (ferry_operation_get_id (operation), NULL);
  g_autoptr (GVariant) properties = ferry_operation_get_properties (again != NULL ? again : operation);

  ferry_cmd_print_json (properties);
}

static FerryCmdStatus
tell_end (FerryOperation *operation, const GError *error, gboolean json, const char *output)
{
  FerryCmdStatus status = error != NULL ? FERRY_CMD_FAILED : FERRY_CMD_DONE;

  if (error != NULL && error->domain != FERRY_TRANSFER_ERROR)
    return ferry_cmd_report (error);
  if (output != NULL && !ferry_cmd_response_save (operation, output))
    status = FERRY_CMD_FAILED;
  if (json)
    print_json (operation);
  if (error != NULL)
    tell_failure (operation, error, output);
  else if (!json)
    tell_done (operation, output);
  return status;
}

/* Waits until all have ended, or @cancellable is cancelled. */
static void
wait_for_all (GPtrArray *operations, GPtrArray *waits, GCancellable *cancellable)
{
  guint left = operations->len;
  g_autoptr (FerryCmdProgress) progress = ferry_cmd_progress_new (operations);

  for (guint i = 0; i < operations->len; i++)
    {
      Wait *wait = g_new0 (Wait, 1);

      wait->left = &left;
      g_ptr_array_add (waits, wait);
      ferry_operation_wait_async (operations->pdata[i], cancellable, on_waited, wait);
    }
  while (left > 0)
    g_main_context_iteration (NULL, TRUE);
}

/**
 * ferry_cmd_follow:
 * @operations: (element-type FerryOperation): what to wait for
 * @interrupt: what ends the waiting, and only that; it may have come already
 * @json: whether their properties are printed in the end instead of a sentence
 * @output: (nullable): where what the server answered to the one upload among them goes; `-` is standard
 * output
 *
 * Shows how the operations get on, waits until all have ended and says how.
 *
 * Returns: the worst exit status of them
 */
FerryCmdStatus
ferry_cmd_follow (GPtrArray *operations, FerryCmdInterrupt *interrupt, gboolean json, const char *output)
{
  g_autoptr (GPtrArray) waits = g_ptr_array_new_with_free_func (wait_free);
  GCancellable *cancellable = ferry_cmd_interrupt_get_cancellable (interrupt);
  FerryCmdStatus status = FERRY_CMD_DONE;

  wait_for_all (operations, waits, cancellable);
  if (g_cancellable_is_cancelled (cancellable))
    return tell_interrupted (operations);
  for (guint i = 0; i < operations->len; i++)
    {
      Wait *wait = waits->pdata[i];
      FerryCmdStatus one = tell_end (operations->pdata[i], wait->error, json, output);

      status = MAX (status, one);
    }
  return status;
}
