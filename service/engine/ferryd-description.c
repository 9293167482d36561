/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferryd-description.h"

#include <glib/gi18n-lib.h>

#include "ferryd-reason.h"

/**
 * ferryd_description_free:
 * @description: (transfer full): a description
 */
void
ferryd_description_free (FerrydDescription *description)
{
  g_free (description->application);
  g_free (description->group);
  g_clear_pointer (&description->request, ferryd_request_unref);
  g_free (description->destination);
  g_free (description->suggested_name);
  g_free (description->error_message);
  g_clear_pointer (&description->response, g_variant_unref);
  g_clear_pointer (&description->ranges, ferryd_ranges_free);
  g_free (description);
}

/* (nullable): what went wrong in the last attempt; NULL where nothing did. */
static const char *
get_failure (const FerrydDescription *description)
{
  if (description->error_message != NULL && description->error_message[0] != '\0')
    return description->error_message;
  if (description->error_status < 0)
    return NULL;
  return ferryd_reason_for_error ((FerryTransferError) description->error_status);
}

static char *
get_waiting_reason (const FerrydDescription *description)
{
  FerryCause cause = FERRY_CAUSE_SLOT;
  const char *failure = get_failure (description);

  /* Without a cause it is about to be decided anew. */
  if (description->causes != 0)
    cause = (FerryCause) g_bit_nth_lsf (description->causes, -1);
  if (cause == FERRY_CAUSE_RETRY && failure != NULL)
    return g_strdup_printf (_ ("Waiting to try again after: %s"), failure);
  return g_strdup (ferryd_reason_for_cause (cause));
}

static char *
get_recoverable_reason (const FerrydDescription *description)
{
  const char *failure = get_failure (description);

  if (failure == NULL)
    return g_strdup (ferryd_reason_for_cause (FERRY_CAUSE_RECOVERABLE_ERROR));
  return g_strdup_printf (_ ("Waiting for the application to mend this: %s"), failure);
}

/**
 * ferryd_description_get_reason:
 * @description: an operation
 *
 * Returns: (transfer full): one sentence for people, translated: why it is in its state now
 */
char *
ferryd_description_get_reason (const FerrydDescription *description)
{
  const char *failure;

  switch (description->state)
    {
    case FERRY_STATE_IDLE:
      return g_strdup (_ ("Not started"));
    case FERRY_STATE_RUNNING:
      return g_strdup (_ ("Transferring"));
    case FERRY_STATE_PAUSED_BY_APPLICATION:
      return g_strdup (ferryd_reason_for_cause (FERRY_CAUSE_APPLICATION));
    case FERRY_STATE_PAUSED_RECOVERABLE_ERROR:
      return get_recoverable_reason (description);
    case FERRY_STATE_COMPLETED:
      return g_strdup (_ ("Completed"));
    case FERRY_STATE_CANCELED:
      return g_strdup (_ ("Canceled"));
    case FERRY_STATE_ERROR:
      failure = get_failure (description);
      return g_strdup (failure != NULL ? failure : ferryd_reason_for_error (FERRY_TRANSFER_ERROR_UNKNOWN));
    case FERRY_STATE_QUEUED:
    case FERRY_STATE_PAUSED_COSTED_NETWORK:
    case FERRY_STATE_PAUSED_NO_NETWORK:
    case FERRY_STATE_PAUSED_SYSTEM_POLICY:
    default:
      return get_waiting_reason (description);
    }
}
