# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""`ferry put`, as a person and as a script would use it."""

import json
import os
import pty
import re
import signal
import subprocess

import pytest
from ferrykit.client import OPERATION
from ferrykit.content import Content
from ferrykit.shell import catches_interrupts, read_terminal
from ferrykit.world import SCALE, program

DATA = Content(300_000).read(0, 300_000)


@pytest.fixture
def file(world):
    """A file in the folder that the command runs in."""
    with open(world.path("a b.bin"), "wb") as stream:
        stream.write(DATA)
    return "a b.bin"


def put(ferry, *arguments, stdin=b"", code=0):
    """With bytes for standard input, and bytes of standard output."""
    done = subprocess.run([program("FERRY"), "put", *arguments], env=ferry.env, cwd=ferry.world.downloads,
                          capture_output=True, input=stdin, timeout=60 * SCALE, check=False)
    assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def test_put(ferry, sink, file):
    done = ferry("put", file, sink.url("there"))
    upload, = sink.uploads
    assert (upload.method, upload.target) == ("PUT", "/there") and upload.body() == DATA
    assert file in done.stdout and "300" in done.stdout and "201" in done.stdout
    assert "\x1b" not in done.stdout and "\r" not in done.stdout, "plain lines"


def test_put_below_a_folder(world, ferry, sink, file):
    """Each under its own name, as curl -T has it."""
    with open(world.path("second"), "wb") as stream:
        stream.write(b"2")
    ferry("put", file, "second", sink.url("folder/"))
    assert {upload.target: upload.body() for upload in sink.uploads} == {
        "/folder/a%20b.bin": DATA, "/folder/second": b"2"}
    ferry("put", "--method", "POST", "second", sink.url("form/"))
    assert sink.uploads[-1].target == "/form/", "a POST is made to the folder"


def test_standard_input(world, ferry, sink):
    """A pipe, which need not be there any more when it is sent; and what a shell makes for <(command)."""
    put(ferry, "-", sink.url(), stdin=DATA)
    assert sink.uploads[-1].body() == DATA and sink.uploads[-1].length == len(DATA)
    subprocess.run(["bash", "-c", f"'{program('FERRY')}' put <(printf hello) '{sink.url()}'"], env=ferry.env,
                   check=True, capture_output=True, timeout=30 * SCALE)
    assert sink.uploads[-1].body() == b"hello"
    with open(world.path("redirected"), "wb") as stream:
        stream.write(b"from a file")
    with open(world.path("redirected"), "rb") as stream:
        subprocess.run([program("FERRY"), "put", "-", sink.url()], env=ferry.env, stdin=stream, check=True,
                       capture_output=True, timeout=30 * SCALE)
    assert sink.uploads[-1].body() == b"from a file"
    subprocess.run([program("FERRY"), "put", "-", sink.url()], env=ferry.env, stdin=subprocess.DEVNULL, check=True,
                   capture_output=True, timeout=30 * SCALE)
    assert sink.uploads[-1].body() == b"", "nothing is something that can be sent"


def test_part_of_a_file(ferry, sink, file):
    ferry("put", "--source-offset=1k", "--source-length=5k", "--content-type=text/csv", "-H", "X-One: 1", file,
          sink.url())
    upload, = sink.uploads
    assert upload.body() == DATA[1000:6000]
    assert upload.header("Content-Type") == "text/csv" and upload.header("X-One") == "1"


def test_form_is_what_curl_sends(world, ferry, sink, file):
    """The same words give the same bytes, but the boundary."""
    with open(world.path("note.txt"), "w", encoding="utf-8") as stream:
        stream.write("hello\n")
    words = ["-F", "key=value", "-F", 'we"ird=ünicode', "-F", f"file=@{file}", "-F", "note=@note.txt",
             "-F", "named=@note.txt;filename=other.bin;type=text/x-other", "-F", "typed={};type=application/json",
             "-F", 'quoted="@no;type=file"', "-F", "read=<note.txt", "-F", "input=@-;type=text/plain"]
    subprocess.run(["curl", "-sS", "-H", "Expect:", *words, sink.url()], cwd=world.downloads, input=b"typed in",
                   check=True, timeout=20 * SCALE, stdout=subprocess.DEVNULL)
    put(ferry, *words, sink.url(), stdin=b"typed in")
    bodies = []
    for upload in sink.uploads:
        kind, boundary = upload.header("Content-Type").split("; boundary=")
        assert (upload.method, kind) == ("POST", "multipart/form-data")
        bodies.append(upload.body().replace(boundary.encode(), b"BOUNDARY"))
    assert bodies[0] == bodies[1] and b"typed in" in bodies[0]


def test_other_multipart(ferry, sink, file):
    ferry("put", "--subtype=mixed", "--boundary=b-1", "--method=PUT", "-F",
          f"f=@{file};headers=\"X-Part: yes\"", sink.url())
    upload, = sink.uploads
    assert upload.method == "PUT" and upload.header("Content-Type") == "multipart/mixed; boundary=b-1"
    assert b"\r\nX-Part: yes\r\n" in upload.body() and DATA in upload.body()


def test_output(world, ferry, sink, file):
    """What the server answers: in a file, or on standard output and nothing else there."""
    ferry("put", "--output", "answer", file, sink.url(reply=100_000))
    with open(world.path("answer"), "rb") as stream:
        assert stream.read() == b"r" * 100_000
    done = put(ferry, "-o", "-", file, sink.url("short"))
    assert done.stdout == b"got 300000" and b"201" in done.stderr
    done = ferry("put", "--json", "--output", "answer", file, sink.url())
    assert json.loads(done.stdout)["State"] == "completed"
    with open(world.path("answer"), "rb") as stream:
        assert stream.read() == b"got 300000"


def test_http_error_with_its_body(ferry, sink, file):
    done = put(ferry, "--output", "-", file, sink.url(status=403), code=1)
    assert done.stdout == b"refused" and b"forbidden" in done.stderr
    assert ferry.json("list")[0]["State"] == "error"
    done = ferry("put", file, sink.url("other", status=409), code=1)
    identity = ferry.json("list")[-1]["Id"]
    assert f"ferry wait --output - {identity[:8]}" in done.stderr, "it is kept, and that is said"
    assert ferry("wait", "--output", "-", identity, code=1).stdout == "refused"


def test_detach_list_show_wait(world, ferry, sink, file):
    done = ferry("put", "--detach", "--title=Grüße", "--priority=low", "--group=g", "--metadata=a=b", file,
                 sink.url(rate=200_000))
    operation, = ferry.json("list")
    identity = operation["Id"]
    assert done.stdout.strip() == identity and operation["Kind"] == "upload"
    assert (operation["Title"], operation["Priority"], operation["Group"]) == ("Grüße", "low", "g")
    assert operation["Source"] == world.path(file) and operation["Method"] == "PUT"
    ferry("set", identity[:8], "--priority=high")
    done = ferry("wait", "--output=answer", identity[:8])
    assert "Grüße" in done.stdout
    with open(world.path("answer"), "rb") as stream:
        assert stream.read() == b"got 300000"
    shown = ferry("show", identity[:8]).stdout
    assert re.search(r"^Source +" + re.escape(world.path(file)), shown, re.M), shown
    assert re.search(r"^BytesSent +300\.0 kB", shown, re.M) and re.search(r"status: 201", shown), shown
    row = ferry("list").stdout.splitlines()[1]
    assert identity[:8] in row and "100%" in row and "300" in row
    ferry("remove", identity[:8])
    assert ferry.json("list") == []


def test_list_has_both_kinds_by_age(world, ferry, sink, file, server):
    ferry("put", "--no-start", file, sink.url())
    ferry("get", "--no-start", server.url("normal"), "g")
    ferry("put", "--no-start", "--title=last", file, sink.url())
    assert [operation["Kind"] for operation in ferry.json("list")] == ["upload", "download", "upload"]
    lines = ferry("list").stdout.splitlines()
    assert [line.split("  ")[-1] for line in lines[1:]] == [f"{file} → {sink.url()}", "g", f"last → {sink.url()}"]


@pytest.mark.parametrize("arguments", [
    [], ["http://127.0.0.1/"], ["a b.bin"], ["a b.bin", "b"], ["a b.bin", "a b.bin", "http://127.0.0.1/x"],
    ["--nonsense", "a b.bin", "http://127.0.0.1/"], ["-F", "nonsense", "http://127.0.0.1/"],
])
def test_usage(ferry, file, arguments):
    done = ferry("put", *arguments, code=2)
    assert done.stderr.strip() and not done.stdout.strip()


def test_unreadable_sources(world, ferry, sink, file):
    """Nothing is created, not even for those that could be sent."""
    for words, named in (([file, "missing"], "missing"), ([file, "."], "folder"), (["-F", "f=@missing"], "missing")):
        done = ferry("put", *words, sink.url("folder/"), code=3)
        assert named in done.stderr and not done.stdout, done.stderr
    assert ferry.json("list") == [] and sink.uploads == []


def test_refused_by_the_service(ferry, sink, file):
    assert "gopher" in ferry("put", file, "gopher://127.0.0.1/", code=3).stderr
    assert "Host" in ferry("put", "-H", "Host: x", file, sink.url(), code=3).stderr


def test_ctrl_c_and_going_on(world, ferry, sink, file):
    process = ferry.start("put", file, sink.url(rate=200_000), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    world.client.wait_until(lambda: sink.uploads and sink.uploads[0].got > 0)
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=20 * SCALE)
    assert process.returncode == 130, told
    identity = ferry.json("list")[0]["Id"]
    assert f"ferry wait {identity[:8]}" in told, told
    assert "201" in ferry("wait", identity[:8]).stdout
    upload, = sink.uploads
    assert upload.body() == DATA, "it went on, and was sent once"


def test_interrupted_while_reading(world, ferry, sink):
    """Ctrl-C ends the program before the pipe as well: what came of it is not taken for the whole."""
    reading, writing = os.pipe()
    spool = os.path.join(world.state, "spool")
    process = subprocess.Popen([program("FERRY"), "put", "-", sink.url()], env=ferry.env, stdin=reading,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    os.close(reading)
    os.write(writing, b"the first half")
    world.client.wait_until(lambda: os.path.isdir(spool) and any(
        os.path.getsize(os.path.join(spool, name)) for name in os.listdir(spool)))
    process.send_signal(signal.SIGINT)
    world.client.wait_until(lambda: not catches_interrupts(process))
    os.close(writing)
    told, _ = process.communicate(timeout=30 * SCALE)
    assert process.returncode == 130 and "nothing is sent" in told, told
    assert ferry.json("list") == [] and sink.uploads == []


def test_put_survives_a_restart_of_the_service(world, ferry, sink, file):
    process = ferry.start("put", file, sink.url(rate=200_000, times=1), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    world.client.wait_until(lambda: sink.uploads and sink.uploads[0].got > 0)
    os.kill(world.daemon.bus_pid(), signal.SIGKILL)
    told, _ = process.communicate(timeout=60 * SCALE)
    world.daemon.wait_exit()
    assert process.returncode == 0, told
    assert sink.uploads[-1].body() == DATA


def test_bar_on_a_terminal(world, ferry, sink):
    """Of bytes that are sent: more of them than sockets hold."""
    with open(world.path("a b.bin"), "wb") as stream:
        stream.truncate(40_000_000)
    master, slave = pty.openpty()
    process = ferry.start("put", "a b.bin", sink.url(rate=20_000_000), stdout=slave, stderr=slave)
    os.close(slave)
    shown = read_terminal(master, process)
    os.close(master)
    assert process.wait(20 * SCALE) == 0
    assert re.search(r"a b\.bin[^\r\n]* [1-9]\d?%", shown) and "/s" in shown, shown[-800:]


def test_watch(world, ferry, sink, file):
    process = ferry.start("watch", "--json", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    path = world.client.upload(sink.url(rate=300_000), world.path(file), start=True)
    world.client.wait(path)
    lines = []
    while not any(line["State"] == "completed" for line in lines):
        lines.append(json.loads(process.stdout.readline()))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20 * SCALE)
    assert lines[0]["Kind"] == "upload" and lines[0]["Source"] == world.path(file)
    assert world.client.get(path, "BytesSent", OPERATION) == len(DATA)
