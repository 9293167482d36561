# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What people read is in their language: every sentence of the service and of `ferry status` can be translated.

For `run-pytest --in-namespace`: the language is one that puts each sentence in brackets, and it is mounted where
languages are looked for.
"""

import os
import subprocess

import pytest
from ferrykit.cable import run
from ferrykit.client import GLib
from ferrykit.conditions import begin, connect_by_loopback
from ferrykit.mocks import Mock, Notifications
from ferrykit.shell import Shell
from ferrykit.world import program

LANGUAGE = "xx"
# As Meson's `preset: 'glib'` has them, as far as they are used.
KEYWORDS = ["--keyword=_", "--keyword=N_", "--keyword=g_dngettext:2,3"]

pytestmark = pytest.mark.world(system_bus=True, start=False)


@pytest.fixture(scope="module")
def language(tmp_path_factory):
    """A language of its own, until the namespace ends."""
    assert os.environ.get("FERRY_IN_NAMESPACE"), "this test mounts: run-pytest --in-namespace"
    folder, root = str(tmp_path_factory.mktemp("language")), program("FERRY_SOURCE_ROOT")
    with open(os.path.join(root, "po/POTFILES.in"), encoding="utf-8") as stream:
        files = [line.strip() for line in stream if line.strip() and not line.startswith("#")]
    template = subprocess.run(["xgettext", "--from-code=UTF-8", "--language=C", *KEYWORDS, "--output=-", *files], cwd=root,
                              capture_output=True, text=True, check=True).stdout
    template = template.replace("charset=CHARSET", "charset=UTF-8")
    template = template.replace("nplurals=INTEGER; plural=EXPRESSION", "nplurals=2; plural=(n != 1)")
    path = os.path.join(folder, "all.po")
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(template)
    run("msgen", path, "-o", path)
    run("msgfilter", "--keep-header", "-i", path, "-o", path, "sed", "s/..*/[&]/")
    run("ip", "link", "set", "lo", "up")
    languages = os.path.join(program("FERRY_PREFIX"), "share", "locale")
    share = os.path.dirname(languages)
    # Somewhere that is there: nothing is left on the machine itself.
    over = next(place for place in (languages, share, os.path.dirname(share)) if os.path.isdir(place))
    run("mount", "-t", "tmpfs", "none", over)
    messages = os.path.join(languages, LANGUAGE, "LC_MESSAGES")
    os.makedirs(messages)
    run("msgfmt", "--check-format", path, "-o", os.path.join(messages, "ferry.mo"))
    return LANGUAGE


@pytest.fixture
def network(world, language):
    """A connection, and the service in that language."""
    world.env["LANGUAGE"] = language
    return connect_by_loopback(world)


def test_reasons(world, network, server):
    path = begin(world, server, "a")
    careful = begin(world, server, "careful", policy="unrestricted-only")
    upower = Mock(world, "org.freedesktop.UPower", "/org/freedesktop/UPower", "org.freedesktop.UPower", "upower")
    upower.set("/org/freedesktop/UPower/devices/DisplayDevice", "org.freedesktop.UPower.Device",
               WarningLevel=GLib.Variant("u", 3))
    for change, who, sentence in (
            (lambda: network.say(metered="yes"), careful, "[Waiting for an unmetered network]"),
            (lambda: network.say(connectivity="portal"), path, "[Waiting for somebody to sign in to the network]"),
            (lambda: network.say(connectivity="none"), path, "[Waiting for a network]"),
            (lambda: upower.set(OnBattery=GLib.Variant("b", True)), path, "[Waiting to save battery]"),
            (lambda: world.client.manager("PauseAll"), path, "[Waiting until all transfers are resumed]"),
            (lambda: world.client.verb(path, "Pause"), path, "[Paused until somebody resumes it]")):
        change()
        world.client.wait_until(lambda: world.client.get(who, "StateReason") == sentence, 5,
                                lambda: f"{sentence} but {world.client.get(who, 'StateReason')}")


def test_status(world, network, server):
    shell = Shell(world)
    network.say(metered="yes")
    path = world.client.create(server.url("normal"), world.path("a"), start=True, cost_policy="unrestricted-only")
    world.client.wait(path, "paused-costed-network", timeout=2)
    shell("plan", "set", "The lo", "5G")
    shell("pause", "--all")
    lines = [line for line in shell("status").stdout.splitlines() if line]
    assert len(lines) >= 8 and all("[" in line and "]" in line for line in lines), lines


@pytest.mark.world(system_bus=True, start=False, settings={"retry-delay": 5000})
def test_question(world, network, server):
    mock = Notifications(world)
    path = world.client.create(server.url("normal"), world.path("a"))
    world.client.call_async("/org/ferry/Transfer1", "org.ferry.Transfer1.Manager", "RequestUnconstrained", "(ao)", [path],
                            timeout=400)
    shown = mock.wait_shown()
    # Its title, body, and the buttons' labels, not what they are called by programs.
    for text in (shown[3], shown[4], shown[5][1], shown[5][3]):
        assert text.startswith("[") and text.endswith("]"), shown
    assert shown[5][::2] == ["allow", "deny"]
    mock.emit("ActionInvoked", "us", 1, "deny")
    world.client.wait_until(lambda: mock.calls("CloseNotification"), 5)
