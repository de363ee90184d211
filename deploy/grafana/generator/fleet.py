"""The dashboard Fleet: in its first rows how the fleet stands, below them what to do first."""

from panels import (
    COLOURS, DATASOURCE, DATASOURCE_VARIABLE, HOST_FIELD, SEVERITY_FIELD, Layout, bars, chosen, coloured_cells, columns,
    dashboard, hidden, in_colour, matrix, of_field, override, runbook, stat, steps, table, target, time_series,
    word_from, words)

UID = "muster-fleet"

LABELS = 'site=~"$site", role=~"$role", owner=~"$owner"'
HOST = 'host=~"$host"'
# The hosts that are chosen, with whose they are.
CHOSEN = f"host:muster_labels:info{{{LABELS}, {HOST}}}"
WITH_LABELS = f"* on (host) group_left (site, role, owner) {CHOSEN}"
# Pairs of host and control by site, role, owner, status; and the same of each control.
PAIRS = "site_role_owner_status:muster_controls:count"
PAIRS_OF_CONTROLS = "site_role_owner_control_status:muster_hosts:count"

COMPLIANT = 'status=~"pass|due|waived"'
JUDGED = 'status!="not_applicable"'

DAY = 86400
SOON = 7 * DAY

# What a site is called that has no name.
NO_NAME = "(none)"

SEVERITY_ALERT = of_field(
    "severity", custom_cellOptions=coloured_cells("color-text"), custom_width=90,
    mappings=[words({"critical": ("critical", "red"), "warning": ("warning", "orange")})])


def total(series, matcher="", by=()):
    matchers = f"{matcher}, {LABELS}" if matcher else LABELS
    group = f" by ({', '.join(by)})" if by else ""
    return f"sum{group} ({series}{{{matchers}}})"


def count_of(status):
    """0 where none stands so; nothing where there are no hosts."""
    pairs = total(PAIRS, f'status="{status}"')
    return f"{pairs}\n  or 0 * {total(PAIRS)}"


def ratio(series=PAIRS, by=()):
    judged = total(series, JUDGED, by)
    return f"({total(series, COMPLIANT, by)}\n  or 0 * {judged})\n/ {judged}"


def named(expression, label):
    return f'label_replace(\n{expression},\n"{label}", "{NO_NAME}", "{label}", "")'


def hosts_where(series, value):
    return (f"count({series}{{{HOST}}} == {value} and on (host) {CHOSEN})\n  or 0 * count({CHOSEN})")


# A score that puts one critical control above any number of low ones that a host is likely to fail.
WEIGHTS = {"critical": 100, "high": 20, "medium": 5, "low": 1}


def failed(severity):
    return f'host_severity:muster_controls_failed:count{{severity="{severity}", {LABELS}, {HOST}}}'


SCORE = "sum by (host, site, role, owner) (\n  " + "\n  or ".join(
    f"{weight} * {failed(severity)}" for severity, weight in WEIGHTS.items()) + "\n)"


def by_deadline(status, most):
    """What has this status with its severity, of what `most` selects."""
    return f"""{most}
* on (host, control) group_left (severity)
muster_control_status{{status=~"{status}", {HOST}}}"""


def deadlines(pick, condition):
    """The 50 of all hosts that are chosen."""
    return f"""{pick}(50, max by (host, control, site, owner) (
  ({condition}) {WITH_LABELS}
))"""


# Why a host says nothing, times how long ago it last did: -1 where it never did.
_STATES = "\n  or on (host) ".join(
    f'label_replace({series}{{{HOST}}} == 1, "state", "{state}", "", "")' for series, state in (
        ("muster_host_quarantined", "quarantined"), ("muster_host_revoked", "revoked")))
AWAY = f"""max by (host, state, site, role, owner) (
  (
  {_STATES}
  or on (host) label_replace(1 + (muster_host_reporting{{{HOST}}} == 0), "state", "silent", "", "")
  )
  {WITH_LABELS}
  * on (host) group_left () (
    time() - max by (host) (muster_host_last_sync_timestamp_seconds{{{HOST}}})
    or on (host) 0 * max by (host) (muster_host_reporting{{{HOST}}}) - 1
  )
)"""

DEADLINE = f"muster_control_deadline_timestamp_seconds{{{HOST}}}"
RATIO_STEPS = steps("red", (0.9, "orange"), (0.98, "green"))
RATIO_MEANING = ("Pairs of host and control that comply (pass, due, waived) of all that are judged. Unknown counts against; "
                 "not applicable counts in neither.")


def summary(layout):
    layout.place(5, 5, stat(
        1, "Compliance",
        f"{RATIO_MEANING} Green from 98 %, red below 90 %. The curve is the chosen time.",
        [target(ratio(), over_time=True)], unit="percentunit", decimals=1, min=0, max=1,
        thresholds=RATIO_STEPS, graph=True))
    for identity, status, title, description in (
            (2, "fail", "Failed", "Pairs of host and control that are unmet past their deadline, or had none."),
            (3, "unknown", "Unknown", "Pairs of host and control that cannot be told: no facts, too old ones, or a source "
                                      "that does not say. Never counts as good."),
            (4, "due", "Due", "Pairs of host and control that are unmet, within their deadline."),
            (5, "waived", "Waived", "Pairs of host and control that are unmet under a waiver with an end.")):
        layout.place(3, 5, stat(
            identity, title, description, [target(count_of(status), over_time=True)], unit="short",
            thresholds=steps("text", (1, COLOURS[status])), graph=True, coloured="value"))
    layout.place(4, 5, stat(
        6, "Hosts", "Hosts that report; that have stopped, or never did; and whose identity is in use twice.",
        [target(hosts_where("muster_host_reporting", 1), "A", "report"),
         target(hosts_where("muster_host_reporting", 0), "B", "silent"),
         target(hosts_where("muster_host_quarantined", 1), "C", "quarantined")],
        unit="short", text="value_and_name", coloured="value", thresholds=steps("text", (1, "red")),
        overrides=[in_colour("report", "text")], links=[runbook("MusterHostSilent"), runbook("MusterHostQuarantined")]))
    layout.place(3, 5, stat(
        7, "Muster works",
        "Whether this page can be trusted: how many of these are broken: the collector answers, writes its store, has "
        "read its last policy, and its inventories. The last row has each.",
        [target(" +\n".join(
            f"(sum({expression}) or vector(0))" for expression in (
                'absent(up{job="muster-collector"})',
                'up{job="muster-collector"} == bool 0', "muster_collector_store_writable == bool 0",
                "muster_policy_last_reload_successful == bool 0", "muster_inventory_last_load_successful == bool 0")))],
        unit="short", thresholds=steps("green", (1, "red")),
        mappings=[words({0: ("works", "green")}), word_from(1, None, "broken", "red")],
        links=[runbook("MusterCollectorDown")]))


def trend(layout):
    layout.place(10, 8, time_series(
        8, "Compliance by site", f"{RATIO_MEANING} A step at the mark of a new policy is the policy's.",
        [target(ratio(), "A", "all", over_time=True),
         target(named(ratio(by=["site"]), "site"), "B", "{{site}}", over_time=True)],
        unit="percentunit", max=1,
        overrides=[of_field("all", color={"mode": "fixed", "fixedColor": "text"}, custom_lineWidth=3)]))
    layout.place(8, 8, time_series(
        9, "Where checks stand", "Pairs of host and control by status, one above the other. Without those that do not apply.",
        [target(total(PAIRS, JUDGED, ["status"]), legend="{{status}}", over_time=True)],
        unit="short", min=0, stacked=True, calculations=("lastNotNull", "max"),
        overrides=[in_colour(status, colour) for status, colour in COLOURS.items()]))
    layout.place(6, 8, bars(
        10, "Compliance by owner", f"{RATIO_MEANING} The 20 owners that stand worst, the worst first.",
        [target(f"sort(bottomk(20, {named(ratio(by=['owner']), 'owner')}))", legend="{{owner}}")],
        unit="percentunit", decimals=1, min=0, max=1, thresholds=RATIO_STEPS))


def sites(layout):
    by = ["site", "control"]
    unknown = total(PAIRS_OF_CONTROLS, 'status="unknown"', by)
    cells = f"""2 + {unknown} / {total(PAIRS_OF_CONTROLS, JUDGED, by)}
  unless {total(PAIRS_OF_CONTROLS, 'status="fail"', by)}
  or
{ratio(PAIRS_OF_CONTROLS, by)}"""
    layout.place(24, 12, table(
        11, "Controls by site",
        "The share of a site's hosts that comply with a control, the worst first. Green: all. Red: below 90 %. Purple: no "
        "host fails, but of some it is unknown how they stand. Empty: the control applies to no host there. A "
        "cell leads to this page with that site only.",
        [target(f"sort({named(cells, 'site')})", table=True)],
        unit="percentunit", decimals=0, thresholds=steps("red", (0.9, "orange"), (1, "green"), (1.5, COLOURS["unknown"])),
        mappings=[word_from(1.5, 4, "unknown", COLOURS["unknown"])],
        transformations=matrix("control", "site"),
        overrides=[
            override("byType", "number", custom_cellOptions=coloured_cells(), custom_align="center",
                     custom_filterable=False, links=[{
                         "title": "Only ${__field.name}",
                         "url": f"/d/{UID}?var-site=${{__field.name}}&${{datasource:queryparam}}&${{role:queryparam}}"
                                "&${owner:queryparam}&${__url_time_range}"}]),
            override("byRegexp", "/^control/", custom_width=260)]))


def first_things(layout):
    layout.place(12, 9, table(
        12, "Alerts that fire", "By alert: how many hosts, or parts of the collector. With its runbook. Alerts about a "
                                "host only if it is chosen.",
        [target(f'count by (alertname, severity) (\n'
                f'  ALERTS{{alertname=~"Muster.*", alertstate="firing", {HOST}, host!=""}} and on (host) {CHOSEN}\n'
                '  or ALERTS{alertname=~"Muster.*", alertstate="firing", host=""}\n)', table=True)],
        unit="short", sort_by="firing", descending=True,
        transformations=columns(["severity", "alertname"], {"A": "firing"}),
        overrides=[SEVERITY_ALERT, of_field("alertname", links=[runbook("${__value.raw}")])]))
    layout.place(12, 9, table(
        13, "Worst hosts", "The 25 hosts with the highest score: a failed critical control counts "
            f"{WEIGHTS['critical']}, a high one {WEIGHTS['high']}, a medium one {WEIGHTS['medium']}, a low one "
            f"{WEIGHTS['low']}.",
        [target(f"topk(25, {SCORE})", "A", table=True),
         *(target(f"sum by (host, site, role, owner) ({failed(severity)})\n  and on (host) topk(25, {SCORE})", ref, table=True)
           for ref, severity in zip("BCDE", WEIGHTS))],
        unit="short", sort_by="score", descending=True,
        transformations=columns(["host", "site", "role", "owner"], dict(zip("ABCDE", ["score", *WEIGHTS])), merged=True),
        overrides=[HOST_FIELD, of_field("score", custom_cellOptions=coloured_cells("color-text"),
                                        thresholds=steps("yellow", (20, "orange"), (100, "red")))]))
    layout.place(12, 9, table(
        14, "Overdue", "The 50 checks that failed longest ago by their deadline. A control without a deadline is not here, "
                       "but under Worst hosts. Red: more than 30 days.",
        [target(by_deadline("fail", deadlines("topk", f"time() - {DEADLINE} > 0")), table=True)],
        unit="dtdurations", decimals=1, sort_by="overdue by", descending=True,
        transformations=columns(["host", "control", "severity", "site", "owner"], {"A": "overdue by"}),
        overrides=[HOST_FIELD, SEVERITY_FIELD,
                   of_field("overdue by", custom_cellOptions=coloured_cells("color-text"),
                            thresholds=steps("orange", (30 * DAY, "red")))]))
    layout.place(12, 9, table(
        15, "Hosts with unknown controls", "The 50 hosts with the most controls of which it cannot be told how they stand. One that is silent is "
                       "unknown for its silence; of one that reports the verdicts say why.",
        [target(f'topk(50, sum by (host, site, role, owner) (host_status:muster_controls_unmet:count{{status="unknown", '
                f"{LABELS}, {HOST}}}))", "A", table=True),
         target("max by (host, site, role, owner) (\n"
                f"  muster_host_reporting{{{HOST}}} {WITH_LABELS}\n)\n"
                f'  and on (host) topk(50, sum by (host) (host_status:muster_controls_unmet:count{{status="unknown", '
                f"{LABELS}, {HOST}}}))", "B", table=True)],
        unit="short", sort_by="unknown controls", descending=True,
        transformations=columns(["host", "site", "role", "owner"], {"A": "unknown controls", "B": "reports"}, merged=True),
        overrides=[HOST_FIELD,
                   of_field("unknown controls", custom_cellOptions=coloured_cells("color-text"),
                            thresholds=steps(COLOURS["unknown"])),
                   of_field("reports", custom_cellOptions=coloured_cells("color-text"),
                            mappings=[words({0: ("silent", "red"), 1: ("yes", "green")})])],
        links=[runbook("MusterControlUnknown")]))
    layout.place(12, 9, table(
        16, "Due within a week", "The 50 checks that fail next if nobody acts. Red: within a day.",
        [target(by_deadline("due|unknown", deadlines("bottomk", f"{DEADLINE} - time() > 0 < {SOON}")), table=True)],
        unit="dtdurations", decimals=1, sort_by="time left",
        transformations=columns(["host", "control", "severity", "site", "owner"], {"A": "time left"}),
        overrides=[HOST_FIELD, SEVERITY_FIELD,
                   of_field("time left", custom_cellOptions=coloured_cells("color-text"),
                            thresholds=steps("red", (DAY, "orange"), (3 * DAY, "yellow")))]))
    layout.place(12, 9, table(
        17, "Hosts that are away", "Silent: off, cut off, or its agent has ended. Quarantined: its identity is in use twice. "
                                   "Revoked: still to be removed. The 100 that are longest away.",
        [target(f"topk(100, {AWAY})", table=True)],
        unit="dtdurations", decimals=1, sort_by="last report ago", descending=True,
        transformations=columns(["host", "state", "site", "role", "owner"], {"A": "last report ago"}),
        overrides=[HOST_FIELD, of_field("last report ago", mappings=[words({-1: ("never", "red")})]),
                   of_field("state", custom_cellOptions=coloured_cells("color-text"), mappings=[words({
                       "silent": ("silent", "red"), "quarantined": ("quarantined", "dark-red"),
                       "revoked": ("revoked", "orange")})])],
        links=[runbook("MusterHostSilent"), runbook("MusterHostQuarantined")]))


def fleet_itself(layout):
    layout.place(8, 8, table(
        18, "Whom to call", "Owners as the policy has them, and how many checks of theirs have failed or cannot be told.",
        [target(f"""({total(PAIRS, f'status="{status}"', ['owner'])}
  or 0 * group by (owner) (muster_owner_info{{owner=~"$owner"}}))
* on (owner) group_left (contact, escalation)
max by (owner, contact, escalation) (muster_owner_info)""", ref, table=True)
         for status, ref in (("fail", "A"), ("unknown", "B"))],
        unit="short", sort_by="failed", descending=True,
        transformations=columns(["owner", "contact", "escalation"], {"A": "failed", "B": "unknown"}, merged=True),
        overrides=[of_field(name, custom_cellOptions=coloured_cells("color-text"),
                            thresholds=steps("text", (1, COLOURS[status])))
                   for name, status in (("failed", "fail"), ("unknown", "unknown"))]))
    layout.place(8, 8, bars(
        19, "Agents by version", "Hosts by the version of their agent: how far a roll-out is, and who was left behind. Hosts "
                                 "that are silent are not in it.",
        [target(f"sort_desc(count by (agent_version) (muster_host_info{{{HOST}}} and on (host) {CHOSEN}))",
                legend="{{agent_version}}")], unit="short", min=0, thresholds=steps("blue")))
    layout.place(8, 8, table(
        20, "In maintenance", "Hosts in a maintenance window now, by window: no alerts about them. Their verdicts are as ever.",
        [target(f"count by (window) (muster_host_maintenance{{{HOST}}} == 1 and on (host) {CHOSEN})", table=True)],
        unit="short", sort_by="hosts", descending=True, transformations=columns(["window"], {"A": "hosts"})))


def ends(layout):
    # In milliseconds, as Grafana's dates are.
    for identity, title, description, series, names, name in (
            (21, "Waivers by their end", "The 100 that end next. What one covers counts as compliant until then. A waiver that "
             "has ended covers nothing any more. Of the whole fleet.", "muster_waiver_end_timestamp_seconds",
             ["waiver", "control", "approved_by", "ticket"], ""),
            (22, "Dates kept by hand", "Contracts, licences and what else the policy lists with a date: the 100 that come next.",
             "muster_date_timestamp_seconds", ["date", "kind", "owner"], '{owner=~"$owner"}')):
        end = f"max by ({', '.join(names)}) ({series}{name})"
        layout.place(12, 8, table(
            identity, title, description,
            [target(f"bottomk(100, {end} - time())", "A", table=True),
             target(f"1000 * bottomk(100, {end})", "B", table=True)],
            unit="dtdurations", decimals=1, sort_by="time left",
            transformations=columns(names, {"A": "time left", "B": "on"}, merged=True),
            overrides=[of_field("on", unit="dateTimeAsIso"),
                       of_field("time left", custom_cellOptions=coloured_cells("color-text"),
                                mappings=[word_from(None, 0, "over", "red")],
                                thresholds=steps("red", (SOON, "orange"), (30 * DAY, "yellow"), (90 * DAY, "green")))]))


def muster_itself(layout):
    works = {"mappings": [words({0: ("NO", "red"), 1: ("yes", "green")})]}
    parts = (
        ("collector answers", 'min(up{job="muster-collector"})', works),
        ("store is writable", "min(muster_collector_store_writable)", works),
        ("policy was read", "min(muster_policy_last_reload_successful)", works),
        ("policy read", "time() - max(muster_policy_loaded_timestamp_seconds)", {"unit": "dtdurations", "decimals": 0}),
        ("controls", "max(muster_policy_controls)", {}),
        ("selectors without hosts", "sum(muster_policy_selectors_without_hosts)", {"thresholds": steps("text", (1, "orange"))}),
        ("inventories were read", "min(muster_inventory_last_load_successful)", works),
        ("oldest inventory", "time() - min(muster_inventory_last_success_timestamp_seconds)",
         {"unit": "dtdurations", "decimals": 0}),
        ("listed, never enrolled", "sum(muster_inventory_hosts_missing)", {"thresholds": steps("text", (1, "orange"))}),
        ("enrolled, not listed", "sum(muster_inventory_hosts_unlisted)", {"thresholds": steps("text", (1, "orange"))}))
    layout.place(24, 5, stat(
        23, "What this page stands on", "Of several collectors the worst. A reload of the policy that was refused leaves "
        "the old one in force, and an inventory that cannot be read its last content.",
        [target(expression, chr(ord("A") + index), name) for index, (name, expression, _) in enumerate(parts)],
        unit="short", text="value_and_name", coloured="value",
        overrides=[of_field(name, **settings) for name, _, settings in parts if settings],
        links=[runbook("MusterCollectorDown")]))


def make():
    layout = Layout()
    summary(layout)
    trend(layout)
    layout.row(101, "Where: follows site, role and owner")
    sites(layout)
    layout.row(102, "What to do first: follows host too")
    first_things(layout)
    layout.row(103, "Who, and with what")
    fleet_itself(layout)
    layout.row(104, "What ends")
    ends(layout)
    layout.row(105, "Muster itself")
    muster_itself(layout)
    return dashboard(
        UID, "Muster: Fleet", "How the fleet stands with its policy, and what to do first.", tags=["muster"],
        variables=[
            DATASOURCE_VARIABLE,
            chosen("site", "label_values(host:muster_labels:info, site)", "Site"),
            chosen("role", 'label_values(host:muster_labels:info{site=~"$site"}, role)', "Role"),
            chosen("owner", 'label_values(host:muster_labels:info{site=~"$site", role=~"$role"}, owner)', "Owner"),
            chosen("host", f"label_values(host:muster_labels:info{{{LABELS}}}, host)", "Host"),
            hidden("collector", "label_values(muster_collector_build_info, instance)", "Collector")],
        panels=layout.panels,
        links=[{"title": "Collector", "type": "link", "url": "https://${collector:raw}/", "icon": "external link",
                "targetBlank": True, "asDropdown": False, "includeVars": False, "keepTime": False, "tags": [],
                "tooltip": "The collector's own page"},
               {"title": "Other pages of Muster", "type": "dashboards", "tags": ["muster"], "asDropdown": True,
                "includeVars": True, "keepTime": True, "targetBlank": False, "icon": "dashboard", "tooltip": "", "url": ""}],
        annotations=[{
            "name": "New policy", "datasource": DATASOURCE, "enable": True, "hide": False, "iconColor": "blue",
            "expr": "1000 * max(muster_policy_loaded_timestamp_seconds)", "useValueForTime": "on", "step": "60s",
            "titleFormat": "A policy was read", "textFormat": "", "tagKeys": ""}])
