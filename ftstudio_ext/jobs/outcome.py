"""From an exit code or a signal to words: how an attempt ended, why, and what to do.

Standard library only. Errors are plain dictionaries shaped like `schema.errors.ErrorInfo`.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
from pathlib import Path
from typing import Any

from .protocol import EXIT_STOPPED

NEARLY_FULL_BYTES = 1024 * 1024
_SIGNALS = {
    "SIGKILL": (
        "killed",
        "It was killed by the system (SIGKILL), most likely because memory ran out.",
        "Use a smaller batch, shorter sequences, 4-bit quantization or a smaller model, then resume.",
    ),
    "SIGSEGV": (
        "crashed",
        "It crashed in native code (SIGSEGV, segmentation fault).",
        "The log may name the library; resume to try again, or update that library.",
    ),
    "SIGABRT": (
        "crashed",
        "A native library gave up (SIGABRT).",
        "The log's last lines say which; resume to try again.",
    ),
    "SIGBUS": (
        "crashed",
        "A file in use became unreadable (SIGBUS): the disk or shared memory may be full.",
        "Free disk space or enlarge /dev/shm, then resume.",
    ),
    "SIGILL": (
        "crashed",
        "A library uses instructions this processor lacks (SIGILL).",
        "Install a build of the library named in the log that fits this processor.",
    ),
    "SIGFPE": ("crashed", "It crashed on an arithmetic error (SIGFPE).", "See the log."),
    "SIGTERM": (
        "terminated",
        "It was asked to end by somebody else (SIGTERM).",
        "Resume it to go on from its last checkpoint.",
    ),
    "SIGXCPU": (
        "limit",
        "It reached the limit on processor time (SIGXCPU).",
        "Raise the limit (ulimit -t), then resume.",
    ),
}


def signal_name(exit_code: int) -> str | None:
    """The signal behind an exit code: Python's −N, or a shell's 128 + N for deadly signals."""
    number = -exit_code if exit_code < 0 else exit_code - 128
    if exit_code > 0 and exit_code not in (132, 134, 135, 136, 137, 139, 143):
        return None
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}" if exit_code < 0 else None


def outcome(
    exit_code: int, *, stop: str | None, error: dict[str, Any] | None, log: Path, python: str
) -> dict[str, Any]:
    """{state, reason, error} of an attempt that ended.

    `stop` is the request the attempt was under, `error` what the worker itself has said.
    """
    if stop == "stop" and exit_code != 0:
        return {"state": "stopped", "reason": "Stopped on request, at once.", "error": None}
    if error is not None:
        return {"state": "failed", "reason": error.get("message"), "error": error}
    if exit_code == 0:
        return {"state": "succeeded", "reason": None, "error": None}
    if exit_code == EXIT_STOPPED:
        return {
            "state": "stopped",
            "reason": "Stopped on request, with a checkpoint.",
            "error": None,
        }
    found = _from_signal(exit_code) or _from_log(exit_code, log, python)
    return {"state": "failed", "reason": found["message"], "error": found}


def _from_signal(exit_code: int) -> dict[str, Any] | None:
    name = signal_name(exit_code)
    if name is None:
        return None
    unknown = (
        "crashed",
        f"It was ended by {name}.",
        "Resume it to go on from its last checkpoint.",
    )
    code, message, remedy = _SIGNALS.get(name, unknown)
    return {"code": code, "message": message, "remedy": remedy}


def _from_log(exit_code: int, log: Path, python: str) -> dict[str, Any]:
    """The last exception in the log is the best explanation of a bare exit code."""
    last = _last_exception(log)
    if missing := missing_package(last or "", python):
        return missing
    message = f"The worker ended with exit code {exit_code}" + (f": {last}" if last else ".")
    return {"code": "worker_error", "message": message, "remedy": "The log has the details."}


def missing_package(text: str, python: str) -> dict[str, str] | None:
    """The words for Python's "No module named …", if that is what `text` says."""
    found = re.search(r"No module named '?([\w.]+)'?", text)
    if found is None:
        return None
    return {
        "code": "missing_package",
        "message": f"The package {found[1]!r} is not installed for {python}.",
        "remedy": f"{python} -m pip install 'ftstudio-ext[train]'",
    }


def _last_exception(log: Path) -> str | None:
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 16_384))
            lines = file.read().decode("utf-8", errors="replace").splitlines()
    except OSError:
        return None
    pattern = re.compile(
        r"^[A-Za-z_][\w.]*(Error|Exception|Interrupt|Exit)\b(:.*)?$|^\S+: No module named \S+$"
    )
    return next((line.strip()[:400] for line in reversed(lines) if pattern.match(line)), None)


def is_disk_full(error: BaseException, folder: Path) -> bool:
    """Whether a failure comes from a full disk; libraries often hide the errno in a text."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if "No space left on device" in str(seen) or os.strerror(errno.EDQUOT) in str(seen):
            return True
        seen = seen.__cause__ or seen.__context__
    wrote = re.search(r"(writ|file|serializ|save)", str(error), re.IGNORECASE)
    try:
        return bool(wrote) and shutil.disk_usage(folder).free < NEARLY_FULL_BYTES
    except OSError:
        return False


def disk_full(folder: Path) -> dict[str, str]:
    return {
        "code": "disk_full",
        "message": f"The disk that holds {folder} is full.",
        "remedy": "Free some space, then resume: the last whole checkpoint is kept.",
    }
