/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Prints the typed table of options as JSON, one object a row, for tests that make bad input from it. */

#include <gio/gio.h>

#include "ferry-options.h"

static const struct
{
  FerryOptionsScope scope;
  const char *name;
} scopes[] = {
  { FERRY_OPTIONS_DOWNLOAD, "download" },
  { FERRY_OPTIONS_UPLOAD, "upload" },
  { FERRY_OPTIONS_MULTIPART, "multipart" },
  { FERRY_OPTIONS_PART, "part" },
  { FERRY_OPTIONS_FILTER, "filter" },
  { FERRY_OPTIONS_SET_DESTINATION, "set-destination" },
  { FERRY_OPTIONS_COMPLETION_GROUP, "completion-group" },
  { FERRY_OPTIONS_GROUP, "group" },
  { FERRY_OPTIONS_NOTIFICATION, "notification" },
};

static void
print_scopes (FerryOptionsScope of)
{
  const char *separator = "";

  g_print ("\"scopes\": [");
  for (guint i = 0; i < G_N_ELEMENTS (scopes); i++)
    {
      if ((of & scopes[i].scope) == 0)
        continue;
      g_print ("%s\"%s\"", separator, scopes[i].name);
      separator = ", ";
    }
  g_print ("], ");
}

static void
print_words (GType (*enum_type) (void))
{
  g_autoptr (GEnumClass) words = enum_type != NULL ? g_type_class_ref (enum_type ()) : NULL;

  g_print ("\"words\": [");
  for (guint i = 0; words != NULL && i < words->n_values; i++)
    g_print ("%s\"%s\"", i > 0 ? ", " : "", words->values[i].value_nick);
  g_print ("], ");
}

int
main (void)
{
  guint n_specs = 0;
  const FerryOptionSpec *specs = ferry_options_get_table (&n_specs);

  g_print ("[");
  for (guint i = 0; i < n_specs; i++)
    {
      g_print ("%s\n{\"key\": \"%s\", \"type\": \"%s\", ", i > 0 ? "," : "", specs[i].key, specs[i].type);
      print_scopes (specs[i].scopes);
      print_words (specs[i].enum_type);
      g_print ("\"min\": %" G_GUINT64_FORMAT ", \"max\": %" G_GUINT64_FORMAT
               ", \"max_size\": %" G_GSIZE_FORMAT ", ",
               specs[i].min, specs[i].max, specs[i].max_size);
      g_print ("\"checked\": %s, \"supported\": %s}", specs[i].check != NULL ? "true" : "false",
               specs[i].supported ? "true" : "false");
    }
  g_print ("\n]\n");
  return 0;
}
