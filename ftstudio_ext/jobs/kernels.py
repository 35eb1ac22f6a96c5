"""The interpreter of an installed kernel: asked through the kernel's own command.

Environments that a hub offers are often known by their kernels only, and some are activated by a
shell first. So the command itself is run, under its own environment, with the kernel replaced by
the probe.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import threading
import time
from collections.abc import Mapping

from ftstudio_ext.schema.status import Interpreter

from . import interpreter

_MODULE = re.compile(r"^(ipykernel(_launcher)?|xpython_launcher)$")
_IN_SHELL = re.compile(r"-m\s+(ipykernel(_launcher)?|xpython_launcher)\b.*$", re.DOTALL)
_ASK_WHERE = "import sys; print(sys.executable)"
_FRESH_S = 300.0
_known: dict[str, tuple[float, str | None]] = {}
_guard = threading.Lock()


def probe_kernel(argv: list[str], env: Mapping[str, str], label: str) -> Interpreter | None:
    """What the Python behind a kernel has of the training stack; None when the kernel is of
    another language, or its command does not answer. Blocks for two short processes."""
    python = _interpreter_of(argv, env)
    if python is None:
        return None
    return interpreter.probe(python).model_copy(update={"label": label or None})


def _interpreter_of(argv: list[str], env: Mapping[str, str]) -> str | None:
    key = json.dumps([argv, sorted(env.items())])
    with _guard:
        known = _known.get(key)
    if known and time.monotonic() - known[0] < _FRESH_S:
        return known[1]
    command = _without_kernel(argv)
    python = _run(command, env) if command else None
    with _guard:
        _known[key] = (time.monotonic(), python)
    return python


def _without_kernel(argv: list[str]) -> list[str] | None:
    """`python -m ipykernel_launcher -f …` → `python -I -c …`, also inside the string that a shell
    is given."""
    ask = ["-I", "-c", _ASK_WHERE]
    for index, word in enumerate(argv):
        if word == "-m" and index + 1 < len(argv) and _MODULE.match(argv[index + 1]):
            return [*argv[:index], *ask]
        if found := _IN_SHELL.search(word):
            return [*argv[:index], word[: found.start()] + shlex.join(ask), *argv[index + 1 :]]
    return None


def _run(command: list[str], env: Mapping[str, str]) -> str | None:
    try:
        answer = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=interpreter.PROBE_TIMEOUT_S,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **env},
            check=True,
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    lines = answer.stdout.strip().splitlines()
    return lines[-1] if lines else None
