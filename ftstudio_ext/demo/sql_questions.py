"""Kinds of question about a table or two, each with its SQL and two sets of phrasings.

`seen` phrasings appear in training; `unseen` ones say the same in other words and never do.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from .sql_tables import Column, Domain, Table

Values = dict[str, str]


@dataclass(frozen=True)
class Kind:
    """A kind of question: `draw` picks what it is about, the templates say and ask it."""

    name: str
    sql: str
    seen: tuple[str, ...]
    unseen: tuple[str, ...]
    draw: Callable[[Domain, Table, random.Random], Values]
    joins: bool = False


def _spoken(column: Column) -> str:
    return column.name.replace("_", " ")


def _names(**columns: Column) -> Values:
    """`x=column` gives both `{x}` for the SQL and `{x_words}` for the question."""
    values = {key: column.name for key, column in columns.items()}
    return values | {f"{key}_words": _spoken(column) for key, column in columns.items()}


def _column_values(domain: Domain, table: Table, column: Column) -> list[int | float | str]:
    place = 1 + table.columns.index(column)
    return sorted({row[place] for row in domain.rows[table.name]}, key=lambda v: (str(type(v)), v))


def _category(domain: Domain, table: Table, rng: random.Random) -> Values:
    column = rng.choice(table.categories)
    value = str(rng.choice(_column_values(domain, table, column)))
    return _names(label=table.label, cat=column) | {"value": value}


def _number(domain: Domain, table: Table, rng: random.Random) -> Values:
    column = rng.choice(table.numbers)
    inner = _column_values(domain, table, column)[2:-2]
    low, high = sorted(rng.sample(inner, 2), key=float)
    return _names(label=table.label, num=column) | {"low": str(low), "high": str(high)}


def _two_columns(domain: Domain, table: Table, rng: random.Random) -> Values:
    first, second = rng.sample(table.columns, 2)
    return _names(a=first, b=second)


def _aggregate(words: dict[str, str]) -> Callable[[Domain, Table, random.Random], Values]:
    def draw(domain: Domain, table: Table, rng: random.Random) -> Values:
        function = rng.choice(list(words))
        seen, unseen = words[function].split("|")
        column, category = rng.choice(table.numbers), rng.choice(table.categories)
        names = _names(num=column, cat=category)
        return names | {"function": function, "seen_word": seen, "unseen_word": unseen}

    return draw


def _top(domain: Domain, table: Table, rng: random.Random) -> Values:
    order = rng.choice(["DESC", "ASC"])
    seen, unseen = {"DESC": ("highest", "largest"), "ASC": ("lowest", "smallest")}[order]
    words = {"order": order, "seen_word": seen, "unseen_word": unseen, "k": str(rng.randint(2, 5))}
    return _names(label=table.label, num=rng.choice(table.numbers)) | words


def _initial(domain: Domain, table: Table, rng: random.Random) -> Values:
    labels = _column_values(domain, table, table.label)
    return _names(label=table.label) | {"letter": str(rng.choice(labels))[0]}


def _groups(domain: Domain, table: Table, rng: random.Random) -> Values:
    return _names(cat=rng.choice(table.categories)) | {"k": str(rng.randint(1, 4))}


def _linked(domain: Domain, table: Table, rng: random.Random) -> Values:
    parent, child = domain.parent, domain.child
    category = rng.choice(parent.categories)
    value = str(rng.choice(_column_values(domain, parent, category)))
    names = _names(label=child.label, cat=category)
    return names | {"parent": parent.name, "link": child.link or "", "value": value}


AGGREGATES = {
    "AVG": "average|mean",
    "MAX": "highest|maximum",
    "MIN": "lowest|smallest",
    "SUM": "total|overall sum of",
}

KINDS: tuple[Kind, ...] = (
    Kind(
        "columns",
        "SELECT {a}, {b} FROM {table};",
        (
            "Show the {a_words} and {b_words} of all {table}.",
            "List the {a_words} and {b_words} of every row in {table}.",
            "What are the {a_words} and {b_words} of the {table}?",
            "Give the {a_words} and the {b_words} for all {table}.",
        ),
        (
            "I need each of the {table} with its {a_words} and {b_words}.",
            "Return {a_words} plus {b_words} for the whole set of {table}.",
        ),
        _two_columns,
    ),
    Kind(
        "equal",
        "SELECT {label} FROM {table} WHERE {cat} = '{value}';",
        (
            "Show the {label_words} of {table} whose {cat_words} is {value}.",
            "List the {label_words} of all {table} with {cat_words} {value}.",
            "Which {table} have the {cat_words} {value}? Show the {label_words}.",
            "Find the {label_words} of {table} where the {cat_words} is {value}.",
        ),
        (
            "Give me every {label_words} in {table} where {cat_words} equals {value}.",
            "For {value} as the {cat_words}, look up the {label_words} in {table}.",
        ),
        _category,
    ),
    Kind(
        "more",
        "SELECT {label} FROM {table} WHERE {num} > {low};",
        (
            "Show the {label_words} of {table} with {num_words} greater than {low}.",
            "List the {label_words} of {table} whose {num_words} is more than {low}.",
            "Which {table} have {num_words} above {low}? Show the {label_words}.",
            "Find the {label_words} of {table} where the {num_words} is over {low}.",
        ),
        (
            "Give me the {label_words} of {table} exceeding {low} in {num_words}.",
            "I want the {label_words} for {table} that go over {low} on {num_words}.",
        ),
        _number,
    ),
    Kind(
        "between",
        "SELECT {label} FROM {table} WHERE {num} BETWEEN {low} AND {high};",
        (
            "Show the {label_words} of {table} with {num_words} between {low} and {high}.",
            "List the {label_words} of {table} whose {num_words} is between {low} and {high}.",
            "Which {table} have {num_words} between {low} and {high}? Show the {label_words}.",
            "Find the {label_words} of {table} where the {num_words} is between {low} and {high}.",
        ),
        (
            "Give me the {label_words} of {table} in the {num_words} range {low} to {high}.",
            "Look up the {label_words} in {table}, {num_words} at least {low} and at most {high}.",
        ),
        _number,
    ),
    Kind(
        "count",
        "SELECT COUNT(*) FROM {table} WHERE {cat} = '{value}';",
        (
            "How many {table} have the {cat_words} {value}?",
            "Count the {table} whose {cat_words} is {value}.",
            "What is the number of {table} with {cat_words} {value}?",
            "Give the number of {table} where the {cat_words} is {value}.",
        ),
        (
            "Tell me the count of {table} where {cat_words} equals {value}.",
            "With {value} as the {cat_words}, how many {table} exist?",
        ),
        _category,
    ),
    Kind(
        "aggregate",
        "SELECT {function}({num}) FROM {table};",
        (
            "What is the {seen_word} {num_words} of all {table}?",
            "Find the {seen_word} {num_words} of the {table}.",
            "Show the {seen_word} {num_words} in {table}.",
            "Give the {seen_word} {num_words} over all {table}.",
        ),
        (
            "Compute the {unseen_word} {num_words} across {table}.",
            "Taking all {table} together, give the {unseen_word} {num_words}.",
        ),
        _aggregate(AGGREGATES),
    ),
    Kind(
        "group_count",
        "SELECT {cat}, COUNT(*) FROM {table} GROUP BY {cat};",
        (
            "How many {table} are there for each {cat_words}?",
            "Count the {table} for each {cat_words}.",
            "Show each {cat_words} and its number of {table}.",
            "Give the number of {table} grouped by {cat_words}.",
        ),
        (
            "Break down the count of {table} by {cat_words}.",
            "Per {cat_words}, give the quantity of {table}.",
        ),
        _groups,
    ),
    Kind(
        "top",
        "SELECT {label} FROM {table} ORDER BY {num} {order} LIMIT {k};",
        (
            "Show the {label_words} of the {k} {table} with the {seen_word} {num_words}.",
            "List the {label_words} of the {k} {table} with {seen_word} {num_words}.",
            "Which {k} {table} have the {seen_word} {num_words}? Show the {label_words}.",
            "Order {table} by {num_words} and give the {label_words} of the {k} {seen_word}.",
        ),
        (
            "Give me the {label_words} for the {k} {unseen_word} {table} by {num_words}.",
            "Rank {table} on {num_words} and return the {label_words} of the {k} {unseen_word}.",
        ),
        _top,
    ),
    Kind(
        "distinct",
        "SELECT DISTINCT {cat} FROM {table};",
        (
            "What are the different {cat_words} values of {table}?",
            "List the different {cat_words} values in {table}.",
            "Show all distinct {cat_words} values of the {table}.",
            "Give the distinct {cat_words} values found in {table}.",
        ),
        (
            "Which unique {cat_words} entries occur in {table}?",
            "Give me every {cat_words} found among {table}, without repeats.",
        ),
        _groups,
    ),
    Kind(
        "like",
        "SELECT {label} FROM {table} WHERE {label} LIKE '{letter}%';",
        (
            "Show the {label_words} of {table} that start with {letter}.",
            "List the {label_words} of {table} starting with the letter {letter}.",
            "Which {table} have a {label_words} that starts with {letter}?",
            "Find the {label_words} of {table} whose first letter is {letter}.",
        ),
        (
            "Find each {label_words} in {table} that begins with {letter}.",
            "Give me {table} by {label_words}, only those with the initial {letter}.",
        ),
        _initial,
    ),
    Kind(
        "having",
        "SELECT {cat} FROM {table} GROUP BY {cat} HAVING COUNT(*) > {k};",
        (
            "Which {cat_words} values have more than {k} {table}?",
            "Show the {cat_words} values with more than {k} {table}.",
            "List each {cat_words} that has more than {k} {table}.",
            "Give each {cat_words} that more than {k} {table} have.",
        ),
        (
            "Find any {cat_words} shared by over {k} {table}.",
            "Return the {cat_words} groups whose count of {table} exceeds {k}.",
        ),
        _groups,
    ),
    Kind(
        "join",
        "SELECT {table}.{label} FROM {table} JOIN {parent} ON {table}.{link} = {parent}.id "
        "WHERE {parent}.{cat} = '{value}';",
        (
            "Show the {label_words} of {table} that belong to {parent} with {cat_words} {value}.",
            "List the {label_words} of {table} of {parent} whose {cat_words} is {value}.",
            "Which {table} belong to {parent} with the {cat_words} {value}? Show the {label_words}.",
            "Find the {label_words} of {table} whose {parent} have the {cat_words} {value}.",
        ),
        (
            "Give me the {label_words} of {table} linked to {parent} where {cat_words} equals {value}.",
            "For {parent} having {value} as {cat_words}, look up the {label_words} of their {table}.",
        ),
        _linked,
        joins=True,
    ),
)
