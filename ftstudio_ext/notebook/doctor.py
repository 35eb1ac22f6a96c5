"""What is wrong with an installation, and what mends it: each finding with its remedy.

Nothing heavy is imported into this process; what must be imported to be judged is imported in
another one.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import httpx
from pydantic import BaseModel

from ftstudio_ext import __version__
from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.jobs.devices import devices
from ftstudio_ext.jobs.interpreter import probe

from . import display, formats
from .client import Studio
from .tables import Table

ROOM_BYTES = 10 * 1000**3
HUB = "https://huggingface.co"
BITSANDBYTES_TIMEOUT_S = 120.0
_QUANTIZE = "import bitsandbytes.functional as f, torch; f.quantize_4bit(torch.ones(64, 64))"


class Finding(BaseModel):
    """One thing that was looked at."""

    subject: str
    level: Literal["ok", "warning", "bad"]
    message: str
    remedy: str | None = None


class Diagnosis(Table):
    """All findings; `sound` when nothing is bad."""

    @property
    def sound(self) -> bool:
        return all(finding.level != "bad" for finding in self)

    def __repr__(self) -> str:
        """Whole sentences, which columns would cut."""
        lines = []
        for finding in self:
            lines.append(f"{finding.level:8} {finding.subject}: {finding.message}")
            if finding.remedy:
                lines.append(f"{'':8} → {finding.remedy}")
        return "\n".join(lines)


def examine(studio: Studio | None = None) -> Diagnosis:
    """Look at everything; takes some seconds. Without a studio the running server is looked for."""
    findings: list[Finding] = []
    for look in (_python, _stack, _devices, _disk, _hub):
        findings += look()
    findings += _server(studio)
    return Diagnosis(
        findings,
        headers=["", "What", "Finding", "Remedy"],
        cells=lambda found: [_mark(found.level), found.subject, found.message, found.remedy or ""],
    )


def _mark(level: str) -> display.Html:
    word = {"ok": "succeeded", "warning": "warning", "bad": "failed"}[level]
    return display.Html(display.state(word).replace(word, level))


def _python() -> Iterator[Finding]:
    versions = f"Python {platform.python_version()}, ftstudio-ext {__version__}"
    yield Finding(subject="Versions", level="ok", message=f"{versions}.")


def _stack() -> Iterator[Finding]:
    found = probe(sys.executable, refresh=True)
    listed = ", ".join(f"{name} {version}" for name, version in found.packages.items())
    if found.error:
        yield Finding(
            subject="Training stack",
            level="warning",
            message=found.error.message,
            remedy=f"{found.error.remedy or ''} Another Python may be chosen for each run.".strip(),
        )
    else:
        yield Finding(subject="Training stack", level="ok", message=f"{listed}.")
    if "bitsandbytes" in found.packages and "torch" in found.packages:
        yield _bitsandbytes()


def _bitsandbytes() -> Finding:
    """Quantizes one small matrix, in a process of its own."""
    subject = "4-bit quantization"
    try:
        subprocess.run(
            [sys.executable, "-I", "-c", _QUANTIZE],
            check=True,
            capture_output=True,
            text=True,
            timeout=BITSANDBYTES_TIMEOUT_S,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        return Finding(
            subject=subject,
            level="bad",
            message=f"bitsandbytes does not work here: {last}",
            remedy="Install it again (pip install --force-reinstall --no-deps bitsandbytes), or "
            "train LoRA on a 16-bit base model.",
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding(
            subject=subject,
            level="warning",
            message=f"bitsandbytes could not be tried: {error}",
            remedy="Try again when this machine is less busy.",
        )
    return Finding(subject=subject, level="ok", message="bitsandbytes quantizes on this machine.")


def _devices() -> Iterator[Finding]:
    found = devices()
    words = "; ".join(
        f"{device.name}, {formats.size(device.memory_free_bytes)} of "
        f"{formats.size(device.memory_total_bytes)} free"
        for device in found
    )
    if any(device.kind == "cuda" for device in found):
        yield Finding(subject="Devices", level="ok", message=f"{words}.")
    else:
        yield Finding(
            subject="Devices",
            level="warning",
            message=f"No GPU is visible: {words}.",
            remedy="Small models train on the processor. With a GPU in the machine, see what "
            "nvidia-smi says, and CUDA_VISIBLE_DEVICES.",
        )


def _disk() -> Iterator[Finding]:
    free = shutil.disk_usage(Path.cwd()).free
    level: Literal["ok", "warning"] = "ok" if free >= ROOM_BYTES else "warning"
    yield Finding(
        subject="Disk",
        level=level,
        message=f"{formats.size(free)} free at {Path.cwd()}.",
        remedy=None if level == "ok" else "Base models and checkpoints need room: free some.",
    )


def _hub() -> Iterator[Finding]:
    endpoint = os.environ.get("HF_ENDPOINT") or HUB
    offline = os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on")
    if offline:
        yield Finding(
            subject="Hub",
            level="warning",
            message="HF_HUB_OFFLINE is set: only models and datasets in the cache can be used.",
            remedy="Unset it to download from the hub.",
        )
        return
    try:
        httpx.head(endpoint, timeout=5.0, follow_redirects=True)
        yield Finding(subject="Hub", level="ok", message=f"{endpoint} answers.")
    except httpx.HTTPError as error:
        yield Finding(
            subject="Hub",
            level="warning",
            message=f"{endpoint} cannot be reached: {error}",
            remedy="Local files work all the same. Check the network, or name a mirror with "
            "HF_ENDPOINT.",
        )


def _server(studio: Studio | None) -> Iterator[Finding]:
    try:
        status = (studio or Studio()).status()
    except StudioError as error:
        yield Finding(subject="Server", level="warning", message=error.message, remedy=error.remedy)
        return
    yield Finding(
        subject="Server",
        level="ok",
        message=f"Version {status.version}, workspace {status.workspace}. "
        f"{status.survival.summary}",
    )
    for notice in status.notices:
        yield Finding(
            subject="Store", level="warning", message=notice.message, remedy=notice.remedy
        )
    if status.read_only:
        yield Finding(
            subject="Store",
            level="bad",
            message=status.read_only_reason or "The workspace is read-only.",
            remedy="Move the workspace (FineTuningStudio.workspace_dir) to a disk that can be "
            "written to and locked.",
        )
    if status.interpreter and status.interpreter.error:
        error_info = status.interpreter.error
        yield Finding(
            subject="Jobs' Python",
            level="bad",
            message=error_info.message,
            remedy=error_info.remedy,
        )
