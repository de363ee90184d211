"""The policy as a directory of files over a running collector: a good change is through at once, each kind
of bad one is refused with its place, and what was judged before stays."""

import json
import signal
import unittest

from muster_test import AGENT, COLLECTOR, Agent, Collector, Scenario, run, wait_until

STATUS_ERROR, STATUS_USAGE, STATUS_BAD_FILE = 1, 64, 65

# Beside the policy that `init` writes.
SITE = """\
labels:
  team: [web, db]
groups:
  - name: webs
    any_of: [{labels: {team: [web]}}]
controls:
  - id: reports-often
    title: Web servers report often
    rule: host_reporting
    silent_after: 10m
    applies_to: {groups: [webs]}
"""

WAIVER = ("waivers:\n  - {id: w, control: reports-often, match: {}, reason: r, approved_by: b, "
          "starts: 2026-01-01%s}\n")

# What a file more says, and what is said of it.
BAD = {
    "an unknown rule": (
        "controls:\n  - {id: x, title: X, rule: host_report}\n",
        "30-bad.yml:2:29: 'rule' is 'host_report', but must be one of"),
    "an unknown key": ("control: []\n", "30-bad.yml:1:1: unknown key 'control', did you mean 'controls'?"),
    "a wrong unit": (
        "controls:\n  - {id: x, title: X, rule: certificate_renewal, renew_before: 30}\n",
        "30-bad.yml:2:64: 'renew_before': '30' is not a duration: write it like 90s, 15m, 1h30m, 14d"),
    "a label that is not declared": (
        "owners:\n  - {team: t, match: {labels: {taem: [web]}}}\n",
        "30-bad.yml:2:38: the label 'taem' is not declared, did you mean 'team'?"),
    "a value that is not declared": (
        "owners:\n  - {team: t, match: {labels: {team: [mail]}}}\n",
        "30-bad.yml:2:39: no value of the label 'team' is 'mail': 'labels:' declares web, db"),
    "a selector that selects none of the hosts": (
        "owners:\n  - {team: t, match: {labels: {team: [db]}}}\n",
        "30-bad.yml:2:22: the selector of the owner t selects no host or target of the fleet: correct it, or let it "
        "say may_be_empty: true"),
    "a waiver without an end": (WAIVER % "", "30-bad.yml:2:5: 'ends' is missing"),
    "a waiver that lasts too long": (
        WAIVER % ", ends: 2027-01-01",
        "30-bad.yml:2:101: it lasts 365d, longer than the 180d of waiver_limit"),
    "groups in a circle": (
        "groups:\n  - {name: a, any_of: [{groups: [b]}]}\n  - {name: b, any_of: [{groups: [a]}]}\n",
        "30-bad.yml:2:12: the groups name each other in a circle: a -> b -> a"),
    "an id that is there already": (
        "controls:\n  - {id: reports-often, title: X, rule: host_reporting}\n",
        "30-bad.yml:2:10: the id 'reports-often' comes twice, first at"),
    "a day that the calendar does not have": (
        "dates:\n  - {name: n, kind: k, owner: o, date: 2026-02-30}\n",
        "30-bad.yml:2:40: 'date' must be a date"),
    "no YAML": ("controls: [\n", "30-bad.yml:"),
}


class PolicyReloadTest(Scenario):
    def setUp(self):
        super().setUp()
        self.collector = Collector(self)
        self.policy = self.collector.directory / "policy.d"
        self.policy.mkdir()
        (self.collector.directory / "policy.yml").rename(self.policy / "10-policy.yml")
        (self.policy / "20-site.yml").write_text(SITE)
        self.bad = self.policy / "30-bad.yml"
        config = self.collector.config
        text = config.read_text()
        self.assertIn("policy: policy.yml", text)
        config.write_text(text.replace("policy: policy.yml", "policy: policy.d"))

    def serve(self):
        self.collector.serve()
        self.agent = Agent(self, self.collector, labels=["team=web"])
        self.agent.run()
        wait_until("the verdicts", lambda: self.verdict("reports-often")["status"] == "STATUS_PASS",
                   process=self.agent.process)

    def verdict(self, control):
        verdicts = self.collector.get_json(f"/api/v1/hosts/{self.agent.host}").get("verdicts", [])
        return next((v for v in verdicts if v["control"] == control), {"status": "none"})

    def reload(self):
        """(status, what it says) of POST /-/reload."""
        status, _, body = self.collector.request("POST", "/-/reload")
        return status, body.decode() if status == 200 else json.loads(body)["error"]

    def reload_flag(self):
        return self.collector.metrics()["muster_policy_last_reload_successful"]

    def test_each_kind_of_bad_policy_is_refused_with_its_place_and_the_old_verdicts_stay(self):
        self.serve()
        before = self.verdict("reports-often")
        for what, (text, said) in BAD.items():
            with self.subTest(what):
                self.bad.write_text(text)
                status, answer = self.reload()
                self.assertEqual(status, 500, answer)
                self.assertIn(f"{self.policy}/{said}", answer)
                self.assertEqual(self.reload_flag(), 0)
                now = self.verdict("reports-often")
                self.assertEqual((now["status"], now["policy_sha256"]),
                                 (before["status"], before["policy_sha256"]))
        with self.subTest("a name that would be left out"):
            self.bad.unlink()
            (self.policy / "40-more.yaml").write_text("dates: []\n")
            self.assertIn("40-more.yaml: the files of a policy end in .yml", self.reload()[1])
            (self.policy / "40-more.yaml").unlink()

        # What is refused now is found before: by hand, at a start, and by SIGHUP with the same words.
        self.bad.write_text(BAD["groups in a circle"][0])
        said = BAD["groups in a circle"][1]
        for status, *command in (
                (STATUS_BAD_FILE, COLLECTOR, "policy", "check", self.policy),
                (STATUS_ERROR, COLLECTOR, "--check-config", "--config", self.collector.config),
                (STATUS_USAGE, AGENT, "check", "--policy", self.policy)):
            result = run(*command)
            self.assertEqual(result.returncode, status, command)
            self.assertIn(said, result.stdout + result.stderr)
        begin = len(self.collector.process.text())
        self.collector.process.send(signal.SIGHUP)
        wait_until("the log to say it", lambda: said in self.collector.process.text()[begin:],
                   process=self.collector.process)

        self.bad.unlink()
        self.assertEqual(self.reload()[0], 200)
        self.assertEqual(self.reload_flag(), 1)

    def test_a_good_change_is_through_at_once(self):
        self.serve()
        before = self.verdict("reports-often")["policy_sha256"]
        (self.policy / "30-more.yml").write_text(
            "owners:\n  - {team: t, match: {labels: {team: [db]}, may_be_empty: true}}\n"
            "controls:\n  - {id: more, title: More, rule: host_reporting,\n"
            "     applies_to: {not: {groups: [webs]}, may_be_empty: true}}\n")
        (self.policy / "30-more_test.yml").write_text("a test of the policy, and not read here")
        status, answer = self.reload()
        self.assertEqual(status, 200, answer)
        self.assertEqual(self.verdict("more")["status"], "STATUS_NOT_APPLICABLE")
        after = self.verdict("reports-often")["policy_sha256"]
        self.assertNotEqual(after, before)
        # The same that is said of it by hand.
        self.assertRegex(self.run_good(COLLECTOR, "policy", "check", self.policy),
                         rf"^{self.policy}: \d+ controls\nSHA-256 {after}\n$")
        shown = self.run_good(COLLECTOR, "policy", "show", "--config", self.collector.config)
        for name in ("10-policy.yml", "20-site.yml", "30-more.yml"):
            self.assertIn(f"# --- {self.policy}/{name}\n", shown)
        self.assertIn(SITE, shown)
        self.assertEqual(run(AGENT, "check", "--policy", self.policy).stderr, "")

    def test_the_agent_judges_by_the_directory_and_by_nothing_else(self):
        root = self.directory / "root"
        (root / "etc").mkdir(parents=True)
        policy = self.directory / "own.d"
        policy.mkdir()
        (policy / "10-own.yml").write_text(
            "controls:\n  - {id: only-here, title: Ours, rule: certificate_not_expired}\n")
        self.assertRegex(self.run_good(COLLECTOR, "policy", "check", policy),
                         rf"^{policy}: 1 control\nSHA-256 [0-9a-f]{{64}}\n$")

        def judged(*options):
            result = run(AGENT, "check", "--root", root, "--format", "json", *options)
            self.assertEqual(result.stderr, "")
            return {verdict["control"] for verdict in json.loads(result.stdout)["verdicts"]}

        self.assertIn("security-updates", judged())
        self.assertEqual(judged("--policy", policy), {"only-here"})
        (policy / "20-more.yml").write_text(
            "controls:\n  - {id: here-too, title: Ours, rule: certificate_renewal}\n")
        self.assertEqual(judged("--policy", policy), {"only-here", "here-too"})

    def test_a_collector_starts_with_selectors_without_hosts_and_says_so(self):
        (self.policy / "30-more.yml").write_text("owners:\n  - {team: t, match: {labels: {team: [db]}}}\n")
        self.serve()
        # It is the policy in force: a reload for another reason goes through.
        self.assertEqual(self.reload()[0], 200)
        self.assertIn("selectors of the policy select nothing of the fleet", self.collector.process.text())
        (self.policy / "30-more.yml").write_text("owners:\n  - {team: u, match: {labels: {team: [db]}}}\n")
        self.assertEqual(self.reload()[0], 500)


if __name__ == "__main__":
    unittest.main()
