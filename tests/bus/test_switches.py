# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the user decides: PauseAll and ResumeAll, and who may go on in battery saver."""

import os
import time

import pytest
from ferrykit.client import MANAGER, PROPERTIES, ROOT, GLib, Refused
from ferrykit.mocks import Mock, Notifications
from ferrykit.world import SCALE

PAUSED = "paused-system-policy"
SLOW = {"rate": 200_000, "size": 1_000_000}  # bytes a second, bytes: long enough to be stopped in the middle


def begin(world, server, name, **options):
    """A download that has bytes and is not at its end."""
    path = world.client.create(server.url("slow", name, **SLOW), world.path(name), start=True, **options)
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") > 0)
    return path


def paused(world):
    """Manager's Paused."""
    return world.client.get(ROOT, "Paused", MANAGER)


def expect_held(world, path):
    """It waits for the user and for nothing else, and says so."""
    found = world.client.get_all(path)
    assert (found["State"], found["BlockedBy"]) == (PAUSED, ["user.paused-all"])
    assert found["StateReason"] == "Waiting until all transfers are resumed"


def test_pause_all(world, server):
    watcher = world.new_client()
    watcher.watches = True
    watcher.bus("AddMatch", "(s)", f"type='signal',interface='{PROPERTIES}',path='{ROOT}'")
    path = begin(world, server, "a")
    idle = world.client.create(server.url("normal"), world.path("idle"))
    own = begin(world, server, "own")
    world.client.verb(own, "Pause")
    assert not paused(world)
    world.client.manager("PauseAll")
    # It holds when the call is answered.
    assert paused(world)
    expect_held(world, path)
    sent, = server.requests_of("slow", "a")
    world.client.wait_until(lambda: sent.ended == "left", 1, lambda: "the request aborted")
    world.client.manager("PauseAll")
    later = world.client.create(server.url("normal", "b"), world.path("b"), start=True, cost_policy="always",
                                priority="high")
    expect_held(world, later)
    assert world.client.get(idle, "State") == "idle"
    assert world.client.get(own, "State") == "paused-by-application"

    world.client.iterate(1)  # what was held is recorded by then, on a slow disk too
    world.daemon.restart()
    assert paused(world)
    for each in (path, later):
        expect_held(world, each)
    world.client.iterate(0.3)
    assert not server.requests_of("normal") and len(server.requests_of("slow", "a")) == 1

    world.client.manager("ResumeAll")
    assert not paused(world)
    assert world.client.wait(path)["State"] == "completed"
    assert world.client.wait(later)["State"] == "completed"
    assert os.path.getsize(world.path("a")) == SLOW["size"]
    assert server.requests_of("slow", "a")[-1].first > 0
    assert world.client.get(idle, "State") == "idle"
    assert world.client.get(own, "State") == "paused-by-application"
    world.client.manager("ResumeAll")
    watcher.iterate(0.2)
    told = [each.arguments[1]["Paused"] for each in watcher.signals
            if each.path == ROOT and "Paused" in each.arguments[1]]
    assert told[0] is True and told[-1] is False, told
    world.daemon.restart()
    assert not paused(world)


def test_what_waits_for_the_user_can_be_canceled(world, server):
    path = world.client.create(server.url("normal"), world.path("a"))
    world.client.manager("PauseAll")
    world.client.verb(path, "Start")
    expect_held(world, path)
    world.client.verb(path, "Cancel")
    assert world.client.get(path, "State") == "canceled"
    world.client.manager("ResumeAll")


# Asking.

def upower(world):
    """On a low battery."""
    mock = Mock(world, "org.freedesktop.UPower", "/org/freedesktop/UPower", "org.freedesktop.UPower", "upower")
    mock.set("/org/freedesktop/UPower/devices/DisplayDevice", "org.freedesktop.UPower.Device",
             WarningLevel=GLib.Variant("u", 3))
    mock.set(OnBattery=GLib.Variant("b", True))
    return mock


def ask(world, *paths):
    """RequestUnconstrained; a dict that gets its answer."""
    return world.client.call_async(ROOT, MANAGER, "RequestUnconstrained", "(ao)", list(paths), timeout=400)


def answer(world, asked, timeout=5):
    """What is said in the end."""
    world.client.wait_until(lambda: "time" in asked, timeout, lambda: "an answer")
    assert "error" not in asked, asked
    return asked["reply"][0]


@pytest.mark.world(system_bus=True, start=False, settings={"retry-delay": 5000})
def test_user_agrees(world, server):
    mock = Notifications(world)
    upower(world)
    world.daemon.start()
    paths = [world.client.create(server.url("normal", name), world.path(name), start=True, application_id="org.app.App")
             for name in ("a", "b", "c")]
    for path in paths:
        world.client.wait(path, PAUSED)
    asked = ask(world, *paths[:2])
    shown = mock.wait_shown()
    assert shown[5] == ["allow", "Allow", "deny", "Deny"] and shown[7] == 0 and "2 transfers" in shown[4]
    assert "time" not in asked
    mock.emit("ActionInvoked", "us", 1, "allow")
    assert answer(world, asked) is True
    for path in paths[:2]:
        assert world.client.get(path, "Unconstrained") is True
        assert world.client.wait(path)["State"] == "completed"
    assert world.client.get(paths[2], "Unconstrained") is False
    assert world.client.get(paths[2], "BlockedBy") == ["power.saver"]
    assert mock.calls("CloseNotification") == [[1]]


@pytest.mark.world(settings={"retry-delay": 5000})
def test_agreed_is_for_good(world, server):
    mock = Notifications(world)
    path = world.client.create(server.url("normal"), world.path("a"))
    asked = ask(world, path)
    mock.wait_shown()
    mock.emit("ActionInvoked", "us", 1, "allow")
    assert answer(world, asked) is True
    world.daemon.restart()
    assert world.client.get(path, "Unconstrained") is True
    assert answer(world, ask(world, path)) is True, "without asking again"
    assert len(mock.calls("Notify")) == 1


@pytest.mark.world(settings={"retry-delay": 5000})
def test_user_does_not_agree(world, server):
    path = world.client.create(server.url("normal"), world.path("a"))
    assert answer(world, ask(world, path)) is False, "nobody is there to ask"
    mock = Notifications(world)
    for count, (signal, signature, last) in enumerate((
            ("ActionInvoked", "us", "deny"), ("NotificationClosed", "uu", 2), ("NotificationClosed", "uu", 1)), 1):
        asked = ask(world, path)
        mock.wait_shown(count)
        mock.emit(signal, signature, count, last)
        assert answer(world, asked) is False
    asked = ask(world, path)
    mock.wait_shown(4)
    mock.stop()
    assert answer(world, asked) is False
    assert world.client.get(path, "Unconstrained") is False


@pytest.mark.world(settings={"retry-delay": 5000})
def test_who_does_not_tell_of_buttons(world, server):
    """dbusmock's template as it is, for one: it is told of them all the same, and may well have them."""
    path = world.client.create(server.url("normal"), world.path("a"))
    mock = Notifications(world, "body body-markup")
    asked = ask(world, path)
    assert mock.wait_shown()[5] == ["allow", "Allow", "deny", "Deny"]
    mock.emit("ActionInvoked", "us", 1, "allow")
    assert answer(world, asked) is True


@pytest.mark.world(settings={"retry-delay": 5000})
def test_who_asked_leaves(world, server):
    """The application's exit changes nothing: the user's word counts all the same."""
    mock = Notifications(world)
    paths = [world.client.create(server.url("normal", name), world.path(name)) for name in "ab"]
    for number, (path, action) in enumerate(zip(paths, ("allow", "deny")), 1):
        other = world.new_client()
        other.call_async(ROOT, MANAGER, "RequestUnconstrained", "(ao)", [path], timeout=400)
        mock.wait_shown(number)
        other.close()
        world.client.iterate(0.2)
        assert not mock.calls("CloseNotification")[number - 1:], "the question stands"
        mock.emit("ActionInvoked", "us", number, action)
        world.client.wait_until(lambda: len(mock.calls("CloseNotification")) == number, 5)
    world.client.wait_until(lambda: world.client.get(paths[0], "Unconstrained"), 5)
    assert world.client.get(paths[1], "Unconstrained") is False


@pytest.mark.world(settings={"retry-delay": 100})
def test_who_is_to_ask_hangs(world, server):
    """Nobody else waits for that, and it ends with the time that the user has."""
    mock = Notifications(world)
    path = world.client.create(server.url("normal"), world.path("a"))
    mock.freeze()
    asked = ask(world, path)
    world.client.verb(path, "Start")
    assert world.client.wait(path)["State"] == "completed"
    assert "time" not in asked
    assert answer(world, asked, 15) is False, "60 times retry-delay"


@pytest.mark.world(settings={"retry-delay": 20, "idle-exit": 1}, start=False)
def test_no_answer_in_time(world, server):
    """Five minutes scale with the setting; the service stays for the answer, and takes the question back."""
    mock = Notifications(world)
    path = world.client.create(server.url("normal"), world.path("a"))
    started = time.monotonic()
    asked = ask(world, path)
    assert answer(world, asked, 10) is False
    assert 1.1 < time.monotonic() - started < 3 * SCALE, "60 times retry-delay"
    world.client.wait_until(lambda: mock.calls("CloseNotification") == [[1]], 5)


@pytest.mark.world(settings={"retry-delay": 5000})
def test_stop_while_asking(world, server):
    """It does not wait for the user."""
    mock = Notifications(world)
    path = world.client.create(server.url("normal"), world.path("a"))
    asked = ask(world, path)
    mock.wait_shown()
    stopping = time.monotonic()
    assert world.daemon.end() == []
    assert time.monotonic() - stopping < 3 * SCALE
    assert answer(world, asked) is False
    world.client.wait_until(lambda: mock.calls("CloseNotification") == [[1]], 5)


def test_what_is_not_there(world, server):
    path = world.client.create(server.url("normal"), world.path("a"))
    for paths, error in (([], "InvalidArgument"), ([path, f"{ROOT}/Operation/{'0' * 32}"], "NotFound"),
                         ([f"{ROOT}/CompletionGroup/{'0' * 32}"], "NotFound"), (["/"], "NotFound")):
        with pytest.raises(Refused) as caught:
            world.client.manager("RequestUnconstrained", "(ao)", paths)
        assert caught.value.short == error and "operations" in caught.value.message
