"""A tiny HTTP CONNECT proxy on loopback that remembers what was asked of it, and can be cut."""

import socket
import threading


class ConnectProxy:
    def __init__(self):
        self.requests = []
        self._is_cut = False
        self._connections = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def cut(self):
        """As if the network behind it were gone: what is open ends, and nobody gets through."""
        self._is_cut = True
        for connection in list(self._connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def mend(self):
        self._is_cut = False

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._is_cut:
                client.close()
                continue
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        self._connections.add(client)
        try:
            self._relay(client)
        finally:
            self._connections.discard(client)

    def _relay(self, client):
        with client:
            head = b""
            while b"\r\n\r\n" not in head and len(head) < 8192:
                if not (data := client.recv(4096)):
                    return
                head += data
            method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
            self.requests.append((method, target))
            host, port = target.rsplit(":", 1)
            try:
                server = socket.create_connection((host.strip("[]"), int(port)), timeout=10)
            except OSError:
                client.sendall(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
                return
            server.settimeout(None)
            with server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=self._copy, args=(server, client), daemon=True)
                back.start()
                self._copy(client, server)
                back.join()

    @staticmethod
    def _copy(source, destination):
        try:
            while data := source.recv(65536):
                destination.sendall(data)
        except OSError:
            pass
        for end in (source, destination):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
