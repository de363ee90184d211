"""Ways to a collector: IPv6, the second of several addresses, an HTTP CONNECT proxy."""

import unittest

from muster_test import Agent, Collector, Scenario, free_port, wait_until
from proxy import ConnectProxy


class NetworkTest(Scenario):
    def assert_reports(self, collector, agent):
        def reporting():
            hosts = collector.get_json("/api/v1/hosts")["hosts"]
            return [h for h in hosts if h["name"] == agent.host and h.get("reporting")]
        wait_until("the host to report", reporting)

    def test_everything_works_over_ipv6(self):
        collector = Collector(self, host="::1").serve()
        self.assert_reports(collector, Agent(self, collector).run())

    def test_a_dead_address_before_the_right_one_does_not_matter(self):
        collector = Collector(self).serve()
        agent = Agent(self, collector)
        agent.configure(collectors=[f"127.0.0.1:{free_port()}", f"127.0.0.1:{collector.grpc_port}"])
        self.assert_reports(collector, agent.run())

    def test_reports_go_through_a_configured_proxy(self):
        proxy = ConnectProxy()
        self.addCleanup(proxy.close)
        collector = Collector(self).serve()
        agent = Agent(self, collector, settings=f"proxy: {proxy.url}\n")
        self.assert_reports(collector, agent.run())
        self.assertIn(("CONNECT", f"127.0.0.1:{collector.grpc_port}"), proxy.requests)


if __name__ == "__main__":
    unittest.main()
