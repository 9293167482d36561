# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bad input, made from the typed table itself: every key with wrong types and wrong values.

Each is refused by name, and leaves the state folder and the destination as they were, byte for byte.
"""

import hashlib
import itertools
import json
import os
import subprocess

import pytest
from ferrykit.client import DOWNLOADER, ROOT, GLib, Refused
from ferrykit.fixtures import finish
from ferrykit.world import World, program

INTEGERS = "ynqiuxt"
SAMPLES = {
    "s": "text", "i": -7, "u": 7, "t": 7, "b": True, "d": 0.5, "as": ["text"], "a(ss)": [("a", "b")], "a{sv}": {},
    "(ss)": ("a", "b"), "o": "/a", "ay": b"x", "av": [], "(tu)": (1, 2),
}
WRONG = {  # values of the right type that a check must refuse
    "method": ["", "GE T", "CONNECT", "get\r\nX: y", "G" * 500],
    "headers": [[("", "x")], [("a b", "x")], [("X", "a\r\nY: b")], [("X", "a\nb")], [("X", "\x01")]] + [
        [(name, "x")] for name in ("Host", "content-length", "Transfer-Encoding", "TE", "Trailer", "Connection",
                                   "Upgrade", "Expect", "Range", "If-Range", "Accept-Encoding", "Proxy-Authorization",
                                   "Proxy-Anything")],
    "checksum": ["", "sha256", "sha256:", "md5:" + "0" * 32, "sha256:" + "0" * 63, "sha256:" + "g" * 64,
                 "sha512:" + "0" * 64, "0" * 64],
    "application-id": ["no dots", "org.example.App/x", "a\nb"],
    "token": [""],
    "exists": [""],
    "metadata": [],
    "certificate-fingerprint": ["sha256:12", "sha1:" + "0" * 40],
    "mirrors": [["no uri"]],
    "proxy": ["no uri"],
    "body": ["relative"],
}


def rows():
    """The table's rows that Downloader.Create takes."""
    done = subprocess.run([program("FERRY_OPTIONS_DUMP")], capture_output=True, text=True, check=True)
    return [row for row in json.loads(done.stdout) if "download" in row["scopes"]]


ROWS = rows()
NUMBERS = itertools.count()  # so that one that is wrongly accepted does not stand in the way of the next


def wrong_types(row):
    """Values of types that the key does not take."""
    for signature, value in SAMPLES.items():
        if signature == row["type"]:
            continue
        if row["type"] in INTEGERS and signature in INTEGERS:
            continue
        if (row["key"], signature) == ("completion-group", "s"):
            continue
        yield GLib.Variant(signature, value)


def wrong_values(row):
    """Values of the right type that are out of range, too long, or nonsense."""
    kind, key = row["type"], row["key"]
    if kind in INTEGERS:
        yield GLib.Variant("x", -1)
        if row["max"] and row["max"] < 1 << 63:
            yield GLib.Variant("t", row["max"] + 1)
        if row["min"]:
            yield GLib.Variant("t", row["min"] - 1)
        if kind == "u":
            yield GLib.Variant("t", 1 << 32)
    if row["words"]:
        yield GLib.Variant(kind, "nonsense" if kind == "s" else ["nonsense"])
    if row["max_size"] and kind == "s":
        yield GLib.Variant("s", "x" * (row["max_size"] + 1))
    if row["max_size"] and kind == "a(ss)":
        yield GLib.Variant(kind, [(f"X-{n}", "x" * 1000) for n in range(row["max_size"] // 1000 + 1)])
    if row["max_size"] and kind == "a{sv}":
        yield GLib.Variant(kind, {"big": GLib.Variant("s", "x" * row["max_size"])})
    for value in WRONG.get(key, []):
        yield GLib.Variant(kind, value)


def fingerprint(folder):
    """Every file below a folder with its bytes."""
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            with open(path, "rb") as stream:
                found[path] = hashlib.sha256(stream.read()).hexdigest()
    return found


@pytest.fixture(scope="module")
def shop():
    """One world for the whole table, with something in the store and in the folder."""
    world = World()
    world.daemon.start()
    world.client.create("http://127.0.0.1:9/", world.path("kept"))
    with open(world.path("mine"), "w", encoding="utf-8") as stream:
        stream.write("mine")
    yield world
    finish(world)


def refused(world, given, uri="http://127.0.0.1:9/x", destination=None, method="Create"):
    """What a creation is refused with; asserts that nothing changed."""
    before = fingerprint(world.state), fingerprint(world.downloads), world.client.list(all=True)
    destination = world.path(f"new-{next(NUMBERS)}") if destination is None else destination
    with pytest.raises(Refused) as caught:
        if method == "Create":
            world.client.call(f"{ROOT}/Downloader", DOWNLOADER, "Create", "(ssa{sv})", uri, destination, given)
        else:
            world.client.create_many([(uri, destination, given)])
    after = fingerprint(world.state), fingerprint(world.downloads), world.client.list(all=True)
    assert after == before
    return caught.value


def is_invalid(error, key):
    """InvalidArgument that names the key."""
    assert error.name == "org.ferry.Transfer1.Error.InvalidArgument", error
    assert key in error.message, error


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["key"])
def test_wrong_types(shop, row):
    for value in wrong_types(row):
        error = refused(shop, {row["key"]: value})
        is_invalid(error, row["key"])
        assert f"'{row['type']}'" in error.message, "the type that would be right"


@pytest.mark.parametrize("row", [row for row in ROWS if list(wrong_values(row))], ids=lambda row: row["key"])
def test_wrong_values(shop, row):
    for value in wrong_values(row):
        is_invalid(refused(shop, {row["key"]: value}), row["key"])
    value = next(iter(wrong_values(row)))
    is_invalid(refused(shop, {row["key"]: value}, method="CreateMany"), row["key"])


def test_the_table_is_the_contract():
    assert {row["key"] for row in ROWS} == {
        "method", "headers", "cost-policy", "priority", "group", "completion-group", "server-credential",
        "proxy-credential", "proxy", "ca-certificates", "certificate-fingerprint", "max-speed", "title", "metadata",
        "application-id", "token", "not-before", "not-after", "recoverable-errors", "idempotent",
        "success-notification", "failure-notification", "start", "destination-fd", "destination-dir-fd", "exists",
        "checksum", "expected-size", "mirrors", "connections", "random-access", "body", "body-fd"}


def test_everything_is_built():
    assert [row["key"] for row in ROWS if not row["supported"]] == []


@pytest.mark.parametrize("key", ["nonsense", "", "Title", "source-offset", "states"])
def test_unknown_keys(shop, key):
    is_invalid(refused(shop, {key: GLib.Variant("s", "x")}), key)


@pytest.mark.parametrize("one, other", [
    ({"mirrors": ("as", ["http://127.0.0.1:9/"])}, {"method": ("s", "POST")}), ({"body": ("s", "/a")}, {"body-fd": ("h", 0)}),
    ({"exists": ("s", "fail")}, {"destination-fd": ("h", 0)}),
    ({"mirrors": ("as", ["http://127.0.0.1:9/"])}, {"body": ("s", "/a")}), ({"random-access": ("b", True)}, {"body": ("s", "/a")}),
])
def test_combinations_that_mean_nothing(shop, one, other):
    given = {key: GLib.Variant(*value) for key, value in {**one, **other}.items()}
    error = refused(shop, given)
    assert error.short in ("InvalidArgument", "NotSupported")
    assert any(key in error.message for key in given)


@pytest.mark.parametrize("uri", [
    "", "nonsense", "http://", "http:///x", "http://a b/", "http://127.0.0.1%0d%0aX:1/", "http://example.org\\@evil/",
    "http://127.0.0.1:0/", "http://127.0.0.1:99999/", "http://[::1/", "http://127.0.0.1/" + "a" * 8192,
    "http://127.0.0.1/\r\nX: y",
])
def test_bad_uris(shop, uri):
    assert refused(shop, {}, uri=uri).short == "InvalidArgument"


@pytest.mark.parametrize("uri", ["file:///etc/passwd", "gopher://x/", "data:,x", "unix:/x"])
def test_other_schemes(shop, uri):
    assert refused(shop, {}, uri=uri).short == "NotSupported"


def test_password_in_a_uri_is_shown_nowhere(shop):
    """It becomes the server credential."""
    path = shop.client.create("http://eve:hunter2@127.0.0.1:9/x", shop.path("secret"))
    assert shop.client.get(path, "Uri") == "http://127.0.0.1:9/x"
    assert "hunter2" not in str(shop.client.get_all(path)) and "eve" not in str(shop.client.get_all(path))
    shop.client.verb(path, "Cancel")
    assert "hunter2" not in shop.read_log()


@pytest.mark.parametrize("arguments", [
    ("(ss)", "http://127.0.0.1:9/", "/x"), ("(a{sv})", {}), ("()",),
])
def test_wrong_signatures(shop, arguments):
    with pytest.raises(Refused) as caught:
        shop.client.call(f"{ROOT}/Downloader", DOWNLOADER, "Create", *arguments)
    assert caught.value.short in ("InvalidArgs", "InvalidArgument", "UnknownMethod")


def test_any_integer_type_will_do(shop):
    for number, signature in enumerate("ynqiuxt"):
        path = shop.client.call(f"{ROOT}/Downloader", DOWNLOADER, "Create", "(ssa{sv})", "http://127.0.0.1:9/",
                                shop.path(f"n{number}"), {"expected-size": GLib.Variant(signature, 100)})[0]
        assert shop.client.get(path, "Options")["expected-size"] == 100
        shop.client.set(path, "MaxSpeed", GLib.Variant(signature, 99))
        assert shop.client.get(path, "MaxSpeed") == 99, "a property too"
        for wrong in (GLib.Variant("s", "99"), GLib.Variant("d", 99), GLib.Variant("i", -1)):
            with pytest.raises(Refused) as caught:
                shop.client.set(path, "MaxSpeed", wrong)
            assert caught.value.short == "InvalidArgument" and "MaxSpeed" in caught.value.message
        assert shop.client.get(path, "MaxSpeed") == 99
        shop.client.verb(path, "Cancel")


def test_a_handle_without_a_descriptor(shop):
    """What gdbus sends for <handle 3>: an index and nothing behind it."""
    error = refused(shop, {"destination-fd": GLib.Variant("h", 3)}, destination="")
    assert error.short in ("InvalidArgument", "NotSupported") and "destination-fd" in error.message
