"""How the readers of checkers.py do on the OpenMetrics reference corpus, a folder a text in the directory
that is given: one line with the score of the one that judges OpenMetrics, then what it got wrong, then
how many bad texts of which class the others let through."""

import collections
import json
import pathlib
import re
import sys

import checkers


def main(directory):
    wrong = []
    good = bad = right_good = right_bad = 0
    missed = {"text": collections.Counter(), "promtool": collections.Counter()}
    for folder in sorted(pathlib.Path(directory).iterdir()):
        should_parse = json.loads((folder / "test.json").read_text())["shouldParse"]
        text = (folder / "metrics").read_bytes()
        is_right = checkers.accepts(checkers.parse_openmetrics, text) == should_parse
        if not is_right:
            wrong.append(folder.name)
        if should_parse:
            good += 1
            right_good += is_right
            continue
        bad += 1
        right_bad += is_right
        kind = re.sub(r"^bad_|_\d+$", "", folder.name)
        missed["text"][kind] += checkers.accepts(checkers.parse_text, text)
        missed["promtool"][kind] += checkers.promtool(text)[0]
    print(f"openmetrics corpus: {right_good}/{good} good accepted, {right_bad}/{bad} bad refused")
    for name in wrong:
        print("wrong:", name)
    for reader, kinds in missed.items():
        print(f"{reader} lets through {sum(kinds.values())}:",
              ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()) if count))


if __name__ == "__main__":
    main(sys.argv[1])
