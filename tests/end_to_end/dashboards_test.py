"""Every dashboard of deploy/grafana, as Grafana would ask for it: a collector with a fleet of which every status, every
list and every end date has something to show, a Prometheus with the shipped configuration and rules, and every
expression of every panel run against it, for all of the fleet and for parts of it."""

import copy
import datetime
import http.client
import json
import pathlib
import re
import socket
import ssl
import sys
import threading
import time
import unittest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "dashboards")]

from dashboard import ALL, Dashboard, links_of  # noqa: E402
from certificates import make_certificate  # noqa: E402
from hostile.authority import Identity, Wish, days, signing_request  # noqa: E402
from hostile_reenrol_test import body_of, new_key  # noqa: E402
from live_check import Choice, LiveCheck, legend  # noqa: E402
from muster_test import COLLECTOR, Agent, Collector, Scenario, wait_until  # noqa: E402
from prometheus import Prometheus  # noqa: E402
from promql import metrics  # noqa: E402
from simulated_fleet import SimulatedFleet  # noqa: E402

SITES = ("fra", "ams", "lon")
ROLES = ("web", "db", "mail")
OWNERS = ("web-operations", "storage", "messaging")
# sim-00000 and so on report; asleep-0 and so on never do, and are of each site and role.
REPORTING = 18
ASLEEP = 9
# One of each site, role and owner.
QUARANTINED = (0, 4, 8)
REVOKED = 1
# An agent that looks at targets.
WATCHERS = 1
# One that answers, one that refuses, one that no agent may look at.
TARGETS = ("answers-fra-web", "refuses-fra-web", "denied-fra-web")
# One address of each target of the kind tls: it signed its certificate itself.
TLS_TARGET = "tls"

# What the panels of domains have bars of: each state that simulated domains and zones are in, rare ones too.
STATES_OF_DOMAINS = {
    "Look-ups": {"known", "by_hand", "no_date", "unsupported", "rate_limited", "failed"},
    "Name servers": {"authoritative", "not_authoritative", "refused", "timed_out", "unknown"},
    "DNSSEC": {"good", "broken", "unsigned", "not_delegated", "unknown"},
    "Records": {"mx present", "mx unknown", "spf present", "spf invalid", "spf unknown", "dmarc present", "dmarc absent",
                "dmarc unknown", "caa present", "caa unknown"},
}

TODAY = datetime.datetime.now(datetime.timezone.utc).date()


def day(offset):
    return (TODAY + datetime.timedelta(days=offset)).isoformat()


# Simulated hosts have security updates that wait, certificates with 70 of 90 days to go, and say nothing of a sandbox; one
# in four waits for a reboot and is of a release that has ended.
POLICY = f"""
labels:
  site: [{', '.join(SITES)}]
  role:
  environment:
  owner:
owners:
{''.join(f'''  - team: {owner}
    match: {{labels: {{role: [{role}]}}}}
    contact: {owner}@example.org
    escalation: "+49 30 1234"
''' for role, owner in zip(ROLES, OWNERS))}
controls:
  - {{id: host-reporting, title: Host reports, rule: host_reporting, severity: high}}
  - {{id: certificate-valid, title: Certificates are valid, rule: certificate_not_expired, severity: critical}}
  - {{id: certificate-renewal, title: Certificates are renewed, rule: certificate_renewal, severity: high}}
  - {{id: key-files-private, title: Keys are private, rule: key_files_private, severity: critical, deadline: 1d}}
  - {{id: listener-serves-disk, title: What is renewed is served, rule: served_is_on_disk, severity: high, deadline: 1d}}
  - {{id: listener-certificate-valid, title: What is served is valid, rule: served_certificate_valid, severity: critical}}
  - {{id: endpoint-certificate-chain, title: Chains are good, rule: served_chain_trusted, severity: high, deadline: 1s,
     applies_to: {{kind: tls}}}}
  - {{id: domain-renewed, title: Domains are renewed, rule: domain_renewed, severity: high, applies_to: {{kind: domain}}}}
  - {{id: zone-delegation, title: Name servers answer, rule: zone_delegation, severity: high, deadline: 1s, applies_to: {{kind: zone}}}}
  - {{id: agent-sandboxed, title: Probes are held, rule: agent_sandboxed, severity: low}}
  - {{id: target-answers, title: It answers, rule: tcp_answers, severity: high, applies_to: {{kind: tcp}}}}
  - {{id: target-soon, title: It answers, rule: tcp_answers, deadline: 5d, applies_to: {{kind: tcp}}}}
  - {{id: target-frozen, title: It answers, rule: tcp_answers, applies_to: {{kind: tcp}}}}
  - {{id: updates-soon, title: Updates, rule: security_updates, severity: high, deadline: 5d}}
  - {{id: security-updates, title: Updates, rule: security_updates, severity: high, deadline: 5d}}
  - {{id: security-updates-outside, title: Updates, rule: security_updates, severity: critical, deadline: 1s}}
  - {{id: reboot-done, title: What is installed runs, rule: reboot_done, severity: medium, deadline: 14d}}
  - {{id: services-restarted, title: Services run it, rule: services_restarted, severity: medium, deadline: 7d}}
  - {{id: system-supported, title: Somebody mends it, rule: system_supported, severity: high}}
  - {{id: updates-frozen, title: Updates, rule: security_updates, severity: high, deadline: 1s}}
{''.join(f'''  - {{id: updates-{severity}, title: Updates, rule: security_updates, severity: {severity}, deadline: 1s}}
''' for severity in ('critical', 'high', 'medium', 'low'))}
  - {{id: firmware-baseline, title: Firmware, rule: firmware_baseline, severity: high, deadline: 5d}}
  - {{id: firmware-covered, title: Firmware has baselines, rule: firmware_covered, severity: low, deadline: 5d}}
  - {{id: firmware-activated, title: Firmware runs, rule: firmware_activated, deadline: 5d}}
baselines:
  - {{id: r640, match: {{kind: bios, model: [PowerEdge R640]}}, version_format: dell-bios, minimum: 2.21.2,
     source: a test, date: {day(-1)}}}
  - {{id: dl380, match: {{kind: bios, model: [ProLiant DL380*]}}, version_format: plain, approved: [U31],
     source: a test, date: {day(-1)}}}
waivers:
  - id: freeze
    control: updates-frozen
    match: {{hosts: ["sim-*"]}}
    reason: The shop is frozen until the season is over.
    approved_by: head-of-operations
    ticket: OPS-1
    starts: {day(-1)}
    ends: {day(30)}
  - id: move
    control: target-frozen
    match: {{targets: ["refuses-*"]}}
    reason: They move.
    approved_by: head-of-operations
    ticket: OPS-2
    starts: {day(-1)}
    ends: {day(30)}
maintenance:
  - name: patch-day
    match: {{hosts: ["sim-0000*"]}}
    starts: {day(-1)}
    ends: {day(2)}
  - name: target-day
    match: {{targets: ["answers-*"]}}
    starts: {day(-1)}
    ends: {day(2)}
dates:
  - {{name: Support of the storage, kind: support-contract, owner: storage, date: {day(100)}}}
  - {{name: Licence of the mail filter, kind: licence, owner: messaging, date: {day(5)}}}
  - {{name: Domain example.org, kind: domain, owner: web-operations, date: {day(50)}}}
"""


def serve_tls(listener, context):
    """A handshake with each who comes, all at once, until it is closed."""
    def shake_hands(connection):
        connection.settimeout(60)
        try:
            context.wrap_socket(connection, server_side=True).close()
        except OSError:
            connection.close()

    while True:
        try:
            connection = listener.accept()[0]
        except OSError:
            return
        threading.Thread(target=shake_hands, args=(connection,), daemon=True).start()


def accept_all(listener):
    """Until it is closed."""
    while True:
        try:
            listener.accept()[0].close()
        except OSError:
            return


def inventory():
    """One host of it is not there, and one that is there is not in it."""
    lines = ["host,site,role,environment"]
    for name in (*(f"sim-{n:05}" for n in range(REPORTING - 1)), *(f"asleep-{n}" for n in range(ASLEEP)), "ordered"):
        number = int("".join(c for c in name if c.isdigit()) or 0)
        lines.append(f"{name},{SITES[number % 3]},{ROLES[number // 3 % 3]},production")
    return "\n".join(lines) + "\n"


def targets(port, closed, tls):
    """Of each site and role one that answers, one that refuses, one that no agent may look at, and one of TLS."""
    lines = ["targets:"]
    for site in SITES:
        for role in ROLES:
            for name, address in (("answers", f"127.0.0.1:{port}"), ("refuses", f"127.0.0.1:{closed}"),
                                  ("denied", "127.0.0.2:9")):
                lines.append(f"  - {{kind: tcp, name: {name}-{site}-{role}, address: '{address}', interval: 1s, timeout: 1s, "
                             f"labels: {{site: {site}, role: {role}}}}}")
            lines.append(f"  - {{kind: tls, name: {TLS_TARGET}-{site}-{role}, address: '127.0.0.1:{tls}/www.example.org', "
                         f"interval: 10s, timeout: 10s, labels: {{site: {site}, role: {role}}}}}")
    return "\n".join(lines) + "\n"


def standings(exposed, family):
    return [re.search('status="([a-z_]+)"', series)[1] for series in exposed if series.startswith(f"{family}{{")]


def compliance(stand):
    return sum(s in ("pass", "due", "waived") for s in stand) / sum(s != "not_applicable" for s in stand)


class DashboardsTest(Scenario):
    def setUp(self):
        super().setUp()
        self.collector = Collector(self)
        (self.directory / "policy.d").mkdir()
        (self.directory / "policy.d/test.yml").write_text(POLICY)
        (self.directory / "inventory.csv").write_text(inventory())
        text, changed = re.subn(r"(?m)^policy: .*$", f"policy: {self.directory}/policy.d", self.collector.config.read_text())
        self.assertEqual(changed, 1)
        listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.addCleanup(listener.close)
        # Bound, so that nobody else gets it, and not listening.
        closed = socket.socket()
        closed.bind(("127.0.0.1", 0))
        self.addCleanup(closed.close)
        (self.directory / "tls").mkdir()
        make_certificate(self.directory / "tls/www.pem", "www.example.org", -80, 10)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.directory / "tls/www.pem", self.directory / "www.ca/key.pem")
        speaker = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.addCleanup(speaker.close)
        threading.Thread(target=serve_tls, args=(speaker, context), daemon=True).start()
        port, refusing, tls = (s.getsockname()[1] for s in (listener, closed, speaker))
        (self.directory / "targets.yml").write_text(targets(port, refusing, tls))
        self.collector.config.write_text(
            f"{text}inventory: [{{file: {self.directory}/inventory.csv}}]\n"
            f"targets: {{files: [{self.directory}/targets.yml], agents: {{environment: [watch]}}}}\n")
        self.collector.serve()
        threading.Thread(target=accept_all, args=(listener,), daemon=True).start()
        Agent(self, self.collector, "watcher", labels=["environment=watch", "site=fra", "role=web"], settings=(
            f"targets: {{allow: [{{networks: [127.0.0.1/32], ports: [{port}, {refusing}, {tls}]}}]}}\n"
            "probes: {certificates: {enabled: false}, packages-apt: {enabled: false}, listeners: {enabled: false}}\n")).run()
        self.enrol_those_asleep()
        SimulatedFleet(self, self.collector, REPORTING).start("--sync-interval", "1s", "--domains").wait_in_sync()
        self.prometheus = Prometheus(self, self.collector)

    def enrol_those_asleep(self):
        """None ever reports, and some have a copy."""
        token = json.loads(self.run_good(
            COLLECTOR, "token", "create", "--config", self.collector.config, "--ttl", "10m", "--uses", ASLEEP,
            "--format", "json"))["token"]
        authority = Identity.load(self.collector.ca_file, self.collector.directory / "ca.key")
        for number in range(ASLEEP):
            key = new_key()
            host = self.post("/api/v1/enroll", {"token": token, "hostname": f"asleep-{number}",
                                                "certificate_signing_request": signing_request(key)}, 200)
            if number in QUARANTINED:
                ended = authority.issue(Wish(uris=[f"spiffe://muster.internal/host/{host['host_id']}"], generation=1,
                                             key=key, begins=days(-0.9), ends=days(-0.5)))
                self.post("/api/v1/reenroll", body_of(ended), 200)
                self.post("/api/v1/reenroll", body_of(ended), 403)
        self.run_good(COLLECTOR, "host", "revoke", f"asleep-{REVOKED}", "--config", self.collector.config)

    def post(self, path, body, expected):
        context = ssl.create_default_context(cafile=self.collector.ca_file)
        connection = http.client.HTTPSConnection("127.0.0.1", self.collector.http_port, timeout=30, context=context)
        try:
            connection.request("POST", path, body if isinstance(body, str) else json.dumps(body),
                               {"Content-Type": "application/json"})
            response = connection.getresponse()
            text = response.read()
            self.assertEqual(response.status, expected, text)
            return json.loads(text)
        finally:
            connection.close()

    def check(self):
        return LiveCheck(self.prometheus.api, time.time())

    def wait_for_no_complaints(self, dashboards, choice):
        """The fleet, its scrapes and the rules follow each other within seconds."""
        found = []

        def all_is_there():
            check = self.check()
            found[:] = [text for dashboard in dashboards for text in check.complaints(dashboard, choice)]
            return not found
        try:
            wait_until("every panel to be good", all_is_there, 180)
        except AssertionError as error:
            raise AssertionError("\n\n".join(found)) from error

    def test_every_panel_shows_something_whatever_is_chosen(self):
        dashboards = Dashboard.shipped()
        one, two = ([values[:count] for values in (SITES, ROLES, OWNERS)] for count in (1, 2))
        choices = [Choice({}), *(Choice({name: values}) for name, values in zip(("site", "role", "owner"), one)),
                   Choice(dict(zip(("site", "role", "owner"), two)))]
        hosts = ("sim-00000", "asleep-0")
        for choice in [*choices, Choice({"host": hosts, "target": TARGETS})]:
            with self.subTest(str(choice)):
                self.wait_for_no_complaints(dashboards, choice)
        # No single host is in every panel; between them these two are, once there was time for a rate.
        singles = [Choice({"host": [host], "target": [name]}, thin=True) for host, name in zip(hosts, TARGETS)]
        every = {expression.where for dashboard in dashboards for expression in dashboard.expressions()}

        def all_are_filled():
            for choice in singles:
                self.wait_for_no_complaints(dashboards, choice)
            self.assertEqual(every - singles[0].filled - singles[1].filled, set())
            return True
        wait_until("every panel to show something of one of two", all_are_filled)

        fleet = next(dashboard for dashboard in dashboards if dashboard.name == "fleet.json")
        self.the_figures_are_those_of_the_collector(fleet)
        self.unknown_looks_like_nothing_else(fleet)
        self.rare_states_of_domains_are_shown(next(d for d in dashboards if d.name == "expiry.json"))
        self.links_lead_somewhere(dashboards)
        self.what_is_misspelt_is_found(dashboards)
        self.each_kind_of_fault_is_found(fleet)
        self.a_collector_that_is_gone_leaves_no_figures(fleet)

    def query_of_all(self, fleet, expression):
        return self.prometheus.query(fleet.substitute(expression.text, dict.fromkeys(fleet.with_all(), ALL)))

    def the_figures_are_those_of_the_collector(self, fleet):
        """What the rules and the dashboard count again, 0 where there is none."""
        def shown():
            return {(e.panel["title"], e.target["refId"]): self.query_of_all(fleet, e)[0][1]
                    for e in fleet.expressions() if e.panel and e.panel["id"] <= 6}

        def counted():
            metrics_now = self.collector.metrics()
            stand = standings(metrics_now, "muster_control_status")
            # The collector's own figure is of hosts and targets, the dashboard's of hosts.
            self.assertAlmostEqual(metrics_now['muster_compliance_ratio{control="",by="",value=""}'],
                                   compliance(stand + standings(metrics_now, "muster_target_control_status")))
            return {
                ("Compliance", "A"): compliance(stand),
                **{(title, "A"): stand.count(status) for title, status in (
                    ("Failed", "fail"), ("Unknown", "unknown"), ("Due", "due"), ("Waived", "waived"))},
                ("Hosts", "A"): REPORTING + WATCHERS, ("Hosts", "B"): ASLEEP, ("Hosts", "C"): len(QUARANTINED)}
        wait_until("Prometheus to have what the collector says", lambda: shown() == counted())
        self.assertNotIn(0, shown().values())

    def unknown_looks_like_nothing_else(self, fleet):
        """In the matrix: of those asleep it is unknown, and a site where none is asleep stands well."""
        matrix = next(e for e in fleet.expressions() if e.panel["title"] == "Controls by site")
        cells = {(labels["control"], labels["site"]): value for labels, value in self.query_of_all(fleet, matrix)}
        for site in SITES:
            self.assertLess(cells["certificate-valid", site], -1)
            self.assertTrue(0 <= cells["updates-high", site] < 1, cells)
        self.assertEqual(cells["certificate-valid", "(none)"], 1)

    def rare_states_of_domains_are_shown(self, expiry):
        found = {e.panel["title"]: {legend(e.target, {"metric": labels}) for labels, _ in self.query_of_all(expiry, e)}
                 for e in expiry.expressions() if e.panel and e.panel["title"] in STATES_OF_DOMAINS}
        self.assertEqual(found, STATES_OF_DOMAINS)

    def a_collector_that_is_gone_leaves_no_figures(self, fleet):
        """What is not known any more is not there any more."""
        def shown():
            return {e.panel["title"]: self.query_of_all(fleet, e)
                    for e in fleet.expressions() if e.panel and e.panel["id"] <= 7}
        self.assertEqual(shown()["Muster works"][0][1], 0)
        self.collector.process.end()
        wait_until("the figures to go", lambda: not any(
            found for title, found in shown().items() if title != "Muster works"))
        self.assertGreater(shown()["Muster works"][0][1], 0)

    def links_lead_somewhere(self, dashboards):
        fields = {"host": "sim-00000", "alertname": "MusterHostSilent", "target": TARGETS[0]}
        collector = self.prometheus.query("muster_collector_build_info")[0][0]["instance"]
        for address in sorted({url for d in dashboards for p in d.panels() for url in links_of(p)}):
            prefix = "https://${collector:raw}"
            if not address.startswith(prefix):
                continue
            for name, value in fields.items():
                address = address.replace(f"${{__data.fields.{name}:percentencode}}", value)
            path = address.removeprefix(prefix).replace("${__value.raw}", fields["alertname"])
            with self.subTest(path):
                self.assertEqual(f"https://{collector}", self.collector.url)
                self.assertEqual(self.collector.get(path)[0], 200)

    def what_is_misspelt_is_found(self, dashboards):
        """The check itself: whichever expression names a metric that there is not, it says so."""
        check = self.check()
        for dashboard in dashboards:
            for panel in dashboard.panels():
                for number, target in enumerate(panel.get("targets", [])):
                    name = metrics(target["expr"])[0]
                    alone = copy.deepcopy({**dashboard.content, "panels": [panel], "annotations": {"list": []}})
                    spoilt = alone["panels"][0]["targets"][number]
                    spoilt["expr"] = re.sub(rf"\b{name}\b", f"{name}s", spoilt["expr"])
                    found = check.complaints(Dashboard(dashboard.name, alone), Choice({}))
                    self.assertEqual(len(found), 1, found)
                    self.assertIn(f"{panel['title']} ({target['refId']})", found[0])
                    self.assertIn(f"there is no metric {name}s", found[0])

    def each_kind_of_fault_is_found(self, fleet):
        check = self.check()

        def spoil(title, old, new, choice):
            content = copy.deepcopy(fleet.content)
            place = next(n for n, panel in enumerate(content["panels"]) if panel["title"] == title)
            text = json.dumps(content["panels"][place])
            self.assertIn(old, text)
            content["panels"][place] = json.loads(text.replace(old, new))
            return check.complaints(Dashboard("fleet.json", content), choice)

        for title, old, new, complaint in (
                ("Worst hosts", r'severity=\"low\"', r'severities=\"low\"', "no data"),
                ("Failed", "sum (", "sum((", "parse error"),
                ("Worst hosts", r'host=~\"$host\"', r'\"$host\"=~\".*\"', "parse error"),
                ("Worst hosts", r'host=~\"$host\"', r'host!~\"$host\"', "is not of what was chosen"),
                ("Worst hosts", '"owner": 3', '"owners": 3', "it names owners"),
                ("Overdue", "${__data.fields.host:", "${__data.fields.hosts:", "it names hosts"),
                ("Hosts", '"options": "report"', '"options": "reports"', "it names reports")):
            with self.subTest(f"{title}: {new} for {old}"):
                # Of one host where it is about what was chosen.
                choice = Choice({"host": ["sim-00000"]}, thin=True) if "chosen" in complaint else Choice({})
                found = spoil(title, old, new, choice)
                self.assertTrue(any(complaint in text and f"fleet.json: {title}" in text for text in found), found)


if __name__ == "__main__":
    unittest.main()
