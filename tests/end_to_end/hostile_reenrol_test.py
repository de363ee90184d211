"""Those who come to /api/v1/reenroll with a certificate that has ended, and those who have none: what
each is told, how it is counted, that it is logged once, and that a copied identity is found."""

import base64
import http.client
import json
import pathlib
import ssl
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from cryptography import x509  # noqa: E402
from cryptography.hazmat.primitives import hashes  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402
from cryptography.x509.oid import NameOID  # noqa: E402

from hostile.authority import SERVER, Identity, Wish, days, signing_request  # noqa: E402
from muster_test import Collector, Scenario  # noqa: E402

RESULTS = ("renewed", "repeated", "clone", "refused", "throttled", "failed")


def new_key():
    return ec.generate_private_key(ec.SECP256R1())


def body_of(identity, request=None, signer=None, **others):
    """The JSON of a ReenrolRequest with an identity's certificate, for a new key."""
    request = signing_request(new_key()) if request is None else request
    signature = (signer or identity.key).sign(request.encode(), ec.ECDSA(hashes.SHA256()))
    return json.dumps({"certificate_signing_request": request,
                       "certificate": identity.chain_pem().decode(),
                       "signature": base64.b64encode(signature).decode(), **others})


class ReenrolTest(Scenario):
    def setUp(self):
        super().setUp()
        self.collector = Collector(self)
        # The CA is a day old, as it begins early: what it signed cannot have ended longer ago.
        text = self.collector.config.read_text()
        self.assertIn("reenroll_grace: 30d", text)
        self.collector.config.write_text(text.replace("reenroll_grace: 30d", "reenroll_grace: 15h"))
        self.collector.serve()
        self.context = ssl.create_default_context(cafile=self.collector.ca_file)
        self.ca = Identity.load(self.collector.ca_file, self.collector.directory / "ca.key")
        self.key = new_key()
        status, host = self.post(json.dumps({
            "token": self.collector.token()["token"], "hostname": "web1",
            "certificate_signing_request": signing_request(self.key)}), path="/api/v1/enroll")
        self.assertEqual(status, 200, host)
        self.host_id = host["host_id"]
        self.uri = f"spiffe://muster.internal/host/{self.host_id}"
        self.ended = self.issue()

    def issue(self, **wish):
        """The certificate of the host, as it would be after its end."""
        return self.ca.issue(Wish(**{"uris": [self.uri], "generation": 1, "key": self.key,
                                     "begins": days(-0.9), "ends": days(-0.5), **wish}))

    def post(self, body, address=None, content_type="application/json", path="/api/v1/reenroll"):
        """(status, the answer) from a loopback address; each has its own allowance."""
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.collector.http_port, timeout=30, context=self.context,
            source_address=(address, 0) if address else None)
        try:
            connection.request("POST", path, body, {"Content-Type": content_type})
            response = connection.getresponse()
            text = response.read()
            return response.status, json.loads(text) if text else {}
        finally:
            connection.close()

    def counts(self):
        metrics = self.collector.metrics("/metrics/self")
        return {r: metrics[f'muster_collector_reenrolments_total{{result="{r}"}}'] for r in RESULTS}

    def log_lines(self, *words):
        return [line for line in self.collector.process.text().splitlines()
                if all(word in line for word in words)]

    def test_a_host_that_slept_gets_the_next_certificate_and_the_same_again(self):
        body = body_of(self.ended)
        for _ in range(2):
            status, answer = self.post(body)
            self.assertEqual(status, 200, answer)
            certificate = x509.load_pem_x509_certificate(answer["certificate"].encode())
            subject = certificate.subject
            self.assertEqual(subject.get_attributes_for_oid(NameOID.GENERATION_QUALIFIER)[0].value, "2")
            self.assertEqual(subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value, self.host_id)
            names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            self.assertEqual([name.value for name in names], [self.uri])
        self.assertEqual(self.counts(), {**dict.fromkeys(RESULTS, 0), "renewed": 1, "repeated": 1})

    def test_of_two_copies_the_second_is_found_and_both_are_stopped(self):
        self.assertEqual(self.post(body_of(self.ended))[0], 200)
        status, answer = self.post(body_of(self.ended, machine_id_hash="thief\nlevel=info"), "127.0.1.2")
        self.assertEqual(status, 403)
        self.assertIn("quarantined", answer["error"])
        self.assertEqual(self.counts(), {**dict.fromkeys(RESULTS, 0), "renewed": 1, "clone": 1})
        lines = self.log_lines("level=error", "in use twice")
        self.assertEqual(len(lines), 1)
        for words in ("host=web1", f"host_id={self.host_id}", "peer=127.0.1.2", "other_peer=127.0.0.1",
                      "muster-collector host release web1"):
            self.assertIn(words, lines[0])
        status, answer = self.post(body_of(self.issue(generation=2, key=new_key())))
        self.assertEqual(status, 403)
        self.assertIn("quarantined", answer["error"])
        host = self.collector.get_json("/api/v1/hosts")["hosts"][0]
        self.assertEqual(host["identity"]["standing"], "STANDING_QUARANTINED")

    def test_who_proves_nothing_is_told_the_same_whatever_he_lacks(self):
        foreign = Identity.self_signed(Wish(common_name="another CA", is_ca=True))
        namesake = Identity.self_signed(Wish(
            common_name=self.ca.certificate.subject.rfc4514_string()[3:], is_ca=True))
        below = self.ca.issue(Wish(uris=[self.uri]))
        good = dict(uris=[self.uri], generation=1)
        cases = [
            ("of another CA", body_of(foreign.issue(Wish(**good)))),
            ("of a CA with our CA's name", body_of(namesake.issue(Wish(**good)))),
            ("below a host's certificate", body_of(below.issue(Wish(**good), send_issuer=True))),
            ("self-signed", body_of(Identity.self_signed(Wish(**good)))),
            ("for servers", body_of(self.issue(usages=[SERVER]))),
            ("not yet valid", body_of(self.issue(begins=days(1), ends=days(8)))),
            ("of no host", body_of(self.issue(uris=[]))),
            ("of two hosts", body_of(self.issue(uris=[self.uri, self.uri[:-1] + "0"]))),
            ("of another domain", body_of(self.issue(uris=["spiffe://other/host/" + self.host_id]))),
            ("without its key", body_of(self.ended, signer=new_key())),
            ("the CA's own, without its key", body_of(Identity(new_key(), self.ca.certificate))),
            ("no signature", body_of(self.ended, signature="")),
            ("a signature of another request", body_of(self.ended, certificate_signing_request=signing_request(
                new_key()))),
        ]
        told = set()
        for number, (what, body) in enumerate(cases):
            with self.subTest(what):
                status, answer = self.post(body, f"127.0.2.{number + 1}")
                self.assertEqual(status, 403, answer)
                told.add(answer["error"])
        self.assertEqual(len(told), 1, told)
        self.assertIn("muster-collector token create", told.pop())
        self.assertEqual(self.counts(), {**dict.fromkeys(RESULTS, 0), "refused": len(cases)})
        self.assertEqual(self.post(body_of(self.ended))[0], 200, "the host itself, last")

    def test_one_that_ended_too_long_ago_is_told_to_get_a_token(self):
        status, answer = self.post(body_of(self.issue(ends=days(-0.7))))
        self.assertEqual(status, 403)
        self.assertIn("reenroll_grace", answer["error"])
        self.assertIn("muster-agent enroll", answer["error"])
        self.assertIn("15h", answer["error"])
        self.assertEqual(self.post(body_of(self.issue(ends=days(-0.6))))[0], 200)

    def test_a_host_that_is_not_there_is_told_so_when_it_has_proved_what_it_was(self):
        status, answer = self.post(body_of(self.issue(uris=["spiffe://muster.internal/host/" + "0" * 32])))
        self.assertEqual(status, 403)
        self.assertIn("does not know this host", answer["error"])

    def test_a_body_that_is_no_request_is_refused(self):
        good = body_of(self.ended)
        huge = json.loads(good)
        cases = [
            ("no JSON", "oops", "application/json", 400),
            ("nothing", "", "application/json", 400),
            ("no object", "[]", "application/json", 400),
            ("an empty one", "{}", "application/json", 400),
            ("a form", good, "application/x-www-form-urlencoded", 400),
            ("deep", "[" * 50_000, "application/json", 400),
            ("bytes that are not text", b'{"certificate": "\xff\xfe"}', "application/json", 400),
            ("a huge certificate", json.dumps({**huge, "certificate": huge["certificate"] + "\n" * 20_000}),
             "application/json", 400),
            ("a huge signature", json.dumps({**huge, "signature": "A" * 4_000}), "application/json", 400),
            ("a huge request", body_of(self.ended, request=huge["certificate_signing_request"] + "\n" * 20_000),
             "application/json", 400),
            ("no signing request", body_of(self.ended, request="hello"), "application/json", 400),
            ("the same key again", body_of(self.ended, request=signing_request(self.key)), "application/json", 400),
            ("a signing request of another key", body_of(self.ended, request=signing_request(
                new_key(), new_key())), "application/json", 400),
            ("larger than any", "x" * 100_000, "application/json", 413),
        ]
        for number, (what, body, content_type, status) in enumerate(cases):
            with self.subTest(what):
                answer = self.post(body, f"127.0.3.{number + 1}", content_type)
                self.assertEqual(answer[0], status, answer)
        self.assertEqual(self.post(good)[0], 200)

    def test_who_tries_often_is_slowed_down_and_others_are_not(self):
        body = body_of(self.ended, signer=new_key())
        statuses = [self.post(body, "127.0.4.1")[0] for _ in range(60)]
        self.assertLess(statuses.count(403), 60)
        self.assertGreaterEqual(statuses.count(403), 20)
        self.assertEqual(statuses.count(403) + statuses.count(429), 60)
        self.assertEqual(self.counts()["throttled"], statuses.count(429))
        self.assertEqual(self.post(body_of(self.ended), "127.0.4.2")[0], 200)
        self.assertEqual(len(self.log_lines("no new certificate was given", "result=refused")), 1)
        self.assertEqual(len(self.log_lines("no new certificate was given", "result=throttled")), 1)


if __name__ == "__main__":
    unittest.main()
