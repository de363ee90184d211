"""`muster-agent check` on fake roots: its exit status, and a table for any terminal."""

import json
import os
import pty
import re
import socket
import subprocess
import unittest

from certificates import make_certificate
from muster_test import AGENT, BUILD, Scenario, run

STATUS_PASS, STATUS_FAIL, STATUS_UNKNOWN, STATUS_USAGE = 0, 1, 2, 64

# What the roots below have. By the built-in policy nothing passes that has no package manager.
POLICY = """controls:
  - {id: certificate-valid, title: Certificates are valid, rule: certificate_not_expired}
  - {id: certificate-renewal, title: Certificates are renewed in time, rule: certificate_renewal}
  - {id: system-supported, title: The system is supported, rule: system_supported}
  - {id: services-restarted, title: Services run what is installed, rule: services_restarted}
  - {id: host-reporting, title: Host reports to the collector, rule: host_reporting}
"""


class CheckTest(Scenario):
    def setUp(self):
        super().setUp()
        self.policy = self.directory / "policy.yml"
        self.policy.write_text(POLICY)

    def check(self, root, *options):
        return run(AGENT, "check", "--policy", self.policy, "--root", root, *options)

    def root(self, name):
        """A root with an identity and nothing else to judge."""
        root = self.directory / name
        (root / "etc/ssl/private").mkdir(parents=True, exist_ok=True)
        (root / "etc/os-release").write_text('ID=example\nVERSION_ID="12"\nPRETTY_NAME="Example 12"\n'
                                            'SUPPORT_END=2199-12-31\n')
        (root / "etc/hostname").write_text("web1\n")
        (root / "etc/machine-id").write_text("0123456789abcdef0123456789abcdef\n")
        return root

    def passing(self):
        root = self.root("passing")
        make_certificate(root / "etc/ssl/private/www.pem", "www.example.org", -1, 365)
        return root

    def failing(self):
        root = self.root("failing")
        make_certificate(root / "etc/ssl/private/www.pem", "w" * 64, -90, -1)
        return root

    def unknown(self):
        """A certificate that nobody can read."""
        root = self.root("unknown")
        (root / "etc/ssl/private/www.pem").write_text(
            "-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n")
        return root

    def environment(self, **more):
        return {"PATH": os.environ["PATH"], "TERM": "xterm-256color", **more}

    def on_terminal(self, root, **environment):
        """What `check` writes to a terminal."""
        ours, theirs = pty.openpty()
        process = self.start_on(theirs, root, self.environment(**environment))
        os.close(theirs)
        output = b""
        while True:
            try:
                data = os.read(ours, 65536)
            except OSError:  # EIO: the other end is closed
                break
            if not data:
                break
            output += data
        os.close(ours)
        process.wait()
        return output.decode()

    @staticmethod
    def start_on(terminal, root, environment):
        return subprocess.Popen([str(AGENT), "check", "--root", str(root)], stdin=subprocess.DEVNULL,
                                stdout=terminal, stderr=subprocess.DEVNULL, env=environment)

    def test_the_exit_status_tells_pass_fail_and_unknown_apart(self):
        for root, status in ((self.passing(), STATUS_PASS), (self.failing(), STATUS_FAIL),
                             (self.unknown(), STATUS_UNKNOWN)):
            for form in ("table", "json", "prometheus"):
                with self.subTest(root=root.name, form=form):
                    result = self.check(root, "--format", form)
                    self.assertEqual(result.returncode, status, result.stdout + result.stderr)

    def test_a_system_with_a_package_manager_that_is_not_known_is_unknown(self):
        result = run(AGENT, "check", "--root", self.passing())
        self.assertEqual(result.returncode, STATUS_UNKNOWN, result.stdout + result.stderr)
        self.assertRegex(result.stdout, r"(?m)^\S+ unknown +Security updates are in ")
        self.assertIn("it is none of apk, apt, rpm", " ".join(result.stdout.split()))

    def install(self):
        """Where this build is installed, for this test."""
        prefix = self.directory / "installed"
        self.run_good("cmake", "--install", BUILD, "--prefix", prefix)
        return prefix

    def test_an_installed_agent_finds_its_probes(self):
        result = run(self.install() / "bin/muster-agent", "check", "--policy", self.policy,
                     "--root", self.passing())
        self.assertEqual(result.returncode, STATUS_PASS, result.stdout + result.stderr)

    def check_without_rights(self, *options):
        """`check` of an installed agent, by a user that may read what everybody may."""
        # Where others may enter: neither a temporary directory nor every build directory is.
        self.directory.chmod(0o755)
        prefix = []
        if os.geteuid() == 0:
            prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        return run(*prefix, self.install() / "bin/muster-agent", "check", *options)

    def test_without_rights_it_says_what_it_could_not_see(self):
        root = self.passing()
        private = root / "etc/ssl/private"
        private.chmod(0o000)
        self.addCleanup(private.chmod, 0o700)
        result = self.check_without_rights("--root", root)
        self.assertEqual((result.returncode, result.stderr), (STATUS_UNKNOWN, ""), result.stdout)
        self.assertIn("Could not read /etc/ssl/private. Run it as root to see these too.", result.stdout)
        # Not seen is neither good nor absent.
        for control in ("Certificates are valid", "Certificates are renewed in time"):
            self.assertRegex(result.stdout, rf"(?m)^\S+ unknown +{control} ")

    def test_without_rights_this_machine_never_passes(self):
        result = self.check_without_rights()
        # Some control may fail here, which counts for more.
        self.assertIn(result.returncode, (STATUS_FAIL, STATUS_UNKNOWN), result.stdout + result.stderr)
        self.assertIn("Could not read /", result.stdout)
        self.assertEqual(result.stderr, "")

    def test_the_agent_brings_its_own_grpc(self):
        needed = self.run_good("ldd", AGENT)
        self.assertIn("libssl", needed)
        self.assertNotRegex(needed, "libgrpc|libprotobuf|libabsl|libgpr|not found")

    def test_a_wrong_command_line_is_64(self):
        for arguments in (["check", "--format", "xml"], ["check", "--nonsense"], ["nonsense"]):
            with self.subTest(arguments):
                result = run(AGENT, *arguments)
                self.assertEqual(result.returncode, STATUS_USAGE, result.stdout + result.stderr)
                self.assertTrue(result.stderr)

    def test_the_table_fits_80_columns_and_has_no_escapes_in_a_pipe(self):
        for root in (self.passing(), self.failing(), self.unknown()):
            with self.subTest(root.name):
                result = run(AGENT, "check", "--root", root, environment=self.environment())
                self.assertNotIn("\x1b", result.stdout)
                self.assertEqual([l for l in result.stdout.splitlines() if len(l) > 80], [])

    def test_a_terminal_gets_colour_unless_no_color_is_set(self):
        root = self.failing()
        colourful = self.on_terminal(root)
        self.assertIn("\x1b[", colourful)
        plain = self.on_terminal(root, NO_COLOR="1")
        self.assertNotIn("\x1b", plain)
        self.assertNotIn("\x1b", self.on_terminal(root, TERM="dumb"))
        # The words carry the meaning; the colour only repeats it. Each tells when it looked.
        def words(text):
            return re.sub(r"\x1b\[[0-9;]*m|\d\d:\d\d:\d\dZ", "", text).split()
        self.assertEqual(words(colourful), words(plain))
        self.assertIn("fail", plain.lower())

    def test_output_that_cannot_be_written_is_an_error(self):
        for form in ("table", "json", "prometheus"):
            with self.subTest(form), open("/dev/full", "w", encoding="ascii") as full:
                result = subprocess.run([str(AGENT), "check", "--policy", str(self.policy), "--root",
                                         str(self.passing()), "--format", form],
                                        stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE,
                                        text=True, check=False)
                self.assertEqual(result.returncode, 74)
                self.assertIn("No space left on device", result.stderr)

    def test_a_root_that_is_not_mounted_is_unknown(self):
        empty = self.directory / "empty"
        empty.mkdir()
        result = run(AGENT, "check", "--root", empty)
        self.assertEqual(result.returncode, STATUS_UNKNOWN, result.stdout + result.stderr)
        self.assertIn("is it mounted?", result.stdout)

    def test_json_is_json_and_prometheus_is_what_promtool_accepts(self):
        root = self.failing()
        verdicts = json.loads(run(AGENT, "check", "--root", root, "--format", "json").stdout)["verdicts"]
        self.assertIn(("certificate-valid", "STATUS_FAIL"),
                      [(v["control"], v["status"]) for v in verdicts])
        text = run(AGENT, "check", "--root", root, "--format", "prometheus").stdout
        result = subprocess.run(["promtool", "check", "metrics"], input=text, text=True,
                                capture_output=True, check=False)
        self.assertEqual((result.returncode, result.stdout + result.stderr), (0, ""))


class CheckTargetsTest(Scenario):
    """`check --targets` looks by hand wherever the list leads, with nothing but the list."""

    def setUp(self):
        super().setUp()
        self.open = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.open.close)
        # Bound and not listening: nobody else gets it, and it refuses.
        self.shut = socket.socket()
        self.shut.bind(("127.0.0.1", 0))
        self.addCleanup(self.shut.close)

    def check(self, **targets):
        """By name, each at the port of a socket."""
        path = self.directory / "web.yml"
        path.write_text(json.dumps({"defaults": {"kind": "tcp"}, "targets": [
            {"name": name, "address": f"127.0.0.1:{at.getsockname()[1]}"} for name, at in targets.items()]}))
        return run(AGENT, "check", "--targets", path)

    def test_its_exit_status_and_table_tell_who_answers(self):
        result = self.check(up=self.open)
        self.assertEqual(result.returncode, STATUS_PASS, result.stdout + result.stderr)
        self.assertRegex(result.stdout, r"(?m)^up +tcp +127\.0\.0\.1:\d+ +connected +[\d.]+ ms$")
        result = self.check(up=self.open, down=self.shut)
        self.assertEqual(result.returncode, STATUS_FAIL)
        self.assertRegex(result.stdout, r"(?s)^TARGET +KIND +ADDRESS +RESULT +TIME\ndown .* refused\nup .* connected")
        self.assertIn("\n1 of 2 answer\n", result.stdout)

    def test_it_takes_several_lists_and_globs(self):
        lists = self.directory / "targets.d"
        lists.mkdir()
        for name, at in (("up", self.open), ("down", self.shut)):
            (lists / f"{name}.yml").write_text(
                f"targets: [{{name: {name}, kind: tcp, address: '127.0.0.1:{at.getsockname()[1]}'}}]\n")
        # As the shell writes a glob, as it is left to the program, and as it is said twice.
        for files in ([lists / "up.yml", lists / "down.yml"], [lists / "*.yml"],
                      [lists / "up.yml", "--targets", lists / "*.yml"]):
            with self.subTest(files):
                result = run(AGENT, "check", "--targets", *files)
                self.assertEqual(result.returncode, STATUS_FAIL, result.stdout + result.stderr)
                self.assertIn("\n1 of 2 answer\n", result.stdout)

    def test_a_list_without_a_target_is_a_mistake(self):
        path = self.directory / "empty.yml"
        path.write_text("targets: []\n")
        for files, says in (([path], f"{path}: there is no target to look at"),
                            ([path, path], f"{path}: there is no target to look at"),
                            ([self.directory / "*.none"], f"no file is there: {self.directory}/*.none"),
                            ([path, self.directory / "*.none"], f"no file is there: {self.directory}/*.none")):
            with self.subTest(files):
                result = run(AGENT, "check", "--targets", *files)
                self.assertEqual((result.returncode, result.stdout), (STATUS_USAGE, ""))
                self.assertIn(says, result.stderr)

    def test_a_list_that_is_wrong_is_a_mistake(self):
        path = self.directory / "wrong.yml"
        path.write_text("targets:\n  - {kind: tpc, address: 'a:1'}\n")
        result = run(AGENT, "check", "--targets", path)
        self.assertEqual(result.returncode, STATUS_USAGE)
        self.assertIn("wrong.yml:2:", result.stderr)
        self.assertEqual(run(AGENT, "check", "--targets", path, "--root", "/mnt").returncode, STATUS_USAGE)


if __name__ == "__main__":
    unittest.main()
