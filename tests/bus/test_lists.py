# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Many at once: CreateMany, List, ForEach, Watch, tokens, quota, retention."""

import time

import pytest
from ferrykit.client import DOWNLOADER, OPERATION, PROPERTIES, ROOT, GLib, Refused, options


def create_many(world, server, count, case="hold", **given):
    """So many operations, their paths in order."""
    return world.client.create_many(
        [(server.url(case, f"{n}"), world.path(f"{n}"), options(**given)) for n in range(count)])


def test_create_many_keeps_order(world, server):
    paths = create_many(world, server, 50)
    listed = world.client.list(properties=["Uri", "Created"])
    assert list(listed) == paths, "oldest first"
    assert [each["Uri"].rsplit("/", 1)[1] for each in listed.values()] == [str(n) for n in range(50)]
    assert len(set(paths)) == 50
    for path in paths:
        identity = path.rsplit("/", 1)[1]
        assert len(identity) == 32 and set(identity) <= set("0123456789abcdef")
        assert world.client.get(path, "Id") == identity


def test_create_many_is_all_or_none(world, server):
    good = (server.url("normal", "a"), world.path("a"), {})
    bad = (server.url("normal", "b"), "relative", {})
    with pytest.raises(Refused) as refused:
        world.client.create_many([good, bad])
    assert refused.value.short == "InvalidArgument"
    assert world.client.list() == {}
    with pytest.raises(Refused) as refused:
        world.client.create_many([good, good])
    assert refused.value.short == "DestinationExists"
    assert world.client.list() == {}


def test_create_many_of_none(world):
    assert world.client.create_many([]) == []


def test_create_many_starts(world, server):
    paths = create_many(world, server, 5, case="normal", start=True)
    for path in paths:
        assert world.client.wait(path)["State"] == "completed"


def test_list_filters(world, server):
    one = world.client.create(server.url("hold", "1"), world.path("1"), group="g", title="first")
    two = world.client.create(server.url("normal", "2"), world.path("2"), start=True)
    three = world.client.create(server.url("hold", "3"), world.path("3"), application_id="org.example.App")
    world.client.wait(two)
    assert list(world.client.list()) == [one, two]
    assert list(world.client.list(all=True)) == [one, two, three]
    assert list(world.client.list(group="g")) == [one]
    assert list(world.client.list(group="")) == [two]
    assert list(world.client.list(states=["completed", "error"])) == [two]
    assert list(world.client.list(application_id="org.example.App")) == [three]
    assert list(world.client.list(all=True, limit=2)) == [one, two]
    after = world.client.get(two, "Id")
    assert list(world.client.list(all=True, after=after)) == [three]
    listed = world.client.list(properties=["Title", "State"])
    assert listed[one] == {"Title": "first", "State": "idle"}
    assert world.client.list(states=["idle"], group="g") == {one: {}}


def test_list_pages(world, server):
    paths = create_many(world, server, 25)
    seen, after = [], None
    while True:
        given = {"limit": 10, "properties": ["Id"], **({"after": after} if after else {})}
        page = world.client.list(**given)
        seen += list(page)
        if len(page) < 10:
            break
        after = list(page.values())[-1]["Id"]
    assert seen == paths


@pytest.mark.parametrize("given", [
    {"nonsense": ("s", "x")}, {"states": ("as", ["asleep"])}, {"properties": ("as", ["Nonsense"])},
    {"limit": ("s", "ten")}, {"group": ("u", 1)}, {"all": ("s", "yes")},
])
def test_list_refuses(world, given):
    (key, (signature, value)), = given.items()
    with pytest.raises(Refused) as refused:
        world.client.call(f"{ROOT}/Downloader", DOWNLOADER, "List", "(a{sv})", {key: GLib.Variant(signature, value)})
    assert refused.value.short == "InvalidArgument"
    assert key in refused.value.message


def test_for_each(world, server):
    paths = create_many(world, server, 6)
    ended = world.client.create(server.url("normal", "n"), world.path("n"), start=True)
    world.client.wait(ended)
    assert world.client.manager("ForEach", "(sa{sv})", "start", {}) == (6,)
    for path in paths:
        assert world.client.get(path, "State") in ("queued", "running")
    assert world.client.manager("ForEach", "(sa{sv})", "pause", {}) == (6,)
    assert world.client.manager("ForEach", "(sa{sv})", "pause", {}) == (0,)
    assert world.client.manager("ForEach", "(sa{sv})", "remove", {}) == (1,)
    assert world.client.manager("ForEach", "(sa{sv})", "cancel", options(states=["paused-by-application"])) == (6,)
    assert world.client.manager("ForEach", "(sa{sv})", "remove", {}) == (6,)
    assert world.client.list() == {}
    with pytest.raises(Refused) as refused:
        world.client.manager("ForEach", "(sa{sv})", "explode", {})
    assert refused.value.short == "InvalidArgument"


def operations_changed(client):
    """What a watcher has been told, in order."""
    client.iterate()
    return [each.arguments for each in client.signals if each.member == "OperationsChanged"]


def test_watch(world, server):
    first = world.client.create(server.url("hold", "1"), world.path("1"), title="one")
    watcher = world.new_client()
    reply, = watcher.manager("Watch", "(a{sv})", options(properties=["State", "Title"]))
    assert reply == {first: {"State": "idle", "Title": "one"}}
    second = world.client.create(server.url("normal", "2"), world.path("2"), title="two", start=True)
    world.client.wait(second)
    world.client.verb(second, "Remove")
    watcher.wait_until(lambda: any(second in removed for _, removed in operations_changed(watcher)))
    told = operations_changed(watcher)
    news = [changed[second] for changed, _ in told if second in changed]
    assert set(news[0]) == {"State", "Title"}, "a new one with all that was asked for"
    assert news[-1]["State"] == "completed" and all(set(each) <= {"State", "Title"} for each in news)
    assert not any(first in changed for changed, _ in told)
    watcher.manager("Unwatch")
    count = len(operations_changed(watcher))
    world.client.verb(first, "Cancel")
    watcher.iterate(0.5)
    assert len(operations_changed(watcher)) == count


def test_watch_counts_slowly(world, server):
    watcher = world.new_client()
    watcher.manager("Watch", "(a{sv})", options(properties=["State", "BytesReceived"]))
    paths = world.client.create_many(
        [(server.url("slow", f"{n}", rate=150_000), world.path(f"{n}"), options(start=True)) for n in range(5)])
    began = time.monotonic()
    for path in paths:
        world.client.wait(path)
    lasted = time.monotonic() - began
    watcher.iterate(0.5)
    counters = [changed for changed, _ in operations_changed(watcher)
                if not any("State" in each for each in changed.values())]
    assert 2 <= len(counters) <= 4 * lasted + 4


def test_a_second_watch_replaces_the_first(world, server):
    watcher = world.new_client()
    watcher.manager("Watch", "(a{sv})", options(group="a", properties=["Id"]))
    watcher.manager("Watch", "(a{sv})", options(group="b", properties=["Id"]))
    world.client.create(server.url("hold", "1"), world.path("1"), group="a")
    other = world.client.create(server.url("hold", "2"), world.path("2"), group="b")
    watcher.wait_until(lambda: operations_changed(watcher))
    watcher.iterate(0.3)
    assert {path for changed, _ in operations_changed(watcher) for path in changed} == {other}


def test_a_watch_keeps_to_after_and_limit(world, server):
    older, last = create_many(world, server, 2)
    watcher = world.new_client()
    reply, = watcher.manager(
        "Watch", "(a{sv})", options(properties=["State"], after=world.client.get(last, "Id"), limit=1))
    assert reply == {}
    world.client.verb(older, "Cancel")
    first = world.client.create(server.url("hold", "3"), world.path("3"))
    second = world.client.create(server.url("hold", "4"), world.path("4"))
    watcher.wait_until(lambda: operations_changed(watcher))
    world.client.verb(first, "Cancel")
    watcher.wait_until(lambda: len(operations_changed(watcher)) > 1)
    watcher.iterate(0.3)
    told = {path for changed, _ in operations_changed(watcher) for path in changed}
    assert told == {first}, "neither an older one that changes nor more than one"


def test_who_leaves_a_limited_watch_makes_room_for_the_next_by_age(world, server):
    """Whether it is removed or no longer in the filter, and whatever else changes meanwhile."""
    before, *paths = create_many(world, server, 7, title="t")
    watcher = world.new_client()
    reply, = watcher.manager("Watch", "(a{sv})", options(
        properties=["State", "Title"], states=["idle"], after=world.client.get(before, "Id"), limit=2))
    assert list(reply) == paths[:2]
    world.client.verb(before, "Cancel")
    world.client.verb(before, "Remove")

    # Asynchronously: the service sees the changes of others together with that of the one in the list.
    answers = [world.client.call_async(path, OPERATION, "Cancel") for path in (paths[0], paths[2])]
    answers.append(world.client.call_async(paths[5], PROPERTIES, "Set", "(ssv)", OPERATION, "Priority",
                                           GLib.Variant("s", "high")))
    world.client.wait_until(lambda: all(answers))

    def listed():
        now = set(paths[:2])
        for changed, removed in operations_changed(watcher):
            now = (now | set(changed)) - set(removed)
        return [path for path in paths if path in now]

    watcher.wait_until(lambda: listed() == [paths[1], paths[3]], what=lambda: f"the next by age: {listed()}")
    told = [changed[paths[3]] for changed, _ in operations_changed(watcher) if paths[3] in changed]
    assert told == [{"State": "idle", "Title": "t"}], "once, with all that was asked for"
    assert not any(paths[5] in changed for changed, _ in operations_changed(watcher))

    for path in (paths[1], paths[3], paths[4]):
        world.client.verb(path, "Cancel")
    watcher.wait_until(lambda: listed() == [paths[5]], what=lambda: f"the only one left: {listed()}")
    new = world.client.create(server.url("hold", "new"), world.path("new"), title="t")
    paths.append(new)
    watcher.wait_until(lambda: listed() == [paths[5], new], what=lambda: f"the new one too: {listed()}")


def test_what_is_removed_from_a_limited_watch(world, server):
    paths = create_many(world, server, 4)
    assert world.client.manager("ForEach", "(sa{sv})", "cancel", {}) == (4,)
    watcher = world.new_client()
    reply, = watcher.manager("Watch", "(a{sv})", options(properties=["State"], limit=2))
    assert list(reply) == paths[:2]
    world.client.verb(paths[1], "Remove")
    watcher.wait_until(lambda: operations_changed(watcher))
    watcher.iterate(0.3)
    assert operations_changed(watcher) == [({paths[2]: {"State": "canceled"}}, [paths[1]])]


def test_a_watch_tells_new_ones_by_age(world, server):
    watcher = world.new_client()
    watcher.manager("Watch", "(a{sv})", options())
    paths = create_many(world, server, 20)
    watcher.wait_until(lambda: sum(len(changed) for changed, _ in operations_changed(watcher)) == 20)
    assert [path for changed, _ in operations_changed(watcher) for path in changed] == paths


@pytest.mark.parametrize("method, arguments", [("Watch", "(a{sv})"), ("ForEach", "(sa{sv})")])
def test_after_has_to_be_there(world, method, arguments):
    given = options(after="0123456789abcdef0123456789abcdef")
    with pytest.raises(Refused) as refused:
        world.client.manager(method, arguments, *(["start", given] if method == "ForEach" else [given]))
    assert refused.value.short == "NotFound" and "after" in str(refused.value)


def test_token(world, server):
    url = server.url("hold", "1")
    path = world.client.create(url, world.path("1"), token="t")
    assert world.client.create(url, world.path("1"), token="t") == path
    assert list(world.client.list()) == [path]
    with pytest.raises(Refused) as refused:
        world.client.create(server.url("hold", "2"), world.path("1"), token="t")
    assert refused.value.short == "InvalidArgument" and "token" in refused.value.message
    with pytest.raises(Refused) as refused:
        world.client.create(url, world.path("2"), token="t")
    assert refused.value.short == "InvalidArgument"
    elsewhere = world.client.create(url, world.path("3"), token="t", application_id="org.example.App")
    assert elsewhere != path, "tokens are per application"
    world.daemon.restart()
    assert world.client.create(url, world.path("1"), token="t") == path, "tokens survive"
    world.client.verb(path, "Cancel")
    assert world.client.create(url, world.path("1"), token="t") == path, "as long as it exists"
    world.client.verb(path, "Remove")
    assert world.client.create(url, world.path("1"), token="t") != path


@pytest.mark.world(settings={"max-operations-per-application": 5})
def test_quota(world, server):
    paths = create_many(world, server, 5)
    with pytest.raises(Refused) as refused:
        world.client.create(server.url("hold", "x"), world.path("x"))
    assert refused.value.short == "LimitExceeded" and "5" in refused.value.message
    world.client.create(server.url("hold", "y"), world.path("y"), application_id="org.example.App")
    assert list(world.client.list()) == paths, "nothing is disturbed"
    world.client.verb(paths[0], "Cancel")
    world.client.create(server.url("hold", "x"), world.path("x"))


@pytest.mark.world(settings={"max-operations-per-application": 2000})
def test_a_thousand_finished_are_kept(world, server):
    paths = create_many(world, server, 1010)
    assert world.client.manager("ForEach", "(sa{sv})", "cancel", {}) == (1010,)
    world.client.wait_until(lambda: len(world.client.list()) == 1000)
    assert list(world.client.list()) == paths[10:], "the oldest go first"


@pytest.mark.world(settings={"retention-days": 0})
def test_retention(world, server):
    path = world.client.create(server.url("normal"), world.path("a"), start=True)
    world.client.wait_until(lambda: world.client.list() == {}, what=lambda: f"{path} forgotten")
    with open(world.path("a"), "rb") as stream:
        assert len(stream.read()) == 300_000, "the file stays"
