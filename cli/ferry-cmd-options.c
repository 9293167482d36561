/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferry-cmd-options.h"

#include <glib/gi18n.h>

#include "ferry-cmd-option-value.h"
#include "ferry-cmd-util.h"

/* One option of the command line that is an option of the contract. */
typedef struct
{
  const char *name; /* after `--` */
  char letter;      /* after `-`, 0 for none */
  const char *key;  /* (nullable): of the contract, which is understood as a name, too; NULL: as the name */
  FerryCmdOptionKind kind;
  FerryCmdOptionsScope scopes; /* the commands that take it */
  gboolean of_one;             /* says something of one file, and means nothing for several */
  const char *help;            /* to be translated */
  const char *word;            /* (nullable): what its value is called, to be translated */
} Spec;

#define GET FERRY_CMD_OPTIONS_GET
#define PUT FERRY_CMD_OPTIONS_PUT
#define SET FERRY_CMD_OPTIONS_SET

/* In the order in which people read them. */
static const Spec specs[] = {
  /* Where to. */
  { "uri", 0, NULL, FERRY_CMD_OPTION_TEXT, SET, TRUE,
    N_ ("Transfer from or to there, if it waits or has failed"), N_ ("URL") },
  { "destination", 0, NULL, FERRY_CMD_OPTION_PATH, SET, TRUE, N_ ("File that it becomes"), N_ ("FILE") },
  { "exists", 0, NULL, FERRY_CMD_OPTION_TEXT, GET | SET, FALSE,
    N_ ("If the file exists: fail, replace or rename"), N_ ("WHAT") },
  { "destination-fd", 0, NULL, FERRY_CMD_OPTION_DESCRIPTOR, GET, TRUE,
    N_ ("Descriptor of a file, open to read and write, instead of FILE"), N_ ("NUMBER") },
  { "destination-dir-fd", 0, NULL, FERRY_CMD_OPTION_DESCRIPTOR, GET, TRUE,
    N_ ("Descriptor of the folder that FILE is in"), N_ ("NUMBER") },

  /* Whether it is the right file. */
  { "checksum", 0, NULL, FERRY_CMD_OPTION_TEXT, GET, TRUE,
    N_ ("sha256:HEX or sha512:HEX that the file must have"), N_ ("SUM") },
  { "expected-size", 0, NULL, FERRY_CMD_OPTION_SIZE, GET, TRUE, N_ ("Size that the file must have"),
    N_ ("BYTES") },
  { "mirror", 0, "mirrors", FERRY_CMD_OPTION_TEXTS, GET, TRUE,
    N_ ("Another URL of the same file (repeatable)"), N_ ("URL") },

  /* What is sent. */
  { "source-fd", 0, NULL, FERRY_CMD_OPTION_DESCRIPTOR, PUT, TRUE,
    N_ ("Descriptor of what is sent, instead of FILE"), N_ ("NUMBER") },
  { "source-offset", 0, NULL, FERRY_CMD_OPTION_SIZE, PUT, TRUE, N_ ("First byte of FILE that is sent"),
    N_ ("BYTES") },
  { "source-length", 0, NULL, FERRY_CMD_OPTION_SIZE, PUT, TRUE, N_ ("How many bytes are sent"),
    N_ ("BYTES") },
  { "subtype", 0, NULL, FERRY_CMD_OPTION_TEXT, PUT, FALSE, N_ ("Multipart subtype instead of form-data"),
    N_ ("WORD") },
  { "boundary", 0, NULL, FERRY_CMD_OPTION_TEXT, PUT, FALSE, N_ ("What stands between the parts of a form"),
    N_ ("TEXT") },
  { "resumable", 0, NULL, FERRY_CMD_OPTION_TEXT, PUT, FALSE,
    N_ ("How it goes on where it was: auto, never, tus or http"), N_ ("PROTOCOL") },

  /* What is asked of the server. */
  { "method", 0, NULL, FERRY_CMD_OPTION_TEXT, GET | PUT, FALSE,
    N_ ("Request method instead of the usual one"), N_ ("METHOD") },
  { "header", 'H', "headers", FERRY_CMD_OPTION_HEADERS, GET | PUT | SET, FALSE,
    N_ ("Header of the request (repeatable)"), N_ ("'NAME: VALUE'") },
  { "remove-header", 0, NULL, FERRY_CMD_OPTION_TEXTS, SET, FALSE,
    N_ ("Header that it no longer has (repeatable)"), N_ ("NAME") },
  { "body", 0, NULL, FERRY_CMD_OPTION_PATH, GET, FALSE,
    N_ ("File that is sent with the request, - for standard input"), N_ ("FILE") },
  { "body-fd", 0, NULL, FERRY_CMD_OPTION_DESCRIPTOR, GET, TRUE, N_ ("Descriptor of what is sent"),
    N_ ("NUMBER") },
  { "idempotent", 0, NULL, FERRY_CMD_OPTION_FLAG, GET | PUT, FALSE, N_ ("The method may be repeated"), NULL },

  /* With whom it talks. */
  { "server-credential", 0, NULL, FERRY_CMD_OPTION_CREDENTIAL, GET | PUT | SET, FALSE,
    N_ ("For the server; asks for a password that is not given"), N_ ("USER[:PASSWORD]") },
  { "server-credential-file", 0, "server-credential", FERRY_CMD_OPTION_CREDENTIAL_FILE, GET | PUT | SET,
    FALSE, N_ ("The same from a file's first line, - for standard input"), N_ ("FILE") },
  { "proxy", 0, NULL, FERRY_CMD_OPTION_TEXT, GET | PUT, FALSE,
    N_ ("Proxy instead of the session's; direct:// for none"), N_ ("URL") },
  { "proxy-credential", 0, NULL, FERRY_CMD_OPTION_CREDENTIAL, GET | PUT | SET, FALSE,
    N_ ("For the proxy; asks for a password that is not given"), N_ ("USER[:PASSWORD]") },
  { "proxy-credential-file", 0, "proxy-credential", FERRY_CMD_OPTION_CREDENTIAL_FILE, GET | PUT | SET, FALSE,
    N_ ("The same from a file's first line, - for standard input"), N_ ("FILE") },
  { "ca-certificates", 0, NULL, FERRY_CMD_OPTION_CONTENTS, GET | PUT, FALSE,
    N_ ("PEM file of certificates that are trusted in addition"), N_ ("FILE") },
  { "certificate-fingerprint", 0, NULL, FERRY_CMD_OPTION_TEXT, GET | PUT, FALSE,
    N_ ("sha256:HEX of the one certificate that the server may have"), N_ ("SUM") },

  /* When, how fast and before whom it runs. */
  { "priority", 0, NULL, FERRY_CMD_OPTION_TEXT, GET | PUT | SET, FALSE, N_ ("default, high or low"),
    N_ ("PRIORITY") },
  { "cost-policy", 0, NULL, FERRY_CMD_OPTION_TEXT, GET | PUT | SET, FALSE,
    N_ ("default, unrestricted-only or always"), N_ ("POLICY") },
  { "max-speed", 0, NULL, FERRY_CMD_OPTION_SIZE, GET | PUT | SET, FALSE,
    N_ ("Bytes a second at most, as in 1.5M; 0 for no limit"), N_ ("SPEED") },
  { "not-before", 0, NULL, FERRY_CMD_OPTION_TIME, GET | PUT, FALSE,
    N_ ("Wait until then, as in 2030-01-31T22:00 or +2h"), N_ ("TIME") },
  { "not-after", 0, NULL, FERRY_CMD_OPTION_TIME, GET | PUT, FALSE, N_ ("Fail if it has not ended by then"),
    N_ ("TIME") },
  { "connections", 0, NULL, FERRY_CMD_OPTION_NUMBER, GET, FALSE, N_ ("Connections side by side, 1 to 16"),
    N_ ("NUMBER") },
  { "random-access", 0, NULL, FERRY_CMD_OPTION_FLAG, GET, FALSE, N_ ("Parts may be asked for out of order"),
    NULL },
  { "recoverable-error", 0, "recoverable-errors", FERRY_CMD_OPTION_TEXTS, GET | PUT | SET, FALSE,
    N_ ("Error status that pauses it instead of ending it (repeatable)"), N_ ("STATUS") },

  /* What it is to people and programs. */
  { "group", 0, NULL, FERRY_CMD_OPTION_TEXT, GET | PUT, FALSE, N_ ("Group that it belongs to"), N_ ("NAME") },
  { "completion-group", 0, NULL, FERRY_CMD_OPTION_TEXT, GET | PUT, FALSE,
    N_ ("Object path of a completion group that it belongs to"), N_ ("PATH") },
  { "title", 0, NULL, FERRY_CMD_OPTION_TEXT, GET | PUT, FALSE, N_ ("What it is called in lists"),
    N_ ("TEXT") },
  { "success-notification", 0, NULL, FERRY_CMD_OPTION_PAIRS, GET | PUT, FALSE,
    N_ ("Notification when it is done: title, body, icon (repeatable)"), N_ ("KEY=VALUE") },
  { "failure-notification", 0, NULL, FERRY_CMD_OPTION_PAIRS, GET | PUT, FALSE,
    N_ ("Notification when it has failed (repeatable)"), N_ ("KEY=VALUE") },
  { "metadata", 0, NULL, FERRY_CMD_OPTION_PAIRS, GET | PUT, FALSE,
    N_ ("Note that is kept with it (repeatable)"), N_ ("KEY=VALUE") },
  { "token", 0, NULL, FERRY_CMD_OPTION_TEXT, GET | PUT, TRUE,
    N_ ("The same token again means the same transfer"), N_ ("TEXT") },
  { "application-id", 0, NULL, FERRY_CMD_OPTION_TEXT, GET | PUT, FALSE, N_ ("Application that it belongs to"),
    N_ ("ID") },
};

/* What a command line gave. */
struct _FerryCmdOptions
{
  FerryCmdOptionsScope scope;
  GStrv words[G_N_ELEMENTS (specs)];    /* (owned) (nullable): by row, in their order */
  gboolean flags[G_N_ELEMENTS (specs)]; /* by row */
  GVariantDict values;                  /* by key */
};

/**
 * ferry_cmd_options_new:
 * @scope: the command
 *
 * Returns: (transfer full): what its options will be
 */
FerryCmdOptions *
ferry_cmd_options_new (FerryCmdOptionsScope scope)
{
  FerryCmdOptions *self = g_new0 (FerryCmdOptions, 1);

  self->scope = scope;
  g_variant_dict_init (&self->values, NULL);
  return self;
}

/**
 * ferry_cmd_options_free:
 * @self: (transfer full): options
 */
void
ferry_cmd_options_free (FerryCmdOptions *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (specs); i++)
    g_strfreev (self->words[i]);
  g_variant_dict_clear (&self->values);
  g_free (self);
}

static const char *
get_key (const Spec *spec)
{
  return spec->key != NULL ? spec->key : spec->name;
}

static gboolean
is_given (FerryCmdOptions *self, guint row)
{
  return self->words[row] != NULL || self->flags[row];
}

static GOptionArg
get_arg (FerryCmdOptionKind kind)
{
  switch (kind)
    {
    case FERRY_CMD_OPTION_FLAG:
      return G_OPTION_ARG_NONE;
    case FERRY_CMD_OPTION_PATH:
    case FERRY_CMD_OPTION_CONTENTS:
    case FERRY_CMD_OPTION_CREDENTIAL_FILE:
      return G_OPTION_ARG_FILENAME_ARRAY;
    case FERRY_CMD_OPTION_TEXT:
    case FERRY_CMD_OPTION_TEXTS:
    case FERRY_CMD_OPTION_SIZE:
    case FERRY_CMD_OPTION_NUMBER:
    case FERRY_CMD_OPTION_TIME:
    case FERRY_CMD_OPTION_HEADERS:
    case FERRY_CMD_OPTION_PAIRS:
    case FERRY_CMD_OPTION_CREDENTIAL:
    case FERRY_CMD_OPTION_DESCRIPTOR:
    default:
      return G_OPTION_ARG_STRING_ARRAY;
    }
}

/* Its entry, and one under the contract's own name where that is another. */
static void
add_entries (FerryCmdOptions *self, guint row, GArray *entries)
{
  const Spec *spec = &specs[row];
  GOptionEntry entry = {
    .long_name = spec->name,
    .short_name = spec->letter,
    .arg = get_arg (spec->kind),
    .description = spec->help,
    .arg_description = spec->word,
  };

  entry.arg_data = spec->kind == FERRY_CMD_OPTION_FLAG ? (gpointer) &self->flags[row] : &self->words[row];
  g_array_append_val (entries, entry);
  if (spec->key == NULL || spec->kind == FERRY_CMD_OPTION_CREDENTIAL_FILE)
    return;
  entry.long_name = spec->key;
  entry.short_name = 0;
  entry.flags = G_OPTION_FLAG_HIDDEN;
  g_array_append_val (entries, entry);
}

static gboolean
evaluate (FerryCmdOptions *self, guint row, GError **error)
{
  const Spec *spec = &specs[row];
  g_autofree char *key = g_strdup (get_key (spec));
  GVariant *value;

  if (self->flags[row])
    value = g_variant_new_boolean (TRUE);
  else
    value =
        ferry_cmd_option_value_new (spec->kind, spec->name, (const char *const *) self->words[row], error);
  if (value == NULL)
    return FALSE;
  if (spec->kind == FERRY_CMD_OPTION_PATH && g_variant_is_of_type (value, G_VARIANT_TYPE_HANDLE))
    {
      g_free (key);
      key = g_strconcat (get_key (spec), "-fd", NULL);
    }
  if (g_variant_dict_contains (&self->values, key))
    {
      g_variant_unref (g_variant_ref_sink (value));
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("--%s says again what another option says: one of them would be right"), spec->name);
      return FALSE;
    }
  g_variant_dict_insert_value (&self->values, key, value);
  return TRUE;
}

/**
 * ferry_cmd_options_parse:
 * @self: options
 * @command: whose arguments they are
 * @entries: (array zero-terminated=1): its other options
 * @argv: (inout): its arguments, its name at their head; afterwards the words among them alone
 * @min_words: how many words there must be
 * @max_words: how many there may be
 * @error: (nullable):
 *
 * Parses the arguments, and asks for passwords that are missing.
 *
 * Returns: whether they can be understood; if they are right the service says
 */
gboolean
ferry_cmd_options_parse (FerryCmdOptions *self, const FerryCmd *command, const GOptionEntry *entries,
                         GStrv *argv, guint min_words, guint max_words, GError **error)
{
  g_autoptr (GArray) all = g_array_new (TRUE, TRUE, sizeof (GOptionEntry));

  for (guint i = 0; entries[i].long_name != NULL; i++)
    g_array_append_val (all, entries[i]);
  for (guint i = 0; i < G_N_ELEMENTS (specs); i++)
    {
      if ((specs[i].scopes & self->scope) != 0)
        add_entries (self, i, all);
    }
  if (!ferry_cmd_parse (command, (const GOptionEntry *) (gpointer) all->data, argv, min_words, max_words,
                        error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (specs); i++)
    {
      if (is_given (self, i) && !evaluate (self, i, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * ferry_cmd_options_check_for_many:
 * @self: options
 * @error: (nullable): names the option that says something of one file
 *
 * Returns: whether they can be meant for several files
 */
gboolean
ferry_cmd_options_check_for_many (FerryCmdOptions *self, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (specs); i++)
    {
      if (!specs[i].of_one || !g_variant_dict_contains (&self->values, get_key (&specs[i])))
        continue;
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("--%s is about one file, and there are several"), specs[i].name);
      return FALSE;
    }
  return TRUE;
}

/**
 * ferry_cmd_options_lookup:
 * @self: options
 * @key: of the contract
 *
 * Returns: (transfer full) (nullable): its value, NULL where it was not given
 */
GVariant *
ferry_cmd_options_lookup (FerryCmdOptions *self, const char *key)
{
  return g_variant_dict_lookup_value (&self->values, key, NULL);
}

/**
 * ferry_cmd_options_foreach:
 * @self: options
 * @callback: called for each that was given, until it returns FALSE
 * @user_data: for @callback
 * @error: (nullable): for @callback
 *
 * Returns: whether @callback did so for none
 */
gboolean
ferry_cmd_options_foreach (FerryCmdOptions *self, FerryCmdOptionsFunc callback, gpointer user_data,
                           GError **error)
{
  g_autoptr (GVariant) values = g_variant_ref_sink (g_variant_dict_end (&self->values));
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_dict_init (&self->values, values);
  g_variant_iter_init (&iter, values);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &value))
    {
      g_autoptr (GVariant) owned = value;

      if (!callback (key, owned, user_data, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * ferry_cmd_options_has:
 * @scope: the command
 * @key: of the contract
 *
 * Returns: whether the command has an option for it
 */
gboolean
ferry_cmd_options_has (FerryCmdOptionsScope scope, const char *key)
{
  for (guint i = 0; i < G_N_ELEMENTS (specs); i++)
    {
      if ((specs[i].scopes & scope) != 0 && g_str_equal (get_key (&specs[i]), key))
        return TRUE;
    }
  return FALSE;
}
