"""The readers of expositions that are not ours, and what they are good for.

A reader takes the bytes of an exposition and says whether it accepts them. What each one refuses of
the OpenMetrics reference corpus (44 good texts, 167 bad ones), as openmetrics_corpus.py measures it:

    openmetrics  prometheus_client.openmetrics.parser  all 167 bad texts, no good one
    text         prometheus_client.parser              53 bad ones; of the other 114 it misses units, histograms,
                                                       counters below 0, labels given twice, families torn
                                                       apart, what comes behind # EOF
    promtool     promtool check metrics                102 bad ones, of families only what it lints; and 17 good
                                                       ones, whose time stamps and exemplars 0.0.4 has not

So a text is held good if all readers of its format accept it: openmetrics for OpenMetrics, text and promtool
for the text format. None of them sees that a series is there twice: hostile_labels.py does that itself.
"""

import subprocess

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text


def read(parse, exposition):
    """The samples as (name, {label: value}, value); ValueError if the parser refuses the text."""
    try:
        return [(sample.name, sample.labels, sample.value)
                for family in parse(exposition.decode("utf-8")) for sample in family.samples]
    except Exception as error:  # the parsers have no exception of their own
        raise ValueError(f"{type(error).__name__}: {error}") from error


def accepts(parse, exposition):
    try:
        read(parse, exposition)
        return True
    except ValueError:
        return False


def promtool(exposition):
    """(accepted, everything it says). It ends with 1 for what it cannot read, with 3 for what it advises
    against."""
    result = subprocess.run(["promtool", "check", "metrics"], input=exposition, capture_output=True, check=False)
    return result.returncode != 1, (result.stdout + result.stderr).decode(errors="replace")
