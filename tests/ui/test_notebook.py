"""The notebook half in a real browser: three lines, a live chart in the cell, and a kernel that is
restarted in the middle of training."""

from __future__ import annotations

import json

import pytest

from .conftest import Lab, open_lab, playwright, run_command, shoot
from .test_compare import call
from .test_main_job import files  # noqa: F401

expect = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.train]

BEGIN = """from ftstudio_ext import Studio

studio = Studio()
job = studio.train(
    name="from-a-notebook", base_model="tiny", dataset="animals", prompt="ask",
    max_length=64, effective_batch_size=4, max_steps=60, learning_rate=1e-3,
    evaluation={"strategy": "off"},
)
job.watch()"""
FIND = """from ftstudio_ext import Studio
Studio().jobs["from-a-notebook"].watch()"""
ENDED_MS = 150_000


@pytest.fixture(scope="module")
def imported(lab: Lab, files: None) -> None:  # noqa: F811
    source = {"source": "file", "path": "animals.jsonl"}
    call(lab, "POST", "datasets", {"name": "animals", "source": source})
    call(lab, "POST", "models", {"source": {"source": "directory", "path": "models/tiny"}})
    templates = {"prompt_template": "{question} ", "completion_template": "{answer}"}
    call(lab, "POST", "prompts", {"name": "ask", "dataset": "animals", **templates})
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [
        {**cell, "id": "begin", "source": BEGIN},
        {**cell, "id": "find", "source": FIND},
    ]
    kernel = {"name": "python3", "display_name": "Python 3"}
    book = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (lab.root / "fresh.ipynb").write_text(json.dumps(book))


def test_a_run_in_a_cell_outlives_its_kernel(lab: Lab, imported: None, page) -> None:
    open_lab(page, lab.address)
    run_command(page, "docmanager:open", path="fresh.ipynb")
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    expect(cells).to_have_count(2)
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=60_000)

    cells.nth(0).click()
    run_command(page, "notebook:run-cell")
    curve = cells.nth(0).get_by_role("img", name="loss: ")
    expect(curve).to_be_visible(timeout=ENDED_MS)
    assert call(lab, "GET", "jobs/from-a-notebook")["state"] == "running"
    shoot(page, "notebook-live")

    page.get_by_role("button", name="Restart the kernel").first.click()
    page.get_by_role("button", name="Restart", exact=True).or_(
        page.get_by_role("button", name="Confirm Kernel Restart")
    ).first.click()
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=60_000)
    cells.nth(1).click()
    run_command(page, "notebook:run-cell")
    found = cells.nth(1).locator(".jp-OutputArea-output")
    expect(found.get_by_role("img", name="loss: ")).to_be_visible(timeout=60_000)
    expect(found).to_contain_text("succeeded", timeout=ENDED_MS)
    shoot(page, "notebook-found-again")
    assert "from-a-notebook" in [one["name"] for one in call(lab, "GET", "adapters")["items"]]
