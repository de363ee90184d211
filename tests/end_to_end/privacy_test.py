"""`muster-agent check --show-what-leaves` shows what leaves: the facts that the collector then has are
those that were shown, byte for byte, and no message has a field that was not."""

import json
import unittest

from muster_test import AGENT, Agent, Collector, Scenario, wait_until


def fields(value, prefix=""):
    """The names of all fields in a JSON value, without the numbers of lists."""
    if isinstance(value, list):
        return set().union(*(fields(item, prefix) for item in value)) if value else set()
    if isinstance(value, dict):
        found = set()
        for name, inner in value.items():
            found |= {prefix + name} | fields(inner, f"{prefix}{name}.")
        return found
    return set()


class PrivacyTest(Scenario):
    def test_what_the_collector_gets_is_what_was_shown(self):
        collector = Collector(self).serve()
        agent = Agent(self, collector).run()
        listed = json.loads(self.run_good(AGENT, "probes", "--format", "json"))["probes"]
        probes = {"agent"} | {probe["name"] for probe in listed if not probe["network"] and not probe["opt_in"]}
        wait_until("every probe", lambda: collector.sections(agent.host).keys() == probes, process=agent.process)
        shown = json.loads(self.run_good(AGENT, "check", "--show-what-leaves", "--format", "json"))
        got = collector.sections(agent.host)
        # It dials what all other tests listen at, so it is off here; listeners_test has what leaves of it.
        shown["sections"] = [section for section in shown["sections"] if section["probe"] != "listeners"]
        self.assertEqual({section["probe"] for section in shown["sections"]}, set(got))
        for section in shown["sections"]:
            with self.subTest(section["probe"]):
                there = got[section["probe"]]
                self.assertLessEqual(fields(there.get("facts")) - OF_ENROLLED_AGENTS, fields(section.get("facts")))
                self.assertEqual({m["name"] for m in there.get("measurements", [])} - OF_RUNNING_AGENTS,
                                 {m["name"] for m in section["measurements"]})
                # They tell when it was started, how many processes there are, who listens now.
                if section["probe"] not in ("agent", "restart", "sockets"):
                    self.assertEqual(there["digest"], section["digest"])

    def test_it_is_shown_to_people_too(self):
        text = self.run_good(AGENT, "check", "--show-what-leaves")
        for heading in ("Once, at enrolment", "At every renewal", "At every report", "host: ", "packages-apt: ",
                        "certificates: ", "agent: ", '"machine_id_hash"', '"pending_updates"'):
            self.assertIn(heading, text)


# What an agent has that is enrolled, and what one has that runs for longer than a look.
OF_ENROLLED_AGENTS = {"certificate_not_after", "certificate_generation"}
OF_RUNNING_AGENTS = {"resident_memory_bytes"}


if __name__ == "__main__":
    unittest.main()
