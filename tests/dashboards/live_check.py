"""Whether a dashboard shows something to who looks at it: every expression is run against a real Prometheus."""

import re
from dataclasses import dataclass, field

from dashboard import ALL, links_of, used_variables
from promql import metrics


@dataclass
class Choice:
    """Values of variables; of those that are not in it, all. Where it is `thin`, a panel may be empty: no single host is in every panel."""

    values: dict
    thin: bool = False
    # Where something was found.
    filled: set = field(default_factory=set)

    def __str__(self):
        return ", ".join(f"${name}={'All' if values is ALL else '|'.join(values)}"
                         for name, values in self.values.items())


class LiveCheck:
    """`api(path, parameters)` returns (error or None, data) of Prometheus's HTTP API; `end` is the time of the look."""

    def __init__(self, api, end):
        self.api = api
        self.end = end
        error, names = api("label/__name__/values", {})
        assert not error, error
        self.known = set(names)

    def complaints(self, dashboard, choice):
        choice.values = dict.fromkeys(dashboard.with_all(), ALL) | choice.values
        found = []
        for variable in dashboard.query_variables():
            found += [f"{dashboard.name}: ${variable.name} with {choice}: {complaint}"
                      for complaint in self._of_variable(dashboard, variable, choice)]
        seen = {}
        for expression in dashboard.expressions():
            series, complaints = self._run(dashboard, expression, choice)
            found += [f"{expression.where} with {choice}: {complaint}\n{expression.text}" for complaint in complaints]
            if series:
                choice.filled.add(expression.where)
            if expression.panel:
                seen.setdefault(expression.panel["id"], (expression.panel, []))[1].append((expression.target, series))
        for panel, results in seen.values():
            if not choice.thin and all(series for _, series in results):
                found += [f"{dashboard.name}: {panel['title']} with {choice}: {complaint}"
                          for complaint in missing_fields(panel, results)]
        return found

    def _unknown(self, text):
        names = [name for name in metrics(text) if name not in self.known]
        return [f"there is no metric {', '.join(names)}"] if names else []

    def _of_variable(self, dashboard, variable, choice):
        if unknown := self._unknown(variable.series or ""):
            return unknown
        parameters = {"match[]": dashboard.substitute(variable.series, choice.values)} if variable.series else {}
        error, values = self.api(f"label/{variable.label}/values", parameters)
        return [error] if error else [] if values else ["no value"]

    def _run(self, dashboard, expression, choice):
        """(the series, complaints)"""
        if unknown := self._unknown(expression.text):
            return [], unknown
        text = dashboard.substitute(expression.text, choice.values)
        if expression.over_time:
            error, data = self.api("query_range", {"query": text, "start": self.end - 5, "end": self.end, "step": 1})
        else:
            error, data = self.api("query", {"query": text, "time": self.end})
        if error:
            return [], [error]
        if not data["result"]:
            return [], [] if choice.thin else ["no data"]
        if data["resultType"] == "scalar":
            return [{"metric": {}, "value": data["result"]}], []
        return data["result"], [*no_numbers(data["result"]), *not_chosen(data["result"], expression, choice)]


def labels(series):
    return "{" + ", ".join(f'{name}="{value}"' for name, value in sorted(series["metric"].items())) + "}"


def no_numbers(result):
    return [f"{labels(series)} is {value}" for series in result
            for _, value in series.get("values", [series.get("value")]) if value in ("NaN", "+Inf", "-Inf")][:1]


def not_chosen(result, expression, choice):
    """What names a variable must show nothing beside what was chosen."""
    return [f"{labels(series)} is not of what was chosen" for series in result
            for name in used_variables(expression.text) & series["metric"].keys()
            if choice.values[name] is not ALL and series["metric"][name] not in choice.values[name]][:1]


def missing_fields(panel, results):
    """What a panel calls by name must be there: columns of a table or of what bars are made of, names of series elsewhere. `results`: of each
    target its series."""
    used = {override["matcher"]["options"] for override in panel["fieldConfig"]["overrides"]
            if override["matcher"]["id"] == "byName"}
    there = set()
    if panel["type"] in ("table", "barchart"):
        there |= {"Time", "Value"} if len(results) == 1 else {"Time", *(f"Value #{t['refId']}" for t, _ in results)}
        there |= {name for _, result in results for series in result for name in series["metric"]}
        used |= {sort["displayName"] for sort in panel["options"].get("sortBy", [])}
        used |= {panel["options"]["xField"]} if "xField" in panel["options"] else set()
        used |= {name for url in links_of(panel) for name in re.findall(r"\$\{__data\.fields\.(\w+)", url)}
        for transformation in panel["transformations"]:
            options = transformation["options"]
            if transformation["id"] == "organize":
                used |= options["excludeByName"].keys() | options["indexByName"].keys()
                there |= {new for old, new in options["renameByName"].items() if old in there}
                used |= set(options["renameByName"].values())
                # The value's name depends on how many queries there are; both may be given.
                used.discard("Value" if len(results) > 1 else f"Value #{results[0][0]['refId']}")
            elif transformation["id"] == "groupingToMatrix":
                used |= {options[name] for name in ("rowField", "columnField", "valueField")}
    else:
        there |= {legend(target, series) for target, result in results for series in result}
    missing = used - there
    return [f"it names {', '.join(sorted(missing))}, and there is only {', '.join(sorted(there))}"] if missing else []


def legend(target, series):
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda match: series["metric"].get(match[1], ""), target["legendFormat"])
