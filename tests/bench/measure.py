"""What every bench stands on: candidates that take turns, medians with quartiles, rows of ratios.

A bench is a program that measures Muster and its peer in one run and prints its rows through `report`.
The ratio of a row is always Muster's figure divided by the peer's, made of the two figures of one round:
so a busy minute of the machine meets both. `tests/bench/run` runs all and shows one table at the end.

    runs = alternate({"muster": measure_ours, "pushgateway": measure_theirs})
    report("Sync of 50 changed facts, server CPU", "us", runs, "muster", "pushgateway", "cpu", at_most(0.5))
"""

import dataclasses
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

# How often each candidate takes its turn. Fewer are for trying a bench out, not for figures to keep.
ROUNDS = int(os.environ.get("MUSTER_BENCH_ROUNDS", "10"))


def alternate(candidates, rounds=ROUNDS, warm_up=1):
    """Lets every candidate take its turn in every round, each round in the opposite order of the last.

    `candidates` is {name: function}, a function returns {quantity: figure}. The first `warm_up` rounds are
    thrown away. Returns {name: {quantity: [a figure a round]}}.
    """
    results = {name: {} for name in candidates}
    for number in range(rounds + warm_up):
        turns = list(candidates.items())
        for name, measure in turns if number % 2 == 0 else reversed(turns):
            figures = measure()
            if number >= warm_up:
                for quantity, figure in figures.items():
                    results[name].setdefault(quantity, []).append(figure)
    return results


@dataclasses.dataclass(frozen=True)
class Goal:
    """What the ratio should be, in words and as a question."""

    text: str
    limit: float
    less_is_better: bool

    def met(self, ratio):
        return ratio <= self.limit if self.less_is_better else ratio >= self.limit


def at_most(limit):
    return Goal(f"<= {limit:.3g}", limit, True)


def at_least(limit):
    return Goal(f">= {limit:.3g}", limit, False)


def quartiles(figures):
    """(first quartile, median, third quartile)."""
    if len(figures) < 2:
        return (figures[0],) * 3
    return tuple(statistics.quantiles(figures, n=4, method="inclusive"))


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the table. Figures are (first quartile, median, third quartile); a row without a peer
    says a figure and compares nothing."""

    subject: str
    unit: str
    ours: tuple
    peer: str = ""
    theirs: tuple = ()
    ratio: tuple = ()
    goal: str = ""
    met: bool = True
    rounds: int = 0


def report(subject, unit, runs, ours, theirs, quantity, goal=None):
    """Prints one row out of what `alternate` returned, and keeps it for the table of `tests/bench/run`."""
    mine, peers = runs[ours][quantity], runs[theirs][quantity]
    ratio = quartiles([m / p for m, p in zip(mine, peers)])
    _keep(Row(subject, unit, quartiles(mine), theirs, quartiles(peers), ratio, goal.text if goal else "",
              goal.met(ratio[1]) if goal else True, len(mine)))


def say(subject, unit, figures, goal=None):
    """A row that has no peer: what something costs, said. `goal` is then about the figure itself."""
    said = quartiles(list(figures))
    _keep(Row(subject, unit, said, goal=goal.text if goal else "", met=goal.met(said[1]) if goal else True,
              rounds=len(figures)))


def _keep(row):
    print(format_rows([row]), flush=True)
    path = os.environ.get("MUSTER_BENCH_RESULTS")
    if path:
        with open(path, "a", encoding="utf-8") as results:
            results.write(json.dumps(dataclasses.asdict(row)) + "\n")


def _figure(value):
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _spread(figures):
    first, median, third = figures
    return f"{_figure(median)} ({_figure(first)} to {_figure(third)})"


def format_rows(rows):
    """The rows for a terminal of 80 columns: a line for the subject, one for each side, one for the ratio."""
    lines = []
    for row in rows:
        lines.append(row.subject)
        lines.append(f"  {'muster':<26} {_spread(row.ours)} {row.unit}")
        if row.peer:
            lines.append(f"  {row.peer:<26} {_spread(row.theirs)} {row.unit}")
            lines.append(f"  {'ratio':<26} {_spread(row.ratio)}{_judged(row)}")
        elif row.goal:
            lines.append(f"  {'goal':<26} {row.goal} {row.unit}: {'met' if row.met else 'MISSED'}")
    return "\n".join(lines)


def _judged(row):
    return f", goal {row.goal}: {'met' if row.met else 'MISSED'}" if row.goal else ""


def format_table(rows):
    """One line a row, in 80 columns: subject, median of Muster, median of the peer, ratio, goal."""
    lines = [f"{'':<29}{'muster':>13}{'peer':>12}{'ratio':>9}{'goal':>11}  met"]
    for row in rows:
        lines.append(f"{row.subject} [{row.unit}]")
        mine = _figure(row.ours[1])
        theirs = _figure(row.theirs[1]) if row.theirs else ""
        ratio = _figure(row.ratio[1]) if row.ratio else ""
        met = ("yes" if row.met else "NO") if row.goal else ""
        lines.append(f"  {row.peer:<27.27}{mine:>13}{theirs:>12}{ratio:>9}{row.goal:>11}  {met}".rstrip())
    return "\n".join(lines)


def read_rows(path):
    """The rows that benches kept in a file of MUSTER_BENCH_RESULTS."""
    def row(line):
        fields = json.loads(line)
        for name in ("ours", "theirs", "ratio"):
            fields[name] = tuple(fields[name])
        return Row(**fields)
    return [row(line) for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines()]


def cpu_seconds(pid):
    """User and system time that the process has used, without its children; in steps of 10 ms."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def tree(pid):
    """The process and all below it."""
    found = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += tree(int(child))
    return found


def memory(pids):
    """{"pss", "private_dirty"} of the processes together, in MiB. Call os.sync() before: a program just
    built is dirty in the page cache, and would count as such."""
    total = {"pss": 0, "private_dirty": 0}
    names = {"Pss": "pss", "Private_Dirty": "private_dirty"}
    for pid in pids:
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            match = re.match(r"(\w+): +(\d+) kB", line)
            if match and match[1] in names:
                total[names[match[1]]] += int(match[2]) / 1024
    return total


def run_measured(arguments, environment=None):
    """Runs a program that must succeed: {"wall", "cpu"} in seconds, with its children, {"memory"} the peak
    of the largest process in MiB, and {"output"}."""
    start = time.perf_counter()
    with subprocess.Popen([str(a) for a in arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, env=environment) as process:
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{arguments[0]} ended with {process.returncode}")
    return {"wall": time.perf_counter() - start, "cpu": usage.ru_utime + usage.ru_stime,
            "memory": usage.ru_maxrss / 1024, "output": output}


def peak_memory(arguments):
    """The peak of the largest process of a program that must succeed, in MiB, by GNU time: what run_measured
    says is never below this Python's own, which its child begins with."""
    with tempfile.NamedTemporaryFile("r", encoding="ascii") as peak:
        subprocess.run(["/usr/bin/time", "--format=%M", f"--output={peak.name}", *map(str, arguments)],
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        return int(peak.read()) / 1024


def format_missed(rows):
    """One line with the goals that were not reached, or none."""
    missed = [f"{row.subject} ({_figure((row.ratio or row.ours)[1])}, goal {row.goal})"
              for row in rows if not row.met]
    return "Goals missed: " + "; ".join(missed) if missed else ""


def main(path):
    """The table of what benches kept; 1 if a goal was missed."""
    rows = read_rows(path)
    print(format_table(rows))
    missed = format_missed(rows)
    if missed:
        print(missed)
    return 1 if missed else 0


if __name__ == "__main__":
    # measure.py RESULTS
    sys.exit(main(sys.argv[1]))
