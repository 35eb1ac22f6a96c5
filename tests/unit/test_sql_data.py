"""The demo's data keep their word: disjoint tables, disjoint phrasings, answers that run."""

from __future__ import annotations

import re
import sqlite3

import pytest

from ftstudio_ext.core.sql_execution import execute, same_result
from ftstudio_ext.demo.sql_data import Row, generate
from ftstudio_ext.demo.sql_questions import KINDS


@pytest.fixture(scope="module")
def data() -> dict[str, list[Row]]:
    return generate()


def tables(rows: list[Row]) -> set[str]:
    return {name for row in rows for name in re.findall(r"CREATE TABLE (\w+)", row["sql_context"])}


def test_the_same_seed_gives_the_same_rows(data: dict[str, list[Row]]) -> None:
    assert generate() == data
    assert generate(seed=8) != data


def test_the_parts_have_their_sizes_and_all_kinds_of_question(data: dict[str, list[Row]]) -> None:
    assert {part: len(rows) for part, rows in data.items()} == {
        "train": 480,
        "test_seen": 64,
        "test_unseen": 64,
    }
    for rows in data.values():
        assert {row["sql_task_type"] for row in rows} == {kind.name for kind in KINDS}


def test_no_question_is_asked_twice(data: dict[str, list[Row]]) -> None:
    for rows in data.values():
        assert len({(row["sql_prompt"], row["sql_context"]) for row in rows}) == len(rows)
        assert len({(row["sql"], row["sql_context"]) for row in rows}) == len(rows)


def test_tables_of_the_tests_are_absent_from_training(data: dict[str, list[Row]]) -> None:
    assert not tables(data["train"]) & tables(data["test_seen"] + data["test_unseen"])


def test_both_tests_ask_the_same_in_different_words(data: dict[str, list[Row]]) -> None:
    for seen, unseen in zip(data["test_seen"], data["test_unseen"], strict=True):
        assert seen["sql"] == unseen["sql"]
        assert seen["sql_prompt"] != unseen["sql_prompt"]


def test_the_two_sets_of_phrasings_are_disjoint() -> None:
    for kind in KINDS:
        assert len(kind.seen) >= 3 and len(kind.unseen) >= 2
        assert not set(kind.seen) & set(kind.unseen)


def test_every_answer_runs_and_says_something(data: dict[str, list[Row]]) -> None:
    for row in [row for rows in data.values() for row in rows]:
        result = execute(row["sql_context"] + row["sql_inserts"], row["sql"])
        assert result.rows, row["sql"]
        assert result.rows != [(0,)] and result.rows != [(None,)]


def test_conditions_leave_rows_out(data: dict[str, list[Row]]) -> None:
    for row in data["train"]:
        if " WHERE " in row["sql"]:
            schema = row["sql_context"] + row["sql_inserts"]
            everything = execute(schema, row["sql"].split(" WHERE ")[0]).rows or []
            result = execute(schema, row["sql"]).rows or []
            assert not same_result(everything, result, ordered=False), row["sql"]


def test_too_many_questions_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="different questions"):
        generate(train=1_000_000)


def test_answers_run_in_a_plain_sqlite_too(data: dict[str, list[Row]]) -> None:
    row = next(row for row in data["train"] if row["sql_task_type"] == "join")
    database = sqlite3.connect(":memory:")
    database.executescript(row["sql_context"] + row["sql_inserts"])
    assert database.execute(row["sql"]).fetchall()
