"""The collector's CA replaced under reporting agents, backups put back, and certificates of a site's
own CA: the real programs."""

import json
import os
import re
import signal
import socket
import ssl
import unittest

from certificates import Authority
from muster_test import AGENT_USER, COLLECTOR, NO_LISTENERS, Agent, Collector, Scenario, run, wait_until

PASSPHRASE = "four words in it"


class CaScenario(Scenario):
    def verb(self, collector, *arguments):
        return run(COLLECTOR, *arguments, "--config", collector.config)

    def good(self, collector, *arguments):
        result = self.verb(collector, *arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def ca_status(self, collector):
        return json.loads(self.good(collector, "ca", "status", "--format", "json"))

    def reports(self, collector, name):
        """Waits for a report that is newer than now."""
        def last():
            hosts = collector.get_json("/api/v1/hosts")["hosts"]
            return next(h.get("last_sync_at", "") for h in hosts if h["name"] == name)
        before = last()
        wait_until(f"{name} to report again", lambda: last() > before)

    def passphrase_file(self, text=PASSPHRASE):
        path = self.directory / "passphrase"
        path.write_text(text + "\n")
        path.chmod(0o600)
        return path


class CaTest(CaScenario):
    def test_the_ca_is_replaced_while_an_agent_reports(self):
        collector = Collector(self).serve()
        agent = Agent(self, collector).run()
        wait_until("the agent to trust the CA",
                   lambda: self.ca_status(collector)["hosts_trusting"] == 1)
        old = collector.token()["ca_sha256"]

        self.good(collector, "ca", "prepare")
        refused = self.verb(collector, "ca", "activate")
        if refused.returncode != 0:
            self.assertIn(agent.host, refused.stderr)
        wait_until("the agent to learn the new CA",
                   lambda: self.ca_status(collector)["hosts_trusting"] == 1)
        self.good(collector, "ca", "activate")
        new = collector.token()["ca_sha256"]
        self.assertNotEqual(new, old)
        # HTTPS chains to the new one at once, and the old one is still in the file for others.
        only_new = self.directory / "new.pem"
        pems = re.findall("-----BEGIN.*?-----END CERTIFICATE-----\n", collector.ca_file.read_text(), re.S)
        self.assertEqual(len(pems), 2)
        only_new.write_text(pems[1])
        context = ssl.create_default_context(cafile=only_new)
        with socket.create_connection((collector.host, collector.http_port)) as plain, \
                context.wrap_socket(plain, server_hostname=collector.host) as tls:
            self.assertEqual(tls.version(), "TLSv1.3")
        # A new host joins by the new one, and the first renews by itself.
        second = Agent(self, collector, "second").run()
        self.reports(collector, agent.host)
        self.reports(collector, second.host)
        wait_until("the agents to have certificates of the new CA",
                   lambda: self.ca_status(collector)["roots"][1]["hosts"] == 2)
        self.good(collector, "ca", "retire")
        self.assertEqual([r["sha256"] for r in self.ca_status(collector)["roots"]], [new])
        self.reports(collector, agent.host)
        # A connection made anew, and after a restart too.
        agent.process.end()
        agent.run()
        self.reports(collector, agent.host)
        collector.process.end()
        collector.serve()
        self.reports(collector, agent.host)
        self.assertNotIn("quarantine", collector.process.text())
        self.assertLess(collector.metrics()["muster_collector_ca_root_not_after_timestamp_seconds"
                                            f'{{ca="{new}"}}'], 2**32)

    def test_a_backup_put_back_neither_quarantines_nor_lets_the_revoked_in(self):
        collector = Collector(self).serve()
        agents = [Agent(self, collector, name).run() for name in ("first", "second")]
        for agent in agents:
            self.reports(collector, agent.host)
        backup = self.directory / "backup.muster"
        said = self.good(collector, "backup", "--out", backup, "--passphrase-file",
                         self.passphrase_file())
        self.assertIn("ca.key", said)
        self.assertEqual(backup.stat().st_mode & 0o777, 0o600)
        self.assertFalse(list(collector.directory.glob("backup-*")))
        # Another one with the same name is refused, before any work.
        refused = self.verb(collector, "backup", "--out", backup, "--passphrase-file",
                            self.passphrase_file())
        self.assertNotEqual(refused.returncode, 0)
        self.assertNotIn("warning", refused.stderr)
        # A passphrase that others can read is taken, with a warning; by restore too.
        for mode in (0o640, 0o604):
            path = self.passphrase_file()
            path.chmod(mode)
            for verb in (["backup", "--out", backup, "--config", collector.config],
                         ["restore", "--in", "/nonexistent", "--nobody-revoked-since-backup",
                          "--state-directory", self.directory / "new"]):
                warned = run(COLLECTOR, *verb, "--passphrase-file", path).stderr
                self.assertIn(f"warning: {path} can be read by others (mode {mode:04o}): chmod 600 {path}\n",
                              warned)
                self.assertIn("error: ", warned)

        # In an emergency openssl reads it.
        plain = self.directory / "plain.db"
        self.run_good("openssl", "cms", "-decrypt", "-binary", "-inform", "DER", "-in", backup,
                      "-pwri_password", PASSPHRASE, "-out", plain)
        self.assertTrue(plain.read_bytes().startswith(b"SQLite format 3"))

        # After the backup: one host is revoked.
        self.good(collector, "host", "revoke", agents[1].host, "--reason", "stolen")
        collector.process.end()
        restore = ["restore", "--in", backup, "--state-directory", collector.directory,
                   "--passphrase-file", self.passphrase_file()]
        refused = run(COLLECTOR, *restore)
        self.assertIn("--replace", refused.stderr)
        restored = run(COLLECTOR, *restore, "--replace")
        self.assertEqual(restored.returncode, 0, restored.stderr)
        self.assertIn("1 revocations", restored.stdout)
        collector.serve()
        self.reports(collector, agents[0].host)
        metrics = collector.metrics()
        self.assertEqual(metrics["muster_collector_hosts_quarantined"], 0)
        self.assertEqual(metrics["muster_collector_hosts_revoked"], 1)

        # On another machine, with another passphrase, cut short, or in use: refused.
        elsewhere = self.directory / "elsewhere"
        restore[4] = elsewhere
        self.assertIn("--revocations FILE", run(COLLECTOR, *restore).stderr)
        self.passphrase_file("another passphrase")
        self.assertIn("passphrase", run(COLLECTOR, *restore).stderr)
        self.passphrase_file()
        cut = self.directory / "cut"
        cut.write_bytes(backup.read_bytes()[:-100])
        restore[2] = cut
        self.assertIn("cut short", run(COLLECTOR, *restore).stderr)
        self.assertFalse(elsewhere.exists())
        restore[2], restore[4] = backup, collector.directory
        self.assertIn("in use", run(COLLECTOR, *restore, "--replace").stderr)

    def test_a_host_that_renewed_after_the_backup_is_no_clone(self):
        collector = Collector(self).serve()
        agent = Agent(self, collector).run()
        self.good(collector, "ca", "prepare")
        wait_until("the agent to learn the new CA",
                   lambda: self.ca_status(collector)["hosts_trusting"] == 1)
        # It is asked to renew by its next report, which waits until the backup is there.
        agent.process.send(signal.SIGSTOP)
        self.good(collector, "ca", "activate")
        backup = self.directory / "backup.muster"
        self.good(collector, "backup", "--out", backup, "--passphrase-file", self.passphrase_file())
        agent.process.send(signal.SIGCONT)

        def generation():
            identity = collector.get_json(f"/api/v1/hosts/{agent.host}")["summary"]["identity"]
            self.assertEqual(identity["standing"], "STANDING_ACTIVE", identity)
            return int(identity["generation"])
        wait_until("the agent to renew", lambda: generation() == 2)
        collector.process.end()
        result = run(COLLECTOR, "restore", "--in", backup, "--state-directory", collector.directory,
                     "--passphrase-file", self.passphrase_file(), "--replace")
        self.assertEqual(result.returncode, 0, result.stderr)
        collector.serve()
        # The store knows the first generation only, of the old CA: the next goes beyond both.
        wait_until("the agent to renew again", lambda: generation() == 3)
        self.reports(collector, agent.host)

    def test_https_is_tls_1_3_and_agents_need_a_certificate(self):
        collector = Collector(self).serve()
        context = ssl.create_default_context(cafile=collector.ca_file)
        context.maximum_version = ssl.TLSVersion.TLSv1_2

        def version(port):
            with socket.create_connection((collector.host, port)) as plain, \
                    context.wrap_socket(plain, server_hostname=collector.host) as tls:
                # With TLS 1.3 a server refuses a certificate after the client's last message.
                tls.settimeout(30)
                if port == collector.grpc_port:
                    tls.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
                    if not tls.recv(1):
                        raise ConnectionResetError("closed without a byte")
                return tls.version()

        with self.assertRaises(ssl.SSLError):
            version(collector.http_port)
        web = collector.directory / "web.yml"
        web.write_text("tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n  min_version: TLS12\n")
        collector.config.write_text(collector.config.read_text() + "web_config_file: web.yml\n")
        collector.process.end()
        collector.serve()
        self.assertEqual(version(collector.http_port), "TLSv1.2")
        context = ssl.create_default_context(cafile=collector.ca_file)
        context.set_alpn_protocols(["h2"])
        with self.assertRaises(OSError):
            version(collector.grpc_port)


class OwnCaTest(CaScenario):
    """Certificates that the site makes itself."""

    def serve_with(self, authority, source, pattern):
        collector = Collector(self, f"collector-{source}")
        (collector.directory / "agents.pem").write_text(authority.pem())
        authority.issue(collector.directory / "own", "collector", [f"IP:{collector.host}"])
        collector.config.write_text(
            collector.config.read_text() +
            "agent_identity:\n  ca_file: agents.pem\n  certificate_file: own.pem\n  key_file: own.key\n"
            f"  host_id: {{from: {source}, pattern: \"{pattern}\"}}\n")
        return collector.serve()

    def agent_with(self, collector, authority, name, common_name, names=(), trusts=None):
        directory = self.directory / name
        state = directory / "state"
        state.mkdir(parents=True)
        authority.issue(directory / "own", common_name, names)
        # An agent that root starts gives root up.
        (directory / "own.key").chmod(0o644)
        if os.geteuid() == 0:
            os.chown(state, int(AGENT_USER), -1)
        (directory / "ca.pem").write_text((trusts or authority).pem())
        config = directory / "agent.yml"
        config.write_text(
            f'collectors: ["{collector.host}:{collector.grpc_port}"]\n'
            f"state_directory: '{state}'\nsync_interval: 1s\n"
            "identity:\n"
            f"  certificate: {directory}/own.pem\n  key: {directory}/own.key\n  ca: {directory}/ca.pem\n{NO_LISTENERS}")
        return self.start(name, *Agent.run_command(config))

    def hosts(self, collector):
        return {h["name"] for h in collector.get_json("/api/v1/hosts")["hosts"]
                if h.get("last_sync_at")}

    def test_hosts_are_named_by_the_rule_and_added_when_they_report(self):
        cases = {
            "spiffe": ("spiffe://example.org/server/{id}", ["URI:spiffe://example.org/server/web1"],
                       ["URI:spiffe://example.org/client/web2"], "x"),
            "dns": ("{id}.servers.example.org", ["DNS:web1.servers.example.org"],
                    ["DNS:web2.example.org"], "x"),
            "cn": ("host-{id}", [], [], "host-web1"),
        }
        for source, (pattern, good, bad, common_name) in cases.items():
            with self.subTest(source):
                authority = Authority(self.directory / f"{source}.ca", "Site CA")
                collector = self.serve_with(authority, source, pattern)
                agent = self.agent_with(collector, authority, f"{source}-good", common_name, good)
                wait_until("the host to be there", lambda: self.hosts(collector) == {"web1"})
                other = self.agent_with(collector, authority, f"{source}-bad", "other", bad)
                wait_until("the other to be refused", lambda: collector.metrics()[
                    'muster_collector_rejected_total{reason="certificate"}'] >= 1)
                self.assertEqual(self.hosts(collector), {"web1"})
                refused = self.verb(collector, "token", "create")
                self.assertIn("agent_identity", refused.stderr)
                for process in (agent, other, collector.process):
                    process.end()

    def test_files_are_replaced_under_reports_and_none_fails(self):
        authority = Authority(self.directory / "site.ca", "Site CA")
        collector = self.serve_with(authority, "cn", "{id}")
        agent = self.agent_with(collector, authority, "agent", "web1")
        wait_until("the host to be there", lambda: self.hosts(collector) == {"web1"})
        # Another CA beside the first, and a server certificate anew.
        second = Authority(self.directory / "second.ca", "Second CA")
        bundle = collector.directory / "agents.new"
        bundle.write_text(authority.pem() + second.pem())
        bundle.replace(collector.directory / "agents.pem")
        authority.issue(collector.directory / "own", "collector", [f"IP:{collector.host}"])
        # gRPC takes new files within seconds; an agent tries again by its back-off.
        self.agent_with(collector, second, "other", "web2", trusts=authority)
        wait_until("a host of the second CA",
                   lambda: self.hosts(collector) == {"web1", "web2"})
        self.reports(collector, "web1")
        self.assertEqual(collector.metrics()['muster_collector_syncs_total{result="failed"}'], 0)
        self.assertTrue(agent.runs())


if __name__ == "__main__":
    unittest.main()
