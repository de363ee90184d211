"""An agent whose identity has ended asks for another over HTTPS. Here, what answers there is not the
collector, or is and has been taken over: the agent takes nothing, says so, stays small, and gets its
certificate once the collector is back."""

import json
import pathlib
import re
import signal
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from cryptography import x509  # noqa: E402
from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: E402

from hostile import tls_server  # noqa: E402
from hostile.authority import Identity, Wish, days  # noqa: E402
from hostile_server_test import GOOD, server_identities  # noqa: E402
from muster_test import Agent, Collector, Scenario, wait_until  # noqa: E402

LARGEST_KIB = 40 * 1024
LONGER_THAN_ANYONE_WAITS = 120


def http(status, text, length=None):
    body = text.encode() if isinstance(text, str) else text
    length = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n".encode() + body


def read_request(connection):
    """The JSON of a POST."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            raise ConnectionError("it ended before it asked")
        data += more
    head, body = data.split(b"\r\n\r\n", 1)
    length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
    while len(body) < length:
        body += connection.recv(65536)
    return json.loads(body)


def always(data):
    return lambda request: data


class Requested:
    """The public key of a signing request, where a certificate's key is asked for."""

    def __init__(self, pem):
        self._request = x509.load_pem_x509_csr(pem.encode())

    def public_key(self):
        return self._request.public_key()


class HostileRenewalTest(Scenario):
    def setUp(self):
        super().setUp()
        self.collector = Collector(self).serve()
        self.ca = Identity.load(self.collector.ca_file, self.collector.directory / "ca.key")
        self.good_context = tls_server.server_context(self.ca.issue(Wish(**GOOD)), alpn=["http/1.1"])

    def expired_agent(self, name, port):
        """It asks at this port of loopback."""
        agent = Agent(self, self.collector, name)
        file = agent.directory / "identity.pem"
        key = load_pem_private_key(file.read_bytes(), None)
        held = x509.load_pem_x509_certificate(file.read_bytes())
        uri, = (n.value for n in held.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
        agent.uri = uri
        ended = self.ca.issue(Wish(common_name=uri.rsplit("/", 1)[1], uris=[uri], key=key, generation=1,
                                   begins=days(-0.9), ends=days(-0.5)))
        file.write_bytes(ended.key_pem() + ended.chain_pem())
        text, changed = re.subn(r"(?m)^enrolment: .*$", f"enrolment: https://127.0.0.1:{port}",
                                agent.config.read_text())
        self.assertEqual(changed, 1)
        agent.config.write_text(text)
        return agent

    def certificates(self, agent):
        """(what an answer's certificate is, the answer) for the key that a request names."""
        def given(certificate, **others):
            return http("200 OK", json.dumps({"certificate": certificate,
                                              "ca_certificates": self.ca.chain_pem().decode(), **others}))

        def issued(issuer=self.ca, others=None, **wish):
            def answer(request):
                key = Requested(request["certificate_signing_request"])
                wished = Wish(**{"common_name": "host", "uris": [agent.uri], "key": key, "generation": 2, **wish})
                return given(issuer.issue(wished).chain_pem().decode(), **(others or {}))
            return answer

        foreign = Identity.self_signed(Wish(common_name="another CA", is_ca=True))
        stranger = self.ca.issue(Wish(uris=[agent.uri], generation=2)).chain_pem().decode()
        other = agent.uri[:-1] + ("0" if agent.uri[-1] != "0" else "1")
        mine = (agent.directory / "identity.pem").read_text()
        return [
            ("a certificate of another key", always(given(stranger))),
            ("a certificate of another host", issued(uris=[other])),
            ("a certificate of no host", issued(uris=[])),
            ("a certificate of an older generation", issued(generation=0)),
            ("a certificate of another CA", issued(issuer=foreign)),
            ("the expired one again", always(given(mine[mine.index("-----BEGIN CERT"):]))),
            ("no roots", issued(others={"ca_certificates": ""})),
            ("roots that are none", issued(others={"ca_certificates": "../../../etc/passwd"})),
            ("a huge bundle", issued(others={"ca_certificates": self.ca.chain_pem().decode() * 1000})),
            ("a certificate that is a path", always(given("/etc/ssl/certs/ca-certificates.crt"))),
            ("a private key", always(given(mine[:mine.index("-----BEGIN CERT")]))),
        ]

    NONSENSE = [
        ("no HTTP", bytes(100)),
        ("noise", bytes(range(256)) * 400),
        ("the end", b""),
        ("HTTP/2", b"\0\0\0\4\0\0\0\0\0"),
        ("a page", http("200 OK", "<html><body>Sign in to the guest network</body></html>")),
        ("an empty answer", http("200 OK", "")),
        ("an empty object", http("200 OK", "{}")),
        ("a list", http("200 OK", "[1, 2]")),
        ("numbers where texts belong", http("200 OK", '{"certificate": 7, "ca_certificates": [[]]}')),
        ("deep JSON", http("200 OK", "[" * 500_000)),
        ("bytes that are no text", http("200 OK", b'{"certificate": "\xff\xfe"}')),
        ("cut off", http("200 OK", '{"certificate": "', 1000)),
        ("elsewhere", http("302 Found\r\nLocation: https://127.0.0.1:1/", "")),
        ("nothing new", http("304 Not Modified", "")),
        ("an error", http("500 Internal Server Error", "<h1>oops</h1>")),
        ("a huge error", http("503 X", "x" * (900 << 10))),
        ("control characters", http("403 X", '{"error": "\\u001b[2J\\u0007\\nlevel=info msg=forged"}')),
        ("a status that is none", b"HTTP/1.1 99999999999 OK\r\n\r\n"),
        ("2 MiB", http("200 OK", "x" * (2 << 20))),
        ("1 MiB of a certificate", http("200 OK", json.dumps({"certificate": "A" * (1000 << 10)}))),
        ("4 GiB announced", http("200 OK", "{}", 1 << 32)),
        ("a length below none", b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}"),
        ("chunks without end", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1000\r\n" + bytes(4096)),
        ("an endless header", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000),
        ("a long header", b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000),
    ]

    def answering(self, answer):
        def serve(connection):
            connection.sendall(answer(read_request(connection)))
        return serve

    @staticmethod
    def silent(connection):
        read_request(connection)
        time.sleep(LONGER_THAN_ANYONE_WAITS)

    @staticmethod
    def dripping(connection):
        """An answer of a byte a second, longer than anyone waits."""
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n")
        for _ in range(LONGER_THAN_ANYONE_WAITS):
            connection.sendall(b" ")
            time.sleep(1)

    def serve(self, *arguments):
        server = tls_server.Server(*arguments)
        self.addCleanup(server.close)
        return server

    def said_of_renewal(self, agent):
        status = json.loads((agent.directory / "status.json").read_text())
        self.assertIn("certificate expired on ", status["renewal_error"])
        return status["renewal_error"]

    def peak_kib(self, agent):
        status = pathlib.Path(f"/proc/{agent.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])

    def face(self, server, agent, context, serve):
        """Until the agent has asked again, and so has not taken the answer before."""
        server.turn_into(context, serve)
        server.said = b""
        before = server.connections
        agent.process.send(signal.SIGHUP)
        wait_until("it to ask, and again", lambda: server.connections >= before + 2, process=agent.process)

    def kept(self, agent):
        return {name: (agent.directory / name).read_bytes() for name in ("agent.yml", "ca.pem", "identity.pem")}

    def test_nothing_is_taken_from_whoever_answers(self):
        silent = self.serve(self.good_context, self.silent)
        slow = self.serve(self.good_context, self.dripping)
        patient = [self.expired_agent("silent", silent.port).run(), self.expired_agent("slow", slow.port).run()]
        server = self.serve(None, tls_server.answering(b""))
        agent = self.expired_agent("agent", server.port)
        kept = self.kept(agent)
        agent.run()
        wait_until("it to say that it asked", lambda: self.said_of_renewal(agent), process=agent.process)
        for what, identity, _ in server_identities(self.ca):
            with self.subTest(what):
                self.face(server, agent, tls_server.server_context(identity, alpn=["http/1.1"]),
                          self.answering(always(b"")))
                self.assertEqual(server.said, b"", "nothing is told to who is not the collector")
                self.said_of_renewal(agent)
        kinds = [(what, always(answer)) for what, answer in self.NONSENSE] + self.certificates(agent)
        for what, answer in kinds:
            with self.subTest(what):
                self.face(server, agent, self.good_context, self.answering(answer))
                # On a busy machine a connection may be over before it was asked anything.
                wait_until("it to ask", lambda: b"POST /api/v1/reenroll" in server.said, process=agent.process)
                self.said_of_renewal(agent)
                self.assertEqual(self.kept(agent), kept)
        for one in patient:
            wait_until("it to give up", lambda a=one: "no answer in time" in a.process.text(), process=one.process)
        said = agent.process.text()
        self.assertIn("the certificate could not be renewed", said)
        self.assertNotIn("the certificate was renewed", said)
        self.assertNotIn("\x1b", said)
        self.assertNotRegex(said, r"(?m)^level=info msg=forged")
        for one in (agent, *patient):
            self.assertLess(self.peak_kib(one), LARGEST_KIB)
        names = {path.name for path in agent.directory.iterdir()}
        self.assertLessEqual(names, {"agent.yml", "ca.pem", "identity.pem", "identity.next.pem", "lock", "outbox",
                                     "status.json"})
        self.assertEqual(self.kept(agent), kept)
        server.turn_into(None, tls_server.relay_to(("127.0.0.1", self.collector.http_port)))
        agent.process.send(signal.SIGHUP)
        wait_until("the host to report", lambda: self.collector.get_json(
            f"/api/v1/hosts/{agent.host}")["summary"]["reporting"], process=agent.process)
        self.assertIn('msg="the certificate was renewed" generation=2', agent.process.text())


if __name__ == "__main__":
    unittest.main()
