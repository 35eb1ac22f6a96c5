"""Adapters that disagree: each has learned an answer of its own to the same questions.

A fresh LoRA is the base model in disguise, and a comparison of such proves nothing. These are
trained for a few seconds on the tiny model, then asked: no two of them answer alike, and none
answers as the base model does.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

ANSWERS = {"loud": "RED GREEN BLUE", "calm": "one two three", "odd": "SELECT name FROM people;"}
QUESTIONS = [f"Say number {number}: " for number in range(8)]
STEPS = 40


def make_disagreeing_adapters(
    model: Path, folder: Path, names: Iterable[str] = tuple(ANSWERS)
) -> list[Path]:
    """Write a PEFT folder below `folder` for each of `names` (keys of `ANSWERS`); about a second
    each on two cores once torch and peft are imported."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    made, heard = [], {_answer(_load(model), tokenizer)}
    for name in names:
        peft = _train(model, tokenizer, ANSWERS[name])
        peft.save_pretrained(folder / name)
        answer = _answer(peft, tokenizer)
        assert answer not in heard, f"{name} answers as another does: {answer!r}"
        heard.add(answer)
        made.append(folder / name)
    return made


def _load(model: Path) -> Any:
    import torch
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)


def _train(model: Path, tokenizer: Any, answer: str) -> Any:
    """A LoRA that has learned to say `answer`, whatever it is asked."""
    import torch
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(0)
    settings = LoraConfig(
        r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM", lora_dropout=0.0
    )
    peft = get_peft_model(_load(model), settings)
    ids, labels = _batch(tokenizer, answer)
    optimizer = torch.optim.AdamW(
        [weight for weight in peft.parameters() if weight.requires_grad], lr=1e-2
    )
    for _ in range(STEPS):
        loss = peft(input_ids=ids, labels=labels).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return peft.eval()


def _batch(tokenizer: Any, answer: str) -> tuple[Any, Any]:
    """Token ids and labels of all questions with one answer; the questions are equally long."""
    import torch

    asked = [tokenizer(question)["input_ids"] for question in QUESTIONS]
    learned = [*tokenizer(answer)["input_ids"], tokenizer.eos_token_id]
    ids = torch.tensor([question + learned for question in asked])
    labels = ids.clone()
    labels[:, : len(asked[0])] = -100
    return ids, labels


def _answer(model: Any, tokenizer: Any) -> str:
    """What a model says to the first question, by its likeliest tokens."""
    import torch

    given = tokenizer(QUESTIONS[0], return_tensors="pt")
    with torch.no_grad():
        made = model.generate(
            **given, max_new_tokens=12, do_sample=False, pad_token_id=tokenizer.pad_token_id
        )
    text: str = tokenizer.decode(made[0, given["input_ids"].shape[1] :], skip_special_tokens=True)
    return text


if __name__ == "__main__":
    import sys

    for path in make_disagreeing_adapters(Path(sys.argv[1]), Path(sys.argv[2])):
        print(path)
