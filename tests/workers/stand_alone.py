"""Exported scripts, run where the studio cannot be imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ftstudio_ext.schema.jobs import Resources
from ftstudio_ext.studio.code.script import Run, script

from .training_job import TrainingJob

RUNNER = """
import contextlib, os, runpy, sys

class NoStudio:
    def find_spec(self, name, *rest):
        if name.partition(".")[0] in ("ftstudio_ext", "tests"):
            raise ImportError(f"{name} is not installed here")

sys.meta_path.insert(0, NoStudio())
for path in sys.argv[1:]:
    os.chdir(os.path.dirname(path))
    runpy.run_path(path, run_name="__main__")
with contextlib.suppress(ImportError):
    import ftstudio_ext
    sys.exit("the studio can be imported")
assert not any(name.partition(".")[0] == "ftstudio_ext" for name in sys.modules)
"""
TOKENS = """
import json
Path("tokens.json").write_text(json.dumps([train.to_list(), validation.to_list()]))
"""


def script_of(job: TrainingJob) -> str:
    """The job as people get it."""
    resolved = job.resolved
    run = Run(
        job.spec,
        resolved.dataset,
        resolved.dataset_dir,
        resolved.prompt,
        resolved.base_model,
        Resources(),
    )
    return script(run)[0]


def tokens_only(text: str) -> str:
    """A script that ends before training and keeps its tokens."""
    return text.partition("# --- training")[0] + TOKENS


def run_scripts(scripts: Mapping[str, str], folder: Path) -> None:
    """Run all of them in one interpreter that sees neither the studio nor this repository, each in
    a folder of its own."""
    paths = []
    for name, text in scripts.items():
        paths.append(folder / name / "run.py")
        paths[-1].parent.mkdir(parents=True)
        paths[-1].write_text(text)
    done = subprocess.run(
        [sys.executable, "-I", "-c", RUNNER, *map(str, paths)],
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": "2", "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def curve(folder: Path, name: str) -> dict[int, float]:
    """{step: value} of a metric, as the Trainer's own state has it."""
    state = json.loads((folder / "colours" / "trainer_state.json").read_text())
    return {entry["step"]: entry[name] for entry in state["log_history"] if name in entry}


def tokens(folder: Path) -> Any:
    """[training rows, validation rows], each {input_ids, labels}."""
    return json.loads((folder / "tokens.json").read_text())
