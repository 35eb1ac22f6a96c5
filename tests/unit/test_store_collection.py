"""Records: found by id and name, guarded by their revision, unique by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio_ext.core.errors import Conflict, InvalidInput, NotFound
from ftstudio_ext.schema.presets import Preset
from ftstudio_ext.store.collection import Collection
from ftstudio_ext.store.database import Database
from ftstudio_ext.store.ids import new_id


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "studio.json")


@pytest.fixture
def presets(database: Database) -> Collection[Preset]:
    return database.collection("presets", Preset)


def preset(name: str, **fields) -> Preset:
    return Preset(**{"id": new_id("pre"), "name": name, "kind": "lora", **fields})


def test_a_record_comes_back_as_it_was_saved(database, presets):
    saved = presets.insert(preset("Small rank", config={"r": 4, "nested": {"a": [1, None]}}))
    again = Database(database.path).collection("presets", Preset)
    assert presets.get(saved.id) == saved
    assert again.get(saved.id) == saved
    assert again.get("small RANK") == saved


def test_changing_a_record_in_hand_does_not_change_the_store(presets):
    saved = presets.insert(preset("p", config={"list": [1]}))
    saved.config["list"].append(2)
    presets.get("p").config["list"].append(3)
    assert presets.get("p").config == {"list": [1]}


def test_an_unknown_name_is_not_found_and_the_nearest_is_offered(presets):
    presets.insert(preset("sql-lora"))
    with pytest.raises(NotFound, match="no preset “sql-lroa”") as caught:
        presets.get("sql-lroa")
    assert caught.value.remedy == "Did you mean “sql-lora”?"


def test_names_are_unique_whatever_their_case(presets):
    first = presets.insert(preset("Tiny"))
    second = presets.insert(preset("other"))
    with pytest.raises(Conflict) as caught:
        presets.insert(preset("tINY"))
    assert caught.value.field == "name"
    with pytest.raises(Conflict):
        presets.update(second.id, {"name": "TINY"})
    assert presets.update(first.id, {"name": "TINY"}).name == "TINY", "its own name is free to it"


def test_a_name_cannot_pose_as_the_id_of_another_record(presets):
    first = presets.insert(preset("first"))
    with pytest.raises(Conflict):
        presets.insert(preset(first.id.upper()))


def test_an_id_is_never_taken_twice(presets):
    first = presets.insert(preset("first"))
    with pytest.raises(Conflict):
        presets.insert(preset("second", id=first.id))


def test_an_update_counts_the_revision_and_notes_the_time(presets):
    saved = presets.insert(preset("p"))
    changed = presets.update("p", {"description": "new"}, revision=1)
    assert (changed.revision, changed.description) == (2, "new")
    assert changed.updated_at > saved.updated_at
    assert changed.created_at == saved.created_at
    assert presets.get("p") == changed


def test_a_stale_revision_is_a_conflict_and_changes_nothing(presets):
    presets.insert(preset("p"))
    presets.update("p", {"description": "theirs"}, revision=1)
    with pytest.raises(Conflict, match="changed meanwhile") as caught:
        presets.update("p", {"description": "mine"}, revision=1)
    assert caught.value.field == "revision"
    assert presets.get("p").description == "theirs"


def test_a_wrong_value_is_invalid_input_and_names_the_field(presets):
    presets.insert(preset("p"))
    with pytest.raises(InvalidInput) as caught:
        presets.update("p", {"kind": "colour"})
    assert caught.value.field == "kind"
    assert presets.get("p").revision == 1


@pytest.mark.parametrize("value", ["\ud800", 2**80])
def test_what_json_cannot_hold_is_invalid_input(presets, value):
    with pytest.raises(InvalidInput):
        presets.insert(preset("p", config={"value": value}))
    assert presets.list().total == 0


@pytest.mark.parametrize("field", ["id", "revision", "created_at", "no_such_field"])
def test_fields_that_the_store_keeps_cannot_be_changed(presets, field):
    presets.insert(preset("p"))
    with pytest.raises(TypeError):
        presets.update("p", {field: 1})


def test_lists_are_paged_searched_and_narrowed_newest_first(presets):
    for number in range(12):
        presets.insert(preset(f"Preset {number}", kind="lora" if number % 2 else "training"))
    page = presets.list(limit=3, offset=1)
    assert ([p.name for p in page.items], page.total) == (["Preset 10", "Preset 9", "Preset 8"], 12)
    assert [p.name for p in presets.list(q="11 preset").items] == ["Preset 11"]
    assert presets.list(where={"kind": "lora"}, limit=2).total == 6
    assert presets.list(where=lambda p: p.name.endswith("1"), limit=1).total == 2
    assert presets.list(limit=None).total == len(presets.list(limit=None).items) == 12
    assert [p.name for p in presets.find(kind="training", name="Preset 4")] == ["Preset 4"]
    with pytest.raises(TypeError):
        presets.find(colour="red")


def test_a_deleted_record_is_gone_and_its_name_free(presets):
    saved = presets.insert(preset("p"))
    presets.delete(saved.id)
    with pytest.raises(NotFound):
        presets.get("p")
    with pytest.raises(NotFound):
        presets.delete("p")
    presets.insert(preset("p"))


def test_fields_of_a_newer_version_survive_an_update(database, presets):
    saved = presets.insert(preset("p"))
    with database.transaction():
        presets._table.update({"from_the_future": 1}, doc_ids=[saved.id])
    presets.update("p", {"description": "d"})
    assert presets._table.get(doc_id=saved.id)["from_the_future"] == 1


def test_one_unreadable_record_does_not_hide_the_others(database, presets):
    broken = presets.insert(preset("broken"))
    presets.insert(preset("whole"))
    with database.transaction():
        presets._table.update({"kind": "unheard of"}, doc_ids=[broken.id])
    assert [p.name for p in presets.list().items] == ["whole"]
    assert [p.name for p in presets.find()] == ["whole"]
    assert [notice.code for notice in database.notices] == ["damaged_record"]
    with pytest.raises(Conflict, match="cannot be read"):
        presets.get("broken")
    presets.delete("broken")


def test_a_transaction_saves_all_or_nothing(database, presets):
    other = database.collection("others", Preset)
    presets.insert(preset("p"))
    with pytest.raises(RuntimeError), database.transaction():
        presets.delete("p")
        other.insert(preset("q"))
        assert presets.list().total == 0, "inside, its own changes show"
        raise RuntimeError
    assert (presets.list().total, other.list().total) == (1, 0)
    with database.transaction():
        presets.delete("p")
        other.insert(preset("q"))
    assert (presets.list().total, other.list().total) == (0, 1)


def test_ids_are_short_and_safe_in_urls():
    ids = {new_id("ds") for _ in range(2000)}
    assert len(ids) == 2000
    assert all(id_.startswith("ds_") and id_.replace("_", "").isalnum() for id_ in ids)
    assert max(map(len, ids)) <= 16
