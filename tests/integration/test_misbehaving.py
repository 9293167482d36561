# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every case of ferrykit.cases: what must become of a download from such a server.

All cases run at once in one service, as they would in life; each test looks at the end of one.
"""

import os

import pytest
from ferrykit.cases import CASES
from ferrykit.client import Refused, options, GLib
from ferrykit.content import Content
from ferrykit.fixtures import finish
from ferrykit.server import DEFAULT_SIZE, Server
from ferrykit.world import SCALE, World

WITH_EXPECT = [name for name, case in CASES.items() if case.expect is not None]
SETTINGS = {
    "max-running": 1000, "max-running-per-host": 1000, "retry-delay": 20, "connect-timeout": 5 * SCALE,
    "response-timeout": 1 * SCALE, "stall-timeout": 1 * SCALE,
}
SCALED_BY_STALLS = 40  # seconds for four timeouts one after the other


class Run:
    """One finished download and all that is known of it."""

    def __init__(self, properties, requests, data, result, size):
        self.properties = properties
        self.requests = requests
        self.data = data  # of the file, or None
        self.result = result  # what OpenResult gives, or None
        self.size = size


def read_result(client, path):
    """All that OpenResult gives, or None."""
    try:
        descriptor = client.open_result(path)
    except Refused as error:
        assert error.short == "NotFound", error
        return None
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read()


def selected(request):
    """The cases that this run of pytest is about."""
    names = [item.callspec.params["name"] for item in request.session.items if hasattr(item, "callspec")]
    return [name for name in WITH_EXPECT if name in names]


@pytest.fixture(scope="module")
def runs(request):
    """Every selected case, run to its end."""
    server = Server()
    world = World(settings=SETTINGS)
    world.expect_log("property 'content-length' of type 'gint64'")  # libsoup's own, of a negative length
    world.daemon.start()
    paths = {}
    for name in selected(request):
        case = CASES[name]
        given = {key: GLib.Variant(*value) for key, value in case.options.items()}
        folder = world.path(name)
        os.mkdir(folder)
        destination = folder + "/" if case.expect.name else os.path.join(folder, "file")
        paths[name] = world.client.create_many(
            [(server.url(name, **case.query), destination, {**options(start=True), **given})])[0]
    ended = {}
    for name, path in paths.items():
        case = CASES[name]
        try:
            properties = world.client.wait(path, timeout=SCALED_BY_STALLS)
        except AssertionError:
            properties = world.client.get_all(path)
        folder = world.path(name)
        names = [each for each in os.listdir(folder) if not each.startswith(".ferry-")]
        data = None
        if names:
            with open(os.path.join(folder, names[0]), "rb") as stream:
                data = stream.read()
        size = case.expect.size if case.expect.size is not None else DEFAULT_SIZE
        ended[name] = Run(properties, server.requests_of(name), data, read_result(world.client, path), size)
        assert len(names) <= 1
    yield ended
    finish(world)
    server.stop()
    assert not server.failures, server.failures


@pytest.mark.parametrize("name", WITH_EXPECT)
def test_case(runs, name):
    expect, run = CASES[name].expect, runs[name]
    properties = run.properties
    told = f"{properties['State']} {properties['ErrorStatus']}: {properties['ErrorMessage']} " + ", ".join(
        f"{each.method} {each.header('Range')} -> {each.status}" for each in run.requests[:12])
    assert properties["State"] == expect.state, told
    if expect.state == "error":
        assert properties["ErrorStatus"] in expect.error, told
        assert properties["ErrorMessage"], "an error says what happened"
        assert run.data is None, "never under its name"
    else:
        assert (run.data is not None) == expect.file, told
        if expect.file and expect.seed:
            assert run.data == Content(run.size, expect.seed).read(0, run.size), told
        assert properties["ErrorStatus"] == "", told
    assert expect.restarts[0] <= properties["Restarts"] <= expect.restarts[1], (properties["Restarts"], told)
    assert expect.requests[0] <= len(run.requests) <= expect.requests[1], (len(run.requests), told)
    if expect.name:
        assert properties["SuggestedName"] == expect.name
    if expect.check:
        expect.check(run)
