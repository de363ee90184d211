"""SIGHUP: a good change takes effect in the running program, a bad one leaves the old one at work and
says in the log where it is wrong."""

import signal
import unittest

from certificates import make_certificate
from muster_test import COLLECTOR, Agent, Collector, Scenario, wait_until


def place_of(text, word):
    """LINE:COLUMN of the word, as messages say it."""
    before = text[:text.index(word)]
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


class ReloadTest(Scenario):
    def setUp(self):
        super().setUp()
        self.certificates = self.directory / "tls"
        self.others = self.directory / "others"
        for directory in (self.certificates, self.others):
            directory.mkdir()
        self.collector = Collector(self).serve()
        self.agent = Agent(self, self.collector, settings=self.looking_at(self.certificates))

    @staticmethod
    def looking_at(directory, key="paths"):
        return ("probes:\n  certificates:\n    interval: 1s\n    default_paths: false\n"
                f"    {key}: ['{directory}']\n")

    def reload(self, process, *said):
        """SIGHUP, until the log says all of these words in what is new."""
        begin = len(process.text())
        process.send(signal.SIGHUP)
        for words in said:
            wait_until(f"{process.name} to say {words}", lambda w=words: w in process.text()[begin:],
                       process=process)

    def wait_for(self, control, status):
        wait_until(f"{control} to be {status}", lambda: self.collector.verdicts(self.agent.host).get(
            control) == status, process=self.agent.process)

    def test_the_agent_follows_a_good_change_and_outlives_a_bad_one(self):
        make_certificate(self.certificates / "www.pem", "www.example.org", -1, 365)
        make_certificate(self.others / "old.pem", "old.example.org", -90, -1)
        self.agent.run()
        self.wait_for("certificate-valid", "STATUS_PASS")

        self.agent.configure(self.looking_at(self.others))
        self.reload(self.agent.process)
        self.wait_for("certificate-valid", "STATUS_FAIL")

        # Wrong, and back to the certificate that passes if anybody believed it.
        self.agent.configure(self.looking_at(self.certificates, key="pathes"))
        place = place_of(self.agent.config.read_text(), "pathes")
        self.reload(self.agent.process, f"{self.agent.config}:{place}", "did you mean 'paths'?")
        last = f'muster_host_last_sync_timestamp_seconds{{host="{self.agent.host}"}}'
        before = self.collector.metrics()[last]
        wait_until("the next reports", lambda: self.collector.metrics()[last] > before + 2,
                   process=self.agent.process)
        self.assertEqual(self.collector.verdicts(self.agent.host)["certificate-valid"], "STATUS_FAIL")
        # It still looks where the old configuration says.
        make_certificate(self.others / "old.pem", "old.example.org", -1, 365)
        self.wait_for("certificate-valid", "STATUS_PASS")

    def test_the_collector_follows_a_good_policy_and_outlives_a_bad_one(self):
        # Ten days are too few for the policy that `init` writes.
        make_certificate(self.certificates / "www.pem", "www.example.org", -355, 10)
        self.agent.run()
        self.wait_for("certificate-renewal", "STATUS_FAIL")
        series = (f'muster_control_status{{host="{self.agent.host}",control="certificate-renewal",'
                  'severity="%s",status="%s"}')
        self.assertEqual(self.collector.metrics().get(series % ("high", "fail")), 1)
        policy = self.collector.directory / "policy.yml"
        text = policy.read_text()
        self.assertIn("renew_before: 30d", text)

        good = text.replace("renew_before: 30d", "renew_before: 5d")
        policy.write_text(good)
        self.reload(self.collector.process, "reloaded policy")
        self.assertEqual(self.collector.metrics().get(series % ("high", "pass")), 1)
        self.assertNotIn(series % ("high", "fail"), self.collector.metrics())

        bad = text.replace("renew_before: 30d", "renew_befor: 30d")
        policy.write_text(bad)
        self.reload(self.collector.process, f"{policy}:{place_of(bad, 'renew_befor: ')}",
                    "did you mean 'renew_before'?")
        self.assertEqual(self.collector.metrics().get(series % ("high", "pass")), 1)
        shown = self.run_good(COLLECTOR, "policy", "show", "--config",
                              self.collector.config)
        self.assertEqual(shown, good)

    def test_a_reload_says_that_the_collectors_own_file_is_broken_or_has_changed(self):
        config = self.collector.config
        text = config.read_text()
        config.write_text(text.replace("log_level: info", "log_level: debug"))
        self.reload(self.collector.process, "only a restart takes the change", "reloaded policy")
        broken = text.replace("log_level: info", "log_level: debugg")
        config.write_text(broken)
        self.reload(self.collector.process, f"{config}:{place_of(broken, 'log_level: ')}",
                    "did you mean 'debug'?")


if __name__ == "__main__":
    unittest.main()
