# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A certificate authority of the tests' own, by the openssl program."""

import hashlib
import os
import ssl
import subprocess
import time

HOUR, DAY = 3600, 86400  # seconds

# What `openssl ca` wants to know; it can set both dates, which `openssl x509` cannot.
CONFIG = """[ca]
default_ca=tests
[tests]
database={folder}/index
new_certs_dir={folder}
rand_serial=yes
unique_subject=no
policy=any
[any]
commonName=supplied
"""


def run(*arguments):
    """Runs openssl quietly."""
    subprocess.run(["openssl", *arguments], check=True, stdin=subprocess.DEVNULL, capture_output=True)


def date(seconds):
    """So many seconds from now, as openssl takes it."""
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + seconds))


class Authority:
    """Makes server certificates in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.certificate = os.path.join(folder, "ca.pem")
        self._key = os.path.join(folder, "ca.key")
        run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self._key,
            "-out", self.certificate, "-days", "2", "-subj", "/CN=Ferry test authority",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        with open(os.path.join(folder, "index"), "w", encoding="ascii"):
            pass

    def issue(self, name, alternative="IP:127.0.0.1,DNS:localhost", days=1, starts=0, digest="sha256"):
        """A certificate for so many days from `starts` days from now on; days -1: one that is over. It is signed by means
        of `digest`. Returns the paths of certificate and key.
        """
        certificate, key, request, extensions, config = (
            os.path.join(self.folder, f"{name}.{kind}") for kind in ("pem", "key", "csr", "ext", "conf"))
        for path, text in [(extensions, f"subjectAltName={alternative}\n"), (config, CONFIG.format(folder=self.folder))]:
            with open(path, "w", encoding="ascii") as stream:
                stream.write(text)
        run("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
            "-out", request, "-subj", f"/CN={name}")
        run("ca", "-batch", "-notext", "-config", config, "-in", request, "-cert", self.certificate, "-keyfile", self._key,
            "-out", certificate, "-startdate", date(min(starts, starts + days) * DAY - HOUR), "-enddate",
            date((starts + days) * DAY), "-extfile", extensions, "-md", digest)
        return certificate, key

    def text(self):
        """What the option `ca-certificates` takes."""
        with open(self.certificate, encoding="ascii") as stream:
            return stream.read()

    def context(self, name, **more):
        """What ferrykit.server.Server takes as `tls`."""
        certificate, key = self.issue(name, **more)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ALL:@SECLEVEL=0")  # what is too weak is for the client to say
        context.load_cert_chain(certificate, key)
        return context


def fingerprint(certificate):
    """What the option `certificate-fingerprint` takes."""
    with open(certificate, encoding="ascii") as stream:
        return "sha256:" + hashlib.sha256(ssl.PEM_cert_to_DER_cert(stream.read())).hexdigest()
