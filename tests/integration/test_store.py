# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the store costs, and what becomes of it when it is damaged or too new."""

import os
import sqlite3
import subprocess
import time

import pytest
from ferrykit.client import GLib, MANAGER, PROPERTIES, ROOT, Refused, options
from ferrykit.daemon import resident
from ferrykit.world import SANITIZED, SCALE

MANY = 10_000
MIB = 1 << 20


def strace(world, *rules):
    """A prefix that traces the service into a file."""
    return ["strace", "-f", "--seccomp-bpf", "-qq", "-o", os.path.join(world.root, "strace"), *rules]


def traced(world):
    """Lines of the trace so far."""
    with open(os.path.join(world.root, "strace"), encoding="utf-8", errors="replace") as stream:
        return stream.read().splitlines()


def ten_thousand(world):
    """What CreateMany of many is given: everything an operation can have that fits a plain download."""
    return [(f"http://127.0.0.1:9/{n}", world.path(f"file-{n}"), options(
        title=f"Title {n}", group=f"group-{n % 7}", priority=("high", "default", "low")[n % 3],
        metadata={"n": GLib.Variant("u", n)}, token=f"token-{n}", headers=[("X-Number", str(n))],
        expected_size=1000 + n)) for n in range(MANY)]


def is_as_sent(path, n, properties, world):
    """Every property as it was given."""
    assert properties["Uri"] == f"http://127.0.0.1:9/{n}"
    assert properties["Destination"] == world.path(f"file-{n}")
    assert properties["Title"] == f"Title {n}"
    assert properties["Group"] == f"group-{n % 7}"
    assert properties["Priority"] == ("high", "default", "low")[n % 3]
    assert properties["Metadata"] == {"n": n}
    assert properties["Options"]["token"] == f"token-{n}"
    assert properties["Options"]["expected-size"] == 1000 + n
    assert properties["State"] == "idle"
    assert path.endswith(properties["Id"])


@pytest.mark.world(start=False)
def test_ten_thousand(world):
    """One call, at most five syncs, survives a kill with every property, and hardly any memory."""
    world.daemon.start(prefix=strace(world, "-e", "trace=fsync,fdatasync,sync_file_range,syncfs"))
    world.client.list()
    before = len(traced(world))
    paths = world.client.create_many(ten_thousand(world), timeout=120)
    assert len(set(paths)) == MANY
    syncs = traced(world)[before:]
    assert len([line for line in syncs if "resumed" not in line]) <= 5, syncs
    world.daemon.restart()
    asked = ["Uri", "Destination", "Title", "Group", "Priority", "Metadata", "Options", "State", "Id"]
    listed = world.client.list(properties=asked)
    assert list(listed) == paths
    for n, path in enumerate(paths):
        is_as_sent(path, n, listed[path], world)


if not SANITIZED:  # memory under sanitizers is not the service's

    def test_ten_thousand_cost_little_memory(world):
        pid = world.daemon.pid
        path = world.client.create("http://127.0.0.1:9/warm", world.path("warm"))
        world.client.get_all(path)
        world.client.list()
        empty = resident(pid)
        # The connection's own buffer stays as large as the largest message ever: that is GDBus's, and not what an
        # operation costs.
        world.client.create_many([(f"http://127.0.0.1:9/{n}", world.path(f"file-{n}"), options(
            title=f"Title {n}", metadata={"n": GLib.Variant("u", n)}, token=f"token-{n}")) for n in range(MANY)],
                                 timeout=120)
        time.sleep(1.5)
        assert resident(pid) - empty <= 5 * MIB, f"{(resident(pid) - empty) / MIB:.1f} MiB"


@pytest.mark.world(start=False)
def test_slow_disk_leaves_the_bus_quick(world, server):
    """Each sync takes two seconds; GetAll answers within a tenth."""
    world.daemon.start()
    idle = world.client.create(server.url("hold"), world.path("idle"))
    world.daemon.restart(prefix=strace(
        world, "-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:delay_enter=2000000"))
    running = world.client.create(server.url("slow", size=10 * MIB, rate=5 * MIB), world.path("a"), start=True)
    pending = world.client.call_async(f"{ROOT}/Downloader", f"{MANAGER.rsplit('.', 1)[0]}.Downloader", "Create",
                                      "(ssa{sv})", server.url("hold", "2"), world.path("b"), {})
    worst = {idle: 0, running: 0}
    deadline = time.monotonic() + 6
    while time.monotonic() < deadline:
        for path in (idle, running):
            began = time.monotonic()
            world.client.call(path, PROPERTIES, "GetAll", "(s)", "org.ferry.Transfer1.Operation")
            worst[path] = max(worst[path], time.monotonic() - began)
        world.client.iterate(0.02)
    assert max(worst.values()) < 0.1 * SCALE, f"idle {worst[idle]:.3f} s, running {worst[running]:.3f} s"
    assert "reply" in pending, "the creation was answered meanwhile, when it was durable"
    assert any("fdatasync" in line or "fsync" in line for line in traced(world))
    world.client.wait(running, timeout=30)


@pytest.mark.world(start=False)
def test_creation_is_answered_when_durable(world, server):
    """No reply before the sync is over."""
    world.daemon.start()
    world.client.list()
    world.daemon.restart(prefix=strace(
        world, "-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:delay_enter=500000"))
    world.client.list()
    began = time.monotonic()
    world.client.create(server.url("hold"), world.path("a"))
    assert time.monotonic() - began >= 0.5


@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
@pytest.mark.world(start=False)
def test_what_cannot_be_stored_is_not_acknowledged(world, server, error):
    world.expect_log(r"WARNING|store|Store|disk|I/O")
    world.daemon.start()
    kept = world.client.create(server.url("hold", "1"), world.path("1"))
    world.daemon.kill()
    world.daemon.start(prefix=strace(world, "-e", "trace=fdatasync,fsync", "-e",
                                     f"inject=fdatasync,fsync:error={error}:when=2+"))
    with pytest.raises(Refused) as refused:
        for number in range(5):
            world.client.create(server.url("hold", f"{number}x"), world.path(f"{number}x"))
    assert refused.value.short == "StoreUnavailable"
    known = set(world.client.list())
    world.daemon.kill()
    world.daemon.start()
    assert kept in world.client.list()
    assert known <= set(world.client.list()), "what was shown is there"


def database(world):
    """The one database file in the state folder."""
    found = []
    for name in os.listdir(world.state):
        path = os.path.join(world.state, name)
        if os.path.isfile(path):
            with open(path, "rb") as stream:
                if stream.read(15) == b"SQLite format 3":
                    found.append(path)
    assert found, os.listdir(world.state)
    return min(found, key=lambda path: (len(path), path))


def test_modes(world, server):
    """The folder is the user's alone, and so is every file in it."""
    world.client.create(server.url("hold"), world.path("a"))
    assert os.stat(world.state).st_mode & 0o777 == 0o700
    for name in os.listdir(world.state):
        path = os.path.join(world.state, name)
        assert os.stat(path).st_mode & 0o777 == (0o700 if os.path.isdir(path) else 0o600), name


@pytest.mark.parametrize("damage", ["garbage", "truncated", "middle"])
def test_damaged_is_set_aside(world, server, damage):
    """Never deleted, and the service goes on without it."""
    world.expect_log(r"WARNING")
    for number in range(200):
        world.client.create(server.url("hold", f"{number}"), world.path(f"{number}"), title="t" * 500)
    os.kill(world.daemon.pid, 15)
    assert world.daemon.wait_exit() == 0
    path = database(world)
    size = os.path.getsize(path)
    before = set(os.listdir(world.state))
    with open(path, "r+b") as stream:
        if damage == "garbage":
            stream.write(os.urandom(size))
        elif damage == "truncated":
            stream.truncate(size // 2)
        else:
            stream.seek(4096)
            stream.write(b"\xa5" * (size - 4096))
    world.daemon.start()
    assert world.client.list() == {}
    world.client.create(server.url("hold"), world.path("new"))
    aside = [name for name in set(os.listdir(world.state)) - before if "corrupt" in name or "damaged" in name]
    assert aside, os.listdir(world.state)
    assert any(name in world.read_log() for name in aside), "reported"


def test_newer_is_refused(world):
    """Written by a later version: nothing is opened, nothing is changed."""
    world.expect_log(r"WARNING|CRITICAL|newer")
    world.client.list()
    os.kill(world.daemon.pid, 15)
    assert world.daemon.wait_exit() == 0
    path = database(world)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99999")
    connection.close()
    with open(path, "rb") as stream:
        before = stream.read()
    done = subprocess.run([world.env["FERRYD"]], env=world.env, capture_output=True, text=True, timeout=30 * SCALE,
                          check=False)
    assert done.returncode != 0 and "newer" in done.stderr, done.stderr
    with open(path, "rb") as stream:
        assert stream.read() == before
    world.daemon.process = None


def test_no_secret_in_the_database(world, server):
    """Authorization and Cookie stay out of the database, properties and the log."""
    secret = "canary-7f3a"
    path = world.client.create(server.url("hold", at=10), world.path("a"), start=True, headers=[
        ("Authorization", f"Bearer {secret}"), ("Cookie", f"s={secret}"), ("X-Open", "seen")])
    world.client.wait_until(lambda: server.requests)
    assert server.requests[0].header("Authorization") == f"Bearer {secret}"
    assert secret not in str(world.client.get_all(path))
    for name in os.listdir(world.state):
        each = os.path.join(world.state, name)
        with open(each, "rb") as stream:
            data = stream.read()
        if name.startswith("ferry.db") or name.endswith(("-wal", "-shm", "-journal")):
            assert secret.encode() not in data, name
    world.daemon.restart()
    world.client.wait_until(lambda: len(server.requests) == 2)
    assert server.requests[1].header("Authorization") == f"Bearer {secret}", "it goes on after a crash"
    world.client.verb(path, "Cancel")
    world.client.wait_until(lambda: not holds(world.state, secret), what=lambda: "the secret gone with its operation")
    assert secret not in world.read_log()


def holds(folder, text):
    """Whether any file in the folder holds the text."""
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            with open(path, "rb") as stream:
                if text.encode() in stream.read():
                    return True
    return False
