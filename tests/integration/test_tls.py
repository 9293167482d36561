# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""TLS with a certificate authority of its own.

The system's trust is what a service goes by, so the test runs in a mount namespace where the system's bundle is ours:
this file runs itself again inside of one.
"""

import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import warnings

import pytest

BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
INSIDE = os.environ.get("FERRY_TLS_FOLDER")

if not INSIDE:

    def test_inside_a_mount_namespace():
        """Every test below, with our authority in the system's place."""
        from ferrykit.tls import Authority

        folder = tempfile.mkdtemp(prefix="ferry-tls-", dir="/tmp")
        authority = Authority(folder)
        script = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'
        unshare = ["unshare", *([] if os.geteuid() == 0 else ["-r"]), "-m", "sh", "-c", script, "sh",
                   authority.certificate, BUNDLE]
        done = subprocess.run(
            [*unshare, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "--tb=short", "--rootdir",
             os.path.dirname(os.path.dirname(__file__)), __file__],
            env={**os.environ, "FERRY_TLS_FOLDER": folder, "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False)
        print(done.stdout)
        shutil.rmtree(folder, ignore_errors=True)
        assert done.returncode == 0, done.stdout[-3000:]
        assert " passed" in done.stdout

else:
    from gi.repository import GLib

    from ferrykit.auth import needs_basic
    from ferrykit.content import Content, file_sha256
    from ferrykit.nginx import Nginx
    from ferrykit.server import Server
    from ferrykit.tls import Authority, fingerprint

    @pytest.fixture(scope="module")
    def authority():
        """The one whose certificate is the system's bundle here."""
        made = Authority.__new__(Authority)
        made.folder = INSIDE
        made.certificate = os.path.join(INSIDE, "ca.pem")
        made._key = os.path.join(INSIDE, "ca.key")
        return made

    @pytest.fixture
    def secure(authority):
        """The scripted server over TLS."""
        server = Server(tls=authority.context("good"))
        yield server
        server.stop()
        assert not server.failures

    def end_of(world, url, name="a", **given):
        """A download's last properties."""
        return world.client.wait(world.client.create(url, world.path(name), start=True, **given))

    def test_nginx_over_tls(world, authority, tmp_path):
        nginx = Nginx(str(tmp_path), certificate=authority.issue("nginx"))
        content = Content(20 << 20)
        nginx.add("a.bin", content)
        path = world.client.create(f"{nginx.origin}/limited/a.bin", world.path("a"), start=True)
        world.client.wait_until(lambda: world.client.get(path, "BytesReceived") > 5 << 20)
        world.daemon.restart()
        ended = world.client.wait(path)
        nginx.stop()
        assert (ended["State"], ended["Restarts"]) == ("completed", 0)
        assert file_sha256(world.path("a")) == content.sha256()

    @pytest.mark.parametrize("case", ["normal", "chunked", "cut-once", "close-delimited"])
    def test_bodies(world, secure, case):
        ended = end_of(world, secure.url(case))
        assert ended["State"] == "completed", ended["ErrorMessage"]
        assert file_sha256(world.path("a")) == Content(300_000).sha256()

    @pytest.mark.parametrize("name, more, status", [
        ("expired", {"days": -1}, "certificate-expired"),
        ("future", {"starts": 2}, "certificate-expired"),
        ("weak", {"digest": "sha1"}, "certificate-contains-errors"),
        ("elsewhere", {"alternative": "DNS:elsewhere.example"}, "certificate-common-name-is-incorrect"),
    ])
    def test_bad_certificates(world, authority, name, more, status):
        """Final at once, and not a byte of the request is sent."""
        server = Server(tls=authority.context(name, **more))
        ended = end_of(world, server.url("normal"))
        server.stop()
        assert (ended["State"], ended["ErrorStatus"]) == ("error", status)
        assert server.requests == [] and ended["Attempt"] == 1

    def test_unknown_authority(world, tmp_path):
        other = Authority(str(tmp_path))
        server = Server(tls=other.context("stranger"))
        ended = end_of(world, server.url("normal"))
        server.stop()
        assert (ended["State"], ended["ErrorStatus"]) == ("error", "certificate-is-invalid")
        assert server.requests == []

    def test_https_never_falls_to_http(world, secure):
        plain = Server()
        ended = end_of(world, secure.url("see", to=plain.url("normal")))
        plain.stop()
        assert (ended["State"], ended["ErrorStatus"]) == ("error", "https-to-http-on-redirection")
        assert plain.requests == []

    def test_http_may_rise_to_https(world, secure):
        plain = Server()
        ended = end_of(world, plain.url("see", to=secure.url("normal")))
        plain.stop()
        assert ended["State"] == "completed"
        assert ended["Response"]["uri"].startswith("https://")

    def test_no_tls_there(world):
        plain = Server()
        world.set_setting("max-retries", 1)
        ended = end_of(world, f"https://127.0.0.1:{plain.port}/normal/a")
        plain.stop()
        assert ended["State"] == "error"
        assert ended["ErrorStatus"] in ("certificate-contains-errors", "cannot-connect")

    @pytest.fixture
    def stranger(tmp_path):
        """An authority that nobody has heard of."""
        return Authority(str(tmp_path))

    @pytest.fixture
    def serve():
        """Makes servers over TLS that last as long as the test."""
        made = []

        def begin(context, cases=None):
            made.append(Server(tls=context, cases=cases))
            return made[-1]

        yield begin
        for server in made:
            server.stop()
            assert not server.failures

    def outcome(ended):
        """How it ended, in short."""
        return ended["State"], ended["ErrorStatus"]

    INVALID = ("error", "certificate-is-invalid")
    DONE = ("completed", "")

    def test_authorities_are_nobody_elses(world, stranger, serve):
        """Side by side and one after the other, with connections that are there still."""
        server = serve(stranger.context("good"))
        text = stranger.text()
        slow = world.client.create(server.url("slow", size=600_000), world.path("slow"), start=True, ca_certificates=text)
        world.client.wait_until(lambda: world.client.get(slow, "BytesReceived") > 0)
        assert outcome(end_of(world, server.url("normal", "1"), "1")) == INVALID
        assert outcome(end_of(world, server.url("normal", "2"), "2", ca_certificates=text)) == DONE
        assert outcome(end_of(world, server.url("normal", "3"), "3")) == INVALID
        assert outcome(world.client.wait(slow)) == DONE
        assert "ca-certificates" not in world.client.get(slow, "Options")
        world.daemon.restart()
        assert outcome(end_of(world, server.url("normal", "4"), "4", ca_certificates=text)) == DONE
        assert outcome(end_of(world, server.url("normal", "5"), "5")) == INVALID
        assert {request.path for request in server.requests} == {"/slow/file.bin", "/normal/2", "/normal/4"}

    @pytest.mark.parametrize("more", [{"days": -1}, {"alternative": "DNS:elsewhere.example"}])
    def test_authorities_mend_nothing_else(world, stranger, serve, more):
        server = serve(stranger.context("bad", **more))
        ended = end_of(world, server.url("normal"), ca_certificates=stranger.text())
        assert ended["ErrorStatus"] in ("certificate-expired", "certificate-common-name-is-incorrect")
        assert server.requests == []

    @pytest.mark.parametrize("who", ["public", "expired", "stranger"])
    def test_fingerprint(world, authority, stranger, serve, who):
        """The only certificate that is right, whatever else is to be said of it; also where it could be trusted anyway."""
        issuer = stranger if who == "stranger" else authority
        server = serve(issuer.context(who, days=-1 if who == "expired" else 1))
        right = fingerprint(os.path.join(issuer.folder, f"{who}.pem"))
        wrong = right[:-1] + ("1" if right[-1] == "0" else "0")
        assert outcome(end_of(world, server.url("normal", "1"), "1", certificate_fingerprint=wrong)) == INVALID
        assert server.requests == []
        assert outcome(end_of(world, server.url("normal", "2"), "2", certificate_fingerprint=right)) == DONE
        assert outcome(end_of(world, server.url("normal", "3"), "3", certificate_fingerprint=wrong)) == INVALID
        without = {"public": DONE, "expired": ("error", "certificate-expired"), "stranger": INVALID}[who]
        assert outcome(end_of(world, server.url("normal", "4"), "4")) == without

    @pytest.mark.parametrize("how", ["ca_certificates", "certificate_fingerprint"])
    def test_trust_goes_no_further(world, stranger, serve, how):
        """Behind a redirect to another port nobody is trusted but whom the system trusts."""
        other = serve(stranger.context("good"))
        first = serve(stranger.context("good"))
        given = stranger.text() if how == "ca_certificates" else fingerprint(os.path.join(stranger.folder, "good.pem"))
        assert outcome(end_of(world, first.url("normal"), "1", **{how: given})) == DONE
        assert outcome(end_of(world, first.url("see", to=other.url("normal")), "2", **{how: given})) == INVALID
        assert other.requests == []

    @pytest.mark.parametrize("where", ["port", "host", "scheme"])
    def test_credential_goes_no_further(world, authority, serve, where):
        """To another port, another name of the same host, or from http to https."""
        case = {"guarded": needs_basic("eve", "hunter2"), "open": lambda x: x.serve(),
                "go": lambda x: x.reply(302, f"Location: {x.request.query['to']}")}
        other = serve(authority.context("other"), case)
        first = serve(None if where == "scheme" else authority.context("good"), case)
        to = {"port": other.url("guarded"), "host": first.url("guarded").replace("127.0.0.1", "localhost"),
              "scheme": other.url("guarded")}[where]
        ended = end_of(world, first.url("go", to=to), server_credential=("eve", "hunter2"),
                       headers=[("Cookie", "a=b"), ("X-Secret", "c")])
        assert outcome(ended) == ("error", "unauthorized")
        asked = other.requests + first.requests_of("guarded")
        assert asked
        for request in asked:
            assert not [name for name in ("Authorization", "Cookie", "X-Secret") if request.header(name)]

    def spoken_with(server):
        """The version of TLS that a client which takes every one gets."""
        anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
        anybody.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            anybody.minimum_version = ssl.TLSVersion.TLSv1
        with socket.create_connection((server.host, server.port), 20) as sock, anybody.wrap_socket(sock) as secured:
            return secured.version()

    @pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1", "TLSv1_2", "TLSv1_3"])
    def test_versions(world, authority, serve, version):
        """1.2 is the oldest."""
        context = authority.context("good")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
        server = serve(context)
        assert spoken_with(server).replace(".", "_") == version
        world.set_setting("max-retries", 1)
        ended = end_of(world, server.url("normal"))
        if version in ("TLSv1", "TLSv1_1"):
            assert outcome(ended) == ("error", "certificate-contains-errors") and server.requests == []
        else:
            assert outcome(ended) == DONE

    @pytest.mark.parametrize("status, more", [
        ("certificate-expired", {"days": -1}), ("certificate-is-invalid", None),
        ("certificate-common-name-is-incorrect", {"alternative": "DNS:elsewhere.example"})])
    def test_recoverable(world, authority, stranger, serve, secure, status, more):
        """Listed, it waits for another URI, also of a service that was killed."""
        bad = serve(stranger.context("bad") if more is None else authority.context("bad", **more))
        path = world.client.create(bad.url("normal"), world.path("a"), start=True, recoverable_errors=[status])
        assert world.client.wait(path, "paused-recoverable-error")["ErrorStatus"] == status
        world.client.set(path, "Uri", GLib.Variant("s", secure.url("normal")))
        world.daemon.restart()
        world.client.verb(path, "Resume")
        assert outcome(world.client.wait(path)) == DONE
