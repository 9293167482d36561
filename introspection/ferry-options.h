/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferry-headers.h"

G_BEGIN_DECLS

/* The typed table of every a{sv} of the contract. What a key means to the service is the service's business;
 * here stands what may be in it. */

/**
 * FerryOptionsScope:
 *
 * The calls that take an a{sv}.
 */
typedef enum
{
  FERRY_OPTIONS_DOWNLOAD = 1 << 0,         /* Downloader.Create, CreateMany */
  FERRY_OPTIONS_UPLOAD = 1 << 1,           /* Uploader.Create, CreateMany */
  FERRY_OPTIONS_MULTIPART = 1 << 2,        /* Uploader.CreateMultipart */
  FERRY_OPTIONS_PART = 1 << 3,             /* one part of CreateMultipart */
  FERRY_OPTIONS_FILTER = 1 << 4,           /* List, ForEach, Watch */
  FERRY_OPTIONS_SET_DESTINATION = 1 << 5,  /* Operation.SetDestination */
  FERRY_OPTIONS_COMPLETION_GROUP = 1 << 6, /* Manager.CreateCompletionGroup */
  FERRY_OPTIONS_GROUP = 1 << 7,            /* Manager.SetGroupBehavior, ListGroups */
  FERRY_OPTIONS_NOTIFICATION = 1 << 8,     /* success-notification, failure-notification */
} FerryOptionsScope;

/**
 * FerryOptionSpec:
 *
 * One row of the table.
 */
typedef struct _FerryOptionSpec FerryOptionSpec;

/* Checks one value beyond its type and range. Sets an error of FERRY_ERROR whose message says what is wrong
 * with the value and what would be right; the caller puts the key in front. */
typedef gboolean (*FerryOptionCheck) (const FerryOptionSpec *spec, GVariant *value, GError **error);

struct _FerryOptionSpec
{
  const char *key;  /* as on the bus */
  const char *type; /* D-Bus signature of the value after normalising; integer keys take any integer type */
  FerryOptionsScope scopes;  /* the calls that take it */
  GType (*enum_type) (void); /* (nullable): the words a string, or each string of an array, may be */
  guint64 min, max;          /* range of an integer; with max 0 all that its type holds */
  gsize max_size;            /* bytes of a string, of names and values of headers, or of the whole serialised
                                value; 0: none */
  FerryOptionCheck check;    /* (nullable) */
  gboolean lower_case;       /* hex digits that are normalised to lower case */
  gboolean secret;           /* a message never shows the value */
  gboolean supported;        /* FALSE: known to the contract, refused as NotSupported by this version */
  const char *neutral; /* (nullable): value in GVariant text form that asks for nothing, so that it is taken
                          although the key is not supported, or means nothing beside another */
  const char *right;   /* what would be right, ends a sentence: "an absolute path" */
};

const FerryOptionSpec *ferry_options_get_table (guint *n_specs);
GVariant *ferry_options_convert (GVariant *value, const char *type);
GVariant *ferry_options_check (FerryOptionsScope scope, GVariant *options, GError **error);

gboolean ferry_options_check_uri (FerryOptionsScope scope, const char *uri, GError **error);
gboolean ferry_options_check_credential (const char *user, const char *password, GError **error);
GVariant *ferry_options_take_credentials (GVariant *options, const char *uri, char **bare, GError **error);
char *ferry_uri_split_credential (const char *uri, GVariant **credential, GError **error);

/* Limits of the contract, in bytes unless said otherwise. */
#define FERRY_MAX_URI 8192
#define FERRY_MAX_TITLE 1024
#define FERRY_MAX_METADATA 16384
#define FERRY_MAX_GROUP 256
#define FERRY_MAX_TOKEN 256
#define FERRY_MAX_DESCRIPTORS 16

G_END_DECLS
