"""deploy/quickstart from this build: it shows the table, and leaves nothing behind."""

import pathlib
import signal
import unittest

from muster_test import BUILD, SOURCE, Scenario, run, wait_until

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


class QuickstartTest(Scenario):
    def setUp(self):
        super().setUp()
        # With a space, as people have them.
        self.data = self.directory / "my data"
        self.arguments = [QUICKSTART, "--build-directory", BUILD, "--directory", self.data]

    def test_once_prints_the_table_and_leaves_nothing(self):
        result = run(*self.arguments, "--once", seconds=300)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        for control in ("security.updates", "package.lists", "certificate"):
            self.assertRegex(result.stdout.lower(), control)
        self.assertFalse(self.data.exists())
        self.assertEqual(processes_below(self.data), [])

    def test_it_runs_until_it_is_told_to_end(self):
        process = self.start("quickstart", *self.arguments)
        wait_until("the addresses to be printed", lambda: "Running until Ctrl-C" in process.text(), 300,
                   process)
        for words in ("/metrics", "/api/v1/hosts", "--cacert"):
            self.assertIn(words, process.text())
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
