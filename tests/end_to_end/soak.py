"""Long use with accidents: certificates change all the time, agent and collector are killed in turn,
and in the end the series say what is on disk and nothing is left behind.

    MUSTER_SOAK_SECONDS=3600 MUSTER_SOAK_SEED=7 python3 tests/end_to_end/soak.py

What is done follows from the seed, which is printed; when it is done depends on the machine.
"""

import os
import pathlib
import random
import shutil
import signal
import ssl
import time
import unittest

from certificates import make_certificate
from muster_test import Agent, Collector, Scenario, wait_until

SECONDS = float(os.environ.get("MUSTER_SOAK_SECONDS", "180"))
SEED = int(os.environ.get("MUSTER_SOAK_SEED", random.SystemRandom().randrange(1 << 32)))
# Between two kills.
KILL_SECONDS = 10
# The agent is killed for this share of the time. Then one agent lives on, so that a leak shows.
AGENT_KILLED_SHARE = 0.6
# What an agent may grow by after its first reports: facts that it holds while it sends them, and
# what the allocator keeps of that. A leak of one look a second passes this soon.
MEMORY_FACTOR = 1.5
# An agent that missed its collector waits up to two minutes before it tries again.
SETTLE_SECONDS = 300
FILES = ["www.pem", "mail.pem", "sub/api.pem", "sub/deep/db.pem", "intern.pem", "old.pem"]


def descendants(pid):
    """The ids of all processes below it."""
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *descendants(child)]
    return found


def runs(pid):
    """Whether the process is there and not only its entry, which in a container nobody may clear."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def resident_kib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise LookupError(f"process {pid} has no VmRSS")


class Soak(Scenario):
    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.tls = self.directory / "tls"
        (self.tls / "sub/deep").mkdir(parents=True)
        # Made before, for making one takes longer than changing files should.
        pool = self.directory / "pool/made"
        pool.mkdir(parents=True)
        self.pool = []
        for i, days in enumerate((-3, 2, 20, 90, 365, 400, 800, 3650)):
            make_certificate(pool / f"{i}.pem", f"www{i}.example.org", -100, days)
            self.pool.append(pool / f"{i}.pem")
        shutil.copyfile(self.pool[3], self.tls / FILES[0])
        self.collector = Collector(self).serve()
        self.agent = Agent(self, self.collector, settings=f"""
probes:
  certificates:
    interval: 1s
    default_paths: false
    paths: ['{self.tls}']
""").run()
        self.wait_for_reports()

    def wait_for_reports(self):
        wait_until("the certificates to be reported", lambda: self.seen() == self.on_disk(),
                   SETTLE_SECONDS, self.agent.process)

    def on_disk(self):
        """{(path, common name): Unix time of the end}, as openssl reads the files."""
        found = {}
        for path in self.tls.rglob("*.pem"):
            text = self.run_good("openssl", "x509", "-in", path, "-noout", "-subject", "-nameopt",
                                 "multiline", "-enddate")
            name = text.split("commonName")[1].split("=")[1].splitlines()[0].strip()
            end = text.split("notAfter=")[1].splitlines()[0]
            found[str(path), name] = ssl.cert_time_to_seconds(end)
        return found

    def seen(self):
        """The same, as the collector's series have it."""
        metrics = self.collector.metrics()

        def labels_of(family):
            for series, value in metrics.items():
                if series.startswith(f"{family}{{"):
                    labels = (l.split("=", 1) for l in series.split("{")[1].rstrip("}").split(","))
                    yield {name: text.strip('"') for name, text in labels}, value

        names = {labels["fingerprint"]: labels["common_name"]
                 for labels, _ in labels_of("muster_certificate_info")}
        ends = {labels["fingerprint"]: int(value)
                for labels, value in labels_of("muster_certificate_not_after_timestamp_seconds")}
        return {(labels["path"], names[labels["fingerprint"]]): ends[labels["fingerprint"]]
                for labels, _ in labels_of("muster_certificate_file")}

    def change_a_file(self):
        target = self.tls / self.random.choice(FILES)
        source = self.random.choice(self.pool)
        what = self.random.choice(["replace", "replace", "overwrite", "remove"])
        if what == "remove" and target.name != FILES[0]:
            target.unlink(missing_ok=True)
        elif what == "overwrite":
            # Not in one step: a look may meet half a file.
            shutil.copyfile(source, target)
        else:
            new = target.with_suffix(".new")
            shutil.copyfile(source, new)
            new.replace(target)

    def kill_the_agent(self):
        children = descendants(self.agent.process.pid)
        self.agent.process.end(signal.SIGKILL)
        wait_until("the probes of a killed agent to end",
                   lambda: not any(runs(child) for child in children))
        self.agent.run()

    def kill_the_collector(self):
        self.collector.process.end(signal.SIGKILL)
        # With some work meanwhile that cannot be reported.
        self.change_a_file()
        self.collector.serve()

    def work(self, seconds, victims):
        """Changes files for so long and kills the victims in turn. How often it did each."""
        changes = kills = 0
        begin = last_kill = time.monotonic()
        while time.monotonic() < begin + seconds:
            time.sleep(self.random.uniform(0.5, 1.5))
            self.change_a_file()
            changes += 1
            for process in (self.agent.process, self.collector.process):
                self.assertTrue(process.runs(), f"{process.name} ended by itself: {process.text()[-2000:]}")
            if time.monotonic() > last_kill + KILL_SECONDS:
                victims[kills % len(victims)]()
                kills += 1
                last_kill = time.monotonic()
        return changes, kills

    def outbox_entries(self):
        series = f'muster_agent_outbox_entries{{host="{self.agent.host}"}}'
        return self.collector.metrics()[series]

    def test_what_is_on_disk_is_what_the_series_say_after_many_kills(self):
        print(f"\nsoak: {SECONDS:.0f} s with MUSTER_SOAK_SEED={SEED}", flush=True)
        first = self.work(SECONDS * AGENT_KILLED_SHARE, [self.kill_the_agent, self.kill_the_collector])
        self.wait_for_reports()
        memory_before = resident_kib(self.agent.process.pid)
        second = self.work(SECONDS * (1 - AGENT_KILLED_SHARE), [self.kill_the_collector])
        self.wait_for_reports()
        wait_until("the outbox to be empty", lambda: self.outbox_entries() == 0, SETTLE_SECONDS)
        self.assertEqual(self.seen(), self.on_disk())
        memory_after = resident_kib(self.agent.process.pid)
        print(f"soak: {first[0] + second[0]} changes, {first[1] + second[1]} kills; the agent had "
              f"{memory_before} KiB resident, then {memory_after} KiB", flush=True)
        self.assertLess(memory_after, MEMORY_FACTOR * memory_before)

        expired = any(end < time.time() for end in self.on_disk().values())
        status = self.collector.verdicts(self.agent.host)["certificate-valid"]
        self.assertEqual(status, "STATUS_FAIL" if expired else "STATUS_PASS", self.on_disk())
        for process in (self.agent.process, self.collector.process):
            self.assertEqual(process.end()[0], 0, process.text()[-2000:])
        left = [str(path) for owner in (self.agent, self.collector)
                for path in owner.directory.rglob("*")
                if path.name.startswith(".") or "tmp" in path.name
                or path.name.endswith(("~", ".damaged"))]
        self.assertEqual(left, [])


if __name__ == "__main__":
    unittest.main()
