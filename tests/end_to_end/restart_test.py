"""Restarts and ends: what was acknowledged stays, what ends leaves nothing behind."""

import signal
import unittest

from muster_test import Agent, Collector, Scenario, wait_until

PROBES = {"agent", "host", "packages-apt", "certificates"}


def host_series(samples):
    """The series about hosts that do not move by themselves."""
    return {series: value for series, value in samples.items()
            if series.startswith(("muster_host_info", "muster_control_status", "muster_packages_",
                                  "muster_package_", "muster_certificate"))}


class RestartTest(Scenario):
    def setUp(self):
        super().setUp()
        self.collector = Collector(self).serve()
        self.agent = Agent(self, self.collector).run()
        wait_until("all probes to have reported",
                   lambda: PROBES <= self.collector.sections(self.agent.host).keys())

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
        status, seconds = self.agent.process.end(signal.SIGTERM)
        self.assertEqual(status, 0, self.agent.process.text()[-2000:])
        # A promise to service managers, not a measurement: hence the one time in these tests.
        self.assertLess(seconds, 2)
        left = [p.name for p in self.agent.directory.rglob("*")
                if p.name.startswith(".") or "tmp" in p.name or p.name.endswith("~")]
        self.assertEqual(left, [])

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
