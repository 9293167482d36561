# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Cases of a server that wants to know who asks, for ferrykit.server.Server."""

import base64
import hashlib
import re


def basic(user, password):
    """The value of Authorization or Proxy-Authorization (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def needs_basic(user, password, **serve):
    """Serves whoever says so, and explains itself to others."""

    def case(x):
        if x.request.header("Authorization") == basic(user, password):
            x.serve(**serve)
        else:
            x.reply(401, 'WWW-Authenticate: Basic realm="tests", charset="UTF-8"', body=b"who are you?")

    return case


def _parameters(header):
    return {name: value.strip('"') for name, value in re.findall(r'(\w+)=("[^"]*"|[^,\s]+)', header)}


class NeedsDigest:
    """A server side of RFC 7616: each nonce is good for `uses` requests and stale afterwards."""

    def __init__(self, user, password, algorithm="MD5", uses=1000, **serve):
        self.user, self.password, self.algorithm, self.uses, self.knobs = user, password, algorithm, uses, serve
        self.nonces = {}

    def _hash(self, text):
        kind = hashlib.sha256 if self.algorithm.startswith("SHA-256") else hashlib.md5
        return kind(text.encode()).hexdigest()

    def _is_right(self, x, given):
        first = self._hash(f"{self.user}:tests:{self.password}")
        if self.algorithm.endswith("-sess"):
            first = self._hash(f"{first}:{given.get('nonce')}:{given.get('cnonce')}")
        second = self._hash(f"{x.request.method}:{x.request.target}")
        middle = ":".join(given.get(name, "") for name in ("nonce", "nc", "cnonce", "qop"))
        return given.get("response") == self._hash(f"{first}:{middle}:{second}")

    def __call__(self, x):
        header = x.request.header("Authorization", "")
        given = _parameters(header) if header.startswith("Digest ") else {}
        right = bool(given) and self._is_right(x, given)
        left = self.nonces.get(given.get("nonce"), 0)
        if right and left > 0:
            self.nonces[given["nonce"]] = left - 1
            x.serve(**self.knobs)
            return
        nonce = f"nonce{len(self.nonces)}"
        self.nonces[nonce] = self.uses
        x.reply(401, f'WWW-Authenticate: Digest realm="tests", nonce="{nonce}", qop="auth", opaque="o", '
                     f"algorithm={self.algorithm}" + (", stale=true" if right else ""), body=b"who are you?")
