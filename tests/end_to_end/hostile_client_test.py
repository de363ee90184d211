"""Clients that the gRPC port must not let in, and hosts that are let in and mean harm: what each is
told, how it is counted, and that it is logged once."""

import gzip
import pathlib
import re
import ssl
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from hostile import grpc_wire, http2_wire, tls_client  # noqa: E402
from hostile.authority import SERVER, Identity, Wish, days  # noqa: E402
from hostile.reports import a_report, reporting_pb2, section_pb2, set_facts  # noqa: E402
from muster_test import Agent, Collector, Scenario, wait_until  # noqa: E402

MIB = 1 << 20
# gRPC's numbers of the answers that are expected here.
OK, INVALID_ARGUMENT, PERMISSION_DENIED, RESOURCE_EXHAUSTED, UNIMPLEMENTED, INTERNAL = 0, 3, 7, 8, 12, 13


class HostileScenario(Scenario):
    """A collector, one good agent, and the collector's own CA in the wrong hands."""

    def setUp(self):
        super().setUp()
        self.collector = Collector(self).serve()
        self.address = ("127.0.0.1", self.collector.grpc_port)
        self.agent = Agent(self, self.collector)
        host = self.collector.get_json("/api/v1/hosts")["hosts"][-1]
        self.host_id, self.host = host["id"], host["name"]
        self.domain = "muster.internal"
        self.uri = f"spiffe://{self.domain}/host/{self.host_id}"
        self.ca = Identity.load(self.collector.ca_file, self.collector.directory / "ca.key")
        self.good = self.ca.issue(Wish(uris=[self.uri]))

    def host_connection(self):
        """A connection of the enrolled host: with its certificate, but not its manners."""
        connection = grpc_wire.Connection(self.address, tls_client.client_context(self.good))
        self.addCleanup(connection.socket.close)
        return connection

    def counters(self, family):
        prefix = f"muster_collector_{family}"
        return {series: value for series, value in self.collector.metrics("/metrics/self").items()
                if series.startswith(prefix)}

    def assert_counted(self, family, labels, before, times=1):
        series = f"muster_collector_{family}{{{labels}}}"
        expected = {**before, series: before[series] + times}
        wait_until(f"{series} to count", lambda: self.counters(family) == expected, seconds=20)

    def assert_agent_syncs(self):
        """The good agent gets a report through, begun after this was called."""
        def last():
            return self.collector.metrics().get(
                f'muster_host_last_sync_timestamp_seconds{{host="{self.host}"}}', 0)
        before = last()
        wait_until("the good agent's next report", lambda: last() > before)

    def log_lines(self, *words):
        return [line for line in self.collector.process.text().splitlines()
                if all(word in line for word in words)]

    def assert_no_section(self):
        self.assertEqual(self.collector.sections(self.host), {})


class TlsTest(HostileScenario):
    def certificates(self):
        """(what it is, the identity that the client shows, the reason it is refused for)"""
        uris = [self.uri]
        foreign = Identity.self_signed(Wish(common_name="another CA", is_ca=True))
        namesake = Identity.self_signed(Wish(common_name=f"Muster CA {self.domain}", is_ca=True))
        no_ca = self.ca.issue(Wish(common_name="intermediate, not a CA"))
        yield "no certificate", None, "no_certificate"
        yield "of another CA", foreign.issue(Wish(uris=uris)), "foreign"
        yield "of a CA with our CA's name", namesake.issue(Wish(uris=uris)), "foreign"
        yield "of another CA, with its chain", foreign.issue(Wish(uris=uris), send_issuer=True), "foreign"
        yield "self-signed", Identity.self_signed(Wish(uris=uris)), "foreign"
        yield "expired", self.ca.issue(Wish(uris=uris, begins=days(-2), ends=days(-1))), "expired"
        yield "not yet valid", self.ca.issue(Wish(uris=uris, begins=days(1), ends=days(2))), "not_yet_valid"
        yield "for servers only", self.ca.issue(Wish(uris=uris, usages=[SERVER])), "unfit"
        yield "of an intermediate that is no CA", no_ca.issue(Wish(uris=uris), send_issuer=True), "unfit"
        yield "of a host's certificate", self.good.issue(
            Wish(common_name="below a host", uris=uris), send_issuer=True), "unfit"

    def test_a_certificate_that_is_not_a_hosts_gets_no_further_than_tls(self):
        self.assertTrue(tls_client.is_let_in(self.address, tls_client.client_context(self.good)))
        reasons = set()
        for what, identity, reason in self.certificates():
            with self.subTest(what):
                context = tls_client.client_context(identity)
                before = self.counters("tls_handshake_failures_total")
                for _ in range(2):
                    self.assertFalse(tls_client.is_let_in(self.address, context))
                self.assert_counted("tls_handshake_failures_total", f'port="grpc",reason="{reason}"',
                                    before, times=2)
                reasons.add(reason)
        for reason in reasons:
            self.assertEqual(len(self.log_lines("TLS handshake failed", f"reason={reason} ")), 1, reason)
        self.assertIn(self.host_id, self.log_lines("reason=expired")[0], "it says whose expired")
        self.assertEqual(self.log_lines("Handshake failed with"), [], "gRPC's own lines")
        self.assert_no_section()

    def test_what_is_not_good_tls_gets_no_further(self):
        versions = ssl.TLSVersion
        old = [tls_client.client_context(self.good, versions=(v, v)) for v in
               (versions.TLSv1, versions.TLSv1_1)]
        good = tls_client.client_context(self.good)
        hello = tls_client.client_hello(good)
        cases = [
            ("TLS 1.0", lambda: tls_client.is_let_in(self.address, old[0]), False, "protocol"),
            ("TLS 1.1", lambda: tls_client.is_let_in(self.address, old[1]), False, "protocol"),
            ("HTTP/1.1", lambda: tls_client.answer_to(
                self.address, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"), b"", "not_tls"),
            ("HTTP/2 with prior knowledge", lambda: tls_client.answer_to(
                self.address, http2_wire.PREFACE + http2_wire.frame(4)), b"", "not_tls"),
            ("bytes of no protocol", lambda: tls_client.answer_to(self.address, bytes(range(256)) * 16),
             b"", "not_tls"),
            ("a hello that is cut off", lambda: tls_client.answer_to(self.address, hello[:40]), b"",
             "incomplete"),
            ("a hello that is damaged", lambda: tls_client.answer_to(
                self.address, hello[:43] + b"\xff" + hello[44:]), b"", "protocol"),
        ]
        for what, attempt, expected, reason in cases:
            with self.subTest(what):
                before = self.counters("tls_handshake_failures_total")
                self.assertEqual(attempt(), expected)
                self.assert_counted("tls_handshake_failures_total", f'port="grpc",reason="{reason}"', before)
        self.assertEqual(len(self.log_lines("TLS handshake failed", "reason=not_tls")), 1)
        self.assert_no_section()

    def test_a_client_that_stops_within_the_handshake_is_left_after_ten_seconds(self):
        before = self.counters("tls_handshake_failures_total")
        self.agent.run()
        tls_client.stop_after_hello(self.address, tls_client.client_context(self.good))
        self.assert_counted("tls_handshake_failures_total", 'port="grpc",reason="incomplete"', before)
        self.assert_agent_syncs()

    def test_a_connection_that_says_nothing_is_no_failure(self):
        before = self.counters("tls_handshake_failures_total")
        self.assertEqual(tls_client.answer_to(self.address, b""), b"")
        self.assertFalse(tls_client.is_let_in(self.address, tls_client.client_context()))
        # The second is counted, and so the first was not.
        self.assert_counted("tls_handshake_failures_total", 'port="grpc",reason="no_certificate"', before)

    def test_a_session_is_not_negotiated_anew(self):
        self.assertFalse(tls_client.can_renegotiate(self.address, self.good))

    def test_a_certificate_that_names_no_host_is_told_what_to_do(self):
        cases = [
            ("no name at all", Wish()),
            ("no URI", Wish(names=["web1.example.org"])),
            ("another trust domain", Wish(uris=[f"spiffe://other/host/{self.host_id}"])),
            ("the domain as a part", Wish(uris=[f"spiffe://{self.domain}.example.org/host/{self.host_id}"])),
            ("no id", Wish(uris=[f"spiffe://{self.domain}/host/"])),
            ("half an id", Wish(uris=[self.uri[:-16]])),
            ("more than an id", Wish(uris=[self.uri + "/x"])),
            ("capitals", Wish(uris=[f"spiffe://{self.domain}/host/{self.host_id.upper()[:-1]}F"])),
            ("another scheme", Wish(uris=[self.uri.replace("spiffe", "https")])),
            ("a query", Wish(uris=[self.uri + "?x=1"])),
            ("two hosts", Wish(uris=[self.uri, self.uri[:-1] + "0"])),
            ("the id as a common name only", Wish(common_name=self.uri)),
        ]
        for what, wish in cases:
            with self.subTest(what):
                before = self.counters("rejected_total")
                context = tls_client.client_context(self.ca.issue(wish))
                with grpc_wire.Connection(self.address, context) as connection:
                    answer = connection.call(grpc_wire.framed(a_report().SerializeToString()))
                self.assertEqual(answer.status, PERMISSION_DENIED, answer)
                self.assertIn("muster-agent enroll", answer.message)
                self.assert_counted("rejected_total", 'reason="certificate"', before)
        self.assertEqual(len(self.log_lines("refused a report", "reason=certificate")), 1)
        self.assert_no_section()

    def test_a_host_that_is_not_of_the_fleet_is_told_so(self):
        before = self.counters("rejected_total")
        stranger = self.ca.issue(Wish(uris=[f"spiffe://{self.domain}/host/{'0' * 32}"]))
        with grpc_wire.Connection(self.address, tls_client.client_context(stranger)) as connection:
            for _ in range(2):
                answer = connection.call(grpc_wire.framed(a_report().SerializeToString()))
                self.assertEqual(answer.status, PERMISSION_DENIED, answer)
        self.assert_counted("rejected_total", 'reason="unknown_host"', before, times=2)
        self.assertEqual(len(self.log_lines("refused a report", "reason=unknown_host")), 1)
        self.assert_no_section()


if __name__ == "__main__":
    unittest.main()
