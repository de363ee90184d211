#!/usr/bin/python3
"""Each of the real servers, and what the probe says it is configured with: the files that it serves."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import servers
from servers_test import certificate_file

PROBE = pathlib.Path(os.environ["MUSTER_BUILD_DIRECTORY"]) / "libexec/muster/probes/muster-probe-certificates"


def facts(root):
    ran = subprocess.run([PROBE, "--root", root, "--format", "json"], capture_output=True, text=True, check=True)
    return json.loads(ran.stdout)["facts"]


class Configured(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.directory.cleanup)
        place = pathlib.Path(cls.directory.name)
        cls.main, cls.shop = (certificate_file(place, each) for each in ("localhost", "shop.example.org"))

    def uses(self, server, seen):
        return [use for use in seen.get("uses", []) if use["program"] == server.name and
                use["certificate_path"] == str(server.certificate)]

    def test_each_is_configured_with_what_it_serves(self):
        for name in servers.NAMES:
            with self.subTest(name), servers.Server(name, *self.main) as server:
                seen = facts(server.root)
                uses = self.uses(server, seen)
                self.assertTrue(uses, seen.get("unread_configurations"))
                self.assertEqual({use["key_path"] for use in uses}, {str(server.key)})
                configured_at, line = uses[0]["configured_at"].rsplit(":", 1)
                text = pathlib.Path(server.root + configured_at).read_text().splitlines()
                self.assertIn(str(server.certificate), " ".join(text[int(line) - 1:int(line) + 2]))
                files = [file for file in seen["files"] if file["path"] == str(server.certificate)]
                self.assertEqual([file["key_path"] for file in files], [str(server.key)])

    def test_names_go_with_their_certificates(self):
        for name in ("nginx", "apache2"):
            with self.subTest(name), servers.Server(name, *self.main, hosts={"shop.example.org": self.shop}) as server:
                shop = str(server.hosts["shop.example.org"][0])
                named = {use["certificate_path"]: use.get("server_names", []) for use in facts(server.root)["uses"]
                         if use["program"] == name}
                self.assertEqual(named[shop], ["shop.example.org"])
                self.assertNotIn("shop.example.org", named[str(server.certificate)])

    def test_nginx_says_the_same_of_itself(self):
        with servers.Server("nginx", *self.main, hosts={"shop.example.org": self.shop}) as server:
            dump = server.run("nginx", "-T", capture_output=True, text=True).stdout
            said = sorted(line.split()[1].rstrip(";") for line in dump.splitlines()
                          if line.split()[:1] == ["ssl_certificate"])
            self.assertEqual(sorted(use["certificate_path"] for use in facts(server.root)["uses"]
                                    if use["program"] == "nginx"), said)

    def test_postfix_says_the_same_of_itself(self):
        settings = "tls_directory = /etc/ssl\nsmtpd_tls_eccert_file = ${tls_directory}/$myhostname-ec.pem"
        with servers.Server("postfix", *self.main, settings=settings) as server:
            said = server.run("postconf", "-xh", "smtpd_tls_cert_file", "smtpd_tls_eccert_file", capture_output=True,
                              text=True).stdout.split()
            self.assertEqual(said, [str(server.certificate), "/etc/ssl/mail.example.org-ec.pem"])
            self.assertEqual([use["certificate_path"] for use in facts(server.root)["uses"]
                              if use["program"] == "postfix"], said)


if __name__ == "__main__":
    unittest.main()
