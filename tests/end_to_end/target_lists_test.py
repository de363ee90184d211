"""Lists of targets: files and a server, together one list; after a reload, with a mistake, and after a
restart while a source is away."""

import json
import signal
import unittest

from list_server import ListServer
from muster_test import COLLECTOR, Collector, Scenario, free_port, run, wait_until


class TargetListsTest(Scenario):
    def setUp(self):
        super().setUp()
        self.collector = Collector(self)
        self.directory = self.collector.directory / "targets.d"
        self.directory.mkdir()

    def configure(self, **targets):
        with self.collector.config.open("a") as config:
            config.write(f"targets: {json.dumps({'agents': {'role': ['monitor']}, **targets})}\n")

    def targets(self):
        """Address and labels by name, as the collector hands them on."""
        groups = self.collector.get_json("/sd/targets")
        return {group["labels"].pop("__muster_name"): (group["targets"], group["labels"]) for group in groups}

    def reload(self):
        status, _, body = self.collector.request("POST", "/-/reload")
        return status, body.decode()

    def metric(self, name, source):
        return self.collector.metrics("/metrics/self")[f'muster_target_source_{name}{{source="{source}"}}']

    def test_files_are_one_list_that_a_mistake_leaves_as_it_was(self):
        web, mail = self.directory / "web.yml", self.directory / "mail.yml"
        web.write_text("targets: [{kind: tcp, address: 'www.example.org:443', name: www, owner: web}]\n")
        self.configure(files=["targets.d/*.yml"])
        self.collector.serve()
        www = {"owner": "web", "__muster_kind": "tcp", "__muster_interval": "1m", "__muster_timeout": "10s"}
        self.assertEqual(self.targets(), {"www": (["www.example.org:443"], www)})

        mail.write_text("defaults: {kind: tcp, interval: 5m}\ntargets: [{address: 'mx.example.org:25', name: mx}]\n")
        self.assertEqual(self.reload()[0], 200)
        self.assertEqual(sorted(self.targets()), ["mx", "www"])
        self.assertEqual(self.metric("targets", "files"), 2)

        web.write_text("targets: [{kind: tcp, address: 'www.example.org:443', name: mx}]\n")
        place = f"{web}:1:11: the target mx is listed already, at {mail}:2:11"
        status, said = self.reload()
        self.assertNotEqual(status, 200)
        self.assertIn(place, said)
        self.assertEqual(sorted(self.targets()), ["mx", "www"])
        self.assertEqual(self.metric("last_load_successful", "files"), 0)
        self.assertIn(place, run(COLLECTOR, "target", "check", "--config", self.collector.config).stderr)

        self.collector.process.end(signal.SIGTERM)
        self.collector.serve()
        self.assertEqual(sorted(self.targets()), ["mx", "www"])
        self.assertEqual(self.metric("last_load_successful", "files"), 0)
        web.unlink()
        self.collector.process.send(signal.SIGHUP)
        wait_until("the file to be gone", lambda: sorted(self.targets()) == ["mx"], process=self.collector.process)

    def test_a_server_lists_targets_and_may_be_away(self):
        (self.directory / "web.yml").write_text("targets: [{kind: tcp, address: 'a.example.org:1', name: a}]\n")
        port = free_port()
        source = f"http://127.0.0.1:{port}/sd"
        server = ListServer(port)
        self.addCleanup(server.stop)
        server.groups = [{"targets": ["a.example.org:2"], "labels": {"__muster_name": "a"}},
                         {"targets": ["b.example.org:1"], "labels": {"site": "fra", "__muster_interval": "5s"}}]
        self.configure(files=["targets.d/*.yml"], servers=[
            {"url": source, "interval": "1s", "timeout": "5s", "kind": "tcp", "look_interval": "2m",
             "look_timeout": "3s"}])
        self.collector.serve()
        b = {"site": "fra", "__muster_kind": "tcp", "__muster_interval": "5s", "__muster_timeout": "3s"}
        wait_until("the server's list", lambda: self.targets().get("b.example.org:1") == (["b.example.org:1"], b))
        self.assertEqual(self.targets()["a"][0], ["a.example.org:1"], "files come first")
        wait_until("what is left out", lambda: self.metric("targets_left_out", source) == 1)

        server.stop()
        wait_until("the failure to show", lambda: self.metric("last_load_successful", source) == 0)
        self.assertEqual(len(self.targets()), 2)
        self.collector.process.end(signal.SIGTERM)
        self.collector.serve()
        self.assertEqual(len(self.targets()), 2)

        again = ListServer(port)
        self.addCleanup(again.stop)
        wait_until("the empty list", lambda: sorted(self.targets()) == ["a"])


if __name__ == "__main__":
    unittest.main()
