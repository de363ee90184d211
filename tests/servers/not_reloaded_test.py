#!/usr/bin/python3
"""A certificate is renewed on disk and the server is not told: `muster-agent check` finds it at each of the real servers
that keep what they read when they were started, and says whose socket it is and which file is newer. Those that read
it anew for each connection have no such trouble, which is shown as well."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import servers

AGENT = pathlib.Path(os.environ["MUSTER_BUILD_DIRECTORY"]) / "bin/muster-agent"
POLICY = """controls:
  - {id: listener-serves-disk, title: What is renewed is served, rule: served_is_on_disk}
"""
# The process that has the socket, where it is not called like the server.
PROCESSES = {"postfix": "master", "postgresql": "postgres", "mariadb": "mariadbd", "prosody": "lua5.4", "inn2": "nnrpd"}
# Each connection is a process of its own that reads the file.
READ_ANEW = {"xrdp", "inn2"}
# As everywhere, on a network of its own. (Dovecot's own configuration has one at Sieve's already.)
PORTS = {"smtp": 25, "imap": 143, "pop3": 110, "ldap": 389, "postgres": 5432, "mysql": 3306, "ftp": 21,
         "xmpp": 5222, "xmpp-server": 5269, "nntp": 119, "rdp": 3389, "irc": 6667}
TLS_PORTS = {"postfix": 465, "dovecot": 993, "slapd": 636, "prosody": 5223, "inspircd": 6697}


class NotReloaded(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.directory.cleanup)
        cls.place = pathlib.Path(cls.directory.name)
        cls.place.chmod(0o755)
        (cls.place / "policy.yml").write_text(POLICY)
        cls.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "30",
                    "-subj", "/CN=Example CA")
        # The one that is served ends in three days; each has its key.
        cls.old, cls.new = (cls.issue(name, days) for name, days in (("old", 3), ("new", 90)))

    @classmethod
    def openssl(cls, *arguments):
        subprocess.run(["openssl", *arguments], cwd=cls.place, check=True, capture_output=True)

    @classmethod
    def issue(cls, name, days):
        cls.openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj",
                    "/CN=localhost")
        (cls.place / "names").write_text("subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n")
        cls.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days",
                    str(days), "-extfile", "names", "-out", f"{name}.leaf")
        chain = cls.place / f"{name}.pem"
        chain.write_text((cls.place / f"{name}.leaf").read_text() + (cls.place / "ca.pem").read_text())
        return chain, cls.place / f"{name}.key"

    def verdict(self, server):
        # Among its processes, in its mounts, on its network: as if that were the whole host.
        ran = subprocess.run(["nsenter", "--target", str(server.pid), "--mount", "--net", "--pid", AGENT, "check", "--policy",
                              self.place / "policy.yml", "--format", "json"], capture_output=True, text=True, check=False)
        verdicts = json.loads(ran.stdout)["verdicts"]
        self.assertEqual(len(verdicts), 1, ran.stderr)
        return verdicts[0]

    def assert_all_is_loaded(self, server):
        verdict = self.verdict(server)
        self.assertEqual(verdict["status"], "STATUS_PASS", verdict)

    def test_what_is_renewed_and_not_loaded_is_found_at_each(self):
        for name in servers.NAMES:
            wished = servers.Server(name, *self.old, own_network=True, place="/etc/ssl/private")
            wished.ports = {speaks: TLS_PORTS.get(name, 443) if speaks == "tls" else PORTS.get(speaks, port)
                            for speaks, port in wished.ports.items()}
            with self.subTest(name), wished as server:
                self.assert_all_is_loaded(server)
                server.renew(*self.new)
                if name in READ_ANEW:
                    self.assert_all_is_loaded(server)
                    continue
                verdict = self.verdict(server)
                self.assertEqual(verdict["status"], "STATUS_FAIL", verdict)
                found = {subject["subject"]: subject["reason"] for subject in verdict["subjects"]
                         if subject["status"] == "STATUS_FAIL"}
                # Some have listeners of their own configuration besides.
                self.assertGreaterEqual({int(subject.partition("/")[0].rpartition(":")[2]) for subject in found},
                                        set(server.ports.values()), verdict)
                for reason in found.values():
                    self.assertIn(f"{server.inside(server.certificate)} renewed ", reason)
                    self.assertIn(f"{PROCESSES.get(name, name)} still serves the old one, which ends in 2 days", reason)
                server.restart()
                self.assert_all_is_loaded(server)


if __name__ == "__main__":
    unittest.main()
