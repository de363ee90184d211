"""What a local user may put in the way of what looks at their files, or starts it with: none of it is
followed, executed or waited for, no word of a file that is not theirs comes out, and what is good
beside it is still seen.

The user's directory is one that the site has the certificates probe search; the rest is what an
image, a working directory and an environment can hold.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import threading
import time
import unittest

from certificates import make_certificate
from muster_test import AGENT, BUILD, Agent, Collector, Scenario, run, wait_until

PROBES = BUILD / "libexec/muster/probes"
SECRET = "root:$y$j9T$muster-secret-that-must-not-come-out"
# Nothing may be held up for longer, beside what a look at a good directory takes.
LONGEST = 5.0
FORGING_NAME = b'x"} 1\nmuster_host_reporting{host="forged"} 1\n.pem'


class UserDirectory(Scenario):
    """A directory of a local user with one good certificate, and a secret outside it."""

    def setUp(self):
        super().setUp()
        self.users = self.directory / "srv/app/tls"
        self.users.mkdir(parents=True)
        make_certificate(self.users / "good.pem", "good.example.org", -1, 365)
        self.secret = self.directory / "shadow"
        self.secret.write_text(SECRET + "\n" + "-----BEGIN CERTIFICATE-----\n" + SECRET + "\n")
        self.secret.chmod(0o600)

    def look(self, paths=None, environment=None, **options):
        """The facts of a look, and what was written on stderr. Fails if it took too long."""
        start = time.monotonic()
        result = run(PROBES / "muster-probe-certificates", "--format", "json", "--set",
                     f"paths={paths or self.users}", "--set", "default_paths=false",
                     environment=environment, **options)
        took = time.monotonic() - start
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertLess(took, self.usual() + LONGEST)
        self.assertNotIn(SECRET, result.stdout + result.stderr)
        section = json.loads(result.stdout)
        self.assertEqual(section["outcome"], "OUTCOME_OBSERVED", section)
        return section["facts"]

    def usual(self):
        """What a look at nothing takes on this machine now."""
        empty = self.directory / "empty"
        empty.mkdir(exist_ok=True)
        start = time.monotonic()
        run(PROBES / "muster-probe-certificates", "--format", "json", "--set", f"paths={empty}")
        return time.monotonic() - start

    def common_names(self, facts):
        return {c["common_name"] for file in facts["files"] for c in file.get("certificates", [])}

    def assert_good_is_seen(self, facts):
        self.assertIn("good.example.org", self.common_names(facts))


class FilesTest(UserDirectory):
    def test_a_symbolic_link_to_a_secret_tells_nothing_of_it(self):
        (self.users / "link.pem").symlink_to(self.secret)
        self.assert_good_is_seen(self.look())

    def test_a_hard_link_to_a_secret_tells_nothing_of_it(self):
        os.link(self.secret, self.users / "hard.pem")
        self.assert_good_is_seen(self.look())

    def test_links_in_a_circle_end(self):
        (self.users / "a.pem").symlink_to(self.users / "b.pem")
        (self.users / "b.pem").symlink_to(self.users / "a.pem")
        (self.users / "up").symlink_to(self.users.parent)
        (self.users / "self").symlink_to(self.users)
        self.assert_good_is_seen(self.look())

    def test_a_fifo_is_not_waited_for(self):
        os.mkfifo(self.users / "fifo.pem")
        self.assert_good_is_seen(self.look())

    def test_devices_are_not_read(self):
        for device in ("zero", "full", "random", "tty", "ptmx"):
            (self.users / f"{device}.pem").symlink_to(f"/dev/{device}")
        self.assert_good_is_seen(self.look())

    def test_files_of_proc_that_never_end_or_belong_to_others_are_not_told(self):
        for name in ("kmsg", "self/mem", "self/environ", "1/environ", "self/pagemap"):
            (self.users / f"{name.replace('/', '-')}.pem").symlink_to(f"/proc/{name}")
        environment = {**os.environ, "PASSWORD": SECRET}
        self.assert_good_is_seen(self.look(environment=environment))

    def test_a_socket_is_not_connected_to(self):
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self.users / "socket.pem"))
            listener.listen()
            listener.setblocking(False)
            self.assert_good_is_seen(self.look())
            with self.assertRaises(BlockingIOError):
                listener.accept()

    def test_ten_gigabytes_are_not_read(self):
        with open(self.users / "big.pem", "wb") as file:
            file.truncate(10 << 30)
        with open(self.users / "big-with-head.pem", "wb") as file:
            file.write((self.users / "good.pem").read_bytes())
            file.truncate(10 << 30)
        self.assert_good_is_seen(self.look())

    def test_a_file_without_end_of_blocks_is_read_to_a_bound(self):
        (self.users / "many.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" * 50_000)
        (self.users / "open.pem").write_text("-----BEGIN CERTIFICATE-----\n" * 50_000)
        (self.users / "zeros.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\n" + bytes(1 << 20))
        self.assert_good_is_seen(self.look())

    def test_a_program_is_not_run(self):
        script = self.users / "script.pem"
        script.write_text(f"#!/bin/sh\ntouch {self.directory}/was-run\n")
        script.chmod(0o4755)
        self.assert_good_is_seen(self.look())
        self.assertFalse((self.directory / "was-run").exists())

    def test_a_hundred_thousand_files_are_looked_at_to_a_bound(self):
        for number in range(100_000):
            os.close(os.open(self.users / f"{number:06}.pem", os.O_CREAT | os.O_WRONLY, 0o644))
        facts = self.look()
        self.assertTrue(facts["files_omitted"] or facts["unreadable_directories"] or
                        "good.example.org" in self.common_names(facts), "what is left out is said")

    def test_a_directory_deeper_than_any_path_is_left(self):
        back = os.getcwd()
        try:
            os.chdir(self.users)
            for _ in range(1500):
                os.mkdir("deep")
                os.chdir("deep")
        finally:
            os.chdir(back)
        self.assert_good_is_seen(self.look())
        subprocess.run(["rm", "-rf", str(self.users / "deep")], check=True)

    def test_names_forge_nothing(self):
        good = (self.users / "good.pem").read_bytes()
        for name in (FORGING_NAME, b"\x1b]0;owned\x07.pem", b"\xff\xfe\xfd.pem",
                     b"back\\slash\\n.pem", b"$(touch was-run).pem", b"-rf.pem", b"\xe2\x80\xaegnp.pem",
                     b"n" * 251 + b".pem"):
            (self.users / os.fsdecode(name)).write_bytes(good)
        facts = self.look()
        self.assert_good_is_seen(facts)
        self.assertGreaterEqual(len(facts["files"]), 8)

    def test_a_directory_that_must_not_be_listed_is_said(self):
        closed = self.users / "closed"
        closed.mkdir()
        make_certificate(closed / "hidden.pem", "hidden.example.org", -1, 365)
        closed.chmod(0)
        facts = self.look()
        self.assert_good_is_seen(facts)
        said = [file["path"] for file in facts["unreadable_directories"]]
        self.assertTrue(os.geteuid() == 0 or str(closed) in said, said)
        closed.chmod(0o700)


class RacesTest(UserDirectory):
    @contextlib.contextmanager
    def meanwhile(self, change):
        """Does it again and again beside the test."""
        over = threading.Event()
        def repeat():
            while not over.is_set():
                with contextlib.suppress(OSError):
                    change()
        thread = threading.Thread(target=repeat)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def look_often(self):
        for _ in range(20):
            self.assert_good_is_seen(self.look())

    def test_a_file_that_becomes_a_fifo_a_link_and_a_file_again(self):
        good = (self.users / "good.pem").read_bytes()
        target, new = self.users / "racing.pem", self.users / ".new"
        def swap():
            for make in (lambda: os.mkfifo(new), lambda: os.symlink(self.secret, new),
                         lambda: os.symlink("/dev/zero", new), lambda: new.write_bytes(good)):
                make()
                os.rename(new, target)
        with self.meanwhile(swap):
            self.look_often()

    def test_a_directory_that_becomes_a_link_to_another(self):
        inside = self.users / "inside"
        def swap():
            inside.mkdir()
            (inside / "x.pem").write_text("x")
            shutil.rmtree(inside)
            inside.symlink_to(self.secret.parent)
            inside.unlink()
        with self.meanwhile(swap):
            self.look_often()

    def test_a_file_that_grows_and_is_cut_while_it_is_read(self):
        path = self.users / "growing.pem"
        def change():
            with open(path, "ab") as file:
                file.write(b"-----BEGIN CERTIFICATE-----\n" * 10_000)
            if path.stat().st_size > 64 << 20:
                os.truncate(path, 0)
        with self.meanwhile(change):
            self.look_often()


class ImageTest(Scenario):
    """A root that somebody else has filled, looked at with `muster-agent check --root`."""

    def setUp(self):
        super().setUp()
        self.root = self.directory / "image"
        for name in ("etc/ssl/private", "var/lib/dpkg", "var/lib/apt/lists", "etc/apt/apt.conf.d"):
            (self.root / name).mkdir(parents=True)
        (self.root / "etc/os-release").write_text('ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian"\n')
        (self.root / "var/lib/dpkg/status").write_text("")
        make_certificate(self.root / "etc/ssl/private/good.pem", "good.example.org", -1, 365)
        self.secret = self.directory / "shadow"
        self.secret.write_text(SECRET)
        start = time.monotonic()
        self.check()
        self.usual = time.monotonic() - start

    def check(self, environment=None, cwd=None):
        result = run(AGENT, "check", "--root", self.root, "--format", "json", environment=environment, cwd=cwd)
        self.assertIn(result.returncode, (0, 1, 2), result.stderr)
        self.assertNotIn(SECRET, result.stdout + result.stderr)
        return {section["probe"]: section for section in json.loads(result.stdout)["sections"]}

    def check_in_time(self, **options):
        start = time.monotonic()
        sections = self.check(**options)
        self.assertLess(time.monotonic() - start, self.usual + LONGEST)
        names = {c["common_name"] for file in sections["certificates"]["facts"]["files"]
                 for c in file.get("certificates", [])}
        self.assertIn("good.example.org", names)
        return sections

    def replace(self, name, make):
        path = self.root / name
        path.unlink(missing_ok=True)
        make(path)

    def test_links_out_of_the_image_lead_nowhere(self):
        for name in ("etc/os-release", "etc/hostname", "etc/machine-id", "etc/ssl/private/out.pem"):
            self.replace(name, lambda path: path.symlink_to(self.secret))
            self.replace(name + "-up", lambda path: path.symlink_to("../../../../../../../" + str(self.secret)))
        self.check_in_time()

    def test_fifos_in_the_place_of_what_every_system_has(self):
        for name in ("etc/os-release", "etc/hostname", "etc/machine-id", "etc/hosts", "etc/timezone",
                     "etc/apt/apt.conf.d/99fifo", "etc/apt/preferences"):
            self.replace(name, os.mkfifo)
        self.check_in_time()

    def test_a_fifo_in_the_place_of_the_package_database(self):
        self.replace("var/lib/dpkg/status", os.mkfifo)
        self.assertNotEqual(self.check_in_time()["packages-apt"]["outcome"], "OUTCOME_OBSERVED")

    def test_a_package_database_of_ten_gigabytes(self):
        with open(self.root / "var/lib/dpkg/status", "wb") as file:
            file.truncate(10 << 30)
        self.check_in_time()

    def test_files_of_ten_gigabytes_in_the_place_of_what_every_system_has(self):
        for name in ("etc/os-release", "etc/hostname", "etc/machine-id", "etc/hosts"):
            def make(path):
                with open(path, "wb") as file:
                    file.truncate(10 << 30)
            self.replace(name, make)
        self.check_in_time()

    def test_hooks_of_apt_are_not_run(self):
        marker = self.directory / "was-run"
        (self.root / "etc/apt/apt.conf.d/99hooks").write_text("".join(
            f'{hook} {{"touch {marker}";}};\n' for hook in (
                "APT::Update::Pre-Invoke", "APT::Update::Post-Invoke", "DPkg::Pre-Invoke", "DPkg::Post-Invoke",
                "DPkg::Pre-Install-Pkgs", "APT::Update::Post-Invoke-Success", "Binary::apt::APT::Update::Pre-Invoke"))
            + f'#include "{self.secret}"\nDir::Bin::dpkg "/bin/sh";\nDir::State::status "{self.secret}";\n')
        self.check_in_time()
        self.assertFalse(marker.exists())

    def test_an_environment_decides_nothing(self):
        marker = self.directory / "was-run"
        hooks = self.directory / "hooks.conf"
        hooks.write_text(f'DPkg::Pre-Invoke {{"touch {marker}";}};\nDir::State::status "{self.secret}";\n')
        before = self.check_in_time()
        hostile = {
            "PATH": str(self.directory), "HOME": str(self.directory), "TMPDIR": str(self.directory),
            "LC_ALL": "tr_TR.UTF-8", "LANG": "../../../../x", "LANGUAGE": "%s%n", "LOCPATH": str(self.directory),
            "TZ": f":{self.secret}", "TZDIR": str(self.directory), "APT_CONFIG": str(hooks),
            "OPENSSL_CONF": str(self.secret), "OPENSSL_MODULES": str(self.directory),
            "SSL_CERT_FILE": str(self.secret), "GCONV_PATH": str(self.directory), "IFS": "/",
            "MALLOC_CHECK_": "7", "NLSPATH": str(self.secret), "RES_OPTIONS": "x" * 4096,
            "GRPC_TRACE": "all", "NOTIFY_SOCKET": "/dev/zero", "LISTEN_FDS": "99", "LISTEN_PID": "1",
        }
        after = self.check_in_time(environment=hostile)
        self.assertFalse(marker.exists())
        for probe, section in before.items():
            self.assertEqual(section["outcome"], after[probe]["outcome"], probe)
            self.assertEqual(section.get("digest"), after[probe].get("digest"), probe)

    def test_a_working_directory_decides_nothing(self):
        """Nothing is read from where it happens to be started."""
        work = self.directory / "work"
        work.mkdir()
        for name in ("agent.yml", "policy.yml", "collector.yml", "openssl.cnf", "apt.conf"):
            (work / name).write_text(f"{SECRET}: [\n")
        (work / "libcrypto.so.3").write_bytes(b"\x7fELF")
        self.check_in_time(cwd=work)


class AgentTest(UserDirectory):
    """The agent as it runs: what it writes, and what it looks at."""

    def test_the_agent_reports_the_good_beside_everything_else(self):
        os.mkfifo(self.users / "fifo.pem")
        (self.users / "zero.pem").symlink_to("/dev/zero")
        (self.users / "link.pem").symlink_to(self.secret)
        shutil.copy(self.users / "good.pem", self.users / os.fsdecode(FORGING_NAME))
        collector = Collector(self).serve()
        agent = Agent(self, collector, settings=
                      f"probes:\n  certificates: {{paths: ['{self.users}'], default_paths: false}}\n")
        agent.run()
        wait_until("the certificates", lambda: "good.example.org" in json.dumps(
            collector.sections(agent.host)["certificates"]), process=agent.process)
        exposition = collector.get("/metrics")[2].decode()
        self.assertNotIn('\nmuster_host_reporting{host="forged"}', exposition)
        self.assertNotIn(SECRET, exposition + json.dumps(collector.sections(agent.host)) + agent.process.text())

    def test_what_is_written_replaces_a_link_and_not_what_it_leads_to(self):
        victim = self.directory / "victim"
        victim.write_text("untouched")
        collector = Collector(self).serve()
        agent = Agent(self, collector)
        for name in ("status.json", "status.json.tmp", "identity.next.pem"):
            (agent.directory / name).unlink(missing_ok=True)
            (agent.directory / name).symlink_to(victim)
        agent.run()
        wait_until("a report", lambda: "reporting" in agent.process.text(), process=agent.process)
        wait_until("a status", lambda: not (agent.directory / "status.json").is_symlink(), process=agent.process)
        self.assertEqual(victim.read_text(), "untouched")

    def test_an_enrolment_into_a_prepared_directory_follows_no_link(self):
        victim = self.directory / "victim"
        victim.write_text("untouched")
        collector = Collector(self).serve()
        prepared = self.directory / "prepared"
        prepared.mkdir()
        for name in ("identity.pem", "ca.pem", "agent.yml", "identity.pem.tmp"):
            (prepared / name).symlink_to(victim)
        token = collector.token()
        Agent.enroll(self, collector.url, token["token"], token["ca_sha256"], prepared)
        self.assertEqual(victim.read_text(), "untouched")

    def test_nothing_is_written_where_everybody_may_write(self):
        """No name in /tmp to guess: neither process makes any."""
        shared = self.directory / "shared"
        shared.mkdir()
        environment = {**os.environ, "TMPDIR": str(shared)}
        collector = Collector(self).serve()
        agent = Agent(self, collector)
        agent.run(environment=environment)
        wait_until("a report", lambda: "reporting" in agent.process.text(), process=agent.process)
        self.assertEqual(list(shared.iterdir()), [])


class OtherUserTest(Scenario):
    """What another user of the machine may do with the files of a collector and an agent: nothing. As
    root this is tried as nobody; as anybody else, who cannot be two, only the modes are looked at."""

    NOBODY = 65534

    def setUp(self):
        super().setUp()
        self.directory.chmod(0o755)
        self.collector = Collector(self).serve()
        self.agent = Agent(self, self.collector)
        self.agent.run()
        wait_until("a report", lambda: "reporting" in self.agent.process.text(), process=self.agent.process)

    def assert_closed(self, path, action):
        """`action`: Python that does it to PATH; it must end with PermissionError for another user."""
        self.assertTrue(path.exists(), path)
        above = [path, *path.relative_to(self.directory).parents]
        modes = [(self.directory / part).stat().st_mode for part in above[1:-1]] + [path.stat().st_mode]
        self.assertTrue(any(mode & 0o007 == 0 for mode in modes), f"{path} is open to everybody")
        if os.geteuid() == 0:
            script = f"import socket, fcntl, os\nPATH = {str(path)!r}\n{action}\n"
            result = subprocess.run(["/usr/bin/python3", "-c", script], user=self.NOBODY, group=self.NOBODY,
                                    extra_groups=[], capture_output=True, text=True, cwd="/", check=False)
            self.assertIn("PermissionError", result.stderr, f"{path}: {result.stdout}")

    def test_reads_no_key_and_no_store(self):
        for path in (self.collector.directory / "ca.key", self.collector.directory / "server.key",
                     self.agent.directory / "identity.pem", *self.collector.directory.glob("*.db"),
                     *self.collector.directory.glob("*.sqlite")):
            with self.subTest(path.name):
                self.assert_closed(path, "open(PATH).read()")

    def test_does_not_speak_to_the_collectors_administration(self):
        sockets = [path for path in self.collector.directory.rglob("*") if path.is_socket()]
        self.assertTrue(sockets)
        for path in sockets:
            self.assert_closed(path, "socket.socket(socket.AF_UNIX).connect(PATH)")

    def test_writes_nothing_into_either_directory(self):
        for directory in (self.collector.directory, self.agent.directory, self.agent.directory / "outbox"):
            with self.subTest(directory.name):
                self.assert_closed(directory, "open(PATH + '/planted', 'w')")

    def test_holds_no_lock_that_would_keep_either_from_starting(self):
        locks = [self.agent.directory / "lock", *self.collector.directory.glob("*.lock")]
        for path in locks:
            with self.subTest(path.name):
                self.assert_closed(path, "fcntl.flock(open(PATH), fcntl.LOCK_SH)")

    def test_reads_nothing_of_what_was_seen(self):
        self.assert_closed(self.agent.directory / "status.json", "open(PATH).read()")


if __name__ == "__main__":
    unittest.main()
