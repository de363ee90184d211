"""A real Prometheus (Debian's package), started on loopback with data and configuration of its own."""

import http.client
import json
import shutil
import urllib.parse

from muster_test import free_port, wait_until


class Prometheus:
    def __init__(self, scenario, collector):
        program = shutil.which("prometheus")
        assert program, "prometheus is missing: tests/run installs it"
        self.port = free_port()
        directory = scenario.directory / "prometheus"
        directory.mkdir()
        config = directory / "prometheus.yml"
        config.write_text(f"""
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: muster
    scheme: https
    tls_config: {{ca_file: '{collector.ca_file}'}}
    http_sd_configs:
      - url: {collector.url}/sd/hosts
        refresh_interval: 1s
        tls_config: {{ca_file: '{collector.ca_file}'}}
  - job_name: muster-collector
    scheme: https
    metrics_path: /metrics/self
    tls_config: {{ca_file: '{collector.ca_file}'}}
    static_configs: [{{targets: ['{collector.url.removeprefix("https://")}']}}]
""")
        self.process = scenario.start(
            "prometheus", program, f"--config.file={config}",
            f"--storage.tsdb.path={directory}/data", f"--web.listen-address=127.0.0.1:{self.port}")
        wait_until("Prometheus to be ready", lambda: self._get("/-/ready") is not None)

    def _get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            body = response.read()
            return body if response.status == 200 else None
        finally:
            connection.close()

    def query(self, expression):
        """The instant vector: a list of (labels, value)."""
        body = self._get("/api/v1/query?" + urllib.parse.urlencode({"query": expression}))
        assert body, f"Prometheus refused {expression}"
        return [(s["metric"], float(s["value"][1])) for s in json.loads(body)["data"]["result"]]

    def targets(self):
        return json.loads(self._get("/api/v1/targets"))["data"]["activeTargets"]
