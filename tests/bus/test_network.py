# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What NetworkManager says, and what becomes of transfers. Judged at the server."""

import time

import pytest
from ferrykit.conditions import begin, check_goes_on, check_paused, heard, listen, told, wait_told
from ferrykit.mocks import NetworkManager, default_route_interfaces
from ferrykit.world import SCALE

pytestmark = pytest.mark.world(system_bus=True, start=False)


@pytest.fixture
def network(world):
    """A NetworkManager, connected and not metered."""
    return NetworkManager(world)


def test_what_it_says(world, network):
    network.start()
    world.daemon.start()
    wait_told(world, ("unrestricted", "full"), timeout=2)
    listen(world)
    steps = [
        ({"metered": "yes"}, ("variable", "full"), [("NetworkCost", "variable")]),
        ({"metered": "guess-no"}, ("unrestricted", "full"), [("NetworkCost", "unrestricted")]),
        ({"metered": "guess-yes"}, ("variable", "full"), [("NetworkCost", "variable")]),
        ({"metered": "unknown"}, ("unknown", "full"), [("NetworkCost", "unknown")]),
        ({"metered": "no"}, ("unrestricted", "full"), [("NetworkCost", "unrestricted")]),
        ({"connectivity": "limited"}, ("unrestricted", "limited"), [("Connectivity", "limited")]),
        ({"connectivity": "portal"}, ("unrestricted", "portal"), [("Connectivity", "portal")]),
        ({"connectivity": "none"}, ("unrestricted", "none"), [("Connectivity", "none")]),
        ({"connectivity": "unknown"}, ("unrestricted", "unknown"), [("Connectivity", "unknown")]),
        ({"connectivity": "full"}, ("unrestricted", "full"), [("Connectivity", "full")]),
        ({"state": "disconnected"}, ("unrestricted", "none"), [("Connectivity", "none")]),
        ({"state": "asleep"}, ("unrestricted", "none"), []),
        ({"state": "global"}, ("unrestricted", "full"), [("Connectivity", "full")]),
        # Of one message one change: nobody sees what holds only in the middle.
        ({"metered": "yes", "connectivity": "none"}, ("variable", "none"),
         [("Connectivity", "none"), ("NetworkCost", "variable")]),
    ]
    expected = []
    for change, answer, signals in steps:
        network.say(**change)
        wait_told(world, answer)
        expected += signals
        world.client.iterate(0.05)
        assert sorted(heard(world)[-2:]) == sorted(expected[-2:]) and len(heard(world)) == len(expected), change


def test_metered_pauses_unrestricted_only(world, network, server):
    network.start()
    world.daemon.start()
    careful = begin(world, server, "careful", policy="unrestricted-only")
    default = begin(world, server, "default")
    network.say(metered="yes")
    check_paused(world, server, careful, "careful", "paused-costed-network", ["cost.metered"])
    assert world.client.wait(default)["State"] == "completed"
    assert len(server.requests_of("slow", "default")) == 1
    assert len(server.requests_of("slow", "careful")) == 1
    network.say(metered="no")
    check_goes_on(world, server, careful, "careful")


def test_never_begins_on_a_metered_network(world, network, server):
    network.properties["metered"] = "guess-yes"
    network.start()
    world.daemon.start()
    path = world.client.create(server.url("normal"), world.path("a"), start=True, cost_policy="unrestricted-only")
    world.client.wait(path, "paused-costed-network", timeout=2)
    world.client.iterate(0.3)
    world.daemon.restart()
    world.client.wait(path, "paused-costed-network", timeout=2)
    world.client.iterate(0.3)
    assert server.connections == 0
    network.say(metered="guess-no")
    assert world.client.wait(path)["State"] == "completed"


def test_what_is_created_with_the_change(world, network, server):
    """There is no moment in which it still looks free of charge."""
    network.start()
    world.daemon.start()
    wait_told(world, ("unrestricted", "full"), timeout=2)
    for number in range(5):
        network.say(metered="yes")
        path = world.client.create(server.url("normal"), world.path(f"a{number}"), start=True,
                                   cost_policy="unrestricted-only")
        world.client.wait(path, "paused-costed-network", timeout=2)
        world.client.verb(path, "Cancel")
        network.say(metered="no")
        wait_told(world, ("unrestricted", "full"))
    assert server.connections == 0


@pytest.mark.parametrize("value, cause", [("none", "network.none"), ("portal", "network.portal")])
def test_without_connectivity(world, network, server, value, cause):
    network.start()
    world.daemon.start()
    path = begin(world, server, "a")
    network.say(connectivity=value)
    check_paused(world, server, path, "a", "paused-no-network", [cause])
    world.client.iterate(0.3)
    assert len(server.requests_of("slow")) == 1
    network.say(connectivity="full")
    check_goes_on(world, server, path, "a")


def test_restart_of_networkmanager(world, network, server):
    network.properties["metered"] = "yes"
    network.start()
    world.daemon.start()
    careful = world.client.create(server.url("normal"), world.path("b"), start=True, cost_policy="unrestricted-only")
    world.client.wait(careful, "paused-costed-network", timeout=2)
    path = begin(world, server, "a")
    listen(world)
    network.stop()
    network.start()
    # As long as what was known before would have held without it.
    world.client.iterate(2.2)
    assert heard(world) == [], "a restart is no news"
    network.stop()
    network.properties["metered"] = "no"
    network.start()
    wait_told(world, ("unrestricted", "full"))
    assert heard(world) == [("NetworkCost", "unrestricted")]
    assert world.client.wait(careful)["State"] == "completed"
    assert world.client.wait(path)["State"] == "completed"
    assert len(server.requests_of("slow")) == 1


def test_networkmanager_leaves(world, network, server):
    network.properties.update(metered="yes", connectivity="limited")
    network.start()
    world.daemon.start()
    path = world.client.create(server.url("normal"), world.path("a"), start=True, cost_policy="unrestricted-only")
    world.client.wait(path, "paused-costed-network", timeout=2)
    left = time.monotonic()
    network.stop()
    world.client.wait_until(lambda: told(world) == ("unknown", "unknown"), 4)
    assert time.monotonic() - left > 1.9, "it might have come back"
    assert world.client.wait(path)["State"] == "completed"
    network.start()
    wait_told(world, ("variable", "limited"), timeout=2)


def test_absent(world, network, server):
    """Known at once, not after two seconds."""
    world.daemon.start()
    started = time.monotonic()
    path = world.client.create(server.url("normal"), world.path("a"), start=True, cost_policy="unrestricted-only")
    assert world.client.wait(path)["State"] == "completed"
    assert time.monotonic() - started < 1 * SCALE
    assert told(world) == ("unknown", "unknown")
    network.properties["metered"] = "yes"
    network.start()
    wait_told(world, ("variable", "full"), timeout=2)


@pytest.mark.world(system_bus=False)
def test_without_a_system_bus(world, server):
    started = time.monotonic()
    path = world.client.create(server.url("normal"), world.path("a"), start=True, cost_policy="unrestricted-only")
    assert world.client.wait(path)["State"] == "completed"
    assert time.monotonic() - started < 1 * SCALE
    assert told(world) == ("unknown", "unknown")


def test_system_bus_goes(world, network, server):
    """It takes the session's service with it as little as NetworkManager does."""
    network.properties["metered"] = "yes"
    network.start()
    world.daemon.start()
    path = world.client.create(server.url("normal"), world.path("a"), start=True, cost_policy="unrestricted-only")
    world.client.wait(path, "paused-costed-network", timeout=2)
    world.system_bus.stop()
    assert world.client.wait(path)["State"] == "completed"
    assert told(world) == ("unknown", "unknown")
    network.stop()
    world.system_bus.start()
    network.start()
    wait_told(world, ("variable", "full"), timeout=5)


def test_hung(world, network, server):
    """Nothing starts before the first answer; two seconds are enough to wait for it, and nothing else waits."""
    network.properties["metered"] = "yes"
    network.start()
    network.freeze()
    world.daemon.start()
    started = time.monotonic()
    path = world.client.create(server.url("normal"), world.path("a"), start=True, cost_policy="unrestricted-only")
    slowest = 0
    while time.monotonic() - started < 1.5:
        asked = time.monotonic()
        assert world.client.get(path, "State") == "queued"
        slowest = max(slowest, time.monotonic() - asked)
        time.sleep(0.05)
    assert server.connections == 0 and world.client.get(path, "BlockedBy") == ["slot"]
    assert slowest < 0.5 * SCALE
    assert world.client.wait(path, timeout=2)["State"] == "completed"
    assert told(world) == ("unknown", "unknown")
    network.thaw()
    wait_told(world, ("variable", "full"), timeout=2)


def test_hangs_later(world, network, server):
    """What was said last holds, and nothing waits."""
    network.start()
    world.daemon.start()
    wait_told(world, ("unrestricted", "full"), timeout=2)
    network.freeze()
    path = world.client.create(server.url("normal"), world.path("a"), start=True, cost_policy="unrestricted-only")
    assert world.client.wait(path)["State"] == "completed"
    assert told(world) == ("unrestricted", "full")


def test_manages_nothing(world, server):
    """Where others made the kernel's default route, being disconnected is none of NetworkManager's business."""
    network = NetworkManager(world, manages=False, state="disconnected", metered="yes")
    network.start()
    world.daemon.start()
    if default_route_interfaces():
        path = world.client.create(server.url("normal"), world.path("a"), start=True, cost_policy="unrestricted-only")
        assert world.client.wait(path)["State"] == "completed"
        assert told(world) == ("unknown", "unknown")
    else:
        wait_told(world, ("variable", "none"), timeout=2)
