"""A collector that is away for longer than leases run: agents look on until these end, then nobody does, and
soon after it is back all is as before.

MUSTER_OUTAGE_SECONDS says how long it is away.
"""

import os
import signal
import time
import unittest

from muster_test import wait_until
from targets_scenario import INTERVAL, SLACK, SYNC, TargetsScenario

OUTAGE = float(os.environ.get("MUSTER_OUTAGE_SECONDS", "30"))


class OutageTest(TargetsScenario):
    count = 60
    lease = 12

    def test_agents_look_until_their_leases_end_and_are_back_soon_after_the_collector(self):
        for name in ("one", "two"):
            self.agent(name).run()
        self.wait_all_are_looked_at("the first looks", self.taken_over + SLACK + 60)
        wait_until("two agents", lambda: self.metric("muster_collector_target_agents") == 2)
        self.watch_moves()

        self.collector.process.end(signal.SIGKILL)
        gone = time.time()
        ends = gone + self.lease
        wait_until("the leases' end", lambda: time.time() > ends + 1, self.lease + 60)
        # The last renewal was up to a report before; in the last second of a lease nothing begins.
        self.assertEqual(self.oracle.missed(gone - INTERVAL, ends - 2 * SYNC - 1), {})
        self.watch(max(2 * INTERVAL, OUTAGE - (time.time() - gone)))
        self.assertEqual(self.oracle.seen_since(ends + 1), 0)

        self.collector.serve()
        # However long that was: agents with targets.allow try at least once in their sync_interval.
        back = self.wait_all_are_looked_at("all of them again", 120)
        self.assertLess(back, SYNC + INTERVAL + SLACK)
        self.assert_never_twice()


if __name__ == "__main__":
    unittest.main()
