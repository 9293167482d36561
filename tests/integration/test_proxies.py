# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Through real proxies: tinyproxy and microsocks."""

import pytest

from ferrykit.auth import needs_basic
from ferrykit.client import OPERATION
from ferrykit.content import Content, file_sha256
from ferrykit.proxies import BadProxy, Microsocks, Tinyproxy, free_port
from ferrykit.server import DEFAULT_SIZE, Server
from ferrykit.tls import Authority

CREDENTIAL = ("proxyuser", "proxyhunter2")
SUM = Content(DEFAULT_SIZE).sha256()
KINDS = {"http": Tinyproxy, "socks5": Microsocks}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Which the system does not know."""
    return Authority(str(tmp_path_factory.mktemp("authority")))


@pytest.fixture
def start(tmp_path):
    """Starts proxies and ends them with the test."""
    started = []

    def begin(kind, credential=None):
        started.append(KINDS[kind](str(tmp_path), credential))
        return started[-1]

    yield begin
    for proxy in started:
        proxy.stop()


@pytest.fixture(params=["plain", "tls"])
def any_server(request, authority):
    """The scripted server, with what a client has to know of it."""
    server = Server(tls=authority.context("proxied") if request.param == "tls" else None)
    server.trust = {"ca_certificates": authority.text()} if request.param == "tls" else {}
    yield server
    server.stop()
    assert not server.failures


def assert_kept(server):
    """No server has seen what is a proxy's."""
    for request in server.requests:
        assert request.header("Proxy-Authorization") is None and "proxyhunter" not in str(request.headers)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", ["none", "option", "uri"])
def test_through(world, start, any_server, kind, how):
    proxy = start(kind, None if how == "none" else CREDENTIAL)
    given = {"proxy": proxy.uri}
    if how == "option":
        given["proxy_credential"] = CREDENTIAL
    elif how == "uri":
        given["proxy"] = proxy.uri.replace("://", "://{}:{}@".format(*CREDENTIAL))
    for name, case in [("a", "normal"), ("b", "cut-once"), ("c", "chunked")]:
        path = world.client.create(any_server.url(case, name=name), world.path(name), start=True, **given,
                                   **any_server.trust)
        ended = world.client.wait(path)
        assert ended["State"] == "completed", ended["ErrorMessage"]
        assert ended["Options"]["proxy"] == proxy.uri and CREDENTIAL[1] not in str(ended)
        assert file_sha256(world.path(name)) == SUM
    assert_kept(any_server)
    assert CREDENTIAL[1] not in world.read_log() and CREDENTIAL[0] not in world.read_log()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [1000, 3_000_000])
def test_upload_through(world, start, sink, kind, size):
    """Also where the proxy asks who it is after the body, or in its place; a POST is there once."""
    proxy = start(kind, CREDENTIAL)
    content = Content(size)
    with open(world.path("source"), "wb") as stream:
        stream.write(content.read(0, size))
    for method in ("PUT", "POST"):
        operation = world.client.upload(sink.url(method), world.path("source"), method=method, start=True,
                                        proxy=proxy.uri, proxy_credential=CREDENTIAL)
        ended = world.client.wait(operation)
        assert (ended["State"], ended["BytesSent"]) == ("completed", size), ended
        assert file_sha256(sink.uploads[-1].path) == content.sha256()
    assert [upload.method for upload in sink.uploads if upload.whole] == ["PUT", "POST"]
    assert all(upload.header("Proxy-Authorization") is None for upload in sink.uploads)


@pytest.mark.parametrize("kind", KINDS)
def test_wrong_credential(world, start, any_server, kind):
    """It waits where that is listed, SetCredential mends it, and what is there stays."""
    proxy = start(kind, CREDENTIAL)
    path = world.client.create(any_server.url("normal"), world.path("a"), start=True, proxy=proxy.uri,
                               proxy_credential=(CREDENTIAL[0], "guess"), **any_server.trust)
    ended = world.client.wait(path)
    # tinyproxy says 401 to a wrong one, which in a plain request could as well be the server's.
    status = "unauthorized" if kind == "http" and not any_server.tls else "proxy-authentication-required"
    assert (ended["State"], ended["ErrorStatus"], ended["Attempt"]) == ("error", status, 1)
    path = world.client.create(any_server.url("normal"), world.path("b"), start=True, proxy=proxy.uri,
                               recoverable_errors=["proxy-authentication-required"], **any_server.trust)
    world.client.wait(path, ("paused-recoverable-error",))
    world.daemon.restart()
    world.client.call(path, OPERATION, "SetCredential", "(sss)", "proxy", *CREDENTIAL)
    world.client.verb(path, "Resume")
    assert world.client.wait(path)["State"] == "completed"
    assert_kept(any_server)


@pytest.mark.parametrize("kind", KINDS)
def test_dies_in_the_middle(world, start, any_server, tmp_path, kind):
    """Resumes where it was, through the proxy that comes back."""
    world.set_setting("max-retries", 20)
    proxy = start(kind)
    path = world.client.create(any_server.url("normal", size=2_000_000, rate=2_000_000), world.path("a"), start=True,
                               proxy=proxy.uri, **any_server.trust)
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") > 100_000)
    proxy.stop()
    world.client.wait_until(lambda: world.client.get(path, "ErrorStatus") == "cannot-connect")
    proxy.start(str(tmp_path))
    ended = world.client.wait(path)
    assert (ended["State"], ended["Restarts"]) == ("completed", 0), ended["ErrorMessage"]
    assert file_sha256(world.path("a")) == Content(2_000_000).sha256()
    assert any(request.first for request in any_server.requests)


@pytest.mark.parametrize("kind", KINDS)
def test_cannot_connect(world, start, kind):
    """The proxy is there, the server is not; and the other way round."""
    world.set_setting("max-retries", 0)
    proxy = start(kind)
    for uri in (f"http://127.0.0.1:{free_port()}/", f"https://127.0.0.1:{free_port()}/"):
        ended = world.client.wait(world.client.create(uri, world.path("a"), start=True, proxy=proxy.uri))
        assert ended["State"] == "error"
        # To a plain request the proxy answers itself, and nobody could tell that from the server.
        expected = ("cannot-connect",) if uri.startswith("https") or kind == "socks5" else ("internal-server-error",
                                                                                            "bad-gateway")
        assert ended["ErrorStatus"] in expected, ended["ErrorMessage"]
    proxy.stop()
    ended = world.client.wait(world.client.create("http://127.0.0.1:9/", world.path("b"), start=True, proxy=proxy.uri))
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "cannot-connect")


@pytest.mark.parametrize("answer, status, final", [
    ("HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n",
     "proxy-authentication-required", True),
    ("HTTP/1.1 403 Not there\r\nContent-Length: 3\r\n\r\nno!", "cannot-connect", False),
    ("HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n", "cannot-connect", False),
    ("What do you want?\r\n\r\n", "error-http-invalid-server-response", True),
    ("", "cannot-connect", False),
])
def test_refuses_the_tunnel(world, authority, answer, status, final):
    """What cannot pass is told, and waits where that is listed."""
    world.set_setting("max-retries", 2)
    server = Server(tls=authority.context("behind"))
    bad = BadProxy(answer.encode())
    world.cleanups += [server.stop, bad.stop]
    given = {"proxy": bad.uri, "server_credential": ("eve", "hunter2"), "ca_certificates": authority.text()}
    ended = world.client.wait(world.client.create(server.url("normal"), world.path("a"), start=True, **given))
    assert (ended["State"], ended["ErrorStatus"]) == ("error", status), ended["ErrorMessage"]
    assert (ended["Attempt"] == 1) is final
    path = world.client.create(server.url("normal"), world.path("b"), start=True, recoverable_errors=[status], **given)
    assert world.client.wait(path, "paused-recoverable-error")["ErrorStatus"] == status
    assert server.connections == 0 and bad.heads
    for head in bad.heads:
        assert head[0] == f"CONNECT 127.0.0.1:{server.port} HTTP/1.1"
        assert not any(line.lower().startswith("authorization") for line in head)


def test_each_its_own(world, start, server):
    """An operation with a proxy and one without do not share connections."""
    proxy = start("http")
    server.cases = {**server.cases, "guarded": needs_basic("eve", "hunter2")}
    for number, given in enumerate([{"proxy": proxy.uri}, {}, {"proxy": "direct://"}]):
        path = world.client.create(server.url("guarded"), world.path(str(number)), start=True,
                                   server_credential=("eve", "hunter2"), **given)
        assert world.client.wait(path)["State"] == "completed"
    via = [request.header("Via") is not None for request in server.requests]
    assert via == [True, True, False, False, False, False]
    assert "hunter2" not in proxy.read_log()


def test_of_the_session(world, start, server):
    """What GProxyResolver says, with user and password where the session's settings have them."""
    proxy = start("http", CREDENTIAL)
    world.daemon.kill()
    uri = proxy.uri.replace("://", "://{}:{}@".format(*CREDENTIAL))
    world.daemon.start(env={"http_proxy": uri, "no_proxy": "", "GIO_USE_PROXY_RESOLVER": "libproxy"})
    path = world.client.create(server.url("normal"), world.path("a"), start=True)
    ended = world.client.wait(path)
    assert ended["State"] == "completed", ended["ErrorMessage"]
    assert server.requests[-1].header("Via") is not None
    path = world.client.create(server.url("normal", name="direct"), world.path("b"), start=True, proxy="direct://")
    assert world.client.wait(path)["State"] == "completed"
    assert server.requests[-1].header("Via") is None
    assert_kept(server)
    assert CREDENTIAL[1] not in world.read_log()
