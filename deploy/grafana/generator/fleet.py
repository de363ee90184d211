"""The dashboard Fleet: in its first rows how the fleet stands, below them what to do first."""

import fleet_queries as queries
from fleet_queries import DAY, SOON, WEIGHTS
from panels import (
    COLOURED_BACKGROUND, COLOURED_TEXT, COLOURS, DATASOURCE, HOST_FIELD, SEVERITY_FIELD, Layout, bars, columns,
    dashboard, in_colour, matrix, of_field, override, runbook, stat, steps, table, target, time_series,
    variables_of_hosts, word_from, words)

UID = "muster-fleet"

RATIO_STEPS = steps("red", (0.9, "orange"), (0.98, "green"))
RATIO_MEANING = ("Pairs of host and control that comply (pass, due, waived) of all that are judged. Unknown counts "
                 "against; not applicable counts in neither.")
YES_OR_NO = {"mappings": [words({0: ("NO", "red"), 1: ("yes", "green")})]}
WHOSE = ["host", "site", "role", "owner"]
CHECK = ["host", "control", "severity", "site", "owner"]


def compliance():
    return stat(
        1, "Compliance",
        f"{RATIO_MEANING} Green from 98 %, red below 90 %.",
        [target(queries.ratio())], unit="percentunit", decimals=1, min=0, max=1, thresholds=RATIO_STEPS)


def count(identity, status, title, description):
    return stat(
        identity, title, description, [target(queries.count_of(status))], unit="short",
        thresholds=steps("text", (1, COLOURS[status])), coloured="value")


def hosts():
    return stat(
        6, "Hosts", "Hosts that report; that have stopped, or never did; and whose identity is in use twice.",
        [target(queries.hosts_where("muster_host_reporting", 1), "A", "report"),
         target(queries.hosts_where("muster_host_reporting", 0), "B", "silent"),
         target(queries.hosts_where("muster_host_quarantined", 1), "C", "quarantined")],
        unit="short", text="value_and_name", coloured="value", thresholds=steps("text", (1, "red")),
        overrides=[in_colour("report", "text")],
        links=[runbook("MusterHostSilent"), runbook("MusterHostQuarantined")])


def muster_works():
    return stat(
        7, "Muster works",
        "Whether this page can be trusted. Broken: the collector does not answer, cannot write its store, has refused a "
        "policy or could not read an inventory; or Prometheus lacks Muster's recording rules, or hosts that the collector "
        "has. The last row says which.",
        [target(queries.broken_parts())], unit="short", thresholds=steps("green", (1, "red")),
        mappings=[words({0: ("works", "green")}), word_from(1, None, "broken", "red")],
        links=[runbook("MusterCollectorDown")])


def compliance_by_site():
    return time_series(
        8, "Compliance by site",
        f"{RATIO_MEANING} A line marks when a policy was read: a step there is the policy's doing.",
        [target(queries.ratio(), "A", "all", over_time=True),
         target(queries.named(queries.ratio(by=["site"]), "site"), "B", "{{site}}", over_time=True)],
        unit="percentunit", max=1,
        overrides=[of_field("all", color={"mode": "fixed", "fixedColor": "text"}, custom_lineWidth=3)])


def checks_by_status():
    return time_series(
        9, "Where checks stand",
        "Pairs of host and control by status, one above the other. Without those that do not apply.",
        [target(queries.total(queries.PAIRS, queries.JUDGED, ["status"]), legend="{{status}}", over_time=True)],
        unit="short", min=0, stacked=True, calculations=("lastNotNull", "max"),
        overrides=[in_colour(status, colour) for status, colour in COLOURS.items()])


def compliance_by_owner():
    return bars(
        10, "Compliance by owner", f"{RATIO_MEANING} The 20 owners that stand worst, the worst first.",
        [target(f"sort(bottomk(20, {queries.named(queries.ratio(by=['owner']), 'owner')}))", legend="{{owner}}")],
        unit="percentunit", decimals=1, min=0, max=1, thresholds=RATIO_STEPS)


def controls_by_site():
    only_this_site = {
        "title": "Only ${__field.name}",
        "url": f"/d/{UID}?var-site=${{__field.name}}&${{datasource:queryparam}}&${{role:queryparam}}"
               "&${owner:queryparam}&${__url_time_range}"}
    return table(
        11, "Controls by site",
        "The share of a site's hosts that comply with a control: the unknown first, then the worst. Green: all. Red: below "
        "90 %. Purple: no host fails, but of some it is unknown how they stand. Empty: the control applies to no host there. "
        "A cell leads to this page with that site only.",
        [target(f"sort({queries.named(queries.matrix_cells(), 'site')})", table=True)],
        unit="percentunit", thresholds=steps(COLOURS["unknown"], (0, "red"), (0.9, "orange"), (1, "green")),
        mappings=[word_from(-3, -0.5, "unknown", COLOURS["unknown"])],
        transformations=matrix("control", "site"),
        overrides=[
            override("byType", "number", custom_cellOptions=COLOURED_BACKGROUND, custom_align="center",
                     custom_filterable=False, links=[only_this_site]),
            override("byRegexp", "/^control/", custom_width=260)])


def alerts():
    return table(
        12, "Alerts that fire",
        "By alert: of how many hosts, or parts of the collector; those about a host where it is chosen. It leads to its "
        "runbook. No data: none fires.",
        [target(queries.ALERTS, table=True)],
        unit="short", sort_by="firing", descending=True,
        transformations=columns(["severity", "alertname"], {"A": "firing"}),
        overrides=[
            of_field("severity", custom_cellOptions=COLOURED_TEXT, custom_width=90,
                     mappings=[words({"critical": ("critical", "red"), "warning": ("warning", "orange"),
                                      "info": ("info", "text")})]),
            of_field("alertname", links=[runbook("${__value.raw}")])])


def worst_hosts():
    weights = ", ".join(f"{severity} {weight}" for severity, weight in WEIGHTS.items())
    return table(
        13, "Worst hosts",
        f"The 25 hosts with the highest score, and what they fail. A failed control counts by its severity: {weights}. No "
        "data: nothing fails.",
        [target(queries.WORST, "A", table=True),
         *(target(queries.failed_of_worst(severity), ref, table=True) for ref, severity in zip("BCDE", WEIGHTS))],
        unit="short", sort_by="score", descending=True,
        transformations=columns(WHOSE, dict(zip("ABCDE", ["score", *WEIGHTS])), merged=True),
        overrides=[HOST_FIELD, of_field("score", custom_cellOptions=COLOURED_TEXT,
                                        thresholds=steps("yellow", (20, "orange"), (100, "red")))])


def overdue():
    return table(
        14, "Overdue",
        "The 50 checks whose deadline is longest over. What fails without a deadline is not here, but under Worst hosts. "
        "Red: for more than 30 days.",
        [target(queries.OVERDUE, table=True)],
        unit="dtdurations", decimals=1, sort_by="overdue by", descending=True,
        transformations=columns(CHECK, {"A": "overdue by"}),
        overrides=[HOST_FIELD, SEVERITY_FIELD, of_field("overdue by", custom_cellOptions=COLOURED_TEXT,
                                                        thresholds=steps("orange", (30 * DAY, "red")))],
        links=[runbook("MusterControlFailed")])


def unknown_hosts():
    return table(
        15, "Hosts with unknown controls",
        "The 50 hosts with the most controls of which it cannot be told how they stand. One that is silent is unknown for "
        "its silence; of one that reports, its verdicts say why.",
        [target(queries.MOST_UNKNOWN, "A", table=True), target(queries.REPORTING_OF_UNKNOWN, "B", table=True)],
        unit="short", sort_by="unknown controls", descending=True,
        transformations=columns(WHOSE, {"A": "unknown controls", "B": "reports"}, merged=True),
        overrides=[HOST_FIELD,
                   of_field("unknown controls", custom_cellOptions=COLOURED_TEXT, thresholds=steps(COLOURS["unknown"])),
                   of_field("reports", custom_cellOptions=COLOURED_TEXT,
                            mappings=[words({0: ("silent", "red"), 1: ("yes", "green")})])],
        links=[runbook("MusterControlUnknown")])


def due():
    return table(
        16, "Due within a week",
        "The 50 checks that fail next if nobody acts. Red: within a day; orange: within three.",
        [target(queries.DUE, table=True)],
        unit="dtdurations", decimals=1, sort_by="time left", transformations=columns(CHECK, {"A": "time left"}),
        overrides=[HOST_FIELD, SEVERITY_FIELD,
                   of_field("time left", custom_cellOptions=COLOURED_TEXT,
                            thresholds=steps("red", (DAY, "orange"), (3 * DAY, "yellow")))],
        links=[runbook("MusterControlDeadlineNear")])


def away():
    states = {"silent": ("silent", "red"), "quarantined": ("quarantined", "dark-red"), "revoked": ("revoked", "orange")}
    return table(
        17, "Hosts that are away",
        "Silent: off, cut off, or its agent has ended. Quarantined: its identity is in use twice. Revoked: still to be "
        "removed. The 100 that are longest away, and those that never reported.",
        [target(queries.AWAY, table=True)],
        unit="dtdurations", decimals=1, sort_by="last report ago", descending=True,
        transformations=columns(["host", "state", "site", "role", "owner"], {"A": "last report ago"}),
        overrides=[HOST_FIELD, of_field("last report ago", mappings=[words({-1: ("never", "red")})]),
                   of_field("state", custom_cellOptions=COLOURED_TEXT, mappings=[words(states)])],
        links=[runbook("MusterHostSilent"), runbook("MusterHostQuarantined")])


def whom_to_call():
    values = {"A": "failed", "B": "unknown"}
    return table(
        18, "Whom to call",
        "The owners that the policy names, and how many checks of theirs have failed or cannot be told.",
        [target(queries.of_owners("fail"), "A", table=True), target(queries.of_owners("unknown"), "B", table=True)],
        unit="short", sort_by="failed", descending=True,
        transformations=columns(["owner", "contact", "escalation"], values, merged=True),
        overrides=[of_field(name, custom_cellOptions=COLOURED_TEXT, thresholds=steps("text", (1, COLOURS[status])))
                   for name, status in (("failed", "fail"), ("unknown", "unknown"))])


def agents():
    return bars(
        19, "Agents by version",
        "Hosts by the version of their agent: how far a roll-out is, and who was left behind. Without those that are "
        "silent.",
        [target(queries.AGENTS, legend="{{agent_version}}")], unit="short", min=0, thresholds=steps("blue"))


def maintenance():
    return table(
        20, "In maintenance",
        "Hosts in a maintenance window now: no alerts about them. Their verdicts are as ever.",
        [target(queries.MAINTENANCE, table=True)],
        unit="short", sort_by="hosts", descending=True, transformations=columns(["window"], {"A": "hosts"}))


def ends(identity, title, description, series, names):
    """What has a date, the next first: in how long, and when (in milliseconds, as Grafana's dates are)."""
    end = f"max by ({', '.join(names)}) ({series})"
    return table(
        identity, title, f"{description} The 100 that come next. Red: within a week, or over; green: not within 90 days.",
        [target(f"bottomk(100, {end} - time())", "A", table=True), target(f"1000 * bottomk(100, {end})", "B", table=True)],
        unit="dtdurations", decimals=1, sort_by="time left",
        transformations=columns(names, {"A": "time left", "B": "on"}, merged=True),
        overrides=[of_field("on", unit="dateTimeAsIso"),
                   of_field("time left", custom_cellOptions=COLOURED_TEXT,
                            mappings=[word_from(None, 0, "over", "red")],
                            thresholds=steps("red", (SOON, "orange"), (30 * DAY, "yellow"), (90 * DAY, "green")))])


def waivers():
    return ends(21, "Waivers by their end", "What a waiver covers counts as compliant until its end. Of the whole fleet.",
                "muster_waiver_end_timestamp_seconds", ["waiver", "control", "approved_by", "ticket"])


def dates():
    return ends(22, "Dates kept by hand", "Contracts, licences and what else the policy lists with a date.",
                'muster_date_timestamp_seconds{owner=~"$owner"}', ["date", "kind", "owner"])


def foundations():
    some = {"thresholds": steps("text", (1, "orange"))}
    # What was never loaded has the age of Unix time.
    age = {"unit": "dtdurations", "decimals": 0, "mappings": [word_from(1e9, None, "never", "red")]}
    parts = (
        ("collector answers", 'min(up{job="muster-collector"})', YES_OR_NO),
        ("store is writable", "min(muster_collector_store_writable)", YES_OR_NO),
        ("policy was taken", "min(muster_policy_last_reload_successful)", YES_OR_NO),
        ("in force for", "time() - max(muster_policy_loaded_timestamp_seconds)", age),
        ("controls", "max(muster_policy_controls)", {}),
        ("selectors without hosts", "sum(muster_policy_selectors_without_hosts)", some),
        ("inventories were read", "min(muster_inventory_last_load_successful)", YES_OR_NO),
        ("oldest of them", "time() - min(muster_inventory_last_success_timestamp_seconds)", age),
        ("listed, never enrolled", "sum(muster_inventory_hosts_missing)", some),
        ("enrolled, not listed", "sum(muster_inventory_hosts_unlisted)", some),
        ("enrolled, not in Prometheus", queries.NOT_SEEN, some))
    return stat(
        23, "What this page stands on",
        "Of several collectors the worst. A policy that was refused leaves the old one in force, an inventory that cannot "
        "be read its last content.",
        [target(expression, chr(ord("A") + index), name) for index, (name, expression, _) in enumerate(parts)],
        unit="short", text="value_and_name", coloured="value",
        overrides=[of_field(name, **settings) for name, _, settings in parts if settings],
        links=[runbook("MusterCollectorDown"), runbook("MusterPolicyReloadRefused"), runbook("MusterInventoryNotRead")])


def placed():
    layout = Layout()
    layout.place(5, 5, compliance())
    for identity, status, title, description in (
            (2, "fail", "Failed", "Pairs of host and control that are unmet past their deadline, or had none."),
            (3, "unknown", "Unknown", "Pairs of host and control that cannot be told: no facts, too old ones, or a source "
                                      "that does not say. Never counts as good."),
            (4, "due", "Due", "Pairs of host and control that are unmet, within their deadline."),
            (5, "waived", "Waived", "Pairs of host and control that are unmet under a waiver with an end.")):
        layout.place(3, 5, count(identity, status, title, description))
    layout.place(4, 5, hosts())
    layout.place(3, 5, muster_works())
    layout.place(10, 8, compliance_by_site())
    layout.place(8, 8, checks_by_status())
    layout.place(6, 8, compliance_by_owner())
    layout.row(101, "Where (follows site, role and owner, as all above)")
    layout.place(24, 12, controls_by_site())
    layout.row(102, "What to do first (follows host too)")
    for made in (alerts(), worst_hosts(), overdue(), unknown_hosts(), due(), away()):
        layout.place(12, 9, made)
    layout.row(103, "Who, and with what")
    for made in (whom_to_call(), agents(), maintenance()):
        layout.place(8, 8, made)
    layout.row(104, "What ends")
    for made in (waivers(), dates()):
        layout.place(12, 8, made)
    layout.row(105, "Muster itself")
    layout.place(24, 5, foundations())
    return layout.panels


def make():
    return dashboard(
        UID, "Muster: Fleet", "How the fleet stands with its policy, and what to do first.",
        variables=variables_of_hosts(), panels=placed(),
        annotations=[{
            "name": "New policy", "datasource": DATASOURCE, "enable": True, "hide": False, "iconColor": "blue",
            "expr": "1000 * max(muster_policy_loaded_timestamp_seconds)", "useValueForTime": True, "step": "60s",
            "titleFormat": "A policy was read", "textFormat": "", "tagKeys": ""}])
