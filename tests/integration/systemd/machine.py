"""A machine of its own: systemd booted by systemd-nspawn, with a network that has only loopback. It is
gone with everything in it when it ends."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import uuid

from debian_root import run

# As the kernel calls the namespaces that nsenter shares with the machine.
NAMESPACES = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"]


class Machine:
    def __init__(self, pristine, directory):
        # Of a run that was killed.
        for left in pathlib.Path(directory).glob("machine-*-*"):
            if left.is_dir() and not pathlib.Path("/proc", left.name.split("-")[1]).exists():
                shutil.rmtree(left)
                pathlib.Path(f"{left}.log").unlink(missing_ok=True)
        self.root = pathlib.Path(tempfile.mkdtemp(prefix=f"machine-{os.getpid()}-", dir=directory))
        run("cp", "--archive", "--reflink=auto", f"{pristine}/.", self.root)
        # An identity of its own, so that nothing asks for one at the first boot.
        (self.root / "etc/machine-id").write_text(uuid.uuid4().hex + "\n")
        (self.root / "etc/hostname").write_text("tortoise\n")
        (self.root / "etc/hosts").write_text("127.0.0.1 localhost\n127.0.1.1 tortoise\n")
        (self.root / "etc/locale.conf").write_text("LANG=C.UTF-8\n")
        # It has no network to wait for.
        for unit in ("systemd-networkd.service", "systemd-networkd.socket",
                     "systemd-networkd-wait-online.service", "systemd-firstboot.service"):
            (self.root / "etc/systemd/system" / unit).unlink(missing_ok=True)
            (self.root / "etc/systemd/system" / unit).symlink_to("/dev/null")
        # Nothing serves that a test has not started.
        (self.root / "etc/systemd/system/multi-user.target.wants/nginx.service").unlink(missing_ok=True)
        self.process = None
        self.leader = None

    def boot(self):
        self.log = open(f"{self.root}.log", "wb")
        self.process = subprocess.Popen(
            # It ends with this process, also when that is killed.
            ["setpriv", "--pdeathsig", "TERM", "--", "systemd-nspawn", "--quiet", "--boot",
             f"--directory={self.root}", "--register=no", "--keep-unit", "--private-network", "--console=pipe", "--machine=tortoise",
             # Its own filter is older than these; a machine has none.
             "--system-call-filter=landlock_create_ruleset landlock_add_rule landlock_restrict_self"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT)
        self.until("the machine to boot", self.is_up, 120)

    def is_up(self):
        if self.process.poll() is not None:
            raise AssertionError(f"systemd-nspawn ended: {self.console()}")
        # Its first child is not yet the machine's first process, but makes that one.
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        if not children:
            return False
        self.leader = children.split()[0]
        # A unit of Debian's that failed is not ours to judge.
        return self.try_run("systemctl", "is-system-running")[1].strip() in ("running", "degraded")

    def console(self):
        return pathlib.Path(f"{self.root}.log").read_text(errors="replace")

    def try_run(self, *command, stdin="", seconds=60):
        """Exit status, and both outputs, of a command in the machine."""
        result = subprocess.run(
            ["nsenter", f"--target={self.leader}", *NAMESPACES, "--", *map(str, command)],
            input=stdin, capture_output=True, text=True, timeout=seconds,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                 "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0"})
        return result.returncode, result.stdout + result.stderr

    def run(self, *command, stdin="", seconds=60):
        status, text = self.try_run(*command, stdin=stdin, seconds=seconds)
        if status != 0:
            raise AssertionError(f"{' '.join(map(str, command))}: exit status {status}\n{text}")
        return text

    def until(self, what, condition, seconds=30):
        end = time.monotonic() + seconds
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds} s for {what}")
            time.sleep(0.1)

    def show(self, unit, name):
        """A property of a unit."""
        return self.run("systemctl", "show", "--value", f"--property={name}", unit).strip()

    def journal(self, unit):
        return self.run("journalctl", "--no-pager", "--output=cat", f"--unit={unit}")

    def main_process(self, unit):
        return self.show(unit, "MainPID")

    def processes(self, unit):
        """The process ids of a unit's control group, as the machine has them."""
        group = self.show(unit, "ControlGroup")
        # Where systemd keeps its groups: unified, hybrid or legacy hierarchy.
        for hierarchy in ("", "/unified", "/systemd"):
            status, text = self.try_run("cat", f"/sys/fs/cgroup{hierarchy}{group}/cgroup.procs")
            if group and status == 0 and text.split():
                return text.split()
        return []

    def status_of(self, process):
        """/proc/PID/status as a dictionary."""
        lines = self.run("cat", f"/proc/{process}/status").splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def end(self):
        try:
            if self.process is not None and self.process.poll() is None:
                # It shuts down as a machine does.
                self.process.terminate()
                try:
                    self.process.wait(30)
                except subprocess.TimeoutExpired:
                    self.process.kill()
                    self.process.wait(30)
        finally:
            if self.process is not None:
                self.log.close()
                os.unlink(f"{self.root}.log")
            shutil.rmtree(self.root)
