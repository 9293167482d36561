/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The words of the contract, spelled out once more: whoever renames one breaks every client. */

#include <gio/gio.h>

#include "ferry-enum-types.h"
#include "ferry-enums.h"
#include "ferry-error.h"

#define PREFIX "org.ferry.Transfer1.Error."

static const char *const error_names[] = {
  PREFIX "InvalidArgument",   PREFIX "NotSupported",           PREFIX "NotFound",
  PREFIX "AccessDenied",      PREFIX "InvalidState",           PREFIX "LimitExceeded",
  PREFIX "DestinationExists", PREFIX "DestinationUnavailable", PREFIX "SourceUnavailable",
  PREFIX "StoreUnavailable",
};

static const char *const statuses[] = {
  "unknown",
  "certificate-common-name-is-incorrect",
  "certificate-expired",
  "certificate-contains-errors",
  "certificate-revoked",
  "certificate-is-invalid",
  "server-unreachable",
  "timeout",
  "error-http-invalid-server-response",
  "connection-aborted",
  "connection-reset",
  "disconnected",
  "http-to-https-on-redirection",
  "https-to-http-on-redirection",
  "cannot-connect",
  "host-name-not-resolved",
  "operation-canceled",
  "redirect-failed",
  "unexpected-status-code",
  "unexpected-redirection",
  "unexpected-client-error",
  "unexpected-server-error",
  "insufficient-range-support",
  "missing-content-length-support",
  /* by HTTP status */
  "multiple-choices",
  "moved-permanently",
  "found",
  "see-other",
  "not-modified",
  "use-proxy",
  "temporary-redirect",
  "bad-request",
  "unauthorized",
  "payment-required",
  "forbidden",
  "not-found",
  "method-not-allowed",
  "not-acceptable",
  "proxy-authentication-required",
  "request-timeout",
  "conflict",
  "gone",
  "length-required",
  "precondition-failed",
  "request-entity-too-large",
  "request-uri-too-long",
  "unsupported-media-type",
  "requested-range-not-satisfiable",
  "expectation-failed",
  "internal-server-error",
  "not-implemented",
  "bad-gateway",
  "service-unavailable",
  "gateway-timeout",
  "http-version-not-supported",
  /* of our own */
  "destination-exists",
  "destination-lost",
  "destination-unavailable",
  "disk-full",
  "file-too-large",
  "io-error",
  "source-changed",
  "source-lost",
  "checksum-mismatch",
  "size-mismatch",
  "deadline-passed",
  "address-not-allowed",
};

static const char *const kinds[] = { "download", "upload" };
static const char *const states[] = {
  "idle",
  "queued",
  "running",
  "paused-by-application",
  "paused-recoverable-error",
  "paused-costed-network",
  "paused-no-network",
  "paused-system-policy",
  "completed",
  "canceled",
  "error",
};
static const char *const priorities[] = { "default", "high", "low" };
static const char *const cost_policies[] = { "default", "unrestricted-only", "always" };
static const char *const exists[] = { "fail", "replace", "rename" };
static const char *const network_costs[] = { "unknown", "unrestricted", "fixed", "variable" };
static const char *const connectivities[] = { "unknown", "none", "portal", "limited", "full" };
static const char *const behaviors[] = { "parallel", "serialized" };
static const char *const completion_states[] = { "collecting", "enabled", "triggered", "delivered" };
static const char *const verbs[] = { "start", "pause", "resume", "cancel", "remove" };
/* This is also the order in which State is decided. */
static const char *const causes[] = {
  "application",
  "recoverable-error",
  "user.paused-all",
  "power.saver",
  "disk.full",
  "time-window",
  "network.none",
  "network.portal",
  "cost.over-limit",
  "cost.roaming",
  "cost.approaching-limit",
  "cost.metered",
  "retry",
  "group",
  "slot",
  "host-slot",
};

static const struct
{
  GType (*type) (void);
  const char *const *nicks;
  guint n_nicks;
} enums[] = {
  { ferry_kind_get_type, kinds, G_N_ELEMENTS (kinds) },
  { ferry_state_get_type, states, G_N_ELEMENTS (states) },
  { ferry_priority_get_type, priorities, G_N_ELEMENTS (priorities) },
  { ferry_cost_policy_get_type, cost_policies, G_N_ELEMENTS (cost_policies) },
  { ferry_exists_get_type, exists, G_N_ELEMENTS (exists) },
  { ferry_network_cost_get_type, network_costs, G_N_ELEMENTS (network_costs) },
  { ferry_connectivity_get_type, connectivities, G_N_ELEMENTS (connectivities) },
  { ferry_group_behavior_get_type, behaviors, G_N_ELEMENTS (behaviors) },
  { ferry_completion_state_get_type, completion_states, G_N_ELEMENTS (completion_states) },
  { ferry_verb_get_type, verbs, G_N_ELEMENTS (verbs) },
  { ferry_cause_get_type, causes, G_N_ELEMENTS (causes) },
  { ferry_transfer_error_get_type, statuses, G_N_ELEMENTS (statuses) },
};

static void
test_enums (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (enums); i++)
    {
      GType type = enums[i].type ();
      g_autoptr (GEnumClass) klass = g_type_class_ref (type);

      g_test_message ("%s", g_type_name (type));
      g_assert_cmpuint (klass->n_values, ==, enums[i].n_nicks);
      for (guint j = 0; j < enums[i].n_nicks; j++)
        {
          int value = -1;

          g_assert_cmpstr (ferry_enum_to_nick (type, j), ==, enums[i].nicks[j]);
          g_assert_true (ferry_enum_from_nick (type, enums[i].nicks[j], &value));
          g_assert_cmpint (value, ==, j);
        }
      g_assert_null (ferry_enum_to_nick (type, enums[i].n_nicks));
      g_assert_null (ferry_enum_to_nick (type, -1));
    }
}

static void
test_words (void)
{
  g_autofree char *list = ferry_enum_list_nicks (FERRY_TYPE_PRIORITY);
  int value = 77;

  g_assert_cmpstr (list, ==, "'default', 'high', 'low'");
  g_assert_false (ferry_enum_from_nick (FERRY_TYPE_PRIORITY, "High", &value));
  g_assert_false (ferry_enum_from_nick (FERRY_TYPE_PRIORITY, "", &value));
  g_assert_false (ferry_enum_from_nick (FERRY_TYPE_PRIORITY, "FERRY_PRIORITY_HIGH", &value));
  g_assert_cmpint (value, ==, 77);
}

static void
test_error_names (void)
{
  g_assert_cmpuint (G_N_ELEMENTS (error_names), ==, FERRY_N_ERRORS);
  for (guint i = 0; i < G_N_ELEMENTS (error_names); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (FERRY_ERROR, i, "why");
      g_autofree char *name = g_dbus_error_encode_gerror (error);
      g_autoptr (GError) remote = g_dbus_error_new_for_dbus_error (error_names[i], "why");

      g_assert_cmpstr (name, ==, error_names[i]);
      g_assert_error (remote, FERRY_ERROR, (int) i);
      g_assert_true (g_dbus_error_strip_remote_error (remote));
      g_assert_cmpstr (remote->message, ==, "why");
    }
}

static void
test_statuses (void)
{
  FerryTransferError code = FERRY_TRANSFER_ERROR_TIMEOUT;

  g_assert_cmpuint (G_N_ELEMENTS (statuses), ==, FERRY_N_TRANSFER_ERRORS);
  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      g_assert_cmpstr (ferry_transfer_error_to_status (i), ==, statuses[i]);
      g_assert_true (ferry_transfer_error_from_status (statuses[i], &code));
      g_assert_cmpint (code, ==, i);
    }
  code = FERRY_TRANSFER_ERROR_TIMEOUT;
  g_assert_false (ferry_transfer_error_from_status ("", &code));
  g_assert_false (ferry_transfer_error_from_status ("Timeout", &code));
  g_assert_cmpint (code, ==, FERRY_TRANSFER_ERROR_TIMEOUT);
  g_assert_cmpstr (g_quark_to_string (FERRY_TRANSFER_ERROR), ==, "ferry-transfer-error-quark");
}

/* RFC 9110 section 15; those without a word of their own are unexpected ones of their class. */
static const struct
{
  guint http;
  const char *status;
} by_http[] = {
  { 100, "unexpected-status-code" },
  { 204, "unexpected-status-code" },
  { 299, "unexpected-status-code" },
  { 300, "multiple-choices" },
  { 301, "moved-permanently" },
  { 302, "found" },
  { 303, "see-other" },
  { 304, "not-modified" },
  { 305, "use-proxy" },
  { 306, "unexpected-redirection" },
  { 307, "temporary-redirect" },
  { 308, "unexpected-redirection" },
  { 399, "unexpected-redirection" },
  { 400, "bad-request" },
  { 401, "unauthorized" },
  { 402, "payment-required" },
  { 403, "forbidden" },
  { 404, "not-found" },
  { 405, "method-not-allowed" },
  { 406, "not-acceptable" },
  { 407, "proxy-authentication-required" },
  { 408, "request-timeout" },
  { 409, "conflict" },
  { 410, "gone" },
  { 411, "length-required" },
  { 412, "precondition-failed" },
  { 413, "request-entity-too-large" },
  { 414, "request-uri-too-long" },
  { 415, "unsupported-media-type" },
  { 416, "requested-range-not-satisfiable" },
  { 417, "expectation-failed" },
  { 418, "unexpected-client-error" },
  { 429, "unexpected-client-error" },
  { 499, "unexpected-client-error" },
  { 500, "internal-server-error" },
  { 501, "not-implemented" },
  { 502, "bad-gateway" },
  { 503, "service-unavailable" },
  { 504, "gateway-timeout" },
  { 505, "http-version-not-supported" },
  { 506, "unexpected-server-error" },
  { 599, "unexpected-server-error" },
  { 600, "unexpected-status-code" },
  { 0, "unexpected-status-code" },
};

static void
test_http (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (by_http); i++)
    {
      const char *status = ferry_transfer_error_to_status (ferry_transfer_error_from_http (by_http[i].http));

      g_test_message ("%u", by_http[i].http);
      g_assert_cmpstr (status, ==, by_http[i].status);
    }
}

static void
test_ends (void)
{
  for (guint state = 0; state < FERRY_N_STATES; state++)
    {
      gboolean is_finished =
          strcmp (states[state], "completed") == 0 || strcmp (states[state], "canceled") == 0;

      g_assert_cmpint (ferry_state_is_finished (state), ==, is_finished);
      g_assert_cmpint (ferry_state_is_ended (state), ==, is_finished || strcmp (states[state], "error") == 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/errors/enums", test_enums);
  g_test_add_func ("/errors/words", test_words);
  g_test_add_func ("/errors/names", test_error_names);
  g_test_add_func ("/errors/statuses", test_statuses);
  g_test_add_func ("/errors/http", test_http);
  g_test_add_func ("/errors/ends", test_ends);
  return g_test_run ();
}
