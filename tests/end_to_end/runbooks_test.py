"""What runbooks tell an operator to type at night is a command of the programs as they are."""

import functools
import re
import unittest

from muster_test import AGENT, COLLECTOR, SOURCE, run

PROGRAMS = {"muster-collector": COLLECTOR, "muster-agent": AGENT}
# An indented line, or what stands between backticks, perhaps over the end of a line.
COMMAND = re.compile(r"(?:^    |`)(muster-(?:collector|agent)) ([^`|]*?)(?:`|$| \|)", re.MULTILINE)


@functools.cache
def help_of(program, *verbs):
    return run(PROGRAMS[program], *verbs, "--help").stdout


def verbs_of(program, words):
    """Those of the first words that are verbs, by what --help says of each."""
    verbs = []
    for word in words:
        if f"Usage: {' '.join([program, *verbs, word])}" not in help_of(program, *verbs, word):
            break
        verbs.append(word)
    return verbs


class RunbooksTest(unittest.TestCase):
    def test_every_command_is_one_of_the_programs(self):
        count = 0
        for path in sorted(SOURCE.glob("docs/runbooks/*.md")):
            # A line of prose may end within a command, one of code may not.
            text = re.sub(r"(?<=\S)\n {0,2}(?=\S)", " ", path.read_text())
            for program, rest in COMMAND.findall(text):
                count += 1
                with self.subTest(f"{path.stem}: {program} {rest}"):
                    words = rest.split()
                    verbs = verbs_of(program, words)
                    self.assertTrue(verbs or words[0].startswith("--"), f"there is no verb {words[0]}")
                    options = {word.partition("=")[0] for word in words if word.startswith("--")}
                    self.assertEqual({o for o in options if o not in help_of(program, *verbs)}, set())
        self.assertGreater(count, 50)


if __name__ == "__main__":
    unittest.main()
