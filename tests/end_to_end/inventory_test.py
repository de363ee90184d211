"""Labels of hosts: from the token, and over them a file or a server that lists the site's hosts; after a
reload, a rename, and a restart while the source is away."""

import json
import signal
import unittest

from list_server import ListServer
from muster_test import COLLECTOR, Agent, Collector, Scenario, free_port, run, wait_until


class InventoryTest(Scenario):
    def setUp(self):
        super().setUp()
        self.collector = Collector(self)
        self.initial = self.collector.config.read_text()

    def configure(self, sources):
        self.collector.config.write_text(f"{self.initial}\ninventory: {json.dumps(sources)}\n")

    def labels(self, host):
        return self.collector.get_json(f"/api/v1/hosts/{host}")["summary"].get("labels", {})

    def wait_for_labels(self, host, labels):
        wait_until(f"{host} to have {labels}", lambda: self.labels(host) == labels,
                   process=self.collector.process)

    def reload(self):
        status, _, body = self.collector.request("POST", "/-/reload")
        return status, body.decode()

    def metric(self, name, source=None):
        labels = f'{{source="{source}"}}' if source else ""
        return self.collector.metrics("/metrics/self")[name + labels]

    def missing(self):
        return self.run_good(COLLECTOR, "host", "list", "--missing", "--config", self.collector.config)

    def test_a_file_gives_labels_by_name(self):
        inventory = self.collector.directory / "inventory.csv"
        inventory.write_text("host,site,role\ndb1,fra,db\n")
        self.configure([{"file": "inventory.csv"}])
        self.collector.serve()
        agent = Agent(self, self.collector, labels=["site=ams", "rack=b12"],
                      settings="labels: {room: cellar}\n").run()
        host = agent.host
        self.assertEqual(self.labels(host), {"site": "ams", "rack": "b12"})

        inventory.write_text(f"host,site,role\ndb1,fra,db\n{host},fra,web\n")
        self.assertEqual(self.reload()[0], 200)
        self.assertEqual(self.labels(host), {"site": "fra", "rack": "b12", "role": "web"})
        self.assertIn("db1", self.missing())
        wait_until("the count", lambda: self.metric("muster_inventory_hosts_missing") == 1)
        self.assertEqual(self.metric("muster_inventory_hosts", inventory), 2)
        self.assertEqual(self.metric("muster_inventory_last_load_successful", inventory), 1)

        # A host is listed by the name that it has now.
        self.run_good(COLLECTOR, "host", "rename", host, "db1", "--config", self.collector.config)
        self.assertEqual(self.labels("db1"), {"site": "fra", "rack": "b12", "role": "db"})
        self.assertIn(host, self.missing())

        # What its own configuration says is a fact, and nothing else.
        wait_until("a report", lambda: "agent" in self.collector.sections("db1"), process=agent.process)
        facts = self.collector.sections("db1")["agent"]["facts"]
        self.assertEqual(facts["labels"], {"room": "cellar"})
        shown = self.run_good(COLLECTOR, "host", "show", "db1", "--config", self.collector.config)
        self.assertIn("room=cellar", shown)

        self.break_and_restart(inventory)

    def break_and_restart(self, inventory):
        """What a broken file said last stays, also when the collector starts anew."""
        place = f"{inventory}:2:1: "
        inventory.write_text("host,site,role\ndb1,ams\n")
        status, said = self.reload()
        self.assertNotEqual(status, 200)
        self.assertIn(place, said)
        self.assertIn(place, self.missing())
        good = {"site": "fra", "rack": "b12", "role": "db"}
        self.assertEqual(self.labels("db1"), good)
        self.assertEqual(self.metric("muster_inventory_last_load_successful", inventory), 0)
        checked = run(COLLECTOR, "--check-config", "--config", self.collector.config)
        self.assertNotEqual(checked.returncode, 0)
        self.assertIn(place, checked.stderr)

        self.collector.process.end(signal.SIGTERM)
        offline = json.loads(self.run_good(COLLECTOR, "host", "show", "db1", "--format", "json", "--config",
                                           self.collector.config))
        self.assertEqual(offline["summary"]["labels"], good)
        self.collector.serve()
        self.assertEqual(self.labels("db1"), good)
        inventory.write_text("host,site,role\ndb1,ams,db\n")
        self.collector.process.send(signal.SIGHUP)
        self.wait_for_labels("db1", {**good, "site": "ams"})

    def test_a_server_gives_labels_and_may_be_away(self):
        port = free_port()
        source = f"http://127.0.0.1:{port}/hosts"
        server = ListServer(port)
        self.addCleanup(server.stop)
        self.configure([{"url": f"{source}?site=all", "interval": "1s", "timeout": "5s"}])
        self.collector.serve()
        host = Agent(self, self.collector).host
        server.groups = [{"targets": [f"{host}:9100", "db1"], "labels": {"site": "fra", "__meta_x": "y"}}]
        self.wait_for_labels(host, {"site": "fra"})
        server.groups[0]["labels"]["site"] = "ams"
        self.wait_for_labels(host, {"site": "ams"})

        server.stop()
        wait_until("the failure to show",
                   lambda: self.metric("muster_inventory_last_load_successful", source) == 0)
        self.assertEqual(self.labels(host), {"site": "ams"})
        before = self.metric("muster_inventory_last_success_timestamp_seconds", source)
        self.assertGreater(before, 0)
        self.collector.process.end(signal.SIGTERM)
        self.collector.serve()
        self.assertEqual(self.labels(host), {"site": "ams"})
        after = self.metric("muster_inventory_last_success_timestamp_seconds", source)
        self.assertGreater(after, 0)
        self.assertLessEqual(after, before)
        wait_until("the fault to show", lambda: "Connection refused" in self.missing())
        self.assertIn("db1", self.missing())


if __name__ == "__main__":
    unittest.main()
