#!/usr/bin/env python3
"""Real programs of different versions. The older collector is this one made to have never heard of
PackageFacts: in the descriptor that is compiled into the program the message has another name."""

import hashlib
import os
import pathlib
import re
import sqlite3
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "end_to_end"))

import muster_test  # pylint: disable=wrong-import-position
from muster_test import Agent, Collector, Scenario, run, wait_until  # pylint: disable=wrong-import-position

# Field 1 of a DescriptorProto, twelve bytes: its name.
KNOWN, UNKNOWN = b"\x0a\x0cPackageFacts", b"\x0a\x0cPackageXacts"


class VersionSkew(Scenario):
    def older_collector(self):
        program = self.directory / "older-collector"
        code = muster_test.COLLECTOR.read_bytes()
        self.assertEqual(code.count(KNOWN), 1, "the descriptor of PackageFacts")
        program.write_bytes(code.replace(KNOWN, UNKNOWN))
        program.chmod(0o755)
        return program

    def serve(self, collector, program):
        collector.process = self.start(f"{collector.name}-{program.name}", program, "serve", "--config",
                                       collector.config)
        collector.wait_ready()

    def verdict(self, collector, host, control):
        detail = collector.get_json(f"/api/v1/hosts/{host}")
        return next(v for v in detail["verdicts"] if v["control"] == control)

    def test_facts_of_the_future_are_kept_and_understood_after_the_upgrade(self):
        collector = Collector(self)
        self.serve(collector, self.older_collector())
        agent = Agent(self, collector).run()
        wait_until("packages to be reported",
                   lambda: "packages-apt" in collector.sections(agent.host))
        section = collector.sections(agent.host)["packages-apt"]
        self.assertEqual(section["facts_type"], "muster.v1.PackageFacts")
        self.assertNotIn("facts", section)
        judged = self.verdict(collector, agent.host, "package-lists-fresh")
        self.assertEqual(judged["status"], "STATUS_UNKNOWN")
        self.assertIn("newer than this collector", judged["subjects"][0]["reason"])
        self.assertIn(f'muster_probe_outcome{{host="{agent.host}",probe="packages-apt",outcome="observed"}}',
                      collector.metrics())
        # Committed, so nothing waits at the agent.
        wait_until("an empty outbox", lambda: collector.metrics()[
            f'muster_agent_outbox_entries{{host="{agent.host}"}}'] == 0)

        # The agent is gone before the newer collector comes: what that knows is from the store.
        agent.process.end()
        collector.process.end()
        self.serve(collector, muster_test.COLLECTOR)
        upgraded = collector.sections(agent.host)["packages-apt"]
        self.assertEqual(upgraded["digest"], section["digest"])
        self.assertEqual(upgraded["sequence"], section["sequence"])
        self.assertEqual(upgraded["facts"]["manager"], "apt")
        self.assertGreater(upgraded["facts"]["installed"], 0)
        judged = self.verdict(collector, agent.host, "package-lists-fresh")
        self.assertNotIn("newer than this collector", str(judged))

        # And the agent has nothing to send again.
        agent.run()
        wait_until("a report to the newer collector", lambda: collector.metrics()[
            f'muster_host_reporting{{host="{agent.host}"}}'] == 1 and
            collector.sections(agent.host)["packages-apt"]["looked_at"] > upgraded["looked_at"])
        self.assertEqual(collector.sections(agent.host)["packages-apt"]["sequence"], section["sequence"])

    def test_a_store_of_a_newer_collector_stops_the_start_with_what_to_do(self):
        collector = Collector(self).serve()
        collector.process.end()
        store = collector.directory / "store.sqlite"
        if not store.exists():
            store = next(p for p in collector.directory.iterdir() if p.read_bytes()[:6] == b"SQLite")
        with sqlite3.connect(store) as database:
            version = database.execute("PRAGMA user_version").fetchone()[0]
            database.execute("PRAGMA user_version = 99")
        database.close()
        before = hashlib.sha256(store.read_bytes()).hexdigest()
        result = run(muster_test.COLLECTOR, "serve", "--config", collector.config)
        self.assertNotEqual(result.returncode, 0)
        said = result.stdout + result.stderr
        for words in ("schema version 99", "newer muster-collector wrote it", "Start that one"):
            self.assertIn(words, said)
        self.assertEqual(hashlib.sha256(store.read_bytes()).hexdigest(), before)
        # The copy from before the upgrade, as the message says.
        with sqlite3.connect(store) as database:
            database.execute(f"PRAGMA user_version = {version}")
        database.close()
        collector.serve()

    def test_a_recorded_set_is_not_written_again(self):
        version = re.search(r"project\(muster VERSION (\S+)",
                            (muster_test.SOURCE / "CMakeLists.txt").read_text())[1]
        kept = self.directory / f"v{version}"
        kept.mkdir()
        (kept / "agent.yml").write_text("as it was")
        result = run(sys.executable, HERE / "record",
                     environment={**os.environ, "MUSTER_RECORD_INTO": str(self.directory)})
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("what was released does not change", result.stdout + result.stderr)
        self.assertEqual([(p.name, p.read_text()) for p in kept.iterdir()], [("agent.yml", "as it was")])


if __name__ == "__main__":
    unittest.main()
