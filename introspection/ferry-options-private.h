/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-error.h"
#include "ferry-options.h"

G_BEGIN_DECLS

/* What the files behind ferry-options.h share: the table's checks, and how a value is shown in an error. */

/* Every Create*. */
#define FERRY_OPTIONS_CREATE (FERRY_OPTIONS_DOWNLOAD | FERRY_OPTIONS_UPLOAD | FERRY_OPTIONS_MULTIPART)

/* Limits that the contract leaves open, in bytes. They keep one option from filling the store. */

/* The longest method registered with IANA has 17 characters (RFC 9110 section 16.1.1). */
#define FERRY_MAX_METHOD 64
/* PATH_MAX, each byte escaped in a `file:` URI, and the scheme. */
#define FERRY_MAX_PATH (3 * 4096 + 7)
/* The bus's own limit on a name, and so on an application's id. */
#define FERRY_MAX_APPLICATION_ID 255
/* User and password; bearer tokens given as passwords stay well below. */
#define FERRY_MAX_CREDENTIAL 4096
/* A whole system bundle has 250 KiB. */
#define FERRY_MAX_CERTIFICATES (1024 * 1024)
/* A notification's text and a boundary, a media type: what a server or a desktop shows no more of. */
#define FERRY_MAX_TEXT 1024
/* RFC 2046 section 5.1.1. */
#define FERRY_MAX_BOUNDARY 70
/* A text part of a form; what is longer is a file. */
#define FERRY_MAX_PART_TEXT (1024 * 1024)

/* The checks of the table's rows, for a value whose type is right; @error names key and value, and what would
 * be right. Each has beside it why it is so strict. */
gboolean ferry_options_check_is_download_method (const FerryOptionSpec *spec, GVariant *value,
                                                 GError **error);
gboolean ferry_options_check_is_upload_method (const FerryOptionSpec *spec, GVariant *value, GError **error);
gboolean ferry_options_check_is_headers (const FerryOptionSpec *spec, GVariant *value, GError **error);
gboolean ferry_options_check_is_checksum (const FerryOptionSpec *spec, GVariant *value, GError **error);
gboolean ferry_options_check_is_fingerprint (const FerryOptionSpec *spec, GVariant *value, GError **error);
gboolean ferry_options_check_is_metadata (const FerryOptionSpec *spec, GVariant *value, GError **error);
gboolean ferry_options_check_is_not_empty (const FerryOptionSpec *spec, GVariant *value, GError **error);
gboolean ferry_options_check_is_application_id (const FerryOptionSpec *spec, GVariant *value, GError **error);
gboolean ferry_options_check_is_bus_name (const FerryOptionSpec *spec, GVariant *value, GError **error);
gboolean ferry_options_check_is_action_name (const FerryOptionSpec *spec, GVariant *value, GError **error);
gboolean ferry_options_check_is_operation_id (const FerryOptionSpec *spec, GVariant *value, GError **error);
gboolean ferry_options_check_is_properties (const FerryOptionSpec *spec, GVariant *value, GError **error);
gboolean ferry_options_check_is_path (const FerryOptionSpec *spec, GVariant *value, GError **error);
gboolean ferry_options_check_is_credential (const FerryOptionSpec *spec, GVariant *value, GError **error);
gboolean ferry_options_check_is_proxy (const FerryOptionSpec *spec, GVariant *value, GError **error);
gboolean ferry_options_check_is_certificates (const FerryOptionSpec *spec, GVariant *value, GError **error);
gboolean ferry_options_check_is_mirrors (const FerryOptionSpec *spec, GVariant *value, GError **error);
gboolean ferry_options_check_is_notification (const FerryOptionSpec *spec, GVariant *value, GError **error);
gboolean ferry_options_check_is_descriptor (const FerryOptionSpec *spec, GVariant *value, GError **error);
gboolean ferry_options_check_is_resumable (const FerryOptionSpec *spec, GVariant *value, GError **error);
gboolean ferry_options_check_is_token (const FerryOptionSpec *spec, GVariant *value, GError **error);
gboolean ferry_options_check_is_boundary (const FerryOptionSpec *spec, GVariant *value, GError **error);
gboolean ferry_options_check_is_line (const FerryOptionSpec *spec, GVariant *value, GError **error);
gboolean ferry_options_check_is_media_type (const FerryOptionSpec *spec, GVariant *value, GError **error);

int ferry_options_find_row (FerryOptionsScope scope, const char *key);
gboolean ferry_options_check_combinations (FerryOptionsScope scope, GPtrArray *values, GError **error);
GPtrArray *ferry_options_check_values (FerryOptionsScope scope, GVariant *options, GError **error);

gboolean ferry_uri_check_host (const char *host);
gboolean ferry_header_is_token (const char *text);

char *ferry_options_quote (const char *text);

G_END_DECLS
