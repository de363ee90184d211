"""The dashboard Protection: which hosts are protected and watched, and on what evidence."""

import protection_queries as queries
from control_panels import hosts
from fleet_queries import DAY
from panels import (
    COLOURED_TEXT, COLOURS, HOST_FIELD, Layout, bar_chart, columns, dashboard, in_colour, of_field, runbook, steps, table,
    target, variables_of_hosts, word_from, words)

UID = "muster-protection"

MODE_COLOURS = {"active": COLOURS["pass"], "on_demand": COLOURS["waived"], "passive": COLOURS["due"],
                "reduced": COLOURS["due"], "off": COLOURS["fail"], "unknown": COLOURS["unknown"]}
MODE_WORDS = {"on_demand": "on demand"}
MODE_FIELD = of_field("mode", custom_cellOptions=COLOURED_TEXT, custom_width=100,
                      mappings=[words({m: (MODE_WORDS.get(m, m), c) for m, c in MODE_COLOURS.items()})])
RESULT_COLOURS = {"clean": COLOURS["pass"], "found": COLOURS["fail"], "failed": COLOURS["fail"], "never": COLOURS["fail"],
                  "running": COLOURS["waived"], "ended": COLOURS["pass"], "unknown": COLOURS["unknown"]}
RESULT_FIELD = of_field("result", custom_cellOptions=COLOURED_TEXT, custom_width=80,
                        mappings=[words({r: (r, c) for r, c in RESULT_COLOURS.items()})])
# What none has comes last in the chart's legend, so that it is seen.
COLUMNS = {"A": ("in force", "active", COLOURS["pass"]), "B": ("on demand", "on_demand", COLOURS["waived"]),
           "C": ("passive or reduced", "passive|reduced", COLOURS["due"]), "D": ("off", "off", COLOURS["fail"]),
           "E": ("unknown", "unknown", COLOURS["unknown"])}
NONE = "none installed"


def installed(identity, kind, title, description):
    targets = [target(queries.products(kind, modes), ref, table=True) for ref, (_, modes, _) in COLUMNS.items()]
    targets.append(target(queries.none_installed(kind), "F", table=True))
    return bar_chart(
        identity, title, f"{description} Hosts by product, and by how much of it is in force.", targets, unit="short", min=0,
        x="product",
        transformations=columns(["product"], {**{r: name for r, (name, _, _) in COLUMNS.items()}, "F": NONE}, merged=True),
        overrides=[in_colour(name, colour) for name, _, colour in COLUMNS.values()] + [in_colour(NONE, "dark-red")])


def of_hosts(identity, title, description, expression, alert, value, *, names=("product",), unit="short", fields=(),
             descending=True, **settings):
    """A table with one line a host and product."""
    return table(
        identity, title, description, [target(expression, table=True)], unit=unit, sort_by=value, descending=descending,
        transformations=columns(["host", *names, "site", "owner"], {"A": value}), overrides=[HOST_FIELD, *fields],
        links=[runbook(alert)] if alert else (), **settings)


def not_in_force():
    fields = [HOST_FIELD, MODE_FIELD]
    moved = columns(["host", "kind", "product", "mode", "site", "owner"], {"A": "n"})
    moved[-1]["options"]["excludeByName"]["Value"] = True
    return table(
        9, "Products that are not in force",
        "100 products that are passive, reduced, off, unknown, or that look only when told to. What each says of itself: the page "
        "of the host.",
        [target(queries.NOT_IN_FORCE, table=True)], unit="short", sort_by="mode", transformations=moved, overrides=fields,
        links=[runbook("MusterProtectionOff")])


def signatures():
    coloured = {"custom_cellOptions": COLOURED_TEXT, "thresholds": steps("green", (3 * DAY, "red"))}
    return table(
        11, "Oldest signatures",
        "The 50 hosts that find with the oldest signatures: those that are loaded, or that lie on disk where nothing is loaded all "
        "the time. Beside it the age of those on disk: where they are younger, they were not loaded. Red: more than three days.",
        [target(queries.SIGNATURES_USED, "A", table=True), target(queries.SIGNATURES_ON_DISK, "B", table=True)],
        unit="dtdurations", decimals=0, sort_by="age in use", descending=True,
        transformations=columns(["host", "product", "site", "owner"], {"A": "age in use", "B": "age on disk"}, merged=True),
        overrides=[HOST_FIELD, of_field("age in use", **coloured), of_field("age on disk", **coloured)],
        links=[runbook("MusterSignaturesOld"), runbook("MusterSignaturesNotLoaded")])


def checks(identity, title, description, check, alert):
    return of_hosts(identity, title, description, queries.last_check(check), alert, "ended ago",
                    names=("product", "check", "result"), unit="dtdurations", decimals=0, fields=[
                        RESULT_FIELD,
                        of_field("ended ago", mappings=[word_from(queries.NO_AGE, None, "never, or not told", COLOURS["fail"])])])


def licences():
    return of_hosts(
        15, "Licences that end", "The 50 licences that end next or have ended. Red: over, or within 30 days.", queries.LICENCES,
        "MusterProtectionLicenceEnds", "time left", unit="dtdurations", descending=False, decimals=0,
        fields=[of_field("time left", custom_cellOptions=COLOURED_TEXT,
                         thresholds=steps("red", (30 * DAY, "orange"), (90 * DAY, "green")))])


def placed():
    layout = Layout()
    for made in (
            hosts(1, "due|fail", queries.PROTECTS, "antivirus-protects", "Not protected",
                  "Hosts with an antivirus that does not protect.", [runbook("MusterProtectionOff")]),
            hosts(2, "due|fail", queries.PRESENT, "antivirus-present", "No antivirus", "Hosts without any antivirus.",
                  [runbook("MusterAntivirusMissing")]),
            hosts(3, "unknown", queries.PROTECTS, "antivirus-protects", "Unknown",
                  "Hosts of which it is not known whether their antivirus protects. Never counts as good."),
            hosts(4, "due|fail", queries.THREATS_RESOLVED, "threats-resolved", "Threats",
                  "Hosts with threats that nobody has dealt with.", [runbook("MusterThreatsUnresolved")]),
            hosts(5, "due|fail", queries.WATCHED, "intrusion-detection-present or intrusion-detection-checks", "Not watched",
                  "Hosts without a HIDS, or with one that is not at work.", [runbook("MusterIntrusionDetectionIdle")]),
            hosts(6, "due|fail", queries.CHANGES, "changes-acknowledged", "Changes",
                  "Hosts with changes that nobody has acknowledged.", [runbook("MusterChangesUnacknowledged")])):
        layout.place(4, 4, made)
    layout.place(12, 8, installed(7, "antivirus", "Antivirus", "What protects against malware."))
    layout.place(12, 8, installed(8, "intrusion_detection", "HIDS", "What watches for changes and attacks."))
    layout.row(101, "What to do first")
    layout.place(12, 8, of_hosts(10, "Threats that nobody has dealt with", "The 50 hosts with the most.", queries.THREATS,
                                 "MusterThreatsUnresolved", "threats"))
    layout.place(12, 8, not_in_force())
    layout.place(12, 8, signatures())
    layout.place(12, 8, of_hosts(12, "Changes against the baseline",
                                 "The 50 hosts on which the last check found the most changes.", queries.CHANGES_FOUND,
                                 "MusterChangesUnacknowledged", "changes"))
    layout.place(12, 8, of_hosts(14, "Cut off from their management", "Products that do not reach the server that manages them.",
                                 queries.NOT_MANAGED, "MusterManagementLost", "connected", names=("kind", "product")))
    layout.place(12, 8, licences())
    layout.row(102, "Whether these figures can be trusted")
    layout.place(12, 8, checks(13, "Oldest scans", "The 50 hosts that never had a scan or whose last one ended longest ago, and how it ended.",
                               "full_scan|quick_scan", "MusterScanOverdue"))
    layout.place(12, 8, checks(16, "Oldest checks against a baseline",
                               "The 50 hosts that never had one or whose last one ended longest ago, and how it ended.", "integrity",
                               "MusterIntrusionDetectionIdle"))
    layout.place(8, 8, of_hosts(17, "Oldest baselines", "The 50 hosts that are compared with what is oldest.", queries.BASELINES,
                                "MusterBaselineOld", "age", unit="dtdurations", decimals=0))
    layout.place(8, 8, of_hosts(18, "Events lost", "The 50 hosts that lost the most since product or kernel were started.",
                                queries.EVENTS_LOST, "MusterEventsLost", "events"))
    layout.place(8, 8, of_hosts(19, "Facts that could not be read",
                                "The 50 products with the most: what they would tell is unknown. Why: the page of the host.",
                                queries.UNREAD, None, "facts", names=("kind", "product")))
    return layout.panels


def make():
    return dashboard(
        UID, "Muster: Protection", "Which hosts are protected against malware and watched for intrusions, and on what evidence.",
        variables=variables_of_hosts(), panels=placed())
