"""The tutorial notebooks run as they stand, from top to bottom, on a smaller model and fewer rows."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from ftstudio_ext.notebook.evaluations import EvaluationHandle

from .test_form import settled

pytestmark = pytest.mark.train

TUTORIALS = Path(__file__).parents[2] / "docs" / "tutorials"
SMALL = """
MODEL = "models/tiny"
TRAIN_ROWS, TEST_ROWS = 40, 3
MAX_LENGTH = 400
MAX_STEPS = 3
"""


def test_the_sql_adapter_from_start_to_end(server, studio):
    book = nbformat.read(TUTORIALS / "sql_adapter.ipynb", as_version=4)
    (parameters,) = (cell for cell in book.cells if "parameters" in cell.metadata.get("tags", ()))
    parameters.source += SMALL
    where = {"metadata": {"path": str(server.root)}}
    NotebookClient(book, timeout=240, kernel_name="python3", resources=where).execute()
    assert studio.jobs["sql-adapter-tutorial"].state == "succeeded"
    shown = json.dumps([cell.get("outputs", []) for cell in book.cells])
    assert "adapter_model.safetensors" in shown, "it was exported"
    verdict = studio.connection.get("evaluations")["items"][0]["verdict"]
    assert verdict and verdict in "".join(book.cells[-3].outputs[0]["text"]), "in the report"
    look_through_its_rows(studio)


def look_through_its_rows(studio) -> None:
    """What the cell `result.browse()` shows."""
    (job,) = (one.job for one in studio.jobs if one.job.type == "evaluate")
    table = EvaluationHandle(studio, job).result().browse()
    settled(lambda: table.page is not None)
    assert table.page.total == 3 and "expected" in table.rows.value
    table.outcome.value = "win"
    wins = table.page.wins
    settled(lambda: table.page.total == wins)
    table.close()


def test_notebooks_are_kept_without_outputs():
    for path in TUTORIALS.glob("*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells), path
