"""Rows are had from any place of a dataset, as JSON, without loading it."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys

import pyarrow as pa
import pytest

from ftstudio_ext.core.errors import InvalidInput, NotFound
from ftstudio_ext.workers import data_rows
from ftstudio_ext.workers.data import VERBS


@pytest.fixture
def folder(tmp_path):
    table = pa.table(
        {
            "n": range(2_500),
            "text": [f"row {n}" for n in range(2_500)],
            "odd": [float("nan")] * 2_500,
            "when": [datetime.datetime(2024, 1, 2, 3)] * 2_500,
            "raw": [b"\xff\x00"] * 2_500,
            "nested": [[{"a": float("inf")}]] * 2_500,
        }
    )
    with pa.ipc.new_stream(str(tmp_path / "train.arrow"), table.schema) as sink:
        sink.write_table(table, max_chunksize=1_000)
    return str(tmp_path)


def ask(verb, folder, **params):
    return VERBS[verb]({"dataset_dir": folder, "split_file": "train.arrow", **params}, None)


def test_rows_of_any_place_come_as_json(folder):
    page = ask("rows", folder, offset=1_999, limit=2)
    assert page["total"] == 2_500
    assert page["rows"][0] == {
        "n": 1_999,
        "text": "row 1999",
        "odd": None,
        "when": "2024-01-02T03:00:00",
        "raw": {"bytes": 2, "base64": "/wA="},
        "nested": [{"a": None}],
    }
    assert page["rows"][1]["n"] == 2_000
    json.dumps(page, allow_nan=False)


def test_rows_beyond_the_end_are_none(folder):
    assert ask("rows", folder, offset=2_500, limit=10) == {"rows": [], "total": 2_500}
    assert len(ask("rows", folder, offset=2_495, limit=10)["rows"]) == 5
    assert ask("rows", folder, offset=0, limit=0)["rows"] == []


def test_sampled_rows_are_spread_and_repeatable(folder):
    first = ask("sample_rows", folder, n=50, seed=3)
    assert first == ask("sample_rows", folder, n=50, seed=3)
    assert len(set(first["indices"])) == 50 and max(first["indices"]) > 1_500
    assert [row["n"] for row in first["rows"]] == first["indices"]


def test_a_row_is_rendered(folder):
    prompt = {"prompt_template": "{text}?", "completion_template": "{n} at {when}"}
    made = ask("render", folder, rows=[7], prompt=prompt)
    assert made["total"] == 2_500
    assert made["rows"] == [
        {
            "row": 7,
            "values": {"text": "row 7", "n": 7, "when": "2024-01-02T03:00:00"},
            "prompt": "row 7?",
            "completion": "7 at 2024-01-02T03:00:00",
            "messages": [],
            "tokens": None,
        }
    ]
    drawn = ask("render", folder, seed=1, n=3, prompt=prompt)
    assert drawn == ask("render", folder, seed=1, n=3, prompt=prompt)
    assert len({row["row"] for row in drawn["rows"]}) == 3


def test_render_says_what_is_wrong(folder):
    prompt = {"prompt_template": "{txt}", "completion_template": "{n}"}
    with pytest.raises(InvalidInput) as caught:
        ask("render", folder, rows=[0], prompt=prompt)
    assert caught.value.field == "prompt_template" and "{text}" in (caught.value.remedy or "")
    with pytest.raises(InvalidInput, match="no row 2,500") as caught:
        ask("render", folder, rows=[2_500], prompt={**prompt, "prompt_template": "{text}"})
    assert caught.value.field == "row"


def test_missing_and_damaged_files_are_said(folder, tmp_path):
    with pytest.raises(NotFound):
        VERBS["rows"]({"dataset_dir": folder, "split_file": "test.arrow"}, None)
    with pytest.raises(InvalidInput):
        VERBS["rows"]({"dataset_dir": folder, "split_file": "../train.arrow"}, None)
    (tmp_path / "bad.arrow").write_bytes(b"not arrow at all")
    with pytest.raises(InvalidInput, match="damaged"):
        VERBS["rows"]({"dataset_dir": folder, "split_file": "bad.arrow"}, None)


def test_a_replaced_file_is_read_anew(folder, tmp_path):
    assert ask("rows", folder)["total"] == 2_500
    table = pa.table({"n": [1]})
    with pa.ipc.new_stream(str(tmp_path / "new"), table.schema) as sink:
        sink.write_table(table)
    (tmp_path / "new").replace(tmp_path / "train.arrow")
    assert ask("rows", folder) == {"rows": [{"n": 1}], "total": 1}


def test_the_helper_starts_light():
    code = (
        "import sys, ftstudio_ext.workers.data as d; d.VERBS; "
        "heavy = {'torch', 'transformers', 'datasets', 'pandas', 'huggingface_hub', 'mlflow'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_answers_stay_of_a_size_that_a_browser_holds(folder, monkeypatch):
    monkeypatch.setattr(data_rows, "MAX_BYTES", 1_000)
    with pytest.raises(InvalidInput, match="an answer holds at most") as caught:
        ask("rows", folder, limit=500)
    assert caught.value.field == "limit"
    advised = int("".join(filter(str.isdigit, caught.value.remedy or "")))
    assert len(ask("rows", folder, limit=advised)["rows"]) == advised > 0
    assert 0 < len(ask("sample_rows", folder, n=100)["rows"]) < 100
    monkeypatch.setattr(data_rows, "MAX_BYTES", 1)
    prompt = {"prompt_template": "x", "completion_template": "{text}"}
    for verb, more in (("rows", {"limit": 1}), ("render", {"rows": [0], "prompt": prompt})):
        with pytest.raises(InvalidInput, match="rows are shown up to"):
            ask(verb, folder, **more)
