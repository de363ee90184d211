#!/usr/bin/python3
"""muster-probe-tls against the real servers of Debian: what is said before TLS on each, the chain that each shows, and
what is told where a server has no TLS or wants a certificate of ours."""

import pathlib
import sys
import tempfile
import unittest

from probe import ROOT, look, openssl

sys.path.insert(0, str(ROOT / "tests/servers"))
import servers  # noqa: E402

# By server and port: what `starttls=` says. A port that is not here speaks TLS at once.
STARTTLS = {
    "postfix": {"smtp": "smtp"},
    "dovecot": {"imap": "imap", "pop3": "pop3", "sieve": "sieve"},
    "slapd": {"ldap": "ldap"},
    "postgresql": {"postgres": "postgres"},
    "mariadb": {"mysql": "mysql"},
    "vsftpd": {"ftp": "ftp"},
    "prosody": {"xmpp": "xmpp", "xmpp-server": "xmpp-server"},
    "inn2": {"nntp": "nntp"},
    "xrdp": {"rdp": "rdp"},
    "inspircd": {"irc": "irc"},
}


class StartTls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        place = cls.place = pathlib.Path(directory.name)
        # An authority, and a leaf of it for "localhost": a chain of two that is served whole.
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", place / "ca.key", "-out", place / "ca.pem",
                "-days", "30", "-subj", "/CN=Test Authority", "-addext", "basicConstraints=critical,CA:TRUE")
        openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", place / "leaf.key",
                "-out", place / "leaf.csr", "-subj", "/CN=localhost")
        (place / "leaf.ext").write_text("subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n")
        openssl("x509", "-req", "-in", place / "leaf.csr", "-CA", place / "ca.pem", "-CAkey", place / "ca.key",
                "-CAcreateserial", "-days", "20", "-extfile", place / "leaf.ext", "-out", place / "leaf.pem")
        cls.chain, cls.key = place / "chain.pem", place / "leaf.key"
        cls.chain.write_text((place / "leaf.pem").read_text() + (place / "ca.pem").read_text())

    def facts(self, target):
        section, _ = look(target)
        self.assertEqual(section["outcome"], "OUTCOME_OBSERVED", section)
        return section["facts"]

    def test_each_server_shows_its_chain(self):
        for name, protocols in STARTTLS.items():
            with servers.Server(name, self.chain, self.key) as server:
                for speaks, port in server.ports.items():
                    word = protocols.get(speaks)
                    target = f"127.0.0.1:{port}/localhost" + (f" starttls={word}" if word else "")
                    with self.subTest(f"{name} {speaks}"):
                        facts = self.facts(target)
                        service = facts["services"][0]
                        self.assertEqual(service["answer"], "TLS_ANSWER_COMPLETED", (service, server.log()[-2000:]))
                        self.assertTrue(service["name_matches"], service)
                        self.assertEqual(facts["address"], target)
                        subjects = [each["subject"] for each in facts["chains"][0]["certificates"]]
                        self.assertEqual(subjects[0], "CN=localhost")
                        # GnuTLS leaves out what signs itself, in some servers.
                        self.assertIn(len(subjects), (1, 2))

    def test_a_server_without_tls_and_one_of_another_protocol_are_told_apart(self):
        with servers.Server("dovecot", self.chain, self.key) as server:
            imap, pop3 = server.ports["imap"], server.ports["pop3"]
            for target, answer in ((f"127.0.0.1:{pop3} starttls=imap", "TLS_ANSWER_NOT_THE_PROTOCOL"),
                                   (f"127.0.0.1:{imap} starttls=smtp", "TLS_ANSWER_NOT_THE_PROTOCOL"),
                                   (f"127.0.0.1:{imap}", "TLS_ANSWER_NOT_TLS")):
                with self.subTest(target):
                    self.assertEqual(self.facts(target)["services"][0]["answer"], answer)
        with servers.Server("postfix", self.chain, self.key, settings="smtpd_tls_security_level = none") as server:
            service = self.facts(f"127.0.0.1:{server.port} starttls=smtp")["services"][0]
            self.assertEqual(service["answer"], "TLS_ANSWER_NO_STARTTLS")
            self.assertEqual(service["detail"], "its reply to EHLO does not offer STARTTLS")

    def test_postgresql_and_mariadb_without_tls_say_so(self):
        for name, word, settings in (("postgresql", "postgres", "ssl = off"),
                                     ("mariadb", "mysql", "ssl-cert =\nssl-key =\nskip-ssl")):
            with self.subTest(name), servers.Server(name, self.chain, self.key, settings=settings) as server:
                service = self.facts(f"127.0.0.1:{server.port} starttls={word}")["services"][0]
                self.assertEqual(service["answer"], "TLS_ANSWER_NO_STARTTLS", service)

    def test_looks_at_loopback_leave_no_host_blocked_at_mariadb(self):
        # It counts connections that do not log in, but for those of loopback, and turns away who made too many.
        with servers.Server("mariadb", self.chain, self.key, settings="max_connect_errors = 3") as server:
            target = f"127.0.0.1:{server.port} starttls=mysql"
            for _ in range(5):
                self.assertEqual(self.facts(target)["services"][0]["answer"], "TLS_ANSWER_COMPLETED")


if __name__ == "__main__":
    unittest.main()
