# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Battery and power profile: what Manager says of them, and what they make of transfers."""

import os
import signal
import time

import pytest
from ferrykit.client import MANAGER, PROPERTIES, ROOT, GLib
from ferrykit.conditions import RATE, SIZE
from ferrykit.mocks import Mock
from ferrykit.world import SCALE

DISPLAY = "/org/freedesktop/UPower/devices/DisplayDevice"
DEVICE = "org.freedesktop.UPower.Device"
DISCHARGING, LOW, CRITICAL = 2, 3, 4
PAUSED = "paused-system-policy"
SLOW = {"rate": RATE, "size": SIZE}  # long enough to be stopped in the middle

pytestmark = pytest.mark.world(system_bus=True, start=False)


def upower(world):
    """UPower on mains."""
    return Mock(world, "org.freedesktop.UPower", "/org/freedesktop/UPower", "org.freedesktop.UPower", "upower")


def profiles(world):
    """The profile's daemon by its older name, in balance."""
    name = "net.hadess.PowerProfiles"
    return Mock(world, name, "/net/hadess/PowerProfiles", name, "power_profiles_daemon")


def battery(mock, on_battery, level):
    """What UPower says from now on."""
    mock.set(DISPLAY, DEVICE, WarningLevel=GLib.Variant("u", level))
    return mock.set(OnBattery=GLib.Variant("b", on_battery))


def power(world):
    """Manager's OnBattery and BatterySaver."""
    return tuple(world.client.get(ROOT, name, MANAGER) for name in ("OnBattery", "BatterySaver"))


def wait_power(world, expected, timeout=2):
    """Until Manager says so."""
    world.client.wait_until(lambda: power(world) == expected, timeout, lambda: f"{expected}: {power(world)}")


def begin(world, server, name, **options):
    """A download that has bytes and is not at its end; Start attaches this client."""
    path = world.client.create(server.url("slow", name, **SLOW), world.path(name), start=True, **options)
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") > 0)
    return path


def expect_saved(world, path, since=None):
    """It is paused by the saver and by nothing else, within a second of `since`."""
    found = world.client.wait(path, PAUSED, 5)
    assert since is None or time.monotonic() - since < SCALE
    assert found["BlockedBy"] == ["power.saver"]
    return found


def expect_resumed(world, server, name, path):
    """It goes on by itself with what it has, and ends whole."""
    world.client.wait(path, "running", 5)
    world.client.wait_until(lambda: len(server.requests_of("slow", name)) == 2)
    assert server.requests_of("slow", name)[-1].first > 0, "with a range"
    assert world.client.wait(path)["State"] == "completed"
    assert os.path.getsize(world.path(name)) == SLOW["size"]


def test_manager_tells_live(world):
    mock = upower(world)
    world.daemon.start()
    watcher = world.new_client()
    watcher.watches = True
    watcher.bus("AddMatch", "(s)", f"type='signal',interface='{PROPERTIES}',path='{ROOT}'")
    wait_power(world, (False, False))
    for on_battery, level, expected in (
            (True, DISCHARGING, (True, False)), (True, LOW, (True, True)), (True, CRITICAL, (True, True)),
            (False, CRITICAL, (False, False))):
        battery(mock, on_battery, level)
        wait_power(world, expected)
    watcher.iterate(0.2)
    told = [each.arguments[1] for each in watcher.signals if each.member == "PropertiesChanged" and each.path == ROOT]
    for name in ("OnBattery", "BatterySaver"):
        assert [each[name] for each in told if name in each] == [True, False], (name, told)


def test_low_battery_pauses_and_a_charger_resumes(world, server):
    mock = upower(world)
    world.daemon.start()
    path = begin(world, server, "a")
    expect_saved(world, path, battery(mock, True, LOW))
    sent = server.requests_of("slow", "a")
    assert len(sent) == 1
    world.client.wait_until(lambda: sent[0].ended == "left", 2, lambda: "the request aborted")
    battery(mock, False, LOW)
    expect_resumed(world, server, "a", path)


def test_nothing_starts_on_a_low_battery(world, server):
    mock = upower(world)
    battery(mock, True, LOW)
    world.daemon.start()
    path = world.client.create(server.url("slow", "a", **SLOW), world.path("a"), start=True)
    expect_saved(world, path)
    assert not server.requests_of("slow")


@pytest.mark.parametrize("name", ["net.hadess.PowerProfiles", "org.freedesktop.UPower.PowerProfiles"])
def test_power_saver_profile(world, server, name):
    if name.startswith("net"):
        mock = profiles(world)
    else:
        mock = Mock(world, name, "/" + name.replace(".", "/"), name)
        mock.add(ActiveProfile=GLib.Variant("s", "balanced"))
    world.daemon.start()
    path = begin(world, server, "a")
    expect_saved(world, path, mock.set(ActiveProfile=GLib.Variant("s", "power-saver")))
    assert power(world) == (False, True)
    mock.set(ActiveProfile=GLib.Variant("s", "performance"))
    expect_resumed(world, server, "a", path)


def test_high_priority_with_somebody_attached_goes_on(world, server):
    mock = upower(world)
    world.daemon.start()
    high, usual = begin(world, server, "high", priority="high"), begin(world, server, "usual")
    battery(mock, True, LOW)
    expect_saved(world, usual)
    assert world.client.get(high, "State") == "running"
    world.client.verb(high, "Detach")
    expect_saved(world, high)
    world.client.verb(high, "Attach")
    world.client.wait(high, "running", 5)
    assert world.client.get(usual, "State") == PAUSED


def test_setting_lets_all_run(world, server):
    mock = upower(world)
    world.daemon.start()
    path = begin(world, server, "a")
    battery(mock, True, LOW)
    expect_saved(world, path)
    world.set_setting("pause-on-battery-saver", "false")
    expect_resumed(world, server, "a", path)
    assert power(world) == (True, True), "it is told all the same"


def test_who_leaves_the_bus_is_believed_for_two_seconds(world, server):
    mock = upower(world)
    world.daemon.start()
    path = begin(world, server, "a")
    battery(mock, True, LOW)
    expect_saved(world, path)
    left = time.monotonic()
    mock.stop()
    wait_power(world, (False, False), 5)
    assert time.monotonic() - left > 1.8
    expect_resumed(world, server, "a", path)


def test_system_bus_comes_back(world):
    mock = upower(world)
    world.daemon.start()
    battery(mock, True, LOW)
    wait_power(world, (True, True))
    mock.stop()
    world.system_bus.stop()
    wait_power(world, (False, False), 5)
    world.system_bus.start()
    mock.start()
    mock.set(OnBattery=GLib.Variant("b", True))
    wait_power(world, (True, False), 10)


class LowUpower(Mock):
    """UPower that finds the battery low when it comes."""

    def prepare(self):
        battery(self, True, LOW)


def test_a_restart_of_upower_is_no_charger(world, server):
    """What it said holds until it says it again."""
    mock = LowUpower(world, "org.freedesktop.UPower", "/org/freedesktop/UPower", "org.freedesktop.UPower", "upower")
    world.daemon.start()
    path = world.client.create(server.url("slow", "a", **SLOW), world.path("a"), start=True)
    expect_saved(world, path)
    mock.stop()
    mock.start()
    world.client.iterate(2.2)
    assert power(world) == (True, True) and world.client.get(path, "State") == PAUSED
    assert not server.requests_of("slow")
    battery(mock, False, LOW)
    world.client.wait(path, "running", 5)


def test_a_restart_says_what_holds_then(world):
    mock = profiles(world)
    world.daemon.start()
    mock.set(ActiveProfile=GLib.Variant("s", "power-saver"))
    wait_power(world, (False, True))
    mock.stop()
    again = profiles(world)
    wait_power(world, (False, False), 5)
    again.set(ActiveProfile=GLib.Variant("s", "power-saver"))
    wait_power(world, (False, True))


def test_nonsense_is_no_answer(world):
    mock = upower(world)
    world.daemon.start()
    mock.set(DISPLAY, DEVICE, WarningLevel=GLib.Variant("s", "low"))
    mock.set(OnBattery=GLib.Variant("b", True))
    wait_power(world, (True, False))


def test_nobody_there(world, server):
    world.daemon.start()
    path = begin(world, server, "a")
    assert power(world) == (False, False)
    assert world.client.wait(path)["State"] == "completed"


def test_who_hangs_is_waited_for_two_seconds(world, server):
    mock = upower(world)
    os.kill(mock.pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        world.daemon.start()
        path = world.client.create(server.url("normal"), world.path("a"), start=True)
        assert world.client.get(path, "State") == "queued"
        assert world.client.wait(path, timeout=10)["State"] == "completed"
        assert time.monotonic() - started > 1.8
    finally:
        os.kill(mock.pid, signal.SIGCONT)
