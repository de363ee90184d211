"""muster-probe-tls as a test runs it: by hand, or as the agent does, with root's rules and root's credentials."""

import codecs
import json
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("MUSTER_BUILD_DIRECTORY", ROOT / "build/dev"))
PROBE = BUILD / "libexec/muster/probes/muster-probe-tls"
# agent/probes/network/inherited_data.h: behind the resolver's two.
CREDENTIALS_DESCRIPTOR = 102


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def encoded(message, text):
    """A message of muster.v1 from its text form."""
    return subprocess.run(["protoc", f"--encode=muster.v1.{message}", f"-I{ROOT}/proto",
                           f"{ROOT}/proto/muster/v1/probe.proto"], input=text.encode(), capture_output=True,
                          check=True).stdout


def with_credentials(path):
    """What makes a child have root's file open where the agent leaves it."""
    return lambda: os.dup2(os.open(path, os.O_RDONLY), CREDENTIALS_DESCRIPTOR)


def look(target, credentials=None):
    """The section of one look by hand, and all that the probe wrote."""
    ran = subprocess.run([PROBE, "--target", target, "--timeout", "30s", "--format", "json"], capture_output=True,
                         text=True, timeout=120, check=False, close_fds=not credentials,
                         preexec_fn=with_credentials(credentials) if credentials else None)
    if ran.returncode != 0:
        raise AssertionError(f"{ran.returncode}: {ran.stderr}")
    return json.loads(ran.stdout), ran.stdout + ran.stderr


def decoded(message, text):
    return subprocess.run(["protoc", f"--decode=muster.v1.{message}", f"-I{ROOT}/proto",
                           *sorted(str(each) for each in (ROOT / "proto/muster/v1").glob("*.proto"))],
                          input=text, capture_output=True, check=True).stdout.decode()


def look_by_rules(rules, target, credentials=None):
    """What a look at `target` tells that a collector asks for, under `rules`, a TargetRules as text: its section and
    its facts as text, these empty where there are none."""
    request = encoded("ProbeRequest", f"target_rules {{ {rules} }} targets {{ looks {{ entity: 'it' address: "
                      f"'{target}' timeout_milliseconds: 30000 }} }}")
    ran = subprocess.run([PROBE], input=request, capture_output=True, timeout=120, check=True,
                         close_fds=not credentials,
                         preexec_fn=with_credentials(credentials) if credentials else None)
    output = ran.stdout
    while output[0] & 0x80:  # the section's length, a varint
        output = output[1:]
    section = decoded("Section", output[1:])
    facts = re.search(r'^facts: "(.*)"$', section, re.MULTILINE)
    return section, decoded("TlsFacts", codecs.escape_decode(facts[1])[0]) if facts else ""
