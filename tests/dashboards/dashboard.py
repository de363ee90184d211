"""A dashboard of deploy/grafana as a model: its panels, its expressions, its variables, and what Grafana puts in
their place."""

import json
import pathlib
import re
from dataclasses import dataclass

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "deploy/grafana"

# Instead of values: what the variable says of All.
ALL = object()

_VARIABLE = re.compile(r"\$(\w+)|\$\{(\w+)(?:\.[\w.\[\]\"]+)?(?::(\w+))?\}|\[\[(\w+)(?::(\w+))?\]\]")
_LABEL_VALUES = re.compile(r"label_values\((?:(?P<series>.+),)?\s*(?P<label>\w+)\)", re.DOTALL)

# What Grafana itself gives, as it would for a panel of an hour that is scraped every few seconds.
_OF_GRAFANA = {"__interval": "5s", "__rate_interval": "20s", "__range": "1m", "__interval_ms": "5000", "__range_s": "60"}


@dataclass
class Expression:
    where: str
    text: str
    over_time: bool
    panel: dict
    target: dict


@dataclass
class Variable:
    """`series` is a selector, in which other variables may be; None: of all series."""

    name: str
    label: str
    series: str


class Dashboard:
    def __init__(self, name, content):
        self.name = name
        self.content = content

    @classmethod
    def read(cls, path):
        return cls(path.name, json.loads(path.read_text()))

    @classmethod
    def shipped(cls):
        """All of them, by name."""
        found = [cls.read(path) for path in sorted(FOLDER.glob("*.json"))]
        assert found, f"no dashboard in {FOLDER}"
        return found

    def panels(self):
        """Of collapsed rows too; a row is one itself."""
        for panel in self.content["panels"]:
            yield panel
            yield from panel.get("panels", [])

    def variables(self):
        return self.content["templating"]["list"]

    def query_variables(self):
        for variable in self.variables():
            if variable["type"] != "query":
                continue
            query = variable["query"]["query"] if isinstance(variable["query"], dict) else variable["query"]
            match = _LABEL_VALUES.fullmatch(query.strip())
            assert match, f"{self.name}: ${variable['name']}: {query} is not label_values(series, label)"
            yield Variable(variable["name"], match["label"], match["series"])

    def with_all(self):
        """The names of the variables that may be all of their values."""
        return [variable["name"] for variable in self.variables() if variable.get("includeAll")]

    def expressions(self):
        """Of the panels, then of the annotations."""
        for panel in self.panels():
            for target in panel.get("targets", []):
                yield Expression(f"{self.name}: {panel['title']} ({target['refId']})", target["expr"],
                                 bool(target.get("range")), panel, target)
        for annotation in self.content["annotations"]["list"]:
            if "expr" in annotation:
                yield Expression(f"{self.name}: annotation {annotation['name']}", annotation["expr"], True, {}, annotation)

    def substitute(self, text, chosen):
        """`chosen`: the values of each variable, or ALL. One that is neither there nor Grafana's is a LookupError."""
        def replaced(match):
            name = match[1] or match[2] or match[4]
            if name in _OF_GRAFANA:
                return _OF_GRAFANA[name]
            values = chosen[name]
            if values is ALL:
                values = next(v for v in self.variables() if v["name"] == name)["allValue"]
                assert values, f"{self.name}: ${name} has no value for all"
                return values
            return regular_expression(values)
        return _VARIABLE.sub(replaced, text)


def used_variables(value):
    """The names in all texts of a part of a dashboard, without those of Grafana itself."""
    found = {match[1] or match[2] or match[4] for text in texts(value) for match in _VARIABLE.finditer(text)}
    return {name for name in found if not name.startswith("__")}


def texts(value):
    """Every text in it, keys not counted."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


def regular_expression(values):
    """As Grafana's Prometheus data source writes the values of a variable that may have several: escaped as a regular
    expression, and that once more as a string of PromQL."""
    escaped = [re.sub(r"[$^*{}\[\]'+?.()|]", r"\\\\\g<0>", value.replace("\\", r"\\\\")) for value in values]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def links_of(panel):
    """The addresses that a panel and its fields lead to."""
    found = list(panel.get("links", []))
    for override in panel.get("fieldConfig", {}).get("overrides", []):
        found += [link for entry in override["properties"] if entry["id"] == "links" for link in entry["value"]]
    return [link["url"] for link in found]
