"""A name server on a loopback address's port 53, of what a test tells it; UDP only."""

import collections
import ipaddress
import socket
import struct
import threading

A, AAAA = 1, 28


class NameServer:
    def __init__(self, host="127.0.0.53"):
        self.host = host
        # {name: addresses}; of any other name it says that there is none.
        self.addresses = {}
        # {name: how often it was asked for, in either family}
        self.asked = collections.Counter()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 53))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self):
        # Its own word that ends it: an empty question.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", (self.host, 53))
        self._thread.join()
        self._socket.close()

    def _serve(self):
        while True:
            question, sender = self._socket.recvfrom(4096)
            if not question:
                return
            self._socket.sendto(self._answer(question), sender)

    def _answer(self, question):
        labels, at = [], 12
        while length := question[at]:
            labels.append(question[at + 1:at + 1 + length].decode())
            at += 1 + length
        name = ".".join(labels).lower()
        kind, = struct.unpack_from("!H", question, at + 1)
        self.asked[name] += 1
        found = [ipaddress.ip_address(address) for address in self.addresses.get(name, [])]
        packed = [address.packed for address in found if kind == (A if address.version == 4 else AAAA)]
        code = 0 if name in self.addresses else 3
        head = question[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, len(packed), 0, 0)
        # The name is that of the question; nobody may keep it.
        records = [b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 0, len(rdata)) + rdata for rdata in packed]
        return head + question[12:at + 5] + b"".join(records)
