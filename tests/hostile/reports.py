"""Reports as messages, built from the project's own .proto files when first imported."""

import atexit
import hashlib
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

_SOURCE = pathlib.Path(__file__).resolve().parents[2] / "proto"


def _build_messages():
    directory = tempfile.mkdtemp(prefix="muster.")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    subprocess.run(["protoc", f"-I{_SOURCE}", f"--python_out={directory}",
                    *map(str, sorted(_SOURCE.glob("muster/v1/*.proto")))], check=True)
    sys.path.insert(0, directory)


_build_messages()

from muster.v1 import fleet_pb2, reporting_pb2, section_pb2  # noqa: E402  pylint: disable=wrong-import-position

__all__ = ["a_report", "set_facts", "fleet_pb2", "reporting_pb2", "section_pb2"]


def set_facts(version, facts):
    version.facts = facts
    version.digest = hashlib.sha256(facts).digest()


def a_report(probe="host", epoch=None, sequence=1, facts=b""):
    """A good report of one version. Its epoch is above that of an agent that reported before."""
    request = reporting_pb2.SyncRequest()
    request.epoch = epoch or time.time_ns()
    request.sent_at.GetCurrentTime()
    version = request.versions.add()
    version.probe = probe
    version.sequence = sequence
    version.outcome = section_pb2.OUTCOME_OBSERVED
    version.observed_at.GetCurrentTime()
    version.changed_at.GetCurrentTime()
    version.facts_type = "muster.v1.HostFacts"
    set_facts(version, facts)
    return request
