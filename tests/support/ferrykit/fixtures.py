# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fixtures for pytest. `@pytest.mark.world(settings={…}, system_bus=True, start=False)` says what the world is like."""

import os
import random
import shutil
import tempfile

import pytest

from ferrykit.server import Server
from ferrykit.shell import Shell
from ferrykit.world import World


def pytest_configure(config):
    """Our markers."""
    config.addinivalue_line("markers", "world(settings, system_bus, start): how the world of the test begins")
    config.addinivalue_line("markers", "sink(protocols, expects): what the server that is uploaded to can")


def finish(world):
    """Ends a world and fails on its complaints."""
    said = world.read_log()[-4000:]
    complaints = world.close()
    assert not complaints, "\n".join([*complaints, "--- end of the service's log:", said])


@pytest.fixture
def world(request):
    """A World with the service running."""
    marker = request.node.get_closest_marker("world")
    wanted = dict(marker.kwargs) if marker else {}
    start = wanted.pop("start", True)
    made = World(**wanted)
    try:
        if start:
            made.daemon.start()
        yield made
    finally:
        finish(made)


@pytest.fixture
def server():
    """The scripted server."""
    made = Server()
    yield made
    made.stop()
    assert not made.failures, made.failures


@pytest.fixture
def ferry(world):
    """See Shell."""
    return Shell(world)


@pytest.fixture
def elsewhere(world):
    """A folder on another file system than the world's, gone afterwards."""
    folder = tempfile.mkdtemp(prefix="ferry-", dir="/dev/shm")
    assert os.stat(folder).st_dev != os.stat(world.downloads).st_dev, "/dev/shm is to be a file system of its own"
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def sink(tmp_path, request):
    """A server that is uploaded to; `@pytest.mark.sink(protocols=…)` says what it can."""
    from ferrykit.sink import Sink

    marker = request.node.get_closest_marker("sink")
    made = Sink(str(tmp_path), **(marker.kwargs if marker else {}))
    yield made
    made.stop()
    assert not made.failures, made.failures


@pytest.fixture
def rng():
    """Chance that can be had again: FERRY_TEST_SEED sets it."""
    seed = int(os.environ.get("FERRY_TEST_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"FERRY_TEST_SEED={seed}")
    return random.Random(seed)


@pytest.fixture
def nginx(tmp_path):
    """A real nginx."""
    from ferrykit.nginx import Nginx

    made = Nginx(str(tmp_path))
    yield made
    made.stop()
