# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Completion groups: who joins, what is told, and an application that is called when all have ended."""

import os
import signal
import time

import pytest
from ferrykit.client import PROPERTIES, ROOT, GLib, Refused, options
from ferrykit.completion import GROUP, create_group, enable, fill, get_all, state, wait_state
from ferrykit.handler import NAME, Handler
from ferrykit.world import FAST, SCALE, is_alive


@pytest.fixture(autouse=True)
def quiet(world):
    """CreateMany with `start` attaches; these tests look at what else is told."""
    world.client.watches = True


# What a group is.


def test_properties_and_members(world, server):
    group = create_group(world)
    assert group.startswith(f"{ROOT}/CompletionGroup/")
    assert get_all(world, group) == {"IsEnabled": False, "State": "collecting", "Operations": [], "Total": 0,
                                     "Ended": 0, "Failed": 0, "BytesDone": 0, "BytesTotal": 0}
    good = fill(world, server, group, 2, size=1000)
    bad = fill(world, server, group, 1, case="not-found")
    alone = world.client.create(server.url("normal"), world.path("alone"))
    for path in (*good, *bad):
        world.client.wait(path)
        assert world.client.get(path, "CompletionGroup") == group
    assert world.client.get(alone, "CompletionGroup") == "/"
    found = get_all(world, group)
    assert found["Operations"] == [*good, *bad]
    assert (found["Total"], found["Ended"], found["Failed"]) == (3, 3, 1)
    assert (found["BytesDone"], found["BytesTotal"]) == (2000, 2000)
    assert list(world.client.list(completion_group=group)) == [*good, *bad]
    assert list(world.client.list(completion_group=group, states=["error"])) == bad
    world.daemon.restart()
    assert get_all(world, group) == found
    assert state(world, group) == "collecting", "never enabled, never triggered"


def test_the_option_as_a_string(world, server):
    group = create_group(world)
    path = world.client.create(server.url("normal"), world.path("a"), completion_group=GLib.Variant("s", group))
    assert world.client.get(path, "CompletionGroup") == group


@pytest.mark.parametrize("wrong", ["/", "/org/ferry/Transfer1/CompletionGroup/" + "0" * 32, "/org/example"])
def test_groups_that_are_not_there(world, server, wrong):
    if wrong != "/":
        with pytest.raises(Refused) as refused:
            world.client.create(server.url("normal"), world.path("a"), completion_group=wrong)
        assert refused.value.short == "NotFound"
    with pytest.raises(Refused) as refused:
        world.client.list(completion_group=wrong)
    assert refused.value.short == "NotFound"
    assert world.client.list(all=True) == {}


def test_unknown_object(world):
    nowhere = "/org/ferry/Transfer1/CompletionGroup/" + "0" * 32
    for arguments in ((PROPERTIES, "GetAll", "(s)", GROUP), (GROUP, "Enable"),
                      ("org.freedesktop.DBus.Introspectable", "Introspect")):
        with pytest.raises(Refused) as refused:
            world.client.call(nowhere, *arguments)
        assert refused.value.name == "org.freedesktop.DBus.Error.UnknownObject"


def test_introspection(world):
    group = create_group(world)
    branch, = world.client.call(os.path.dirname(group), "org.freedesktop.DBus.Introspectable", "Introspect")
    assert f'<node name="{os.path.basename(group)}"/>' in branch
    xml, = world.client.call(group, "org.freedesktop.DBus.Introspectable", "Introspect")
    assert 'name="org.ferry.Transfer1.CompletionGroup"' in xml


def test_enable_once_and_not_when_empty(world, server):
    group = create_group(world)
    with pytest.raises(Refused) as refused:
        enable(world, group)
    assert refused.value.short == "InvalidState" and state(world, group) == "collecting"
    path, = fill(world, server, group, 1, case="hold")
    enable(world, group)
    assert get_all(world, group)["IsEnabled"] is True and state(world, group) == "enabled"
    with pytest.raises(Refused) as refused:
        enable(world, group)
    assert refused.value.short == "InvalidState"
    with pytest.raises(Refused) as refused:
        fill(world, server, group, 1, case="slow")
    assert refused.value.short == "InvalidState" and "completion-group" in refused.value.message
    with pytest.raises(Refused) as refused:
        world.client.call(group, GROUP, "Remove")
    assert refused.value.short == "InvalidState"
    world.daemon.restart()
    assert state(world, group) == "enabled"
    world.client.verb(path, "Cancel")
    wait_state(world, group, "delivered")


def test_remove(world, server):
    group = create_group(world)
    path, = fill(world, server, group, 1, case="hold")
    world.client.call(group, GROUP, "Remove")
    assert world.client.get(path, "CompletionGroup") == "/"
    with pytest.raises(Refused):
        get_all(world, group)
    world.daemon.restart()
    assert world.client.get(path, "CompletionGroup") == "/"
    with pytest.raises(Refused):
        get_all(world, group)


def test_what_is_missing_is_named(world):
    with pytest.raises(Refused) as refused:
        create_group(world, handler_name="org.example.Nobody")
    assert refused.value.short == "InvalidArgument"
    assert "handler-name" in refused.value.message and "Name=org.example.Nobody" in refused.value.message
    with pytest.raises(Refused) as refused:
        create_group(world, handler_action="done")
    assert refused.value.short == "InvalidArgument" and "handler-name" in refused.value.message


def test_who_is_told(world, server):
    """The creator and those attached to a member; nobody else."""
    creator, attached, stranger = world.new_client(), world.new_client(), world.new_client()
    creator.watches = True
    group = create_group(world, creator)
    path = world.client.create(server.url("slow", "a", rate=400_000, size=600_000), world.path("a"),
                               completion_group=group)
    attached.verb(path, "Attach")
    world.client.verb(path, "Start")
    enable(world, group)
    wait_state(world, group, "delivered")
    for client in (creator, attached, stranger):
        client.iterate(0.3)
    for client in (creator, attached):
        told = [each.arguments[1] for each in client.signals if each.path == group]
        states = [each["State"] for each in told if "State" in each]
        assert states == ["enabled", "triggered", "delivered"] or states == ["enabled", "delivered"], states
        assert told[-1].get("State") == "delivered"
        done = [each["BytesDone"] for each in told if "BytesDone" in each]
        assert done == sorted(done) and done[-1] == 600_000 and len(done) >= 2
        seen = {key: value for each in told for key, value in each.items()}
        assert seen["Ended"] == 1
    assert not [each for each in stranger.signals if each.path == group]
    assert [each for each in attached.signals if each.member == "Ended"], "hears of the member's end as usual"


# The application.


def test_called_with_mixed_results(world, server):
    handler = Handler(world)
    group = create_group(world, handler_name=NAME)
    good = fill(world, server, group, 2)
    bad = fill(world, server, group, 1, case="not-found")
    canceled = fill(world, server, group, 1, case="hold")
    enable(world, group)
    assert handler.starts() == []
    world.client.verb(canceled[0], "Cancel")
    call, = handler.wait_calls(1)
    wait_state(world, group, "delivered")
    assert (call["what"], call["group"], call["uploads"]) == ("OperationsEnded", group, [])
    assert call["downloads"] == [*good, *bad, *canceled]
    assert get_all(world, group)["Failed"] == 2
    world.client.iterate(0.5)
    world.daemon.restart()
    world.client.iterate(0.5)
    assert len(handler.calls()) == 1, "not called again after an answer"


def test_called_by_an_action(world, server):
    handler = Handler(world)
    group = create_group(world, handler_name=NAME, handler_action="downloads-done")
    paths = fill(world, server, group, 1)
    enable(world, group)
    call, = handler.wait_calls(1)
    assert (call["what"], call["group"], call["downloads"]) == ("downloads-done", group, paths)
    wait_state(world, group, "delivered")


@pytest.mark.world(settings={**FAST, "retry-delay": 20})
def test_crashes_twice(world, server):
    handler = Handler(world, script=["crash", "crash"])
    group = create_group(world, handler_name=NAME)
    paths = fill(world, server, group, 1)
    enable(world, group)
    calls = handler.wait_calls(3)
    wait_state(world, group, "delivered")
    assert [call["downloads"] for call in calls] == [paths] * 3
    starts = [start["time"] for start in handler.starts()]
    assert len(starts) == 3
    assert starts[1] - starts[0] >= 12 * 0.02 and starts[2] - starts[1] >= 24 * 0.02, starts


def test_repeated_after_an_error_and_a_lost_name(world, server):
    handler = Handler(world, script=["error", "release"])
    group = create_group(world, handler_name=NAME)
    fill(world, server, group, 1)
    enable(world, group)
    handler.wait_calls(3)
    wait_state(world, group, "delivered")


def test_hangs_and_is_frozen(world, server):
    """Waited for as long as it owns its name, also when the service begins again."""
    handler = Handler(world, script=["hang"])
    group = create_group(world, handler_name=NAME)
    path, = fill(world, server, group, 1)
    enable(world, group)
    handler.wait_calls(1)
    os.kill(handler.pid(), signal.SIGSTOP)
    world.client.iterate(1.0)
    assert len(handler.calls()) == 1 and state(world, group) == "triggered"
    with pytest.raises(Refused) as refused:
        world.client.call(group, GROUP, "Remove")
    assert refused.value.short == "InvalidState"
    world.daemon.restart()
    world.client.iterate(0.5)
    assert len(handler.starts()) == 1 and state(world, group) == "triggered"
    os.kill(handler.pid(), signal.SIGCONT)
    handler.wait_calls(2)
    wait_state(world, group, "delivered")
    assert world.client.get(path, "State") == "completed"


def test_resume_is_too_late(world, server):
    handler = Handler(world, script=["hang"])
    group = create_group(world, handler_name=NAME)
    bad = fill(world, server, group, 1, case="not-found")
    world.client.wait(bad[0])
    enable(world, group)
    handler.wait_calls(1)
    with pytest.raises(Refused) as refused:
        world.client.verb(bad[0], "Resume")
    assert refused.value.short == "InvalidState"
    os.kill(handler.pid(), signal.SIGKILL)


def test_resume_before_it_is_enabled(world, server):
    handler = Handler(world)
    group = create_group(world, handler_name=NAME)
    good = fill(world, server, group, 1, case="hold")
    bad = fill(world, server, group, 1, case="not-found")
    enable(world, group)
    world.client.wait(bad[0])
    world.client.verb(bad[0], "Resume")
    world.client.wait(bad[0])
    assert handler.calls() == []
    world.client.verb(good[0], "Cancel")
    call, = handler.wait_calls(1)
    assert call["downloads"] == [*good, *bad]


def test_creates_a_new_group_from_inside_the_call(world, server):
    rounds = 4
    handler = Handler(world, script=[f"create {server.url('normal', str(each))} {world.path(f'round-{each}')}"
                                     for each in range(rounds)])
    group = create_group(world, handler_name=NAME)
    fill(world, server, group, 1)
    enable(world, group)
    calls = handler.wait_calls(rounds + 1)
    assert len({call["group"] for call in calls}) == rounds + 1
    for each in range(rounds):
        assert os.path.exists(world.path(f"round-{each}"))
    wait_state(world, calls[-1]["group"], "delivered")


@pytest.mark.world(settings={**FAST, "retry-delay": 100, "max-running": 50, "max-running-per-host": 50})
def test_two_hundred_due_at_once(world, server):
    """One after the other, one start."""
    handler = Handler(world)
    held = world.client.create(server.url("normal", "x", size=10), world.path("x"))
    groups = [create_group(world, handler_name=NAME) for _ in range(200)]
    world.client.create_many([(server.url("normal", "x", size=10), world.path(f"x-{number}"),
                               options(completion_group=group)) for number, group in enumerate(groups)])
    for group in groups:
        enable(world, group)
    world.client.manager("ForEach", "(sa{sv})", "cancel", options())
    calls = handler.wait_calls(200, 60)
    world.client.wait_until(lambda: all(state(world, group) == "delivered" for group in groups), 30)
    assert sorted(call["group"] for call in calls) == sorted(groups)
    assert len(handler.starts()) == 1
    assert held


@pytest.mark.world(settings={**FAST, "retry-delay": 200})
def test_one_start_in_a_while(world, server):
    """Two groups of an application that leaves after each call: its second start waits."""
    handler = Handler(world, script=["exit", "exit"])
    groups = [create_group(world, handler_name=NAME) for _ in range(2)]
    for group in groups:
        fill(world, server, group, 1, case="hold")
        enable(world, group)
    world.client.manager("ForEach", "(sa{sv})", "cancel", options())
    handler.wait_calls(2)
    starts = [start["time"] for start in handler.starts()]
    if len(starts) == 2:
        assert starts[1] - starts[0] >= 2 * 0.2 * 0.9, starts
    for group in groups:
        wait_state(world, group, "delivered")


def test_next_contact(world, server):
    """Whoever comes by itself is called without waiting for the backoff."""
    world.daemon.kill()
    world.write_settings({**FAST, "retry-delay": 2000})  # 24 s of backoff, 4 s between starts
    world.daemon.start()
    handler = Handler(world, script=["crash"])
    group = create_group(world, handler_name=NAME)
    fill(world, server, group, 1)
    enable(world, group)
    handler.wait_calls(1)
    began = time.monotonic()
    world.client.wait_until(lambda: handler.pid() is None)
    world.client.bus("StartServiceByName", "(su)", NAME, 0)
    handler.wait_calls(2, 15)
    assert time.monotonic() - began < 20
    wait_state(world, group, "delivered")


STEPS = ["queue-completed-committed", "completion-before-trigger", "completion-triggered", "completion-calling",
         "completion-answered", "completion-delivered"]


@pytest.mark.world(start=False)
@pytest.mark.parametrize("failpoint", STEPS)
def test_killed_at_each_step(world, server, failpoint):
    world.daemon.start()
    handler = Handler(world)
    group = create_group(world, handler_name=NAME)
    paths = fill(world, server, group, 2, start=False)
    enable(world, group)
    world.daemon.kill()
    world.daemon.start(failpoint=failpoint)
    world.client.manager("ForEach", "(sa{sv})", "start", options())
    world.daemon.wait_exit()
    world.daemon.wait_gone()
    before = len(handler.calls())
    assert before == (1 if failpoint in ("completion-answered", "completion-delivered") else 0)
    world.daemon.start()
    wait_state(world, group, "delivered")
    calls = handler.wait_calls(1)
    for path in paths:
        assert world.client.get(path, "State") == "completed"
    assert all(call["downloads"] == paths for call in calls)
    expected = 2 if failpoint == "completion-answered" else 1
    world.client.iterate(0.3)
    assert len(handler.calls()) == expected


@pytest.mark.world(settings={**FAST, "retention-days": 0})
def test_members_stay_until_it_has_answered(world, server):
    handler = Handler(world, script=["hang"])
    group = create_group(world, handler_name=NAME)
    paths = fill(world, server, group, 2, case="hold")
    enable(world, group)
    for path in paths:
        world.client.verb(path, "Cancel")
    handler.wait_calls(1)
    assert [world.client.get(path, "State") for path in paths] == ["canceled"] * 2
    world.client.verb(paths[0], "Remove")
    os.kill(handler.pid(), signal.SIGKILL)
    call = handler.wait_calls(2)[1]
    assert call["downloads"] == paths[1:], "what was removed is not reported"
    world.client.wait_until(lambda: paths[1] not in world.client.list(all=True))


@pytest.mark.world(settings={**FAST, "idle-exit": 1})
def test_no_idle_exit_before_it_is_delivered(world, server):
    handler = Handler(world, script=["hang"])
    group = create_group(world, handler_name=NAME)
    path, = fill(world, server, group, 1)
    world.client.wait(path)
    world.client.verb(path, "Detach")
    enable(world, group)
    handler.wait_calls(1)
    pid = world.daemon.bus_pid()
    time.sleep(2.0 * SCALE)
    assert is_alive(pid)
    os.kill(handler.pid(), signal.SIGKILL)
    handler.wait_calls(2)
    world.daemon.wait_exit()
