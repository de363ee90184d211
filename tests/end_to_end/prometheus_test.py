"""What a Prometheus sees of a host: discovery, scrapes, and series that follow the host."""

import datetime
import shutil
import signal
import subprocess
import unittest
import urllib.parse

from alertmanager import Alertmanager
from certificates import make_certificate
from muster_test import DEADLINE, Agent, Collector, Scenario, wait_until
from prometheus import SCRAPE_INTERVAL, Prometheus

# The agent moves both of its intervals by up to a tenth, so that hosts drift apart.
JITTER = 1.1
LOOK_INTERVAL, SYNC_INTERVAL = 5, 1
# For what the programs themselves take, which is under a second on an idle machine: this is no
# measurement, and must hold on a loaded one.
MARGIN = 20
# From a change on the host to the series in Prometheus.
FOLLOWS_WITHIN = JITTER * (LOOK_INTERVAL + SYNC_INTERVAL) + SCRAPE_INTERVAL + MARGIN


class PrometheusTest(Scenario):
    def setUp(self):
        super().setUp()
        self.certificates = self.directory / "tls"
        self.certificates.mkdir()
        make_certificate(self.certificates / "www.pem", "www.example.org", -1, 365)
        self.collector = Collector(self).serve()
        self.agent = Agent(self, self.collector, settings=f"""
probes:
  certificates:
    interval: {LOOK_INTERVAL}s
    paths: ['{self.certificates}']
""", labels=["owner=web-operations", "site=fra"]).run()
        wait_until("the certificate to pass", lambda: self.collector.verdicts(self.agent.host).get(
            "certificate-valid") == "STATUS_PASS")

    def test_a_prometheus_discovers_the_host_and_scrapes_its_verdicts(self):
        prometheus = Prometheus(self, self.collector)
        host = self.agent.host

        def value(expression):
            return [v for _, v in prometheus.query(expression)]

        wait_until("muster_host_reporting", lambda: value(
            f'muster_host_reporting{{job="muster",host="{host}"}}') == [1.0])
        for control in ("security-updates", "package-lists-fresh", "certificate-valid",
                        "certificate-renewal", "host-reporting", "agent-sandboxed", "agent-sees-all"):
            with self.subTest(control):
                found = prometheus.query(
                    f'muster_control_status{{job="muster",host="{host}",control="{control}"}}')
                self.assertEqual([v for _, v in found], [1.0], found)
        self.assertEqual(value('up{job="muster"}'), [1.0])
        wait_until("the collector's own metrics", lambda: value('up{job="muster-collector"}') == [1.0])
        wait_until("those of no targets", lambda: value('up{job="muster-targets"}') == [1.0])
        # Nothing that Prometheus would have to rename or drop.
        self.assertEqual([t["lastError"] for t in prometheus.targets()], ["", "", ""])
        self.assertEqual(value('count({__name__=~"muster_.*",exported_instance!=""})'), [])

    def test_promtool_has_nothing_to_say_of_any_exposition(self):
        promtool = shutil.which("promtool")
        self.assertTrue(promtool, "promtool is missing: tests/run installs it")
        for path in ("/metrics", "/metrics/self", "/metrics/targets", f"/metrics?host={self.agent.host}"):
            with self.subTest(path):
                status, headers, body = self.collector.get(path)
                self.assertEqual(status, 200)
                self.assertEqual(headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
                result = subprocess.run([promtool, "check", "metrics"], input=body,
                                        capture_output=True, check=False)
                self.assertEqual((result.returncode, result.stdout, result.stderr), (0, b"", b""))

    def test_the_series_follow_a_certificate_that_is_replaced_by_an_expired_one(self):
        prometheus = Prometheus(self, self.collector)
        query = (f'muster_control_status{{host="{self.agent.host}",control="certificate-valid",'
                 'severity="critical"}')

        def wait_for(status, seconds=DEADLINE):
            wait_until(f"Prometheus to see {status}, and nothing else", lambda: [
                labels["status"] for labels, _ in prometheus.query(query)] == [status], seconds)

        wait_for("pass")
        make_certificate(self.certificates / "www.pem", "www.example.org", -90, -1)
        wait_for("fail", FOLLOWS_WITHIN)
        wait_until("the alert to fire", lambda: prometheus.query(
            'ALERTS{alertname="MusterCertificateInvalid",alertstate="firing"}'))
        make_certificate(self.certificates / "www.pem", "www.example.org", -1, 365)
        wait_for("pass", FOLLOWS_WITHIN)
        wait_until("the alert to end", lambda: not prometheus.query(
            'ALERTS{alertname="MusterCertificateInvalid"}'))

    def test_an_alert_reaches_the_owner_of_the_host_with_a_runbook_that_the_collector_serves(self):
        make_certificate(self.certificates / "www.pem", "www.example.org", -90, -1)
        alertmanager = Alertmanager(self)
        prometheus = Prometheus(self, self.collector, alertmanager=alertmanager.address)
        # The rule is evaluated before its owner is known, or after: what stays is with the owner.
        labels, annotations, receivers = wait_until("Alertmanager to have it, for its owner", lambda: [
            alert for alert in alertmanager.alerts("MusterCertificateInvalid") if "owner" in alert[0]])[0]
        self.assertEqual({name: labels[name] for name in ("host", "owner", "site", "severity")},
                         {"host": self.agent.host, "owner": "web-operations", "site": "fra",
                          "severity": "critical"})
        self.assertEqual(receivers, {"web-operations"})
        status, headers, page = self.collector.get(urllib.parse.urlsplit(annotations["runbook_url"]).path)
        self.assertEqual((status, headers["Content-Type"]), (200, "text/plain; charset=utf-8"))
        self.assertTrue(page.startswith(b"# MusterCertificateInvalid\n"), page[:80])
        # Every rule of every file could be evaluated against what a real collector says.
        self.assertEqual([r["lastError"] for r in prometheus.rules() if r["health"] == "err"], [])


class PolicyTest(Scenario):
    """What the rules make of a policy with owners, waivers, maintenance and dates."""

    def add_to_policy(self, text):
        with open(self.collector.directory / "policy.yml", "a", encoding="utf-8") as policy:
            policy.write(text)

    def agent(self, name, role):
        certificates = self.directory / f"{name}-tls"
        certificates.mkdir()
        make_certificate(certificates / "www.pem", "www.example.org", -90, -1)
        return Agent(self, self.collector, name, settings=f"""
probes:
  certificates:
    paths: ['{certificates}']
""", labels=["site=fra", f"role={role}"]).run()

    def setUp(self):
        super().setUp()
        self.collector = Collector(self)
        today = datetime.datetime.now(datetime.timezone.utc).date()

        def day(days):
            return today + datetime.timedelta(days)

        self.add_to_policy(f"""
owners:
  - {{team: web-operations, match: {{labels: {{role: [web]}}}}, contact: web@example.org}}
waivers:
  - {{id: old-lists, control: package-lists-fresh, match: {{}}, reason: a trial, approved_by: Ada,
     starts: {day(-10)}, ends: {day(3)}}}
maintenance:
  - {{name: move, match: {{labels: {{role: [db]}}}}, starts: {day(-1)}, ends: {day(2)}}}
dates:
  - {{name: SAN support, kind: support-contract, owner: storage, date: {day(10)}}}
  - {{name: Proxy licence, kind: licence, owner: network, date: {day(-10)}}}
""")
        # Nobody looks at it: whose it is, is known all the same.
        (self.directory / "targets.yml").write_text(
            "targets: [{kind: tcp, address: '192.0.2.1:443', name: shop, labels: {site: fra}}]\n")
        with open(self.collector.config, "a", encoding="utf-8") as config:
            config.write(f"targets: {{files: [{self.directory}/targets.yml], agents: {{role: [monitor]}}}}\n")
        self.collector.serve()
        self.web = self.agent("web", "web")
        self.database = self.agent("database", "db")
        self.prometheus = Prometheus(self, self.collector)

    def alerts(self, name):
        """The labels of those that fire or wait."""
        return [labels for labels, _ in self.prometheus.query(f'ALERTS{{alertname="{name}"}}')]

    def test_alerts_know_owners_and_maintenance_and_tell_of_what_the_policy_says_will_end(self):
        for agent in (self.web, self.database):
            wait_until("Prometheus to know that the certificate is invalid", lambda agent=agent: (
                self.prometheus.query(f'muster_control_status{{host="{agent.host}",control="certificate-valid",'
                                      'status="fail"} * on (host) host:muster_labels:info')))
        found = wait_until("the alert", lambda: self.alerts("MusterCertificateInvalid"))
        self.assertEqual([(a["host"], a["owner"], a["site"]) for a in found],
                         [(self.web.host, "web-operations", "fra")], "and not of who is in maintenance")
        for name, wanted in (
                ("MusterWaiverEnds", {"waiver": "old-lists", "control": "package-lists-fresh", "approved_by": "Ada"}),
                ("MusterDateNear", {"date": "SAN support", "kind": "support-contract", "owner": "storage"}),
                ("MusterDatePassed", {"date": "Proxy licence", "kind": "licence", "owner": "network"})):
            with self.subTest(name):
                labels, = wait_until(name, lambda name=name: self.alerts(name))
                self.assertEqual(labels, labels | wanted)
        self.assertEqual(self.alerts("MusterPolicyReloadRefused"), [])
        self.add_to_policy("control: []\n")
        self.collector.process.send(signal.SIGHUP)
        wait_until("the alert of a refused policy", lambda: self.alerts("MusterPolicyReloadRefused"))

    def test_every_recording_rule_has_something_to_record(self):
        records = [rule["name"] for rule in self.prometheus.rules() if rule["type"] == "recording"]
        self.assertGreater(len(records), 10)
        for name in records:
            with self.subTest(name):
                wait_until(name, lambda name=name: self.prometheus.query(name))


if __name__ == "__main__":
    unittest.main()
