"""A host's identity over its life: certificates that last ten seconds, real time, real programs.

Nobody's clock is set. What takes long is waited for by all hosts of a test at once.
"""

import json
import os
import re
import shutil
import signal
import unittest

from muster_test import AGENT, BUILD, COLLECTOR, Agent, Collector, Scenario, run, wait_until

LIFETIME_SECONDS = 10

# Where an agent dies in a renewal: see agent/identity/renewal.cpp.
AGENT_KILLS = [
    "file.rename@identity.next.pem#1",
    "renewal.key_written#1",
    "renewal.answered#1",
    "file.write@identity.pem#1",
    "file.rename@identity.pem#1",
    "renewal.certificate_written#1",
    "renewal.remove_pending#1",
]
# And a collector: see collector/identity/renewal.cpp.
COLLECTOR_KILLS = ["renewal.identity_committed#1", "renewal.certificate_issued#1"]


# A user that no machine needs to have: these agents are not started by root.
USER = 64001


class RenewalScenario(Scenario):
    def setUp(self):
        super().setUp()
        self.directory.chmod(0o711)
        self.agent_program = self.reachable_agent()
        self.collector = Collector(self)
        self.collector_settings(f"agent_certificate_lifetime: {LIFETIME_SECONDS}s")
        self.collector.serve()

    def collector_settings(self, *settings):
        """Each line takes the place of the one with its key."""
        text = self.collector.config.read_text()
        for line in settings:
            key = line.split(":")[0]
            text, changed = re.subn(rf"(?m)^#? ?{key}:.*$", line, text)
            self.assertEqual(changed, 1, key)
        self.collector.config.write_text(text)

    def reachable_agent(self):
        """The agent where another user reaches it: a checkout may be its owner's alone."""
        if os.geteuid() != 0:
            return AGENT
        programs = self.directory / "programs"
        (programs / "bin").mkdir(parents=True)
        shutil.copytree(BUILD / "libexec", programs / "libexec")
        return shutil.copy2(AGENT, programs / "bin")

    def start_agent(self, agent, environment=None):
        agent.process = self.start(agent.name, *self.as_user(agent.directory),
                                   self.agent_program, "run", "--config", agent.config,
                                   environment=environment)
        return agent

    def as_user(self, directory):
        """What a command begins with, so that it is of whom the directory is given to."""
        if os.geteuid() != 0:
            return []
        self.run_good("chown", "-R", f"{USER}:{USER}", directory)
        return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]

    def agent_status(self, agent):
        return json.loads((agent.directory / "status.json").read_text())

    def generation(self, agent):
        return int(self.agent_status(agent).get("certificate_generation", 0))

    def wait_generation(self, agent, generation, seconds=120):
        wait_until(f"{agent.name} to have generation {generation}",
                   lambda: self.generation(agent) >= generation and self.reports(agent), seconds,
                   agent.process)

    def reports(self, agent):
        status = self.agent_status(agent)
        return (int(status["process_id"]) == agent.process.pid and "last_sync_success_at" in status and
                not status.get("last_sync_error") and not status.get("renewal_error"))

    def counter(self, name, result):
        return self.collector.metrics().get(f'{name}{{result="{result}"}}', 0)

    def identity(self, host):
        return self.collector.get_json(f"/api/v1/hosts/{host}")["summary"].get("identity", {})

    def standing(self, host):
        return self.identity(host).get("standing")

    def assert_no_clone(self):
        for way in ("renewals", "reenrolments"):
            self.assertEqual(self.counter(f"muster_collector_{way}_total", "clone"), 0)
        for host in self.collector.get_json("/api/v1/hosts")["hosts"]:
            self.assertEqual(self.standing(host["name"]), "STANDING_ACTIVE", host)


class RenewalTest(RenewalScenario):
    def test_a_host_goes_through_generations_and_no_report_fails(self):
        agent = self.start_agent(Agent(self, self.collector))
        self.wait_generation(agent, 4)
        said = agent.process.text()
        self.assertEqual(said.count("the certificate was renewed"), self.generation(agent) - 1, said)
        for words in ("trying again", "could not be renewed", "refuses"):
            self.assertNotIn(words, said)
        samples = self.collector.metrics()
        refused = {s: v for s, v in samples.items()
                   if s.startswith("muster_collector_syncs_total") and 'result="ok"' not in s and v}
        self.assertEqual(refused, {})
        self.assertGreaterEqual(self.counter("muster_collector_renewals_total", "renewed"), 3)
        self.assertEqual(samples.get(f'muster_host_reporting{{host="{agent.host}"}}'), 1)
        self.assert_no_clone()
        self.assertIn("; renewed on ", " ".join(agent.status().split()))

    def test_a_copied_identity_is_found_both_are_refused_and_one_is_released(self):
        agent = Agent(self, self.collector)
        copy = self.directory / "copy"
        shutil.copytree(agent.directory, copy)
        config = copy / "agent.yml"
        config.write_text(config.read_text().replace(str(agent.directory), str(copy)))
        self.start_agent(agent)
        clone = self.start("clone", *self.as_user(copy), self.agent_program, "run", "--config", config)
        wait_until("the clone to be found",
                   lambda: self.standing(agent.host) == "STANDING_QUARANTINED", process=agent.process)
        for process in (agent.process, clone):
            wait_until(f"{process.name} to be refused",
                       lambda: "this host is quarantined" in process.text(), process=process)
        self.assertEqual(self.counter("muster_collector_renewals_total", "clone"), 1)
        self.assertEqual(self.quarantined_in_metrics(), {agent.host: 1})
        self.assert_clone_is_logged(agent.host)
        # The operator ends the copy, and releases the host.
        clone.end(signal.SIGKILL)
        self.assertIn(f"Host {agent.host} is released", self.run_good(
            COLLECTOR, "host", "release", agent.host, "--config", self.collector.config,
            "--reason", "the copy is gone"))
        self.assertEqual(self.quarantined_in_metrics(), {})
        wait_until("the host to report again",
                   lambda: self.reports(agent), 180, agent.process)
        self.assertEqual(self.standing(agent.host), "STANDING_ACTIVE")
        self.wait_generation(agent, self.generation(agent) + 1)
        self.assertEqual(self.counter("muster_collector_renewals_total", "clone"), 1)

    def quarantined_in_metrics(self):
        """{host: value}"""
        found = {re.fullmatch(r'muster_host_quarantined\{host="([^"]*)"\}', series): value
                 for series, value in self.collector.metrics().items()}
        return {match[1]: value for match, value in found.items() if match}

    def assert_clone_is_logged(self, host):
        """Once, with all that an operator needs to find both."""
        lines = [line for line in self.collector.process.text().splitlines()
                 if "level=error" in line and "in use twice" in line]
        self.assertEqual(len(lines), 1, lines)
        self.assertIn(f'`muster-collector host release {host}`" host={host} ', lines[0])
        # gRPC's way to write a peer; on one machine, the ports tell them apart.
        peers = re.search(r" peer=ipv4:(127\.0\.0\.1:\d+) machine_id_hash=[0-9a-f]+"
                          r" other_peer=ipv4:(127\.0\.0\.1:\d+) other_machine_id_hash=[0-9a-f]+", lines[0])
        self.assertTrue(peers, lines[0])
        self.assertNotEqual(peers[1], peers[2])

    def test_an_expired_identity_re_enrols_within_the_grace_and_asks_for_a_token_after_it(self):
        agent = self.start_agent(Agent(self, self.collector))
        self.wait_generation(agent, 1)
        agent.process.end()
        self.wait_expired(agent)
        self.start_agent(agent)
        self.wait_generation(agent, 2)
        self.assertEqual(self.counter("muster_collector_reenrolments_total", "renewed"), 1)
        agent.process.end()

        self.collector.process.end()
        self.collector_settings("reenroll_grace: 0s")
        self.collector.serve()
        self.wait_expired(agent)
        self.start_agent(agent)
        wait_until("the agent to ask for a token", lambda: "get a token with" in agent.process.text(),
                   process=agent.process)
        said = wait_until("status to say so", lambda: self.refused_status(agent))
        self.assertEqual(agent.process.text().count("the certificate could not be renewed"), 1)
        # The commands are to be typed as they are, but for the token.
        words = " ".join(said.split())
        create = re.search(r"`muster-collector (token create --host \S+)`", words)[1].split()
        enroll = re.search(r"`muster-agent (enroll --force [^`]+)`", words)[1].split()
        self.assertEqual(create[-1], agent.host)
        token = json.loads(self.run_good(COLLECTOR, *create, "--config",
                                         self.collector.config, "--format", "json"))["token"]
        token_file = self.directory / "token"
        token_file.write_text(token)
        enroll[enroll.index("-")] = str(token_file)
        self.run_good(AGENT, *enroll)
        wait_until("the host to report again",
                   lambda: self.reports(agent), 400, agent.process)
        self.assertEqual(self.agent_status(agent)["host"], agent.host)
        self.assert_no_clone()

    def refused_status(self, agent):
        result = run(AGENT, "status", "--config", agent.config)
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn("expired on", result.stdout)
        self.assertIn("get a token with", result.stdout)
        return result.stdout

    def wait_expired(self, agent):
        """The only way to an expired certificate without anybody's clock being set."""
        wait_until("the certificate to expire",
                   lambda: run("openssl", "x509", "-in", agent.directory / "identity.pem", "-noout",
                               "-checkend", "0").returncode == 1)


class KillTest(RenewalScenario):
    def armed(self, rules):
        return {**os.environ, "MUSTER_FAILPOINTS": f"{rules}=kill"}

    def test_an_agent_killed_anywhere_in_a_renewal_is_no_clone(self):
        agents = []
        for number, rules in enumerate(AGENT_KILLS):
            agent = Agent(self, self.collector, f"agent{number}")
            agents.append(self.start_agent(agent, self.armed(rules)))
        for agent, rules in zip(agents, AGENT_KILLS):
            wait_until(f"a kill at {rules}", lambda: not agent.process.runs())
            self.assertEqual(agent.process.popen.returncode, -signal.SIGKILL, rules)
            self.start_agent(agent)
        for agent in agents:
            self.wait_generation(agent, 3)
        self.assert_no_clone()
        for agent in agents:
            left = {p.name for p in agent.directory.iterdir() if "identity" in p.name}
            self.assertLessEqual(left, {"identity.pem", "identity.next.pem"})

    def test_a_collector_killed_anywhere_in_a_renewal_makes_no_clone(self):
        agents = [Agent(self, self.collector, f"agent{number}") for number in range(3)]
        for agent in agents:
            self.start_agent(agent)
        for rules in (*COLLECTOR_KILLS, None):
            self.collector.process.end()
            process = self.collector.process = self.start(
                "collector", COLLECTOR, "serve", "--config", self.collector.config,
                environment=self.armed(rules) if rules else None)
            if rules:
                wait_until(f"a kill at {rules}", lambda: not process.runs(), 90)
                self.assertEqual(process.popen.returncode, -signal.SIGKILL, rules)
            else:
                self.collector.wait_ready()
                process.end(signal.SIGKILL)
            self.collector.serve()
        first = [self.generation(agent) for agent in agents]
        for agent, generation in zip(agents, first):
            self.wait_generation(agent, generation + 2)
        self.assert_no_clone()


if __name__ == "__main__":
    unittest.main()
