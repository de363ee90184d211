"""Domains as targets, with the whole agent, launcher and probe: a registry is asked once in a day for each of them,
whatever happens to agents and collector; one that says that it is asked too often is left alone; and what it told last
stays where the next look-up fails.

In a network of its own, where a registry of the test counts who asks it for what.
"""

import collections
import datetime
import http.server
import itertools
import json
import math
import os
import signal
import ssl
import threading
import time
import unittest

import own_world
from certificates import Authority
from look_oracle import phase
from muster_test import BUILD, Agent, Collector, Scenario, wait_until
from name_server import NameServer

EXPIRES = "2031-05-17T09:00:00Z"
EXPIRES_SECONDS = datetime.datetime.fromisoformat(EXPIRES.replace("Z", "+00:00")).timestamp()
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
DAY = 86400
# A point of time in each day, by UTC. A multiple of SOON, so that whoever's turn it is then has its first turn early, too.
NOON = 72 * SOON
# From the start of collector and agent to the looks at noon, which they must not miss.
UNTIL_NOON = 45


def names_within(begin, end, count, top, interval=SOON):
    """So many domains below `top` whose turn comes between these seconds: after they were listed, or of `interval`."""
    names = (f"shop{n}.{top}" for n in itertools.count())
    return list(itertools.islice((name for name in names if begin <= phase(name, interval) < end), count))


def seconds_to_a_noon():
    """From now until shortly before the first noon that is at least a day off."""
    now = time.time()
    return int(math.ceil((now + DAY - NOON) / DAY) * DAY + NOON - UNTIL_NOON - now)


def registered(name):
    """RFC 9083, as a registry answers."""
    return {"objectClassName": "domain", "ldhName": name, "rdapConformance": ["rdap_level_0"],
            "status": ["client transfer prohibited"],
            "events": [{"eventAction": "registration", "eventDate": "2011-05-17T09:00:00Z"},
                       {"eventAction": "expiration", "eventDate": EXPIRES}],
            "nameservers": [{"objectClassName": "nameserver", "ldhName": f"ns1.{name}"}],
            "secureDNS": {"delegationSigned": False}}


GOOD, THROTTLED, BROKEN = 200, 429, 500


class Registry:
    """RDAP over HTTPS at an address of loopback. Counts what it is asked for, and answers with `status`."""

    def __init__(self, host, port, certificate, status):
        self.asked = collections.Counter()
        self.status = status
        registry = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # pylint: disable=invalid-name
                name = self.path.rsplit("/", 1)[1]
                registry.asked[name] += 1
                status = registry.status
                body = json.dumps(registered(name) if status == GOOD else {"errorCode": status}).encode()
                self.send_response(status)
                if status == THROTTLED:
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
    # Of the registries of .example and of .test.
    ADDRESSES = ("127.16.0.1", "127.16.0.2")

    def setUp(self):
        super().setUp()
        names = NameServer()
        self.addCleanup(names.close)
        names.addresses = {f"rdap.{name}.example": [host] for name, host in zip(("one", "two"), self.ADDRESSES)}
        own_world.write_etc("resolv.conf", f"nameserver {names.host}\n")
        authority = Authority(self.directory / "authority", "Example Root")
        own_world.write_etc("ssl/certs/ca-certificates.crt", authority.pem())
        own_world.write_etc("muster/rdap-bootstrap.json", json.dumps({
            "version": "1.0", "publication": "2026-01-01T00:00:00Z", "services": [
            [["example"], ["https://rdap.one.example/"]], [["test"], ["https://rdap.two.example/"]]]}))
        self.of_example, self.of_test = (self.registry(authority, name, host)
                                         for name, host in zip(("one", "two"), self.ADDRESSES))

    def registry(self, authority, name, host):
        certificate = self.directory / name
        authority.issue(certificate, f"rdap.{name}.example", [f"DNS:rdap.{name}.example"])
        registry = Registry(host, 443, certificate, GOOD)
        self.addCleanup(registry.close)
        return registry

    def serve(self, names):
        """A collector with these domains in its list."""
        self.collector = Collector(self)
        (self.collector.directory / "targets.yml").write_text(json.dumps({"targets": [
            {"kind": "domain", "name": name, "address": name} for name in names]}))
        with self.collector.config.open("a") as config:
            config.write(f"targets: {{files: [targets.yml], agents: {{role: [monitor]}}, lease: {LEASE}s}}\n")
        self.collector.serve()

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

    def wait_told(self, names):
        wait_until("what the registries told", lambda: all("facts" in self.section(name) for name in names))

    def let_pass(self, seconds):
        end = time.monotonic() + seconds
        wait_until("time to pass", lambda: time.monotonic() > end, 60 + seconds)

    def assert_nobody_asks_again(self, of_example, of_test, after):
        """Whoever would, would do so within the first seconds of its lease."""
        self.let_pass(EARLY + SLACK)
        self.assertEqual(self.of_example.asked, of_example, after)
        self.assertEqual(self.of_test.asked, of_test, after)

    def assert_the_last_date_stays(self, name, lookup):
        facts = self.section(name)["facts"]
        self.assertEqual(facts["expires"], EXPIRES)
        metrics = self.collector.metrics()
        self.assertEqual(metrics[f'muster_target_domain_lookup{{target="{name}",state="{lookup}"}}'], 1)
        self.assertEqual(metrics[f'muster_target_domain_expiry_timestamp_seconds{{target="{name}",domain="{name}",'
                                 'source="registry"}'], EXPIRES_SECONDS)

    def test_registries_are_asked_once_a_day_whatever_happens(self):
        self.of_test.status = THROTTLED
        listed = names_within(0, EARLY, 6, "example")
        throttled = [*names_within(0, 1, 1, "test"), *names_within(LATER, LATER + 1, 1, "test")]
        self.serve(listed + throttled)

        def assert_asked_once(after):
            self.assert_nobody_asks_again(dict.fromkeys(listed, 1), {throttled[0]: 1}, after)
            for name in listed:
                self.assert_the_last_date_stays(name, "known")

        one = self.agent("one")
        wait_until("the looks", lambda: len(self.of_example.asked) == len(listed) and self.of_test.asked)
        self.wait_told(listed)
        self.assertEqual({target["status"] for name, target in self.targets().items() if name in listed},
                         {"STATUS_PASS"})
        # Of two domains of a registry that throttles the first was asked for, and both say so.
        for name in throttled:
            wait_until(f"{name} to say why", lambda name=name: self.section(name).get("reason"))
            self.assertRegex(self.section(name)["reason"], "^rate-limited: ")
            self.assertNotIn("facts", self.section(name))
        assert_asked_once("the first looks")

        one.process.end(signal.SIGTERM)
        one.run()
        self.wait_looked_at_by(one, 60)
        assert_asked_once("an agent that was restarted")

        one.process.end(signal.SIGKILL)
        one.run()
        self.wait_looked_at_by(one, 60)
        assert_asked_once("an agent that was killed")

        self.collector.process.end(signal.SIGKILL)
        self.collector.serve()
        self.wait_looked_at_by(one, 60)
        assert_asked_once("a collector that was killed")

        # What the other one does not know, it learns of the collector with the lease: when the last look was.
        two = self.agent("two")
        one.process.end(signal.SIGKILL)
        self.wait_looked_at_by(two, LEASE + 60)
        assert_asked_once("targets that went to another agent")

    def test_what_was_told_last_stays_where_the_next_look_up_fails(self):
        broken, = names_within(NOON, NOON + 1, 1, "example", DAY)
        throttled, left_alone = (*names_within(NOON, NOON + 1, 1, "test", DAY),
                                 *names_within(NOON + LATER, NOON + LATER + 1, 1, "test", DAY))
        self.serve([broken, throttled, left_alone])
        one = self.agent("one")
        self.wait_told([broken, throttled, left_alone])
        one.process.end()
        self.collector.process.end()

        self.of_example.status, self.of_test.status = BROKEN, THROTTLED
        another_day = {**os.environ, "LD_PRELOAD": str(BUILD / "tests/another_day.so"),
                       "MUSTER_TEST_SECONDS_AHEAD": str(seconds_to_a_noon())}
        self.collector.serve(another_day)
        one.run(another_day)
        for name, begin in ((broken, "failed: "), (throttled, "rate-limited: "), (left_alone, "rate-limited: ")):
            wait_until(f"{name} to say why", lambda name=name: self.section(name).get("reason"), UNTIL_NOON + 60)
            self.assertRegex(self.section(name)["reason"], f"^{begin}")
            self.assert_the_last_date_stays(name, begin.removesuffix(": ").replace("-", "_"))
        # The last of them was not asked for on that day.
        self.assert_nobody_asks_again({broken: 2}, {throttled: 2, left_alone: 1}, "a day")


if __name__ == "__main__":
    own_world.enter(__file__)
    unittest.main()
