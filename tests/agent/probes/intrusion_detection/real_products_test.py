#!/usr/bin/python3
"""AIDE, Samhain, Tripwire and Rootkit Hunter themselves, and what the probe says of the files that they leave.

Each works in a root of its own, in namespaces of its own (mounts, processes, a network without anything), with its
programs from Debian's packages, unpacked by tests/debian_unpacked; /usr is the host's, for the libraries. Then the
probe looks at that root as at an image."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

BUILD = pathlib.Path(os.environ["MUSTER_BUILD_DIRECTORY"])
PROBE = BUILD / "libexec/muster/probes/muster-probe-intrusion-detection"
PACKAGES = BUILD.parent / "hids"
NAMESPACES = ["unshare", "--mount", "--pid", "--net", "--fork", "--propagation", "private", "--kill-child"]
if os.geteuid() != 0:
    NAMESPACES += ["--user", "--map-root-user"]
# $1: the root, $2: the packages, $3: Muster's programs; the rest is the command.
ENTER = r"""
root=$1 packages=$2 muster=$3; shift 3
for each in usr bin sbin lib lib32 lib64; do
  if [ ! -L /$each ] && [ -d /$each ]; then
    mkdir -p $root/$each
    mount --rbind /$each $root/$each
    mount -o remount,bind,ro $root/$each
  fi
done
mount -t proc proc $root/proc
mount --rbind /dev $root/dev
mount --bind $packages $root/packages
mount --bind $muster $root/muster
libraries=$(cd $packages && printf '/packages/%s:' usr/lib/*-linux-gnu lib/*-linux-gnu)
exec chroot $root env -i PATH=/packages/usr/sbin:/packages/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  LD_LIBRARY_PATH=$libraries LC_ALL=C HOME=/root "$@"
"""
DIRECTORIES = ("dev", "etc/alternatives", "muster", "packages", "proc", "root", "run", "srv/tree", "sys", "tmp",
               "var/log", "var/tmp")


class Root:
    def __init__(self, test, program):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="muster-hids-"))
        test.addCleanup(shutil.rmtree, self.path)
        for directory in ("bin", "sbin", "lib", "lib32", "lib64"):
            if os.path.islink(f"/{directory}"):
                (self.path / directory).symlink_to(os.readlink(f"/{directory}"))
        self.path.chmod(0o755)  # muster-answers looks at processes as a user without rights
        self.test = test
        self.program = program
        for directory in DIRECTORIES:
            (self.path / directory).mkdir(parents=True)
        self.write("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
        self.write("etc/group", "root:x:0:\n")
        for alternative in pathlib.Path("/etc/alternatives").iterdir():
            if alternative.is_symlink():
                (self.path / "etc/alternatives" / alternative.name).symlink_to(os.readlink(alternative))
        self.write("srv/tree/kept", "kept\n")
        self.restore_files()

    def write(self, name, text):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def restore_files(self):
        self.write("srv/tree/changed", "before\n")
        self.write("srv/tree/removed", "before\n")
        (self.path / "srv/tree/new").unlink(missing_ok=True)

    def change_files(self):
        self.write("srv/tree/changed", "after that\n")
        (self.path / "srv/tree/removed").unlink()
        self.write("srv/tree/new", "new\n")

    def run(self, *command, ends_with=(0,)):
        """The product itself."""
        process = subprocess.run([*NAMESPACES, "sh", "-ec", ENTER, "sh", self.path, PACKAGES, BUILD / "libexec/muster",
                                  *command],
                                 stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100, check=False)
        self.test.assertIn(process.returncode, ends_with, f"{command}: {process.stdout}{process.stderr}")

    def look(self):
        """What the probe says of the product: as an image at rest, in which the program lies."""
        # Its own /usr is empty outside of the namespaces.
        self.write(self.program, "")
        output = subprocess.run([PROBE, "--root", self.path, "--format", "json"], capture_output=True, text=True,
                                timeout=30, check=True).stdout
        facts = json.loads(output)["facts"]
        self.test.assertEqual(len(facts["products"]), 1, facts)
        return facts["products"][0]

    def unread(self, product):
        return {each["fact"]: each["reason"] for each in product.get("unread", [])}


class AideTest(unittest.TestCase):
    def setUp(self):
        self.root = Root(self, "usr/bin/aide")
        self.configure("report_url=file:/var/log/aide/report\n")
        for directory in ("var/lib/aide", "var/log/aide", "run/aide"):
            (self.root.path / directory).mkdir(parents=True)

    def configure(self, reports):
        self.root.write("etc/aide/aide.conf", "@@define DBDIR /var/lib/aide\ndatabase_in=file:@@{DBDIR}/aide.db\n"
                        f"database_out=file:@@{{DBDIR}}/aide.db.new\ngzip_dbout=yes\n{reports}/srv/tree f R\n")

    def make_baseline(self):
        self.root.run("aide", "--config", "/etc/aide/aide.conf", "--init")
        (self.root.path / "var/lib/aide/aide.db.new").rename(self.root.path / "var/lib/aide/aide.db")

    def check(self, ends_with):
        self.root.run("aide", "--config", "/etc/aide/aide.conf", "--check", ends_with=ends_with)

    def test_before_and_after_its_baseline(self):
        product = self.root.look()
        self.assertEqual((product["mode"], product["last_check"]["result"]),
                         ("PROTECTION_MODE_OFF", "CHECK_RESULT_NEVER"))
        self.assertIn("there is none", self.root.unread(product)["baseline_at"])
        self.make_baseline()
        product = self.root.look()
        self.assertEqual((product["mode"], product["last_check"]["result"]),
                         ("PROTECTION_MODE_ON_DEMAND", "CHECK_RESULT_NEVER"))
        self.assertIn("baseline_at", product)
        self.assertEqual(product["unread"], [])

    def test_a_check_of_what_is_as_it_was_and_of_what_is_not(self):
        for form in ("", "report_format=json\n"):
            with self.subTest(form):
                self.root.restore_files()
                self.configure(form + "report_url=file:/var/log/aide/report\n")
                self.make_baseline()
                self.check(ends_with=(0,))
                last = self.root.look()["last_check"]
                self.assertEqual((last["result"], last["found"]), ("CHECK_RESULT_CLEAN", "0"))
                self.root.change_files()
                self.check(ends_with=(7,))
                product = self.root.look()
                last = product["last_check"]
                self.assertEqual((last["result"], last["detail"]),
                                 ("CHECK_RESULT_FOUND", "1 added, 1 removed and 1 changed"))
                self.assertLessEqual(product["baseline_at"], last["ended_at"])
                self.assertRegex(product["version"], r"^\d+\.\d+")

    def test_debians_daily_check(self):
        """The script, told where the program lies here. It logs beside what AIDE itself is told to."""
        script = (PACKAGES / "usr/share/aide/bin/dailyaidecheck").read_text()
        script = script.replace("/usr/bin/aide", "/packages/usr/bin/aide")
        self.assertIn('PATH="/sbin:', script)
        script = script.replace('PATH="/sbin:', 'PATH="/packages/usr/bin:/packages/usr/sbin:/sbin:')
        self.root.write("srv/dailyaidecheck", script)
        self.root.write("etc/default/aide", (PACKAGES / "usr/share/aide/config/default/aide").read_text())
        self.configure("")
        self.make_baseline()
        self.root.change_files()
        self.root.run("bash", "/srv/dailyaidecheck", "--crondaily")
        last = self.root.look()["last_check"]
        self.assertEqual((last["result"], last["found"]), ("CHECK_RESULT_FOUND", "3"))
        (self.root.path / "var/lib/aide/aide.db").unlink()
        self.root.run("bash", "/srv/dailyaidecheck", "--crondaily", ends_with=range(256))
        last = self.root.look()["last_check"]
        self.assertEqual(last["result"], "CHECK_RESULT_FAILED", last)


class SamhainTest(unittest.TestCase):
    # Those checks go through all processes and ports of the host.
    SETTINGS = """[ReadOnly]
dir = 99/srv/tree
[PortCheck]
PortCheckActive=no
[ProcessCheck]
ProcessCheckActive=no
[SuidCheck]
SuidCheckActive=no
[Misc]
Daemon = no
ChecksumTest=check
SetLoopTime = 2
SetFileCheckTime = 1
[EOF]
"""

    # It looks at the system itself, in which the daemon runs.
    STORY = r"""
mount -t tmpfs none /usr/local
mkdir /usr/local/sbin
: >/usr/local/sbin/samhain
probe="/muster/probes/muster-probe-intrusion-detection --format json"
samhain -t init >/dev/null
samhain -t check -D >/dev/null
while [ ! -s /run/samhain/samhain.pid ]; do sleep 0.1; done
$probe >/srv/alive.json
status=/proc/$(cat /run/samhain/samhain.pid)/status
kill -9 "$(cat /run/samhain/samhain.pid)"
while [ -e "$status" ] && ! grep -q "^State:.Z" "$status"; do sleep 0.1; done
$probe >/srv/dead.json
"""

    def make_root(self, settings):
        root = Root(self, "usr/sbin/samhain")
        root.write("etc/samhain/samhainrc", settings)
        root.write("etc/hosts", "127.0.0.1 localhost\n")
        for directory in ("var/lib/samhain", "var/log/samhain", "run/samhain"):
            (root.path / directory).mkdir(parents=True)
        (root.path / "var/run").symlink_to("../run")
        return root

    def test_its_daemon_alive_and_killed(self):
        root = self.make_root(self.SETTINGS.replace("Daemon = no", "Daemon = yes"))
        root.run("sh", "-ec", self.STORY)
        running = []
        for file in ("alive.json", "dead.json"):
            products = json.loads((root.path / "srv" / file).read_text())["facts"]["products"]
            samhain, = [product for product in products if product["product"] == "samhain"]
            running.append(root.unread(samhain).get("running", samhain["running"]))
        if os.geteuid() == 0:
            self.assertEqual(running, ["ANSWER_YES", "ANSWER_NO"])
        else:
            # In a namespace of one user muster-answers cannot become another, and asks nobody.
            for reason in running:
                self.assertIn("could not be read", reason)

    def test_its_database_a_clean_check_and_a_changed_file(self):
        root = self.make_root(self.SETTINGS)
        self.assertEqual(root.look()["mode"], "PROTECTION_MODE_OFF")
        root.run("samhain", "-t", "init")
        # The log has whole seconds: a change in the second of the baseline would be one before it.
        database = root.path / "var/lib/samhain/samhain_file"
        os.utime(database, (database.stat().st_atime, database.stat().st_mtime - 10))
        baseline = root.look()["baseline_at"]
        root.run("samhain", "-t", "check")
        last = root.look()["last_check"]
        self.assertEqual((last["result"], last["found"]), ("CHECK_RESULT_CLEAN", "0"))
        root.change_files()
        root.run("samhain", "-t", "check")
        product = root.look()
        self.assertEqual(product["last_check"]["result"], "CHECK_RESULT_FOUND")
        # The directory too, where its times moved by a second.
        self.assertIn(product["last_check"]["found"], ("3", "4"))
        self.assertIn("POLICY MISSING /srv/tree/removed", product["last_check"]["detail"])
        self.assertEqual(product["baseline_at"], baseline)
        (root.path / "var/log/samhain/samhain.log").unlink()
        self.assertIn("rotated away", root.unread(root.look())["last_check"])


class TripwireTest(unittest.TestCase):
    def test_its_database_and_its_reports(self):
        root = Root(self, "usr/sbin/tripwire")
        root.write("etc/tripwire/twcfg.txt", (PACKAGES / "etc/tripwire/twcfg.txt").read_text())
        root.write("etc/tripwire/twpol.txt", "/srv/tree -> $(ReadOnly);\n")
        (root.path / "var/lib/tripwire/report").mkdir(parents=True)
        host = os.uname().nodename
        site = ("-S", "/etc/tripwire/site.key", "-Q", "site phrase")
        root.run("twadmin", "--generate-keys", *site)
        root.run("twadmin", "--generate-keys", "-L", f"/etc/tripwire/{host}-local.key", "-P", "local phrase")
        root.run("twadmin", "--create-cfgfile", *site, "/etc/tripwire/twcfg.txt")
        root.run("twadmin", "--create-polfile", *site, "/etc/tripwire/twpol.txt")
        self.assertEqual(root.look()["mode"], "PROTECTION_MODE_OFF")
        root.run("tripwire", "--init", "-P", "local phrase")
        product = root.look()
        self.assertIn("baseline_at", product)
        self.assertIn("there is no report", root.unread(product)["last_check"])
        root.change_files()
        root.run("tripwire", "--check", "--quiet", ends_with=(7,))
        product = root.look()
        self.assertEqual(product["last_check"]["result"], "CHECK_RESULT_ENDED")
        self.assertLessEqual(product["baseline_at"], product["last_check"]["ended_at"])
        report, = (root.path / "var/lib/tripwire/report").glob("*.twr")
        report.write_bytes(report.read_bytes()[:16])
        self.assertIn("not whole", root.unread(root.look())["last_check"])


class RkhunterTest(unittest.TestCase):
    def test_its_stored_properties_a_clean_check_and_a_warning(self):
        root = Root(self, "usr/bin/rkhunter")
        settings = [line for line in (PACKAGES / "etc/rkhunter.conf").read_text().splitlines()
                    if not line.startswith("SCRIPTDIR")]
        settings.append("SCRIPTDIR=/packages/usr/share/rkhunter/scripts")
        root.write("etc/rkhunter.conf", "\n".join(settings) + "\n")
        root.write("etc/shadow", "root:*:19000:0:99999:7:::\n")
        shutil.copy2("/etc/os-release", root.path / "etc")
        shutil.copytree(PACKAGES / "var/lib/rkhunter", root.path / "var/lib/rkhunter")
        for file in ("passwd", "group"):  # as its package does
            shutil.copy2(root.path / "etc" / file, root.path / "var/lib/rkhunter/tmp" / file)
        self.assertIn("there is none", root.unread(root.look())["last_check"])
        root.run("rkhunter", "--propupd", "--nocolors")
        product = root.look()
        self.assertIn("baseline_at", product)
        self.assertIn("no check", root.unread(product)["last_check"])
        # All of its tests take a minute and more.
        check = ("rkhunter", "--cronjob", "--report-warnings-only", "--appendlog", "--enable", "passwd_changes")
        root.run(*check)
        last = root.look()["last_check"]
        self.assertEqual((last["result"], last["found"]), ("CHECK_RESULT_CLEAN", "0"))
        root.write("etc/passwd", "root:x:0:0:root:/root:/bin/sh\neve:x:0:0::/root:/bin/sh\n")
        root.run(*check, ends_with=(1,))
        product = root.look()
        self.assertEqual(product["last_check"]["result"], "CHECK_RESULT_FOUND")
        self.assertIn("'eve'", product["last_check"]["detail"])
        self.assertRegex(product["version"], r"^\d+\.\d+")


if __name__ == "__main__":
    unittest.main()
