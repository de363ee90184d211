#!/usr/bin/python3
"""TLS endpoints through a real HTTP proxy, Debian's tinyproxy, as root names it in targets.allow."""

import base64
import contextlib
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from probe import ROOT, look_by_rules, openssl

sys.path.insert(0, str(ROOT / "tests/servers"))
import servers  # noqa: E402

TINYPROXY = pathlib.Path(os.environ.get("MUSTER_TINYPROXY", ROOT / "build/tinyproxy")) / "usr/bin/tinyproxy"
USER, PASSWORD = "audit-3f", "hunter2-77c1"


class Proxy(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="muster-proxy-")
        self.addCleanup(directory.cleanup)
        self.place = pathlib.Path(directory.name)
        self.place.chmod(0o755)
        self.pair = self.place / "a.pem", self.place / "a.key"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.pair[1], "-out", self.pair[0], "-days",
                "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")

    def start(self, connect_ports, settings=""):
        """tinyproxy's port, and the file of its log."""
        port, = servers.free_ports("127.0.0.1", 1)
        configuration, log = self.place / "tinyproxy.conf", self.place / "tinyproxy.log"
        configuration.write_text(f"Port {port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 20\nLogFile \"{log}\"\n"
                                 "LogLevel Connect\n"
                                 + "".join(f"ConnectPort {each}\n" for each in connect_ports) + settings)
        process = subprocess.Popen([TINYPROXY, "-d", "-c", configuration], stdout=subprocess.DEVNULL)
        self.addCleanup(lambda: (process.terminate(), process.wait()))
        end = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < end:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5):
                return port, log
            time.sleep(0.05)
        self.fail(f"tinyproxy does not run: {process.poll()}")

    @staticmethod
    def rules(target_port, proxy_port):
        return (f"allow {{ names: 'localhost' ports: {target_port} kinds: 'tls' proxy: '127.0.0.1:{proxy_port}' }}")

    def test_a_name_is_reached_through_it(self):
        with servers.Server("nginx", *self.pair) as web, servers.Server("postfix", *self.pair) as mail:
            port, log = self.start([web.port, mail.port])
            for each, words in ((web, ""), (mail, " starttls=smtp")):
                with self.subTest(each.name):
                    section, facts = look_by_rules(self.rules(each.port, port), f"localhost:{each.port}{words}")
                    self.assertIn("answer: TLS_ANSWER_COMPLETED", facts, section)
                    self.assertIn(f'address: "localhost:{each.port}"', facts)
                    self.assertIn('subject: "CN=localhost"', facts)
                    self.assertIn("name_matches: true", facts)
                    self.assertIn(f"localhost:{each.port}", log.read_text(errors="replace"))

    def test_what_it_says_is_told(self):
        with servers.Server("nginx", *self.pair) as web:
            port, _ = self.start([1])
            section, facts = look_by_rules(self.rules(web.port, port), f"localhost:{web.port}")
            self.assertIn("answer: TLS_ANSWER_PROXY_REFUSED", facts, section)
            self.assertIn("403 Access violation", facts)

    def test_it_gets_roots_credentials_for_proxies_and_nobody_reads_them(self):
        credentials = self.place / "target-credentials.yml"
        with servers.Server("nginx", *self.pair) as web:
            port, _ = self.start([web.port], f"BasicAuth {USER} {PASSWORD}\n")
            for kind, answer in (("tls", "TLS_ANSWER_PROXY_REFUSED"), ("proxy", "TLS_ANSWER_COMPLETED")):
                credentials.write_text(f"credentials:\n  - {{networks: [127.0.0.0/8], kinds: [{kind}], "
                                       f"username: {USER}, password: {PASSWORD}}}\n")
                credentials.chmod(0o600)
                section, facts = look_by_rules(self.rules(web.port, port), f"localhost:{web.port}", credentials)
                self.assertIn(f"answer: {answer}", facts, section)
                basic = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
                for secret in (USER, PASSWORD, basic):
                    self.assertNotIn(secret, section + facts)

    def test_one_that_is_not_there_is_no_word_about_the_target(self):
        section, facts = look_by_rules(self.rules(443, 1), "localhost:443")
        self.assertEqual(facts, "")
        self.assertIn("OUTCOME_FAILED", section)
        self.assertIn("the proxy 127.0.0.1:1 refuses connections", section)


if __name__ == "__main__":
    unittest.main()
