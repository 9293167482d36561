# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uploads: what arrives, what is answered, and what becomes of both when something goes wrong."""

import os
import signal
import socket
import subprocess
import threading
import time

import ferrykit
import pytest
from ferrykit.auth import NeedsDigest, needs_basic
from ferrykit.client import UPLOADER, ROOT, Refused, options
from ferrykit.content import Content, file_sha256
from ferrykit.sink import Sink
from ferrykit.tls import Authority

FULL = os.environ.get("FERRY_TEST_FULL") == "1"
MIB = 1 << 20
SPOOLER = ("import sys; from ferrykit.client import Client;"
           "Client(sys.argv[1]).upload(sys.argv[2], '', fds=[0], source_fd=0)")
LARGE = 32 * MIB  # more than the sockets of one connection take
pytestmark = pytest.mark.world(settings={"stall-timeout": 5, "response-timeout": 30, "retry-delay": 50})


@pytest.fixture
def source(world):
    """Makes files to upload: (path, content)."""

    def make(size=300_000, seed=1, name="source"):
        content = Content(size, seed)
        path = world.path(name)
        with open(path, "wb") as stream:
            for piece in content.chunks(0, size, MIB):
                stream.write(piece)
        return path, content

    return make


def read_result(world, path):
    with os.fdopen(world.client.open_result(path), "rb") as stream:
        return stream.read()


def test_put(world, sink, source):
    path, content = source()
    operation = world.client.upload(sink.url(), path, headers=[("X-Own", "yes")])
    before = world.client.get_all(operation)
    assert (before["Kind"], before["Method"], before["Source"], before["State"]) == ("upload", "PUT", path, "idle")
    assert before["TotalBytesToSend"] == -1 and before["BytesSent"] == 0
    world.client.verb(operation, "Start")
    ended = world.client.wait(operation)
    assert ended["State"] == "completed"
    assert (ended["BytesSent"], ended["TotalBytesToSend"]) == (300_000, 300_000)
    assert ended["BytesReceived"] == len(b"got 300000") == ended["TotalBytesToReceive"]
    response = ended["Response"]
    assert (response["status"], response["resumable"], response["complete-proved"]) == (201, False, True)
    [upload] = sink.uploads
    assert (upload.method, upload.header("X-Own"), upload.header("Content-Length")) == ("PUT", "yes", "300000")
    assert upload.body() == content.read(0, 300_000)
    assert read_result(world, operation) == b"got 300000"
    world.daemon.restart()
    assert read_result(world, operation) == b"got 300000", "the answer outlives the service"
    world.client.verb(operation, "Remove")
    assert os.listdir(os.path.join(world.state, "bodies")) == []


@pytest.mark.parametrize("size", [0, 1, 4096, 4097, MIB, MIB + 1, 20 * MIB])
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_sizes(world, sink, source, size, method):
    path, content = source(size)
    ended = world.client.wait(world.client.upload(sink.url(), path, method=method, start=True))
    assert (ended["State"], ended["BytesSent"]) == ("completed", size)
    [upload] = sink.uploads
    assert (upload.length, upload.header("Expect")) == (size, "100-continue" if size > MIB else None)
    assert file_sha256(upload.path) == content.sha256()


def test_part_of_a_file(world, sink, source):
    path, content = source()
    operation = world.client.upload(sink.url(), path, source_offset=1000, source_length=5000, start=True)
    assert world.client.wait(operation)["TotalBytesToSend"] == 5000
    operation = world.client.upload(sink.url(), path, source_offset=299_990, start=True)
    world.client.wait(operation)
    assert [upload.body() for upload in sink.uploads] == [content.read(1000, 5000), content.read(299_990, 10)]
    for wrong in ({"source_offset": 300_001}, {"source_offset": 1, "source_length": 300_000}):
        with pytest.raises(Refused) as refused:
            world.client.upload(sink.url(), path, **wrong)
        assert refused.value.short == "InvalidArgument" and "source-" in refused.value.message


def test_sources_that_are_none(world, sink, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    os.mkdir(tmp_path / "folder")
    for source, error in (("/nowhere/at/all", "SourceUnavailable"), (tmp_path / "fifo", "SourceUnavailable"),
                          (tmp_path / "folder", "SourceUnavailable"), ("/dev/zero", "SourceUnavailable"),
                          ("/proc/version", "SourceUnavailable"),
                          ("relative", "InvalidArgument"), ("", "InvalidArgument")):
        with pytest.raises(Refused) as refused:
            world.client.upload(sink.url(), source)
        assert refused.value.short == error, source
    with open("/proc/version", "rb") as stream, pytest.raises(Refused) as refused:
        world.client.upload(sink.url(), "", fds=[stream.fileno()], source_fd=0)
    assert refused.value.short == "SourceUnavailable" and "how long" in refused.value.message


def test_many(world, sink, source):
    path, _ = source(1000)
    with pytest.raises(Refused) as refused:
        world.client.call(f"{ROOT}/Uploader", UPLOADER, "CreateMany", "(a(ssa{sv}))",
                          [(sink.url(), path, {}), (sink.url(), "/nowhere", {})])
    assert refused.value.message.startswith("operation 1:")
    paths = world.client.call(f"{ROOT}/Uploader", UPLOADER, "CreateMany", "(a(ssa{sv}))", [
        (sink.url(f"{n}"), path, options(start=True)) for n in range(20)])[0]
    assert {world.client.wait(each)["State"] for each in paths} == {"completed"}
    assert {upload.target for upload in sink.uploads} == {f"/{n}" for n in range(20)}
    listed = world.client.call(f"{ROOT}/Uploader", UPLOADER, "List", "(a{sv})", {})[0]
    assert set(listed) == set(paths) and world.client.list() == {}


# Descriptors


def test_descriptor_of_a_file(world, sink, source):
    path, content = source()
    fd = os.open(path, os.O_RDONLY)
    operation = world.client.upload(sink.url(), "", fds=[fd], source_fd=0)
    assert world.client.get_all(operation)["Source"] == ""
    os.close(fd)
    os.unlink(path)
    world.client.verb(operation, "Start")
    assert world.client.wait(operation)["State"] == "completed", "held open, whatever becomes of its name"
    assert sink.uploads[0].body() == content.read(0, 300_000)


def test_descriptor_after_a_restart(world, sink, source):
    path, content = source()
    fd = os.open(path, os.O_RDONLY)
    same, other = [world.client.upload(sink.url(), "", fds=[fd], source_fd=0) for _ in range(2)]
    os.close(fd)
    world.daemon.restart()
    world.client.verb(same, "Start")
    assert world.client.wait(same)["State"] == "completed"
    assert sink.uploads[0].body() == content.read(0, 300_000)
    os.rename(path, world.path("away"))
    source(seed=2)
    world.client.verb(other, "Start")
    assert world.client.wait(other)["ErrorStatus"] == "source-lost"
    assert len(sink.uploads) == 1


def write_slowly(fd, content, size):
    for piece in content.chunks(0, size, 50_000):
        os.write(fd, piece)
        time.sleep(0.01)
    os.close(fd)


def test_pipe_survives_a_kill(world, sink):
    content = Content(400_000)
    ours, theirs = os.pipe()
    writer = threading.Thread(target=write_slowly, args=(theirs, content, 400_000))
    writer.start()
    operation = world.client.upload(sink.url(), "", fds=[ours], source_fd=0)
    writer.join()
    os.close(ours)
    world.daemon.kill()
    world.daemon.start()
    world.client.verb(operation, "Start")
    ended = world.client.wait(operation)
    assert (ended["State"], ended["TotalBytesToSend"]) == ("completed", 400_000)
    assert sink.uploads[0].body() == content.read(0, 400_000)
    world.client.wait_until(lambda: os.listdir(os.path.join(world.state, "spool")) == [])


def test_socket(world, sink):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"through a socket")
        theirs.shutdown(socket.SHUT_WR)
        operation = world.client.upload(sink.url(), "", fds=[ours.fileno()], source_fd=0, start=True)
    ended = world.client.wait(operation)
    assert (ended["State"], ended["TotalBytesToSend"]) == ("completed", 16)
    assert sink.uploads[0].body() == b"through a socket"


def test_killed_while_a_pipe_is_read(world, sink):
    """Nobody was told that the upload is there, and nothing of it stays."""
    ours, theirs = os.pipe()
    spool = os.path.join(world.state, "spool")
    bus = subprocess.Popen(["/usr/bin/python3", "-c", SPOOLER, world.bus.address, sink.url()], stdin=ours,
                           env={**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(ferrykit.__file__))},
                           stderr=subprocess.DEVNULL)
    os.close(ours)
    os.write(theirs, b"half of it")
    world.client.wait_until(lambda: os.path.isdir(spool) and os.listdir(spool))
    world.client.iterate(1.1)  # what is as new as the service is not taken for a left-over
    world.daemon.kill()
    bus.wait(20)
    os.close(theirs)
    world.daemon.start()
    world.client.wait_until(lambda: os.listdir(spool) == [])
    assert world.client.call(f"{ROOT}/Uploader", UPLOADER, "List", "(a{sv})", {})[0] == {}


@pytest.mark.world(settings={"max-spool-size": 100_000})
def test_pipe_that_never_ends(world, sink):
    ours, theirs = os.pipe()
    writer = threading.Thread(target=lambda: [os.write(theirs, b"x" * 1000) for _ in range(1000)], daemon=True)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    writer.start()
    with pytest.raises(Refused) as refused:
        world.client.upload(sink.url(), "", fds=[ours], source_fd=0)
    assert refused.value.short == "LimitExceeded" and "100000" in refused.value.message
    assert os.listdir(os.path.join(world.state, "spool")) == []
    os.close(ours)


def test_canceled_pipe_leaves_nothing(world, sink):
    ours, theirs = os.pipe()
    os.write(theirs, b"hello")
    os.close(theirs)
    operation = world.client.upload(sink.url(), "", fds=[ours], source_fd=0)
    os.close(ours)
    assert len(os.listdir(os.path.join(world.state, "spool"))) == 1
    world.client.verb(operation, "Cancel")
    assert os.listdir(os.path.join(world.state, "spool")) == []


# Errors and retries


def test_error_has_its_body(world, sink, source):
    path, _ = source()
    ended = world.client.wait(world.client.upload(sink.url(status=403), path, start=True))
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "forbidden")
    operation = [each for each in world.client.call(f"{ROOT}/Uploader", UPLOADER, "List", "(a{sv})", {})[0]][0]
    assert read_result(world, operation) == b"refused"


def test_refused_early(world, sink, source):
    """The answer comes while the body is being sent: it is heard, and the rest is not sent."""
    path, _ = source(40 * MIB)
    ended = world.client.wait(world.client.upload(sink.url(early=MIB, status=413), path, start=True))
    assert ended["ErrorStatus"] == "request-entity-too-large"
    assert ended["BytesSent"] < 40 * MIB and len(sink.uploads) == 1


def test_refused_early_and_reset(world, sink, source):
    """The same from a server that hangs up at once: most often it is heard; where not, the upload is tried again."""
    path, _ = source(40 * MIB)
    ended = world.client.wait(world.client.upload(sink.url(early=MIB, status=413, reset=1, times=0), path, start=True))
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "request-entity-too-large")
    assert ended["BytesSent"] < 40 * MIB and len(sink.uploads) <= 4


@pytest.mark.parametrize("status, end", [
    (409, "conflict"), (411, "length-required"), (412, "precondition-failed"), (415, "unsupported-media-type"),
    (417, "expectation-failed"), (422, "unexpected-client-error"), (501, "not-implemented")])
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_refused_for_good(world, sink, source, status, end, method):
    """An answer that another attempt would not change is final, and can be read."""
    operation = world.client.upload(sink.url(status=status, after=1, times=0), source()[0], method=method, start=True)
    ended = world.client.wait(operation)
    assert (ended["State"], ended["ErrorStatus"], ended["Attempt"]) == ("error", end, 1)
    assert ended["Response"]["status"] == status and read_result(world, operation) == b"refused"
    assert [upload.header("Content-Length") for upload in sink.uploads] == ["300000"]


def test_redirected_without_end(world, sink, source):
    operation = world.client.upload(sink.url(status=307, to="self", times=0),
                                    source(1000)[0], start=True)
    ended = world.client.wait(operation)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "redirect-failed"), ended
    assert len(sink.uploads) <= 22


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_cut_in_the_middle_is_sent_again(world, sink, source, method):
    # More than the kernel takes on the way: what it has taken counts as sent.
    path, content = source(24 * MIB)
    ended = world.client.wait(world.client.upload(sink.url(cut=MIB), path, method=method, start=True))
    assert ended["State"] == "completed"
    first, second = sink.uploads
    assert (first.whole, second.whole) == (False, True)
    assert file_sha256(second.path) == content.sha256()


def test_put_without_a_reply_is_sent_again(world, sink, source):
    path, _ = source()
    world.set_setting("response-timeout", "1")
    ended = world.client.wait(world.client.upload(sink.url(mute=1), path, start=True))
    assert ended["State"] == "completed" and [upload.whole for upload in sink.uploads] == [True, True]


def test_post_without_a_reply_is_final(world, sink, source):
    path, _ = source()
    world.set_setting("response-timeout", "1")
    ended = world.client.wait(world.client.upload(sink.url(mute=1), path, method="POST", start=True))
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "timeout") and len(sink.uploads) == 1
    operation = world.client.upload(sink.url("two", mute=1), path, method="POST", idempotent=True, start=True)
    assert world.client.wait(operation)["State"] == "completed", "it was marked so"
    assert len(sink.uploads) == 3


def test_lost_connection_after_a_whole_post_is_final(world, sink, source):
    path, _ = source()
    ended = world.client.wait(world.client.upload(sink.url(drop=1), path, method="POST", start=True))
    assert (ended["State"], ended["ErrorStatus"], ended["Attempt"]) == ("error", "disconnected", 1)
    assert [upload.whole for upload in sink.uploads] == [True]
    for given in ({"method": "PUT"}, {"method": "POST", "idempotent": True}):
        operation = world.client.upload(sink.url(given["method"], drop=1), path, start=True, **given)
        assert world.client.wait(operation)["State"] == "completed", "sent again"
    assert [upload.whole for upload in sink.uploads] == [True] * 5


@pytest.mark.parametrize("status, retry, sent", [(503, "0", 2), (503, None, 1), (500, None, 1), (429, None, 2),
                                                 (408, None, 2), (425, None, 2)])
def test_post_is_repeated_where_the_server_says_so(world, sink, source, status, retry, sent):
    path, _ = source()
    query = {"status": status, "after": 1} | ({"retry": retry} if retry else {})
    ended = world.client.wait(world.client.upload(sink.url(**query), path, method="POST", start=True))
    assert ended["State"] == ("completed" if sent == 2 else "error")
    assert [upload.whole for upload in sink.uploads] == [True] * sent


@pytest.mark.parametrize("case", [needs_basic("eve", "word"), NeedsDigest("eve", "word")], ids=["basic", "digest"])
@pytest.mark.parametrize("size", [0, 1000, 2 * MIB])
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_server_that_wants_a_credential(world, sink, source, case, size, method):
    """It asks for it after the body or, where that is large, in its place; then it gets all of it, once."""
    path, content = source(size)
    sink.guard = case
    ended = world.client.wait(world.client.upload(sink.url(), path, method=method, server_credential=("eve", "word"),
                                                  start=True))
    assert (ended["State"], ended["Attempt"], ended["BytesSent"]) == ("completed", 1, size), ended
    assert [upload.status for upload in sink.uploads] == [401, 201]
    assert [upload.got for upload in sink.uploads] == [size if size < MIB else 0, size]
    assert file_sha256(sink.uploads[1].path) == content.sha256()


@pytest.mark.parametrize("status, end", [(301, "unexpected-redirection"), (302, "unexpected-redirection"),
                                         (303, ""), (307, ""), (308, "")])
def test_redirects(world, sink, source, status, end):
    path, content = source()
    ended = world.client.wait(world.client.upload(sink.url(status=status, after=1, to="/there"), path, start=True))
    assert ended["ErrorStatus"] == end
    if status >= 307:
        assert sink.uploads[1].target == "/there" and sink.uploads[1].body() == content.read(0, 300_000)
    elif status == 303:
        assert (sink.uploads[1].method, sink.uploads[1].length) == ("GET", 0)
    else:
        assert len(sink.uploads) == 1


@pytest.mark.sink(expects=False)
@pytest.mark.world(settings={"response-timeout": 10, "retry-delay": 50})
def test_server_that_expects_nothing(world, sink, source):
    path, content = source(2 * MIB)
    ended = world.client.wait(world.client.upload(sink.url(), path, method="POST", start=True))
    assert (ended["State"], ended["Attempt"]) == ("completed", 1)
    assert [upload.header("Expect") for upload in sink.uploads] == ["100-continue", None]
    assert file_sha256(sink.uploads[1].path) == content.sha256()


def test_by_tls(world, source, tmp_path):
    """The same where files cannot go from the kernel to the socket by themselves."""
    authority = Authority(str(tmp_path))
    with open(authority.certificate, encoding="ascii") as stream:
        trust = {"ca_certificates": stream.read()}
    server = Sink(str(tmp_path), context=authority.context("uploads"))
    try:
        path, content = source(20 * MIB)
        for target, method, query in (("a", "PUT", {"cut": MIB}), ("b", "POST", {"cut": MIB}), ("c", "POST", {})):
            server.guard = needs_basic("eve", "word") if target == "c" else None
            operation = world.client.upload(server.url(target, **query), path, method=method, resumable="never",
                                            server_credential=("eve", "word"), start=True, **trust)
            ended = world.client.wait(operation, timeout=60)
            assert (ended["State"], ended["BytesSent"]) == ("completed", 20 * MIB), ended
            assert file_sha256(server.uploads[-1].path) == content.sha256()
        assert [upload.whole for upload in server.uploads] == [False, True, False, True, False, True]
        server.guard = None
        operation = world.client.upload(server.url("d", drop=1), path, method="POST", resumable="never", start=True,
                                        **trust)
        assert world.client.wait(operation)["ErrorStatus"] == "disconnected" and len(server.uploads) == 7
    finally:
        server.stop()
    assert not server.failures


# Sources that change


def test_changed_while_it_was_sent(world, sink, source):
    path, _ = source(2 * MIB)
    operation = world.client.upload(sink.url(rate=2 * MIB, times=0), path, start=True)
    world.client.wait_until(lambda: sink.uploads and sink.uploads[-1].got > MIB // 2)
    path, new = source(2 * MIB, seed=2)
    ended = world.client.wait(operation)
    assert (ended["State"], ended["Restarts"]) == ("completed", 1)
    assert file_sha256(sink.uploads[-1].path) == new.sha256()


def test_changes_again_and_again(world, sink, source):
    path, _ = source(MIB)
    stop = threading.Event()

    def touch():
        while not stop.wait(0.02):
            os.utime(path)

    toucher = threading.Thread(target=touch)
    toucher.start()
    ended = world.client.wait(world.client.upload(sink.url(rate=10 * MIB, times=0), path, start=True))
    stop.set()
    toucher.join()
    assert (ended["State"], ended["ErrorStatus"], ended["Restarts"]) == ("error", "source-changed", 3)
    assert len(sink.uploads) == 4
    operation = [each for each in world.client.call(f"{ROOT}/Uploader", UPLOADER, "List", "(a{sv})", {})[0]][0]
    world.client.verb(operation, "Resume")
    assert world.client.wait(operation)["State"] == "completed", "as it is now"


def test_grows_while_it_is_sent(world, sink, source):
    """As long as it was is what is sent; then it has changed, and all of it is."""
    path, _ = source(2 * MIB)
    operation = world.client.upload(sink.url(rate=2 * MIB), path, start=True)
    world.client.wait_until(lambda: sink.uploads and sink.uploads[-1].got > 100_000)
    with open(path, "ab") as stream:
        stream.write(b"and more")
    ended = world.client.wait(operation)
    assert (ended["State"], ended["Restarts"], ended["BytesSent"]) == ("completed", 1, 2 * MIB + 8)
    assert [upload.length for upload in sink.uploads] == [2 * MIB, 2 * MIB + 8]
    assert sink.uploads[-1].body().endswith(b"and more")


def test_changed_while_it_was_posted(world, sink, source):
    """A POST that is there whole is not sent a second time, whatever has become of its file."""
    path, _ = source(2 * MIB)
    operation = world.client.upload(sink.url(rate=2 * MIB), path, method="POST", start=True)
    world.client.wait_until(lambda: sink.uploads and sink.uploads[-1].got > 100_000)
    os.utime(path)
    ended = world.client.wait(operation)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "source-changed")
    assert [upload.whole for upload in sink.uploads] == [True]


def test_another_file_in_its_place(world, sink, source):
    """Replaced before the first start it is what is sent; later it is a change."""
    path, _ = source(2 * MIB)
    operation = world.client.upload(sink.url(rate=2 * MIB), path, start=True)
    world.client.wait_until(lambda: sink.uploads and sink.uploads[-1].got > 100_000)
    world.daemon.kill()
    source(MIB, seed=2, name="other")
    os.rename(world.path("other"), path)
    world.daemon.start()
    ended = world.client.wait(operation)
    assert (ended["State"], ended["BytesSent"], ended["Restarts"]) == ("completed", MIB, 1)
    assert file_sha256(sink.uploads[-1].path) == Content(MIB, 2).sha256()


def test_vanished_between_attempts(world, sink, source):
    path, _ = source(LARGE)
    operation = world.client.upload(sink.url(rate=8 * MIB), path, start=True)
    world.client.wait_until(lambda: sink.uploads and sink.uploads[-1].got > MIB)
    world.daemon.kill()
    os.unlink(path)
    world.daemon.start()
    assert world.client.wait(operation)["ErrorStatus"] == "source-lost"
    assert [upload.whole for upload in sink.uploads] == [False]


def test_truncated_and_deleted(world, sink, source):
    # More than the sockets take, so that it is not all on its way when the file changes.
    path, _ = source(LARGE)
    operation = world.client.upload(sink.url(rate=8 * MIB), path, method="POST", start=True)
    world.client.wait_until(lambda: sink.uploads and sink.uploads[-1].got > 100_000)
    os.truncate(path, 1000)
    ended = world.client.wait(operation)
    assert ended["State"] == "completed" and sink.uploads[-1].got == 1000, "as it is now"
    path, content = source(2 * MIB)
    operation = world.client.upload(sink.url("two", rate=4 * MIB), path, start=True)
    world.client.wait_until(lambda: sink.uploads[-1].got > 100_000)
    os.unlink(path)
    assert world.client.wait(operation)["State"] == "completed"
    assert file_sha256(sink.uploads[-1].path) == content.sha256()
    operation = world.client.upload(sink.url("three"), source(1000)[0])
    os.unlink(path)
    world.client.verb(operation, "Start")
    assert world.client.wait(operation)["ErrorStatus"] == "source-lost"


# Pauses and kills


def test_pause_and_resume(world, sink, source):
    path, content = source(4 * MIB)
    operation = world.client.upload(sink.url(rate=4 * MIB, times=0), path, start=True)
    world.client.wait_until(lambda: world.client.get(operation, "BytesSent") > 0)
    world.client.verb(operation, "Pause")
    assert world.client.get(operation, "State") == "paused-by-application"
    world.client.verb(operation, "Resume")
    assert world.client.wait(operation)["State"] == "completed"
    assert file_sha256(sink.uploads[-1].path) == content.sha256()


def test_post_once_when_killed_before_the_reply(world, sink, source):
    """The whole body is there, and the service dies before the answer: nobody ever sends it again."""
    path, _ = source()
    operation = world.client.upload(sink.url(mute=1, times=0), path, method="POST", start=True)
    world.client.wait_until(lambda: sink.uploads and sink.uploads[0].whole)
    world.daemon.kill()
    world.daemon.start()
    ended = world.client.wait(operation)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "disconnected")
    assert len(sink.uploads) == 1
    world.client.verb(operation, "Resume")
    world.client.wait_until(lambda: len(sink.uploads) == 2)  # the application says so


def test_post_again_when_killed_before_the_last_byte(world, sink, source):
    path, content = source(LARGE)
    operation = world.client.upload(sink.url(rate=8 * MIB), path, method="POST", start=True)
    world.client.wait_until(lambda: sink.uploads and sink.uploads[0].got > MIB)
    assert not world.client.get(operation, "BytesSent") == LARGE, "the sockets take it all: make it larger"
    world.daemon.kill()
    world.daemon.start()
    assert world.client.wait(operation)["State"] == "completed"
    assert [upload.whole for upload in sink.uploads] == [False, True]
    assert file_sha256(sink.uploads[1].path) == content.sha256()


def test_whole_post_is_not_aborted_by_policy(world, sink, source):
    path, _ = source()
    operation = world.client.upload(sink.url(mute=1, times=0), path, method="POST", start=True)
    world.client.wait_until(lambda: sink.uploads and sink.uploads[0].whole)
    world.client.manager("PauseAll")
    world.client.iterate(0.3)
    assert world.client.get(operation, "State") == "running"
    with pytest.raises(Refused) as refused:
        world.client.verb(operation, "Pause")
    assert refused.value.short == "InvalidState"
    world.client.manager("ResumeAll")
    world.client.verb(operation, "Cancel")


@pytest.mark.parametrize("failpoint", ["upload-sealed", "upload-answered", "queue-completed-committed"])
def test_killed_at(world, sink, source, failpoint):
    """Where a PUT is killed it arrives; a POST is never there twice."""
    path, content = source()
    for method in ("PUT", "POST"):
        if (method, failpoint) == ("PUT", "upload-sealed"):
            continue
        before = len(sink.uploads)
        operation = world.client.upload(sink.url(method), path, method=method)
        world.daemon.restart(failpoint=failpoint)
        try:
            world.client.verb(operation, "Start")
        except Refused:
            pass
        assert world.daemon.wait_exit(20) == -signal.SIGKILL
        world.daemon.wait_gone()
        world.daemon.start()
        ended = world.client.wait(operation)
        whole = [upload for upload in sink.uploads[before:] if upload.whole]
        if method == "PUT":
            assert ended["State"] == "completed" and file_sha256(whole[-1].path) == content.sha256()
        else:
            assert len(whole) <= 1
            assert ended["State"] == ("completed" if failpoint == "queue-completed-committed" else "error")


def test_ten_kills(world, sink, source, rng):
    """A PUT whose service is killed at random arrives as it is."""
    size = (1024 if FULL else 24) * MIB
    path, content = source(size)
    operation = world.client.upload(sink.url(rate=size // 2, times=0), path, start=True)
    for _ in range(10):
        world.client.iterate(rng.uniform(0, 0.3))
        world.daemon.kill()
        world.daemon.start()
    ended = world.client.wait(operation, timeout=120)
    assert ended["State"] == "completed"
    assert file_sha256(sink.uploads[-1].path) == content.sha256()


def test_five_gib_of_nothing(world, sink):
    """Offsets beyond 32 bits: a sparse file, and what is at its end."""
    path = world.path("sparse")
    with open(path, "wb") as stream:
        stream.truncate(5 << 30)
        stream.seek((5 << 30) - 5)
        stream.write(b"there")
    operation = world.client.upload(sink.url(), path, source_offset=(5 << 30) - MIB, start=True)
    ended = world.client.wait(operation)
    assert (ended["State"], ended["BytesSent"]) == ("completed", MIB)
    assert sink.uploads[0].body() == bytes(MIB - 5) + b"there"
    if FULL:
        operation = world.client.upload(sink.url(discard=1), path, start=True)
        ended = world.client.wait(operation, timeout=180)
        assert (ended["State"], ended["BytesSent"], sink.uploads[1].got) == ("completed", 5 << 30, 5 << 30)
        assert sink.uploads[1].header("Content-Length") == str(5 << 30)


def test_large_answer(world, sink, source):
    path, _ = source(1000)
    operation = world.client.upload(sink.url(reply=3 * MIB), path, start=True)
    ended = world.client.wait(operation)
    assert (ended["State"], ended["BytesReceived"]) == ("completed", 3 * MIB)
    assert read_result(world, operation) == b"r" * (3 * MIB)
