# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Errors that the application wants to mend itself: each pauses, keeps what is there, and goes on with what it is given."""

import pytest
from gi.repository import GLib

from ferrykit.client import OPERATION
from ferrykit.content import Content, file_sha256
from ferrykit.proxies import free_port
from ferrykit.server import DEFAULT_SIZE, Server

PAUSED = "paused-recoverable-error"
HALF, OVERLAP = DEFAULT_SIZE // 2, 64 * 1024
SUM = Content(DEFAULT_SIZE).sha256()

CODES = {
    400: "bad-request", 401: "unauthorized", 402: "payment-required", 403: "forbidden", 404: "not-found",
    405: "method-not-allowed", 406: "not-acceptable", 407: "proxy-authentication-required", 408: "request-timeout",
    409: "conflict", 410: "gone", 411: "length-required", 412: "precondition-failed", 413: "request-entity-too-large",
    414: "request-uri-too-long", 415: "unsupported-media-type", 417: "expectation-failed", 499: "unexpected-client-error",
    500: "internal-server-error", 501: "not-implemented", 502: "bad-gateway", 503: "service-unavailable",
    504: "gateway-timeout", 505: "http-version-not-supported", 599: "unexpected-server-error",
}


def turns(x):
    """Half of it, and then nothing but the status that the name says."""
    if x.hit == 1:
        x.serve(cut_at=HALF)
    else:
        x.reply(int(x.request.path.rsplit("/", 1)[1]), body=b"not any more")


def halves(then):
    """Half of it, and then something else."""
    return lambda x: x.serve(cut_at=HALF) if x.hit == 1 else then(x)


OTHERS = {
    "disconnected": (halves(lambda x: x.serve(cut_at=HALF)), {}),
    "connection-aborted": (halves(lambda x: x.cut()), {}),
    "error-http-invalid-server-response": (halves(lambda x: x.send(b"What?\r\n\r\n")), {}),
    "redirect-failed": (halves(lambda x: x.reply(302, f"Location: {x.request.target}")), {}),
    "timeout": (halves(lambda x: x.hold()), {}),
    "size-mismatch": (lambda x: x.serve(content=Content(DEFAULT_SIZE + 1)), {"expected_size": DEFAULT_SIZE}),
    "checksum-mismatch": (lambda x: x.serve(content=Content(DEFAULT_SIZE, 2)), {"checksum": "sha256:" + SUM}),
}
FROM_NOTHING = ("size-mismatch", "checksum-mismatch")  # what was sent was not it


@pytest.fixture
def expiring():
    """A server whose files cannot be had for long, and have another address by then."""
    server = Server(cases={"turns": turns, "new": lambda x: x.serve(etag='"new"'), "same": lambda x: x.serve(),
                           "slow": lambda x: x.serve(etag='"new"'), **{name: case for name, (case, _) in OTHERS.items()}})
    yield server
    server.stop()
    assert not server.failures, server.failures


def wait_paused(world, path, status):
    """All properties of one that waits for its application."""
    found = world.client.wait(path, (PAUSED, "error", "completed"))
    assert (found["State"], found["ErrorStatus"]) == (PAUSED, status), found["ErrorMessage"]
    assert found["BlockedBy"] == ["recoverable-error"] and found["ErrorMessage"]
    return found


def is_done(world, path, name):
    """It ended whole, without another beginning."""
    ended = world.client.wait(path)
    assert (ended["State"], ended["ErrorStatus"]) == ("completed", ""), ended["ErrorMessage"]
    assert file_sha256(world.path(name)) == SUM
    return ended


@pytest.mark.world(settings={"max-retries": 1, "response-timeout": 1})
@pytest.mark.parametrize("source", ["new", "same"])
def test_each_status(world, expiring, source):
    """Acknowledged just before a kill; nothing is fetched again but what is compared."""
    client = world.client
    paths = {}
    for code, status in CODES.items():
        paths[status] = client.create(expiring.url("turns", name=str(code)), world.path(status), start=True,
                                      recoverable_errors=["unknown", status])
    for status, (_, given) in OTHERS.items():
        paths[status] = client.create(expiring.url(status), world.path(status), start=True, recoverable_errors=[status],
                                      **given)
    for status, path in paths.items():
        found = wait_paused(world, path, status)
        assert status in FROM_NOTHING or found["BytesReceived"] == HALF, status
    for status, path in paths.items():
        client.set(path, "Uri", GLib.Variant("s", expiring.url(source, name=status)))
        client.call(path, OPERATION, "SetRequestHeader", "(ss)", "X-Ticket", status)
    world.daemon.restart()
    assert {client.get(path, "State") for path in paths.values()} == {PAUSED}
    for path in paths.values():
        client.verb(path, "Resume")
    for status, path in paths.items():
        ended = is_done(world, path, status)
        asked = expiring.requests_of(source, status)
        assert {request.header("X-Ticket") for request in asked} == {status}
        assert ended["Restarts"] == (1 if status == "checksum-mismatch" else 0), status
        if status not in FROM_NOTHING:
            assert [request.first for request in asked] == [HALF - OVERLAP], status
            assert sum(request.sent for request in asked) == DEFAULT_SIZE - HALF + OVERLAP


@pytest.mark.world(settings={"max-retries": 0})
def test_nobody_is_there(world, expiring):
    """It never came to a server; killed after it was resumed, too."""
    path = world.client.create(f"http://127.0.0.1:{free_port()}/a", world.path("a"), start=True,
                               recoverable_errors=["cannot-connect"])
    wait_paused(world, path, "cannot-connect")
    world.client.verb(path, "Resume")
    wait_paused(world, path, "cannot-connect")
    world.client.set(path, "Uri", GLib.Variant("s", expiring.url("slow", rate=400_000)))
    world.client.verb(path, "Resume")
    world.daemon.restart()
    is_done(world, path, "a")


@pytest.mark.world(settings={"max-retries": 0})
def test_not_listed_ends(world, expiring):
    """What is listed later counts from then on."""
    path = world.client.create(expiring.url("turns", name="403"), world.path("a"), start=True,
                               recoverable_errors=["not-found", "disconnected"])
    wait_paused(world, path, "disconnected")
    world.client.verb(path, "Resume")
    ended = world.client.wait(path)
    assert (ended["State"], ended["ErrorStatus"], ended["BytesReceived"]) == ("error", "forbidden", HALF)
    world.client.set(path, "RecoverableErrors", GLib.Variant("as", ["forbidden"]))
    world.client.verb(path, "Resume")
    wait_paused(world, path, "forbidden")
    world.client.set(path, "Uri", GLib.Variant("s", expiring.url("new")))
    world.client.verb(path, "Resume")
    assert is_done(world, path, "a")["Restarts"] == 0
