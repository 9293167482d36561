# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What conditions come from, played as plainly as anybody may play it: with few properties, without the objects that the
real ones have, by dbusmock's templates as they are; there before the service is, or later, and again."""

import time

import pytest
from ferrykit.client import MANAGER, ROOT, GLib
from ferrykit.conditions import begin, check_goes_on, check_paused, told, wait_told
from ferrykit.mocks import Logind, Mock, ModemManager, NetworkManager, Plain

NM, NM_PATH = "org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager"
ACTIVE = f"{NM_PATH}/ActiveConnection/1"
UPOWER, UPOWER_PATH = "org.freedesktop.UPower", "/org/freedesktop/UPower"
DISPLAY, DEVICE = f"{UPOWER_PATH}/devices/DisplayDevice", f"{UPOWER}.Device"
NO, YES = 2, 1  # NMMetered
NONE, PORTAL, FULL = 1, 2, 4  # NMConnectivityState
DISCONNECTED, GLOBAL = 20, 70  # NMState
FINE, LOW = 1, 3  # UPower's warning levels

pytestmark = pytest.mark.world(system_bus=True, start=False)


def numbers(**values):
    """Properties that are unsigned numbers."""
    return {name: GLib.Variant("u", value) for name, value in values.items()}


class Network:
    """A NetworkManager of one `kind`: dbusmock's template, or nothing but a few properties."""

    KINDS = {
        "template": {},
        "without a tree": {"State": GLib.Variant("u", GLOBAL)},
        "without state": {},
        "no connection": {"State": GLib.Variant("u", GLOBAL), "PrimaryConnection": GLib.Variant("o", "/")},
        "connection without object": {"State": GLib.Variant("u", GLOBAL), "PrimaryConnection": GLib.Variant("o", ACTIVE)},
    }

    def __init__(self, world, kind):
        self.kind = kind
        self.mock = Plain(world, NM, NM_PATH, NM, "networkmanager" if kind == "template" else None,
                          main=None if kind == "without a tree" else "/org/freedesktop", start=False)

    def start(self, metered):
        """Comes to the bus, connected."""
        self.mock.start()
        if self.kind == "template":
            self.mock.add(Metered=GLib.Variant("u", 0))
            self.say(Metered=metered)
        elif self.kind == "without a tree":
            self.mock.add(**numbers(Metered=0, Connectivity=0), **self.KINDS[self.kind])
            self.say(Metered=metered, Connectivity=FULL)
        else:
            self.mock.add_object(NM_PATH, NM, **numbers(Metered=metered, Connectivity=FULL), **self.KINDS[self.kind])

    def say(self, **values):
        """What it says from now on."""
        return self.mock.set(**numbers(**values))


@pytest.mark.parametrize("kind", Network.KINDS)
def test_networkmanager(world, server, kind):
    network = Network(world, kind)
    network.start(YES)
    world.daemon.start()
    wait_told(world, ("variable", "full"), timeout=1.5)
    never = world.client.create(server.url("normal"), world.path("never"), start=True, cost_policy="unrestricted-only")
    world.client.wait(never, "paused-costed-network", timeout=2)
    network.say(Connectivity=PORTAL)
    wait_told(world, ("variable", "portal"))
    network.say(Connectivity=NONE)
    wait_told(world, ("variable", "none"))
    assert world.client.get(never, "BlockedBy") == ["network.none", "cost.metered"]
    if kind != "without state":
        # Another default route of this machine is nothing that takes over here.
        network.say(State=DISCONNECTED)
        world.client.iterate(0.2)
        assert told(world) == ("variable", "none")
        network.say(State=GLOBAL)
    network.say(Connectivity=FULL)
    wait_told(world, ("variable", "full"))
    assert server.connections == 0
    network.say(Metered=NO)
    assert world.client.wait(never)["State"] == "completed"


@pytest.mark.parametrize("kind", ["template", "without a tree", "no connection"])
def test_networkmanager_comes_later(world, server, kind):
    network = Network(world, kind)
    world.daemon.start()
    careful = begin(world, server, "careful", policy="unrestricted-only")
    assert told(world) == ("unknown", "unknown")
    network.start(YES)
    check_paused(world, server, careful, "careful", "paused-costed-network", ["cost.metered"])
    if kind == "no connection":  # the others cannot be metered from their first moment on
        # What it said holds for a moment.
        network.mock.stop()
        network.start(YES)
        world.client.iterate(2.2)
    assert told(world) == ("variable", "full") and len(server.requests_of("slow")) == 1
    network.mock.stop()
    check_goes_on(world, server, careful, "careful")
    assert told(world) == ("unknown", "unknown")


def test_plan_of_a_connection_without_a_device(world, server):
    """By nothing but its UUID."""
    uuid = "5f2fe4a5-b5c2-4f0d-9d0b-d6b3c3c7f5a1"
    network = Network(world, "connection without object")
    network.start(NO)
    network.mock.add_object(ACTIVE, f"{NM}.Connection.Active", Uuid=GLib.Variant("s", uuid), Id=GLib.Variant("s", "Phone"),
                            Type=GLib.Variant("s", "gsm"))
    world.write_settings({"retry-delay": 20, "idle-exit": 0, "data-plans": f"{{'{uuid}': (uint64 1000, uint32 1)}}",
                          "restrict-background-data": "true"})
    world.daemon.start()
    wait_told(world, ("unrestricted", "full"), timeout=1.5)
    path = begin(world, server, "a", policy="always")
    network.say(Metered=YES)
    wait_told(world, ("fixed", "full"))
    world.client.manager("SetDataUsage", "(st)", uuid, 1001)
    check_paused(world, server, path, "a", "paused-costed-network", ["cost.over-limit"])
    world.set_setting("restrict-background-data", "false")
    check_goes_on(world, server, path, "a")


def power(world):
    """Manager's OnBattery and BatterySaver."""
    return tuple(world.client.get(ROOT, name, MANAGER) for name in ("OnBattery", "BatterySaver"))


@pytest.mark.parametrize("first", ["upower", "service"])
def test_upower_with_two_properties(world, server, first):
    """No device but the one that stands for all, and that comes late and unannounced."""
    mock = Plain(world, UPOWER, UPOWER_PATH, UPOWER, start=False)
    if first == "service":
        world.daemon.start()
    mock.start()
    mock.add(OnBattery=GLib.Variant("b", False))
    if first == "upower":
        world.daemon.start()
    begun = begin(world, server, "a")
    mock.add_object(DISPLAY, DEVICE, **numbers(WarningLevel=LOW, State=2))
    mock.set(OnBattery=GLib.Variant("b", True))
    check_paused(world, server, begun, "a", "paused-system-policy", ["power.saver"])
    assert power(world) == (True, True)
    mock.set(DISPLAY, DEVICE, **numbers(WarningLevel=FINE))
    check_goes_on(world, server, begun, "a")
    assert power(world) == (True, False)


def test_upower_with_one_property(world, server):
    mock = Plain(world, UPOWER, UPOWER_PATH, UPOWER, start=False)
    mock.start()
    mock.add(OnBattery=GLib.Variant("b", True))
    started = time.monotonic()
    world.daemon.start()
    path = world.client.create(server.url("normal"), world.path("a"), start=True)
    assert world.client.wait(path)["State"] == "completed"
    assert time.monotonic() - started < 1.5 * world.client.scale, "nobody waits for a device that is not there"
    assert power(world) == (True, False)


def everybody(world):
    """The whole machine: connected by a modem at home, on mains."""
    network, modem = NetworkManager(world, manages=False), ModemManager(world)
    network.start()
    network.set_primary(network.connect("modem", "lo", udi=modem.MODEM))
    upower = Mock(world, UPOWER, UPOWER_PATH, UPOWER, "upower")
    profiles = Mock(world, "net.hadess.PowerProfiles", "/net/hadess/PowerProfiles", "net.hadess.PowerProfiles",
                    "power_profiles_daemon")
    return network, modem, upower, profiles, Logind(world)


def slowest_answer(world, path, seconds):
    """Of many calls, for so long."""
    until, slowest = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        asked = time.monotonic()
        world.client.get(path, "State")
        world.client.manager("ListConnections")
        slowest = max(slowest, time.monotonic() - asked)
        world.client.iterate(0.02)
    return slowest


@pytest.mark.parametrize("when", ["at the start", "in the middle"])
def test_everybody_hangs(world, server, when):
    """Calls are answered, what runs goes on, what begins begins, and the end comes when it is asked for."""
    mocks = everybody(world)
    if when == "in the middle":
        world.daemon.start()
        wait_told(world, ("unrestricted", "full"), timeout=5)
        path = begin(world, server, "a")
    for mock in mocks:
        mock.freeze()
    if when == "at the start":
        world.daemon.start()
        path = world.client.create(server.url("slow", "a", size=1_200_000, rate=400_000), world.path("a"), start=True)
    assert slowest_answer(world, path, 1.5) < 0.5 * world.client.scale
    careful = world.client.create(server.url("normal"), world.path("b"), start=True, cost_policy="unrestricted-only")
    for each in (path, careful):
        assert world.client.wait(each, timeout=10)["State"] == "completed"
    assert len(server.requests_of("slow")) == 1
    known = ("unknown", "unknown") if when == "at the start" else ("unrestricted", "full")
    assert told(world) == known
    assert world.daemon.end() == []
