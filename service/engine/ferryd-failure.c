/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-failure.h"

#include <errno.h>

static FerrydFailure *
failure_new_valist (FerryTransferError status, FerrydRemedy remedy, const char *format, va_list args)
{
  FerrydFailure *failure = g_new0 (FerrydFailure, 1);

  failure->status = status;
  failure->remedy = remedy;
  failure->retry_after = -1;
  failure->message = g_strdup_vprintf (format, args);
  return failure;
}

/**
 * ferryd_failure_new:
 * @status: the contract's word for it
 * @remedy: what helps
 * @format: a sentence for people, printf() style, without secrets
 * @...: its arguments
 *
 * Returns: (transfer full): a failure without a body, whose server asked for no delay
 */
FerrydFailure *
ferryd_failure_new (FerryTransferError status, FerrydRemedy remedy, const char *format, ...)
{
  va_list args;
  FerrydFailure *failure;

  va_start (args, format);
  failure = failure_new_valist (status, remedy, format, args);
  va_end (args);
  return failure;
}

/* What the file system says, and what that means to a transfer. */
static const struct
{
  int number;
  FerryTransferError status;
  FerrydRemedy remedy;
} errno_table[] = {
  { ENOSPC, FERRY_TRANSFER_ERROR_DISK_FULL, FERRYD_REMEDY_DISK_FULL },
  { EDQUOT, FERRY_TRANSFER_ERROR_DISK_FULL, FERRYD_REMEDY_DISK_FULL },
  { EFBIG, FERRY_TRANSFER_ERROR_FILE_TOO_LARGE, FERRYD_REMEDY_FINAL },
  { EROFS, FERRY_TRANSFER_ERROR_DESTINATION_UNAVAILABLE, FERRYD_REMEDY_FINAL },
  { EACCES, FERRY_TRANSFER_ERROR_DESTINATION_UNAVAILABLE, FERRYD_REMEDY_FINAL },
  { EPERM, FERRY_TRANSFER_ERROR_DESTINATION_UNAVAILABLE, FERRYD_REMEDY_FINAL },
  { ENOENT, FERRY_TRANSFER_ERROR_DESTINATION_UNAVAILABLE, FERRYD_REMEDY_FINAL },
  { ENOTDIR, FERRY_TRANSFER_ERROR_DESTINATION_UNAVAILABLE, FERRYD_REMEDY_FINAL },
  { ENODEV, FERRY_TRANSFER_ERROR_DESTINATION_LOST, FERRYD_REMEDY_FINAL },
  /* Of a network file system, which may know the file anew; if not, opening it says that it is lost. */
  { ESTALE, FERRY_TRANSFER_ERROR_DESTINATION_LOST, FERRYD_REMEDY_RETRY },
};

/**
 * ferryd_failure_new_from_errno:
 * @saved_errno: what a call on the destination's file system failed with
 * @format: what was being done, printf() style; the system's own words are added
 * @...: its arguments
 *
 * Returns: (transfer full): what the failed call means to the transfer
 */
FerrydFailure *
ferryd_failure_new_from_errno (int saved_errno, const char *format, ...)
{
  FerryTransferError status = FERRY_TRANSFER_ERROR_IO_ERROR;
  FerrydRemedy remedy = FERRYD_REMEDY_RETRY;
  g_autofree char *doing = NULL;
  va_list args;

  for (guint i = 0; i < G_N_ELEMENTS (errno_table); i++)
    {
      if (errno_table[i].number == saved_errno)
        {
          status = errno_table[i].status;
          remedy = errno_table[i].remedy;
        }
    }
  va_start (args, format);
  doing = g_strdup_vprintf (format, args);
  va_end (args);
  return ferryd_failure_new (status, remedy, "%s: %s", doing, g_strerror (saved_errno));
}

/**
 * ferryd_failure_copy:
 * @failure: (nullable): a failure
 *
 * Returns: (transfer full) (nullable): another one like it; the body is shared
 */
FerrydFailure *
ferryd_failure_copy (const FerrydFailure *failure)
{
  FerrydFailure *copy;

  if (failure == NULL)
    return NULL;
  copy = g_new (FerrydFailure, 1);
  *copy = *failure;
  copy->message = g_strdup (failure->message);
  copy->response = failure->response != NULL ? g_variant_ref (failure->response) : NULL;
  copy->body = failure->body != NULL ? g_bytes_ref (failure->body) : NULL;
  return copy;
}

/**
 * ferryd_failure_get_http_status:
 * @failure: a failure
 *
 * Returns: the status code of the response that failed, 0 where there was none
 */
guint
ferryd_failure_get_http_status (const FerrydFailure *failure)
{
  guint status = 0;

  if (failure->response != NULL)
    g_variant_lookup (failure->response, "status", "u", &status);
  return status;
}

/* The server said that it has not acted on what it got, and when it may be sent again. */
static gboolean
is_invited (const FerrydFailure *failure, guint status)
{
  return status == 408 || status == 425 || status == 429 ||
         ((status == 413 || status == 503) && failure->retry_after >= 0);
}

/**
 * ferryd_failure_judge_once:
 * @failure: (inout): of the transport, of a request that was sent whole and may be sent once only (contract,
 *   decision 2); gets the remedy and status that this means
 *
 * Returns: whether there was an answer, so that it is known what became of the request
 */
gboolean
ferryd_failure_judge_once (FerrydFailure *failure)
{
  guint status = ferryd_failure_get_http_status (failure);

  failure->remedy = is_invited (failure, status) ? FERRYD_REMEDY_RETRY : FERRYD_REMEDY_FINAL;
  if (status == 0 && failure->status != FERRY_TRANSFER_ERROR_TIMEOUT &&
      failure->status != FERRY_TRANSFER_ERROR_ERROR_HTTP_INVALID_SERVER_RESPONSE)
    failure->status = FERRY_TRANSFER_ERROR_DISCONNECTED;
  return status != 0;
}

/**
 * ferryd_failure_free:
 * @failure: (nullable) (transfer full): a failure
 *
 * Frees it.
 */
void
ferryd_failure_free (FerrydFailure *failure)
{
  if (failure == NULL)
    return;
  g_free (failure->message);
  g_clear_pointer (&failure->response, g_variant_unref);
  g_clear_pointer (&failure->body, g_bytes_unref);
  g_free (failure);
}
