# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Services of the buses, played by python-dbusmock: they say what a test tells them to."""

import itertools
import signal
import subprocess
import time

from ferrykit.client import PROPERTIES, Client, GLib, Refused

MOCK = "org.freedesktop.DBus.Mock"


class Mock:
    """One process that plays one service, by one of dbusmock's templates or as a bare object.

    On the system bus, unless `session`. It has its name only when it is complete: before, it goes by another that
    nobody asks for. `main` is the object that the process begins with where that is not `path`, and an object manager;
    `parameters` are the template's, variants by name.
    """

    _numbers = itertools.count()

    def __init__(self, world, name, path, interface, template=None, main=None, start=True, session=False,
                 parameters=None):
        self.name = name
        self.path = path
        self.interface = interface
        self._world = world
        self._bus = world.bus if session else world.system_bus
        self._kind = "--session" if session else "--system"
        self._template = template
        self._parameters = parameters or {}
        self._main = main
        self._process = None
        self._client = None
        self._hidden = f"org.ferry.Mock{next(self._numbers)}"
        world.cleanups.append(self.stop)
        if start:
            self.start()

    @property
    def pid(self):
        """The process."""
        return self._process.pid

    def prepare(self):
        """What else there is before it has its name."""

    def start(self):
        """Comes to the bus, once more after stop()."""
        main = self._main or self.path
        what = ["--is-object-manager"] if self._main else []
        self._spawn(*what, self._hidden, main, MOCK if self._main else self.interface)
        if self._template:
            self.mock(main, "AddTemplate", "(sa{sv})", self._template, self._parameters)
        self.prepare()
        self.mock(main, "AddMethod", "(sssss)", MOCK, "TakeName", "", "",
                  f"self.taken = dbus.service.BusName({self.name!r}, self.connection)")
        self.mock(main, "TakeName", "()")
        return self

    def _spawn(self, *arguments):
        """The process; back when it is on the bus."""
        self._client = Client(self._bus.address, self._world.client.scale)
        with open(f"{self._bus.path}.mocks.log", "ab") as log:
            self._process = subprocess.Popen(["/usr/bin/python3", "-m", "dbusmock", self._kind, *arguments],
                                             env=self._world.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._client.wait_until(self._is_there, 20, lambda: f"{self.name} on the bus")

    def _is_there(self):
        assert self._process.poll() is None, f"the mock of {self.name} ended"
        try:
            return self._client.bus("GetNameOwner", "(s)", self._hidden)[0]
        except Refused:
            return None

    def call(self, path, interface, method, signature="()", *arguments):
        """A method of what is played, or of dbusmock itself."""
        return self._client.call(path, interface, method, signature, *arguments, destination=self._hidden)

    def mock(self, path, method, signature, *arguments):
        """A method that dbusmock gives its objects."""
        return self.call(path, MOCK, method, signature, *arguments)

    def get(self, path, interface, name):
        """A property."""
        return self.call(path, PROPERTIES, "Get", "(ss)", interface, name)[0]

    def add(self, path=None, interface=None, **values):
        """Properties that the object does not have yet."""
        self.mock(path or self.path, "AddProperties", "(sa{sv})", interface or self.interface, values)

    def set(self, path=None, interface=None, **values):
        """New values, with PropertiesChanged; the time at which they were told."""
        self.mock(path or self.path, "UpdateProperties", "(sa{sv})", interface or self.interface, values)
        return time.monotonic()

    def calls(self, method):
        """The arguments of each call of a method so far."""
        return [arguments for _, arguments in self.mock(self.path, "GetMethodCalls", "(s)", method)[0]]

    def emit(self, name, signature, *values):
        """A signal of the object."""
        arguments = [GLib.Variant(kind, value) for kind, value in zip(signature, values)]
        self.mock(self.path, "EmitSignal", "(sssav)", self.interface, name, signature, arguments)
        return time.monotonic()

    def freeze(self):
        """It hangs."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self):
        """It goes on."""
        self._process.send_signal(signal.SIGCONT)

    def stop(self):
        """Takes it off the bus."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self.thaw()
            self._process.terminate()
        self._process.wait(10)
        self._process = None
        self._client.close()


class Plain(Mock):
    """One as anybody starts it: from the command line, with its name from the first moment on and nothing done to it.

    A template as it is, or without `template` an object without properties; with `main` below an object manager.
    """

    def start(self):
        self._hidden = self.name
        if self._template:
            self._spawn("-t", self._template)
        elif self._main:
            self._spawn("--is-object-manager", self.name, self._main, MOCK)
        else:
            self._spawn(self.name, self.path, self.interface)
        # The name comes before the objects.
        self._client.wait_until(self._answers, 20, lambda: f"{self.name} with its objects")
        return self

    def _answers(self):
        try:
            return self._client.call(self._main or self.path, "org.freedesktop.DBus.Introspectable", "Introspect",
                                     destination=self.name)
        except Refused:
            return None

    def add_object(self, path, interface, **values):
        """An object, as an object manager announces it where there is one."""
        self.mock(self._main or self.path, "AddObject", "(ssa{sv}a(ssss))", path, interface, values, [])
        if self._main:
            self.mock(self._main, "EmitSignal", "(sssav)", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded",
                      "oa{sa{sv}}", [GLib.Variant("o", path), GLib.Variant("a{sa{sv}}", {interface: values})])


class NetworkManager(Mock):
    """What is said of the network. `manages`: interfaces that a default route of this very machine goes by are its."""

    CONNECTIVITY = {"unknown": 0, "none": 1, "portal": 2, "limited": 3, "full": 4}
    METERED = {"unknown": 0, "yes": 1, "no": 2, "guess-yes": 3, "guess-no": 4}
    STATE = {"unknown": 0, "asleep": 10, "disconnected": 20, "connecting": 40, "local": 50, "global": 70}
    KINDS = {"ethernet": 1, "wifi": 2, "modem": 8, "tun": 16, "wireguard": 29}
    DISCONNECTED, ACTIVATED = 30, 100  # of a device
    ACTIVE = 2  # of a connection

    def __init__(self, world, manages=True, **properties):
        super().__init__(world, "org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager",
                         "org.freedesktop.NetworkManager", "networkmanager", main="/org/freedesktop", start=False)
        self.manages = manages
        self.properties = {"connectivity": "full", "metered": "no", "state": "global", **properties}

    def prepare(self):
        self.mock(self.path, "AddProperty", "(ssv)", self.interface, "Metered", GLib.Variant("u", 0))
        self.mock(self.path, "AddProperty", "(ssv)", self.interface, "PrimaryConnection", GLib.Variant("o", "/"))
        for number, interface in enumerate(default_route_interfaces() if self.manages else []):
            self.mock(self._main, "AddEthernetDevice", "(ssi)", f"mock{number}", interface, self.DISCONNECTED)
        self.say(**self.properties)

    def say(self, **properties):
        """Changes what it says: connectivity, metered, state."""
        tables = {"connectivity": self.CONNECTIVITY, "metered": self.METERED, "state": self.STATE}
        self.properties.update(properties)
        return self.set(**{name.capitalize(): GLib.Variant("u", tables[name][value])
                           for name, value in properties.items()})

    def connect(self, kind, interface, metered="guess-no", udi=""):
        """A device of that kind with a connection that is active, not the primary one yet; the connection's path."""
        device, base = f"{self.path}/Devices/{interface}", f"{self.interface}.Device"
        active = f"{self.path}/ActiveConnection/{interface}"
        kinds = {"ethernet": ("802-3-ethernet", "Wired"), "wifi": ("802-11-wireless", "Wireless"),
                 "modem": ("gsm", "Modem"), "tun": ("tun", "Tun"), "wireguard": ("wireguard", "WireGuard")}
        self._add_object(device, {
            base: {"DeviceType": GLib.Variant("u", self.KINDS[kind]), "Interface": GLib.Variant("s", interface),
                   "Udi": GLib.Variant("s", udi), "State": GLib.Variant("u", self.ACTIVATED),
                   "Managed": GLib.Variant("b", True), "ActiveConnection": GLib.Variant("o", active),
                   "Metered": GLib.Variant("u", self.METERED[metered]), "InterfaceFlags": GLib.Variant("u", 0x10003)},
            f"{base}.{kinds[kind][1]}": {"Owner": GLib.Variant("x", -1)},  # the interface itself is what counts
        })
        self._add_object(active, {f"{self.interface}.Connection.Active": {
            "Devices": GLib.Variant("ao", [device]), "Id": GLib.Variant("s", f"The {interface}"),
            "Uuid": GLib.Variant("s", f"uuid-of-{interface}"), "Type": GLib.Variant("s", kinds[kind][0]),
            "State": GLib.Variant("u", self.ACTIVE), "Connection": GLib.Variant("o", "/"),
            "Vpn": GLib.Variant("b", False), "Default": GLib.Variant("b", False),
        }})
        for name, path in (("Devices", device), ("ActiveConnections", active)):
            known = self.get(self.path, self.interface, name)
            self._set_value(self.path, self.interface, name, GLib.Variant("ao", [*known, path]))
        return active

    def _add_object(self, path, interfaces):
        """An object with all its interfaces, as the object manager announces it."""
        first, *more = interfaces
        self.mock(self._main, "AddObject", "(ssa{sv}a(ssss))", path, first, interfaces[first], [])
        for interface in more:
            self.add(path, interface, **interfaces[interface])
        self.mock(self._main, "EmitSignal", "(sssav)", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded",
                  "oa{sa{sv}}", [GLib.Variant("o", path), GLib.Variant("a{sa{sv}}", interfaces)])

    def say_device(self, interface, **values):
        """Changes what it says of a device: numbers by their names on the bus."""
        self.set(f"{self.path}/Devices/{interface}", f"{self.interface}.Device",
                 **{name: GLib.Variant("u", value) for name, value in values.items()})

    def disconnect(self, interface):
        """A device has no connection any more."""
        active = f"{self.path}/ActiveConnection/{interface}"
        device = f"{self.path}/Devices/{interface}"
        self._set_path(device, f"{self.interface}.Device", "ActiveConnection", "/")
        self.say_device(interface, State=self.DISCONNECTED)
        self.set(active, f"{self.interface}.Connection.Active", State=GLib.Variant("u", 4))
        known = [each for each in self.get(self.path, self.interface, "ActiveConnections") if each != active]
        self._set_value(self.path, self.interface, "ActiveConnections", GLib.Variant("ao", known))

    def set_primary(self, active):
        """Makes a connection the primary one, None for none."""
        self._set_path(self.path, self.interface, "PrimaryConnection", active or "/")

    def _set_path(self, path, interface, name, value):
        self._set_value(path, interface, name, GLib.Variant("o", value))

    def _set_value(self, path, interface, name, value):
        """Not by UpdateProperties(), which makes strings of paths."""
        self.call(path, PROPERTIES, "Set", "(ssv)", interface, name, value)


class ModemManager(Mock):
    """One modem, registered at home at first."""

    MODEM = "/org/freedesktop/ModemManager1/Modem/0"
    HOME, SEARCHING, ROAMING = 1, 2, 5  # 3GPP registration states
    _MODEM = "org.freedesktop.ModemManager1.Modem"

    def __init__(self, world, **more):
        path = "/org/freedesktop/ModemManager1"
        self.state = self.HOME
        super().__init__(world, "org.freedesktop.ModemManager1", path, "org.freedesktop.ModemManager1", main=path, **more)

    def prepare(self):
        self.mock(self.path, "AddObject", "(ssa{sv}a(ssss))", self.MODEM, self._MODEM,
                  {"State": GLib.Variant("i", 11)}, [])
        self.add(self.MODEM, f"{self._MODEM}.Modem3gpp", RegistrationState=GLib.Variant("u", self.state))

    def register(self, state):
        """The modem is in another network from now on."""
        self.state = state
        return self.set(self.MODEM, f"{self._MODEM}.Modem3gpp", RegistrationState=GLib.Variant("u", state))


class Logind(Mock):
    """Says when the machine sleeps, and who keeps it from that."""

    def __init__(self, world, **more):
        super().__init__(world, "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager",
                         "logind", **more)

    def inhibitors(self):
        """(what, mode) of everybody who wants to be asked."""
        return [(each[0], each[3]) for each in self.call(self.path, self.interface, "ListInhibitors")[0]]

    def prepare_for_sleep(self, begins):
        """The machine is about to sleep, or awake again."""
        return self.emit("PrepareForSleep", "b", begins)


class Notifications(Mock):
    """Who shows notifications, on the session bus."""

    def __init__(self, world, capabilities="body body-markup actions"):
        name = "org.freedesktop.Notifications"
        super().__init__(world, name, "/org/freedesktop/Notifications", name, "notification_daemon", session=True,
                         parameters={"capabilities": GLib.Variant("s", capabilities)})

    def wait_shown(self, count=1, timeout=5):
        """Waits until so many have been shown in all; the arguments of the last Notify."""
        self._world.client.wait_until(lambda: len(self.calls("Notify")) >= count, timeout,
                                      lambda: f"{count} notifications: {self.calls('Notify')}")
        shown = self.calls("Notify")
        assert len(shown) == count, shown
        return shown[-1]


def default_route_interfaces():
    """Interfaces of this very machine that a default route goes by: the mock has to own them, or not."""
    with open("/proc/net/route", encoding="ascii") as stream:
        found = {words[0] for words in map(str.split, stream) if words[1] == words[7] == "00000000"}
    with open("/proc/net/ipv6_route", encoding="ascii") as stream:
        found |= {words[9] for words in map(str.split, stream) if words[0] == "0" * 32 and words[1] == "00"}
    return sorted(found - {"lo"})
