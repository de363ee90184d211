"""nginx as the service of a real systemd: what was renewed on its disk and not loaded is told with the unit to reload,
and a library that was replaced below it with the unit to restart. In a Debian 12 of its own (machine.py).

MUSTER_BUILD_DIRECTORY is a build; MUSTER_ROOT_CACHE is where the Debian is kept: beside it, unless set."""

import json
import os
import pathlib
import shutil
import signal
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from debian_root import cached_root, packages_of, programs_of, run  # noqa: E402
from machine import Machine  # noqa: E402

BUILD = pathlib.Path(os.environ["MUSTER_BUILD_DIRECTORY"]).resolve()
CACHE = pathlib.Path(os.environ.get("MUSTER_ROOT_CACHE", BUILD.parent / "debian-roots"))
POLICY = """controls:
  - {id: served, title: What is renewed is served, rule: served_is_on_disk}
  - {id: restarted, title: What is replaced is restarted, rule: services_restarted}
"""
SITE = """server {
  listen 127.0.0.1:443 ssl;
  server_name shop.example.org;
  ssl_certificate /etc/ssl/shop.pem;
  ssl_certificate_key /etc/ssl/private/shop.key;
}
"""


class RenewedTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.machine = Machine(cached_root(CACHE, packages_of(programs_of(BUILD))), CACHE)
        cls.addClassCleanup(cls.machine.end)
        root = cls.machine.root
        shutil.copy2(BUILD / "bin/muster-agent", root / "usr/bin")
        shutil.copytree(BUILD / "libexec/muster", root / "usr/libexec/muster", ignore=shutil.ignore_patterns("*_test"))
        (root / "etc/policy.yml").write_text(POLICY)
        (root / "etc/nginx/sites-enabled/default").unlink()
        (root / "etc/nginx/sites-enabled/shop").write_text(SITE)
        cls.issue(3)
        cls.machine.boot()

    @classmethod
    def issue(cls, days):
        """Renews what nginx is configured with."""
        etc = cls.machine.root / "etc/ssl"
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days", days, "-subj", "/CN=shop.example.org", "-addext", "subjectAltName=DNS:shop.example.org",
            "-keyout", etc / "private/shop.key", "-out", etc / "shop.pem")

    def setUp(self):
        self.machine.run("systemctl", "restart", "nginx")

    def verdict(self, control):
        """Its status, and the reason of each subject that fails."""
        _, text = self.machine.try_run("muster-agent", "check", "--policy", "/etc/policy.yml", "--format", "json")
        found = {verdict["control"]: verdict for verdict in json.loads(text[text.index("{"):])["verdicts"]}[control]
        return found["status"], {subject["subject"]: subject["reason"] for subject in found.get("subjects", [])
                                 if subject["status"] == "STATUS_FAIL"}, found

    def assert_passes(self, control):
        status, _, found = self.verdict(control)
        self.assertEqual(status, "STATUS_PASS", found)

    def test_what_is_renewed_and_not_loaded_is_told_with_the_unit_to_reload(self):
        self.assert_passes("served")
        self.issue(90)
        status, reasons, found = self.verdict("served")
        self.assertEqual(status, "STATUS_FAIL", found)
        self.assertTrue(any(":443" in subject for subject in reasons), found)
        for reason in reasons.values():
            self.assertRegex(reason, r"^/etc/ssl/shop\.pem renewed .* ago, nginx still serves the old one, "
                                     r"which ends in 2 days: reload nginx\.service$")
        self.machine.run("systemctl", "reload", "nginx")
        self.machine.until("the new one to be served", lambda: self.verdict("served")[0] == "STATUS_PASS")

    def test_what_was_replaced_below_it_is_told_with_the_unit_to_restart(self):
        self.assert_passes("restarted")
        process = self.machine.main_process("nginx")
        maps = self.machine.run("cat", f"/proc/{process}/maps")
        library = next(line.split()[-1] for line in maps.splitlines() if "/libpcre2-8.so" in line)
        path = self.machine.root / library.lstrip("/")
        shutil.copy2(path, f"{path}.new")
        os.rename(f"{path}.new", path)
        status, reasons, found = self.verdict("restarted")
        self.assertEqual(status, "STATUS_FAIL", found)
        self.assertIn("nginx.service", reasons)
        self.assertIn(f"runs a replaced {os.path.basename(library)}", reasons["nginx.service"])
        self.machine.run("systemctl", "restart", "nginx")
        self.assertNotIn("nginx.service", self.verdict("restarted")[1])


if __name__ == "__main__":
    # Also when it is told to end, the machine is.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    unittest.main()
