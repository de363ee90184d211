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
        self.good = self.ca.issue(Wish(uris=[self.uri], generation=1))

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

    def memory_peak(self):
        """The most memory that the collector ever had, in bytes."""
        status = pathlib.Path(f"/proc/{self.collector.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024

    def held_digest(self):
        """What identifies the facts that are held of the probe "host"."""
        section = self.collector.sections(self.host)["host"]
        return section["observed_at"], str(section.get("facts"))

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

    def test_the_https_port_counts_its_own_and_logs_each_reason_once(self):
        address = ("127.0.0.1", self.collector.http_port)
        old = tls_client.client_context(self.good, versions=(ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1))
        hello = tls_client.client_hello(tls_client.client_context(self.good))

        def connect(context):
            with self.assertRaises(ssl.SSLError):
                tls_client.connect(address, context)

        for reason, attempt in (
                ("not_tls", lambda: tls_client.answer_to(address, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")),
                ("refused", lambda: connect(ssl.create_default_context())),
                ("protocol", lambda: connect(old)),
                ("incomplete", lambda: tls_client.answer_to(address, hello[:40]))):
            with self.subTest(reason):
                before = self.counters("tls_handshake_failures_total")
                for _ in range(3):
                    attempt()
                self.assert_counted("tls_handshake_failures_total", f'port="https",reason="{reason}"', before,
                                    times=3)
                self.assertEqual(len(self.log_lines("TLS handshake failed", "port=https ", f"reason={reason} ")), 1)

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


def changed(**fields):
    """A report whose one version has these fields."""
    request = a_report()
    for name, value in fields.items():
        setattr(request.versions[0], name, value)
    return request


def with_facts(size):
    return a_report(facts=bytes(size))


def large_report(size):
    """A report of exactly that many bytes, whose facts are each of a size that is good."""
    request = many_versions(2)
    for version in request.versions[:-1]:
        set_facts(version, bytes(4 * MIB - 2000))
    last = request.versions[-1]
    # Twice: how many bytes its length takes depends on it.
    for _ in range(2):
        set_facts(last, bytes(len(last.facts) + size - request.ByteSize()))
    assert request.ByteSize() == size
    return request


def at(seconds):
    request = a_report()
    request.versions[0].observed_at.seconds = seconds
    return request


def sent_at(seconds):
    request = a_report()
    request.sent_at.seconds = seconds
    return request


def many_versions(number):
    request = a_report()
    for i in range(number):
        request.versions.add().CopyFrom(request.versions[0])
        request.versions[-1].probe = f"p{i}"
    return request


class ReportTest(HostileScenario):
    """Reports of an enrolled host that turned hostile."""

    REPORTS = [
        ("a forged series as the entity", changed(entity='x"} 1\nmuster_forged{a="'), INVALID_ARGUMENT,
         "entity"),
        ("another host's own target", changed(entity="web2/postgresql"), INVALID_ARGUMENT, "entity"),
        ("an entity of 100 kB", changed(entity="x" * 100_000), INVALID_ARGUMENT, "entity"),
        ("a forged series as the probe", changed(probe='x"} 1\nmuster_forged{a="'), INVALID_ARGUMENT,
         "name"),
        ("a path as the probe", changed(probe="../../etc/passwd"), INVALID_ARGUMENT, "name"),
        ("control characters as the probe", changed(probe="\x1b[2J\x00"), INVALID_ARGUMENT, "name"),
        ("a probe of 100 kB", changed(probe="x" * 100_000), INVALID_ARGUMENT, "name"),
        ("a type of 100 kB", changed(facts_type="x" * 100_000), INVALID_ARGUMENT, "facts"),
        ("a digest of other facts", changed(facts=b"forged"), INVALID_ARGUMENT, "digest"),
        ("half a digest", changed(digest=b"x" * 16), INVALID_ARGUMENT, "facts"),
        ("sequence 0", changed(sequence=0), INVALID_ARGUMENT, "sequence"),
        ("the largest sequence", changed(sequence=2**64 - 1), INVALID_ARGUMENT, "sequence"),
        ("the largest epoch", a_report(epoch=2**64 - 1), INVALID_ARGUMENT, "sequence"),
        ("an unknown outcome", changed(outcome=99), INVALID_ARGUMENT, "outcome"),
        ("a reason of 100 kB", changed(outcome=section_pb2.OUTCOME_FAILED, reason="x" * 100_000),
         INVALID_ARGUMENT, "size"),
        ("facts larger than any", with_facts(4 * MIB + 1), INVALID_ARGUMENT, "size"),
        ("a report larger than any", large_report(8 * MIB + 1), INVALID_ARGUMENT, "size"),
        ("the largest that is read at all", large_report(9 * MIB), INVALID_ARGUMENT, "size"),
        ("10,000 sections", many_versions(10_000), INVALID_ARGUMENT, "count"),
        ("more sections than a host holds", many_versions(1000), INVALID_ARGUMENT, "count"),
        ("a look in the year 1", at(-62_135_596_800), INVALID_ARGUMENT, "time"),
        ("a look in the year 9999", at(253_402_300_799), INVALID_ARGUMENT, "time"),
        ("a look at no time", at(2**63 - 1), INVALID_ARGUMENT, "time"),
        ("sent before 1970", sent_at(-1), INVALID_ARGUMENT, "time"),
        ("sent in the year 9999", sent_at(253_402_300_799), INVALID_ARGUMENT, "time"),
    ]

    def test_a_report_that_is_wrong_is_refused_counted_and_logged_once(self):
        connection = self.host_connection()
        for what, request, status, reason in self.REPORTS:
            with self.subTest(what):
                before = self.counters("rejected_total")
                for _ in range(2):
                    answer = connection.call(grpc_wire.framed(request.SerializeToString()))
                    self.assertEqual(answer.status, status, answer)
                    self.assertRegex(answer.message, r"\w+ \w+", "it says what is wrong")
                    self.assertNotRegex(answer.message, r"[\x00-\x1f]")
                self.assert_counted("rejected_total", f'reason="{reason}"', before, times=2)
        for reason in {reason for *_, reason in self.REPORTS}:
            self.assertEqual(len(self.log_lines("refused a report", f"reason={reason} ")), 1, reason)
        self.assert_no_section()
        self.assertNotIn("muster_forged", str(self.collector.get("/metrics")[2]))
        # The connection, and the host, are good for more.
        good = connection.call(grpc_wire.framed(a_report().SerializeToString()))
        self.assertEqual(good.status, OK, good)

    def test_what_it_says_of_entities_that_it_does_not_hold_is_refused_and_counted(self):
        connection = self.host_connection()
        entities = {"a target that nobody lists": "switch1", "another host": "0" * 32,
                    "its own, of which it told nothing": "/postgresql"}
        for what, entity in entities.items():
            with self.subTest(what):
                before = self.collector.metrics("/metrics/self")["muster_collector_target_sections_refused_total"]
                answer = connection.call(grpc_wire.framed(changed(entity=entity).SerializeToString()))
                self.assertEqual(answer.status, OK, answer)
                response = reporting_pb2.SyncResponse.FromString(answer.body)
                self.assertEqual([(r.entity, r.sequence) for r in response.refused], [(entity, 1)])
                self.assertEqual(list(response.committed), [])
                wait_until("the counter", lambda: self.collector.metrics("/metrics/self")[
                    "muster_collector_target_sections_refused_total"] == before + 1)
        self.assert_no_section()
        self.assertEqual(self.collector.get_json("/api/v1/targets")["targets"], [])

    def test_what_is_no_report_is_refused_with_a_word_and_counted(self):
        good = a_report().SerializeToString()
        cases = [
            ("no protobuf", grpc_wire.framed(b"\xff" * 20)),
            ("a length beyond the end", grpc_wire.framed(b"\x1a\xff\xff\xff\x7f")),
            ("a varint without end", grpc_wire.framed(b"\x08" + b"\xff" * 40)),
            ("text that is not UTF-8", grpc_wire.framed(b"\x1a\x04\x12\x02\xff\xfe")),
            ("groups in groups", grpc_wire.framed(b"\x0b" * 10_000)),
            ("no message", b""),
            ("half a message", grpc_wire.framed(good)[:-3]),
            ("4 GiB announced", b"\0\xff\xff\xff\xff" + good),
        ]
        connection = self.host_connection()
        for what, body in cases:
            with self.subTest(what):
                before = self.counters("rejected_total")
                answer = connection.call(body)
                self.assertEqual(answer.status, INVALID_ARGUMENT, answer)
                self.assertIn("cannot be read", answer.message)
                self.assert_counted("rejected_total", 'reason="message"', before)
        self.assertEqual(len(self.log_lines("refused a report", "reason=message")), 1)
        self.assertEqual(self.log_lines("libprotobuf"), [])
        self.assert_no_section()

    def test_a_link_that_drops_within_a_report_is_no_refusal(self):
        before = self.counters("rejected_total")
        body = grpc_wire.framed(a_report(facts=bytes(100_000)).SerializeToString())
        for sent in (0, 3, 1000, 50_000):
            self.host_connection().cut_within(body, sent)
        # What is counted comes after what is not: this is, and those were not.
        connection = self.host_connection()
        self.assertEqual(connection.call(grpc_wire.framed(b"\xff" * 20)).status, INVALID_ARGUMENT)
        self.assert_counted("rejected_total", 'reason="message"', before)
        good = connection.call(grpc_wire.framed(a_report().SerializeToString()))
        self.assertEqual(good.status, OK, good)
        self.assert_counted("rejected_total", 'reason="message"', before)

    def test_a_method_that_is_not_there_is_named_and_counted(self):
        connection = self.host_connection()
        for path in ("/muster.v1.ReportingService/Nothing", "/grpc.reflection.v1alpha.ServerReflection/X",
                     "/metrics", "x", "/" + "\x7f" * 3000):
            with self.subTest(path[:50]):
                before = self.counters("rejected_total")
                answer = connection.call(b"", path=path)
                self.assertEqual(answer.status, UNIMPLEMENTED, answer)
                self.assertIn("has no method", answer.message)
                self.assertLess(len(answer.message), 1000)
                self.assert_counted("rejected_total", 'reason="method"', before)
        self.assertEqual(len(self.log_lines("refused a report", "reason=method")), 1)

    def test_messages_that_are_too_large_are_refused_before_they_are_unpacked(self):
        good = a_report().SerializeToString()
        gzipped = {"grpc-encoding": "gzip"}
        cases = [
            ("9 MiB and more", grpc_wire.framed(bytes(9 * MIB + 1)), {}, RESOURCE_EXHAUSTED, "larger than max"),
            ("16 MB", grpc_wire.framed(bytes(16_000_000)), {}, RESOURCE_EXHAUSTED, "larger than max"),
            ("64 MiB", grpc_wire.framed(bytes(64 * MIB)), {}, RESOURCE_EXHAUSTED, "larger than max"),
            ("a bomb: 4 MB that unpack to 4 GB", grpc_wire.framed(grpc_wire.bomb(256 * MIB) * 16, True),
             gzipped, UNIMPLEMENTED, "gzip"),
            ("a good report, compressed", grpc_wire.framed(gzip.compress(good), True), gzipped, UNIMPLEMENTED,
             "gzip"),
            ("what only claims to be gzip", grpc_wire.framed(b"\x1f\x8b" + b"x" * 99, True), gzipped,
             UNIMPLEMENTED, "gzip"),
        ]
        self.agent.run()
        for what, body, headers, status, words in cases:
            with self.subTest(what):
                answer = self.host_connection().call(body, headers=headers)
                self.assertEqual(answer.status, status, answer)
                self.assertIn(words, answer.message)
        # 64 MiB are held whole before they are refused; 4 GB would be.
        self.assertLess(self.memory_peak(), 300 * MIB)
        self.assert_agent_syncs()

    def test_a_call_that_is_not_quite_grpc_is_refused_or_does_no_harm(self):
        good = grpc_wire.framed(a_report().SerializeToString())
        unknown = 2
        cases = [
            ("GET", {":method": "GET"}, {unknown}),
            ("PUT", {":method": "PUT"}, {unknown}),
            ("no te", {"te": None}, {unknown}),
            ("no time left", {"grpc-timeout": "0n"}, {4}),
            # The stream is reset; gRPC has no word for it.
            ("metadata beyond the limit", {"x": "y" * 20_000}, {None}),
            ("500 fields", {f"x{i}": "y" * 50 for i in range(500)}, {None}),
            # Taken as if they were not there: the body is a good report.
            ("another content type", {"content-type": "text/plain"}, {OK}),
            ("an unknown compression", {"grpc-encoding": "br"}, {OK}),
        ]
        for what, headers, statuses in cases:
            with self.subTest(what):
                connection = self.host_connection()
                connection.settle()
                answer = connection.call(good, headers=headers)
                self.assertIn(answer.status, statuses, answer)
        # However often, with whatever words.
        connection = self.host_connection()
        for i in range(20):
            connection.call(good, headers={"content-type": f"hostile/{i}"})
        self.assertLessEqual(len(self.log_lines("from gRPC", "hostile")), 1)

    def test_what_is_older_than_what_is_held_changes_nothing(self):
        connection = self.host_connection()

        def report(epoch, sequence, facts):
            request = a_report(epoch=epoch, sequence=sequence, facts=facts)
            answer = connection.call(grpc_wire.framed(request.SerializeToString()))
            self.assertEqual(answer.status, OK, answer)
            response = reporting_pb2.SyncResponse.FromString(answer.body)
            return response.epoch, [one.sequence for one in response.committed]

        self.assertEqual(report(1000, 5, b"\x0a\x01a"), (1000, [5]))
        held = self.held_digest()
        self.assertEqual(report(1000, 4, b"\x0a\x01b"), (1000, [5]), "a lower sequence")
        self.assertEqual(report(999, 6, b"\x0a\x01b")[0], 1000, "an earlier epoch")
        self.assertEqual(self.held_digest(), held)


class Http2Test(HostileScenario):
    """An enrolled host's certificate, and HTTP/2 as no library would send it. Each attack is bounded; what
    is asked is that the good agent's reports go on meanwhile and afterwards."""

    def setUp(self):
        super().setUp()
        self.agent.run()
        self.context = tls_client.client_context(self.good)
        self.assert_agent_syncs()

    def attack(self, data):
        """A connection over which all of that went, as far as the server took it."""
        connection = tls_client.connect(self.address, self.context)
        self.addCleanup(connection.close)
        try:
            connection.sendall(data)
        except (ssl.SSLError, OSError):
            pass
        return connection

    @staticmethod
    def is_ended(connection):
        """Whether the server ends the connection."""
        try:
            while connection.recv(65536):
                pass
        except TimeoutError:
            return False
        except (ssl.SSLError, ConnectionError):
            pass
        return True

    def assert_goes_on(self):
        self.assertTrue(self.collector.process.runs())
        self.assert_agent_syncs()
        self.assertLess(self.memory_peak(), 300 * MIB)

    def test_a_connection_that_is_not_http2_is_ended(self):
        w = http2_wire
        begin = w.open_connection()
        block = w.request_headers(grpc_wire.SYNC)
        cases = [
            ("another preface", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            ("half a preface, then noise", w.PREFACE[:12] + bytes(64)),
            ("SETTINGS of 5 bytes", w.PREFACE + w.frame(w.SETTINGS, bytes(5))),
            ("PING of 7 bytes", begin + w.frame(w.PING, bytes(7))),
            ("RST_STREAM of 3 bytes", begin + w.frame(w.HEADERS, block, w.END_HEADERS, 1)
             + w.frame(w.RST_STREAM, bytes(3), 0, 1)),
            ("a frame larger than was agreed", begin + w.frame(w.DATA, b"", 0, 1, length=2**24 - 1)
             + bytes(65536)),
            ("CONTINUATION of nothing", begin + w.frame(w.CONTINUATION, block, w.END_HEADERS, 1)),
            ("a frame within the headers", begin + w.frame(w.HEADERS, block, 0, 1) + w.frame(w.PING, bytes(8))),
            ("an index that is not in the table", begin + w.frame(w.HEADERS, b"\xff\xff\xff\x0f",
                                                                  w.END_HEADERS, 1)),
            ("a flood of pings", begin + w.frame(w.PING, bytes(8)) * 2000),
        ]
        for what, data in cases:
            with self.subTest(what):
                self.assertTrue(self.is_ended(self.attack(data)))
        self.assert_goes_on()

    def test_streams_that_are_reset_at_once_do_not_stop_the_others(self):
        attacks = [self.attack(http2_wire.open_connection() + http2_wire.rapid_resets(1000, grpc_wire.SYNC))
                   for _ in range(5)]
        self.assert_goes_on()
        for connection in attacks:
            connection.close()
        self.assert_goes_on()

    def test_headers_that_never_end_do_not_stop_the_others(self):
        begin = http2_wire.open_connection()
        attacks = [self.attack(begin + http2_wire.endless_continuation(100)) for _ in range(3)]
        # What an unfinished string costs grows with its square: 16 MB are half a minute of CPU.
        attacks += [self.attack(begin + http2_wire.unfinished_string(16_000_000, 500_000)) for _ in range(3)]
        self.assert_goes_on()
        for connection in attacks:
            connection.close()
        self.assert_goes_on()

    def test_clients_that_take_no_answer_hold_no_more_than_their_streams(self):
        body = grpc_wire.framed(a_report().SerializeToString())
        data = http2_wire.open_connection(initial_window_size=0) + b"".join(
            http2_wire.call(stream, grpc_wire.SYNC, body) for stream in range(1, 200, 2))
        attacks = [self.attack(data) for _ in range(20)]
        self.assert_goes_on()
        for connection in attacks:
            connection.close()
        self.assert_goes_on()

    def test_a_hundred_idle_connections_do_not_stop_the_others(self):
        idle = [self.attack(http2_wire.open_connection()) for _ in range(100)]
        self.assert_goes_on()
        for connection in idle:
            connection.close()
        self.assert_goes_on()


if __name__ == "__main__":
    unittest.main()
