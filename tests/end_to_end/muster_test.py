"""What the end to end tests stand on: the real programs as processes on loopback.

A Scenario is a unittest.TestCase with a directory of its own. Every process started through it is
ended by its id when the test ends, and the end of every log is shown when the test fails. Waiting is
always for a condition, with a deadline; nothing sleeps for a fixed time.
"""

import http.client
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

import yaml

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("MUSTER_BUILD_DIRECTORY", SOURCE / "build/dev")).resolve()
COLLECTOR = BUILD / "bin/muster-collector"
AGENT = BUILD / "bin/muster-agent"
LAUNCHER = BUILD / "libexec/muster/muster-launcher"

# Whom an agent that root starts becomes, and its probes: users that no machine needs to have.
AGENT_USER, PROBE_USER = 64001, 64002

# For what takes a second on an idle machine; tests also run on loaded ones.
DEADLINE = 60.0


def wait_until(what, condition, seconds=DEADLINE, process=None):
    """The first true value of condition(). An exception counts as false until the deadline. With a
    process: it must not end meanwhile."""
    end = time.monotonic() + seconds
    error = None
    while True:
        try:
            if value := condition():
                return value
            error = None
        except (AssertionError, OSError, ValueError, LookupError, http.client.HTTPException) as e:
            error = e
        if process and not process.runs():
            raise AssertionError(f"{process.name} ended while waiting for {what}: {process.text()[-2000:]}")
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:.0f} s for {what}") from error
        time.sleep(0.05)


def free_port(host="127.0.0.1"):
    """A port that nobody listens on. Below the ephemeral range, so that no outgoing connection of a
    test that runs beside this one takes it meanwhile."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        port = random.randrange(15000, 32000)
        with socket.socket(family) as listener:
            try:
                listener.bind((host, port))
                return port
            except OSError:
                continue


def address(host, port):
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def with_descendants(pid):
    """The process and all below it that live. What has ended is in the account of its parent."""
    parents = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has ended
    found = [pid]
    for process in found:
        found += [child for child, parent in parents.items() if parent == process]
    return found


class Process:
    """A program that runs in the background, with both its outputs in one log."""

    def __init__(self, name, arguments, log, environment=None):
        self.name = name
        self.log = log
        with open(log, "ab") as output:
            self.popen = subprocess.Popen(
                [str(a) for a in arguments], stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, env=environment)

    @property
    def pid(self):
        return self.popen.pid

    def runs(self):
        return self.popen.poll() is None

    def send(self, number):
        self.popen.send_signal(number)

    def end(self, number=signal.SIGTERM, seconds=DEADLINE):
        """Sends the signal and returns (exit status, seconds it took)."""
        start = time.monotonic()
        self.popen.send_signal(number)
        status = self.popen.wait(seconds)
        return status, time.monotonic() - start

    def text(self):
        return self.log.read_text(errors="replace")


def run(*arguments, environment=None, seconds=DEADLINE, cwd=None):
    """Runs a program to its end: CompletedProcess with text in stdout and stderr."""
    return subprocess.run([str(a) for a in arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=seconds, env=environment, cwd=cwd, check=False)


class Scenario(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        # Short, as a Unix socket's path must be.
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="muster."))
        # An agent that root starts gives root up, and still reaches its files.
        self.directory.chmod(0o711)
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        # What a check of this machine remembers is the test's own.
        os.environ["XDG_STATE_HOME"] = str(self.directory / "state")
        self._processes = []
        self.addCleanup(self._end_processes)

    def start(self, name, *arguments, environment=None):
        process = Process(name, arguments, self.directory / f"{name}.log", environment)
        self._processes.append(process)
        return process

    def run_good(self, *arguments, **options):
        """Runs a program that must succeed, and returns its output."""
        result = run(*arguments, **options)
        if result.returncode != 0:
            self.fail(f"{' '.join(map(str, arguments))} ended with {result.returncode}:\n"
                      f"{result.stdout}{result.stderr}")
        return result.stdout

    def _failed(self):
        # The private outcome is the only way to know; its shape differs between Python's versions.
        result = getattr(self._outcome, "result", None)
        found = getattr(result, "failures", []) + getattr(result, "errors", [])
        return any(test is self for test, _ in found) or not self._outcome.success

    def _end_processes(self):
        for process in reversed(self._processes):
            if process.runs():
                process.send(signal.SIGTERM)
        for process in reversed(self._processes):
            try:
                process.popen.wait(10)
            except subprocess.TimeoutExpired:
                process.end(signal.SIGKILL)
        if self._failed():
            for log in sorted(self.directory.glob("*.log")):
                lines = log.read_text(errors="replace").splitlines()[-40:]
                print(f"--- the end of {log.name}", *lines, sep="\n", flush=True)


class Collector:
    """A collector of its own on loopback. `host` may be an IPv6 address."""

    def __init__(self, scenario, name="collector", host="127.0.0.1"):
        self.scenario = scenario
        self.name = name
        self.host = host
        self.directory = scenario.directory / name
        self.config = self.directory / "collector.yml"
        self.ca_file = self.directory / "ca.pem"
        self.grpc_port = free_port(host)
        self.http_port = free_port(host)
        self.url = f"https://{address(host, self.http_port)}"
        scenario.run_good(
            COLLECTOR, "init", "--state-directory", self.directory, "--name", host,
            "--grpc-listen", address(host, self.grpc_port),
            "--http-listen", address(host, self.http_port))
        text, changed = re.subn(r"(?m)^sync_interval: .*$", "sync_interval: 1s", self.config.read_text())
        assert changed == 1, f"no sync_interval in {self.config}"
        self.config.write_text(text)

    def serve(self, environment=None):
        self.process = self.scenario.start(self.name, COLLECTOR, "serve", "--config", self.config,
                                           environment=environment)
        self.wait_ready()
        return self

    def wait_ready(self):
        wait_until("the collector to be ready", lambda: self.get("/-/ready")[0] == 200,
                   process=self.process)

    def get(self, path, headers=None):
        """(status, headers, body) of a GET over HTTPS, checked against the collector's CA."""
        return self.request("GET", path, headers)

    def request(self, method, path, headers=None):
        """The same of another method, without a body."""
        context = ssl.create_default_context(cafile=self.ca_file)
        connection = http.client.HTTPSConnection(self.host, self.http_port, timeout=30, context=context)
        try:
            connection.request(method, path, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def get_json(self, path):
        status, _, body = self.get(path)
        assert status == 200, f"{path}: {status} {body[:200]!r}"
        return json.loads(body)

    def metrics(self, path="/metrics"):
        """The exposition as {'name{labels}': value}."""
        status, _, body = self.get(path)
        assert status == 200, f"{path}: {status} {body[:200]!r}"
        samples = {}
        for line in body.decode().splitlines():
            if line and not line.startswith("#"):
                series, value = line.rsplit(" ", 1)
                samples[series] = float(value)
        return samples

    def token(self, labels=()):
        """What `token create` says: token, ca_sha256, enrol_url. `labels`: "name=value" of who joins."""
        options = [option for label in labels for option in ("--label", label)]
        return json.loads(self.scenario.run_good(
            COLLECTOR, "token", "create", "--config", self.config, "--ttl", "10m", "--format", "json",
            *options))

    def verdicts(self, host):
        """{control: status} of a host, as the API says it."""
        detail = self.get_json(f"/api/v1/hosts/{host}")
        return {v["control"]: v["status"] for v in detail.get("verdicts", [])}

    def sections(self, host):
        """{probe: section} of a host."""
        detail = self.get_json(f"/api/v1/hosts/{host}")
        return {s["probe"]: s for s in detail.get("sections", [])}


# Settings of an agent that dials nobody: the probe listeners dials whatever listens on this machine, which is
# what tests beside this one count who comes to.
NO_LISTENERS = "probes: {listeners: {enabled: false}}\n"


class Agent:
    """An agent enrolled at a collector. `settings` is YAML text added to its configuration."""

    def __init__(self, scenario, collector, name="agent", settings="", labels=()):
        self.scenario = scenario
        self.name = name
        self.directory = scenario.directory / name
        self.config = self.directory / "agent.yml"
        token = collector.token(labels)
        result = self.enroll(scenario, collector.url, token["token"], token["ca_sha256"], self.directory)
        if result.returncode != 0:
            scenario.fail(f"muster-agent enroll: {result.stdout}{result.stderr}")
        self.host = re.search(r"enrolled as (\S+)", result.stdout)[1]
        self.enrolled_config = self.config.read_text()
        self.configure(settings)

    @staticmethod
    def enroll(scenario, url, token, ca_sha256, directory, environment=None):
        token_file = scenario.directory / "token"
        token_file.write_text(token + "\n")
        token_file.chmod(0o600)
        return run(AGENT, "enroll", "--collector", url, "--token-file", token_file, "--ca-sha256",
                   ca_sha256, "--state-directory", directory, environment=environment)

    def configure(self, settings="", collectors=None):
        """Adds YAML text to the configuration that enrolment wrote, or writes one with these
        addresses to report to. The probe listeners is off unless the settings say: NO_LISTENERS."""
        text = self.enrolled_config
        if collectors is not None:
            text = f"collectors: {json.dumps(collectors)}\nstate_directory: '{self.directory}'\n"
        try:
            said = yaml.safe_load(settings) or {}
        except yaml.YAMLError:  # what is wrong is the test's matter
            said = {"probes": {"listeners": {}}}
        if "probes" not in said:
            settings += "\n" + NO_LISTENERS
        elif "listeners" not in said["probes"]:
            said["probes"]["listeners"] = {"enabled": False}
            settings = yaml.safe_dump(said)
        self.config.write_text(f"{text}sync_interval: 1s\n{settings}")

    def status(self):
        """What `muster-agent status` says."""
        return self.scenario.run_good(AGENT, "status", "--config", self.config)

    def run(self, environment=None, options=()):
        self.process = self.scenario.start(self.name, *self.run_command(self.config), *options,
                                           environment=environment)
        return self

    @staticmethod
    def run_command(config):
        command = [AGENT, "run", "--config", config]
        if os.geteuid() == 0:
            command += ["--user", AGENT_USER, "--probe-user", PROBE_USER]
        return command
