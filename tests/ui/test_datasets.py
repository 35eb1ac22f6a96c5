"""Datasets in a real browser: import from the file browser and by drag and drop, the grid,
a check of the rows, and its remedies in one click."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.workers.stand_in_hub import Hub, Repo, serving

from .conftest import Lab, open_lab, playwright, run_command, set_sidebar_width, shoot

expect = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.train]

ROWS = 1200
REPEATED = 30
LONG = "SELECT name\nFROM singer\nWHERE age > 40 -- the last row"


SECRET = "hf_theSecretOfAda"
CARD = {
    "license": "cc-by-4.0",
    "configs": [
        {"config_name": "easy", "default": True, "data_files": "easy.csv"},
        {"config_name": "hard", "data_files": [{"split": "test", "path": "hard.csv"}]},
    ],
}
CONFIG = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 1_000}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A hub that has two datasets, of which one is gated, and a model that is too large."""
    hub = Hub(
        models={
            "org/llama-7b": Repo({}, parameters=7 * 10**9, more={"config": CONFIG}),
            "org/llama-700b": Repo({}, parameters=7 * 10**11, more={"config": CONFIG}),
        },
        datasets={
            "org/sql": Repo(
                {"easy.csv": b"q,a\n1,2\n"}, more={"cardData": CARD, "downloads": 1234}
            ),
            "org/sql-terms": Repo(
                {"train.csv": b"q,a\n1,2\n", "test.csv": b"q,a\n3,4\n"},
                gated="manual",
                accepted={"ada"},
            ),
        },
        accounts={SECRET: "ada"},
    )
    with serving(hub):
        home = tmp_path_factory.mktemp("hub")
        yield {"HF_ENDPOINT": hub.url, "HF_HOME": str(home), "HF_HUB_OFFLINE": "0", "HF_TOKEN": ""}


@pytest.fixture(scope="module")
def files(lab: Lab) -> None:
    """A CSV file with repeated rows, and a file that is no data."""
    lines = ["id,question,answer,language"]
    for n in range(ROWS - REPEATED - 1):
        question = f"How many singers of group {n} are older than {n % 90}?"
        lines.append(f"{n},{question},SELECT count(*) FROM singer WHERE age > {n % 90},en")
    lines += [re.sub(r"^\d+", str(9000 + n), lines[1 + n]) for n in range(REPEATED)]
    lines.append(f'9999,Who is old?,"{LONG}",en')
    (lab.root / "singers.csv").write_text("\n".join(lines) + "\n")
    (lab.root / "notes.txt").write_text("nothing to learn from\n")


def test_datasets_in_the_browser(lab: Lab, files: None, page) -> None:
    open_lab(page, lab.address)
    sidebar = page.get_by_role("region", name="Fine-tuning Studio")
    import_from_the_file_browser(page)
    grid_with_the_keyboard(page)
    search_and_the_whole_cell(page)
    check(page, sidebar)
    example_leads_to_its_row(page)
    remedy_in_one_click(page)
    drop_files_on_the_sidebar(lab, page, sidebar)
    search_the_hub(page)
    gated_dataset_with_a_token(page)
    models_that_fit(page)
    look_at_it(page, sidebar)


def import_from_the_file_browser(page) -> None:
    """The context menu leads to a look at the columns, of which one is left out."""
    listing = page.get_by_role("region", name="File Browser Section")
    listing.get_by_text("notes.txt").click(button="right")
    expect(page.get_by_role("menuitem", name="Rename")).to_be_visible()
    entry = page.get_by_role("menuitem", name="Import into Fine-tuning Studio")
    expect(entry).to_be_hidden()
    page.keyboard.press("Escape")
    listing.get_by_text("singers.csv").click(button="right")
    entry.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("File or folder")).to_have_value("singers.csv")
    look = dialog.get_by_role("region", name="What will be imported")
    expect(look).to_contain_text("How many singers of group 0 are")
    look.get_by_label("Import the column id").uncheck()
    look.get_by_label("Title of the column answer").fill("sql")
    shoot(page, "import-dataset")
    dialog.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="singers", exact=True)).to_be_visible()
    headers = page.get_by_role("grid").get_by_role("columnheader")
    expect(headers).to_have_text(
        ["#", re.compile("^question"), re.compile("^sql"), re.compile("^language")]
    )


def grid_with_the_keyboard(page) -> None:
    """Ctrl+End leads to the last row, which is fetched when it comes into view."""
    grid = page.get_by_role("grid")
    expect(grid).to_contain_text("How many singers of group 0 are")
    grid.focus()
    page.keyboard.press("Control+End")
    expect(grid.get_by_role("row").last).to_contain_text("Who is old?")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    cell = page.get_by_role("complementary", name="Cell")
    expect(cell.get_by_label("Value", exact=True)).to_have_text(LONG)
    shoot(page, "dataset-cell")
    page.get_by_label("Go to row").fill("1")
    page.get_by_label("Go to row").press("Enter")
    expect(grid).to_contain_text("How many singers of group 0 are")


def search_and_the_whole_cell(page) -> None:
    """Hits keep the numbers of their rows."""
    page.get_by_label("Search", exact=True).fill("the last row")
    rows = page.get_by_role("region", name="Rows", exact=True)
    expect(rows).to_contain_text("1 row has “the last row”")
    expect(rows.get_by_role("rowheader")).to_have_text([f"{ROWS:,}"])
    page.get_by_label("Search", exact=True).fill("")
    expect(rows).to_contain_text(f"{ROWS:,} rows")
    rows.get_by_role("button", name="Close").click()


def check(page, sidebar) -> None:
    page.get_by_role("button", name="Check this dataset").click()
    findings = page.get_by_role("list", name="Findings")
    expect(findings.locator("[data-code=duplicates]")).to_be_visible(timeout=60_000)
    expect(findings.locator("[data-code=duplicates]")).to_contain_text(str(REPEATED))
    expect(findings.locator("[data-code=constant_column]")).to_contain_text("language")
    expect(page.get_by_role("button", name="Check again")).to_be_visible()
    expect(page.get_by_role("group", name="Columns")).to_contain_text("question")
    run_command(page, "ftstudio:open-sidebar")
    expect(sidebar.locator("[data-kind=dataset]")).to_contain_text("findings")
    shoot(page, "dataset-findings")


def example_leads_to_its_row(page) -> None:
    example = page.locator("[data-code=duplicates]").get_by_role("button", name="row").first
    number = re.search(r"[\d,]+$", example.inner_text())
    assert number
    example.click()
    expect(page.get_by_role("complementary", name="Cell")).to_contain_text(f"Row {number[0]}")
    expect(page.get_by_role("grid").locator("[data-current=true]")).to_contain_text(number[0])


def remedy_in_one_click(page) -> None:
    """The cleaned copy opens; the dataset itself stays."""
    page.locator("[data-code=duplicates]").get_by_role("button").last.click()
    tab = page.locator("#jp-main-dock-panel")
    expect(tab.get_by_role("heading", name="singers-clean")).to_be_visible()
    expect(tab).to_contain_text("A cleaned copy of singers")
    expect(tab.get_by_text(f"{ROWS - REPEATED:,} rows").last).to_be_visible(timeout=60_000)
    shoot(page, "dataset-clean")


def drop_files_on_the_sidebar(lab: Lab, page, sidebar) -> None:
    """Dropped files are uploaded, each for the split that its name speaks of; then nothing of
    the upload is left but the imported copy."""
    section = sidebar.get_by_role("region", name="Datasets", exact=True)
    dropped = page.evaluate_handle(DROPPED)
    for event in ("dragenter", "dragover", "drop"):
        section.dispatch_event(event, {"dataTransfer": dropped})
    dialog = page.get_by_role("dialog")
    chosen = dialog.get_by_role("list", name="Files")
    expect(chosen).to_contain_text("cities-train.jsonl")
    expect(chosen.get_by_label("Used for: ").nth(1)).to_have_value("test")
    expect(dialog.get_by_role("region", name="What will be imported")).to_contain_text("Bern")
    shoot(page, "import-upload")
    dialog.get_by_label("Name", exact=True).fill("cities")
    dialog.get_by_role("button", name="Import", exact=True).click()
    tab = page.locator("#jp-main-dock-panel")
    expect(tab.get_by_role("heading", name="cities")).to_be_visible()
    expect(tab).to_contain_text("3 rows (train 2, test 1)")
    assert not list((lab.root / "ftstudio" / "uploads").rglob("*.jsonl"))


DROPPED = """
() => {
  const rows = cities => cities.map(city => JSON.stringify({city})).join('\\n') + '\\n';
  const transfer = new DataTransfer();
  transfer.items.add(new File([rows(['Bern', 'Rome'])], 'cities-train.jsonl'));
  transfer.items.add(new File([rows(['Oslo'])], 'cities-test.jsonl'));
  return transfer;
}
"""


def open_dialog(page, command: str):
    page.evaluate("command => void window.jupyterapp.commands.execute(command)", command)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def search_the_hub(page) -> None:
    """Words lead to datasets, and a dataset to its subsets and splits."""
    dialog = open_dialog(page, "ftstudio:import-dataset")
    dialog.get_by_label("Hugging Face hub").check()
    dialog.get_by_label("Dataset id").fill("sql")
    results = dialog.get_by_role("list", name="Datasets of the hub")
    expect(results).to_contain_text("1,234 downloads")
    expect(results.get_by_role("button", name="org/sql-terms")).to_contain_text("gated")
    shoot(page, "hub-search")
    results.get_by_role("button", name="1,234 downloads").click()
    expect(dialog.get_by_label("Dataset id")).to_have_value("org/sql")
    expect(dialog.get_by_label("Subset").locator("option")).to_have_count(2)
    shoot(page, "hub-datasets")


def gated_dataset_with_a_token(page) -> None:
    """What is missing is said, the token is set in between, and the import goes on."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Dataset id").fill("org/sql-terms")
    dialog.get_by_role("button", name="Hugging Face token…").click()
    expect(dialog.get_by_label("New token")).to_be_focused()
    expect(dialog.get_by_role("status")).to_contain_text("No token is set")
    dialog.get_by_label("New token").fill("hf_nobodys")
    dialog.get_by_role("button", name="Test and save").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    shoot(page, "hub-token")
    dialog.get_by_label("New token").fill(SECRET)
    dialog.get_by_role("button", name="Test and save").click()
    expect(dialog.get_by_label("Dataset id")).to_have_value("org/sql-terms")
    expect(dialog.get_by_role("button", name="Hugging Face token…")).to_be_hidden()
    dialog.get_by_role("button", name="Import", exact=True).click()
    tab = page.locator("#jp-main-dock-panel")
    expect(tab.get_by_role("heading", name="sql-terms")).to_be_visible()
    expect(tab).to_contain_text("2 rows (train 1, test 1)", timeout=60_000)
    token = open_dialog(page, "ftstudio:hub-token")
    token.get_by_role("button", name="Test", exact=True).click()
    expect(token.get_by_role("status")).to_contain_text("The token is good. It is ada’s.")
    token.get_by_role("button", name="Forget").click()
    expect(token.get_by_role("status")).to_contain_text("No token is set")
    token.get_by_role("button", name="Cancel").click()


def models_that_fit(page) -> None:
    dialog = open_dialog(page, "ftstudio:import-model")
    dialog.get_by_label("Hugging Face hub").check()
    dialog.get_by_label("Model id").fill("llama")
    results = dialog.get_by_role("list", name="Models of the hub")
    expect(results.get_by_role("button", name="org/llama-700b")).to_contain_text("too large")
    results.get_by_role("button", name="org/llama-700b").click()
    expect(dialog.get_by_role("region", name="About org/llama-700b")).to_contain_text("4 bits")
    shoot(page, "hub-models")
    dialog.get_by_role("button", name="Cancel").click()


def look_at_it(page, sidebar) -> None:
    """Pictures for people, and nothing that sticks out beside a sidebar of 300 pixels."""
    sidebar.locator("[data-kind=dataset]", has_text="findings").first.click()
    page.set_viewport_size({"width": 900, "height": 900})
    set_sidebar_width(page, 300)
    for theme, word in [("JupyterLab Dark", "dark"), ("JupyterLab Light", "light")]:
        run_command(page, "apputils:change-theme", theme=theme)
        page.wait_for_selector(f"body[data-jp-theme-name='{theme}']", state="attached")
        page.wait_for_selector("#jupyterlab-splash", state="detached")
        expect(page.get_by_role("list", name="Findings")).to_be_visible()
        shoot(page, f"dataset-narrow-{word}")
        box = page.locator(".jp-FtStudio-tab:visible > .jp-FtStudio")
        assert box.evaluate("node => node.scrollWidth - node.clientWidth") <= 0
