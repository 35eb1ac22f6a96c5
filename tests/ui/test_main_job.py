"""The main job in a real browser: import, prompt, train, watch, reload, adapter."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from .conftest import (
    REPOSITORY,
    Lab,
    open_lab,
    playwright,
    run_command,
    set_sidebar_width,
    shoot,
)

expect = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.train]

ANIMALS = ["cat", "dog", "owl", "fox", "bee", "cow", "ant", "hen"]
SOUNDS = ["meow", "woof", "hoot", "yap", "buzz", "moo", "nothing", "cluck"]
ROWS = 160
STEPS = 20
MODEL = """
import sys
from pathlib import Path
from tests.tiny_model import make_tiny_model
make_tiny_model(Path(sys.argv[1]), layers=4, hidden=256)
"""


@pytest.fixture(scope="module")
def files(lab: Lab) -> None:
    """What a person has before the first click: rows in a file, a model in a folder."""
    rows = [
        {
            "id": index,
            "question": f"What does the {ANIMALS[index % 8]} number {index} say?",
            "answer": f"The {ANIMALS[index % 8]} says {SOUNDS[index % 8]}.",
        }
        for index in range(ROWS)
    ]
    (lab.root / "animals.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    made = [sys.executable, "-c", MODEL, str(lab.root / "models" / "tiny")]
    subprocess.run(made, cwd=REPOSITORY, check=True)


def test_import_prompt_train_watch_reload_adapter(lab: Lab, files: None, page) -> None:
    open_lab(page, lab.address)
    sidebar = open_sidebar(page)
    import_dataset(page, sidebar)
    import_model(page, sidebar)
    create_prompt(page)
    fill_train_form(page)
    start_and_see_the_curve_move(page)
    reload_and_find_it_all(page, lab)
    open_the_run_as_code(page)
    see_the_adapter(page)
    look_at_it_in_light_and_dark(page)


def open_sidebar(page):
    run_command(page, "ftstudio:open-sidebar")
    sidebar = page.get_by_role("region", name="Fine-tuning Studio")
    expect(sidebar.get_by_role("button", name="New training run")).to_be_visible()
    return sidebar


def section(sidebar, name: str):
    return sidebar.get_by_role("region", name=name, exact=True)


def import_dataset(page, sidebar) -> None:
    """Through JupyterLab's own file dialog."""
    section(sidebar, "Datasets").get_by_role("button", name="Import a dataset").click()
    page.get_by_role("dialog").get_by_role("button", name="Browse…").first.click()
    page.get_by_role("dialog").get_by_text("animals.jsonl").click()
    page.get_by_role("dialog").get_by_role("button", name="Select").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("File or folder")).to_have_value("animals.jsonl")
    expect(dialog.get_by_placeholder("animals", exact=True)).to_be_visible()
    dialog.get_by_role("button", name="Import").click()
    row = section(sidebar, "Datasets").locator("[data-kind=dataset]")
    expect(row).to_contain_text("animals")
    expect(row).to_contain_text(str(ROWS))


def import_model(page, sidebar) -> None:
    """By typing its path."""
    section(sidebar, "Models & adapters").get_by_role("button", name="Import a base model").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Model folder").fill("models/tiny")
    dialog.get_by_label("Name").fill("tiny")
    dialog.get_by_role("button", name="Import").click()
    row = section(sidebar, "Models & adapters").locator("[data-kind=model]")
    expect(row).to_contain_text("tiny")


def create_prompt(page) -> None:
    """From the suggestion, seen on a row."""
    sidebar = page.get_by_role("region", name="Fine-tuning Studio")
    section(sidebar, "Datasets").get_by_text("animals").hover()
    sidebar.get_by_role("button", name="New prompt for animals").click()
    form = page.get_by_role("form", name="Prompt")
    expect(form.get_by_label("Prompt template")).to_have_value(re.compile(r"\{question\}"))
    expect(form.get_by_label("Completion template")).to_have_value("{answer}")
    example = page.get_by_role("region", name="Prompt example")
    example.get_by_role("button", name="Generate prompt example").click()
    expect(example).to_contain_text("says")
    form.get_by_label("Name").fill("ask")
    form.get_by_role("button", name="Save").click()
    expect(section(sidebar, "Prompts").locator("[data-kind=prompt]")).to_contain_text("ask")


def fill_train_form(page) -> None:
    """Choosing nothing that the studio can know; 20 steps, judged every 10."""
    sidebar = page.get_by_role("region", name="Fine-tuning Studio")
    sidebar.get_by_role("button", name="New training run").click()
    form = page.get_by_role("form", name="Training run")
    for label, chosen in [("Base model", "tiny"), ("Dataset", "animals"), ("Prompt", "ask")]:
        select = form.get_by_role("combobox", name=label, exact=True)
        expect(select.locator("option:checked")).to_have_text(chosen)
    expect(form.get_by_role("textbox", name="Name")).to_have_value("animals-tiny")
    form.get_by_text("One row as the model sees it").click()
    expect(form.get_by_label("Rendered row")).to_contain_text("says")
    form.get_by_label("Effective batch size").fill("64")
    form.get_by_label("Evaluate", exact=True).select_option("steps")
    form.get_by_label("Evaluate every").fill("10")
    form.get_by_label("Max steps").fill(str(STEPS))
    form.get_by_text("Advanced", exact=True).click()
    form.get_by_text("LoRA", exact=True).click()
    expect(form.get_by_label("Rank")).to_have_value("16")
    summary = page.get_by_role("complementary", name="Summary of the run")
    expect(summary).to_contain_text("Trains a QLoRA adapter (rank 16) for tiny")
    expect(summary).to_contain_text(f"in {STEPS} steps")
    shoot(page, "train-light")


def start_and_see_the_curve_move(page) -> None:
    page.get_by_role("button", name="Start training").click()
    run = page.locator("[data-run]")
    expect(run).to_be_visible()
    loss = run.locator("[data-chart=Loss] [data-points]")
    expect(loss).not_to_have_attribute("data-points", "0", timeout=90_000)
    before = points(loss)
    page.wait_for_function(
        "before => document.querySelector('[data-chart=Loss] [data-points]').dataset.points > before",
        arg=before,
        timeout=30_000,
    )


def points(loss) -> int:
    return int(loss.get_attribute("data-points"))


def reload_and_find_it_all(page, lab: Lab) -> None:
    """In the middle of the run: the tab comes back with its whole chart, and goes on."""
    run = page.locator("[data-run]")
    loss = run.locator("[data-chart=Loss] [data-points]")
    before = points(loss)
    state = run.get_attribute("data-state")
    assert state == "running", f"the run is {state} already: nothing left to reload in"
    page.reload()
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=60_000)
    expect(run).to_be_visible(timeout=30_000)
    page.wait_for_function(
        "before => +document.querySelector('[data-chart=Loss] [data-points]')?.dataset.points >= before",
        arg=before,
        timeout=30_000,
    )
    shoot(page, "run-under-way")
    expect(run).to_have_attribute("data-state", "succeeded", timeout=90_000)
    expect(loss).to_have_attribute("data-points", str(STEPS))
    run.get_by_role("tab", name="Samples (4)").click()
    expect(run.get_by_text("Expected").first).to_be_visible()
    shoot(page, "run-samples")
    run.get_by_role("tab", name="Details").click()
    expect(run.get_by_text("learning_rate")).to_be_visible()
    shoot(page, "run-details")
    run.get_by_role("tab", name="Log").click()


def open_the_run_as_code(page) -> None:
    """The finished run as a cell and as a script, which becomes a notebook."""
    page.locator("[data-run]").get_by_role("button", name="Show code").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("tabpanel")).to_contain_text("%%ftstudio train")
    shoot(page, "code-cell")
    dialog.get_by_role("tab", name="Script").click()
    expect(dialog.get_by_role("tabpanel")).to_contain_text("trainer.train()")
    shoot(page, "code-script")
    dialog.get_by_role("button", name="Open as notebook").click()
    tab = page.get_by_role("tab", name="animals-tiny.ipynb")
    expect(tab).to_be_visible()
    expect(page.get_by_role("heading", name="Train “animals-tiny”")).to_be_visible()
    shoot(page, "code-notebook")
    page.get_by_role("tab", name="animals-tiny", exact=True).first.click()


def see_the_adapter(page) -> None:
    sidebar = open_sidebar(page)
    listed = section(sidebar, "Models & adapters").locator("[data-kind=adapter]")
    expect(listed).to_contain_text("animals-tiny")
    page.locator("[data-run]").get_by_role("button", name="Show adapter").click()
    expect(page.get_by_role("heading", name="animals-tiny")).to_be_visible()


def look_at_it_in_light_and_dark(page) -> None:
    """Pictures for people; what they show is judged by eye."""
    for theme, word in [("JupyterLab Dark", "dark"), ("JupyterLab Light", "light")]:
        run_command(page, "apputils:change-theme", theme=theme)
        page.wait_for_selector(f"body[data-jp-theme-name='{theme}']", state="attached")
        page.locator("[data-kind=run]").first.click()
        expect(page.locator("[data-run]")).to_be_visible()
        page.wait_for_timeout(1000)
        shoot(page, f"run-{word}")
        run_command(page, "ftstudio:new-run")
        expect(page.get_by_role("form", name="Training run")).to_be_visible()
        expect(page.get_by_text("Trains a QLoRA adapter")).to_be_visible()
        shoot(page, f"train-{word}")
    page.set_viewport_size({"width": 900, "height": 900})
    set_sidebar_width(page, 300)
    page.wait_for_timeout(500)
    shoot(page, "train-narrow")
    page.locator("[data-kind=run]").first.click()
    page.wait_for_timeout(1000)
    shoot(page, "run-narrow")
