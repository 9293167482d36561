# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Downloads whose request has a body, or may be sent only once: what arrives, and what is never sent twice."""

import os
import threading
import time

import pytest
from ferrykit.client import Refused
from ferrykit.content import Content, file_sha256
from ferrykit.kills import begin, wait_killed

MIB = 1 << 20
LARGE = 32 * MIB  # more than the sockets of one connection take
pytestmark = pytest.mark.world(settings={"stall-timeout": 5, "response-timeout": 30, "retry-delay": 50})


@pytest.fixture
def body(world):
    """Makes files to send along: (path, content)."""

    def make(size=300_000, seed=3, name="body"):
        content = Content(size, seed)
        path = os.path.join(world.root, name)
        with open(path, "wb") as stream:
            for piece in content.chunks(0, size, MIB):
                stream.write(piece)
        return path, content

    return make


def spools(world):
    return os.listdir(os.path.join(world.state, "spool"))


def read(world, name="got"):
    with open(world.path(name), "rb") as stream:
        return stream.read()


@pytest.mark.parametrize("size", [0, 1, 300_000, 20 * MIB])
def test_post(world, sink, body, size):
    path, content = body(size)
    operation = world.client.create(sink.url(reply=5000), world.path("got"), method="POST", body=path,
                                    headers=[("Content-Type", "text/x-own")])
    assert world.client.get(operation, "Options")["body"] == path
    world.client.verb(operation, "Start")
    ended = world.client.wait(operation)
    assert (ended["State"], ended["Response"]["status"], ended["Restarts"]) == ("completed", 201, 0)
    assert (ended["BytesSent"], ended["TotalBytesToSend"], ended["BytesReceived"]) == (size, size, 5000)
    [request] = sink.uploads
    assert (request.method, request.length, request.header("Content-Type")) == ("POST", size, "text/x-own")
    assert request.header("Range") is None
    assert file_sha256(request.path) == content.sha256() and read(world) == b"r" * 5000


def test_bodies_that_are_none(world, sink, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for wrong, error in (("/nowhere/at/all", "SourceUnavailable"), (str(tmp_path / "fifo"), "SourceUnavailable"),
                         (str(tmp_path), "SourceUnavailable"), ("relative", "InvalidArgument")):
        with pytest.raises(Refused) as refused:
            world.client.create(sink.url(), world.path("got"), method="POST", body=wrong)
        assert refused.value.short == error and wrong in refused.value.message and "body" in refused.value.message
    read_end, write_end = os.pipe()
    with pytest.raises(Refused) as refused:
        world.client.create(sink.url(), world.path("got"), method="POST", fds=[write_end], body_fd=0)
    assert refused.value.short == "InvalidArgument" and "body-fd" in refused.value.message
    os.close(read_end)
    os.close(write_end)
    assert os.listdir(world.downloads) == []


# Descriptors


@pytest.mark.parametrize("kind", ["named", "unnamed", "pipe"])
def test_descriptor_survives_everything(world, sink, body, kind):
    """The file is gone or another, the caller is gone, the service was killed: it is sent as it was given."""
    path, content = body()
    if kind == "pipe":
        fd, writing = os.pipe()
        writer = threading.Thread(target=lambda: (os.write(writing, content.read(0, 300_000)), os.close(writing)))
        writer.start()
    elif kind == "unnamed":
        fd = os.memfd_create("body")
        os.write(fd, content.read(0, 300_000))
    else:
        fd = os.open(path, os.O_RDONLY)
    caller = world.new_client()
    operation = caller.create(sink.url(), world.path("got"), method="POST", fds=[fd], body_fd=0)
    caller.close()
    if kind == "pipe":
        writer.join()
    os.close(fd)
    body(seed=4)
    os.unlink(path)
    if kind == "named":
        world.client.iterate(1.1)  # what is so old is swept where nobody is known to need it
    world.daemon.kill()
    world.daemon.start()
    assert "body-fd" not in world.client.get(operation, "Options")
    world.client.verb(operation, "Start")
    ended = world.client.wait(operation)
    assert ended["State"] == "completed", ended["ErrorMessage"]
    assert sink.uploads[0].body() == content.read(0, 300_000)
    world.client.wait_until(lambda: spools(world) == [])


def test_descriptor_and_destination_descriptor(world, sink, body):
    """Two descriptors of one call, each for what it is."""
    path, content = body()
    given = [os.open(path, os.O_RDONLY), os.open(world.path("mine"), os.O_RDWR | os.O_CREAT, 0o600)]
    operation = world.client.create(sink.url(reply=1000), "", method="POST", fds=given, body_fd=0, destination_fd=1,
                                    start=True)
    for fd in given:
        os.close(fd)
    assert world.client.wait(operation)["State"] == "completed"
    assert read(world, "mine") == b"r" * 1000 and sink.uploads[0].body() == content.read(0, 300_000)


@pytest.mark.world(settings={"max-spool-size": 100_000})
def test_more_than_is_kept(world, sink, body):
    fd = os.open(body()[0], os.O_RDONLY)
    with pytest.raises(Refused) as refused:
        world.client.create(sink.url(), world.path("got"), method="POST", fds=[fd], body_fd=0)
    os.close(fd)
    assert refused.value.short == "LimitExceeded" and "body-fd" in refused.value.message
    assert spools(world) == []


def test_canceled_leaves_nothing(world, sink, body):
    fd = os.open(body()[0], os.O_RDONLY)
    operation = world.client.create(sink.url(), world.path("got"), method="POST", fds=[fd], body_fd=0)
    os.close(fd)
    assert len(spools(world)) == 1
    world.client.verb(operation, "Cancel")
    assert spools(world) == []


# What is sent again, and what is not


def test_cut_before_its_end_is_sent_again(world, sink, body):
    # More than the kernel takes on the way: what it has taken counts as sent.
    path, content = body(LARGE)
    ended = world.client.wait(world.client.create(sink.url(cut=MIB), world.path("got"), method="POST", body=path,
                                                  start=True))
    assert ended["State"] == "completed"
    assert [request.whole for request in sink.uploads] == [False, True]
    assert file_sha256(sink.uploads[1].path) == content.sha256()


@pytest.mark.parametrize("along", [True, False])
def test_no_answer_is_final(world, sink, body, along):
    """Whole and unanswered, a request that may have had an effect is not sent again, until the application says so."""
    given = {"body": body()[0]} if along else {}
    world.set_setting("response-timeout", "1")
    operation = world.client.create(sink.url(mute=1), world.path("got"), method="POST", start=True, **given)
    ended = world.client.wait(operation)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "timeout") and len(sink.uploads) == 1
    world.client.verb(operation, "Resume")
    assert world.client.wait(operation)["State"] == "completed" and len(sink.uploads) == 2
    operation = world.client.create(sink.url("two", mute=1), world.path("other"), method="POST", idempotent=True,
                                    start=True, **given)
    assert world.client.wait(operation)["State"] == "completed", "it was marked so"
    assert len(sink.uploads) == 4


@pytest.mark.parametrize("status, retry, sent", [(503, "0", 2), (503, None, 1), (500, None, 1), (429, None, 2)])
def test_repeated_where_the_server_says_so(world, sink, body, status, retry, sent):
    query = {"status": status, "after": 1} | ({"retry": retry} if retry else {})
    ended = world.client.wait(world.client.create(sink.url(**query), world.path("got"), method="POST",
                                                  body=body()[0], start=True))
    assert ended["State"] == ("completed" if sent == 2 else "error")
    assert [request.whole for request in sink.uploads] == [True] * sent


@pytest.mark.parametrize("status, end", [(302, "unexpected-redirection"), (303, ""), (307, ""), (308, "")])
def test_redirects(world, sink, body, status, end):
    path, content = body()
    ended = world.client.wait(world.client.create(sink.url(status=status, after=1, to="/there"), world.path("got"),
                                                  method="POST", body=path, start=True))
    assert ended["ErrorStatus"] == end
    if status >= 307:
        assert (sink.uploads[1].method, sink.uploads[1].target) == ("POST", "/there")
        assert sink.uploads[1].body() == content.read(0, 300_000)
    elif status == 303:
        assert (sink.uploads[1].method, sink.uploads[1].length) == ("GET", 0)
    else:
        assert len(sink.uploads) == 1 and not os.path.exists(world.path("got"))


def test_get_begins_again(world, server, body):
    """What a server makes of a body is asked for anew: no part of it is."""
    url = server.url("cut-once")
    ended = world.client.wait(world.client.create(url, world.path("got"), body=body()[0], connections=4, start=True))
    assert (ended["State"], ended["Restarts"]) == ("completed", 1)
    asked = server.requests_of("cut-once")
    assert [(each.method, each.first, each.header("Content-Length")) for each in asked] == [("GET", None, "300000")] * 2


# Bodies that change


def test_changed_between_attempts(world, sink, body):
    path, _ = body(LARGE)
    operation = world.client.create(sink.url(rate=8 * MIB), world.path("got"), method="POST", body=path, start=True)
    world.client.wait_until(lambda: sink.uploads and sink.uploads[0].got > MIB)
    world.daemon.kill()
    os.unlink(path)
    path, content = body(MIB, seed=5)
    world.daemon.start()
    ended = world.client.wait(operation)
    assert (ended["State"], ended["Restarts"]) == ("completed", 1)
    assert file_sha256(sink.uploads[-1].path) == content.sha256()


def test_changed_while_it_was_sent(world, sink, body):
    """Sent whole, and not what it was: a POST is not repeated for that, and what was answered is no result."""
    path, _ = body(LARGE)
    operation = world.client.create(sink.url(rate=16 * MIB), world.path("got"), method="POST", body=path, start=True)
    world.client.wait_until(lambda: sink.uploads and sink.uploads[0].got > MIB)
    os.utime(path, ns=(1, 1))
    ended = world.client.wait(operation)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "source-changed") and path in ended["ErrorMessage"]
    assert len(sink.uploads) == 1 and not os.path.exists(world.path("got"))
    world.client.verb(operation, "Resume")
    assert world.client.wait(operation)["State"] == "completed", "as it is now"


def test_vanished(world, sink, body):
    path, _ = body()
    operation = world.client.create(sink.url(), world.path("got"), method="POST", body=path)
    os.unlink(path)
    world.client.verb(operation, "Start")
    ended = world.client.wait(operation)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "source-lost") and path in ended["ErrorMessage"]
    assert sink.uploads == []
    body()
    world.client.verb(operation, "Resume")
    assert world.client.wait(operation)["State"] == "completed"


# Kills


def test_killed_while_it_is_sent(world, sink, body):
    path, content = body(LARGE)
    fd = os.open(path, os.O_RDONLY)
    operation = world.client.create(sink.url(rate=8 * MIB), world.path("got"), method="POST", fds=[fd], body_fd=0,
                                    start=True)
    os.close(fd)
    os.unlink(path)
    world.client.wait_until(lambda: sink.uploads and sink.uploads[0].got > MIB)
    assert world.client.get(operation, "BytesSent") != LARGE, "the sockets take it all: make it larger"
    world.daemon.kill()
    world.daemon.start()
    assert world.client.wait(operation)["State"] == "completed"
    assert [request.whole for request in sink.uploads] == [False, True]
    assert file_sha256(sink.uploads[1].path) == content.sha256()


@pytest.mark.parametrize("idempotent", [False, True])
def test_killed_in_the_middle_of_the_answer(world, server, body, idempotent):
    url = server.url("normal", rate=300_000)
    operation = world.client.create(url, world.path("got"), method="POST", body=body()[0], idempotent=idempotent,
                                    start=True)
    world.client.wait_until(lambda: world.client.get(operation, "BytesReceived") > 50_000)
    world.daemon.kill()
    world.daemon.start()
    ended = world.client.wait(operation)
    if idempotent:
        assert (ended["State"], len(server.requests)) == ("completed", 2)
        assert file_sha256(world.path("got")) == Content(300_000).sha256()
    else:
        assert (ended["State"], ended["ErrorStatus"]) == ("error", "disconnected") and len(server.requests) == 1


def test_policy_does_not_abort_it(world, server):
    operation = world.client.create(server.url("normal", rate=300_000), world.path("got"), method="POST", start=True)
    world.client.wait_until(lambda: world.client.get(operation, "BytesReceived") > 0)
    world.client.manager("PauseAll")
    time.sleep(0.2)
    assert world.client.get(operation, "State") == "running"
    assert world.client.wait(operation)["State"] == "completed" and len(server.requests) == 1


@pytest.mark.world(start=False, settings={"retry-delay": 50})
@pytest.mark.parametrize("failpoint, ends, whole", [
    ("transfer-sealed", "disconnected", 0), ("transfer-body-complete", "disconnected", 1),
    ("transfer-verified", "disconnected", 1), ("queue-finalizing-committed", "", 1), ("sink-renamed", "", 1),
])
def test_killed_at(world, sink, body, failpoint, ends, whole):
    """Never is it sent a second time; and once it is recorded that all of the answer is there, it is kept."""
    path, _ = body()
    operation = begin(world, sink.url(reply=5000), failpoint, method="POST", body=path)
    wait_killed(world)
    world.daemon.start()
    assert world.client.wait(operation)["ErrorStatus"] == ends
    assert len(sink.uploads) == 1 and sink.uploads[0].whole == whole
    assert os.path.exists(world.path("a")) == (ends == "")


# The command


def test_command(world, sink, body, ferry):
    path, content = body()
    ferry("get", "--method", "POST", "--body", path, sink.url(reply=10), "got")
    ferry("get", "--method", "POST", "--body", "-", sink.url(reply=10), "other", text="from a pipe")
    assert [request.body() for request in sink.uploads] == [content.read(0, 300_000), b"from a pipe"]
    assert read(world) == read(world, "other") == b"r" * 10
