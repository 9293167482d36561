/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-default-route.h"

#define HEADER "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT   \n"
#define NONE6 "00000000000000000000000000000000"
#define REST6 " 00 fe800000000000000000000000000001 00000400 00000002 00000000 "

static void
assert_interfaces (const char *ipv4, const char *ipv6, const char *expected)
{
  g_auto (GStrv) names = ferryd_default_route_parse (ipv4, ipv6);
  g_autofree char *joined = g_strjoinv (" ", names);

  g_assert_cmpstr (joined, ==, expected);
}

static void
test_ipv4 (void)
{
  assert_interfaces (HEADER "eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0   \n"
                            "wlan0\t00000000\t010200C0\t0003\t0\t0\t600\t00000000\t0\t0\t0   \n"
                            "eth0\t00000000\t010300C0\t0003\t0\t0\t200\t00000000\t0\t0\t0   \n"
                            "eth1\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0   \n",
                     NULL, "eth0 wlan0");
  /* Half of the world is no default; what is down or refuses is none. */
  assert_interfaces (HEADER "tun0\t00000000\t010200C0\t0003\t0\t0\t0\t00000080\t0\t0\t0   \n"
                            "eth0\t00000000\t010200C0\t0002\t0\t0\t0\t00000000\t0\t0\t0   \n"
                            "*\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0   \n",
                     NULL, "");
}

static void
test_ipv6 (void)
{
  assert_interfaces (HEADER,
                     NONE6 " 00 " NONE6 REST6 "00000003     eth0\n"
                           "fe800000000000000000000000000000 40 " NONE6 REST6 "00000001     eth1\n" NONE6
                           " 01 " NONE6 REST6 "00000003     tun0\n" NONE6 " 00 " NONE6 " 00 " NONE6
                           " ffffffff 00000001 00000000 00200200       lo\n",
                     "eth0");
}

static void
test_both (void)
{
  const char *ipv4 = HEADER "eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n";

  assert_interfaces (ipv4, NONE6 " 00 " NONE6 REST6 "00000003 eth0\n", "eth0");
  assert_interfaces (ipv4, NONE6 " 00 " NONE6 REST6 "00000003 eth1\n", "eth0 eth1");
}

static void
test_nothing (void)
{
  assert_interfaces (NULL, NULL, "");
  assert_interfaces ("", "", "");
  /* Cut in the middle of a line. */
  assert_interfaces (HEADER "eth0\t00000000\t010200C0\t00", NONE6 " 00 " NONE6, "");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/default-route/ipv4", test_ipv4);
  g_test_add_func ("/default-route/ipv6", test_ipv6);
  g_test_add_func ("/default-route/both", test_both);
  g_test_add_func ("/default-route/nothing", test_nothing);
  return g_test_run ();
}
