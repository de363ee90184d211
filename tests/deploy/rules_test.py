#!/usr/bin/python3
"""The rules of deploy/prometheus: valid, documented, with a runbook each, and held by their tests.

That a test holds its rule is shown by mutants: rules that are emptied, or lack a part, must make the
test beside them fail. Debian's python3, for python3-yaml.
"""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROMETHEUS = ROOT / "deploy/prometheus"
RULES = PROMETHEUS / "rules"
METRICS = ROOT / "docs/metrics.md"
RUNBOOK_URL = "https://collector.example.org:8443/runbooks/"
JOIN = "* on (host) group_left (owner, site) host:muster_alerting:info"
TARGET_JOIN = "* on (target) group_left (owner, site) target:muster_alerting:info"
DEFAULT_POLICY = ROOT / "common/policy/default_policy.yml"
# A clone is no matter of maintenance, and nothing to wait for.
IN_MAINTENANCE_TOO = {"MusterHostQuarantined"}
AT_ONCE = {"MusterHostQuarantined"}
# About a target: its owner's, whoever looks.
ABOUT_A_TARGET = {
    "MusterTargetDown", "MusterTargetControlFailed", "MusterTargetUnknown", "MusterEndpointDown",
    "MusterEndpointCertificateInvalid", "MusterEndpointRenewalDue", "MusterEndpointRenewalOverdue",
    "MusterEndpointNameWrong", "MusterEndpointChainWrong", "MusterEndpointCertificateRevoked", "MusterEndpointTlsWeak",
    "MusterDomainNotInForce", "MusterDomainRenewalOverdue", "MusterDomainRenewalDue", "MusterDomainUnlocked",
    "MusterDomainChanged", "MusterDomainUnknown", "MusterZoneDelegationWrong", "MusterZoneDnssecBroken",
    "MusterZoneSignaturesEnd", "MusterZoneRecordsMissing", "MusterLookalikeRegistered"}
# About the collector, the policy or the fleet: no host, so no owner of one. Any other alert is about a host.
WITHOUT_HOST = {
    "MusterCollectorDown", "MusterCollectorNotScraped", "MusterHostsNotScraped", "MusterManyHostsSilent",
    "MusterInventoryNotRead", "MusterInventoryHostsMissing", "MusterInventoryHostsUnlisted",
    "MusterStoreNotWritable", "MusterStoreQueueFills", "MusterTlsHandshakesFail", "MusterReportsRejected",
    "MusterHostRevokedStillReporting", "MusterReportsFail", "MusterEnrolmentsRefused", "MusterEnrolmentsFail",
    "MusterIdentityInUseTwice", "MusterRenewalsFail", "MusterHttpConnectionsRefused",
    "MusterAgentConnectionsRefused", "MusterServerCertificateEnds", "MusterCaCertificateEnds",
    "MusterComplianceLow", "MusterComplianceFalls", "MusterWaiverEnds", "MusterPolicyReloadRefused",
    "MusterPolicySelectorsEmpty", "MusterTargetsNotHeld", "MusterTargetListNotRead",
    "MusterTargetsNotScraped",
    # These have the owner that the policy gives the date.
    "MusterDateNear", "MusterDatePassed"}
# Controls whose own alert asks a metric that says more than the verdict.
TOLD_BY_A_METRIC = {"host-reporting": "MusterHostSilent", "agent-sandboxed": "MusterSandboxMissing",
                    "waivers-current": "MusterWaiverEnds"}
SEVERITIES = {"critical", "warning", "info"}
EMPTY = "vector(0) > 1"


def rule_files():
    return sorted(p for p in RULES.glob("*.yml") if not p.stem.endswith("_test"))


def subjects():
    return [p.stem for p in rule_files()]


def rules_of(content):
    return [rule for group in content["groups"] for rule in group["rules"]]


def load(subject):
    return yaml.safe_load((RULES / f"{subject}.yml").read_text())


def alerts():
    """(subject, rule) of every alert."""
    return [(s, r) for s in subjects() for r in rules_of(load(s)) if "alert" in r]


def records():
    return [(s, r) for s in subjects() for r in rules_of(load(s)) if "record" in r]


def promtool(*arguments, directory=RULES):
    result = subprocess.run(["promtool", *arguments], cwd=directory, capture_output=True, text=True,
                            check=False, timeout=120)
    return result.returncode, result.stdout + result.stderr


class RulesTest(unittest.TestCase):
    def test_lint_has_nothing_to_say_of_any_file(self):
        status, output = promtool("check", "rules", "--lint=all", "--lint-fatal",
                                  *(p.name for p in rule_files()))
        self.assertEqual(status, 0, output)

    def test_the_example_configuration_names_every_file_and_is_valid_as_the_readme_copies_it(self):
        text = (PROMETHEUS / "muster.yml").read_text()
        self.assertEqual(sorted(yaml.safe_load(text)["rule_files"]), [f"rules/{s}.yml" for s in subjects()])
        # With a password too, at the four places that the comments show.
        secured, count = re.subn(r"# (basic_auth:|  username: prometheus|  password_file: .*)", r"\1", text)
        self.assertEqual(count, 12)
        # The one `sed` of the README.
        seds = re.findall(r"sed -i '(s/.*?/)'", (PROMETHEUS / "README.md").read_text())
        self.assertEqual(len(seds), 1)
        with tempfile.TemporaryDirectory(prefix="muster-prometheus-") as directory:
            root = pathlib.Path(directory)
            (root / "rules").mkdir()
            for path in rule_files():
                shutil.copy(path, root / "rules")
            (root / "muster-ca.pem").touch()
            (root / "muster-password").touch()
            for name, content in (("open.yml", text), ("secured.yml", secured)):
                (root / name).write_text(content.replace("/etc/prometheus/", f"{root}/"))
            files = [*root.glob("*.yml"), *root.glob("rules/*.yml")]
            subprocess.run(["sed", "-i", seds[0], *files], check=True)
            for name in ("open.yml", "secured.yml"):
                status, output = promtool("check", "config", name, directory=root)
                self.assertEqual(status, 0, output)
            for path in files:
                self.assertNotIn("example.org", path.read_text(), path)

    def test_the_example_of_alertmanager_routes_by_owner(self):
        config = f"--config.file={PROMETHEUS / 'alertmanager.yml'}"

        def amtool(*arguments):
            result = subprocess.run(["amtool", *arguments], capture_output=True, text=True, check=False, timeout=60)
            self.assertEqual(result.returncode, 0, result.stderr)
            return result.stdout.strip()

        self.assertIn("SUCCESS", amtool("check-config", config.partition("=")[2]))
        for labels, receivers in (
                (["alertname=MusterHostSilent", "severity=critical", "owner=storage"], "storage"),
                (["alertname=MusterHostSilent", "severity=critical"], "muster-keepers"),
                (["alertname=MusterHostQuarantined", "severity=critical", "owner=storage"], "security,storage"),
                (["alertname=MusterCertificateFilesUnreadable", "severity=info", "owner=storage"], "nobody")):
            with self.subTest(labels):
                self.assertEqual(amtool("config", "routes", "test", config, *labels), receivers)
        names = {a["alert"] for _, a in alerts()}
        named = set(re.findall(r"\bMuster[A-Z]\w+", (PROMETHEUS / "alertmanager.yml").read_text()))
        self.assertEqual(named - names, set())

    def test_an_alert_says_how_bad_what_and_where_to_read_on(self):
        for subject, alert in alerts():
            with self.subTest(alert["alert"]):
                severity = alert["labels"]["severity"]
                # A control's own severity may decide.
                said = set(re.findall(r"}}(\w+){{", severity)) or {severity}
                self.assertLessEqual(said, SEVERITIES, subject)
                annotations = alert["annotations"]
                self.assertEqual(set(annotations), {"summary", "description", "runbook_url"})
                self.assertEqual(annotations["runbook_url"], RUNBOOK_URL + alert["alert"])

    def test_an_alert_about_a_host_or_a_target_has_its_owner_and_waits_for_the_end_of_maintenance(self):
        for _, alert in alerts():
            with self.subTest(alert["alert"]):
                expression = " ".join(alert["expr"].split())
                about_a_target = alert["alert"] in ABOUT_A_TARGET
                about_a_host = not about_a_target and alert["alert"] not in WITHOUT_HOST
                self.assertEqual("$labels.host" in alert["annotations"]["summary"], about_a_host)
                self.assertEqual("$labels.target" in alert["annotations"]["summary"], about_a_target)
                self.assertEqual(expression.endswith(TARGET_JOIN), about_a_target, expression)
                wanted = JOIN
                if alert["alert"] in IN_MAINTENANCE_TOO:
                    wanted = JOIN.replace("alerting", "labels")
                self.assertEqual(expression.endswith(wanted), about_a_host, expression)
        self.assertEqual((WITHOUT_HOST | ABOUT_A_TARGET) - {a["alert"] for _, a in alerts()}, set(), "no such alert")

    def test_an_alert_says_how_long_it_waits_and_only_the_named_ones_not_at_all(self):
        self.assertEqual({a["alert"] for _, a in alerts() if "for" not in a}, set())
        for _, alert in alerts():
            with self.subTest(alert["alert"]):
                self.assertRegex(alert["for"], r"^(0s|[1-9][0-9]*[mhdw])$")
        self.assertEqual({a["alert"] for _, a in alerts() if a["for"] == "0s"}, AT_ONCE)

    def test_the_general_alerts_leave_out_the_controls_that_have_an_alert_of_their_own_and_no_others(self):
        own = {"host": set(TOLD_BY_A_METRIC), "target": set()}
        for subject, alert in alerts():
            if subject != "policy":
                for names in re.findall(r'\bcontrol=~?"([^"]+)"', alert["expr"]):
                    own["target" if subject in ("targets", "endpoints", "domains") else "host"] |= set(names.split("|"))
        self.assertGreater(len(own["host"]), len(TOLD_BY_A_METRIC))
        left_out = {a["alert"]: names for _, a in alerts() for names in re.findall(r'control!~"([^"]*)"', a["expr"])}
        kinds = {"MusterControlFailed": "host", "MusterControlDeadlineNear": "host",
                 "MusterTargetControlFailed": "target"}
        self.assertEqual(set(left_out), set(kinds))
        for alert, names in left_out.items():
            with self.subTest(alert):
                self.assertEqual(sorted(names.split("|")), sorted(own[kinds[alert]]))
        self.assertEqual(left_out["MusterControlFailed"], left_out["MusterControlDeadlineNear"],
                         "in one order, to be compared by eye")
        controls = {"host": set(), "target": set()}
        for control in yaml.safe_load(DEFAULT_POLICY.read_text())["controls"]:
            kind = control.get("applies_to", {}).get("kind", "host")
            controls["host" if kind == "host" else "target"].add(control["id"])
        for kind, names in own.items():
            self.assertEqual(names - controls[kind], set(), "no control of the built-in policy")
        self.assertEqual(set(TOLD_BY_A_METRIC.values()) - {a["alert"] for _, a in alerts()}, set())

    def test_names_are_used_once(self):
        names = [a["alert"] for _, a in alerts()] + [r["record"] for _, r in records()]
        self.assertEqual(len(names), len(set(names)))


class DocumentationTest(unittest.TestCase):
    def test_every_metric_of_a_rule_is_explained(self):
        text = METRICS.read_text()
        known = set(re.findall(r"^### `([a-z_]+)`", text, re.MULTILINE))
        known |= set(re.findall(r"^\| `([a-z_]+:[a-z_:]+)` \|", text, re.MULTILINE))
        used = set()
        for path in RULES.glob("*.yml"):
            used |= set(re.findall(r"[a-z_]+:muster_[a-z_]+:[a-z_]+|(?<![a-z_:])muster_[a-z_]+", path.read_text()))
        self.assertGreater(len(used), 30)
        # `foo_bucket` is of the histogram `foo`.
        self.assertEqual({u for u in used if u.removesuffix("_bucket") not in known}, set())

    def test_every_recording_rule_is_explained_with_its_labels(self):
        rows = re.findall(r"^\| `([a-z_]+:[a-z_:]+)` \|", METRICS.read_text(), re.MULTILINE)
        self.assertEqual(sorted(rows), sorted(r["record"] for _, r in records()))

    def test_every_alert_is_explained_and_every_one_that_is_named_exists(self):
        names = {a["alert"] for _, a in alerts()}
        explained = set(re.findall(r"\bMuster[A-Z]\w+", METRICS.read_text()))
        self.assertEqual(names - explained, set(), "not in docs/metrics.md")
        documents = [*ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/**/*.md"), *ROOT.glob("*.md"), *rule_files()]
        for path in documents:
            named = set(re.findall(r"\bMuster[A-Z]\w+", path.read_text()))
            self.assertEqual(named - names, set(), path)

    def test_every_alert_has_a_runbook_and_every_runbook_an_alert(self):
        pages = {p.stem: p.read_text() for p in ROOT.glob("docs/runbooks/*.md")}
        self.assertEqual(set(pages), {a["alert"] for _, a in alerts()})
        for name, text in pages.items():
            with self.subTest(name):
                self.assertTrue(text.startswith(f"# {name}\n\n"))
                self.assertEqual(re.findall(r"^## (.*)$", text, re.MULTILINE),
                                 ["At risk", "Look", "Repair", "When it is false"])
                self.assertLessEqual(max(map(len, text.splitlines())), 100, "for a terminal")


class MutantsTest(unittest.TestCase):
    """Every mutant of a rule makes a test of its subject fail, and by that rule's name."""

    def failures(self, subject, change, pattern, key):
        """What promtool says fails of the subject's tests, after `change` of its rules: matches of `pattern`.

        Only tests that ask for `key` are run."""
        content = load(subject)
        changed = [rule for rule in rules_of(content) if change(rule)]
        with tempfile.TemporaryDirectory(prefix="muster-rules-") as directory:
            for path in RULES.glob("*.yml"):
                shutil.copy(path, directory)
            (pathlib.Path(directory) / f"{subject}.yml").write_text(yaml.safe_dump(content))
            test_file = pathlib.Path(directory) / f"{subject}_test.yml"
            tests = yaml.safe_load(test_file.read_text())
            tests["tests"] = [test for test in tests["tests"] if key in test]
            test_file.write_text(yaml.safe_dump(tests))
            status, output = promtool("test", "rules", f"{subject}_test.yml", directory=directory)
        if changed:
            self.assertNotEqual(status, 0, f"{subject}: no mutant is found")
            self.assertIn("FAILED:", output)
        return changed, set(re.findall(pattern, output))

    def every_changed_alert_fails(self, change, at_least=11):
        """Alerts do not depend on each other, so that all of a subject are changed at once."""
        count = 0
        for subject in subjects():
            changed, found = self.failures(subject, change, r"alertname: (\w+), time:", "alert_rule_test")
            with self.subTest(subject):
                self.assertEqual({rule["alert"] for rule in changed} - found, set(), "mutants that no test finds")
            count += len(changed)
        self.assertGreaterEqual(count, at_least)

    def test_the_rules_as_they_are_pass(self):
        status, output = promtool("test", "rules", *(f"{s}_test.yml" for s in subjects()))
        self.assertEqual(status, 0, output)

    def test_an_alert_that_is_emptied(self):
        def empty(rule):
            rule["expr"] = EMPTY if "alert" in rule else rule["expr"]
            return "alert" in rule
        self.every_changed_alert_fails(empty)

    def test_an_alert_that_does_not_wait(self):
        self.every_changed_alert_fails(lambda rule: rule.pop("for", "0s") != "0s")

    def test_an_alert_that_waits_and_should_not(self):
        def wait(rule):
            if rule.get("for") != "0s":
                return False
            rule["for"] = "1m"
            return True
        self.every_changed_alert_fails(wait, len(AT_ONCE))

    def test_an_alert_without_owner(self):
        def orphan(rule):
            before = rule["expr"]
            if "alert" in rule:
                rule["expr"] = before.replace("group_left (owner, site)", "group_left ()")
            return rule["expr"] != before
        self.every_changed_alert_fails(orphan)

    def test_a_recording_rule_that_is_emptied(self):
        for subject, record in records():
            def empty(rule, name=record["record"]):
                if rule.get("record") != name:
                    return False
                rule["expr"] = EMPTY
                return True
            with self.subTest(record["record"]):
                _, found = self.failures(subject, empty, r'expr: "([^"]*)"', "promql_expr_test")
                self.assertTrue(any(record["record"] in expression for expression in found), found)


if __name__ == "__main__":
    unittest.main()
