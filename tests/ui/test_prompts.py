"""A new user's way to a prompt, in a real browser: columns, chips, tokens, a warning, its remedy."""

from __future__ import annotations

import csv
import re
import subprocess
import sys

import pytest

from .conftest import REPOSITORY, Lab, open_lab, playwright, run_command, set_sidebar_width, shoot

expect = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.train]

FIELDS = ["id", "sql_prompt", "sql_context", "sql"]
TABLES = ["people", "cities", "orders", "films"]
ROWS = 60
FIVE = 5
TOO_SHORT = 60
TASK = "Write the SQL that answers the question.\n\n### Table\n"
MODEL = """
import sys
from pathlib import Path
from tests.tiny_model import make_tiny_model
make_tiny_model(Path(sys.argv[1]), layers=1, chat_template=True)
"""


@pytest.fixture(scope="module")
def rows(lab: Lab) -> list[dict[str, str]]:
    """What a person has before the first click: a table of questions and answers, a model."""
    made = [row_of(number) for number in range(ROWS)]
    with (lab.root / "text-to-sql.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        writer.writerows(made)
    command = [sys.executable, "-c", MODEL, str(lab.root / "models" / "tiny")]
    subprocess.run(command, cwd=REPOSITORY, check=True)
    return made


def row_of(number: int) -> dict[str, str]:
    table = TABLES[number % len(TABLES)]
    return {
        "id": str(number),
        "sql_prompt": f"How many {table} have a size above {number}?",
        "sql_context": f"CREATE TABLE {table} (name TEXT, size INTEGER);",
        "sql": f"SELECT COUNT(*) FROM {table} WHERE size > {number};",
    }


def test_prompt_tokens_warning_and_remedy(lab: Lab, rows, page) -> None:
    open_lab(page, lab.address)
    run_command(page, "ftstudio:open-sidebar")
    sidebar = page.get_by_role("region", name="Fine-tuning Studio")
    import_both(page, sidebar)
    find_the_sql_columns(page)
    write_the_prompt(page, sidebar)
    see_what_is_learned(page, rows)
    be_warned_and_mend_it(page)
    hand_it_on_to_a_run(page)
    chat_of_the_same(page, sidebar)
    look_at_it_in_light_and_dark(page)


def section(sidebar, name: str):
    return sidebar.get_by_role("region", name=name, exact=True)


def import_both(page, sidebar) -> None:
    dialog = page.get_by_role("dialog")
    section(sidebar, "Models & adapters").get_by_role("button", name="Import a base model").click()
    dialog.get_by_label("Model folder").fill("models/tiny")
    dialog.get_by_role("button", name="Import").click()
    expect(section(sidebar, "Models & adapters").locator("[data-kind=model]")).to_be_visible()
    section(sidebar, "Datasets").get_by_role("button", name="Import a dataset").click()
    dialog.get_by_label("File or folder").fill("text-to-sql.csv")
    dialog.get_by_label("Name", exact=True).fill("text-to-sql")
    dialog.get_by_role("button", name="Import", exact=True).click()


def find_the_sql_columns(page) -> None:
    tab = page.locator("#jp-main-dock-panel")
    expect(tab.get_by_role("heading", name="text-to-sql")).to_be_visible()
    for name in FIELDS:
        expect(tab.get_by_role("columnheader", name=name).first).to_be_visible()


def write_the_prompt(page, sidebar) -> None:
    """By typing, and with the columns' chips; a misspelt column is told while it is typed."""
    section(sidebar, "Datasets").get_by_text("text-to-sql").hover()
    sidebar.get_by_role("button", name="New prompt for text-to-sql").click()
    form = page.get_by_role("form", name="Prompt")
    prompt, completion = editors(form)
    expect(completion).to_have_value("{sql}")
    chips = form.get_by_role("group", name=re.compile("Insert a column"))
    prompt.fill("{sql_promt}")
    expect(form.get_by_role("alert")).to_contain_text("Did you mean {sql_prompt}?")
    shoot(page, "prompt-unknown-column")
    prompt.fill(TASK)
    chips.get_by_role("button", name=re.compile("^sql_context")).click()
    expect(prompt).to_be_focused()
    page.keyboard.insert_text("\n\n### Question\n")
    chips.get_by_role("button", name=re.compile("^sql_prompt")).click()
    page.keyboard.insert_text("\n\n### SQL\n")
    expect(prompt).to_have_value(TASK + "{sql_context}\n\n### Question\n{sql_prompt}\n\n### SQL\n")
    completion.fill("")
    chips.get_by_role("button", name=re.compile("^sql ?[a-z]")).drag_to(completion)
    expect(completion).to_have_value("{sql}")
    example = page.get_by_role("region", name="Prompt example")
    expect(example.locator("pre").first).to_contain_text("CREATE TABLE")
    form.get_by_label("Name").fill("question to SQL")
    form.get_by_role("button", name="Save").click()
    expect(section(sidebar, "Prompts").locator("[data-kind=prompt]")).to_be_visible()


def editors(form):
    return form.get_by_label("Prompt template"), form.get_by_label("Completion template")


def see_what_is_learned(page, rows) -> None:
    """Five rows: what is coloured as learned is the answer, all of it, and nothing else."""
    example = page.get_by_role("region", name="Prompt example")
    example.get_by_role("tab", name="Tokens").click()
    example.get_by_label("Five rows").check()
    boxes = example.locator(".jp-FtStudio-tokens[role=group]")
    expect(boxes).to_have_count(FIVE)
    first = example.get_by_label("Row", exact=True)
    first.fill("11")
    first.press("Enter")
    expect(boxes.first).to_have_attribute("aria-label", re.compile("row 11$"))
    for box, row in zip(boxes.all(), rows[10 : 10 + FIVE], strict=True):
        assert text_of(box, "learned") == row["sql"]
        assert text_of(box, "end") == "</s>"
        masked = text_of(box, "masked")
        assert masked.startswith(TASK) and row["sql_prompt"] in masked
    expect(
        example.get_by_text(re.compile(r"\d+ tokens · \d+ learned \(\d+ %\)")).first
    ).to_be_visible()
    shoot(page, "prompt-tokens")


def text_of(box, state: str) -> str:
    """The text of the tokens in this state, with its spaces and line ends as they were."""
    shown = "".join(box.locator(f"[data-state={state}]").all_text_contents())
    return shown.replace("↵\n", "\n").replace("·", " ")


def be_warned_and_mend_it(page) -> None:
    example = page.get_by_role("region", name="Prompt example")
    length = example.get_by_role("textbox", name="Max length")
    length.fill(str(TOO_SHORT))
    checks = example.get_by_role("region", name="Checks")
    expect(checks).to_contain_text(re.compile("longer|left out"))
    expect(example.locator("[data-state=over]").first).to_be_visible()
    shoot(page, "prompt-too-long")
    mend(checks)
    expect(example.locator("[data-state=over]")).to_have_count(0)
    assert int(length.input_value()) > TOO_SHORT


def mend(checks) -> None:
    checks.get_by_role("button", name=re.compile("max", re.IGNORECASE)).first.click()


def hand_it_on_to_a_run(page) -> None:
    """What was found here holds there: the length goes along, and the same finding has a button."""
    example = page.get_by_role("region", name="Prompt example")
    mended = example.get_by_role("textbox", name="Max length").input_value()
    main = page.locator("#jp-main-dock-panel")
    main.get_by_role("button", name="New training run").click()
    form = page.get_by_role("form", name="Training run")
    length = form.get_by_label("Max sequence length")
    expect(length).to_have_value(mended)
    summary = page.get_by_role("complementary", name="Summary of the run")
    length.fill(str(TOO_SHORT))
    expect(summary.get_by_role("list", name="Checks")).to_contain_text(
        re.compile("longer|left out")
    )
    shoot(page, "train-too-long")
    mend(summary)
    expect(length).not_to_have_value(str(TOO_SHORT))
    expect(summary.get_by_role("list", name="Checks")).not_to_contain_text("longer")


def chat_of_the_same(page, sidebar) -> None:
    """The same prompt as messages, in the words of the model's own chat template."""
    section(sidebar, "Prompts").locator("[data-kind=prompt]").first.click()
    form = page.get_by_role("form", name="Prompt")
    form.get_by_label("Chat").check()
    expect(form.get_by_label("Message 2", exact=True)).to_have_value("{sql}")
    example = page.get_by_role("region", name="Prompt example")
    example.get_by_role("tab", name="Text").click()
    expect(example.get_by_text("<assistant>").first).to_be_visible()
    shoot(page, "prompt-chat")


def look_at_it_in_light_and_dark(page) -> None:
    """Pictures for people; what they show is judged by eye."""
    form = page.get_by_role("form", name="Prompt")
    example = page.get_by_role("region", name="Prompt example")
    form.get_by_label("Text", exact=True).check()
    example.get_by_role("textbox", name="Max length").fill(str(TOO_SHORT))
    expect(example.get_by_text("<assistant>")).to_have_count(0)
    for theme, word in [("JupyterLab Dark", "dark"), ("JupyterLab Light", "light")]:
        run_command(page, "apputils:change-theme", theme=theme)
        page.wait_for_selector(f"body[data-jp-theme-name='{theme}']", state="attached")
        for panel in ("Text", "Tokens"):
            example.get_by_role("tab", name=panel).click()
            page.wait_for_timeout(300)
            shoot(page, f"prompt-{panel.lower()}-{word}")
    page.set_viewport_size({"width": 900, "height": 900})
    set_sidebar_width(page, 300)
    page.wait_for_timeout(300)
    shoot(page, "prompt-narrow")
