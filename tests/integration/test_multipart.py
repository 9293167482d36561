# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Multipart uploads, as those who read them do."""

import email
import email.policy
import os
import subprocess

import ferrykit
import pytest
from ferrykit.client import Refused
from ferrykit.content import Content

MIB = 1 << 20
pytestmark = pytest.mark.world(settings={"retry-delay": 50})


def read(upload):
    """The parts, by Python's own parser, and the boundary."""
    kind = upload.header("Content-Type")
    message = email.message_from_bytes(
        f"Content-Type: {kind}\r\n\r\n".encode() + upload.body(), policy=email.policy.HTTP)
    assert message.is_multipart() and not message.defects
    return [(dict(part.items()), part.get_payload(decode=True)) for part in message.iter_parts()], kind


def run(world, sink, parts, fds=(), **given):
    """Uploads and returns what the server got."""
    ended = world.client.wait(world.client.multipart(sink.url(), parts, fds=fds, start=True, **given))
    assert ended["State"] == "completed", ended
    upload = sink.uploads[-1]
    assert upload.length == len(upload.body()) == ended["TotalBytesToSend"]
    return upload


@pytest.fixture
def file(world):
    """Makes files."""

    def make(name, data):
        with open(world.path(name), "wb") as stream:
            stream.write(data)
        return world.path(name)

    return make


def test_what_curl_sends(world, sink, file):
    """The same form, byte for byte but the boundary."""
    binary = file("a file.bin", Content(100_000).read(0, 100_000))
    text = file("note.txt", b"hello\n")
    odd = file('with "quotes" ü.bin', b"")
    subprocess.run(
        ["curl", "-sS", "-H", "Expect:", "-F", "key=value", "-F", 'we"ird=ünicode',
         "-F", f"file=@{binary};type=application/octet-stream", "-F", f"note=@{text};type=text/plain",
         "-F", f"odd=@\"{odd.replace(chr(34), chr(92) + chr(34))}\";type=application/octet-stream",
         "-F", f"named=@{text};filename=other.txt;type=text/plain", sink.url()],
        check=True, timeout=20, stdout=subprocess.DEVNULL)
    run(world, sink, [
        {"name": "key", "text": "value"}, {"name": 'we"ird', "text": "ünicode"}, {"name": "file", "file": binary},
        {"name": "note", "file": text, "content_type": "text/plain"}, {"name": "odd", "file": odd},
        {"name": "named", "file": text, "filename": "other.txt", "content_type": "text/plain"}])
    curl, ours = sink.uploads
    assert (curl.method, ours.method) == ("POST", "POST")
    bodies = []
    for upload in (curl, ours):
        kind, boundary = upload.header("Content-Type").split("; boundary=")
        assert kind == "multipart/form-data"
        bodies.append(upload.body().replace(boundary.encode(), b"BOUNDARY"))
    assert bodies[0] == bodies[1]


def test_headers_of_a_part(world, sink, file):
    path = file("a.json", b"{}")
    upload = run(world, sink, [
        {"file": path, "headers": [("Content-Disposition", 'form-data; name="own"'), ("X-Part", "yes")],
         "content_type": "application/json"},
        {"name": "t", "text": "x", "headers": [("Content-Type", "text/csv")]}], method="PUT", boundary="b:1")
    parts, kind = read(upload)
    assert (upload.method, kind) == ("PUT", 'multipart/form-data; boundary="b:1"')
    assert parts == [
        ({"Content-Disposition": 'form-data; name="own"', "Content-Type": "application/json", "X-Part": "yes"}, b"{}"),
        ({"Content-Disposition": 'form-data; name="t"', "Content-Type": "text/csv"}, b"x")]


def test_other_subtypes(world, sink, file):
    """Names by RFC 8187 where it is no form."""
    path = file("a", b"12345")
    upload = run(world, sink, [{"text": "{}", "content_type": "application/json"},
                               {"file": path, "filename": 'n"ame ü.bin'}], subtype="related")
    parts, kind = read(upload)
    assert kind.startswith("multipart/related; boundary=") and kind.endswith('; type="application/json"')
    assert parts[0] == ({"Content-Type": "application/json"}, b"{}")
    assert b'attachment; filename="n\\"ame _.bin"; filename*=UTF-8\'\'n%22ame%20%C3%BC.bin\r\n' in upload.body()
    assert parts[1][1] == b"12345"


def test_descriptors(world, sink, file):
    """A file, one without a name, and a pipe, which are all there after the caller and the service are gone."""
    path = file("given", Content(MIB).read(0, MIB))
    nameless = os.memfd_create("nameless")
    os.write(nameless, b"from memory")
    ours, theirs = os.pipe()
    os.write(theirs, b"through a pipe")
    os.close(theirs)
    with open(path, "rb") as stream:
        fds = [stream.fileno(), nameless, ours]
        caller = world.new_client()
        operation = caller.multipart(sink.url(mute=1), [
            {"name": "file", "file_fd": 0}, {"name": "memory", "file_fd": 1, "filename": "m"},
            {"name": "pipe", "file_fd": 2, "filename": "p"}, {"name": "text", "text": "hello"}], fds=fds)
        caller.close()
    os.close(nameless)
    os.close(ours)
    world.daemon.kill()
    world.daemon.start()
    world.set_setting("response-timeout", 1)
    assert world.client.get(operation, "Method") == "POST"
    world.client.verb(operation, "Start")
    world.client.wait(operation)
    parts, _ = read(sink.uploads[0])
    assert [payload for _, payload in parts] == [Content(MIB).read(0, MIB), b"from memory", b"through a pipe", b"hello"]
    assert len(sink.uploads) == 1


def test_caller_is_killed(world, sink, file):
    """A POST multipart upload goes on after its caller was killed."""
    path = file("big", Content(32 * MIB).read(0, 32 * MIB))
    script = (
        "import sys; from ferrykit.client import Client; c = Client(sys.argv[1]);"
        "print(c.multipart(sys.argv[2], [{'name': 'f', 'file': sys.argv[3]}], start=True), flush=True);"
        "import time; time.sleep(60)")
    caller = subprocess.Popen(["/usr/bin/python3", "-c", script, world.bus.address, sink.url(rate=16 * MIB), path],
                              stdout=subprocess.PIPE, text=True,
                              env={**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(ferrykit.__file__))})
    operation = caller.stdout.readline().strip()
    world.client.wait_until(lambda: sink.uploads and sink.uploads[0].got > MIB)
    caller.kill()
    caller.wait()
    caller.stdout.close()
    assert world.client.wait(operation)["State"] == "completed"
    [(_, payload)], _ = read(sink.uploads[0])
    assert payload == Content(32 * MIB).read(0, 32 * MIB) and len(sink.uploads) == 1


@pytest.mark.parametrize("parts, given, word", [
    ([], {}, "parts is empty"),
    ([{"text": "x"}], {}, "part 0: 'name'"),
    ([{"name": "a", "text": "x"}, {"name": "b"}], {}, "part 1: "),
    ([{"name": "a", "text": "x", "file": "/etc/passwd"}], {}, "part 0: "),
    ([{"name": "a", "text": "here is --bound and more"}], {"boundary": "bound"}, "boundary"),
    ([{"name": "a", "text": "x"}], {"boundary": "no{way}"}, "boundary"),
])
def test_refused(world, sink, parts, given, word):
    with pytest.raises(Refused) as refused:
        world.client.multipart(sink.url(), parts, **given)
    assert refused.value.short == "InvalidArgument" and word in refused.value.message


def test_boundary_in_a_file(world, sink, file):
    data = bytearray(Content(200_000).read(0, 200_000))
    data[65_530:65_530] = b"--bound"
    path = file("a", bytes(data))
    with pytest.raises(Refused) as refused:
        world.client.multipart(sink.url(), [{"name": "f", "file": path}], boundary="bound")
    assert refused.value.short == "InvalidArgument" and "part 0" in refused.value.message
    parts, _ = read(run(world, sink, [{"name": "f", "file": path}], boundary="bounds"))
    assert parts[0][1] == bytes(data)
