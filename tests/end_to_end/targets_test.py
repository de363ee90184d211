"""Targets, as processes: three agents look at a thousand, and a counting server is the oracle. Whatever
happens to agents, collector and network, no target is looked at twice in an interval, and none is forgotten
for longer than docs/targets.md says; who looks at a target is not disturbed by what happens to others.
"""

import os
import signal
import time
import unittest

from muster_test import wait_until, with_descendants
from proxy import ConnectProxy
from targets_scenario import INTERVAL, SLACK, SYNC, TargetsScenario


def signal_all(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


class TargetsTest(TargetsScenario):
    def held_by(self, agent):
        """Names of the targets that it looks at."""
        targets = self.collector.get_json("/api/v1/targets")["targets"]
        return {target["name"] for target in targets if target.get("looked_at_by") == agent.host}

    def assert_taken_over(self, since, of):
        """Of the targets that one had, none is without a look for longer than is told; the others' looks go
        on as if nothing had happened."""
        now = time.time()
        self.assertTrue(0 < len(of) < self.count, len(of))
        self.assertEqual(self.oracle.missed(since, now, set(self.oracle.names.values()) - of), {})
        # The last look lies up to an interval before what happened.
        self.assertLess(self.oracle.longest_gap(since, now, of), self.taken_over + INTERVAL + SLACK)
        self.assert_never_twice()

    def assert_moved_well(self, since, until):
        """Of those that go to another agent, a look that falls between the two is left out, and no more."""
        missed = self.oracle.missed(since, until)
        self.assertEqual({name: count for name, count in missed.items() if count > 1}, {})
        self.assertLess(self.oracle.longest_gap(since, until), 3 * INTERVAL)
        self.assert_never_twice()

    def test_none_is_looked_at_twice_and_none_is_missed_whatever_fails(self):
        cable = ConnectProxy()
        self.addCleanup(cable.close)
        one, two = (self.agent(name).run() for name in ("one", "two"))
        three = self.agent("three", f"proxy: {cable.url}\n").run()
        self.wait_all_are_looked_at("the first looks", self.taken_over + SLACK + 60)
        wait_until("three agents", lambda: self.metric("muster_collector_target_agents") == 3)
        self.watch_moves()

        with self.subTest("nothing happens"):
            quiet = time.time()
            moves = self.metric("muster_collector_target_moves_total")
            self.watch(4 * INTERVAL)
            self.assertEqual(self.oracle.missed(quiet, time.time()), {})
            self.assertEqual(self.metric("muster_collector_target_moves_total"), moves)
            self.assert_never_twice()

        with self.subTest("an agent is killed, its probes with it"):
            its = self.held_by(one)
            killed = time.time()
            one.process.end(signal.SIGKILL)
            self.wait_all_are_looked_at("all of them, by two", self.taken_over + SLACK)
            self.assert_taken_over(killed, its)

        with self.subTest("an agent is paused past its lease, and goes on"):
            # With the probes that have their next looks in hand.
            its = self.held_by(two)
            paused = with_descendants(two.process.pid)
            since = time.time()
            signal_all(paused, signal.SIGSTOP)
            self.addCleanup(signal_all, paused, signal.SIGCONT)
            self.wait_all_are_looked_at("all of them, by one", self.taken_over + SLACK)
            self.assert_taken_over(since, its)
            since = time.time()
            signal_all(paused, signal.SIGCONT)
            self.watch_moves()
            self.assert_moved_well(since, time.time())

        with self.subTest("the killed agent comes back"):
            since = time.time()
            one.run()
            wait_until("three agents", lambda: self.metric("muster_collector_target_agents") == 3)
            self.watch_moves()
            self.assert_moved_well(since, time.time())

        with self.subTest("the network between one agent and the collector is cut"):
            its = self.held_by(three)
            since = time.time()
            cable.cut()
            wait_until("the agent is missed", lambda: self.metric("muster_collector_target_agents") == 2,
                       self.lease + SLACK)
            self.wait_all_are_looked_at("all of them, by two", self.taken_over + SLACK)
            self.assert_taken_over(since, its)
            since = time.time()
            cable.mend()
            wait_until("three agents", lambda: self.metric("muster_collector_target_agents") == 3, 120)
            self.watch_moves()
            self.assert_moved_well(since, time.time())

        with self.subTest("the collector is killed and comes back"):
            killed = time.time()
            self.collector.process.end(signal.SIGKILL)
            self.watch(INTERVAL / 2)
            self.collector.serve()
            away = time.time() - killed
            self.watch_moves()
            # Looking goes on for as long as leases run; these had reported within SYNC before.
            left_out = max(0, away + 2 * SYNC - self.lease)
            gap = self.oracle.longest_gap(killed, time.time())
            self.assertLess(gap, 2 * INTERVAL + (left_out + SLACK if left_out else 0), f"away for {away:.1f} s")
            self.assert_never_twice()

        self.assertEqual(three.process.runs(), True)
        listed = self.collector.get_json("/api/v1/targets")["targets"]
        self.assertEqual(len(listed), self.count)
        self.assertEqual({target["status"] for target in listed}, {"STATUS_PASS"})


if __name__ == "__main__":
    unittest.main()
