# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The real upowerd: a battery that runs low, and a charger that comes."""

import pytest
from ferrykit.client import MANAGER, ROOT
from ferrykit.conditions import begin, check_goes_on, check_paused
from ferrykit.upower import Upower

pytestmark = pytest.mark.world(system_bus=True, start=False)


def power(world):
    """Manager's OnBattery and BatterySaver."""
    return tuple(world.client.get(ROOT, name, MANAGER) for name in ("OnBattery", "BatterySaver"))


def wait_power(world, expected):
    """Until Manager says so."""
    world.client.wait_until(lambda: power(world) == expected, 5, lambda: f"{expected}: {power(world)}")


def test_battery_runs_low_and_a_charger_comes(world, server):
    upower = Upower(world)
    world.daemon.start()
    wait_power(world, (False, False))
    path = begin(world, server, "a")
    urgent = world.client.create(server.url("slow", "b", size=1_200_000, rate=400_000), world.path("b"), start=True,
                                 priority="high")
    upower.plug(False, 80, "Discharging")
    wait_power(world, (True, False))
    assert world.client.get(path, "State") == "running"
    upower.plug(False, 3, "Discharging")
    wait_power(world, (True, True))
    check_paused(world, server, path, "a", "paused-system-policy", ["power.saver"])
    assert world.client.get(urgent, "State") in ("running", "completed"), "somebody is attached"
    upower.plug(True, 3, "Charging")
    wait_power(world, (False, False))
    check_goes_on(world, server, path, "a")
    assert world.client.wait(urgent)["State"] == "completed"
    assert len(server.requests_of("slow", "b")) == 1


def test_begins_on_a_low_battery(world, server):
    """Nothing is sent before a charger comes; upowerd going away is one, too, as nothing is known then."""
    upower = Upower(world)
    upower.plug(False, 2, "Discharging")
    world.daemon.start()
    path = world.client.create(server.url("normal"), world.path("a"), start=True)
    found = world.client.wait(path, "paused-system-policy", 5)
    assert found["BlockedBy"] == ["power.saver"] and found["StateReason"] == "Waiting to save battery"
    world.client.iterate(0.3)
    assert server.connections == 0
    upower.stop()
    assert world.client.wait(path)["State"] == "completed"
    assert power(world) == (False, False)
