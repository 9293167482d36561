/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib.h>
#include <string.h>

#include "ferry-enum-types.h"
#include "ferryd-operation-state.h"

#define N_STATES FERRY_N_STATES
#define IS -1 /* InvalidState */

/* Columns, as in FerryState: idle, queued, running, by-application, recoverable, costed, no-network, system,
 * completed, canceled, error. Values: the next state by the letters below, a dot where it is refused. */
static const char letters[] = "iqraecnsCXE";

/* The contract's table of verbs, and behind it what the service does by itself. */
static const struct
{
  FerrydOperationEvent event;
  const char *name;
  const char *next;
} table[] = {
  { FERRYD_OPERATION_START, "Start", "qqraecns..." },
  { FERRYD_OPERATION_PAUSE, "Pause", ".aa..aaa..." },
  { FERRYD_OPERATION_RESUME, "Resume", "...qq.....q" },
  { FERRYD_OPERATION_CANCEL, "Cancel", "XXXXXXXX.X." },
  { FERRYD_OPERATION_REMOVE, "Remove", "........CXE" },
  { FERRYD_OPERATION_RUN, "Run", ".r........." },
  { FERRYD_OPERATION_QUEUE, "Queue", "..q..qqq..." },
  { FERRYD_OPERATION_WAIT_COST, "Wait for cost", ".cc...cc..." },
  { FERRYD_OPERATION_WAIT_NETWORK, "Wait for network", ".nn..n.n..." },
  { FERRYD_OPERATION_WAIT_SYSTEM, "Wait for system", ".ss..ss...." },
  { FERRYD_OPERATION_RECOVERABLE, "Recoverable", "..e........" },
  { FERRYD_OPERATION_FAIL, "Fail", "EEEEEEEE..." },
  { FERRYD_OPERATION_COMPLETE, "Complete", ".CC........" },
};

G_STATIC_ASSERT (G_N_ELEMENTS (table) == FERRYD_N_OPERATION_EVENTS);
G_STATIC_ASSERT (G_N_ELEMENTS (letters) == FERRY_N_STATES + 1);

static int
get_next (guint row, FerryState state)
{
  char letter = table[row].next[state];

  for (int i = 0; i < N_STATES; i++)
    if (letters[i] == letter)
      return i;
  return IS;
}

static void
test_table (void)
{
  for (guint row = 0; row < G_N_ELEMENTS (table); row++)
    for (guint state = 0; state < N_STATES; state++)
      {
        g_autoptr (GError) error = NULL;
        FerryState next = N_STATES;
        gboolean right = ferryd_operation_state_next (state, table[row].event, &next, &error);
        int wanted = get_next (row, state);

        g_test_message ("%s in %s", table[row].name, ferry_enum_to_nick (FERRY_TYPE_STATE, (int) state));
        g_assert_cmpint (right, ==, wanted != IS);
        if (right)
          {
            g_assert_no_error (error);
            g_assert_cmpint (next, ==, wanted);
          }
        else
          {
            g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_STATE);
            g_assert_cmpint (next, ==, N_STATES);
            g_assert_nonnull (strstr (error->message, ferry_enum_to_nick (FERRY_TYPE_STATE, (int) state)));
          }
      }
}

/* ForEach: "every operation the verb applies to" are those on which it does something. */
static void
test_effect (void)
{
  for (guint verb = 0; verb < FERRY_N_VERBS; verb++)
    for (guint state = 0; state < N_STATES; state++)
      {
        int next = get_next (verb, state);
        gboolean wanted = next != IS && (verb == FERRY_VERB_REMOVE || next != (int) state);

        g_assert_cmpint (table[verb].event, ==, verb);
        g_test_message ("%s in %s", table[verb].name, ferry_enum_to_nick (FERRY_TYPE_STATE, (int) state));
        g_assert_cmpint (ferryd_operation_verb_has_effect (verb, state), ==, wanted);
      }
}

static void
test_message (void)
{
  g_autoptr (GError) error = NULL;
  FerryState next;

  g_assert_false (ferryd_operation_state_next (FERRY_STATE_IDLE, FERRYD_OPERATION_PAUSE, &next, &error));
  g_assert_cmpstr (
      error->message, ==,
      "Pause is not possible while the operation is 'idle'; it applies to queued, running and waiting "
      "ones");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/operation-state/table", test_table);
  g_test_add_func ("/operation-state/effect", test_effect);
  g_test_add_func ("/operation-state/message", test_message);
  return g_test_run ();
}
