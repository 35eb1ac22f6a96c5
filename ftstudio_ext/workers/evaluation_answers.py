"""The answers of the systems of one base model: batched, resumable, judged as they come."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ftstudio_ext.core.examples import (
    BETWEEN_EXAMPLES,
    encode_examples,
    encode_prompts,
    fit_tokenizer,
)
from ftstudio_ext.core.statistics import percentile
from ftstudio_ext.core.tokenization import IGNORED
from ftstudio_ext.schema.evaluation_results import ScoredRow
from ftstudio_ext.schema.evaluations import EvaluateSpec, ResolvedEvaluation
from ftstudio_ext.schema.generation import GenerationSettings

from . import model_files
from .evaluation_results import RowsFile
from .evaluation_rows import Question
from .evaluation_scoring import Bench
from .evaluation_systems import Group, System, can_share_batches
from .generation import Writer, add_adapters, by_length, load_base, using
from .likelihood import completion_logprobs
from .model_loading import fit_pad_token, load_tokenizer

ROOM_TOKENS = 8
"""Beyond the 99th percentile of the expected answers, so that none but the longest is cut."""
DECODING_WEIGHT = 4
"""A token to write costs about as much as so many to read, when batches are put together."""
LONGEST = 2**31


@dataclass(frozen=True)
class Task:
    """What the systems of an evaluation share."""

    spec: EvaluateSpec
    resolved: ResolvedEvaluation
    asked: list[Question]
    shots: list[Question]
    bench: Bench
    rows: RowsFile
    progressed: Callable[[], None]
    """Called before each batch; raises Stopped when people asked for it."""


class Answering:
    """One base model with its adapters, in memory."""

    def __init__(self, task: Task, group: Group) -> None:
        self.task, self.group = task, group
        folder = model_files.local_folder(group.resolved.base_model)
        model_files.check_folder(folder)
        self.tokenizer = load_tokenizer(folder)
        model = load_base(folder, group.precision)
        fit_pad_token(self.tokenizer, model)
        fit_tokenizer(self.tokenizer, task.resolved.prompt)
        folders = {s.adapter: s.folder for s in group.systems if s.adapter and s.folder}
        self.model = add_adapters(model, folders)
        self._values = [question.values for question in task.asked]
        self.expected = self._expected_tokens()
        self.settings = task.spec.generation or greedy(list(map(len, self.expected)))
        self.prompts = encode_prompts(self.tokenizer, task.resolved.prompt, self._values)
        self._few_shot: dict[int, tuple[list[list[int]], list[int]]] = {}
        self._warm_up()

    def _warm_up(self) -> None:
        """What a model does once, at its first answer, is not the first system's time."""
        settings = self.settings.model_copy(update={"max_new_tokens": 2})
        Writer(self.model, self.tokenizer, settings).write([self.prompts[0]])

    def answer_all(self) -> None:
        """Every question that a system has not answered in an earlier attempt."""
        alone = list(self.group.systems)
        sharing = [system for system in alone if not system.shots]
        if self._worth_sharing(sharing):
            alone = [system for system in alone if system.shots]
            self._answer_together(sharing)
        for system in alone:
            self._answer_alone(system)

    def _worth_sharing(self, systems: Sequence[System]) -> bool:
        """Mixed batches pay where one system cannot fill a batch. Where each can, they would make
        systems that end early wait for those that never do."""
        few = len(self.task.asked) * 2 <= self.task.spec.batch_size
        return few and len(systems) > 1 and can_share_batches(list(systems))

    def _missing(self, system: System) -> list[int]:
        rows = self.task.rows.rows
        places = enumerate(self.task.asked)
        return [at for at, q in places if (system.key, q.split, q.row) not in rows]

    def _answer_together(self, systems: Sequence[System]) -> None:
        writer = Writer(self.model, self.tokenizer, self.settings)
        todo = [(system, at) for system in systems for at in self._missing(system)]
        for batch in self._batches([at for _, at in todo]):
            chosen = [todo[place] for place in batch]
            self._seed(chosen)
            answers = writer.write(
                [self.prompts[at] for _, at in chosen], [system.adapter for system, _ in chosen]
            )
            likelihoods = [self._likelihoods(system, [at])[0] for system, at in chosen]
            self.task.rows.add(
                [
                    self.task.bench.judge(system, self.task.asked[at], answer, likely)
                    for (system, at), answer, likely in zip(
                        chosen, answers, likelihoods, strict=True
                    )
                ]
            )

    def _answer_alone(self, system: System) -> None:
        missing = self._missing(system)
        if not missing:
            return
        with using(self.model, system.adapter):
            write = self._writer(system)
            for batch in self._batches(missing):
                chosen = [missing[place] for place in batch]
                self._seed([(system, at) for at in chosen])
                answers = write(chosen)
                likelihoods = self._likelihoods(system, chosen)
                judged = zip(chosen, answers, likelihoods, strict=True)
                self.task.rows.add([self._judged(system, *one) for one in judged])

    def _judged(self, system: System, at: int, answer: Any, likely: Any) -> ScoredRow:
        return self.task.bench.judge(system, self.task.asked[at], answer, likely)

    def _batches(self, places: list[int]) -> Iterator[list[int]]:
        """Of similar cost: what is read, and what is likely to be written."""
        costs = [len(self.prompts[at]) + DECODING_WEIGHT * len(self.expected[at]) for at in places]
        for batch in by_length(costs, self.task.spec.batch_size):
            self.task.progressed()
            yield batch
        self.task.progressed()

    def _writer(self, system: System) -> Callable[[list[int]], list[Any]]:
        """Writes the answers to some questions. Solved examples are read once for all of them."""
        if not system.shots:
            writer = Writer(self.model, self.tokenizer, self.settings)
            return lambda places: writer.write([self.prompts[at] for at in places])
        prompts, prefix = self._few_shot_prompts(system.shots)
        plain = self.task.resolved.prompt.mode == "text" and not any(
            BETWEEN_EXAMPLES in question.expected for question in self.task.asked
        )
        stop = BETWEEN_EXAMPLES if plain else None
        few = Writer(self.model, self.tokenizer, self.settings, prefix, stop_text=stop)
        return lambda places: few.write([prompts[at][len(prefix) :] for at in places])

    def _few_shot_prompts(self, shots: int) -> tuple[list[list[int]], list[int]]:
        """All prompts with solved examples in front, and the tokens that they begin with."""
        if shots in self._few_shot:
            return self._few_shot[shots]
        solved = [question.values for question in self.task.shots[:shots]]
        prompt = self.task.resolved.prompt
        prompts = encode_prompts(self.tokenizer, prompt, self._values, solved)
        self._few_shot[shots] = prompts, common_prefix(prompts)
        return self._few_shot[shots]

    def _likelihoods(self, system: System, places: list[int]) -> Sequence[tuple[float, int] | None]:
        """(log-probability, tokens) of each expected answer, where a scorer wants it."""
        if not self.task.bench.needs_likelihood:
            return [None] * len(places)
        prompts = self._few_shot_prompts(system.shots)[0] if system.shots else self.prompts
        with using(self.model, system.adapter):
            return completion_logprobs(
                self.model,
                self.tokenizer,
                [prompts[at] for at in places],
                [self.expected[at] for at in places],
            )

    def _expected_tokens(self) -> list[list[int]]:
        """The expected answers as training would teach them, end of sequence included."""
        rows = encode_examples(
            self.tokenizer, self.task.resolved.prompt, self._values, max_length=LONGEST
        )
        return [[label for label in row.labels if label != IGNORED] for row in rows]

    def _seed(self, chosen: list[tuple[System, int]]) -> None:
        """Sampled answers depend on the seed and the batch, not on what ran before."""
        if self.settings.temperature > 0:
            import torch

            names = " ".join(f"{system.key} {at}" for system, at in chosen)
            torch.manual_seed((self.settings.seed << 16) ^ zlib.crc32(names.encode()))


def greedy(expected_tokens: Sequence[int]) -> GenerationSettings:
    """The likeliest answer, with room for all but the longest 1 % of the expected ones."""
    return GenerationSettings(max_new_tokens=int(percentile(expected_tokens, 0.99)) + ROOM_TOKENS)


def common_prefix(prompts: Sequence[list[int]]) -> list[int]:
    """The tokens that all prompts begin with; at least one of each is left."""
    shortest, longest = min(prompts), max(prompts)
    length = 0
    for left, right in zip(shortest, longest, strict=False):
        if left != right:
            break
        length += 1
    return list(shortest[: min(length, min(map(len, prompts)) - 1)])
