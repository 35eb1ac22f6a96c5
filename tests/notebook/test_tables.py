"""Tables of a notebook become datasets, from the same machine or another, and leave nothing behind."""

from __future__ import annotations

import json

import pytest

from ftstudio_ext import Studio
from ftstudio_ext.notebook import uploads
from ftstudio_ext.notebook.errors import StudioApiError


@pytest.fixture(autouse=True)
def tidy(studio, server):
    """Each test leaves the datasets and the uploads as they were."""
    known = {dataset.id for dataset in studio.datasets}
    yield
    for dataset in [dataset for dataset in studio.datasets if dataset.id not in known]:
        dataset.delete()
    uploads_folder = server.root / "ftstudio" / "uploads"
    assert [path for path in uploads_folder.rglob("*") if path.is_file()] == []


def test_a_data_frame_becomes_a_dataset(studio):
    import pandas

    frame = pandas.DataFrame({"q": ["a", "b"], "n": [1, 2], "label": ["x", None]})
    dataset = studio.datasets.add(frame, name="frame", columns={"q": "question", "n": None})
    assert [(c.name, c.type) for c in dataset.columns] == [("question", "string"), ("label", "string")]  # fmt: skip
    assert list(dataset.head()) == [{"question": "a", "label": "x"}, {"question": "b", "label": None}]  # fmt: skip
    named = studio.datasets.add(frame.set_index("n"))
    assert (named.name, [c.name for c in named.columns]) == ("table", ["n", "q", "label"])
    mixed = pandas.DataFrame({"a": [1, "x", b"y"]})
    with pytest.raises(StudioApiError, match="one type"):
        studio.datasets.add(mixed)


def test_datasets_and_their_splits_keep_the_words_of_labels(studio):
    from datasets import ClassLabel, Dataset, DatasetDict, Features, Value

    features = Features({"text": Value("string"), "label": ClassLabel(names=["bad", "good"])})
    made = Dataset.from_dict({"text": ["a", "b"], "label": [1, 0]}, features=features)
    dataset = studio.datasets.add(DatasetDict(train=made, test=made.select([0])), name="labels")
    assert {split.name: split.rows for split in dataset.splits} == {"train": 2, "test": 1}
    assert [row["label"] for row in dataset.head()] == ["good", "bad"]


def test_conversations_of_a_notebook_become_columns(studio):
    talk = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    rows = [{"messages": talk}, {"messages": talk[:1]}]
    with pytest.warns(UserWarning, match="1 conversation"):
        dataset = studio.datasets.add(rows, name="talk", conversation="messages")
    assert list(dataset.head()) == [{"user": "Hi", "assistant": "Hello"}]


def test_folders_are_imported_and_again(studio, server):
    folder = server.root / "parts"
    folder.mkdir()
    for split in ("train", "test"):
        (folder / f"{split}.jsonl").write_text(json.dumps({"a": split}) + "\n")
    dataset = studio.datasets.add("parts")
    assert [split.name for split in dataset.splits] == ["train", "test"]
    again = studio.datasets[dataset.id].reimport()
    assert (again.name, again.rows) == ("parts-2", 2)


def test_another_machines_server_gets_them_in_pieces(server, studio, monkeypatch):
    monkeypatch.setattr(uploads, "PIECE_BYTES", 1_000)
    afar = Studio(url=server.url, token=server.token)
    assert afar.connection.address.root_dir is None
    rows = [{"n": n, "text": "é" * 50} for n in range(100)]
    dataset = afar.datasets.add({"train": rows, "test": rows[:3]}, name="afar")
    assert list(dataset.head(3)) == rows[:3]
    assert {split.name: split.rows for split in dataset.splits} == {"train": 100, "test": 3}
    with pytest.raises(StudioApiError, match="mixes types"):
        afar.datasets.add([{"a": 1}, {"a": "x"}])


def test_what_is_no_table_is_said(studio):
    with pytest.raises(TypeError, match="cannot be imported"):
        studio.datasets.add(42)
