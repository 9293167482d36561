# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Notifications of what has ended, by the session's own service for them, whether the application is there or not."""

import pytest
from ferrykit.client import GLib, options
from ferrykit.completion import create_group, enable, state, wait_state
from ferrykit.handler import NAME, Handler
from ferrykit.mocks import Notifications

SUCCESS, FAILURE = "success-notification", "failure-notification"


def note(**texts):
    """What is to be shown: title, body, icon, default_action."""
    return GLib.Variant("a{sv}", {key.replace("_", "-"): GLib.Variant("s", text) for key, text in texts.items()})


def both(**more):
    """Different ones for either end."""
    return {"success_notification": note(title="All there", **more), "failure_notification": note(title="Not all")}


def click(mock, number=1):
    """The user clicks on the notification itself, on a desktop that hands tokens out."""
    mock.emit("ActivationToken", "us", number, "token-1")
    mock.emit("ActionInvoked", "us", number, "default")


def test_of_an_operation(world, server):
    """Whoever created it is long gone; its application, which does not run, is started by a click."""
    mock = Notifications(world)
    handler = Handler(world)
    creator = world.new_client()
    creator.create(server.url("normal"), world.path("a"), application_id=NAME, start=True, title="An album",
                   success_notification=note(title="Music <3", body="Ten & one songs", icon="audio-x-generic"),
                   failure_notification=note(title="No music"))
    creator.close()
    application, replaces, icon, title, body, actions, hints, _expires = mock.wait_shown()
    assert (application, replaces, icon, title) == (NAME, 0, "audio-x-generic", "Music <3")
    assert body == "Ten &amp; one songs", "text, not markup"
    assert actions[0] == "default" and hints["desktop-entry"] == NAME
    assert handler.starts() == []
    click(mock)
    call, = handler.wait_calls(1)
    assert call["what"] == "Activate"


def test_the_action_that_was_named(world, server):
    mock = Notifications(world)
    handler = Handler(world)
    path = world.client.create(server.url("not-found"), world.path("a"), application_id=NAME, start=True, title="One",
                               success_notification=note(title="Yes"),
                               failure_notification=note(default_action="app.show-failed"))
    world.client.wait(path)
    shown = mock.wait_shown()
    assert shown[3:5] == ["Transfer failed", "One"], "what was not given is said by the service"
    click(mock)
    call, = handler.wait_calls(1)
    assert call["what"] == "show-failed"


def test_not_of_what_was_canceled_or_asked_nothing(world, server):
    mock = Notifications(world)
    held = world.client.create(server.url("hold"), world.path("a"), start=True, **both())
    plain = world.client.create(server.url("normal"), world.path("b"), start=True)
    failing = world.client.create(server.url("not-found"), world.path("c"), start=True,
                                  success_notification=note(title="Yes"))
    world.client.verb(held, "Cancel")
    for path in (plain, failing):
        world.client.wait(path)
    last = world.client.create(server.url("normal"), world.path("d"), start=True, success_notification=note(title="Last"))
    world.client.wait(last)
    assert mock.wait_shown()[3] == "Last"


@pytest.mark.parametrize("case, title", [("normal", "All there"), ("not-found", "Not all"), ("hold", "Not all")])
def test_of_a_group(world, server, case, title):
    """Success when all succeeded; failure when one failed or was canceled. One for the group, none for its members."""
    mock = Notifications(world)
    group = create_group(world, application_id=NAME, **both(body="Of the group"))
    paths = world.client.create_many([
        (server.url(each, str(number)), world.path(str(number)), options(completion_group=group, start=True))
        for number, each in enumerate(("normal", "normal", case))])
    enable(world, group)
    if case == "hold":
        assert mock.calls("Notify") == []
        world.client.verb(paths[2], "Cancel")
    wait_state(world, group, "delivered")
    shown = mock.wait_shown()
    assert shown[3] == title and shown[6]["desktop-entry"] == NAME
    assert world.daemon.end() == []
    world.daemon.start()
    assert state(world, group) == "delivered"
    world.client.iterate(0.3)
    assert len(mock.calls("Notify")) == 1, "not again after a restart"


@pytest.mark.world(start=False)
@pytest.mark.parametrize("failpoint", ["queue-completed-committed", "completion-triggered", "notification-shown"])
def test_killed_before_it_is_known_to_be_shown(world, server, failpoint):
    """Shown by the next service; twice rather than not at all."""
    mock = Notifications(world)
    world.daemon.start()
    group = create_group(world, application_id=NAME, **both())
    path = world.client.create(server.url("normal"), world.path("a"), completion_group=group)
    enable(world, group)
    world.daemon.kill()
    world.daemon.start(failpoint=failpoint)
    world.client.verb(path, "Start")
    world.daemon.wait_exit()
    world.daemon.wait_gone()
    before = len(mock.calls("Notify"))
    assert before == (1 if failpoint == "notification-shown" else 0)
    world.daemon.start()
    assert mock.wait_shown(before + 1)[3] == "All there"
    wait_state(world, group, "delivered")


def test_of_a_group_that_has_a_handler(world, server):
    """The user is told even while the application does not answer."""
    mock = Notifications(world)
    handler = Handler(world, script=["hang"])
    group = create_group(world, handler_name=NAME, **both())
    world.client.create(server.url("normal"), world.path("a"), completion_group=group, start=True)
    enable(world, group)
    assert mock.wait_shown()[3] == "All there"
    handler.wait_calls(1)
    assert state(world, group) == "triggered"


def test_nobody_shows_any(world, server):
    """Silently nothing: what was to be shown is over, and nothing waits for it."""
    group = create_group(world, application_id=NAME, **both())
    path = world.client.create(server.url("normal"), world.path("a"), completion_group=group, start=True, **both())
    enable(world, group)
    wait_state(world, group, "delivered")
    assert world.client.get(path, "State") == "completed"
    world.client.iterate(0.3)
    assert world.bad_log_lines() == []
    world.daemon.restart()
    mock = Notifications(world)
    last = world.client.create(server.url("normal"), world.path("b"), start=True, success_notification=note(title="Last"))
    world.client.wait(last)
    assert mock.wait_shown()[3] == "Last", "the news of then is none any more"
