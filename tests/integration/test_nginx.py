# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Against a real server."""

import errno
import os
import resource
import socket

import pytest
from ferrykit.client import GLib, options
from ferrykit.content import Content, file_sha256
from ferrykit.server import Server

FULL = os.environ.get("FERRY_TEST_FULL") == "1"
MIB = 1 << 20


def test_download(world, nginx):
    content = Content(10 * MIB)
    nginx.add("a.bin", content)
    path = world.client.create(f"{nginx.origin}/a.bin", world.downloads + "/", start=True)
    ended = world.client.wait(path)
    assert ended["State"] == "completed" and ended["Destination"] == world.path("a.bin")
    assert file_sha256(world.path("a.bin")) == content.sha256()
    response = ended["Response"]
    assert response["status"] == 200 and response["resumable"] and response["complete-proved"]
    assert response["uri"] == f"{nginx.origin}/a.bin"
    assert dict(response["headers"])["Content-Length"] == str(10 * MIB)
    assert (ended["BytesReceived"], ended["TotalBytesToReceive"]) == (10 * MIB, 10 * MIB)
    assert ended["Ranges"] == [(0, 10 * MIB)]


def test_many_files(world, nginx):
    """A hundred downloads, sixteen at a time, six of one host."""
    for number in range(100):
        nginx.add(f"{number}", Content(50_000, seed=number))
    paths = world.client.create_many([
        (f"{nginx.origin}/{number}", world.path(f"{number}"), options(start=True)) for number in range(100)])
    for number, path in enumerate(paths):
        assert world.client.wait(path)["State"] == "completed"
        assert file_sha256(world.path(f"{number}")) == Content(50_000, seed=number).sha256()
    assert [row[0] for row in nginx.log()] == [200] * 100


def test_pause_and_resume(world, nginx):
    content = Content(20 * MIB)
    nginx.add("a.bin", content)
    path = world.client.create(f"{nginx.origin}/limited/a.bin", world.path("a"), start=True)
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") > 5 * MIB)
    world.client.verb(path, "Pause")
    world.client.verb(path, "Resume")
    ended = world.client.wait(path)
    assert (ended["State"], ended["Restarts"]) == ("completed", 0)
    assert file_sha256(world.path("a")) == content.sha256()
    statuses = [row[0] for row in nginx.log()]
    assert statuses == [200, 206]
    assert nginx.log()[1][3], "bound to a strong validator"


def test_changed_on_the_server(world, nginx):
    """A new version while it was paused: from the beginning, and the new version arrives."""
    nginx.add("a.bin", Content(20 * MIB, seed=1))
    path = world.client.create(f"{nginx.origin}/limited/a.bin", world.path("a"), start=True)
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") > 5 * MIB)
    world.client.verb(path, "Pause")
    new = Content(20 * MIB, seed=2)
    nginx.add("new", new)
    os.utime(os.path.join(nginx.www, "new"), (1, 1_000_000_000))
    os.rename(os.path.join(nginx.www, "new"), os.path.join(nginx.www, "a.bin"))
    world.client.verb(path, "Resume")
    ended = world.client.wait(path)
    assert (ended["State"], ended["Restarts"]) == ("completed", 1)
    assert file_sha256(world.path("a")) == new.sha256()


@pytest.mark.parametrize("size", [0, 1000, 40 * MIB])
def test_put(world, nginx, size):
    """To where there is nothing, then over it, and with what nginx asks of clients that say Expect."""
    for seed, status in ((1, 201), (2, 204)):
        content = Content(size, seed)
        with open(world.path("source"), "wb") as stream:
            for piece in content.chunks(0, size, MIB):
                stream.write(piece)
        operation = world.client.upload(f"{nginx.origin}/dav/folder/file", world.path("source"), start=True)
        ended = world.client.wait(operation)
        assert (ended["State"], ended["Attempt"], ended["BytesSent"]) == ("completed", 1, size), ended
        assert ended["Response"]["status"] == status and ended["Response"]["resumable"] is False
        assert file_sha256(os.path.join(nginx.www, "dav/folder/file")) == content.sha256()
    assert [row[0] for row in nginx.log() if row[0] != 405] == [201, 204]


@pytest.mark.parametrize("method, uri, status, ended", [
    ("PUT", "/small/file", 413, "request-entity-too-large"), ("POST", "/dav/file", 404, "not-found"),
    ("PUT", "/dav/folder/", 409, "conflict")])
def test_put_that_is_refused(world, nginx, method, uri, status, ended):
    """What nginx says is heard, also where it does not read the body."""
    path = world.path("source")
    with open(path, "wb") as stream:
        stream.write(bytes(8 * MIB))
    operation = world.client.upload(nginx.origin + uri, path, method=method, start=True)
    found = world.client.wait(operation)
    assert (found["State"], found["ErrorStatus"], found["Response"]["status"]) == ("error", ended, status), found
    with os.fdopen(world.client.open_result(operation), "rb") as body:
        assert str(status).encode() in body.read()


def test_put_is_killed(world, nginx):
    """Whatever becomes of the service: nginx has nothing of it, or all."""
    content = Content(32 * MIB, 3)
    with open(world.path("source"), "wb") as stream:
        stream.write(content.read(0, content.size))
    operation = world.client.upload(f"{nginx.origin}/dav/file", world.path("source"), start=True, max_speed=16 * MIB)
    world.client.wait_until(lambda: world.client.get(operation, "BytesSent") > 4 * MIB)
    world.daemon.kill()
    assert not os.path.exists(os.path.join(nginx.www, "dav/file"))
    world.daemon.start()
    world.client.set(operation, "MaxSpeed", GLib.Variant("t", 0))
    assert world.client.wait(operation)["State"] == "completed"
    assert file_sha256(os.path.join(nginx.www, "dav/file")) == content.sha256()


def test_same_uri_twice_is_two_operations(world, nginx):
    nginx.add("a", Content(MIB))
    one = world.client.create(f"{nginx.origin}/a", world.path("1"), start=True)
    two = world.client.create(f"{nginx.origin}/a", world.path("2"), start=True)
    assert one != two
    for path in (one, two):
        assert world.client.wait(path)["State"] == "completed"


def test_speed_and_time_left(world, nginx):
    nginx.add("a.bin", Content(60 * MIB))
    path = world.client.create(f"{nginx.origin}/limited/a.bin", world.path("a"), start=True)
    world.client.verb(path, "Attach")
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") > 30 * MIB)
    now = world.client.get_all(path)
    if now["State"] == "running":
        assert 5_000_000 < now["Speed"] < 60_000_000
        assert 0 < now["TimeRemaining"] < 20_000_000
    world.client.wait(path)
    assert world.client.get(path, "Speed") == 0


def test_big_total_is_known(world, server):
    """Sizes beyond 4 GiB are told as they are."""
    path = world.client.create(server.url("hold", size=5 << 30, at=MIB), world.path("a"), start=True)
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") == MIB)
    assert world.client.get(path, "TotalBytesToReceive") == 5 << 30
    world.client.verb(path, "Cancel")


if FULL:

    @pytest.mark.parametrize("size", [(1 << 32) - 1, (1 << 32) + 1, 5 << 30])
    def test_beyond_four_gigabytes(world, nginx, size):
        """A sparse file, so that only the service writes it; killed beyond 4 GiB."""
        with open(os.path.join(nginx.www, "sparse"), "wb") as stream:
            stream.write(b"begin")
            stream.seek(size - 3)
            stream.write(b"end")
        path = world.client.create(f"{nginx.origin}/sparse", world.path("a"), start=True)
        world.client.wait_until(lambda: world.client.get(path, "BytesReceived") > 0.9 * size, 300)
        world.daemon.restart()
        ended = world.client.wait(path, timeout=300)
        assert (ended["State"], ended["Restarts"], ended["BytesReceived"]) == ("completed", 0, size)
        with open(world.path("a"), "rb") as stream:
            assert stream.read(5) == b"begin"
            stream.seek(size - 3)
            assert stream.read() == b"end"


def has_ipv6():
    """Whether the loopback interface has ::1 here."""
    with socket.socket(socket.AF_INET6) as probe:
        return probe.connect_ex(("::1", 9)) != errno.EADDRNOTAVAIL


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 on the loopback interface")
def test_ipv6(world):
    server = Server(host="::1")
    server_origin = f"http://[::1]:{server.port}"
    path = world.client.create(f"{server_origin}/normal/a", world.path("a"), start=True)
    ended = world.client.wait(path)
    server.stop()
    assert ended["State"] == "completed", ended["ErrorMessage"]
    assert server.requests[0].header("Host") == f"[::1]:{server.port}"


def test_localhost_by_name(world, server):
    path = world.client.create(f"http://localhost:{server.port}/normal/a", world.path("a"), start=True)
    assert world.client.wait(path)["State"] == "completed"


@pytest.mark.world(settings={"retry-delay": 5, "connect-timeout": 5})
def test_nobody_listens(world):
    path = world.client.create("http://127.0.0.1:9/x", world.path("a"), start=True)
    ended = world.client.wait(path)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "cannot-connect")
    assert world.parts() == []


@pytest.mark.world(settings={"retry-delay": 5, "connect-timeout": 5})
def test_no_such_host(world):
    path = world.client.create("http://no-such-host.invalid/x", world.path("a"), start=True)
    ended = world.client.wait(path, timeout=40)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "host-name-not-resolved")


@pytest.mark.world(settings={"retry-delay": 5, "connect-timeout": 5})
def test_international_host(world):
    """The name goes to the resolver in its ASCII form: not found, but not refused either."""
    path = world.client.create("http://bücher.invalid/x", world.path("a"), start=True)
    assert world.client.wait(path, timeout=40)["ErrorStatus"] == "host-name-not-resolved"


@pytest.mark.world(start=False)
def test_too_few_descriptors(world, server):
    """With a low limit of descriptors everything still ends."""
    low = 64
    world.daemon.start(prefix=["prlimit", f"--nofile={low}:{resource.getrlimit(resource.RLIMIT_NOFILE)[1]}"])
    paths = world.client.create_many([
        (server.url("slow", f"{n}", size=100_000, rate=400_000), world.path(f"{n}"), options(start=True))
        for n in range(40)])
    for path in paths:
        assert world.client.wait(path, timeout=40)["State"] == "completed"
