"""The dashboard Targets: which of what agents look at from outside does not answer, whose it is, and who looks."""

import target_queries as queries
from panels import (
    COLOURED_TEXT, COLOURS, SEVERITY_FIELD, Layout, bars, columns, dashboard, in_colour, of_field, runbook, stat, steps,
    table, target, time_series, variables_of_targets, words)

UID = "muster-targets"

# The page of a target is the collector's.
TARGET_FIELD = of_field("target", links=[{
    "title": "${__data.fields.target}: its verdicts and facts, from the collector",
    "url": "https://${collector:raw}/api/v1/targets/${__data.fields.target:percentencode}", "targetBlank": True}])


def count(identity, status, title, description, links=()):
    return stat(
        identity, title, description, [target(queries.count_of(status))], unit="short",
        thresholds=steps("text", (1, COLOURS[status])), coloured="value", links=links)


def not_held():
    return stat(
        4, "Nobody looks", "Targets that are listed and that no agent holds now. Of all targets, whichever are chosen.",
        [target(queries.NOT_HELD)], unit="short", thresholds=steps("text", (1, "red")), coloured="value",
        links=[runbook("MusterTargetsNotHeld")])


def by_status():
    return time_series(
        5, "Where targets stand",
        "Pairs of target and control by status, one above the other. Without those that do not apply.",
        [target(queries.BY_STATUS, legend="{{status}}", over_time=True)],
        unit="short", min=0, stacked=True, calculations=("lastNotNull", "max"),
        overrides=[in_colour(status, colour) for status, colour in COLOURS.items()])


def trouble():
    return table(
        6, "What does not pass",
        "Targets that fail, are due or cannot be told, and when somebody last looked: the 100 that were looked at longest "
        "ago. Why: the page of the target.",
        [target(f"1000 * {queries.TROUBLE}", table=True)],
        unit="dateTimeAsIso", sort_by="last look",
        transformations=columns(["target", "control", "status", "severity", "site", "owner"], {"A": "last look"}),
        overrides=[TARGET_FIELD, SEVERITY_FIELD,
                   of_field("status", custom_cellOptions=COLOURED_TEXT,
                            mappings=[words({s: (s, COLOURS[s]) for s in ("due", "fail", "unknown")})]),
                   of_field("last look", mappings=[words({0: ("never", "red")})])],
        links=[runbook("MusterTargetDown"), runbook("MusterTargetUnknown")])


def connecting():
    return time_series(
        7, "Time to connect", "How long connections take: half of the targets are below the middle one, 95 of 100 below "
                              "the second, all below the highest.",
        [target(queries.duration_of(share), ref, legend, over_time=True)
         for ref, share, legend in (("A", 0.5, "half"), ("B", 0.95, "95 of 100"), ("C", 1, "slowest"))],
        unit="s", min=0)


def slowest():
    return table(
        8, "Slowest to connect",
        "The 50 targets that take longest, in the mean of an hour, and the share of looks in that hour that connected.",
        [target(queries.SLOWEST, "A", table=True), target(queries.CONNECTED_OF_SLOWEST, "B", table=True)],
        unit="s", sort_by="to connect", descending=True,
        transformations=columns(["target", "site", "role", "owner"], {"A": "to connect", "B": "connected"}, merged=True),
        overrides=[TARGET_FIELD,
                   of_field("connected", unit="percentunit", custom_cellOptions=COLOURED_TEXT,
                            thresholds=steps("red", (0.9, "orange"), (1, "green")))])


def holders():
    return bars(
        9, "Who looks", "Hosts whose agents look at targets, and at how many. Shares go by weight and site.",
        [target(queries.HOLDERS, legend="{{host}}")], unit="short", min=0, thresholds=steps("blue"))


def maintenance():
    return table(
        10, "Targets in maintenance",
        "Targets in a maintenance window now: no alerts about them. Their verdicts are as ever.",
        [target(queries.MAINTENANCE, table=True)],
        unit="short", sort_by="targets", descending=True, transformations=columns(["window"], {"A": "targets"}))


def placed():
    layout = Layout()
    layout.place(4, 8, count(1, "pass", "Pass", "Pairs of target and control that are met: what is looked at answers."))
    layout.place(4, 8, count(2, "fail", "Fail", "Pairs of target and control that are unmet past their deadline, or had none.",
                             [runbook("MusterTargetDown")]))
    layout.place(4, 8, count(3, "unknown", "Unknown", "Pairs of target and control that cannot be told: nobody looked, or "
                                                      "the look could not be made. Never counts as good.",
                             [runbook("MusterTargetUnknown")]))
    layout.place(4, 8, not_held())
    layout.place(8, 8, by_status())
    layout.row(101, "What to do first")
    layout.place(24, 9, trouble())
    layout.row(102, "How fast")
    layout.place(12, 9, connecting())
    layout.place(12, 9, slowest())
    layout.row(103, "Who looks, and what is being worked on")
    layout.place(12, 7, holders())
    layout.place(12, 7, maintenance())
    return layout.panels


def make():
    return dashboard(
        UID, "Muster: Targets", "What agents look at from outside: what answers, how fast, and who looks.",
        variables=variables_of_targets(), panels=placed())
