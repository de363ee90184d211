"""A server that is a thousand targets, and counts: which of them was looked at, and when.

It listens on one port of every address of 127/8; a target is one address. When targets are looked at is in
docs/targets.md: on a grid of the collector's clock, of which each has its own phase. The oracle knows the
grid by its own arithmetic, so that it can tell "twice in an interval" from "late in one, on time in the
next".
"""

import collections
import selectors
import socket
import threading
import time

MASK = (1 << 64) - 1

# A look may come this part of an interval early (clocks are estimated) and still counts for its own.
EARLY = 0.1


def phase(name, interval):
    """Seconds from the interval's beginning to the target's look; docs/targets.md."""
    value = 0xcbf29ce484222325
    for byte in name.encode():
        value = ((value ^ byte) * 0x100000001b3) & MASK
    value ^= value >> 33
    value = (value * 0xff51afd7ed558ccd) & MASK
    value ^= value >> 33
    return value % int(interval * 1_000_000) / 1_000_000


class LookOracle:
    def __init__(self, count, interval):
        self.interval = interval
        self._listener = socket.create_server(("0.0.0.0", 0), backlog=4096)
        self._listener.setblocking(False)
        self.port = self._listener.getsockname()[1]
        # 127.16.0.1 and on; never .0 or .255.
        self.addresses = [f"127.16.{n // 250}.{n % 250 + 1}" for n in range(count)]
        self.names = {address: f"t{n:04}" for n, address in enumerate(self.addresses)}
        self._phases = {name: phase(name, interval) for name in self.names.values()}
        self._lock = threading.Lock()
        self._looks = collections.defaultdict(list)
        # Every look: (when, at which address), also those that no target is at.
        self.accepted = []
        self.strangers = []
        self._ends = False
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self):
        self._ends = True
        self._thread.join()
        self._listener.close()

    def _accept(self):
        selector = selectors.DefaultSelector()
        selector.register(self._listener, selectors.EVENT_READ)
        while not self._ends:
            if not selector.select(0.1):
                continue
            try:
                connection, _ = self._listener.accept()
            except OSError:
                continue
            now = time.time()
            with connection:
                address = connection.getsockname()[0]
            with self._lock:
                self.accepted.append((now, address))
                if name := self.names.get(address):
                    self._looks[name].append(now)
                else:
                    self.strangers.append(address)

    def list_text(self, timeout="1s"):
        """All targets, as a file of targets.d."""
        lines = [f"defaults: {{kind: tcp, interval: {self.interval}s, timeout: {timeout}}}", "targets:"]
        lines += [f'  - {{name: {name}, address: "{address}:{self.port}"}}' for address, name in self.names.items()]
        return "\n".join(lines) + "\n"

    def _slots(self, name):
        """{number of the interval: looks in it}"""
        with self._lock:
            looks = list(self._looks[name])
        return collections.Counter(self.slot(name, at) for at in looks)

    def slot(self, name, at):
        return int((at - self._phases[name]) / self.interval + EARLY)

    def twice(self):
        """Targets that were ever looked at twice in an interval, with the interval's beginning."""
        return {name: [slot * self.interval + self._phases[name] for slot, count in self._slots(name).items() if count > 1]
                for name in self.names.values() if max(self._slots(name).values(), default=0) > 1}

    def missed(self, since, until, names=None):
        """{target: intervals between the two times, wholly, in which nobody looked}, of these or of all"""
        result = {}
        for name in self.names.values() if names is None else names:
            slots = self._slots(name)
            # The first that begins after `since`, to the last that is over by `until`.
            numbers = range(self.slot(name, since) + 1, self.slot(name, until))
            if count := sum(1 for number in numbers if number not in slots):
                result[name] = count
        return result

    def longest_gap(self, since, until, names=None):
        """The longest time between two looks at one target, of those that end after `since`; the time since
        the last look of each counts as well. Of these targets, or of all."""
        longest = 0.0
        for name in self.names.values() if names is None else names:
            with self._lock:
                looks = [at for at in self._looks[name] if at <= until]
            if not looks:
                return until - since
            for before, after in zip(looks, looks[1:] + [until]):
                if after > since:
                    longest = max(longest, after - before)
        return longest

    def lateness(self, since, until):
        """(seconds by which each time between two looks at a target is off the interval, looks), of the looks
        between the two times."""
        off, count = [], 0
        for name in self.names.values():
            with self._lock:
                looks = [at for at in self._looks[name] if since <= at <= until]
            count += len(looks)
            off += [abs(after - before - self.interval) for before, after in zip(looks, looks[1:])]
        return off, count

    def most_within(self, seconds, address=None):
        """The most looks that began within so long, wherever that begins; at one address, or at all."""
        with self._lock:
            times = sorted(at for at, where in self.accepted if address in (None, where))
        most, first = 0, 0
        for last, at in enumerate(times):
            while at - times[first] >= seconds:
                first += 1
            most = max(most, last - first + 1)
        return most

    def seen_since(self, since):
        """How many targets were looked at since then."""
        with self._lock:
            return sum(1 for name in self.names.values() if self._looks[name] and self._looks[name][-1] >= since)
