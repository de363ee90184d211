"""What waits on hosts: over the fleet, on one host, and in `muster-agent check` from run to run."""

import json
import os
import re
import signal
import unittest

from muster_test import AGENT, COLLECTOR, Agent, Collector, Scenario, run, wait_until
from simulated_fleet import SimulatedFleet

HOSTS = 4
# Of tests/simulator/linux_servers.cpp: those that wait on every host, every fifth source package.
FOR_SECURITY = ["git", "linux", "openssh", "openssl"]


class Updates(Scenario):
    def setUp(self):
        super().setUp()
        self.collector = Collector(self).serve()

    def verb(self, *arguments):
        return self.run_good(COLLECTOR, *arguments, "--config", self.collector.config)

    def test_a_fleet_shows_what_waits_where_and_of_whom_it_is_not_known(self):
        fleet = SimulatedFleet(self, self.collector, HOSTS)
        self.assertEqual(fleet.run("--until-in-sync")[0]["in_sync"], HOSTS)
        agent = Agent(self, self.collector, settings=(
            "probes: {packages-apt: {enabled: false}, packages-rpm: {enabled: false}, "
            "packages-apk: {enabled: false}}\n")).run()
        wait_until("the agent's report", lambda: "host" in self.collector.sections(agent.host))

        every = self.collector.get_json("/api/v1/updates")
        self.assertEqual((every["hosts_known"], every["hosts_not_known"], every["hosts_not_known_count"]),
                         (HOSTS, [agent.host], 1))
        self.assertEqual(every["update_count"], len(every["updates"]))
        names = [f"sim-{number:05}" for number in range(HOSTS)]
        by_source = {u["source_package"]: u for u in every["updates"]}
        for source in (*FOR_SECURITY, "nginx"):
            update = by_source[source]
            self.assertEqual((update["manager"], update["hosts"], update["host_names"]),
                             ("apt", HOSTS, names))
        securities = [u["security"] for u in every["updates"]]
        self.assertEqual(securities, sorted(securities, reverse=True))
        self.assertEqual({s for s in by_source if by_source[s]["security"] == "SECURITY_YES"
                          and by_source[s]["hosts"] == HOSTS}, set(FOR_SECURITY))

        text = self.verb("updates", "--security")
        self.assertRegex(text, r"(?m)^openssl +yes +4 +\d+ seconds? +apt ")
        self.assertNotIn("nginx", text)
        self.assertIn(f"It is not known what waits on 1 host: {agent.host}.", text.replace("\n", " "))
        self.assertTrue(all(len(line) <= 80 for line in text.splitlines()), text)
        of_rpm = json.loads(self.verb("updates", "--manager", "rpm", "--format", "json"))
        self.assertEqual((of_rpm["updates"], of_rpm["hosts_known"]), ([], 0))

        host = self.collector.get_json(f"/api/v1/hosts/{names[0]}/updates")
        self.assertEqual([(s["manager"], s["not_known_because"]) for s in host["sources"]], [("apt", "")])
        at = next(i for i, u in enumerate(host["updates"]) if u["update"]["source_package"] == "openssl")
        first = host["updates"][at]
        self.assertEqual((first["status"], first["update"]["security"]), ("STATUS_DUE", "SECURITY_YES"))
        text = self.verb("host", "updates", names[0])
        self.assertRegex(text, r"(?m)^openssl-part0 +yes +\d+ seconds? +in 1[34] days +apt$")
        self.assertEqual(self.verb("host", "updates", agent.host),
                         "No package manager of this host has reported: what waits is not known.\n")
        self.assertEqual(run(COLLECTOR, "host", "updates", "nobody", "--config",
                             self.collector.config).returncode, 1)

        # What was first seen is known to the next collector, and to verbs while none runs.
        self.collector.process.end(signal.SIGKILL)
        offline = json.loads(self.verb("host", "updates", names[0], "--format", "json"))
        self.assertEqual(offline["updates"][at]["waiting_since"], first["waiting_since"])
        self.collector.serve()
        again = self.collector.get_json(f"/api/v1/hosts/{names[0]}/updates")["updates"][at]
        self.assertEqual((again["waiting_since"], again["deadline"]),
                         (first["waiting_since"], first["deadline"]))


class CheckMemory(Scenario):
    """Of this machine, whose package lists are older than a second, or are not there."""

    def setUp(self):
        super().setUp()
        self.state = self.directory / "memory"
        self.policy = self.directory / "policy.yml"
        self.policy.write_text(
            "controls:\n"
            "  - {id: lists, title: Lists are fresh, rule: package_lists_fresh, lists_max_age: 1s, "
            "deadline: 14d}\n")

    def check(self, *options, state=None):
        environment = dict(os.environ, XDG_STATE_HOME=str(state or self.state))
        return run(AGENT, "check", "--policy", self.policy, *options, environment=environment)

    def memory(self):
        return next(iter((self.state / "muster").glob("check-memory-*")))

    def first_failed(self, *options):
        """When each subject was first seen to fail, by control."""
        detail = json.loads(self.check("--format", "json", *options).stdout)
        return {(v["control"], s.get("subject", "")): s["first_failed_at"][:19]
                for v in detail["verdicts"] for s in v.get("subjects", []) if "first_failed_at" in s}

    def test_a_check_remembers_since_when_something_is_unmet(self):
        first = self.check()
        self.assertEqual(first.stderr, "")
        self.assertIn("Deadlines count from now, the first check", first.stdout.replace("\n", " "))
        memory = self.memory()
        self.assertEqual(memory.stat().st_mode & 0o7777, 0o600)
        self.assertEqual(memory.parent.stat().st_mode & 0o7777, 0o700)
        # As if it had been nine days ago.
        text, changed = re.subn(r"(?m)^20\d\d-\d\d-\d\dT", "2026-01-02T", memory.read_text())
        self.assertGreater(changed, 0, text)
        memory.write_text(text)
        self.assertTrue(all(t.startswith("2026-01-02T") for t in self.first_failed().values()))
        second = self.check().stdout.replace("\n", " ")
        self.assertIn("Deadlines count from the first check that saw it.", second)
        self.assertEqual(sorted(memory.read_text().splitlines()), sorted(text.splitlines()))

    def test_what_leaves_and_other_roots_are_not_remembered(self):
        root = self.directory / "root"
        root.mkdir()
        for options in (("--show-what-leaves",), ("--root", root)):
            self.check(*options)
            self.assertFalse(self.state.exists(), options)

    def test_a_damaged_memory_is_put_aside_and_said(self):
        self.check()
        memory = self.memory()
        memory.write_text("nonsense\n")
        result = self.check()
        said = result.stdout.replace("\n", " ")
        self.assertIn("is damaged", said)
        self.assertEqual(memory.with_name(memory.name + ".damaged").read_text(), "nonsense\n")
        self.assertTrue(memory.read_text().endswith("\nend\n"))

    def test_without_a_place_to_remember_it_says_so_and_judges_all_the_same(self):
        self.state.write_text("no directory\n")
        result = self.check()
        self.assertIn(result.returncode, (0, 1, 2))
        self.assertIn("Deadlines count from now, since it is not known how long it waits",
                      result.stdout.replace("\n", " "))


if __name__ == "__main__":
    unittest.main()
