#!/usr/bin/python3
"""Inside a server's own mounts: lays the unpacked packages over this system, makes the users that they would have
made, configures the server, and runs it. servers.py starts it, as root, with what is wished for on stdin.

/etc, /var/lib, /var/spool, /var/cache and /var/log are this system's, with the packages' files over them, and what
is written there is in memory and nobody else's; /run is empty. /tmp, /home, /srv and the checkout are as outside."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import recipes

# As the packages' installations make them. Numbers that Debian gives nobody.
USERS = ("ftp", "postfix", "dovecot", "dovenull", "haproxy", "openldap", "mysql", "prosody", "xrdp", "postgres")
GROUPS = ("postdrop", "ssl-cert")
FIRST_ID = 64800


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def lay_over(unpacked):
    memory = tempfile.mkdtemp(prefix="muster-server-")
    mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", memory)
    for number, place in enumerate(("/usr", "/etc", "/var/lib", "/var/spool", "/var/cache", "/var/log")):
        lower = [each for each in (f"{unpacked}{place}", place) if os.path.isdir(each)]
        upper, work = f"{memory}/{number}", f"{memory}/{number}.work"
        os.mkdir(upper)
        os.mkdir(work)
        mount("-t", "overlay", "-o", f"lowerdir={':'.join(lower)},upperdir={upper},workdir={work}", "overlay", place)
    mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/run")
    os.mkdir("/run/lock", 0o777)
    # The mounts keep it.
    subprocess.run(["umount", "--lazy", memory], check=True)
    os.rmdir(memory)


def make_users():
    def names(path):
        return {line.partition(":")[0] for line in pathlib.Path(path).read_text().splitlines()}
    there, groups = names("/etc/passwd"), names("/etc/group")
    with open("/etc/passwd", "a") as passwd, open("/etc/group", "a") as group:
        for number, name in enumerate((*USERS, *GROUPS), FIRST_ID):
            if name not in groups:
                group.write(f"{name}:x:{number}:\n")
            if name in USERS and name not in there:
                passwd.write(f"{name}:x:{number}:{number}::/nonexistent:/usr/sbin/nologin\n")


def main():
    wishes = json.load(sys.stdin)
    lay_over(wishes.pop("unpacked"))
    make_users()
    if bind := wishes.pop("bind"):
        os.makedirs(bind[1], exist_ok=True)
        mount("--bind", *bind)
    if wishes.pop("own_network"):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    wished = recipes.Wishes(**wishes)
    recipe = recipes.RECIPES[wished.name]
    for path in {path for pair in [[wished.certificate, wished.key], *wished.hosts.values()] for path in pair}:
        subprocess.run(["chown", f"root:{recipe.user}", path], check=True)
        os.chmod(path, 0o640)
    os.chdir("/")
    os.environ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
    command = recipe.configure(wished)
    # Process 1 stays root's: one that becomes somebody else would no longer end with whoever started it.
    sys.exit(subprocess.run(command, check=False).returncode)


if __name__ == "__main__":
    main()
