"""What the dashboard Fleet asks Prometheus, in parts that its panels put together."""

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
    """A value of the label for those that have none."""
    return f'label_replace(\n{expression},\n"{label}", "{NO_NAME}", "{label}", "")'


def matrix_cells():
    """The ratio of each control at each site; below -1 where nothing fails and something is unknown."""
    by = ["site", "control"]
    unknown = total(PAIRS_OF_CONTROLS, 'status="unknown"', by)
    fail = total(PAIRS_OF_CONTROLS, 'status="fail"', by)
    return f"""-1 - {unknown} / {total(PAIRS_OF_CONTROLS, JUDGED, by)}
  unless {fail}
  or
{ratio(PAIRS_OF_CONTROLS, by)}"""


def hosts_where(series, value):
    return f"count({series}{{{HOST}}} == {value} and on (host) {CHOSEN})\n  or 0 * count({CHOSEN})"


NOT_SEEN = "sum(muster_collector_hosts) - count(host:muster_labels:info)"


def broken_parts():
    """How many parts of Muster, and of what Prometheus makes of it, do not do what this page needs."""
    return " +\n".join(f"(sum({expression}) or vector(0))" for expression in (
        'absent(up{job="muster-collector"})',
        'up{job="muster-collector"} == bool 0',
        "muster_collector_store_writable == bool 0",
        "muster_policy_last_reload_successful == bool 0",
        "muster_inventory_last_load_successful == bool 0",
        "absent(host:muster_labels:info) and on () sum(muster_collector_hosts) > 0",
        # Some are always on their way: enrolled a moment ago, or just removed.
        f"{NOT_SEEN} > bool 1 + 0.05 * sum(muster_collector_hosts)"))


# A score that puts one critical control above any number of low ones that a host is likely to fail.
WEIGHTS = {"critical": 100, "high": 20, "medium": 5, "low": 1}


def failed(severity):
    return f'host_severity:muster_controls_failed:count{{severity="{severity}", {LABELS}, {HOST}}}'


SCORE = "sum by (host, site, role, owner) (\n  " + "\n  or ".join(
    f"{weight} * {failed(severity)}" for severity, weight in WEIGHTS.items()) + "\n)"
WORST = f"topk(25, {SCORE})"


def failed_of_worst(severity):
    return f"sum by (host, site, role, owner) ({failed(severity)})\n  and on (host) {WORST}"


def by_deadline(pick, condition, status):
    """The 50 of the chosen hosts; then, when there are no more, their severity."""
    return f"""{pick}(50, max by (host, control, site, owner) (
  ({condition}) {WITH_LABELS}
))
* on (host, control) group_left (severity)
muster_control_status{{status=~"{status}", {HOST}}}"""


_DEADLINE = f"muster_control_deadline_timestamp_seconds{{{HOST}}}"
OVERDUE = by_deadline("topk", f"time() - {_DEADLINE} > 0", "fail")
# Something that is due may stand beside something unknown, which is worse.
DUE = by_deadline("bottomk", f"{_DEADLINE} - time() > 0 < {SOON}", "due|unknown")

MOST_UNKNOWN = f"""topk(50, sum by (host, site, role, owner) (
  host_status:muster_controls_unmet:count{{status="unknown", {LABELS}, {HOST}}}
))"""
REPORTING_OF_UNKNOWN = f"""max by (host, site, role, owner) (muster_host_reporting{{{HOST}}} {WITH_LABELS})
  and on (host) {MOST_UNKNOWN}"""

# Why a host says nothing, times how long ago it last did: -1 where it never did.
_STATES = "\n  or on (host) ".join(
    f'label_replace({series}{{{HOST}}} == 1, "state", "{state}", "", "")' for series, state in (
        ("muster_host_quarantined", "quarantined"), ("muster_host_revoked", "revoked")))
AWAY = f"""topk(100, max by (host, state, site, role, owner) (
  (
  {_STATES}
  or on (host) label_replace(1 + (muster_host_reporting{{{HOST}}} == 0), "state", "silent", "", "")
  )
  {WITH_LABELS}
  * on (host) group_left () (
    time() - max by (host) (muster_host_last_sync_timestamp_seconds{{{HOST}}})
    or on (host) 0 * max by (host) (muster_host_reporting{{{HOST}}}) - 1
  )
))"""

# Those about no host are always in it.
ALERTS = f"""count by (alertname, severity) (
  ALERTS{{alertname=~"Muster.*", alertstate="firing", {HOST}, host!=""}}
    and on (host) {CHOSEN}
  or ALERTS{{alertname=~"Muster.*", alertstate="firing", host=""}}
)"""


def of_owners(status):
    """How many pairs of each owner of the policy stand so, 0 too, with whom to call."""
    return f"""({total(PAIRS, f'status="{status}"', ['owner'])}
  or 0 * group by (owner) (muster_owner_info{{owner=~"$owner"}}))
* on (owner) group_left (contact, escalation)
max by (owner, contact, escalation) (muster_owner_info)"""


AGENTS = f"sort_desc(count by (agent_version) (muster_host_info{{{HOST}}} and on (host) {CHOSEN}))"
MAINTENANCE = f"count by (window) (muster_host_maintenance{{{HOST}}} == 1 and on (host) {CHOSEN})"
