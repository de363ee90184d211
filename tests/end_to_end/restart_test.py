"""Restarts and ends: what was acknowledged stays, what ends leaves nothing behind."""

import contextlib
import http.client
import os
import pathlib
import shutil
import signal
import socket
import ssl
import unittest

from muster_test import BUILD, DEADLINE, Agent, Collector, Scenario, wait_until

PROBES = {"agent", "host", "packages-apt", "certificates"}

# A promise to service managers, not a measurement: hence the one time in these tests.
SECONDS_TO_END = 2


def host_series(samples):
    """The series about hosts that do not move by themselves."""
    return {series: value for series, value in samples.items()
            if series.startswith(("muster_host_info", "muster_control_status", "muster_packages_",
                                  "muster_package_", "muster_certificate"))}


def runs(process_id):
    """Whether there is such a process, and not only its exit status for whoever asks."""
    try:
        stat = pathlib.Path(f"/proc/{process_id}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def unread_bytes(port):
    """How much the process behind a port has been sent and has not read: see proc(5)."""
    unread = 0
    # A socket for both families is in the second, whichever way a connection comes.
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in pathlib.Path(table).read_text().splitlines()[1:]:
            _, local, _, state, queues = line.split()[:5]
            if state == "01" and local.endswith(f":{port:04X}"):  # 01: established
                unread += int(queues.split(":")[1], 16)
    return unread


class RestartTest(Scenario):
    def setUp(self):
        super().setUp()
        self.collector = Collector(self).serve()
        self.agent = Agent(self, self.collector).run()
        wait_until("all probes to have reported",
                   lambda: PROBES <= self.collector.sections(self.agent.host).keys())

    def assert_ends_in_time(self, process):
        status, seconds = process.end(signal.SIGTERM)
        self.assertEqual(status, 0, process.text()[-2000:])
        self.assertLess(seconds, SECONDS_TO_END)

    def test_metrics_are_there_before_the_next_sync(self):
        self.agent.process.end()
        before = host_series(self.collector.metrics())
        self.assertTrue(before)
        for number in (signal.SIGTERM, signal.SIGKILL):
            with self.subTest(number.name):
                status, _ = self.collector.process.end(number)
                self.assertEqual(status, 0 if number == signal.SIGTERM else -number)
                self.collector.serve()
                self.assertEqual(host_series(self.collector.metrics()), before)

    def test_an_agent_reports_again_to_a_collector_that_was_killed(self):
        self.collector.process.end(signal.SIGKILL)
        self.collector.serve()
        last = f'muster_host_last_sync_timestamp_seconds{{host="{self.agent.host}"}}'
        before = self.collector.metrics()[last]
        wait_until("the next sync", lambda: self.collector.metrics()[last] > before, seconds=180)

    def test_sigterm_ends_the_agent_within_two_seconds_and_leaves_no_temporary_files(self):
        self.assert_ends_in_time(self.agent.process)
        left = [p.name for p in self.agent.directory.rglob("*")
                if p.name.startswith(".") or "tmp" in p.name or p.name.endswith("~")]
        self.assertEqual(left, [])

    def test_sigterm_ends_the_agent_in_time_while_a_probe_hangs(self):
        probes = self.directory / "probes"
        probes.mkdir()
        program = probes / "muster-probe-certificates"
        shutil.copy(BUILD / "tests/hostile_probe", program)
        self.agent.process.end()
        self.agent.configure(f"probe_directory: '{probes}'\n"
                             "probes: {certificates: {paths: [/try/hang]}}\n")
        self.agent.run()

        def hanging():
            found = []
            for process in pathlib.Path("/proc").glob("[0-9]*"):
                with contextlib.suppress(OSError):
                    if os.readlink(process / "exe") == str(program):
                        found.append(process.name)
            return found
        processes = wait_until("the probe to hang", hanging, process=self.agent.process)
        self.assert_ends_in_time(self.agent.process)
        wait_until("the probe to be gone", lambda: not any(runs(p) for p in processes), seconds=10)

    def test_sigterm_ends_the_agent_in_time_while_a_collector_does_not_answer(self):
        self.agent.process.end()
        with socket.create_server(("127.0.0.1", 0)) as silent:
            silent.settimeout(DEADLINE)
            self.agent.configure(collectors=[f"127.0.0.1:{silent.getsockname()[1]}"])
            self.agent.run()
            connection, _ = silent.accept()
            with connection:
                connection.settimeout(DEADLINE)
                self.assertTrue(connection.recv(1), "the agent hung up")
                self.assert_ends_in_time(self.agent.process)

    def test_sigterm_ends_the_agent_in_time_while_a_collector_is_stuck(self):
        self.collector.process.send(signal.SIGSTOP)
        self.addCleanup(self.collector.process.send, signal.SIGCONT)
        wait_until("a report that nobody reads", lambda: unread_bytes(self.collector.grpc_port),
                   process=self.agent.process)
        self.assert_ends_in_time(self.agent.process)

    def test_sigterm_ends_the_collector_in_time_with_an_agent_and_a_browser_connected(self):
        browser = http.client.HTTPSConnection(
            "127.0.0.1", self.collector.http_port,
            context=ssl.create_default_context(cafile=self.collector.ca_file))
        self.addCleanup(browser.close)
        browser.request("GET", "/-/ready")
        browser.getresponse().read()
        self.assertIsNotNone(browser.sock, "the connection is not kept open")
        self.assertTrue(self.agent.process.runs())
        self.assert_ends_in_time(self.collector.process)

    def test_an_agent_that_was_killed_starts_again_with_what_it_knew(self):
        self.agent.process.end(signal.SIGKILL)
        sequence = self.collector.sections(self.agent.host)["host"]["sequence"]
        last = f'muster_host_last_sync_timestamp_seconds{{host="{self.agent.host}"}}'
        before = self.collector.metrics()[last]
        self.agent.run()
        wait_until("the first sync after the restart",
                   lambda: self.collector.metrics()[last] > before)
        self.assertEqual(self.collector.sections(self.agent.host)["host"]["sequence"], sequence)


if __name__ == "__main__":
    unittest.main()
