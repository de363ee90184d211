"""What the dashboards are made of, so that all look and speak alike: one colour for each status, one
form for each kind of panel. A dashboard's own module has its expressions and its order."""

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH = 24

# Grafana 10.0's; later versions bring it up to theirs.
SCHEMA_VERSION = 38

# Unknown has a colour of its own: it must look neither well nor empty.
COLOURS = {
    "pass": "green",
    "due": "yellow",
    "fail": "red",
    "unknown": "purple",
    "waived": "blue",
}
SEVERITY_COLOURS = {"critical": "dark-red", "high": "red", "medium": "orange", "low": "yellow"}

# The page of a host, and what to do about an alert, are the collector's.
HOST_LINK = {"title": "${__data.fields.host}: its verdicts and facts, from the collector",
             "url": "https://${collector:raw}/api/v1/hosts/${__data.fields.host:percentencode}",
             "targetBlank": True}


def runbook(alert):
    return {"title": f"Runbook: {alert}", "url": f"https://${{collector:raw}}/runbooks/{alert}",
            "targetBlank": True}


def steps(*bounds):
    """Thresholds: the colour below all, then (value, colour) in rising order."""
    first, *others = bounds
    return {"mode": "absolute", "steps": [
        {"color": first, "value": None}, *({"color": c, "value": v} for v, c in others)]}


def words(texts):
    """A mapping of values to (text, colour)."""
    return {"type": "value", "options": {
        str(value): {"text": text, "color": colour, "index": index}
        for index, (value, (text, colour)) in enumerate(texts.items())}}


def word_from(low, high, text, colour):
    """A mapping of the values from low to high to one text."""
    return {"type": "range", "options": {
        "from": low, "to": high, "result": {"text": text, "color": colour, "index": 0}}}


def override(matcher, value, **properties):
    """Of the fields that match ("byName", "byRegexp", "byFrameRefID"); `custom_x` means custom.x."""
    return {"matcher": {"id": matcher, "options": value},
            "properties": [{"id": name.replace("custom_", "custom."), "value": setting}
                           for name, setting in properties.items()]}


def of_field(name, **properties):
    return override("byName", name, **properties)


def in_colour(name, colour):
    return of_field(name, color={"mode": "fixed", "fixedColor": colour})


COLOURED_BACKGROUND = {"type": "color-background", "mode": "basic"}
COLOURED_TEXT = {"type": "color-text"}
HOST_FIELD = of_field("host", links=[HOST_LINK])
SEVERITY_FIELD = of_field(
    "severity", custom_cellOptions=COLOURED_TEXT, custom_width=90,
    mappings=[words({s: (s, c) for s, c in SEVERITY_COLOURS.items()})])


def target(expression, ref="A", legend="__auto", table=False, over_time=False):
    return {"refId": ref, "datasource": DATASOURCE, "editorMode": "code", "expr": expression,
            "format": "table" if table else "time_series", "instant": not over_time,
            "range": over_time, "legendFormat": legend}


def panel(kind, identity, title, description, targets, *, unit, options, thresholds=None, custom=None,
          mappings=(), overrides=(), transformations=(), links=(), **defaults):
    """`identity` stays that panel's: links into a dashboard name it."""
    return {
        "id": identity, "type": kind, "title": title, "description": description,
        "datasource": DATASOURCE, "targets": targets, "options": options, "links": list(links),
        "transformations": list(transformations),
        "fieldConfig": {
            "defaults": {"unit": unit, "mappings": list(mappings), "custom": custom or {},
                         "color": {"mode": "thresholds"},
                         "thresholds": thresholds or steps("text"), **defaults},
            "overrides": list(overrides)},
    }


def stat(*arguments, coloured="background", text="auto", **settings):
    """Of now, without a curve: over a time it would show the last value long after there is none any more."""
    return panel("stat", *arguments, options={
        "colorMode": coloured, "graphMode": "none", "justifyMode": "auto",
        "orientation": "auto", "textMode": text, "wideLayout": True,
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}}, **settings)


def time_series(*arguments, stacked=False, legend="bottom", calculations=("lastNotNull", "min"), **settings):
    return panel("timeseries", *arguments, options={
        "legend": {"displayMode": "table", "placement": legend, "showLegend": True,
                   "calcs": list(calculations)},
        "tooltip": {"mode": "multi", "sort": "asc"}},
        custom={"drawStyle": "line", "lineInterpolation": "stepAfter", "lineWidth": 1 if stacked else 2,
                "fillOpacity": 60 if stacked else 5, "showPoints": "never", "spanNulls": False,
                "stacking": {"mode": "normal" if stacked else "none", "group": "A"}},
        color={"mode": "palette-classic"}, **settings)


def bars(*arguments, **settings):
    return panel("bargauge", *arguments, options={
        "displayMode": "basic", "orientation": "horizontal", "showUnfilled": True, "valueMode": "color",
        "namePlacement": "auto", "sizing": "auto", "minVizHeight": 16, "minVizWidth": 8,
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}}, **settings)


def bar_chart(*arguments, x, **settings):
    """Upright bars over the words of the field `x`, the values of a word one above the other."""
    return panel("barchart", *arguments, options={
        "xField": x, "orientation": "auto", "stacking": "normal", "showValue": "auto", "barWidth": 0.9, "groupWidth": 0.7,
        "xTickLabelRotation": 0, "xTickLabelSpacing": 0, "fullHighlight": False, "barRadius": 0,
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
        "tooltip": {"mode": "multi", "sort": "none"}},
        custom={"lineWidth": 1, "fillOpacity": 80, "gradientMode": "none"}, **settings)


def table(*arguments, sort_by=None, descending=False, **settings):
    return panel("table", *arguments, options={
        "showHeader": True, "cellHeight": "sm",
        "footer": {"show": False, "reducer": ["sum"], "countRows": False, "fields": ""},
        "sortBy": [{"displayName": sort_by, "desc": descending}] if sort_by else []},
        custom={"align": "auto", "cellOptions": {"type": "auto"}, "filterable": True, "inspect": False},
        **settings)


def columns(names, values, merged=False):
    """The fields of a table in their order, and what its values are called: {"A": "overdue by"}. The only
    query's value is called Value, those of several Value #A and so on."""
    called = {f"Value #{ref}": title for ref, title in values.items()}
    if len(values) == 1:
        called["Value"] = next(iter(values.values()))
    order = [*names, *(name for name in called)]
    organized = {"id": "organize", "options": {
        "excludeByName": {"Time": True}, "renameByName": called,
        "indexByName": {name: index for index, name in enumerate(order)}}}
    return [{"id": "merge", "options": {}}, organized] if merged else [organized]


def matrix(row, column):
    """One query's values as a table of rows by columns."""
    return [{"id": "groupingToMatrix", "options": {
        "rowField": row, "columnField": column, "valueField": "Value", "emptyValue": "null"}}]


def variable(name, label, query, **settings):
    """With the values of a label: label_values(series, label)."""
    return {
        "name": name, "label": label, "type": "query", "datasource": DATASOURCE, "definition": query,
        "query": {"query": query, "qryType": 1, "refId": "PrometheusVariableQueryEditor-VariableQuery"},
        "refresh": 1, "sort": 1, "hide": 0, "options": [], "regex": "", "skipUrlSync": False, **settings}


def chosen(name, label, query):
    """Several values, or all. All takes in who has no such label."""
    return variable(name, label, query, multi=True, includeAll=True, allValue=".*",
                    current={"selected": True, "text": ["All"], "value": ["$__all"]})


def variables_of_hosts():
    return variables_of("host")


def variables_of_targets():
    return variables_of("target")


def variables_of(entity):
    """What every dashboard about hosts, or targets, offers: each of the four leaves the next ones what belongs to it."""
    variables = [{
        "name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus", "current": {},
        "multi": False, "includeAll": False, "refresh": 1, "hide": 0, "options": [], "regex": "", "skipUrlSync": False}]
    before = []
    for name in ("site", "role", "owner", entity):
        matchers = f"{{{', '.join(before)}}}" if before else ""
        variables.append(chosen(name, name.capitalize(), f"label_values({entity}:muster_labels:info{matchers}, {name})"))
        before.append(f'{name}=~"${name}"')
    # Where links lead to; hidden.
    variables.append(variable("collector", "Collector", "label_values(muster_collector_build_info, instance)",
                              multi=False, includeAll=False, allValue=None, current={}, hide=2))
    return variables


LINKS = [
    {"title": "Collector", "type": "link", "url": "https://${collector:raw}/", "icon": "external link",
     "tooltip": "The collector's own page", "targetBlank": True, "asDropdown": False, "includeVars": False,
     "keepTime": False, "tags": []},
    {"title": "Other pages of Muster", "type": "dashboards", "tags": ["muster"], "icon": "dashboard", "tooltip": "",
     "url": "", "targetBlank": False, "asDropdown": True, "includeVars": True, "keepTime": True}]


class Layout:
    """Places panels from left to right and, where a line is full, below."""

    def __init__(self):
        self.panels = []
        self._line = self._x = self._height = 0

    def row(self, identity, title):
        self._break()
        self.panels.append({
            "id": identity, "type": "row", "title": title, "collapsed": False, "panels": [],
            "gridPos": {"h": 1, "w": WIDTH, "x": 0, "y": self._line}})
        self._line += 1

    def place(self, width, height, made):
        if self._x + width > WIDTH:
            self._break()
        self.panels.append({**made, "gridPos": {"h": height, "w": width, "x": self._x, "y": self._line}})
        self._x += width
        self._height = max(self._height, height)

    def _break(self):
        self._line += self._height
        self._x = self._height = 0


def dashboard(uid, title, description, *, variables, panels, annotations=(), since="now-7d"):
    return {
        "uid": uid, "title": title, "description": description, "tags": ["muster"], "id": None, "version": 1,
        "schemaVersion": SCHEMA_VERSION, "editable": True, "graphTooltip": 1, "style": "dark",
        "timezone": "browser", "weekStart": "", "fiscalYearStartMonth": 0, "liveNow": False,
        "refresh": "1m", "time": {"from": since, "to": "now"}, "timepicker": {},
        "links": LINKS, "annotations": {"list": list(annotations)},
        "templating": {"list": variables}, "panels": panels}
