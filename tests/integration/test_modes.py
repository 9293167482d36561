# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Modes and rights, which prove nothing to root: this file runs as nobody."""

import os

import pytest
from ferrykit.client import Refused
from ferrykit.content import Content, file_sha256


def test_this_is_not_root():
    assert os.geteuid() != 0


def test_download(world, server):
    path = world.client.create(server.url("normal"), world.path("a"), start=True)
    assert world.client.wait(path)["State"] == "completed"
    assert file_sha256(world.path("a")) == Content(300_000).sha256()


def test_folder_that_cannot_be_written(world, server):
    os.mkdir(world.path("closed"), 0o555)
    with pytest.raises(Refused) as refused:
        world.client.create(server.url("normal"), world.path("closed/a"))
    assert refused.value.short == "DestinationUnavailable"


def test_folder_that_cannot_be_searched(world, server):
    os.mkdir(world.path("closed"), 0o000)
    with pytest.raises(Refused) as refused:
        world.client.create(server.url("normal"), world.path("closed/a"))
    assert refused.value.short == "DestinationUnavailable"
    os.chmod(world.path("closed"), 0o755)


@pytest.mark.world(settings={"stall-timeout": 1})
def test_folder_closed_meanwhile(world, server):
    """The data is kept, and after Resume it is whole."""
    os.mkdir(world.path("sub"))
    path = world.client.create(server.url("stall-once"), world.path("sub/a"), start=True)
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") == 150_000)
    os.chmod(world.path("sub"), 0o555)
    ended = world.client.wait(path)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "destination-unavailable")
    os.chmod(world.path("sub"), 0o755)
    world.client.verb(path, "Resume")
    assert world.client.wait(path)["State"] == "completed"
    assert file_sha256(world.path("sub/a")) == Content(300_000).sha256()


@pytest.mark.world(start=False)
def test_state_that_cannot_be_written(world, server):
    """Refused for this reason, rather than served without memory."""
    world.expect_log(r"WARNING|CRITICAL|store|Store")
    os.makedirs(os.path.dirname(world.state), exist_ok=True)
    os.chmod(os.path.dirname(world.state), 0o555)
    world.daemon.start(wait=False)
    try:
        world.daemon.wait_for_name(5)
    except AssertionError:
        assert world.daemon.process.poll() not in (None, 0)
        assert "state" in world.read_log()
    else:
        with pytest.raises(Refused) as refused:
            world.client.create(server.url("normal"), world.path("a"))
        assert refused.value.short == "StoreUnavailable"
    os.chmod(os.path.dirname(world.state), 0o755)


def test_modes_of_what_is_kept(world, server):
    world.client.create(server.url("hold"), world.path("a"))
    assert os.stat(world.state).st_mode & 0o777 == 0o700
    for folder, _, names in os.walk(world.state):
        for name in names:
            assert os.stat(os.path.join(folder, name)).st_mode & 0o077 == 0, name


def test_another_ones_file_in_a_shared_folder(world, server):
    """In a sticky folder somebody else's file cannot be replaced: an error, the file untouched, the data kept."""
    with pytest.raises(Refused) as refused:
        world.client.create(server.url("normal"), "/etc/hostname", exists="replace")
    assert refused.value.short == "DestinationUnavailable"
