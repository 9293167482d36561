# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""FTP with a real vsftpd, in the clear and with TLS. The system's trust is what a service goes by, so this runs in a
mount namespace of its own where the system's bundle is ours."""

import os
import subprocess
import time

import pytest
from ferrykit.client import OPERATION, Refused
from ferrykit.content import Content, file_sha256
from ferrykit.meagre_ftp import MeagreFtp
from ferrykit.proxies import Microsocks, Tinyproxy, free_port
from ferrykit.tls import Authority
from ferrykit.vsftpd import USER, Vsftpd
from gi.repository import GLib

BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
SIZE = 2_000_000
CONTENT = Content(SIZE)
SUM = CONTENT.sha256()
THEN = 1_700_000_000  # when served files were changed, seconds since 1970
RATE = 1_000_000  # bytes/s of a server that leaves time for something to happen


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Which the system does not know."""
    return Authority(str(tmp_path_factory.mktemp("authority")))


@pytest.fixture(scope="module", autouse=True)
def trusted(tmp_path_factory):
    """The authority that is the system's here."""
    assert os.environ.get("FERRY_IN_NAMESPACE"), "to be run with run-pytest --in-namespace"
    made = Authority(str(tmp_path_factory.mktemp("trusted")))
    subprocess.run(["mount", "--bind", made.certificate, BUNDLE], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    yield made
    subprocess.run(["umount", BUNDLE], check=True)


@pytest.fixture
def serve(tmp_path):
    """Starts servers, each with the file `f`, and ends them with the test."""
    started = []

    def begin(**how):
        folder = tmp_path / str(len(started))
        folder.mkdir()
        started.append(Vsftpd(str(folder), **how))
        started[-1].add("f", CONTENT, THEN)
        return started[-1]

    yield begin
    for server in started:
        server.stop()


@pytest.fixture
def serve_meagrely():
    """The same for servers that know less."""
    started = []

    def begin(*how, **more):
        started.append(MeagreFtp(*how, **more))
        return started[-1]

    yield begin
    for server in started:
        server.stop()


@pytest.fixture
def start_proxy(tmp_path):
    """Starts proxies, by their class, and ends them with the test."""
    started = []

    def begin(kind, *how):
        started.append(kind(str(tmp_path), *how))
        return started[-1]

    yield begin
    for proxy in started:
        proxy.stop()


def restarted(server):
    """Offsets that were asked for."""
    commands = server.commands if isinstance(server, MeagreFtp) else server.commands()
    return [int(command.split()[1]) for command in commands if command.startswith("REST ")]


def wait_for_some(world, path, least=200_000):
    """Until so much is there."""
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") > least)


@pytest.mark.parametrize("tls", ["plain", "tls"])
@pytest.mark.parametrize("who", ["anonymous", "user"])
def test_whole(world, serve, trusted, tls, who):
    secure = tls == "tls"
    server = serve(certificate=trusted.issue("good") if secure else None, password=who == "user")
    uri = server.url("f")
    given = uri.replace("://", "://{}:{}@".format(*USER)) if who == "user" else uri
    path = world.client.create(given, world.path("a"), start=True)
    ended = world.client.wait(path)
    assert ended["State"] == "completed", ended["ErrorMessage"]
    assert (ended["Uri"], ended["Response"], ended["SuggestedName"]) == (uri, {}, "f")
    assert (ended["BytesReceived"], ended["TotalBytesToReceive"]) == (SIZE, SIZE)
    assert file_sha256(world.path("a")) == SUM
    assert ("PROT P" in server.commands()) == secure
    assert USER[1] not in world.read_log() and USER[1] not in str(ended)


def test_empty_and_strange_names(world, serve):
    server = serve()
    os.mkdir(os.path.join(server.www, "a b"))
    server.add("empty", Content(0), THEN)
    server.add("a b/100%;x ü", CONTENT, THEN)
    server.add("a;type=a", CONTENT, THEN)
    for uri, name, size in [("empty", "empty", 0), ("a%20b/100%25%3Bx%20%C3%BC", "100%;x ü", SIZE),
                            ("a%3Btype=a;type=i", "a;type=a", SIZE)]:
        ended = world.client.wait(world.client.create(server.url(uri), world.path(""), start=True))
        assert ended["State"] == "completed", ended["ErrorMessage"]
        assert (ended["SuggestedName"], ended["TotalBytesToReceive"]) == (name, size)
        assert file_sha256(world.path(name)) == (SUM if size else Content(0).sha256())


@pytest.mark.parametrize("tls", ["plain", "tls"])
def test_goes_on_after_a_kill(world, serve, trusted, tls):
    """From where it was, as nothing has changed."""
    server = serve(rate=3 * RATE, certificate=trusted.issue("good") if tls == "tls" else None)
    content = Content(3 * SIZE)
    server.add("large", content, THEN)
    path = world.client.create(server.url("large"), world.path("a"), start=True)
    wait_for_some(world, path, 2_500_000)
    world.daemon.restart()
    ended = world.client.wait(path)
    assert (ended["State"], ended["Restarts"], ended["Response"]) == ("completed", 0, {}), ended["ErrorMessage"]
    assert file_sha256(world.path("a")) == content.sha256()
    assert len(restarted(server)) == 1 and restarted(server)[0] >= 1_000_000


@pytest.mark.parametrize("what", ["size", "time"])
def test_another_file_starts_over(world, serve, what):
    """Size and time of change are what a file is known by."""
    server = serve(rate=RATE)
    path = world.client.create(server.url("f"), world.path("a"), start=True)
    wait_for_some(world, path)
    world.client.verb(path, "Pause")
    world.client.wait(path, ("paused-by-application",))
    other = Content(SIZE + 1 if what == "size" else SIZE, seed=7)
    server.add("f", other, THEN if what == "size" else THEN + 1)
    world.client.verb(path, "Resume")
    ended = world.client.wait(path)
    assert (ended["State"], ended["Restarts"]) == ("completed", 1), ended["ErrorMessage"]
    assert file_sha256(world.path("a")) == other.sha256()


def test_a_file_that_got_shorter(world, serve):
    """There is nothing where it was to go on."""
    server = serve(rate=RATE)
    path = world.client.create(server.url("f"), world.path("a"), start=True)
    wait_for_some(world, path)
    world.client.verb(path, "Pause")
    world.client.wait(path, ("paused-by-application",))
    other = Content(1000, seed=7)
    server.add("f", other, THEN)
    world.client.verb(path, "Resume")
    ended = world.client.wait(path)
    assert (ended["State"], ended["Restarts"]) == ("completed", 1), ended["ErrorMessage"]
    assert file_sha256(world.path("a")) == other.sha256()


def test_connection_lost(world, serve):
    """The server's process dies in the middle, twice."""
    world.set_setting("max-retries", 20)
    server = serve(rate=RATE)
    path = world.client.create(server.url("f"), world.path("a"), start=True)
    for least in (200_000, 600_000):
        wait_for_some(world, path, least)
        server.drop()
    ended = world.client.wait(path)
    assert (ended["State"], ended["Restarts"]) == ("completed", 0), ended["ErrorMessage"]
    assert file_sha256(world.path("a")) == SUM
    assert len(restarted(server)) >= 2


def test_connection_lost_for_good(world, serve):
    world.set_setting("max-retries", 0)
    server = serve(rate=RATE)
    path = world.client.create(server.url("f"), world.path("a"), start=True)
    wait_for_some(world, path)
    server.drop()
    ended = world.client.wait(path)
    assert ended["State"] == "error" and ended["ErrorStatus"] in ("disconnected", "connection-reset")
    assert ended["Response"] == {}


@pytest.mark.parametrize("name", ["missing", "no/such/folder"])
def test_missing(world, serve, name):
    server = serve()
    ended = world.client.wait(world.client.create(server.url(name), world.path("a"), start=True))
    assert (ended["State"], ended["ErrorStatus"], ended["Attempt"]) == ("error", "not-found", 1)
    assert ended["Response"] == {} and world.parts() == []


def test_wrong_password(world, serve):
    """It ends, or waits where that is listed and goes on with the right one."""
    server = serve(password=True)
    ended = world.client.wait(world.client.create(server.url("f"), world.path("a"), start=True,
                                                  server_credential=(USER[0], "guess")))
    assert (ended["State"], ended["ErrorStatus"], ended["Attempt"]) == ("error", "unauthorized", 1)
    path = world.client.create(server.url("f"), world.path("b"), start=True, recoverable_errors=["unauthorized"])
    world.client.wait(path, ("paused-recoverable-error",))
    world.client.call(path, OPERATION, "SetCredential", "(sss)", "server", *USER)
    world.client.verb(path, "Resume")
    assert world.client.wait(path)["State"] == "completed"
    assert file_sha256(world.path("b")) == SUM


@pytest.mark.parametrize("path", ["/a%0d%0aDELE%20f", "/a%00b", "/a%0A", "/", "", "/folder/", "/f;type=a"])
def test_paths_refused(world, path):
    with pytest.raises(Refused) as caught:
        world.client.create(f"ftp://127.0.0.1{path}", world.path("a"))
    assert caught.value.short == "InvalidArgument"


@pytest.mark.parametrize("given, error", [
    ({"mirrors": ["http://127.0.0.1/f"]}, "InvalidArgument"), ({"random_access": True}, "InvalidArgument"),
    ({"method": "POST"}, "InvalidArgument"), ({"headers": [("X-A", "b")]}, "InvalidArgument"),
    ({"certificate_fingerprint": "sha256:" + "0" * 64}, "NotSupported"),
    ({"mirrors": [], "random_access": False, "method": "GET", "headers": []}, None),
])
def test_options(world, given, error):
    """What means nothing for FTP names itself."""
    if error is None:
        world.client.create("ftp://127.0.0.1:9/f", world.path("a"), **given)
        return
    with pytest.raises(Refused) as caught:
        world.client.create("ftp://127.0.0.1:9/f", world.path("a"), **given)
    assert caught.value.short == error and next(iter(given)).replace("_", "-") in caught.value.message


def test_nothing_is_sent(world):
    """Neither by name nor by descriptor."""
    with open("/etc/hostname", "rb") as stream:
        for given, fds in [({"body": "/etc/hostname"}, ()), ({"body_fd": 0}, [stream.fileno()])]:
            with pytest.raises(Refused) as caught:
                world.client.create("ftp://127.0.0.1:9/f", world.path("a"), fds=fds, **given)
            assert caught.value.short == "InvalidArgument" and "'body" in caught.value.message
    with pytest.raises(Refused) as caught:
        world.client.upload("ftp://127.0.0.1:9/f", "/etc/hostname")
    assert caught.value.short == "NotSupported"


@pytest.mark.parametrize("fault, status", [
    ("unknown", "certificate-is-invalid"), ("name", "certificate-common-name-is-incorrect"),
    ("date", "certificate-expired"), ("none", None),
])
def test_certificates(world, serve, authority, fault, status):
    """As for https: where TLS is offered, its certificate has to be right."""
    more = {"name": {"alternative": "DNS:example.org"}, "date": {"days": -1}}.get(fault, {})
    server = serve(certificate=authority.issue(fault, **more), password=True)
    with open(authority.certificate, encoding="ascii") as stream:
        trust = {} if fault == "unknown" else {"ca_certificates": stream.read()}
    ended = world.client.wait(world.client.create(server.url("f"), world.path("a"), start=True,
                                                  server_credential=USER, **trust))
    assert ended["State"] == ("completed" if status is None else "error"), ended["ErrorMessage"]
    if status is not None:
        assert ended["ErrorStatus"] == status
        assert not any(command.startswith(("USER", "PASS")) for command in server.commands())


def test_trust_demands_tls(world, serve, authority):
    """Who says whom to trust does not want it in the clear."""
    server = serve(password=True)
    with open(authority.certificate, encoding="ascii") as stream:
        trust = stream.read()
    ended = world.client.wait(world.client.create(server.url("f"), world.path("a"), start=True,
                                                  server_credential=USER, ca_certificates=trust))
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "certificate-is-invalid")
    assert not any(command.startswith(("USER", "PASS")) for command in server.commands())


def test_not_there(world):
    world.set_setting("max-retries", 0)
    for uri, status in [(f"ftp://127.0.0.1:{free_port()}/f", "cannot-connect"),
                        ("ftp://nowhere.invalid/f", "host-name-not-resolved")]:
        ended = world.client.wait(world.client.create(uri, world.path("a"), start=True), timeout=60)
        assert (ended["State"], ended["ErrorStatus"]) == ("error", status), ended["ErrorMessage"]


def test_a_server_that_says_nothing(world, serve):
    """Stopped before it can greet: the connect time-out is over."""
    world.daemon.kill()
    world.write_settings({"connect-timeout": 1, "max-retries": 0})
    world.daemon.start()
    server = serve()
    server.freeze()
    ended = world.client.wait(world.client.create(server.url("f"), world.path("a"), start=True), timeout=60)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "timeout")


@pytest.mark.world(settings={"stall-timeout": 1, "max-retries": 0})
def test_a_server_that_stops_sending(world, serve):
    """Its connections stay, and nothing more comes. What there is is kept."""
    server = serve(rate=RATE)
    path = world.client.create(server.url("f"), world.path("a"), start=True)
    wait_for_some(world, path)
    server.freeze(sessions=True)
    ended = world.client.wait(path, timeout=60)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "timeout"), ended["ErrorMessage"]
    server.thaw()
    world.client.verb(path, "Resume")
    ended = world.client.wait(path)
    assert (ended["State"], ended["Restarts"]) == ("completed", 0), ended["ErrorMessage"]
    assert file_sha256(world.path("a")) == SUM


def has_libcurl(world):
    """Whether it is loaded."""
    with open(f"/proc/{world.daemon.pid}/maps", encoding="utf-8") as stream:
        return "libcurl" in stream.read()


@pytest.fixture
def hide_libcurl(tmp_path):
    """Puts an empty file in its place, as long as wanted."""
    listed = subprocess.run(["/sbin/ldconfig", "-p"], check=True, capture_output=True, text=True).stdout
    paths = {os.path.realpath(line.split()[-1]) for line in listed.splitlines() if "libcurl-gnutls.so.4 " in line}
    assert paths
    nothing = tmp_path / "nothing"
    nothing.touch()
    for path in paths:
        subprocess.run(["mount", "--bind", str(nothing), path], check=True)

    def show():
        while paths:
            subprocess.run(["umount", paths.pop()], check=True)

    yield show
    show()


def test_without_libcurl(hide_libcurl, world, serve):
    """It says so, and finds it when it is there."""
    world.expect_log("FTP is not possible")
    server = serve()
    path = world.client.create(server.url("f"), world.path("a"), start=True)
    ended = world.client.wait(path)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "not-implemented")
    assert "libcurl" in ended["ErrorMessage"]
    hide_libcurl()
    world.client.verb(path, "Resume")
    assert world.client.wait(path)["State"] == "completed"


def test_loaded_when_needed(world, serve, server):
    world.client.wait(world.client.create(server.url("normal"), world.path("a"), start=True))
    assert not has_libcurl(world)
    world.client.wait(world.client.create(serve().url("f"), world.path("b"), start=True))
    assert has_libcurl(world)


def test_limit(world, serve):
    """MaxSpeed, which changes on the way."""
    server = serve()
    path = world.client.create(server.url("f"), world.path("a"), max_speed=200_000)
    begun = time.monotonic()
    world.client.verb(path, "Start")
    wait_for_some(world, path, 300_000)
    assert time.monotonic() - begun > 0.5
    world.client.set(path, "MaxSpeed", GLib.Variant("t", 0))
    assert world.client.wait(path)["State"] == "completed"
    assert file_sha256(world.path("a")) == SUM and restarted(server) == []


def test_several_connections(world, serve):
    """Parts side by side are the same mechanism."""
    server = serve(rate=RATE)
    path = world.client.create(server.url("f"), world.path("a"), start=True, connections=2)
    ended = world.client.wait(path)
    assert ended["State"] == "completed", ended["ErrorMessage"]
    assert file_sha256(world.path("a")) == SUM and restarted(server)


def test_canceled(world, serve):
    server = serve(rate=RATE)
    path = world.client.create(server.url("f"), world.path("a"), start=True)
    wait_for_some(world, path)
    world.client.verb(path, "Cancel")
    assert world.client.wait(path)["State"] == "canceled"
    assert world.parts() == []
    world.client.wait_until(lambda: server.sessions() == [])


@pytest.mark.parametrize("knows, first, restarts", [
    ("SIZE MDTM REST EPSV", 300_000, 0), ("SIZE MDTM REST PASV", 300_000, 0),
    ("SIZE REST EPSV", 300_000 - 65_536, 0), ("MDTM REST EPSV", None, 1), ("REST PASV", None, 1),
    ("SIZE MDTM EPSV", None, 1), ("SIZE EPSV", None, 1),
])
def test_meagre_servers(world, serve_meagrely, knows, first, restarts):
    """The data connection breaks while the control connection stays. Without MDTM what is held is compared, without
    SIZE or REST it begins again."""
    server = serve_meagrely(CONTENT, knows, cuts=[300_000])
    path = world.client.create(server.url("f"), world.path("a"), start=True)
    ended = world.client.wait(path)
    assert (ended["State"], ended["Restarts"], ended["Response"]) == ("completed", restarts, {}), ended["ErrorMessage"]
    assert (ended["BytesReceived"], ended["TotalBytesToReceive"]) == (SIZE, SIZE)
    assert file_sha256(world.path("a")) == SUM
    assert first is None or restarted(server) == [first]
    assert not any(command.startswith(("PORT", "EPRT")) for command in server.commands)


@pytest.mark.parametrize("connections", [1, 4])
def test_refused_parts_are_not_asked_for_again(world, serve_meagrely, connections):
    """What a server cannot is remembered, and several connections to it are one."""
    server = serve_meagrely(CONTENT, "SIZE MDTM EPSV", cuts=[300_000, 200_000])
    ended = world.client.wait(world.client.create(server.url("f"), world.path("a"), start=True,
                                                  connections=connections))
    assert ended["State"] == "completed", ended["ErrorMessage"]
    assert file_sha256(world.path("a")) == SUM
    assert connections > 1 or restarted(server) == [300_000]


def test_what_is_promised(world, serve):
    """Checksum and size, as for every download."""
    server = serve()
    for given, status in [({"checksum": "sha256:" + SUM, "expected_size": SIZE}, None),
                          ({"checksum": "sha256:" + "0" * 64}, "checksum-mismatch"),
                          ({"expected_size": SIZE - 1}, "size-mismatch")]:
        ended = world.client.wait(world.client.create(server.url("f"), world.path("a"), start=True, **given))
        assert ended["ErrorStatus"] == (status or ""), ended["ErrorMessage"]
        assert os.path.exists(world.path("a")) == (status is None)
        if status is None:
            os.unlink(world.path("a"))


def test_another_uri(world, serve, server):
    """From HTTP to FTP and back; what is held is compared."""
    ftp = serve(rate=RATE)
    path = world.client.create(server.url("tagged", size=SIZE, tag="v", rate=RATE), world.path("a"), start=True)
    for least, uri in [(200_000, ftp.url("f")), (500_000, server.url("tagged", "two", size=SIZE, tag="w"))]:
        wait_for_some(world, path, least)
        world.client.verb(path, "Pause")
        world.client.wait(path, ("paused-by-application",))
        world.client.set(path, "Uri", GLib.Variant("s", uri))
        world.client.verb(path, "Resume")
        world.client.wait_until(lambda: (world.client.get(path, "Response") == {}) == uri.startswith("ftp:"))
    ended = world.client.wait(path)
    assert (ended["State"], ended["Restarts"]) == ("completed", 0), ended["ErrorMessage"]
    assert file_sha256(world.path("a")) == SUM
    assert restarted(ftp) and server.requests_of("tagged", "two")[0].first > 0


def test_another_uri_refused(world, server):
    """What was given for HTTP would be ignored; and nothing is sent by FTP."""
    client = world.client
    path = client.create(server.url("normal", rate=10_000), world.path("a"), start=True, headers=[("X-A", "b")])
    client.verb(path, "Pause")
    with pytest.raises(Refused) as caught:
        client.set(path, "Uri", GLib.Variant("s", "ftp://127.0.0.1:9/f"))
    assert caught.value.short == "InvalidArgument" and "'headers'" in caught.value.message
    client.call(path, OPERATION, "RemoveRequestHeader", "(s)", "X-A")
    client.set(path, "Uri", GLib.Variant("s", "ftp://127.0.0.1:9/f"))
    with pytest.raises(Refused) as caught:
        client.call(path, OPERATION, "SetRequestHeader", "(ss)", "X-A", "b")
    assert caught.value.short == "InvalidArgument"
    assert client.get(path, "Uri") == "ftp://127.0.0.1:9/f"


@pytest.mark.parametrize("kind", [Microsocks, Tinyproxy])
def test_through_a_proxy(world, serve, start_proxy, kind):
    proxy = start_proxy(kind, USER)
    server = serve()
    world.set_setting("max-retries", 0)
    for given, status in [({"proxy_credential": USER}, ""), ({}, "proxy-authentication-required"),
                          ({"proxy_credential": ("eve", "guess")}, "proxy-authentication-required")]:
        ended = world.client.wait(world.client.create(server.url("f"), world.path("a"), start=True, proxy=proxy.uri,
                                                      exists="replace", **given))
        assert ended["ErrorStatus"] == status, ended["ErrorMessage"]
    assert file_sha256(world.path("a")) == SUM
    assert server.commands().count("RETR f") == 1
    proxy.stop()
    ended = world.client.wait(world.client.create(server.url("f"), world.path("b"), start=True, proxy=proxy.uri))
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "cannot-connect")
    assert "proxy" in ended["ErrorMessage"]


def test_proxy_of_the_session(world, serve, start_proxy):
    """As for HTTP, and with its user and password."""
    proxy = start_proxy(Tinyproxy, USER)
    server = serve()
    world.daemon.kill()
    uri = proxy.uri.replace("://", "://{}:{}@".format(*USER))
    world.daemon.start(env={"ftp_proxy": uri, "no_proxy": "", "GIO_USE_PROXY_RESOLVER": "libproxy"})
    for number, (given, used) in enumerate([({}, True), ({"proxy": "direct://"}, False)]):
        before = len(proxy.read_log())
        ended = world.client.wait(world.client.create(server.url("f"), world.path(str(number)), start=True, **given))
        assert ended["State"] == "completed", ended["ErrorMessage"]
        assert ("CONNECT" in proxy.read_log()[before:]) == used
    assert USER[1] not in world.read_log()


def test_ferry_get(world, serve, ferry):
    server = serve()
    ferry("get", server.url("f"))
    assert file_sha256(world.path("f")) == SUM
