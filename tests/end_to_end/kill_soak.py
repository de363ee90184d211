"""kill_test.py's world for long, killed at points and passages of chance; now and then an operation
fails first.

    MUSTER_KILL_SECONDS=3600 MUSTER_KILL_SEED=7 python3 tests/end_to_end/kill_soak.py

What is tried follows from the seed, which is printed; what it meets depends on the machine.
"""

import os
import random
import signal
import time
import unittest

from kill_test import KillWorld
from muster_test import wait_until

SECONDS = float(os.environ.get("MUSTER_KILL_SECONDS", "120"))
SEED = int(os.environ.get("MUSTER_KILL_SEED", random.SystemRandom().randrange(1 << 32)))

# Where, and how far into the work at most.
COLLECTOR_POINTS = [("store.wal.write@commit ", 40), ("store.wal.sync@commit ", 8), ("store.begin", 6),
                    ("store.operation", 6), ("store.commit", 6), ("store.committed", 6),
                    ("housekeeping.round", 4), ("store.database.write@", 3)]
COLLECTOR_FAULTS = [("store.wal.write@commit ", "ENOSPC"), ("store.wal.write@commit ", "short"),
                    ("store.wal.sync@commit ", "EIO"), ("store.commit", "ENOSPC")]
AGENT_POINTS = [("file.create@", 20), ("file.write@", 20), ("file.sync@", 20), ("file.rename@", 20),
                ("directory.sync@/outbox", 20), ("outbox.remove@", 8), ("outbox.acknowledged", 6),
                ("status.write", 10), ("status.rename", 10)]
AGENT_FAULTS = [("file.create@", "ENOSPC"), ("file.write@", "short"), ("file.sync@", "EIO"),
                ("file.rename@", "EIO"), ("outbox.remove_cursor@", "EIO")]
# For a kill to come, with work done meanwhile; else it is one without a point.
PATIENCE_SECONDS = 4


class KillSoak(KillWorld):
    def rules(self, points, faults):
        point, most = self.random.choice(points)
        rules = f"{point}#{self.random.randint(1, most)}"
        if self.random.random() < 0.3:
            failing, action = self.random.choice(faults)
            rules = f"{failing}#{self.random.randint(1, 5)}={action};{rules}"
        return rules

    def work_until_killed(self, process, rules):
        end = time.monotonic() + PATIENCE_SECONDS
        while process.runs() and time.monotonic() < end:
            self.change()
            self.random.choice([self.make_token, self.join_with_any_token])()
            time.sleep(self.random.uniform(0, 0.3))
        if process.runs():
            process.send(signal.SIGKILL)
        wait_until("the kill", lambda: not process.runs())
        self.assertEqual(process.popen.returncode, -signal.SIGKILL, f"{rules}: {process.text()[-2000:]}")

    def join_with_any_token(self):
        if self.tokens:
            token = self.tokens.pop()
            self.doubtful.append(token)
            self.join(token)

    def test_many_kills_of_chance(self):
        print(f"\nkill soak: {SECONDS:.0f} s with MUSTER_KILL_SEED={SEED}", flush=True)
        self.random = random.Random(SEED)
        killed, end = 0, time.monotonic() + SECONDS
        while time.monotonic() < end:
            if not self.tokens:
                self.tokens = [t for t in (self.make_token() for _ in range(3)) if t]
            if self.random.random() < 0.6:
                self.collector.process.end(signal.SIGKILL)
                rules = self.rules(COLLECTOR_POINTS, COLLECTOR_FAULTS)
                self.start_the_collector(self.armed(rules))
                self.work_until_killed(self.collector.process, rules)
                self.model.check_store(self.collector.directory, self.agent.directory, self.agent.host)
                self.revive_the_collector()
            else:
                self.agent.process.end(signal.SIGKILL)
                rules = self.rules(AGENT_POINTS, AGENT_FAULTS)
                self.agent.run(self.armed(rules))
                self.work_until_killed(self.agent.process, rules)
                self.model.check_outbox(self.agent.directory)
                self.agent.run()
            killed += 2
        self.restart_the_agent()
        self.settle()
        print(f"kill soak: {killed} kills, {len(self.kills())} of them at failpoints, "
              f"{len(self.kills(' commit '))} inside an open commit", flush=True)
        self.assertEqual(self.model.strangers(self.agent.directory, self.collector.directory), [])


if __name__ == "__main__":
    unittest.main()
