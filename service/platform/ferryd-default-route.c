/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-default-route.h"

#include <fcntl.h>
#include <linux/ipv6_route.h>
#include <linux/route.h>
#include <unistd.h>

/* How much of a table is looked at (bytes): the kernel lists the shortest prefixes of IPv4 first, and in a
 * router's table of a million routes nobody has to wait for the last. */
#define TABLE_LIMIT (64 * 1024)

/* How a prefix without a single bit is written. */
#define ANY_IPV4 "00000000"
#define ANY_IPV6 "00000000000000000000000000000000"

/* Columns of /proc/net/route, and of /proc/net/ipv6_route. */
enum
{
  IPV4_INTERFACE = 0,
  IPV4_DESTINATION = 1,
  IPV4_FLAGS = 3,
  IPV4_MASK = 7,
  IPV4_COLUMNS = 8,
};
enum
{
  IPV6_DESTINATION = 0,
  IPV6_PREFIX_LENGTH = 1,
  IPV6_FLAGS = 8,
  IPV6_INTERFACE = 9,
  IPV6_COLUMNS = 10,
};

/* What the kernel lists but never sends anything by. */
static gboolean
is_usable (const char *flags)
{
  guint64 value = g_ascii_strtoull (flags, NULL, 16);

  return (value & RTF_UP) != 0 && (value & RTF_REJECT) == 0;
}

static void
add_interface (GPtrArray *names, const char *name)
{
  if (!g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
    g_ptr_array_add (names, g_strdup (name));
}

static GStrv
split_line (const char *line, guint columns)
{
  g_auto (GStrv) words = g_strsplit_set (line, " \t", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  guint count = 0;

  for (guint i = 0; words[i] != NULL; i++)
    if (words[i][0] != '\0')
      {
        g_strv_builder_add (builder, words[i]);
        count++;
      }
  return count >= columns ? g_strv_builder_end (builder) : NULL;
}

/**
 * ferryd_default_route_parse:
 * @ipv4: (nullable): the text of /proc/net/route, or its beginning
 * @ipv6: (nullable): the text of /proc/net/ipv6_route, or its beginning
 *
 * Returns: (transfer full): names of the interfaces that carry a default route, each once
 */
GStrv
ferryd_default_route_parse (const char *ipv4, const char *ipv6)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) lines4 = g_strsplit (ipv4 != NULL ? ipv4 : "", "\n", -1);
  g_auto (GStrv) lines6 = g_strsplit (ipv6 != NULL ? ipv6 : "", "\n", -1);

  for (guint i = 0; lines4[i] != NULL; i++)
    {
      g_auto (GStrv) words = split_line (lines4[i], IPV4_COLUMNS);

      if (words != NULL && g_str_equal (words[IPV4_DESTINATION], ANY_IPV4) &&
          g_str_equal (words[IPV4_MASK], ANY_IPV4) && is_usable (words[IPV4_FLAGS]))
        add_interface (names, words[IPV4_INTERFACE]);
    }
  for (guint i = 0; lines6[i] != NULL; i++)
    {
      g_auto (GStrv) words = split_line (lines6[i], IPV6_COLUMNS);

      if (words != NULL && g_str_equal (words[IPV6_DESTINATION], ANY_IPV6) &&
          g_str_equal (words[IPV6_PREFIX_LENGTH], "00") && is_usable (words[IPV6_FLAGS]))
        add_interface (names, words[IPV6_INTERFACE]);
    }
  g_ptr_array_add (names, NULL);
  return (GStrv) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

/* Not g_file_get_contents(): it has no limit. Nothing here can block: the kernel answers from memory. */
static char *
read_table (const char *path)
{
  g_autofree char *text = g_malloc (TABLE_LIMIT + 1);
  gsize length = 0;
  gssize got;
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    return NULL;
  while (length < TABLE_LIMIT && (got = read (fd, text + length, TABLE_LIMIT - length)) > 0)
    length += got;
  close (fd);
  text[length] = '\0';
  return g_steal_pointer (&text);
}

/**
 * ferryd_default_route_list:
 *
 * What the kernel would send by, whoever told it so. Costs two short reads of memory.
 *
 * Returns: (transfer full): names of the interfaces that carry a default route, each once; none where the
 * kernel does not tell
 */
GStrv
ferryd_default_route_list (void)
{
  g_autofree char *ipv4 = read_table ("/proc/net/route");
  g_autofree char *ipv6 = read_table ("/proc/net/ipv6_route");

  return ferryd_default_route_parse (ipv4, ipv6);
}
