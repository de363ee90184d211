"""A fleet at once: many agents, each with its own certificate, towards one collector."""

import json
import pathlib
import re
import signal
import socket
import unittest

from muster_test import COLLECTOR, Collector, Scenario, wait_until
from simulated_fleet import SimulatedFleet

HOSTS = 200
# Of simulated hosts, with what their agents say of themselves.
PROBES = {"agent", "host", "packages-apt", "certificates", "restart", "lifecycle", "antivirus", "intrusion-detection",
          "sockets", "listeners", "firmware", "hardware"}


class Fleet(Scenario):
    def test_every_host_is_in_the_api_and_in_the_metrics(self):
        collector = Collector(self).serve()
        fleet = SimulatedFleet(self, collector, 50)
        joining = fleet.run("--until-in-sync")[0]
        self.assertEqual(joining["in_sync"], 50)
        self.assertEqual(joining["errors"], {})
        self.assertGreater(joining["server"]["pss_kib"], 0)

        names = [f"sim-{number:05}" for number in range(50)]
        self.assertEqual([h["name"] for h in collector.get_json("/api/v1/hosts")["hosts"]], names)
        metrics = collector.metrics()
        for name in names:
            self.assertEqual(metrics[f'muster_host_reporting{{host="{name}"}}'], 1)
        self.assertEqual(collector.sections(names[49]).keys(), PROBES)

    def test_hosts_report_to_several_addresses_of_one_collector(self):
        addresses = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
        collector = Collector(self)
        text = collector.config.read_text()
        for key, values in (("names", addresses),
                            ("grpc_listen", [f"{a}:{collector.grpc_port}" for a in addresses])):
            text, changed = re.subn(f"(?m)^{key}: .*$", f"{key}: {json.dumps(values)}", text)
            self.assertEqual(changed, 1, key)
        collector.config.write_text(text)
        collector.serve()
        fleet = SimulatedFleet(self, collector, 30, addresses).start("--sync-interval", "1s")
        first = fleet.wait_in_sync()
        self.assertEqual((first["in_sync"], first["errors"]), (30, {}))
        # The collector's ends, as the kernel has them: local address, state 1 (established).
        lines = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
        for last, address in enumerate(addresses, 1):
            local = f"{last:02X}00007F:{collector.grpc_port:04X}"
            self.assertEqual(sum(line[1] == local and line[3] == "01" for line in lines), 10, address)

    def test_after_a_kill_all_come_back_and_nothing_known_is_sent_again(self):
        collector = Collector(self).serve()
        fleet = SimulatedFleet(self, collector, HOSTS)
        first = fleet.run("--until-in-sync")[0]
        self.assertEqual(first["facts"]["sent"], len(PROBES) * HOSTS)

        fleet.start("--sync-interval", "1s")
        # As after a restart of all agents: what they hold is known.
        again = fleet.wait_in_sync()
        self.assertEqual(again["facts"]["sent"], 0)

        collector.process.end(signal.SIGKILL)
        fleet.begin_anew()
        collector.serve()
        recovered = fleet.wait_in_sync()
        self.assertEqual(recovered["in_sync"], HOSTS)
        self.assertEqual(recovered["facts"]["sent"], 0)
        wait_until("all hosts to report", lambda: all(
            h["reporting"] for h in collector.get_json("/api/v1/hosts")["hosts"]))

    def test_changes_while_the_collector_is_away_all_reach_it(self):
        collector = Collector(self).serve()
        fleet = SimulatedFleet(self, collector, 20)
        # A change a second of each host.
        fleet.start("--sync-interval", "1s", "--changes-per-hour", "3600")
        fleet.wait_in_sync()
        collector.process.end(signal.SIGKILL)
        fleet.begin_anew()
        collector.serve()
        held = lambda: collector.sections("sim-00019")["packages-apt"]["sequence"]
        before = int(held())
        wait_until("later versions", lambda: int(held()) > before + 3)
        fleet.process.end(signal.SIGTERM)
        facts = fleet.phases()[-1]["facts"]
        self.assertEqual((facts["resent"], facts["dropped"]), (0, 0))

    def test_agents_are_let_in_again_after_all_descriptors_were_in_use(self):
        collector = Collector(self)
        limit = 300
        collector.process = self.start("collector", "prlimit", f"--nofile={limit}:{limit}", "--", COLLECTOR,
                                       "serve", "--config", collector.config)
        collector.wait_ready()
        fleet = SimulatedFleet(self, collector, 20)
        self.assertEqual(fleet.run("--until-in-sync")[-1]["in_sync"], 20)

        strangers = []
        self.addCleanup(lambda: [s.close() for s in strangers])
        for _ in range(limit):
            strangers.append(socket.create_connection((collector.host, collector.grpc_port), timeout=30))
        wait_until("the collector to say what to do",
                   lambda: "Raise LimitNOFILE=" in collector.process.text())
        # What is reserved is for the rest.
        self.assertEqual(collector.get("/-/healthy")[0], 200)
        refused = collector.metrics("/metrics/self")["muster_collector_grpc_refused_connections_total"]
        self.assertGreater(refused, 0)
        self.assertLess(refused, limit)
        for stranger in strangers:
            stranger.close()
        self.assertEqual(fleet.run("--until-in-sync", "--sync-interval", "1s")[-1]["in_sync"], 20)


if __name__ == "__main__":
    unittest.main()
