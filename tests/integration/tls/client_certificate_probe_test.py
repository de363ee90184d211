#!/usr/bin/python3
"""A server that takes only clients with a certificate is looked at to the end with the one of root's
target-credentials.yml, which nothing that the probe writes has."""

import pathlib
import sys
import tempfile
import textwrap
import unittest

from probe import ROOT, look, openssl

sys.path.insert(0, str(ROOT / "tests/servers"))
import servers  # noqa: E402


class ClientCertificate(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="muster-mutual-")
        self.addCleanup(directory.cleanup)
        self.place = pathlib.Path(directory.name)
        self.place.chmod(0o755)
        for name in ("server", "client"):
            openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.file(f"{name}.key"), "-out",
                    self.file(f"{name}.pem"), "-days", "30", "-subj", f"/CN={name}", "-addext",
                    f"subjectAltName=DNS:{name}.example.org")

    def file(self, name):
        return self.place / name

    def credentials(self, network):
        path = self.file("target-credentials.yml")
        path.write_text(f"credentials:\n  - networks: [{network}]\n    kinds: [tls]\n"
                        + "    certificate: |\n" + textwrap.indent(self.file("client.pem").read_text(), " " * 6)
                        + "    key: |\n" + textwrap.indent(self.file("client.key").read_text(), " " * 6))
        path.chmod(0o600)
        return path

    def test_it_is_shown_where_root_binds_it_and_nowhere_else(self):
        # What the server trusts: the client's own certificate. It reads it inside its mounts.
        settings = f"ssl_verify_client on; ssl_client_certificate {self.file('client.pem')};"
        with servers.Server("nginx", self.file("server.pem"), self.file("server.key"), settings=settings) as server, \
                servers.Server("haproxy", self.file("server.pem"), self.file("server.key"),
                               settings=f"verify required ca-file {self.file('client.pem')}") as other:
            for each, answers in ((server, {"TLS_ANSWER_COMPLETED"}),
                                  (other, {"TLS_ANSWER_CLIENT_CERTIFICATE_WANTED"})):
                target = f"127.0.0.1:{each.port}/server.example.org"
                with self.subTest(each.name):
                    # nginx completes the handshake with anybody, and answers with an error page; HAProxy does not.
                    section, _ = look(target)
                    self.assertIn(section["facts"]["services"][0]["answer"], answers)
                    section, _ = look(target, self.credentials("192.0.2.0/24"))
                    self.assertIn(section["facts"]["services"][0]["answer"], answers)
                    section, written = look(target, self.credentials("127.0.0.0/8"))
                    self.assertEqual(section["facts"]["services"][0]["answer"], "TLS_ANSWER_COMPLETED", section)
                    key = self.file("client.key").read_text().splitlines()
                    for line in key[1:-1]:
                        self.assertNotIn(line, written)


if __name__ == "__main__":
    unittest.main()
