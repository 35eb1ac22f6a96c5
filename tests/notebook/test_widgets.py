"""Widgets beside the train form: they answer to what is typed, and never block the kernel."""

from __future__ import annotations

from .test_form import settled


def test_rows_are_leafed_through_and_searched(studio):
    browser = studio.dataset_browser("colours")
    settled(lambda: browser.page is not None)
    assert len(browser.page.rows) == 10 and browser.back_button.disabled
    assert "Say red" in browser.rows.value and "of 30" in browser.rows.value
    browser.next_button.click()
    settled(lambda: browser.page.offset == 10)
    browser.search.value = "Say green"
    settled(lambda: browser.page.offset == 0 and "Say red" not in browser.rows.value)
    assert browser.page.total == 10 and browser.next_button.disabled
    browser.dataset.value = None
    settled(lambda: "Choose a dataset" in browser.rows.value)
    browser.close()


def test_a_dataset_is_imported_from_a_path(studio, server):
    (server.root / "data" / "two.csv").write_text("a,b\n1,2\n3,4\n")
    browser = studio.dataset_browser()
    browser.path.value = "data/none.csv"
    browser.import_button.click()
    settled(lambda: "none.csv" in browser.said.value and "Importing" not in browser.said.value)
    browser.path.value = "data/two.csv"
    browser.import_button.click()
    settled(lambda: browser.page is not None and browser.page.total == 2)
    assert browser.dataset.label == "two"
    studio.datasets["two"].delete()
    browser.close()


def test_a_prompt_is_built_looked_at_and_saved(studio):
    builder = studio.prompt_builder("colours", base_model="tiny")
    settled(lambda: builder.preview is not None)
    assert "{question}" in builder.prompt.value, "suggested"
    builder.prompt.value = "Q: {question} A:"
    builder.completion.value = " {answer}"
    builder.row.value = 4
    settled(lambda: builder.preview.row == 4 and builder.preview.prompt.startswith("Q: Say green"))
    assert builder.preview.rows[0].tokens and "Tokens" in builder.shown.value
    builder.prompt.value = "Q: {quest} A:"
    settled(lambda: "quest" in builder.said.value)
    builder.prompt.value = "Q: {question} A:"
    builder.name.value = "built here"
    builder.save_button.click()
    settled(lambda: builder.saved is not None)
    assert studio.prompts["built here"].completion_template == " {answer}"
    builder.saved.delete()
    builder.close()


def test_the_train_form_shows_the_memory(studio):
    form = studio.train_form(base_model="tiny", dataset="colours", prompt="say it", max_length=64)
    settled(lambda: "Memory: about" in form.memory.value, timeout_s=60)
    assert "(fits)" in form.memory.value
    form.close()
