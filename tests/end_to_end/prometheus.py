"""A real Prometheus (Debian's package), started on loopback with data and configuration of its own."""

import http.client
import json
import shutil
import urllib.parse

from muster_test import SOURCE, free_port, wait_until

# Seconds, of every job.
SCRAPE_INTERVAL = 1


class Prometheus:
    """`basic_auth` is (user, password); `alertmanager` HOST:PORT of one, else alerts go nowhere."""

    def __init__(self, scenario, collector, interval=SCRAPE_INTERVAL, basic_auth=None, alertmanager=None):
        program = shutil.which("prometheus")
        assert program, "prometheus is missing: tests/run installs it"
        self.port = free_port()
        directory = scenario.directory / "prometheus"
        directory.mkdir()
        config = directory / "prometheus.yml"
        # Who waits for a minute waits for a second here; who waits longer stays pending.
        (directory / "rules").mkdir()
        for path in (SOURCE / "deploy/prometheus/rules").glob("*.yml"):
            (directory / "rules" / path.name).write_text(path.read_text().replace("for: 1m\n", "for: 1s\n"))
        # The example that users copy, with the addresses of this test.
        text = (SOURCE / "deploy/prometheus/muster.yml").read_text()
        for example, ours in (
                ("collector.example.org:8443", collector.url.removeprefix("https://")),
                ("/etc/prometheus/muster-ca.pem", str(collector.ca_file)),
                ("refresh_interval: 1m", "refresh_interval: 1s"),
                ("localhost:9093", alertmanager or f"127.0.0.1:{free_port()}"),
                ("- rules/", f"- {directory}/rules/")):
            assert example in text, f"{example} is not in the example configuration"
            text = text.replace(example, ours)
        if basic_auth:
            user, password = basic_auth
            # Of both jobs, and of the discovery.
            for indent, place in (("    ", "    scheme: https\n"), ("        ", "        refresh_interval: 1s\n")):
                assert place in text, f"{place} is not in the example configuration"
                text = text.replace(place, f"{place}{indent}basic_auth: "
                                    f"{{username: {user}, password: {password}}}\n")
        config.write_text(
            f"global: {{scrape_interval: {interval}s, evaluation_interval: 1s}}\n" + text)
        self.process = scenario.start(
            "prometheus", program, f"--config.file={config}",
            f"--storage.tsdb.path={directory}/data", f"--web.listen-address=127.0.0.1:{self.port}")
        wait_until("Prometheus to be ready", lambda: self._get("/-/ready") is not None)

    def _request(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def _get(self, path):
        status, body = self._request(path)
        return body if status == 200 else None

    def api(self, path, parameters):
        """(what it complains of or None, data) of /api/v1/…."""
        _, body = self._request(f"/api/v1/{path}?" + urllib.parse.urlencode(parameters))
        answer = json.loads(body)
        return answer.get("error"), answer.get("data")

    def query(self, expression):
        """The instant vector: a list of (labels, value)."""
        body = self._get("/api/v1/query?" + urllib.parse.urlencode({"query": expression}))
        assert body, f"Prometheus refused {expression}"
        return [(s["metric"], float(s["value"][1])) for s in json.loads(body)["data"]["result"]]

    def targets(self):
        return json.loads(self._get("/api/v1/targets"))["data"]["activeTargets"]

    def rules(self):
        """Every rule as it was last evaluated."""
        groups = json.loads(self._get("/api/v1/rules"))["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]
