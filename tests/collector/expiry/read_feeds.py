"""Holds what readers that are not ours find in an iCalendar and a CSV against what went in.

    read_feeds.py DIRECTORY

DIRECTORY has all.ics, all.csv, and `expected`: a line for each end with its id, its day, its subject, and the
summary and the description of its event, each in hex (the texts with an "s" before them, as they may be empty).
"""

import csv
import datetime
import pathlib
import sys

import icalendar


def expectations(path):
    for line in path.read_text().splitlines():
        uid, day, subject, summary, description = (bytes.fromhex(word).decode() for word in line.split())
        yield uid, day, subject[1:], summary[1:], description[1:]


def check_calendar(text, expected):
    calendar = icalendar.Calendar.from_ical(text)
    if calendar.errors:
        raise SystemExit(f"the calendar has errors: {calendar.errors}")
    events = {str(event["UID"]): event for event in calendar.walk("VEVENT")}
    if len(calendar.walk("VEVENT")) != len(expected) or len(events) != len(expected):
        raise SystemExit(f"{len(calendar.walk('VEVENT'))} events, {len(events)} UIDs, not {len(expected)}")
    if calendar.to_ical().count(b"BEGIN:VALARM") != 2 * len(expected):
        raise SystemExit("not two alarms of each event")
    for uid, day, _, summary, description in expected:
        event = events[uid + "@muster"]
        if event.errors:
            raise SystemExit(f"{uid}: {event.errors}")
        starts = event["DTSTART"].dt
        if isinstance(starts, datetime.datetime) or starts.isoformat() != day:
            raise SystemExit(f"{uid} is on {starts}, not for the whole day {day}")
        for name, wanted in (("SUMMARY", summary), ("DESCRIPTION", description)):
            if str(event[name]) != wanted:
                raise SystemExit(f"{uid}: {name} is {str(event[name])!r}, not {wanted!r}")


def check_csv(path, expected):
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, strict=True))
    if [row["id"] for row in rows] != [uid for uid, *_ in expected]:
        raise SystemExit(f"rows {[row['id'] for row in rows]}")
    for row, (_, day, subject, _, _) in zip(rows, expected):
        if None in row or None in row.values():
            raise SystemExit(f"a row with another number of cells: {row}")
        if row["ends_at"][:10] != day:
            raise SystemExit(f"{row['ends_at']} is not on {day}")
        # An apostrophe is before what could be a formula, and before nothing else.
        if row["subject"] not in (subject, "'" + subject):
            raise SystemExit(f"subject {row['subject']!r}, not {subject!r}")
        for name, cell in row.items():
            if name != "days_left" and cell.lstrip(" ")[:1] in tuple("=+-@\t\r\n"):
                if cell.strip():
                    raise SystemExit(f"a formula in {name}: {cell!r}")


def main():
    directory = pathlib.Path(sys.argv[1])
    expected = list(expectations(directory / "expected"))
    check_calendar((directory / "all.ics").read_bytes(), expected)
    check_csv(directory / "all.csv", expected)


main()
