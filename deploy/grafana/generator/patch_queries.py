"""What the dashboard Patch asks Prometheus."""

from fleet_queries import CHOSEN, DAY, HOST, WITH_LABELS

# The controls of the built-in policy, and those of a site that are called like them.
SECURITY = 'control=~"security-updates.*"'
SUPPORT = 'control=~"system-supported.*"'
REBOOT = 'control=~"reboot-done.*"'
SERVICES = 'control=~"services-restarted.*"'

_SINCE = f"muster_control_unmet_since_timestamp_seconds{{{SECURITY}, {HOST}}}"
_AGE = f"(time() - {_SINCE})"
# In order, since Grafana has no other order for words.
BOUNDS = (0, 1, 3, 7, 14, 30, 90)


def _names():
    for low, high in zip(BOUNDS, BOUNDS[1:]):
        yield low, high, f"{low:02} to {high:02} days"
    yield BOUNDS[-1], None, f"{BOUNDS[-1]} or more days"


def ages(status):
    """Hosts by the age of their oldest missing security update, of the controls that stand so."""
    parts = []
    for low, high, name in _names():
        within = f"{_AGE} >= {low * DAY}" + (f" < {high * DAY}" if high else "")
        parts.append(f"""label_replace(
    count((max by (host) (
      ({within})
        and on (host, control) muster_control_status{{{SECURITY}, status=~"{status}", {HOST}}} == 1
    )) and on (host) {CHOSEN})
      or 0 * count({CHOSEN}),
    "age", "{name}", "", "")""")
    return "\n  or ".join(parts)


# A line where each deadline of the policy is, of as many hosts as the highest bar has: "14 deadline high" is in order after
# "07 to 14 days". Up to the last bound, beyond which there is one bar.
_DEADLINE = f"muster_policy_control_deadline_seconds{{{SECURITY}}}"
_DAYS = f"round(max by (control, severity) ({_DEADLINE} > 0 <= {BOUNDS[-1] * DAY}), {DAY // 10}) / {DAY}"
DEADLINES = f"""max by (age) (label_join(label_join(
    label_replace(count_values by (severity) ("days", ({_DAYS}) < 10), "zero", "0", "", "")
      or count_values by (severity) ("days", ({_DAYS}) >= 10),
  "days", "", "zero", "days"), "age", " deadline ", "days", "severity")) * 0
+ on () group_left () clamp_min(max(
  {ages("due|fail")}
), 1)"""

PENDING = f"sum by (kind) (muster_packages_pending{{{HOST}}} and on (host) {CHOSEN})"

OLDEST = f"""topk(50, max by (host, control, site, owner) (
  {_AGE} {WITH_LABELS}
))
* on (host, control) group_left (status)
muster_control_status{{{SECURITY}, status=~"due|fail|unknown|waived", {HOST}}}"""

REBOOTS = f"""topk(100, max by (host, reason, site, owner) (
  (
    time() - muster_control_unmet_since_timestamp_seconds{{{REBOOT}, {HOST}}}
  )
  * on (host) group_right () (muster_reboot_pending{{{HOST}}} == 1)
  {WITH_LABELS}
))"""
STALE = f"topk(50, max by (host, site, owner) ((muster_stale_services{{{HOST}}} > 0) {WITH_LABELS}))"

# Of several programmes the last counts. What has no component is the distribution.
SUPPORT_LEFT = f"""bottomk(100, label_replace(max by (host, component, site, owner) (
  (muster_support_end_timestamp_seconds{{{HOST}}} - time()) {WITH_LABELS}
), "component", "distribution", "component", ""))"""
SYSTEMS = f"""count by (os_id, os_version) (muster_host_info{{{HOST}}} and on (host) {CHOSEN})"""

LISTS_AGE = f"""topk(50, max by (host, manager, site, owner) (
  (time() - muster_package_lists_updated_timestamp_seconds{{{HOST}}}) {WITH_LABELS}
))"""
_AUTOMATIC = f"muster_automatic_updates{{{HOST}}}"
AUTOMATIC = f"""count by (mechanism) (({_AUTOMATIC} == 1) and on (host) {CHOSEN})
  or
label_replace(count(({_AUTOMATIC} == 0) and on (host) {CHOSEN}), "mechanism", "off", "", "")"""
KEYS = f"""topk(50, max by (host, manager, state, site, owner) (
  (muster_repository_keys{{state!="valid", {HOST}}} > 0) {WITH_LABELS}
))"""
UNFIT = f"""topk(50, max by (host, manager, site, owner) ((
    muster_packages_broken{{{HOST}}} > 0
  ) {WITH_LABELS}
))"""
