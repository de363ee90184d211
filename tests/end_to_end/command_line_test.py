"""The command lines of both programs: help, versions, exit statuses, and where a mistake is."""

import json
import re
import unittest

from muster_test import AGENT, COLLECTOR, Agent, Collector, Scenario, run, wait_until

STATUS_USAGE, STATUS_AGENT_CONFIG, STATUS_COLLECTOR_ERROR, STATUS_BAD_FILE = 64, 78, 1, 65

VERBS = {
    AGENT: ["", "probes", "run", "enroll", "check", "status"],
    COLLECTOR: ["", "init", "serve", "token", "token create", "token list", "token revoke", "host", "host list",
                "host show", "host updates", "updates", "expiry", "host revoke", "host release", "host rename",
                "host remove", "policy", "policy show", "policy check", "policy test", "target", "target check",
                "target list", "target show", "explain", "ca", "ca status", "ca prepare", "ca activate",
                "ca retire", "backup", "restore"],
}

EVERY_VERB = [(program, verb.split()) for program, verbs in VERBS.items() for verb in verbs]


class CommandLineTest(Scenario):
    def file(self, name, text):
        path = self.directory / name
        path.write_text(text)
        return path

    def test_every_verb_has_help_with_an_example(self):
        for program, verb in EVERY_VERB:
            with self.subTest(program=program.name, verb=verb):
                text = self.run_good(program, *verb, "--help")
                self.assertIn(" ".join(["Usage:", program.name, *verb]), text)
                examples = text[text.index("\nExamples:\n"):]
                self.assertRegex(examples, f"\n  .*{program.name} ")

    def test_help_names_every_verb_there_is(self):
        for program, verbs in VERBS.items():
            for parent in {verb.rpartition(" ")[0] for verb in verbs if verb}:
                text = self.run_good(program, *parent.split(), "--help")
                listed = re.findall(r"(?m)^  (\w+) ", text[text.index("Subcommands:"):].split("\n\n")[0])
                known = [v.split()[-1] for v in verbs if v and v.rpartition(" ")[0] == parent]
                self.assertEqual(sorted(listed), sorted(known), f"{program.name} {parent}")

    def test_the_version_is_the_same_of_both(self):
        versions = {self.run_good(program, "--version").split()[-1] for program in VERBS}
        self.assertEqual(len(versions), 1, versions)
        self.assertRegex(versions.pop(), r"^\d+\.\d+\.\d+$")

    def test_an_option_that_does_not_exist_is_64_and_points_to_the_help(self):
        for program, verb in EVERY_VERB:
            with self.subTest(program=program.name, verb=verb):
                result = run(program, *verb, "--nonsense")
                self.assertEqual((result.returncode, result.stdout), (STATUS_USAGE, ""), result.stderr)
                self.assertIn("--help", result.stderr)

    def test_a_package_manager_that_nobody_knows_is_64(self):
        result = run(COLLECTOR, "updates", "--manager", "foo")
        self.assertEqual((result.returncode, result.stdout), (STATUS_USAGE, ""), result.stderr)
        self.assertIn("apt,rpm,apk", result.stderr)

    def test_a_verb_that_is_missing_or_does_not_exist_is_64(self):
        for arguments in ([], ["nonsense"], ["token"], ["token", "nonsense"]):
            for program in VERBS:
                with self.subTest(program=program.name, arguments=arguments):
                    result = run(program, *arguments)
                    self.assertEqual((result.returncode, result.stdout), (STATUS_USAGE, ""))
                    self.assertIn("--help", result.stderr)

    def test_every_mistake_in_agent_yml_is_told_with_its_place(self):
        config = self.file("agent.yml", "collectors: ['collector.example.org:8433']\n"
                                        "sync_intervall: 1s\n"
                                        "probes:\n"
                                        "  certificate: {}\n")
        for options in (["--check-config"], []):
            with self.subTest(options):
                result = run(AGENT, "run", *options, "--config", config)
                self.assertEqual(result.returncode, STATUS_AGENT_CONFIG, result.stderr)
                self.assertEqual(result.stderr.splitlines(), [
                    f"{config}:2:1: unknown key 'sync_intervall', did you mean 'sync_interval'?",
                    f"{config}:4:3: unknown key 'certificate', did you mean 'certificates'?"])

    def test_a_good_agent_yml_is_good(self):
        config = self.file("agent.yml", "collectors: ['collector.example.org:8433']\n")
        self.run_good(AGENT, "run", "--check-config", "--config", config)

    def test_every_mistake_in_collector_yml_and_policy_yml_is_told_with_its_place(self):
        collector = Collector(self)
        good = collector.config.read_text()
        self.run_good(COLLECTOR, "--check-config", "--config", collector.config)
        self.run_good(COLLECTOR, "policy", "check", collector.directory / "policy.yml")

        collector.config.write_text("sync_intervall: 1s\n" + good + "log_levle: info\n")
        end = len(good.splitlines()) + 2
        for arguments in (["--check-config"], ["serve", "--check-config"], ["serve"]):
            with self.subTest(arguments):
                result = run(COLLECTOR, *arguments, "--config", collector.config)
                self.assertEqual(result.returncode, STATUS_COLLECTOR_ERROR, result.stderr)
                for line, key, meant in ((1, "sync_intervall", "sync_interval"),
                                         (end, "log_levle", "log_level")):
                    self.assertIn(f"{collector.config}:{line}:1: unknown key '{key}', "
                                  f"did you mean '{meant}'?", result.stderr)

        policy = self.file("policy.yml", "controls:\n"
                                         "  - id: certificates\n"
                                         "    title: Certificates are valid\n"
                                         "    rule: certificate_not_expired\n"
                                         "    severty: high\n")
        result = run(COLLECTOR, "policy", "check", policy)
        self.assertEqual(result.returncode, STATUS_BAD_FILE, result.stderr)
        self.assertIn(f"{policy}:5:5: unknown key 'severty', did you mean 'severity'?", result.stderr)

    def test_every_mistake_in_lists_of_targets_is_told_with_its_place(self):
        collector = Collector(self)
        targets = self.file("web.yml", "targets:\n  - {kind: tcp, address: 'shop.example.org:443'}\n")
        collector.config.write_text(collector.config.read_text() +
                                    f"targets: {{files: ['{targets}'], agents: {{role: [monitor]}}}}\n")
        checks = [["target", "check", targets], ["target", "check", "--config", collector.config]]
        for arguments in checks:
            self.assertEqual(self.run_good(COLLECTOR, *arguments), "1 target in 1 file: 1 tcp\n")
        self.run_good(COLLECTOR, "--check-config", "--config", collector.config)

        targets.write_text(targets.read_text() + "  - {kind: tcp, adress: 'a:1'}\n  - {kind: tcp, address: a}\n")
        for arguments in [*checks, ["--check-config", "--config", collector.config]]:
            with self.subTest(arguments):
                result = run(COLLECTOR, *arguments)
                self.assertEqual(result.returncode, STATUS_BAD_FILE if arguments in checks else 1, result.stderr)
                self.assertIn(f"{targets}:3:5: 'address' is missing", result.stderr)
                self.assertIn(f"{targets}:3:17: unknown key 'adress', did you mean 'address'?", result.stderr)
                self.assertIn(f"{targets}:4:26: 'a' is not the address of a target", result.stderr)

    def test_lists_of_targets_that_are_not_there_are_a_mistake(self):
        collector = Collector(self)
        nowhere = self.directory / "nodir/*.yml"
        collector.config.write_text(collector.config.read_text() +
                                    f"targets: {{files: ['{nowhere}'], agents: {{role: [monitor]}}}}\n")
        for arguments in (["target", "check", nowhere], ["target", "check", "--config", collector.config]):
            with self.subTest(arguments):
                result = run(COLLECTOR, *arguments)
                self.assertEqual((result.returncode, result.stdout),
                                 (STATUS_BAD_FILE, f"no file is there: {nowhere}\n"))
                self.assertIn("none of the files of targets is there", result.stderr)
        # One that is there is enough: a directory may be empty for a while.
        targets = self.file("web.yml", "targets:\n  - {kind: tcp, address: 'shop.example.org:443'}\n")
        self.assertEqual(self.run_good(COLLECTOR, "target", "check", nowhere, targets),
                         f"no file is there: {nowhere}\n1 target in 1 file: 1 tcp\n")

    def test_the_collector_shows_its_policy_and_its_tokens(self):
        collector = Collector(self)
        policy = collector.directory / "policy.yml"
        policy.write_text(policy.read_text() + "# Ours.\n")
        shown = ["policy", "show", "--config", collector.config]
        listed = ["token", "list", "--config", collector.config, "--format", "json"]
        # From its files, and from the one that runs.
        for running in (False, True):
            with self.subTest(running=running):
                if running:
                    collector.serve()
                result = run(COLLECTOR, *shown)
                self.assertEqual(result.stdout, policy.read_text())
                self.assertEqual(result.stderr, "" if running else "note: the collector is not running; its store "
                                 "answers, which has no report yet\n")
                before = json.loads(self.run_good(COLLECTOR, *listed)).get("tokens", [])
                token = collector.token()["token"]
                text = self.run_good(COLLECTOR, *listed)
                self.assertEqual(len(json.loads(text)["tokens"]), len(before) + 1, text)
                # A list may be shown around: the secret is not in it.
                self.assertNotIn(token, text)
                self.assertNotIn(token, self.run_good(COLLECTOR, *listed[:-2]))
        self.assertNotIn("# Ours.", self.run_good(COLLECTOR, *shown, "--default"))

    def test_the_agents_status_tells_reporting_and_not_and_cannot_tell_apart(self):
        collector = Collector(self).serve()
        agent = Agent(self, collector)
        status = [AGENT, "status", "--config", agent.config]
        result = run(*status)
        self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
        self.assertIn("muster-agent run", result.stderr)

        agent.run()
        wait_until("the agent to report", lambda: run(*status).returncode == 0, process=agent.process)
        self.assertIn(f"runs as process {agent.process.pid}", run(*status).stdout)

        collector.process.end()
        wait_until("the agent to notice", lambda: run(*status).returncode == 1, process=agent.process)
        self.assertIn(f"127.0.0.1:{collector.grpc_port}", run(*status).stdout)

        agent.process.end()
        result = run(*status)
        self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
        self.assertIn("does not run", result.stdout)


if __name__ == "__main__":
    unittest.main()
