/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-error.h"

#include "ferry-enum-types.h"
#include "ferry-enums.h"
#include "ferry-names.h"

static const GDBusErrorEntry error_entries[] = {
  { FERRY_ERROR_INVALID_ARGUMENT, FERRY_ERROR_PREFIX "InvalidArgument" },
  { FERRY_ERROR_NOT_SUPPORTED, FERRY_ERROR_PREFIX "NotSupported" },
  { FERRY_ERROR_NOT_FOUND, FERRY_ERROR_PREFIX "NotFound" },
  { FERRY_ERROR_ACCESS_DENIED, FERRY_ERROR_PREFIX "AccessDenied" },
  { FERRY_ERROR_INVALID_STATE, FERRY_ERROR_PREFIX "InvalidState" },
  { FERRY_ERROR_LIMIT_EXCEEDED, FERRY_ERROR_PREFIX "LimitExceeded" },
  { FERRY_ERROR_DESTINATION_EXISTS, FERRY_ERROR_PREFIX "DestinationExists" },
  { FERRY_ERROR_DESTINATION_UNAVAILABLE, FERRY_ERROR_PREFIX "DestinationUnavailable" },
  { FERRY_ERROR_SOURCE_UNAVAILABLE, FERRY_ERROR_PREFIX "SourceUnavailable" },
  { FERRY_ERROR_STORE_UNAVAILABLE, FERRY_ERROR_PREFIX "StoreUnavailable" },
};

G_STATIC_ASSERT (G_N_ELEMENTS (error_entries) == FERRY_N_ERRORS);

/**
 * ferry_error_quark:
 *
 * Registers the error domain with GDBus on first use, so that errors cross the bus by name.
 *
 * Returns: the domain of #FerryError
 */
GQuark
ferry_error_quark (void)
{
  static gsize quark = 0;

  g_dbus_error_register_error_domain ("ferry-error-quark", &quark, error_entries,
                                      G_N_ELEMENTS (error_entries));
  return (GQuark) quark;
}

/**
 * ferry_transfer_error_quark:
 *
 * Returns: the domain of #FerryTransferError
 */
GQuark
ferry_transfer_error_quark (void)
{
  return g_quark_from_static_string ("ferry-transfer-error-quark");
}

/**
 * ferry_transfer_error_to_status:
 * @code: why a transfer failed
 *
 * Returns: (transfer none): the contract's word for @code
 */
const char *
ferry_transfer_error_to_status (FerryTransferError code)
{
  return ferry_enum_to_nick (FERRY_TYPE_TRANSFER_ERROR, code);
}

/**
 * ferry_transfer_error_from_status:
 * @status: a word
 * @code: (out): its code
 *
 * Returns: whether @status is an error status of the contract
 */
gboolean
ferry_transfer_error_from_status (const char *status, FerryTransferError *code)
{
  int value;

  if (!ferry_enum_from_nick (FERRY_TYPE_TRANSFER_ERROR, status, &value))
    return FALSE;
  *code = value;
  return TRUE;
}

/* Runs of HTTP statuses (RFC 9110 section 15) whose names follow one another in FerryTransferError. */
static const struct
{
  guint first, last;
  FerryTransferError code;
} http_runs[] = {
  { 300, 305, FERRY_TRANSFER_ERROR_MULTIPLE_CHOICES },
  { 307, 307, FERRY_TRANSFER_ERROR_TEMPORARY_REDIRECT },
  { 400, 417, FERRY_TRANSFER_ERROR_BAD_REQUEST },
  { 500, 505, FERRY_TRANSFER_ERROR_INTERNAL_SERVER_ERROR },
};

G_STATIC_ASSERT (FERRY_TRANSFER_ERROR_USE_PROXY - FERRY_TRANSFER_ERROR_MULTIPLE_CHOICES == 305 - 300);
G_STATIC_ASSERT (FERRY_TRANSFER_ERROR_EXPECTATION_FAILED - FERRY_TRANSFER_ERROR_BAD_REQUEST == 417 - 400);
G_STATIC_ASSERT (FERRY_TRANSFER_ERROR_HTTP_VERSION_NOT_SUPPORTED -
                     FERRY_TRANSFER_ERROR_INTERNAL_SERVER_ERROR ==
                 505 - 500);

/**
 * ferry_transfer_error_from_http:
 * @http_status: the status code of a final response that is a failure
 *
 * Returns: the error status it gives; unlisted ones become that of their class
 */
FerryTransferError
ferry_transfer_error_from_http (guint http_status)
{
  for (guint i = 0; i < G_N_ELEMENTS (http_runs); i++)
    {
      if (http_status >= http_runs[i].first && http_status <= http_runs[i].last)
        return http_runs[i].code + (http_status - http_runs[i].first);
    }
  if (http_status >= 500 && http_status <= 599)
    return FERRY_TRANSFER_ERROR_UNEXPECTED_SERVER_ERROR;
  if (http_status >= 400 && http_status <= 499)
    return FERRY_TRANSFER_ERROR_UNEXPECTED_CLIENT_ERROR;
  if (http_status >= 300 && http_status <= 399)
    return FERRY_TRANSFER_ERROR_UNEXPECTED_REDIRECTION;
  return FERRY_TRANSFER_ERROR_UNEXPECTED_STATUS_CODE;
}
