"""Every scorer gives the value that one would work out by hand, or that its reference gives."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import Any

import pytest

from ftstudio_ext.core.answers import look
from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.schema.evaluation_results import ScoredRow
from ftstudio_ext.schema.evaluations import EvaluateSpec
from ftstudio_ext.schema.scorers import ResolvedScorerFile
from ftstudio_ext.workers.scoring.base import Example, Judged
from ftstudio_ext.workers.scoring.matching import edit_distance, normalized, token_f1
from ftstudio_ext.workers.scoring.registry import Registry, primary

SPEC = {"name": "e", "base_model": "m", "dataset": "d", "prompt": "p"}


def spec(**fields: Any) -> EvaluateSpec:
    return EvaluateSpec.model_validate(SPEC | fields)


def judged(
    scorer: str, expected: str, answer: str, known: Sequence[str] = (), **fields: Any
) -> Judged:
    """What a scorer says of one answer; `known`: all expected answers."""
    made = Registry(installed=False).get(scorer)(spec(**fields))
    made.prepare([expected, *known])
    found = made.score(Example(expected=expected, answer=answer, seconds=2, new_tokens=10))
    return found if isinstance(found, Judged) else Judged(found)


def test_words_are_normalized_as_squad_does() -> None:
    assert normalized("The  Answer, is: 42!") == "answer is 42"
    assert judged("normalized", "Paris", "paris.").scores == {"normalized_match": 1}
    assert token_f1("the cat sat", "a cat sat down") == pytest.approx(2 * 2 / (2 + 3))
    assert token_f1("", "") == 1 and token_f1("a cat", "dog") == 0


def test_edit_distance_agrees_with_the_textbook() -> None:
    def textbook(left: str, right: str) -> int:
        row = list(range(len(right) + 1))
        for at, character in enumerate(left, 1):
            before, row[0] = row[0], at
            for place, other in enumerate(right, 1):
                best = min(row[place] + 1, row[place - 1] + 1, before + (character != other))
                before, row[place] = row[place], best
        return row[-1]

    assert edit_distance("kitten", "sitting") == 3
    assert edit_distance("", "abc") == edit_distance("abc", "") == 3
    rng = random.Random(1)
    for _ in range(200):
        left, right = ("".join(rng.choices("abcd", k=rng.randrange(90))) for _ in "ab")
        assert edit_distance(left, right) == textbook(left, right)


def test_json_is_judged_by_its_content() -> None:
    same = judged("json", '{"a": 1, "b": [2, 3]}', 'Sure: {"b": [2, 3], "a": 1.0}')
    assert same.scores == {"json_valid": 0, "json_match": 1, "json_fields": 1}
    part = judged("json", '{"a": 1, "b": {"c": "x", "d": true}}', '{"a": 1, "b": {"c": "y"}}')
    assert part.scores == {"json_valid": 1, "json_match": 0, "json_fields": pytest.approx(1 / 3)}
    assert part.note == "differs in b.c, b.d"
    assert judged("json", '{"a": true}', '{"a": 1}').scores["json_match"] == 0
    assert judged("json", '{"a": 1}', "no").scores["json_valid"] == 0
    chosen = judged("json", '{"a": 1, "b": 2}', '{"a": 1, "b": 9}', json_fields=["a"])
    assert chosen.scores["json_match"] == 1
    assert judged("json", "no json", '{"a": 1}').scores["json_match"] is None


LABELS = ("positive", "negative", "not relevant", "relevant")


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ("Positive", "positive"),
        ("positive\n\nText: the next one", "positive"),
        ("The answer is: negative.", "negative"),
        ("not relevant", "not relevant"),
        ("It is not relevant here", "not relevant"),
        ("positive or negative", "(no label)"),
        ("no idea", "(no label)"),
        ("", "(no label)"),
    ],
)
def test_the_label_is_found_in_the_first_line(answer: str, label: str) -> None:
    found = judged("classification", "positive", answer, LABELS)
    assert found.labels == ("positive", label)
    assert found.scores["accuracy"] == (label == "positive")


def rows(pairs: Sequence[tuple[str, str]], scorer: str, known: Sequence[str]) -> Any:
    """(scorer, its statistics of all rows) for (expected, answer) pairs."""
    made = Registry(installed=False).get(scorer)(spec())
    made.prepare(list(known))
    found = []
    for expected, answer in pairs:
        said = made.score(Example(expected=expected, answer=answer))
        assert isinstance(said, Judged)
        row = ScoredRow(
            system="s", split="t", row=0, text="", answer="", stopped=True, new_tokens=1, seconds=1
        )
        found.append(row.model_copy(update={"stats": said.stats, "labels": said.labels}))
    return made, found


def test_macro_f1_is_the_mean_of_the_labels_f1() -> None:
    pairs = [("a", "a"), ("a", "b"), ("b", "b"), ("b", "b"), ("c", "what")]
    made, found = rows(pairs, "classification", ["a", "b", "c"])
    value = made.total("macro_f1", made.matrix("macro_f1", found).sum(0))
    assert value == pytest.approx((2 / 3 + 4 / 5 + 0) / 3)


PAIRS = [
    ("the cat sat on the mat", "the cat sat on a mat"),
    ("it is raining cats and dogs today", "it rains today"),
    ("hello there my good friend", "something else entirely here"),
    ("one", "one two three"),
    ("short", ""),
]


@pytest.mark.parametrize("name", ["bleu", "chrf"])
def test_corpus_metrics_agree_with_sacrebleu(name: str) -> None:
    metrics = pytest.importorskip("sacrebleu.metrics")
    reference = {"bleu": metrics.BLEU(force=True), "chrf": metrics.CHRF()}[name]
    for pairs in (PAIRS, PAIRS[:1], PAIRS[2:3], PAIRS[3:], PAIRS * 3):
        made, found = rows(pairs, name, [])
        ours = float(made.total(name, made.matrix(name, found).sum(0)))
        answers, expected = [pair[1] for pair in pairs], [pair[0] for pair in pairs]
        theirs = reference.corpus_score(answers, [expected]).score
        assert ours == pytest.approx(theirs, abs=1e-6), pairs


def test_rouge_agrees_with_its_definition() -> None:
    pytest.importorskip("rouge_score")
    found = judged("rouge", "the cat sat", "the cat ran away").scores
    assert found["rouge1"] == pytest.approx(2 * 2 / 7)
    assert found["rougeL"] == pytest.approx(2 * 2 / 7)


def test_sql_is_compared_without_its_spelling() -> None:
    pytest.importorskip("sqlglot")
    same = judged("sql", 'SELECT "a" FROM t WHERE x<>1', "select A from T where x != 1;")
    assert same.scores == {"sql_valid": 1, "sql_equal": 1}
    other = judged("sql", "SELECT a FROM t WHERE x = 'Paris'", "SELECT a FROM t WHERE x = 'paris'")
    assert other.scores == {"sql_valid": 1, "sql_equal": 0}
    for nonsense in ("SELECT FROM WHERE", "I cannot answer that", "", "((((" * 3000, "SELECT 'x"):
        found = judged("sql", "SELECT 1", nonsense)
        assert found.scores == {"sql_valid": 0, "sql_equal": 0} and found.note, nonsense


def test_the_rest() -> None:
    assert judged("length", "abcd", "ab").scores == {"length_ratio": 0.5}
    assert judged("length", "", "ab").scores == {"length_ratio": None}
    assert judged("regex", "", "call 555-123", regex=r"\d{3}-\d{3}").scores == {"regex_match": 1}
    assert judged("speed", "", "").scores == {"latency_s": 2, "tokens_per_s": 5}
    for wrong in ({}, {"regex": "(["}):
        with pytest.raises(InvalidInput):
            judged("regex", "", "", **wrong)


@pytest.mark.parametrize(
    ("expected", "kind", "metric"),
    [
        (['{"a": 1}', "[1]"], "json", "json_match"),
        (["SELECT a FROM t", "select 1"], "sql", "sql_equal"),
        (["yes", "no"] * 10, "label", "accuracy"),
        (["Paris", "in the north of Italy", "1789"], "short", "exact_match"),
        ([" ".join(["word"] * 30), " ".join(["other"] * 40)], "text", "rougeL"),
        (["", ""], "text", "rougeL"),
    ],
)
def test_scorers_are_chosen_by_what_is_expected(
    expected: list[str], kind: str, metric: str
) -> None:
    for package in ("sqlglot", "rouge_score", "sacrebleu"):
        pytest.importorskip(package)
    found = look(expected)
    assert found.kind == kind and found.reason
    chosen = Registry(installed=False).chosen(spec(), found)
    keys = [info.key for scorer in chosen for info in scorer.metrics]
    assert primary(found, keys) == metric
    assert {"exact", "stops", "speed"} <= {scorer.name for scorer in chosen}


def test_what_the_prompt_declares_counts_more_than_the_look() -> None:
    found = look(["SELECT a FROM t"], [{"ddl": "CREATE TABLE t (a)"}], task="short")
    assert (found.kind, found.schema_column) == ("short", None)
    found = look(["PRAGMA table_info(t)"], [{"ddl": "CREATE TABLE t (a)"}], task="sql")
    assert (found.kind, found.schema_column) == ("sql", "ddl")


def test_sql_columns_are_found() -> None:
    data = [{"q": "x", "ddl": "CREATE TABLE t (a)", "more": "INSERT INTO t VALUES (1)"}] * 3
    found = look(["SELECT a FROM t"] * 3, data)
    assert (found.schema_column, found.rows_column) == ("ddl", "more")
    listing = {item.name: item for item in Registry(installed=False).listing(found)}
    assert listing["sql_execution"].suggested


OWN = '''
from ftstudio_ext.workers.scoring.base import Scorer, share

def score_politeness(answer, row):
    """Says please."""
    return "please" in answer and row["kind"] == "letter"

class Short(Scorer):
    name = "short"
    title = "Short"
    metrics = (share("short", "Short"),)
    def score(self, example):
        return {"short": float(len(example.answer) < 10)}
'''


def file(text: str) -> ResolvedScorerFile:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return ResolvedScorerFile(path="own.py", sha256=digest, text=text)


def test_a_file_of_ones_own_brings_functions_and_classes() -> None:
    registry = Registry([file(OWN)], installed=False)
    chosen = {s.name: s for s in registry.chosen(spec(), look(["x"]))}
    example = Example(expected="", answer="please", row={"kind": "letter"})
    assert chosen["politeness"].score(example) == {"politeness": 1.0}
    assert chosen["short"].score(example) == {"short": 1.0}


@pytest.mark.parametrize(
    ("named", "used"),
    [(["exact"], ["exact", "politeness", "short"]), (["exact", "short"], ["exact", "short"])],
)
def test_a_file_that_was_agreed_to_is_used_beside_chosen_scorers(
    named: list[str], used: list[str]
) -> None:
    chosen = Registry([file(OWN)], installed=False).chosen(spec(scorers=named), look(["x"]))
    assert sorted(scorer.name for scorer in chosen) == used


@pytest.mark.parametrize(
    ("text", "words"), [("x = 1", "no scorer"), ("1 / 0", "ZeroDivisionError"), ("def", "Syntax")]
)
def test_a_file_that_does_not_work_is_named(text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        Registry([file(text)], installed=False)


def test_a_file_other_than_the_one_agreed_to_is_not_run() -> None:
    changed = file(OWN).model_copy(update={"text": OWN + "\n"})
    with pytest.raises(InvalidInput, match="agreed"):
        Registry([changed], installed=False)


def test_an_unknown_scorer_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InvalidInput) as refusal:
        Registry(installed=False).chosen(spec(scorers=["rogue"]), look(["x"]))
    assert "rouge" in str(refusal.value.remedy)
