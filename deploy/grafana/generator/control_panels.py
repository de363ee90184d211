"""How many hosts stand how with a control: the figures at the head of a dashboard about one part of the policy."""

from fleet_queries import CHOSEN, HOST
from panels import COLOURED_TEXT, COLOURS, of_field, stat, steps, target, words

STATUS_FIELD = of_field("status", custom_cellOptions=COLOURED_TEXT, custom_width=90,
                        mappings=[words({s: (s, COLOURS[s]) for s in ("due", "fail", "unknown", "waived")})])
# Of the built-in policy, and of a site's controls that are called like them.
CALLED = "Controls whose id begins with {}."


def hosts_with(status, control):
    """0 where none stands so; nothing where there are no hosts."""
    return f"""count(
  max by (host) (muster_control_status{{{control}, status=~"{status}", {HOST}}}) == 1
    and on (host) {CHOSEN}
)
  or 0 * count({CHOSEN})"""


def hosts(identity, status, control, called, title, description, links=()):
    return stat(
        identity, title, f"{description} {CALLED.format(called)}",
        [target(hosts_with(status, control))], unit="short",
        thresholds=steps("text", (1, COLOURS[status.split("|")[-1]])), coloured="value", links=links)
