# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""TLS with a certificate authority of its own.

The system's trust is what a service goes by, so the test runs in a mount namespace where the system's bundle is ours:
this file runs itself again inside of one.
"""

import os
import shutil
import subprocess
import sys
import tempfile

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
    from ferrykit.content import Content, file_sha256
    from ferrykit.nginx import Nginx
    from ferrykit.server import Server
    from ferrykit.tls import Authority

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

    def end_of(world, url, name="a"):
        """A download's last properties."""
        return world.client.wait(world.client.create(url, world.path(name), start=True))

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
