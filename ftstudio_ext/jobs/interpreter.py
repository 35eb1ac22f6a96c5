"""What the Python that jobs run in has of the training stack, said before anything is launched."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time

from ftstudio_ext.schema.errors import ErrorInfo
from ftstudio_ext.schema.status import Interpreter

from .workercopy import ensure_worker_copy

__all__ = ["NEEDED", "ensure_worker_copy", "probe"]

NEEDED: dict[str, tuple[str, str | None]] = {
    "torch": ("2.9", None),
    "transformers": ("5.20", "5.24"),
    "trl": ("1.16", "1.17"),
    "peft": ("0.21", "0.22"),
    "bitsandbytes": ("0.50", "0.51"),
    "datasets": ("5.0", "6"),
    "accelerate": ("1.14", "2"),
    "mlflow": ("3.16", "4"),
    "pydantic": ("2.8", "3"),
}
"""Package → (first version that works, first that is not tested), as in the extra `train`."""

OLDEST_PYTHON = "3.11"
PROBE_TIMEOUT_S = 60.0
FRESH_S = {True: 300.0, False: 5.0}
_PROBE = """
import json, platform, sys
from importlib import metadata
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = metadata.version(name)
    except metadata.PackageNotFoundError:
        pass
print(json.dumps({"version": platform.python_version(), "packages": found}))
"""
_known: dict[str, tuple[float, Interpreter]] = {}
_guard = threading.Lock()


def probe(python: str, *, refresh: bool = False) -> Interpreter:
    """Ask an interpreter for its versions, without importing any of them; about 0.1 s.

    Answers are kept for five minutes, bad ones for five seconds, so that an installation that
    has just mended things is noticed.
    """
    with _guard:
        known = _known.get(python)
        if known and not refresh and time.monotonic() - known[0] < FRESH_S[known[1].ok]:
            return known[1]
        found = _ask(python)
        _known[python] = (time.monotonic(), found)
        return found


def _ask(python: str) -> Interpreter:
    command = [python, "-I", "-c", _PROBE, *NEEDED]
    try:
        answer = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=PROBE_TIMEOUT_S,
            stdin=subprocess.DEVNULL,
            check=True,
        )
        facts = json.loads(answer.stdout.strip().splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError) as error:
        return Interpreter(python=python, missing=list(NEEDED), error=_unusable(python, error))
    packages = dict(facts["packages"])
    missing = [name for name in NEEDED if name not in packages]
    error_info = _judge(python, facts["version"], packages, missing)
    return Interpreter(
        python=python,
        version=facts["version"],
        packages=packages,
        missing=missing,
        ok=error_info is None,
        error=error_info,
    )


def _unusable(python: str, error: Exception) -> ErrorInfo:
    if not os.path.exists(python):  # noqa: PTH110 - False for what cannot be a path at all
        message = f"There is no interpreter {python}."
    elif isinstance(error, subprocess.TimeoutExpired):
        message = f"{python} did not answer within {PROBE_TIMEOUT_S:.0f} seconds."
    else:
        stderr = (getattr(error, "stderr", None) or "").strip().splitlines()
        said = stderr[-1] if stderr else getattr(error, "strerror", None)
        message = f"{python} cannot be used: {said or 'it does not answer as a Python does'}."
    return ErrorInfo(
        code="interpreter_unusable",
        message=message,
        field="python",
        remedy="Choose another Python for the job, or set FineTuningStudio.python.",
    )


def _judge(
    python: str, version: str, packages: dict[str, str], missing: list[str]
) -> ErrorInfo | None:
    mend = f"{python} -m pip install 'ftstudio-ext[train]'"
    if _numbers(version) < _numbers(OLDEST_PYTHON):
        return ErrorInfo(
            code="interpreter_too_old",
            message=f"{python} is Python {version}; jobs need {OLDEST_PYTHON} or later.",
            field="python",
            remedy="Choose another Python for the job, or set FineTuningStudio.python.",
        )
    if missing:
        message = f"{python} lacks {', '.join(missing)}."
        return ErrorInfo(
            code="training_stack_missing", message=message, field="python", remedy=mend
        )
    wrong = [
        f"{name} {packages[name]} (needs {_range(name)})"
        for name in NEEDED
        if not _fits(packages[name], *NEEDED[name])
    ]
    if wrong:
        message = f"{python} has versions that do not fit: {', '.join(wrong)}."
        return ErrorInfo(
            code="training_stack_incompatible", message=message, field="python", remedy=mend
        )
    return None


def _range(name: str) -> str:
    first, beyond = NEEDED[name]
    return f">={first}" + (f",<{beyond}" if beyond else "")


def _fits(version: str, first: str, beyond: str | None) -> bool:
    found = _numbers(version)
    return found >= _numbers(first) and (beyond is None or found < _numbers(beyond))


def _numbers(version: str) -> tuple[int, ...]:
    """2.13.0+cpu → (2, 13, 0)."""
    parts = []
    for part in version.split("+")[0].split("."):
        digits = "".join(c for c in part if c.isdigit())
        if not part[:1].isdigit():
            break
        parts.append(int(digits))
    return tuple(parts)
