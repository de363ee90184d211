#!/usr/bin/python3
"""The real servers run, speak what they are said to speak, and send the certificate that they were given: so that what
other tests find with them is about Muster, and not about them."""

import pathlib
import socket
import ssl
import subprocess
import tempfile
import unittest

import servers

TEXT = {"ftp", "imap", "ldap", "mysql", "nntp", "pop3", "postgres", "sieve", "smtp", "xmpp", "xmpp-server"}
# An X.224 Connection Request that asks for TLS (MS-RDPBCGR 2.2.1.1), and what is answered to one that may.
RDP_REQUEST = bytes.fromhex("0300 0013 0ee0 0000 0000 00 0100 0800 0100 0000")
RDP_ANSWER_BYTES = 19


def certificate_file(directory, name):
    """(certificate, key) of `name`, signed by itself."""
    certificate, key = directory / f"{name}.pem", directory / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                    "-days", "30", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"],
                   check=True, capture_output=True)
    return certificate, key


def der(path):
    return ssl.PEM_cert_to_DER_cert(pathlib.Path(path).read_text())


def until(stream, wanted):
    heard = b""
    while wanted not in heard:
        more = stream.recv(1)
        if not more:
            raise AssertionError(f"ended after {heard}")
        heard += more


def served(port, speaks, name):
    """The certificate that is sent, DER."""
    if speaks in TEXT:
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-starttls", speaks, "-servername", name]
        if speaks.startswith("xmpp"):
            command += ["-name", name]
        ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
        begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
        if begin not in ran.stdout:
            raise AssertionError(ran.stdout + ran.stderr)
        text = ran.stdout
        return ssl.PEM_cert_to_DER_cert(text[text.index(begin):text.index(end) + len(end)])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), 60) as stream:
        if speaks == "irc":
            stream.sendall(b"STARTTLS\r\n")
            until(stream, b" 670 ")
            until(stream, b"\r\n")
        if speaks == "rdp":
            stream.sendall(RDP_REQUEST)
            stream.recv(RDP_ANSWER_BYTES, socket.MSG_WAITALL)
        with context.wrap_socket(stream, server_hostname=name) as tls:
            return tls.getpeercert(binary_form=True)


def listening_ports(tables):
    """The ports in what /proc/net/tcp and tcp6 say, of sockets that listen."""
    rows = (line.split() for line in tables.splitlines())
    return {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A"}


class Servers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # prosody serves one host, which it is asked for by name.
        cls.directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.directory.cleanup)
        place = pathlib.Path(cls.directory.name)
        cls.old, cls.new, cls.shop = (certificate_file(place, each) for each in ("localhost", "renewed", "shop.example.org"))

    def test_each_sends_its_certificate_on_each_port(self):
        for name in servers.NAMES:
            with self.subTest(name), servers.Server(name, *self.old) as server:
                for speaks, port in server.ports.items():
                    self.assertEqual(served(port, speaks, "localhost"), der(self.old[0]), speaks)

    def test_each_listens_at_its_own_ports_alone(self):
        """Two at a time are no harm to each other, nor to what this machine runs."""
        for name in servers.NAMES:
            with self.subTest(name), servers.Server(name, *self.old, own_network=True) as server:
                tables = "".join(pathlib.Path(f"/proc/{server.pid}/net/{each}").read_text() for each in ("tcp", "tcp6"))
                self.assertEqual(listening_ports(tables), set(server.ports.values()), tables)

    def test_a_renewed_file_is_served_after_a_restart(self):
        with servers.Server("nginx", *self.old) as server:
            server.renew(*self.new)
            self.assertEqual(der(server.certificate), der(self.new[0]))
            self.assertEqual(served(server.port, "tls", "localhost"), der(self.old[0]))
            server.restart()
            self.assertEqual(served(server.port, "tls", "localhost"), der(self.new[0]))

    def test_each_host_has_its_certificate(self):
        for name in ("nginx", "haproxy", "apache2"):
            with self.subTest(name), servers.Server(name, *self.old, hosts={"shop.example.org": self.shop}) as server:
                self.assertEqual(served(server.port, "tls", "localhost"), der(self.old[0]))
                self.assertEqual(served(server.port, "tls", "shop.example.org"), der(self.shop[0]))

    def test_in_a_network_of_its_own_it_is_reached_from_inside(self):
        with servers.Server("nginx", *self.old, own_network=True) as server:
            self.assertIn("CN = localhost", server.run(
                "openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", stdin=subprocess.DEVNULL,
                capture_output=True, text=True).stdout)
            with self.assertRaises(OSError):
                socket.create_connection(("127.0.0.1", server.port), 5)

    def test_nothing_is_left_when_it_ends(self):
        with servers.Server("inspircd", *self.old) as server:
            process, directory = pathlib.Path(f"/proc/{server.pid}"), server.directory
            self.assertEqual((process / "comm").read_text(), "inspircd\n")
        self.assertFalse(process.exists())
        self.assertFalse(directory.exists())

    def test_one_that_cannot_start_says_why(self):
        with self.assertRaisesRegex(servers.NotStarted, "unknown directive"):
            servers.Server("nginx", *self.old, settings="nonsense on;").__enter__()


if __name__ == "__main__":
    unittest.main()
