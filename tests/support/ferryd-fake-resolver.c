/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-fake-resolver.h"

/* Addresses that `many.example` has before the one somebody listens at. */
#define DEAD_ADDRESSES 6

/**
 * FerrydFakeResolver:
 *
 * Answers every question for a name without asking anybody: those that end in `.invalid` are not there,
 * `many.example` is at 127.0.0.2 and following and at last at 127.0.0.1, and every other name is at
 * 127.0.0.1.
 */
struct _FerrydFakeResolver
{
  GResolver parent_instance;
};

G_DEFINE_FINAL_TYPE (FerrydFakeResolver, ferryd_fake_resolver, G_TYPE_RESOLVER)

static GList *
list_addresses (const char *name)
{
  GList *list = NULL;
  guint n_dead = g_str_equal (name, "many.example") ? DEAD_ADDRESSES : 0;

  for (guint i = 0; i < n_dead; i++)
    {
      g_autofree char *text = g_strdup_printf ("127.0.0.%u", 2 + i);

      list = g_list_append (list, g_inet_address_new_from_string (text));
    }
  return g_list_append (list, g_inet_address_new_from_string ("127.0.0.1"));
}

static void
free_addresses (gpointer list)
{
  g_resolver_free_addresses (list);
}

static void
fake_resolver_lookup_async (GResolver *resolver, const char *name, GResolverNameLookupFlags flags,
                            GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (resolver, cancellable, callback, user_data);

  g_task_set_source_tag (task, fake_resolver_lookup_async);
  if (g_str_has_suffix (name, ".invalid") || (flags & G_RESOLVER_NAME_LOOKUP_FLAGS_IPV6_ONLY) != 0)
    g_task_return_new_error (task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "No %s", name);
  else
    g_task_return_pointer (task, list_addresses (name), free_addresses);
}

static GList *
fake_resolver_lookup_finish (GResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
ferryd_fake_resolver_class_init (FerrydFakeResolverClass *klass)
{
  GResolverClass *resolver_class = G_RESOLVER_CLASS (klass);

  resolver_class->lookup_by_name_with_flags_async = fake_resolver_lookup_async;
  resolver_class->lookup_by_name_with_flags_finish = fake_resolver_lookup_finish;
}

static void
ferryd_fake_resolver_init (FerrydFakeResolver *self)
{
}

/**
 * ferryd_fake_resolver_install:
 *
 * Makes it the resolver of this process, so that no test asks a name server.
 */
void
ferryd_fake_resolver_install (void)
{
  g_autoptr (GResolver) resolver = g_object_new (FERRYD_TYPE_FAKE_RESOLVER, NULL);

  g_resolver_set_default (resolver);
}
