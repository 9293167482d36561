/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib.h>
#include <string.h>

#include "ferry-enum-types.h"
#include "ferryd-description.h"
#include "ferryd-reason.h"

static FerrydDescription *
make_description (FerryState state, FerrydCauses causes)
{
  FerrydDescription *description = g_new0 (FerrydDescription, 1);

  description->state = state;
  description->causes = causes;
  description->error_status = -1;
  return description;
}

static void
assert_sentence (const char *text)
{
  g_assert_nonnull (text);
  g_assert_cmpuint (strlen (text), >, 0);
  g_assert_true (g_ascii_isupper (text[0]));
  g_assert_false (g_str_has_suffix (text, "."));
  g_assert_null (strchr (text, '\n'));
}

/* Each cause and each status has a sentence, and no two the same one. */
static void
test_complete (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint cause = 0; cause < FERRY_N_CAUSES; cause++)
    {
      assert_sentence (ferryd_reason_for_cause (cause));
      g_assert_true (g_hash_table_add (seen, (gpointer) ferryd_reason_for_cause (cause)));
    }
  for (guint status = 0; status < FERRY_N_TRANSFER_ERRORS; status++)
    {
      g_test_message ("%s", ferry_transfer_error_to_status (status));
      assert_sentence (ferryd_reason_for_error (status));
      g_assert_true (g_hash_table_add (seen, (gpointer) ferryd_reason_for_error (status)));
    }
}

static void
test_states (void)
{
  static const struct
  {
    FerryState state;
    FerrydCauses causes;
    int error_status;
    const char *error_message;
    const char *reason;
  } cases[] = {
    { FERRY_STATE_IDLE, FERRYD_CAUSE (FERRY_CAUSE_APPLICATION), -1, NULL, "Not started" },
    { FERRY_STATE_QUEUED, FERRYD_CAUSE (FERRY_CAUSE_SLOT), -1, NULL, "Waiting for its turn" },
    { FERRY_STATE_QUEUED, 0, -1, NULL, "Waiting for its turn" },
    { FERRY_STATE_QUEUED, FERRYD_CAUSE (FERRY_CAUSE_HOST_SLOT), -1, NULL,
      "Waiting for other transfers with the same server" },
    { FERRY_STATE_QUEUED, FERRYD_CAUSE (FERRY_CAUSE_RETRY) | FERRYD_CAUSE (FERRY_CAUSE_SLOT),
      FERRY_TRANSFER_ERROR_TIMEOUT, "The server was silent for 2 minutes",
      "Waiting to try again after: The server was silent for 2 minutes" },
    { FERRY_STATE_QUEUED, FERRYD_CAUSE (FERRY_CAUSE_RETRY), FERRY_TRANSFER_ERROR_TIMEOUT, NULL,
      "Waiting to try again after: The server took too long" },
    { FERRY_STATE_QUEUED, FERRYD_CAUSE (FERRY_CAUSE_RETRY), -1, NULL, "Waiting to try again" },
    /* An error of an earlier attempt is no reason once something else is waited for. */
    { FERRY_STATE_QUEUED, FERRYD_CAUSE (FERRY_CAUSE_SLOT), FERRY_TRANSFER_ERROR_TIMEOUT, "Too late",
      "Waiting for its turn" },
    { FERRY_STATE_RUNNING, 0, FERRY_TRANSFER_ERROR_TIMEOUT, "Too late", "Transferring" },
    { FERRY_STATE_PAUSED_BY_APPLICATION, FERRYD_CAUSE (FERRY_CAUSE_APPLICATION), -1, NULL,
      "Paused until somebody resumes it" },
    { FERRY_STATE_PAUSED_RECOVERABLE_ERROR, FERRYD_CAUSE (FERRY_CAUSE_RECOVERABLE_ERROR),
      FERRY_TRANSFER_ERROR_UNAUTHORIZED, "Who are you?",
      "Waiting for the application to mend this: Who are you?" },
    { FERRY_STATE_PAUSED_COSTED_NETWORK,
      FERRYD_CAUSE (FERRY_CAUSE_COST_ROAMING) | FERRYD_CAUSE (FERRY_CAUSE_COST_METERED), -1, NULL,
      "Waiting until roaming ends" },
    { FERRY_STATE_PAUSED_COSTED_NETWORK, FERRYD_CAUSE (FERRY_CAUSE_COST_METERED), -1, NULL,
      "Waiting for an unmetered network" },
    { FERRY_STATE_PAUSED_NO_NETWORK, FERRYD_CAUSE (FERRY_CAUSE_NETWORK_NONE), -1, NULL,
      "Waiting for a network" },
    { FERRY_STATE_PAUSED_SYSTEM_POLICY, FERRYD_CAUSE (FERRY_CAUSE_DISK_FULL), -1, NULL,
      "Waiting for free space on the disk" },
    { FERRY_STATE_COMPLETED, 0, -1, NULL, "Completed" },
    { FERRY_STATE_CANCELED, 0, -1, NULL, "Canceled" },
    { FERRY_STATE_ERROR, 0, FERRY_TRANSFER_ERROR_NOT_FOUND, "There is no cake", "There is no cake" },
    { FERRY_STATE_ERROR, 0, FERRY_TRANSFER_ERROR_NOT_FOUND, "", "The server does not have this" },
    { FERRY_STATE_ERROR, 0, -1, NULL, "The transfer failed" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FerrydDescription) description = make_description (cases[i].state, cases[i].causes);
      g_autofree char *reason = NULL;

      description->error_status = cases[i].error_status;
      description->error_message = g_strdup (cases[i].error_message);
      reason = ferryd_description_get_reason (description);
      g_assert_cmpstr (reason, ==, cases[i].reason);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reason/complete", test_complete);
  g_test_add_func ("/reason/states", test_states);
  return g_test_run ();
}
