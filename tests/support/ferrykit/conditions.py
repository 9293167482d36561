# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What conditions do to transfers: what Manager says, what an operation says, and what the server has seen."""

from ferrykit.client import MANAGER, PROPERTIES, ROOT
from ferrykit.content import Content
from ferrykit.mocks import NetworkManager

SIZE = 1_200_000
RATE = 400_000  # bytes/s
IN_FLIGHT = 200_000  # bytes that were on their way when a transfer stopped, at most: half a second's


def told(world):
    """NetworkCost and Connectivity, as read."""
    properties = world.client.call(ROOT, PROPERTIES, "GetAll", "(s)", MANAGER)[0]
    return properties["NetworkCost"], properties["Connectivity"]


def wait_told(world, expected, timeout=1):
    """Waits until that is what the Manager says."""
    world.client.wait_until(lambda: told(world) == expected, timeout, lambda: f"{expected} but {told(world)}")


def connect_by_loopback(world):
    """A NetworkManager whose primary connection, not metered, goes by an interface that really counts; and the service."""
    network = NetworkManager(world, manages=False)
    network.start()
    network.set_primary(network.connect("wifi", "lo"))
    world.daemon.start()
    wait_told(world, ("unrestricted", "full"), timeout=3)
    return network


def listen(world):
    """From now on heard() has what the Manager broadcasts."""
    world.client.watches = True
    world.client.bus("AddMatch", "(s)", f"type='signal',interface='{PROPERTIES}',path='{ROOT}'")


def heard(world):
    """(name, value) of the Manager's properties, in order."""
    world.client.iterate()
    return [change for each in world.client.signals if each.path == ROOT and each.member == "PropertiesChanged"
            for change in each.arguments[1].items()]


def begin(world, server, name, policy="default"):
    """A download under way, slow enough to change the network in the middle."""
    path = world.client.create(server.url("slow", name, size=SIZE, rate=RATE), world.path(name), start=True,
                               cost_policy=policy)
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") > 0)
    return path


def check_paused(world, server, path, name, state, causes):
    """Within a second it waits, and the server sees it go."""
    world.client.wait(path, state, timeout=1)
    assert world.client.get(path, "BlockedBy") == causes
    only, = server.requests_of("slow", name)
    world.client.wait_until(lambda: only.ended == "left", 1, lambda: f"left but {only.ended}")
    assert only.sent < SIZE


def check_goes_on(world, server, path, name):
    """By itself, with a range, to the whole content, without a retry."""
    final = world.client.wait(path)
    assert final["State"] == "completed" and final["Attempt"] <= 1, final
    first, second = server.requests_of("slow", name)
    assert second.first is not None and second.first > 0
    assert second.sent == SIZE - second.first and first.sent - second.first <= IN_FLIGHT
    with open(world.path(name), "rb") as stream:
        assert stream.read() == b"".join(Content(SIZE, 1).chunks(0, SIZE))
