"""Holds what readers that are not ours make of an exposition against what the hosts had said.

    hostile_labels.py STRINGS TEXT OPENMETRICS

STRINGS has a line for each value that went in: host, family, label and value to expect, all the other
labels as the test gives them, and the bytes in hex. What becomes of these bytes is worked out here a second
time: U+FFFD for each byte that is no part of valid UTF-8, and at most 256 bytes, cut between characters with
an ellipsis. Then both readers must find exactly the series that are expected, each once, with its value.
"""

import codecs
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "common/exposition"))
import checkers  # noqa: E402  (it lies beside the tests of the exposition)

codecs.register_error("each_byte", lambda error: ("\N{REPLACEMENT CHARACTER}", error.start + 1))
LIMIT = 256
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


def label_value(raw):
    text = raw.decode("utf-8", errors="each_byte")
    if len(text.encode()) <= LIMIT:
        return text
    cut = text.encode()[:LIMIT - len(ELLIPSIS.encode())]
    return cut.decode("utf-8", errors="ignore") + ELLIPSIS


def key(name, labels):
    return name, tuple(sorted(labels.items()))


def expectations(path):
    """{series: value}. Of values that became alike the first stays."""
    expected = {}
    for line in path.read_text().splitlines():
        entry = json.loads(line)
        labels = dict(entry["labels"])
        if "hostile" in entry:
            labels[entry["label"]] = label_value(bytes.fromhex(entry["hostile"]))
        expected.setdefault(key(entry["family"], labels), entry["value"])
    return expected


def compare(reader, samples, expected):
    found = {}
    for name, labels, value in samples:
        series = key(name, labels)
        if series in found:
            raise SystemExit(f"{reader} finds {series} twice")
        found[series] = value
    for series in found.keys() - expected.keys():
        raise SystemExit(f"{reader} finds {series}, which nobody said")
    for series in expected.keys() - found.keys():
        raise SystemExit(f"{reader} does not find {series}")
    for series, value in expected.items():
        if value is not None and found[series] != value:
            raise SystemExit(f"{reader} finds {series} with {found[series]} instead of {value}")
    print(f"{reader}: {len(found)} series")


def main(strings, text, openmetrics):
    expected = expectations(pathlib.Path(strings))
    compare("openmetrics", checkers.read(checkers.parse_openmetrics, pathlib.Path(openmetrics).read_bytes()),
            expected)
    exposition = pathlib.Path(text).read_bytes()
    compare("text", checkers.read(checkers.parse_text, exposition), expected)
    accepted, said = checkers.promtool(exposition)
    if not accepted or said:
        raise SystemExit(f"promtool: {said[:2000]}")
    print("promtool: nothing to say")


if __name__ == "__main__":
    main(*sys.argv[1:])
