# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uploads that go on where the server says: IETF and tus servers, and those that know neither."""

import os

import pytest
from ferrykit.client import ROOT, UPLOADER
from ferrykit.content import Content, file_sha256

FULL = os.environ.get("FERRY_TEST_FULL") == "1"
MIB = 1 << 20
LARGE = 40 * MIB  # beyond what `auto` asks for, and what sockets take
pytestmark = pytest.mark.world(settings={"stall-timeout": 5, "response-timeout": 30, "retry-delay": 50})
both = pytest.mark.parametrize("protocol", [
    pytest.param("tus", marks=pytest.mark.sink(protocols=("tus",))),
    pytest.param("http", marks=pytest.mark.sink(protocols=("http",)))])


@pytest.fixture
def source(world):
    """Makes files to upload: (path, content)."""

    def make(size=LARGE, seed=1, name="source"):
        content = Content(size, seed)
        with open(world.path(name), "wb") as stream:
            for piece in content.chunks(0, size, MIB):
                stream.write(piece)
        return world.path(name), content

    return make


def stored(sink):
    """Digest of the upload that is complete."""
    [made] = [each for each in sink.resources.values() if each.complete]
    return file_sha256(made.path)


@both
def test_auto(world, sink, source, protocol):
    path, content = source()
    ended = world.client.wait(world.client.upload(sink.url(), path, start=True))
    assert (ended["State"], ended["Restarts"], ended["BytesSent"]) == ("completed", 0, LARGE)
    assert ended["Response"]["resumable"] is True
    assert stored(sink) == content.sha256() and sink.received == LARGE
    methods = [upload.method for upload in sink.uploads]
    if protocol == "tus":
        assert methods[:3] == ["OPTIONS", "POST", "HEAD"] and set(methods[3:]) == {"PATCH"}
        assert sink.uploads[1].header("Upload-Metadata") == "filename c291cmNl"
        assert all(upload.header("Upload-Checksum").startswith("sha1 ") for upload in sink.of("PATCH"))
    else:
        assert methods == ["OPTIONS", "PUT"]
        assert sink.uploads[1].header("Upload-Draft-Interop-Version") == "9"
        assert sink.uploads[1].header("Upload-Complete") == "?1"


@both
@pytest.mark.parametrize("option, size, asks", [("never", LARGE, False), ("auto", MIB, False), ("same", MIB, True)])
def test_option(world, sink, source, protocol, option, size, asks):
    path, _ = source(size)
    option = protocol if option == "same" else option
    ended = world.client.wait(world.client.upload(sink.url(), path, resumable=option, start=True))
    assert ended["State"] == "completed" and ended["Response"]["resumable"] is asks
    assert bool(sink.of("OPTIONS")) is asks


@pytest.mark.parametrize("option", ["auto", "tus", "http"])
def test_server_that_knows_neither(world, sink, source, option):
    """The plain upload, and no second copy of the body."""
    path, content = source()
    ended = world.client.wait(world.client.upload(sink.url(), path, resumable=option, start=True))
    assert (ended["State"], ended["Response"]["resumable"]) == ("completed", False)
    [upload] = sink.of("PUT")
    assert file_sha256(upload.path) == content.sha256() and sink.received == LARGE


@both
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_connection_is_lost(world, sink, source, protocol, method):
    path, content = source()
    sink.checks = False  # what came is kept
    uri = sink.url(cut=10 * MIB) if protocol == "http" else sink.url()
    if protocol == "tus":
        sink.cut_next_patch = 10 * MIB
    ended = world.client.wait(world.client.upload(uri, path, method=method, start=True))
    assert (ended["State"], ended["Restarts"]) == ("completed", 0)
    assert stored(sink) == content.sha256() and sink.received == LARGE
    assert len(sink.of("HEAD")) == (2 if protocol == "tus" else 1)


@both
def test_reply_is_lost(world, sink, source, protocol):
    """Everything is there and the answer is not: nothing is sent again, of a POST neither."""
    path, content = source()
    operation = world.client.upload(sink.url(mute=1), path, method="POST", start=True)
    if protocol == "tus":
        sink.mute_next_patch = True
    world.client.wait_until(lambda: sink.received == LARGE)
    world.daemon.kill()
    world.daemon.start()
    ended = world.client.wait(operation)
    assert (ended["State"], ended["BytesSent"]) == ("completed", LARGE)
    assert stored(sink) == content.sha256() and sink.received == LARGE


@both
def test_upload_is_forgotten(world, sink, source, protocol):
    path, content = source()
    operation = world.client.upload(sink.url(rate=40 * MIB), path, start=True)
    sink.rate = 40 * MIB
    world.client.wait_until(lambda: sink.received > 4 * MIB)
    world.daemon.kill()
    sink.forget()
    world.daemon.start()
    ended = world.client.wait(operation)
    assert (ended["State"], ended["Restarts"]) == ("completed", 1)
    assert stored(sink) == content.sha256()


@both
def test_paused_and_resumed(world, sink, source, protocol):
    path, content = source()
    sink.rate = 60 * MIB
    sink.checks = False
    operation = world.client.upload(sink.url(), path, start=True)
    world.client.wait_until(lambda: sink.received > 4 * MIB)
    world.client.verb(operation, "Pause")
    world.client.verb(operation, "Resume")
    ended = world.client.wait(operation)
    assert (ended["State"], ended["Restarts"]) == ("completed", 0)
    assert stored(sink) == content.sha256() and sink.received == LARGE


@pytest.mark.sink(protocols=("tus",))
@pytest.mark.parametrize("checks", [True, False])
def test_part_is_spoilt_or_lost(world, sink, source, checks):
    """What the server finds not to be what was sent is sent again, and no more than that."""
    path, content = source()
    sink.checks = checks
    if checks:
        sink.spoil_next_patch = True
    else:
        sink.cut_next_patch = 3 * MIB
    ended = world.client.wait(world.client.upload(sink.url(), path, start=True))
    assert (ended["State"], ended["Restarts"], ended["Attempt"]) == ("completed", 0, 1 if checks else 2)
    assert stored(sink) == content.sha256()
    assert sink.received == (LARGE + MIB if checks else LARGE)
    assert [upload.status for upload in sink.of("PATCH")].count(460) == checks


@pytest.mark.sink(protocols=("tus",))
@pytest.mark.parametrize("option", ["tus", "auto"])
def test_server_that_does_not_answer_options(world, sink, source, option):
    """Who asks for tus gets it all the same; nobody waits for an answer for ever."""
    path, content = source()
    sink.answers_options = False
    ended = world.client.wait(world.client.upload(sink.url(), path, resumable=option, start=True))
    assert (ended["State"], ended["Response"]["resumable"]) == ("completed", option == "tus")
    made = stored(sink) if option == "tus" else file_sha256(sink.of("PUT")[0].path)
    assert made == content.sha256() and sink.received == LARGE


@pytest.mark.sink(protocols=("http",))
def test_limit_that_is_known_too_late(world, sink, source):
    """It is too much at once: then less."""
    path, content = source()
    sink.max_append = 16 * MIB
    sink.says_limit = False
    ended = world.client.wait(world.client.upload(sink.url(), path, start=True))
    assert (ended["State"], ended["Restarts"], ended["Attempt"]) == ("completed", 0, 1)
    assert stored(sink) == content.sha256() and sink.received == LARGE


@pytest.mark.sink(protocols=("http",))
@pytest.mark.parametrize("status", [422, 503])
def test_what_came_of_it_is_an_error(world, sink, source, status):
    """All of it was sent, and the server has no use for it: going on would change nothing, nor make it a success."""
    path, _ = source()
    sink.fails_when_complete = status
    operation = world.client.upload(sink.url(cut=10 * MIB), path, start=True)
    ended = world.client.wait(operation)
    assert (ended["State"], ended["Response"]["status"]) == ("error", status)
    assert sink.received == LARGE
    sink.fails_when_complete = 0
    world.client.verb(operation, "Resume")
    ended = world.client.wait(operation)
    assert (ended["State"], ended["Response"]["status"]) == ("completed", 201)
    assert sink.received == 2 * LARGE


@pytest.mark.sink(protocols=("http",))
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_parts_that_the_server_limits(world, sink, source, method):
    path, content = source()
    sink.max_append = 16 * MIB
    ended = world.client.wait(world.client.upload(sink.url(), path, method=method, start=True))
    assert (ended["State"], ended["Restarts"], ended["BytesSent"]) == ("completed", 0, LARGE)
    assert ended["Response"]["status"] == 201
    assert [upload.method for upload in sink.uploads] == ["OPTIONS", method, "HEAD", "PATCH", "HEAD", "PATCH"]
    assert [upload.header("Upload-Complete") for upload in sink.uploads if upload.length] == ["?0", "?0", "?1"]
    assert sink.uploads[1].header("Upload-Length") == str(LARGE)
    assert stored(sink) == content.sha256() and sink.received == LARGE


@pytest.mark.sink(protocols=("http",))
def test_last_byte_is_not_known_to_be_the_last(world, sink, source):
    """All of it is there, and the server waits for more: it is told that there is none."""
    path, content = source()
    sink.unsure = True
    operation = world.client.upload(sink.url(mute=1), path, start=True)
    world.client.wait_until(lambda: sink.received == LARGE)
    world.daemon.kill()
    sink.unsure = False
    world.daemon.start()
    ended = world.client.wait(operation)
    assert (ended["State"], ended["BytesSent"]) == ("completed", LARGE)
    last = sink.of("PATCH")[-1]
    assert (last.length, last.header("Upload-Offset"), last.header("Upload-Complete")) == (0, str(LARGE), "?1")
    assert stored(sink) == content.sha256() and sink.received == LARGE


@both
def test_server_that_keeps_nothing(world, sink, source, protocol):
    """It is not asked for ever."""
    path, _ = source()
    sink.forgets = True
    ended = world.client.wait(world.client.upload(sink.url(cut=10 * MIB, times=0), path, start=True))
    assert ended["State"] == "error"
    assert len(sink.uploads) < 60


@both
def test_ten_kills(world, sink, source, rng, protocol):
    """With the service killed at random it arrives, and hardly anything is sent twice."""
    size = (1024 if FULL else 48) * MIB
    path, content = source(size)
    sink.rate = size // 4
    operation = world.client.upload(sink.url(), path, start=True)
    for _ in range(10):
        world.client.iterate(rng.uniform(0.1, 0.5))
        world.daemon.kill()
        world.daemon.start()
    ended = world.client.wait(operation, timeout=120)
    assert ended["State"] == "completed"
    assert stored(sink) == content.sha256()
    assert sink.received < 1.1 * size, "sent twice"


@both
def test_changed_source_begins_anew(world, sink, source, protocol):
    path, _ = source()
    sink.rate = 40 * MIB
    operation = world.client.upload(sink.url(), path, start=True)
    world.client.wait_until(lambda: sink.received > 4 * MIB)
    world.client.verb(operation, "Pause")
    path, content = source(seed=2)
    sink.rate = 0
    world.client.verb(operation, "Resume")
    ended = world.client.wait(operation)
    assert (ended["State"], ended["Restarts"]) == ("completed", 1)
    assert stored(sink) == content.sha256()


@pytest.mark.sink(protocols=("http",))
def test_form_by_ietf_rules(world, sink, source):
    path, _ = source()
    operation = world.client.multipart(sink.url(cut=10 * MIB), [{"name": "f", "file": path}], start=True)
    ended = world.client.wait(operation)
    assert ended["State"] == "completed" and sink.received == ended["TotalBytesToSend"]
    assert world.client.call(f"{ROOT}/Uploader", UPLOADER, "List", "(a{sv})", {})[0] == {operation: {}}
