"""The three trust levels on a running host: an agent without privileges, a launcher that alone has some,
and probes that are held. Started by root it shows all of it; started by somebody else, what is then
said to be missing."""

import json
import os
import pathlib
import shutil
import signal
import unittest

from muster_test import AGENT, AGENT_USER, Agent, Collector, Scenario, run, wait_until

IS_ROOT = os.geteuid() == 0
# setuid, setgid, setpcap, kill, dac_read_search, sys_ptrace: capabilities(7); and audit_control, for the
# muster-answers, sys_rawio and sys_admin, for the muster-device-answers that a launcher starts which no systemd started.
LAUNCHER_CAPABILITIES = 0x801e4 | 1 << 30 | 1 << 17 | 1 << 21


def status_of(process_id):
    """/proc/PID/status of every thread."""
    return [dict(line.split(":\t", 1) for line in (task / "status").read_text().splitlines() if ":\t" in line)
            for task in pathlib.Path(f"/proc/{process_id}/task").iterdir()]


def launcher_of(agent):
    """The process id of the agent's child, once it is the launcher."""
    def find():
        children = pathlib.Path(f"/proc/{agent.process.pid}/task/{agent.process.pid}/children").read_text()
        for child in children.split():
            if b"muster-launcher" in pathlib.Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
        return None
    return wait_until("the launcher to run", find, process=agent.process)


def network_sockets(process_id):
    """Its sockets that are not of this machine alone: see proc(5)."""
    own = {os.readlink(f) for f in pathlib.Path(f"/proc/{process_id}/fd").iterdir()}
    found = set()
    for table in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        for line in pathlib.Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            found.add(f"socket:[{line.split()[9]}]")
    return own & found


class LauncherTest(Scenario):
    def setUp(self):
        super().setUp()
        self.collector = Collector(self).serve()
        self.agent = Agent(self, self.collector)

    def sandbox(self):
        return self.collector.sections(self.agent.host)["agent"]["facts"]["sandbox"]

    def missing(self):
        return [gap["mechanism"] for gap in self.sandbox().get("missing", [])]

    def wait_for_report(self):
        wait_until("the agent to tell of itself", self.sandbox, process=self.agent.process)

    def test_the_agent_has_no_privileges_and_the_launcher_no_network(self):
        self.agent.run()
        self.wait_for_report()
        launcher = launcher_of(self.agent)
        for thread in status_of(self.agent.process.pid):
            for kind in ("CapPrm", "CapEff", "CapInh", "CapAmb"):
                self.assertEqual(int(thread[kind], 16), 0, kind)
            if IS_ROOT:
                self.assertEqual(set(thread["Uid"].split()), {str(AGENT_USER)})
                self.assertEqual(int(thread["CapBnd"], 16), 0)
                self.assertEqual(thread["Groups"].split(), [])
                self.assertEqual(thread["NoNewPrivs"], "1")
        for thread in status_of(launcher):
            self.assertEqual(thread["NoNewPrivs"], "1")
            self.assertEqual(int(thread["CapEff"], 16) & ~LAUNCHER_CAPABILITIES, 0)
        if not IS_ROOT:
            # Nobody but root can look further, not even the agent.
            self.assertRaises(PermissionError, os.listdir, f"/proc/{launcher}/fd")
            return
        self.assertTrue(network_sockets(self.agent.process.pid), "the test sees no sockets at all")
        self.assertEqual(network_sockets(launcher), set())
        wait_until("it to hold nothing but its socket and its signals, once no probe runs",
                   lambda: sorted(os.listdir(f"/proc/{launcher}/fd")) == ["0", "1", "2", "3", "4"])

    def test_what_a_host_answers_reaches_the_probes_without_systemd_too(self):
        """By muster-answers, which the launcher's child starts. Debian's clamav is installed here."""
        self.agent.run()
        section = wait_until("what protects this host", lambda: self.collector.sections(self.agent.host).get("antivirus"))
        products = {product["product"]: product for product in section["facts"]["products"]}
        self.assertIn("clamav", products)
        self.assertNotIn("nobody was asked", json.dumps(section))
        self.assertNotIn("running", [unread["fact"] for unread in products["clamav"]["unread"]])

    def test_verdicts_say_what_holds_probes_and_what_is_not_seen(self):
        self.agent.run()
        self.wait_for_report()
        wait_until("the verdicts", lambda: "agent-sees-all" in self.collector.verdicts(self.agent.host))
        verdicts = self.collector.verdicts(self.agent.host)
        expected = [] if IS_ROOT else ["user", "capabilities"]
        self.assertEqual([m for m in self.missing() if m in ("user", "capabilities")], expected)
        self.assertEqual(verdicts["agent-sandboxed"], "STATUS_FAIL" if self.missing() else "STATUS_PASS")
        self.assertEqual(verdicts["agent-sees-all"], "STATUS_PASS" if IS_ROOT else "STATUS_UNKNOWN")
        name = f'muster_agent_sandbox{{host="{self.agent.host}",mechanism="user"}}'
        wait_until("the metric", lambda: name in self.collector.metrics())
        self.assertEqual(self.collector.metrics()[name], 1 if IS_ROOT else 0)

    def test_another_launcher_is_started_when_one_is_killed(self):
        self.agent.configure("probes: {certificates: {interval: 1s}}\n")
        self.agent.run()
        self.wait_for_report()
        first = launcher_of(self.agent)
        os.kill(first, signal.SIGKILL)
        wait_until("the agent to notice", lambda: "the launcher is gone" in self.agent.process.text())
        self.assertIn("it was ended by signal 9", self.agent.process.text())
        second = launcher_of(self.agent)
        self.assertNotEqual(second, first)
        # It is the agent's who has nothing to give: that is said, and looked with as far as it goes.
        wait_until("what is missing to be reported", lambda: "user" in self.missing())

    def test_it_ends_rather_than_run_probes_without_their_sandbox(self):
        if IS_ROOT:
            # The last: numbers of nobody, and a directory that is theirs.
            for entry in [self.agent.directory, *self.agent.directory.rglob("*")]:
                os.chown(entry, AGENT_USER, AGENT_USER)
            prefix = ["setpriv", f"--reuid={AGENT_USER}", f"--regid={AGENT_USER}", "--clear-groups"]
            agent = self.directory / "bin/muster-agent"
            agent.parent.mkdir(mode=0o755)
            shutil.copytree(AGENT.parent.parent / "libexec", self.directory / "libexec")
            shutil.copy(AGENT, agent)
        else:
            prefix, agent = [], AGENT
        result = run(*prefix, agent, "run", "--config", self.agent.config, "--require-sandbox")
        self.assertEqual(result.returncode, 77, result.stderr)
        self.assertIn("mechanism=\"user\"", result.stderr)

    def test_a_configuration_that_others_could_change_is_refused(self):
        self.agent.config.chmod(0o666)
        result = run(*Agent.run_command(self.agent.config))
        self.assertEqual(result.returncode, 78, result.stderr)
        self.assertIn(f"chmod go-w {self.agent.config}", result.stderr)

    def test_who_owns_the_directory_of_the_configuration_has_root_give_nothing_away(self):
        victim = self.directory / "cron.d"
        victim.mkdir()
        (victim / "backup").write_text("of another program\n")
        own = victim.stat().st_uid
        text = f"collectors: ['127.0.0.1:1']\nstate_directory: '{victim}'\n"

        def start():
            result = run(*Agent.run_command(self.agent.config))
            self.assertEqual(result.returncode, 78, result.stderr)
            self.assertEqual([entry.stat().st_uid for entry in (victim, victim / "backup")], [own, own])
            return result.stderr

        # It is replaced by a file of the agent's user, by a link to one, or by another name of one of root's.
        planted = self.agent.directory / "planted.yml"
        planted.write_text(text)
        self.agent.config.unlink()
        os.link(planted, self.agent.config)
        self.assertIn("is a hard link", start())
        check = run(AGENT, "run", "--check-config", "--config", self.agent.config)
        self.assertEqual(check.returncode, 78)
        self.assertIn("is a hard link", check.stderr)
        if not IS_ROOT:
            return
        self.agent.config.unlink()
        os.chown(planted, AGENT_USER, AGENT_USER)
        self.agent.config.symlink_to(planted)
        self.assertIn(f"belongs to user {AGENT_USER}", start())
        planted.rename(self.agent.config)
        self.assertIn(f"chown -h root {self.agent.config}", start())
        check = run(AGENT, "run", "--check-config", "--config", self.agent.config)
        self.assertEqual(check.returncode, 78)
        self.assertIn(f"belongs to user {AGENT_USER}", check.stderr)
        # Even root's word is asked whether it means that.
        os.chown(self.agent.config, 0, 0)
        self.assertIn(f"{victim} is root's and holds files that are no agent's", start())

    def test_what_enroll_says_is_next_works_where_the_directory_is_the_agents_user(self):
        if IS_ROOT:
            theirs = self.directory / "theirs"
            theirs.mkdir()
            os.chown(theirs, AGENT_USER, AGENT_USER)
            agent = Agent(self, self.collector, "theirs")
            self.assertEqual((theirs / "identity.pem").stat().st_uid, AGENT_USER)
        else:
            agent = self.agent
        self.assertEqual(agent.config.stat().st_uid, os.geteuid())
        agent.run()
        wait_until("it to report", lambda: self.collector.sections(agent.host)["agent"], process=agent.process)
        self.assertEqual(agent.config.stat().st_uid, os.geteuid())

    def test_a_user_that_is_missing_is_told_with_the_command_that_makes_it(self):
        result = run(AGENT, "run", "--config", self.agent.config, "--user", "nobody-of-that-name",
                     "--require-sandbox")
        if IS_ROOT:
            self.assertEqual(result.returncode, 78, result.stderr)
            self.assertIn("systemd-sysusers --inline 'u nobody-of-that-name", result.stderr)
        else:
            self.assertEqual(result.returncode, 77, "only root becomes somebody else\n" + result.stderr)


if __name__ == "__main__":
    unittest.main()
