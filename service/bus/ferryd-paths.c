/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-paths.h"

#include <string.h>

#include "ferry-names.h"

static char *
join (const char *parent, const FerrydId *id)
{
  char text[FERRYD_ID_TEXT_SIZE];

  ferryd_id_format (id, text);
  return g_strconcat (parent, "/", text, NULL);
}

static gboolean
parse (const char *parent, const char *path, FerrydId *id)
{
  return g_str_has_prefix (path, parent) && ferryd_id_parse (path + strlen (parent), id);
}

/**
 * ferryd_paths_of_operation:
 * @id: an operation
 *
 * Returns: (transfer full): its object's path
 */
char *
ferryd_paths_of_operation (const FerrydId *id)
{
  return join (FERRY_OPERATION_PATH, id);
}

/**
 * ferryd_paths_of_completion_group:
 * @id: a completion group
 *
 * Returns: (transfer full): its object's path
 */
char *
ferryd_paths_of_completion_group (const FerrydId *id)
{
  return join (FERRY_COMPLETION_GROUP_PATH, id);
}

/**
 * ferryd_paths_parse_operation:
 * @path: an object path
 * @id: (out): whose it would be
 *
 * Returns: whether an operation could be there
 */
gboolean
ferryd_paths_parse_operation (const char *path, FerrydId *id)
{
  return parse (FERRY_OPERATION_PATH "/", path, id);
}

/**
 * ferryd_paths_parse_completion_group:
 * @path: an object path
 * @id: (out): whose it would be
 *
 * Returns: whether a completion group could be there
 */
gboolean
ferryd_paths_parse_completion_group (const char *path, FerrydId *id)
{
  return parse (FERRY_COMPLETION_GROUP_PATH "/", path, id);
}
