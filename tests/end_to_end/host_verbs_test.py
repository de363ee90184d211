"""What operators do to a host, and that the host feels it at once, on its open connection too."""

import concurrent.futures
import http.client
import json
import shutil
import signal
import ssl
import unittest

from muster_test import COLLECTOR, Agent, Collector, Scenario, run, wait_until

# How soon a host that is cut off must feel it.
EFFECTIVE_WITHIN = 5

ADDRESSES = 50
USES_OF_EACH = 20


class HostVerbs(Scenario):
    def setUp(self):
        super().setUp()
        self.collector = Collector(self).serve()

    def verb(self, *arguments):
        return self.run_good(COLLECTOR, *arguments, "--config", self.collector.config)

    def refused_verb(self, *arguments):
        result = run(COLLECTOR, *arguments, "--config", self.collector.config)
        self.assertEqual(result.returncode, 1, result.stdout)
        return result.stderr

    def hosts(self):
        return {h["name"]: h for h in self.collector.get_json("/api/v1/hosts").get("hosts", [])}

    def refused(self, reason):
        return self.collector.metrics("/metrics/self")[
            f'muster_collector_rejected_total{{reason="{reason}"}}']

    def reporting_agent(self, name="agent"):
        agent = Agent(self, self.collector, name).run()
        self.wait_reporting(agent.host)
        return agent

    def wait_reporting(self, host):
        wait_until(f"{host} to report",
                   lambda: self.hosts().get(host, {}).get("reporting"))

    def restart(self, between=lambda: None):
        self.collector.process.end(signal.SIGTERM)
        between()
        self.collector.serve()

    def test_a_revoked_host_is_refused_on_its_open_connection_and_shown_so(self):
        agent = self.reporting_agent()
        said = self.verb("host", "revoke", agent.host, "--reason", "stolen from the van")
        wait_until("a report to be refused", lambda: self.refused("revoked") > 0, EFFECTIVE_WITHIN)
        self.assertIn("refused, beginning with the next", said)
        self.assertTrue(all(len(line) <= 80 for line in said.splitlines()), said)
        self.assertIn("revoked", self.verb("host", "list"))
        shown = self.verb("host", "show", agent.host)
        self.assertIn("revoked since", shown)
        self.assertIn("stolen from the van", shown)
        wait_until("the counts", lambda: self.collector.metrics().get(
            "muster_collector_hosts_revoked") == 1)
        self.assertEqual(self.collector.metrics()[f'muster_host_revoked{{host="{agent.host}"}}'], 1)
        wait_until("the agent to say so", lambda: "revoked" in agent.process.text())
        # For good: nothing takes it back, a restart does not, nor does a token.
        self.assertIn("a revocation is not taken back", self.refused_verb("host", "release", agent.host))
        self.assertIn("host remove", self.refused_verb("token", "create", "--host", agent.host))
        self.restart()
        wait_until("a report to be refused again", lambda: self.refused("revoked") > 0)
        self.assertEqual(self.hosts()[agent.host]["identity"]["standing"], "STANDING_REVOKED")

    def test_of_a_removed_host_nothing_is_left_and_its_certificate_is_refused(self):
        agent = self.reporting_agent()
        self.assertIn(f'host="{agent.host}"', "".join(self.collector.metrics()))
        self.verb("host", "remove", agent.host)
        wait_until("a report to be refused", lambda: self.refused("unknown_host") > 0,
                   EFFECTIVE_WITHIN)
        self.assertNotIn(f'host="{agent.host}"', "".join(self.collector.metrics()))
        self.assertEqual(self.collector.get_json("/sd/hosts"), [])
        self.assertEqual(self.hosts(), {})
        self.assertEqual(self.collector.get(f"/api/v1/hosts/{agent.host}")[0], 404)
        self.restart()
        self.assertEqual(self.hosts(), {})
        self.assertIn("no host is called", self.refused_verb("host", "remove", agent.host))

    def test_an_older_store_that_is_put_back_unrevokes_nobody(self):
        revoked = self.reporting_agent("revoked")
        removed = self.reporting_agent("removed")
        store = self.collector.directory / "store.db"
        backup = self.directory / "backup.db"
        self.restart(lambda: shutil.copy(store, backup))
        self.verb("host", "revoke", revoked.host)
        self.verb("host", "remove", removed.host)
        self.restart(lambda: shutil.copy(backup, store))
        self.assertEqual({name: host["identity"]["standing"] for name, host in self.hosts().items()},
                         {revoked.host: "STANDING_REVOKED"})
        wait_until("both to be refused",
                   lambda: self.refused("revoked") > 0 and self.refused("unknown_host") > 0)

    def test_the_verbs_are_on_the_socket_only(self):
        context = ssl.create_default_context(cafile=self.collector.ca_file)
        connection = http.client.HTTPSConnection("127.0.0.1", self.collector.http_port, timeout=30,
                                                 context=context)
        self.addCleanup(connection.close)
        for path in ("hosts/web1/revoke", "hosts/web1/release", "hosts/web1/rename",
                     "hosts/web1/remove", "token/00000000/revoke"):
            connection.request("POST", f"/admin/v1/{path}", "{}", {"Content-Type": "application/json"})
            response = connection.getresponse()
            response.read()
            self.assertEqual(response.status, 404, path)

    def test_a_renamed_host_goes_on_under_its_new_name(self):
        agent = self.reporting_agent()
        before = self.hosts()[agent.host]
        self.verb("host", "rename", agent.host, "db1")
        self.wait_reporting("db1")
        self.assertEqual(self.hosts()["db1"]["id"], before["id"])
        names = "".join(self.collector.metrics())
        self.assertIn('host="db1"', names)
        self.assertNotIn(f'host="{agent.host}"', names)
        wait_until("the agent to know its name", lambda: "db1" in agent.status())
        self.assertIn("cannot be a host's name", self.refused_verb("host", "rename", "db1", "a b"))

    def test_without_the_collector_the_verbs_speak_to_its_store(self):
        agent = self.reporting_agent()
        def offline():
            self.verb("host", "rename", agent.host, "db1")
            self.verb("host", "revoke", "db1", "--reason", "while it was off")
            self.assertIn("revoked", self.verb("host", "list"))
        self.restart(offline)
        self.assertEqual(self.hosts()["db1"]["identity"]["reason"], "while it was off")
        wait_until("a report to be refused", lambda: self.refused("revoked") > 0)

    def test_a_token_for_a_host_binds_it_to_the_new_machine_and_ends_the_old_one(self):
        old = self.reporting_agent()
        before = self.hosts()[old.host]
        token = json.loads(self.verb("token", "create", "--host", old.host, "--format", "json"))
        self.assertIn(old.host, self.verb("token", "list"))
        result = Agent.enroll(self, self.collector.url, token["token"], token["ca_sha256"],
                              self.directory / "new")
        self.assertEqual(result.returncode, 0, result.stderr)
        wait_until("the old machine to be refused", lambda: self.refused("superseded") > 0,
                   EFFECTIVE_WITHIN)
        after = self.hosts()[old.host]
        self.assertEqual((after["id"], after["enrolled_at"]), (before["id"], before["enrolled_at"]))
        self.assertEqual(int(after["identity"]["generation"]),
                         int(before["identity"]["generation"]) + 1)
        self.assertEqual(after["identity"]["standing"], "STANDING_ACTIVE")
        old.process.end(signal.SIGTERM)

    def test_a_revoked_token_is_used_by_nobody(self):
        token = self.collector.token()
        self.verb("token", "revoke", token["summary"]["id"])
        self.assertIn("No token can be used", self.verb("token", "list"))
        result = Agent.enroll(self, self.collector.url, token["token"], token["ca_sha256"],
                              self.directory / "agent")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("never the token itself", self.refused_verb("token", "revoke", token["token"]))

    def use_token(self, source, body):
        """What a token is worth to one address that tries it so often, over one connection."""
        context = ssl.create_default_context(cafile=self.collector.ca_file)
        connection = http.client.HTTPSConnection("127.0.0.1", self.collector.http_port, timeout=60,
                                                 context=context, source_address=(source, 0))
        statuses = []
        try:
            for _ in range(USES_OF_EACH):
                connection.request("POST", "/api/v1/enroll", body,
                                   {"Content-Type": "application/json"})
                response = connection.getresponse()
                response.read()
                statuses.append(response.status)
        finally:
            connection.close()
        return statuses

    def test_of_a_thousand_parallel_uses_of_a_single_use_token_one_wins(self):
        token = self.collector.token()
        request = self.run_good("openssl", "req", "-new", "-newkey", "ec", "-pkeyopt",
                                "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                                self.directory / "key.pem", "-subj", "/CN=x")
        body = json.dumps({"token": token["token"], "hostname": "web1",
                           "certificate_signing_request": request})
        # Of each address only so many are taken at once.
        sources = [f"127.0.1.{number}" for number in range(1, ADDRESSES + 1)]
        with concurrent.futures.ThreadPoolExecutor(ADDRESSES) as pool:
            statuses = sum(pool.map(lambda source: self.use_token(source, body), sources), [])
        self.assertEqual((statuses.count(200), statuses.count(403)),
                         (1, ADDRESSES * USES_OF_EACH - 1))
        self.assertEqual(list(self.hosts()), ["web1"])


if __name__ == "__main__":
    unittest.main()
