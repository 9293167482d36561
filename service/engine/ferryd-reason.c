/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferryd-reason.h"

#include <glib/gi18n-lib.h>

static const char *const cause_reasons[FERRY_N_CAUSES] = {
  [FERRY_CAUSE_APPLICATION] = N_ ("Paused until somebody resumes it"),
  [FERRY_CAUSE_RECOVERABLE_ERROR] = N_ ("Waiting for the application to mend an error"),
  [FERRY_CAUSE_USER_PAUSED_ALL] = N_ ("Waiting until all transfers are resumed"),
  [FERRY_CAUSE_POWER_SAVER] = N_ ("Waiting to save battery"),
  [FERRY_CAUSE_DISK_FULL] = N_ ("Waiting for free space on the disk"),
  [FERRY_CAUSE_TIME_WINDOW] = N_ ("Waiting for the time it may run"),
  [FERRY_CAUSE_NETWORK_NONE] = N_ ("Waiting for a network"),
  [FERRY_CAUSE_NETWORK_PORTAL] = N_ ("Waiting for somebody to sign in to the network"),
  [FERRY_CAUSE_COST_OVER_LIMIT] = N_ ("Waiting because the network's data plan is used up"),
  [FERRY_CAUSE_COST_ROAMING] = N_ ("Waiting until roaming ends"),
  [FERRY_CAUSE_COST_APPROACHING_LIMIT] =
      N_ ("Waiting because the network's data plan is being used up too fast"),
  [FERRY_CAUSE_COST_METERED] = N_ ("Waiting for an unmetered network"),
  [FERRY_CAUSE_RETRY] = N_ ("Waiting to try again"),
  [FERRY_CAUSE_GROUP] = N_ ("Waiting for another transfer of its group"),
  [FERRY_CAUSE_SLOT] = N_ ("Waiting for its turn"),
  [FERRY_CAUSE_HOST_SLOT] = N_ ("Waiting for other transfers with the same server"),
};

static const char *const error_reasons[FERRY_N_TRANSFER_ERRORS] = {
  [FERRY_TRANSFER_ERROR_UNKNOWN] = N_ ("The transfer failed"),
  [FERRY_TRANSFER_ERROR_CERTIFICATE_COMMON_NAME_IS_INCORRECT] =
      N_ ("The server's certificate is for another name"),
  [FERRY_TRANSFER_ERROR_CERTIFICATE_EXPIRED] = N_ ("The server's certificate has expired"),
  [FERRY_TRANSFER_ERROR_CERTIFICATE_CONTAINS_ERRORS] = N_ ("The server's certificate contains errors"),
  [FERRY_TRANSFER_ERROR_CERTIFICATE_REVOKED] = N_ ("The server's certificate was revoked"),
  [FERRY_TRANSFER_ERROR_CERTIFICATE_IS_INVALID] = N_ ("The server's certificate cannot be trusted"),
  [FERRY_TRANSFER_ERROR_SERVER_UNREACHABLE] = N_ ("The server cannot be reached"),
  [FERRY_TRANSFER_ERROR_TIMEOUT] = N_ ("The server took too long"),
  [FERRY_TRANSFER_ERROR_ERROR_HTTP_INVALID_SERVER_RESPONSE] = N_ ("The server's response makes no sense"),
  [FERRY_TRANSFER_ERROR_CONNECTION_ABORTED] = N_ ("The connection was aborted"),
  [FERRY_TRANSFER_ERROR_CONNECTION_RESET] = N_ ("The server reset the connection"),
  [FERRY_TRANSFER_ERROR_DISCONNECTED] = N_ ("The connection was lost"),
  [FERRY_TRANSFER_ERROR_HTTP_TO_HTTPS_ON_REDIRECTION] =
      N_ ("The server redirects to an encrypted address, which is not allowed here"),
  [FERRY_TRANSFER_ERROR_HTTPS_TO_HTTP_ON_REDIRECTION] =
      N_ ("The server redirects to an address that is not encrypted"),
  [FERRY_TRANSFER_ERROR_CANNOT_CONNECT] = N_ ("The server accepts no connection"),
  [FERRY_TRANSFER_ERROR_HOST_NAME_NOT_RESOLVED] = N_ ("The server's name is not known"),
  [FERRY_TRANSFER_ERROR_OPERATION_CANCELED] = N_ ("The transfer was canceled"),
  [FERRY_TRANSFER_ERROR_REDIRECT_FAILED] = N_ ("The server redirects in a way that leads nowhere"),
  [FERRY_TRANSFER_ERROR_UNEXPECTED_STATUS_CODE] = N_ ("The server gave an unexpected answer"),
  [FERRY_TRANSFER_ERROR_UNEXPECTED_REDIRECTION] = N_ ("The server gave an unexpected redirection"),
  [FERRY_TRANSFER_ERROR_UNEXPECTED_CLIENT_ERROR] = N_ ("The server refused the request"),
  [FERRY_TRANSFER_ERROR_UNEXPECTED_SERVER_ERROR] = N_ ("The server has an error"),
  [FERRY_TRANSFER_ERROR_INSUFFICIENT_RANGE_SUPPORT] = N_ ("The server cannot send a part of the file"),
  [FERRY_TRANSFER_ERROR_MISSING_CONTENT_LENGTH_SUPPORT] = N_ ("The server does not say how long the file is"),
  [FERRY_TRANSFER_ERROR_MULTIPLE_CHOICES] = N_ ("The server offers several choices"),
  [FERRY_TRANSFER_ERROR_MOVED_PERMANENTLY] = N_ ("The server says that this has moved"),
  [FERRY_TRANSFER_ERROR_FOUND] = N_ ("The server says that this is elsewhere for now"),
  [FERRY_TRANSFER_ERROR_SEE_OTHER] = N_ ("The server points to something else"),
  [FERRY_TRANSFER_ERROR_NOT_MODIFIED] = N_ ("The server says that nothing has changed"),
  [FERRY_TRANSFER_ERROR_USE_PROXY] = N_ ("The server demands a proxy"),
  [FERRY_TRANSFER_ERROR_TEMPORARY_REDIRECT] = N_ ("The server redirects for now"),
  [FERRY_TRANSFER_ERROR_BAD_REQUEST] = N_ ("The server does not understand the request"),
  [FERRY_TRANSFER_ERROR_UNAUTHORIZED] = N_ ("The server wants a user and password"),
  [FERRY_TRANSFER_ERROR_PAYMENT_REQUIRED] = N_ ("The server wants to be paid"),
  [FERRY_TRANSFER_ERROR_FORBIDDEN] = N_ ("The server forbids this"),
  [FERRY_TRANSFER_ERROR_NOT_FOUND] = N_ ("The server does not have this"),
  [FERRY_TRANSFER_ERROR_METHOD_NOT_ALLOWED] = N_ ("The server does not allow this method here"),
  [FERRY_TRANSFER_ERROR_NOT_ACCEPTABLE] = N_ ("The server has this in no form that was asked for"),
  [FERRY_TRANSFER_ERROR_PROXY_AUTHENTICATION_REQUIRED] = N_ ("The proxy wants a user and password"),
  [FERRY_TRANSFER_ERROR_REQUEST_TIMEOUT] = N_ ("The server got tired of waiting for the request"),
  [FERRY_TRANSFER_ERROR_CONFLICT] = N_ ("The request conflicts with what the server has"),
  [FERRY_TRANSFER_ERROR_GONE] = N_ ("The server does not have this any more"),
  [FERRY_TRANSFER_ERROR_LENGTH_REQUIRED] = N_ ("The server wants to know the length first"),
  [FERRY_TRANSFER_ERROR_PRECONDITION_FAILED] = N_ ("A condition of the request does not hold at the server"),
  [FERRY_TRANSFER_ERROR_REQUEST_ENTITY_TOO_LARGE] = N_ ("The server takes nothing as large as this"),
  [FERRY_TRANSFER_ERROR_REQUEST_URI_TOO_LONG] = N_ ("The address is too long for the server"),
  [FERRY_TRANSFER_ERROR_UNSUPPORTED_MEDIA_TYPE] = N_ ("The server does not take this type of data"),
  [FERRY_TRANSFER_ERROR_REQUESTED_RANGE_NOT_SATISFIABLE] =
      N_ ("The server does not have that part of the file"),
  [FERRY_TRANSFER_ERROR_EXPECTATION_FAILED] = N_ ("The server cannot do what the request expects"),
  [FERRY_TRANSFER_ERROR_INTERNAL_SERVER_ERROR] = N_ ("The server has an internal error"),
  [FERRY_TRANSFER_ERROR_NOT_IMPLEMENTED] = N_ ("The server cannot do this"),
  [FERRY_TRANSFER_ERROR_BAD_GATEWAY] = N_ ("A server behind the server has an error"),
  [FERRY_TRANSFER_ERROR_SERVICE_UNAVAILABLE] = N_ ("The server is overloaded or being maintained"),
  [FERRY_TRANSFER_ERROR_GATEWAY_TIMEOUT] = N_ ("A server behind the server took too long"),
  [FERRY_TRANSFER_ERROR_HTTP_VERSION_NOT_SUPPORTED] = N_ ("The server does not speak this version of HTTP"),
  [FERRY_TRANSFER_ERROR_DESTINATION_EXISTS] = N_ ("There is already a file of this name"),
  [FERRY_TRANSFER_ERROR_DESTINATION_LOST] = N_ ("The partial file was changed or taken away"),
  [FERRY_TRANSFER_ERROR_DESTINATION_UNAVAILABLE] = N_ ("Nothing can be written to the destination's folder"),
  [FERRY_TRANSFER_ERROR_DISK_FULL] = N_ ("The disk is full"),
  [FERRY_TRANSFER_ERROR_FILE_TOO_LARGE] = N_ ("The file is too large for the disk's file system"),
  [FERRY_TRANSFER_ERROR_IO_ERROR] = N_ ("Reading or writing the disk failed"),
  [FERRY_TRANSFER_ERROR_SOURCE_CHANGED] = N_ ("The file was changed while it was sent"),
  [FERRY_TRANSFER_ERROR_SOURCE_LOST] = N_ ("The file to send is not there any more"),
  [FERRY_TRANSFER_ERROR_CHECKSUM_MISMATCH] = N_ ("The file is not what its checksum promised"),
  [FERRY_TRANSFER_ERROR_SIZE_MISMATCH] = N_ ("The file does not have the size expected"),
  [FERRY_TRANSFER_ERROR_DEADLINE_PASSED] = N_ ("It was too late"),
  [FERRY_TRANSFER_ERROR_ADDRESS_NOT_ALLOWED] = N_ ("The application may not reach this address"),
};

/**
 * ferryd_reason_for_cause:
 * @cause: why an operation does not run
 *
 * Returns: (transfer none): one sentence for people, translated, without its full stop
 */
const char *
ferryd_reason_for_cause (FerryCause cause)
{
  return _ (cause_reasons[cause]);
}

/**
 * ferryd_reason_for_error:
 * @status: why a transfer failed
 *
 * Returns: (transfer none): one sentence for people, translated, without its full stop
 */
const char *
ferryd_reason_for_error (FerryTransferError status)
{
  return _ (error_reasons[status]);
}
