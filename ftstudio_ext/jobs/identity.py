"""Which process, beyond doubt, and how to end all processes of an attempt.

Pids are reused and clocks move; host, boot, pid namespace, pid and start ticks together do not
lie. Standard library only; written for Linux, with `ps` as a stand-in for /proc elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from functools import cache
from pathlib import Path
from typing import Any

from .protocol import TOKEN_VARIABLE

PROC = Path("/proc")
Identity = dict[str, Any]
"""host, boot_id, pid_namespace, pid, start_ticks: `schema.jobs.ProcessIdentity` as plain data."""


@cache
def place() -> dict[str, str]:
    """host, boot id and pid namespace of this process."""
    boot, namespace = "", ""
    with contextlib.suppress(OSError):
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        namespace = str((PROC / "self/ns/pid").stat().st_ino)
    return {"host": socket.gethostname(), "boot_id": boot, "pid_namespace": namespace}


def identify(pid: int) -> Identity | None:
    """The identity of a living process here; None when there is none (a zombie is not alive)."""
    ticks = start_ticks(pid)
    return None if ticks is None else {**place(), "pid": pid, "start_ticks": ticks}


def start_ticks(pid: int) -> int | None:
    """Clock ticks from boot to the start of a living process."""
    if not PROC.is_dir() or not (PROC / "self").exists():
        return _start_from_ps(pid)
    try:
        # the command's name, in parentheses, may hold spaces and parentheses itself
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def _start_from_ps(pid: int) -> int | None:
    command = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    state, _, started = found.stdout.strip().partition(" ")
    if not state or state.startswith("Z"):
        return None
    return int(time.mktime(time.strptime(started.strip())))


def same_kernel(identity: Identity) -> bool:
    """Whether the process ran on this very boot of this machine: locks tell the truth then."""
    here = place()
    return identity.get("boot_id") == here["boot_id"] and (
        bool(here["boot_id"]) or identity.get("host") == here["host"]
    )


def same_process_table(identity: Identity) -> bool:
    """Whether pids in the identity mean the same here."""
    same = identity.get("pid_namespace") == place()["pid_namespace"]
    return same_kernel(identity) and same


def alive(identity: Identity) -> bool:
    """Whether exactly this process lives; only meaningful with `same_process_table`."""
    return start_ticks(int(identity["pid"])) == identity.get("start_ticks")


def processes_with_token(token: str) -> list[int]:
    """All living processes of an attempt, found by the token in their environment.

    Unlike a pid or a process group, the token cannot come to mean somebody else.
    """
    wanted = f"{TOKEN_VARIABLE}={token}".encode()
    found = []
    with contextlib.suppress(OSError), os.scandir(PROC) as entries:
        for entry in entries:
            if entry.name.isdecimal() and int(entry.name) != os.getpid():
                with contextlib.suppress(OSError):
                    if wanted in (PROC / entry.name / "environ").read_bytes().split(b"\0"):
                        found.append(int(entry.name))
    return found


def end_processes(token: str, grace_s: float, spare: frozenset[int] = frozenset()) -> bool:
    """End every process of an attempt: SIGTERM, `grace_s` seconds, SIGKILL until none is left.

    Returns whether all are gone (a process stuck in the kernel cannot be killed).
    """
    if not token:
        return True
    for number, seconds in ((signal.SIGTERM, grace_s), (signal.SIGKILL, 10.0)):
        limit = time.monotonic() + seconds
        send = True
        while left := [pid for pid in processes_with_token(token) if pid not in spare]:
            if time.monotonic() > limit:
                break
            if send or number == signal.SIGKILL:  # again: a process may fork while it is killed
                for pid in left:
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.kill(pid, number)
            send = False
            time.sleep(0.02)
        if not left:
            return True
    return False
