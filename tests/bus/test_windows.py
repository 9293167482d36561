# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Transfers that run only from one time on, and up to another, by the real clock."""

import time

import pytest
from ferrykit.client import GLib, Refused
from ferrykit.content import file_sha256


def soon(seconds):
    """Unix microseconds."""
    return int((time.time() + seconds) * 1_000_000)


def test_not_before(world, server):
    """Waits, says why, and begins by itself, not a moment too early; a kill meanwhile changes nothing."""
    begins = soon(2.5)
    path = world.client.create(server.url("normal"), world.path("a"), start=True, not_before=begins)
    waiting = world.client.wait(path, "paused-system-policy")
    assert waiting["BlockedBy"] == ["time-window"] and waiting["StateReason"]
    assert waiting["Options"]["not-before"] == begins
    world.daemon.kill()
    world.daemon.start()
    assert world.client.wait(path, "paused-system-policy")["BlockedBy"] == ["time-window"]
    assert server.requests == []
    assert world.client.wait(path)["State"] == "completed"
    assert begins <= time.time() * 1_000_000 and file_sha256(world.path("a"))


def test_not_after(world, server):
    """One that runs is aborted, one that nobody started fails as well; both at once, and attached clients hear of it."""
    ends = soon(1.5)
    idle = world.client.create(server.url("normal"), world.path("a"), not_after=ends)
    running = world.client.create(server.url("slow", size=3_000_000, rate=300_000), world.path("b"), start=True,
                                  not_after=ends, recoverable_errors=["deadline-passed"])
    done = world.client.create(server.url("normal"), world.path("c"), start=True, not_after=ends)
    world.client.wait_until(lambda: world.client.get(running, "BytesReceived") > 0)
    for path in (idle, running):
        ended = world.client.wait(path)
        assert (ended["State"], ended["ErrorStatus"]) == ("error", "deadline-passed"), ended
        assert ended["Finished"] >= ends
    assert world.client.get(running, "BytesReceived") > 0, "what it has is kept"
    assert world.client.get(done, "State") == "completed"
    only, = server.requests_of("slow")
    world.client.wait_until(lambda: only.ended == "left")
    world.client.verb(running, "Resume")
    assert world.client.wait(running)["ErrorStatus"] == "deadline-passed"
    world.client.verb(idle, "Remove")


def test_passes_while_nothing_runs(world, server):
    path = world.client.create(server.url("hold"), world.path("a"), start=True, not_after=soon(1))
    world.daemon.kill()
    time.sleep(1)
    world.daemon.start()
    assert world.client.wait(path)["ErrorStatus"] == "deadline-passed"


def test_already_passed(world, server):
    """Created all the same, as with any other end that comes quickly."""
    path = world.client.create(server.url("normal"), world.path("a"), start=True, not_after=soon(-10))
    assert world.client.wait(path)["ErrorStatus"] == "deadline-passed"
    assert server.requests == []


def test_window_without_time(world):
    with pytest.raises(Refused) as caught:
        world.client.create("http://127.0.0.1:9/", world.path("a"), not_before=GLib.Variant("x", 20),
                            not_after=GLib.Variant("x", 20))
    assert caught.value.short == "InvalidArgument" and "not-after" in caught.value.message
