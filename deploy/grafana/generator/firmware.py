"""The dashboard Firmware: what runs, what is asked for, and what boots next."""

import firmware_queries as queries
from control_panels import hosts
from fleet_queries import DAY
from panels import (
    COLOURED_TEXT, HOST_FIELD, Layout, bars, columns, dashboard, of_field, runbook, steps, table, target,
    variables_of_hosts)

UID = "muster-firmware"


def of_hosts(identity, title, description, expression, names, value, *, unit="short", links=(), **settings):
    """A table with one line a host and what it has."""
    return table(
        identity, title, description, [target(expression, table=True)], unit=unit, sort_by=value, descending=True,
        transformations=columns(["host", *names, "site", "owner"], {"A": value}), overrides=[HOST_FIELD], links=links, **settings)


def versions(identity, title, description, expression):
    return table(
        identity, title, f"{description} The 100 that most hosts run; an empty version is not told.",
        [target(expression, table=True)], unit="short", sort_by="model",
        transformations=columns(["kind", "vendor", "model", "version"], {"A": "hosts"}))


def not_as_asked():
    return of_hosts(
        5, "Not as the baselines ask",
        "The 50 hosts that have run firmware for the longest that the baselines do not allow. Which, and what is asked for: the page of "
        "the host.", queries.NOT_AS_ASKED, ("control",), "for", unit="dtdurations", decimals=0,
        links=[runbook("MusterFirmwareOutdated")])


def staged():
    moved = columns(["host", "kind", "component", "version", "next_version", "site", "owner"], {"A": "n"})
    moved[-1]["options"]["excludeByName"]["Value"] = True
    return table(
        6, "Boots another version next", "50 pieces of firmware that were installed and wait for a restart of the host, or of the device.",
        [target(queries.STAGED, table=True)], unit="short", sort_by="host", transformations=moved, overrides=[HOST_FIELD],
        links=[runbook("MusterFirmwareNotActivated")])


def authorities():
    return table(
        14, "Authorities of Secure Boot that end",
        "The 50 certificates that end next or have ended, of those that the firmware trusts. Firmware goes on to start what they "
        "signed; their makers sign nothing new with them. Red: over.",
        [target(queries.AUTHORITIES, table=True)], unit="dtdurations", decimals=0, sort_by="time left",
        transformations=columns(["list", "subject"], {"A": "time left"}),
        overrides=[of_field("time left", custom_cellOptions=COLOURED_TEXT,
                            thresholds=steps("red", (0, "orange"), (180 * DAY, "green")))])


def placed():
    layout = Layout()
    for made in (
            hosts(1, "due|fail", queries.AS_ASKED, "firmware-baseline", "Not as asked",
                  "Hosts with firmware that the baselines do not allow.", [runbook("MusterFirmwareOutdated")]),
            hosts(2, "unknown", queries.AS_ASKED, "firmware-baseline", "Unknown",
                  "Hosts of which it is not known whether their firmware is allowed. Never counts as good."),
            hosts(3, "due|fail", queries.ACTIVATED, "firmware-activated", "Waiting",
                  "Hosts with firmware that waits for a restart.", [runbook("MusterFirmwareNotActivated")]),
            hosts(4, "due|fail", queries.COVERED, "firmware-covered", "Without a baseline",
                  "Hosts with firmware that no baseline is about.")):
        layout.place(6, 4, made)
    layout.place(12, 9, versions(7, "Versions of machines", "Hosts by model and by version of BIOS, BMC, microcode and dbx.",
                                 queries.VERSIONS_OF_MACHINES))
    layout.place(12, 9, versions(8, "Versions of parts", "Hosts by model and by version of drives, adapters, graphics and TPM.",
                                 queries.VERSIONS_OF_PARTS))
    layout.row(101, "What to do first")
    layout.place(12, 8, not_as_asked())
    layout.place(12, 8, staged())
    layout.place(12, 8, of_hosts(9, "Mixed microcode", "The 50 hosts whose processors of one kind run the most revisions.",
                                 queries.MIXED, ("vendor", "model"), "revisions",
                                 links=[runbook("MusterMicrocodeMixed")]))
    layout.place(12, 8, of_hosts(10, "Updates that failed", "The 50 hosts with the most pieces of firmware whose last update failed. Why: "
                                 "the page of the host.", queries.FAILED, (), "pieces", links=[runbook("MusterFirmwareUpdateFailed")]))
    layout.place(12, 8, of_hosts(11, "Weaknesses of processors", "The 50 hosts with the most weaknesses against which nothing is done, or "
                                 "not enough. Which: the page of the host.", queries.VULNERABLE, (), "weaknesses",
                                 links=[runbook("MusterProcessorsVulnerable")]))
    layout.place(12, 8, authorities())
    layout.row(102, "Whether these figures can be trusted")
    layout.place(12, 8, of_hosts(12, "Version not told", "The 50 hosts with the most pieces of firmware that do not tell their version: "
                                 "unknown, and never good.", queries.WITHOUT_VERSION, ("kind", "model"), "pieces"))
    layout.place(12, 8, bars(13, "Secure Boot", "Hosts by whether their firmware starts signed programs alone.",
                             [target(queries.SECURE_BOOT, legend="{{state}}")], unit="short", min=0, thresholds=steps("blue"),
                             links=[runbook("MusterSecureBootOff")]))
    return layout.panels


def make():
    return dashboard(
        UID, "Muster: Firmware", "Which firmware runs, what the baselines ask for, and what boots next.",
        variables=variables_of_hosts(), panels=placed())
