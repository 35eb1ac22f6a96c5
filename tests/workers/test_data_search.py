"""Rows are found by what they say, a page at a time, in any size of dataset."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ftstudio_ext.jobs.helper_server import Cancelled, Context
from ftstudio_ext.workers import data_search


def context() -> Context:
    return Context(lambda message: None, 1)


def write(folder: Path, batches: list[dict[str, Any]]) -> str:
    folder.mkdir(exist_ok=True)
    made = [pa.record_batch({k: pa.array(v) for k, v in columns.items()}) for columns in batches]
    with pa.ipc.new_stream(str(folder / "train.arrow"), made[0].schema) as sink:
        for batch in made:
            sink.write_batch(batch)
    return str(folder)


def search(folder: str, q: str, **more: Any) -> dict[str, Any]:
    place = {"dataset_dir": folder, "split_file": "train.arrow"}
    return data_search.search_rows({**place, "q": q, **more}, context())


@pytest.fixture
def numbered(tmp_path: Path) -> str:
    """3,000 rows in three batches; every hundredth says Needle."""
    batches = [
        {
            "n": list(range(start, start + 1_000)),
            "text": [
                f"a Needle at {n}" if n % 100 == 0 else f"hay {n}"
                for n in range(start, start + 1_000)
            ],
        }
        for start in (0, 1_000, 2_000)
    ]
    return write(tmp_path / "ds", batches)


def test_hits_come_with_their_row_numbers_whatever_the_letter_case(numbered: str):
    page = search(numbered, "needle", limit=4)
    assert page["indices"] == [0, 100, 200, 300]
    assert page["rows"][1] == {"n": 100, "text": "a Needle at 100"}
    assert (page["total"], page["complete"], page["next_offset"]) == (30, True, 4)


def test_pages_follow_each_other_to_the_end(numbered: str):
    seen: list[int] = []
    offset: int | None = 0
    while offset is not None:
        page = search(numbered, "NEEDLE", offset=offset, limit=7)
        seen += page["indices"]
        offset = page["next_offset"]
    assert seen == list(range(0, 3_000, 100))
    beyond = search(numbered, "needle", offset=99)
    assert (beyond["rows"], beyond["next_offset"]) == ([], None)


def test_text_that_is_nowhere_and_signs_are_taken_letter_by_letter(numbered: str, tmp_path: Path):
    nothing = search(numbered, "n.edle")
    assert (nothing["rows"], nothing["total"], nothing["complete"]) == ([], 0, True)
    folder = write(tmp_path / "signs", [{"t": ["50 % (off)", None, "ÄPFEL"]}])
    assert search(folder, "(OFF")["indices"] == [0]
    assert search(folder, "äpfel")["indices"] == [2]


def test_text_inside_messages_is_found(tmp_path: Path):
    talks = [
        [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Good day"}],
        [],
        [{"role": "user", "content": "hello again"}],
        None,
    ]
    folder = write(tmp_path / "ds", [{"messages": talks, "tags": [["x"], ["HELLO"], [], None]}])
    assert search(folder, "hello")["indices"] == [0, 1, 2]
    assert search(folder, "day")["indices"] == [0]


def test_a_search_that_runs_out_of_time_says_at_least_and_goes_on(
    numbered: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(data_search, "TIME_S", 0)
    first = search(numbered, "eedle")
    assert (first["complete"], first["total"], first["searched"]) == (False, 10, 1_000)
    assert first["next_offset"] == 10
    second = search(numbered, "eedle", offset=10)
    assert second["indices"] == list(range(1_000, 2_000, 100))
    third = search(numbered, "eedle", offset=20)
    assert (third["complete"], third["total"], third["next_offset"]) == (True, 30, None)


def test_a_search_nobody_waits_for_ends(numbered: str):
    gone = context()
    gone.cancel()
    place = {"dataset_dir": numbered, "split_file": "train.arrow"}
    with pytest.raises(Cancelled):
        data_search.search_rows({**place, "q": "never asked before"}, gone)


def test_the_same_search_twice_at_once_counts_each_hit_once(numbered: str):
    pages: list[dict[str, Any]] = []
    threads = [
        threading.Thread(target=lambda: pages.append(search(numbered, "hay 1"))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({page["total"] for page in pages}) == 1 and len(pages) == 4
