# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Transfer groups: one at a time, in which order, and what survives a kill."""

import os
import time

import pytest
from ferrykit.client import Refused, options
from ferrykit.completion import create_group, enable, wait_state
from ferrykit.world import FAST

# Operations that wait. Recording 10,000 takes its time; 500 wait in the same way.
MANY = 10_000 if os.environ.get("FERRY_TEST_FULL") == "1" else 500

SET = "(ssa{sv})"


def behave(world, group, behavior, **given):
    world.client.manager("SetGroupBehavior", SET, group, behavior, options(**given))


def groups(world, **given):
    return world.client.manager("ListGroups", "(a{sv})", options(**given))[0]


def start_five(world, server, **given):
    """Five of a group that hold their connection open, the oldest first."""
    return [world.client.create(server.url("hold", str(number), at=1000), world.path(str(number)), group="g",
                                start=True, **given) for number in range(5)]


def running(world, paths):
    return [number for number, path in enumerate(paths) if world.client.get(path, "State") == "running"]


def wait_running(world, paths, expected):
    world.client.wait_until(lambda: running(world, paths) == expected, 10,
                            lambda: f"{expected} running: {running(world, paths)}")


def test_serialized_and_made_current(world, server):
    behave(world, "g", "serialized")
    paths = start_five(world, server)
    wait_running(world, paths, [0])
    assert world.client.get(paths[1], "BlockedBy") == ["group"]
    assert world.client.get(paths[1], "StateReason") == "Waiting for another transfer of its group"
    high = world.client.create(server.url("hold", "high"), world.path("high"), group="g", priority="high", start=True)
    world.client.wait(high, "running")
    wait_running(world, paths, [0])

    world.client.call(paths[3], "org.ferry.Transfer1.Operation", "MakeCurrentInGroup")
    wait_running(world, paths, [3])
    assert world.client.get(paths[0], "State") == "queued"
    assert world.client.get(paths[0], "BlockedBy") == ["group"]
    world.daemon.restart()
    for number in (3, 4, 0, 1, 2):
        wait_running(world, paths, [number])
        world.client.verb(paths[number], "Cancel")


def blocked(world, path):
    """State, BlockedBy and what a person is told."""
    found = world.client.get_all(path)
    return found["State"], found["BlockedBy"], found["StateReason"]


def test_with_time_windows_and_priorities(world, server):
    """Each holds by itself and is named; the sentence is of the one that decides."""
    behave(world, "g", "serialized")
    begins = int((time.time() + 3) * 1_000_000)
    group = create_group(world)
    names = {"now": {}, "low": {"priority": "low"}, "later": {"not_before": begins},
             "high": {"not_before": begins, "priority": "high"}}
    paths = {name: world.client.create(server.url("hold", name, at=1000), world.path(name), group="g", start=True,
                                       completion_group=group, **given) for name, given in names.items()}
    world.client.wait(paths["now"], "running")
    assert blocked(world, paths["low"]) == ("queued", ["group"], "Waiting for another transfer of its group")
    assert blocked(world, paths["later"]) == ("paused-system-policy", ["time-window", "group"],
                                              "Waiting for the time it may run")
    assert blocked(world, paths["high"])[:2] == ("paused-system-policy", ["time-window"]), "runs beside them"
    world.client.wait(paths["high"], "running")
    assert time.time() * 1_000_000 >= begins
    world.client.wait(paths["later"], "queued")
    assert blocked(world, paths["later"])[1] == ["group"]
    world.client.verb(paths["now"], "Cancel")
    world.client.wait(paths["later"], "running")
    assert blocked(world, paths["low"])[1] == ["group"], "younger, but of a higher priority"
    enable(world, group)
    for name in ("high", "later", "low"):
        world.client.wait(paths[name], "running")
        world.client.verb(paths[name], "Cancel")
    wait_state(world, group, "delivered")


def test_every_one_comes_to_its_end_in_order(world, server):
    behave(world, "g", "serialized")
    paths = world.client.create_many([(server.url("normal", str(number)), world.path(str(number)),
                                       options(group="g", start=True)) for number in range(5)])
    for path in paths:
        assert world.client.wait(path)["State"] == "completed"
    assert [request.path for request in server.requests_of("normal")] == [f"/normal/{number}" for number in range(5)]


def test_listed_and_kept(world, server):
    assert groups(world) == {}
    world.client.create(server.url("hold", "1"), world.path("1"), group="a", application_id="org.example.App")
    world.client.create(server.url("hold", "2"), world.path("2"), group="a", application_id="org.example.App")
    behave(world, "b", "serialized", application_id="org.example.App")
    expected = {"a": {"behavior": "parallel", "operations": 2}, "b": {"behavior": "serialized", "operations": 0}}
    assert groups(world) == {}
    assert groups(world, application_id="org.example.App") == expected
    world.daemon.restart()
    assert groups(world, application_id="org.example.App") == expected
    behave(world, "b", "parallel", application_id="org.example.App")
    world.daemon.restart()
    assert list(groups(world, application_id="org.example.App")) == ["a"]


@pytest.mark.world(start=False)
@pytest.mark.parametrize("failpoint", ["queue-behavior-committed", "queue-order-committed"])
def test_killed_when_it_is_durable(world, server, failpoint):
    world.daemon.start()
    paths = start_five(world, server)
    if failpoint == "queue-order-committed":
        behave(world, "g", "serialized")
    world.daemon.kill()
    world.daemon.start(failpoint=failpoint)
    with pytest.raises(Refused):
        if failpoint == "queue-order-committed":
            world.client.call(paths[3], "org.ferry.Transfer1.Operation", "MakeCurrentInGroup")
        else:
            behave(world, "g", "serialized")
    world.daemon.wait_exit()
    world.daemon.wait_gone()
    world.daemon.start()
    assert groups(world) == {"g": {"behavior": "serialized", "operations": 5}}
    wait_running(world, paths, [3 if failpoint == "queue-order-committed" else 0])


@pytest.mark.parametrize("group, behavior, named", [
    ("", "serialized", "group"), ("x" * 257, "serialized", "group"), ("g", "one-by-one", "behavior")])
def test_refused(world, group, behavior, named):
    with pytest.raises(Refused) as refused:
        behave(world, group, behavior)
    assert refused.value.short == "InvalidArgument"
    assert named in refused.value.message
    assert groups(world) == {}


def test_make_current_of_what_has_ended(world, server):
    path = world.client.create(server.url("normal", "1"), world.path("1"), group="g", start=True)
    world.client.wait(path)
    with pytest.raises(Refused) as refused:
        world.client.call(path, "org.ferry.Transfer1.Operation", "MakeCurrentInGroup")
    assert refused.value.short == "InvalidState"


@pytest.mark.world(settings={**FAST, "max-running": 1, "max-running-per-host": 1})
def test_ten_thousand_do_not_hold_up_another(world, server):
    """The other's first starts with the next slot, whatever waits before it."""
    first = world.client.create(server.url("hold", "first"), world.path("first"), start=True, application_id="org.a.A")
    world.client.wait(first, "running")
    many = [(server.url("hold", f"m{number}"), world.path(f"m{number}"),
             options(start=True, application_id="org.a.A", group=f"g{number % 3}")) for number in range(MANY)]
    paths = world.client.create_many(many, timeout=120)
    assert len(paths) == MANY
    other = world.client.create(server.url("hold", "other"), world.path("other"), start=True, application_id="org.b.B")
    assert world.client.get(other, "State") == "queued"
    world.client.verb(first, "Cancel")
    world.client.wait(other, "running")
    assert running(world, paths[:5]) == []
