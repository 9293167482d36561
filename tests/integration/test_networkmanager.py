# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The real NetworkManager, with cables that are pulled, and what becomes of transfers. Judged at the server."""

import os
import time

import pytest
from ferrykit.cable import SERVER_ADDRESS, FarSide, NetworkManager, prepare_namespace, run
from ferrykit.cases import CASES
from ferrykit.conditions import begin, check_goes_on, check_paused, told, wait_told
from ferrykit.server import Server

FULL = os.environ.get("FERRY_TEST_FULL") == "1"
DOWN = 15 if FULL else 8  # seconds: NetworkManager gives a connection without a carrier up after about six
ONLINE = b"NetworkManager is online\n"  # what it expects where nothing stands between

pytestmark = pytest.mark.world(system_bus=True, start=False)


@pytest.fixture
def far():
    """The other end of two cables."""
    prepare_namespace()
    made = FarSide()
    made.add_cable("office", 1)
    made.add_cable("phone", 2)
    yield made
    made.stop()


@pytest.fixture
def server(far):
    """The scripted server there. Its attribute `portal` says what stands between."""
    def answer(exchange):
        exchange.reply(302, "Location: http://login.example/") if made.portal else exchange.reply(200, body=ONLINE)

    made = far.make(lambda: Server({**CASES, "connectivity": answer}, host=SERVER_ADDRESS))
    made.portal = False
    yield made
    made.stop()
    assert not made.failures, made.failures


@pytest.fixture
def network(world, far, server):
    """NetworkManager, connected by one cable, and the service."""
    made = NetworkManager(world, server.url("connectivity"))
    made.add_profile("office", 1)
    made.add_profile("phone", 2, metric=50, autoconnect="false", metered=1)
    made.start()
    world.daemon.start()
    wait_told(world, ("unrestricted", "full"), timeout=10)
    return made


def accepted(server):
    """Connections that the server has accepted, less NetworkManager's own."""
    return server.connections - len({request.connection for request in server.requests_of("connectivity")})


def test_metered(world, network, server):
    careful = begin(world, server, "careful", policy="unrestricted-only")
    default, always = begin(world, server, "default"), begin(world, server, "always", policy="always")
    network.set_metered("office", "yes")
    check_paused(world, server, careful, "careful", "paused-costed-network", ["cost.metered"])
    assert world.client.get(careful, "StateReason") == "Waiting for an unmetered network"
    assert [world.client.get(path, "BlockedBy") for path in (default, always)] == [[], []]
    so_far = accepted(server)
    never = world.client.create(server.url("normal"), world.path("never"), start=True, cost_policy="unrestricted-only")
    world.client.wait(never, "paused-costed-network")
    assert [world.client.wait(path)["State"] for path in (default, always)] == ["completed"] * 2
    assert accepted(server) == so_far, "not even a connection"
    # The user's switch makes the same of any other that does not always run.
    strict = begin(world, server, "strict")
    world.set_setting("restrict-background-data", "true")
    check_paused(world, server, strict, "strict", "paused-costed-network", ["cost.metered"])
    world.set_setting("restrict-background-data", "false")
    check_goes_on(world, server, strict, "strict")
    so_far = accepted(server)
    # Killed, and started by the bus for the next call.
    world.daemon.kill()
    world.client.wait(never, "paused-costed-network", timeout=5)
    # Away for a moment.
    network.stop()
    world.client.iterate(0.5)
    assert told(world) == ("variable", "full")
    network.start()
    world.client.iterate(0.5)
    assert told(world) == ("variable", "full")
    assert world.client.get(never, "BlockedBy") == ["cost.metered"] and accepted(server) == so_far
    # Hung: the last answer holds, and nothing waits for another.
    network.freeze()
    asked = time.monotonic()
    paths = [world.client.create(server.url("normal", name), world.path(name), start=True) for name in "abc"]
    assert [world.client.wait(path)["State"] for path in paths] == ["completed"] * 3
    assert told(world) == ("variable", "full") and time.monotonic() - asked < 5 * world.client.scale
    network.thaw()
    assert [len(server.requests_of("slow", name)) for name in ("careful", "default", "always")] == [1, 1, 1]
    assert not server.requests_of("normal", "never")

    network.set_metered("office", "no")
    check_goes_on(world, server, careful, "careful")
    assert world.client.wait(never)["State"] == "completed"


def test_link_down(world, network, far, server):
    """A cable that is pulled for fifteen seconds costs no retry, whenever what fails fails."""
    # GLib 2.74 loses a kilobyte of a connection that is given up while its address goes.
    world.daemon.restart(leaks=False)
    wait_told(world, ("unrestricted", "full"), timeout=10)
    path = begin(world, server, "a")
    pulled = far.set_carrier("office", False)
    late = world.client.create(server.url("slow", "late", rate=1_000_000), world.path("late"), start=True)
    for each in (path, late):
        world.client.wait(each, "paused-no-network", timeout=DOWN * 2)
        assert world.client.get(each, "BlockedBy") == ["network.none"]
        assert world.client.get(each, "StateReason") == "Waiting for a network"
    held = world.client.get(path, "BytesReceived")
    while time.monotonic() - pulled < DOWN:
        world.client.iterate(0.1)
    assert told(world)[1] == "none"
    far.set_carrier("office", True)
    for each in (path, late):
        final = world.client.wait(each)
        assert (final["State"], final["Attempt"], final["ErrorStatus"]) == ("completed", 1, ""), final
    first, *others = server.requests_of("slow", "a")
    assert others[-1].first >= held > 0 and all(other.first > 0 for other in others)


def test_reach(world, network, server):
    """A captive portal is waiting, not failure."""
    path = begin(world, server, "a")
    server.portal = True
    assert network.check_connectivity() == "portal"
    check_paused(world, server, path, "a", "paused-no-network", ["network.portal"])
    assert world.client.get(path, "StateReason") == "Waiting for somebody to sign in to the network"
    late = world.client.create(server.url("normal"), world.path("late"), start=True)
    world.client.wait(late, "paused-no-network")
    world.client.iterate(0.3)
    assert len(server.requests_of("slow")) == 1 and not server.requests_of("normal")
    server.portal = False
    assert network.check_connectivity() == "full"
    check_goes_on(world, server, path, "a")
    assert world.client.wait(late)["State"] == "completed"


def test_another_connection(world, network, far, server):
    """A connection that takes over is another cost; what hung on the former begins anew, and beneath a tunnel both are
    what counts."""
    always, careful = begin(world, server, "always", policy="always"), begin(world, server, "careful", policy="unrestricted-only")
    network.nmcli("connection", "up", "phone")
    check_paused(world, server, careful, "careful", "paused-costed-network", ["cost.metered"])
    # Its address goes, and nobody tells either end of the connection.
    network.nmcli("connection", "down", "office")
    final = world.client.wait(always)
    assert (final["State"], final["Attempt"], final["ErrorStatus"]) == ("completed", 1, ""), final
    assert told(world) == ("variable", "full")
    network.add_tunnel("tunnel", 10)
    world.client.iterate(0.5)
    assert told(world)[0] == "variable"
    assert world.client.get(careful, "BlockedBy") == ["cost.metered"]
    network.set_metered("phone", "no")
    check_goes_on(world, server, careful, "careful")


def test_manages_nothing(world, far, server):
    """Somebody else has made the address and the default route: what NetworkManager says is not about that."""
    run("ip", "address", "add", "10.77.1.1/24", "dev", "office")
    run("ip", "link", "set", "office", "up")
    network = NetworkManager(world, server.url("connectivity"), unmanaged="*")
    network.start(state=20)
    world.daemon.start()
    # Without a route there is no network.
    path = world.client.create(server.url("normal"), world.path("a"), start=True, cost_policy="unrestricted-only")
    world.client.wait(path, "paused-no-network", timeout=5)
    assert server.connections == 0
    run("ip", "route", "add", "default", "via", "10.77.1.2")
    # Nobody tells of it.
    assert world.client.wait(path, timeout=30)["State"] == "completed"
    assert told(world) == ("unknown", "unknown")
