# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Secrets that are easy to recognise: where they go, and everywhere they must not be found, in a whole run of the service."""

import base64
import os
import signal
import subprocess
import urllib.parse

import pytest
from gi.repository import Gio, GLib

from ferrykit.auth import NeedsDigest, basic
from ferrykit.client import MANAGER, OPERATION, PROPERTIES, ROOT, Refused
from ferrykit.content import Content
from ferrykit.keyring import Keyring
from ferrykit.meagre_ftp import MeagreFtp
from ferrykit.proxies import Tinyproxy
from ferrykit.server import DEFAULT_SIZE, Server

HALF = DEFAULT_SIZE // 2
HALVES, LATE = ("option", "uri", "headers", "proxied", "proxied-too"), ("later", "set", "written")


def canary(what):
    """A user and a password."""
    return f"cnryu-{what}", f"cnryp-{what}-7 ü"


OPTION, URI, SET, WRITTEN, FTP, DIGEST, WRONG, REFUSED = (
    canary(what) for what in ("option", "uri", "set", "written", "ftp", "digest", "wrong", "refused"))
PROXY, PROXY_URI = (("cnryu-" + what, "cnryp-" + what) for what in ("proxy", "proxyuri"))  # words to tinyproxy
TOKEN, COOKIE, LATER = "cnryt-token", "cnryt-cookie", "cnryt-later"
CREDENTIALS = (OPTION, URI, SET, WRITTEN, FTP, DIGEST, WRONG, REFUSED, PROXY, PROXY_URI)


def in_uri(uri, credential):
    """A URI with user and password."""
    return uri.replace("://", "://{}:{}@".format(*(urllib.parse.quote(each, safe="") for each in credential)))


def forms(credential):
    """How a credential may be written."""
    user, password = credential
    return {user, password, urllib.parse.quote(password, safe=""), basic(user, password).split()[1],
            base64.b64encode(password.encode()).decode()}


NEEDLES = {text.encode() for text in (TOKEN, COOKIE, LATER, *(form for each in CREDENTIALS for form in forms(each)))}


def found_in(data):
    """Which of the secrets are there."""
    return sorted(needle for needle in NEEDLES if needle in data)


def files_with(folder, allowed=()):
    """Files below a folder that have a secret in them, but those whose name begins as allowed."""
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            if name.startswith(tuple(allowed)) or not os.path.isfile(path):
                continue
            with open(path, "rb") as stream:
                if needles := found_in(stream.read()):
                    found[path] = needles
    return found


class Eavesdropper:
    """Records every message on a bus, whole."""

    def __init__(self, bus, folder):
        self.path = os.path.join(folder, "messages.pcap")
        with open(self.path, "wb") as output:
            self.process = subprocess.Popen(["dbus-monitor", "--address", bus.address, "--pcap"], stdout=output,
                                            stdin=subprocess.DEVNULL)

    def is_there(self):
        """It listens."""
        return os.path.getsize(self.path) > 24

    def stop(self):
        """Ends it; the messages (Gio.DBusMessage) with their bytes."""
        self.process.terminate()
        self.process.wait(20)
        with open(self.path, "rb") as stream:
            data = stream.read()
        offset, found = 24, []  # file header, then records of 16 bytes and a message (pcap-savefile(5))
        while offset + 16 <= len(data):
            size = int.from_bytes(data[offset + 8:offset + 12], "little")
            blob = data[offset + 16:offset + 16 + size]
            offset += 16 + size
            if len(blob) == size:
                found.append((Gio.DBusMessage.new_from_blob(blob, Gio.DBusCapabilityFlags.UNIX_FD_PASSING), blob))
        return found


@pytest.fixture
def guarded():
    """Servers' cases that want a secret each; they stop half-way as long as `halves` is set."""

    def wants(**headers):
        def case(x):
            if all(x.request.header(name) == value for name, value in headers.items()):
                x.serve(stall_at=HALF if server.halves else None)
            else:
                x.reply(401, 'WWW-Authenticate: Basic realm="tests", charset="UTF-8"', body=b"who are you?")
        return case

    server = Server(cases={
        "option": wants(Authorization=basic(*OPTION)), "uri": wants(Authorization=basic(*URI)),
        "headers": wants(Authorization=f"Bearer {TOKEN}", Cookie=f"session={COOKIE}"),
        "later": wants(Authorization=f"Bearer {LATER}"), "set": wants(Authorization=basic(*SET)),
        "written": wants(Authorization=basic(*WRITTEN)), "proxied": wants(), "proxied-too": wants(),
        "digest": NeedsDigest(*DIGEST, "SHA-256"), "gone": lambda x: x.reply(404)})
    server.halves = True
    yield server
    server.stop()
    assert not server.failures, server.failures


@pytest.fixture
def proxies(tmp_path):
    """Two, each with a credential of its own."""
    made = [Tinyproxy(str(tmp_path), credential) for credential in (PROXY, PROXY_URI)]
    yield made
    for proxy in made:
        proxy.stop()


@pytest.fixture
def ftp():
    """A server of files that takes any login and remembers it."""
    made = MeagreFtp(Content(DEFAULT_SIZE))
    yield made
    made.stop()


def refusals(world, uri, paths):
    """What is not taken, each with a secret in it; the texts it is refused with."""
    client, texts = world.client, []
    credential = {"server_credential": REFUSED}
    secret = REFUSED[1]
    calls = [
        lambda: client.create(in_uri(uri, REFUSED), world.path("no"), **credential),
        lambda: client.create(in_uri("http://127.0.0.1:99999/", REFUSED), world.path("no")),
        lambda: client.create(in_uri("gopher://127.0.0.1/", REFUSED), world.path("no")),
        lambda: client.create(f"http://{secret}@@[/", world.path("no")),
        lambda: client.create(uri, world.path("no"), server_credential=("a\nb", secret)),
        lambda: client.create(uri, world.path("no"), proxy=in_uri("what://127.0.0.1:1", REFUSED)),
        lambda: client.create(uri, world.path("no"), proxy=in_uri("http://127.0.0.1:1", REFUSED), proxy_credential=REFUSED),
        lambda: client.create(uri, world.path("no"), mirrors=[in_uri("gopher://127.0.0.1/", REFUSED)]),
        lambda: client.create(uri, world.path("no"), headers=[("Authorization", f"{secret}\r\nx: y")]),
        lambda: client.create(uri, world.path("no"), headers=[("Proxy-Authorization", secret)]),
        lambda: client.create(uri, world.path("no"), headers=[("Cookie", secret * 5000)]),
        lambda: client.call(paths["option"], OPERATION, "SetRequestHeader", "(ss)", "Cookie", f"{secret}\n"),
        lambda: client.call(paths["option"], OPERATION, "SetCredential", "(sss)", "server", "a\n", secret),
        lambda: client.set(paths["option"], "Uri", GLib.Variant("s", in_uri("gopher://127.0.0.1/", REFUSED))),
    ]
    for call in calls:
        with pytest.raises(Refused) as caught:
            call()
        texts.append(str(caught.value))
    return texts


def begin(world, guarded, ftp, proxies):
    """Operations with a secret of every kind; name to path. Half of each is there, or it waits for a better one."""

    def create(name, uri=None, **given):
        return world.client.create(uri or guarded.url(name), world.path(name), start=True,
                                   recoverable_errors=["unauthorized"], **given)

    paths = {
        "option": create("option", server_credential=OPTION),
        "uri": create("uri", in_uri(guarded.url("uri"), URI)),
        "headers": create("headers", headers=[("Authorization", f"Bearer {TOKEN}"), ("Cookie", f"session={COOKIE}")]),
        "proxied": create("proxied", proxy=proxies[0].uri, proxy_credential=PROXY),
        "proxied-too": create("proxied-too", proxy=in_uri(proxies[1].uri, PROXY_URI)),
        "digest": create("digest", server_credential=DIGEST),
        "ftp": create("ftp", in_uri(ftp.url("f"), FTP)),
        **{name: create(name, server_credential=WRONG) for name in LATE},
    }
    for name in HALVES:
        world.client.wait_until(lambda each=name: world.client.get(paths[each], "BytesReceived") >= HALF)
    for name in LATE:
        world.client.wait(paths[name], "paused-recoverable-error")
    return paths


def mend(world, guarded, paths):
    """What waits gets the right secret."""
    client = world.client
    client.call(paths["later"], OPERATION, "SetRequestHeader", "(ss)", "Authorization", f"Bearer {LATER}")
    client.call(paths["set"], OPERATION, "SetCredential", "(sss)", "server", *SET)
    client.set(paths["written"], "Uri", GLib.Variant("s", in_uri(guarded.url("written"), WRITTEN)))


def everything(world, paths):
    """All that can be read on the bus."""
    said = [str(world.client.get_all(path)) for path in paths.values()]
    said += [str(world.client.list(all=True, properties=["Options", "Uri", "Response", "StateReason", "ErrorMessage"])),
             str(world.client.call(ROOT, PROPERTIES, "GetAll", "(s)", MANAGER))]
    said += [str(world.client.call(path, "org.freedesktop.DBus.Introspectable", "Introspect"))
             for path in (ROOT, *paths.values())]
    return "\n".join(said)


def check_received(guarded, ftp):
    """Every secret has come to the peer that it is for: else nothing was proved."""
    for name, value in [("option", basic(*OPTION)), ("uri", basic(*URI)), ("set", basic(*WRONG)), ("set", basic(*SET)),
                        ("written", basic(*WRITTEN)), ("headers", f"Bearer {TOKEN}"), ("later", f"Bearer {LATER}")]:
        assert value in [request.header("Authorization") for request in guarded.requests_of(name)], name
    assert f"session={COOKIE}" in [request.header("Cookie") for request in guarded.requests_of("headers")]
    assert DIGEST[0] in guarded.requests_of("digest")[-1].header("Authorization")
    for name in ("proxied", "proxied-too"):  # their proxies let nobody else pass
        assert guarded.requests_of(name)[-1].header("Via") is not None
    assert f"USER {FTP[0]}" in ftp.commands and f"PASS {FTP[1]}" in ftp.commands


def check_messages(world, messages):
    """Of all that was on the bus only the caller's own calls have them."""
    own = [blob for message, blob in messages if message.get_sender() == world.client.name]
    assert {needle for blob in own for needle in found_in(blob)} >= {TOKEN.encode(), SET[1].encode()}, "it listened"
    leaks = [(found_in(blob), message.get_member(), message.get_sender(), message.get_destination())
             for message, blob in messages if message.get_sender() != world.client.name and found_in(blob)]
    assert not leaks


@pytest.mark.parametrize("kept", ["in the keyring", "in a file"])
def test_found_nowhere_else(world, guarded, ftp, proxies, tmp_path, kept):
    """Killed with halves of everything, and with what was mended just so; to the end and a service later."""
    if kept == "in the keyring":
        Keyring(world)
    spy = Eavesdropper(world.bus, str(tmp_path))
    world.client.wait_until(spy.is_there)
    paths = begin(world, guarded, ftp, proxies)
    allowed = () if kept == "in the keyring" else ("secrets.db",)
    assert not files_with(world.root, allowed)
    assert not allowed or files_with(world.state), "it looks where they are"
    said = refusals(world, guarded.url("option"), paths) + [everything(world, paths)]
    guarded.halves = False
    world.daemon.restart()
    mend(world, guarded, paths)
    world.daemon.kill()
    assert not files_with(world.root, allowed)
    world.daemon.start()
    for name in LATE:
        world.client.verb(paths[name], "Resume")
    for name, path in paths.items():
        ended = world.client.wait(path)
        assert (ended["State"], ended["Restarts"]) == ("completed", 0), (name, ended)
    world.client.wait_until(lambda: not files_with(world.root), 20, lambda: f"gone: {files_with(world.root)}")
    world.daemon.restart()
    said.append(everything(world, paths))
    assert not found_in("\n".join(said).encode()) and not files_with(world.root)
    check_messages(world, spy.stop())
    check_received(guarded, ftp)


def make_cores(world, folder):
    """Ends the service that gdb has started: a core as the system's handlers make one, and one of all of its memory."""
    os.kill(world.daemon.pid, signal.SIGABRT)
    world.daemon.wait_exit(60)
    cores = []
    for name in ("usual", "whole"):
        with open(os.path.join(folder, name), "rb") as stream:
            cores.append(stream.read())
    return cores


def test_core(world, guarded, tmp_path):
    """While they are in use."""
    world.daemon.kill()
    world.daemon.start(prefix=[
        "gdb", "-q", "-nx", "-batch", "-iex", "set debuginfod enabled off", "-iex", "set auto-load off",
        "-ex", "set startup-with-shell off", "-ex", "set disable-randomization off",
        "-ex", "handle all nostop noprint pass", "-ex", "handle SIGABRT stop", "-ex", "run",
        "-ex", f"generate-core-file {tmp_path}/usual", "-ex", "set use-coredump-filter off",
        "-ex", f"generate-core-file {tmp_path}/whole", "-ex", "kill", "--args"])
    path = world.client.create(guarded.url("option"), world.path("a"), start=True, server_credential=OPTION)
    other = world.client.create(guarded.url("headers"), world.path("b"), start=True,
                                headers=[("Authorization", f"Bearer {TOKEN}"), ("Cookie", f"session={COOKIE}")])
    for each in (path, other):
        world.client.wait_until(lambda each=each: world.client.get(each, "BytesReceived") >= HALF, 60)
    with open(f"/proc/{world.daemon.pid}/limits", encoding="ascii") as stream:
        assert [line.split()[4:6] for line in stream if line.startswith("Max core file size")] == [["0", "0"]]
    usual, whole = make_cores(world, str(tmp_path))
    assert usual[:4] == whole[:4] == b"\x7fELF"
    assert {OPTION[1].encode(), TOKEN.encode(), COOKIE.encode()} <= set(found_in(whole)), "it is a core of the service"
    assert not found_in(usual)
