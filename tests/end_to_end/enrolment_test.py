"""Who may join, and whom an agent believes."""

import unittest

from muster_test import Agent, Collector, Scenario, wait_until


class EnrolmentTest(Scenario):
    def setUp(self):
        super().setUp()
        self.collector = Collector(self).serve()
        self.token = self.collector.token()

    def enroll(self, token, ca_sha256):
        return Agent.enroll(self, self.collector.url, token, ca_sha256, self.directory / "agent")

    def assert_refused(self, result, *words):
        self.assertNotEqual(result.returncode, 0, result.stdout)
        for word in words:
            self.assertIn(word, result.stderr.lower())
        self.assertFalse((self.directory / "agent/agent.yml").exists())
        self.assertEqual(self.collector.get_json("/api/v1/hosts").get("hosts", []), [])

    def test_a_wrong_token_is_refused(self):
        self.assert_refused(self.enroll("wrong" + self.token["token"][5:], self.token["ca_sha256"]), "token")

    def test_a_collector_of_a_foreign_ca_gets_no_token(self):
        other = Collector(self, "other").serve()
        self.assert_refused(self.enroll(self.token["token"], other.token()["ca_sha256"]), "ca")

    def test_a_token_is_good_for_one_host(self):
        self.assertEqual(self.enroll(self.token["token"], self.token["ca_sha256"]).returncode, 0)
        second = Agent.enroll(self, self.collector.url, self.token["token"], self.token["ca_sha256"],
                              self.directory / "second")
        self.assertNotEqual(second.returncode, 0)
        self.assertEqual(len(self.collector.get_json("/api/v1/hosts")["hosts"]), 1)

    def test_an_agent_of_another_fleet_cannot_report(self):
        other = Collector(self, "other").serve()
        agent = Agent(self, other)
        agent.configure(collectors=[f"127.0.0.1:{self.collector.grpc_port}"])
        agent.run()
        # Once it has tried, and said what came of it.
        wait_until("the agent to say why it cannot report",
                   lambda: "certificate" in agent.process.text().lower())
        self.assertEqual(self.collector.get_json("/api/v1/hosts").get("hosts", []), [])
        self.assertFalse(other.get_json(f"/api/v1/hosts/{agent.host}")["summary"].get("reporting"))


if __name__ == "__main__":
    unittest.main()
