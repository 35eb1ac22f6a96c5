"""Prompts of both modes with all that they may hold, and what training makes of them: solved
examples, sections, values of all types, tokenizers of all families."""

from __future__ import annotations

import datetime
import math
from pathlib import Path
from typing import Any

from ftstudio_ext.core.examples import encode_examples, without_examples
from ftstudio_ext.core.sampling import parts
from ftstudio_ext.schema.prompts import Message, PromptContent, SolvedExample
from tests import tokenizer_styles
from tests.tiny_model import make_tiny_model, make_tokenizer
from tests.workers.training_job import TrainingJob

ROWS = [
    {
        "question": f"Say {'blue' if index % 2 else 'green'}",
        "hint": None if index % 3 else f'it is {{"{index}"}}',
        "number": math.nan if index % 4 == 0 else index / 7,
        "when": datetime.datetime(2024, 1, 1 + index, 3),
        "tags": ["a", None, "ü\n"][: index % 4],
        "answer": "" if index == 5 else " the colour is blue",
    }
    for index in range(20)
]
SHOWN = {"question": "Say it", "hint": "Be brief", "answer": "So", "number": 1.5, "tags": ["x"]}
SHOTS = [SolvedExample(split="train", row=row, values=SHOWN | {"when": "2024"}) for row in (3, 8)]
QUESTION = "Question {question}{?hint} ({{hint}}: {hint}){/hint}\r\n{?number}{number}{/number} "
ALL = QUESTION + "{when} {tags}\n"


def chat(template: str | None = None, system: bool = True, **more) -> PromptContent:
    turns = [("user", ALL), ("assistant", "{answer}")]
    turns = [("system", "Be brief {question}"), *turns] if system else turns
    messages = [Message(role=role, content=content) for role, content in turns]
    return PromptContent(mode="chat", messages=messages, chat_template=template, **more)


def text(prompt: str = ALL, completion: str = "{answer}", **more) -> PromptContent:
    return PromptContent(prompt_template=prompt, completion_template=completion, **more)


CASES = {
    "gpt2": (text(), {"loss_on": "all"}),
    "llama": (text(QUESTION), {"max_length": 60}),
    "llama-chat": (chat("headings"), {}),
    "mistral": (chat(system=False), {}),
    "mistral-shots": (text(examples=SHOTS), {}),
    "qwen": (chat(examples=SHOTS), {"data": {"test_fraction": 0, "validation_fraction": 0.4}}),
    "tiny": (chat("chatml"), {}),
    "tiny-fixed": (text("Say", "blue it is"), {}),
}


def job_of(case: str, folder: Path) -> TrainingJob:
    """A job with the case's prompt and a model with its tokenizer; nothing runs."""
    content, spec = CASES[case]
    style = case.partition("-")[0]
    tokenizer = make_tokenizer() if style == "tiny" else tokenizer_styles.make(style)
    model = make_tiny_model(folder / "models" / case, layers=1, tokenizer=tokenizer)
    settings: dict[str, Any] = {"max_length": 400, **spec}
    return TrainingJob(folder / case, model, {"train": ROWS}, content=content, **settings)


def tokens_of(job: TrainingJob) -> list[list[dict[str, list[int]]]]:
    """What training makes of the training and the validation rows."""
    from transformers import AutoTokenizer

    spec, prompt = job.spec, job.resolved.prompt
    tokenizer = AutoTokenizer.from_pretrained(job.resolved.base_model.path)
    drawn, found = parts({"train": len(ROWS)}, spec.data, spec.seed), []
    for part in (drawn.train, drawn.validation):
        rows = [ROWS[row] for row in without_examples(prompt, "train", part.rows)]
        made = encode_examples(tokenizer, prompt, rows, spec.max_length, spec.loss_on)
        used = [row for row in made if row.outcome == "used"]
        found.append([{"input_ids": row.input_ids, "labels": row.labels} for row in used])
    return found
