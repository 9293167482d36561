/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-options-private.h"

#include "ferry-enum-types.h"
#include "ferry-enums.h"

/* An error lists words up to this many; beyond, it names examples. */
#define MAX_WORDS 16

static const char *
get_noun (FerryOptionsScope scope)
{
  switch (scope)
    {
    case FERRY_OPTIONS_FILTER:
      return "Filter key";
    case FERRY_OPTIONS_PART:
      return "Key of a part,";
    case FERRY_OPTIONS_NOTIFICATION:
      return "Key of a notification,";
    case FERRY_OPTIONS_DOWNLOAD:
    case FERRY_OPTIONS_UPLOAD:
    case FERRY_OPTIONS_MULTIPART:
    case FERRY_OPTIONS_SET_DESTINATION:
    case FERRY_OPTIONS_COMPLETION_GROUP:
    case FERRY_OPTIONS_GROUP:
      return "Option";
    }
  return "Option";
}

/* (transfer full): all the keys that @scope takes. */
static char *
list_keys (FerryOptionsScope scope)
{
  guint n_specs;
  const FerryOptionSpec *specs = ferry_options_get_table (&n_specs);
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < n_specs; i++)
    {
      if ((specs[i].scopes & scope) != 0)
        g_string_append_printf (list, "%s'%s'", list->len == 0 ? "" : ", ", specs[i].key);
    }
  return g_string_free (list, FALSE);
}

/* (transfer full): what is right for @spec, with its words, range and size. */
static char *
describe_right (const FerryOptionSpec *spec)
{
  GString *text = g_string_new (spec->right);

  if (spec->enum_type != NULL)
    {
      g_autoptr (GEnumClass) words = g_type_class_ref (spec->enum_type ());
      g_autofree char *nicks = ferry_enum_list_nicks (spec->enum_type ());

      if (words->n_values <= MAX_WORDS)
        g_string_append_printf (text, ": %s", nicks);
    }
  if (spec->max != 0)
    g_string_append_printf (text, ", %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT, spec->min, spec->max);
  if (spec->max_size != 0)
    g_string_append_printf (text, ", at most %zu bytes", spec->max_size);
  return g_string_free (text, FALSE);
}

/* (transfer full): the value for an error, short, and never a secret. */
static char *
describe_value (const FerryOptionSpec *spec, GVariant *value)
{
  if (spec->secret || (g_variant_is_container (value) && g_variant_n_children (value) > 0))
    return g_strdup ("wrong");
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING) ||
      g_variant_is_of_type (value, G_VARIANT_TYPE_OBJECT_PATH) ||
      g_variant_is_of_type (value, G_VARIANT_TYPE_SIGNATURE))
    return ferry_options_quote (g_variant_get_string (value, NULL));
  return g_variant_print (value, FALSE);
}

static gboolean
refuse (FerryOptionsScope scope, const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  g_autofree char *shown = describe_value (spec, value);
  g_autofree char *right = describe_right (spec);

  g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
               "%s '%s' is %s (type '%.32s'); right is %s (type '%s')", get_noun (scope), spec->key, shown,
               g_variant_get_type_string (value), right, spec->type);
  return FALSE;
}

/**
 * Integer:
 * @is_negative: then @magnitude counts below zero
 * @magnitude: distance from zero
 *
 * What any integer type of D-Bus can hold. A plain value.
 */
typedef struct
{
  gboolean is_negative;
  guint64 magnitude;
} Integer;

static Integer
integer_from_signed (gint64 value)
{
  /* -(value + 1) + 1 is right for the least value too, which has no positive counterpart. */
  return value < 0 ? (Integer){ TRUE, (guint64) - (value + 1) + 1 } : (Integer){ FALSE, (guint64) value };
}

/* FALSE where @value is not an integer. */
static gboolean
get_integer (GVariant *value, Integer *integer)
{
  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_BYTE:
      *integer = (Integer){ FALSE, g_variant_get_byte (value) };
      return TRUE;
    case G_VARIANT_CLASS_INT16:
      *integer = integer_from_signed (g_variant_get_int16 (value));
      return TRUE;
    case G_VARIANT_CLASS_UINT16:
      *integer = (Integer){ FALSE, g_variant_get_uint16 (value) };
      return TRUE;
    case G_VARIANT_CLASS_INT32:
      *integer = integer_from_signed (g_variant_get_int32 (value));
      return TRUE;
    case G_VARIANT_CLASS_UINT32:
      *integer = (Integer){ FALSE, g_variant_get_uint32 (value) };
      return TRUE;
    case G_VARIANT_CLASS_INT64:
      *integer = integer_from_signed (g_variant_get_int64 (value));
      return TRUE;
    case G_VARIANT_CLASS_UINT64:
      *integer = (Integer){ FALSE, g_variant_get_uint64 (value) };
      return TRUE;
    default:
      return FALSE;
    }
}

/* (transfer full) (nullable): @value as the integer type of @spec. No key takes a negative number. */
static GVariant *
convert_integer (const FerryOptionSpec *spec, GVariant *value)
{
  Integer integer;

  if (!get_integer (value, &integer) || integer.is_negative || integer.magnitude < spec->min ||
      (spec->max != 0 && integer.magnitude > spec->max))
    return NULL;
  switch (spec->type[0])
    {
    case 'u':
      return integer.magnitude <= G_MAXUINT32 ? g_variant_ref_sink (g_variant_new_uint32 (integer.magnitude))
                                              : NULL;
    case 'x':
      return integer.magnitude <= G_MAXINT64 ? g_variant_ref_sink (g_variant_new_int64 (integer.magnitude))
                                             : NULL;
    default:
      return g_variant_ref_sink (g_variant_new_uint64 (integer.magnitude));
    }
}

/* (transfer full) (nullable): @value as the type of @spec; NULL where it is not of that type. */
static GVariant *
convert (const FerryOptionSpec *spec, GVariant *value)
{
  g_autoptr (GVariant) inner = NULL;

  /* Bindings that wrap every value wrap one that is wrapped already. */
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARIANT))
    {
      inner = g_variant_get_variant (value);
      value = inner;
    }
  if (strlen (spec->type) == 1 && strchr ("utx", spec->type[0]) != NULL)
    return convert_integer (spec, value);
  /* A shell cannot easily write a path that is not a string. */
  if (strcmp (spec->type, "o") == 0 && g_variant_is_of_type (value, G_VARIANT_TYPE_STRING) &&
      g_variant_is_object_path (g_variant_get_string (value, NULL)))
    return g_variant_ref_sink (g_variant_new_object_path (g_variant_get_string (value, NULL)));
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE (spec->type)))
    return NULL;
  return g_variant_ref (value);
}

/**
 * ferry_options_convert:
 * @value: what somebody gave
 * @type: what it should be; an integer is not negative
 *
 * Returns: (transfer full) (nullable): @value as @type, for an integer from any integer type that holds it;
 * NULL where it is none
 */
GVariant *
ferry_options_convert (GVariant *value, const char *type)
{
  const FerryOptionSpec spec = { .type = type };

  return convert (&spec, value);
}

static gsize
measure (GVariant *value)
{
  gsize size = 0;
  GVariantIter iter;
  const char *name, *field_value;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    {
      g_variant_get_string (value, &size);
      return size;
    }
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE ("a(ss)")))
    return g_variant_get_size (value);
  g_variant_iter_init (&iter, value);
  while (g_variant_iter_next (&iter, "(&s&s)", &name, &field_value))
    size += strlen (name) + strlen (field_value);
  return size;
}

/* Whether a string, or each of an array, is one of the row's words. */
static gboolean
has_known_words (const FerryOptionSpec *spec, GVariant *value, GVariant **wrong)
{
  int ignored;

  if (spec->enum_type == NULL)
    return TRUE;
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    {
      *wrong = g_variant_ref (value);
      return ferry_enum_from_nick (spec->enum_type (), g_variant_get_string (value, NULL), &ignored);
    }
  for (gsize i = 0; i < g_variant_n_children (value); i++)
    {
      g_autoptr (GVariant) word = g_variant_get_child_value (value, i);

      if (ferry_enum_from_nick (spec->enum_type (), g_variant_get_string (word, NULL), &ignored))
        continue;
      *wrong = g_steal_pointer (&word);
      return FALSE;
    }
  return TRUE;
}

/* (transfer full) (nullable): the normalised value, NULL with @error where it is wrong. */
static GVariant *
check_value (FerryOptionsScope scope, const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  g_autoptr (GVariant) converted = convert (spec, value);
  g_autoptr (GVariant) wrong = NULL;

  if (converted == NULL)
    {
      refuse (scope, spec, value, error);
      return NULL;
    }
  if (spec->max_size != 0 && measure (converted) > spec->max_size)
    {
      g_autofree char *right = describe_right (spec);

      g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT, "%s '%s' has %zu bytes; right is %s",
                   get_noun (scope), spec->key, measure (converted), right);
      return NULL;
    }
  if (!has_known_words (spec, converted, &wrong))
    {
      refuse (scope, spec, wrong, error);
      return NULL;
    }
  if (spec->check != NULL && !spec->check (spec, converted, error))
    {
      g_prefix_error (error, "%s '%s': ", get_noun (scope), spec->key);
      return NULL;
    }
  if (spec->lower_case)
    {
      g_autofree char *lower = g_ascii_strdown (g_variant_get_string (converted, NULL), -1);

      return g_variant_ref_sink (g_variant_new_string (lower));
    }
  return g_steal_pointer (&converted);
}

static gboolean
check_entry (FerryOptionsScope scope, const char *key, GVariant *value, GPtrArray *values, GError **error)
{
  guint n_specs;
  const FerryOptionSpec *specs = ferry_options_get_table (&n_specs);
  int row = ferry_options_find_row (scope, key);

  if (row < 0)
    {
      g_autofree char *shown = ferry_options_quote (key);
      g_autofree char *known = list_keys (scope);

      g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT, "%s %s is not known here; right are %s",
                   get_noun (scope), shown, known);
      return FALSE;
    }
  if (g_ptr_array_index (values, row) != NULL)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT, "%s '%s' is given twice; once is right",
                   get_noun (scope), key);
      return FALSE;
    }
  g_ptr_array_index (values, row) = check_value (scope, &specs[row], value, error);
  return g_ptr_array_index (values, row) != NULL;
}

static void
clear_value (gpointer value)
{
  g_clear_pointer (&value, g_variant_unref);
}

static gboolean
is_neutral (const FerryOptionSpec *spec, GVariant *value)
{
  g_autoptr (GVariant) neutral = NULL;

  if (spec->neutral == NULL)
    return FALSE;
  neutral = g_variant_parse (NULL, spec->neutral, NULL, NULL, NULL);
  return g_variant_equal (neutral, value);
}

/* (transfer full): @values less those that ask for nothing. */
static GPtrArray *
copy_effective (GPtrArray *values)
{
  guint n_specs;
  const FerryOptionSpec *specs = ferry_options_get_table (&n_specs);
  GPtrArray *effective = g_ptr_array_new_full (n_specs, clear_value);

  for (guint i = 0; i < n_specs; i++)
    {
      GVariant *value = g_ptr_array_index (values, i);
      gboolean counts = value != NULL && !is_neutral (&specs[i], value);

      g_ptr_array_add (effective, counts ? g_variant_ref (value) : NULL);
    }
  return effective;
}

/**
 * ferry_options_check_values:
 * @scope: one scope
 * @options: an a{sv}, as it came
 * @error: (nullable): the first thing that is wrong
 *
 * Checks everything but whether it is supported.
 *
 * Returns: (transfer full) (element-type GVariant): one entry a row of the table, the normalised value or
 * NULL; NULL with @error
 */
GPtrArray *
ferry_options_check_values (FerryOptionsScope scope, GVariant *options, GError **error)
{
  g_autoptr (GPtrArray) values = NULL;
  g_autoptr (GPtrArray) effective = NULL;
  guint n_specs;

  if (!g_variant_is_of_type (options, G_VARIANT_TYPE_VARDICT))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                   "Options are of type '%.32s'; 'a{sv}' is right", g_variant_get_type_string (options));
      return NULL;
    }
  ferry_options_get_table (&n_specs);
  values = g_ptr_array_new_full (n_specs, clear_value);
  g_ptr_array_set_size (values, n_specs);
  for (gsize i = 0; i < g_variant_n_children (options); i++)
    {
      g_autoptr (GVariant) value = NULL;
      g_autofree char *key = NULL;

      g_variant_get_child (options, i, "{sv}", &key, &value);
      if (!check_entry (scope, key, value, values, error))
        return NULL;
    }
  effective = copy_effective (values);
  if (!ferry_options_check_combinations (scope, effective, error))
    return NULL;
  return g_steal_pointer (&values);
}

/**
 * ferry_options_check:
 * @scope: the call that was given @options
 * @options: a{sv} from a client
 * @error: (out): FERRY_ERROR_INVALID_ARGUMENT, or FERRY_ERROR_NOT_SUPPORTED where all is right but this
 * version cannot do it; names the key
 *
 * Returns: (transfer full): a{sv}, not floating, with every value of the type the table gives it; NULL with
 * @error
 */
GVariant *
ferry_options_check (FerryOptionsScope scope, GVariant *options, GError **error)
{
  g_autoptr (GPtrArray) values = ferry_options_check_values (scope, options, error);
  guint n_specs;
  const FerryOptionSpec *specs = ferry_options_get_table (&n_specs);
  GVariantBuilder normalised;

  if (values == NULL)
    return NULL;
  for (guint i = 0; i < n_specs; i++)
    {
      GVariant *value = g_ptr_array_index (values, i);

      if (value == NULL || specs[i].supported || is_neutral (&specs[i], value))
        continue;
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_NOT_SUPPORTED,
                   "%s '%s' is not supported yet: leave it out", get_noun (scope), specs[i].key);
      return NULL;
    }
  g_variant_builder_init (&normalised, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < n_specs; i++)
    {
      if (g_ptr_array_index (values, i) != NULL)
        g_variant_builder_add (&normalised, "{sv}", specs[i].key, (GVariant *) g_ptr_array_index (values, i));
    }
  return g_variant_ref_sink (g_variant_builder_end (&normalised));
}
