/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-groups.h"

struct _FerrydGroups
{
  GHashTable *table; /* (owned) (element-type FerrydGroup FerrydGroup) */
};

static guint
group_hash (gconstpointer data)
{
  const FerrydGroup *group = data;

  return g_str_hash (group->application) * 31 ^ g_str_hash (group->name);
}

static gboolean
group_equal (gconstpointer a, gconstpointer b)
{
  const FerrydGroup *one = a, *other = b;

  return g_str_equal (one->name, other->name) && g_str_equal (one->application, other->application);
}

static void
group_free (gpointer data)
{
  FerrydGroup *group = data;

  g_clear_pointer (&group->queue, g_sequence_free);
  g_free (group->application);
  g_free (group->name);
  g_free (group);
}

/**
 * ferryd_groups_new:
 *
 * Returns: (transfer full): no groups
 */
FerrydGroups *
ferryd_groups_new (void)
{
  FerrydGroups *groups = g_new0 (FerrydGroups, 1);

  groups->table = g_hash_table_new_full (group_hash, group_equal, group_free, NULL);
  return groups;
}

/**
 * ferryd_groups_free:
 * @groups: (transfer full): groups, with no operation in any
 */
void
ferryd_groups_free (FerrydGroups *groups)
{
  g_hash_table_unref (groups->table);
  g_free (groups);
}

/**
 * ferryd_groups_find:
 * @groups: the groups
 * @application: an application
 * @name: of a group
 *
 * Returns: (transfer none) (nullable): the group, where there is such a one
 */
FerrydGroup *
ferryd_groups_find (FerrydGroups *groups, const char *application, const char *name)
{
  const FerrydGroup key = { .application = (char *) application, .name = (char *) name };

  return g_hash_table_lookup (groups->table, &key);
}

static FerrydGroup *
get (FerrydGroups *groups, const char *application, const char *name)
{
  FerrydGroup *group = ferryd_groups_find (groups, application, name);

  if (group != NULL)
    return group;
  group = g_new0 (FerrydGroup, 1);
  group->application = g_strdup (application);
  group->name = g_strdup (name);
  g_hash_table_add (groups->table, group);
  return group;
}

/* It goes when nothing is to be known of it any more. */
static void
check (FerrydGroups *groups, FerrydGroup *group)
{
  if (group->operations == 0 && group->behavior == FERRY_GROUP_BEHAVIOR_PARALLEL)
    g_hash_table_remove (groups->table, group);
}

/**
 * ferryd_groups_enter:
 * @groups: the groups
 * @application: an application
 * @name: of a group, `""` for none
 *
 * Counts one operation more of the group.
 *
 * Returns: (transfer none): the group
 */
FerrydGroup *
ferryd_groups_enter (FerrydGroups *groups, const char *application, const char *name)
{
  FerrydGroup *group = get (groups, application, name);

  group->operations++;
  return group;
}

/**
 * ferryd_groups_leave:
 * @groups: the groups
 * @group: of an operation that goes
 */
void
ferryd_groups_leave (FerrydGroups *groups, FerrydGroup *group)
{
  group->operations--;
  check (groups, group);
}

/**
 * ferryd_groups_get_behavior:
 * @groups: the groups
 * @application: an application
 * @name: of a group, which need not be there
 *
 * Returns: how its operations run
 */
FerryGroupBehavior
ferryd_groups_get_behavior (FerrydGroups *groups, const char *application, const char *name)
{
  const FerrydGroup *group = ferryd_groups_find (groups, application, name);

  return group != NULL ? group->behavior : FERRY_GROUP_BEHAVIOR_PARALLEL;
}

/**
 * ferryd_groups_set_behavior:
 * @groups: the groups
 * @application: an application
 * @name: of a group, which need not be there
 * @behavior: how its operations run from now on; none of them stands in a lane
 */
void
ferryd_groups_set_behavior (FerrydGroups *groups, const char *application, const char *name,
                            FerryGroupBehavior behavior)
{
  FerrydGroup *group = get (groups, application, name);

  group->behavior = behavior;
  check (groups, group);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  const FerrydGroup *const *one = a;
  const FerrydGroup *const *other = b;

  return g_strcmp0 ((*one)->name, (*other)->name);
}

/**
 * ferryd_groups_list:
 * @groups: the groups
 * @application: an application
 *
 * Returns: (transfer container) (element-type FerrydGroup): its groups that have a name, in the names' order
 */
GPtrArray *
ferryd_groups_list (FerrydGroups *groups, const char *application)
{
  GPtrArray *list = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, groups->table);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      FerrydGroup *group = key;

      if (group->name[0] != '\0' && g_str_equal (group->application, application))
        g_ptr_array_add (list, group);
    }
  g_ptr_array_sort (list, compare_names);
  return list;
}
