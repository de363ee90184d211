"""Targets that are names, with the whole agent, launcher and probe: where a name leads is checked at every
look, so that a zone which begins to lead elsewhere leads nowhere; and how often an address is dialled goes
by the address, whatever names lead to it and however many runs of a probe there are.

In a network of its own, where a name server of the test has port 53.
"""

import json
import socket
import time
import unittest

import own_world
from look_oracle import LookOracle
from muster_test import Agent, Collector, Scenario, wait_until
from name_server import NameServer

METADATA = "169.254.169.254"


class NamesScenario(Scenario):
    def setUp(self):
        super().setUp()
        self.names = NameServer()
        self.addCleanup(self.names.close)
        own_world.write_etc("resolv.conf", f"nameserver {self.names.host}\n")

    def start_agent(self, oracle, targets, settings=""):
        """Looks every second at {name of a target: host}, at the oracle's port."""
        self.collector = Collector(self)
        listed = [{"name": name, "address": f"{host}:{oracle.port}", "kind": "tcp", "interval": "1s", "timeout": "1s"}
                  for name, host in targets.items()]
        (self.collector.directory / "targets.yml").write_text(json.dumps({"targets": listed}))
        with self.collector.config.open("a") as config:
            config.write("targets: {files: [targets.yml], agents: {role: [monitor]}}\n")
        self.collector.serve()
        self.agent = Agent(self, self.collector, labels=["role=monitor"], settings=(
            "targets:\n"
            "  allow:\n"
            f"    - {{networks: [127.16.0.0/16], ports: [{oracle.port}]}}\n"
            f"    - {{names: ['*.shop.example'], ports: [{oracle.port}]}}\n"
            f"{settings}"
            "probes: {tcp: {interval: 2s}, certificates: {enabled: false}, packages-apt: {enabled: false}}\n")).run()

    def reason(self, target):
        """Why there is nothing to judge; empty where there is."""
        return self.collector.get_json(f"/api/v1/targets/{target}")["sections"][0].get("reason", "")


class RebindingTest(NamesScenario):
    def test_a_name_that_begins_to_lead_where_nothing_is_allowed_is_not_dialled_there(self):
        own_world.add_address(METADATA, "lo:1")
        oracle = LookOracle(6, 1)
        self.addCleanup(oracle.close)
        # The same port of IPv6's loopback, where nobody may come either.
        ipv6 = socket.create_server(("::1", oracle.port), family=socket.AF_INET6)
        self.addCleanup(ipv6.close)
        ipv6.setblocking(False)
        lead_to = {"stays": [], "loopback": ["127.0.0.1"], "metadata": [METADATA],
                   "mapped": [f"::ffff:{METADATA}"], "ipv6": ["::1"], "both": ["127.0.0.9"]}
        at = dict(zip(lead_to, oracle.addresses))
        self.names.addresses = {f"{name}.shop.example": [address] for name, address in at.items()}
        self.start_agent(oracle, {name: f"{name}.shop.example" for name in lead_to})
        wait_until("all to be looked at where they lead", lambda: oracle.seen_since(0) == len(at))

        self.names.addresses |= {f"{name}.shop.example": to for name, to in lead_to.items() if to}
        # One that leads there too is looked at where it may be, and nowhere else.
        self.names.addresses["both.shop.example"] = ["127.0.0.9", at["both"]]
        since = time.time()
        rebound = [name for name in lead_to if name not in ("stays", "both")]
        for name in rebound:
            wait_until(f"{name} to say where it leads",
                       lambda name=name: "which targets.allow of this agent does not list" in self.reason(name))
        asked = dict(self.names.asked)
        wait_until("it to be asked where all of them lead, again and again", lambda: all(
            self.names.asked[name] > asked[name] + 6 for name in self.names.addresses))
        seen = {address for at_time, address in oracle.accepted if at_time > since + 4}
        self.assertEqual(seen, {at["stays"], at["both"]})
        self.assertEqual(oracle.strangers, [])
        self.assertRaises(BlockingIOError, ipv6.accept)
        for name in ("stays", "both"):
            self.assertEqual(self.reason(name), "")


class RatesTest(NamesScenario):
    # Of agent.yml. Asked for is five times as much, and so several runs of the probe are under way at once.
    IN_ALL, OF_ADDRESS = 40, 2
    SECONDS = 15
    # The oracle, which counts when it comes to it, may see a moment's connections in the next.
    LATE = 1.0

    def test_all_runs_together_keep_the_rates_of_the_agent_and_of_each_address(self):
        oracle = LookOracle(180, 1)
        self.addCleanup(oracle.close)
        shared = "127.16.200.1"
        names = {f"n{n}": f"n{n}.shop.example" for n in range(20)}
        self.names.addresses = dict.fromkeys(names.values(), [shared])
        self.start_agent(oracle, names | {name: address for address, name in oracle.names.items()}, (
            f"  looks_per_second: {self.IN_ALL}\n  looks_per_address_per_second: {self.OF_ADDRESS}\n"))
        wait_until("the first looks", lambda: oracle.accepted)
        since = time.time()
        wait_until("looks to be made", lambda: time.time() > since + self.SECONDS, self.SECONDS + 60)
        window = 5
        for what, rate, address in (("in all", self.IN_ALL, None), ("of an address", self.OF_ADDRESS, shared)):
            with self.subTest(what):
                most = oracle.most_within(window, address)
                self.assertLessEqual(most, rate * (window + self.LATE))
                # And it looks as fast as it may: a rate that nobody uses is easily kept.
                self.assertGreater(most, rate * window / 2)


if __name__ == "__main__":
    own_world.enter(__file__)
    unittest.main()
