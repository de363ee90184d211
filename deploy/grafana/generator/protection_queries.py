"""What the dashboard Protection asks Prometheus."""

from fleet_queries import CHOSEN, HOST, WITH_LABELS

# The controls of the built-in policy, and those of a site that are called like them.
PROTECTS = 'control=~"antivirus-protects.*"'
PRESENT = 'control=~"antivirus-present.*"'
THREATS_RESOLVED = 'control=~"threats-resolved.*"'
WATCHED = 'control=~"intrusion-detection-(present|checks).*"'
CHANGES = 'control=~"changes-acknowledged.*"'
FRESH = 'control=~"signatures-(fresh|loaded).*"'


def products(kind, mode):
    """Hosts by product, of the products in that mode: 0 where it is in others only."""
    of_kind = f'kind="{kind}", {HOST}'
    return f"""count by (product) (
  muster_protection_mode{{{of_kind}, mode=~"{mode}"}} == 1 and on (host) {CHOSEN}
)
  or
0 * count by (product) (muster_protection_mode{{{of_kind}}} and on (host) {CHOSEN})"""


def none_installed(kind):
    return f"""label_replace(
  count((muster_protection_products{{kind="{kind}", {HOST}}} == 0) and on (host) {CHOSEN})
    or 0 * count({CHOSEN}),
  "product", "none", "", "")"""


NOT_IN_FORCE = f"""topk(100, max by (host, kind, product, mode, site, owner) (
  (muster_protection_mode{{mode!="active", {HOST}}} == 1) {WITH_LABELS}
))"""
THREATS = f"""topk(50, max by (host, product, site, owner) (
  (muster_threats{{state="unresolved", {HOST}}} > 0) {WITH_LABELS}
))"""


def signature_age(place):
    return f"""max by (host, product, site, owner) (
  (time() - muster_signatures_timestamp_seconds{{place="{place}", {HOST}}}) {WITH_LABELS}
)"""


# The 50 oldest that are loaded, or lie on disk where none are loaded; and beside them what lies on disk.
_LOADED_OR_DISK = f"""(
  {signature_age("loaded")}
    or on (host, product)
  {signature_age("disk")}
)"""
SIGNATURES_USED = f"topk(50, {_LOADED_OR_DISK})"
SIGNATURES_ON_DISK = f"""{signature_age("disk")}
  and on (host, product) topk(50, {_LOADED_OR_DISK})"""


# What stands in place of an age where there is none: longer ago than any.
NO_AGE = 10 ** 9


def last_check(check):
    """By how long ago it ended; first those that never ended, or of which it is not told when."""
    of_check = f'check=~"{check}", {HOST}'
    return f"""topk(50, max by (host, product, check, result, site, owner) (
  (
    (time() - muster_protection_check_end_timestamp_seconds{{{of_check}}})
    * on (host, kind, product, check) group_left (result)
      muster_protection_check_result{{{of_check}}}
    or
    {NO_AGE} * (
      muster_protection_check_result{{{of_check}}}
        unless on (host, kind, product, check) muster_protection_check_end_timestamp_seconds{{{of_check}}}
    )
  ) {WITH_LABELS}
))"""


CHANGES_FOUND = f"""topk(50, max by (host, product, site, owner) (
  (muster_protection_check_found{{check="integrity", {HOST}}} > 0) {WITH_LABELS}
))"""
NOT_MANAGED = f"""topk(50, max by (host, kind, product, site, owner) (
  (muster_protection_management_connected{{{HOST}}} == 0) {WITH_LABELS}
))"""
LICENCES = f"""bottomk(50, max by (host, product, site, owner) (
  (muster_protection_licence_end_timestamp_seconds{{{HOST}}} - time()) {WITH_LABELS}
))"""
BASELINES = f"""topk(50, max by (host, product, site, owner) (
  (time() - muster_integrity_baseline_timestamp_seconds{{{HOST}}}) {WITH_LABELS}
))"""
EVENTS_LOST = f"""topk(50, max by (host, product, site, owner) (
  (muster_protection_events_lost_total{{{HOST}}} > 0) {WITH_LABELS}
))"""
UNREAD = f"""topk(50, max by (host, kind, product, site, owner) (
  (muster_protection_unread_facts{{{HOST}}} > 0) {WITH_LABELS}
))"""
