# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The examples as a person installs them, started by the bus, with a service that is killed on the way."""

import os
import re
import subprocess

import pytest
from ferrykit.client import ROOT, Gio, Refused
from ferrykit.completion import GROUP
from ferrykit.content import Content
from ferrykit.server import Server
from ferrykit.world import FAST, SCALE, is_alive, program

PODCASTS = "org.example.FerryPodcasts"
FETCH_ALL = "org.example.FerryFetchAll"
SIZE = 150_000
LEFT = ["State", "Uri", "ErrorStatus", "CompletionGroup"]


def number_of(x):
    return int(re.search(r"episode-(\d+)", x.request.path).group(1))


def every(divisor):
    """A server that has those episodes only whose number `divisor` divides."""

    def serve(x):
        number = number_of(x)
        if number % divisor:
            return x.reply(404, body=b"not here")
        x.rate = 200_000  # a round takes longer than the program needs to leave
        return x.serve(content=Content(SIZE, number + 1))

    return serve


CASES = {"halves": every(2), "fifths": every(5), "all": every(1)}


@pytest.fixture
def server():
    made = Server(cases=CASES)
    yield made
    made.stop()
    assert not made.failures, made.failures


@pytest.fixture
def home(world):
    """The examples in the world's home, where its bus finds them."""
    root = program("FERRY_SOURCE_ROOT")
    env = {**world.env, "DBUS_SESSION_BUS_ADDRESS": world.bus.address}
    done = subprocess.run([os.path.join(root, "examples/install"), program("FERRY_BUILD_ROOT")], env=env,
                          capture_output=True, text=True, check=True, timeout=30 * SCALE)
    services = os.path.join(world.home, ".local/share/dbus-1/services")
    for name in os.listdir(services):
        os.link(os.path.join(services, name), os.path.join(world.root, "services", name))
    world.client.bus("ReloadConfig")
    assert os.path.exists(os.path.join(world.home, f".local/share/applications/{PODCASTS}.desktop"))
    return done.stdout.split()


def kill_service(world):
    """SIGKILL, by whomever it was started; the next call starts it again."""
    pid = world.daemon.bus_pid()
    if pid is not None:
        os.kill(pid, 9)
        world.daemon.wait_gone()


def owns(world, name):
    return world.client.bus("NameHasOwner", "(s)", name)[0]


def watch_owners(world, name):
    """A list that gets the unique name of each process that takes the name from now on."""
    owners = []

    def changed(_connection, _sender, _path, _interface, _member, parameters):
        _name, _before, now = parameters.unpack()
        if now:
            owners.append(now)

    world.client.connection.signal_subscribe("org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged",
                                             "/org/freedesktop/DBus", name, Gio.DBusSignalFlags.NONE, changed)
    return owners


@pytest.mark.world(start=False, settings={**FAST, "retry-delay": 50})
def test_podcasts(world, server, home):
    """Ten, half of which fail at first and most of these once more; two kills; each in the end, and each right."""
    servers = [f"{server.origin}/{each}" for each in ("halves", "fifths", "all")]
    names = [f"episode-{number}" for number in range(10)]
    arguments = [word for each in servers for word in ("--server", each)]
    fetch, = (each for each in home if each.endswith("ferry-podcasts"))
    owners = watch_owners(world, PODCASTS)
    done = subprocess.run([fetch, "fetch", "--folder", world.downloads, *arguments, *names], env=world.env,
                          capture_output=True, text=True, check=True, timeout=30 * SCALE)
    assert len(done.stdout.split()) == 10

    def got(case):
        return len({request.path for request in server.requests_of(case)})

    world.client.wait_until(lambda: got("halves") >= 5)
    kill_service(world)
    world.client.list(all=True)  # as a session's start would
    world.client.wait_until(lambda: got("fifths") == 5, 40)
    kill_service(world)
    world.client.list(all=True)
    world.client.wait_until(lambda: all(os.path.exists(world.path(name)) for name in names), 40,
                            lambda: f"all there: {sorted(os.listdir(world.downloads))}")
    for number, name in enumerate(names):
        with open(world.path(name), "rb") as stream:
            assert stream.read() == Content(SIZE, number + 1).read(0, SIZE), name
    # Every group has been told of, so the program has removed everything and gone.
    world.client.wait_until(lambda: world.client.list(all=True) == {}, 40,
                            lambda: f"removed: {world.client.list(all=True, properties=LEFT)}")
    world.client.wait_until(lambda: not owns(world, PODCASTS))
    assert len(set(owners)) >= 3, "a group for each server, and gone between them"
    assert {request.path for request in server.requests_of("halves")} == {f"/halves/{name}" for name in names}
    assert got("fifths") == 5 and got("all") == 4


def there(world):
    """Everything the service has; None where the bus has yet to hear that it was killed."""
    try:
        return world.client.list(all=True)
    except Refused as refused:
        if refused.short != "NoReply":
            raise
        return None


@pytest.mark.world(start=False, settings={**FAST, "retry-delay": 50})
@pytest.mark.parametrize("failpoint", ["completion-created:2", "queue-create-committed:2", "completion-enabled:2",
                                       "queue-removal-committed:2"])
def test_podcasts_killed_in_a_call_of_the_handler(world, server, home, failpoint):
    """The service dies in each of the calls that the program makes while it is told of the first group."""
    world.set_activation_env({"FERRYD_FAILPOINT": failpoint})
    names = [f"episode-{number}" for number in range(4)]
    fetch, = (each for each in home if each.endswith("ferry-podcasts"))
    subprocess.run([fetch, "fetch", "--folder", world.downloads, "--server", f"{server.origin}/halves", "--server",
                    f"{server.origin}/all", *names], env=world.env, check=True, timeout=30 * SCALE)
    first, = world.activated()
    world.set_activation_env({})  # those that follow
    world.client.wait_until(lambda: not is_alive(first), what=lambda: "the service killed")
    world.client.wait_until(lambda: there(world) == {}, 40,
                            lambda: f"removed: {world.client.list(all=True, properties=LEFT)}")
    assert sorted(os.listdir(world.downloads)) == names
    assert len(server.requests_of("halves")) == 4
    # What the kill cut goes on with one request more; nothing is asked for by two operations.
    again = [request.path for request in server.requests_of("all")]
    assert set(again) == {"/all/episode-1", "/all/episode-3"} and len(again) <= 4, again
    xml, = world.client.call(f"{ROOT}/CompletionGroup", "org.freedesktop.DBus.Introspectable", "Introspect")
    groups = [f"{ROOT}/CompletionGroup/{each}" for each in re.findall('<node name="([0-9a-f]+)"', xml)]
    left = sorted(world.client.get(each, "State", GROUP) for each in groups)
    world.client.wait_until(lambda: not owns(world, PODCASTS))
    assert left.count("delivered") == 2 and set(left) <= {"collecting", "delivered"}, left


def test_fetch_all(world, server, home):
    """The one in C, by the library: called by the other interface, and again where the service died in the call."""
    fetch, = (each for each in home if each.endswith("ferry-fetch-all"))
    urls = [f"{server.origin}/halves/episode-{number}" for number in range(4)]
    world.daemon.restart(failpoint="completion-answered")
    subprocess.run([fetch, f"{world.downloads}/", *urls], env=world.env, check=True, timeout=30 * SCALE)
    world.daemon.wait_exit()
    report = world.path("report.txt")
    assert os.path.exists(report), "written before the call was answered"
    os.unlink(report)
    world.client.list(all=True)
    world.client.wait_until(lambda: os.path.exists(report))
    with open(report, encoding="utf-8") as stream:
        lines = [line.rstrip("\n").split("\t") for line in stream]
    assert [line[0] for line in lines] == urls
    assert [line[1] == "there" for line in lines] == [True, False, True, False], lines
    assert world.client.wait_until(lambda: not owns(world, FETCH_ALL)) is True
    for number in (0, 2):
        with open(world.path(f"episode-{number}"), "rb") as stream:
            assert stream.read() == Content(SIZE, number + 1).read(0, SIZE)
