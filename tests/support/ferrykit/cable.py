# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A network of the test's own: the real NetworkManager, cables, and servers at their other end.

For `run-pytest --in-namespace`: this process, the service and NetworkManager are in one network namespace that is
nobody else's, the servers in another. What is mounted and made here goes with the processes.
"""

import ctypes
import fcntl
import os
import signal
import struct
import subprocess
import threading
import time

from ferrykit.client import Client, Refused

NAME = "org.freedesktop.NetworkManager"
SERVER_ADDRESS = "10.88.0.1"  # of the far side, by whichever cable the default route goes
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
CLONE_NEWNET = 0x40000000

CONFIG = """[main]
plugins=keyfile
dhcp=internal
dns=none
rc-manager=unmanaged
auth-polkit=false
hostname-mode=none
no-auto-default=*

[keyfile]
path={folder}/connections
unmanaged-devices={unmanaged}

[connectivity]
uri={uri}
interval=300
"""

PROFILE = """[connection]
id={name}
uuid={uuid}
type=ethernet
interface-name={name}
autoconnect={autoconnect}
metered={metered}

[ipv4]
method=manual
address1=10.77.{number}.1/24,10.77.{number}.2
route-metric={metric}

[ipv6]
method=disabled
"""


def run(*command):
    """A command that has to succeed; what it says."""
    # NetworkManager's client prints what GLib wants to debug on standard output.
    env = {name: value for name, value in os.environ.items() if name != "G_MESSAGES_DEBUG"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=env, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
    return done.stdout


def prepare_namespace():
    """Once a process: what NetworkManager wants of a machine, without the machine."""
    assert os.environ.get("FERRY_IN_NAMESPACE"), "this test changes the network: run-pytest --in-namespace"
    if os.path.ismount("/run/NetworkManager"):
        return
    # Writable, it would make NetworkManager wait for udev.
    run("mount", "-t", "sysfs", "-o", "ro", "none", "/sys")
    run("mount", "-t", "tmpfs", "none", "/run")
    os.mkdir("/run/NetworkManager")
    run("mount", "-t", "tmpfs", "none", "/run/NetworkManager")
    run("mount", "-t", "tmpfs", "none", "/var/lib/NetworkManager")
    run("ip", "link", "set", "lo", "up")


class FarSide:
    """The other end of all cables, from construction to stop()."""

    def __init__(self):
        self._process = subprocess.Popen(["unshare", "--net", "sleep", "infinity"], stdin=subprocess.DEVNULL)
        self._cables = []
        self._net = f"/proc/{self._process.pid}/ns/net"
        own = os.readlink("/proc/self/ns/net")
        deadline = time.monotonic() + 20
        while os.readlink(self._net) == own:
            assert self._process.poll() is None and time.monotonic() < deadline, "no other namespace"
            time.sleep(0.01)
        self.command("ip", "link", "set", "lo", "up")
        self.command("ip", "addr", "add", f"{SERVER_ADDRESS}/32", "dev", "lo")

    def command(self, *command):
        """A command over there."""
        return run("nsenter", "-t", str(self._process.pid), "--net", *command)

    def make(self, function):
        """What a function makes over there: its sockets, and those of the threads that it starts."""
        result = []
        thread = threading.Thread(target=lambda: result.append(self._make(function)))
        thread.start()
        thread.join()
        return result[0]

    def _make(self, function):
        with open(self._net, "rb") as net:
            # Of this thread alone.
            assert ctypes.CDLL(None, use_errno=True).setns(net.fileno(), CLONE_NEWNET) == 0, ctypes.get_errno()
        return function()

    def add_cable(self, name, number):
        """A cable that is an interface of that name on this side."""
        run("ip", "link", "add", name, "type", "veth", "peer", "name", f"far-{name}")
        run("ip", "link", "set", f"far-{name}", "netns", str(self._process.pid))
        self.command("ip", "addr", "add", f"10.77.{number}.2/24", "dev", f"far-{name}")
        self.set_carrier(name, True)
        self._cables.append(name)

    def set_carrier(self, name, there):
        """Pulls a cable, or plugs it in again."""
        self.command("ip", "link", "set", f"far-{name}", "up" if there else "down")
        return time.monotonic()

    def stop(self):
        """Pulls the cables for ever; the namespace goes with the last server's sockets."""
        for name in self._cables:
            run("ip", "link", "delete", name)
        self._process.kill()
        self._process.wait(10)


class NetworkManager:
    """The real one, on the world's system bus."""

    def __init__(self, world, uri="", unmanaged="interface-name:lo"):
        self._world = world
        self._folder = os.path.join(world.root, "networkmanager")
        self._process = None
        self._client = Client(world.system_bus.address, world.client.scale)
        self._tunnels = []
        os.makedirs(f"{self._folder}/connections", mode=0o700)
        os.chmod(f"{self._folder}/connections", 0o700)
        with open(f"{self._folder}/nm.conf", "w", encoding="utf-8") as stream:
            stream.write(CONFIG.format(folder=self._folder, uri=uri, unmanaged=unmanaged))
        world.cleanups.append(self.close)

    def add_profile(self, name, number, metric=100, autoconnect="true", metered=0):
        """For a cable, before start(); `metered` is a number of NetworkManager's."""
        path = f"{self._folder}/connections/{name}.nmconnection"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as stream:
            stream.write(PROFILE.format(name=name, number=number, metric=metric, autoconnect=autoconnect, metered=metered,
                                        uuid=f"{number:08x}-0000-4000-8000-{0:012}"))

    def start(self, state=60):
        """Waits until it has come so far, by itself: until it is connected."""
        with open(f"{self._folder}/log", "ab") as log:
            self._process = subprocess.Popen(
                ["NetworkManager", f"--config={self._folder}/nm.conf", "--no-daemon"], env=self._world.env,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._client.wait_until(lambda: self._state() >= state, 30, self._describe)

    def _describe(self):
        with open(f"{self._folder}/log", encoding="utf-8", errors="replace") as stream:
            return f"connected: {stream.read()[-2000:]}"

    def _state(self):
        assert self._process.poll() is None, self._describe()
        try:
            return self._client.call("/org/freedesktop/NetworkManager", "org.freedesktop.DBus.Properties", "Get", "(ss)",
                                     NAME, "State", destination=NAME)[0]
        except Refused:
            return 0

    def nmcli(self, *arguments):
        """Its own client; what that says."""
        address = f"DBUS_SYSTEM_BUS_ADDRESS={self._world.system_bus.address}"
        return run("env", "LC_ALL=C.UTF-8", address, "nmcli", *arguments)

    def set_metered(self, name, value):
        """What a person says of a connection, at once."""
        self.nmcli("connection", "modify", name, "connection.metered", value)
        self.nmcli("device", "reapply", name)
        return time.monotonic()

    def check_connectivity(self):
        """Looks again how far the network reaches; its word for that."""
        return self.nmcli("networking", "connectivity", "check").strip()

    def add_tunnel(self, name, metric):
        """A tunnel that is the primary connection, with somebody at its end who never reads."""
        tunnel = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
        self._tunnels.append(tunnel)
        self.nmcli("connection", "add", "type", "tun", "mode", "tun", "ifname", name, "con-name", name, "autoconnect", "no",
                   "ip4", "10.99.0.1/30", "gw4", "10.99.0.2", "ipv4.route-metric", str(metric), "ipv6.method", "disabled")
        fcntl.ioctl(tunnel, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
        self.nmcli("connection", "up", name)

    def freeze(self):
        """It hangs."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self):
        """It goes on."""
        self._process.send_signal(signal.SIGCONT)

    def stop(self):
        """Ends as with a machine that goes on: what is connected stays so."""
        self.thaw()
        self._process.terminate()
        self._process.wait(20)
        self._process = None

    def close(self):
        """Ends what there is."""
        if self._process is not None:
            self.stop()
        for tunnel in self._tunnels:
            os.close(tunnel)
        self._client.close()
