"""Good files become Arrow copies with the right types, in bounded memory, cancelled at will."""

from __future__ import annotations

import datetime
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ftstudio_ext.core.errors import Conflict, StudioError
from ftstudio_ext.schema.datasets import Dataset
from ftstudio_ext.workers.data_import import import_files
from ftstudio_ext.workers.data_rows import open_table


class Caller:
    """Listens to progress; cancels after so many reports."""

    def __init__(self, cancel_after: int | None = None):
        self.reports: list[dict] = []
        self.cancel_after = cancel_after

    def progress(self, **fields):
        self.reports.append(fields)

    @property
    def cancelled(self):
        return self.cancel_after is not None and len(self.reports) >= self.cancel_after


def import_it(root: Path, path, caller=None, **extra):
    dest = root / "datasets" / "d1"
    params = {"source": {"source": "file", "path": path}, "root_dir": str(root)}
    params |= {"dest_dir": str(dest), "dataset_id": "d1", **extra}
    return import_files(params, caller or Caller()), dest


def imported(root: Path, name: str, data: bytes | str):
    """(columns as {name: type}, rows) of a file after import."""
    (root / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    result, dest = import_it(root, name)
    columns = {column["name"]: column["type"] for column in result["columns"]}
    return columns, open_table(str(dest), "train.arrow").to_pylist()


def test_csv_types_hold_for_the_whole_file(tmp_path):
    lines = ["id,code,price,ok,note,none"]
    lines += [f"{n},{n},{n},true,," for n in range(2_500)]
    lines += ["7,007,0.5,FALSE,late,"]
    columns, rows = imported(tmp_path, "x.csv", "\n".join(lines))
    assert columns == {
        "id": "int64", "code": "string", "price": "float64", "ok": "bool", "note": "string",
        "none": "null",
    }  # fmt: skip
    assert rows[0] == {"id": 0, "code": "0", "price": 0.0, "ok": True, "note": None, "none": None}
    assert rows[-1] == {
        "id": 7, "code": "007", "price": 0.5, "ok": False, "note": "late", "none": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("data", "row"),
    [
        (b"\xef\xbb\xbfa,b\r\n1,x\r\n", {"a": 1, "b": "x"}),
        (b"a,b\r1,x\r", {"a": 1, "b": "x"}),
        (b"a;b\n1;x, y\n", {"a": 1, "b": "x, y"}),
        (b"\n\na,b\n\n1,x\n\n", {"a": 1, "b": "x"}),
        (b'a,b\n1,"x ""y""\r\nz"\n', {"a": 1, "b": 'x "y"\r\nz'}),
        (b"a\n123456789012345678901234\n", {"a": "123456789012345678901234"}),
        (b"a,b\n1e3,-5\n", {"a": 1000.0, "b": -5}),
        (b"a,b\nNone,+49\n", {"a": "None", "b": "+49"}),
        ("größe,名前\n1,値\n".encode(), {"größe": 1, "名前": "値"}),
    ],
)
def test_csv_in_the_wild_is_read(data, row, tmp_path):
    assert imported(tmp_path, "x.csv", data)[1] == [row]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.jsonl", '{"a": 1, "b": "x"}\n\n{"b": "y", "a": 2}'),
        ("x.jsonl", '\ufeff{"a": 1, "b": "x"}\r\n{"a": 2, "b": "y"}\r\n'),
        ("x.json", '[{"a": 1, "b": "x"},\n  {"a": 2, "b": "y"}]\n'),
        ("x.json", '{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n'),
        ("x.jsonl", '[{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]'),
        ("x.tsv", "a\tb\n1\tx\n2\ty\n"),
    ],
)
def test_one_table_in_many_clothes(name, data, tmp_path):
    columns, rows = imported(tmp_path, name, data)
    assert columns == {"a": "int64", "b": "string"}
    assert rows == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]


def test_json_types_widen_late_in_the_file(tmp_path):
    first = {"int": 1, "null": None, "list": [], "object": {"a": 1}, "big": 2**53 + 1}
    last = {"int": 0.5, "null": "x", "list": [{"t": "u"}], "object": {"a": 1.5, "b": "c"}}
    last |= {"big": 0.5, "new": True}
    lines = [first] * 2_500 + [last]
    columns, rows = imported(tmp_path, "x.jsonl", "\n".join(map(json.dumps, lines)))
    assert columns == {
        "int": "float64",
        "null": "string",
        "list": "list<struct<t: string>>",
        "object": "struct<a: float64, b: string>",
        "big": "float64",
        "new": "bool",
    }
    assert rows[0]["object"] == {"a": 1.0, "b": None} and rows[0]["new"] is None
    assert rows[-1] == last


def test_list_of_objects_longer_than_any_window(tmp_path):
    lines = [{"n": n, "text": "é" * (n % 700)} for n in range(5_000)] + [
        {"n": 0, "text": "x" * 3_000_000}
    ]
    _, rows = imported(tmp_path, "x.json", json.dumps(lines, ensure_ascii=False, indent=1))
    assert rows == lines


def test_parquet_and_arrow_keep_values_and_get_plain_types(tmp_path):
    table = pa.table(
        {
            "n": pa.array([1, None, 3], pa.int32()),
            "label": pa.array(["a", "b", "a"]).dictionary_encode(),
            "when": pa.array([datetime.datetime(2024, 1, 2)] * 3),
            "many": pa.array([["x"], [], None]),
            "bytes": pa.array([b"\xff", b"", None]),
        }
    ).replace_schema_metadata({"pandas": "{}"})
    pq.write_table(table, tmp_path / "x.parquet")
    with pa.ipc.new_file(str(tmp_path / "y.arrow"), table.schema) as sink:
        sink.write_table(table)
    for name in ("x.parquet", "y.arrow"):
        result, dest = import_it(tmp_path, name)
        kept = open_table(str(dest), "train.arrow")
        assert kept.to_pylist() == table.to_pylist()
        assert kept.schema.metadata is None
        assert [column["type"] for column in result["columns"]] == [
            "int32", "string", "timestamp[us]", "list<string>", "binary",
        ]  # fmt: skip
        for file in dest.iterdir():
            file.unlink()
        dest.rmdir()


def test_own_splits_share_one_schema_and_are_recorded(tmp_path):
    (tmp_path / "a.csv").write_text("q,n,c\nx,1,1\ny,2,2\n")
    (tmp_path / "b.csv").write_text("c,q,n\nn/a,z,0.5\n")
    result, dest = import_it(tmp_path, {"train": "a.csv", "test": "b.csv"}, name="Mine")
    assert [(split["name"], split["rows"]) for split in result["splits"]] == [
        ("train", 2),
        ("test", 1),
    ]
    types = {column["name"]: column["type"] for column in result["columns"]}
    assert types == {"q": "string", "n": "float64", "c": "string"}
    assert open_table(str(dest), "train.arrow").schema == open_table(str(dest), "test.arrow").schema
    record = Dataset.model_validate_json((dest / "dataset.json").read_bytes())
    assert (record.id, record.name, record.rows, record.state) == ("d1", "Mine", 3, "ready")
    assert record.content_hash == result["content_hash"]
    assert {path.name for path in dest.iterdir()} == {"train.arrow", "test.arrow", "dataset.json"}


def test_same_file_gives_same_hash_and_another_another(tmp_path):
    hashes = []
    for number, text in enumerate(["a\n1\n", "a\n1\n", "a\n2\n"]):
        root = tmp_path / str(number)
        root.mkdir()
        (root / "x.csv").write_text(text)
        hashes.append(import_it(root, "x.csv")[0]["content_hash"])
    assert hashes[0] == hashes[1] != hashes[2]


def test_trainer_library_reads_our_copy(tmp_path):
    datasets = pytest.importorskip("datasets")
    lines = [{"q": f"q{n}", "n": n, "l": [{"a": n}], "z": None} for n in range(2_100)]
    _, rows = imported(tmp_path, "x.jsonl", "\n".join(map(json.dumps, lines)))
    read = datasets.Dataset.from_file(str(tmp_path / "datasets/d1/train.arrow"))
    assert read[2_099] == rows[2_099] == lines[2_099]


def test_existing_dataset_is_not_touched(tmp_path):
    (tmp_path / "x.csv").write_text("a\n1\n")
    import_it(tmp_path, "x.csv")
    with pytest.raises(Conflict):
        import_it(tmp_path, "x.csv")
    assert (tmp_path / "datasets" / "d1" / "train.arrow").exists()


def test_progress_is_told_and_cancel_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("ftstudio_ext.workers.data_import.PROGRESS_INTERVAL_S", 0)
    (tmp_path / "x.jsonl").write_text('{"a": 1}\n' * 5_000)
    caller = Caller()
    import_it(tmp_path, "x.jsonl", caller)
    rows = [report["rows"] for report in caller.reports if report["phase"] == "reading"]
    assert rows == [1_000, 2_000, 3_000, 4_000, 5_000]
    assert caller.reports[-1]["bytes"] == caller.reports[-1]["total_bytes"]
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x.jsonl").write_text('{"a": 1}\n' * 5_000)
    with pytest.raises(StudioError) as caught:
        import_it(tmp_path / "other", "x.jsonl", Caller(cancel_after=2))
    assert caught.value.code == "cancelled"
    assert not list((tmp_path / "other" / "datasets").iterdir())


def test_killed_import_is_swept_by_the_next(tmp_path):
    (tmp_path / "x.csv").write_text("a\n1\n")
    dead = tmp_path / "datasets" / ".staging-dead"
    dead.mkdir(parents=True)
    os.utime(dead, (0, 0))
    import_it(tmp_path, "x.csv")
    assert [path.name for path in (tmp_path / "datasets").iterdir()] == ["d1"]


MEASURE = """
import resource, sys, time
from pathlib import Path
from ftstudio_ext.workers.data_import import import_files
class Quiet:
    cancelled = False
    def progress(self, **fields): pass
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before = peak(); began = time.monotonic()
root = Path(sys.argv[1])
import_files({"source": {"source": "file", "path": sys.argv[2]}, "root_dir": str(root),
              "dest_dir": str(root / "datasets/big"), "dataset_id": "big"}, Quiet())
print(before, peak(), time.monotonic() - began)
"""


@pytest.mark.parametrize("name", ["x.jsonl", "x.json", "x.csv"])
def test_memory_does_not_grow_with_the_file(name, tmp_path):
    """60 MB of rows cost far less than 60 MB."""
    text, count = "words and more words " * 40, 70_000
    with (tmp_path / name).open("w") as file:
        if name == "x.csv":
            file.write("n,text\n")
            file.writelines(f"{n},{text}\n" for n in range(count))
        elif name == "x.json":
            file.write("[")
            file.writelines(f'{{"n": {n}, "text": "{text}"}},\n' for n in range(count))
            file.write('{"n": 0, "text": ""}]')
        else:
            file.writelines(f'{{"n": {n}, "text": "{text}"}}\n' for n in range(count))
    ran = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path), name], capture_output=True, text=True, check=True
    )  # fmt: skip
    before, after, _ = map(float, ran.stdout.split())
    assert after - before < 35, f"{after - before:.0f} MB more at the peak"
    assert math.isclose((tmp_path / "datasets/big/train.arrow").stat().st_size, 60e6, rel_tol=0.1)


def test_values_nested_beyond_what_arrow_holds_are_refused(tmp_path: Path):
    (tmp_path / "a.jsonl").write_text('{"a": ' + "[" * 100 + "]" * 100 + "}\n")
    with pytest.raises(StudioError, match="nested more than 60 levels") as caught:
        import_it(tmp_path, "a.jsonl")
    assert "json.dumps" in (caught.value.remedy or "")
    assert not (tmp_path / "datasets" / "d1").exists()
