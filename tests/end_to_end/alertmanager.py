"""A real Alertmanager (Debian's package) on loopback, with the example configuration that users copy."""

import http.client
import json
import shutil

from muster_test import SOURCE, free_port, wait_until


class Alertmanager:
    def __init__(self, scenario):
        program = shutil.which("prometheus-alertmanager")
        assert program, "prometheus-alertmanager is missing: tests/run installs it"
        self.port = free_port()
        directory = scenario.directory / "alertmanager"
        directory.mkdir()
        text = (SOURCE / "deploy/prometheus/alertmanager.yml").read_text()
        # Nobody gets mail of a test: nothing listens there.
        example, ours = "mail.example.org:587", f"127.0.0.1:{free_port()}"
        assert example in text, f"{example} is not in the example configuration"
        config = directory / "alertmanager.yml"
        config.write_text(text.replace(example, ours))
        scenario.start("alertmanager", program, f"--config.file={config}", f"--storage.path={directory}/data",
                       f"--web.listen-address={self.address}", "--cluster.listen-address=")
        wait_until("Alertmanager to be ready", lambda: self._get("/-/ready") is not None)

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def _get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            body = response.read()
            return body if response.status == 200 else None
        finally:
            connection.close()

    def alerts(self, name):
        """Those of this name: (labels, annotations, names of receivers)."""
        found = json.loads(self._get("/api/v2/alerts"))
        return [(a["labels"], a["annotations"], {r["name"] for r in a["receivers"]})
                for a in found if a["labels"]["alertname"] == name]
