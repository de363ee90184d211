"""The calendar of everything that ends, over the real server: dates by hand, the fleet's authority, what hosts and
targets have; as JSON, as a calendar and a table that readers which are not ours read, and by the verb."""

import csv
import datetime
import io
import json
import unittest
import urllib.parse

import icalendar
from muster_test import COLLECTOR, Collector, Scenario, run
from simulated_fleet import SimulatedFleet

HOSTS = 2
# Beside the policy that `init` writes: a name that a spreadsheet would take for a formula.
DATES = """
dates:
  - {name: '=SUM(A1;A2), "SAN"', kind: support-contract, owner: storage, date: DATE, detail: Contract 4711}
"""


class Expiry(Scenario):
    def setUp(self):
        super().setUp()
        self.collector = Collector(self)
        self.day = datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(days=300)
        policy = self.collector.directory / "policy.yml"
        policy.write_text(policy.read_text() + DATES.replace("DATE", self.day.isoformat()))
        self.collector.serve()

    def ask(self, page, **parameters):
        status, headers, body = self.collector.get(
            f"/api/v1/{page}?" + urllib.parse.urlencode(parameters, doseq=True))
        self.assertEqual(status, 200, body[:300])
        return headers, body

    def test_one_fleet_in_one_calendar(self):
        fleet = SimulatedFleet(self, self.collector, HOSTS)
        self.assertEqual(fleet.run("--until-in-sync")[0]["in_sync"], HOSTS)

        every = json.loads(self.ask("expiry", within="3653d")[1])
        ends = [entry["ends_at"] for entry in every["entries"]]
        self.assertEqual(ends, sorted(ends))
        kinds = {entry["kind_name"] for entry in every["entries"]}
        self.assertLessEqual({"certificate", "fleet-authority", "support-contract"}, kinds)
        by_hand = next(entry for entry in every["entries"] if entry["by_hand"])
        self.assertEqual((by_hand["subject"], by_hand["owner"], by_hand["ends_at"]),
                         ('=SUM(A1;A2), "SAN"', "storage", f"{self.day}T00:00:00Z"))

        mine = json.loads(self.ask("expiry", within="301d", owner="storage")[1])["entries"]
        self.assertEqual([entry["id"] for entry in mine], [by_hand["id"]])
        self.assertEqual(json.loads(self.ask("expiry", within="299d", owner="storage")[1])["entries"], [])

        headers, body = self.ask("expiry.ics", within="301d")
        self.assertEqual(headers["Content-Type"], "text/calendar; charset=utf-8")
        events = icalendar.Calendar.from_ical(body).walk("VEVENT")
        event = next(event for event in events if event["UID"] == by_hand["id"] + "@muster")
        self.assertEqual(event["DTSTART"].dt, self.day)
        self.assertEqual(str(event["SUMMARY"]), '=SUM(A1;A2), "SAN": support-contract ends')

        headers, body = self.ask("expiry.csv", within="301d", kind=["by-hand"])
        self.assertEqual(headers["Content-Type"], "text/csv; charset=utf-8; header=present")
        rows = list(csv.DictReader(io.StringIO(body.decode(), newline=""), strict=True))
        self.assertEqual([(row["subject"], row["by_hand"]) for row in rows],
                         [('\'=SUM(A1;A2), "SAN"', "yes")])

    def test_a_wrong_parameter_is_named(self):
        status, _, body = self.collector.get("/api/v1/expiry?within=soon")
        self.assertEqual(status, 400)
        self.assertIn(b"the parameter within is a duration", body)

    def test_the_verb_shows_the_same(self):
        arguments = ("expiry", "--within", "301d", "--owner", "storage", "--config", self.collector.config)
        table = self.run_good(COLLECTOR, *arguments)
        self.assertRegex(table, rf"(?m)^{self.day} +\d+d +support-cont\S+ +=SUM\(A1;A2\).* storage$")
        self.assertTrue(all(len(line) <= 80 for line in table.splitlines()), table)
        entries = json.loads(self.run_good(COLLECTOR, *arguments, "--format", "json"))["entries"]
        self.assertEqual([entry["kind_name"] for entry in entries], ["support-contract"])
        for kind, begin in (("ics", "BEGIN:VCALENDAR"), ("csv", "ends_at,")):
            self.assertTrue(self.run_good(COLLECTOR, *arguments, "--format", kind).startswith(begin))
        refused = run(COLLECTOR, "expiry", "--within", "soon", "--config", self.collector.config)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("the parameter within is a duration", refused.stderr)


if __name__ == "__main__":
    unittest.main()
