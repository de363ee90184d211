"""What the dashboard Expiry asks Prometheus."""

from fleet_queries import CHOSEN, DAY, HOST, LABELS, WITH_LABELS

# The controls of the built-in policy, and those of a site that are called like them.
VALID = 'control=~"(certificate-valid|listener-certificate-valid).*"'
RELOADED = 'control=~"listener-serves-disk.*"'
RENEWAL = 'control=~"(certificate-renewal|listener-certificate-renewal).*"'
KEYS = 'control=~"(key-files-private|keys-match).*"'
ANY = 'control=~"(certificate|listener|key|revocation-list).*"'
ENDPOINTS = 'control=~"endpoint-.*"'

# Targets have no variable of their own here: they are chosen by whose they are.
TARGETS = f"target:muster_labels:info{{{LABELS}}}"
WITH_TARGET_LABELS = f"* on (target) group_left (site, owner) {TARGETS}"

NOT_AFTER = f"max by (host, fingerprint) (muster_certificate_not_after_timestamp_seconds{{{HOST}}})"
NAMES = f"max by (host, fingerprint, common_name) (muster_certificate_info{{{HOST}}})"
LEFT = f"({NOT_AFTER} - time())"
TARGET_NOT_AFTER = "max by (target, fingerprint) (muster_target_certificate_not_after_timestamp_seconds)"
TARGET_NAMES = "max by (target, fingerprint, common_name) (muster_target_certificate_info)"

# Of the leaf: what is behind it has another owner, mostly.
LEAF = 'position="0"'
SERVED = f"""bottomk(50, max by (host, program, unit, port, server_name, common_name, site, owner) (
  muster_certificate_served{{{LEAF}, {HOST}}}
  * on (host, fingerprint) group_left () {LEFT}
  * on (host, fingerprint) group_left (common_name) {NAMES}
  {WITH_LABELS}
))"""
FILES = f"""bottomk(50, max by (host, path, position, common_name, site, owner) (
  muster_certificate_file{{{HOST}}}
  * on (host, fingerprint) group_left () {LEFT}
  * on (host, fingerprint) group_left (common_name) {NAMES}
  {WITH_LABELS}
))"""
AT_ENDPOINTS = f"""bottomk(50, max by (target, address, server_name, common_name, site, owner) (
  muster_target_certificate_served{{{LEAF}}}
  * on (target, fingerprint) group_left () ({TARGET_NOT_AFTER} - time())
  * on (target, fingerprint) group_left (common_name) {TARGET_NAMES}
  {WITH_TARGET_LABELS}
))"""

# In order, since Grafana has no other order for words.
BOUNDS = ((None, 0, "0 ended"), (0, 7, "1 within 7 days"), (7, 30, "2 within 30 days"), (30, 90, "3 within 90 days"),
          (90, None, "4 later"))


def _buckets(expression, chosen):
    parts = []
    for low, high, name in BOUNDS:
        within = expression
        if low is not None:
            within = f"{within} >= {low * DAY}"
        if high is not None:
            within = f"{within} < {high * DAY}"
        parts.append(f"""label_replace(
    count({within}) or 0 * count({chosen}),
    "ends", "{name}", "", "")""")
    return "\n  or ".join(parts)


# Each certificate of a host once, wherever it is.
ENDS_OF_HOSTS = _buckets(f"({LEFT} and on (host) {CHOSEN})", CHOSEN)
ENDS_OF_ENDPOINTS = _buckets(f"(({TARGET_NOT_AFTER} - time()) and on (target) {TARGETS})", TARGETS)

NOT_RELOADED = f"""topk(100, max by (host, control, status, site, owner) (
  (
    (muster_control_status{{{RELOADED}, status=~"due|fail", {HOST}}} == 1)
    * on (host, control) group_left () (time() - muster_control_unmet_since_timestamp_seconds{{{RELOADED}, {HOST}}})
  )
  {WITH_LABELS}
))"""
TROUBLE = f"""topk(100, max by (target, control, status, site, owner) (
  (muster_target_control_status{{{ENDPOINTS}, status=~"due|fail|unknown"}} == 1) {WITH_TARGET_LABELS}
))"""


def targets_with(status):
    """0 where none stands so; nothing where there are no targets."""
    return f"""count(
  max by (target) (muster_target_control_status{{{ENDPOINTS}, status=~"{status}"}}) == 1
    and on (target) {TARGETS}
)
  or 0 * count({TARGETS})"""


VERSIONS_OF_HOSTS = f"""count by (version) (
  max by (host, port, version) (muster_listener_tls_version{{{HOST}}}) and on (host) {CHOSEN}
)"""
VERSIONS_OF_ENDPOINTS = f"""count by (version) (
  max by (target, address, version) (muster_target_tls_version) and on (target) {TARGETS}
)"""
TRUST_OF_HOSTS = f"count by (trust) (muster_listener_tls_chain_trust{{{HOST}}} and on (host) {CHOSEN})"
TRUST_OF_ENDPOINTS = f"count by (trust) (muster_target_tls_chain_trust and on (target) {TARGETS})"
KINDS_OF_KEYS = f"""count by (key) (
  max by (host, fingerprint, key) (muster_certificate_info{{{HOST}}})
    and on (host, fingerprint) muster_certificate_served{{{LEAF}, {HOST}}}
    and on (host) {CHOSEN}
)"""
SOCKETS = f"sum by (state) (muster_listening_sockets{{{HOST}}} and on (host) {CHOSEN})"
READERS = f"sum by (readers) (muster_key_files{{{HOST}}} and on (host) {CHOSEN})"
# Of targets of the kinds domain, zone and lookalikes.
DOMAINS = 'control=~"(domain|zone|lookalikes)-.*"'
DOMAINS_END = f"""bottomk(50, max by (target, domain, source, registrar, site, owner) (
  (muster_target_domain_expiry_timestamp_seconds - time())
  * on (target) group_left (registrar) max by (target, registrar) (muster_target_domain_info)
  {WITH_TARGET_LABELS}
))"""
DOMAINS_IN_TROUBLE = f"""topk(100, max by (target, control, status, site, owner) (
  (muster_target_control_status{{{DOMAINS}, status=~"due|fail|unknown"}} == 1) {WITH_TARGET_LABELS}
))"""
LOOKUPS = f"count by (state) (muster_target_domain_lookup and on (target) {TARGETS})"
SERVERS = f"count by (answer) (muster_target_zone_server_answer and on (target) {TARGETS})"
RECORDS = f"count by (record, state) (muster_target_zone_record and on (target) {TARGETS})"
DNSSEC = f"count by (state) (muster_target_zone_dnssec and on (target) {TARGETS})"
SIGNATURES = f"""bottomk(50, max by (target, site, owner) (
  (muster_target_zone_signatures_expiry_timestamp_seconds - time()) {WITH_TARGET_LABELS}
))"""
LOOKALIKES = f"""topk(50, sum by (target, site, owner) (
  muster_target_lookalikes{{mail_ready="yes", owned="no"}} {WITH_TARGET_LABELS}
))"""
# What nobody else lists: one line for each thing, of all hosts that were chosen.
LICENCES = f"""bottomk(50, max by (host, product, site, owner) (
  (muster_protection_licence_end_timestamp_seconds{{{HOST}}} - time()) {WITH_LABELS}
))"""
AGENTS = f"""bottomk(50, max by (host, site, owner) (
  (muster_agent_certificate_not_after_timestamp_seconds{{{HOST}}} - time()) {WITH_LABELS}
))"""
BY_HAND = "sort(max by (date, kind, owner) (muster_date_timestamp_seconds - time()))"

LISTS = f"""bottomk(50, max by (host, path, issuer, site, owner) (
  (muster_revocation_list_next_update_timestamp_seconds{{{HOST}}} - time()) {WITH_LABELS}
))"""
UNREADABLE = f"""topk(50, max by (host, site, owner) (
  (muster_certificate_files_unreadable{{{HOST}}} > 0) {WITH_LABELS}
))"""
