"""Servers that a host must not speak to. Each remembers what it was told: `said` is what came inside TLS,
or all that came where it does not speak TLS."""

import pathlib
import socket
import ssl
import tempfile
import threading

import h2.config
import h2.connection
import h2.events
import h2.exceptions

TIMEOUT = 20.0
MOST_REMEMBERED = 1 << 20


def server_context(identity, alpn=("h2",), newest=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if newest:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, newest
    with tempfile.TemporaryDirectory(prefix="muster.") as directory:
        context.load_cert_chain(identity.write(pathlib.Path(directory) / "identity.pem"))
    context.set_alpn_protocols(list(alpn))
    return context


class Remembering:
    """A connection whose server remembers what it was told."""

    def __init__(self, connection, server):
        self._connection = connection
        self._server = server

    def recv(self, size):
        data = self._connection.recv(size)
        self._server.remember(data)
        return data

    def __getattr__(self, name):
        return getattr(self._connection, name)


class Server:
    """Listens on loopback. `serve(connection)` gets each connection once TLS is up, or as it is where
    there is no context; whatever it receives is remembered."""

    def __init__(self, context=None, serve=None):
        self.said = b""
        self.connections = 0
        self.handshakes = 0
        self._context = context
        self._serve = serve or listening
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def turn_into(self, context, serve):
        """What it is for connections from now on."""
        self._context, self._serve = context, serve

    def remember(self, data):
        with self._lock:
            self.said += data[:MOST_REMEMBERED - len(self.said)]

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._take, args=(connection,), daemon=True).start()

    def _take(self, connection):
        connection.settimeout(TIMEOUT)
        with connection:
            try:
                if self._context:
                    connection = self._context.wrap_socket(connection, server_side=True)
                    self.handshakes += 1
                self._serve(Remembering(connection, self))
            except (ssl.SSLError, OSError, h2.exceptions.ProtocolError):
                pass
            finally:
                connection.close()


def answering(data):
    """A server that says this, whatever it is told."""
    def serve(connection):
        connection.sendall(data)
        while connection.recv(65536):
            pass
    return serve


def answering_once_asked(data):
    """A server that says this once it was told anything, and ends."""
    def serve(connection):
        connection.recv(65536)
        connection.sendall(data)
    return serve


def listening(connection):
    """A server that says nothing."""
    while connection.recv(65536):
        pass


def relay_to(address):
    """A server that hands everything to another one, in both directions."""
    def copy(source, destination):
        try:
            while data := source.recv(65536):
                destination.sendall(data)
        except OSError:
            pass
        finally:
            destination.close()

    def serve(connection):
        connection.settimeout(None)
        with socket.create_connection(address) as other:
            back = threading.Thread(target=copy, args=(other, connection), daemon=True)
            back.start()
            copy(connection, other)
            back.join()
    return serve


def grpc_answer(answer):
    """Speaks HTTP/2; `answer(h2 connection, stream)` is called when a whole request is there."""
    def serve(connection):
        state = h2.connection.H2Connection(h2.config.H2Configuration(
            client_side=False, validate_outbound_headers=False, normalize_outbound_headers=False))
        state.initiate_connection()
        connection.sendall(state.data_to_send())
        while data := connection.recv(65536):
            for event in state.receive_data(data):
                if isinstance(event, h2.events.DataReceived):
                    state.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                if isinstance(event, h2.events.StreamEnded):
                    answer(state, event.stream_id)
            connection.sendall(state.data_to_send())
    return serve
