#!/usr/bin/python3
"""Debian's fwupd itself on a bus of its own, and what the probe says of it beside fwupdmgr.

The daemon comes from Debian's packages, unpacked by tests/debian_unpacked. It sees no hardware: /sys, /dev and the tables of
firmware are empty directories to it, it has its own test device (TestDevices of fwupd.conf(5)), and it runs as nobody
where the test is root's. The bus is a dbus-daemon with a socket of the test's; the probe is given a connection to it as
the launcher gives one."""

import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

BUILD = pathlib.Path(os.environ["MUSTER_BUILD_DIRECTORY"])
PROBE = BUILD / "libexec/muster/probes/muster-probe-firmware-fwupd"
PACKAGES = BUILD.parent / "fwupd"
# agent/sandbox/system_bus_socket.h
SYSTEM_BUS_DESCRIPTOR = 95
WEBCAM = "b585990a-003e-5270-89d5-3705a17f9a43"
# D-Bus's system.conf without services to start.
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  {services}
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
  </policy>
</busconfig>
"""
METADATA = """<?xml version="1.0" encoding="UTF-8"?>
<components origin="example" version="0.9">
  <component type="firmware">
    <id>com.example.webcam.firmware</id>
    <name>Webcam</name>
    <summary>Firmware of a webcam</summary>
    <developer_name>ACME Corp.</developer_name>
    <provides><firmware type="flashed">{guid}</firmware></provides>
    <releases>{releases}</releases>
  </component>
</components>
"""
RELEASE = """
      <release urgency="{urgency}" version="{version}" timestamp="1756684800">
        <location>https://example.com/{version}.cab</location>
        <checksum type="sha256" target="container">{checksum}</checksum>
      </release>"""
# Where the daemon looks for hardware, by the variables of its own tests.
HARDWARE = ("ACPITABLESDIR", "DEBUGFSDIR", "DEVFS", "EFIVARS", "PROCFS", "SYSFSDIR", "SYSFSDMIDIR", "SYSFSDRIVERDIR",
            "SYSFSFWATTRIBDIR", "SYSFSFWDIR", "SYSFSSECURITYDIR", "SYSFSTPMDIR")


class Machine:
    """A bus, and what a fwupd on it works with."""

    def __init__(self, test, services=""):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="muster-fwupd-"))
        test.addCleanup(shutil.rmtree, self.path, ignore_errors=True)
        self.path.chmod(0o755)
        self.test = test
        self.socket = self.path / "bus"
        for directory in ("cache", "etc/remotes.d", "hardware", "services", "state"):
            (self.path / directory).mkdir(parents=True)
        # Otherwise it makes a user of the management controller, where there is one.
        self.write("etc/fwupd.conf", "[fwupd]\nTestDevices=true\n[redfish]\nIpmiDisableCreateUser=true\n")
        (self.path / "etc/fwupd.conf").chmod(0o640)
        self.write("bus.conf", BUS.format(socket=self.socket, services=services.format(path=self.path)))
        self.user = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self.user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            for each in (self.path, *self.path.rglob("*")):
                os.chown(each, nobody.pw_uid, nobody.pw_gid)
        libraries = ":".join(str(each) for pattern in ("usr/lib/*-linux-gnu", "usr/lib/*-linux-gnu/fwupd-*",
                                                       "lib/*-linux-gnu") for each in PACKAGES.glob(pattern))
        self.environment = {
            "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self.path), "LD_LIBRARY_PATH": libraries,
            "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.socket}", "CONFIGURATION_DIRECTORY": str(self.path / "etc"),
            "CACHE_DIRECTORY": str(self.path / "cache"), "STATE_DIRECTORY": str(self.path / "state"),
            "FWUPD_DATADIR": str(PACKAGES / "usr/share/fwupd"), "FWUPD_MACHINE_KIND": "physical",
            "FWUPD_POLKIT_NOCHECK": "1",
            **{f"FWUPD_{name}": str(self.path / "hardware") for name in HARDWARE}}
        self.start(["dbus-daemon", f"--config-file={self.path}/bus.conf", "--nofork", "--nopidfile"])
        self.wait_until(self.listens)

    def write(self, name, text):
        (self.path / name).write_text(text)

    def offer(self, *releases, modified=None):
        """Metadata of the test's own with releases, (version, urgency) each."""
        texts = [RELEASE.format(version=version, urgency=urgency, checksum=f"{i:064x}")
                 for i, (version, urgency) in enumerate(releases)]
        self.write("firmware.xml", METADATA.format(guid=WEBCAM, releases="".join(texts)))
        if modified:
            os.utime(self.path / "firmware.xml", (modified, modified))
        self.write("etc/remotes.d/example.conf", "[fwupd Remote]\nEnabled=true\nTitle=Example\n"
                   f"MetadataURI=file://{self.path}/firmware.xml\nApprovalRequired=false\n")
        self.write("etc/remotes.d/off.conf", "[fwupd Remote]\nEnabled=false\nTitle=Off\n"
                   f"MetadataURI=file://{self.path}/firmware.xml\n")
        self.write("etc/remotes.d/far.conf", "[fwupd Remote]\nEnabled=true\nTitle=Far\n"
                   "MetadataURI=https://example.com/firmware.xml.zst\n")

    def start(self, command):
        log = open(self.path / "log", "ab")
        self.test.addCleanup(log.close)
        process = subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   start_new_session=True, **self.user)
        self.test.addCleanup(self.stop, process)
        return process

    def stop(self, process):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)

    def wait_until(self, happens):
        deadline = time.monotonic() + 60
        while not happens():
            self.test.assertLess(time.monotonic(), deadline, (self.path / "log").read_text(errors="replace"))
            time.sleep(0.05)

    def listens(self):
        # The socket is there before anybody listens at it.
        with socket.socket(socket.AF_UNIX) as attempt:
            return attempt.connect_ex(str(self.socket)) == 0

    def run_fwupd(self):
        self.start([PACKAGES / "usr/libexec/fwupd/fwupd"])
        self.wait_until(lambda: subprocess.run(
            ["busctl", f"--address=unix:path={self.socket}", "status", "org.freedesktop.fwupd"], check=False,
            capture_output=True).returncode == 0)

    def fwupdmgr(self, *arguments):
        ran = subprocess.run([PACKAGES / "usr/bin/fwupdmgr", *arguments, "--json", "--no-authenticate"],
                             env=self.environment, capture_output=True, text=True, timeout=60, check=False)
        told = json.loads(ran.stdout)
        self.test.assertNotIn("Error", told, ran.stderr)
        return told

    def look(self):
        with socket.socket(socket.AF_UNIX) as bus:
            bus.connect(str(self.socket))
            ran = subprocess.run([PROBE, "--format", "json"], capture_output=True, text=True, timeout=100, check=True,
                                 close_fds=False, preexec_fn=lambda: os.dup2(bus.fileno(), SYSTEM_BUS_DESCRIPTOR))
        return json.loads(ran.stdout)


def webcam_of(section):
    return next(each for each in section["facts"]["devices"] if each["guids"] == [WEBCAM])


class RealFwupdTest(unittest.TestCase):
    maxDiff = None

    def test_tells_what_fwupdmgr_tells(self):
        machine = Machine(self)
        machine.offer(("1.2.4", "low"), ("1.2.3", "critical"), ("1.2.2", "low"), modified=1790000000)
        machine.run_fwupd()
        facts = machine.look()["facts"]

        told = {each["DeviceId"]: each for each in machine.fwupdmgr("get-devices", "--show-all")["Devices"]}
        self.assertEqual(sorted((each["Guid"], each["Name"], each.get("Vendor", ""), each.get("Version", ""),
                                 each.get("VersionBootloader", ""), "updatable" in each["Flags"])
                                for each in told.values()),
                         sorted((each["guids"], each["name"], each["vendor"], each["version"],
                                 each["bootloader_version"], each["updatable"]) for each in facts["devices"]))
        webcam = webcam_of({"facts": facts})
        self.assertEqual(webcam["upgrades_state"], "FIRMWARE_UPGRADES_STATE_TOLD")
        self.assertEqual([(each["version"], each["urgency"], each["released_at"], each["remote"])
                          for each in webcam["upgrades"]],
                         [("1.2.4", "FIRMWARE_URGENCY_LOW", "2025-09-01T00:00:00Z", "example"),
                          ("1.2.3", "FIRMWARE_URGENCY_CRITICAL", "2025-09-01T00:00:00Z", "example")])
        self.assertEqual({each["id"]: (each["fetched"], each.get("modified_at")) for each in facts["remotes"]},
                         {"example": (False, "2026-09-21T14:13:20Z"), "far": (True, None)})
        security = machine.fwupdmgr("security", "--force")
        self.assertEqual([(each["id"], each["result"], each["success"]) for each in facts["security_attributes"]],
                         sorted((each["AppstreamId"], each.get("HsiResult", ""), "success" in each.get("Flags", []))
                                for each in security["SecurityAttributes"]))
        self.assertGreater(len(facts["security_attributes"]), 10)
        self.assertEqual(facts["unreadable"], [])
        self.assertNotIn("serial", json.dumps(facts).lower())

    def test_of_a_device_that_is_current_there_are_no_upgrades(self):
        machine = Machine(self)
        machine.offer(("1.2.2", "critical"))
        machine.run_fwupd()
        webcam = webcam_of(machine.look())
        self.assertEqual((webcam["upgrades_state"], webcam["upgrades"]), ("FIRMWARE_UPGRADES_STATE_TOLD", []))

    def test_of_a_device_without_metadata_it_is_not_known(self):
        machine = Machine(self)
        machine.run_fwupd()
        webcam = webcam_of(machine.look())
        self.assertEqual((webcam["upgrades_state"], webcam["upgrades"]),
                         ("FIRMWARE_UPGRADES_STATE_NOT_IN_METADATA", []))

    def test_a_bus_without_it_is_not_asked_for_it(self):
        section = Machine(self).look()
        self.assertEqual(section["outcome"], "OUTCOME_NOT_APPLICABLE")
        self.assertIn("fwupd is not installed", section["reason"])

    def test_a_daemon_that_sleeps_is_woken(self):
        machine = Machine(self, services="<servicedir>{path}/services</servicedir>")
        machine.offer(("1.2.3", "critical"))
        machine.write("services/org.freedesktop.fwupd.service", "[D-BUS Service]\nName=org.freedesktop.fwupd\n"
                      f"Exec={PACKAGES}/usr/libexec/fwupd/fwupd\n")
        section = machine.look()
        self.assertEqual(section["outcome"], "OUTCOME_OBSERVED", section)
        self.assertEqual([each["version"] for each in webcam_of(section)["upgrades"]], ["1.2.3"])

    def test_a_daemon_that_cannot_be_started_is_no_good_answer(self):
        machine = Machine(self, services="<servicedir>{path}/services</servicedir>")
        machine.write("services/org.freedesktop.fwupd.service",
                      "[D-BUS Service]\nName=org.freedesktop.fwupd\nExec=/bin/false\n")
        section = machine.look()
        self.assertEqual(section["outcome"], "OUTCOME_FAILED")
        self.assertIn("fwupd", section["reason"])


if __name__ == "__main__":
    unittest.main()
