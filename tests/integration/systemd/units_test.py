"""The shipped units, started by a systemd: what `cmake --install` puts there, in a Debian 12 of its own
(machine.py). One machine for all: installed, enrolled, and looked at by all probes once before the
first test; no test needs another.

MUSTER_BUILD_DIRECTORY is a release build; MUSTER_ROOT_CACHE is where the Debian is kept: beside it, unless set."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from debian_root import cached_root, packages_of, programs_of, run  # noqa: E402
from machine import Machine  # noqa: E402

BUILD = pathlib.Path(os.environ["MUSTER_BUILD_DIRECTORY"]).resolve()
CACHE = pathlib.Path(os.environ.get("MUSTER_ROOT_CACHE", BUILD.parent / "debian-roots"))
PROBES = ("agent", "host", "packages-apt", "certificates", "restart", "antivirus", "intrusion-detection")
NO_CAPABILITIES = "0000000000000000"
SANDBOX = ("user", "capabilities", "no-new-privileges", "seccomp", "landlock", "limits")
# SECCOMP_MODE_FILTER.
FILTERED = "2"


def make_certificate(directory):
    """A server's, as they are found: of root, in a directory of root."""
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-days", "90", "-subj", "/CN=tortoise.example.org", "-keyout", directory / "tortoise.key",
        "-out", directory / "tortoise.pem")
    (directory / "tortoise.pem").chmod(0o600)


class UnitsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        pristine = cached_root(CACHE, packages_of(programs_of(BUILD)))
        cls.machine = Machine(pristine, CACHE)
        cls.addClassCleanup(cls.machine.end)
        run("cmake", "--install", BUILD, "--prefix", "/usr", env={**os.environ,
            "DESTDIR": str(cls.machine.root)})
        make_certificate(cls.machine.root / "etc/ssl/private")
        cls.machine.boot()
        try:
            cls.set_up_muster()
        except Exception:
            print(cls.machine.try_run("journalctl", "--no-pager", "--lines=80")[1])
            raise

    @classmethod
    def set_up_muster(cls):
        machine = cls.machine
        # What a package does when it is installed, and then what deploy/README.md says.
        machine.run("systemd-sysusers", "muster.conf")
        machine.run("systemd-tmpfiles", "--create", "muster.conf")
        machine.run("systemctl", "daemon-reload")
        machine.run("runuser", "-u", "muster-collector", "--", "muster-collector", "init",
                    "--state-directory", "/var/lib/muster-collector", "--name", "localhost")
        machine.run("systemctl", "enable", "--now", "muster-collector.service")
        token = json.loads(machine.run("muster-collector", "token", "create", "--ttl", "10m",
                                       "--format", "json"))
        machine.run("muster-agent", "enroll", "--collector", "https://localhost:8443",
                    "--token-file", "-", "--ca-sha256", token["ca_sha256"], stdin=token["token"])
        machine.run("systemctl", "enable", "--now", "muster-agent.service")
        machine.until("a report of every probe", lambda: set(PROBES) <= set(cls.outcomes()), 120)

    @classmethod
    def host(cls):
        """This machine, as the collector has it."""
        status, text = cls.machine.try_run("muster-collector", "host", "show", "tortoise", "--format",
                                           "json")
        return json.loads(text) if status == 0 else {}

    @classmethod
    def outcomes(cls):
        return {section["probe"]: section for section in cls.host().get("sections", [])}

    def metrics(self):
        return self.machine.run("curl", "--silent", "--fail", "--cacert",
                                "/var/lib/muster-collector/ca.pem", "https://localhost:8443/metrics")

    def until_active(self, unit):
        self.machine.until(f"{unit} to be active",
                           lambda: self.machine.show(unit, "ActiveState") == "active", 60)

    def kill(self, unit, name):
        self.machine.run("systemctl", "kill", "--kill-whom=main", f"--signal={name}", unit)

    def assert_holds(self, process, user, capabilities=NO_CAPABILITIES):
        """What a process is, from /proc."""
        status = self.machine.status_of(process)
        number = self.machine.run("id", "-u", user).strip()
        self.assertEqual(set(status["Uid"].split()), {number}, status["Name"])
        # What a program that it executes has of them.
        self.assertEqual(status["CapAmb"], NO_CAPABILITIES, status["Name"])
        self.assertIn(status["CapInh"], (NO_CAPABILITIES, capabilities), status["Name"])
        for name in ("CapPrm", "CapEff", "CapBnd"):
            self.assertEqual(status[name], capabilities, f"{status['Name']} {name}")
        self.assertEqual(status["NoNewPrivs"], "1", status["Name"])
        self.assertEqual(status["Seccomp"], FILTERED, status["Name"])

    def test_every_probe_looked_and_nothing_it_may_see_was_hidden_by_the_sandbox(self):
        sections = self.outcomes()
        for probe in PROBES:
            self.assertEqual(sections[probe]["outcome"], "OUTCOME_OBSERVED", sections[probe])
        # In a directory that only root, or who declares DAC_READ_SEARCH, can open.
        self.assertIn("tortoise.pem", self.machine.run("muster-collector", "host", "show", "tortoise",
                                                       "--format", "json"))

    def test_every_part_of_the_sandbox_holds(self):
        facts = self.outcomes()["agent"]["facts"]
        self.assertEqual(facts["sandbox"], {"mechanisms": [*SANDBOX], "missing": []})
        self.assertTrue(facts["runs_as_root"])
        parts = dict(re.findall(r'muster_agent_sandbox\{[^}]*mechanism="([^"]+)"[^}]*\} (\d)',
                                self.metrics()))
        self.assertEqual(parts, {name: "1" for name in SANDBOX})

    def test_agent_and_collector_run_as_users_of_their_own_without_any_capability(self):
        for unit, user in (("muster-agent", "muster"), ("muster-collector", "muster-collector")):
            (process,) = self.machine.processes(unit)
            self.assertEqual(process, self.machine.main_process(unit))
            self.assert_holds(process, user)

    def sockets_of_the_network(self, process):
        """See proc(5)."""
        listing = self.machine.run("ls", "-l", f"/proc/{process}/fd")
        tables = self.machine.run("cat", *(f"/proc/net/{name}" for name in ("tcp", "tcp6", "udp", "udp6", "raw")))
        inodes = {fields[9] for fields in map(str.split, tables.splitlines()) if len(fields) > 9}
        return set(re.findall(r"socket:\[(\d+)\]", listing)) & inodes

    def test_the_launcher_is_root_with_six_capabilities_and_no_socket_of_the_network(self):
        # The unit has the processes of probes that look, too.
        process = self.machine.main_process("muster-launcher")
        # DAC_READ_SEARCH, KILL, SETGID, SETUID, SETPCAP and SYS_PTRACE: their bits.
        bits = sum(1 << bit for bit in (2, 5, 6, 7, 8, 19))
        self.assert_holds(process, "root", f"{bits:016x}")
        self.assertEqual(self.sockets_of_the_network(process), set())
        collector = self.machine.main_process("muster-collector")
        self.assertTrue(self.sockets_of_the_network(collector), "the test sees no sockets at all")
        self.assertEqual(self.machine.run("stat", "--format=%U %a", "/run/muster/launcher.sock").strip(),
                         "muster 600")

    def falcon(self):
        """Of the product that the next test makes; {} where it is not told."""
        products = self.outcomes().get("antivirus", {}).get("facts", {}).get("products", [])
        return next((product for product in products if product["product"] == "crowdstrike-falcon"), {})

    def test_a_product_is_asked_by_a_service_that_only_root_reaches(self):
        machine = self.machine
        program = machine.root / "opt/CrowdStrike/falconctl"
        program.parent.mkdir(parents=True)
        self.addCleanup(shutil.rmtree, program.parent)
        program.write_text(
            "#!/bin/sh\n{ id -u; grep -E '^(CapEff|CapBnd)' /proc/$$/status; cat /proc/$$/cgroup; } >/var/tmp/asked\n"
            "echo 'aid=\"bace43f9\", rfm-state=false, rfm-reason=None, code=0x0, version = 6.24.12104.0'\n")
        program.chmod(0o755)
        machine.run("systemctl", "restart", "muster-agent")
        machine.until("what it answers", lambda: self.falcon().get("version") == "6.24.12104.0", 60)
        asked = machine.run("cat", "/var/tmp/asked")
        self.assertEqual(asked.splitlines()[0], "0")
        # DAC_READ_SEARCH, and no way to another.
        self.assertEqual(set(re.findall(r"Cap\w+:\s(\w+)", asked)), {f"{1 << 2:016x}"})
        # All that answer have one limit together.
        self.assertIn("/system-muster_answers.slice/muster-answers@", asked)
        limits = machine.run("systemctl", "show", "system-muster_answers.slice", "-p", "MemoryMax", "-p", "TasksMax",
                             "-p", "CPUQuotaPerSecUSec")
        self.assertEqual(set(limits.split()), {f"MemoryMax={1 << 30}", "TasksMax=256", "CPUQuotaPerSecUSec=1s"})
        self.assertEqual(machine.run("stat", "--format=%U %a", "/run/muster/answers.sock").strip(), "root 600")
        # What curl sends is no order: root is let in and told nothing, everybody else is not let in.
        curl = ("curl", "--silent", "--unix-socket", "/run/muster/answers.sock", "http://localhost/")
        self.assertIn(machine.try_run(*curl), ((52, ""), (56, "")))
        for user in ("nobody", "muster", "muster-probe"):
            self.assertEqual(machine.try_run("runuser", "-u", user, "--", *curl), (7, ""), user)
        # Nor does haste close the socket.
        haste = "for i in $(seq 300); do curl -s --unix-socket /run/muster/answers.sock http://localhost/; done; true"
        machine.run("bash", "-c", haste)
        self.assertEqual(machine.run("systemctl", "is-active", "muster-answers.socket").strip(), "active")
        machine.until("all who asked to be gone", lambda: not machine.run(
            "systemctl", "list-units", "--plain", "--no-legend", "muster-answers@*"))

        def unmask():
            machine.run("systemctl", "unmask", "muster-answers.socket")
            machine.run("systemctl", "start", "muster-answers.socket")

        machine.run("systemctl", "mask", "--now", "muster-answers.socket")
        self.addCleanup(unmask)
        machine.run("systemctl", "restart", "muster-agent")
        machine.until("nobody to be asked", lambda: any(
            unread["reason"].startswith("nobody was asked") for unread in self.falcon().get("unread", [])), 60)
        self.assertEqual(self.falcon().get("version", ""), "")

    def restart_facts(self):
        return self.outcomes().get("restart", {}).get("facts", {})

    def test_a_service_whose_program_was_replaced_is_named(self):
        """One that is like all, and one that systemd gave a mount namespace of its own."""
        self.assertEqual(self.restart_facts()["processes_unreadable"], 0, self.restart_facts())
        binaries = self.machine.root / "usr/local/bin"
        for name, setting in (("stale-plain", ""), ("stale-private", "PrivateTmp=yes\nProtectSystem=strict\n")):
            shutil.copy2(self.machine.root / "usr/bin/sleep", binaries / name)
            (self.machine.root / f"etc/systemd/system/{name}.service").write_text(
                f"[Service]\nExecStart=/usr/local/bin/{name} infinity\n{setting}")
            self.machine.run("systemctl", "daemon-reload")
            self.machine.run("systemctl", "start", name)
            self.addCleanup(self.machine.run, "systemctl", "stop", name)
            self.machine.until(f"{name} to run", lambda unit=name: self.machine.run(
                "readlink", f"/proc/{self.machine.main_process(unit)}/exe").strip() == f"/usr/local/bin/{unit}")
            shutil.copy2(self.machine.root / "usr/bin/sleep", binaries / "new")
            (binaries / "new").rename(binaries / name)
        # It looks when it starts, and then once an hour.
        self.machine.run("systemctl", "restart", "muster-agent")
        stale = self.machine.until("both to be told of", lambda: {
            service["unit"]: service for service in self.restart_facts().get("stale_services", [])
            if service["unit"].startswith("stale-")} or None, 60)
        self.assertEqual({unit: service["files"] for unit, service in stale.items()},
                         {f"{name}.service": [f"/usr/local/bin/{name}"] for name in ("stale-plain", "stale-private")})
        self.assertEqual(self.restart_facts()["kernel"]["state"], "RESTART_STATE_NOT_APPLICABLE")

    def test_a_probe_has_the_network_where_the_agents_configuration_has_targets(self):
        """Of a list of the machine's own, so that nothing but its loopback is looked at."""
        path = self.machine.root / "etc/muster/agent.yml"
        before = path.read_text()
        path.write_text(before + "targets:\n  own:\n"
                        "    - {name: collector, kind: tcp, address: 'localhost:8433', interval: 1s, timeout: 1s}\n")
        try:
            self.machine.run("systemctl", "reload", "muster-agent")
            self.machine.until("a look at the target", lambda:
                               'muster_target_tcp_connected{target="tortoise/collector"} 1' in self.metrics(), 120)
        finally:
            path.write_text(before)
            self.machine.run("systemctl", "reload", "muster-agent")

    def test_the_limits_are_those_of_the_units(self):
        for unit in ("muster-agent", "muster-collector", "muster-launcher"):
            for name in ("MemoryMax", "CPUQuotaPerSecUSec", "TasksMax"):
                self.assertNotIn(self.machine.show(unit, name), ("infinity", ""), f"{unit} {name}")
        for unit in ("muster-agent", "muster-collector", "muster-launcher"):
            self.assertEqual(self.machine.show(unit, "Type"), "notify")
            self.assertNotEqual(self.machine.show(unit, "WatchdogUSec"), "0")

    def test_systemctl_status_says_how_each_stands(self):
        self.machine.until("the collector to say how many report", lambda: re.search(
            "serving 1 host, 1 of them reporting", self.machine.show("muster-collector", "StatusText")))
        self.machine.until("the agent to say when it reported", lambda: re.fullmatch(
            r"tortoise: last report at \S+Z to localhost:8433",
            self.machine.show("muster-agent", "StatusText")), 90)
        self.assertRegex(self.machine.run("systemctl", "status", "muster-agent"),
                         r"(?m)^ *Status: \"tortoise: last report at ")

    def test_a_reload_is_answered_and_one_that_is_refused_is_seen_in_the_status(self):
        policy = self.machine.root / "var/lib/muster-collector/policy.yml"
        good = policy.read_text()
        before = {unit: self.machine.main_process(unit) for unit in ("muster-collector", "muster-agent")}
        policy.write_text("nonsense: 1\n")
        try:
            self.machine.run("systemctl", "reload", "muster-collector")
            self.machine.until("the refusal to be in the status", lambda: re.search(
                "the last reload: refused, .*policy.yml:1:1",
                self.machine.show("muster-collector", "StatusText")))
        finally:
            policy.write_text(good)
        self.machine.run("systemctl", "reload", "muster-collector")
        self.machine.until("the status to be good again", lambda: "refused" not in
                           self.machine.show("muster-collector", "StatusText"))
        said = "the configuration was read again"
        count = self.machine.journal("muster-agent").count(said)
        self.machine.run("systemctl", "reload", "muster-agent")
        self.machine.until("the agent to have read it",
                           lambda: self.machine.journal("muster-agent").count(said) > count)
        for unit, process in before.items():
            self.until_active(unit)
            self.assertEqual(self.machine.main_process(unit), process)

    def looks(self):
        """When each probe looked last."""
        return {probe: section["looked_at"] for probe, section in self.outcomes().items()}

    def test_a_launcher_that_was_killed_is_started_anew_and_probes_go_on(self):
        before = self.machine.main_process("muster-launcher")
        self.kill("muster-launcher", "SIGKILL")
        self.machine.until("another launcher", lambda: self.machine.main_process("muster-launcher") not in
                           (before, "0"), 60)
        looked = self.looks()
        # A restarted agent looks at once.
        self.machine.run("systemctl", "restart", "muster-agent")
        self.machine.until("new looks of all probes", lambda: all(
            self.looks()[probe] > looked[probe] for probe in PROBES), 120)
        for probe in PROBES:
            section = self.outcomes()[probe]
            self.assertEqual(section["outcome"], "OUTCOME_OBSERVED", section)

    def test_a_collector_that_was_killed_comes_back_with_its_fleet(self):
        before = self.machine.main_process("muster-collector")
        self.kill("muster-collector", "SIGKILL")
        self.machine.until("another collector", lambda: self.machine.main_process("muster-collector") not in
                           (before, "0"), 60)
        self.until_active("muster-collector")
        self.assertLessEqual(set(PROBES), set(self.outcomes()))

    def drop_in(self, unit, text):
        """Changes a unit for the rest of the test."""
        machine = self.machine
        path = f"/run/systemd/system/{unit}.service.d/test.conf"

        def take():
            machine.run("systemctl", "daemon-reload")
            machine.run("systemctl", "restart", unit)

        self.addCleanup(take)
        self.addCleanup(machine.run, "rm", path)
        machine.run("mkdir", "-p", os.path.dirname(path))
        machine.run("tee", path, stdin=text)
        take()

    def hang(self, unit):
        """Stops the process of a unit whose watchdog is made short, and waits for systemd to act."""
        self.drop_in(unit, "[Service]\nWatchdogSec=4\n")
        before = self.machine.main_process(unit)
        # It lives by its own signs first.
        time.sleep(6)
        self.assertEqual(self.machine.main_process(unit), before)
        self.kill(unit, "SIGSTOP")
        self.machine.until(f"{unit} to be started anew", lambda: self.machine.main_process(unit) not in
                           (before, "0"), 60)
        self.until_active(unit)
        self.assertIn("Watchdog timeout", self.machine.journal(unit))

    def test_an_agent_that_hangs_is_killed_and_started_anew(self):
        self.hang("muster-agent")

    def test_a_collector_that_hangs_is_killed_and_started_anew(self):
        self.hang("muster-collector")

    def test_a_launcher_that_hangs_is_killed_and_started_anew(self):
        self.hang("muster-launcher")

    def test_a_credential_of_the_unit_is_taken_for_the_web_configuration(self):
        config = self.machine.root / "var/lib/muster-collector/collector.yml"
        text = config.read_text()
        # Only root can read it; systemd hands it over.
        self.machine.run("sh", "-c", "umask 077; echo '{}' > /etc/muster/web.yml")
        config.write_text(text + "web_config_file: 'credential:web.yml'\n")
        self.drop_in("muster-collector", "[Service]\nLoadCredential=web.yml:/etc/muster/web.yml\n")
        # Before the restart that ends the change above.
        self.addCleanup(config.write_text, text)
        # A verb is no service, and does not need what only the service has.
        self.assertIn("tortoise", self.machine.run("muster-collector", "host", "list"))


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit(subprocess.run(
            ["sudo", "--non-interactive", "env",
             *(f"{name}={os.environ[name]}" for name in ("MUSTER_BUILD_DIRECTORY", "MUSTER_ROOT_CACHE")
               if name in os.environ), sys.executable, "-B", *sys.argv]).returncode)
    # Also when it is told to end, the machine is.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    unittest.main()
