"""What an operator does with a policy: its tests, what it would change on a fleet, why a host stands so."""

import json
import re
import time
import unittest

from muster_test import COLLECTOR, SOURCE, Collector, Scenario, run
from simulated_fleet import SimulatedFleet

STATUS_FAILED, STATUS_BAD_FILE = 1, 65
HOSTS = 6

# Of the simulated servers, some updates are for security: they wait since the first report.
POLICY = """\
labels: {{role: [web, db]}}
controls:
  - id: security-updates
    title: Security updates are in
    rule: security_updates
    severity: high
    deadline: {deadline}
    frameworks: {{nist-800-53: [SI-2]}}
  - id: host-reporting
    title: Host reports
    rule: host_reporting
    silent_after: 1h
owners:
  - {{team: operations, match: {{}}, contact: ops@example.org, escalation: "+49 30 1234567"}}
"""


def day_after(days):
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + days * 86400))


class PolicyScenario(Scenario):
    def policy(self, name, deadline="14d", more="", tests=""):
        directory = self.directory / name
        directory.mkdir()
        (directory / "10-house.yml").write_text(POLICY.format(deadline=deadline) + more)
        if tests:
            (directory / "10-house_test.yml").write_text(tests)
        return directory


class PolicyFilesTest(PolicyScenario):
    """Without a collector."""

    def test_the_built_in_policy_holds_its_tests(self):
        text = self.run_good(COLLECTOR, "policy", "test", SOURCE / "common/policy/default_policy.yml")
        self.assertRegex(text, r"^\d+ tests, all hold\n$")

    def test_the_example_of_the_documentation_holds_its_tests(self):
        page = (SOURCE / "docs/policy.md").read_text()
        directory = self.directory / "policy.d"
        directory.mkdir()
        files = re.findall(r"`policy\.d/(\S+\.yml)`(?:(?!```).)*?```ya?ml\n(.*?)```", page, re.DOTALL)
        self.assertEqual([name for name, _ in files], ["10-fleet.yml", "20-controls.yml", "30-exceptions.yml",
                                                       "20-controls_test.yml"])
        for name, text in files:
            (directory / name).write_text(text)
        self.assertEqual(self.run_good(COLLECTOR, "policy", "test", directory), "3 tests, all hold\n")

    def test_a_test_that_does_not_hold_is_told_with_its_reason(self):
        directory = self.policy("p", tests="""\
tests:
  - name: silent
    at: 2026-11-20
    host: {last_sync: 2026-11-19}
    expect: {host-reporting: pass}
  - {name: fine, at: 2026-11-20, expect: {host-reporting: pass}}
""")
        result = run(COLLECTOR, "policy", "test", directory)
        self.assertEqual((result.returncode, result.stdout), (STATUS_FAILED, f"""\
FAILED silent
  in {directory}/10-house_test.yml
  host-reporting: expected pass, got fail
    because: it has not reported for 1 day

2 tests, 1 failed
"""))
        result = run(COLLECTOR, "policy", "test", directory, "--format", "json")
        self.assertEqual(result.returncode, STATUS_FAILED)
        report = json.loads(result.stdout)
        self.assertEqual((len(report["tests"]), report["failed"]), (2, 1))
        self.assertEqual(report["tests"][0]["mismatches"][0]["got"], "fail")
        result = run(COLLECTOR, "policy", "test", directory, "--at", "2026-11-21")
        self.assertIn("it has not reported for 2 days", result.stdout)

    def test_bad_files_are_65_and_say_where(self):
        good = self.policy("good", tests="tests:\n  - {name: a, at: 2026-01-01, expect: {nonsense: pass}}\n")
        bad = self.policy("bad", more="controlls: []\n")
        (bad / "x_test.yml").write_text("tests: []\n")
        without = self.policy("without")
        for arguments, said in (
                ([good], f"{good}/10-house_test.yml:2:50: the policy has no control 'nonsense'"),
                ([bad], "unknown key 'controlls', did you mean 'controls'?"),
                ([without], "there are no tests of this policy"),
                ([self.directory / "gone"], "gone"),
                ([without, "--diff", bad], "unknown key 'controlls'")):
            with self.subTest(arguments):
                result = run(COLLECTOR, "policy", "test", *arguments)
                self.assertEqual((result.returncode, result.stdout), (STATUS_BAD_FILE, ""))
                self.assertIn(said, result.stderr)
        result = run(COLLECTOR, "policy", "test", good, "--at", "tomorrow")
        self.assertEqual(result.returncode, 64)
        self.assertIn("2026-11-21T20:58:43Z", result.stderr)

    def test_what_differs_is_told_in_words(self):
        old = self.policy("old")
        new = self.policy("new", "7d", "dates: [{name: SAN, kind: support, owner: storage, date: 2027-03-31}]\n")
        text = self.run_good(COLLECTOR, "policy", "test", new, "--diff", old)
        self.assertEqual(text, "~ control security-updates\n    deadline: 14d -> 7d\n"
                               "+ date SAN\n    date: 2027-03-31\n    kind: support\n    owner: storage\n")
        self.assertEqual(self.run_good(COLLECTOR, "policy", "test", old, "--diff", old),
                         "The policies say the same.\n")


class LiveTest(PolicyScenario):
    """With a fleet that none of the questions changes."""

    def setUp(self):
        super().setUp()
        self.collector = Collector(self)
        self.in_force = self.policy("in-force")
        config = self.collector.config
        config.write_text(re.sub(r"(?m)^policy: .*$", f"policy: '{self.in_force}'", config.read_text()))
        self.collector.serve()
        fleet = SimulatedFleet(self, self.collector, HOSTS).start("--updates", 4)
        fleet.wait_in_sync()

    def ask(self, verb, *arguments):
        return run(COLLECTOR, *verb.split(), *arguments, "--config", self.collector.config)

    def preview(self, *arguments):
        """[(control, before, after, count)]: what would change, and nothing has changed by asking."""
        before = self.collector.verdicts("sim-00001")
        result = self.ask("policy test", *arguments, "--against-live", "--format", "json")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.collector.verdicts("sim-00001"), before)
        preview = json.loads(result.stdout)["preview"]
        self.assertEqual(preview["hosts"], HOSTS)
        for change in preview["changes"]:
            self.assertEqual(len(change["hosts"]), change["host_count"])
        return [(c["control"], c["before"].removeprefix("STATUS_"), c["after"].removeprefix("STATUS_"),
                 c["host_count"]) for c in preview["changes"]]

    def test_the_running_fleet_is_asked_and_not_changed(self):
        strict = self.policy("strict", "0s")
        self.assertEqual(self.preview(self.in_force), [])
        self.assertEqual(self.preview(strict), [("security-updates", "DUE", "FAIL", HOSTS)])
        # By then deadlines have passed, of hosts that go on reporting.
        self.assertEqual(self.preview(self.in_force, "--at", day_after(13)), [])
        self.assertEqual(self.preview(self.in_force, "--at", day_after(16)),
                         [("security-updates", "DUE", "FAIL", HOSTS)])
        # Between two of which neither is in force.
        self.assertEqual(self.preview(self.policy("week", "7d"), "--diff", strict),
                         [("security-updates", "FAIL", "DUE", HOSTS)])

        result = self.ask("policy test", strict, "--against-live")
        self.assertIn(f"On the fleet of {HOSTS} hosts, {HOSTS} verdicts would change:\n\nsecurity-updates\n"
                      f"  {HOSTS} hosts due -> fail: sim-00000, sim-00001, sim-00002 ({HOSTS - 3} more)\n",
                      result.stdout)

        waiver = ("waivers:\n  - {id: freeze, control: security-updates, match: {labels: {role: [web]}},\n"
                  "     reason: r, approved_by: a, starts: 2026-01-01, ends: 2026-03-01}\n")
        empty = self.policy("empty", more=waiver)
        result = self.ask("policy check", empty, "--against-live")
        self.assertEqual(result.returncode, STATUS_FAILED, result.stderr)
        self.assertIn("10-house.yml:16:", result.stdout)
        self.assertIn("the waiver freeze", result.stdout)
        result = self.ask("policy check", self.in_force, "--against-live")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn(f"Of {HOSTS} hosts, each selector selects one", result.stdout)

        self.explanations()
        self.recorded()

    def explanations(self):
        text = self.ask("explain", "sim-00001", "security-updates").stdout
        for said in ("security-updates on sim-00001\n", "! due\n", "The rule: security_updates", "deadline  14d",
                     "It is required of every host.", "packages-apt  seen ", "operations, ops@example.org",
                     "if nobody answers: +49 30 1234567", "nist-800-53  SI-2", "unmet since ", "deadline ",
                     "What would make it pass", "By policy "):
            self.assertIn(said, text)
        for line in text.splitlines():
            self.assertLessEqual(len(line), 80, line)
        explanation = json.loads(
            self.ask("explain", "sim-00001", "security-updates", "--format", "json").stdout)
        self.assertEqual(explanation["verdict"]["status"], "STATUS_DUE")
        for arguments, said in ((["sim-0001", "security-updates"], 'did you mean "sim-'),
                                (["sim-00001", "securty-updates"], 'did you mean "security-updates"?')):
            result = self.ask("explain", *arguments)
            self.assertEqual((result.returncode, result.stdout), (STATUS_FAILED, ""))
            self.assertIn(said, result.stderr)

    def recorded(self):
        """A host of the fleet as a test: judged as it was, and by another policy."""
        shown = self.ask("host show", "sim-00001", "--format", "json").stdout
        for deadline, status in (("14d", "due"), ("0s", "fail")):
            tests = f"tests:\n  - {{name: a, facts_from: web.json, expect: {{security-updates: {status}}}}}\n"
            directory = self.policy(f"recorded-{status}", deadline, tests=tests)
            (directory / "web.json").write_text(shown)
            self.assertEqual(self.run_good(COLLECTOR, "policy", "test", directory), "1 test, all hold\n")


if __name__ == "__main__":
    unittest.main()
