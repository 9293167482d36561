# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Calls of every shape, in which order they are answered and announced, and that none is left without an answer."""

import os
import signal

import pytest
from ferrykit.buses import Bus, Monitor
from ferrykit.client import DOWNLOADER, MANAGER, NAME, OPERATION, PROPERTIES, ROOT, UPLOADER, Client, Refused, options
from ferrykit.world import SCALE
from gi.repository import Gio, GLib

STANDARD = "org.freedesktop.DBus.Error."
MANY = 120  # connections: more than one round of counters has signals for


def of(client, path, member=None):
    """Signals a client received of one operation."""
    client.iterate()
    return [each for each in client.signals if each.path == path and (member is None or each.member == member)]


def refusal(client, *call):
    """The Refused that a call is answered with."""
    with pytest.raises(Refused) as refused:
        client.call(*call)
    return refused.value


def order_of(world, client, action, until):
    """What the service sends a client while it acts, as the bus sees it: signals by name, `mr` for a reply."""
    monitor = Monitor(world.bus)
    action()
    client.wait_until(until)
    service = client.owner()
    # The last that the monitor is to see: it writes when it comes to it, and ends without what it had left.
    client.bus("GetId")
    client.wait_until(lambda: any(line.split("\t")[-1] == "GetId" for line in monitor.lines()))
    lines = [line.split("\t") for line in monitor.stop()]
    return [line[7] if line[0] == "sig" else line[0]
            for line in lines if line[0] != "mc" and line[3] == service and line[4] == client.name]


def newcomer(world):
    """A connection that has been identified already, and hears what it asks for."""
    client = world.new_client()
    client.manager("Unwatch")
    client.watches = True
    return client


SNAPSHOT = ["PropertiesChanged", "PropertiesChanged"]


def test_end_follows_the_reply_once(world, server):
    path = world.client.create(server.url("normal"), world.path("a"), start=True, token="t")
    world.client.wait(path)
    late = newcomer(world)
    assert order_of(world, late, lambda: late.verb(path, "Attach"), lambda: of(late, path, "Ended")) == \
        [*SNAPSHOT, "mr", "Ended"]
    assert order_of(world, late, lambda: late.verb(path, "Attach"), lambda: len(of(late, path)) == 5) == \
        [*SNAPSHOT, "mr"], "attached twice is attached once"
    other = newcomer(world)
    again = (server.url("normal"), world.path("a"))
    assert order_of(world, other, lambda: other.create(*again, start=True, token="t"),
                    lambda: of(other, path, "Ended")) == [*SNAPSHOT, "mr", "Ended"]


def test_snapshot_comes_before_the_reply_of_create(world, server):
    client = newcomer(world)
    order = order_of(world, client, lambda: client.create(server.url("hold"), world.path("a"), start=True),
                     lambda: client.signals)
    assert order[:3] == [*SNAPSHOT, "mr"]


def test_everything_final_comes_before_the_end(world, server):
    """Of an operation that is not under way too, of which not everything is at hand."""
    path = world.client.create(server.url("hold"), world.path("a"))
    world.client.verb(path, "Attach")
    world.client.signals.clear()
    world.client.verb(path, "Cancel")
    world.client.wait_until(lambda: of(world.client, path, "Ended"))
    *changes, end = of(world.client, path)
    told = {}
    for each in changes:
        told.update(each.arguments[1])
    assert end.member == "Ended" and told["State"] == "canceled" and told["Finished"] > 0
    assert told["StateReason"] == world.client.get(path, "StateReason")


def test_many_connections_share_the_bound(world, server):
    """One operation that more are attached to than may be told at once: each is told, in order, and in the end all."""
    size = 1_500_000
    path = world.client.create(server.url("slow", size=size, rate=500_000), world.path("a"))
    clients = [world.new_client() for _ in range(MANY)]
    for client in clients:
        client.verb(path, "Attach")
    for client in clients:
        client.iterate()
        client.signals.clear()
    world.client.verb(path, "Start")
    world.client.iterate(1.0)
    for client in clients[:40]:
        client.close()
    late = world.new_client()
    late.verb(path, "Attach")
    rest = [*clients[40:], late]
    done = world.client.wait(path, "completed")
    for client in rest:
        client.wait_until(lambda each=client: of(each, path, "Ended"))
    counters = 0
    for client in rest:
        heard = of(client, path)
        received = [each.arguments[1]["BytesReceived"] for each in heard
                    if each.member == "PropertiesChanged" and "BytesReceived" in each.arguments[1]]
        assert heard[-1].member == "Ended" and [each.member for each in heard].count("Ended") == 1
        assert received == sorted(received) and received[-1] == size
        counters += len(received) - 1
    seconds = (done["Finished"] - done["Created"]) / 1_000_000
    assert len(rest) <= counters <= 200 * seconds + 50


def test_detach_overtakes_attach(world, server):
    path = world.client.create(server.url("normal"), world.path("a"))
    other = newcomer(world)
    answers = [other.call_async(path, OPERATION, "Attach"), other.call_async(path, OPERATION, "Detach")]
    other.wait_until(lambda: all("reply" in answer for answer in answers))
    before = len(of(other, path))
    world.client.verb(path, "Start")
    world.client.wait(path)
    other.iterate(0.1)
    assert len(of(other, path)) == before


def test_watch_replaced_before_its_reply(world, server):
    """Each Watch is answered; what follows belongs to the last."""
    client = newcomer(world)
    path = client.create(server.url("hold"), world.path("a"))
    first = client.call_async(ROOT, MANAGER, "Watch", "(a{sv})", options(properties=["Title"]))
    second = client.call_async(ROOT, MANAGER, "Watch", "(a{sv})", options(properties=["State"]))
    client.call_async(path, OPERATION, "Cancel")
    client.wait_until(lambda: "reply" in first and "reply" in second)
    told = dict(second["reply"][0][path])

    def is_told():
        for each in client.signals:
            told.update(each.arguments[0].get(path, {}))
        return told == {"State": "canceled"}

    client.wait_until(is_told, what=lambda: told)
    assert first["reply"][0][path].keys() == {"Title"}


@pytest.mark.parametrize("interface, method, signature, arguments, name", [
    (OPERATION, "Start", "(s)", ("x",), "InvalidArgs"),
    (OPERATION, "SetRequestHeader", "(s)", ("x",), "InvalidArgs"),
    (OPERATION, "Nothing", "()", (), "UnknownMethod"),
    (UPLOADER, "List", "(a{sv})", ({},), "UnknownInterface"),
    ("org.example.Other", "Start", "()", (), "UnknownInterface"),
    (PROPERTIES, "Get", "(s)", (OPERATION,), "InvalidArgs"),
    (PROPERTIES, "Nothing", "()", (), "UnknownMethod"),
    (PROPERTIES, "Get", "(ss)", (OPERATION, "Nothing"), "UnknownProperty"),
    (PROPERTIES, "Get", "(ss)", (OPERATION, "Destination"), "UnknownProperty"),
    (PROPERTIES, "Get", "(ss)", ("", "Nothing"), "UnknownProperty"),
    (PROPERTIES, "GetAll", "(s)", (UPLOADER,), "UnknownInterface"),
    (PROPERTIES, "Set", "(ssv)", (OPERATION, "Id", GLib.Variant("s", "x")), "PropertyReadOnly"),
    (PROPERTIES, "Set", "(ssv)", (OPERATION, "Nothing", GLib.Variant("s", "x")), "UnknownProperty"),
    ("org.freedesktop.DBus.Introspectable", "Introspect", "(s)", ("x",), "InvalidArgs"),
])
def test_wrong_calls(world, server, interface, method, signature, arguments, name):
    path = world.client.create(server.url("hold"), world.path("a"))
    assert refusal(world.client, path, interface, method, signature, *arguments).name == STANDARD + name


def test_no_interface_named(world, server):
    """Properties of any interface, and methods, where the call says no interface."""
    path = world.client.create(server.url("hold"), world.path("a"))
    client = world.client
    assert client.call(path, PROPERTIES, "GetAll", "(s)", "")[0] == client.get_all(path)
    assert client.call(ROOT, PROPERTIES, "GetAll", "(s)", "") == client.call(ROOT, PROPERTIES, "GetAll", "(s)", MANAGER)
    assert client.get(path, "Destination", "") == world.path("a")
    client.set(path, "Priority", GLib.Variant("s", "high"), "")
    assert client.get(path, "Priority") == "high"
    call = Gio.DBusMessage.new_method_call(NAME, path, None, "Cancel")
    reply, _ = client.connection.send_message_with_reply_sync(
        call, Gio.DBusSendMessageFlags.NONE, 25000 * SCALE, None)
    assert reply.get_message_type() == Gio.DBusMessageType.METHOD_RETURN
    assert client.get(path, "State") == "canceled"


def test_no_reply_wanted(world, server):
    """It takes effect, and neither reply nor error comes."""
    path = world.client.create(server.url("hold"), world.path("a"))
    monitor = Monitor(world.bus)
    for method in ("Nothing", "Cancel"):
        call = Gio.DBusMessage.new_method_call(NAME, path, OPERATION, method)
        call.set_flags(Gio.DBusMessageFlags.NO_REPLY_EXPECTED)
        world.client.connection.send_message(call, Gio.DBusSendMessageFlags.NONE)
    assert world.client.get(path, "State") in ("idle", "canceled")
    world.client.wait(path, "canceled")
    service = world.client.owner()
    lines = [line.split("\t") for line in monitor.stop()]
    assert not [line for line in lines if line[0] == "err"]
    asked = [line for line in lines if line[0] == "mc" and line[5].startswith(ROOT)]
    answered = [line for line in lines if line[0] == "mr" and line[3] == service]
    assert len(answered) == len(asked) - 2


def test_headers_have_a_limit_together(world, server):
    path = world.client.create(server.url("hold"), world.path("a"))
    for number in range(4):
        world.client.call(path, OPERATION, "SetRequestHeader", "(ss)", f"X-{number}", "v" * 16_000)
    refused = refusal(world.client, path, OPERATION, "SetRequestHeader", "(ss)", "X-4", "v" * 16_000)
    assert refused.short == "InvalidArgument"


def test_arguments_have_a_limit(world):
    """More than 16 MiB in one call, where each part of it would do."""
    many = [("http://127.0.0.1/x", "/tmp/x", options(title="x" * 1000))] * 17_000
    refused = refusal(world.client, f"{ROOT}/Downloader", DOWNLOADER, "CreateMany", "(a(ssa{sv}))", many)
    assert refused.short == "InvalidArgument" and "16777216" in refused.message
    assert world.client.list() == {}


def test_who_starts_a_service_in_vain_is_told_why(world):
    """Another bus, the same home: whoever calls there hears who has the store."""
    pid = world.daemon.pid
    other = Bus(world.root, name="other", service_folder=os.path.join(world.root, "services"), env=world.env)
    client = Client(other.address, SCALE)
    try:
        refused = refusal(client, f"{ROOT}/Downloader", DOWNLOADER, "List", "(a{sv})", {})
    finally:
        client.close()
        other.stop()
    assert refused.short == "StoreUnavailable" and f"pid {pid} " in refused.message


@pytest.mark.world(start=False)
def test_no_call_is_lost_at_sigterm(world, rng):
    """Who calls while the service is told to end is answered by it or by the next one."""
    for _ in range(5):
        answers = []
        for number in range(60):
            answers.append(world.client.call_async(ROOT, MANAGER, "Unwatch"))
            world.client.iterate(0.001)
            if number == 30:
                world.client.iterate(rng.random() * 0.05)
                pid = world.daemon.bus_pid()
                if pid is not None:
                    os.kill(pid, signal.SIGTERM)
        world.client.wait_until(lambda: all(answers), 30)
        assert not [answer["error"] for answer in answers if "error" in answer]
    assert len(world.activated()) >= 3
