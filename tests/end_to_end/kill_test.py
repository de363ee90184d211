"""kill -9 of either program at every kind of write, most of them inside an open commit, while files
change and hosts join: nothing acknowledged is lost, nothing is there twice, both come back by
themselves. Where each is killed is a table (docs/reliability.md); tests/end_to_end/kill_model.py knows
what must be there.
"""

import json
import os
import re
import shutil
import signal
import time
import unittest

from certificates import make_certificate
from kill_model import Model
from muster_test import COLLECTOR, Agent, Collector, Scenario, run, wait_until

# What makes the collector write, and the passages at which it is killed there.
COLLECTOR_KILLS = [
    # A token is made: one commit.
    *[("token", f"store.wal.write@commit #{n}") for n in range(1, 9)],
    ("token", "store.wal.sync@commit #1"),
    ("token", "store.begin#1"),
    ("token", "store.operation#1"),
    ("token", "store.commit#1"),
    ("token", "store.committed#1"),
    ("token", "store.wal.write@commit #1=short;store.wal.write@commit #2"),
    # A host joins: the token is taken in one commit, the host is added in another.
    *[("join", f"store.wal.write@commit #{n}") for n in range(1, 9)],
    ("join", "store.wal.sync@commit #1"),
    ("join", "store.wal.sync@commit #2"),
    ("join", "store.commit#2"),
    ("join", "store.committed#1"),
    ("join", "store.committed#2"),
    ("join", "enrolment.token_taken#1"),
    ("join", "enrolment.host_added#1"),
    ("join", "enrolment.certificate_issued#1"),
    # An agent reports what changed.
    *[("report", f"store.wal.write@commit #{n}") for n in range(1, 7)],
    ("report", "store.wal.sync@commit #1"),
    ("report", "store.committed#1"),
    # By itself, every second.
    ("nothing", "housekeeping.round#1"),
    # It ends: the times of reports are written behind, and the log is copied into the file.
    ("end after a report", "store.times#1"),
    ("end", "store.database.write@close #1"),
    ("end", "store.database.write@close #2"),
    ("end", "store.database.sync@close #1"),
    ("end", "store.wal.delete@close #1"),
]

# The agent writes by itself: it starts, looks, reports, and notes what is acknowledged.
AGENT_KILLS = [
    "lock.create#1",
    "status.create#1",
    "status.write#1",
    "status.mode#2",
    "status.rename#1",
    "file.create@.version#1",
    "file.write@.version#1",
    "file.write@.version#1=short;file.write@.version#2",
    "file.mode@.version#1",
    "file.sync@.version#1",
    "file.rename@.version#1",
    "directory.sync@/outbox#1",
    "file.write@.version#2",
    "file.rename@.version#2",
    "outbox.acknowledged#1",
    "file.create@/cursor#1",
    "file.write@/cursor#1",
    "file.sync@/cursor#1",
    "file.rename@/cursor#1",
    "outbox.remove#1",
]

ENROL_KILLS = [
    "file.rename@agent.yml#1",
    "file.rename@ca.pem#1",
    "file.write@identity.pem#1",
    "file.sync@identity.pem#1",
    "file.rename@identity.pem#1",
]

# The promise of issue and documentation: not fewer, whatever is moved in the tables.
KILLS_AT_LEAST = 50
INSIDE_COMMITS_AT_LEAST = 25


class KillWorld(Scenario):
    """A collector, an agent whose certificate changes, hosts that join, and the model of it all."""

    def setUp(self):
        super().setUp()
        self.log = self.directory / "failpoints.log"
        # An agent that root starts becomes somebody else.
        self.log.touch()
        self.log.chmod(0o666)
        self.tls = self.directory / "tls"
        self.tls.mkdir()
        pool = self.directory / "pool/made"
        pool.mkdir(parents=True)
        self.pool = [pool / f"{i}.pem" for i in range(6)]
        for i, path in enumerate(self.pool):
            make_certificate(path, f"www{i}.example.org", -100, 100 + i)
        self.changes = 0
        self.change()
        self.model = Model(self.directory / "scratch")
        self.collector = Collector(self).serve()
        self.agent = Agent(self, self.collector, settings=f"""
probes:
  certificates:
    interval: 1s
    default_paths: false
    paths: ['{self.tls}']
""").run()
        self.model.hosts.add(self.agent.host)
        self.slots = self.plain_kills = 0
        self.tokens, self.doubtful = [], []
        self.settle()

    # What happens.

    def change(self):
        """Another certificate in place of the one file, in one step."""
        self.changes += 1
        new = self.tls / "new"
        shutil.copyfile(self.pool[self.changes % len(self.pool)], new)
        new.replace(self.tls / "www.pem")

    def make_token(self):
        """A token for one host, or None if that was not answered."""
        self.slots += 1
        result = run(COLLECTOR, "token", "create", "--config", self.collector.config, "--ttl", "10m",
                     "--label", f"slot={self.slots}", "--format", "json")
        if result.returncode != 0:
            return None
        token = re.search(r'"token":\s*"([^"]+)"', result.stdout)[1]
        self.ca_sha256 = re.search(r'"ca_sha256":\s*"([^"]+)"', result.stdout)[1]
        self.model.token_made(token, str(self.slots))
        return token

    def join(self, token, environment=None):
        """What the command of a host that joins has said. A host of its own when it was good before."""
        directory = self.directory / "joiner"
        if (directory / "identity.pem").exists():
            shutil.rmtree(directory)
        result = Agent.enroll(self, self.collector.url, token, self.ca_sha256, directory, environment)
        if result.returncode == 0:
            self.model.enrolled(token, re.search(r"enrolled as (\S+)", result.stdout)[1])
        return result

    def settle(self):
        """Until the collector knows what is on disk, and the outbox waits for nothing."""
        said = self.run_good("openssl", "x509", "-in", self.tls / "www.pem", "-noout", "-subject")
        name = re.search(r"CN\s*=\s*(\S+)", said)[1]
        family = "muster_certificate_info{"

        def is_known():
            seen = [s for s in self.collector.metrics() if s.startswith(family)]
            status = json.loads((self.agent.directory / "status.json").read_text())
            return (len(seen) == 1 and f'common_name="{name}"' in seen[0] and
                    int(status["process_id"]) == self.agent.process.pid and
                    int(status.get("outbox_entries", 0)) == 0)
        wait_until(f"{name} to be known", is_known, 120, self.agent.process)

    # Kills.

    def armed(self, rules):
        """The environment in which the last of the rules is a kill."""
        return {**os.environ, "MUSTER_FAILPOINTS": f"{rules}=kill",
                "MUSTER_FAILPOINTS_LOG": str(self.log)}

    def kills(self, inside=""):
        """The lines of the log that tell of kills."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line for line in lines if line.endswith(" kill") and inside in line]

    def check_killed(self, process, before, what):
        wait_until(f"{process.name} to be killed at {what}", lambda: not process.runs())
        self.assertEqual(process.popen.returncode, -signal.SIGKILL, f"{what}: {process.text()[-2000:]}")
        self.assertEqual(len(self.kills()), before + 1, what)

    def restart_the_agent(self):
        """By a kill too: it waits no longer for a collector that was away."""
        if self.agent.process.runs():
            self.agent.process.end(signal.SIGKILL)
            self.plain_kills += 1
        self.agent.run()

    def start_the_collector(self, environment=None):
        self.started = time.time()
        self.collector.process = self.start("collector", COLLECTOR, "serve", "--config",
                                            self.collector.config, environment=environment)
        wait_until("the collector to be ready, or killed", lambda: not self.collector.process.runs() or
                   self.collector.get("/-/ready")[0] == 200)

    def kill_the_collector(self, driver, rules):
        before = len(self.kills())
        self.change()
        self.start_the_collector(self.armed(rules))
        if driver in ("token", "end"):
            self.make_token()
        elif driver == "join":
            token = self.tokens.pop()
            self.doubtful.append(token)
            self.join(token)
        elif driver in ("report", "end after a report"):
            self.restart_the_agent()
        if driver in ("token", "join"):
            # A page more or less moves the passage into the next commit; the agent may be long in coming.
            for _ in range(3):
                if self.collector.process.runs():
                    self.make_token()
        if driver == "end after a report":
            wait_until("a report", self.note_reports, process=self.collector.process)
        if driver.startswith("end"):
            self.collector.process.send(signal.SIGTERM)
        self.check_killed(self.collector.process, before, f"{driver}: {rules}")
        self.model.check_store(self.collector.directory, self.agent.directory, self.agent.host)

    def note_reports(self):
        """Whether the agent has reported since the collector's start."""
        samples = self.collector.metrics()
        last = samples[f'muster_host_last_sync_timestamp_seconds{{host="{self.agent.host}"}}']
        self.model.reported(self.agent.host, last)
        return last > self.started

    def revive_the_collector(self):
        """As systemd would, with nothing repaired; then what was in doubt is looked at."""
        self.start_the_collector()
        self.model.check_answers(self.collector)
        # A token that was under way is taken or not, and never again after that.
        while self.doubtful:
            token = self.doubtful.pop()
            self.join(token)
            again = self.join(token)
            self.assertIn("join token is not valid", again.stderr)
            self.model.taken.add(token)

    def kill_the_agent(self, rules):
        before = len(self.kills())
        self.change()
        self.agent.run(self.armed(rules))
        self.check_killed(self.agent.process, before, rules)
        self.model.check_outbox(self.agent.directory)

    def kill_an_enrolment(self, rules):
        before = len(self.kills())
        token = self.make_token()
        shutil.rmtree(self.directory / "joiner", ignore_errors=True)
        self.assertEqual(self.join(token, self.armed(rules)).returncode, -signal.SIGKILL, rules)
        self.assertEqual(len(self.kills()), before + 1, rules)
        # The collector has given what was asked for: it is not given again.
        self.model.taken.add(token)
        self.assertIn("is not valid", self.join(token).stderr)
        # Another token, the same command.
        again = self.join(self.make_token())
        self.assertEqual(again.returncode, 0, f"{rules}: {again.stderr}")
        left = {p.name for p in (self.directory / "joiner").iterdir()}
        self.assertEqual(left, {"agent.yml", "ca.pem", "identity.pem"}, rules)


class KillTest(KillWorld):
    def test_nothing_acknowledged_is_lost_and_nothing_is_there_twice(self):
        self.collector.process.end()
        for driver, rules in COLLECTOR_KILLS:
            if driver == "join" and not self.tokens:
                self.revive_the_collector()
                # Few: a collector lets an address join some twenty times a minute.
                self.tokens = [self.make_token() for _ in range(5)]
                self.collector.process.end(signal.SIGKILL)
                self.plain_kills += 1
            self.kill_the_collector(driver, rules)
        self.revive_the_collector()
        self.restart_the_agent()
        self.settle()

        self.agent.process.end(signal.SIGKILL)
        self.plain_kills += 1
        for rules in AGENT_KILLS:
            self.kill_the_agent(rules)
        self.agent.run()
        self.settle()
        for rules in ENROL_KILLS:
            self.kill_an_enrolment(rules)
        self.model.check_answers(self.collector)

        inside = self.kills(" commit ")
        print(f"\nkill -9: {len(self.kills())} at failpoints, {len(inside)} of them inside an open commit, "
              f"and {self.plain_kills} others", flush=True)
        self.assertGreaterEqual(len(self.kills()), KILLS_AT_LEAST)
        self.assertGreaterEqual(len(inside), INSIDE_COMMITS_AT_LEAST)
        self.assertEqual(self.model.strangers(self.agent.directory, self.collector.directory), [])
        self.assertEqual(self.agent.process.end()[0], 0)
        self.assertEqual(self.collector.process.end()[0], 0)
        self.model.check_store(self.collector.directory, self.agent.directory, self.agent.host)


if __name__ == "__main__":
    unittest.main()
