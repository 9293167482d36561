# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checksums of large files: what has been read for one is not read again after the service was killed."""

import base64
import os
import shutil
import sqlite3
import threading

import pytest
from ferrykit.cases import Case
from ferrykit.client import GLib
from ferrykit.content import Content, file_sha256
from ferrykit.server import Server

MIB = 1 << 20
SIZE = 96 * MIB  # of which the state is recorded as it is of a larger one
AT = 86 * MIB  # from here on it comes slowly
SPARE = 24 * MIB  # read by a process that has three such files to complete, and none to read again


class Slow(Content):
    """Trickles from AT on until it is let go."""

    def __init__(self, go):
        super().__init__(SIZE)
        self.go = go

    def chunks(self, start, end, size=1 << 16):
        yield from super().chunks(start, min(end, AT), size)
        start = max(start, AT)
        while start < end and not self.go.wait(0.05):
            yield self.read(start, 64)
            start += 64
        yield from super().chunks(start, end, size)


@pytest.fixture
def slow():
    """A server of that; what is set lets it go."""
    go = threading.Event()
    content = Slow(go)
    digest = Content(SIZE).sha256()
    told = f"Repr-Digest: sha-256=:{base64.b64encode(bytes.fromhex(digest)).decode()}:"
    made = Server(cases={"plain": Case(lambda x: x.serve(content=content)),
                         "told": Case(lambda x: x.serve(content=content, lines=[told]))})
    made.go = go
    made.digest = digest
    yield made
    made.go.set()
    made.stop()
    assert not made.failures, made.failures


def recorded(world, tmp_path):
    """How far the states of checksums go that are in the store by now."""
    for name in ("ferry.db", "ferry.db-wal"):
        shutil.copy(os.path.join(world.state, name), tmp_path)
    connection = sqlite3.connect(os.path.join(tmp_path, "ferry.db"))
    try:
        rows = connection.execute("SELECT progress FROM operation WHERE progress IS NOT NULL").fetchall()
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:  # copied in the middle of a write
        return []
    finally:
        connection.close()
    kept = [GLib.Variant.new_from_bytes(GLib.VariantType("v"), GLib.Bytes(row[0]), False).unpack() for row in rows]
    return [each["digest"][1] for each in kept if "digest" in each]


def bytes_read(pid):
    """By calls that read from files."""
    with open(f"/proc/{pid}/io", encoding="ascii") as stream:
        return int(next(line for line in stream if line.startswith("rchar:")).split()[1])


@pytest.mark.world(settings={"max-running-per-host": 6})
def test_nothing_is_read_again(world, slow, tmp_path):
    """The caller's and the server's, in one piece and in two at a time, killed behind nine tenths."""
    checksum = f"sha256:{slow.digest}"
    paths = [world.client.create(slow.url("plain", "one"), world.path("one"), checksum=checksum, start=True),
             world.client.create(slow.url("told", "told"), world.path("told"), start=True),
             world.client.create(slow.url("plain", "two"), world.path("two"), checksum=checksum, connections=2,
                                 start=True)]
    world.client.wait_until(lambda: sum(position >= AT for position in recorded(world, tmp_path)) == 3, 60,
                            lambda: f"recorded: {recorded(world, tmp_path)}")
    assert any(request.first and request.first < AT for request in slow.requests_of("plain", "two")), "in two pieces"
    world.daemon.kill()
    world.daemon.start()
    slow.go.set()
    for path in paths:
        ended = world.client.wait(path, timeout=60)
        assert (ended["State"], ended["Restarts"]) == ("completed", 0), ended["ErrorMessage"]
    read = bytes_read(world.daemon.pid)
    assert read < SPARE, f"{read} bytes were read"
    for name in ("one", "told", "two"):
        assert file_sha256(world.path(name)) == slow.digest
