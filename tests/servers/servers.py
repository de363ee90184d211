"""The real servers of Debian, each in mounts and processes of its own, with a certificate of the test's choice:

    with servers.Server("postfix", certificate=path, key=path) as server:
        connect to 127.0.0.1, server.port, STARTTLS of SMTP

See README.md. Needs root: without, making a Server raises NeedsRoot, which says so."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import recipes  # noqa: E402

NAMES = tuple(recipes.RECIPES)
UNPACKED = pathlib.Path(os.environ.get("MUSTER_SERVERS", HERE.parent.parent / "build/servers")) / "root"
STARTED_WITHIN = 60  # seconds; MariaDB and PostgreSQL make a database first


class NeedsRoot(Exception):
    def __init__(self):
        super().__init__("real servers run in mounts of their own, which takes root: sudo tests/run")


class NotStarted(Exception):
    pass


def free_ports(address, count):
    """That many ports that nobody listens on at `address`, different from each other."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind((address, 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _child(pid):
    """The first child of a process."""
    return int(pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


class Server:
    """`certificate` and `key` are PEM files, the first with its chain; they are copied. `hosts` is {name: (certificate,
    key)} for nginx, haproxy and apache2. `settings` are lines of the server's own configuration language, at the place
    where its TLS is configured. `port` is for what it speaks first (recipes.py), free ones are taken for the rest.
    With `own_network` it has a loopback of its own, to be reached with `run`. With `place` it has them configured in that
    directory, which is there only for the server: "/etc/ssl/private"."""

    def __init__(self, name, certificate, key, port=None, hosts=None, settings="", address="127.0.0.1",
                 own_network=False, place=None):
        if os.geteuid() != 0:
            raise NeedsRoot()
        if not UNPACKED.is_dir():
            raise NotStarted(f"{UNPACKED} is missing: tests/servers/unpack build/servers")
        if hosts and name not in ("nginx", "haproxy", "apache2"):
            raise ValueError(f"{name} has no further hosts here: its settings may")
        self.name, self.address, self.settings, self.own_network = name, address, settings, own_network
        self.place = place
        self.recipe = recipes.RECIPES[name]
        # Others than root must reach it.
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=f"muster-{name}-"))
        self.directory.chmod(0o755)
        self.ports = dict(zip(self.recipe.speaks, free_ports(address, len(self.recipe.speaks))))
        if port:
            self.ports[self.recipe.speaks[0]] = port
        self.port = self.ports[self.recipe.speaks[0]]
        self.hosts = {}
        self.certificate, self.key = self.renew(certificate, key)
        for host, (its_certificate, its_key) in (hosts or {}).items():
            self.hosts[host] = self.renew(its_certificate, its_key, host)
        self.process = None

    def renew(self, certificate, key, host="server"):
        """Replaces the files, as an ACME client does; the server is not told. Returns where they are."""
        certificate, key = pathlib.Path(certificate).read_text(), pathlib.Path(key).read_text()
        paths = (self.directory / f"{host}.pem", self.directory / f"{host}.key")
        if self.recipe.key_beside:
            texts = ((paths[0], certificate), (paths[1], key))
        else:
            paths, texts = (paths[0], paths[0]), ((paths[0], certificate + key),)
        for path, text in texts:
            new = path.with_suffix(".new")
            new.write_text(text)
            if path.exists():
                there = path.stat()
                os.chown(new, there.st_uid, there.st_gid)
                new.chmod(there.st_mode)
            new.rename(path)
        return paths

    def inside(self, path):
        """Where the server has it."""
        return str(pathlib.Path(self.place or self.directory) / path.name)

    def start(self):
        log = open(self.directory / "log", "ab")
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc",
             *(["--net"] if self.own_network else []), sys.executable, "-B", str(HERE / "inside.py")],
            stdin=subprocess.PIPE, stdout=log, stderr=log, text=True)
        log.close()
        json.dump({"name": self.name, "address": self.address, "ports": self.ports, "settings": self.settings,
                   "certificate": self.inside(self.certificate), "key": self.inside(self.key),
                   "unpacked": str(UNPACKED), "own_network": self.own_network,
                   "bind": [str(self.directory), self.place] if self.place else [],
                   "hosts": {name: list(map(self.inside, pair)) for name, pair in self.hosts.items()}}, self.process.stdin)
        self.process.stdin.close()
        deadline = time.monotonic() + STARTED_WITHIN
        for port in self.ports.values():
            while not self._listens(port):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    log = self.log()
                    self.stop()
                    raise NotStarted(f"{self.name} does not listen on port {port}:\n{log[-4000:]}")
                time.sleep(0.05)
        return self

    def _listens(self, port):
        if not self.own_network:
            with socket.socket() as probe:
                probe.settimeout(5)
                return probe.connect_ex((self.address, port)) == 0
        try:
            return self.run("bash", "-c", f"</dev/tcp/{self.address}/{port}", stderr=subprocess.DEVNULL).returncode == 0
        except (IndexError, FileNotFoundError):
            return False

    @property
    def pid(self):
        """Its main process, as seen from outside."""
        return _child(_child(self.process.pid))

    @property
    def root(self):
        """Its root directory as seen from outside: `--root` of a probe."""
        return f"/proc/{self.pid}/root"

    def run(self, *command, **options):
        """A command in its mounts and network; of processes it sees those outside."""
        return subprocess.run(["nsenter", "--target", str(self.pid), "--mount",
                               *(["--net"] if self.own_network else []), *command], check=False, **options)

    def log(self):
        return (self.directory / "log").read_text(errors="replace")

    def stop(self):
        """Ends it with all its processes: the first of a process namespace takes the others along."""
        if self.process:
            try:
                # unshare ends after it, and it after all others.
                os.kill(_child(self.process.pid), signal.SIGKILL)
            except (IndexError, FileNotFoundError):
                self.process.kill()
            self.process.wait()
            self.process = None

    def restart(self):
        """With the files as they are now."""
        self.stop()
        return self.start()

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.directory)
