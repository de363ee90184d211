"""gRPC over raw HTTP/2, so that a call can be as wrong as the test wants it."""

import gzip
import ssl
import struct
from dataclasses import dataclass

import h2.config
import h2.connection
import h2.events
import h2.exceptions

from hostile import tls_client

SYNC = "/muster.v1.ReportingService/Sync"
_HEADERS = {":method": "POST", ":scheme": "https", ":path": None, ":authority": "localhost",
            "te": "trailers", "content-type": "application/grpc"}


@dataclass
class Answer:
    """What came back. `status` is gRPC's number; None if the server gave none."""
    status: int = None
    message: str = ""
    http_status: str = ""
    body: bytes = b""
    # The stream was reset, or the connection ended, before there was a status.
    broken: bool = False


def framed(message, compressed=False):
    return struct.pack(">BI", compressed, len(message)) + message


def bomb(size):
    """A gzip stream of zeros, a thousandth of their size."""
    return gzip.compress(bytes(size))


class Connection:
    """One connection; the calls go one after the other. `context` decides who is calling."""

    def __init__(self, address, context):
        self.socket = tls_client.connect(address, context)
        # Nothing is checked on the way out: being wrong is what this is for.
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(
            client_side=True, header_encoding="utf-8", validate_outbound_headers=False,
            normalize_outbound_headers=False))
        self.h2.initiate_connection()
        self.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def flush(self):
        self.socket.sendall(self.h2.data_to_send())

    def receive(self):
        """The next events; empty once the server has ended the connection."""
        try:
            data = self.socket.recv(65536)
        except (ssl.SSLError, ConnectionError):
            return []
        if not data:
            return []
        events = self.h2.receive_data(data)
        self.flush()
        return events or [None]

    def settle(self):
        """Waits until both sides have taken the other's settings: the server's limits hold from then."""
        acknowledged = False
        while not acknowledged:
            events = self.receive()
            assert events, "the server ended the connection"
            acknowledged = any(isinstance(e, h2.events.SettingsAcknowledged) for e in events)
        self.h2.ping(b"settled?")
        self.flush()
        while not any(isinstance(e, h2.events.PingAckReceived) for e in self.receive()):
            pass

    def call(self, body, path=SYNC, headers=None):
        """One unary call with these bytes as its body. Headers that are given replace the good ones;
        those of value None are left out."""
        values = {**_HEADERS, ":path": path, **(headers or {})}
        stream = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream, [(k, v) for k, v in values.items() if v is not None])
        answer = Answer()
        try:
            self._send_body(stream, body, answer)
            while not self._ended(answer):
                if not (events := self.receive()):
                    answer.broken = True
                    break
                self._take(stream, events, answer)
        except (ssl.SSLError, ConnectionError, h2.exceptions.ProtocolError):
            answer.broken = True
        return answer

    def cut_within(self, body, sent):
        """A call whose connection is gone when that many bytes of its body are on the way."""
        self.settle()
        stream = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream, list({**_HEADERS, ":path": SYNC}.items()))
        self.h2.send_data(stream, b"")
        for start in range(0, sent, self.h2.max_outbound_frame_size):
            self.h2.send_data(stream, body[start:min(sent, start + self.h2.max_outbound_frame_size)])
        # The server answers when it has come so far.
        self.h2.ping(b"so far..")
        self.flush()
        while not any(isinstance(e, h2.events.PingAckReceived) for e in self.receive()):
            pass
        self.socket.close()

    @staticmethod
    def _ended(answer):
        return answer.status is not None or answer.broken

    def _send_body(self, stream, body, answer):
        while not self._ended(answer):
            room = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size)
            if room > 0 or not body:
                self.h2.send_data(stream, body[:room], end_stream=len(body) <= room)
                self.flush()
                if len(body) <= room:
                    return
                body = body[room:]
            else:
                self.flush()
                events = self.receive()
                answer.broken = not events
                self._take(stream, events, answer)

    def _take(self, stream, events, answer):
        for event in events:
            if isinstance(event, (h2.events.ResponseReceived, h2.events.TrailersReceived)):
                headers = dict(event.headers)
                answer.http_status = headers.get(":status", answer.http_status)
                answer.message = headers.get("grpc-message", answer.message)
                if "grpc-status" in headers:
                    answer.status = int(headers["grpc-status"])
            elif isinstance(event, h2.events.DataReceived):
                answer.body += event.data[5:]
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, (h2.events.StreamReset, h2.events.StreamEnded)):
                answer.broken = answer.status is None
            elif isinstance(event, h2.events.ConnectionTerminated):
                answer.broken = answer.status is None
        self.flush()
