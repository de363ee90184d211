"""Requests that are wrong in one way each, on the HTTPS port and the administration socket of a real
collector: each has its one answer, and what follows a refused one is never taken for a request."""

import gzip
import itertools
import socket
import sys
import unittest

from muster_test import COLLECTOR, SOURCE, Collector, Scenario

sys.path.insert(0, str(SOURCE / "tests"))

from hostile import raw_http  # noqa: E402

# What a smuggler would have answered.
NEXT = b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
HOST = b"Host: a\r\n"
POST = b"POST /-/reload HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
BOMB = gzip.compress(bytes(1_000_000))

# (status, bytes): refused and closed.
REFUSED = [
    (400, POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    (400, POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
    (400, POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    (400, POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
    (400, POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
    (400, POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n"),
    (400, POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"),
    (400, POST + b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n"),
    (400, POST + b"Content-Length: 0, 44\r\n\r\n"),
    (400, POST + b"Content-Length: +0\r\n\r\n"),
    (400, POST + b"Content-Length: 0x0\r\n\r\n"),
    (400, POST + b"Content-Length: 18446744073709551616\r\n\r\n"),
    (400, CHUNKED + b"0x0\r\n\r\n"),
    (400, CHUNKED + b"10000000000000000\r\n\r\n"),
    (400, CHUNKED + b"0;a\nb\r\n\r\n"),
    (413, CHUNKED + b"ffffffffffffffff\r\n\r\n"),
    (413, POST + b"Content-Length: 1000000000\r\n\r\n"),
    (413, POST + b"Expect: 100-continue\r\nContent-Length: 1000000000\r\n\r\n"),
    (415, POST + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB),
    (415, POST + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08"),
    (417, POST + b"Expect: cake\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    (400, b"GET / HTTP/1.1\n" + HOST + b"\n"),
    (400, b"GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\n" + HOST + b"X: a\0b\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n b\r\n\r\n"),
    (400, b"GET /\r\n"),
    (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    (400, b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"),
    (400, b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n"),
    (400, b"GET http://user@a/metrics HTTP/1.1\r\n" + HOST + b"\r\n"),
    (431, b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"x" * 17000 + b"\r\n\r\n"),
    (431, b"GET / HTTP/1.1\r\n" + HOST + b"Accept-Encoding: " + b"gzip;q=0.1," * 9000 + b"\r\n\r\n"),
    (431, b"GET / HTTP/1.1\r\n" + HOST + b"X: x\r\n" * 100 + b"\r\n"),
] + [(400, b"GET " + path + b" HTTP/1.1\r\n" + HOST + b"\r\n") for path in (
    b"/../etc/passwd", b"/metrics/../admin/v1/token", b"/metrics/./self", b"/%2e%2e/etc/passwd",
    b"/.%2e/etc/passwd", b"/..%2fetc/passwd", b"/metrics%2f", b"//metrics", b"/metrics/",
    b"/metrics%00", b"/metrics\\self", b"/%c0%ae%c0%ae/etc/passwd", b"/%e0%80%af", b"/%ff", b"/%",
    b"/metrics?host=%00", b"/metrics?host=%ff", b"/metrics?host=%", b"/metrics?" + b"a&" * 40,
    b"/metrics#a", b"metrics")]

# (status, method, path): answered, and the connection stays.
ANSWERED = [
    (200, "GET", "/metrics"),
    (200, "HEAD", "/metrics"),
    (200, "GET", "/%6detrics"),
    (200, "GET", "http://example.org/metrics"),
    (404, "GET", "/%252e%252e/etc/passwd"),
    (404, "GET", "/metrics%5cself"),
    (404, "GET", "/Metrics"),
    (404, "GET", "/metrics;a=b"),
    (404, "GET", "/" + "a" * 8000),
    (404, "GET", "/etc/passwd"),
    (404, "GET", "/admin/v1/token"),
    (404, "GET", "/api/v1/hosts/%3Cscript%3E"),
    (404, "GET", "/api/v1/hosts/a%20OR%201=1"),
    (404, "GET", "/metrics?host="),
    (404, "GET", "/metrics?host=%22%7D%20forged%201"),
    (404, "GET", "/metrics?host=" + "a" * 8000),
    (404, "GET", "/metrics?host=..%2F..%2Fetc%2Fpasswd"),
    # Only a name at the end of a path may have a slash.
    (400, "GET", "/metrics%2fself"),
    (400, "GET", "/metrics%2Fself"),
    (400, "GET", "/api/v1%2ftargets/shop"),
    (400, "GET", "/api/v1/hosts/web1%2Fverdicts"),
    (404, "GET", "/api/v1/targets/web1%2Fpostgresql"),
    (400, "GET", "/metrics?host=a&host=b"),
    (400, "GET", "/metrics?hots=a"),
    (400, "GET", "/metrics?host=a;b=c&d=e"),
    (400, "GET", "/api/v1/hosts?host=a"),
    (405, "TRACE", "/metrics"),
    (405, "OPTIONS", "/metrics"),
    (405, "DELETE", "/metrics"),
    (405, "BREW", "/metrics"),
    (405, "get", "/metrics"),
]

ENCODINGS = ["gzip;q=2", "gzip;q=-1", "gzip;q=nan", "gzip;q=0", "gzip;q=", "*;q=0", ";;;,,,", "br", "gzip" * 3000,
             "gzip," * 3000, "\"gzip\"", "identity;q=0"]


class HttpShapesTest(Scenario):
    def setUp(self):
        super().setUp()
        self.collector = Collector(self).serve()

    def ask_socket(self, data):
        """What the administration socket answers to these bytes before it closes."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(30)
            connection.connect(str(next(self.collector.directory.glob("*.sock"))))
            answer = b""
            try:
                connection.sendall(data)
                while data := connection.recv(65536):
                    answer += data
            except ConnectionError:
                pass
            return answer

    def ask_port(self, data):
        return raw_http.ask(self.collector.http_port, data)

    def test_the_verbs_work_though_the_socket_is_full_of_connections_that_say_nothing(self):
        path = str(next(self.collector.directory.glob("*.sock")))
        idle = []
        for _ in range(100):
            idle.append(socket.socket(socket.AF_UNIX))
            self.addCleanup(idle[-1].close)
            idle[-1].connect(path)
        self.run_good(COLLECTOR, "host", "list", "--config", self.collector.config)
        # Sixty-four have a place, and the newest of them gave its oldest one's to the verb.
        idle[0].settimeout(30)
        self.assertEqual(idle[0].recv(1), b"")

    def test_refuses_and_closes_without_taking_what_follows_for_a_request(self):
        for ask, (status, data) in itertools.product((self.ask_port, self.ask_socket), REFUSED):
            with self.subTest(data[:120], ask=ask.__name__):
                self.assertEqual(raw_http.statuses(ask(data + NEXT)), [status])

    def test_answers_what_is_whole_as_the_table_of_endpoints_says(self):
        for status, method, path in ANSWERED:
            with self.subTest(method + " " + path[:100]):
                answer = self.ask_port(f"{method} {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode() + NEXT)
                self.assertEqual(raw_http.statuses(answer), [status, 200])
                self.assertNotIn(b"<script>", answer)
                self.assertNotIn(b"root:", answer)

    def test_says_once_what_the_answer_depends_on(self):
        answer = self.ask_port(b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        self.assertEqual([line for line in answer.split(b"\r\n") if line.lower().startswith(b"vary")],
                         [b"Vary: Accept-Encoding, Accept"])

    def test_sends_plain_text_to_who_asks_for_an_encoding_that_makes_no_sense(self):
        for encoding in ENCODINGS:
            with self.subTest(encoding[:40]):
                answer = self.ask_port(b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                                       b"Accept-Encoding: " + encoding.encode() + b"\r\n\r\n")
                head, _, body = answer.partition(b"\r\n\r\n")
                self.assertEqual(raw_http.statuses(head), [200])
                packed = b"\r\nContent-Encoding: gzip" in head
                # Of many that are the same the first counts; a list without end is read up to a bound.
                self.assertEqual(packed, encoding.startswith("gzip,"))
                text = gzip.decompress(body) if packed else body
                self.assertIn(b"\nmuster_collector_hosts 0\n", text)

    def test_takes_a_bodys_trailer_for_nothing(self):
        answer = self.ask_port(CHUNKED + b"0;a=\"b\"\r\nHost: b\r\nConnection: close\r\n\r\n" + NEXT)
        self.assertEqual(raw_http.statuses(answer), [200, 200])


if __name__ == "__main__":
    unittest.main()
