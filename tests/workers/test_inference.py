"""Answers from one resident model: the same together as alone, whole characters, own seeds, and
adapters that come and go without loading the base again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.schema.comparisons import TaskMetric
from ftstudio_ext.schema.generation import GenerationSettings
from tests.adapters_that_disagree import make_adapter
from tests.tiny_model import make_tiny_model, make_tokenizer

pytestmark = pytest.mark.train

TEXTS = ("Say red", "Question: how many people live in the city?\nAnswer:")
NAMES = ("one", "two", "three")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base model and adapters with different ranks."""
    import torch

    torch.set_num_threads(1)  # the model is tiny, and others work on these cores
    root = tmp_path_factory.mktemp("resident")
    make_tiny_model(root / "base")
    for seed, name in enumerate(NAMES):
        make_adapter(root / "base", root / name, seed, r=2 + 2 * seed)
    make_adapter(root / "base", root / "dora", 9, use_dora=True)
    return root


@pytest.fixture(scope="module")
def full(made: Path) -> Any:
    return _resident(made, "32-bit")


def _resident(made: Path, precision: str, **more: Any) -> Any:
    from ftstudio_ext.workers.resident_model import ResidentModel

    resident = ResidentModel(made / "base", precision, **more)
    for name in NAMES:
        resident.require(name, made / name)
    return resident


def _asks(resident: Any, **settings: Any) -> list[Any]:
    from ftstudio_ext.workers.decoding import Ask

    wanted = GenerationSettings(**{"max_new_tokens": 16, **settings})
    ends = tuple(sorted(resident.ends()))
    return [
        Ask({"row": row, "column": column}, ids, wanted, ends, wanted.max_new_tokens, adapter)
        for row, ids in enumerate(resident.tokenizer(list(TEXTS))["input_ids"])
        for column, adapter in enumerate((None, *NAMES))
    ]


def _write(resident: Any, asks: list[Any], together: bool, stop_after: int = 10**9) -> list[Any]:
    """The asks, answered; `stop_after`: cancelled after so many steps."""
    from ftstudio_ext.workers.decoding import Listener, write

    steps = iter(range(10**9))
    quiet = Listener(lambda pieces: None, lambda ask: None, lambda: next(steps) >= stop_after)
    if together:
        write(resident.model, resident.tokenizer, asks, quiet, mixed=True)
        return asks
    for ask in asks:
        with resident.using(ask.adapter) as model:
            write(model, resident.tokenizer, [ask], quiet)
    return asks


@pytest.mark.parametrize("precision", ["32-bit", "4-bit"])
def test_greedy_answers_of_a_mixed_batch_are_those_of_each_adapter_alone(
    made: Path, full: Any, precision: str
) -> None:
    resident = full if precision == "32-bit" else _resident(made, precision)
    together = [ask.tokens for ask in _write(resident, _asks(resident), True)]
    alone = [ask.tokens for ask in _write(resident, _asks(resident), False)]
    assert together == alone
    assert len({tuple(tokens) for tokens in together}) == len(together), "all disagree"


def test_a_sampled_answer_depends_on_its_seed_and_on_nothing_else(full: Any) -> None:
    settings = {"temperature": 1.2, "top_p": 0.9, "top_k": 50, "repetition_penalty": 1.1}
    first = [ask.text for ask in _write(full, _asks(full, **settings), True)]
    alone = [ask.text for ask in _write(full, _asks(full, **settings), False)]
    other = [ask.text for ask in _write(full, _asks(full, **settings, seed=1), True)]
    assert first == alone and first != other


def test_cancel_stops_every_answer_at_the_same_token(full: Any) -> None:
    asks = _write(full, _asks(full), True, stop_after=3)
    assert {len(ask.tokens) for ask in asks if ask.reason == "cancelled"} == {4}
    assert all(len(ask.tokens) < 4 for ask in asks if ask.reason == "end")


def test_each_answer_has_its_own_limit_clock_and_stop_text(full: Any) -> None:
    whole = _write(full, _asks(full), True)
    asks = _asks(full)
    for ask, known in zip(asks, whole, strict=True):
        ask.limit = 3 if ask.tag["column"] else 9
        ask.stops = (known.text[4:6],) if ask.tag["row"] and known.text[4:6] else ()
    _write(full, asks, True)
    for ask, known in zip(asks, whole, strict=True):
        assert len(ask.tokens) <= ask.limit and known.text.startswith(ask.text)
        assert ask.reason in ("limit", "end") and 0 < ask.first_token_s <= ask.seconds
        assert not ask.stops or ask.stops[0] not in ask.text


def test_beams_answer_at_once_and_never_with_a_temperature(full: Any) -> None:
    from ftstudio_ext.workers.picking import check_settings

    asks = _write(full, _asks(full, advanced={"num_beams": 2}), True)
    assert all(ask.text and ask.reason for ask in asks)
    for wrong, words in (
        ({"num_beams": 2}, "temperature"),
        ({"max_length": 3}, "max_length"),
        ({"nonsense": 1}, "unknown"),
    ):
        with pytest.raises(InvalidInput, match=words):
            check_settings(GenerationSettings(temperature=1, advanced=wrong))


def test_adapters_come_and_go_as_memory_allows(made: Path) -> None:
    room = [0]
    resident = _resident(made, "32-bit", free_bytes=lambda: room[0])
    assert resident.adapters == ["three"], "without room, each one makes way for the next"
    room[0] = 1 << 40
    assert [resident.require(name, made / name) for name in NAMES] == [[], [], []]
    room[0] = 0
    assert resident.require("dora", made / "dora", keep=["one", "two"]) == ["three"]
    assert "DoRA" in resident.why_unmixed("dora") and resident.why_unmixed("one") is None
    before = _write(resident, _asks(resident)[:2], True)
    for name in ("dora", "two", "one"):
        resident.drop(name)
    (base,) = _write(resident, _asks(resident)[:1], False)
    assert base.tokens == before[0].tokens, "the base model is as it was"
    with pytest.raises(InvalidInput, match="cannot be read"):
        resident.require("gone", made / "gone")


def test_a_failed_mixed_batch_leaves_nothing_behind(made: Path, full: Any) -> None:
    full.require("dora", made / "dora")
    alone = [ask.tokens for ask in _write(full, _asks(full), False)]
    asks = _asks(full)
    asks[0].adapter = "dora"
    with pytest.raises(ValueError, match="DoRA"):
        _write(full, asks, True)
    assert [ask.tokens for ask in _write(full, _asks(full), False)] == alone
    full.drop("dora")


@pytest.mark.parametrize("style", ["byte-level", "sentencepiece"])
def test_streamed_pieces_are_whole_characters_and_make_the_text(style: str) -> None:
    from ftstudio_ext.workers.streamed_text import StreamedText

    tokenizer = make_tokenizer() if style == "byte-level" else _sentencepiece()
    for text in ("Grüße, 東京 🗼! naïve  café", " red", "a", "👩‍👩‍👧 x"):
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        streamed = StreamedText(tokenizer)
        pieces = [*(streamed.add(token) for token in ids), streamed.end()]
        assert "".join(pieces) == streamed.text == tokenizer.decode(ids)
        assert not any("\ufffd" in piece for piece in pieces)
    half = StreamedText(tokenizer)
    *first, _last = tokenizer("é", add_special_tokens=False)["input_ids"]
    assert "".join(half.add(token) for token in first) == "" and half.end() == "\ufffd"


def _sentencepiece() -> Any:
    """A tokenizer in the manner of Llama 2: words begin with a mark, bytes fall back."""
    from tokenizers import Tokenizer, decoders, models, normalizers
    from transformers import PreTrainedTokenizerFast

    vocabulary = {"<unk>": 0, "</s>": 1}
    for byte in range(256):
        vocabulary[f"<0x{byte:02X}>"] = len(vocabulary)
    for piece in "▁abcdefghijklmnopqrstuvwxyzGR,!":
        vocabulary[piece] = len(vocabulary)
    model = models.BPE(vocabulary, [], unk_token="<unk>", byte_fallback=True)
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    tokenizer.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>", eos_token="</s>")


SCHEMA = "CREATE TABLE t (a INT); INSERT INTO t VALUES (1), (2);"


@pytest.mark.parametrize(
    ("expected", "values", "answer", "kind", "passed"),
    [
        ("SELECT a FROM t", {"db": SCHEMA}, "```sql\nSELECT a FROM t ORDER BY 1\n```", "sql", True),
        ("SELECT a FROM t", {"db": SCHEMA}, "SELECT a FROM t WHERE a = 1", "sql", False),
        ("SELECT a FROM t", {"db": SCHEMA}, "SELECT b FROM t", "sql", False),
        ('{"a": 1}', {}, '{"a":1}', "json", True),
        ('{"a": 1}', {}, '{"a": 1', "json", False),
        (" red", {}, "Red.\nBecause", "label", True),
        (" red", {}, "blue", "label", False),
        ("A long answer of many words.", {}, "Another one.", None, None),
    ],
)
def test_the_task_is_judged_by_the_look_of_what_is_expected(
    expected: str, values: dict[str, str], answer: str, kind: str | None, passed: bool | None
) -> None:
    from ftstudio_ext.workers.answer_scoring import Expected, score

    found = score(Expected(expected, values, TaskMetric()), answer)
    task = found["task"] or {"kind": None, "passed": None}
    assert (task["kind"], task["passed"]) == (kind, passed)
    assert kind is None or task["message"]
