# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whose network it is: the modem's provider, and what lies beneath a VPN."""

import time

import pytest
from ferrykit.client import MANAGER, ROOT
from ferrykit.conditions import begin, check_goes_on, check_paused, told, wait_told
from ferrykit.mocks import ModemManager, NetworkManager
from ferrykit.world import SCALE

WWAN = "wwan7"  # no machine has it

pytestmark = pytest.mark.world(system_bus=True, start=False)


def connect_modem(network):
    """A modem is the primary connection, metered by a guess."""
    network.start()
    network.set_primary(network.connect("modem", WWAN, metered="guess-yes", udi=ModemManager.MODEM))
    network.say(metered="guess-yes")


def roaming(world):
    """Manager's Roaming."""
    return world.client.get(ROOT, "Roaming", MANAGER)


def has_library(world):
    """Whether the library of ModemManager is loaded."""
    with open(f"/proc/{world.daemon.pid}/maps", encoding="utf-8") as stream:
        return "libmm-glib" in stream.read()


def test_roaming(world, server):
    network = NetworkManager(world)
    modem = ModemManager(world)
    connect_modem(network)
    world.daemon.start()
    wait_told(world, ("variable", "full"), timeout=5)
    default, always = begin(world, server, "default"), begin(world, server, "always", policy="always")
    careful = world.client.create(server.url("normal"), world.path("careful"), start=True,
                                  cost_policy="unrestricted-only")
    world.client.wait(careful, "paused-costed-network")
    assert world.client.get(careful, "BlockedBy") == ["cost.metered"] and not roaming(world)
    modem.register(ModemManager.ROAMING)
    check_paused(world, server, default, "default", "paused-costed-network", ["cost.roaming"])
    assert roaming(world)
    assert world.client.get(default, "StateReason") == "Waiting until roaming ends"
    assert world.client.get(careful, "BlockedBy") == ["cost.roaming", "cost.metered"]
    assert world.client.wait(always)["State"] == "completed"
    assert len(server.requests_of("slow", "always")) == 1 and len(server.requests_of("slow", "default")) == 1
    modem.register(ModemManager.HOME)
    check_goes_on(world, server, default, "default")
    assert not roaming(world) and not server.requests_of("normal")


def test_roaming_from_the_beginning(world, server):
    """What NetworkManager says is not enough to begin where there is a modem."""
    modem = ModemManager(world, start=False)
    modem.state = ModemManager.ROAMING
    modem.start()
    connect_modem(NetworkManager(world))
    world.daemon.start()
    path = world.client.create(server.url("normal"), world.path("a"), start=True)
    world.client.wait(path, "paused-costed-network", timeout=5)
    world.client.iterate(0.3)
    assert server.connections == 0 and world.client.get(path, "BlockedBy") == ["cost.roaming"]
    # A modem that is not the way any more says nothing about it.
    modem.stop()
    assert world.client.wait(path)["State"] == "completed"


def test_without_modemmanager(world, server):
    network = NetworkManager(world)
    network.start()
    network.set_primary(network.connect("ethernet", "eth7"))
    world.daemon.start()
    path = world.client.create(server.url("normal"), world.path("a"), start=True)
    assert world.client.wait(path)["State"] == "completed"
    assert not has_library(world)
    network.set_primary(network.connect("modem", WWAN, metered="guess-yes", udi=ModemManager.MODEM))
    path = world.client.create(server.url("normal"), world.path("b"), start=True)
    assert world.client.wait(path)["State"] == "completed"
    world.client.wait_until(lambda: has_library(world))
    assert not roaming(world)


def test_modemmanager_hangs(world, server):
    """Two seconds are enough to wait for it."""
    modem = ModemManager(world)
    modem.freeze()
    connect_modem(NetworkManager(world))
    world.daemon.start()
    started = time.monotonic()
    path = world.client.create(server.url("normal"), world.path("a"), start=True)
    assert world.client.get(path, "State") == "queued"
    assert world.client.wait(path)["State"] == "completed"
    assert time.monotonic() - started < 4 * SCALE
    modem.state = ModemManager.ROAMING
    modem.stop()
    modem.start()
    world.client.wait_until(lambda: roaming(world), 30)


@pytest.mark.parametrize("kind", ["wireguard", "tun"])
def test_vpn(world, server, kind):
    """NetworkManager guesses that a tunnel costs nothing."""
    network = NetworkManager(world)
    modem = ModemManager(world)
    network.start()
    network.connect("wifi", "wlan7")
    network.set_primary(network.connect(kind, "vpn7"))
    network.say(metered="guess-no")
    world.daemon.start()
    wait_told(world, ("unrestricted", "full"), timeout=5)
    path = begin(world, server, "a", policy="unrestricted-only")
    network.say_device("wlan7", Metered=NetworkManager.METERED["yes"])
    check_paused(world, server, path, "a", "paused-costed-network", ["cost.metered"])
    assert told(world) == ("variable", "full")
    network.say_device("wlan7", Metered=NetworkManager.METERED["guess-no"])
    check_goes_on(world, server, path, "a")
    # Somebody said it of the tunnel itself.
    network.say(metered="yes")
    wait_told(world, ("variable", "full"))
    network.say(metered="guess-no")
    wait_told(world, ("unrestricted", "full"))
    # Another connection beneath, of a modem that roams.
    modem.register(ModemManager.ROAMING)
    network.connect("modem", WWAN, metered="guess-yes", udi=ModemManager.MODEM)
    network.disconnect("wlan7")
    world.client.wait_until(lambda: told(world) == ("variable", "full") and roaming(world), 2)
