# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""`ferry status` and `ferry plan`: what a person is told of the conditions, and can say about them."""

import datetime

import pytest
from ferrykit.client import MANAGER, PROPERTIES, ROOT, GLib
from ferrykit.conditions import begin, connect_by_loopback, wait_told
from ferrykit.mocks import Mock

UUID = "uuid-of-lo"
NAME = "The lo"

pytestmark = pytest.mark.world(system_bus=True, start=False)


@pytest.fixture
def network(world):
    """A wireless connection, not metered, and the service."""
    return connect_by_loopback(world)


def test_plan(world, network, ferry):
    assert "No connection has a data plan" in ferry("plan").stdout
    assert ferry.json("plan") == []
    assert NAME in ferry("plan", "--all").stdout and ferry.json("plan", "--all")[0]["uuid"] == UUID
    ferry("plan", "set", NAME, "5T", "--reset-day", "31")
    plan, = ferry.json("plan")
    assert (plan["uuid"], plan["name"], plan["limit"], plan["reset-day"]) == (UUID, NAME, 5 * 10 ** 12, 31)
    ferry("plan", "set-used", NAME, "1.5TB")
    shown = ferry("plan").stdout
    assert "1.5 TB of 5.0 TB (30%)" in shown
    end = datetime.datetime.fromtimestamp(plan["period-end"] / 1e6)
    assert end.strftime("%Y-%m-%d") in shown and end.time() == datetime.time(0)
    # By its UUID as well; what is not said stays.
    ferry("plan", "set", UUID, "1000000000000")
    plan, = ferry.json("plan")
    assert plan["limit"] == 10 ** 12 and plan["reset-day"] == 31 and plan["used"] >= 1.5 * 10 ** 12
    ferry("plan", "clear", NAME)
    assert ferry.json("plan") == []


@pytest.mark.parametrize("arguments, code, word", [
    (["nonsense"], 2, "set-used"), (["set", NAME], 2, "BYTES"), (["set", NAME, "much"], 2, "much"),
    (["set", NAME, "0"], 2, "0"), (["clear"], 2, "CONNECTION"), (["clear", NAME, "1"], 2, "CONNECTION"),
    (["set", NAME, "5G", "--reset-day", "32"], 2, "32"), (["--reset-day", "3"], 2, "--reset-day"),
    (["set", "no such", "5G"], 3, "no such"), (["clear", NAME], 3, f"“{NAME}” has no data plan"),
    (["set-used", UUID, "5G"], 3, f"“{NAME}” has no data plan"),
])
def test_plan_that_is_wrong(world, network, ferry, arguments, code, word):
    said = ferry("plan", *arguments, code=code).stderr
    assert word in said, said


def test_status(world, network, ferry, server):
    said = ferry("status").stdout
    assert "full, by “The lo”" in said and "not metered" in said and "0 transfers run" in said
    assert "Paused" not in said and "Data plan" not in said
    upower = Mock(world, "org.freedesktop.UPower", "/org/freedesktop/UPower", "org.freedesktop.UPower", "upower")
    upower.set(OnBattery=GLib.Variant("b", True))
    network.say(metered="yes")
    wait_told(world, ("variable", "full"))
    running = begin(world, server, "runs", policy="always")
    waiting = world.client.create(server.url("normal"), world.path("waits"), start=True, cost_policy="unrestricted-only",
                                  title="What waits")
    idle = world.client.create(server.url("normal"), world.path("idle"))
    ferry("plan", "set", NAME, "1T")
    ferry("plan", "set-used", NAME, "2T")
    world.client.wait_until(lambda: world.client.get(ROOT, "OnBattery", MANAGER), 5)
    said = ferry("status").stdout
    assert len(said.splitlines()) <= 24, "one screen"
    for line in ("full, by “The lo”", "metered, with a data plan", "2.0 TB of 1.0 TB (200%)", ": used up", "on battery",
                 "1 transfer runs", "1 transfer waits", "What waits", "network's data plan is used up"):
        assert line in said, (line, said)
    ferry("pause", "--all")
    shown = ferry.json("status")
    manager = world.client.call(ROOT, PROPERTIES, "GetAll", "(s)", MANAGER)[0]
    assert {name: shown[name] for name in manager} == manager and manager["Paused"] is True
    assert shown["Connection"]["uuid"] == UUID and shown["Connection"]["limit"] == 10 ** 12
    assert shown["Running"] == []
    ids = {each["Id"]: each["BlockedBy"] for each in shown["Waiting"]}
    assert idle.rsplit("/", 1)[1] not in ids
    assert ids == {running.rsplit("/", 1)[1]: ["user.paused-all"],
                   waiting.rsplit("/", 1)[1]: ["user.paused-all", "cost.over-limit", "cost.metered"]}
    assert "ferry resume --all" in ferry("status").stdout


def test_status_of_a_network_that_is_none(world, network, ferry, server):
    """Every condition has its word, and its transfers say the same."""
    path = world.client.create(server.url("normal"), world.path("a"), start=True, not_before=2 ** 52)
    for connectivity, shown, reason in (
            ("portal", "Network      somebody has to sign in (captive portal), by “The lo”", "somebody to sign in"),
            ("none", "Network      none\n", "Waiting for a network"),
            ("limited", "Network      limited, by “The lo”", "Waiting for the time it may run")):
        network.say(connectivity=connectivity)
        world.client.wait_until(lambda: world.client.get(ROOT, "Connectivity", MANAGER) == connectivity, 5)
        late = world.client.create(server.url("slow", size=1_000_000, rate=100_000), world.path(f"late-{connectivity}"), start=True)
        world.client.wait(late, ("running", "paused-no-network"), timeout=5)
        said = ferry("status").stdout
        assert shown in said and reason in said, said
        world.client.verb(late, "Cancel")
    network.stop()
    world.client.wait_until(lambda: world.client.get(ROOT, "Connectivity", MANAGER) == "unknown", 5)
    said = ferry("status").stdout
    assert "Network      unknown\n" in said and "unknown, taken for not metered" in said, said
    assert "No network connection is known" in ferry("plan", "--all").stdout
    world.client.verb(path, "Cancel")


def test_status_of_many(world, network, ferry, server):
    """It stays on one screen."""
    world.client.manager("PauseAll")
    for number in range(12):
        world.client.create(server.url("normal"), world.path(f"f{number}"), start=True)
    said = ferry("status").stdout
    assert "12 transfers wait" in said and "and 6 more" in said and len(said.splitlines()) <= 24
    assert len(ferry.json("status")["Waiting"]) == 12


@pytest.mark.world(system_bus=False)
def test_status_of_what_is_not_known(world, ferry):
    said = ferry("status").stdout
    assert "unknown" in said and ferry.json("status")["NetworkCost"] == "unknown"
