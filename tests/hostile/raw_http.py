"""HTTP peers that mean no good: exact bytes over TLS or TCP, from any loopback address, in any number."""

import errno
import resource
import select
import socket
import ssl


def allow_open_files(count):
    """Room for that many descriptors in this process, as far as the system lets it. Returns how many."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def source_addresses(count):
    """Loopback addresses, none of them 127.0.0.1."""
    return [f"127.0.{1 + i // 250}.{1 + i % 250}" for i in range(count)]


def client_hello():
    """The first bytes of a TLS client: they cost the server a key exchange and their sender nothing."""
    outgoing = ssl.MemoryBIO()
    tls = trusting_context().wrap_bio(ssl.MemoryBIO(), outgoing)
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


class Crowd:
    """Connections that are opened and held, without waiting for any. Sends `first` on each. No new ones
    while `at_most` are open, the server's queue included."""

    def __init__(self, port, sources, first=b"", at_most=10500):
        self.port = port
        self.sources = sources
        self.first = first
        self.at_most = at_most
        self.opened = 0
        self._sockets = {}
        self._poll = select.epoll()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for connection in self._sockets.values():
            connection.close()
        self._poll.close()

    def add(self, count):
        for i in range(count):
            if i % 50 == 0:
                self.step()
            if len(self._sockets) >= self.at_most:
                return
            connection = socket.socket()
            connection.setblocking(False)
            # The port is chosen when the peer is known: no address runs out of them.
            connection.setsockopt(socket.IPPROTO_IP, getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24), 1)
            connection.bind((self.sources[self.opened % len(self.sources)], 0))
            self.opened += 1
            error = connection.connect_ex(("127.0.0.1", self.port))
            assert error in (0, errno.EINPROGRESS, errno.EAGAIN), errno.errorcode[error]
            self._sockets[connection.fileno()] = connection
            self._poll.register(connection.fileno(), select.EPOLLIN | select.EPOLLOUT | select.EPOLLONESHOT)

    def step(self):
        """Sends what is to be sent, and forgets connections that the server has closed."""
        for descriptor, events in self._poll.poll(0, self.at_most):
            connection = self._sockets[descriptor]
            if events & (select.EPOLLERR | select.EPOLLHUP | select.EPOLLIN):
                try:
                    alive = not events & (select.EPOLLERR | select.EPOLLHUP) and connection.recv(65536)
                except OSError:
                    alive = False
                if not alive:
                    self._poll.unregister(descriptor)
                    self._sockets.pop(descriptor).close()
                    continue
            elif self.first:
                try:
                    connection.send(self.first)
                except OSError:
                    pass
            self._poll.modify(descriptor, select.EPOLLIN | select.EPOLLONESHOT)


def trusting_context():
    """What is tested is the server: who it is is not."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Peer:
    """One connection over TLS that sends the bytes it is told to."""

    context = trusting_context()

    def __init__(self, port, source="127.0.0.1", receive_buffer=None):
        raw = socket.socket()
        raw.settimeout(30)
        if receive_buffer:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        raw.bind((source, 0))
        raw.connect(("127.0.0.1", port))
        self.socket = self.context.wrap_socket(raw, suppress_ragged_eofs=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """False if the server has hung up."""
        try:
            self.socket.sendall(data)
            return True
        except OSError:
            return False

    def receive_all(self):
        """Everything up to the end of the connection."""
        received = b""
        while True:
            try:
                data = self.socket.recv(65536)
            except (ConnectionError, ssl.SSLError):
                return received
            if not data:
                return received
            received += data


def ask(port, data, **peer):
    """What the server answers to these bytes before it closes; nothing is sent after them."""
    with Peer(port, **peer) as connection:
        connection.send(data)
        return connection.receive_all()


def statuses(answer):
    """The status of every answer in these bytes."""
    return [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]
