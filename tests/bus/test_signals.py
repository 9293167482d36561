# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who hears what, when, and how often."""

import os
import time

import pytest
from ferrykit.buses import Monitor
from ferrykit.client import DOWNLOAD, DOWNLOADER, OPERATION, ROOT, options
from ferrykit.server import Server
from ferrykit.world import SCALE

FULL = os.environ.get("FERRY_TEST_FULL") == "1"


def of(client, path, member=None):
    """Signals a client received of one operation."""
    client.iterate()
    return [each for each in client.signals if each.path == path and (member is None or each.member == member)]


def changes(client, path, name):
    """Values a property went through, as a client heard of it."""
    values = []
    for each in of(client, path, "PropertiesChanged"):
        if name in each.arguments[1]:
            values.append(each.arguments[1][name])
    return values


def test_snapshot_comes_before_the_reply(world, server):
    path = world.client.create(server.url("hold", at=10), world.path("a"), start=True)
    world.client.wait(path, "running")
    other = world.new_client()
    other.verb(path, "Attach")
    snapshot = of(other, path)
    assert [each.member for each in snapshot[:2]] == ["PropertiesChanged"] * 2
    told = {each.arguments[0]: set(each.arguments[1]) for each in snapshot[:2]}
    assert set(told) == {OPERATION, DOWNLOAD}
    for interface in (OPERATION, DOWNLOAD):
        everything = set(other.call(path, "org.freedesktop.DBus.Properties", "GetAll", "(s)", interface)[0])
        assert everything - told[interface] == set(), "every property of each interface"


def test_order_to_the_end(world, server):
    path = world.client.create(server.url("normal"), world.path("a"))
    world.client.verb(path, "Start")
    world.client.wait_until(lambda: of(world.client, path, "Ended"))
    heard = of(world.client, path)
    assert [each.member for each in heard].count("Ended") == 1
    assert heard[-1].member == "Ended" and heard[-1].arguments == ("completed", "")
    states = changes(world.client, path, "State")
    assert states[0] in ("queued", "running") and states[-1] == "completed", "Start shows its effect"
    assert all(one != two for one, two in zip(states, states[1:])), "no state twice in a row"
    allowed = ["idle", "queued", "running", "completed"]
    assert [allowed.index(state) for state in states] == sorted(allowed.index(state) for state in states)
    final = {}
    for each in heard:
        if each.member == "PropertiesChanged" and each.arguments[0] == OPERATION:
            final.update(each.arguments[1])
    assert final["BytesReceived"] == 300_000 and final["State"] == "completed" and final["Finished"] > 0


def test_error_names_its_status(world, server):
    path = world.client.create(server.url("not-found"), world.path("a"), start=True)
    world.client.wait_until(lambda: of(world.client, path, "Ended"))
    assert of(world.client, path, "Ended")[0].arguments == ("error", "not-found")


def test_canceled_has_no_status(world, server):
    path = world.client.create(server.url("hold"), world.path("a"), start=True)
    world.client.verb(path, "Cancel")
    world.client.wait_until(lambda: of(world.client, path, "Ended"))
    assert of(world.client, path, "Ended")[0].arguments == ("canceled", "")


def test_attach_to_what_has_ended(world, server):
    path = world.client.create(server.url("normal"), world.path("a"), start=True)
    world.client.wait(path)
    late = world.new_client()
    late.verb(path, "Attach")
    late.wait_until(lambda: of(late, path, "Ended"), 2)
    members = [each.member for each in of(late, path)]
    assert members == ["PropertiesChanged", "PropertiesChanged", "Ended"]


def test_twice_is_once_and_detach_ends_it(world, server):
    path = world.client.create(server.url("normal"), world.path("a"))
    one, two = world.new_client(), world.new_client()
    one.verb(path, "Attach")
    one.verb(path, "Attach")
    two.verb(path, "Attach")
    two.verb(path, "Detach")
    two.verb(path, "Detach")
    before = len(of(two, path))
    world.client.verb(path, "Start")
    world.client.wait(path)
    one.wait_until(lambda: of(one, path, "Ended"))
    one.iterate(0.1)
    assert len(of(one, path, "Ended")) == 1
    two.iterate(0.1)
    assert len(of(two, path)) == before


@pytest.mark.parametrize("first", ["Start", "Attach", "Create"])
def test_detaching_holds_for_what_is_still_under_way(world, server, first):
    """One after the other, without waiting for an answer: they take effect as they were sent."""
    url = server.url("slow", size=200_000, rate=200_000)
    path = world.client.create(url, world.path("a"), token="t")
    other = world.new_client()
    other.watches = True
    other.verb(path, "Detach")
    if first == "Create":
        under_way = other.call_async(f"{ROOT}/Downloader", DOWNLOADER, "Create", "(ssa{sv})", url, world.path("a"),
                                     options(token="t", start=True))
    else:
        under_way = other.call_async(path, OPERATION, first)
    detached = other.call_async(path, OPERATION, "Detach")
    other.wait_until(lambda: under_way and detached, what=lambda: f"answered: {under_way}, {detached}")
    assert "reply" in under_way and "reply" in detached, (under_way, detached)
    before = len(of(other, path))
    assert before == 2, "what precedes the answer does so all the same"
    if first == "Attach":
        world.client.verb(path, "Start")
    assert world.client.wait(path)["State"] == "completed"
    other.iterate(0.3)
    assert of(other, path)[before:] == []


def test_each_attached_connection_hears_it(world, server):
    path = world.client.create(server.url("normal"), world.path("a"))
    listeners = [world.new_client() for _ in range(3)]
    for listener in listeners:
        listener.verb(path, "Attach")
    world.client.verb(path, "Start")
    for listener in listeners:
        listener.wait_until(lambda each=listener: of(each, path, "Ended"))


def test_each_end_is_announced(world, server):
    path = world.client.create(server.url("not-found"), world.path("a"), start=True)
    world.client.wait_until(lambda: len(of(world.client, path, "Ended")) == 1)
    world.client.verb(path, "Resume")
    world.client.wait_until(lambda: len(of(world.client, path, "Ended")) == 2)
    assert 0 in changes(world.client, path, "Finished"), "Resume sets it back"


def test_counters_at_most_four_times_a_second(world, server):
    seconds = 2.5
    url = server.url("slow", size=int(seconds * 1_000_000), rate=1_000_000)
    path = world.client.create(url, world.path("a"))
    world.client.verb(path, "Start")
    world.client.wait(path)
    world.client.iterate(0.2)
    counted = [each for each in of(world.client, path, "PropertiesChanged")
               if "BytesReceived" in each.arguments[1]]
    times = [each.time for each in counted[2:-1]]
    lasted = counted[-1].time - counted[0].time
    assert 3 <= len(counted) <= 4 * lasted + 4, (len(counted), lasted)
    assert len(times) >= 3
    received = changes(world.client, path, "BytesReceived")
    assert received == sorted(received)
    speeds = [speed for speed in changes(world.client, path, "Speed") if speed]
    assert speeds and (SCALE > 1 or 500_000 < speeds[-1] < 2_000_000), speeds


@pytest.mark.world(settings={"max-running": 200, "max-running-per-host": 200})
def test_bound_over_all_operations(world, server):
    """Many at once: together at most 200 such signals a second."""
    listener = world.new_client()
    paths = world.client.create_many(
        [(server.url("slow", f"{n}", size=200_000, rate=50_000), world.path(f"{n}"), {}) for n in range(80)])
    for path in paths:
        listener.verb(path, "Attach")
    for path in paths:
        world.client.verb(path, "Start")
    world.client.signals.clear()
    start = time.monotonic()
    listener.signals.clear()
    listener.iterate(2.0)
    lasted = time.monotonic() - start
    counters = [each for each in listener.signals
                if each.member == "PropertiesChanged" and "BytesReceived" in each.arguments[1]
                and "State" not in each.arguments[1]]
    assert 0 < len(counters) <= 200 * lasted + 50, len(counters)
    world.client.manager("ForEach", "(sa{sv})", "cancel", {})


def test_unwatched_sends_nothing(world, server):
    """With nobody attached a download makes no message at all."""
    seconds = 10 if FULL else 4
    url = server.url("slow", size=seconds * 500_000, rate=500_000)
    starter = world.new_client()
    path = starter.create(url, world.path("a"), start=True)
    starter.close()
    world.client.wait(path, "running")
    service = world.client.owner()
    monitor = Monitor(world.bus)
    before = len(monitor.lines())
    time.sleep(seconds - 1.5)
    after = monitor.lines()
    assert [line for line in after[before:] if service in line] == []
    assert len(after) == before, after[before:]
    assert world.client.get(path, "State") in ("running", "completed"), "it did run meanwhile"
    assert world.client.get(path, "BytesReceived") > 500_000
    world.client.wait(path, "completed")
    monitor.stop()


def test_signals_of_operations_are_unicast(world, server):
    """An eavesdropper sees each of them addressed to the one that attached."""
    monitor = Monitor(world.bus)
    path = world.client.create(server.url("normal"), world.path("a"), start=True)
    world.client.wait(path, "completed")
    world.client.iterate(0.2)
    lines = [line.split("\t") for line in monitor.stop()]
    ours = [line for line in lines if line[0] == "sig" and line[5].startswith(ROOT)]
    assert ours
    assert {line[4] for line in ours} == {world.client.name}


@pytest.mark.parametrize("verb", ["Attach", "Start"])
def test_leaving_the_bus_detaches(world, server, verb):
    path = world.client.create(server.url("slow", rate=150_000), world.path("a"))
    other = world.new_client()
    other.verb(path, verb)
    other.close()
    world.client.verb(path, "Start")
    world.client.verb(path, "Detach")
    assert world.client.wait(path)["State"] == "completed"


@pytest.fixture
def another():
    """Another server, which is another host."""
    made = Server()
    yield made
    made.stop()
    assert not made.failures, made.failures


def watched(client, path, name):
    """Values a property went through, as a watcher heard of it."""
    client.iterate()
    changed = [each.arguments[0].get(path, {}) for each in client.signals if each.member == "OperationsChanged"]
    return [each[name] for each in changed if name in each]


def wait_last(client, get, expected):
    client.wait_until(lambda: get()[-1:] == [expected], what=lambda: f"{expected} at the end of {get()}")


@pytest.mark.world(settings={"max-running": 2, "max-running-per-host": 1})
def test_what_it_waits_for_changes_with_others(world, server, another):
    """Nothing happens to it, but another takes the last slot of all, and leaves it again."""
    first = world.client.create(server.url("hold", "1"), world.path("1"), start=True)
    world.client.wait(first, "running")
    path = world.client.create(server.url("hold", "2"), world.path("2"), start=True)
    watcher, uninterested = world.new_client(), world.new_client()
    watcher.manager("Watch", "(a{sv})", options(properties=["BlockedBy", "StateReason"]))
    uninterested.manager("Watch", "(a{sv})", options(properties=["Group"]))
    assert changes(world.client, path, "BlockedBy")[-1] == ["host-slot"]

    other = world.client.create(another.url("hold", "3"), world.path("3"), start=True)
    told = {"BlockedBy": ["slot", "host-slot"], "StateReason": "Waiting for its turn"}
    for name, expected in told.items():
        wait_last(world.client, lambda name=name: changes(world.client, path, name), expected)
        wait_last(watcher, lambda name=name: watched(watcher, path, name), expected)
    world.client.verb(other, "Cancel")
    told = {"BlockedBy": ["host-slot"], "StateReason": "Waiting for other transfers with the same server"}
    for name, expected in told.items():
        wait_last(world.client, lambda name=name: changes(world.client, path, name), expected)
        wait_last(watcher, lambda name=name: watched(watcher, path, name), expected)
        assert world.client.get(path, name) == expected
    states = changes(world.client, path, "State")
    assert states[-1] == "queued" and states.count("queued") == 1, "its state is not told again"
    uninterested.iterate(0.3)
    heard = [each.arguments[0] for each in uninterested.signals if each.member == "OperationsChanged"]
    assert other in heard[0] and not any(path in each for each in heard)


@pytest.mark.world(settings={"max-running": 1})
def test_its_turn_in_a_group_comes_but_not_a_slot(world, server):
    world.client.manager("SetGroupBehavior", "(ssa{sv})", "g", "serialized", {})
    paths = [world.client.create(server.url("hold", str(number)), world.path(str(number)), group="g", start=True)
             for number in range(2)]
    world.client.wait(paths[0], "running")
    other = world.client.create(server.url("hold", "x"), world.path("x"), start=True, application_id="org.example.App")
    wait_last(world.client, lambda: changes(world.client, paths[1], "BlockedBy"), ["group", "slot"])
    world.client.verb(paths[0], "Cancel")
    wait_last(world.client, lambda: changes(world.client, paths[1], "BlockedBy"), ["slot"])
    assert world.client.get(other, "State") == "running"


@pytest.mark.world(settings={"max-running": 2, "max-running-per-host": 1})
def test_all_are_told_what_they_wait_for(world, server, another):
    """More than may be told at a time: the others are told next."""
    world.client.wait(world.client.create(server.url("hold", "1"), world.path("1"), start=True), "running")
    paths = world.client.create_many([(server.url("hold", f"m{number}"), world.path(f"m{number}"),
                                       options(start=True)) for number in range(80)])
    world.client.create(another.url("hold", "2"), world.path("2"), start=True)
    for path in paths:
        wait_last(world.client, lambda path=path: changes(world.client, path, "BlockedBy"), ["slot", "host-slot"])
