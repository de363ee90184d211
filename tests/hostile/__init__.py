"""Peers that do everything wrong, to be pointed at a collector or an agent of a test.

authority.py   certificates of every wrong kind, of a CA of the test's own or of the collector's
tls_client.py  clients that get TLS wrong, or are let in and should not be
reports.py     reports as messages, built from the project's own .proto files
grpc_wire.py   gRPC over raw HTTP/2: one call after the other, each as wrong as the test wants it
http2_wire.py  HTTP/2 below what any library would send
tls_server.py  servers that a host must not speak to; they remember every byte they got

Everything runs on loopback and is bounded in count and time. Run by Debian's own /usr/bin/python3.
"""
