# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How the server misbehaves, and what must become of a download from it: one entry per case.

A new case is a new entry of CASES; tests/integration/test_misbehaving.py runs every entry that has an `expect`.
Numbers like S08 are the rows of the study of server behaviours that the transport was written after.
"""

import base64
import dataclasses
import gzip
import time
from typing import Callable, Optional

from ferrykit.content import Content
from ferrykit.server import http_date

HALF = 150_000  # half of server.DEFAULT_SIZE
OLD = "Mon, 01 Jan 2024 00:00:00 GMT"  # a Last-Modified long before any Date: a strong validator
INVALID = "error-http-invalid-server-response"


@dataclasses.dataclass(frozen=True)
class Expect:
    """The end that a download of a case must come to."""

    state: str = "completed"
    error: tuple = ("",)  # error statuses that are right; final ones only with state `error`
    restarts: tuple = (0, 0)  # least and most
    requests: tuple = (1, 1)  # GETs and HEADs, least and most
    seed: int = 1  # of the content that must have arrived
    size: Optional[int] = None  # of it, where it is not server.DEFAULT_SIZE
    file: bool = True  # whether there is one when completed
    name: Optional[str] = None  # SuggestedName
    check: Optional[Callable] = None  # of a finished Run: says what else must hold, by assert


@dataclasses.dataclass(frozen=True)
class Case:
    """How a case answers, and what is right then."""

    serve: Callable
    expect: Optional[Expect] = dataclasses.field(default_factory=Expect)
    query: dict = dataclasses.field(default_factory=dict)
    options: dict = dataclasses.field(default_factory=dict)  # for Create: key to (signature, value)


def fails(*errors, requests=(1, 1), **more):
    """Ends in `error` with one of these."""
    return Expect(state="error", error=errors, requests=requests, **more)


def once(first, then=None):
    """`first` answers the first request, `then` (well-behaved where missing) the others."""
    return lambda x: first(x) if x.hit == 1 else (then or (lambda x: x.serve()))(x)


def status(code, *lines, body=b"what was wrong"):
    """A plain answer with that status."""
    return lambda x: x.reply(code, *lines, body=body)


def raw(*parts):
    """Sends bytes as they are and ends the connection."""

    def serve(x):
        for part in parts:
            x.send(part, body=False)
        x.cut()

    return serve


def with_lengths(*lines):
    """All of the content with these lines in place of Content-Length."""

    def serve(x):
        x.head(200, *lines)
        x.body(0, x.size)
        x.cut()

    return serve


def changing(x, **knobs):
    """Version 1 is cut in the middle; from then on it is version 2."""
    if x.hit == 1:
        x.serve(cut_at=HALF, **{"etag": '"v1"', **knobs})
    x.serve(content=Content(x.size, 2), **{"etag": '"v2"', **knobs})


def digest(x, seed=1, name="Repr-Digest"):
    """The line that says what all of the content gives."""
    value = base64.b64encode(bytes.fromhex(Content(x.size, seed).sha256())).decode()
    return f"{name}: unixsum=5, sha-256=:{value}:"


def asked_for_digest(run):
    assert [each.header("Want-Repr-Digest") for each in run.requests] == ["sha-256=10, sha-512=9"] * len(run.requests)


def names_both_digests(run):
    assert "the server itself" in run.properties["ErrorMessage"], run.properties["ErrorMessage"]
    for seed in (1, 2):
        assert Content(run.size, seed).sha256() in run.properties["ErrorMessage"]
    assert run.requests[1].first is None


def damaged_behind_the_middle(x):
    """Cut in the middle; what follows is of something else, under the same entity tag."""
    if x.hit == 1:
        x.serve(cut_at=HALF, lines=[digest(x)])
    x.serve(content=Content(x.size, 2))


def first_is_slow(x):
    """The first request gets 100 kB/s, all others as much as goes."""
    x.rate = 100_000 if x.hit == 1 else 0
    x.serve()


def expires(x):
    """Cut behind the middle; from then on nobody may have it."""
    if x.hit == 1:
        x.serve(cut_at=x.size * 6 // 10)
    x.reply(403, body=b"expired")


def broken_206(*lines, body=None):
    """Cut in the middle first; then every answer to a Range is this 206, and the whole is fine."""

    def serve(x):
        if x.hit == 1:
            x.serve(cut_at=HALF)
        if x.request.first is None:
            return x.serve()
        first, size = x.request.first, x.size
        x.head(206, 'ETag: "v1"', *(line.format(first=first, past=first + 7, last=size - 1, size=size,
                                                other=size + 9, rest=size - first) for line in lines))
        x.send(body) if body is not None else x.body(first, size)
        return x.cut()

    return serve


def drip_head(x):
    """A header section that never ends, slowly."""
    x.send(b"HTTP/1.1 200 OK\r\nX-Slow: ", body=False)
    while not x.server.stopping.is_set():
        x.send(b"a", body=False)
        time.sleep(0.2)


def flood(x):
    """More interim responses than anybody needs."""
    for _ in range(20_000):
        x.send(b"HTTP/1.1 100 Continue\r\n\r\n", body=False)
    x.serve()


def each_a_quarter(x):
    """Every answer is cut after a quarter of the whole."""
    x.serve(cut_at=(x.request.first or 0) + x.size // 4)


def cut_chunks(x):
    """Chunked, each time cut off earlier than the time before."""
    x.serve(etag=None, ranges=False, framing="chunked", cut_at=max(10_000, 250_000 - 10_000 * x.hit))


def bad_chunk(x):
    """A chunk whose size is no number, after half of the content."""
    x.head(200, "Transfer-Encoding: chunked")
    x.chunk(x.content.read(0, HALF))
    x.send(b"zz\r\n", body=False)
    x.send(x.content.read(HALF, x.size))
    x.cut()


def hops(x):
    """Redirects to itself with one hop fewer, until there are none left."""
    left = int(x.request.query.get("hops", 0))
    if left == 0:
        return x.serve()
    code = x.request.query.get("code", "302")
    return x.reply(int(code), f"Location: {x.request.path}?hops={left - 1}&code={code}")


def to_other_origin(x):
    """To the other origin, and its content there."""
    if x.request.origin == x.server.other_port:
        return x.serve()
    return x.reply(302, f"Location: {x.server.other_origin}{x.request.path}")


def there_and_back(x):
    """To the other origin and back again."""
    if x.request.query.get("way") == "back":
        return x.serve()
    if x.request.origin == x.server.other_port:
        return x.reply(302, f"Location: {x.server.origin}{x.request.path}?way=back")
    return x.reply(302, f"Location: {x.server.other_origin}{x.request.path}")


def with_userinfo(x):
    """To itself with a password in the URL."""
    if x.request.query.get("way") == "there":
        return x.serve()
    where = x.server.origin.replace("://", "://eve:secret@")
    return x.reply(302, f"Location: {where}{x.request.path}?way=there")


def gzipped(x):
    """A coding nobody asked for."""
    x.reply(200, "Content-Encoding: gzip", 'ETag: "z"', body=gzip.compress(x.content.read(0, x.size), mtime=0))


def named(*dispositions):
    """Well-behaved, with these Content-Dispositions."""
    return lambda x: x.serve(lines=[f"Content-Disposition: {each}" for each in dispositions])


def resumed_by_etag(run):
    """The second request asked for the rest, bound to the strong tag."""
    second = run.requests[1]
    assert second.header("If-Range") == '"v1"' and second.first and second.first <= HALF, second.headers
    assert sum(request.sent for request in run.requests) < 1.2 * run.size


def resumed_by_date(run):
    """The date as it was received, byte for byte."""
    assert run.requests[1].header("If-Range") == OLD and run.requests[1].first


def resumed_by_comparing(run):
    """Without a strong validator: no If-Range, and the last 64 KiB held once more."""
    second = run.requests[1]
    assert second.header("If-Range") is None, second.headers
    assert second.first is not None and second.first <= HALF - 65536, second.headers
    assert sum(request.sent for request in run.requests) < 1.5 * run.size


def no_range_after_none(run):
    """A server that refuses ranges is not asked for one."""
    assert all(request.first is None for request in run.requests)


def waited(seconds):
    """At least so long between the first two requests."""

    def check(run):
        gap = run.requests[1].received - run.requests[0].received
        assert gap >= seconds, gap

    return check


def kept_secrets(run):
    """What the caller sent went to its own origin only."""
    home = run.requests[0]
    assert home.header("Authorization") and home.header("Cookie") and home.header("X-Token")
    for request in run.requests[1:]:
        for name in ("Authorization", "Cookie", "X-Token", "Proxy-Authorization"):
            assert request.header(name) is None, (name, request.target)
        assert request.header("Accept") == "text/plain"


def sent_no_userinfo(run):
    """A Location's password is nobody's credential."""
    assert all(request.header("Authorization") is None for request in run.requests)


def has_error_body(run):
    """What the server said is readable, and not at the destination."""
    assert run.result == b"what was wrong"
    assert run.properties["Response"]["status"] >= 400


def without_cookie(run):
    """Cookies are neither shown nor kept."""
    names = [name.lower() for name, _ in run.properties["Response"]["headers"]]
    assert "set-cookie" not in names and "etag" in names
    assert all(request.header("Cookie") is None for request in run.requests)


def asked_for_identity(run):
    """What is stored is what validators and ranges speak of."""
    assert run.requests[0].header("Accept-Encoding") == "identity"


def proved(run):
    """The end was marked."""
    assert run.properties["Response"]["complete-proved"] is True


def is_gzip(run):
    """Stored as sent."""
    assert gzip.decompress(run.data) == Content(run.size).read(0, run.size)


SECRETS = {"headers": ("a(ss)", [("Authorization", "Bearer abc"), ("Cookie", "a=b"), ("X-Token", "t"),
                                 ("Accept", "text/plain")])}
OVER = Expect(restarts=(1, 1), requests=(3, 5))  # a broken 206 at most asked for again, then the whole
TIMES = {"requests": (4, 32)}  # four attempts; libsoup repeats a request by itself, on four connections at most

CASES = {
    # Rules kept
    "normal": Case(lambda x: x.serve(), Expect(check=asked_for_identity)),
    "slow": Case(lambda x: x.serve(), query={"rate": 400_000}),
    "empty": Case(lambda x: x.serve(), Expect(size=0), {"size": 0}),
    "one-byte": Case(lambda x: x.serve(), Expect(size=1), {"size": 1}),
    "chunked": Case(lambda x: x.serve(framing="chunked"), Expect(requests=(1, 2), check=proved)),
    "close-delimited": Case(lambda x: x.serve(framing="close"), Expect(requests=(1, 3), restarts=(0, 1))),
    "http-1.0": Case(lambda x: x.serve(framing="close", version="HTTP/1.0"),
                     Expect(requests=(1, 3), restarts=(0, 1))),
    "created-201": Case(lambda x: x.serve(status=201)),
    "transformed-203": Case(lambda x: x.serve(status=203)),
    "cookie": Case(lambda x: x.serve(lines=["Set-Cookie: a=b"]), Expect(check=without_cookie)),
    "gzip-unasked": Case(gzipped, Expect(seed=0, check=is_gzip)),
    # Connections that end early
    "cut-once": Case(once(lambda x: x.serve(cut_at=HALF)), Expect(requests=(2, 2), check=resumed_by_etag)),
    "reset-once": Case(once(lambda x: x.serve(cut_at=HALF, reset=True)), Expect(requests=(2, 2))),
    "cut-each-quarter": Case(each_a_quarter, Expect(requests=(4, 5))),
    "cut-always": Case(lambda x: x.serve(cut_at=0), fails("disconnected", "connection-reset", **TIMES)),
    "no-answer-always": Case(lambda x: x.cut(),
                             fails("connection-aborted", "connection-reset", "disconnected", **TIMES)),
    "head-cut-always": Case(raw(b"HTTP/1.1 200 OK\r\nContent-Le"),
                            fails("disconnected", "connection-aborted", INVALID, requests=(1, 8))),
    "short-always": Case(lambda x: x.serve(content=Content(x.size + 1000), cut_at=x.size),
                         fails("disconnected", INVALID, requests=(2, 10))),
    "long": Case(lambda x: (x.head(200, f"Content-Length: {x.size}"), x.body(0, x.size), x.send(b"more"), x.cut())),
    "nothing-close-delimited": Case(lambda x: (x.head(200), x.cut()), Expect(size=0, requests=(2, 4))),
    # Validators
    "changed": Case(changing, Expect(requests=(2, 2), restarts=(1, 1), seed=2)),
    "changed-inside-206": Case(
        lambda x: changing(x) if x.request.first is None else (
            x.head(206, 'ETag: "v2"', f"Content-Range: bytes {x.request.first}-{x.size - 1}/{x.size}",
                   f"Content-Length: {x.size - x.request.first}"),
            Content(x.size, 2) and x.body(x.request.first, x.size, Content(x.size, 2))),
        Expect(requests=(3, 4), restarts=(1, 1), seed=2)),
    "weak": Case(lambda x: x.serve(etag='W/"v1"', cut_at=HALF if x.hit == 1 else None),
                 Expect(requests=(2, 2), check=resumed_by_comparing)),
    "weak-changed": Case(lambda x: changing(x, etag='W/"v1"'),
                         Expect(requests=(2, 3), restarts=(1, 1), seed=2)),
    "no-validator": Case(lambda x: x.serve(etag=None, cut_at=HALF if x.hit == 1 else None),
                         Expect(requests=(2, 2), check=resumed_by_comparing)),
    "no-validator-changed": Case(lambda x: changing(x, etag=None), Expect(requests=(2, 3), restarts=(1, 1), seed=2)),
    "date": Case(lambda x: x.serve(etag=None, modified=OLD, cut_at=HALF if x.hit == 1 else None),
                 Expect(requests=(2, 2), check=resumed_by_date)),
    "tag-endless": Case(lambda x: x.serve(etag='"' + "e" * 8192 + '"', cut_at=HALF if x.hit == 1 else None),
                        Expect(requests=(2, 3), restarts=(0, 1))),
    # Ranges
    "whole-to-range": Case(once(lambda x: x.serve(cut_at=HALF), lambda x: x.serve(ranges=False)),
                           Expect(requests=(2, 2), restarts=(1, 1))),
    "ranges-refused": Case(lambda x: x.serve(ranges=False, lines=["Accept-Ranges: none"],
                                             cut_at=HALF if x.hit == 1 else None),
                           Expect(requests=(2, 2), restarts=(1, 1), check=no_range_after_none)),
    "range-subset": Case(lambda x: x.serve(cut_at=HALF if x.hit == 1 else None,
                                           last=(x.request.first or 0) + 70_000), Expect(requests=(3, 6))),
    "range-star": Case(once(lambda x: x.serve(cut_at=HALF), broken_206(
        "Content-Range: bytes {first}-{last}/*", "Content-Length: {rest}")), Expect(requests=(2, 3))),
    "range-gap": Case(broken_206("Content-Range: bytes {past}-{last}/{size}", "Content-Length: {rest}"), OVER),
    "range-total": Case(broken_206("Content-Range: bytes {first}-{last}/{other}", "Content-Length: {rest}"), OVER),
    "range-backwards": Case(broken_206("Content-Range: bytes {last}-{first}/{size}", "Content-Length: {rest}"), OVER),
    "range-garbage": Case(broken_206("Content-Range: lines one to two", "Content-Length: {rest}"), OVER),
    "range-missing": Case(broken_206("Content-Length: {rest}"), OVER),
    "range-length-lies": Case(broken_206("Content-Range: bytes {first}-{last}/{size}", "Content-Length: {other}"), OVER),
    "range-multipart": Case(broken_206("Content-Type: multipart/byteranges; boundary=X", "Content-Length: 9",
                                       body=b"--X--\r\n\r\n"), OVER),
    "range-unasked": Case(lambda x: (x.head(206, f"Content-Range: bytes 0-{x.size - 1}/{x.size}",
                                            f"Content-Length: {x.size}"), x.body(0, x.size)),
                          fails(INVALID, requests=(1, 3))),
    "range-416-shorter": Case(once(lambda x: x.serve(cut_at=HALF), lambda x: x.serve() if x.request.first is None
                                   else x.reply(416, "Content-Range: bytes */99")), Expect(requests=(3, 3), restarts=(1, 1))),
    "range-416-bare": Case(once(lambda x: x.serve(cut_at=HALF), lambda x: x.serve() if x.request.first is None
                                else x.reply(416)), Expect(requests=(3, 3), restarts=(1, 1))),
    "range-416-always": Case(status(416), fails("requested-range-not-satisfiable")),
    # Framing
    "chunked-unended-once": Case(lambda x: x.serve(framing="unended" if x.hit == 1 else "chunked"),
                                 Expect(requests=(2, 4), restarts=(0, 1))),
    "chunked-cut-once": Case(lambda x: x.serve(framing="chunked", cut_at=HALF if x.hit == 1 else None),
                             Expect(requests=(2, 4), restarts=(0, 1))),
    "chunked-cut-always": Case(cut_chunks, fails("disconnected", INVALID, requests=(2, 20), restarts=(0, 9))),
    "chunked-bad": Case(bad_chunk, fails("disconnected", INVALID, "checksum-mismatch", requests=(1, 20),
                                           restarts=(0, 9)),
                        options={"checksum": ("s", "sha256:" + Content(300_000).sha256())}),
    "lengths-equal": Case(with_lengths("Content-Length: 300000, 300000"), fails(INVALID, requests=(1, 2))),
    "lengths-conflict": Case(with_lengths("Content-Length: 300000", "Content-Length: 10"), fails(INVALID, requests=(1, 2))),
    "lengths-list": Case(with_lengths("Content-Length: 300000, 10"), fails(INVALID, requests=(1, 2))),
    "length-negative": Case(with_lengths("Content-Length: -5"), fails(INVALID, requests=(1, 2))),
    "length-huge": Case(with_lengths("Content-Length: 18446744073709551621"), fails(INVALID, requests=(1, 2))),
    "length-no-number": Case(with_lengths("Content-Length: many"), fails(INVALID, requests=(1, 2))),
    "length-and-chunked": Case(lambda x: x.serve(framing="chunked", lines=["Content-Length: 10"]),
                               fails(INVALID, requests=(1, 3), restarts=(0, 1))),
    "coding-unknown": Case(with_lengths("Transfer-Encoding: gzip"), fails(INVALID, requests=(1, 2))),
    # Heads
    "head-big": Case(lambda x: x.serve(lines=["X-Big: " + "b" * 140_000]), fails(INVALID, requests=(1, 2))),
    "head-many": Case(lambda x: x.serve(lines=["X-Many: m"] * 30_000), fails(INVALID, requests=(1, 2))),
    "head-junk": Case(lambda x: x.serve(lines=["this is no header", "X-Latin: caf\udce9"])),
    "head-garbage": Case(raw(b"garbage\r\n\r\n"), fails(INVALID, requests=(1, 2))),
    "head-status-20": Case(raw(b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n"), fails(INVALID, requests=(1, 2))),
    "interim-flood": Case(flood, fails(INVALID, requests=(1, 2))),
    "interim-hints": Case(lambda x: (x.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", body=False), x.serve())),
    "switching-101": Case(raw(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nxx"),
                          fails(INVALID, requests=(1, 2))),
    # Time
    "silent-once": Case(once(lambda x: x.hold()), Expect(requests=(2, 2))),
    "silent-always": Case(lambda x: x.hold(), fails("timeout", requests=(4, 4))),
    "head-drip": Case(drip_head, fails("timeout", requests=(4, 4))),
    "stall-once": Case(once(lambda x: x.serve(stall_at=HALF)), Expect(requests=(2, 2), check=resumed_by_etag)),
    "stall-always": Case(lambda x: x.serve(stall_at=0), fails("timeout", requests=(4, 4))),
    # Status codes
    "busy-seconds": Case(once(status(503, "Retry-After: 1")), Expect(requests=(2, 2), check=waited(0.95))),
    "busy-date": Case(once(lambda x: x.reply(503, f"Date: {http_date()}", f"Retry-After: {http_date(2)}")),
                      Expect(requests=(2, 2), check=waited(1.0))),
    "busy-always": Case(status(503), fails("service-unavailable", requests=(4, 4))),
    "too-many-once": Case(once(status(429, "Retry-After: 1")), Expect(requests=(2, 2), check=waited(0.95))),
    "too-large-for-now": Case(once(status(413, "Retry-After: 1")), Expect(requests=(2, 2), check=waited(0.95))),
    "too-late-once": Case(once(status(408, "Retry-After: 1")), Expect(requests=(2, 2), check=waited(0.95))),
    "there-later": Case(lambda x: x.serve() if x.request.query.get("there") else x.reply(
        307, "Retry-After: 1", f"Location: {x.request.path}?there=1&size={x.size}"),
        Expect(requests=(2, 2), check=waited(0.95))),
    "server-error-once": Case(once(status(500)), Expect(requests=(2, 2))),
    "server-error-always": Case(status(500), fails("internal-server-error", requests=(4, 4), check=has_error_body)),
    "gateway-once": Case(once(status(502)), Expect(requests=(2, 2))),
    "not-found": Case(status(404), fails("not-found", check=has_error_body)),
    "gone": Case(status(410), fails("gone")),
    "forbidden": Case(status(403), fails("forbidden")),
    "unauthorized": Case(status(401, 'WWW-Authenticate: Basic realm="r"'), fails("unauthorized")),
    "teapot": Case(status(418), fails("unexpected-client-error")),
    "not-implemented": Case(status(501), fails("not-implemented")),
    "odd-server-error": Case(status(599), fails("unexpected-server-error", requests=(1, 4))),
    "no-content": Case(lambda x: x.head(204), fails("unexpected-status-code")),
    "reset-content": Case(lambda x: x.reply(205), fails("unexpected-status-code")),
    "unchanged-unasked": Case(lambda x: x.head(304), fails("not-modified", requests=(1, 2))),
    "unchanged-asked": Case(lambda x: x.head(304), Expect(file=False),
                            options={"headers": ("a(ss)", [("If-None-Match", '"v1"')])}),
    # Redirects
    **{f"redirect-{code}": Case(hops, Expect(requests=(2, 2)), {"hops": 1, "code": code})
       for code in (301, 302, 303, 307, 308)},
    "redirect-20": Case(hops, Expect(requests=(21, 21)), {"hops": 20}),
    "redirect-21": Case(hops, fails("redirect-failed", requests=(20, 22)), {"hops": 30}),
    "redirect-other": Case(to_other_origin, Expect(requests=(2, 2), check=kept_secrets), options=SECRETS),
    "redirect-there-and-back": Case(there_and_back, Expect(requests=(3, 3), check=kept_secrets), options=SECRETS),
    "redirect-loop": Case(lambda x: x.reply(302, f"Location: {x.request.path}"),
                          fails("redirect-failed", requests=(1, 22))),
    "redirect-file": Case(status(302, "Location: file:///etc/passwd"), fails("redirect-failed")),
    "redirect-data": Case(status(302, "Location: data:,x"), fails("redirect-failed")),
    "redirect-nowhere": Case(status(302), fails("redirect-failed")),
    "redirect-empty": Case(status(302, "Location:"), fails("redirect-failed")),
    "redirect-far": Case(status(302, "Location: /" + "a" * 9000), fails("redirect-failed")),
    "redirect-userinfo": Case(with_userinfo, Expect(requests=(2, 2), check=sent_no_userinfo)),
    "choices-300": Case(status(300, "Location: /normal/x"), fails("multiple-choices")),
    "proxy-305": Case(status(305, "Location: /normal/x"), fails("use-proxy")),
    # Names (tests give a folder as destination)
    "name-plain": Case(named('attachment; filename="report.pdf"'), Expect(name="report.pdf")),
    "name-star": Case(named("attachment; filename=\"x\"; filename*=UTF-8''na%C3%AFve%20file.txt"),
                      Expect(name="naïve file.txt")),
    "name-parents": Case(named('attachment; filename="../../etc/passwd"'), Expect(name="passwd")),
    "name-backslash": Case(named('attachment; filename="..\\\\..\\\\evil.exe"'), Expect(name="evil.exe")),
    "name-hidden": Case(named('attachment; filename=".bashrc"'), Expect(name="_bashrc")),
    "name-dots": Case(named('attachment; filename=".."'), Expect()),
    "name-endless": Case(named(f'attachment; filename="{"n" * 4096}.txt"'), Expect()),
    # Digests of the server's own
    "digest": Case(lambda x: x.serve(lines=[digest(x)]), Expect(check=asked_for_digest)),
    "digest-of-content": Case(lambda x: x.serve(framing="chunked", lines=[digest(x, name="Content-Digest")]),
                              Expect(requests=(1, 2), check=proved)),
    "digest-wrong": Case(lambda x: x.serve(lines=[digest(x, 2)]),
                         fails("checksum-mismatch", requests=(2, 2), restarts=(1, 1), check=names_both_digests)),
    "digest-damaged-once": Case(once(lambda x: x.serve(content=Content(x.size, 2), lines=[digest(x)])),
                                Expect(requests=(2, 2), restarts=(1, 1))),
    "digest-damaged-part": Case(damaged_behind_the_middle, Expect(requests=(3, 3), restarts=(1, 1), seed=2)),
    "digest-cut-once": Case(once(lambda x: x.serve(cut_at=HALF, lines=[digest(x)]),
                                 lambda x: x.serve(lines=[digest(x)])),
                            Expect(requests=(2, 2), check=resumed_by_etag)),
    "digest-other-version": Case(
        once(lambda x: x.serve(cut_at=HALF, lines=[digest(x)]),
             lambda x: x.serve(content=Content(x.size, 2), lines=[digest(x, 2)])),
        Expect(requests=(3, 3), restarts=(1, 1), seed=2)),
    "digest-malformed": Case(lambda x: x.serve(lines=["Repr-Digest: sha-256=nonsense, sha-512", "Repr-Digest: ;=,:"])),
    "digest-weak": Case(lambda x: x.serve(lines=["Repr-Digest: md5=:AAAAAAAAAAAAAAAAAAAAAA==:, unixsum=7"])),
    # For tests of their own
    "basic-auth": Case(lambda x: x.serve() if x.request.header("Authorization") else x.reply(
        401, 'WWW-Authenticate: Basic realm="r"'), None),
    "tagged": Case(lambda x: x.serve(etag=f'"{x.request.query["tag"]}"' if x.request.query.get("tag") else None), None),
    "expires": Case(expires, None),
    "first-is-slow": Case(first_is_slow, None),
    "dies": Case(lambda x: x.serve(cut_at=int(x.request.query["at"])), None),
    "lengthless": Case(lambda x: x.serve(framing="chunked", ranges=False), None),
    "rangeless": Case(lambda x: x.serve(ranges=False), None),
    "hold": Case(lambda x: x.serve(stall_at=int(x.request.query.get("at", 0))), None),
    "see": Case(lambda x: x.reply(302, f"Location: {x.request.query['to']}"), None),
    "silence": Case(lambda x: x.hold(), None),
    "slow-without-ranges": Case(lambda x: x.serve(ranges=False, lines=["Accept-Ranges: none"]), None),
    "busy-long": Case(status(503, "Retry-After: 1000"), None),
}
