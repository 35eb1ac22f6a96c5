"""What the client lists, imports and says, against a real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio_ext.notebook.errors import NotFoundError, StudioApiError

from .conftest import write_colours


def test_status_says_where_and_on_what(studio, server):
    status = studio.status()
    assert status.workspace == str(server.root / "ftstudio")
    assert "free of" in status._repr_html_()
    assert "workspace" in repr(status)


def test_a_file_is_imported_and_looked_at(studio):
    dataset = studio.datasets["colours"]
    assert (dataset.rows, len(dataset.head(3)), dataset.head(2, offset=28)[1]["id"]) == (30, 3, 29)
    assert "question" in dataset.head()._repr_html_()
    assert "30 rows (train 30)" in repr(dataset)
    assert dataset.id in studio.datasets and "no such" not in studio.datasets


def test_splits_are_imported_from_files_of_their_own(studio, server):
    write_colours(server.root / "data" / "test.jsonl", rows=6)
    files = {"train": "data/colours.jsonl", "test": Path("data/test.jsonl")}
    dataset = studio.datasets.add(files, name="two splits")
    assert {split.name: split.rows for split in dataset.splits} == {"train": 30, "test": 6}
    dataset.delete()
    assert "two splits" not in studio.datasets


def test_paths_start_at_the_notebook_or_at_the_root(studio, server, monkeypatch):
    below = server.root / "work" / "deep"
    below.mkdir(parents=True, exist_ok=True)
    write_colours(server.root / "work" / "mine.jsonl", rows=5)
    monkeypatch.chdir(below)
    assert studio.server_path("../mine.jsonl") == "work/mine.jsonl"
    assert studio.server_path("data/colours.jsonl") == "data/colours.jsonl"
    assert studio.server_path(server.root / "models") == "models"
    assert studio.server_path("/elsewhere/x.csv") == "/elsewhere/x.csv"


def test_lists_page_behind_the_scenes(studio, monkeypatch):
    monkeypatch.setattr("ftstudio_ext.notebook.listing.PAGE", 2)
    presets = list(studio.presets)
    assert len(presets) == len(studio.presets) > 4
    assert len({preset.id for preset in presets}) == len(presets)
    assert studio.presets[0].name == presets[0].name
    assert studio.presets[-1].name == presets[-1].name
    with pytest.raises(IndexError):
        studio.presets[1000]


def test_lists_show_themselves_as_escaped_tables(studio):
    prompt = studio.prompts.create("angle", "colours", "<script>{question}", "{answer}")
    assert "&lt;script&gt;" in prompt._repr_html_() and "<script>" not in prompt._repr_html_()
    assert "&lt;script&gt;" in studio.prompts._repr_html_()
    assert [found.name for found in studio.prompts.find("angl")] == ["angle"]
    prompt.delete()
    assert "angle" not in studio.prompts


def test_a_prompt_is_suggested_saved_and_tried(studio):
    suggestion = studio.prompts.suggest("colours")
    assert suggestion.output_column == "answer" and "id" in suggestion.ignored_columns
    prompt = suggestion.save("suggested")
    preview = prompt.preview(row=1)
    assert "Say green" in preview.prompt and preview.completion.strip() == "green"
    assert "Say green" in preview._repr_html_()
    loose = studio.prompts.preview(
        dataset="colours", prompt_template="{question}", completion_template="{answer}", row=2
    )
    assert (loose.prompt, loose.completion) == ("Say blue", "blue")
    prompt.delete()


def test_a_chat_prompt_is_shown_as_tokens(studio):
    messages = [
        {"role": "user", "content": "{question}"},
        {"role": "assistant", "content": "{answer}"},
    ]
    prompt = studio.prompts.create("talk", "colours", messages=messages, chat_template="headings")
    assert "{question}" in repr(prompt) and "Assistant" in prompt._repr_html_()
    shown = prompt.preview(rows=[1, 2], model="tiny", max_length=64)
    assert shown.checks == [] and shown.prompt == "### User:\nSay green\n\n### Assistant:\n"
    learned = [token.text for token in shown.rows[0].tokens.tokens if token.learned]
    assert "".join(learned) == "green</s>" and "learned" in shown._repr_html_()
    solved = prompt.with_examples(1)
    assert len(solved.examples) == 1 and solved.preview(row=0).prompt.count("User:") == 2
    assert solved.with_examples(0).examples == []
    prompt.delete()


def test_presets_are_kept(studio):
    studio.presets.create("small", "lora", {"r": 4}, description="tiny")
    assert studio.presets["small"].config == {"r": 4}
    studio.presets["small"].delete()


def test_preflight_counts_before_anything_starts(studio):
    plan = studio.preflight(
        name="plan",
        base_model=studio.models["tiny"],
        dataset="colours",
        prompt="say it",
        max_length=64,
        lora__r=8,
    )
    assert plan.ready and plan.rows.train > 20 and plan.steps.total_steps > 0
    assert "training" in repr(plan) and "steps of" in plan._repr_html_()
    broken = studio.preflight(name="plan", base_model="tiny", dataset="colour", prompt="say it")
    assert not broken.ready and broken.blocking[0].field == "dataset"


def test_errors_are_sentences_with_a_remedy(studio):
    with pytest.raises(NotFoundError, match="no such") as missing:
        studio.datasets["no such"]
    assert isinstance(missing.value, KeyError)
    with pytest.raises(StudioApiError) as outside:
        studio.datasets.add("/etc/passwd")
    assert outside.value.code == "forbidden" and "root" in str(outside.value)
    assert outside.value._render_traceback_()[1].startswith("→ ")
    with pytest.raises(StudioApiError) as wrong:
        studio.train(
            name="x", base_model="tiny", dataset="colours", prompt="say it", lora={"r": -1}
        )
    assert wrong.value.field == "lora.r" and "'lora.r' is -1" in wrong.value.message
    with pytest.raises(StudioApiError, match="max_length"):
        studio.train(
            name="x", base_model="tiny", dataset="colours", prompt="say it", max_seq_length=8
        )
    assert "x" not in [job.name for job in studio.jobs]
