# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The real gnome-keyring-daemon on a world's bus, with the world's own home."""

import os
import signal
import subprocess

from gi.repository import GLib

NAME = "org.freedesktop.secrets"
PATH = "/org/freedesktop/secrets"
SERVICE = "org.freedesktop.Secret.Service"
ITEM = "org.freedesktop.Secret.Item"
PASSWORD = b"of the keyring"

# libsecret's own leaks are told apart by its name in the stack, for which all of the stack is needed.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":fast_unwind_on_malloc=0"
os.environ["LSAN_OPTIONS"] = "print_suppressions=0:suppressions=" + os.path.join(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lsan-libsecret.txt")


class Keyring:
    """Runs from construction to stop(), which a world does when it ends."""

    def __init__(self, world, unlocked=True):
        self.world = world
        self.process = None
        world.cleanups.append(self.stop)
        self.start(unlocked)

    def start(self, unlocked=True):
        """Starts it; one that was never unlocked has no default collection yet."""
        with open(os.path.join(self.world.root, "keyring.log"), "ab") as log:
            self.process = subprocess.Popen(
                ["gnome-keyring-daemon", *(["--unlock"] if unlocked else []), "--components=secrets", "--foreground"],
                env=self.world.env, cwd=self.world.root, stdin=subprocess.PIPE if unlocked else subprocess.DEVNULL,
                stdout=log, stderr=log)
        if unlocked:
            self.process.stdin.write(PASSWORD)
            self.process.stdin.close()
        self.world.client.wait_until(self.is_there, 20, lambda: "gnome-keyring-daemon owns its name")

    def is_there(self):
        """Whether somebody has the name."""
        return self.world.client.bus("NameHasOwner", "(s)", NAME)[0]

    def call(self, path, interface, method, signature, *arguments):
        """A method of it."""
        return self.world.client.call(path, interface, method, signature, *arguments, destination=NAME)

    def items(self):
        """Paths of what Ferry keeps there, unlocked and locked ones."""
        unlocked, locked = self.call(PATH, SERVICE, "SearchItems", "(a{ss})", {"xdg:schema": "org.ferry.Transfer1"})
        return unlocked + locked

    def secrets(self):
        """The texts Ferry keeps there."""
        session = self.call(PATH, SERVICE, "OpenSession", "(sv)", "plain", GLib.Variant("s", ""))[1]
        found = self.call(PATH, SERVICE, "GetSecrets", "(aoo)", self.items(), session)[0]
        return [bytes(secret[2]).decode() for secret in found.values()]

    def lock(self):
        """Locks the default collection."""
        collection = self.call(PATH, SERVICE, "ReadAlias", "(s)", "default")[0]
        self.call(PATH, SERVICE, "Lock", "(ao)", [collection])

    def freeze(self):
        """It does not answer any more."""
        self.process.send_signal(signal.SIGSTOP)

    def stop(self):
        """Ends it, frozen or not."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(20)
            self.world.client.wait_until(lambda: not self.is_there(), 20, lambda: "gnome-keyring-daemon is gone")
