"""From the questions of a call to asks that a model can answer: tokens, ends, limits, and what
would be right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftstudio_ext.core.errors import InvalidInput, StudioError
from ftstudio_ext.core.examples import encode_prompts, stop_ids
from ftstudio_ext.core.tokenization import prompt_ids
from ftstudio_ext.schema.comparisons import TaskMetric
from ftstudio_ext.schema.generation import GenerationSettings
from ftstudio_ext.schema.prompts import PromptContent

from .answer_scoring import Expected
from .decoding import Ask
from .picking import check_settings
from .resident_model import ResidentModel

Refuse = Callable[[Any, StudioError], None]


@dataclass(frozen=True)
class AdapterFolder:
    """An adapter as the caller knows it."""

    key: str
    path: Path
    name: str


@dataclass
class _Question:
    """A question as tokens, and what would be right."""

    prompt: list[int]
    ends: tuple[int, ...]
    expected: Expected | None = None


def prepared(
    resident: ResidentModel, params: dict[str, Any], refuse: Refuse
) -> list[tuple[Ask, Expected | None]]:
    """The asks of a call with their tokens; those that cannot be asked are refused, one by one."""
    questions = [_question(resident, given) for given in params["questions"]]
    room = resident.context_length
    found = []
    for given in params["asks"]:
        question = questions[given["question"]]
        settings = GenerationSettings.model_validate(given["settings"])
        if isinstance(question, StudioError):
            refuse(given["answer"], question)
            continue
        try:
            check_settings(settings)
            limit = _limit(len(question.prompt), settings.max_new_tokens, room)
        except StudioError as error:
            refuse(given["answer"], error)
            continue
        ask = Ask(
            tag=given["answer"],
            prompt=question.prompt,
            settings=settings,
            ends=question.ends,
            limit=limit,
            adapter=given.get("adapter"),
            stops=tuple(given.get("stops") or ()),
        )
        found.append((ask, question.expected))
    return found


def _question(resident: ResidentModel, given: dict[str, Any]) -> _Question | StudioError:
    tokenizer, ends = resident.tokenizer, resident.ends()
    try:
        if given.get("tokens") is not None:
            prompt = [int(token) for token in given["tokens"]]
        elif given.get("text") is not None:
            prompt = prompt_ids(tokenizer, [given["text"]])[0]
        else:
            content = PromptContent.model_validate(given["content"])
            prompt = encode_prompts(tokenizer, content, [given["values"]])[0]
            ends |= set(stop_ids(tokenizer, content))
    except StudioError as error:
        return error
    expected = None
    if given.get("expected"):
        task = TaskMetric.model_validate(given.get("task") or {})
        expected = Expected(given["expected"], given.get("values") or {}, task)
    return _Question(prompt, tuple(sorted(ends)), expected)


def folder_of(given: dict[str, Any]) -> AdapterFolder:
    """An adapter as it stands in a call: {key, path, name}."""
    return AdapterFolder(given["key"], Path(given["path"]), given["name"])


def _limit(prompt_tokens: int, wanted: int, room: int | None) -> int:
    """How many tokens an answer may have; raises InvalidInput when there is room for none."""
    if prompt_tokens == 0:
        raise InvalidInput(
            "The prompt is empty: the model has nothing to go on from.",
            field="question.text",
            remedy="Write a prompt.",
        )
    if room is None:
        return wanted
    if prompt_tokens >= room:
        raise InvalidInput(
            f"The prompt has {prompt_tokens:,} tokens; the model reads at most {room:,}, prompt "
            "and answer together.",
            field="question.text",
            remedy="Shorten the prompt.",
            code="prompt_too_long",
        )
    return min(wanted, room - prompt_tokens)
