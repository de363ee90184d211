"""A real Prometheus scrapes the collector while peers misuse the HTTPS port: no scrape fails."""

import base64
import http.client
import itertools
import pathlib
import signal
import sys
import unittest

from muster_test import COLLECTOR, SOURCE, Agent, Collector, Scenario, wait_until
from prometheus import Prometheus

sys.path.insert(0, str(SOURCE / "tests"))

from hostile import raw_http  # noqa: E402

USER, PASSWORD = "prometheus", "secret"
# "secret", with bcrypt's usual cost.
HASH = "$2y$10$abcdefghijklmnopqrstuuqflPDzB6gcMhKa1rZqKiun2YGL5sa2u"
AUTHORIZATION = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
GET = f"GET /metrics HTTP/1.1\r\nHost: a\r\nAuthorization: {AUTHORIZATION}\r\n"
# Seconds; also how long Prometheus waits for a scrape.
INTERVAL = 2
# Far below what copies for every peer would take, far above what the bounds allow.
MEMORY_LIMIT = 700 * 1024 * 1024


CROWD = 10_000
# Of the example configuration: the host, the targets, the collector itself.
JOBS = 3
CONNECTIONS_TURNED_AWAY = ("address_share", "connections", "displaced", "timeout")


class HttpAttackTest(Scenario):
    def setUp(self):
        super().setUp()
        raw_http.allow_open_files(12000)
        self.collector = Collector(self)
        self.web = self.collector.directory / "web.yml"
        self.web.write_text("basic_auth_users: {}\n")
        config = self.collector.config
        config.write_text(config.read_text() + f"\nweb_config_file: {self.web}\n")
        # What is read slowly below: a policy as long as one may be.
        policy = self.collector.directory / "policy.yml"
        policy.write_text(policy.read_text() + f"#{'x' * 98}\n" * 9000)
        self.collector.serve()
        self.agent = Agent(self, self.collector).run()
        wait_until("the host's first report", lambda: self.collector.verdicts(self.agent.host))
        self.web.write_text(f"basic_auth_users: {{{USER}: '{HASH}'}}\n")
        self.collector.process.send(signal.SIGHUP)
        wait_until("users", lambda: self.collector.get("/metrics")[0] == 401)

    def scrapes(self):
        """How often the job that has been scraped least has been, failed scrapes too."""
        counts = [v for _, v in self.prometheus.query('count_over_time(up{job=~"muster.*"}[1h])')]
        return min(counts) if len(counts) == JOBS else 0

    def own_metric(self, name):
        status, _, body = self.collector.get("/metrics/self", {"Authorization": AUTHORIZATION})
        self.assertEqual(status, 200)
        return float(next(x for x in body.decode().splitlines() if x.startswith(f"{name} ")).split()[-1])

    def connections(self):
        return self.own_metric("muster_collector_http_connections")

    def refused(self, reason):
        return self.own_metric(f'muster_collector_http_refused_total{{reason="{reason}"}}')

    def memory(self):
        """Resident bytes of the collector."""
        status = pathlib.Path(f"/proc/{self.collector.process.pid}/status").read_text()
        return 1024 * int(next(x for x in status.splitlines() if x.startswith("VmRSS")).split()[1])

    def taken_in(self):
        """How many connections the collector has accepted that it holds, or has turned away since."""
        return self.connections() + sum(map(self.refused, CONNECTIONS_TURNED_AWAY))

    def take_in(self, crowd):
        """Until the collector itself has seen the whole crowd, most of which it turns away."""
        before = self.taken_in()

        def seen():
            # What the server turned away makes room for others.
            crowd.add(2500 if crowd.opened < CROWD else 100)
            return self.taken_in() - before >= CROWD

        wait_until(f"{CROWD} connections to be accepted", seen, 120, self.collector.process)
        # And counts none twice; Prometheus and this test have a few.
        self.assertLess(self.taken_in() - before, crowd.opened + 100)

    def scraped_through(self, attack):
        """Repeats `attack` until Prometheus has scraped every target twice meanwhile."""
        before = self.scrapes()

        def attacked():
            attack()
            self.assertLess(self.memory(), MEMORY_LIMIT)
            return self.scrapes() >= before + 2

        wait_until("scrapes during the attack", attacked, process=self.collector.process)
        self.assertEqual([t["lastError"] for t in self.prometheus.targets()], [""] * JOBS)
        for labels, value in self.prometheus.query('min_over_time(up{job=~"muster.*"}[1h])'):
            self.assertEqual(value, 1, labels)

    def test_the_scrape_goes_on(self):
        port = self.collector.http_port
        self.prometheus = Prometheus(self, self.collector, INTERVAL, (USER, PASSWORD))
        wait_until("every job to be scraped", lambda: self.scrapes() >= 2)

        with self.subTest("10,000 connections that say nothing"):
            with raw_http.Crowd(port, raw_http.source_addresses(40)) as crowd:
                self.take_in(crowd)
                self.scraped_through(lambda: crowd.add(100))
                wait_until("the bound to be kept", lambda: 1000 < self.connections() <= 2048)

        with self.subTest("10,000 connections from where Prometheus is"):
            with raw_http.Crowd(port, ["127.0.0.1"]) as crowd:
                self.take_in(crowd)
                self.scraped_through(lambda: crowd.add(100))
                wait_until("the bound to be kept", lambda: 100 < self.connections() <= 256)

        with self.subTest("TLS handshakes that are not finished"):
            with raw_http.Crowd(port, raw_http.source_addresses(40), raw_http.client_hello(),
                                at_most=4000) as crowd:
                self.scraped_through(lambda: crowd.add(500))

        with self.subTest("headers and bodies that come slowly"):
            peers = [raw_http.Peer(port, source) for source in raw_http.source_addresses(20) * 5]
            for i, peer in enumerate(peers):
                peer.send(b"POST /api/v1/enroll HTTP/1.1\r\nHost: a\r\n")
                if i % 2:
                    peer.send(b"Content-Length: 60000\r\n\r\n")
            self.scraped_through(lambda: [peer.send(b"X") for peer in peers])
            wait_until("them to be closed", lambda: not any([peer.send(b"X") for peer in peers]))
            self.assertGreaterEqual(self.refused("timeout"), len(peers))
            for peer in peers:
                peer.socket.close()

        with self.subTest("answers that are not read"):
            # Two of a megabyte at once are under way on each.
            get = f"GET /api/v1/policy HTTP/1.1\r\nHost: a\r\nAuthorization: {AUTHORIZATION}\r\n\r\n".encode()
            peers = []

            def read_slowly():
                for source in raw_http.source_addresses(50):
                    peers.append(raw_http.Peer(port, source, receive_buffer=4096))
                    peers[-1].send(get)

            self.scraped_through(read_slowly)
            while len(peers) < 600:
                read_slowly()
            wait_until("some to be cut off", lambda: self.refused("slow_reader") > 0)
            self.assertLess(self.memory(), MEMORY_LIMIT)
            for peer in peers:
                peer.socket.close()

        with self.subTest("bodies of a gigabyte"):
            def send_gigabyte():
                for framing in (b"Content-Length: 1000000000\r\n\r\n",
                                b"Transfer-Encoding: chunked\r\n\r\n3b9aca00\r\n",
                                b"Expect: 100-continue\r\nContent-Length: 1000000000\r\n\r\n"):
                    with raw_http.Peer(port) as peer:
                        peer.send(b"POST /api/v1/enroll HTTP/1.1\r\nHost: a\r\n" + framing)
                        sent = 0
                        while sent < 1000 and peer.send(bytes(1_000_000)):
                            sent += 1
                        self.assertLess(sent, 20, "the server reads on")

            self.scraped_through(send_gigabyte)
            self.assertGreater(self.refused("too_large"), 0)

        with self.subTest("passwords that are guessed"):
            answers = {}

            context = raw_http.trusting_context()

            def guess(source):
                connection = http.client.HTTPSConnection(
                    "127.0.0.1", port, timeout=30, source_address=(source, 0), context=context)
                for i in range(50):
                    credentials = base64.b64encode(f"{USER if i % 3 else 'root'}:{i}".encode()).decode()
                    connection.request("GET", "/metrics", headers={"Authorization": f"Basic {credentials}"})
                    answer = connection.getresponse()
                    answer.read()
                    answers[answer.status] = answers.get(answer.status, 0) + 1
                    self.assertEqual("Retry-After" in answer.headers, answer.status == 429)
                connection.close()

            sources = itertools.cycle(["127.0.0.1"] + raw_http.source_addresses(9))
            self.scraped_through(lambda: guess(next(sources)))
            while sum(answers.values()) < 1000:
                guess(next(sources))
            self.assertEqual(set(answers), {401, 429}, answers)
            # Ten for each of 10 addresses, and one more every ten seconds.
            self.assertLess(answers[401], 200, answers)
            # Nor is Prometheus locked out by a reload, though its neighbour has no guesses left.
            self.collector.process.send(signal.SIGHUP)
            self.scraped_through(lambda: guess("127.0.0.1"))

    def test_with_few_open_files_http_leaves_most_of_them_to_the_agents(self):
        self.collector.process.end()
        self.collector.process = self.start(
            "few_files", "prlimit", "--nofile=64:512", COLLECTOR, "serve", "--config", self.collector.config)
        self.collector.wait_ready()
        with raw_http.Crowd(self.collector.http_port, raw_http.source_addresses(10)) as crowd:
            crowd.add(1000)
            # A quarter of the hard limit.
            wait_until("places to be taken", lambda: self.refused("displaced") > 0)
            self.assertLessEqual(self.connections(), 128)
            wait_until("the agent's next report", lambda: self.agent.process.runs() and self.own_metric(
                'muster_collector_syncs_total{result="ok"}') > 0)


if __name__ == "__main__":
    unittest.main()
