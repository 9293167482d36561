# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A certificate authority of the tests' own, by the openssl program."""

import os
import ssl
import subprocess


def run(*arguments):
    """Runs openssl quietly."""
    subprocess.run(["openssl", *arguments], check=True, stdin=subprocess.DEVNULL, capture_output=True)


class Authority:
    """Makes server certificates in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.certificate = os.path.join(folder, "ca.pem")
        self._key = os.path.join(folder, "ca.key")
        run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self._key,
            "-out", self.certificate, "-days", "2", "-subj", "/CN=Ferry test authority",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def issue(self, name, alternative="IP:127.0.0.1,DNS:localhost", days=1):
        """A certificate; days -1: one that is over. Returns the paths of certificate and key."""
        certificate, key, request, extensions = (
            os.path.join(self.folder, f"{name}.{kind}") for kind in ("pem", "key", "csr", "ext"))
        with open(extensions, "w", encoding="ascii") as stream:
            stream.write(f"subjectAltName={alternative}\n")
        run("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
            "-out", request, "-subj", f"/CN={name}")
        run("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key, "-CAcreateserial",
            "-out", certificate, "-days", str(days), "-extfile", extensions)
        return certificate, key

    def context(self, name, **more):
        """What ferrykit.server.Server takes as `tls`."""
        certificate, key = self.issue(name, **more)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context
