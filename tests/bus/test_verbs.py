# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The contract's table of verbs: every state and every verb."""

import pytest
from ferrykit.client import PROPERTIES, ROOT, Refused
from ferrykit.fixtures import finish
from ferrykit.server import Server
from ferrykit.world import World

IS = "InvalidState"
SAME = "same"  # allowed, and the state stays
QUEUED = "queued"  # that, or running where a slot is free
PAUSED = "paused-by-application"

STATES = ["idle", "queued", "running", "waiting", "by-application", "recoverable", "error", "completed", "canceled"]
TABLE = {
    "Start": [QUEUED, SAME, SAME, SAME, SAME, SAME, IS, IS, IS],
    "Pause": [IS, PAUSED, PAUSED, PAUSED, IS, IS, IS, IS, IS],
    "Resume": [IS, IS, IS, IS, QUEUED, QUEUED, QUEUED, IS, IS],
    "Cancel": ["canceled", "canceled", "canceled", "canceled", "canceled", "canceled", IS, IS, SAME],
    "Attach": [SAME] * 9,
    "Detach": [SAME] * 9,
    "Remove": [IS, IS, IS, IS, IS, IS, "gone", "gone", "gone"],
}


class Shop:
    """One world for the whole table; each operation is its own."""

    def __init__(self):
        self.server = Server()
        self.world = World(settings={"max-running": 1000, "max-running-per-host": 1000})
        self.world.daemon.start()
        self.client = self.world.client
        self.count = 0

    def create(self, case, size=300_000, **options):
        self.count += 1
        name = f"{self.count}.bin"
        url = self.server.url(case, name, at=1000, size=size)
        return self.client.create(url, self.world.path(name), **options)

    def make(self, state):
        """An operation in that state."""
        return getattr(self, "make_" + state.replace("-", "_"))()

    def make_idle(self):
        return self.create("hold")

    def make_running(self):
        path = self.create("hold", start=True)
        self.client.wait_until(lambda: self.client.get(path, "BytesReceived") == 1000)
        return path

    def make_queued(self):
        # Waits for its next attempt: a queued one like any other, whatever else runs.
        path = self.create("busy-long", start=True)
        self.client.wait_until(lambda: self.client.get(path, "BlockedBy") == ["retry"])
        assert self.client.get(path, "State") == "queued"
        return path

    def make_waiting(self):
        # No disk has room for a pebibyte.
        path = self.create("hold", start=True, size=1 << 50)
        self.client.wait(path, "paused-system-policy")
        assert self.client.get(path, "BlockedBy")[0] == "disk.full"
        return path

    def make_by_application(self):
        path = self.make_running()
        self.client.verb(path, "Pause")
        return path

    def make_recoverable(self):
        path = self.create("not-found", recoverable_errors=["not-found"], start=True)
        self.client.wait(path, "paused-recoverable-error")
        return path

    def make_error(self):
        path = self.create("not-found", start=True)
        self.client.wait(path, "error")
        return path

    def make_completed(self):
        path = self.create("normal", start=True)
        self.client.wait(path, "completed")
        return path

    def make_canceled(self):
        path = self.create("hold")
        self.client.verb(path, "Cancel")
        return path

    def close(self):
        self.server.stop()
        finish(self.world)
        assert not self.server.failures, self.server.failures


@pytest.fixture(scope="module")
def shop():
    """See Shop."""
    made = Shop()
    yield made
    made.close()


@pytest.mark.parametrize("verb", TABLE)
@pytest.mark.parametrize("state", STATES)
def test_table(shop, state, verb):
    path = shop.make(state)
    before = shop.client.get(path, "State")
    expected = TABLE[verb][STATES.index(state)]
    if expected == IS:
        with pytest.raises(Refused) as refused:
            shop.client.verb(path, verb)
        assert refused.value.name == "org.ferry.Transfer1.Error.InvalidState"
        assert before in refused.value.message, "the message names the state"
        assert shop.client.get(path, "State") == before
        return
    shop.client.verb(path, verb)
    if expected == "gone":
        with pytest.raises(Refused) as refused:
            shop.client.get(path, "State")
        assert refused.value.short in ("UnknownMethod", "UnknownObject")
        return
    after = shop.client.get(path, "State")
    if expected == SAME:
        assert after == before
    elif expected == QUEUED:
        # not-found ends again at once, which is after it was queued
        assert after in ("queued", "running", "error", "paused-recoverable-error"), after
    else:
        assert after == expected


@pytest.mark.parametrize("state", STATES)
def test_start_of_what_cannot_start_attaches(shop, state):
    """`Start` beyond idle attaches only: the snapshot comes, the state stays."""
    if TABLE["Start"][STATES.index(state)] == IS:
        with pytest.raises(Refused):
            shop.client.verb(shop.make(state), "Start")
        return
    path = shop.make(state)
    other = shop.world.new_client()
    other.verb(path, "Start")
    other.iterate()
    snapshots = [each for each in other.signals if each.path == path and each.member == "PropertiesChanged"]
    assert {each.arguments[0].rsplit(".", 1)[1] for each in snapshots[:2]} == {"Operation", "DownloadOperation"}


def test_pause_needs_a_method_that_can_be_repeated(shop):
    path = shop.create("silence", method="POST", start=True)
    shop.client.wait(path, "running")
    with pytest.raises(Refused) as refused:
        shop.client.verb(path, "Pause")
    assert refused.value.short == "InvalidState"
    shop.client.verb(path, "Cancel")


def test_resume_goes_on_and_ends(shop):
    """Paused in the middle, resumed: the rest comes, and it is whole."""
    shop.count += 1
    name = f"{shop.count}.bin"
    path = shop.client.create(shop.server.url("stall-once", name), shop.world.path(name), start=True)
    shop.client.wait_until(lambda: shop.client.get(path, "BytesReceived") == 150_000)
    shop.client.verb(path, "Pause")
    held = shop.client.get(path, "Ranges", "org.ferry.Transfer1.DownloadOperation")
    assert held == [(0, 150_000)]
    shop.client.verb(path, "Resume")
    ended = shop.client.wait(path)
    assert (ended["State"], ended["Restarts"], ended["BytesReceived"]) == ("completed", 0, 300_000)
    assert shop.server.requests_of("stall-once", name)[1].first == 150_000


def test_cancel_deletes_at_once(shop):
    path = shop.make("running")
    identity = shop.client.get(path, "Id")
    assert any(identity in part for part in shop.world.parts())
    shop.client.verb(path, "Cancel")
    shop.client.wait_until(lambda: not any(identity in part for part in shop.world.parts()), 2)
    ended = shop.client.get_all(path)
    assert ended["Finished"] > 0 and ended["ErrorStatus"] == ""


def test_remove_after_an_error_deletes_partial_data(shop):
    shop.count += 1
    name = f"{shop.count}.bin"
    url = shop.server.url("short-always", name)
    path = shop.client.create(url, shop.world.path(name), start=True)
    ended = shop.client.wait(path)
    assert ended["State"] == "error"
    assert any(ended["Id"] in part for part in shop.world.parts()), "a failed one keeps what it holds"
    shop.client.verb(path, "Remove")
    shop.client.wait_until(lambda: not any(ended["Id"] in part for part in shop.world.parts()), 2)


@pytest.mark.parametrize("method", ["Start", "Attach", "Nonsense"])
def test_nobody_there(shop, method):
    with pytest.raises(Refused) as refused:
        shop.client.verb(f"{ROOT}/Operation/{'0' * 32}", method)
    assert refused.value.short in ("UnknownMethod", "UnknownObject")


def test_properties_of_nobody(shop):
    with pytest.raises(Refused) as refused:
        shop.client.call(f"{ROOT}/Operation/{'0' * 32}", PROPERTIES, "GetAll", "(s)", "org.ferry.Transfer1.Operation")
    assert refused.value.short in ("UnknownMethod", "UnknownObject")
