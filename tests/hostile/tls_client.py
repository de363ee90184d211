"""TLS clients: how far does one get?"""

import pathlib
import socket
import ssl
import tempfile
import time

from OpenSSL import SSL, crypto

TIMEOUT = 20.0


def client_context(identity=None, alpn=("h2",), versions=None):
    """A context that sends `identity` and believes any server: what is tested is the other side."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(list(alpn))
    if versions:
        # Debian's OpenSSL speaks the old versions only at its lowest security level.
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version, context.maximum_version = versions
    if identity:
        with tempfile.TemporaryDirectory(prefix="muster.") as directory:
            context.load_cert_chain(identity.write(pathlib.Path(directory) / "identity.pem"))
    return context


def connect(address, context):
    """A TLS connection. Whether the server takes the client's certificate shows only at the first read:
    in TLS 1.3 the client is done before the server has looked."""
    plain = socket.create_connection(address, timeout=TIMEOUT)
    try:
        return context.wrap_socket(plain, server_hostname="localhost")
    except BaseException:
        plain.close()
        raise


def is_let_in(address, context):
    """Whether the server says its first HTTP/2 frame (SETTINGS), which it does to those it lets in."""
    try:
        with connect(address, context) as connection:
            return len(connection.recv(9)) > 0
    except (ssl.SSLError, ConnectionError):
        return False


def answer_to(address, data):
    """What a server says to bytes that are not TLS, up to its end of the connection."""
    with socket.create_connection(address, timeout=TIMEOUT) as connection:
        answer = b""
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(4096):
                answer += part
        except ConnectionError:
            pass
        return answer


def client_hello(context):
    """The first flight of a handshake."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    handshake = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    try:
        handshake.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def stop_after_hello(address, context):
    """A client that says hello and then nothing: how many seconds until the server ends it."""
    with socket.create_connection(address, timeout=TIMEOUT) as connection:
        begin = time.monotonic()
        connection.sendall(client_hello(context))
        try:
            while connection.recv(4096):
                pass
        except ConnectionError:
            pass
        return time.monotonic() - begin


def can_renegotiate(address, identity):
    """Whether a TLS 1.2 client can make the server shake hands again on the same connection."""
    context = SSL.Context(SSL.TLSv1_2_METHOD)
    context.use_certificate(crypto.X509.from_cryptography(identity.certificate))
    context.use_privatekey(crypto.PKey.from_cryptography_key(identity.key))
    context.set_alpn_protos([b"h2"])
    with socket.create_connection(address, timeout=TIMEOUT) as plain:
        # pyOpenSSL cannot wait on a socket that has a time-out.
        plain.setblocking(True)
        connection = SSL.Connection(context, plain)
        connection.set_connect_state()
        connection.do_handshake()
        handshakes = connection.total_renegotiations()
        try:
            connection.renegotiate()
            connection.do_handshake()
            connection.recv(9)
        except SSL.Error:
            return False
        return connection.total_renegotiations() > handshakes
