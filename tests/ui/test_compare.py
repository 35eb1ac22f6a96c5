"""Compare in a real browser: a base model and three adapters that disagree answer side by side."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.request
from typing import Any

import pytest

from .conftest import REPOSITORY, Lab, open_lab, playwright, run_command, set_sidebar_width, shoot

expect = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.train]

NAMES = ("loud", "calm", "odd")
ROWS = 300
MADE = """
import sys
from pathlib import Path
from tests.disagreeing_adapters import make_disagreeing_adapters
from tests.tiny_model import make_tiny_model
root = Path(sys.argv[1])
make_disagreeing_adapters(make_tiny_model(root / "tiny"), root / "adapters")
make_tiny_model(root / "other", seed=1)
"""
# Slow models are first used on busy machines.
LOADED_MS = 60_000


def call(lab: Lab, method: str, path: str, body: Any = None) -> Any:
    request = urllib.request.Request(
        f"{lab.url}/ftstudio/api/{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"token {lab.token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or b"null")


@pytest.fixture(scope="module")
def adapters(lab: Lab) -> None:
    """Questions with the answer that one of the adapters gives."""
    rows = [{"question": f"Say number {n}: ", "answer": "one two three"} for n in range(ROWS)]
    (lab.root / "numbers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    made = [sys.executable, "-c", MADE, str(lab.root)]
    subprocess.run(made, cwd=REPOSITORY, check=True)
    call(lab, "POST", "datasets", {"source": {"source": "file", "path": "numbers.jsonl"}})
    for name in ("tiny", "other"):
        call(lab, "POST", "models", {"source": {"source": "directory", "path": name}})
    for name in NAMES:
        source = {"source": "directory", "path": f"adapters/{name}"}
        call(lab, "POST", "adapters", {"source": source, "base_model": "tiny"})
    turns = [("user", "{question}"), ("assistant", "{answer}")]
    chat = {
        "mode": "chat",
        "messages": [{"role": role, "content": content} for role, content in turns],
        "chat_template": "chatml",
    }
    call(lab, "POST", "prompts", {"name": "talk", "dataset": "numbers", **chat})
    templates = {"prompt_template": "{question}", "completion_template": "{answer}"}
    call(lab, "POST", "prompts", {"name": "ask", "dataset": "numbers", **templates})


def test_base_and_three_adapters_side_by_side(lab: Lab, adapters: None, page) -> None:
    open_lab(page, lab.address)
    run_command(page, "ftstudio:open-sidebar")
    begin_with_an_adapter(page)
    tab = page.locator(".jp-FtStudio-compare")
    add_the_others(page, tab)
    ask_a_random_row(tab)
    ask_the_next_row(tab)
    vote(page, tab)
    look_at_it_in_light_and_dark(page)
    cancel_a_long_grid(tab)
    reload_and_find_it(lab, page)
    reopen(page)
    close_the_page_while_it_answers(page)


def test_after_a_closed_page_a_chat_is_answered(lab: Lab, adapters: None, page) -> None:
    """Another window; whatever the closed one left behind, the next question is answered."""
    open_lab(page, lab.address.replace("/lab?", "/lab?reset&"))
    run_command(page, "ftstudio:open-sidebar")
    begin_with_an_adapter(page)
    tab = page.locator(".lm-Widget:not(.lm-mod-hidden) > .jp-FtStudio-compare").last
    tab.get_by_label("Dataset", exact=True).select_option(label="numbers")
    tab.get_by_label("Prompt", exact=True).select_option(label="talk")
    tab.get_by_role("button", name="Generate prompt example").click()
    user = tab.get_by_label("User message")
    expect(user).to_have_value(re.compile(r"Say number \d+: "))
    user.fill("Say hello")
    tab.get_by_label("Max new tokens").fill("8")
    tab.get_by_role("button", name="Compare", exact=True).click()
    done = tab.locator(".jp-FtStudio-compare-column[data-state=done]")
    expect(done).to_have_count(2, timeout=LOADED_MS)
    shoot(page, "compare-chat")


def close_the_page_while_it_answers(page) -> None:
    """In the middle of a text of many tokens."""
    tab = page.locator(".lm-Widget:not(.lm-mod-hidden) > .jp-FtStudio-compare").last
    tab.get_by_label("Max new tokens").fill("400")
    tab.get_by_role("button", name="Compare", exact=True).click()
    expect(tab).to_have_attribute("data-state", "asking", timeout=LOADED_MS)
    page.goto("about:blank")


def begin_with_an_adapter(page) -> None:
    sidebar = page.get_by_role("region", name="Fine-tuning Studio")
    sidebar.locator("[data-kind=adapter]", has_text="loud").click(button="right")
    page.get_by_role("menuitem", name="Compare with base").click()
    models = page.get_by_role("region", name="Compared models")
    expect(models.get_by_role("listitem")).to_have_count(2)


def add_the_others(page, tab) -> None:
    """One from the menu, one dragged from the sidebar; the base model comes by itself."""
    menu = tab.get_by_label("Add a model or adapter")
    menu.select_option(label="calm")
    expect(menu.locator("option", has_text="loud – is compared already")).to_be_disabled()
    sidebar = page.get_by_role("region", name="Fine-tuning Studio")
    sidebar.locator("[data-kind=adapter]", has_text="odd").drag_to(tab)
    models = tab.get_by_role("region", name="Compared models")
    expect(models.get_by_role("listitem")).to_have_count(4)
    tab.get_by_label("Dataset", exact=True).select_option(label="numbers")
    expect(tab.get_by_label("Prompt", exact=True).locator("option:checked")).to_have_text("ask")


def ask_a_random_row(tab) -> None:
    """All columns stream, each with its own numbers; one of them is right."""
    tab.get_by_role("button", name="Generate prompt example").click()
    expect(tab.get_by_label("Prompt text")).to_have_value(re.compile(r"Say number \d+: "))
    expect(tab.get_by_label("Expected answer")).to_have_value("one two three")
    tab.get_by_label("Max new tokens").fill("24")
    tab.get_by_role("button", name="Compare", exact=True).click()
    all_have_answered(tab)
    expect(column(tab, "loud")).to_contain_text("RED GREEN BLUE")
    expect(column(tab, "calm")).to_contain_text("✓ exact match")
    expect(column(tab, "odd")).to_contain_text("SELECT name FROM people;")
    expect(column(tab, "odd").locator("mark[data-kind=extra]").first).to_be_visible()
    for name in ("tiny", *NAMES):
        expect(column(tab, name)).to_contain_text(re.compile(r"first token [\d.]+ m?s"))
        expect(column(tab, name)).to_contain_text("tokens")


def column(tab, name: str):
    return tab.get_by_role("article", name=name)


def all_have_answered(tab) -> None:
    done = tab.locator(".jp-FtStudio-compare-column[data-state=done]")
    expect(done).to_have_count(4, timeout=LOADED_MS)
    expect(tab).to_have_attribute("data-state", "idle")


def ask_the_next_row(tab) -> None:
    """Without a reload of page or model; the old answers stay until new ones come."""
    results = tab.get_by_role("region", name="Results")
    before = tab.get_by_label("Prompt text").input_value()
    first = results.get_attribute("data-comparison")
    tab.get_by_label("Go to row").fill("7")
    tab.get_by_label("Go to row").press("Enter")
    expect(tab.get_by_label("Prompt text")).to_have_value("Say number 6: ")
    tab.get_by_role("button", name="Next row").click()
    expect(tab.get_by_label("Prompt text")).to_have_value("Say number 7: ")
    assert before != "Say number 7: " or first
    tab.get_by_role("button", name="Compare", exact=True).click()
    expect(results).not_to_have_attribute("data-comparison", str(first))
    all_have_answered(tab)
    expect(results).to_contain_text("row 8")


def vote(page, tab) -> None:
    button = column(tab, "calm").get_by_role("button", name="This is better")
    button.click()
    expect(column(tab, "calm").get_by_role("button", name="Your choice")).to_be_visible()
    comparisons = page.get_by_role("region", name="Comparisons", exact=True)
    expect(comparisons.locator("[data-kind=comparison]").first).to_contain_text("1 vote")


def look_at_it_in_light_and_dark(page) -> None:
    """Pictures for people; what they show is judged by eye."""
    for theme, word in [("JupyterLab Dark", "dark"), ("JupyterLab Light", "light")]:
        run_command(page, "apputils:change-theme", theme=theme)
        page.wait_for_selector(f"body[data-jp-theme-name='{theme}']", state="attached")
        page.wait_for_timeout(500)
        shoot(page, f"compare-{word}")


def cancel_a_long_grid(tab) -> None:
    """Cancelled while it answers; what was answered stays."""
    tab.get_by_label("Several rows").check()
    tab.get_by_label("Rows from").select_option("train")
    tab.get_by_label("Random rows", exact=True).fill(str(ROWS))
    tab.get_by_label("Exact", exact=True).check()
    tab.get_by_label("Blind", exact=True).check()
    tab.get_by_role("button", name="Compare", exact=True).click()
    grid = tab.get_by_role("table", name="Answers by row")
    expect(grid.locator("td[data-state=done]").first).to_be_visible(timeout=LOADED_MS)
    tab.get_by_role("button", name="Cancel").click()
    expect(tab).to_have_attribute("data-state", "idle")
    assert grid.locator("td[data-state=done]").count() < 4 * ROWS
    expect(grid.get_by_role("columnheader", name="Model A")).to_be_visible()
    shoot(tab.page, "compare-grid")


def reload_and_find_it(lab: Lab, page) -> None:
    """JupyterLab keeps its layout a moment after each change."""
    results = page.get_by_role("region", name="Results")
    shown = str(results.get_attribute("data-comparison"))
    end = time.monotonic() + 60
    while shown not in layout(lab):
        assert time.monotonic() < end, "the tab is not kept with the layout"
        page.wait_for_timeout(200)
    page.reload()
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=60_000)
    tab = page.locator(".jp-FtStudio-compare")
    expect(tab.get_by_role("listitem")).to_have_count(4)
    expect(tab.get_by_role("table", name="Answers by row")).to_be_visible()


def layout(lab: Lab) -> str:
    """JupyterLab's workspace, as its server has it."""
    address = f"{lab.url}/lab/api/workspaces/default"
    request = urllib.request.Request(address, headers={"Authorization": f"token {lab.token}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return str(answer.read().decode())


def reopen(page) -> None:
    """The comparison that was voted on, in a tab of its own, narrow."""
    comparisons = page.get_by_role("region", name="Comparisons", exact=True)
    comparisons.locator("[data-kind=comparison]", has_text="1 vote").locator("button").first.click()
    tab = page.locator(".lm-Widget:not(.lm-mod-hidden) > .jp-FtStudio-compare").last
    expect(column(tab, "calm").get_by_role("button", name="Your choice")).to_be_visible()
    expect(tab.get_by_label("Prompt text")).to_have_value("Say number 7: ")
    page.set_viewport_size({"width": 900, "height": 1200})
    set_sidebar_width(page, 280)
    page.wait_for_timeout(500)
    shoot(page, "compare-narrow")
