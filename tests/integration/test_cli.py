# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The `ferry` command, as a person and as a script would use it."""

import fcntl
import json
import os
import pty
import re
import signal
import subprocess
import termios
import time

import pytest
from ferrykit.client import OPERATION
from ferrykit.content import Content, file_sha256
from ferrykit.shell import catches_interrupts, read_terminal
from ferrykit.world import SCALE, program

WANTED = Content(300_000).sha256()


def test_get(world, server, ferry):
    done = ferry("get", server.url("normal", "file.bin"), "a")
    assert file_sha256(world.path("a")) == WANTED
    assert world.path("a") in done.stdout, "says where it is"
    assert "\x1b" not in done.stdout and "\r" not in done.stdout, "plain lines"


def test_get_without_a_name(world, server, ferry):
    """Into the current folder, by the suggested name."""
    ferry("get", server.url("name-plain"))
    assert os.listdir(world.downloads) == ["report.pdf"]


def test_get_fails(world, server, ferry):
    done = ferry("get", server.url("not-found"), "a", code=1)
    assert "not-found" in done.stderr + done.stdout or "404" in done.stderr + done.stdout
    assert os.listdir(world.downloads) == []


def test_get_what_has_not_changed(world, server, ferry):
    """Nothing is written, and nothing said to be."""
    done = ferry("get", "--header", 'If-None-Match: "v1"', server.url("unchanged-asked"), "a")
    assert "Saved" not in done.stdout and "not changed" in done.stdout
    assert os.listdir(world.downloads) == []


@pytest.mark.parametrize("arguments", [
    [], ["nonsense"], ["get"], ["get", "--nonsense", "http://127.0.0.1/"], ["show"], ["wait"],
    ["get", "http://127.0.0.1/", "a", "b"],
])
def test_usage(ferry, arguments):
    done = ferry(*arguments, code=2)
    assert done.stderr.strip() and not done.stdout.strip()


def test_refused(world, server, ferry):
    """The service says no: 3, and what would be right."""
    with open(world.path("a"), "w", encoding="utf-8") as stream:
        stream.write("mine")
    done = ferry("get", server.url("normal"), "a", code=3)
    assert world.path("a") in done.stderr
    done = ferry("get", "gopher://127.0.0.1/", "b", code=3)
    assert "gopher" in done.stderr
    done = ferry("show", "0" * 32, code=3)
    assert done.stderr.strip()


@pytest.mark.parametrize("arguments", [["--help"], ["get", "--help"], ["--version"], ["list", "--help"]])
def test_help(ferry, arguments):
    assert ferry(*arguments).stdout.strip()


def test_detach_wait_list_show(world, server, ferry):
    done = ferry("get", "--detach", server.url("slow", rate=300_000), "a")
    operation, = ferry.json("list")
    identity = operation["Id"]
    assert identity in done.stdout or identity[:8] in done.stdout
    assert operation["State"] in ("queued", "running") and operation["Uri"].startswith(server.origin)
    assert {"Created", "Destination", "BytesReceived", "Title", "Kind"} <= set(operation)
    assert identity[:6] in ferry("list").stdout
    assert ferry.json("show", identity[:6])["Id"] == identity
    assert identity in ferry("show", identity[:6]).stdout
    ferry("wait", identity[:6])
    assert file_sha256(world.path("a")) == WANTED


def test_wait_for_a_failure(server, ferry):
    ferry("get", "--detach", server.url("not-found"), "a")
    ferry("wait", ferry.json("list")[0]["Id"], code=1)


def test_verbs(world, server, ferry):
    path = world.client.create(server.url("stall-once"), world.path("a"))
    identity = world.client.get(path, "Id")
    ferry("start", identity)
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") == 150_000)
    ferry("pause", identity)
    assert world.client.get(path, "State") == "paused-by-application"
    ferry("pause", identity, code=3)
    ferry("resume", identity)
    assert world.client.wait(path)["State"] == "completed"
    ferry("remove", identity)
    assert ferry.json("list") == []
    path = world.client.create(server.url("hold"), world.path("b"))
    ferry("cancel", world.client.get(path, "Id"))
    assert world.client.get(path, "State") == "canceled"


def test_prefix_that_is_not_unique(world, server, ferry):
    paths = [world.client.create(server.url("hold", f"{n}"), world.path(f"{n}")) for n in range(17)]
    firsts = [path.rsplit("/", 1)[1][0] for path in paths]
    twice = next(first for first in firsts if firsts.count(first) > 1)
    done = subprocess.run(
        [program("FERRY"), "show", twice], env=ferry.env, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode in (2, 3) and twice in done.stderr


def test_options_reach_the_service(world, server, ferry):
    ferry("get", "--detach", "--title=Grüße", "--priority=low", "--group=g", "--exists=rename",
          f"--checksum=sha256:{WANTED}", "--expected-size=300000", "--cost-policy=always", "--header=X-One: 1",
          server.url("normal"), "a")
    operation, = ferry.json("list")
    assert (operation["Title"], operation["Priority"], operation["Group"], operation["CostPolicy"]) == (
        "Grüße", "low", "g", "always")
    ferry("wait", operation["Id"])
    assert server.requests[0].header("X-One") == "1"


def test_ctrl_c_loses_nothing(world, server, ferry):
    process = ferry.start("get", server.url("slow", rate=200_000), "a", stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    world.client.wait_until(lambda: world.client.list(states=["running"], all=True))
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=20 * SCALE)
    path, = world.client.list(all=True)
    identity = path.rsplit("/", 1)[1]
    assert "ferry wait" in told or "ferry" in told and identity[:6] in told, told
    assert world.client.wait(path)["State"] == "completed", "it goes on"
    assert file_sha256(world.path("a")) == WANTED


def test_ctrl_c_before_the_answer(world, server, ferry):
    """It is being created, the service is slow, and somebody is impatient: they hear of it nevertheless."""
    service = world.daemon.bus_pid()
    os.kill(service, signal.SIGSTOP)
    process = ferry.start("get", server.url("normal"), "a", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        world.client.wait_until(lambda: catches_interrupts(process))
        process.send_signal(signal.SIGINT)
    finally:
        os.kill(service, signal.SIGCONT)
    told, _ = process.communicate(timeout=20 * SCALE)
    assert process.returncode == 130, told
    path, = world.client.list(all=True)
    assert world.client.wait(path)["State"] == "completed", "it goes on"


def test_bar_on_a_terminal(world, server, ferry):
    master, slave = pty.openpty()
    process = ferry.start("get", server.url("slow", size=600_000, rate=300_000), "a", stdout=slave, stderr=slave)
    os.close(slave)
    shown = read_terminal(master, process)
    os.close(master)
    assert process.wait(20) == 0
    assert shown.count("\r") > 3, "drawn over itself"
    assert re.search(r"\d+ ?%", shown) and "/s" in shown, shown[-500:]
    assert world.path("a") in shown or "a" in shown.splitlines()[-1]


def test_get_several(world, server, ferry):
    """Each under its suggested name in one folder, the failed and the refused ones in nobody's way."""
    urls = [server.url("normal", f"{n}.bin") for n in range(3)]
    ferry("get", *urls)
    assert sorted(os.listdir(world.downloads)) == ["0.bin", "1.bin", "2.bin"]
    done = ferry("get", server.url("not-found"), urls[0], "other/", code=3)
    assert "other" in done.stderr and server.origin in done.stderr, "which is said for each"
    os.mkdir(world.path("other"))
    done = ferry("get", server.url("not-found"), urls[0], "other", code=1)
    assert os.listdir(world.path("other")) == ["0.bin"] and "not-found" in done.stderr
    done = ferry("get", urls[1], "gopher://user:hush@127.0.0.1/", "other", code=3)
    assert sorted(os.listdir(world.path("other"))) == ["0.bin", "1.bin"]
    assert "gopher" in done.stderr and "hush" not in done.stdout + done.stderr


def test_a_bar_for_each(world, server, ferry):
    master, slave = pty.openpty()
    process = ferry.start("get", *(server.url("slow", f"bar-{n}.bin", size=300_000, rate=200_000) for n in range(2)),
                          stdout=slave, stderr=slave)
    os.close(slave)
    shown = read_terminal(master, process)
    os.close(master)
    assert process.wait(20) == 0
    frame = re.compile(r"bar-0\.bin[^\n]*\d+%[^\n]*\r?\n[^\n]*bar-1\.bin[^\n]*\d+%")
    assert frame.search(shown), shown[-1000:]


def test_asks_for_a_password(ferry):
    """On the terminal, which does not show it, and has its echo back afterwards."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [program("FERRY"), "get", "--server-credential", "someone", "gopher://127.0.0.1/"], env=ferry.env,
        stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    shown = b""
    while b"someone" not in shown:
        shown += os.read(master, 4096)
    while termios.tcgetattr(slave)[3] & termios.ECHO:
        time.sleep(0.01)
    os.write(master, b"open sesame\n")
    assert process.wait(20 * SCALE) == 3, "the scheme is refused, and nothing before it"
    assert termios.tcgetattr(slave)[3] & termios.ECHO
    os.close(slave)
    shown += read_terminal(master, process).encode()
    os.close(master)
    assert b"sesame" not in shown and shown.count(b"ferry: ") == 1, shown


def test_no_terminal_to_ask_on(ferry):
    done = subprocess.run([program("FERRY"), "get", "--server-credential", "someone", "http://127.0.0.1/"],
                          env=ferry.env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
                          start_new_session=True, timeout=30 * SCALE)
    assert done.returncode == 2 and "--server-credential-file" in done.stderr


def test_set(world, server, ferry):
    """What may be changed is changed at once, of all that are named."""
    first, second = (world.client.create(server.url("hold"), world.path(name)) for name in "ab")
    ids = [world.client.get(path, "Id") for path in (first, second)]
    ferry("set", *ids, "--priority=high", "--cost-policy=always", "--recoverable-error=not-found",
          "--header=X-One: 1")
    for path in (first, second):
        assert world.client.get(path, "Priority") == "high" and world.client.get(path, "CostPolicy") == "always"
        assert world.client.get(path, "RecoverableErrors") == ["not-found"]
    ferry("set", ids[0], "--recoverable-error=")
    assert world.client.get(first, "RecoverableErrors") == []
    ferry("start", ids[1])
    world.client.wait_until(lambda: server.requests)
    assert server.requests[0].header("X-One") == "1"
    ferry("set", ids[0], "--priority=first", code=3)
    assert world.client.get(first, "Priority") == "high"
    for wrong in ([ids[0]], [*ids, "--uri=http://127.0.0.1/"], [ids[0], "--exists=rename"], ["--priority=high"]):
        ferry("set", *wrong, code=2)


def test_json_get(world, server, ferry):
    done = ferry("get", "--json", server.url("normal"), "a")
    operation = json.loads(done.stdout.strip().splitlines()[-1])
    assert operation["State"] == "completed" and operation["Destination"] == world.path("a")
    assert operation["Ranges"] == [[0, 300_000]], "as they are in the end, although they have no signal"


def test_get_survives_a_restart_of_the_service(world, server, ferry):
    """The service is killed while the command waits, which attaches again at once: that starts it anew."""
    process = ferry.start("get", server.url("slow", size=600_000, rate=200_000), "a", stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    world.client.wait_until(lambda: world.client.list(states=["running"], all=True))
    os.kill(world.daemon.bus_pid(), signal.SIGKILL)
    told, _ = process.communicate(timeout=30 * SCALE)
    world.daemon.wait_exit()
    assert process.returncode == 0, told
    assert file_sha256(world.path("a")) == Content(600_000).sha256()


@pytest.mark.world(start=False)
def test_starts_the_service(world, server, ferry):
    ferry("get", server.url("normal"), "a")
    assert len(world.activated()) == 1


def test_locale_without_utf_8(world, server, ferry):
    """JSON is UTF-8 all the same, and quotation marks are not question marks."""
    ferry.env["LC_ALL"] = "C"
    world.client.create(server.url("normal"), world.path("a"), title="höher")
    listed = subprocess.run([program("FERRY"), "list", "--json"], env=ferry.env, capture_output=True, check=True)
    assert json.loads(listed.stdout.decode("utf-8"))[0]["Title"] == "höher"
    assert '"ferry help"' in ferry("nonsense", code=2).stderr


@pytest.mark.world(start=False)
def test_output_that_is_lost(world, server, ferry):
    """What a script keeps has to be whole, or to be known not to be."""
    ferry("get", server.url("normal", "file.bin"), "a")
    with open("/dev/full", "w", encoding="utf-8") as full:
        process = ferry.start("list", stdout=full, stderr=subprocess.PIPE, text=True)
        _, complaint = process.communicate(timeout=30 * SCALE)
    assert process.returncode == 1 and "written" in complaint


def test_no_bus(world, ferry):
    ferry.env["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nonexistent"
    done = ferry("list", code=3)
    assert "bus" in done.stderr.lower()


def test_watch(world, server, ferry):
    process = ferry.start("watch", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    time.sleep(0.5)
    path = world.client.create(server.url("normal", "watched.bin"), world.path("a"), start=True)
    world.client.wait(path)
    time.sleep(0.7)
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=20 * SCALE)
    assert path.rsplit("/", 1)[1][:6] in told and "completed" in told, told


def test_application_is_the_commands(world, server, ferry):
    ferry("get", server.url("normal"), "a")
    path, = world.client.list(all=True)
    assert world.client.get(path, "ApplicationId", OPERATION) == "org.ferry.Ferry"


def test_the_switch_for_everything(world, server, ferry):
    ferry("pause", "--all")
    path = world.client.create(server.url("normal"), world.path("a"), start=True)
    assert world.client.get(path, "BlockedBy") == ["user.paused-all"]
    assert "resume --all" in ferry("pause", "-a").stdout
    ferry("resume", "--all")
    assert world.client.wait(path)["State"] == "completed"
    assert "Canceled 0" in ferry("cancel", "--all").stdout, "of the others it is each by itself"


def test_group(world, server, ferry):
    """Lists what is there, and one behaves as it is told to, for good."""
    assert ferry("group").stdout == "" and ferry.json("group") == []
    for name in ("a", "b"):
        ferry("get", "--detach", "--group", "series", server.url("hold", name), name)
    world.client.wait_until(lambda: [each["State"] for each in ferry.json("list")] == ["running"] * 2)
    assert ferry.json("group") == [{"name": "series", "behavior": "parallel", "operations": 2}]
    ferry("group", "set", "series", "serialized")
    ferry("group", "set", "empty", "serialized", "--application-id", "org.example.App")
    world.daemon.restart()
    heading, row = ferry("group").stdout.splitlines()
    assert heading.split() == ["BEHAVIOR", "TRANSFERS", "GROUP"] and row.split() == ["serialized", "2", "series"]
    assert ferry.json("group", "--application-id", "org.example.App") == [
        {"name": "empty", "behavior": "serialized", "operations": 0}]
    world.client.wait_until(lambda: [each["State"] for each in ferry.json("list")] == ["running", "queued"])
    assert ferry.json("list", "--group", "series")[1]["BlockedBy"] == ["group"]


@pytest.mark.parametrize("arguments, code, word", [
    (["nonsense"], 2, "nonsense"), (["set", "a"], 2, "BEHAVIOR"), (["set", "a", "one-by-one"], 2, "serialized"),
    (["set", "", "serialized"], 3, "group"), (["set", "x" * 257, "serialized"], 3, "group"),
])
def test_group_that_is_wrong(ferry, arguments, code, word):
    assert word in ferry("group", *arguments, code=code).stderr
