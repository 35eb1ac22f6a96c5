"""The dataset doctor on hand-made data: each finding where it is, and nowhere else."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ftstudio_ext.schema.datasets import Dataset
from ftstudio_ext.schema.profiles import Finding, Profile, ProfileSpec
from ftstudio_ext.schema.prompts import Prompt
from ftstudio_ext.workers.data_files import SplitWriter, staging, write_record
from ftstudio_ext.workers.profile import profile_of
from ftstudio_ext.workers.profiling import examination
from ftstudio_ext.workers.profiling.columns import ColumnScan
from ftstudio_ext.workers.profiling.marks import read_marks
from ftstudio_ext.workers.profiling.reading import Source
from ftstudio_ext.workers.profiling.similar import band_keys

Rows = list[dict[str, Any]]
WORDS = [f"{a}{b}" for a in ("ba", "de", "fi", "go", "lu") for b in ("ram", "sk", "tol", "vex")]


def sentence(seed: int, words: int = 12) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=words))


def good_rows(count: int, seed: int = 0) -> Rows:
    """Rows that nobody can find fault with."""
    return [
        {"question": sentence(seed + n), "answer": sentence(10_000 + seed + n, 6)}
        for n in range(count)
    ]


def source_of(folder: Path, **splits: Rows) -> Source:
    """A dataset as an import would have written it."""
    destination = folder / "ds_1"
    with staging(destination) as place:
        written, schema = [], pa.Table.from_pylist(next(iter(splits.values()))).schema
        for name, rows in splits.items():
            writer = SplitWriter(place, name)
            for start in range(0, len(rows), 1_000):
                table = pa.Table.from_pylist(rows[start : start + 1_000], schema=schema)
                writer.write(table.to_batches()[0])
            written.append(writer.finish(schema))
        source = {"source": "file", "path": "x.jsonl"}
        made = write_record(
            place, dataset_id="ds_1", name="x", source=source, schema=schema, splits=written
        )
    return Source(Dataset.model_validate(made), destination)


def prompt(question: str = "{question}", answer: str = "{answer}") -> Prompt:
    return Prompt(
        id="pr_1", name="p", dataset_id="ds_1", prompt_template=question, completion_template=answer
    )


def examined(source: Source, of: Prompt | None = None, **spec: Any) -> Profile:
    made, report = profile_of(
        source, of, None, ProfileSpec(dataset="x", **spec), lambda phase, done, total: None
    )
    report.marks.write(source.folder / "marks.arrow", source)
    return made


def found(profile: Profile) -> dict[str, Finding]:
    return {finding.id: finding for finding in profile.findings}


def marked(source: Source, finding: str) -> dict[str, list[int]]:
    """The rows that a remedy would drop."""
    rows = read_marks(source.folder / "marks.arrow", {finding})
    return {split: places.tolist() for split, places in rows.items()}


def test_rows_without_fault_have_no_findings(tmp_path: Path):
    source = source_of(tmp_path, train=good_rows(300), test=good_rows(60, seed=50_000))
    profile = examined(source)
    assert (profile.findings, profile.notes, profile.rows) == ([], [], 360)
    assert profile.content_hash == source.dataset.content_hash
    assert examined(source, prompt()).findings == []


def test_empty_rows_and_cells(tmp_path: Path):
    rows = good_rows(100)
    rows[7] = {"question": None, "answer": " \n"}
    rows[9]["answer"] = ""
    rows[20]["answer"] = None
    source = source_of(tmp_path, train=rows)
    profile = examined(source, prompt())
    nothing, cells = found(profile)["empty_rows"], found(profile)["empty_cells:answer"]
    assert (nothing.count, nothing.rows[0].row, nothing.level) == (1, 7, "warning")
    assert nothing.message == "1 row has nothing in the prompt's columns."
    assert (cells.count, [ref.row for ref in cells.rows]) == (2, [9, 20])
    assert cells.fix and cells.fix.kind == "drop_rows" and cells.fix.finding == cells.id
    assert marked(source, cells.id) == {"train": [9, 20]}
    assert set(found(profile)) == {"empty_rows", "empty_cells:answer"}
    answer = next(column for column in profile.columns if column.name == "answer")
    assert (answer.nulls, answer.blank, answer.used) == (1, 2, True)


def test_repeated_rows_keep_the_first(tmp_path: Path):
    rows = good_rows(50)
    rows[10], rows[30], rows[49] = dict(rows[3]), dict(rows[3]), dict(rows[4])
    source = source_of(tmp_path, train=[{"id": n, **row} for n, row in enumerate(rows)])
    profile = examined(source)
    finding = found(profile)["duplicates"]
    assert (finding.count, finding.share, finding.level) == (3, 0.06, "warning")
    assert [(r.row, r.same_as, r.same_as_split) for r in finding.rows] == [
        (10, 3, "train"),
        (30, 3, "train"),
        (49, 4, "train"),
    ]
    assert profile.compared_by == ["question", "answer"]
    assert "compared by question, answer" in finding.message
    assert marked(source, "duplicates") == {"train": [10, 30, 49]}
    assert set(found(profile)) == {"duplicates", "id_like_column:id"}


def test_numbers_whose_python_hashes_clash_are_not_the_same_row(tmp_path: Path):
    rows = [{"a": -1, "b": sentence(1)}, {"a": -2, "b": sentence(1)}, {"a": None, "b": "x y"}]
    assert "duplicates" not in found(examined(source_of(tmp_path, train=rows)))


def test_rows_of_the_test_split_are_found_in_the_training_split(tmp_path: Path):
    train, test = good_rows(200), good_rows(40, seed=70_000)
    test[5], test[6] = dict(train[150]), dict(train[2])
    # The test split comes first in the file's order: what is trained on is told by the name.
    source = source_of(tmp_path, test=test, train=train)
    finding = found(examined(source))["leaked_rows"]
    assert (finding.count, finding.level) == (2, "warning")
    assert [(r.split, r.row, r.same_as_split, r.same_as) for r in finding.rows] == [
        ("train", 2, "test", 6),
        ("train", 150, "test", 5),
    ]
    assert finding.fix and finding.fix.kind == "drop_leaked"
    assert marked(source, "leaked_rows") == {"train": [2, 150]}


def test_rows_that_differ_by_a_few_words_or_signs(tmp_path: Path):
    rows = good_rows(200)
    rows[50] = {**rows[20], "question": rows[20]["question"].upper() + "!"}
    long = sentence(99, 60).split()
    rows[60]["question"] = " ".join(long)
    rows[61] = {**rows[60], "question": " ".join([*long[:30], "other", *long[31:]])}
    rows[70]["answer"] = rows[71]["answer"]  # alike in one column only
    rows[80] = {**rows[81], "answer": "no"}
    source = source_of(tmp_path, train=rows)
    finding = found(examined(source))["near_duplicates"]
    assert marked(source, finding.id) == {"train": [50, 61]}
    assert [(r.row, r.same_as) for r in finding.rows] == [(50, 20), (61, 60)]
    assert "near_duplicates" not in found(examined(source, near_duplicates=False))


def test_the_more_held_out_of_two_similar_rows_stays(tmp_path: Path):
    train, test = good_rows(30), good_rows(30, seed=80_000)
    test[3] = {**train[12], "question": train[12]["question"].title()}
    source = source_of(tmp_path, train=train, test=test)
    finding = found(examined(source))["near_duplicates"]
    assert marked(source, finding.id) == {"train": [12]}
    assert finding.level == "warning" and "held out" in finding.message


def test_code_that_differs_in_a_sign_is_different(tmp_path: Path):
    rows = [{"sum": f"{a} {sign} {b}"} for a in range(20) for b in range(20) for sign in "+-*/<>="]
    assert found(examined(source_of(tmp_path, train=rows))) == {}


def test_texts_without_spaces_are_compared_too(tmp_path: Path):
    text = "".join(chr(0x4E00 + n * 7) for n in range(60))
    rows = [{"text": text}, {"text": text.replace(text[30], "一")}, {"text": text[::-1]}]
    source = source_of(tmp_path, train=rows)
    assert found(examined(source))["near_duplicates"].count == 1


def test_many_similar_rows_leave_one(tmp_path: Path):
    words = sentence(5, 80).split()
    rows = [{"text": " ".join([*words[:40], f"n{n}", *words[40:]])} for n in range(300)]
    source = source_of(tmp_path, train=rows)
    assert found(examined(source))["near_duplicates"].count == 299


def test_columns_that_say_nothing(tmp_path: Path):
    rows = [
        {
            **row,
            "language": "en",
            "uuid": f"{n:08x}-1234-{n:04x}",
            "index": n,
            "comment": None if n % 3 else "seen",
        }
        for n, row in enumerate(good_rows(90))
    ]
    profile = examined(source_of(tmp_path, train=rows))
    assert set(found(profile)) == {
        "constant_column:language",
        "id_like_column:uuid",
        "id_like_column:index",
        "mostly_empty_column:comment",
    }
    fix = found(profile)["constant_column:language"].fix
    assert fix and (fix.kind, fix.columns) == ("drop_columns", ["language"])
    assert found(profile)["mostly_empty_column:comment"].count == 60
    assert profile.compared_by == ["question", "answer", "language", "comment"]


def test_columns_of_single_words_or_of_numbers_are_no_ids(tmp_path: Path):
    rows = [
        {"word": f"word{'abcdefghij'[n % 10] * (n // 10 + 1)}", "price": n * n} for n in range(60)
    ]
    assert found(examined(source_of(tmp_path, train=rows))) == {}


def test_a_label_that_is_nearly_always_the_same(tmp_path: Path):
    rows = [
        {"question": sentence(n), "answer": "yes" if n % 10 else "no", "other": n % 20 == 0}
        for n in range(200)
    ]
    profile = examined(source_of(tmp_path, train=rows), prompt())
    finding = found(profile)["imbalanced_column:answer"]
    assert (finding.count, finding.fix, finding.level) == (180, None, "warning")
    assert "90% of the rows have “yes”" in finding.message and "20 rows" in finding.message
    assert "imbalanced_column:other" not in found(profile)  # no part of what is learned
    column = next(column for column in profile.columns if column.name == "answer")
    assert [(top.value, top.count) for top in column.top] == [("yes", 180), ("no", 20)]


def test_lengths_out_of_the_ordinary(tmp_path: Path):
    rows = good_rows(200)
    rows[33]["question"] = sentence(1, 800)
    source = source_of(tmp_path, train=rows)
    finding = found(examined(source))["extreme_lengths:question"]
    assert (finding.count, finding.rows[0].row) == (1, 33)
    assert len(finding.rows[0].text) <= 300


def test_columns_are_described(tmp_path: Path):
    rows = [
        {"text": "x" * n, "number": n, "share": n / 4 if n else float("nan"), "flag": n % 4 == 0}
        for n in range(1, 101)
    ]
    rows[0]["share"] = float("nan")
    by_name = {c.name: c for c in examined(source_of(tmp_path, train=rows)).columns}
    text, number = by_name["text"].characters, by_name["number"].numbers
    assert text and (text.min, text.p50, text.p95, text.max, text.mean) == (1, 50, 95, 100, 50.5)
    assert number and (number.min, number.max, number.mean) == (1, 100, 50.5)
    histogram = by_name["text"].histogram
    assert histogram and sum(histogram.counts) == 100
    assert len(histogram.edges) == len(histogram.counts) + 1
    assert (by_name["share"].nulls, by_name["share"].distinct) == (1, 99)
    assert (by_name["flag"].distinct, by_name["flag"].top[0].value) == (2, "false")
    assert by_name["text"].distinct == 100 and not by_name["text"].distinct_is_estimate


def test_odd_types_are_examined_too(tmp_path: Path):
    rows = [
        {
            "messages": [{"role": "user", "content": f"question {n % 7}"}],
            "tags": [] if n % 2 else ["a"],
            "raw": bytes([n]),
            "nothing": None,
        }
        for n in range(14)
    ]
    profile = examined(source_of(tmp_path, train=rows))
    by_name = {column.name: column for column in profile.columns}
    assert (by_name["messages"].distinct, by_name["raw"].distinct) == (7, 14)
    assert (by_name["nothing"].nulls, by_name["tags"].blank) == (14, 7)


TYPED = {
    pa.duration("s"): timedelta(seconds=3),
    pa.time32("s"): time(1, 2),
    pa.date64(): date(2020, 1, 2),
    pa.timestamp("us", tz="UTC"): datetime(2020, 1, 2, tzinfo=UTC),
    pa.float16(): 1.5,
    pa.uint64(): 2**64 - 1,
    pa.decimal256(50, 2): Decimal("1.50"),
    pa.binary(2): b"\xff\x00",
    pa.large_binary(): b"\xff",
    pa.bool_(): True,
    pa.list_(pa.int64(), 2): [1, 2],
    pa.null(): None,
}


@pytest.mark.parametrize("kind", TYPED, ids=str)
def test_every_type_of_a_dataset_can_be_examined(kind: pa.DataType):
    array = pa.array([TYPED[kind], None], kind)
    scan = ColumnScan("c", str(kind), kind, 2)
    scan.add(array)
    assert scan.profile(None).nulls == array.null_count
    assert len(band_keys(pa.record_batch({"c": array}), ["c"])) == 2


def test_what_was_left_out_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(examination, "NEAR_ROWS", 50)
    notes = examined(source_of(tmp_path, train=good_rows(100))).notes
    assert len(notes) == 1 and "50 of 100 rows, drawn at random" in notes[0]
