"""The dashboard Patch: what waits and for how long, what is installed and does not run yet, and which systems nobody
mends any more."""

import patch_queries as queries
from control_panels import CALLED, STATUS_FIELD, hosts
from fleet_queries import DAY
from panels import (
    COLOURED_TEXT, COLOURS, HOST_FIELD, Layout, bar_chart, bars, columns, dashboard, in_colour, of_field, override,
    runbook, steps, table, target, time_series, variables_of_hosts)

UID = "muster-patch"

WHOSE = ["host", "site", "owner"]


def ages():
    return bar_chart(
        7, "Age of the oldest missing security update",
        "Hosts by how long their oldest missing security update has waited: yellow within its deadline, red past it. The lines between "
        "are the deadlines of the policy, by severity and the days that they give. " + CALLED.format("security-updates"),
        [target(queries.ages("due"), "A", table=True), target(queries.ages("fail"), "B", table=True),
         target(queries.DEADLINES, "C", table=True)],
        unit="short", min=0, x="age",
        transformations=[
            *columns(["age"], {"A": "within the deadline", "B": "past the deadline", "C": "deadline"}, merged=True),
            {"id": "sortBy", "options": {"sort": [{"field": "age"}]}}],
        overrides=[in_colour("within the deadline", COLOURS["due"]), in_colour("past the deadline", COLOURS["fail"]),
                   # As high as the highest bar: its number says nothing.
                   of_field("deadline", color={"mode": "fixed", "fixedColor": "text"}, custom_fillOpacity=100,
                            mappings=[{"type": "range", "options": {
                                "from": 0, "to": 10 ** 9, "result": {"text": "deadline", "color": "text", "index": 0}}}])])


def pending():
    return time_series(
        8, "Pending updates", "Updates that wait, of all hosts together. Unknown: the repository does not tell whether they "
                              "are for security.",
        [target(queries.PENDING, legend="{{kind}}", over_time=True)],
        unit="short", min=0, stacked=True, calculations=("lastNotNull", "max"),
        overrides=[in_colour("security", COLOURS["fail"]), in_colour("other", "blue"),
                   # Only where there is a repository that does not tell.
                   override("byRegexp", "/^unknown$/", color={"mode": "fixed", "fixedColor": COLOURS["unknown"]})])


def oldest():
    return table(
        9, "Longest without a security update",
        "The 50 hosts whose oldest missing security update has waited longest. Which: the page of the host, under updates.",
        [target(queries.OLDEST, table=True)],
        unit="dtdurations", decimals=0, sort_by="waits for", descending=True,
        transformations=columns(["host", "control", "status", "site", "owner"], {"A": "waits for"}),
        overrides=[HOST_FIELD, STATUS_FIELD], links=[runbook("MusterSecurityUpdatesOverdue")])


def reboots():
    return table(
        10, "Reboots that are due",
        "The 100 hosts that have waited longest for a reboot, and what for: kernel, microcode, requested (a file such as "
        "/run/reboot-required), libraries.",
        [target(queries.REBOOTS, table=True)],
        unit="dtdurations", decimals=0, sort_by="waits for", descending=True,
        transformations=columns(["host", "reason", "site", "owner"], {"A": "waits for"}), overrides=[HOST_FIELD],
        links=[runbook("MusterRebootPending")])


def services():
    return table(
        11, "Services that run replaced files",
        "The 50 hosts with the most units, containers and processes to restart. Which: the page of the host.",
        [target(queries.STALE, table=True)],
        unit="short", sort_by="to restart", descending=True, transformations=columns(WHOSE, {"A": "to restart"}),
        overrides=[HOST_FIELD], links=[runbook("MusterServicesStale")])


def support():
    return table(
        12, "Support that ends",
        "The 100 systems, and kernels with an end of their own, that lose support next or have lost it: of the programmes "
        "that the host gets. Red: over, or within 30 days.",
        [target(queries.SUPPORT_LEFT, table=True)],
        unit="dtdurations", decimals=0, sort_by="time left",
        transformations=columns(["host", "component", "site", "owner"], {"A": "time left"}),
        overrides=[HOST_FIELD, of_field("time left", custom_cellOptions=COLOURED_TEXT,
                                        thresholds=steps("red", (30 * DAY, "orange"), (180 * DAY, "green")))],
        links=[runbook("MusterSystemUnsupported")])


def systems():
    return bars(
        13, "Systems", "Hosts by operating system and version.",
        [target(f"sort_desc({queries.SYSTEMS})", legend="{{os_id}} {{os_version}}")], unit="short", min=0,
        thresholds=steps("blue"))


def lists_age():
    return table(
        14, "Oldest package lists",
        "The 50 hosts that have asked their repositories longest ago: what they say of updates is as old. Red: for more than "
        "two days.",
        [target(queries.LISTS_AGE, table=True)],
        unit="dtdurations", decimals=0, sort_by="age", descending=True,
        transformations=columns(["host", "manager", "site", "owner"], {"A": "age"}),
        overrides=[HOST_FIELD, of_field("age", custom_cellOptions=COLOURED_TEXT, thresholds=steps("green", (2 * DAY, "red")))],
        links=[runbook("MusterPackageListsOld")])


def automatic():
    return bars(
        15, "Automatic updates", "Hosts that install updates by themselves, by what does it, and those that do not.",
        [target(queries.AUTOMATIC, legend="{{mechanism}}")], unit="short", min=0, thresholds=steps("blue"))


def keys():
    return table(
        16, "Repository keys that are not good", "The 50 hosts with the most: expired, revoked, missing, unsigned.",
        [target(queries.KEYS, table=True)],
        unit="short", sort_by="repositories", descending=True,
        transformations=columns(["host", "manager", "state", "site", "owner"], {"A": "repositories"}),
        overrides=[HOST_FIELD], links=[runbook("MusterRepositoryKeysInvalid")])


def broken():
    return table(
        17, "Broken packages", "The 50 hosts with the most packages that are not fully installed or configured.",
        [target(queries.UNFIT, table=True)],
        unit="short", sort_by="packages", descending=True,
        transformations=columns(["host", "manager", "site", "owner"], {"A": "packages"}), overrides=[HOST_FIELD],
        links=[runbook("MusterPackagesBroken")])


def placed():
    layout = Layout()
    updates = "security-updates"
    layout.place(4, 4, hosts(1, "fail", queries.SECURITY, updates, "Overdue", "Hosts with a security update past its deadline.",
                             [runbook("MusterSecurityUpdatesOverdue")]))
    layout.place(4, 4, hosts(2, "due", queries.SECURITY, updates, "Due", "Hosts with a security update that still has time."))
    layout.place(4, 4, hosts(3, "unknown", queries.SECURITY, updates, "Unknown",
                             "Hosts of which it is not known which security updates wait. Never counts as good."))
    layout.place(4, 4, hosts(4, "fail", queries.SUPPORT, "system-supported", "Unsupported",
                             "Hosts whose system nobody mends any more.", [runbook("MusterSystemUnsupported")]))
    layout.place(4, 4, hosts(5, "due|fail", queries.REBOOT, "reboot-done", "Reboot", "Hosts that wait for a reboot.",
                             [runbook("MusterRebootPending")]))
    layout.place(4, 4, hosts(6, "due|fail", queries.SERVICES, "services-restarted", "Restart",
                             "Hosts with services that run replaced files.", [runbook("MusterServicesStale")]))
    layout.place(12, 9, ages())
    layout.place(12, 9, pending())
    layout.row(101, "What to do first")
    for made in (oldest(), reboots(), services(), support()):
        layout.place(12, 9, made)
    layout.row(102, "Whether these figures can be trusted")
    layout.place(12, 8, lists_age())
    layout.place(6, 8, automatic())
    layout.place(6, 8, systems())
    layout.place(12, 8, keys())
    layout.place(12, 8, broken())
    return layout.panels


def make():
    return dashboard(
        UID, "Muster: Patch", "What waits and for how long, what waits for a restart, and which systems are supported.",
        variables=variables_of_hosts(), panels=placed())
