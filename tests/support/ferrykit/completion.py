# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Completion groups, as a test speaks to them."""

import os

from ferrykit.client import PROPERTIES, GLib, options

GROUP = "org.ferry.Transfer1.CompletionGroup"
OPTION_TYPES = {"handler_name": "s", "handler_path": "o", "handler_action": "s", "application_id": "s"}


def create_group(world, client=None, **given):
    """Manager.CreateCompletionGroup; the group's path."""
    given = {key: value if isinstance(value, GLib.Variant) else GLib.Variant(OPTION_TYPES[key], value)
             for key, value in given.items()}
    return (client or world.client).manager("CreateCompletionGroup", "(a{sv})", options(**given))[0]


def get_all(world, group):
    """Its properties."""
    return world.client.call(group, PROPERTIES, "GetAll", "(s)", GROUP)[0]


def state(world, group):
    """Its State."""
    return world.client.get(group, "State", GROUP)


def enable(world, group):
    """The set is complete."""
    world.client.call(group, GROUP, "Enable")


def wait_state(world, group, wanted, timeout=20):
    """Waits until its State is this."""
    world.client.wait_until(lambda: state(world, group) == wanted, timeout,
                            lambda: f"{wanted}: {get_all(world, group)}")


def fill(world, server, group, number, case="normal", start=True, **query):
    """So many members, which do not attach anybody."""
    return world.client.create_many([
        (server.url(case, f"{os.path.basename(group)[:4]}-{case}-{each}", **query),
         world.path(f"{os.path.basename(group)}-{case}-{each}"),
         options(completion_group=group, start=start)) for each in range(number)])
