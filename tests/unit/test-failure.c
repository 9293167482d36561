/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <errno.h>
#include <string.h>

#include "ferryd-failure.h"

static void
test_errno (void)
{
  static const struct
  {
    int number;
    const char *status;
    FerrydRemedy remedy;
  } rows[] = {
    { ENOSPC, "disk-full", FERRYD_REMEDY_DISK_FULL },
    { EDQUOT, "disk-full", FERRYD_REMEDY_DISK_FULL },
    { EFBIG, "file-too-large", FERRYD_REMEDY_FINAL },
    { EROFS, "destination-unavailable", FERRYD_REMEDY_FINAL },
    { EACCES, "destination-unavailable", FERRYD_REMEDY_FINAL },
    { EPERM, "destination-unavailable", FERRYD_REMEDY_FINAL },
    { ENOENT, "destination-unavailable", FERRYD_REMEDY_FINAL },
    { ENOTDIR, "destination-unavailable", FERRYD_REMEDY_FINAL },
    { ENODEV, "destination-lost", FERRYD_REMEDY_FINAL },
    { ESTALE, "destination-lost", FERRYD_REMEDY_RETRY },
    { EIO, "io-error", FERRYD_REMEDY_RETRY },
    { EINTR, "io-error", FERRYD_REMEDY_RETRY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (FerrydFailure) failure =
          ferryd_failure_new_from_errno (rows[i].number, "Cannot write to %s", "x");

      g_assert_cmpstr (ferry_transfer_error_to_status (failure->status), ==, rows[i].status);
      g_assert_cmpint (failure->remedy, ==, rows[i].remedy);
      g_assert_true (g_str_has_prefix (failure->message, "Cannot write to x: "));
      g_assert_nonnull (strstr (failure->message, g_strerror (rows[i].number)));
      g_assert_cmpint (failure->retry_after, ==, -1);
      g_assert_null (failure->body);
    }
}

static void
test_copy (void)
{
  FerrydFailure *failure = ferryd_failure_new (FERRY_TRANSFER_ERROR_TIMEOUT, FERRYD_REMEDY_RETRY, "%d%%", 5);
  g_autoptr (FerrydFailure) copy = NULL;

  failure->retry_after = 7;
  failure->body = g_bytes_new_static ("body", 4);
  copy = ferryd_failure_copy (failure);
  ferryd_failure_free (failure);
  g_assert_cmpint (copy->status, ==, FERRY_TRANSFER_ERROR_TIMEOUT);
  g_assert_cmpint (copy->remedy, ==, FERRYD_REMEDY_RETRY);
  g_assert_cmpint (copy->retry_after, ==, 7);
  g_assert_cmpstr (copy->message, ==, "5%");
  g_assert_cmpuint (g_bytes_get_size (copy->body), ==, 4);
  g_assert_null (ferryd_failure_copy (NULL));
  ferryd_failure_free (NULL);
}

static void
test_once (void)
{
  static const struct
  {
    guint http;
    gint64 retry_after;
    FerryTransferError status, becomes;
    FerrydRemedy remedy;
  } rows[] = {
    { 0, -1, FERRY_TRANSFER_ERROR_CONNECTION_RESET, FERRY_TRANSFER_ERROR_DISCONNECTED, FERRYD_REMEDY_FINAL },
    { 0, -1, FERRY_TRANSFER_ERROR_TIMEOUT, FERRY_TRANSFER_ERROR_TIMEOUT, FERRYD_REMEDY_FINAL },
    { 429, -1, FERRY_TRANSFER_ERROR_UNEXPECTED_CLIENT_ERROR, FERRY_TRANSFER_ERROR_UNEXPECTED_CLIENT_ERROR,
      FERRYD_REMEDY_RETRY },
    { 503, -1, FERRY_TRANSFER_ERROR_SERVICE_UNAVAILABLE, FERRY_TRANSFER_ERROR_SERVICE_UNAVAILABLE,
      FERRYD_REMEDY_FINAL },
    { 503, 0, FERRY_TRANSFER_ERROR_SERVICE_UNAVAILABLE, FERRY_TRANSFER_ERROR_SERVICE_UNAVAILABLE,
      FERRYD_REMEDY_RETRY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (FerrydFailure) failure = ferryd_failure_new (rows[i].status, FERRYD_REMEDY_RETRY, "no");

      failure->retry_after = rows[i].retry_after;
      if (rows[i].http != 0)
        failure->response =
            g_variant_ref_sink (g_variant_new_parsed ("{'status': <%u>}", (guint32) rows[i].http));
      g_assert_cmpuint (ferryd_failure_get_http_status (failure), ==, rows[i].http);
      g_assert_cmpint (ferryd_failure_judge_once (failure), ==, rows[i].http != 0);
      g_assert_cmpint (failure->status, ==, rows[i].becomes);
      g_assert_cmpint (failure->remedy, ==, rows[i].remedy);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/failure/errno", test_errno);
  g_test_add_func ("/failure/copy", test_copy);
  g_test_add_func ("/failure/once", test_once);
  return g_test_run ();
}
