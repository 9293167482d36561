/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-error.h"
#include "ferryd-list-filter.h"
#include "ferryd-queue-kit.h"

typedef FerrydQueueKit Kit;

static FerrydCaller host = { .name = ":1.1", .application = "org.example.Host" };
static FerrydCaller sandboxed = { .name = ":1.2", .application = "org.example.Box", .sandboxed = TRUE };

static FerrydListFilter *
parse (Kit *kit, const FerrydCaller *caller, const char *text, GError **error)
{
  g_autoptr (GVariant) options = g_variant_ref_sink (g_variant_new_parsed (text));

  return ferryd_list_filter_new (kit->queue, options, caller, FERRYD_ALL_KINDS, error);
}

static FerrydListFilter *
parse_good (Kit *kit, const FerrydCaller *caller, const char *text)
{
  g_autoptr (GError) error = NULL;
  FerrydListFilter *filter = parse (kit, caller, text, &error);

  g_assert_no_error (error);
  return filter;
}

static void
refuse (Kit *kit, const FerrydCaller *caller, const char *text, int code, const char *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydListFilter) filter = parse (kit, caller, text, &error);

  g_assert_null (filter);
  g_assert_error (error, FERRY_ERROR, code);
  g_assert_nonnull (strstr (error->message, key));
}

static void
test_defaults (Kit *kit, gconstpointer data)
{
  g_autoptr (FerrydListFilter) filter = parse_good (kit, &host, "@a{sv} {}");

  g_assert_cmpstr (filter->application, ==, "org.example.Host");
  g_assert_null (filter->group);
  g_assert_false (filter->has_after);
  g_assert_cmpuint (filter->kinds, ==, FERRYD_ALL_KINDS);
  g_assert_cmpuint (filter->states, ==, 0);
  g_assert_cmpuint (filter->limit, ==, 0);
  g_assert_true (filter->properties == 0);
}

static void
test_everything (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_create (kit, "file", "{}");
  char text[FERRYD_ID_TEXT_SIZE];
  g_autofree char *options = NULL;
  g_autoptr (FerrydListFilter) filter = NULL;
  FerrydFilter for_queue;
  guint state, title;

  ferryd_id_format (&id, text);
  options =
      g_strdup_printf ("{'group': <''>, 'states': <['idle', 'error']>, 'all': <true>, 'limit': <byte 4>, "
                       "'after': <'%s'>, 'properties': <['Title', 'State', 'State']>}",
                       text);
  filter = parse_good (kit, &host, options);
  g_assert_null (filter->application);
  g_assert_cmpstr (filter->group, ==, "");
  g_assert_cmpuint (filter->states, ==, 1u << FERRY_STATE_IDLE | 1u << FERRY_STATE_ERROR);
  g_assert_cmpuint (filter->limit, ==, 4);
  g_assert_true (ferryd_operation_properties_find (NULL, "State", &state));
  g_assert_true (ferryd_operation_properties_find (NULL, "Title", &title));
  g_assert_true (filter->properties == (FERRYD_PROPERTY (state) | FERRYD_PROPERTY (title)));

  for_queue = ferryd_list_filter_for_queue (filter);
  g_assert_null (for_queue.application);
  g_assert_cmpstr (for_queue.group, ==, "");
  g_assert_true (ferryd_id_equal (for_queue.after, &id));
  g_assert_cmpuint (for_queue.kinds, ==, FERRYD_ALL_KINDS);
  g_assert_cmpuint (for_queue.states, ==, filter->states);
  g_assert_cmpuint (for_queue.limit, ==, 4);
}

static void
test_refused (Kit *kit, gconstpointer data)
{
  refuse (kit, &host, "{'colour': <'red'>}", FERRY_ERROR_INVALID_ARGUMENT, "colour");
  refuse (kit, &host, "{'states': <['idle', 'asleep']>}", FERRY_ERROR_INVALID_ARGUMENT, "states");
  refuse (kit, &host, "{'states': <'idle'>}", FERRY_ERROR_INVALID_ARGUMENT, "states");
  refuse (kit, &host, "{'properties': <['State', 'Colour']>}", FERRY_ERROR_INVALID_ARGUMENT, "properties");
  refuse (kit, &host, "{'limit': <-1>}", FERRY_ERROR_INVALID_ARGUMENT, "limit");
  refuse (kit, &host, "{'after': <'x'>}", FERRY_ERROR_INVALID_ARGUMENT, "after");
  refuse (kit, &host, "{'after': <'0123456789abcdef0123456789abcdef'>}", FERRY_ERROR_NOT_FOUND, "after");
}

/* Whose operations: what a host caller says, and of a sandboxed one its own in every case. */
static void
test_application (Kit *kit, gconstpointer data)
{
  g_autoptr (FerrydListFilter) named = parse_good (kit, &host, "{'application-id': <'org.example.Other'>}");
  g_autoptr (FerrydListFilter) none = parse_good (kit, &host, "{'application-id': <''>}");
  g_autoptr (FerrydListFilter) own = parse_good (kit, &sandboxed, "{'all': <false>}");
  g_autoptr (FerrydListFilter) own_named =
      parse_good (kit, &sandboxed, "{'application-id': <'org.example.Box'>}");

  g_assert_cmpstr (named->application, ==, "org.example.Other");
  g_assert_cmpstr (none->application, ==, "");
  g_assert_cmpstr (own->application, ==, "org.example.Box");
  g_assert_cmpstr (own_named->application, ==, "org.example.Box");
  refuse (kit, &sandboxed, "{'all': <true>}", FERRY_ERROR_ACCESS_DENIED, "all");
  refuse (kit, &sandboxed, "{'application-id': <'org.example.Host'>}", FERRY_ERROR_ACCESS_DENIED,
          "application-id");
}

/* To a sandboxed caller another's operation is not there. */
static void
test_after_of_others (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_create (kit, "file", "{}");
  char text[FERRYD_ID_TEXT_SIZE];
  g_autofree char *options = NULL;
  g_autoptr (FerrydListFilter) filter = NULL;

  ferryd_id_format (&id, text);
  options = g_strdup_printf ("{'after': <'%s'>}", text);
  filter = parse_good (kit, &host, options);
  g_assert_true (filter->has_after);
  refuse (kit, &sandboxed, options, FERRY_ERROR_NOT_FOUND, "after");
}

static void
test_matches (Kit *kit, gconstpointer data)
{
  FerrydListFilter filter = { .kinds = FERRYD_ALL_KINDS };
  FerrydDescription description = {
    .kind = FERRY_KIND_DOWNLOAD,
    .application = "a",
    .group = "g",
    .state = FERRY_STATE_RUNNING,
  };

  g_assert_true (ferryd_list_filter_matches (&filter, &description));
  filter = (FerrydListFilter){ "a", "g", .kinds = FERRYD_KIND (FERRY_KIND_DOWNLOAD),
                               .states = 1u << FERRY_STATE_RUNNING };
  g_assert_true (ferryd_list_filter_matches (&filter, &description));
  filter.application = "b";
  g_assert_false (ferryd_list_filter_matches (&filter, &description));
  filter.application = NULL;
  filter.group = "";
  g_assert_false (ferryd_list_filter_matches (&filter, &description));
  filter.group = NULL;
  filter.kinds = FERRYD_KIND (FERRY_KIND_UPLOAD);
  g_assert_false (ferryd_list_filter_matches (&filter, &description));
  filter.kinds = FERRYD_ALL_KINDS;
  filter.states = 1u << FERRY_STATE_IDLE;
  g_assert_false (ferryd_list_filter_matches (&filter, &description));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/list-filter/" name, Kit, NULL, ferryd_queue_kit_set_up, function, ferryd_queue_kit_tear_down)
  ADD ("defaults", test_defaults);
  ADD ("everything", test_everything);
  ADD ("refused", test_refused);
  ADD ("application", test_application);
  ADD ("after-of-others", test_after_of_others);
  ADD ("matches", test_matches);
#undef ADD
  return g_test_run ();
}
