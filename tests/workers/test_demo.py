"""`make demo`, on a tiny model: the whole tutorial, with the server killed in the middle."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tiny_model import make_tiny_model

from .training_job import REPOSITORY


@pytest.mark.train
@pytest.mark.timeout(400)
def test_the_demo_runs_to_its_table_and_survives_a_killed_server(tmp_path: Path) -> None:
    make_tiny_model(tmp_path / "demo" / "models" / "tiny")
    command = [sys.executable, "-m", "ftstudio_ext.demo", "--folder", "demo", "--no-lab"]
    done = subprocess.run(
        [*command, "--model", "models/tiny"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=380,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "kill -9" in done.stdout
    assert re.search(r"a new server .* finds it running, attempt 1", done.stdout), done.stdout
    for system in ("base, zero-shot", "base, 4-shot", "sql-demo"):
        for phrasings in ("seen in training", "never seen"):
            assert re.search(rf"{system} +{phrasings} +64 ", done.stdout), done.stdout
    assert "not production quality" in done.stdout
    assert (tmp_path / "demo/ftstudio/adapters/sql-demo/adapter_model.safetensors").is_file()
