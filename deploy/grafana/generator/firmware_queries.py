"""What the dashboard Firmware asks Prometheus."""

from fleet_queries import CHOSEN, HOST, WITH_LABELS

# The controls of the built-in policy, and those of a site that are called like them.
AS_ASKED = 'control=~"firmware-baseline.*"'
ACTIVATED = 'control=~"firmware-activated.*"'
COVERED = 'control=~"firmware-covered.*"'


def of_hosts(expression, *labels, most=50):
    """The highest values, each with whose host it is."""
    by = ", ".join(("host", *labels, "site", "owner"))
    return f"""topk({most}, max by ({by}) (
  ({expression}) {WITH_LABELS}
))"""


def versions(kinds):
    """Hosts by what it is the firmware of, and by version."""
    return f"""topk(100, count by (kind, vendor, model, version) (
  max by (host, kind, vendor, model, version) (muster_firmware_info{{kind=~"{kinds}", {HOST}}})
    and on (host) {CHOSEN}
))"""


VERSIONS_OF_MACHINES = versions("bios|bmc|dbx|microcode")
VERSIONS_OF_PARTS = versions("nvme|disk|nic|raid|gpu|tpm|ec|psu")
# Since when something that is asked for is not so.
NOT_AS_ASKED = f"""topk(50, max by (host, control, site, owner) (
  (time() - muster_control_unmet_since_timestamp_seconds{{{AS_ASKED}, {HOST}}}) {WITH_LABELS}
))"""
STAGED = of_hosts(f'muster_firmware_info{{next_version!="", {HOST}}}', "kind", "component", "version", "next_version")
MIXED = of_hosts(f"""count by (host, vendor, model) (
    count by (host, vendor, model, version) (muster_firmware_info{{kind="microcode", {HOST}}})
  ) > 1""", "vendor", "model")
WITHOUT_VERSION = of_hosts(f"""count by (host, kind, model) (
    muster_firmware_info{{version="", kind!="other", {HOST}}}
  )""", "kind", "model")
FAILED = of_hosts(f"muster_firmware_updates_failed{{{HOST}}} > 0")
VULNERABLE = of_hosts(f'muster_processor_vulnerabilities{{state="vulnerable", {HOST}}} > 0')
SECURE_BOOT = f"count by (state) ((muster_secure_boot{{{HOST}}} == 1) and on (host) {CHOSEN})"
AUTHORITIES = f"""bottomk(50, min by (list, subject) (
  (muster_secure_boot_authority_not_after_timestamp_seconds{{{HOST}}} - time()) and on (host) {CHOSEN}
))"""
