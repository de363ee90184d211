"""What CPU a process and all that it starts take, also what has ended: for benches of whole programs."""

import os
import pathlib
import re

from muster_test import wait_until, with_descendants


class CpuAccount:
    """CPU seconds of a process and of all it starts: of a cgroup v2 where one can be made, else from
    /proc, in steps of 10 ms."""

    def __init__(self, pid):
        self.pid = pid
        self.group = None
        mounts = [line.split() for line in pathlib.Path("/proc/mounts").read_text().splitlines()]
        for mount in [m[1] for m in mounts if m[2] == "cgroup2"]:
            group = pathlib.Path(mount, f"muster-bench-{pid}")
            try:
                group.mkdir()
                for process in with_descendants(pid):
                    (group / "cgroup.procs").write_text(str(process))
                if self._group_usage(group) is not None:
                    self.group = group
                    return
                for process in with_descendants(pid):
                    (group.parent / "cgroup.procs").write_text(str(process))
                group.rmdir()
            except OSError:
                continue

    @staticmethod
    def _group_usage(group):
        match = re.search(r"^usage_usec (\d+)$", (group / "cpu.stat").read_text(), re.MULTILINE)
        return int(match[1]) / 1e6 if match else None

    def seconds(self):
        if self.group:
            return self._group_usage(self.group)
        ticks = 0
        for process in with_descendants(self.pid):
            fields = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def how(self):
        return "cgroup v2, to the microsecond" if self.group else "/proc, in steps of 10 ms"

    def close(self):
        """Whether or not the process has ended: what still runs goes back to where it was."""
        if self.group:
            wait_until("the cgroup to be empty", self._remove_group)

    def _remove_group(self):
        for process in (self.group / "cgroup.procs").read_text().split():
            (self.group.parent / "cgroup.procs").write_text(process)
        self.group.rmdir()
        return True
