"""Everything beside the main job, in a real browser: runs stopped and resumed, adapters brought
in, things renamed and deleted, failures in words, nothing cut off in a narrow sidebar."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from typing import Any

import pytest

from .conftest import REPOSITORY, Lab, open_lab, playwright, run_command, set_sidebar_width, shoot

expect = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.train]

STEPS = 16
LONG_NAME = "questions-and-answers-of-all-that-nobody-has-asked"
MODEL = """
import sys
from pathlib import Path
from tests.tiny_model import make_tiny_model
make_tiny_model(Path(sys.argv[1]), layers=2, hidden=128)
"""


def call(lab: Lab, method: str, path: str, body: Any = None) -> Any:
    request = urllib.request.Request(
        f"{lab.url}/ftstudio/api/{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"token {lab.token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as refusal:
        pytest.fail(f"{method} {path}: {refusal.read().decode()}")


@pytest.fixture(scope="module")
def run(lab: Lab) -> str:
    """A run under way, with all it needs; answers its id."""
    rows = [{"question": f"How much is {n} and {n}?", "answer": str(n + n)} for n in range(200)]
    (lab.root / "sums.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    made = [sys.executable, "-c", MODEL, str(lab.root / "models" / "tiny")]
    subprocess.run(made, cwd=REPOSITORY, check=True)
    file = {"source": "file", "path": "sums.jsonl"}
    call(lab, "POST", "datasets", {"name": "sums", "source": file})
    call(lab, "POST", "models", {"source": {"source": "directory", "path": "models/tiny"}})
    templates = {"prompt_template": "{question} ", "completion_template": "{answer}"}
    call(lab, "POST", "prompts", {"name": "ask", "dataset": "sums", **templates})
    spec = {
        "name": "adding",
        "base_model": "tiny",
        "dataset": "sums",
        "prompt": "ask",
        "max_length": 64,
        "max_steps": STEPS,
        "effective_batch_size": 64,
    }
    request = {"type": "train", "spec": spec, "request_id": "the-run"}
    job: dict[str, Any] = call(lab, "POST", "jobs", request)
    return str(job["id"])


def test_records_in_the_browser(lab: Lab, run: str, page) -> None:
    open_lab(page, lab.address)
    run_command(page, "ftstudio:open-sidebar")
    sidebar = page.get_by_role("region", name="Fine-tuning Studio")
    out_of_reach(page, sidebar)
    rename(page, sidebar)
    unsaved_prompt_is_not_lost(page)
    stop_and_resume(page, run)
    nothing_sticks_out(page, sidebar)
    go_on_to_the_end(page)
    import_an_adapter(lab, page, sidebar)
    delete_with_what_depends_on_it(page, sidebar)


def row(sidebar, kind: str, name: str):
    return sidebar.locator(f"[data-kind={kind}]", has_text=name)


def out_of_reach(page, sidebar) -> None:
    """Offline, the hub's datasets and models cannot be had, which is said where it was asked."""
    dialog = page.get_by_role("dialog")
    run_command_later(page, "ftstudio:import-dataset")
    expect(dialog.get_by_label("File or folder")).to_be_focused()
    dialog.get_by_label("Hugging Face hub").check()
    dialog.get_by_role("button", name="Import").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Name a dataset of the hub")
    dialog.get_by_label("Dataset id").fill("nobody/nothing")
    dialog.get_by_role("button", name="Import").click()
    expect(page.get_by_role("heading", name="nothing")).to_be_visible()
    run_command_later(page, "ftstudio:import-model")
    dialog.get_by_label("Hugging Face hub").check()
    dialog.get_by_label("Model id").fill("nobody/nothing")
    dialog.get_by_role("button", name="Import").click()
    expect(dialog.get_by_role("alert")).to_contain_text("it cannot be reached. Check the network")
    shoot(page, "hub-model-offline")
    dialog.get_by_role("button", name="Cancel").click()
    failure = page.locator("#jp-main-dock-panel").get_by_role("alert")
    expect(failure).to_contain_text("it cannot be reached")
    expect(failure).to_contain_text("Check the network")
    expect(failure.get_by_role("button", name="Try again")).to_be_visible()
    expect(row(sidebar, "dataset", "nothing")).to_contain_text("it cannot be reached")
    shoot(page, "hub-dataset-offline")


def run_command_later(page, command: str) -> None:
    """A command that ends with the dialog it opens."""
    page.evaluate("command => void window.jupyterapp.commands.execute(command)", command)


def unsaved_prompt_is_not_lost(page) -> None:
    run_command(page, "ftstudio:new-prompt")
    form = page.get_by_role("form", name="Prompt")
    form.get_by_label("Completion template").fill("mine")
    close_tab(page)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Discard unsaved changes?")
    shoot(page, "close-guard")
    dialog.get_by_role("button", name="Cancel").click()
    expect(form.get_by_label("Completion template")).to_have_value("mine")
    close_tab(page)
    dialog.get_by_role("button", name="Discard").click()
    expect(form).to_be_hidden()


def close_tab(page) -> None:
    page.locator(
        "#jp-main-dock-panel .lm-TabBar-tab.jp-mod-current .lm-TabBar-tabCloseIcon"
    ).click()


def stop_and_resume(page, run: str) -> None:
    """Stopped with a checkpoint, then resumed from there, in the same tab."""
    run_command(page, "ftstudio:open-run", id=run)
    tab = page.locator("[data-run]")
    expect(tab).to_have_attribute("data-state", "running", timeout=60_000)
    loss = tab.locator("[data-chart=Loss] [data-points]")
    expect(loss).not_to_have_attribute("data-points", "0", timeout=60_000)
    tab.get_by_role("button", name="Stop…").click()
    dialog = page.get_by_role("dialog")
    shoot(page, "stop-dialog")
    dialog.get_by_role("button", name="Stop and save").click()
    expect(tab).to_have_attribute("data-state", "stopped", timeout=60_000)
    shoot(page, "run-stopped")
    assert int(loss.get_attribute("data-points")) < STEPS
    tab.get_by_role("button", name="Resume from step").click()


def go_on_to_the_end(page) -> None:
    """One curve of both halves; those who look at the run need no notification of its end."""
    tab = page.locator("[data-run]")
    expect(tab).to_have_attribute("data-state", "succeeded", timeout=60_000)
    loss = tab.locator("[data-chart=Loss] [data-points]")
    expect(loss).to_have_attribute("data-points", str(STEPS))
    page.wait_for_timeout(2500)  # the sidebar asks for its lists every two seconds
    shoot(page, "run-resumed")
    expect(page.locator(".Toastify__toast")).to_have_count(0)


def import_an_adapter(lab: Lab, page, sidebar) -> None:
    """A PEFT folder, as others hand it on."""
    [made] = (lab.root / "ftstudio" / "adapters").glob("adding*")
    shutil.copytree(made, lab.root / "handed-on", ignore=shutil.ignore_patterns("ftstudio.json"))
    run_command_later(page, "ftstudio:import-adapter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Adapter folder").fill("models/tiny")
    dialog.get_by_role("button", name="Import").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    shoot(page, "adapter-not-one")
    dialog.get_by_label("Adapter folder").fill("handed-on")
    dialog.get_by_role("button", name="Import").click()
    expect(page.get_by_role("heading", name="handed-on")).to_be_visible()
    expect(row(sidebar, "adapter", "handed-on")).to_be_visible()
    shoot(page, "adapter-imported")


def rename(page, sidebar) -> None:
    row(sidebar, "dataset", "nothing").click(button="right")
    page.get_by_role("menuitem", name="Rename").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill(LONG_NAME)
    dialog.get_by_role("button", name="Rename").click()
    expect(row(sidebar, "dataset", LONG_NAME)).to_be_visible()
    expect(page.get_by_role("heading", name=LONG_NAME)).to_be_visible()


def nothing_sticks_out(page, sidebar) -> None:
    """However narrow the sidebar, and whatever the theme; what is cut short is told on hover."""
    for theme, word in [("JupyterLab Light", "light"), ("JupyterLab Dark", "dark")]:
        run_command(page, "apputils:change-theme", theme=theme)
        page.wait_for_selector(f"body[data-jp-theme-name='{theme}']", state="attached")
        for width in (240, 300, 400):
            set_sidebar_width(page, width)
            row(sidebar, "dataset", LONG_NAME).hover()
            shoot(page, f"sidebar-{width}-{word}")
            assert sidebar.evaluate(STICKING_OUT) == []
            assert sidebar.evaluate(CUT_WITHOUT_TITLE) == []


STICKING_OUT = """
sidebar => {
  const edge = sidebar.getBoundingClientRect().right + 1;
  return [...sidebar.querySelectorAll('*:not(.jp-FtStudio-detail *)')]
    .filter(node => node.getBoundingClientRect().right > edge)
    .map(node => node.outerHTML.slice(0, 200));
}
"""
CUT_WITHOUT_TITLE = """
sidebar => [...sidebar.querySelectorAll('.jp-FtStudio-name, .jp-FtStudio-detail')]
  .filter(node => node.scrollWidth > node.clientWidth)
  .filter(node => !node.closest('[title]')?.title.includes(node.textContent))
  .map(node => node.textContent)
"""


def delete_with_what_depends_on_it(page, sidebar) -> None:
    row(sidebar, "dataset", "sums").click(button="right")
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("One prompt uses it.")
    shoot(page, "delete")
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog).to_contain_text("Delete what depends on it too?")
    shoot(page, "delete-all")
    dialog.get_by_role("button", name="Delete all").click()
    expect(row(sidebar, "dataset", "sums")).to_have_count(0)
    expect(row(sidebar, "prompt", "ask")).to_have_count(0)
    expect(row(sidebar, "adapter", "adding")).to_be_visible()
