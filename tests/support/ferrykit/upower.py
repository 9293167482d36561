#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The real upowerd, on hardware that umockdev makes up.

Run as a program, below umockdev-wrapper, it is that hardware: mains and a battery. Each line on standard input is a JSON
object of attributes by device, {"AC": {"online": "0"}}; when upowerd has been sent the change, it answers with an empty
line.
"""

import json
import os
import shutil
import subprocess
import sys

UPOWERD = "/usr/libexec/upowerd"
ENERGY = 60_000_000  # of a full battery, in µWh
FULL = {"status": "Full", "energy_now": str(ENERGY), "capacity": "100"}


class Upower:
    """upowerd on the world's system bus, from construction to stop(): on mains, the battery full."""

    def __init__(self, world):
        self.env = {**world.env, "UPOWER_HISTORY_DIR": os.path.join(world.root, "upower")}
        os.mkdir(self.env["UPOWER_HISTORY_DIR"])
        self.client = world.new_client()
        self.world = world
        self.process = None
        world.cleanups.append(self.stop)
        assert shutil.which("umockdev-wrapper"), "umockdev is not installed"
        with open(os.path.join(world.root, "upowerd.log"), "ab") as log:
            self.process = subprocess.Popen(
                ["umockdev-wrapper", "/usr/bin/python3", os.path.abspath(__file__)], env=self.env,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self.process.stdout.readline() == "\n", "upowerd did not start"

    def say(self, **devices):
        """New attributes of AC and BAT0."""
        self.process.stdin.write(json.dumps(devices) + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "\n"

    def plug(self, online, percent, status):
        """Mains, and what the battery does."""
        self.say(AC={"online": str(int(online))},
                 BAT0={"status": status, "energy_now": str(ENERGY * percent // 100), "capacity": str(percent)})

    def stop(self):
        """The hardware goes, and upowerd with it."""
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait(20)
            self.process.stdout.close()
            self.process = None


def main():
    import gi

    gi.require_version("UMockdev", "1.0")
    from gi.repository import UMockdev

    bed = UMockdev.Testbed.new()
    paths = {
        "AC": bed.add_device("power_supply", "AC", None, ["type", "Mains", "online", "1"], []),
        "BAT0": bed.add_device("power_supply", "BAT0", None, [
            "type", "Battery", "present", "1", "technology", "Li-ion", "energy_full", str(ENERGY),
            "energy_full_design", str(ENERGY), "voltage_now", "12000000", "power_now", "10000000",
            *[word for pair in FULL.items() for word in pair]], []),
    }
    daemon = subprocess.Popen([UPOWERD, "--verbose"], stdin=subprocess.DEVNULL, stdout=sys.stderr)
    print(flush=True)
    for line in sys.stdin:
        for device, attributes in json.loads(line).items():
            for name, value in attributes.items():
                bed.set_attribute(paths[device], name, value)
            bed.uevent(paths[device], "change")
        print(flush=True)
    daemon.terminate()
    daemon.wait(10)


if __name__ == "__main__":
    main()
