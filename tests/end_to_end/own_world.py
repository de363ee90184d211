"""A test in mounts and a network of its own: /etc is a copy that it may write, and loopback is all that there
is to connect to, any of its ports free.

Needs root: agents and their probes are users of their own.
"""

import fcntl
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import tempfile

SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFNETMASK = 0x8914, 0x8916, 0x891c
IFF_UP = 1


def _interface(request, name, value):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, request, struct.pack("16s", name.encode()) + value.ljust(24, b"\0"))


def _own_etc():
    """A copy, in memory, which nobody sees outside."""
    with tempfile.TemporaryDirectory() as directory:
        def mount(*arguments):
            subprocess.run(["mount", *arguments], check=True)
        mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", directory)
        # What only root may read is not needed.
        subprocess.run(["cp", "-a", "/etc/.", directory], check=False, stderr=subprocess.DEVNULL)
        mount("--bind", directory, "/etc")
        subprocess.run(["umount", directory], check=True)


def enter(test):
    """Runs the test file in such a world; returns in there."""
    if "MUSTER_OWN_WORLD" not in os.environ:
        os.environ["MUSTER_OWN_WORLD"] = "yes"
        test = pathlib.Path(test).resolve()
        os.execvp("unshare", ["unshare", "--mount", "--net", sys.executable, "-B", test, *sys.argv[1:]])
    _interface(SIOCSIFFLAGS, "lo", struct.pack("H", IFF_UP))
    _own_etc()


def add_address(address, label):
    """One more IPv4 address of loopback; `label` tells it from others: "lo:1"."""
    _interface(SIOCSIFADDR, label, struct.pack("HH4s", socket.AF_INET, 0, socket.inet_aton(address)))
    _interface(SIOCSIFNETMASK, label, struct.pack("HH4s", socket.AF_INET, 0, socket.inet_aton("255.255.255.255")))


def write_etc(name, text, mode=0o644):
    """A file of this world's /etc, in the place of what is there."""
    path = pathlib.Path("/etc") / name
    path.parent.mkdir(exist_ok=True)
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path
