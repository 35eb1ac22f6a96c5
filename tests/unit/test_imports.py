"""Who may import whom, and what the server process never imports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

HEAVY = [
    "accelerate",
    "bitsandbytes",
    "datasets",
    "mlflow",
    "pandas",
    "peft",
    "pyarrow",
    "torch",
    "transformers",
    "trl",
]

ENTRY_POINTS = "import ftstudio_ext"

APPLICATION = "import ftstudio_ext.app"

STARTED_SERVER = """
import asyncio
from jupyter_server.serverapp import ServerApp

server = ServerApp(jpserver_extensions={"ftstudio_ext": True}, allow_root=True)
server.reraise_server_extension_failures = True
server.initialize(["--port=0", "--no-browser", "--ip=127.0.0.1"], find_extensions=False)
assert server.extension_manager.extension_apps["ftstudio_ext"]
asyncio.run(server.extension_manager.start_all_extensions())
"""


def modules_after(code: str, folder: Path) -> set[str]:
    """Top-level names of all that a fresh interpreter has imported after `code`."""
    report = "\nimport sys, json; print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    answer = subprocess.run(
        [sys.executable, "-c", code + report],
        cwd=folder,
        env={
            **{name: value for name, value in os.environ.items() if "JUPYTER" not in name},
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
            "JUPYTER_NO_CONFIG": "1",
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert answer.returncode == 0, answer.stderr
    return set(json.loads(answer.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "code",
    [ENTRY_POINTS, APPLICATION, STARTED_SERVER],
    ids=["entry points", "application", "started server"],
)
def test_the_server_imports_nothing_heavy(code, tmp_path):
    assert modules_after(code, tmp_path) & set(HEAVY) == set()


def test_a_worker_does_not_pay_for_the_server(tmp_path):
    """Every worker process imports the package's own `__init__`."""
    light = modules_after(ENTRY_POINTS, tmp_path)
    assert light & {"jupyter_server", "tornado", "tinydb", "pydantic", "IPython"} == set()


def test_imports_point_one_way():
    """The layers and walls are declared in pyproject.toml."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
