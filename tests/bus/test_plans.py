# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Data plans: what is counted, what it means, and what becomes of transfers. Judged at the server.

The connection goes by the loopback interface, whose counters are the kernel's real ones; other tests use it as well,
so that what is counted is only known to be no less than this.
"""

import datetime
import subprocess

import pytest
from ferrykit.client import MANAGER, ROOT, Refused
from ferrykit.conditions import (SIZE, begin, check_goes_on, check_paused, connect_by_loopback, heard, listen, told,
                                 wait_told)
from ferrykit.world import SCALE

UUID = "uuid-of-lo"
HUGE = 10 ** 15  # bytes: more than all tests together use
PAUSED = "paused-costed-network"

pytestmark = pytest.mark.world(system_bus=True, start=False)


@pytest.fixture
def network(world):
    """A wireless connection, not metered, and the service."""
    return connect_by_loopback(world)


def half_a_month_ago():
    """A reset day of which about half the period is over, whatever day it is."""
    return max(1, (datetime.date.today() - datetime.timedelta(days=15)).day)


def plan(world, limit=HUGE, used=0, reset_day=None):
    """A plan of which so much is used."""
    world.client.manager("SetDataPlan", "(stu)", UUID, limit, reset_day or half_a_month_ago())
    world.client.manager("SetDataUsage", "(st)", UUID, int(used))


def limits(world):
    """ApproachingDataLimit, OverDataLimit, BackgroundDataRestricted."""
    return tuple(world.client.get(ROOT, name, MANAGER)
                 for name in ("ApproachingDataLimit", "OverDataLimit", "BackgroundDataRestricted"))


def connection(world):
    """What ListConnections says of it."""
    return world.client.manager("ListConnections")[0][UUID]


OVER = "cost.over-limit"


def test_limit_is_reached_while_it_runs(world, network, server):
    """Whatever it costs, but not beyond the limit: what only threatens to exceed it does not stop it."""
    world.set_setting("restrict-background-data", "true")
    network.say(metered="guess-yes")
    wait_told(world, ("variable", "full"))
    path = begin(world, server, "a", policy="always")
    listen(world)
    plan(world, limit=HUGE)
    wait_told(world, ("fixed", "full"))
    used = connection(world)["used"]
    # Loopback counts each byte twice.
    world.client.manager("SetDataPlan", "(stu)", UUID, used + SIZE // 2, half_a_month_ago())
    check_paused(world, server, path, "a", PAUSED, [OVER])
    assert limits(world)[:2] == (False, True)
    assert world.client.get(path, "StateReason") == "Waiting because the network's data plan is used up"
    assert ("NetworkCost", "fixed") in heard(world) and ("OverDataLimit", True) in heard(world)
    world.client.manager("ClearDataPlan", "(s)", UUID)
    assert told(world) == ("variable", "full")
    check_goes_on(world, server, path, "a")


def test_plan_of_another_connection(world, network, server):
    """Used up or not, it is nothing to the one in use."""
    other = "22222222-2222-2222-2222-222222222222"
    world.client.manager("SetDataPlan", "(stu)", other, 1000, 31)
    world.client.manager("SetDataUsage", "(st)", other, 2000)
    world.set_setting("restrict-background-data", "true")
    network.say(metered="yes")
    wait_told(world, ("variable", "full"))
    world.client.wait_until(lambda: limits(world) == (False, False, True), 5, lambda: limits(world))
    path = world.client.create(server.url("normal"), world.path("a"), start=True, cost_policy="always")
    assert world.client.wait(path)["State"] == "completed"
    found = world.client.manager("ListConnections")[0][other]
    assert (found["active"], found["limit"], found["used"], found["reset-day"]) == (False, 1000, 2000, 31)
    assert "limit" not in connection(world)
    world.daemon.restart()
    assert world.client.manager("ListConnections")[0][other]["used"] == 2000


def test_usage_survives(world, network, server):
    plan(world, used=1000)
    path = world.client.create(server.url("normal"), world.path("a"), start=True)
    size = world.client.wait(path)["BytesReceived"]
    used = connection(world)["used"]
    assert used >= 1000 + 2 * size, "received and sent, by loopback"
    world.daemon.restart()
    wait_told(world, ("unrestricted", "full"), timeout=3)
    again = connection(world)
    assert again["used"] >= used
    assert again["limit"] == HUGE and again["name"] == "The lo" and again["active"] is True
    world.client.manager("SetDataUsage", "(st)", UUID, 7)
    world.daemon.restart()
    wait_told(world, ("unrestricted", "full"), timeout=3)
    assert 7 <= connection(world)["used"]
    begins, ends = (datetime.datetime.fromtimestamp(again[f"period-{name}"] / 1e6, datetime.timezone.utc)
                    for name in ("begin", "end"))
    assert begins <= datetime.datetime.now(datetime.timezone.utc) < ends
    assert 27 <= (ends - begins).days <= 31


def test_plan_by_the_setting(world, network, server):
    """As a settings panel writes it."""
    network.say(metered="yes")
    wait_told(world, ("variable", "full"))
    world.set_setting("data-plans", f"{{'{UUID}': (uint64 1, uint32 1)}}")
    wait_told(world, ("fixed", "full"), timeout=5)
    world.client.create(server.url("normal"), world.path("a"), start=True)
    world.client.wait_until(lambda: limits(world)[:2] == (False, True), 5, lambda: limits(world))
    world.set_setting("data-plans", "{}")
    wait_told(world, ("variable", "full"), timeout=5)
    assert limits(world) == (False, False, False)
    assert "limit" not in connection(world)


def test_what_is_wrong_with_a_plan(world, network):
    for method, signature, arguments, error, word in (
            ("SetDataPlan", "(stu)", ("", 1, 1), "InvalidArgument", "connection"),
            ("SetDataPlan", "(stu)", (UUID, 0, 1), "InvalidArgument", "limit"),
            ("SetDataPlan", "(stu)", (UUID, 1, 0), "InvalidArgument", "reset_day"),
            ("SetDataPlan", "(stu)", (UUID, 1, 32), "InvalidArgument", "reset_day"),
            ("ClearDataPlan", "(s)", (UUID,), "NotFound", "connection"),
            ("SetDataUsage", "(st)", (UUID, 1), "NotFound", "connection")):
        with pytest.raises(Refused) as caught:
            world.client.manager(method, signature, *arguments)
        assert caught.value.short == error and word in caught.value.message, caught.value
    assert "limit" not in connection(world)


@pytest.mark.world(system_bus=True, start=False, settings={"idle-exit": 1, "retry-delay": 20})
def test_service_stays_for_a_plan(world, network):
    """Whoever counts has to be there, at login too."""
    plan(world)
    world.client.iterate(2.5)
    assert world.client.owner() is not None
    world.client.manager("ClearDataPlan", "(s)", UUID)
    world.daemon.wait_gone()
    resume = [world.env["FERRYD"], "--resume"]
    subprocess.run(resume, env=world.env, check=True, timeout=20 * SCALE)
    assert world.client.owner() is None
    world.set_setting("data-plans", f"{{'{UUID}': (uint64 1, uint32 1)}}")
    subprocess.run(resume, env=world.env, check=True, timeout=20 * SCALE)
    assert world.client.owner() is not None
