/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-enums.h"

/**
 * ferry_enum_to_nick:
 * @enum_type: one of the contract's enumerations
 * @value: a value of it
 *
 * Returns: (transfer none) (nullable): the word that stands for @value on the bus
 */
const char *
ferry_enum_to_nick (GType enum_type, int value)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (enum_type);
  GEnumValue *found = g_enum_get_value ((GEnumClass *) klass, value);

  return found != NULL ? found->value_nick : NULL;
}

/**
 * ferry_enum_from_nick:
 * @enum_type: one of the contract's enumerations
 * @nick: a word from the bus
 * @value: (out): its value
 *
 * Returns: whether @nick is a word of @enum_type
 */
gboolean
ferry_enum_from_nick (GType enum_type, const char *nick, int *value)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (enum_type);
  GEnumValue *found = g_enum_get_value_by_nick ((GEnumClass *) klass, nick);

  if (found == NULL)
    return FALSE;
  *value = found->value;
  return TRUE;
}

/**
 * ferry_enum_list_nicks:
 * @enum_type: one of the contract's enumerations
 *
 * Returns: (transfer full): all its words, for an error that says what would be right
 */
char *
ferry_enum_list_nicks (GType enum_type)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (enum_type);
  GEnumClass *enum_class = (GEnumClass *) klass;
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < enum_class->n_values; i++)
    g_string_append_printf (list, "%s'%s'", i == 0 ? "" : ", ", enum_class->values[i].value_nick);
  return g_string_free (list, FALSE);
}

/**
 * ferry_state_is_finished:
 * @state: a state
 *
 * Returns: whether nothing can come after @state
 */
gboolean
ferry_state_is_finished (FerryState state)
{
  return state == FERRY_STATE_COMPLETED || state == FERRY_STATE_CANCELED;
}

/**
 * ferry_state_is_ended:
 * @state: a state
 *
 * Returns: whether the operation does not count as unfinished (for quota and destinations) in @state
 */
gboolean
ferry_state_is_ended (FerryState state)
{
  return ferry_state_is_finished (state) || state == FERRY_STATE_ERROR;
}
