"""What a host serves with TLS reaches the collector from a running agent: one question at a time, and judged."""

import socket
import ssl
import threading
import unittest

from certificates import make_certificate
from muster_test import Agent, Collector, Scenario, wait_until

POLICY = """controls:
  - {id: listener-certificate-name, title: Names are right, rule: served_name_matches}
  - {id: listener-tls-strong, title: TLS is strong, rule: tls_strong}
"""


class Server:
    """Serves a certificate, and counts who came."""

    def __init__(self, scenario):
        (scenario.directory / "tls").mkdir()
        make_certificate(scenario.directory / "tls/www.pem", "www.example.org", -1, 90)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(scenario.directory / "tls/www.pem", scenario.directory / "www.ca/key.pem")
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=100)
        scenario.addCleanup(self.socket.close)
        self.port = self.socket.getsockname()[1]
        self.came = 0
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection = self.socket.accept()[0]
            except OSError:
                return
            self.came += 1
            connection.settimeout(5)
            try:
                self.context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()


class ListenersTest(Scenario):
    def test_what_is_served_is_gathered_look_by_look(self):
        server = Server(self)
        collector = Collector(self)
        policy = self.directory / "policy.yml"
        policy.write_text(POLICY)
        collector.config.write_text("".join(
            f"policy: {policy}\n" if line.startswith("policy:") else line
            for line in collector.config.read_text().splitlines(keepends=True)))
        collector.serve()
        agent = Agent(self, collector, settings="probes: {sockets: {interval: 1s}, listeners: {interval: 1s}}\n").run()

        def listener():
            section = collector.sections(agent.host).get("listeners", {})
            return next((each for each in section.get("facts", {}).get("listeners", [])
                         if each.get("port") == server.port), {})
        wait_until("the server to be known", lambda: listener().get("state") == "LISTENER_STATE_TLS", 120, agent.process)

        def versions():
            return set(listener()["services"][0].get("versions", []))
        wait_until("its versions to be asked for", lambda: {"TLSv1.2", "TLSv1.3"} <= versions(), 120, agent.process)
        self.assertGreaterEqual(server.came, 3)
        self.assertEqual(listener()["services"][0]["answer"], "TLS_ANSWER_COMPLETED")
        found = [series for series in collector.metrics() if series.startswith("muster_certificate_served{")
                 and f'port="{server.port}"' in series]
        self.assertEqual(len(found), 1, found)


if __name__ == "__main__":
    unittest.main()
