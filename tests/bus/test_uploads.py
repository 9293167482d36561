# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What pauses, orders and ends downloads does the same with uploads. Judged at the server.

Their speed limits are in test_limits.py, cost of a PUT in test_cost.py, their part in completion groups in
test_delivery.py.
"""

import time

import pytest
from ferrykit.client import GLib, Refused
from ferrykit.conditions import wait_told
from ferrykit.content import Content, file_sha256
from ferrykit.mocks import Mock, NetworkManager

MIB = 1 << 20
SIZE = 32 * MIB  # more than the sockets of a connection take
SUM = Content(SIZE, 7).sha256()
RATE = 16 * MIB  # bytes/s that the server takes, as long as it is asked to be slow
SYSTEM = "paused-system-policy"
pytestmark = pytest.mark.world(settings={"retry-delay": 50})


@pytest.fixture
def source(world):
    """A file that takes its time."""
    path = world.path("source")
    with open(path, "wb") as stream:
        stream.write(Content(SIZE, 7).read(0, SIZE))
    return path


def begin(world, sink, source, **given):
    """A PUT in the middle of its body."""
    operation = world.client.upload(sink.url(rate=RATE), source, start=True, resumable="never", **given)
    world.client.wait_until(lambda: sink.uploads and sink.uploads[-1].got > MIB)
    assert world.client.get(operation, "BytesSent") < SIZE, "the sockets take it all: make it larger"
    return operation


def begin_post(world, sink, source, **given):
    """A POST that is sent whole and not answered."""
    operation = world.client.upload(sink.url("post", mute=1, times=0), source, method="POST", start=True,
                                    source_length=1000, **given)
    world.client.wait_until(lambda: sink.uploads and sink.uploads[-1].whole)
    return operation


def expect_aborted(world, sink, operation, causes, state=SYSTEM):
    """It is paused for that, and the server never gets the rest."""
    assert world.client.wait(operation, state, 5)["BlockedBy"] == causes
    world.client.wait_until(lambda: sink.uploads[-1].broken)
    assert sink.uploads[-1].got < SIZE


def expect_whole(world, sink, operation):
    """It went on by itself, and is there as it is."""
    ended = world.client.wait(operation)
    assert (ended["State"], ended["BytesSent"], ended["Attempt"]) == ("completed", SIZE, 1), ended
    assert file_sha256(sink.uploads[-1].path) == SUM


def test_pause_all(world, sink, source):
    operation = begin(world, sink, source)
    world.client.manager("PauseAll")
    expect_aborted(world, sink, operation, ["user.paused-all"])
    world.daemon.restart()
    expect_aborted(world, sink, operation, ["user.paused-all"])
    world.client.manager("ResumeAll")
    expect_whole(world, sink, operation)


def test_paused_by_the_application(world, sink, source):
    """A PUT may be; a POST may not, begun or not."""
    operation = begin(world, sink, source)
    world.client.verb(operation, "Pause")
    expect_aborted(world, sink, operation, ["application"], "paused-by-application")
    world.daemon.kill()
    world.daemon.start()
    assert world.client.get(operation, "State") == "paused-by-application"
    world.client.verb(operation, "Resume")
    expect_whole(world, sink, operation)
    with pytest.raises(Refused) as refused:
        world.client.verb(begin_post(world, sink, source), "Pause")
    assert refused.value.short == "InvalidState"


@pytest.mark.world(system_bus=True, start=False)
def test_metered(world, sink, source):
    """A POST in the middle of its body is stopped and sent again; one that is sent whole is left alone."""
    network = NetworkManager(world)
    network.start()
    network.set_primary(network.connect("ethernet", "lo"))
    world.daemon.start()
    wait_told(world, ("unrestricted", "full"), timeout=5)
    whole = begin_post(world, sink, source, cost_policy="unrestricted-only")
    half = world.client.upload(sink.url(rate=RATE), source, method="POST", start=True, resumable="never",
                               cost_policy="unrestricted-only")
    world.client.wait_until(lambda: sink.uploads[-1].got > MIB)
    network.say(metered="yes")
    expect_aborted(world, sink, half, ["cost.metered"], "paused-costed-network")
    assert world.client.get(whole, "State") == "running"
    network.say(metered="no")
    expect_whole(world, sink, half)
    assert world.client.get(whole, "State") == "running" and len(sink.uploads) == 3


@pytest.mark.world(system_bus=True, start=False)
def test_battery_saver(world, sink, source):
    name = "net.hadess.PowerProfiles"
    profiles = Mock(world, name, "/net/hadess/PowerProfiles", name, "power_profiles_daemon")
    world.daemon.start()
    operation = begin(world, sink, source)
    profiles.set(ActiveProfile=GLib.Variant("s", "power-saver"))
    expect_aborted(world, sink, operation, ["power.saver"])
    profiles.set(ActiveProfile=GLib.Variant("s", "balanced"))
    expect_whole(world, sink, operation)


def test_deadline(world, sink, source):
    """In the middle of a body, and at a whole POST's, which nobody answers."""
    post = begin_post(world, sink, source, not_after=int((time.time() + 3) * 1_000_000))
    put = world.client.upload(sink.url(rate=MIB), source, start=True, resumable="never",
                              not_after=int((time.time() + 2) * 1_000_000))
    for operation in (put, post):
        ended = world.client.wait(operation)
        assert (ended["State"], ended["ErrorStatus"]) == ("error", "deadline-passed")
    assert [upload.whole for upload in sink.uploads] == [True, False]


def test_window(world, sink, source):
    begins = int((time.time() + 1.5) * 1_000_000)
    operation = world.client.upload(sink.url(), source, start=True, not_before=begins)
    assert world.client.wait(operation, SYSTEM)["BlockedBy"] == ["time-window"]
    assert sink.uploads == []
    expect_whole(world, sink, operation)
    assert time.time() * 1_000_000 >= begins


def test_serialized_group(world, server, sink, source):
    """Downloads and uploads of a group are one queue."""
    world.client.manager("SetGroupBehavior", "(ssa{sv})", "g", "serialized", {})
    download = world.client.create(server.url("hold", at=1000), world.path("a"), group="g", start=True)
    world.client.wait(download, "running")
    uploads = [world.client.upload(sink.url(name), source, group="g", start=True, source_length=1000)
               for name in ("first", "second")]
    low, high = [world.client.upload(sink.url(priority), source, group="g", start=True, source_length=1000,
                                     priority=priority) for priority in ("low", "high")]
    assert world.client.wait(high)["State"] == "completed", "runs beside"
    assert {tuple(world.client.get(path, "BlockedBy")) for path in [*uploads, low]} == {("group",)}
    world.client.verb(download, "Cancel")
    assert {world.client.wait(path)["State"] for path in [*uploads, low]} == {"completed"}
    assert [upload.target for upload in sink.uploads] == ["/high", "/first", "/second", "/low"]


@pytest.mark.world(settings={"max-running": 1, "retry-delay": 50})
def test_priorities(world, sink, source):
    """Of those that wait for the only slot the more urgent goes first, whenever it came."""
    operation = begin(world, sink, source)
    late = [world.client.upload(sink.url(priority), source, start=True, priority=priority, source_length=1000)
            for priority in ("low", "default", "high")]
    assert {tuple(world.client.get(path, "BlockedBy")) for path in late} == {("slot",)}
    world.client.set(late[0], "Priority", GLib.Variant("s", "high"))
    assert {world.client.wait(path)["State"] for path in [operation, *late]} == {"completed"}
    assert [upload.target for upload in sink.uploads][1:] == ["/low", "/high", "/default"]


@pytest.mark.world(settings={"max-operations-per-application": 2})
def test_quota(world, server, sink, source):
    """Uploads and downloads count together; who is refused disturbs nothing, and leaves nothing behind."""
    first = world.client.upload(sink.url(), source)
    world.client.create(server.url("normal"), world.path("a"))
    with open(source, "rb") as stream, pytest.raises(Refused) as refused:
        world.client.upload(sink.url(), "", fds=[stream.fileno()], source_fd=0)
    assert refused.value.short == "LimitExceeded" and "2" in refused.value.message
    world.client.verb(first, "Start")
    assert world.client.wait(first)["State"] == "completed"
    world.client.upload(sink.url(), source)


def test_recoverable(world, sink, source):
    """Waits for its application with a status that was listed, is told another URI, and goes on there."""
    operation = world.client.upload(sink.url(status=507, times=0), source, source_length=1000, start=True,
                                    recoverable_errors=["unexpected-server-error", "forbidden"])
    paused = world.client.wait(operation, ("paused-recoverable-error", "error"))
    assert paused["State"] == "paused-recoverable-error", paused
    world.daemon.restart()
    world.client.set(operation, "Uri", GLib.Variant("s", sink.url("there")))
    world.client.verb(operation, "Resume")
    assert world.client.wait(operation)["State"] == "completed"
    assert sink.uploads[-1].target == "/there"
