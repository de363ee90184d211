"""As much of PromQL as it takes to tell which metrics an expression reads."""

import re

_STRING = r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|`[^`]*`'
_COMMENT = r"#[^\n]*"
_LABEL_LISTS = r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)"
_NAME = re.compile(r"(?<![\w.:])[A-Za-z_:][\w:]*(?![\w:]|\s*\()")
_WORDS = {"and", "or", "unless", "bool", "by", "without", "on", "ignoring", "group_left", "group_right", "offset",
          "inf", "nan", "atan2"}


def metrics(expression):
    """The names of the series it selects, each once, in the order they come."""
    text = re.sub(f"{_STRING}|{_COMMENT}", lambda match: '""' if match[0][0] != "#" else "", expression)
    for noise in (r"\{[^{}]*\}", r"\[[^\[\]]*\]", _LABEL_LISTS):
        text = re.sub(noise, " ", text)
    # Whatever follows a name in an aggregation ("sum by (x) (…)") is a parenthesis once the list is gone.
    return list(dict.fromkeys(
        name for name in _NAME.findall(re.sub(r"\s+\(", "(", text)) if name.lower() not in _WORDS))
