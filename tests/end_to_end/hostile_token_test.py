"""Those who ask to join and should not: what each is told, how it is counted, that it is logged once,
and that no token is ever written to a log."""

import concurrent.futures
import hashlib
import http.client
import json
import pathlib
import ssl
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from cryptography import x509  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa  # noqa: E402

from hostile.authority import signing_request  # noqa: E402
from muster_test import COLLECTOR, Agent, Collector, Scenario, wait_until  # noqa: E402

RESULTS = ("ok", "token_used", "token_expired", "token_unknown", "request", "throttled", "failed")


class TokenTest(Scenario):
    def setUp(self):
        super().setUp()
        self.collector = Collector(self).serve()
        self.context = ssl.create_default_context(cafile=self.collector.ca_file)
        self.good_request = signing_request(ec.generate_private_key(ec.SECP256R1()))
        # Everything that must not be in a log.
        self.secrets = []
        self.addCleanup(self.assert_no_secret_is_logged)

    def assert_no_secret_is_logged(self):
        log = self.collector.process.text()
        for secret in self.secrets:
            self.assertNotIn(secret, log)
            self.assertNotIn(secret[:20], log)

    def token(self, *options):
        token = json.loads(self.run_good(
            *self.collector_command("token", "create"), "--format", "json",
            *(options or ("--ttl", "10m"))))["token"]
        self.secrets.append(token)
        return token

    def collector_command(self, *verb):
        return (COLLECTOR, *verb, "--config", self.collector.config)

    def post(self, body, content_type="application/json", address=None):
        """(status, the error it names, or the whole answer) of an enrolment from a loopback address.
        Each address has its own allowance."""
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.collector.http_port, timeout=30, context=self.context,
            source_address=(address, 0) if address else None)
        try:
            connection.request("POST", "/api/v1/enroll", body,
                               {"Content-Type": content_type} if content_type else {})
            response = connection.getresponse()
            text = response.read()
            return response.status, json.loads(text) if text else {}
        finally:
            connection.close()

    def enrol(self, token, request=None, hostname="hostile", address=None):
        return self.post(json.dumps({
            "token": token, "hostname": hostname,
            "certificate_signing_request": self.good_request if request is None else request}),
            address=address)

    def counts(self):
        metrics = self.collector.metrics("/metrics/self")
        return {r: metrics[f'muster_collector_enrolments_total{{result="{r}"}}'] for r in RESULTS}

    def refusals_logged(self, result):
        return [line for line in self.collector.process.text().splitlines()
                if "enrolment refused" in line and f"reason={result} " in line]

    def assert_refused(self, answer, status, words, result, before):
        self.assertEqual(answer[0], status, answer)
        self.assertIn(words, answer[1].get("error", ""))
        self.assertEqual(self.counts(), {**before, result: before[result] + 1})

    def test_a_token_that_is_not_good_is_refused_without_telling_why(self):
        other = Collector(self, "other").serve()
        used = self.token()
        self.assertEqual(self.enrol(used)[0], 200)
        expired = self.token("--ttl", "1s")
        foreign = other.token()["token"]
        self.secrets.append(foreign)
        good = self.token()
        results = {"used": "token_used", "expired": "token_expired"}
        cases = [("used", used), ("expired", expired), ("foreign", foreign), ("malformed", "hello"), ("half", good[:-1]),
                 ("longer", good + "0"), ("capitals", good.upper()), ("empty", ""), ("a blank", good + " "),
                 ("SQL", "' OR 1=1 --"), ("10 kB", "muster-" + "f" * 10_000), ("NUL", good + "\0")]
        told = set()
        expired_id = hashlib.sha256(expired.encode()).hexdigest()[:8]
        wait_until("the token to expire", lambda: expired_id not in self.run_good(
            *self.collector_command("token", "list")))
        for what, token in cases:
            with self.subTest(what):
                before = self.counts()
                answer = self.enrol(token)
                self.assert_refused(answer, 403, "token create", results.get(what, "token_unknown"), before)
                if token and len(token) <= 128:
                    told.add(answer[1]["error"])
        self.assertEqual(len(told), 1, "who asks is told the same")
        for result in ("token_used", "token_expired", "token_unknown"):
            self.assertEqual(len(self.refusals_logged(result)), 1, result)
        self.assertEqual(len(self.collector.get_json("/api/v1/hosts")["hosts"]), 1)
        self.assertEqual(self.enrol(good)[0], 200, "the one good token, last")

    def test_a_request_that_is_wrong_costs_no_token_and_is_told_what_is_wrong(self):
        key = ec.generate_private_key(ec.SECP256R1())
        good = self.good_request
        lines = good.splitlines()
        broken = "\n".join([lines[0], lines[1][::-1], *lines[2:]])
        cases = [
            ("no request", "", "signing request"),
            ("text", "hello", "signing request"),
            ("damaged", broken, "signing request"),
            ("signed with another key", signing_request(key, ec.generate_private_key(ec.SECP256R1())),
             "signing request"),
            ("RSA of 512 bits", signing_request(rsa.generate_private_key(65537, 512)), "2048"),
            ("RSA of 1024 bits", signing_request(rsa.generate_private_key(65537, 1024)), "2048"),
            ("another curve", signing_request(ec.generate_private_key(ec.SECP521R1())), "P-256"),
            ("huge", good.replace(lines[1], "A" * 20_000), "larger than"),
        ]
        token = self.token()
        for number, (what, request, words) in enumerate(cases):
            with self.subTest(what):
                before = self.counts()
                self.assert_refused(self.enrol(token, request, address=f"127.0.1.{number + 1}"), 400, words,
                                    "request", before)
        self.assertEqual(self.enrol(token)[0], 200, "the token was not used")

    def test_what_a_request_wishes_for_is_not_what_it_gets(self):
        key = ed25519.Ed25519PrivateKey.generate()
        victim = Agent(self, self.collector)
        victim_id = self.collector.get_json("/api/v1/hosts")["hosts"][-1]["id"]
        wish = signing_request(key, extensions=[
            x509.BasicConstraints(True, None),
            x509.KeyUsage(True, True, True, True, True, True, True, False, False),
            x509.SubjectAlternativeName([x509.UniformResourceIdentifier(
                f"spiffe://muster.internal/host/{victim_id}"), x509.DNSName("collector.example.org")])])
        status, answer = self.enrol(self.token(), wish, hostname=victim.host)
        self.assertEqual(status, 200, answer)
        certificate = x509.load_pem_x509_certificate(answer["certificate"].encode())
        extensions = certificate.extensions
        self.assertFalse(extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
        self.assertFalse(extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign)
        names = list(extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
        self.assertEqual([name.value for name in names],
                         [f"spiffe://muster.internal/host/{answer['host_id']}"])
        self.assertNotEqual(answer["host_id"], victim_id)
        self.assertNotEqual(answer["host"], victim.host, "nor its name")

    def test_a_body_that_is_no_enrolment_is_refused_and_its_token_is_in_no_log(self):
        token = self.token()
        good = json.dumps({"token": token, "hostname": "x", "certificate_signing_request": self.good_request})
        cases = [
            ("no JSON", f'{{"token": "{token}" oops', "application/json", 400),
            ("no object", f'["{token}"]', "application/json", 400),
            ("a number as the token", '{"token": {"a": 1}}', "application/json", 400),
            ("nothing", "", "application/json", None),
            ("a form", good, "application/x-www-form-urlencoded", 400),
            ("text", good, "text/plain", 400),
            ("deep", "[" * 50_000, "application/json", 400),
            ("bytes that are not text", b'{"token": "\xff\xfe"}', "application/json", 400),
        ]
        for number, (what, body, content_type, status) in enumerate(cases):
            with self.subTest(what):
                answer = self.post(body, content_type, address=f"127.0.2.{number + 1}")
                self.assertIn(answer[0], (status,) if status else (400, 403, 411), answer)
        self.assertEqual(self.counts()["ok"], 0)
        self.assertEqual(self.enrol(token)[0], 200, "the token was not used")

    def test_of_fifty_that_use_one_token_at_once_one_joins(self):
        token = self.token()
        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(lambda i: self.enrol(token, address=f"127.0.3.{i + 1}"), range(50)))
        self.assertEqual(sorted(status for status, _ in answers), [200] + [403] * 49)
        self.assertEqual(len(self.collector.get_json("/api/v1/hosts")["hosts"]), 1)
        self.assertEqual(self.counts(), {**dict.fromkeys(RESULTS, 0), "ok": 1, "token_used": 49})

    def test_who_guesses_is_slowed_down_and_others_are_not(self):
        context = http.client.HTTPSConnection("127.0.0.1", self.collector.http_port, timeout=30,
                                              context=self.context, source_address=("127.0.4.1", 0))
        self.addCleanup(context.close)
        statuses = []
        for i in range(1000):
            context.request("POST", "/api/v1/enroll", json.dumps({
                "token": f"muster-{i:040x}", "hostname": "x",
                "certificate_signing_request": self.good_request}), {"Content-Type": "application/json"})
            response = context.getresponse()
            response.read()
            statuses.append(response.status)
        # 20 at once, and one every three seconds for as long as it took.
        looked_at = statuses.count(403)
        self.assertLess(looked_at, 60)
        self.assertEqual(statuses.count(429), 1000 - looked_at)
        self.assertEqual(self.counts()["throttled"], 1000 - looked_at)
        self.assertEqual(len(self.refusals_logged("throttled")), 1)
        self.assertEqual(self.enrol(self.token(), address="127.0.5.1")[0], 200)


if __name__ == "__main__":
    unittest.main()
