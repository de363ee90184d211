"""What the dashboard Targets asks Prometheus."""

LABELS = 'site=~"$site", role=~"$role", owner=~"$owner"'
TARGET = 'target=~"$target"'
# The targets that are chosen, with whose they are.
CHOSEN = f"target:muster_labels:info{{{LABELS}, {TARGET}}}"
WITH_LABELS = f"* on (target) group_left (site, role, owner) {CHOSEN}"


def standing(status):
    return f'muster_target_control_status{{status=~"{status}", {TARGET}}} == 1 and on (target) {CHOSEN}'


def count_of(status):
    """0 where none stands so; nothing where there are no targets."""
    return f"count({standing(status)})\n  or 0 * count({CHOSEN})"


JUDGED = "pass|due|fail|unknown|waived"
BY_STATUS = f"count by (status) ({standing(JUDGED)})"

# Of all lists: who is not held has no holder to choose by.
NOT_HELD = "sum(muster_collector_targets) - sum(muster_collector_targets_held)"

TROUBLE = f"""bottomk(100, max by (target, control, status, severity, site, owner) (
  (
    muster_target_control_status{{status=~"due|fail|unknown", {TARGET}}} == 1
  )
  {WITH_LABELS}
  * on (target) group_left () (
    max by (target) (muster_target_last_look_timestamp_seconds{{{TARGET}}}) or on (target) 0 * {CHOSEN}
  )
))"""

_DURATION = f"muster_target_tcp_connect_duration_seconds{{{TARGET}}}"


def duration_of(share):
    return f"quantile({share}, {_DURATION} and on (target) {CHOSEN})"


SLOWEST = f"""topk(50, max by (target, site, role, owner) (
  avg_over_time({_DURATION}[1h]) {WITH_LABELS}
))"""
CONNECTED_OF_SLOWEST = f"""max by (target, site, role, owner) (
  avg_over_time(muster_target_tcp_connected{{{TARGET}}}[1h]) {WITH_LABELS}
)
  and on (target) {SLOWEST}"""

HOLDERS = f"sort_desc(count by (host) (muster_target_holder{{{TARGET}}} and on (target) {CHOSEN}))"
MAINTENANCE = f"count by (window) (muster_target_maintenance{{{TARGET}}} == 1 and on (target) {CHOSEN})"
