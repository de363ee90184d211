"""A collector that has been taken over: its certificate is right, and what it answers is made to hurt.
The agent executes nothing, opens nothing but its own files, connects nowhere else, takes no target
outside `targets.allow`, and stays small.

MUSTER_HOSTILE_ANSWERS says how many answers; `tests/run --all` gives 100,000.
"""

import os
import re
import shutil
import signal
import unittest

from muster_test import BUILD, Agent, Collector, Scenario, run, wait_until

ANSWERS = int(os.environ.get("MUSTER_HOSTILE_ANSWERS", "2000"))
HOSTILE_COLLECTOR = BUILD / "tests/hostile-collector"
AGENT_UNDER_FIRE = BUILD / "tests/agent-under-fire"
# The one of the addresses in the answers that this agent may look at.
ALLOWED = "127.0.0.1:22"
LARGEST_KIB = 40 * 1024

# What a program reads of the system to start and to keep time; never written.
SYSTEM = ("/lib/", "/lib64/", "/usr/lib/", "/usr/share/zoneinfo/", "/usr/share/locale/", "/etc/ld.so.",
          "/etc/ssl/openssl.cnf", "/usr/lib/ssl/openssl.cnf", "/etc/localtime", "/proc/self/", "/proc/stat",
          "/proc/cpuinfo", "/proc/meminfo", "/proc/sys/", "/sys/devices/system/cpu", "/sys/fs/cgroup",
          "/dev/urandom", "/dev/random", "/etc/nsswitch.conf", "/etc/hosts", "/etc/resolv.conf",
          "/etc/host.conf", "/etc/gai.conf")


class HostileCollectorTest(Scenario):
    def setUp(self):
        super().setUp()
        collector = Collector(self).serve()
        self.agent = Agent(self, collector)
        collector.process.end()
        self.hostile = self.start("hostile", HOSTILE_COLLECTOR, collector.directory / "server.pem",
                                  collector.directory / "server.key", collector.ca_file, 20261122)
        self.port = int(wait_until("its port", lambda: re.findall(r"port (\d+)", self.hostile.text()),
                                   process=self.hostile)[0])
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
        self.assertGreater(int(said["refused"][0]), 0)
        self.assertEqual(said.get("target", []), [ALLOWED])
        self.assert_only_its_own(trace.read_text(errors="replace"))
        status, _ = self.hostile.end(signal.SIGTERM)
        self.assertEqual(status, 0)
        self.assertGreaterEqual(int(re.search(r"answers (\d+)", self.hostile.text()).group(1)), ANSWERS)

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


if __name__ == "__main__":
    unittest.main()
