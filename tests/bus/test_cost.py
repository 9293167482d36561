# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The contract's table of what may run at what cost, cell by cell, each with a running transfer. Judged at the server.

The connection is a modem's that goes by the loopback interface, so that it can roam and has a data plan.
"""

import datetime
import time

import pytest
from ferrykit.client import MANAGER, PROPERTIES, ROOT
from ferrykit.conditions import IN_FLIGHT, SIZE, begin, wait_told
from ferrykit.content import Content
from ferrykit.mocks import ModemManager, NetworkManager

UUID = "uuid-of-lo"
HUGE = 10 ** 15  # bytes: more than all tests together use
PAUSED = "paused-costed-network"
POLICIES = ("unrestricted-only", "default", "always")
OVER, ROAMING, APPROACHING, METERED = "cost.over-limit", "cost.roaming", "cost.approaching-limit", "cost.metered"

# What is changed while all three run (metered, roaming, used part of the plan at half of its month, restricted), what
# Manager says then (NetworkCost, then Roaming, ApproachingDataLimit, OverDataLimit, BackgroundDataRestricted), and each
# policy's BlockedBy, in the order of POLICIES: an empty one is a cell that allows.
TABLE = {
    "not metered": (("guess-no", True, 1.2, True), ("unrestricted", True, False, True, False), [], [], []),
    "cost unknown": (("unknown", True, 1.2, True), ("unknown", True, False, True, False), [], [], []),
    "under the limit, without a plan": (
        ("yes", False, None, False), ("variable", False, False, False, False), [METERED], [], []),
    "under the limit, on track to stay": (
        ("guess-yes", False, 0.2, False), ("fixed", False, False, False, False), [METERED], [], []),
    "on track to exceed": (
        ("yes", False, 0.9, False), ("fixed", False, True, False, False), [APPROACHING, METERED], [APPROACHING], []),
    "roaming": (
        ("yes", True, 0.2, False), ("fixed", True, False, False, False), [ROAMING, METERED], [ROAMING], []),
    "over the limit": (
        ("guess-yes", False, 1.2, False), ("fixed", False, False, True, False), [OVER, METERED], [OVER], []),
    "over the limit, background data restricted": (
        ("yes", False, 1.2, True), ("fixed", False, False, True, True), [OVER, METERED], [OVER, METERED], [OVER]),
    "all of it": (
        ("yes", True, 1.2, True), ("fixed", True, False, True, True),
        [OVER, ROAMING, METERED], [OVER, ROAMING, METERED], [OVER]),
    "background data restricted": (
        ("yes", False, 0.2, True), ("fixed", False, False, False, True), [METERED], [METERED], []),
}

pytestmark = pytest.mark.world(system_bus=True, start=False)


@pytest.fixture
def modem(world):
    """At home at first."""
    return ModemManager(world)


@pytest.fixture
def network(world, modem):
    """The modem's connection, not metered, and the service."""
    made = NetworkManager(world, manages=False)
    made.start()
    made.set_primary(made.connect("modem", "lo", udi=modem.MODEM))
    world.daemon.start()
    wait_told(world, ("unrestricted", "full"), timeout=5)
    return made


def said(world):
    """What Manager says of the cost."""
    properties = world.client.call(ROOT, PROPERTIES, "GetAll", "(s)", MANAGER)[0]
    return tuple(properties[name] for name in (
        "NetworkCost", "Roaming", "ApproachingDataLimit", "OverDataLimit", "BackgroundDataRestricted"))


def prepare(world, modem, roams, used, restricted):
    """All that costs nothing as long as the network is not metered."""
    if used is not None:
        # About half of its month is over, whatever day it is.
        reset_day = max(1, (datetime.date.today() - datetime.timedelta(days=15)).day)
        world.client.manager("SetDataPlan", "(stu)", UUID, HUGE, reset_day)
        world.client.manager("SetDataUsage", "(st)", UUID, int(used * HUGE))
    if roams:
        modem.register(ModemManager.ROAMING)
    if restricted:
        world.set_setting("restrict-background-data", "true")
    world.client.wait_until(lambda: said(world)[1] == roams, 5)


def blocked(world, paths):
    """What each waits for."""
    return [world.client.get(path, "BlockedBy") for path in paths]


@pytest.mark.parametrize("row", TABLE)
def test_table(world, network, modem, server, row):
    (metered, roams, used, restricted), expected, *causes = TABLE[row]
    denied = [policy for policy, cause in zip(POLICIES, causes) if cause]
    paths = {policy: begin(world, server, policy, policy=policy) for policy in POLICIES}
    prepare(world, modem, roams, used, restricted)
    assert blocked(world, paths.values()) == [[]] * 3, "nothing of it counts where nothing is metered"

    switched = network.say(metered=metered)
    world.client.wait_until(lambda: all(server.requests_of("slow", policy)[0].ended == "left" for policy in denied), 2,
                            lambda: f"closed: {[request.ended for request in server.requests_of('slow')]}")
    for policy in denied:
        only, = server.requests_of("slow", policy)
        assert only.over - switched < world.client.scale and only.sent < SIZE, policy
    world.client.wait_until(lambda: blocked(world, paths.values()) == causes, 2, lambda: blocked(world, paths.values()))
    world.client.wait_until(lambda: said(world) == expected, 5, lambda: said(world))
    late = [world.client.create(server.url("normal", policy), world.path(f"late-{policy}"), start=True,
                                cost_policy=policy) for policy in denied]
    for path in [paths[policy] for policy in denied] + late:
        assert world.client.wait(path, PAUSED, timeout=2)["State"] == PAUSED

    # What is allowed is not even disturbed; meanwhile nothing is asked for that is not.
    for policy in POLICIES:
        if policy not in denied:
            final = world.client.wait(paths[policy])
            assert (final["State"], final["Attempt"]) == ("completed", 1)
    world.client.iterate(max(0, switched + 1.5 - time.monotonic()))
    for policy in POLICIES:
        only, = server.requests_of("slow", policy)
        assert only.ended == ("left" if policy in denied else "complete")
    assert not server.requests_of("normal")
    assert blocked(world, [paths[policy] for policy in denied] + late) == [cause for cause in causes if cause] * 2

    # That they end whole is others' to prove: here each goes on by itself with what it has.
    network.say(metered="guess-no")
    for policy in denied:
        world.client.wait_until(lambda: len(server.requests_of("slow", policy)) == 2, 5)
        first, second = server.requests_of("slow", policy)
        assert 0 < second.first <= first.sent <= second.first + IN_FLIGHT
        assert world.client.get(paths[policy], "Attempt") <= 1
        world.client.verb(paths[policy], "Cancel")
    assert [world.client.wait(path)["State"] for path in late] == ["completed"] * len(late)


def test_uploads(world, network, sink):
    """The same for what is sent: stopped in the middle, not asked for again while denied, and whole in the end."""
    size = 32 << 20  # more than the sockets of a connection take
    source = world.path("source")
    with open(source, "wb") as stream:
        stream.write(Content(size, 7).read(0, size))
    operation = world.client.upload(sink.url(rate=8 << 20), source, start=True, cost_policy="unrestricted-only")
    world.client.wait_until(lambda: sink.uploads and sink.uploads[0].got > 1 << 20)
    assert world.client.get(operation, "BytesSent") < size, "the sockets take it all: make it larger"
    network.say(metered="yes")
    world.client.wait(operation, PAUSED, timeout=1)
    assert world.client.get(operation, "BlockedBy") == [METERED]
    late = world.client.upload(sink.url("late"), source, start=True, cost_policy="unrestricted-only")
    world.client.wait(late, PAUSED, timeout=2)
    world.client.iterate(1)
    assert len(sink.uploads) == 1 and not sink.uploads[0].whole and sink.uploads[0].got < size
    network.say(metered="no")
    for path in (operation, late):
        final = world.client.wait(path)
        assert (final["State"], final["Attempt"]) == ("completed", 1), final
    assert [upload.whole for upload in sink.uploads].count(True) == 2
