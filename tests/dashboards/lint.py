"""What can be told of a dashboard without a Prometheus: that it can be imported, read and told apart, and that it
names nothing that is not there."""

import itertools
import json
import re
import string

from dashboard import FOLDER, links_of, texts, used_variables
from promql import metrics

ROOT = FOLDER.parents[1]
WIDTH = 24
# Those of Grafana 10 and 11, which import older ones and bring them up to their own.
SCHEMA_VERSIONS = range(36, 40)
PANEL_TYPES = {"barchart", "bargauge", "gauge", "piechart", "state-timeline", "stat", "table", "text", "timeseries", "heatmap"}
ONE_VALUE = {"bargauge", "gauge", "piechart", "stat"}
# Of Prometheus itself.
OF_PROMETHEUS = {"ALERTS", "up"}
UNKNOWN = "purple"


def documented_metrics():
    """Those of docs/metrics.md, recorded ones among them, and what its histograms are scraped as."""
    text = (ROOT / "docs/metrics.md").read_text()
    found = set(re.findall(r"^\| `(\w+:[\w:]+)` \|", text, re.MULTILINE)) | OF_PROMETHEUS
    for name, kind in re.findall(r"^### `(\w+)` \((\w+)\)", text, re.MULTILINE):
        found |= {f"{name}_{part}" for part in ("bucket", "count", "sum")} if kind == "histogram" else {name}
    return found


def complaints(dashboard, metric_names, runbooks, uids):
    """All there is to say, each with its place. `uids` are those of all dashboards."""
    rules = (of_itself(dashboard, uids), of_variables(dashboard), of_panels(dashboard), of_places(dashboard),
             of_expressions(dashboard, metric_names), of_links(dashboard, runbooks, uids), of_colours(dashboard))
    return [f"{dashboard.name}: {complaint}" for complaint in itertools.chain(*rules)]


def canonical(content):
    """How the file is written, so that a change of one number is a change of one line."""
    return json.dumps(content, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def of_itself(dashboard, uids):
    content = dashboard.content
    wanted = f"muster-{dashboard.name.removesuffix('.json')}"
    if content["uid"] != wanted:
        yield f"its uid is {content['uid']}, not {wanted}: links to it would break"
    if uids.count(content["uid"]) > 1:
        yield f"its uid {content['uid']} is another's too"
    if content["id"] is not None:
        yield "it has an id, which is some Grafana's own"
    if "muster" not in content["tags"]:
        yield "it lacks the tag muster, by which the others find it"
    if not content["title"].startswith("Muster: "):
        yield f"its title {content['title']} does not begin with Muster:"
    if content["schemaVersion"] not in SCHEMA_VERSIONS:
        yield f"its schemaVersion is {content['schemaVersion']}"
    if "__inputs" in content:
        yield "it has __inputs, which provisioning does not fill in"
    for text in texts(content):
        if re.search(r"DS_[A-Z]+", text):
            yield f"{text} names a data source of an export"


def of_variables(dashboard):
    variables = {variable["name"]: variable for variable in dashboard.variables()}
    source = variables.get("datasource", {})
    if (source.get("type"), source.get("query")) != ("datasource", "prometheus"):
        yield "it has no variable datasource of type datasource"
    for variable in dashboard.query_variables():
        content = variables[variable.name]
        if content["datasource"] != {"type": "prometheus", "uid": "${datasource}"}:
            yield f"${variable.name} does not ask ${{datasource}}"
        if content["multi"] and (not content["includeAll"] or content["allValue"] != ".*"):
            yield f"${variable.name} has no All that is .*, which takes in who has no such label"
    parts = {key: part for key, part in dashboard.content.items() if key != "templating"}
    used = used_variables(parts) | used_variables([v for v in dashboard.variables()])
    for name in sorted(used - variables.keys()):
        yield f"there is no variable {name}"
    for name in sorted(variables.keys() - used):
        yield f"the variable {name} is not used"


def of_panels(dashboard):
    panels = list(dashboard.panels())
    identities = [panel["id"] for panel in panels]
    for identity in sorted({i for i in identities if identities.count(i) > 1}):
        yield f"the panel id {identity} is there more than once"
    titles = [panel["title"] for panel in panels]
    for title in sorted({t for t in titles if titles.count(t) > 1}):
        yield f"two panels are called {title}"
    for panel in panels:
        if panel["type"] != "row":
            for complaint in of_panel(panel):
                yield f"{panel['title'] or panel['id']}: {complaint}"


def of_panel(panel):
    if panel["type"] not in PANEL_TYPES:
        yield f"{panel['type']} is not one of the panels that we use"
    if not panel["title"].strip():
        yield "it has no title"
    if len(panel.get("description", "")) < 20:
        yield "it has no description"
    if panel["type"] == "text":
        return
    if not panel["fieldConfig"]["defaults"].get("unit"):
        yield "it has no unit"
    if not panel["targets"]:
        yield "it has no query"
    refs = [target["refId"] for target in panel["targets"]]
    if len(set(refs)) < len(refs):
        yield "two of its queries have the same refId"
    for part in (panel, *panel["targets"]):
        if part["datasource"] != {"type": "prometheus", "uid": "${datasource}"}:
            yield "it does not ask ${datasource}"
    for target in panel["targets"]:
        if bool(target.get("instant")) == bool(target.get("range")):
            yield f"query {target['refId']} is not one of: now, over time"
        if target["format"] == "table" and not target["instant"]:
            yield f"query {target['refId']} of a table has a row for each point in time"
        if panel["type"] in ONE_VALUE and not target["instant"]:
            yield f"query {target['refId']} would show the last value when there is none any more"
        # A bar chart counts hosts; its rows are the words of its axis.
        rows = target["format"] == "table" and panel["type"] != "barchart"
        if rows and re.search(r"by \((host|[^)]*\bhost)\b", target["expr"]) and not re.search(
                r"\b(topk|bottomk)\(", target["expr"]):
            yield f"query {target['refId']} has as many rows as there are hosts: no topk or bottomk"


def of_places(dashboard):
    taken = {}
    for panel in dashboard.panels():
        place = panel["gridPos"]
        if place["x"] < 0 or place["w"] < 1 or place["h"] < 1 or place["x"] + place["w"] > WIDTH:
            yield f"{panel['title']} is not within the width of {WIDTH}"
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                other = taken.setdefault((x, y), panel["title"])
                if other != panel["title"]:
                    yield f"{panel['title']} lies on {other}"
                    return


def of_expressions(dashboard, metric_names):
    for expression in dashboard.expressions():
        for name in metrics(expression.text):
            if name not in metric_names:
                yield f"{expression.where.removeprefix(dashboard.name + ': ')}: docs/metrics.md has no {name}"
    for variable in dashboard.query_variables():
        for name in metrics(variable.series or ""):
            if name not in metric_names:
                yield f"${variable.name}: docs/metrics.md has no {name}"


def of_links(dashboard, runbooks, uids):
    addresses = [link["url"] for link in dashboard.content["links"] if link["type"] == "link"]
    for panel in dashboard.panels():
        addresses += links_of(panel)
    for address in addresses:
        if alert := re.search(r"/runbooks/(\w+)$", address):
            if alert[1] not in runbooks:
                yield f"there is no runbook {alert[1]}"
        if other := re.match(r"/d/([^/?]+)", address):
            if other[1] not in uids:
                yield f"{address} leads to no dashboard"
        elif not address.startswith("https://${collector:raw}/"):
            yield f"{address} leads neither to the collector nor to a dashboard"


def of_colours(dashboard):
    """Unknown looks like nothing else, wherever it is named."""
    for panel in dashboard.panels():
        for name, colour in named_colours(panel.get("fieldConfig", {})):
            if (name == "unknown") != (colour == UNKNOWN) and (name == "unknown" or colour == UNKNOWN):
                yield f"{panel['title']}: {name} is {colour}: unknown is {UNKNOWN}, and nothing else is"


def named_colours(config):
    """(what, colour) of value mappings and of series that have a colour."""
    settings = [("", config.get("defaults", {}))]
    settings += [(str(override["matcher"]["options"]), {entry["id"]: entry["value"] for entry in override["properties"]})
                 for override in config.get("overrides", [])]
    for name, setting in settings:
        if fixed := setting.get("color", {}).get("fixedColor"):
            yield name.strip(string.punctuation), fixed
        for mapping in setting.get("mappings", []):
            options = mapping["options"]
            for result in [options["result"]] if "result" in options else options.values():
                yield result["text"], result["color"]
