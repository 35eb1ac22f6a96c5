"""SQL that nobody has checked can be run, and can do no harm."""

from __future__ import annotations

import resource
import time
from pathlib import Path

import pytest

from ftstudio_ext.core.sql_execution import asks_for_order, execute, same_result

SCHEMA = "CREATE TABLE t (a INT, b TEXT); INSERT INTO t VALUES (1, 'x'), (2, 'y'), (2, 'z');"


def test_a_query_returns_its_rows() -> None:
    assert execute(SCHEMA, "SELECT b FROM t WHERE a = 2 ORDER BY b;").rows == [("y",), ("z",)]


@pytest.mark.parametrize(
    "query",
    [
        "ATTACH DATABASE '{file}' AS other",
        "VACUUM INTO '{file}'",
        "PRAGMA journal_mode = OFF",
        "INSERT INTO t VALUES (9, 'q')",
        "DROP TABLE t",
        "CREATE TABLE u (a INT)",
        "SELECT load_extension('{file}')",
        "DELETE FROM t RETURNING a",
    ],
)
def test_a_query_may_only_read(query: str, tmp_path: Path) -> None:
    file = tmp_path / "made"
    outcome = execute(SCHEMA, query.format(file=file))
    assert outcome.rows is None and outcome.error
    assert not file.exists()


def test_a_schema_cannot_leave_its_database(tmp_path: Path) -> None:
    file = tmp_path / "made"
    for schema in (f"ATTACH DATABASE '{file}' AS o; CREATE TABLE o.t (a)", f"VACUUM INTO '{file}'"):
        assert execute(schema, "SELECT 1").rows is None
    assert not file.exists()


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT {} FROM n"


def test_an_endless_query_is_ended() -> None:
    started = time.monotonic()
    outcome = execute(SCHEMA, ENDLESS.format("count(*)"), time_limit_s=0.2)
    assert outcome.error == "takes longer than 0.2 s"
    assert time.monotonic() - started < 2


def test_an_endless_schema_is_ended() -> None:
    schema = f"CREATE TABLE n AS {ENDLESS.format('i')};"
    outcome = execute(schema, "SELECT 1", time_limit_s=0.5)
    assert outcome.rows is None and outcome.error


def test_too_many_rows_and_too_long_values_are_refused() -> None:
    assert "rows" in str(execute(SCHEMA, ENDLESS.format("i")).error)
    assert execute(SCHEMA, "SELECT hex(zeroblob(1000000000))").rows is None


BOMBS = {
    "many long rows": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
    "SELECT hex(zeroblob(99000)) FROM n LIMIT 9999",
    "one long text": "SELECT group_concat(hex(zeroblob(90000))) FROM "
    "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9999) SELECT i FROM n)",
    "a padded number": "SELECT printf('%.*c', 1000000000, 'x')",
    "a crossed join": "SELECT count(*) FROM " + ", ".join(f"t AS t{n}" for n in range(40)),
    "a sorted crossed join": "SELECT hex(zeroblob(9000)), random() FROM "
    + ", ".join(f"t AS t{n}" for n in range(20))
    + " ORDER BY 2",
    "a wild pattern": "SELECT replace(hex(zeroblob(50000)), '0', 'a') LIKE '"
    + "%a" * 90
    + "%b', count(*) FROM t AS x, t AS y, t AS z, t AS u, t AS v, t AS w",
    "deep brackets": "SELECT " + "(" * 5000 + "1" + ")" * 5000,
}


@pytest.mark.parametrize("query", BOMBS.values(), ids=BOMBS)
def test_what_would_fill_the_memory_or_the_day_is_stopped(query: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()
    execute(SCHEMA, query, time_limit_s=0.5)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < 200, f"{grown:.0f} MB"
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("query", ["", "nonsense", "SELECT nothing FROM t", "SELECT 1; SELECT 2"])
def test_what_cannot_run_says_why(query: str) -> None:
    outcome = execute(SCHEMA, query)
    assert outcome.rows is None and outcome.error


def test_order_counts_only_where_it_was_asked_for() -> None:
    rows = [(1,), (2,), (2,)]
    assert same_result(rows, [(2,), (1,), (2,)], ordered=False)
    assert not same_result(rows, [(2,), (1,), (2,)], ordered=True)
    assert not same_result(rows, [(1,), (1,), (2,)], ordered=False)
    assert not same_result(rows, [(1,), (2,)], ordered=False)


def test_numbers_can_be_formatted() -> None:
    assert execute(SCHEMA, "SELECT printf('%.2f %5s', 2.5, b) FROM t LIMIT 1").rows == [
        ("2.50     x",)
    ]
    assert execute(SCHEMA, "SELECT format('%d', a) FROM t LIMIT 1").rows == [("1",)]


def test_numbers_are_compared_as_numbers() -> None:
    assert same_result([(0.1 + 0.2, 3)], [(0.3, 3.0)], ordered=True)
    assert not same_result([("3",)], [(3,)], ordered=True)
    assert not same_result([(None,)], [(0,)], ordered=True)


def test_only_the_outermost_order_by_asks_for_order() -> None:
    assert asks_for_order("SELECT a FROM t ORDER  BY a LIMIT 1")
    assert not asks_for_order("SELECT a FROM (SELECT a FROM t ORDER BY a)")
    assert not asks_for_order("SELECT 'order by' FROM t -- order by a")
