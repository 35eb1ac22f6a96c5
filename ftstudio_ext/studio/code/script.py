"""A training run as a script of stock libraries, from the templates beside this file."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2

from ftstudio_ext.core.chat import BUILT_IN
from ftstudio_ext.core.examples import placeholders_of
from ftstudio_ext.core.sampling import Part, parts
from ftstudio_ext.schema.datasets import Dataset, HubSource
from ftstudio_ext.schema.jobs import Resources
from ftstudio_ext.schema.models import BaseModelRecord, HubModelSource
from ftstudio_ext.schema.prompts import Prompt
from ftstudio_ext.schema.training import TrainSpec

from .differences import not_carried_out
from .literals import function, keywords, literal, messages_function

PACKAGES = ("torch", "transformers", "trl", "peft", "bitsandbytes", "datasets", "accelerate")
METHODS = {"qlora": "QLoRA", "lora": "LoRA"}
_SIMPLE_TYPES = ("string", "large_string", "int", "uint", "float", "double", "half", "bool", "null")
_BLANK_LINES = re.compile(r"\n{4,}")


@dataclass(frozen=True)
class Run:
    """What a script is about: a form with its names looked up."""

    spec: TrainSpec
    dataset: Dataset
    dataset_dir: str
    prompt: Prompt
    model: BaseModelRecord
    resources: Resources
    versions: Mapping[str, str] = field(default_factory=dict)


def script(run: Run) -> tuple[str, list[str]]:
    """The script, and what one should know before running it."""
    notes = list(_notes(run))
    values = {
        **_head(run, notes),
        **_rows(run),
        **_prompts(run),
        **_model(run),
        **_training(run),
    }
    if not values["evaluates"]:  # nothing tells which weights are the best
        values.update(keep_best=False, patience=None)
    return render("training.py.jinja", values), notes


def render(template: str, values: Mapping[str, Any]) -> str:
    """A template with its values; at most two blank lines in a row."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made = environment.get_template(template).render(values)
    return _BLANK_LINES.sub("\n\n\n", made).rstrip() + "\n"


def _head(run: Run, notes: list[str]) -> dict[str, Any]:
    spec, device = run.spec, run.resources.device
    wanted = [name for name in PACKAGES if name != "bitsandbytes" or spec.method == "qlora"]
    return {
        "title": f"Train “{spec.name}”: {METHODS.get(spec.method, spec.method)} of {run.model.name} on {run.dataset.name}.",
        "notes": notes,
        "requirements": textwrap.wrap(
            " ".join(_pinned(name, run.versions) for name in wanted), 80, break_on_hyphens=False
        ),
        "filename": f"{spec.name}.py",
        "device": "" if device == "auto" else literal("" if device == "cpu" else device),
        "output": literal(spec.name),
        "dataset_dir": literal(run.dataset_dir),
        "max_length": spec.max_length,
        "effective_batch": spec.effective_batch_size,
        "epochs": f"{spec.epochs:g}",
        "max_steps": spec.max_steps,
        "seed": spec.seed,
    }


def _pinned(name: str, versions: Mapping[str, str]) -> str:
    return f"{name}=={versions[name].partition('+')[0]}" if name in versions else name


def _rows(run: Run) -> dict[str, Any]:
    """Which rows train and validate: the same draw as core/sampling.py, written out."""
    spec, splits = run.spec, {split.name: split for split in run.dataset.splits}
    drawn = parts({name: split.rows for name, split in splits.items()}, spec.data, spec.seed)
    train, validation = splits[str(drawn.train.split)], drawn.validation
    cut = [0 if part.own else len(part) for part in (drawn.test, validation)]
    evaluates = spec.evaluation.strategy != "off" and len(validation) > 0
    own = splits[str(validation.split)] if validation.own else train
    return {
        "train_file": literal(train.file),
        "train_total": train.rows,
        "train_count": len(drawn.train),
        "order": any(cut) or len(drawn.train) < train.rows,
        "order_seed": literal(f"ftstudio parts {spec.seed}"),
        "test_cut": cut[0],
        "validation_cut": cut[1],
        "evaluates": spec.evaluation.strategy if evaluates else "",
        "own_validation": validation.own,
        "validation_file": literal(own.file),
        "validation_total": own.rows,
        "shown_train": _shown(run.prompt, drawn.train),
        "shown_validation": _shown(run.prompt, validation),
        "hub": _from_hub(run.dataset, train.name),
    }


def _shown(prompt: Prompt, part: Part) -> str:
    """Rows of a part that stand, solved, in the prompt; as a literal, empty where there are none."""
    rows = sorted(example.row for example in prompt.examples if example.split == part.split)
    return literal(rows) if rows else ""


def _from_hub(dataset: Dataset, split: str) -> list[str]:
    """How others get the same rows, where they are the hub's as they are."""
    source = dataset.source
    changed = dataset.column_changes or dataset.conversation or dataset.notes
    if not isinstance(source, HubSource) or changed:
        return []
    config = f", {literal(source.config)}" if source.config else ""
    revision = dataset.source_revision or source.revision
    pinned = f", revision={literal(revision)}" if revision else ""
    return [
        "On another machine, the same rows come from the hub:",
        f"datasets.load_dataset({literal(source.repo_id)}{config}, split={literal(split)}{pinned})",
    ]


def _prompts(run: Run) -> dict[str, Any]:
    prompt, types = run.prompt, {column.name: column.type for column in run.dataset.columns}
    used = placeholders_of(prompt)
    shots = [{name: shot.values.get(name) for name in used} for shot in prompt.examples]
    if prompt.mode == "chat":
        turns = [(message.role, message.content) for message in prompt.messages]
        functions = [messages_function("messages_of", "The turns, the answer last.", turns)]
    else:
        functions = [
            function("prompt_of", "What the model reads.", prompt.prompt_template),
            function("completion_of", "What it should answer.", prompt.completion_template),
        ]
    return {
        "chat": prompt.mode == "chat",
        "functions": functions,
        "examples": literal(shots) if shots else "",
        "columns": literal(used) if used else "",
        "nested": any(not types.get(name, "").startswith(_SIMPLE_TYPES) for name in used),
        "roles": literal([message.role for message in prompt.messages]),
        "built_in": bool(prompt.chat_template),
        "chat_template": literal(BUILT_IN[prompt.chat_template] if prompt.chat_template else None),
        "bos": literal("{{ bos_token }}"),
    }


def _model(run: Run) -> dict[str, Any]:
    model, spec = run.model, run.spec
    on_hub = isinstance(model.source, HubModelSource) and model.path is None
    name, revision = model.path, None
    if isinstance(model.source, HubModelSource) and on_hub:
        name, revision = model.source.repo_id, model.source_revision or model.source.revision
    four_bit = spec.method == "qlora"
    stored = bool(model.facts.quantized)  # the weights are in 4 bits already
    fields = spec.quantization.advanced | {
        "load_in_4bit": True,
        "bnb_4bit_quant_type": spec.quantization.quant_type,
        "bnb_4bit_use_double_quant": spec.quantization.double_quant,
    }
    lines = [*keywords(fields), "bnb_4bit_compute_dtype=dtype,"]
    return {
        "model": literal(name),
        "revision": literal(revision) if revision else "",
        "four_bit": four_bit or stored,
        "quantization": lines if four_bit and not stored else [],
    }


def _training(run: Run) -> dict[str, Any]:
    spec, optimizer = run.spec, run.spec.optimizer
    sft = {
        "optim": optimizer.name,
        "lr_scheduler_type": optimizer.scheduler,
        "warmup_steps": optimizer.warmup_ratio,
        **optimizer.advanced,
        "learning_rate": spec.learning_rate,
        "weight_decay": optimizer.weight_decay,
        "max_grad_norm": optimizer.max_grad_norm,
        "gradient_checkpointing": spec.gradient_checkpointing,
        "logging_steps": spec.log_every_steps,
    }
    lora = {
        **spec.lora.advanced,
        "r": spec.lora.r,
        "lora_alpha": spec.lora.alpha,
        "lora_dropout": spec.lora.dropout,
        "target_modules": spec.lora.target_modules,
    }
    said = {} if "warmup_steps" in optimizer.advanced else {"warmup_steps": "a part of all steps"}
    return {
        "sft": keywords(sft, said),
        "lora": keywords(lora, {"lora_alpha": "the update is scaled by alpha / r"}),
        "per_device": spec.per_device_batch_size,
        "loss_on_all": spec.loss_on == "all",
        "evaluate_every": spec.evaluation.steps,
        "keep_best": spec.evaluation.keep_best,
        "patience": spec.evaluation.patience,
    }


def _notes(run: Run) -> Iterator[str]:
    """What the script does otherwise than the studio."""
    spec = run.spec
    for path in not_carried_out(spec):
        yield f"The setting “{path}” is not carried out here."
    if spec.log_every_steps > 1:
        yield (
            f"Logged losses are means of {spec.log_every_steps} steps; the studio begins a new mean "
            "at each checkpoint, this script does not."
        )
    if run.model.facts.context_length is None:
        yield "The studio also leaves out examples beyond the model's own context."
