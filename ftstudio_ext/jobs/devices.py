"""The places to train on, without torch: the processor, and GPUs as nvidia-smi sees them."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from pathlib import Path

from ftstudio_ext.schema.status import Device

MIB = 1024 * 1024
_QUERY = "--query-gpu=uuid,name,memory.total,memory.free"


def devices() -> list[Device]:
    """GPUs within this process's own CUDA_VISIBLE_DEVICES first, the processor last."""
    return [*gpus(), cpu()]


def gpus() -> list[Device]:
    command = shutil.which("nvidia-smi")
    if command is None:
        return []
    try:
        answer = subprocess.run(
            [command, _QUERY, "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    return parse_gpus(answer, os.environ.get("CUDA_VISIBLE_DEVICES"))


def parse_gpus(answer: str, allowed: str | None) -> list[Device]:
    """`allowed` is a CUDA_VISIBLE_DEVICES: indices (in PCI order) or UUIDs; None allows all."""
    found = []
    for index, line in enumerate(answer.strip().splitlines()):
        cells = [cell.strip() for cell in line.split(",")]
        if len(cells) != 4 or not (cells[2].isdecimal() and cells[3].isdecimal()):
            continue
        names = {str(index), cells[0]}
        if allowed is None or names & {name.strip() for name in allowed.split(",")}:
            found.append(
                Device(
                    id=cells[0],
                    kind="cuda",
                    name=cells[1],
                    memory_total_bytes=int(cells[2]) * MIB,
                    memory_free_bytes=int(cells[3]) * MIB,
                )
            )
    return found


def cpu() -> Device:
    total, free = _memory()
    name = f"{_cpu_name()} ({os.cpu_count()} cores)"
    return Device(id="cpu", kind="cpu", name=name, memory_total_bytes=total, memory_free_bytes=free)


def _memory() -> tuple[int, int]:
    """(total, available) bytes, within the limit of the container where there is one."""
    facts: dict[str, int] = {}
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            name, _, value = line.partition(":")
            facts[name] = int(value.split()[0]) * 1024
    except (OSError, ValueError, IndexError):
        pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        return pages, pages
    total, free = facts.get("MemTotal", 0), facts.get("MemAvailable", 0)
    limit, used = _cgroup("memory.max"), _cgroup("memory.current")
    if limit is not None and limit < total:
        return limit, max(0, min(free, limit - (used or 0)))
    return total, free


def _cgroup(name: str) -> int | None:
    try:
        return int((Path("/sys/fs/cgroup") / name).read_text())
    except (OSError, ValueError):
        return None


def _cpu_name() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
