# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""User and password: to whom they go, where they are kept, and what happens when they are wrong."""

import os
import stat

import pytest
from gi.repository import GLib

from ferrykit.auth import NeedsDigest, basic, needs_basic
from ferrykit.client import OPERATION, Refused
from ferrykit.content import Content, file_sha256
from ferrykit.server import DEFAULT_SIZE, Server

USER, PASSWORD = "eve", "hunter2 ü:@/"
SUM = Content(DEFAULT_SIZE).sha256()


def cut_once(x):
    """The second half breaks off the first time it is asked for with the right credential."""
    if x.request.header("Authorization") != basic(USER, PASSWORD):
        x.reply(401, 'WWW-Authenticate: Basic realm="tests"')
    else:
        x.serve(cut_at=DEFAULT_SIZE // 2 if x.request.first is None else None)


def changing(x):
    """Asks for a credential from the second request on."""
    if x.hit == 1:
        x.serve(cut_at=DEFAULT_SIZE // 2)
    else:
        needs_basic(USER, PASSWORD)(x)


@pytest.fixture
def guarded():
    """Servers' cases that want a credential."""
    server = Server(cases={
        "basic": needs_basic(USER, PASSWORD), "md5": NeedsDigest(USER, PASSWORD, uses=1),
        "sess": NeedsDigest(USER, PASSWORD, "MD5-sess"),
        "sha256": NeedsDigest(USER, PASSWORD, "SHA-256", uses=1), "sha256-sess": NeedsDigest(USER, PASSWORD, "SHA-256-sess"),
        "cut": cut_once, "changing": changing,
        "slow": needs_basic(USER, PASSWORD, stall_at=DEFAULT_SIZE // 2),
        "see": lambda x: x.reply(302, f"Location: {x.request.query['to']}"),
        "open": lambda x: x.serve()})
    yield server
    server.stop()
    assert not server.failures, server.failures


def files(world):
    """Every file of the state with its bytes."""
    found = {}
    for parent, _, names in os.walk(os.path.join(world.env["XDG_STATE_HOME"], "ferry")):
        for name in names:
            with open(os.path.join(parent, name), "rb") as stream:
                found[name] = stream.read()
    return found


def set_credential(world, path, *arguments):
    world.client.call(path, OPERATION, "SetCredential", "(sss)", *arguments)


@pytest.mark.parametrize("case", ["basic", "md5", "sess", "sha256", "sha256-sess"])
def test_right(world, guarded, case):
    path = world.client.create(guarded.url(case), world.path("a"), start=True, server_credential=(USER, PASSWORD))
    ended = world.client.wait(path)
    assert ended["State"] == "completed", ended["ErrorMessage"]
    assert file_sha256(world.path("a")) == SUM
    assert PASSWORD not in str(ended) and USER not in str(ended)
    assert "server-credential" not in ended["Options"]


def test_in_the_uri(world, guarded):
    uri = guarded.url("basic").replace("://", "://eve:hunter2%20%C3%BC%3A%40%2F@")
    path = world.client.create(uri, world.path("a"), start=True)
    ended = world.client.wait(path)
    assert ended["State"] == "completed", ended["ErrorMessage"]
    assert ended["Uri"] == guarded.url("basic") and "@" not in str(ended["Response"]["uri"])
    assert "hunter2" not in str(ended) and "hunter2" not in world.read_log()


def test_wrong_ends(world, guarded):
    """Given once; the server's answer can be read, and Resume goes on with the right one."""
    path = world.client.create(guarded.url("basic"), world.path("a"), start=True, server_credential=(USER, "guess"))
    ended = world.client.wait(path)
    assert (ended["State"], ended["ErrorStatus"], ended["Attempt"]) == ("error", "unauthorized", 1)
    assert ended["Response"]["status"] == 401
    with open(world.client.open_result(path), "rb") as body:
        assert body.read() == b"who are you?"
    assert len(guarded.requests_of("basic")) == 2
    set_credential(world, path, "server", USER, PASSWORD)
    world.client.verb(path, "Resume")
    assert world.client.wait(path)["State"] == "completed"


def test_recoverable(world, guarded):
    """Half is there when the server begins to ask: it waits, and the rest is fetched with what it is told."""
    world.set_setting("max-retries", 1)
    path = world.client.create(guarded.url("changing"), world.path("a"), start=True,
                               recoverable_errors=["unauthorized"])
    waits = world.client.wait(path, ("paused-recoverable-error",))
    assert waits["ErrorStatus"] == "unauthorized" and waits["BytesReceived"] == DEFAULT_SIZE // 2
    world.daemon.restart()
    assert world.client.get(path, "State") == "paused-recoverable-error"
    set_credential(world, path, "server", USER, PASSWORD)
    world.daemon.restart()
    world.client.verb(path, "Resume")
    ended = world.client.wait(path)
    assert ended["State"] == "completed" and ended["Restarts"] == 0, ended
    assert file_sha256(world.path("a")) == SUM
    assert guarded.requests_of("changing")[-1].first == DEFAULT_SIZE // 2


def test_a_written_uri_brings_its_own(world, guarded):
    path = world.client.create(guarded.url("basic"), world.path("a"), start=True, server_credential=(USER, "guess"))
    world.client.wait(path)
    world.client.set(path, "Uri", GLib.Variant("s", guarded.url("basic").replace(
        "://", "://eve:hunter2%20%C3%BC%3A%40%2F@")))
    assert world.client.get(path, "Uri") == guarded.url("basic")
    world.client.verb(path, "Resume")
    assert world.client.wait(path)["State"] == "completed"


def test_not_to_another_origin(world, guarded):
    """Nor back at the first one."""
    other = guarded.url("basic").replace(guarded.origin, guarded.other_origin)
    path = world.client.create(guarded.url("see", to=other), world.path("a"), start=True,
                               server_credential=(USER, PASSWORD))
    ended = world.client.wait(path)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "unauthorized")
    back = guarded.url("see", name="there", to=guarded.url("see", name="back", to=guarded.url("basic", name="x")))
    path = world.client.create(back, world.path("b"), start=True, server_credential=(USER, PASSWORD))
    assert world.client.wait(path)["State"] == "completed", "the same origin all the way"
    away = guarded.url("see", name="1", to=guarded.url("see", name="2", to=guarded.url("basic", name="y")).replace(
        guarded.origin + "/see", guarded.other_origin + "/see"))
    path = world.client.create(away, world.path("c"), start=True, server_credential=(USER, PASSWORD))
    ended = world.client.wait(path)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "unauthorized")
    for request in guarded.requests:
        if request.origin != guarded.port or request.path.endswith("/y"):
            assert request.header("Authorization") is None, request


def test_kept_in_a_file_of_its_own(world, guarded):
    """Through a kill, without anybody typing; and gone when it is over."""
    path = world.client.create(guarded.url("slow", name="s"), world.path("a"), start=True,
                               server_credential=(USER, PASSWORD))
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") >= DEFAULT_SIZE // 2)
    kept = files(world)
    secret = PASSWORD.encode()
    assert any(secret in data for name, data in kept.items() if name.startswith("secrets.db"))
    assert not any(secret in data for name, data in kept.items() if not name.startswith("secrets.db"))
    folder = os.path.join(world.env["XDG_STATE_HOME"], "ferry")
    assert all(stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode) == 0o600
               for name in kept if name.startswith("secrets.db"))
    guarded.cases["slow"] = needs_basic(USER, PASSWORD)
    world.daemon.restart()
    ended = world.client.wait(path)
    assert ended["State"] == "completed", ended["ErrorMessage"]
    world.client.wait_until(lambda: not any(secret in data for data in files(world).values()))


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
@pytest.mark.parametrize("what", ["stale for ever", "wrong"])
def test_digest_that_never_fits(world, guarded, algorithm, what):
    """Three challenges at most; where it is listed the application mends it, through a kill."""
    guarded.cases["never"] = NeedsDigest(USER, PASSWORD if what != "wrong" else "another", algorithm, uses=0)
    path = world.client.create(guarded.url("never", name="1"), world.path("a"), start=True,
                               server_credential=(USER, PASSWORD))
    ended = world.client.wait(path)
    assert (ended["State"], ended["ErrorStatus"], ended["Attempt"]) == ("error", "unauthorized", 1)
    asked = guarded.requests_of("never", "1")
    assert len(asked) == (4 if what != "wrong" else 2), "none and three answers; or none and one that is wrong"
    path = world.client.create(guarded.url("never", name="2"), world.path("b"), start=True,
                               server_credential=(USER, PASSWORD), recoverable_errors=["unauthorized"])
    assert world.client.wait(path, "paused-recoverable-error")["ErrorStatus"] == "unauthorized"
    guarded.cases["never"] = NeedsDigest(USER, "right", algorithm)
    set_credential(world, path, "server", USER, "right")
    world.daemon.restart()
    world.client.verb(path, "Resume")
    assert world.client.wait(path)["State"] == "completed"
    assert file_sha256(world.path("b")) == SUM


def test_without_any_it_is_final(world, guarded):
    ended = world.client.wait(world.client.create(guarded.url("basic"), world.path("a"), start=True))
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "unauthorized")
    assert len(guarded.requests_of("basic")) == 1


def test_twice_is_refused(world):
    for given, key in [({"server_credential": ("u", "p")}, "server-credential"),
                       ({"proxy": "http://u:p@127.0.0.1:1", "proxy_credential": ("u", "p")}, "proxy-credential")]:
        uri = "http://u:p@127.0.0.1:9/" if key == "server-credential" else "http://127.0.0.1:9/"
        with pytest.raises(Refused) as caught:
            world.client.create(uri, world.path("a"), **given)
        assert caught.value.short == "InvalidArgument" and f"'{key}'" in caught.value.message


def test_set_credential_is_checked(world):
    path = world.client.create("http://127.0.0.1:9/", world.path("a"))
    for arguments in [("other", "u", "p"), ("server", "u\n", "p"), ("proxy", "u", "x" * 5000)]:
        with pytest.raises(Refused) as caught:
            set_credential(world, path, *arguments)
        assert caught.value.short == "InvalidArgument" and "x" * 20 not in caught.value.message
    set_credential(world, path, "proxy", "u", "p")
    world.client.verb(path, "Cancel")
    with pytest.raises(Refused) as caught:
        set_credential(world, path, "server", "u", "p")
    assert caught.value.short == "InvalidState"
