"""What must be there after a kill, known from what was acknowledged before it.

Of the collector: the store's rows, read from a copy of its files while no collector runs. Of the agent:
its outbox's files. Each is read as an outsider would, by its documented form, not by our code.
"""

import hashlib
import re
import shutil
import sqlite3

# ADR 6: what only confirms is written every half minute; a second for the clock's edges.
HEARTBEATS_LOST_SECONDS = 31

COLLECTOR_FILES = {"admin.sock", "ca.key", "ca.pem", "collector.yml", "policy.yml", "server.key",
                   "server.pem", "store.db", "store.db-journal", "store.db-wal", "store.db.lock"}
AGENT_FILES = {"agent.yml", "ca.pem", "identity.next.pem", "identity.pem", "lock", "outbox", "status.json",
               "status.json.new"}
VERSION_FILE = re.compile(r"(\d{20})-[a-z0-9-]{1,64}\.version")
# What write_file_atomically leaves when it is killed.
TEMPORARY = re.compile(r".*\.[A-Za-z0-9]{6}")


def _fields(data):
    """[(number, value)] of a protobuf message: integers, and bytes for the rest."""
    fields, at = [], 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        key = varint()
        if key & 7 == 0:
            fields.append((key >> 3, varint()))
            continue
        size = {1: 8, 5: 4}.get(key & 7) or varint()
        fields.append((key >> 3, data[at:at + size]))
        at += size
    return fields


def _unseal(path):
    """What is in a file of the outbox, whose checksum must be right."""
    data = path.read_bytes()
    magic, rest = data.split(b"\n", 1)
    digest, content = rest[:32], rest[32:]
    assert hashlib.sha256(magic + b"\n" + content).digest() == digest, f"{path} is damaged"
    return content


def acknowledged(agent_directory):
    """(epoch, {probe: sequence}) that the agent was told are committed; (0, {}) without a cursor."""
    path = agent_directory / "outbox/cursor"
    try:
        fields = _fields(_unseal(path))
    except FileNotFoundError:
        return 0, {}
    sequences = {}
    for number, value in fields:
        if number == 1:
            committed = dict(_fields(value))
            sequences[committed[2].decode()] = committed[3]
    return dict(fields).get(5, 0), sequences


def read_store(directory, scratch):
    """The rows of a collector's store, whose process does not run. Reads a copy: nothing is repaired."""
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    for path in directory.glob("store.db*"):
        shutil.copyfile(path, scratch / path.name)
    database = sqlite3.connect(scratch / "store.db")
    try:
        (health,) = database.execute("PRAGMA integrity_check").fetchone()
        assert health == "ok", f"the store is damaged: {health}"
        assert not database.execute("PRAGMA foreign_key_check").fetchall()
        return {
            "hosts": {name: {"id": host, "epoch": epoch, "last_sync": (last or 0) / 1e6}
                      for host, name, epoch, last in
                      database.execute("SELECT id, name, epoch, last_sync_at FROM host")},
            "slots": [value for (value,) in
                      database.execute("SELECT value FROM host_label WHERE name = 'slot'")],
            "tokens": dict(database.execute("SELECT sha256, uses_left FROM token")),
            "sections": {(host, probe): (sequence, bytes(digest)) for host, probe, sequence, digest in
                         database.execute("SELECT host_id, probe, sequence, digest FROM section")},
        }
    finally:
        database.close()


class Model:
    def __init__(self, scratch):
        self.scratch = scratch
        self.hosts = set()
        # {token: its slot}; every token is for one host, which has the slot as its label.
        self.tokens = {}
        self.taken = set()
        # {(host id, probe): (epoch, sequence)} as last seen in the store.
        self.versions = {}
        self.last_sync = {}

    def token_made(self, token, slot):
        self.tokens[token] = slot

    def enrolled(self, token, host):
        assert token not in self.taken, f"a token was taken twice, the second time by {host}"
        self.taken.add(token)
        self.hosts.add(host)

    def reported(self, host, timestamp):
        """A report of the host was answered at this time."""
        self.last_sync[host] = max(timestamp, self.last_sync.get(host, 0))

    def check_store(self, directory, agent_directory, agent_host):
        """Of a collector that was killed. The agent may run: it cannot be told anything now."""
        epoch, sequences = acknowledged(agent_directory)
        store = read_store(directory, self.scratch)
        missing = self.hosts - store["hosts"].keys()
        assert not missing, f"hosts that were told they are enrolled are gone: {missing}"
        assert len(store["slots"]) == len(set(store["slots"])), f"a token made two hosts: {store['slots']}"
        for token, slot in self.tokens.items():
            uses = store["tokens"].get(hashlib.sha256(token.encode()).hexdigest())
            assert uses is not None, f"the token of slot {slot} is gone"
            if token in self.taken or slot in store["slots"]:
                assert uses == 0, f"the token of slot {slot} made a host and can be taken again"
        host = store["hosts"][agent_host]
        for probe, sequence in sequences.items():
            held = store["sections"].get((host["id"], probe), (0, b""))[0]
            assert host["epoch"] > epoch or (host["epoch"] == epoch and held >= sequence), (
                f"{probe} was acknowledged up to {sequence} of {epoch}, and the store has {held} of "
                f"{host['epoch']}")
        epochs = {row["id"]: row["epoch"] for row in store["hosts"].values()}
        for key, (sequence, _) in store["sections"].items():
            version = (epochs[key[0]], sequence)
            # With a new epoch all sequences begin at 0 again, until the agent has sent them.
            assert version >= self.versions.get(key, version), f"{key} went back to {version}"
            self.versions[key] = version
        for name, row in store["hosts"].items():
            lost = self.last_sync.get(name, 0) - row["last_sync"]
            assert lost <= HEARTBEATS_LOST_SECONDS, f"{name}: {lost:.0f} s of heartbeats are lost"

    def check_answers(self, collector):
        """Of a collector that runs: each host once, in the API and in every series."""
        names = [host["name"] for host in collector.get_json("/api/v1/hosts").get("hosts", [])]
        assert len(names) == len(set(names)), names
        assert self.hosts <= set(names), self.hosts - set(names)
        status, _, body = collector.get("/metrics")
        assert status == 200, body[:200]
        series = [line.rsplit(" ", 1)[0] for line in body.decode().splitlines()
                  if line and not line.startswith("#")]
        assert len(series) == len(set(series)), "a series is there twice"
        reporting = [s for s in series if s.startswith("muster_host_reporting{")]
        assert len(reporting) == len(names), (names, reporting)

    @staticmethod
    def check_outbox(agent_directory):
        """Of an agent that was killed: every file is whole, but for what it was writing."""
        outbox = agent_directory / "outbox"
        for path in outbox.glob("*.version"):
            _unseal(path)
        acknowledged(agent_directory)
        temporary = [p.name for p in agent_directory.rglob("*") if TEMPORARY.fullmatch(p.name)]
        assert len(temporary) <= 1, f"temporary files pile up: {temporary}"
        assert not list(outbox.glob("*.damaged"))

    @staticmethod
    def strangers(agent_directory, collector_directory):
        """Files that do not belong there."""
        found = [p.name for p in collector_directory.iterdir() if p.name not in COLLECTOR_FILES]
        found += [p.name for p in agent_directory.iterdir() if p.name not in AGENT_FILES]
        return found + [p.name for p in (agent_directory / "outbox").iterdir()
                        if p.name != "cursor" and not VERSION_FILE.fullmatch(p.name)]
