"""Results and errors in a terminal: text for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.notebook.comparisons import ComparisonHandle
from ftstudio_ext.notebook.job import JobHandle
from ftstudio_ext.schema.jobs import JobDetail


def show(result: Any, *, as_json: bool) -> None:
    """Print what a command has to say, on the standard output."""
    if result is None:
        return
    print(json.dumps(plain(result), ensure_ascii=False, indent=2) if as_json else _text(result))


def complain(error: StudioError, *, as_json: bool) -> None:
    """Print what went wrong, and what to do, on the standard error output."""
    if as_json:
        print(json.dumps({"error": error.info().model_dump(exclude_none=True)}), file=sys.stderr)
        return
    print(f"ftstudio: {error.message}", file=sys.stderr)
    if error.remedy:
        print(error.remedy, file=sys.stderr)


def plain(result: Any) -> Any:
    """Objects as JSON has them."""
    if isinstance(result, JobHandle):
        return plain(result.job)
    if isinstance(result, ComparisonHandle):
        return plain(result.result())
    if isinstance(result, Path):
        return str(result)
    if isinstance(result, BaseModel):
        return result.model_dump(mode="json")
    if isinstance(result, list):
        return [plain(item) for item in result]
    return result


def _text(result: Any) -> str:
    """The repr of an object without its angle brackets."""
    if isinstance(result, JobDetail):
        return _job(result)
    text = str(result) if isinstance(result, str | Path) else repr(result)
    return text[1:-1] if text.startswith("<") and text.endswith(">") else text


def _job(job: JobDetail) -> str:
    """A job of a workspace without a server: where to find what it makes."""
    lines = [f"{job.name}: {job.state}"]
    if job.state == "succeeded" and (adapter := job.resolved.get("adapter_dir")):
        lines.append(f"Adapter: {adapter}")
    return "\n".join([*lines, f"Log:     {job.run_dir}/log.txt"])
