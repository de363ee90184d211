"""The dashboard Expiry: what ends next, certificates on disk and on the wire, domains and all else that has a date."""

import expiry_queries as queries
from control_panels import CALLED, STATUS_FIELD, hosts
from fleet_queries import DAY
from panels import (
    COLOURED_TEXT, COLOURS, HOST_FIELD, Layout, bar_chart, bars, columns, dashboard, in_colour, of_field, override, runbook,
    stat, steps, table, target, variables_of_hosts)
from targets import TARGET_FIELD

UID = "muster-expiry"

# Red: over, or about to be.
LEFT_FIELD = of_field("time left", custom_cellOptions=COLOURED_TEXT,
                      thresholds=steps("red", (7 * DAY, "orange"), (30 * DAY, "green")))
BY_OWNER = "Endpoints are chosen by their site, role and owner."


def left(identity, title, description, expression, names, link, fields=(HOST_FIELD,)):
    return table(
        identity, title, description, [target(expression, table=True)], unit="dtdurations", decimals=0, sort_by="time left",
        transformations=columns(names, {"A": "time left"}), overrides=[*fields, LEFT_FIELD], links=[runbook(link)])


def side_by_side(identity, title, description, of_hosts, of_endpoints, label):
    """Upright bars by one label, of hosts and of endpoints."""
    return bar_chart(
        identity, title, f"{description} {BY_OWNER}",
        [target(of_hosts, "A", table=True), target(of_endpoints, "B", table=True)], unit="short", min=0, x=label,
        transformations=[*columns([label], {"A": "of hosts", "B": "at endpoints"}, merged=True),
                         {"id": "sortBy", "options": {"sort": [{"field": label}]}}],
        overrides=[in_colour("of hosts", "blue"), in_colour("at endpoints", "light-blue")])


def not_reloaded():
    return table(
        9, "Renewed, and not loaded",
        "Hosts on which a server serves another certificate than its files have, the longest first. Which unit to reload: the page "
        "of the host. " + CALLED.format("listener-serves-disk"),
        [target(queries.NOT_RELOADED, table=True)], unit="dtdurations", decimals=0, sort_by="for", descending=True,
        transformations=columns(["host", "control", "status", "site", "owner"], {"A": "for"}),
        overrides=[HOST_FIELD, STATUS_FIELD], links=[runbook("MusterCertificateNotReloaded")])


def endpoints_in_trouble():
    moved = columns(["target", "control", "status", "site", "owner"], {"A": "n"})
    moved[-1]["options"]["excludeByName"]["Value"] = True
    return table(
        10, "Endpoints that do not pass", f"100 pairs of endpoint and control that fail, are due or cannot be told. {BY_OWNER}",
        [target(queries.TROUBLE, table=True)], unit="short", sort_by="status", descending=True, transformations=moved,
        overrides=[TARGET_FIELD, STATUS_FIELD], links=[runbook("MusterEndpointDown")])


def sockets():
    return bars(
        16, "Listening sockets", "TCP sockets by whether they speak TLS. Unknown: asked, and nothing came that tells.",
        [target(queries.SOCKETS, legend="{{state}}")], unit="short", min=0, thresholds=steps("blue"),
        overrides=[in_colour("tls", COLOURS["pass"]), in_colour("unknown", COLOURS["unknown"])])


def readers():
    return bars(
        17, "Who can read private keys", "Files with private keys, by the widest circle that can read them beside root.",
        [target(queries.READERS, legend="{{readers}}")], unit="short", min=0, thresholds=steps("blue"),
        overrides=[in_colour("others", COLOURS["fail"])], links=[runbook("MusterKeyFileReadable")])


def domains_in_trouble():
    moved = columns(["target", "control", "status", "site", "owner"], {"A": "n"})
    moved[-1]["options"]["excludeByName"]["Value"] = True
    return table(
        21, "Domains that do not pass",
        f"100 pairs of domain, zone or look-alikes and control that fail, are due or cannot be told. {BY_OWNER}",
        [target(queries.DOMAINS_IN_TROUBLE, table=True)], unit="short", sort_by="status", descending=True,
        transformations=moved, overrides=[TARGET_FIELD, STATUS_FIELD], links=[runbook("MusterDomainNotInForce")])


def counted(identity, title, description, expression, legend, good, bad, link):
    """Bars of how many there are of each, with colours for what is well and what is not."""
    return bars(
        identity, title, f"{description} {BY_OWNER}", [target(expression, legend=legend)], unit="short", min=0,
        thresholds=steps("blue"),
        # Not by name: that all is well must not look like a panel without its series.
        overrides=[override("byRegexp", f"/^{name}$/", color={"mode": "fixed", "fixedColor": COLOURS[kind]})
                   for kind, names in (("pass", good), ("fail", bad), ("unknown", [".*unknown"])) for name in names],
        links=[runbook(link)])


def place_domains(layout):
    layout.row(104, "Domains")
    layout.place(12, 9, left(
        20, "Domains that end next", f"The 50 registrations that end next, by their registry or by hand. {BY_OWNER}",
        queries.DOMAINS_END, ["target", "domain", "source", "registrar", "site", "owner"], "MusterDomainRenewalDue",
        (TARGET_FIELD,)))
    layout.place(12, 9, domains_in_trouble())
    layout.place(6, 7, counted(
        22, "Look-ups", "Domains by how the last look-up at their registry ended. No date: none is published, and none was given "
                        "by hand.",
        queries.LOOKUPS, "{{state}}", ["known", "by_hand"], ["no_date", "failed"], "MusterDomainUnknown"))
    layout.place(6, 7, counted(
        23, "Name servers", "Addresses of name servers by how they answered for the zone.", queries.SERVERS, "{{answer}}",
        ["authoritative"], ["not_authoritative", "timed_out", "refused"], "MusterZoneDelegationWrong"))
    layout.place(6, 7, counted(
        24, "DNSSEC", "Zones by whether they are signed, and the zone above says by which key.", queries.DNSSEC, "{{state}}",
        ["good"], ["broken"], "MusterZoneDnssecBroken"))
    layout.place(6, 7, counted(
        25, "Records", "Zones by what they publish about mail and certificates.", queries.RECORDS, "{{record}} {{state}}",
        [], [], "MusterZoneRecordsMissing"))
    layout.place(12, 7, left(
        26, "Signatures that end next", f"The 50 zones whose first DNSSEC signature ends next. {BY_OWNER}", queries.SIGNATURES,
        ["target", "site", "owner"], "MusterZoneSignaturesEnd", (TARGET_FIELD,)))
    layout.place(12, 7, table(
        27, "Look-alikes", "Names that could be taken for a domain of the house, are not its own, and can take mail: the 50 domains "
                           f"with the most of them. {BY_OWNER}",
        [target(queries.LOOKALIKES, table=True)], unit="short", sort_by="names", descending=True,
        transformations=columns(["target", "site", "owner"], {"A": "names"}), overrides=[TARGET_FIELD],
        links=[runbook("MusterLookalikeRegistered")]))


def place_others(layout):
    layout.row(105, "All else that ends")
    layout.place(8, 7, left(
        28, "Dates by hand", "What the policy keeps: contracts, licences, certifications.", queries.BY_HAND,
        ["date", "kind", "owner"], "MusterDateNear", ()))
    layout.place(8, 7, left(
        29, "Licences of what protects", "The 50 licences of antivirus and intrusion detection that end next.", queries.LICENCES,
        ["host", "product", "site", "owner"], "MusterProtectionLicenceEnds"))
    layout.place(8, 7, left(
        30, "Agents' own certificates", "The 50 that end next. They are renewed at half of their life.", queries.AGENTS,
        ["host", "site", "owner"], "MusterAgentCertificateEnds"))


def placed():
    layout = Layout()
    for made in (
            hosts(1, "due|fail", queries.VALID, "certificate-valid or listener-certificate-valid", "Invalid now",
                  "Hosts with a certificate that has ended or is not valid yet, in a file or served.",
                  [runbook("MusterServedCertificateInvalid"), runbook("MusterCertificateInvalid")]),
            hosts(2, "due|fail", queries.RELOADED, "listener-serves-disk", "Not loaded",
                  "Hosts on which something was renewed and not loaded.", [runbook("MusterCertificateNotReloaded")]),
            hosts(3, "due|fail", queries.RENEWAL, "certificate-renewal or listener-certificate-renewal", "To renew",
                  "Hosts with a certificate that is to be renewed.",
                  [runbook("MusterServedRenewalDue"), runbook("MusterCertificateRenewalDue")]),
            hosts(4, "due|fail", queries.KEYS, "key-files-private or keys-match", "Keys",
                  "Hosts with a private key that others can read, or that belongs to another certificate.",
                  [runbook("MusterKeyFileReadable"), runbook("MusterKeyMismatch")]),
            hosts(5, "unknown", queries.ANY, "certificate, listener, key or revocation-list", "Unknown",
                  "Hosts of which something about certificates is not known. Never counts as good."),
            stat(6, "Endpoints", f"Endpoints with a control that fails. {BY_OWNER} " + CALLED.format("endpoint-"),
                 [target(queries.targets_with("fail"))], unit="short", thresholds=steps("text", (1, COLOURS["fail"])),
                 coloured="value", links=[runbook("MusterEndpointDown")])):
        layout.place(4, 4, made)
    layout.place(24, 7, side_by_side(
        7, "When certificates end",
        "Certificates by the time that is left: those of hosts, in files and served, each once a host; and what endpoints serve, "
        "each once a target.",
        queries.ENDS_OF_HOSTS, queries.ENDS_OF_ENDPOINTS, "ends"))
    layout.row(101, "What to do first")
    layout.place(12, 8, not_reloaded())
    layout.place(12, 8, endpoints_in_trouble())
    layout.row(102, "What ends next")
    layout.place(24, 9, left(
        8, "Served by hosts", "The 50 certificates served that end next: what socket, whose process and unit, for which name.",
        queries.SERVED, ["host", "program", "unit", "port", "server_name", "common_name", "site", "owner"],
        "MusterServedRenewalDue"))
    layout.place(12, 9, left(
        11, "At endpoints", f"The 50 certificates at endpoints that end next, by address. {BY_OWNER}", queries.AT_ENDPOINTS,
        ["target", "address", "server_name", "common_name", "site", "owner"], "MusterEndpointRenewalDue", (TARGET_FIELD,)))
    layout.place(12, 9, left(
        12, "In files", "The 50 certificates in files that end next, whether anybody uses them or not.", queries.FILES,
        ["host", "path", "position", "common_name", "site", "owner"], "MusterCertificateRenewalDue"))
    layout.place(12, 7, left(
        18, "Revocation lists", "The 50 revocation lists in files that are to be renewed next.", queries.LISTS,
        ["host", "path", "issuer", "site", "owner"], "MusterRevocationListOld"))
    layout.place(12, 7, table(
        19, "Files that cannot be read", "The 50 hosts with the most files that hold certificates and cannot be read or understood: "
                                         "what is in them is not known.",
        [target(queries.UNREADABLE, table=True)], unit="short", sort_by="files", descending=True,
        transformations=columns(["host", "site", "owner"], {"A": "files"}), overrides=[HOST_FIELD],
        links=[runbook("MusterCertificateFilesUnreadable")]))
    layout.row(103, "What is served, and how")
    layout.place(12, 7, side_by_side(
        13, "Versions of TLS", "Sockets of hosts, and addresses of endpoints, that take each version.",
        queries.VERSIONS_OF_HOSTS, queries.VERSIONS_OF_ENDPOINTS, "version"))
    layout.place(12, 7, side_by_side(
        14, "Where chains lead", "Chains that are served, by where they lead in the eyes of the host that looked.",
        queries.TRUST_OF_HOSTS, queries.TRUST_OF_ENDPOINTS, "trust"))
    layout.place(8, 7, bars(
        15, "Keys that are served", "Certificates that hosts serve, by their kind of key and its size in bits.",
        [target(queries.KINDS_OF_KEYS, legend="{{key}}")], unit="short", min=0, thresholds=steps("blue")))
    layout.place(8, 7, sockets())
    layout.place(8, 7, readers())
    place_domains(layout)
    place_others(layout)
    return layout.panels


def make():
    return dashboard(
        UID, "Muster: Expiry", "What ends next: certificates, on disk and on the wire and whether the two agree, domains, and every other date.",
        variables=variables_of_hosts(), panels=placed())
