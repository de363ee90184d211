"""Domains as targets, with the whole agent, launcher and probe: a registry is asked once in a day for each of them,
whatever happens to agents and collector, and one that says that it is asked too often is left alone.

In a network of its own, where a registry of the test counts who asks it for what.
"""

import collections
import http.server
import itertools
import json
import signal
import ssl
import threading
import time
import unittest

import own_world
from certificates import Authority
from look_oracle import phase
from muster_test import Agent, Collector, Scenario, wait_until
from name_server import NameServer

EXPIRES = "2031-05-17T09:00:00Z"
# A domain that was never looked at is looked at within so long of the lease: docs/domains.md.
SOON = 600
# Of these, domains whose turn comes in the first seconds. So whoever would ask once more, since it does not know that they
# were asked for today, would do so within these seconds.
EARLY = 4
# Of a registry that throttles, a domain whose turn comes when its first answer has long been there.
LATER = 9
LEASE = 8
# For a busy machine.
SLACK = 5


def names_within(begin, end, count, top):
    """So many domains below `top` that are looked at between these seconds after they were listed."""
    names = (f"shop{n}.{top}" for n in itertools.count())
    return list(itertools.islice((name for name in names if begin <= phase(name, SOON) < end), count))


def registered(name):
    """RFC 9083, as a registry answers."""
    return {"objectClassName": "domain", "ldhName": name, "rdapConformance": ["rdap_level_0"],
            "status": ["client transfer prohibited"],
            "events": [{"eventAction": "registration", "eventDate": "2011-05-17T09:00:00Z"},
                       {"eventAction": "expiration", "eventDate": EXPIRES}],
            "nameservers": [{"objectClassName": "nameserver", "ldhName": f"ns1.{name}"}],
            "secureDNS": {"delegationSigned": False}}


class Registry:
    """RDAP over HTTPS at an address of loopback. Counts what it is asked for."""

    def __init__(self, host, port, certificate, throttles=False):
        self.asked = collections.Counter()
        registry = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # pylint: disable=invalid-name
                name = self.path.rsplit("/", 1)[1]
                registry.asked[name] += 1
                body = json.dumps({"errorCode": 429} if throttles else registered(name)).encode()
                self.send_response(429 if throttles else 200)
                if throttles:
                    self.send_header("Retry-After", "7200")
                self.send_header("Content-Type", "application/rdap+json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass

        self._server = http.server.ThreadingHTTPServer((host, port), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{certificate}.pem", f"{certificate}.key")
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class DomainsTest(Scenario):
    GOOD, BUSY = "127.16.0.1", "127.16.0.2"

    def setUp(self):
        super().setUp()
        names = NameServer()
        self.addCleanup(names.close)
        names.addresses = {"rdap.good.example": [self.GOOD], "rdap.busy.example": [self.BUSY]}
        own_world.write_etc("resolv.conf", f"nameserver {names.host}\n")
        authority = Authority(self.directory / "authority", "Example Root")
        own_world.write_etc("ssl/certs/ca-certificates.crt", authority.pem())
        own_world.write_etc("muster/rdap-bootstrap.json", json.dumps({
            "version": "1.0", "publication": "2026-01-01T00:00:00Z", "services": [
            [["example"], ["https://rdap.good.example/"]], [["test"], ["https://rdap.busy.example/"]]]}))
        self.good, self.busy = (self.registry(authority, name, host, throttles)
                                for name, host, throttles in (("good", self.GOOD, False), ("busy", self.BUSY, True)))
        self.listed = names_within(0, EARLY, 6, "example")
        self.throttled = [*names_within(0, 1, 1, "test"), *names_within(LATER, LATER + 1, 1, "test")]
        self.collector = Collector(self)
        (self.collector.directory / "targets.yml").write_text(json.dumps({"targets": [
            {"kind": "domain", "name": name, "address": name} for name in self.listed + self.throttled]}))
        with self.collector.config.open("a") as config:
            config.write(f"targets: {{files: [targets.yml], agents: {{role: [monitor]}}, lease: {LEASE}s}}\n")
        self.collector.serve()

    def registry(self, authority, name, host, throttles):
        certificate = self.directory / name
        authority.issue(certificate, f"rdap.{name}.example", [f"DNS:rdap.{name}.example"])
        registry = Registry(host, 443, certificate, throttles)
        self.addCleanup(registry.close)
        return registry

    def agent(self, name):
        return Agent(self, self.collector, name, labels=["role=monitor"], settings=(
            "targets:\n  allow:\n"
            "    - {names: ['*.example', '*.test'], kinds: [domain]}\n"
            "    - {networks: [127.16.0.0/24], kinds: [domain]}\n"
            "probes: {domain: {interval: 1s}, certificates: {enabled: false}, packages-apt: {enabled: false}}\n")).run()

    def targets(self):
        return {target["name"]: target for target in self.collector.get_json("/api/v1/targets")["targets"]}

    def wait_looked_at_by(self, agent, seconds):
        wait_until(f"{agent.name} to have all of them", lambda: all(
            target.get("looked_at_by") == agent.host for target in self.targets().values()), seconds)

    def section(self, name):
        return self.collector.get_json(f"/api/v1/targets/{name}")["sections"][0]

    def assert_asked_once(self, after):
        """Nobody comes again, who would within the first seconds of its lease."""
        since = time.monotonic()
        wait_until("time to pass", lambda: time.monotonic() > since + EARLY + SLACK, 60 + EARLY + SLACK)
        self.assertEqual(self.good.asked, dict.fromkeys(self.listed, 1), after)
        self.assertEqual(self.busy.asked, {self.throttled[0]: 1}, after)
        for name in self.listed:
            self.assertEqual(self.section(name)["facts"]["expires"], EXPIRES, after)

    def test_registries_are_asked_once_a_day_whatever_happens(self):
        one = self.agent("one")
        wait_until("the looks", lambda: len(self.good.asked) == len(self.listed) and self.busy.asked)
        wait_until("what they told", lambda: all("facts" in self.section(name) for name in self.listed))
        self.assertEqual({target["status"] for name, target in self.targets().items() if name in self.listed},
                         {"STATUS_PASS"})
        # Of two domains of a registry that throttles the first was asked for, and both say so.
        for name in self.throttled:
            wait_until(f"{name} to say why", lambda name=name: self.section(name).get("reason"))
            self.assertRegex(self.section(name)["reason"], "^rate-limited: ")
            self.assertNotIn("facts", self.section(name))
        self.assert_asked_once("the first looks")

        one.process.end(signal.SIGTERM)
        one.run()
        self.wait_looked_at_by(one, 60)
        self.assert_asked_once("an agent that was restarted")

        one.process.end(signal.SIGKILL)
        one.run()
        self.wait_looked_at_by(one, 60)
        self.assert_asked_once("an agent that was killed")

        self.collector.process.end(signal.SIGKILL)
        self.collector.serve()
        self.wait_looked_at_by(one, 60)
        self.assert_asked_once("a collector that was killed")

        two = self.agent("two")
        one.process.end(signal.SIGKILL)
        self.wait_looked_at_by(two, LEASE + 60)
        self.assert_asked_once("targets that went to another agent")


if __name__ == "__main__":
    own_world.enter(__file__)
    unittest.main()
