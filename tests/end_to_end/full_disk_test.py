"""A disk that is really full: a small tmpfs in a mount namespace of the test's own. The programs say so,
lose nothing, and go on by themselves when there is room again.

Needs root, or a kernel that lets users have namespaces.
"""

import os
import pathlib
import signal
import sys
import time
import unittest

from certificates import make_certificate
from muster_test import COLLECTOR, Agent, Collector, Scenario, run, wait_until

WRITABLE = "muster_collector_store_writable"


class SmallDisk:
    """A file system of its own at `path`, gone with the test's namespace."""

    def __init__(self, scenario, path, megabytes):
        path.mkdir()
        scenario.run_good("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", path)
        scenario.addCleanup(run, "umount", "--lazy", path)
        self.filler = path / "filler"

    def fill(self):
        with open(self.filler, "wb", buffering=0) as file:
            for size in (1 << 16, 1 << 12):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue

    def free(self):
        self.filler.unlink()


class FullDiskTest(Scenario):
    def setUp(self):
        super().setUp()
        self.tls = self.directory / "tls/seen"
        self.tls.mkdir(parents=True)
        self.show_certificate("before.example.org")

    def show_certificate(self, name):
        make_certificate(self.tls / "www.pem", name, -1, 300)

    def start_agent(self):
        self.agent = Agent(self, self.collector, settings=f"""
probes:
  certificates:
    interval: 1s
    default_paths: false
    paths: ['{self.tls}']
""").run()
        self.wait_for_certificate("before.example.org")

    def wait_for_certificate(self, name):
        family = "muster_certificate_info{"
        wait_until(f"{name} to be known", lambda: any(
            s.startswith(family) and f'common_name="{name}"' in s for s in self.collector.metrics()),
            120, self.collector.process)

    def assert_stays(self, value):
        """For longer than the second in which it is set anew."""
        seen = {self.collector.metrics()[WRITABLE]}
        end = time.monotonic() + 2.5
        while time.monotonic() < end:
            seen.add(self.collector.metrics()[WRITABLE])
            time.sleep(0.1)
        self.assertEqual(seen, {value})

    def test_the_collector_refuses_says_so_keeps_serving_and_goes_on(self):
        disk = SmallDisk(self, self.directory / "small", 4)
        self.collector = Collector(self, "small/collector").serve()
        self.start_agent()
        token = self.collector.token()
        self.assertEqual(self.collector.metrics()[WRITABLE], 1)

        disk.fill()
        self.show_certificate("after.example.org")
        wait_until("the metric to say that the disk is full",
                   lambda: self.collector.metrics()[WRITABLE] == 0, process=self.collector.process)
        joined = Agent.enroll(self, self.collector.url, token["token"], token["ca_sha256"],
                              self.directory / "joiner")
        self.assertNotEqual(joined.returncode, 0, joined.stdout)
        self.assertIn("make room on that disk", joined.stderr)
        # What only reads says nothing of the disk; the agent, whose reports do, stands still meanwhile.
        self.agent.process.send(signal.SIGSTOP)
        self.run_good(COLLECTOR, "token", "list", "--config", self.collector.config)
        wrong = Agent.enroll(self, self.collector.url, "x" * len(token["token"]), token["ca_sha256"],
                             self.directory / "joiner")
        self.assertNotEqual(wrong.returncode, 0, wrong.stdout)
        self.assert_stays(0)
        self.agent.process.send(signal.SIGCONT)
        # What was known is shown on, and nothing of what was refused.
        series = "\n".join(self.collector.metrics())
        self.assertIn("before.example.org", series)
        self.assertNotIn("after.example.org", series)

        disk.free()
        self.wait_for_certificate("after.example.org")
        wait_until("the metric to say that all is well",
                   lambda: self.collector.metrics()[WRITABLE] == 1)
        # The token was not used up by the try that failed.
        joined = Agent.enroll(self, self.collector.url, token["token"], token["ca_sha256"],
                              self.directory / "joiner")
        self.assertEqual(joined.returncode, 0, joined.stderr)
        self.assertTrue(self.collector.process.runs())
        self.collector.process.end(signal.SIGKILL)
        self.collector.serve()
        self.wait_for_certificate("after.example.org")

    def test_the_agent_reports_from_memory_and_saves_when_there_is_room(self):
        disk = SmallDisk(self, self.directory / "agent", 4)
        self.collector = Collector(self).serve()
        self.start_agent()

        disk.fill()
        self.show_certificate("after.example.org")
        self.wait_for_certificate("after.example.org")
        wait_until("the agent to say that it could not save",
                   lambda: "No space left on device" in self.agent.process.text())
        sequence = self.collector.sections(self.agent.host)["certificates"]["sequence"]
        self.assertTrue(self.agent.process.runs())

        disk.free()
        self.show_certificate("later.example.org")
        self.wait_for_certificate("later.example.org")
        cursor = self.agent.directory / "outbox/cursor"
        wait_until("the outbox to be saved", cursor.exists, process=self.agent.process)
        # Nothing that is known is lost with the process, and none of its numbers is used again.
        self.agent.process.end(signal.SIGKILL)
        self.agent.run()
        self.show_certificate("last.example.org")
        self.wait_for_certificate("last.example.org")
        later = self.collector.sections(self.agent.host)["certificates"]["sequence"]
        self.assertNotEqual(later, sequence)
        self.assertEqual(list(self.agent.directory.rglob("*.damaged")), [])


if __name__ == "__main__":
    if "MUSTER_OWN_MOUNTS" not in os.environ:
        os.environ["MUSTER_OWN_MOUNTS"] = "yes"
        own = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
        os.execvp(own[0], [*own, sys.executable, "-B", str(pathlib.Path(__file__).resolve()), *sys.argv[1:]])
    unittest.main()
