"""A fleet of simulated agents (tests/simulator) towards a collector of a test, enrolled at first use."""

import json
import signal

from muster_test import BUILD, COLLECTOR, wait_until

SIMULATOR = BUILD / "tests/muster-fleet-simulator"


class SimulatedFleet:
    """`hosts` agents with identities of their own, kept over the runs of one scenario. They report to the
    collector's `addresses` in turn."""

    def __init__(self, scenario, collector, hosts, addresses=None):
        self.scenario = scenario
        self.collector = collector
        self.hosts = hosts
        self.starts = 0
        token = json.loads(scenario.run_good(
            COLLECTOR, "token", "create", "--config", collector.config, "--ttl", "1h",
            "--uses", hosts, "--format", "json"))
        token_file = scenario.directory / "fleet-token"
        token_file.write_text(token["token"])
        token_file.chmod(0o600)
        self.arguments = [
            SIMULATOR, "--hosts", hosts, "--identities", scenario.directory / "fleet",
            *(argument for address in addresses or [collector.host]
              for argument in ("--collector", f"{address}:{collector.grpc_port}")),
            "--enrol", f"{collector.host}:{collector.http_port}", "--token-file", token_file,
            "--ca-sha256", token["ca_sha256"], "--format", "json"]

    def run(self, *arguments, seconds=600):
        """One run to its end: its phases."""
        return _phases(self.scenario.run_good(
            *self.arguments, "--server-pid", self.collector.process.pid, *arguments, seconds=seconds))

    def start(self, *arguments):
        """Runs in the background from now on."""
        self.starts += 1
        self.process = self.scenario.start(f"fleet-{self.starts}", *self.arguments, *arguments)
        self.seen = 0
        return self

    def phases(self):
        return _phases(self.process.text())

    def begin_anew(self):
        """Every host counts as out of sync until its next answer. Returns when that is so."""
        self.seen = len(self.phases()) + 1
        self.process.send(signal.SIGUSR1)
        wait_until("the fleet to begin anew", lambda: len(self.phases()) >= self.seen,
                   process=self.process)

    def wait_in_sync(self, seconds=300):
        """The phase in which all came to be in sync since the start, or since begin_anew."""
        return wait_until("all simulated hosts to be in sync", lambda: self.phases()[self.seen:],
                          seconds, process=self.process)[0]


def _phases(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]
