"""Reads OpenMetrics from stdin with Prometheus's own Python parser and lists what it understood:
a line for each family with its type and number of samples, a line for each label value."""
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

text = sys.stdin.buffer.read().decode("utf-8")
labels = set()
for family in text_string_to_metric_families(text):
    print(family.name, family.type, len(family.samples))
    for sample in family.samples:
        labels.update(sample.labels.items())
for name, value in sorted(labels):
    print("label", name, repr(value))
