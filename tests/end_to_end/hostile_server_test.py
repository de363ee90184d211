"""Servers that an agent must not speak to, and a trusted one that answers nonsense: not one byte of a
report or a token is sent to the former, neither stops the agent, and it reports again once the collector
is back."""

import json
import pathlib
import shutil
import signal
import ssl
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from hostile import tls_server  # noqa: E402
from hostile.authority import CLIENT, SERVER, Identity, Wish, days  # noqa: E402
from hostile.grpc_wire import framed  # noqa: E402
from muster_test import AGENT, NO_LISTENERS, Agent, Collector, Scenario, run, wait_until  # noqa: E402

# What a server's certificate looks like that would be taken.
GOOD = {"usages": [SERVER], "names": ["127.0.0.1"]}


def server_identities(ca):
    """(what it is, the identity that the server shows, words of the agent's hint)"""
    foreign = Identity.self_signed(Wish(common_name="another CA", is_ca=True))
    namesake = Identity.self_signed(Wish(common_name=ca.certificate.subject.rfc4514_string()[3:], is_ca=True))
    host = ca.issue(Wish(common_name="a host", uris=["spiffe://muster.internal/host/" + "0" * 32]))
    pasted = foreign.issue(Wish(**GOOD))
    pasted.above = [foreign.certificate, ca.certificate]
    yield "of another CA", foreign.issue(Wish(**GOOD), send_issuer=True), "not of the CA"
    yield "of a CA with our CA's name", namesake.issue(Wish(**GOOD)), "not of the CA"
    yield "of another CA, with our CA added to the chain", pasted, "not of the CA"
    yield "self-signed", Identity.self_signed(Wish(**GOOD)), "not of the CA"
    yield "below a host's certificate", host.issue(Wish(**GOOD), send_issuer=True), "not of the CA"
    yield "expired", ca.issue(Wish(**GOOD, begins=days(-2), ends=days(-1))), "has expired"
    yield "not yet valid", ca.issue(Wish(**GOOD, begins=days(1), ends=days(2))), "compare the clocks"
    yield "for clients only", ca.issue(Wish(**{**GOOD, "usages": [CLIENT]})), "not for servers"
    yield "a host's own", host, "not for servers"
    yield "of another name", ca.issue(Wish(**{**GOOD, "names": ["example.org", "192.0.2.1"]})), "another name"
    yield "of no name", ca.issue(Wish(usages=[SERVER], common_name="127.0.0.1")), "another name"


class HostileServerScenario(Scenario):
    def setUp(self):
        super().setUp()
        self.collector = Collector(self).serve()
        self.ca = Identity.load(self.collector.ca_file, self.collector.directory / "ca.key")
        self.good_context = tls_server.server_context(self.ca.issue(Wish(**GOOD)))

    def serve(self, *arguments):
        server = tls_server.Server(*arguments)
        self.addCleanup(server.close)
        return server


class ReportTest(HostileServerScenario):
    def setUp(self):
        super().setUp()
        self.agent = Agent(self, self.collector)

    def run_agent(self, name, port):
        """An agent with the enrolled identity that reports to that port of loopback."""
        directory = self.directory / name
        shutil.copytree(self.agent.directory, directory)
        (directory / "agent.yml").write_text(
            f"collectors: ['127.0.0.1:{port}']\nstate_directory: '{directory}'\nsync_interval: 1s\n"
            f"{NO_LISTENERS}")
        process = self.start(name, *Agent.run_command(directory / "agent.yml"))
        process.config = directory / "agent.yml"
        return process

    def wait_for_failures(self, agents):
        for agent in agents:
            wait_until(f"{agent.name} to say that it cannot report", lambda a=agent: "trying again" in a.text(),
                       process=agent)

    def assert_hint(self, agent, hint):
        self.assertIn(hint, agent.text())
        # The status is written after the log.
        status = ""
        def says_it():
            nonlocal status
            status = run(AGENT, "status", "--config", agent.config)
            return hint in " ".join(status.stdout.split())
        wait_until(f"the status to say: {hint}", says_it)
        self.assertEqual(status.returncode, 1)

    def assert_reports_again(self, agent, server):
        """Without a restart, once the port leads to the collector."""
        server.turn_into(None, tls_server.relay_to(("127.0.0.1", self.collector.grpc_port)))
        wait_until("the agent to report", lambda: 'msg="reporting again' in agent.text(), process=agent)
        self.assertTrue(self.collector.get_json(f"/api/v1/hosts/{self.agent.host}")["summary"]["reporting"])

    def test_nothing_is_sent_to_a_server_whose_certificate_is_not_a_collectors(self):
        cases = []
        for number, (what, identity, hint) in enumerate(server_identities(self.ca)):
            server = self.serve(tls_server.server_context(identity))
            cases.append((what, server, self.run_agent(f"agent-{number}", server.port), hint))
        self.wait_for_failures(agent for _, _, agent, _ in cases)
        for what, server, agent, hint in cases:
            with self.subTest(what):
                self.assert_hint(agent, hint)
                self.assertIn("nothing was sent", agent.text())
                self.assertGreater(server.connections, 0)
                self.assertLess(server.connections, 30, "it backs off")
                self.assertEqual(server.said, b"")
                self.assertEqual(agent.text().count("the report did not get through"), 1, "said once")
        for _, _, agent, _ in cases[1:]:
            agent.end(signal.SIGKILL)
        self.assert_reports_again(cases[0][2], cases[0][1])

    def test_a_server_that_is_trusted_is_told_the_report(self):
        """What the other tests would see if something were sent."""
        server = self.serve(self.good_context, tls_server.grpc_answer(lambda state, stream: None))
        agent = self.run_agent("trusting", server.port)
        wait_until("the report", lambda: self.agent.host.encode() in server.said, process=agent)
        self.assertTrue(server.said.startswith(b"PRI * HTTP/2"))

    def test_nothing_is_sent_to_what_is_no_collector(self):
        old = tls_server.server_context(self.ca.issue(Wish(**GOOD)), newest=ssl.TLSVersion.TLSv1_1)
        http1 = tls_server.server_context(self.ca.issue(Wish(**GOOD)), alpn=["http/1.1"])
        no_tls = tls_server.answering(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        cases = [("the collector's own HTTPS port", None, self.collector.http_port, "is this its HTTPS port?"),
                 ("HTTP/1.1 over TLS", (http1,), None, "no collector takes reports there"),
                 ("plain HTTP", (None, no_tls), None, "does not speak TLS"),
                 ("nothing newer than TLS 1.1", (old,), None, "")]
        started = []
        for number, (what, arguments, port, hint) in enumerate(cases):
            server = self.serve(*arguments) if arguments else None
            started.append((what, server, self.run_agent(f"agent-{number}", port or server.port), hint))
        self.wait_for_failures(agent for _, _, agent, _ in started)
        for what, server, agent, hint in started:
            with self.subTest(what):
                self.assert_hint(agent, hint)
                if server:
                    self.assertGreater(server.connections, 0)
                    self.assertNotIn(b"PRI * HTTP/2", server.said)
                    self.assertNotIn(b"muster.v1", server.said)
                if what == "plain HTTP":
                    # Which it may read only after the enrolment has given up.
                    wait_until("what it was told", lambda s=server: b"\x16\x03" in s.said)

    def test_a_trusted_collector_that_answers_nonsense_stops_no_agent(self):
        head = [(":status", "200"), ("content-type", "application/grpc")]

        def grpc(headers, data=None, trailers=None):
            def answer(state, stream):
                state.send_headers(stream, headers, end_stream=data is None and trailers is None)
                if data is not None:
                    for i in range(0, len(data), 16384):
                        room = state.local_flow_control_window(stream)
                        part = data[i:i + 16384]
                        if room < len(part):
                            return
                        state.send_data(stream, part)
                if trailers is not None:
                    state.send_headers(stream, trailers, end_stream=True)
            return tls_server.grpc_answer(answer)

        ok = [("grpc-status", "0")]
        cases = [
            ("no HTTP/2", tls_server.answering(bytes(1000))),
            ("HTTP/1.1", tls_server.answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")),
            ("RST_STREAM", tls_server.grpc_answer(lambda state, stream: state.reset_stream(stream, 2))),
            ("404", grpc([(":status", "404"), ("content-type", "text/html")])),
            ("no status", grpc(head)),
            ("no message", grpc(head, trailers=ok)),
            ("a status that is none", grpc([*head, ("grpc-status", "99"), ("grpc-message", "%0a%1b[2J" * 500)])),
            ("a status that is no number", grpc([*head, ("grpc-status", "x")])),
            ("no words", grpc([*head, ("grpc-status", "7")])),
            ("a huge header", grpc([*head, ("x", "y" * 60_000), ("grpc-status", "0")])),
            ("broken protobuf", grpc(head, framed(b"\xff" * 30), ok)),
            ("a message that is cut off", grpc(head, framed(bytes(40))[:-10], ok)),
            ("4 GiB announced", grpc(head, b"\0\xff\xff\xff\xff" + bytes(100), ok)),
            ("an empty message", grpc(head, framed(b""), ok)),
        ]
        started = []
        for number, (what, serve) in enumerate(cases):
            server = self.serve(self.good_context, serve)
            started.append((what, server, self.run_agent(f"agent-{number}", server.port)))
        for what, server, agent in started:
            with self.subTest(what):
                wait_until("a report", lambda s=server: s.connections > 0, process=agent)
        for what, server, agent in started:
            with self.subTest(what):
                wait_until("its answer to be refused", lambda a=agent: "trying again" in a.text())
        for what, server, agent in started:
            with self.subTest(what):
                self.assertTrue(agent.runs(), agent.text()[-500:])
                self.assertLess(server.connections, 30)
                self.assertNotIn("\x1b", agent.text())
        for _, _, agent in started[1:]:
            agent.end(signal.SIGKILL)
        self.assert_reports_again(started[0][2], started[0][1])


class EnrolTest(HostileServerScenario):
    TOKEN = "muster-" + "0123456789abcdef" * 2 + "01234567"

    def enrol(self, port, pin=None):
        return Agent.enroll(self, f"https://127.0.0.1:{port}", self.TOKEN, pin or self.ca.sha256(),
                            self.directory / "agent")

    def assert_no_identity(self, result, what):
        self.assertNotEqual(result.returncode, 0, what)
        self.assertTrue(result.stderr.strip(), what)
        self.assertNotIn(self.TOKEN[:20], result.stdout + result.stderr)
        for name in ("agent.yml", "identity.pem"):
            self.assertFalse((self.directory / "agent" / name).exists(), what)

    def test_no_token_is_sent_to_a_server_that_the_fingerprint_does_not_vouch_for(self):
        for what, identity, _ in server_identities(self.ca):
            with self.subTest(what):
                server = self.serve(tls_server.server_context(identity, alpn=["http/1.1"]))
                self.assert_no_identity(self.enrol(server.port), what)
                self.assertEqual(server.connections, 1, "it does not try again")
                self.assertEqual(server.said, b"")

    def test_a_fingerprint_of_what_is_no_ca_vouches_for_nothing(self):
        leaf = Identity.self_signed(Wish(**GOOD))
        for what, identity in (("a self-signed leaf", leaf), ("the leaf itself", self.ca.issue(Wish(**GOOD)))):
            with self.subTest(what):
                server = self.serve(tls_server.server_context(identity))
                result = self.enrol(server.port, identity.sha256())
                self.assert_no_identity(result, what)
                self.assertEqual(server.said, b"")

    def test_no_token_is_sent_where_there_is_no_good_tls(self):
        old = tls_server.server_context(self.ca.issue(Wish(**GOOD), send_issuer=True),
                                        newest=ssl.TLSVersion.TLSv1_1)
        for what, arguments in (("plain HTTP", (None, tls_server.answering(b"HTTP/1.1 200 OK\r\n\r\n{}"))),
                                ("TLS 1.1", (old,)),
                                ("noise", (None, tls_server.answering(bytes(range(256)) * 100))),
                                ("the end", (None, lambda connection: connection.recv(65536)))):
            with self.subTest(what):
                server = self.serve(*arguments)
                self.assert_no_identity(self.enrol(server.port), what)
                if not arguments[0]:
                    # Which it may read only after the enrolment has given up.
                    wait_until("what it was told", lambda s=server: b"\x16\x03" in s.said)
                self.assertNotIn(b"POST", server.said)
                self.assertNotIn(self.TOKEN.encode(), server.said)

    def test_a_server_that_the_fingerprint_vouches_for_is_told_the_token(self):
        """What the other tests would see if it were sent."""
        context = tls_server.server_context(self.ca.issue(Wish(**GOOD), send_issuer=True), alpn=["http/1.1"])
        server = self.serve(context, tls_server.answering_once_asked(b"HTTP/1.1 403 Forbidden\r\n\r\n"))
        self.assert_no_identity(self.enrol(server.port), "refused")
        self.assertTrue(server.said.startswith(b"POST /api/v1/enroll"), server.said[:100])
        self.assertIn(self.TOKEN.encode(), server.said)

    def test_an_answer_that_is_no_enrolment_leaves_nothing_behind(self):
        context = tls_server.server_context(self.ca.issue(Wish(**GOOD), send_issuer=True))
        stranger = self.ca.issue(Wish(common_name="host"))
        body = json.dumps({
            "host_id": "0" * 32, "host": "x", "certificate": stranger.chain_pem().decode(),
            "ca_certificates": self.ca.chain_pem().decode(), "collectors": ["127.0.0.1:1"]})

        def http(status, text, length=None):
            return (f"HTTP/1.1 {status}\r\nContent-Length: {len(text) if length is None else length}\r\n\r\n"
                    f"{text}").encode()
        for what, answer in (
                ("no HTTP", bytes(100)),
                ("HTTP/2", b"\0\0\0\4\0\0\0\0\0"),
                ("no JSON", http("200 OK", "hello")),
                ("an empty object", http("200 OK", "{}")),
                ("a certificate of another key", http("200 OK", body)),
                ("elsewhere", http("302 Found\r\nLocation: https://127.0.0.1:1/", "")),
                ("an error with control characters", http("403 X", '{"error": "\\u001b[2J\\u0007"}')),
                ("2 MiB", http("200 OK", "x" * (2 << 20))),
                ("4 GiB announced", http("200 OK", "{}", 1 << 32)),
                ("an endless header", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000)):
            with self.subTest(what):
                server = self.serve(context, tls_server.answering_once_asked(answer))
                result = self.enrol(server.port)
                self.assert_no_identity(result, what)
                self.assertNotIn("\x1b", result.stderr)


if __name__ == "__main__":
    unittest.main()
