# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An application that is called when all of a completion group have ended, whatever it and the service go through."""

import os
import signal
import time

import pytest
from ferrykit.client import ROOT, UPLOADER, Refused, options
from ferrykit.completion import GROUP, create_group, enable, fill, get_all, state, wait_state
from ferrykit.handler import NAME, Handler
from ferrykit.world import FAST, SCALE, is_alive


@pytest.fixture(autouse=True)
def quiet(world):
    """CreateMany with `start` attaches; these tests look at what else is told."""
    world.client.watches = True


def finish(world, server, handler_name, count=1):
    """Groups that are due at once; their paths."""
    groups = [create_group(world, handler_name=handler_name) for _ in range(count)]
    for group in groups:
        fill(world, server, group, 1, case="hold")
        enable(world, group)
    world.client.manager("ForEach", "(sa{sv})", "cancel", options())
    return groups



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


@pytest.mark.world(settings={**FAST, "retry-delay": 400})
def test_starts_are_apart(world, server):
    """An application that leaves after each call is not started again at once, however much it is to be told."""
    handler = Handler(world, script=["exit"] * 3)
    groups = [create_group(world, handler_name=NAME) for _ in range(3)]
    for group in groups:
        fill(world, server, group, 1, case="hold")
        enable(world, group)
    begun = time.monotonic()
    world.client.manager("ForEach", "(sa{sv})", "cancel", options())
    for group in groups:
        wait_state(world, group, "delivered")
    starts = [start["time"] for start in handler.starts()]
    assert len(starts) >= 3
    # It comes up for a while, each time another one, and what is known is when it has: only the whole is sure.
    assert starts[2] - begun >= 2 * (2 * 0.4 * 0.75), (begun, starts)


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


def test_with_uploads(world, server, sink):
    """Both kinds in one group, each told as what it is; bytes of both are counted."""
    handler = Handler(world)
    group = create_group(world, handler_name=NAME)
    source = world.path("source")
    with open(source, "wb") as stream:
        stream.write(b"x" * 1500)
    given = {"completion_group": group, "start": True}
    first = world.client.upload(sink.url("a"), source, **given)
    download = world.client.create(server.url("normal", size=1000), world.path("a"), **given)
    second = world.client.upload(sink.url("b", status=404), source, **given)
    alone = world.client.upload(sink.url("c"), source, start=True)
    for path in (first, download, second, alone):
        world.client.wait(path)
    listed, = world.client.call(f"{ROOT}/Uploader", UPLOADER, "List", "(a{sv})", options(completion_group=group))
    assert list(listed) == [first, second]
    enable(world, group)
    call, = handler.wait_calls(1)
    wait_state(world, group, "delivered")
    assert (call["downloads"], call["uploads"]) == ([download], [first, second])
    found = get_all(world, group)
    assert found["Operations"] == [first, download, second]
    assert (found["Ended"], found["Failed"], found["BytesDone"], found["BytesTotal"]) == (3, 1, 4000, 4000)


def test_never_enabled(world, server):
    """Nobody is called for a set that nobody has called complete, and what it is stays."""
    handler = Handler(world)
    group = create_group(world, handler_name=NAME)
    path, = fill(world, server, group, 1)
    world.client.wait(path)
    for _ in range(2):
        world.client.iterate(0.3)
        assert (handler.starts(), state(world, group)) == ([], "collecting")
        world.daemon.restart()
    enable(world, group)
    handler.wait_calls(1)


def test_called_where_it_runs(world, server):
    """It is not started beside itself."""
    handler = Handler(world)
    world.client.bus("StartServiceByName", "(su)", NAME, 0)
    pid = handler.pid()
    finish(world, server, NAME, 2)
    assert [call["pid"] for call in handler.wait_calls(2)] == [pid] * 2
    assert len(handler.starts()) == 1


def test_one_after_the_other(world, server):
    """While it owns its name, the next call comes when the one before is answered."""
    handler = Handler(world, script=["slow"] * 5)
    groups = finish(world, server, NAME, 5)
    for group in groups:
        wait_state(world, group, "delivered")
    calls, answers = handler.calls(), handler.answers()
    assert (len(calls), len(answers), len(handler.starts())) == (5, 5, 1)
    assert all(call["time"] >= answer["time"] for call, answer in zip(calls[1:], answers)), (calls, answers)


def test_who_hangs_holds_up_nobody_else(world, server):
    """Another application is called, attached clients hear of ends, and only what is its own waits for it."""
    handler, other = Handler(world, script=["hang"]), Handler(world, name="org.example.Other")
    group, = finish(world, server, NAME)
    handler.wait_calls(1)
    behind, = finish(world, server, NAME)
    attached = world.new_client()
    theirs = create_group(world, handler_name=other.name)
    path, = fill(world, server, theirs, 1, case="hold")
    attached.verb(path, "Attach")
    enable(world, theirs)
    world.client.verb(path, "Cancel")
    wait_state(world, theirs, "delivered")
    attached.wait_until(lambda: [each for each in attached.signals if each.member == "Ended"])
    assert [state(world, each) for each in (group, behind)] == ["triggered"] * 2
    assert len(handler.calls()) == 1
    os.kill(handler.pid(), signal.SIGKILL)
    for each in (group, behind):
        wait_state(world, each, "delivered")


def test_frozen_before_it_is_called(world, server):
    handler = Handler(world)
    world.client.bus("StartServiceByName", "(su)", NAME, 0)
    pid = handler.pid()
    os.kill(pid, signal.SIGSTOP)
    group, = finish(world, server, NAME)
    world.client.iterate(0.5)
    assert (handler.calls(), state(world, group)) == ([], "triggered")
    os.kill(pid, signal.SIGCONT)
    wait_state(world, group, "delivered")
    assert [call["pid"] for call in handler.calls()] == [pid]


def test_killed_frozen(world, server):
    """Its end is the end of the wait: another process of it is called."""
    handler = Handler(world)
    world.client.bus("StartServiceByName", "(su)", NAME, 0)
    pid = handler.pid()
    os.kill(pid, signal.SIGSTOP)
    group, = finish(world, server, NAME)
    wait_state(world, group, "triggered")
    os.kill(pid, signal.SIGKILL)
    wait_state(world, group, "delivered")
    call, = handler.calls()
    assert call["pid"] != pid and len(handler.starts()) == 2


@pytest.mark.world(start=False)
def test_killed_when_it_is_created(world):
    """Nobody knows its name, and nobody is called for it."""
    world.daemon.start(failpoint="completion-created")
    with pytest.raises(Refused):
        create_group(world)
    world.daemon.wait_exit()
    world.daemon.wait_gone()
    world.daemon.start()
    xml, = world.client.call(f"{ROOT}/CompletionGroup", "org.freedesktop.DBus.Introspectable", "Introspect")
    assert xml.count("<node name=") == 1


@pytest.mark.world(start=False)
def test_killed_when_it_is_enabled(world, server):
    """Enable was not answered, but holds: only its being said again is refused."""
    world.daemon.start()
    handler = Handler(world)
    group = create_group(world, handler_name=NAME)
    path, = fill(world, server, group, 1)
    world.client.wait(path)
    world.daemon.kill()
    world.daemon.start(failpoint="completion-enabled")
    with pytest.raises(Refused):
        enable(world, group)
    world.daemon.wait_exit()
    world.daemon.wait_gone()
    world.daemon.start()
    wait_state(world, group, "delivered")
    assert [call["downloads"] for call in handler.calls()] == [[path]]
    with pytest.raises(Refused) as refused:
        enable(world, group)
    assert refused.value.short == "InvalidState"
