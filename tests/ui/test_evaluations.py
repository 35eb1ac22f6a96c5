"""An evaluation in a real browser: started from an adapter, followed to its verdict, read by row."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from .conftest import REPOSITORY, Lab, open_lab, playwright, run_command, set_sidebar_width, shoot
from .test_compare import call

expect = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.train]

MADE = """
import sys
from pathlib import Path
from tests.disagreeing_adapters import make_disagreeing_adapters
from tests.tiny_model import make_tiny_model
root = Path(sys.argv[1])
make_disagreeing_adapters(make_tiny_model(root / "tiny"), root / "adapters", ["calm", "odd"])
"""
OWN_SCORER = '''def score_counting(answer):
    """Counts from one."""
    return answer.startswith("one two")
'''
ENDED_MS = 150_000
"""An evaluation starts a process that imports the training stack; a busy machine is slow."""


@pytest.fixture(scope="module")
def adapters(lab: Lab) -> None:
    """Questions that the adapter “calm” answers rightly, and “odd” does not."""
    for split, count in (("train", 40), ("test", 30)):
        rows = [
            {"question": f"Say number {n}: ", "answer": "one two three", "kind": f"kind {n % 2}"}
            for n in range(count)
        ]
        (lab.root / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (lab.root / "own.py").write_text(OWN_SCORER)
    made = [sys.executable, "-c", MADE, str(lab.root)]
    subprocess.run(made, cwd=REPOSITORY, check=True)
    source = {"source": "file", "path": {"train": "train.jsonl", "test": "test.jsonl"}}
    call(lab, "POST", "datasets", {"name": "numbers", "source": source})
    call(lab, "POST", "models", {"source": {"source": "directory", "path": "tiny"}})
    for name in ("calm", "odd"):
        source = {"source": "directory", "path": f"adapters/{name}"}
        call(lab, "POST", "adapters", {"source": source, "base_model": "tiny"})
    templates = {"prompt_template": "{question}", "completion_template": "{answer}"}
    call(lab, "POST", "prompts", {"name": "ask", "dataset": "numbers", **templates})


def test_an_adapter_is_proved_to_be_better(lab: Lab, adapters: None, page) -> None:
    open_lab(page, lab.address)
    run_command(page, "ftstudio:open-sidebar")
    fill_in_the_form(page)
    tab = page.locator(".jp-FtStudio-evaluation")
    read_the_verdict(tab)
    read_the_numbers(page, tab)
    look_at_rows(tab)
    look_at_it_in_light_and_dark(page, tab)
    find_it_again(page)


def fill_in_the_form(page) -> None:
    """From the adapter's row in the sidebar; what is missing is named."""
    sidebar = page.get_by_role("region", name="Fine-tuning Studio")
    sidebar.locator("[data-kind=adapter]", has_text="calm").click(button="right")
    page.get_by_role("menuitem", name="Evaluate…").click()
    form = page.get_by_role("form", name="Evaluation")
    expect(form.get_by_label("calm")).to_be_checked()
    base = form.get_by_role("combobox", name="Base model", exact=True)
    expect(base.locator("option:checked")).to_have_text("tiny")
    expect(form.get_by_role("status")).to_contain_text("Still missing: dataset, prompt")
    form.get_by_label("odd").check()
    form.get_by_role("combobox", name="Dataset", exact=True).select_option(label="numbers")
    form.get_by_label("test", exact=True).check()
    form.get_by_role("textbox", name="Rows", exact=True).fill("24")
    form.get_by_label("Base model with examples").fill("0")
    form.get_by_text("More", exact=True).click()
    form.get_by_label("Category column").select_option(label="kind")
    form.get_by_label("Log to MLflow").uncheck()
    expect(form.get_by_text("Judged by: ")).to_contain_text("Exact match")
    agree_to_a_file(page, form)
    shoot(page, "evaluation-form")
    form.get_by_role("button", name="Start evaluation").click()


def agree_to_a_file(page, form) -> None:
    """Its text is shown before anything is agreed to."""
    form.get_by_text("Judged by: ").click()
    form.get_by_label("Python file with scorers").fill("own.py")
    form.get_by_role("button", name="Read", exact=True).click()
    consent = form.get_by_role("group", name="What own.py does")
    expect(consent).to_contain_text("def score_counting(answer)")
    expect(consent).to_contain_text("with your rights")
    consent.scroll_into_view_if_needed()
    shoot(page, "evaluation-consent")
    consent.get_by_role("button", name="I have read it: use it").click()
    expect(form.get_by_role("button", name="Remove", exact=True)).to_be_visible()
    expect(form.get_by_text("Judged by: ")).to_contain_text("Counting")


def read_the_verdict(tab) -> None:
    """One sentence for each adapter: what is better is said, and what is not."""
    verdicts = tab.get_by_role("region", name="Verdict")
    expect(verdicts).to_be_visible(timeout=ENDED_MS)
    expect(verdicts.locator("[data-verdict=better]")).to_contain_text("calm")
    expect(verdicts.locator("[data-verdict=better]")).to_contain_text("24 of 24")
    expect(verdicts.locator("[data-verdict=none]")).to_contain_text("odd")


def read_the_numbers(page, tab) -> None:
    table = tab.get_by_role("table", name="Metrics by system")
    expect(table.get_by_role("row", name=re.compile("^calm"))).to_contain_text("▲ 100 %")
    expect(table.get_by_role("columnheader", name="Counting")).to_be_visible()
    expect(table.get_by_role("row", name=re.compile("baseline"))).to_contain_text("base, zero-shot")
    plots = tab.get_by_role("region", name="Plots")
    expect(plots.get_by_role("img", name=re.compile(r"^calm: 100 %")).first).to_be_visible()
    expect(plots.get_by_text("By category")).to_be_visible()


def look_at_rows(tab) -> None:
    """Only the wins of one adapter; a row opens with every answer against the expected one."""
    tab.get_by_label("Compare", exact=True).select_option(label="calm")
    tab.get_by_label("With the baseline").select_option(label="only wins (24)")
    rows = tab.get_by_role("table", name="Rows with all answers")
    expect(rows.locator("tbody tr")).to_have_count(24)
    tab.get_by_label("Search").fill("Say number 7:")
    expect(rows.locator("tbody tr")).to_have_count(1)
    rows.get_by_role("button", name="test 8").click()
    detail = rows.locator(".jp-FtStudio-answerDetail")
    expect(detail).to_contain_text("Say number 7:")
    expect(detail.locator("mark[data-kind=extra]").first).to_be_visible()
    tab.get_by_label("With the baseline").select_option(label="only losses (0)")
    expect(tab.get_by_text("No such rows")).to_be_visible()
    tab.get_by_label("With the baseline").select_option(value="")
    tab.get_by_label("Search").fill("")
    expect(rows.locator("tbody tr")).to_have_count(24)


def look_at_it_in_light_and_dark(page, tab) -> None:
    shoot(page, "evaluation-light")
    tab.get_by_role("heading", name="Rows", exact=True).scroll_into_view_if_needed()
    shoot(page, "evaluation-rows-light")
    run_command(page, "apputils:change-theme", theme="JupyterLab Dark")
    expect(page.locator("#jupyterlab-splash")).to_be_hidden()
    shoot(page, "evaluation-rows-dark")
    tab.get_by_role("heading", level=1).scroll_into_view_if_needed()
    shoot(page, "evaluation-dark")
    set_sidebar_width(page, 700)
    shoot(page, "evaluation-narrow")
    set_sidebar_width(page, 300)
    run_command(page, "apputils:change-theme", theme="JupyterLab Light")


def find_it_again(page) -> None:
    """The sidebar keeps it with its outcome; after a reload the tab is there again."""
    sidebar = page.get_by_role("region", name="Fine-tuning Studio")
    row = sidebar.locator("[data-kind=evaluation]")
    expect(row).to_contain_text("calm on test rows")
    expect(row).to_contain_text("better")
    page.reload()
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=60_000)
    tab = page.locator(".jp-FtStudio-evaluation")
    expect(tab.get_by_role("region", name="Verdict")).to_contain_text("24 of 24")
