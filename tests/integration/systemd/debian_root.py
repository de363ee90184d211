"""A Debian 12 with systemd in a directory: made once by debootstrap, kept beside the build, copied for
each machine."""

import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import subprocess

SUITE = "bookworm"
# What a machine needs to boot and to be looked at, and a server whose unit is found.
BASE = ["systemd", "systemd-sysv", "dbus", "procps", "curl", "ca-certificates", "nginx"]


def run(*command, **options):
    """The output of a command that must succeed."""
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if result.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: exit status {result.returncode}\n"
                             f"{result.stdout}{result.stderr}")
    return result.stdout


def programs_of(build):
    """What the packages of Muster install, in a build directory."""
    return [build / "bin/muster-collector", build / "bin/muster-agent", build / "libexec/muster/muster-launcher",
            build / "libexec/muster/muster-answers", build / "libexec/muster/muster-device-answers",
            *sorted((build / "libexec/muster/probes").glob("muster-probe-*"))]


def packages_of(programs):
    """The Debian packages of the shared libraries that the programs load."""
    libraries = set()
    for program in programs:
        for path in re.findall(r"=> (/\S+)", run("ldd", program)):
            # dpkg knows one of the two names that the merged /usr gives to a file.
            path = os.path.realpath(path)
            libraries.add(path)
    packages = set()
    for library in libraries:
        for name in (library, library.removeprefix("/usr")):
            owner = subprocess.run(["dpkg-query", "--search", name], capture_output=True, text=True)
            if owner.returncode == 0:
                packages.add(owner.stdout.split(":")[0])
                break
        else:
            raise AssertionError(f"{library} is of no Debian package: build on a Debian 12")
    return sorted(packages)


def mirror():
    """Where this machine's apt has Debian from; empty for debootstrap's own choice."""
    lines = run("apt-get", "indextargets", "--format", "$(CODENAME) $(COMPONENT) $(REPO_URI)",
                "Created-By: Packages").splitlines()
    for line in lines:
        codename, component, uri = line.split(" ", 2)
        if codename == SUITE and component == "main":
            return [uri]
    return []


def cached_root(cache, packages):
    """The directory of a root with these packages, made if it is not there."""
    wanted = BASE + packages
    key = hashlib.sha256(" ".join([SUITE, *wanted]).encode()).hexdigest()[:12]
    root = pathlib.Path(cache) / f"debian-{key}"
    root.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{root}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if root.exists():
            return root
        # Of an earlier list, or of one that was interrupted.
        for old in root.parent.glob("debian-*"):
            if old.is_dir():
                shutil.rmtree(old)
        unfinished = root.with_name(root.name + ".unfinished")
        print(f"Making a Debian {SUITE} in {root}, about a minute", flush=True)
        run("debootstrap", "--variant=minbase", f"--include={','.join(wanted)}", SUITE, unfinished,
            *mirror(), timeout=1200)
        shutil.rmtree(unfinished / "var/cache/apt/archives", ignore_errors=True)
        unfinished.rename(root)
        return root
