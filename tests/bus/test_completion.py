# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Completion groups: who joins, what is told, what can be done with them in which state."""

import os

import pytest
from ferrykit.client import PROPERTIES, ROOT, GLib, Refused
from ferrykit.completion import GROUP, create_group, enable, fill, get_all, state, wait_state


@pytest.fixture(autouse=True)
def quiet(world):
    """CreateMany with `start` attaches; these tests look at what else is told."""
    world.client.watches = True


def test_properties_and_members(world, server):
    group = create_group(world)
    assert group.startswith(f"{ROOT}/CompletionGroup/")
    assert get_all(world, group) == {"IsEnabled": False, "State": "collecting", "Operations": [], "Total": 0,
                                     "Ended": 0, "Failed": 0, "BytesDone": 0, "BytesTotal": 0}
    good = fill(world, server, group, 2, size=1000)
    bad = fill(world, server, group, 1, case="not-found")
    alone = world.client.create(server.url("normal"), world.path("alone"))
    for path in (*good, *bad):
        world.client.wait(path)
        assert world.client.get(path, "CompletionGroup") == group
    assert world.client.get(alone, "CompletionGroup") == "/"
    found = get_all(world, group)
    assert found["Operations"] == [*good, *bad]
    assert (found["Total"], found["Ended"], found["Failed"]) == (3, 3, 1)
    assert (found["BytesDone"], found["BytesTotal"]) == (2000, 2000)
    assert list(world.client.list(completion_group=group)) == [*good, *bad]
    assert list(world.client.list(completion_group=group, states=["error"])) == bad
    world.daemon.restart()
    assert get_all(world, group) == found
    assert state(world, group) == "collecting", "never enabled, never triggered"


def test_the_option_as_a_string(world, server):
    group = create_group(world)
    path = world.client.create(server.url("normal"), world.path("a"), completion_group=GLib.Variant("s", group))
    assert world.client.get(path, "CompletionGroup") == group


@pytest.mark.parametrize("wrong", ["/", "/org/ferry/Transfer1/CompletionGroup/" + "0" * 32, "/org/example"])
def test_groups_that_are_not_there(world, server, wrong):
    if wrong != "/":
        with pytest.raises(Refused) as refused:
            world.client.create(server.url("normal"), world.path("a"), completion_group=wrong)
        assert refused.value.short == "NotFound"
    with pytest.raises(Refused) as refused:
        world.client.list(completion_group=wrong)
    assert refused.value.short == "NotFound"
    assert world.client.list(all=True) == {}


def test_unknown_object(world):
    nowhere = "/org/ferry/Transfer1/CompletionGroup/" + "0" * 32
    for arguments in ((PROPERTIES, "GetAll", "(s)", GROUP), (GROUP, "Enable"),
                      ("org.freedesktop.DBus.Introspectable", "Introspect")):
        with pytest.raises(Refused) as refused:
            world.client.call(nowhere, *arguments)
        assert refused.value.name == "org.freedesktop.DBus.Error.UnknownObject"


def test_introspection(world):
    group = create_group(world)
    branch, = world.client.call(os.path.dirname(group), "org.freedesktop.DBus.Introspectable", "Introspect")
    assert f'<node name="{os.path.basename(group)}"/>' in branch
    xml, = world.client.call(group, "org.freedesktop.DBus.Introspectable", "Introspect")
    assert 'name="org.ferry.Transfer1.CompletionGroup"' in xml


def test_enable_once_and_not_when_empty(world, server):
    group = create_group(world)
    with pytest.raises(Refused) as refused:
        enable(world, group)
    assert refused.value.short == "InvalidState" and state(world, group) == "collecting"
    path, = fill(world, server, group, 1, case="hold")
    enable(world, group)
    assert get_all(world, group)["IsEnabled"] is True and state(world, group) == "enabled"
    with pytest.raises(Refused) as refused:
        enable(world, group)
    assert refused.value.short == "InvalidState"
    with pytest.raises(Refused) as refused:
        fill(world, server, group, 1, case="slow")
    assert refused.value.short == "InvalidState" and "completion-group" in refused.value.message
    with pytest.raises(Refused) as refused:
        world.client.call(group, GROUP, "Remove")
    assert refused.value.short == "InvalidState"
    world.daemon.restart()
    assert state(world, group) == "enabled"
    world.client.verb(path, "Cancel")
    wait_state(world, group, "delivered")


def test_remove(world, server):
    group = create_group(world)
    path, = fill(world, server, group, 1, case="hold")
    world.client.call(group, GROUP, "Remove")
    assert world.client.get(path, "CompletionGroup") == "/"
    with pytest.raises(Refused):
        get_all(world, group)
    world.daemon.restart()
    assert world.client.get(path, "CompletionGroup") == "/"
    with pytest.raises(Refused):
        get_all(world, group)


def test_what_is_missing_is_named(world):
    with pytest.raises(Refused) as refused:
        create_group(world, handler_name="org.example.Nobody")
    assert refused.value.short == "InvalidArgument"
    assert "handler-name" in refused.value.message and "Name=org.example.Nobody" in refused.value.message
    with pytest.raises(Refused) as refused:
        create_group(world, handler_action="done")
    assert refused.value.short == "InvalidArgument" and "handler-name" in refused.value.message


def test_who_is_told(world, server):
    """The creator and those attached to a member; nobody else."""
    creator, attached, stranger = world.new_client(), world.new_client(), world.new_client()
    creator.watches = True
    group = create_group(world, creator)
    path = world.client.create(server.url("slow", "a", rate=400_000, size=600_000), world.path("a"),
                               completion_group=group)
    attached.verb(path, "Attach")
    world.client.verb(path, "Start")
    enable(world, group)
    wait_state(world, group, "delivered")
    for client in (creator, attached, stranger):
        client.iterate(0.3)
    for client in (creator, attached):
        told = [each.arguments[1] for each in client.signals if each.path == group]
        states = [each["State"] for each in told if "State" in each]
        assert states == ["enabled", "triggered", "delivered"] or states == ["enabled", "delivered"], states
        assert told[-1].get("State") == "delivered"
        done = [each["BytesDone"] for each in told if "BytesDone" in each]
        assert done == sorted(done) and done[-1] == 600_000 and len(done) >= 2
        seen = {key: value for each in told for key, value in each.items()}
        assert seen["Ended"] == 1
    assert not [each for each in stranger.signals if each.path == group]
    assert [each for each in attached.signals if each.member == "Ended"], "hears of the member's end as usual"
