"""Verbs that root calls while the collector is stopped leave nothing behind that the collector's own
user cannot open: it starts again after each. Not as root: the same with one user for both."""

import os
import re
import unittest

from muster_test import COLLECTOR, Agent, Collector, Scenario, run

# A user that no machine needs to have.
COLLECTOR_USER = 64003 if os.geteuid() == 0 else os.geteuid()
IS_ROOT = os.geteuid() == 0


class OwnedCollector(Collector):
    """One that runs as the owner of its state directory."""

    def __init__(self, scenario):
        super().__init__(scenario)
        self.give(self.directory, *self.directory.iterdir())

    @staticmethod
    def give(*paths):
        for path in paths:
            os.chown(path, COLLECTOR_USER, COLLECTOR_USER if IS_ROOT else -1)

    def command(self):
        command = [COLLECTOR, "serve", "--config", self.config]
        if IS_ROOT:
            command = ["setpriv", f"--reuid={COLLECTOR_USER}", f"--regid={COLLECTOR_USER}",
                       "--clear-groups", *command]
        return command

    def serve(self):
        self.process = self.scenario.start(self.name, *self.command())
        self.wait_ready()
        return self

    def others_files(self):
        return [p for p in self.directory.iterdir() if p.stat().st_uid != COLLECTOR_USER]


class StateOwnerTest(Scenario):
    def good(self, collector, *arguments):
        return self.run_good(COLLECTOR, *arguments, "--config", collector.config)

    def starts_again(self, collector):
        self.assertEqual(collector.others_files(), [])
        collector.serve()
        collector.process.end()

    def test_the_collector_starts_again_after_verbs_of_root(self):
        collector = OwnedCollector(self)
        # The very first one makes the store and its lock.
        self.good(collector, "token", "create")
        self.starts_again(collector)
        collector.serve()
        agent = Agent(self, collector)
        collector.process.end()
        for verb in (("ca", "prepare"), ("ca", "activate", "--force"),
                     ("ca", "retire", "--force"), ("host", "revoke", agent.host)):
            with self.subTest(verb=verb):
                self.good(collector, *verb)
                self.starts_again(collector)

    def test_backup_and_restore_leave_its_files_to_the_owner(self):
        collector = OwnedCollector(self)
        self.good(collector, "token", "create")
        # A place that only who calls may write to.
        mine = self.directory / "mine"
        mine.mkdir(mode=0o700)
        passphrase = mine / "passphrase"
        passphrase.write_text("four words in it\n")
        passphrase.chmod(0o600)
        backup = mine / "backup"
        self.good(collector, "backup", "--out", backup, "--passphrase-file", passphrase)
        self.assertEqual(backup.stat().st_uid, os.geteuid())
        self.starts_again(collector)
        restore = ["restore", "--in", backup, "--passphrase-file", passphrase, "--state-directory"]
        # One that fails takes nothing away either.
        (collector.directory / "store.db.lock").unlink()
        passphrase.write_text("another passphrase\n")
        self.assertNotEqual(run(COLLECTOR, *restore, collector.directory, "--replace").returncode, 0)
        self.starts_again(collector)
        passphrase.write_text("four words in it\n")
        self.run_good(COLLECTOR, *restore, collector.directory, "--replace")
        self.starts_again(collector)
        # Into an empty directory of the collector's, and into a new one.
        empty = self.directory / "empty"
        empty.mkdir(mode=0o700)
        collector.give(empty)
        self.run_good(COLLECTOR, *restore, empty, "--nobody-revoked-since-backup")
        self.assertEqual({p.stat().st_uid for p in empty.iterdir()}, {COLLECTOR_USER})
        said = self.run_good(COLLECTOR, *restore, self.directory / "new",
                             "--nobody-revoked-since-backup")
        if IS_ROOT:
            self.assertIn(f"chown -R USER: {self.directory / 'new'}", " ".join(said.split()))

    def test_a_collector_that_cannot_open_a_file_names_the_chown(self):
        collector = OwnedCollector(self)
        self.good(collector, "token", "create")
        for name in ("store.db", "store.db.lock", "ca.key"):
            with self.subTest(file=name):
                file = collector.directory / name
                if IS_ROOT:
                    os.chown(file, 0, 0)
                file.chmod(0o400 if IS_ROOT else 0)
                failed = run(*collector.command())
                self.assertNotEqual(failed.returncode, 0)
                helps = re.search(r"as root: chown (\d+):\d+ (\S+)$", failed.stderr.strip())
                self.assertTrue(helps, failed.stderr)
                self.assertEqual((int(helps[1]), helps[2]), (COLLECTOR_USER, str(file)))
                file.chmod(0o600)
                collector.give(file)
        self.starts_again(collector)


if __name__ == "__main__":
    unittest.main()
