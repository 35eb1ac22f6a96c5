"""One server for all notebook tests, with a dataset, a prompt and a model imported by the client."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ftstudio_ext import Studio
from tests.tiny_model import make_tiny_model

from .server import JupyterServer

COLOURS = ["red", "green", "blue"]
SHORT = {
    "max_length": 64,
    "effective_batch_size": 4,
    "max_steps": 4,
    "evaluation": {"strategy": "off"},
    "lora": {"r": 4},
}
"""A training run of a few seconds."""


def write_colours(path: Path, rows: int = 30) -> Path:
    """A jsonl file that anything can be learnt from."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (
        {"id": i, "question": f"Say {COLOURS[i % 3]}", "answer": COLOURS[i % 3]}
        for i in range(rows)
    )
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    server = JupyterServer(tmp_path_factory.mktemp("jupyter"))
    write_colours(server.root / "data" / "colours.jsonl")
    make_tiny_model(server.root / "models" / "tiny")
    yield server.start()
    server.stop()


@pytest.fixture
def server(running: JupyterServer, monkeypatch: pytest.MonkeyPatch) -> JupyterServer:
    """The running server, in whose world this test lives."""
    for name in [name for name in os.environ if name.startswith(("JUPYTER", "JPY_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(running.runtime))
    monkeypatch.chdir(running.root)
    return running


def furnish(studio: Studio, server: JupyterServer) -> None:
    """Everything that a run needs, once."""
    if "colours" not in studio.datasets:
        studio.datasets.add(server.root / "data" / "colours.jsonl", name="colours")
        studio.models.add("models/tiny", name="tiny")
        studio.prompts.create("say it", "colours", "Q: {question}\nA:", " {answer}")


@pytest.fixture
def studio(server: JupyterServer) -> Studio:
    """A client of a furnished server."""
    studio = Studio()
    furnish(studio, server)
    return studio
