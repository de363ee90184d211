"""Targets, as processes: three agents look at a thousand, and a counting server is the oracle. Whatever
happens to agents, collector and network, no target is looked at twice in an interval, and none is forgotten
for longer than docs/targets.md says.
"""

import os
import signal
import time
import unittest

from look_oracle import LookOracle
from muster_test import Agent, Collector, Scenario, wait_until, with_descendants
from proxy import ConnectProxy

COUNT = 1000
INTERVAL = 4
LEASE = 8
# docs/targets.md: lease, margin, a sync of who takes over, an interval. The rest is for a busy machine.
TAKEN_OVER = LEASE + 2 + 1 + INTERVAL
SLACK = 10


def signal_all(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


class TargetsScenario(Scenario):
    count = COUNT

    def setUp(self):
        super().setUp()
        self.oracle = LookOracle(self.count, INTERVAL)
        self.addCleanup(self.oracle.close)
        self.collector = Collector(self)
        targets = self.collector.directory / "targets.d"
        targets.mkdir()
        (targets / "loopback.yml").write_text(self.oracle.list_text())
        with self.collector.config.open("a") as config:
            config.write(f"targets: {{files: [targets.d/*.yml], agents: {{role: [monitor]}}, lease: {LEASE}s}}\n")
        self.collector.serve()

    def agent(self, name, extra=""):
        return Agent(self, self.collector, name, labels=["role=monitor"], settings=(
            f"{extra}targets:\n"
            f"  allow: [{{networks: [127.16.0.0/16], ports: [{self.oracle.port}], kinds: [tcp]}}]\n"
            "  looks_per_second: 2000\n"
            "probes: {certificates: {enabled: false}, packages-apt: {enabled: false}}\n"))

    def metric(self, name):
        return self.collector.metrics("/metrics/self")[name]

    def wait_all_are_looked_at(self, what, seconds):
        """From now on, all of them; how long that took."""
        since = time.time()
        wait_until(what, lambda: self.oracle.seen_since(since) == self.count, seconds)
        return time.time() - since

    def watch(self, intervals):
        """Lets that many intervals go by."""
        end = time.time() + intervals * INTERVAL
        wait_until("time to pass", lambda: time.time() > end, intervals * INTERVAL + 60)

    def assert_never_twice(self):
        self.assertEqual(self.oracle.twice(), {})
        self.assertEqual(self.oracle.strangers, [])


class TargetsTest(TargetsScenario):
    def test_none_is_looked_at_twice_and_none_is_missed_whatever_fails(self):
        cable = ConnectProxy()
        self.addCleanup(cable.close)
        one, two = (self.agent(name).run() for name in ("one", "two"))
        three = self.agent("three", f"proxy: {cable.url}\n").run()
        self.wait_all_are_looked_at("the first looks", TAKEN_OVER + SLACK + 60)
        wait_until("three agents", lambda: self.metric("muster_collector_target_agents") == 3)
        # Targets are on their way to those that came later, until the leases end.
        self.watch((LEASE + INTERVAL) / INTERVAL + 1)

        quiet = time.time()
        moves = self.metric("muster_collector_target_moves_total")
        self.watch(4)
        self.assertEqual(self.oracle.missed(quiet, time.time()), {})
        self.assertEqual(self.metric("muster_collector_target_moves_total"), moves)
        self.assert_never_twice()

        with self.subTest("an agent is killed, its probes with it"):
            killed = time.time()
            one.process.end(signal.SIGKILL)
            self.wait_all_are_looked_at("all of them, by two", TAKEN_OVER + SLACK)
            self.assertLess(self.oracle.longest_gap(killed, time.time()), TAKEN_OVER + INTERVAL + SLACK)
            self.assert_never_twice()

        with self.subTest("an agent is paused past its lease, and goes on"):
            # With the probes that have their next looks in hand.
            paused = with_descendants(two.process.pid)
            signal_all(paused, signal.SIGSTOP)
            self.addCleanup(signal_all, paused, signal.SIGCONT)
            self.wait_all_are_looked_at("all of them, by one", TAKEN_OVER + SLACK)
            signal_all(paused, signal.SIGCONT)
            self.watch(2)
            self.assert_never_twice()

        with self.subTest("the killed agent comes back"):
            one.run()
            wait_until("three agents", lambda: self.metric("muster_collector_target_agents") == 3)
            self.watch((LEASE + INTERVAL) / INTERVAL + 1)
            self.assert_never_twice()

        with self.subTest("the network between one agent and the collector is cut"):
            cable.cut()
            wait_until("the agent is missed", lambda: self.metric("muster_collector_target_agents") == 2,
                       LEASE + SLACK)
            self.wait_all_are_looked_at("all of them, by two", TAKEN_OVER + SLACK)
            cable.mend()
            wait_until("three agents", lambda: self.metric("muster_collector_target_agents") == 3, 120)
            self.watch((LEASE + INTERVAL) / INTERVAL + 1)
            self.assert_never_twice()

        with self.subTest("the collector is killed and comes back"):
            self.collector.process.end(signal.SIGKILL)
            # Looking goes on meanwhile, for as long as leases run.
            self.watch(1)
            self.collector.serve()
            # An agent that reports goes on at once.
            self.wait_all_are_looked_at("all of them", TAKEN_OVER + SLACK + 10)
            self.watch(2)
            self.assert_never_twice()

        self.assertEqual(three.process.runs(), True)
        listed = self.collector.get_json("/api/v1/targets")["targets"]
        self.assertEqual(len(listed), COUNT)
        self.assertEqual({target["status"] for target in listed}, {"STATUS_PASS"})


class WithoutCollectorTest(TargetsScenario):
    count = 50

    def test_an_agent_stops_at_the_end_of_its_lease_when_no_collector_answers(self):
        self.agent("one").run()
        self.wait_all_are_looked_at("the first looks", TAKEN_OVER + SLACK + 60)
        self.collector.process.end(signal.SIGKILL)
        gone = time.time()
        wait_until("the end of the lease", lambda: time.time() > gone + LEASE + 1, LEASE + 60)
        self.watch(2)
        self.assertEqual(self.oracle.seen_since(gone + LEASE + 1), 0)
        self.collector.serve()
        # However long that was: its reports are tried at least at their interval.
        self.wait_all_are_looked_at("all of them again", TAKEN_OVER + SLACK)
        self.assert_never_twice()


if __name__ == "__main__":
    unittest.main()
