"""A collector that has been taken over: its certificate is right, and what it answers is made to hurt.
The agent executes nothing, opens nothing but its own files, connects nowhere else, takes no target
outside `targets.allow`, and stays small.

MUSTER_HOSTILE_ANSWERS says how many answers; `tests/run --all` gives 100,000.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import unittest

from muster_test import BUILD, Agent, Collector, Scenario, run, wait_until, with_descendants

ANSWERS = int(os.environ.get("MUSTER_HOSTILE_ANSWERS", "2000"))
HOSTILE_COLLECTOR = BUILD / "tests/hostile-collector"
AGENT_UNDER_FIRE = BUILD / "tests/agent-under-fire"
# The one of the addresses in the answers that this agent may look at.
ALLOWED = "127.0.0.1:22"
# With the largest list of targets that is taken, and one that is not.
LARGEST_KIB = 64 * 1024
# A probe, with as many looks as one run has.
LARGEST_PROBE_KIB = 96 * 1024
# What an agent keeps in its directory.
OWN = re.compile(r"agent\.yml|leases|ca\.pem|identity\.pem|identity\.next\.pem|lock|status\.json|outbox|outbox/cursor|"
                 r"outbox/\d{20}-[a-z][a-z-]*\.version")

# What a program reads of the system to start and to keep time; never written.
SYSTEM = ("/lib/", "/lib64/", "/usr/lib/", "/usr/share/zoneinfo/", "/usr/share/locale/", "/etc/ld.so.",
          "/etc/ssl/openssl.cnf", "/usr/lib/ssl/openssl.cnf", "/etc/localtime", "/proc/self/", "/proc/stat",
          "/proc/cpuinfo", "/proc/meminfo", "/proc/sys/", "/sys/devices/system/cpu", "/sys/fs/cgroup",
          "/dev/urandom", "/dev/random", "/etc/nsswitch.conf", "/etc/hosts", "/etc/resolv.conf",
          "/etc/host.conf", "/etc/gai.conf")


def peak_kib(pid):
    """The most memory that the process ever had; 0 if it has ended."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(peak[1]) if peak else 0


class HostileCollectorScenario(Scenario):
    # Where its targets aim, beside what it makes up.
    AIMS = ()

    def setUp(self):
        super().setUp()
        self.collector = collector = Collector(self).serve()
        self.agent = Agent(self, collector)
        collector.process.end()
        self.hostile = self.start("hostile", HOSTILE_COLLECTOR, collector.directory / "server.pem",
                                  collector.directory / "server.key", collector.ca_file, 20261122, *self.AIMS)
        self.port = int(wait_until("its port", lambda: re.findall(r"port (\d+)", self.hostile.text()),
                                   process=self.hostile)[0])

    def newest_attempt(self):
        status = json.loads((self.agent.directory / "status.json").read_text())
        self.assertEqual(int(status["process_id"]), self.agent.process.pid)
        return status.get("last_sync_attempt_at")

    def report_again(self):
        """Reports wait longer the more of them fail; a reload, as an operator asks for one, ends that wait."""
        before = wait_until("a report", self.newest_attempt, process=self.agent.process)
        self.agent.process.send(signal.SIGHUP)
        wait_until("another one", lambda: self.newest_attempt() != before, process=self.agent.process)

    def end_hostile(self):
        """How many answers it gave."""
        status, _ = self.hostile.end(signal.SIGTERM)
        self.assertEqual(status, 0)
        return int(re.search(r"answers (\d+)", self.hostile.text()).group(1))


class PartsTest(HostileCollectorScenario):
    """The parts of an agent that answers reach, without its waiting."""

    AIMS = (ALLOWED, "127.0.0.1:23", "localhost:22", "169.254.169.254:80", "192.0.2.7:22", "[::ffff:127.0.0.1]:23")

    def setUp(self):
        super().setUp()
        self.agent.configure("targets: {allow: [{networks: [127.0.0.1], ports: [22]}]}\n",
                             collectors=[f"127.0.0.1:{self.port}"])

    def survive(self, *before):
        """What the agent says after all answers: {name: [values]}."""
        result = run(*before, AGENT_UNDER_FIRE, self.agent.config, ANSWERS, seconds=3600)
        self.assertEqual(result.returncode, 0, result.stderr[-4000:])
        said = {}
        for line in result.stdout.splitlines():
            name, value = line.split(" ", 1)
            said.setdefault(name, []).append(value)
        return said

    def test_nothing_is_executed_opened_or_dialled_and_no_target_taken_that_is_not_allowed(self):
        strace = shutil.which("strace")
        self.assertTrue(strace, "strace is missing: tests/run installs it")
        trace = self.directory / "trace"
        said = self.survive(strace, "-f", "--seccomp-bpf", "-qq", "-s", "4096", "-o", trace, "-e",
                            "trace=%process,open,openat,openat2,creat,connect,bind,rename,renameat,renameat2,link,"
                            "linkat,symlink,symlinkat,unlink,unlinkat,mknod,mknodat,chmod,fchmodat,chown,ptrace")
        self.assertEqual(int(said["answered"][0]), ANSWERS)
        self.assertGreater(int(said["understood"][0]), ANSWERS // 10, "some are believed")
        self.assertGreater(int(said["refused"][0]), 2_000_000, "lists of a million came")
        self.assertGreater(int(said["lists"][0]), ANSWERS // 10)
        self.assertGreater(int(said["looks"][0]), 0)
        self.assertEqual(said.get("target", []), [ALLOWED])
        self.assert_only_its_own(trace.read_text(errors="replace"))
        self.assertGreaterEqual(self.end_hostile(), ANSWERS)

    def assert_only_its_own(self, trace):
        executed = re.findall(r'exec(?:ve|veat)\((?:\w+, )?"([^"]*)"', trace)
        self.assertEqual(executed, [str(AGENT_UNDER_FIRE)])
        self.assertNotRegex(trace, r"\b(?:vfork|ptrace)\(|\bfork\(")
        state = f"{self.agent.directory}/"
        foreign = set()
        for call, path in re.findall(r'(open\w*|creat|rename\w*|link\w*|symlink\w*|unlink\w*|mknod\w*|chmod|fchmodat|'
                                     r'chown)\([^"\n]*"([^"]*)"', trace):
            # What it opens in a directory of its own that is open comes without the directory.
            if path.startswith(state) or f"{path}/" == state or not path.startswith("/"):
                self.assertNotIn("..", path)
            elif not (call.startswith("open") and path.startswith(SYSTEM)):
                foreign.add(path)
        self.assertEqual(foreign, set())
        for line in re.findall(r"connect\(.*", trace):
            self.assertRegex(line, rf"sin6?_port=htons\({self.port}\).*127\.0\.0\.1")

    def test_it_stays_small(self):
        said = self.survive()
        self.assertLess(int(said["peak_kib"][0]), LARGEST_KIB)


class AgentTest(HostileCollectorScenario):
    """The whole agent, with its launcher and its probes, at its own pace."""

    RELOADS = 200 if ANSWERS > 2000 else 25
    LEAST_ANSWERS = RELOADS * 4 // 5

    def setUp(self):
        super().setUp()
        self.agent.configure("probes: {host: {interval: 1s}, certificates: {interval: 1s}}\n",
                             collectors=[f"127.0.0.1:{self.port}"])
        self.agent.run()

    def names(self):
        return {str(path.relative_to(self.agent.directory)) for path in self.agent.directory.rglob("*")}

    def serve_good_one_there(self):
        config = self.collector.config
        text, changed = re.subn(rf":{self.collector.grpc_port}\b", f":{self.port}", config.read_text())
        self.assertEqual(changed, 1)
        config.write_text(text)
        self.collector.serve()

    def test_it_stays_small_and_itself_and_reports_again_to_the_good_one(self):
        marker = pathlib.Path("/tmp/muster-was-here")
        self.assertFalse(marker.exists(), f"{marker} is of before this test: remove it")
        files = {name: (self.agent.directory / name).read_bytes() for name in self.names()
                 if name in ("agent.yml", "ca.pem", "identity.pem")}
        for _ in range(self.RELOADS):
            self.report_again()
        answers = self.end_hostile()
        self.assertGreaterEqual(answers, self.LEAST_ANSWERS)
        self.assertLess(peak_kib(self.agent.process.pid), LARGEST_KIB)
        self.assertFalse(marker.exists())
        foreign = {name for name in self.names() if not OWN.fullmatch(name)}
        self.assertEqual(foreign, set())
        for name, content in files.items():
            self.assertEqual((self.agent.directory / name).read_bytes(), content, name)
        self.serve_good_one_there()
        self.agent.process.send(signal.SIGHUP)
        # With all it holds, though the hostile one said that it had it.
        every = {"agent", "host", "certificates", "packages-apt"}
        wait_until("the good one to have every section",
                   lambda: every <= set(self.collector.sections(self.agent.host)), process=self.agent.process)
        summary = self.collector.get_json(f"/api/v1/hosts/{self.agent.host}")["summary"]
        self.assertTrue(summary["reporting"])
        self.assertNotIn("set aside", self.agent.process.text(), "no file of the outbox was damaged")


class Door:
    """Listens on loopback, and counts who comes."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.socket.setblocking(False)
        self.port = self.socket.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"

    def comers(self):
        count = 0
        try:
            while True:
                self.socket.accept()[0].close()
                count += 1
        except BlockingIOError:
            return count


class TargetsTest(HostileCollectorScenario):
    """The whole agent with targets.allow of one port, and every connection that anything of it makes."""

    def setUp(self):
        self.open = Door()
        self.shut = Door()
        self.addCleanup(self.open.socket.close)
        self.addCleanup(self.shut.socket.close)
        self.AIMS = (self.open.address, self.shut.address, f"localhost:{self.open.port}",
                     f"localhost:{self.shut.port}", f"[::ffff:127.0.0.1]:{self.shut.port}",
                     f"127.0.0.2:{self.open.port}", "169.254.169.254:80", "192.0.2.7:80", "collector.example.org:80")
        super().setUp()

    def test_only_the_port_that_is_listed_is_dialled(self):
        trace = self.directory / "trace"
        self.agent.configure(f"targets: {{allow: [{{networks: [127.0.0.1], ports: [{self.open.port}]}}]}}\n"
                             "probes: {tcp: {interval: 1s}}\n", collectors=[f"127.0.0.1:{self.port}"])
        self.agent.process = self.start("agent", "strace", "-D", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg",
                                        "-o", trace, *self.agent.run_command(self.agent.config))
        wait_until("its first report", (self.agent.directory / "status.json").exists, process=self.agent.process)
        came = 0
        for _ in range(200):
            self.report_again()
            came += self.open.comers()
            if came >= 3:
                break
        self.assertGreaterEqual(came, 3, "what is allowed is looked at")
        self.agent.process.end(signal.SIGTERM)
        self.assertEqual(self.shut.comers(), 0)
        dialled = {(port, address.removeprefix("::ffff:")) for port, address in
                   re.findall(r'sin6?_port=htons\((\d+)\).*?"([^"]*)"', trace.read_text(errors="replace"))}
        self.assertEqual(dialled, {(str(self.port), "127.0.0.1"), (str(self.open.port), "127.0.0.1")})
        self.end_hostile()


class FullAgentTest(HostileCollectorScenario):
    """The whole agent, given more targets than it takes, all of them allowed, and each due every second."""

    # What its rates let a second has to be enough for what is to be seen.
    LOOKS = 2_000

    def setUp(self):
        self.open = Door()
        self.addCleanup(self.open.socket.close)
        self.AIMS = (self.open.address,)
        super().setUp()

    def test_it_and_its_probes_stay_small_while_they_look(self):
        self.agent.configure(
            f"targets:\n  allow: [{{networks: [127.0.0.1], ports: [{self.open.port}]}}]\n"
            "  looks_per_second: 5000\n  looks_per_address_per_second: 1000\n",
            collectors=[f"127.0.0.1:{self.port}"])
        self.agent.run()
        wait_until("its first report", (self.agent.directory / "status.json").exists, process=self.agent.process)
        looks, most_held, peaks = 0, 0, {}
        for _ in range(1000):
            self.report_again()
            status = json.loads((self.agent.directory / "status.json").read_text())
            most_held = max(most_held, int(status.get("targets_held", 0)))
            looks += self.open.comers()
            for pid in with_descendants(self.agent.process.pid):
                peaks[pid] = max(peaks.get(pid, 0), peak_kib(pid))
            if looks >= self.LOOKS and most_held == 10_000:
                break
        self.assertGreaterEqual(looks, self.LOOKS)
        self.assertEqual(most_held, 10_000)
        self.assertLess(peak_kib(self.agent.process.pid), LARGEST_KIB)
        self.assertLess(max(peaks.values()), LARGEST_PROBE_KIB)
        self.end_hostile()


if __name__ == "__main__":
    unittest.main()
