"""The dashboards of deploy/grafana as they are, and whether the lint finds what is wrong with one."""

import copy
import subprocess
import sys
import unittest

import lint
from dashboard import ALL, FOLDER, Dashboard, regular_expression
from promql import metrics

RUNBOOKS = {path.stem for path in (lint.ROOT / "docs/runbooks").glob("*.md")}
DOCUMENTED = lint.documented_metrics()


class ShippedDashboards(unittest.TestCase):
    def test_there_is_nothing_to_say_of_any(self):
        shipped = Dashboard.shipped()
        uids = [dashboard.content["uid"] for dashboard in shipped]
        for dashboard in shipped:
            with self.subTest(dashboard.name):
                self.assertEqual(lint.complaints(dashboard, DOCUMENTED, RUNBOOKS, uids), [])

    def test_each_is_written_in_the_one_form(self):
        for dashboard in Dashboard.shipped():
            with self.subTest(dashboard.name):
                self.assertEqual((FOLDER / dashboard.name).read_text(), lint.canonical(dashboard.content))

    def test_each_is_what_the_generator_writes(self):
        result = subprocess.run([sys.executable, "-B", FOLDER / "generator/generate", "--check"],
                                capture_output=True, text=True, check=False)
        self.assertEqual((result.returncode, result.stdout + result.stderr), (0, ""))

    def test_the_fleet_is_chosen_by_site_role_owner_and_host(self):
        fleet = Dashboard.read(FOLDER / "fleet.json")
        self.assertEqual(fleet.with_all(), ["site", "role", "owner", "host"])


def first(content, kind):
    return next(panel for panel in content["panels"] if panel["type"] == kind)


def set_in(*path):
    """A mutation: the last of the path is the value, the others lead to its place."""
    *way, key, value = path

    def mutate(content):
        for step in way:
            content = step(content) if callable(step) else content[step]
        if callable(value):
            content[key] = value(content[key])
        else:
            content[key] = value
    return mutate


def a(kind):
    return lambda content: first(content, kind)


def misspelt(expression):
    return expression.replace("muster_", "muster_no_such_", 1)


MUTATIONS = {
    "its uid is fleet, not muster-fleet": set_in("uid", "fleet"),
    "it has an id": set_in("id", 7),
    "it lacks the tag muster": set_in("tags", []),
    "does not begin with Muster:": set_in("title", "Fleet"),
    "its schemaVersion is 12": set_in("schemaVersion", 12),
    "it has __inputs": set_in("__inputs", []),
    "names a data source of an export": set_in("annotations", "list", 0, "datasource", {"uid": "${DS_PROMETHEUS}"}),
    "it has no variable datasource": set_in("templating", "list", 0, "query", "loki"),
    "$site does not ask ${datasource}": set_in("templating", "list", 1, "datasource", {"uid": "P1", "type": "prometheus"}),
    "$site has no All": set_in("templating", "list", 1, "allValue", None),
    "there is no variable region": set_in("links", 0, "url", "https://${collector:raw}/${region}"),
    "the variable place is not used": set_in("templating", "list", 1, "name", "place"),
    "the panel id 1 is there more than once": set_in(a("timeseries"), "id", 1),
    "two panels are called Compliance": set_in(a("timeseries"), "title", "Compliance"),
    "table-old is not one of the panels": set_in(a("table"), "type", "table-old"),
    "it has no title": set_in(a("table"), "title", " "),
    "it has no description": set_in(a("table"), "description", "Hosts."),
    "it has no unit": set_in(a("table"), "fieldConfig", "defaults", "unit", ""),
    "it has no query": set_in(a("table"), "targets", []),
    "two of its queries have the same refId": set_in(a("timeseries"), "targets", 1, "refId", "A"),
    "Compliance: it does not ask ${datasource}": set_in(a("stat"), "targets", 0, "datasource", {"uid": "P1"}),
    "is not one of: now, over time": set_in(a("stat"), "targets", 0, "range", True),
    "would show the last value when": set_in(a("stat"), "targets", 0, {
        "refId": "A", "expr": "up", "format": "time_series", "instant": False, "range": True,
        "datasource": {"type": "prometheus", "uid": "${datasource}"}}),
    "has a row for each point in time": set_in(a("table"), "targets", 0, {
        "refId": "A", "expr": "up", "format": "table", "instant": False, "range": True,
        "datasource": {"type": "prometheus", "uid": "${datasource}"}}),
    "as many rows as there are hosts": set_in(a("table"), "targets", 0, "expr", "sum by (site, host) (up)"),
    "not within the width of 24": set_in(a("timeseries"), "gridPos", "x", 20),
    "Failed lies on Compliance": set_in("panels", 1, "gridPos", "x", 4),
    "docs/metrics.md has no site_role_owner_status:muster_no_such_": set_in(a("stat"), "targets", 0, "expr", misspelt),
    "$site: docs/metrics.md has no host:muster_no_such_": set_in(
        "templating", "list", 1, "query", "query", misspelt),
    "there is no runbook MusterNoSuch": set_in(
        "panels", 5, "links", 0, "url", "https://${collector:raw}/runbooks/MusterNoSuch"),
    "leads to no dashboard": set_in("panels", 5, "links", 0, "url", "/d/muster-nowhere?x=y"),
    "leads neither to the collector nor": set_in("panels", 5, "links", 0, "url", "https://example.org/"),
    "unknown is green: unknown is purple": set_in(
        a("bargauge"), "fieldConfig", "defaults", "mappings", [
            {"type": "value", "options": {"-1": {"text": "unknown", "color": "green", "index": 0}}}]),
    "fine is purple: unknown is purple": set_in(
        a("bargauge"), "fieldConfig", "defaults", "mappings", [
            {"type": "value", "options": {"1": {"text": "fine", "color": "purple", "index": 0}}}]),
}


class TheLint(unittest.TestCase):
    def setUp(self):
        self.fleet = Dashboard.read(FOLDER / "fleet.json")
        self.before = self.lint(self.fleet.content)

    def lint(self, content, uids=("muster-fleet",)):
        return lint.complaints(Dashboard("fleet.json", content), DOCUMENTED, RUNBOOKS, list(uids))

    def test_finds_what_is_wrong(self):
        for complaint, mutate in MUTATIONS.items():
            with self.subTest(complaint):
                content = copy.deepcopy(self.fleet.content)
                mutate(content)
                found = [text for text in self.lint(content) if text not in self.before]
                self.assertTrue(any(complaint in text for text in found), found)

    def test_finds_two_with_one_uid(self):
        found = self.lint(self.fleet.content, ["muster-fleet", "muster-fleet"])
        self.assertEqual([text for text in found if text not in self.before],
                         ["fleet.json: its uid muster-fleet is another's too"])


class Expressions(unittest.TestCase):
    def test_the_metrics_of_an_expression_are_found(self):
        for expression, names in {
                "up": ["up"],
                'sum by (host, site) (muster_host_info{host=~"a|b", x!="y{z"}) > bool 1e9': ["muster_host_info"],
                "sum(a:b:c) without (x) / on (host) group_left () d offset 5m": ["a:b:c", "d"],
                "topk(5, rate(x_total[5m])) unless ignoring(a) y or vector(0) and z == Inf": ["x_total", "y", "z"],
                'label_replace(a, "b", "$1", "c", "(d)") * time() - 3 * a': ["a"],
                "histogram_quantile(0.9, sum by (le) (rate(b_bucket[10m])))": ["b_bucket"],
        }.items():
            with self.subTest(expression):
                self.assertEqual(metrics(expression), names)

    def test_values_are_put_in_as_grafana_does(self):
        self.assertEqual(regular_expression(["web1"]), "web1")
        self.assertEqual(regular_expression(["fra", "ams"]), "(fra|ams)")
        self.assertEqual(regular_expression(["a.b", "c\\d"]), r"(a\\.b|c\\\\d)")

    def test_variables_are_found_in_each_of_their_forms(self):
        fleet = Dashboard.read(FOLDER / "fleet.json")
        chosen = {"site": ["fra"], "host": ["a", "b"], "role": ALL}
        self.assertEqual(fleet.substitute("x{s=~'$site', h=~'${host}', r=~'[[role]]'}[$__range]", chosen),
                         "x{s=~'fra', h=~'(a|b)', r=~'.*'}[1m]")
        with self.assertRaises(LookupError):
            fleet.substitute("$owner", chosen)


if __name__ == "__main__":
    unittest.main()
