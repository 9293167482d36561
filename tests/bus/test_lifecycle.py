# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Starting, exiting, coming back, being replaced."""

import os
import signal
import subprocess
import time

import pytest
from ferrykit.client import MANAGER, ROOT, Refused, options
from ferrykit.content import Content, file_sha256
from ferrykit.world import SCALE, is_alive

FULL = os.environ.get("FERRY_TEST_FULL") == "1"
CALLS = 2000 if FULL else 150
GAP = 0.06  # seconds at most between two calls, but for those that straddle the exit


def run(world, *arguments, timeout=20):
    """The service in the foreground, to its end."""
    return subprocess.run([world.env["FERRYD"], *arguments], env=world.env, capture_output=True, text=True,
                          timeout=timeout * SCALE, check=False)


@pytest.mark.world(start=False)
def test_version(world):
    done = run(world, "--version")
    assert done.returncode == 0 and done.stdout.split()[-1][0].isdigit()
    world.daemon.start()
    assert world.client.get(ROOT, "Version", MANAGER) == done.stdout.split()[-1]


@pytest.mark.world(start=False)
def test_unknown_option(world):
    done = run(world, "--nonsense")
    assert done.returncode != 0 and "nonsense" in done.stderr


@pytest.mark.world(start=False)
def test_activation(world, server):
    """The bus starts it for the first call."""
    path = world.client.create(server.url("normal"), world.path("a"), start=True)
    assert world.client.wait(path)["State"] == "completed"
    assert len(world.activated()) == 1


@pytest.mark.world(start=False, settings={"idle-exit": 1})
def test_exits_when_idle_and_comes_back(world, server):
    path = world.client.create(server.url("normal"), world.path("a"), title="kept")
    first = world.daemon.bus_pid()
    world.daemon.wait_gone(15)
    world.client.wait_until(lambda: not is_alive(first), 5, lambda: "exited")
    assert world.client.get(path, "Title") == "kept", "the next call brings it back"
    assert world.daemon.bus_pid() != first


@pytest.mark.world(start=False, settings={"idle-exit": 1})
def test_stays_for_work_and_watchers(world, server):
    path = world.client.create(server.url("hold", at=10), world.path("a"), start=True)
    pid = world.daemon.bus_pid()
    world.client.verb(path, "Detach")
    time.sleep(2.5)
    assert world.daemon.bus_pid() == pid, "an operation runs"
    world.client.verb(path, "Attach")
    world.client.verb(path, "Pause")
    time.sleep(2.5)
    assert world.daemon.bus_pid() == pid, "somebody is attached"
    world.client.verb(path, "Detach")
    watcher = world.new_client()
    watcher.manager("Watch", "(a{sv})", {})
    time.sleep(2.5)
    assert world.daemon.bus_pid() == pid, "somebody watches"
    watcher.close()
    world.daemon.wait_gone(15)
    assert world.client.get(path, "State") == "paused-by-application"


@pytest.mark.world(start=False, settings={"idle-exit": 0})
def test_never_exits(world):
    world.client.list()
    pid = world.daemon.bus_pid()
    time.sleep(1.5)
    assert world.daemon.bus_pid() == pid


@pytest.mark.world(start=False, settings={"idle-exit": 1})
def test_no_call_is_lost_at_the_exit(world, rng):
    """Calls at random gaps, many of them just when the service is about to exit."""
    for number in range(CALLS):
        world.client.manager("Unwatch")
        if number % 25 == 0:
            # idle-exit is 1: between one and two seconds after the last call
            world.client.iterate(1.0 + rng.random())
        else:
            time.sleep(rng.random() * GAP)
    assert len(world.activated()) > CALLS // 60, "it did exit in between"


@pytest.mark.world(start=False, settings={"idle-exit": 1})
def test_no_creation_is_lost_at_the_exit(world, server, rng):
    paths = []
    for number in range(6):
        paths.append(world.client.create(server.url("hold", f"{number}"), world.path(f"{number}")))
        time.sleep(1.0 + rng.random())
    assert list(world.client.list()) == paths


def test_second_instance_is_refused(world):
    """On the same bus the name is taken; on another the store is, and its holder is named."""
    pid = world.daemon.pid
    done = run(world)
    assert world.daemon.bus_pid() == pid and is_alive(pid)
    assert done.returncode != 0
    from ferrykit.buses import Bus
    other = Bus(world.root, name="other", env=world.env)
    env = {**world.env, "DBUS_SESSION_BUS_ADDRESS": other.address}
    done = subprocess.run([world.env["FERRYD"]], env=env, capture_output=True, text=True, timeout=30 * SCALE,
                          check=False)
    other.stop()
    assert done.returncode != 0
    assert str(pid) in done.stderr, done.stderr
    assert is_alive(pid)


def test_replace(world, server):
    path = world.client.create(server.url("cut-once"), world.path("a"), title="kept")
    first = world.daemon.process
    world.daemon.process = None
    world.daemon.start("--replace", wait=False)
    assert first.wait(20 * SCALE) == 0, "the old one ends cleanly"
    world.client.wait_until(lambda: world.daemon.bus_pid() == world.daemon.process.pid)
    assert world.client.get(path, "Title") == "kept"
    world.client.verb(path, "Start")
    assert world.client.wait(path)["State"] == "completed"


def test_replace_in_the_middle(world, server):
    path = world.client.create(server.url("stall-once"), world.path("a"), start=True)
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") == 150_000)
    first = world.daemon.process
    world.daemon.process = None
    world.daemon.start("--replace", wait=False)
    assert first.wait(20 * SCALE) == 0
    world.client.wait_until(lambda: world.daemon.bus_pid() == world.daemon.process.pid)
    ended = world.client.wait(path)
    assert (ended["State"], ended["Restarts"]) == ("completed", 0)
    assert file_sha256(world.path("a")) == Content(300_000).sha256()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_cleanly(world, server, number):
    path = world.client.create(server.url("stall-once"), world.path("a"), start=True)
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") == 150_000)
    os.kill(world.daemon.pid, number)
    assert world.daemon.wait_exit() == 0
    world.daemon.start()
    ended = world.client.wait(path)
    assert (ended["State"], ended["Restarts"]) == ("completed", 0)


@pytest.mark.world(start=False)
def test_resume_starts_nothing_without_work(world, server):
    done = run(world, "--resume")
    assert (done.returncode, world.client.owner()) == (0, None)
    path = world.client.create(server.url("normal"), world.path("a"), start=True)
    world.client.wait(path)
    idle = world.client.create(server.url("hold"), world.path("b"))
    os.kill(world.daemon.bus_pid(), signal.SIGKILL)
    world.daemon.wait_gone()
    done = run(world, "--resume")
    assert (done.returncode, world.client.owner()) == (0, None), "completed and idle ones are no work"
    assert world.client.get(idle, "State") == "idle"


@pytest.mark.world(start=False)
def test_resume_starts_where_work_is_left(world, server):
    path = world.client.create(server.url("stall-once"), world.path("a"), start=True)
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") == 150_000)
    os.kill(world.daemon.bus_pid(), signal.SIGKILL)
    world.daemon.wait_gone()
    done = run(world, "--resume")
    assert done.returncode == 0
    world.client.wait_until(lambda: os.path.exists(world.path("a")), what=lambda: "resumed without any client")
    ended = world.client.wait(path)
    assert (ended["State"], ended["Restarts"]) == ("completed", 0)
    assert len(world.activated()) == 2


EVERYTHING = {
    "method": "GET", "headers": [("X-One", "1"), ("Accept", "text/plain")], "cost_policy": "always", "priority": "low",
    "group": "g", "title": "Grüße", "application_id": "org.example.App", "token": "t",
    "recoverable_errors": ["not-found", "timeout"], "idempotent": True, "expected_size": 300_000,
    "checksum": "sha256:" + Content(300_000).sha256(), "exists": "rename",
}


def test_restart_keeps_every_property(world, server):
    from ferrykit.client import GLib
    metadata = {"a": GLib.Variant("s", "x"), "b": GLib.Variant("(ui)", (1, -2)), "c": GLib.Variant("as", ["y"])}
    given = options(**EVERYTHING, metadata=metadata)
    path = world.client.create_many([(server.url("normal"), world.path("a"), given)])[0]
    failed = world.client.create(server.url("not-found"), world.path("b"), start=True)
    world.client.wait(failed)
    done = world.client.create(server.url("normal", "c"), world.path("c"), start=True)
    world.client.wait(done)
    before = {each: world.client.get_all(each) for each in (path, failed, done)}
    assert before[path]["Metadata"] == {"a": "x", "b": (1, -2), "c": ["y"]}
    assert before[path]["Options"]["title"] == "Grüße"
    assert "headers" not in before[path]["Options"]
    world.daemon.restart()
    for each, properties in before.items():
        assert world.client.get_all(each) == properties
    assert before[failed]["ErrorStatus"] == "not-found"
    world.client.verb(path, "Start")
    assert world.client.wait(path)["State"] == "completed"
    assert server.requests_of("normal", "file.bin")[0].header("X-One") == "1", "headers survive too"
    for each in (failed, done):
        with os.fdopen(world.client.open_result(each), "rb") as stream:
            assert stream.read() == (b"what was wrong" if each == failed else Content(300_000).read(0, 300_000))


def test_changes_survive(world, server):
    from ferrykit.client import GLib
    path = world.client.create(server.url("hold"), world.path("a"))
    client = world.client
    client.set(path, "Priority", GLib.Variant("s", "high"))
    client.set(path, "CostPolicy", GLib.Variant("s", "unrestricted-only"))
    client.set(path, "RecoverableErrors", GLib.Variant("as", ["timeout"]))
    client.call(path, f"{MANAGER.rsplit('.', 1)[0]}.Operation", "SetRequestHeader", "(ss)", "X-Late", "yes")
    before = client.get_all(path)
    assert (before["Priority"], before["CostPolicy"], before["RecoverableErrors"]) == (
        "high", "unrestricted-only", ["timeout"])
    world.daemon.restart()
    assert client.get_all(path) == before
    client.verb(path, "Start")
    client.wait(path, "running")
    client.wait_until(lambda: server.requests)
    assert server.requests[0].header("X-Late") == "yes"


@pytest.mark.parametrize("name, value", [
    ("Priority", ("s", "urgent")), ("CostPolicy", ("s", "")),
    ("RecoverableErrors", ("as", ["nonsense"])), ("Priority", ("u", 1)),
])
def test_bad_values_change_nothing(world, server, name, value):
    from ferrykit.client import GLib
    path = world.client.create(server.url("hold"), world.path("a"))
    before = world.client.get_all(path)
    with pytest.raises(Refused) as refused:
        world.client.set(path, name, GLib.Variant(*value))
    assert refused.value.short == "InvalidArgument" and name in refused.value.message
    assert world.client.get_all(path) == before


@pytest.mark.parametrize("name", ["State", "Id", "Created", "BytesReceived", "Nonsense"])
def test_read_only(world, server, name):
    from ferrykit.client import GLib
    path = world.client.create(server.url("hold"), world.path("a"))
    with pytest.raises(Refused):
        world.client.set(path, name, GLib.Variant("s", "x"))
    assert world.client.get(path, "State") == "idle"


def test_writing_when_finished(world, server):
    from ferrykit.client import GLib
    path = world.client.create(server.url("normal"), world.path("a"), start=True)
    world.client.wait(path)
    with pytest.raises(Refused) as refused:
        world.client.set(path, "Priority", GLib.Variant("s", "high"))
    assert refused.value.short == "InvalidState"


def test_manager(world):
    properties = world.client.call(ROOT, "org.freedesktop.DBus.Properties", "GetAll", "(s)", MANAGER)[0]
    assert set(properties) == {
        "Version", "NetworkCost", "Roaming", "ApproachingDataLimit", "OverDataLimit", "BackgroundDataRestricted",
        "Connectivity", "OnBattery", "BatterySaver", "Paused"}
    assert properties["NetworkCost"] in ("unknown", "unrestricted") and properties["Paused"] is False


def test_introspection_shows_what_is_there(world, server):
    path = world.client.create(server.url("hold"), world.path("a"))
    introspect = "org.freedesktop.DBus.Introspectable"
    root = world.client.call(ROOT, introspect, "Introspect")[0]
    for name in ("Downloader", "Uploader", "Operation", MANAGER):
        assert f'"{name}"' in root
    operation = world.client.call(path, introspect, "Introspect")[0]
    assert "org.ferry.Transfer1.DownloadOperation" in operation and "UploadOperation" not in operation
    assert path.rsplit("/", 1)[1] in world.client.call(f"{ROOT}/Operation", introspect, "Introspect")[0]


def test_settings_are_live(world, server):
    world.set_setting("max-running", 1)
    time.sleep(1.0)
    one = world.client.create(server.url("hold", "1", at=10), world.path("1"), start=True)
    two = world.client.create(server.url("hold", "2", at=10), world.path("2"), start=True)
    world.client.wait(one, "running")
    assert world.client.get(two, "State") == "queued"
    assert world.client.get(two, "BlockedBy") == ["slot"]
    world.set_setting("max-running", 2)
    world.client.wait(two, "running")


@pytest.mark.world(settings={"max-running": 1})
def test_order(world, server):
    """High before default before low, then age; applications take turns."""
    first = world.client.create(server.url("hold", "0", at=10), world.path("0"), start=True)
    world.client.wait(first, "running")
    names = [("low", "low"), ("default", "default-1"), ("default", "default-2"), ("high", "high")]
    paths = {name: world.client.create(server.url("normal", name), world.path(name), priority=priority, start=True)
             for priority, name in names}
    world.client.verb(first, "Cancel")
    for path in paths.values():
        assert world.client.wait(path)["State"] == "completed"
    order = [request.path.rsplit("/", 1)[1] for request in server.requests_of("normal")]
    assert order == ["high", "default-1", "default-2", "low"]


@pytest.mark.world(settings={"max-running-per-host": 1})
def test_host_slots(world, server):
    one = world.client.create(server.url("hold", "1", at=10), world.path("1"), start=True)
    world.client.wait(one, "running")
    two = world.client.create(server.url("hold", "2", at=10), world.path("2"), start=True)
    world.client.wait(two, "queued")
    assert world.client.get(two, "BlockedBy") == ["host-slot"]
    world.client.verb(one, "Cancel")
    world.client.wait(two, "running")


def test_what_a_server_asks_to_wait_survives_a_kill(world, server):
    """Retry-After is shown, and neither a kill nor the start after it makes it shorter."""
    before = time.time()
    path = world.client.create(server.url("busy-long"), world.path("later"), start=True)
    due = world.client.wait_until(lambda: world.client.get(path, "RetryAt"))
    assert 1000e6 <= due - before * 1e6 <= 1000e6 + 60e6 * SCALE, "as it said, and not by our own backoff"
    world.client.iterate(1)  # progress is recorded a moment later
    world.daemon.kill()
    world.daemon.start()
    world.client.iterate(0.3)
    held = world.client.get_all(path)
    assert (held["RetryAt"], held["State"], held["BlockedBy"], held["Attempt"]) == (due, "queued", ["retry"], 1)
    assert (held["ErrorStatus"], len(server.requests)) == ("service-unavailable", 1)
    world.client.verb(path, "Cancel")
