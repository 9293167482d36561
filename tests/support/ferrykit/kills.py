# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A service that dies at a named step."""

import signal

from ferrykit.client import Refused


def start_killed(world, failpoint):
    """A service that will kill itself there; it may do so before it owns its name."""
    world.daemon.start(failpoint=failpoint, wait=False)
    try:
        world.daemon.wait_for_name()
    except AssertionError:
        if world.daemon.process.poll() is None:
            raise


def wait_killed(world, timeout=30):
    """Waits until the failpoint has done its work."""
    assert world.daemon.wait_exit(timeout) == -signal.SIGKILL, "the failpoint was passed"
    world.daemon.wait_gone()


def begin(world, url, failpoint, destination=None, **given):
    """A download started in a service that will kill itself there, maybe before it can answer."""
    world.daemon.start()
    path = world.client.create(url, world.path("a") if destination is None else destination, **given)
    world.daemon.restart(failpoint=failpoint)
    try:
        world.client.verb(path, "Start")
    except Refused as error:
        assert error.short == "NoReply", error
    return path
