"""Questions in, a stream of answers out: which answers share a batch, and what is told on the way.

Answers of several adapters to several questions go through the model together, questions of
similar length in one batch, all columns of a question in the same one. What PEFT cannot mix is
answered adapter by adapter; `exact` takes every answer alone.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import torch

from ftstudio_ext.core.errors import StudioError

from .answer_scoring import Expected, score
from .asking import AdapterFolder, folder_of, prepared
from .decoding import Ask, Listener, batch_key, write
from .likelihoods import completion_probabilities
from .resident_model import ResidentModel, adapter_type, free_memory_bytes

BATCH_ON_CPU = 32
BATCH_ON_GPU = 128
MEMORY_SHARE = 0.25
"""Of the free memory, for what a batch remembers of its texts (the key-value cache)."""

Emit = Callable[[dict[str, Any]], None]


@dataclass
class Answering:
    """One call of the verb `answer`."""

    resident: ResidentModel
    params: dict[str, Any]
    emit: Emit
    cancelled: Callable[[], bool]
    batch_size: int = 0
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    _scoring: list[Future[None]] = field(default_factory=list)
    _late: list[Ask] = field(default_factory=list)
    _expected: dict[int, Expected | None] = field(default_factory=dict)
    _mixed: bool = False

    def run(self) -> None:
        """Answer everything, or until cancelled."""
        try:
            asked = prepared(self.resident, self.params, self._refuse)
            self._expected = {id(ask): expected for ask, expected in asked}
            for folders, asks in self._rounds([ask for ask, _ in asked]):
                for batch in self._batches(self._with_adapters(folders, asks)):
                    if self.cancelled():
                        return
                    self._answer(batch)
        finally:
            self._pool.shutdown(wait=True)
        for scored in self._scoring:
            scored.result()

    # --- rounds: adapters that can be in memory together ---------------------------------------

    def _rounds(self, asks: list[Ask]) -> list[tuple[list[AdapterFolder], list[Ask]]]:
        """Adapters of different types (LoRA, IA3, …) cannot be in memory together: one round for
        each type. The base model alone goes with the first."""
        folders = {given["key"]: folder_of(given) for given in self.params["adapters"]}
        types = {key: adapter_type(folder.path) for key, folder in folders.items()}
        order = sorted({types[a.adapter] for a in asks if a.adapter}, key=lambda one: one != "LORA")
        rounds = []
        order = order or [""]
        for one in order:
            some = [a for a in asks if (types[a.adapter] if a.adapter else order[0]) == one]
            wanted = {ask.adapter for ask in some}
            rounds.append(([folder for key, folder in folders.items() if key in wanted], some))
        return rounds

    def _with_adapters(self, folders: list[AdapterFolder], asks: list[Ask]) -> list[Ask]:
        """Have their adapters in memory; asks whose adapter does not load are told and left out."""
        for adapter in sorted(folders, key=lambda one: one.key not in self.resident.adapters):
            try:
                self.resident.require(adapter.key, adapter.path, [f.key for f in folders])
            except StudioError as error:
                for ask in asks:
                    if ask.adapter == adapter.key:
                        self._refuse(ask.tag, error)
                asks = [ask for ask in asks if ask.adapter != adapter.key]
        return asks

    # --- batches -------------------------------------------------------------------------------

    def _batches(self, asks: list[Ask]) -> Iterator[list[Ask]]:
        """Batches whose answers can be written together, short questions first."""
        if self.params.get("exact"):
            yield from ([ask] for ask in asks)
            return
        alone: dict[str, list[Ask]] = {}
        mixed: list[Ask] = []
        for ask in asks:
            why = self.resident.why_unmixed(ask.adapter) if ask.adapter else None
            (alone.setdefault(str(ask.adapter), []) if why else mixed).append(ask)
        yield from self._cut(mixed)
        for adapter, some in alone.items():
            self._tell_switching(adapter, some)
            yield from self._cut(some)

    def _cut(self, asks: list[Ask]) -> Iterator[list[Ask]]:
        groups: dict[str, list[Ask]] = {}
        for ask in asks:
            groups.setdefault(batch_key(ask), []).append(ask)
        for group in groups.values():
            by_row: dict[Any, list[Ask]] = {}
            for ask in group:
                by_row.setdefault(ask.tag["row"], []).append(ask)
            rows = sorted(by_row.values(), key=lambda some: max(len(ask.prompt) for ask in some))
            batch: list[Ask] = []
            for some in rows:
                if batch and len(batch) + len(some) > self._most(batch + some):
                    yield batch
                    batch = []
                batch += some
            while batch:
                most = self._most(batch)
                yield batch[:most]
                batch = batch[most:]

    def _most(self, asks: Sequence[Ask]) -> int:
        """How many answers a batch of these may have."""
        on_gpu = torch.cuda.is_available()
        wanted = self.batch_size or (BATCH_ON_GPU if on_gpu else BATCH_ON_CPU)
        longest = max(len(ask.prompt) for ask in asks) + max(ask.limit for ask in asks)
        each = longest * self.resident.cache_bytes_per_token()
        return max(1, min(wanted, int(MEMORY_SHARE * free_memory_bytes() / max(each, 1))))

    def _answer(self, batch: list[Ask]) -> None:
        self.emit({"events": [{"event": "started", "answer": ask.tag} for ask in batch]})
        listener = Listener(self._pieces, self._done, self.cancelled)
        adapters = {ask.adapter for ask in batch}
        self._mixed = len(adapters) > 1
        try:
            if self._mixed:
                write(self.resident.model, self.resident.tokenizer, batch, listener, mixed=True)
            else:
                with self.resident.using(batch[0].adapter) as model:
                    write(model, self.resident.tokenizer, batch, listener)
        except torch.OutOfMemoryError:
            self._answer_in_halves(batch)
            return
        self._tell_late()

    def _answer_in_halves(self, batch: list[Ask]) -> None:
        """The memory did not suffice: what is not complete begins anew, half as many at once."""
        torch.cuda.empty_cache()
        rest = [ask for ask in batch if ask.reason is None]
        if len(batch) == 1:
            error = StudioError(
                "The memory of the GPU does not suffice for this answer.",
                code="out_of_memory",
                remedy="Choose 4-bit precision, a shorter prompt, or fewer adapters.",
            )
            self._refuse(batch[0].tag, error)
            return
        self.batch_size = max(1, len(batch) // 2)
        for ask in rest:
            ask.reset()
        for start in range(0, len(rest), self.batch_size):
            self._answer(rest[start : start + self.batch_size])

    # --- telling -------------------------------------------------------------------------------

    def _pieces(self, pieces: list[tuple[Ask, str]]) -> None:
        events = [
            {
                "event": "token",
                "answer": ask.tag,
                "text": text,
                "tokens": len(ask.tokens),
                "seconds": round(ask.seconds, 4),
            }
            for ask, text in pieces
        ]
        self.emit({"events": events})

    def _done(self, ask: Ask) -> None:
        expected = self._expected[id(ask)]
        if expected is not None and expected.kind == "label" and ask.reason != "cancelled":
            self._late.append(ask)
        else:
            self._scoring.append(self._pool.submit(self._tell_done, ask, self._mixed, None))

    def _tell_late(self) -> None:
        """Labels are told with how likely the right one was, which takes one more look."""
        late, self._late = self._late, []
        if not late:
            return
        texts = [self._expected[id(ask)].text for ask in late]  # type: ignore[union-attr]
        chances = completion_probabilities(self.resident, late, texts)
        for ask, chance in zip(late, chances, strict=True):
            self._tell_done(ask, self._mixed, chance)

    def _tell_done(self, ask: Ask, mixed: bool, chance: float | None) -> None:
        count = len(ask.tokens)
        writing_s = ask.seconds - (ask.first_token_s or 0)
        metrics: dict[str, Any] = {
            "prompt_tokens": len(ask.prompt),
            "tokens": count,
            "first_token_s": ask.first_token_s,
            "seconds": ask.seconds,
            "tokens_per_s": (count - 1) / writing_s if count > 1 and writing_s > 0 else None,
            "stop_reason": ask.reason,
            "mixed": mixed,
            "expected_probability": chance,
        }
        expected = self._expected[id(ask)]
        if expected is not None and ask.reason != "cancelled":
            try:
                metrics |= score(expected, ask.text)
            except Exception:  # a measure that fails must not cost the answer
                traceback.print_exc()
        done = {"event": "done", "answer": ask.tag, "text": ask.text, "metrics": metrics}
        self.emit({"events": [done]})

    def _refuse(self, answer: Any, error: StudioError) -> None:
        words = error.info().model_dump()
        self.emit({"events": [{"event": "error", "answer": answer, "error": words}]})

    def _tell_switching(self, adapter: str, asks: list[Ask]) -> None:
        name = next(a["name"] for a in self.params["adapters"] if a["key"] == adapter)
        why = self.resident.why_unmixed(adapter)
        notice = {
            "event": "notice",
            "code": "switching",
            "message": f"“{name}” cannot share a batch with the others, so it answers after them "
            f"({why}).",
            "columns": sorted({ask.tag["column"] for ask in asks}),
        }
        self.emit({"events": [notice]})
