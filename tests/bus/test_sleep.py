# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine that sleeps: what logind is told, and what becomes of transfers."""

import os
import signal
import time

import pytest
from ferrykit.conditions import begin, check_goes_on, check_paused
from ferrykit.mocks import Logind
from ferrykit.world import SCALE

OURS = ("sleep", "delay")

pytestmark = pytest.mark.world(system_bus=True, start=False)


def wait_inhibitors(world, logind, expected):
    """Until those are all who keep the machine awake."""
    world.client.wait_until(lambda: logind.inhibitors() == expected, 5, lambda: f"{expected}: {logind.inhibitors()}")


def test_sleep(world, server):
    logind = Logind(world)
    world.daemon.start()
    wait_inhibitors(world, logind, [OURS])
    path = begin(world, server, "a")
    told = logind.prepare_for_sleep(True)
    wait_inhibitors(world, logind, [])
    assert time.monotonic() - told < SCALE
    check_paused(world, server, path, "a", "paused-no-network", ["network.none"])
    assert world.client.get(path, "BytesReceived") > 0
    world.client.iterate(0.3)
    assert len(server.requests_of("slow")) == 1
    # A sleep without power in the end.
    world.daemon.kill()
    world.daemon.start()
    check_goes_on(world, server, path, "a")


def test_awake_again(world, server):
    logind = Logind(world)
    world.daemon.start()
    wait_inhibitors(world, logind, [OURS])
    path = begin(world, server, "a")
    logind.prepare_for_sleep(True)
    wait_inhibitors(world, logind, [])
    check_paused(world, server, path, "a", "paused-no-network", ["network.none"])
    logind.prepare_for_sleep(False)
    check_goes_on(world, server, path, "a")
    first, second = server.requests_of("slow")
    assert first.connection != second.connection
    wait_inhibitors(world, logind, [OURS])


def test_logind_restarts(world, server):
    world.daemon.start()
    logind = Logind(world)
    wait_inhibitors(world, logind, [OURS])
    path = begin(world, server, "a")
    logind.prepare_for_sleep(True)
    check_paused(world, server, path, "a", "paused-no-network", ["network.none"])
    # Nobody will say that the machine is awake.
    logind.stop()
    check_goes_on(world, server, path, "a")
    logind.start()
    wait_inhibitors(world, logind, [OURS])


def test_logind_hangs(world, server):
    logind = Logind(world)
    logind.freeze()
    world.daemon.start()
    path = world.client.create(server.url("normal"), world.path("a"), start=True)
    assert world.client.wait(path)["State"] == "completed"


def test_sigterm(world, server):
    """The session ends: within a second everything is put away."""
    world.daemon.start()
    path = begin(world, server, "a")
    asked = time.monotonic()
    os.kill(world.daemon.pid, signal.SIGTERM)
    assert world.daemon.wait_exit() == 0
    assert time.monotonic() - asked < SCALE
    world.daemon.start()
    check_goes_on(world, server, path, "a")
