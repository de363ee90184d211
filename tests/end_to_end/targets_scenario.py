"""Agents that look at targets, and a counting server that is all of these: what the process tests of targets
share, and the times that docs/targets.md states."""

import time

from look_oracle import LookOracle
from muster_test import Agent, Collector, Scenario, wait_until

INTERVAL = 4
SYNC = 1
# For a busy machine: processes that start late, and a server that counts late.
SLACK = 10


def margin(lease):
    """How far clocks of two agents may part: docs/targets.md."""
    return 1 + lease / 1000


def taken_over_within(lease):
    """From an agent's end to a look of another at each of its targets: docs/targets.md."""
    return lease + margin(lease) + SYNC + INTERVAL


class TargetsScenario(Scenario):
    count = 1000
    lease = 8

    def setUp(self):
        super().setUp()
        self.oracle = LookOracle(self.count, INTERVAL)
        self.addCleanup(self.oracle.close)
        self.taken_over = taken_over_within(self.lease)
        self.collector = Collector(self)
        targets = self.collector.directory / "targets.d"
        targets.mkdir()
        (targets / "loopback.yml").write_text(self.oracle.list_text())
        with self.collector.config.open("a") as config:
            config.write("targets: {files: [targets.d/*.yml], agents: {role: [monitor]}, "
                         f"lease: {self.lease}s}}\n")
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

    def watch(self, seconds):
        """Lets time pass."""
        end = time.time() + seconds
        wait_until("time to pass", lambda: time.time() > end, seconds + 60)

    def watch_moves(self):
        """Lets the time pass in which targets are on their way to whoever came: until leases end."""
        self.watch(self.lease + 2 * INTERVAL)

    def assert_never_twice(self):
        self.assertEqual(self.oracle.twice(), {})
        self.assertEqual(self.oracle.strangers, [])
