# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where credentials are kept: the session's keyring, the real one, in every condition it can be in."""

import os
import time

import pytest

from ferrykit.auth import needs_basic
from ferrykit.buses import Monitor
from ferrykit.client import OPERATION, Refused
from ferrykit.content import Content, file_sha256
from ferrykit.keyring import Keyring
from ferrykit.server import DEFAULT_SIZE, Server

USER, PASSWORD = "eve", "hunter2"
HALF = DEFAULT_SIZE // 2


@pytest.fixture
def guarded():
    """Serves half to whoever has the credential, and all once `whole` is called."""
    server = Server(cases={"slow": needs_basic(USER, PASSWORD, stall_at=HALF)})
    server.whole = lambda: server.cases.update(slow=needs_basic(USER, PASSWORD))
    yield server
    server.stop()
    assert not server.failures, server.failures


def begin(world, guarded, name="a"):
    """A download that has half of its bytes."""
    path = world.client.create(guarded.url("slow", name=name), world.path(name), start=True,
                               server_credential=(USER, PASSWORD))
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") >= HALF)
    return path


def files_with(world, text):
    """Names of the files of the state that it is in."""
    found = []
    for parent, _, names in os.walk(world.state):
        for name in names:
            with open(os.path.join(parent, name), "rb") as stream:
                if text in stream.read():
                    found.append(name)
    return found


def finish(world, guarded, path, name="a"):
    guarded.whole()
    ended = world.client.wait(path)
    assert (ended["State"], ended["Restarts"]) == ("completed", 0), ended["ErrorMessage"]
    assert file_sha256(world.path(name)) == Content(DEFAULT_SIZE).sha256()


def test_unlocked(world, guarded):
    keyring = Keyring(world)
    path = begin(world, guarded)
    assert any(PASSWORD in text for text in keyring.secrets())
    assert not files_with(world, PASSWORD.encode())
    world.daemon.kill()
    guarded.whole()
    world.daemon.start()
    finish(world, guarded, path)
    world.client.wait_until(lambda: keyring.items() == [], 20, lambda: "what was kept is deleted")
    assert not files_with(world, PASSWORD.encode())


def test_replaced(world, guarded):
    """The old one goes when the new one is kept, and all of them with the operation."""
    keyring = Keyring(world)
    path = world.client.create(guarded.url("slow"), world.path("a"), server_credential=(USER, "guess"))
    assert len(keyring.items()) == 1
    world.client.call(path, OPERATION, "SetCredential", "(sss)", "server", USER, PASSWORD)
    world.client.wait_until(lambda: len(keyring.items()) == 1)
    assert PASSWORD in keyring.secrets()[0] and "guess" not in keyring.secrets()[0]
    world.client.verb(path, "Cancel")
    world.client.verb(path, "Remove")
    world.client.wait_until(lambda: keyring.items() == [])


def test_killed_in_between(world, guarded):
    """Kept there, but the record was never written: the next service finds it and deletes it."""
    keyring = Keyring(world)
    world.daemon.kill()
    world.daemon.start(failpoint="store-before-commit:1")
    with pytest.raises(Refused):
        world.client.create(guarded.url("slow"), world.path("a"), server_credential=(USER, PASSWORD))
    world.daemon.wait_gone()
    assert len(keyring.items()) == 1
    world.daemon.start()
    path = world.client.create(guarded.url("slow"), world.path("b"), server_credential=(USER, PASSWORD))
    world.client.wait_until(lambda: len(keyring.items()) == 1)
    world.client.verb(path, "Cancel")
    world.client.wait_until(lambda: keyring.items() == [])


def test_locked(world, guarded):
    """Nobody is asked to unlock it: a file of our own it is."""
    keyring = Keyring(world)
    keyring.lock()
    monitor = Monitor(world.bus)
    path = begin(world, guarded)
    assert keyring.items() == [] and files_with(world, PASSWORD.encode())
    assert all(name.startswith("secrets.db") for name in files_with(world, PASSWORD.encode()))
    world.daemon.kill()
    guarded.whole()
    world.daemon.start()
    finish(world, guarded, path)
    said = "\n".join(monitor.stop())
    assert "Unlock" not in said and "Prompt" not in said


def test_locked_meanwhile(world, guarded):
    """Kept there, and locked when the service comes back: it says so, sends nothing, and goes on by itself."""
    keyring = Keyring(world)
    path = begin(world, guarded)
    world.daemon.kill()
    keyring.lock()
    guarded.whole()
    asked = len(guarded.requests)
    monitor = Monitor(world.bus)
    world.daemon.start()
    world.client.wait_until(lambda: world.client.get(path, "ErrorStatus") == "unauthorized")
    state = world.client.get_all(path)
    assert state["State"] == "queued" and state["BlockedBy"] == ["retry"] and state["Attempt"] <= 1
    assert "keyring" in state["ErrorMessage"] and "server-credential" in state["ErrorMessage"]
    with pytest.raises(Refused) as caught:
        world.client.call(path, OPERATION, "SetRequestHeader", "(ss)", "X-A", "b")
    assert caught.value.short == "StoreUnavailable" and "keyring" in caught.value.message
    assert len(guarded.requests) == asked
    said = "\n".join(monitor.stop())
    assert "Unlock" not in said and "Prompt" not in said
    keyring.stop()
    keyring.start()
    finish(world, guarded, path)


def test_gone_meanwhile(world, guarded):
    """The keyring is not there any more: the application can give it again, which needs no keyring."""
    keyring = Keyring(world)
    path = begin(world, guarded)
    world.daemon.kill()
    keyring.stop()
    asked = len(guarded.requests)
    guarded.whole()
    world.daemon.start()
    world.client.wait_until(lambda: world.client.get(path, "ErrorStatus") == "unauthorized")
    assert len(guarded.requests) == asked
    world.client.call(path, OPERATION, "SetCredential", "(sss)", "server", USER, PASSWORD)
    finish(world, guarded, path)


def test_deleted_by_somebody(world, guarded):
    """Then nothing will come back, and that is final."""
    keyring = Keyring(world)
    path = begin(world, guarded)
    world.daemon.kill()
    for item in keyring.items():
        keyring.call(item, "org.freedesktop.Secret.Item", "Delete", "()")
    asked = len(guarded.requests)
    world.daemon.start()
    ended = world.client.wait(path)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "unauthorized") and "set it again" in ended["ErrorMessage"]
    assert len(guarded.requests) == asked
    world.client.call(path, OPERATION, "SetCredential", "(sss)", "server", USER, PASSWORD)
    world.client.verb(path, "Resume")
    finish(world, guarded, path)


def test_hanging(world, guarded):
    """Five seconds at most, and only the first time."""
    keyring = Keyring(world)
    keyring.freeze()
    start = time.monotonic()
    path = begin(world, guarded)
    took = time.monotonic() - start
    assert 4 < took < 5 + 10 * world.client.scale, took
    start = time.monotonic()
    world.client.create(guarded.url("slow"), world.path("b"), server_credential=(USER, PASSWORD))
    assert time.monotonic() - start < 4
    assert files_with(world, PASSWORD.encode())
    guarded.whole()
    world.daemon.restart()
    finish(world, guarded, path)
