#!/usr/bin/python3
"""Real servers, looked at as they listen: each is named by its program, with the chain that it serves, also when another
lies on disk already. By the probes as by hand: what one prints the next reads."""

import hashlib
import json
import os
import pathlib
import ssl
import subprocess
import tempfile
import unittest

import servers

PROBES = pathlib.Path(os.environ["MUSTER_BUILD_DIRECTORY"]) / "libexec/muster/probes"


def certificate_file(directory, name, file):
    certificate, key = directory / f"{file}.pem", directory / f"{file}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                    "-days", "30", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"],
                   check=True, capture_output=True)
    return certificate, key


def fingerprint(path):
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pathlib.Path(path).read_text())).hexdigest()


def look():
    """The listeners by port, and the chains."""
    sockets = subprocess.run([PROBES / "muster-probe-sockets", "--format", "protobuf"], check=True,
                             capture_output=True).stdout
    ran = subprocess.run([PROBES / "muster-probe-listeners", "--format", "json"], input=sockets, check=True,
                         capture_output=True, timeout=200)
    section = json.loads(ran.stdout)
    if section["outcome"] != "OUTCOME_OBSERVED":
        raise AssertionError(section["reason"])
    facts = section["facts"]
    return {listener["port"]: listener for listener in facts["listeners"]}, facts["chains"]


class RealServers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        path = pathlib.Path(cls.directory.name)
        cls.old = certificate_file(path, "shop.example.org", "old")
        cls.new = certificate_file(path, "shop.example.org", "new")

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    def serves(self, port, program, starttls, certificate):
        listeners, chains = look()
        listener = listeners[port]
        self.assertEqual(listener["state"], "LISTENER_STATE_TLS", listener)
        self.assertEqual(listener["owner"]["program"], program)
        self.assertEqual(listener["starttls"], starttls)
        self.assertEqual(listener["names_not_asked"], [])
        names = [service["server_name"] for service in listener["services"]]
        self.assertEqual(names, ["", "shop.example.org"])
        for service in listener["services"]:
            self.assertEqual(service["answer"], "TLS_ANSWER_COMPLETED")
            self.assertEqual(service["versions_not_asked"], [])
            self.assertEqual(chains[service["chain"] - 1]["certificates"][0]["sha256"], fingerprint(certificate))
        self.assertTrue(listener["services"][1]["name_matches"])

    def test_nginx_that_was_not_reloaded_serves_the_old_certificate(self):
        with servers.Server("nginx", certificate=self.old[0], key=self.old[1]) as server:
            self.serves(server.ports["tls"], "nginx", "START_TLS_UNSPECIFIED", self.old[0])
            server.renew(*self.new)
            self.serves(server.ports["tls"], "nginx", "START_TLS_UNSPECIFIED", self.old[0])
            server.restart()
            self.serves(server.ports["tls"], "nginx", "START_TLS_UNSPECIFIED", self.new[0])

    def test_postfix_is_known_by_its_program_at_any_port(self):
        with servers.Server("postfix", certificate=self.old[0], key=self.old[1]) as server:
            self.serves(server.ports["smtp"], "master", "START_TLS_SMTP", self.old[0])

    def test_postgresql_is_known_by_its_program_at_any_port(self):
        with servers.Server("postgresql", certificate=self.old[0], key=self.old[1]) as server:
            self.serves(server.ports["postgres"], "postgres", "START_TLS_POSTGRES", self.old[0])

    def test_tls_at_once_is_found_where_the_program_usually_begins_it_later(self):
        for name, program in (("postfix", "master"), ("slapd", "slapd")):
            with self.subTest(name), servers.Server(name, certificate=self.old[0], key=self.old[1]) as server:
                self.serves(server.ports["tls"], program, "START_TLS_UNSPECIFIED", self.old[0])

    def test_dovecot_says_which_protocol_it_speaks(self):
        with servers.Server("dovecot", certificate=self.old[0], key=self.old[1]) as server:
            self.serves(server.ports["imap"], "dovecot", "START_TLS_IMAP", self.old[0])
            self.serves(server.ports["tls"], "dovecot", "START_TLS_UNSPECIFIED", self.old[0])


if __name__ == "__main__":
    unittest.main()
