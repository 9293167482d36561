# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where a download goes."""

import os
import urllib.parse

import pytest
from ferrykit.client import GLib, Refused, options
from ferrykit.content import Content, file_sha256

pytestmark = pytest.mark.world(settings={"stall-timeout": 1})
WANTED = Content(300_000).sha256()


def write(path, text="mine"):
    """A file that is there before."""
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(text)


def read(path):
    """A whole file."""
    with open(path, encoding="utf-8", errors="replace") as stream:
        return stream.read()


def test_whole_or_not_at_all(world, server):
    path = world.client.create(server.url("stall-once"), world.path("a"), start=True)
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") == 150_000)
    assert not os.path.exists(world.path("a"))
    assert len(world.parts()) == 1 and os.path.dirname(world.parts()[0]) == world.downloads
    assert os.stat(world.parts()[0]).st_mode & 0o777 == 0o600
    world.client.verb(path, "Pause")
    world.client.verb(path, "Resume")
    assert world.client.wait(path)["State"] == "completed"
    assert file_sha256(world.path("a")) == WANTED
    assert world.parts() == []


def test_mode_follows_the_umask(world, server):
    path = world.client.create(server.url("normal"), world.path("a"), start=True)
    world.client.wait(path)
    umask = os.umask(0)
    os.umask(umask)
    assert os.stat(world.path("a")).st_mode & 0o777 == 0o666 & ~umask


def test_occupied_fails_at_once(world, server):
    write(world.path("a"))
    with pytest.raises(Refused) as refused:
        world.client.create(server.url("normal"), world.path("a"))
    assert refused.value.short == "DestinationExists"
    assert read(world.path("a")) == "mine"


def test_occupied_meanwhile_fails_at_the_last_step(world, server):
    path = world.client.create(server.url("slow", rate=600_000), world.path("a"), start=True)
    world.client.wait(path, "running")
    write(world.path("a"))
    ended = world.client.wait(path)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "destination-exists")
    assert read(world.path("a")) == "mine"
    assert len(world.parts()) == 1, "data kept"
    os.unlink(world.path("a"))
    world.client.verb(path, "Resume")
    assert world.client.wait(path)["State"] == "completed"
    assert file_sha256(world.path("a")) == WANTED
    assert len(server.requests) == 1, "nothing is fetched twice"


def test_replace(world, server):
    write(world.path("a"))
    path = world.client.create(server.url("stall-once"), world.path("a"), exists="replace", start=True)
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") == 150_000)
    assert read(world.path("a")) == "mine", "until the last step"
    assert world.client.wait(path)["State"] == "completed"
    assert file_sha256(world.path("a")) == WANTED


def test_rename(world, server):
    write(world.path("a.tar.gz"))
    path = world.client.create(server.url("normal", "1"), world.path("a.tar.gz"), exists="rename", start=True)
    ended = world.client.wait(path)
    assert ended["State"] == "completed"
    assert os.path.dirname(ended["Destination"]) == world.downloads
    assert os.path.basename(ended["Destination"]) in ("a (2).tar.gz", "a.tar (2).gz")
    assert file_sha256(ended["Destination"]) == WANTED
    assert read(world.path("a.tar.gz")) == "mine"


def test_rename_counts_claims(world, server):
    """A name that an unfinished operation claims counts as occupied."""
    first = world.client.create(server.url("hold", "1"), world.path("a.bin"))
    second = world.client.create(server.url("normal", "2"), world.path("a.bin"), exists="rename", start=True)
    ended = world.client.wait(second)
    assert ended["Destination"] == world.path("a (2).bin")
    assert not os.path.exists(world.path("a.bin"))
    world.client.verb(first, "Cancel")


def test_claimed_by_another(world, server):
    first = world.client.create(server.url("hold", "1"), world.path("a"))
    os.symlink(world.downloads, os.path.join(world.home, "link"))
    for spelling in (world.path("a"), world.downloads + "/./a", os.path.join(world.home, "link/a")):
        with pytest.raises(Refused) as refused:
            world.client.create(server.url("hold", "2"), spelling)
        assert refused.value.short == "DestinationExists", spelling
    world.client.verb(first, "Cancel")
    world.client.create(server.url("hold", "2"), world.path("a"))


@pytest.mark.parametrize("case, name", [
    ("name-plain", "report.pdf"), ("name-star", "naïve file.txt"), ("name-parents", "passwd"),
    ("name-backslash", "evil.exe"), ("name-hidden", "_bashrc"),
])
def test_folder_takes_the_suggested_name(world, server, case, name):
    path = world.client.create(server.url(case), world.downloads + "/", start=True)
    ended = world.client.wait(path)
    assert ended["State"] == "completed"
    assert ended["SuggestedName"] == name
    assert ended["Destination"] == world.path(name)
    assert file_sha256(world.path(name)) == WANTED
    assert os.listdir(world.downloads) == [name]


@pytest.mark.parametrize("case", ["name-dots", "name-endless"])
def test_folder_with_names_that_cannot_be(world, server, case):
    path = world.client.create(server.url(case), world.downloads + "/", start=True)
    ended = world.client.wait(path)
    assert ended["State"] == "completed"
    name, = os.listdir(world.downloads)
    assert name == ended["SuggestedName"] and len(name.encode()) <= 255 and name not in (".", "..")
    assert file_sha256(world.path(name)) == WANTED


def test_folder_by_uri(world, server):
    url = server.url("normal", urllib.parse.quote("grüße.txt"))
    path = world.client.create(url, world.downloads + "/", start=True)
    assert world.client.wait(path)["Destination"] == world.path("grüße.txt")


def test_folder_renames_by_default(world, server):
    write(world.path("report.pdf"))
    path = world.client.create(server.url("name-plain"), world.downloads + "/", start=True)
    assert world.client.wait(path)["Destination"] == world.path("report (2).pdf")


def test_many_into_one_folder(world, server):
    """The same name ten times at once: ten files."""
    paths = world.client.create_many([(server.url("name-plain", f"{n}", seed=n), world.downloads + "/", options(start=True))
                                      for n in range(10)])
    ended = [world.client.wait(path) for path in paths]
    assert {each["State"] for each in ended} == {"completed"}
    assert len({each["Destination"] for each in ended}) == 10
    for n, each in enumerate(ended):
        assert file_sha256(each["Destination"]) == Content(300_000, n).sha256()


@pytest.mark.parametrize("destination", ["relative", "", "~/x"])
def test_not_a_destination(world, server, destination):
    with pytest.raises(Refused) as refused:
        world.client.create(server.url("normal"), destination)
    assert refused.value.short in ("InvalidArgument", "DestinationUnavailable")
    assert world.client.list() == {}


def test_unavailable(world, server):
    write(world.path("file"))
    for destination in (world.path("missing/a"), world.downloads, world.path("file/a"), world.path("missing") + "/",
                        "/proc/a", "/sys/a"):
        with pytest.raises(Refused) as refused:
            world.client.create(server.url("normal"), destination)
        assert refused.value.short == "DestinationUnavailable", destination


def test_state_folder_is_no_destination(world, server):
    with pytest.raises(Refused) as refused:
        world.client.create(server.url("normal"), os.path.join(world.state, "a"))
    assert refused.value.short in ("DestinationUnavailable", "AccessDenied")


def test_name_too_long(world, server):
    with pytest.raises(Refused) as refused:
        world.client.create(server.url("normal"), world.path("n" * 256))
    assert refused.value.short in ("InvalidArgument", "DestinationUnavailable")
    path = world.client.create(server.url("normal"), world.path("n" * 255), start=True)
    assert world.client.wait(path)["State"] == "completed"


def test_file_uri_for_names_that_are_not_utf8(world, server):
    raw = os.path.join(os.fsencode(world.downloads), b"caf\xe9")
    uri = "file://" + urllib.parse.quote(raw)
    path = world.client.create(server.url("normal"), uri, start=True)
    ended = world.client.wait(path)
    assert ended["State"] == "completed" and ended["Destination"].startswith("file:///")
    assert os.path.exists(raw)
    os.unlink(raw)


def test_symlink_is_not_followed_when_replaced(world, server):
    write(world.path("target"))
    os.symlink(world.path("target"), world.path("a"))
    path = world.client.create(server.url("normal"), world.path("a"), exists="replace", start=True)
    assert world.client.wait(path)["State"] == "completed"
    assert read(world.path("target")) == "mine"
    assert not os.path.islink(world.path("a")) and file_sha256(world.path("a")) == WANTED


def test_folder_gone_meanwhile(world, server):
    os.mkdir(world.path("sub"))
    path = world.client.create(server.url("stall-once"), world.path("sub/a"), start=True)
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") == 150_000)
    os.unlink(world.parts()[0])
    os.rmdir(world.path("sub"))
    ended = world.client.wait(path)
    assert ended["State"] == "error"
    assert ended["ErrorStatus"] in ("destination-lost", "destination-unavailable")
    assert not os.path.exists(world.path("sub")), "not made again silently"


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_checksum(world, server, algorithm):
    import hashlib
    digest = hashlib.new(algorithm, Content(300_000).read(0, 300_000)).hexdigest()
    good = world.client.create(server.url("normal", "1"), world.path("good"), start=True,
                               checksum=f"{algorithm}:{digest}")
    assert world.client.wait(good)["State"] == "completed"
    bad = world.client.create(server.url("normal", "2"), world.path("bad"), start=True,
                              checksum=f"{algorithm}:{digest[:-1]}{'0' if digest[-1] != '0' else '1'}")
    ended = world.client.wait(bad)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "checksum-mismatch")
    assert not os.path.exists(world.path("bad"))


def test_checksum_after_a_restart(world, server):
    """The digest covers what was fetched before the kill too."""
    digest = Content(300_000).sha256()
    path = world.client.create(server.url("stall-once"), world.path("a"), checksum=f"sha256:{digest}", start=True)
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") == 150_000)
    world.client.verb(path, "Pause")
    world.daemon.restart()
    world.client.verb(path, "Resume")
    ended = world.client.wait(path)
    assert (ended["State"], ended["Restarts"]) == ("completed", 0)


def test_expected_size(world, server):
    good = world.client.create(server.url("normal", "1"), world.path("good"), expected_size=300_000, start=True)
    assert world.client.wait(good)["State"] == "completed"
    bad = world.client.create(server.url("normal", "2"), world.path("bad"), expected_size=300_001, start=True)
    ended = world.client.wait(bad)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "size-mismatch")
    assert not os.path.exists(world.path("bad"))


def test_open_result_while_running_and_after(world, server):
    path = world.client.create(server.url("stall-once"), world.path("a"), start=True)
    with pytest.raises(Refused):
        world.client.open_result(world.client.create(server.url("hold"), world.path("never")))
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") == 150_000)
    with os.fdopen(world.client.open_result(path), "rb") as stream:
        assert stream.read(150_000) == Content(300_000).read(0, 150_000)
        with pytest.raises(OSError):
            os.write(stream.fileno(), b"x")
    assert world.client.wait(path)["State"] == "completed"
    with os.fdopen(world.client.open_result(path), "rb") as one, os.fdopen(world.client.open_result(path), "rb") as two:
        one.read(1000)
        assert two.tell() == 0, "a description of its own for each call"
        assert two.read() == Content(300_000).read(0, 300_000)


def test_body_of_an_earlier_error_is_not_the_result(world, server):
    """What a server said with an error is readable until the next attempt, and no longer."""
    path = world.client.create(server.url("not-found"), world.path("a"), start=True)
    assert world.client.wait(path)["ErrorStatus"] == "not-found"
    with os.fdopen(world.client.open_result(path), "rb") as stream:
        assert stream.read() == b"what was wrong"
    world.client.set(path, "Uri", GLib.Variant("s", "http://127.0.0.1:9/nobody"))
    world.set_setting("max-retries", 0)
    world.client.verb(path, "Resume")
    world.client.wait_until(lambda: world.client.get(path, "ErrorStatus") == "cannot-connect")
    with pytest.raises(Refused) as refused:
        world.client.open_result(path)
    assert refused.value.short == "NotFound"
