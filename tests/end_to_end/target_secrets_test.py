"""That credentials for targets are nowhere but in root's file: while an agent looks at targets, nothing that
other users of the host, its operators or its collector can see has them, and no core dump would.

In mounts of its own, where /etc/muster is the test's.
"""

import os
import pathlib
import re
import socket
import ssl
import subprocess
import textwrap
import threading
import unittest

import own_world
from look_oracle import LookOracle
from muster_test import Agent, Collector, Scenario, wait_until, with_descendants

USER, PASSWORD = "audit-7c1d", "hunter2-9e4b"
FILE = "muster/target-credentials.yml"
RUNS = 5


def certificate_and_key(directory):
    """PEM of a client certificate and its key."""
    certificate, key = directory / "client.pem", directory / "client.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                    "-days", "30", "-subj", "/CN=audit"], check=True, capture_output=True)
    texts = certificate.read_text(), key.read_text()
    certificate.unlink()
    key.unlink()
    return texts


class MutualServer:
    """A TLS server that takes only those with that client certificate, and counts them."""

    def __init__(self, directory, certificate, key):
        trusted, pair = directory / "trusted.pem", directory / "server.pem"
        trusted.write_text(certificate)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", pair, "-out", pair,
                        "-days", "30", "-subj", "/CN=server"], check=True, capture_output=True)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(pair)
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._context.load_verify_locations(trusted)
        self._listener = socket.create_server(("127.16.9.9", 0))
        self.port = self._listener.getsockname()[1]
        self.let_in = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.settimeout(60)
            try:
                with self._context.wrap_socket(connection, server_side=True):
                    self.let_in += 1
            except OSError:
                pass  # one without it, or that asks for a version


def read(path):
    try:
        return path.read_bytes().decode(errors="replace")
    except OSError:
        return ""  # it has ended


def targets_of(directory):
    """Where its links lead."""
    found = []
    try:
        for link in directory.iterdir():
            found.append(os.readlink(link))
    except OSError:
        pass  # it has ended
    return found


def is_roots(process):
    """Whether its files are, though it is another user's: so it is of a process that leaves no core dump."""
    try:
        return "Uid:\t0\t" not in read(process / "status") and (process / "stat").stat().st_uid == 0
    except OSError:
        return False  # it has ended


class SecretsTest(Scenario):
    def assert_no_secret(self, text, where):
        for secret in (USER, PASSWORD, *self.key_lines):
            self.assertNotIn(secret, text, where)

    def look_at(self, pid, probes):
        """At one process of the agent, as root can; `probes` gets its id if it is a probe that looks at targets."""
        process = pathlib.Path(f"/proc/{pid}")
        arguments = read(process / "cmdline")
        for name in ("cmdline", "environ"):
            self.assert_no_secret(read(process / name), f"{name} of {arguments}")
        if "muster-probe-" in arguments and "muster-probe-tls" not in arguments:
            self.assertNotIn(f"/etc/{FILE}", targets_of(process / "fd"), f"{arguments} needs no credentials")
        name = re.search(r"muster-probe-(tcp|tls)", arguments)
        if not name or not (limits := read(process / "limits")):
            return
        self.assertEqual(re.search(r"Max core file size +(\S+) +(\S+)", limits).groups(), ("0", "0"))
        # It forbids dumps first of all, and reads what it was given then: the kernel has its files in /proc be
        # root's from there on.
        if os.geteuid() != 0 or is_roots(process):
            probes[name[1]].add(pid)

    def test_nothing_that_anybody_sees_has_them(self):
        certificate, key = certificate_and_key(self.directory)
        self.key_lines = key.splitlines()[1:-1]
        own_world.write_etc(FILE, (
            "credentials:\n"
            f"  - {{networks: [127.16.0.0/16], kinds: [tcp, bmc], username: {USER}, password: {PASSWORD}}}\n"
            "  - networks: [127.16.0.0/16]\n    kinds: [tls]\n"
            f"    username: {USER}\n    password: {PASSWORD}\n"
            f"    certificate: |\n{textwrap.indent(certificate, ' ' * 6)}"
            f"    key: |\n{textwrap.indent(key, ' ' * 6)}"), 0o600)
        oracle = LookOracle(20, 1)
        self.addCleanup(oracle.close)
        server = MutualServer(self.directory, certificate, key)
        self.addCleanup(server.close)
        (self.directory / "server.pem").unlink()
        collector = Collector(self)
        (collector.directory / "targets.yml").write_text(oracle.list_text())
        with collector.config.open("a") as config:
            config.write("targets: {files: [targets.yml], agents: {role: [monitor]}}\n")
        collector.serve()
        agent = Agent(self, collector, labels=["role=monitor"], settings=(
            f"targets:\n  allow: [{{networks: [127.16.0.0/16], ports: [{oracle.port}]}}]\n"
            f"  own: [{{name: mutual, kind: tls, address: '127.16.9.9:{server.port}/a.example', interval: 1s}}]\n"
            "probes: {tcp: {interval: 1s}, tls: {interval: 1s}}\nlog_level: debug\n")).run()
        wait_until("the first looks", lambda: oracle.seen_since(0) == 20, process=agent.process)

        probes = {"tcp": set(), "tls": set()}

        def have_run():
            for pid in with_descendants(agent.process.pid):
                self.look_at(pid, probes)
            return all(len(pids) >= RUNS for pids in probes.values())
        wait_until("probes to have been looked at", have_run, process=agent.process)
        self.assertGreater(server.let_in, 0, "the key was used")
        if os.geteuid() == 0:
            self.assertTrue(is_roots(pathlib.Path(f"/proc/{agent.process.pid}")))

        written = [path for path in self.directory.rglob("*") if path.is_file()]
        self.assertIn(agent.directory / "status.json", written)
        for path in written:
            self.assert_no_secret(read(path), path)
        for page in ("/metrics", "/metrics/self", "/api/v1/targets", f"/api/v1/hosts/{agent.host}", "/sd/targets"):
            self.assert_no_secret(collector.get(page)[2].decode(), page)
        self.assert_no_secret(agent.status(), "muster-agent status")


if __name__ == "__main__":
    own_world.enter(__file__)
    unittest.main()
