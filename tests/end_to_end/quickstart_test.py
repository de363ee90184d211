"""deploy/quickstart from this build: it shows the table, and leaves nothing behind."""

import os
import pathlib
import re
import shlex
import signal
import unittest

from muster_test import AGENT, BUILD, COLLECTOR, SOURCE, Scenario, run, wait_until

QUICKSTART = SOURCE / "deploy/quickstart"


def processes_below(directory):
    """Command lines that name the directory."""
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = process.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if f"{directory}/" in line and "quickstart" not in line.split()[1:2]:
            found.append(line)
    return found


def listing(directory):
    """Everything below the directory, with what changes when it is written to."""
    return {str(path): (path.lstat().st_size, path.lstat().st_mtime_ns)
            for path in [directory, *directory.rglob("*")]}


class QuickstartTest(Scenario):
    def setUp(self):
        super().setUp()
        # With a space, as people have them.
        self.data = self.directory / "my data"
        self.arguments = [QUICKSTART, "--build-directory", BUILD, "--directory", self.data]

    def assert_says_what_next(self, text):
        self.assertRegex(text, r"(?m)^Ready in (\d+ min )?\d+ s\.$")
        url = r"https://127\.0\.0\.1:\d+"
        for name, path in (("Metrics", "/metrics"), ("Hosts", "/api/v1/hosts"), ("Targets", "/sd/hosts")):
            self.assertRegex(text, rf"(?m)^{name} +{url}{path}( |$)")
        # Each is something to type, as it stands.
        commands = (f"'{AGENT}' ", f"curl --cacert '{self.data}/", f"'{COLLECTOR}' ")
        steps = re.findall(r"(?m)^  (\d)\. (.*)$", text[text.index("\nTry next"):])
        self.assertEqual([number for number, _ in steps], ["1", "2", "3"])
        for _, step in steps:
            self.assertTrue(any(command in step for command in commands), step)

    def test_once_prints_the_table_and_leaves_nothing(self):
        home, working = self.directory / "home", self.directory / "working"
        for directory in (home, working):
            directory.mkdir()
            (directory / "letter.txt").write_text("dear reader")
        before = listing(home), listing(working)
        result = run(*self.arguments, "--once", seconds=300, cwd=working,
                     environment={**os.environ, "HOME": str(home)})
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        for control in ("security.updates", "package.lists", "certificate"):
            self.assertRegex(result.stdout.lower(), control)
        self.assertFalse(self.data.exists())
        self.assertEqual(processes_below(self.data), [])
        self.assertEqual((listing(home), listing(working)), before)
        self.assert_says_what_next(result.stderr + result.stdout)
        # It was not built here, and says nothing of building.
        self.assertNotRegex(result.stderr + result.stdout, "(?i)building|configuring")

    def test_it_runs_until_it_is_told_to_end(self):
        process = self.start("quickstart", *self.arguments)
        wait_until("the addresses to be printed", lambda: "Running until Ctrl-C" in process.text(), 300,
                   process)
        self.assert_says_what_next(process.text())
        # What it says to type, typed.
        command = re.search(r"(?m)^  (curl --cacert .*/metrics)$", process.text())[1]
        self.assertIn("muster_control_status{", self.run_good(*shlex.split(command)))
        second = run(*self.arguments, "--once")
        self.assertEqual(second.returncode, 1)
        self.assertIn("another quickstart runs", second.stderr)
        process.end(signal.SIGTERM)
        self.assertFalse(self.data.exists())
        self.assertEqual(processes_below(self.data), [])

    def test_a_directory_of_somebody_else_is_not_touched(self):
        self.data.mkdir()
        (self.data / "letter.txt").write_text("dear reader")
        result = run(*self.arguments, "--once")
        self.assertEqual(result.returncode, 1)
        self.assertEqual((self.data / "letter.txt").read_text(), "dear reader")


if __name__ == "__main__":
    unittest.main()
