#!/usr/bin/env python3
"""Programs whose files are replaced while they run, as the probe sees them, and as needrestart does.

The files lie in the build directory, or beside it where that is for temporary files: what is there is nobody's
package, and left out. Every program has a name of its
own, by which both tell of it. What is started ends with its input, at the end of the test at the latest.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

BUILD = pathlib.Path(os.environ["MUSTER_BUILD_DIRECTORY"])
PROBE = BUILD / "libexec/muster/probes/muster-probe-restart"
PLACE = BUILD / "tests"
if str(PLACE).startswith(("/tmp/", "/var/tmp/")):
    PLACE = pathlib.Path("/var/lib") if os.geteuid() == 0 else pathlib.Path.home()
PROGRAM, LIBRARY = BUILD / "tests/stale_program", BUILD / "tests/libstale_library.so"
# tests/needrestart_unpacked puts it there: its package would install a hook that apt runs each time.
NEEDRESTART = BUILD.parent / "needrestart"
NAMESPACE = ["unshare", "--mount", "--propagation", "private"]
if os.geteuid() != 0:
    NAMESPACE += ["--user", "--map-root-user"]


class Story:
    """A directory with a program and a library, and the program running."""

    def __init__(self, test, name):
        self.name = name
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="muster-restart-", dir=PLACE))
        test.addCleanup(shutil.rmtree, self.directory)
        self.test = test
        self.program = self.directory / name
        self.library = self.directory / "libstale.so"
        shutil.copy2(PROGRAM, self.program)
        shutil.copy2(LIBRARY, self.library)

    def start(self, *arguments, library=None, before=(), program=None):
        """The process, once it has mapped all; `before` are shell lines in a mount namespace of its own."""
        command = [str(program or self.program), str(library or self.library), *map(str, arguments)]
        if before:
            command = [*NAMESPACE, "sh", "-ec", "\n".join([*before, 'exec "$@"']), "sh", *command]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.test.addCleanup(self.end, process)
        self.test.assertEqual(process.stdout.readline(), "ready\n")
        return process

    @staticmethod
    def end(process):
        process.stdin.close()
        process.wait(30)
        process.stdout.close()

    @staticmethod
    def replace(path):
        """As a package manager does."""
        new = path.with_suffix(".new")
        shutil.copy2(path, new)
        os.rename(new, path)


def stories(test):
    """{program: the files of which it is stale, or none}. All run until the end of the test."""
    expected = {}

    def story(name, *files):
        made = Story(test, name)
        expected[name] = [str(made.directory / file) for file in files]
        return made

    story("st_untouched").start()

    replaced = story("st_replaced", "libstale.so")
    replaced.start()
    replaced.replace(replaced.library)

    removed = story("st_removed", "libstale.so")
    removed.start()
    removed.library.unlink()

    itself = story("st_program", "st_program")
    itself.start()
    itself.replace(itself.program)

    makes = story("st_jit")
    makes.start("memfd", "jit", makes.directory)

    # In a mount namespace: at the path of its library something else lies for everybody else.
    inside = story("st_inside")
    (inside.directory / "own").mkdir()
    (inside.directory / "seen").mkdir()
    for place in ("own", "seen"):
        shutil.copy2(LIBRARY, inside.directory / place)
    mount = f"mount --bind '{inside.directory}/own' '{inside.directory}/seen'"
    inside.start(library=inside.directory / "seen" / LIBRARY.name, before=[mount])

    gone = story("st_inside_gone", f"seen/{LIBRARY.name}")
    (gone.directory / "own").mkdir()
    (gone.directory / "seen").mkdir()
    shutil.copy2(LIBRARY, gone.directory / "own")
    mount = f"mount --bind '{gone.directory}/own' '{gone.directory}/seen'"
    gone.start(library=gone.directory / "seen" / LIBRARY.name, before=[mount])
    gone.replace(gone.directory / "own" / LIBRARY.name)
    return expected


class ProbeTest(unittest.TestCase):
    maxDiff = None

    def look(self):
        output = subprocess.run([PROBE, "--format", "json"], capture_output=True, text=True, check=True).stdout
        return json.loads(output)["facts"]

    def test_programs_are_stale_by_what_was_replaced_under_them(self):
        expected = {name: files for name, files in stories(self).items() if files}
        facts = self.look()
        files = {file for service in facts["stale_services"] for file in service["files"]
                 if file.startswith(f"{PLACE}/muster-restart-")}
        programs = {program for service in facts["stale_services"] for program in service["programs"]
                    if program.startswith("st_")}
        self.assertEqual(files, {file for files in expected.values() for file in files})
        self.assertEqual(programs, set(expected))

    def test_what_is_mounted_over_a_library_replaces_it(self):
        """Where it can be compared: not on overlayfs, btrfs and the like (README.md)."""
        story = Story(self, "st_covered")
        for place in ("own", "other"):
            (story.directory / place).mkdir()
            shutil.copy2(LIBRARY, story.directory / place)
        process = story.start(library=story.directory / "own" / LIBRARY.name, before=["true"])
        self.assertNotIn(str(story.directory / "own" / LIBRARY.name), self.files(self.look()))
        enter = ["nsenter", "--mount", f"--target={process.pid}"]
        if os.geteuid() != 0:
            enter += ["--user", "--preserve-credentials"]
        subprocess.run([*enter, "mount", "--bind", f"{story.directory}/other", f"{story.directory}/own"], check=True)
        comparable = os.major(story.library.stat().st_dev) != 0
        self.assertEqual(str(story.directory / "own" / LIBRARY.name) in self.files(self.look()), comparable)

    @staticmethod
    def files(facts):
        return [file for service in facts["stale_services"] for file in service["files"]]


class AgainstNeedrestartTest(unittest.TestCase):
    maxDiff = None

    def test_both_name_the_same_programs(self):
        expected = stories(self)
        pids = {}
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    pids[entry.name] = (entry / "comm").read_text().strip()
                except OSError:
                    continue
        self.assertTrue(set(expected) <= set(pids.values()))
        output = subprocess.run(
            ["perl", "-I", NEEDRESTART / "usr/share/perl5", NEEDRESTART / "usr/sbin/needrestart", "-b", "-v", "-l",
             "-r", "l", "-c", NEEDRESTART / "etc/needrestart/needrestart.conf"],
            capture_output=True, text=True, check=True)
        theirs = {pids.get(pid) for pid in re.findall(r"^\[main\] #(\d+) uses ", output.stdout + output.stderr, re.M)}
        self.assertIn("NEEDRESTART-VER", output.stdout, output.stderr)
        self.assertEqual({name for name in expected if name in theirs},
                         {name for name, files in expected.items() if files})


if __name__ == "__main__":
    unittest.main()
