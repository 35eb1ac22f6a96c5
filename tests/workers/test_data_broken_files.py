"""Every broken file is refused with what, where and what to do, and nothing is left behind."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.workers.data_import import import_files


class Quiet:
    """A caller that neither listens nor cancels."""

    cancelled = False

    def progress(self, **fields):
        pass


class Broken(NamedTuple):
    file: str
    data: bytes
    says: tuple[str, ...]
    remedy: str
    format: str | None = None
    code: str = "invalid_input"


def many(line: str, count: int) -> str:
    return "".join(line.format(n=n) for n in range(count))


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")
    return buffer.getvalue()


def parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


GOOD_PARQUET = parquet(pa.table({"a": list(range(5_000))}))
LATE_TEXT = many('{{"a": {n}}}\n', 10_000) + '{"a": "ten thousand"}\n'

CORPUS = {
    # delimited text
    "csv row too short": Broken(
        "x.csv", b"a,b,c\n1,2,3\n4,5\n", ("row 2 (line 3)", "has 2 columns", "header has 3"), "Quote"
    ),
    "csv row too long": Broken(
        "x.csv", b"q,a\nhow, well, why,b\n", ("row 1 (line 2)", "has 4 columns", "has 2"), "(comma)"
    ),
    "csv ragged after a value of several lines": Broken(
        "x.csv", b'a,b\n"x\ny",1\n2\n', ("row 2 (line 4)", "has 1 column,"), "every row all columns"
    ),
    "csv ragged far down": Broken(
        "x.csv",
        (many("{n},b\n", 3_000) + "1,2,3\n").encode(),
        ("row 3,000 (line 3,001)",),
        "Quote",
    ),
    "tsv ragged": Broken("x.tsv", b"a\tb\n1\n", ("row 1 (line 2)",), "(tab)"),
    "csv header only": Broken("x.csv", b"a,b\n", ("a header and no rows",), "completely"),
    "csv blank column name": Broken(
        "x.csv", b"a,,c\n1,2,3\n", ("column 2 of 3 has no name",), "a name"
    ),
    "csv index column without name": Broken(
        "x.csv", b",a\n0,x\n", ("column 1 of 2 has no name",), "remove the column"
    ),
    "csv duplicate column names": Broken(
        "x.csv", b"a,b,a\n1,2,3\n", ("'a' appears twice", "column 1 and as column 3"), "Rename"
    ),
    "csv duplicate names but for blanks": Broken(
        "x.csv", b"a, a\n1,2\n", ("'a' appears twice",), "Rename"
    ),
    "csv quote never closed": Broken(
        "x.csv",
        b'a,b\n1,"two\n3,4\n5,6\n',
        ("at line 2 is never closed",),
        '""',
    ),
    "csv text after closing quote": Broken(
        "x.csv", b'a,b\n1,"he said "no" to me"\n', ("line 2", "after its closing"), '""'
    ),
    "csv NUL byte": Broken("x.csv", b"a,b\n1,2\n3,\x004\n", ("NUL byte", "line 3"), "tr -d"),
    "csv latin-1": Broken(
        "x.csv",
        "a,b\n1,größe\n".encode("latin-1"),
        ("line 2", "byte 0xF6", "byte offset 8", "ISO-8859-1"),
        "iconv -f ISO-8859-1",
    ),
    "csv windows-1252": Broken(
        "x.csv",
        "a,b\n1,“quoted”\n".encode("cp1252"),
        ("line 2", "0x93", "WINDOWS-1252"),
        "iconv -f WINDOWS-1252",
    ),
    "csv latin-1 far down": Broken(
        "x.csv",
        (many("{n},ä\n", 400_000).encode() + "1,ä\n".encode("latin-1")),
        ("line 400,001", "0xE4"),
        "iconv",
    ),
    "csv utf-16": Broken("x.csv", "a,b\n1,2\n".encode("utf-16"), ("UTF-16",), "iconv -f UTF-16"),
    "csv is gzip": Broken("x.csv", gzip.compress(b"a,b\n1,2\n"), ("gzip",), "gunzip x.csv"),
    "csv.gz": Broken("x.csv.gz", gzip.compress(b"a,b\n1,2\n"), ("gzip",), "gunzip"),
    "zip": Broken("x.zip", zipped(), ("zip archive",), "unzip x.zip"),
    "spreadsheet": Broken("x.xlsx", zipped(), ("spreadsheet",), "CSV"),
    "parquet called csv by hand": Broken(
        "x.csv", GOOD_PARQUET, ("is a Parquet file, not csv",), "parquet", format="csv"
    ),
    "database": Broken("x.csv", b"SQLite format 3\x00" + b"\0" * 99, ("SQLite",), "Export"),
    "git lfs pointer": Broken(
        "x.csv", b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", ("LFS",), "lfs pull"
    ),
    # JSON
    "jsonl invalid line": Broken(
        "x.jsonl", b'{"a": 1}\n{"a": 2,}\n', ("line 2 is not valid JSON", "column 9"), "one JSON"
    ),
    "jsonl cut short": Broken("x.jsonl", b'{"a": 1}\n{"a": "tw', ("line 2", "unterminated"), "one"),
    "jsonl row is a list": Broken(
        "x.jsonl", b'{"a": 1}\n\n[1, 2]\n', ("Row 2 (line 3) is a list",), "one JSON object a line"
    ),
    "jsonl rows are text": Broken("x.jsonl", b'"a"\n"b"\n', ("Row 1", "is text"), "object a line"),
    "jsonl int, then text": Broken(
        "x.jsonl",
        b'{"a": 1}\n{"a": null}\n{"a": "x"}\n',
        ("'a' mixes types", "row 1 (line 1) has a number", "row 3 (line 3) has text"),
        "in double quotes",
    ),
    "jsonl int, text after 10,000 rows": Broken(
        "x.jsonl",
        LATE_TEXT.encode(),
        ("'a' mixes types", "row 1 (line 1) has a number", "row 10,001 (line 10,001) has text"),
        "in double quotes",
    ),
    "jsonl bool, then number": Broken(
        "x.jsonl", b'{"a": 0.5}\n{"a": true}\n', ("row 1", "a number", "row 2", "true or false"), "one"
    ),
    "jsonl object, then list": Broken(
        "x.jsonl", b'{"a": {"b": 1}}\n{"a": [1]}\n', ("an object", "a list"), "lists of one"
    ),
    "jsonl mixed inside": Broken(
        "x.jsonl",
        b'{"a": {"b": [1]}}\n{"a": {"b": ["x"]}}\n',
        ("'a.b[]' mixes types", "row 2"),
        "in double quotes",
    ),
    "jsonl huge integer": Broken(
        "x.jsonl", b'{"a": 1}\n{"a": 123456789012345678901}\n', ("row 2", "64 bits"), "as text"
    ),
    "jsonl half a character": Broken(
        "x.jsonl", b'{"a": "\\ud83d"}\n', ("'a', row 1", "surrogate"), "whole character"
    ),
    "jsonl blank key": Broken("x.jsonl", b'{"": 1}\n', ("column 1 of 1 has no name",), "a name"),
    "jsonl keys are data": Broken(
        "x.jsonl",
        many('{{"words": {{"w{n}": 1}}}}\n', 3_000).encode(),
        ("more than 2,000 different keys", "'words'"),
        "{key, value}",
    ),
    "jsonl latin-1": Broken(
        "x.jsonl", '{"a": 1}\n{"a": "é"}\n'.encode("latin-1"), ("line 2", "0xE9", "offset 16,"), "iconv"
    ),
    "jsonl NUL byte": Broken("x.jsonl", b'{"a": 1}\n{"a": "\0"}\n', ("NUL byte", "line 2"), "tr -d"),
    "jsonl pretty printed": Broken(
        "x.jsonl", b'{\n "a": 1\n}\n{\n "a": 2\n}\n', ("line 1 holds only the beginning",), "[{…}, {…}]"
    ),
    "jsonl empty objects": Broken("x.jsonl", b"{}\n{}\n", ("only empty objects",), "columns as keys"),
    "json object with rows inside": Broken(
        "x.json", b'{"version": 1,\n "data": [{"a": 1}]}', ("one JSON object, not a list",), "'data'"
    ),
    "json object on one line": Broken(
        "x.json", b'{"a": 1, "b": "x"}', ("one JSON object, not a list",), "list of objects"
    ),
    "json object of columns": Broken(
        "x.json", b'{"a": [1, 2], "b": [3, 4]}', ("one JSON object",), "orient='records'"
    ),
    "json list of lists": Broken("x.json", b"[[1, 2], [3, 4]]", ("Row 1", "a list"), "object"),
    "json list of numbers": Broken("x.json", b"[1, 2]", ("Row 1 (line 1) is a number",), "object"),
    "json scalar": Broken("x.json", b"42\n", ("Row 1", "a number"), "object"),
    "json empty list": Broken("x.json", b"[]", ("holds no rows",), "at least one row"),
    "json cut short": Broken(
        "x.json", b'[{"a": 1},\n {"a": 2', ("ends in the middle of row 2 (line 2)",), "cut short"
    ),
    "json list never closed": Broken("x.json", b'[{"a": 1}', ("ends before",), "cut short"),
    "json missing comma": Broken(
        "x.json", b'[{"a": 1}\n {"a": 2}]', ("line 2", "after row 1"), "list of objects"
    ),
    "json comma at the end": Broken("x.json", b'[{"a": 1},]', ("comma after the last row",), "list"),
    "json text behind the list": Broken("x.json", b'[{"a": 1}] 7', ("after the list",), "list"),
    "json invalid row": Broken(
        "x.json", b'[{"a": 1},\n {a: 2},\n {"a": 3}]', ("line 2", "row 2", "column 3"), "list"
    ),
    "json nested too deeply": Broken(
        "x.json", b'[{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]", ("too deeply",), "list"
    ),
    # binary formats
    "not really parquet": Broken("x.parquet", b"a,b\n1,2\n", ("as a Parquet file",), "damaged"),
    "parquet cut short": Broken(
        "x.parquet", GOOD_PARQUET[: len(GOOD_PARQUET) // 2], ("as a Parquet file",), "cut short"
    ),
    "parquet without rows": Broken(
        "x.parquet", parquet(pa.table({"a": pa.array([], pa.int64())})), ("holds no rows",), "row"
    ),
    "parquet with a map": Broken(
        "x.parquet",
        parquet(pa.table({"m": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64()))})),
        ("'m'", "type map"),
        "structs",
    ),
    "not really arrow": Broken("x.arrow", b"hello world, not arrow", ("as an Arrow",), "damaged"),
    # any
    "empty file": Broken("x.csv", b"", ("is empty (0 bytes)",), "completely"),
    "blank file": Broken("x.jsonl", b" \n\n", ("nothing but blank space",), "completely"),
    "byte order mark only": Broken("x.csv", b"\xef\xbb\xbf", ("nothing but",), "completely"),
    "unknown kind of file": Broken("x.docx2", b"hello", ("'x.docx2'",), "csv, tsv, json"),
    "no suffix": Broken("data", b"a,b\n1,2\n", ("'data'",), "Choose one of the formats"),
}  # fmt: skip


@pytest.mark.parametrize("case", CORPUS)
def test_broken_file_is_refused_in_words(case: str, tmp_path: Path):
    broken = CORPUS[case]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / broken.file).write_bytes(broken.data)
    with pytest.raises(StudioError) as caught:
        import_one(tmp_path, f"in/{broken.file}", broken.format)
    error = caught.value
    assert error.code == broken.code
    assert error.field == "source.path"
    assert f"in/{broken.file}" in error.message
    for part in broken.says:
        assert part in error.message, error.message
    assert broken.remedy in (error.remedy or ""), error.remedy
    assert not list((tmp_path / "datasets").glob("*")), "something was left behind"


def test_missing_file_and_folder_are_said(tmp_path: Path):
    with pytest.raises(StudioError) as caught:
        import_one(tmp_path, "in/nowhere.csv")
    assert caught.value.code == "not_found" and "in/nowhere.csv" in caught.value.message
    (tmp_path / "in").mkdir()
    with pytest.raises(StudioError, match="is a folder"):
        import_one(tmp_path, "in")


def test_second_split_that_breaks_takes_the_first_with_it(tmp_path: Path):
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n')
    (tmp_path / "b.jsonl").write_text('{"a": 1}\n{"a": "x"}\n')
    with pytest.raises(StudioError, match="mixes types"):
        import_one(tmp_path, {"train": "a.jsonl", "test": "b.jsonl"})
    assert not list((tmp_path / "datasets").glob("*"))


@pytest.mark.parametrize(
    ("test_split", "says"),
    [
        ('{"b": 1}\n', "'a', which split 'test' lacks"),
        ('{"a": 1, "b": 1}\n', "'b', which split 'train' lacks"),
        ('{"a": "x"}\n', "int64 in split 'train' and string in split 'test'"),
    ],
)
def test_splits_must_agree(test_split: str, says: str, tmp_path: Path):
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n')
    (tmp_path / "b.jsonl").write_text(test_split)
    with pytest.raises(StudioError) as caught:
        import_one(tmp_path, {"train": "a.jsonl", "test": "b.jsonl"})
    assert says in caught.value.message
    assert caught.value.field == "source.path"


def test_split_names_are_names(tmp_path: Path):
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n')
    with pytest.raises(StudioError, match="cannot be the name of a split"):
        import_one(tmp_path, {"../train": "a.jsonl"})


def import_one(root: Path, path, format_name: str | None = None):
    source = {"source": "file", "path": path, "format": format_name}
    dest = root / "datasets" / "d1"
    return import_files(
        {"source": source, "root_dir": str(root), "dest_dir": str(dest), "dataset_id": "d1"},
        Quiet(),
    )
