"""Answers of a base model and three adapters to the same rows: how long, how soon, how much memory.

usage: python benchmarks/compare.py [--model FOLDER] [--rows 20] [--tokens 48] [--precision 4-bit]
                                    [--way ours|reload|switch|all] [--repeat 1]

Three ways, on the same model, prompts and limits:

    ours    the studio's: one loaded model, rows x adapters in mixed batches sorted by length
    switch  one loaded model, adapters switched, one prompt at a time
    reload  the model loaded anew with each adapter, one prompt at a time

Each way runs in a process of its own, so that memory is its own. The adapters are made here:
LoRA r 16 on all linear layers, weights drawn from a seed, so that they disagree. Without --model
the demo's SmolLM2-135M-Instruct is used.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ADAPTERS = ("one", "two", "three")
WAYS = ("reload", "switch", "ours")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


def questions(rows: int) -> list[str]:
    """Prompts of the demo: a table's schema and a question, 20 to 200 tokens."""
    from ftstudio_ext.demo.sql_data import generate

    found = generate(test=max(rows, 20))["test_unseen"][:rows]
    return [
        f"### Schema:\n{row['sql_context']}\n\n### Question:\n{row['sql_prompt']}\n\n### SQL:\n"
        for row in found
    ]


def make_adapters(model: Path, folder: Path) -> None:
    """Three adapters that change what the model says, without breaking it."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    for seed, name in enumerate(ADAPTERS):
        base = AutoModelForCausalLM.from_pretrained(model, dtype=torch.bfloat16)
        torch.manual_seed(seed)
        config = LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM")
        adapted = get_peft_model(base, config)
        for parameter_name, parameter in adapted.named_parameters():
            if "lora_B" in parameter_name:
                torch.nn.init.normal_(parameter, std=0.01)
        adapted.save_pretrained(folder / name)


class Meter:
    """Times to first token and tokens written."""

    def __init__(self) -> None:
        self.first: list[float] = []
        self.tokens = 0
        self.loading_s = 0.0
        self.texts: dict[str, str] = {}

    def told(self, ask: Any) -> None:
        self.first.append(ask.first_token_s)
        self.tokens += len(ask.tokens)
        self.texts[f"{ask.tag['row']} {ask.adapter}"] = ask.text


def measure(way: str, model: Path, adapters: Path, options: argparse.Namespace) -> dict[str, Any]:
    """One way, in this process."""
    from ftstudio_ext.workers import environment

    environment.prepare("cpu" if options.device == "cpu" else "auto")
    environment.set_threads()
    import torch

    meter = Meter()
    prompts = questions(options.rows)
    import peft  # noqa: F401 - both ways have paid for it when the clock starts
    import transformers  # noqa: F401

    began = time.perf_counter()
    run = {"ours": _ours, "switch": _switch, "reload": _reload}[way]
    run(model, adapters, prompts, options, meter)
    seconds = time.perf_counter() - began
    memory = (
        torch.cuda.max_memory_allocated()
        if torch.cuda.is_available()
        else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    )
    first = sorted(meter.first)
    return {
        "way": way,
        "seconds": seconds,
        "loading_s": meter.loading_s,
        "answering_s": seconds - meter.loading_s,
        "tokens": meter.tokens,
        "first_token_s": first[len(first) // 2],
        "memory_bytes": memory,
        "texts": meter.texts,
    }


def _asks(resident: Any, prompts: list[str], tokens: int) -> list[Any]:
    from ftstudio_ext.core.tokenization import prompt_ids
    from ftstudio_ext.schema.generation import GenerationSettings
    from ftstudio_ext.workers.decoding import Ask

    settings = GenerationSettings(max_new_tokens=tokens)
    ends = tuple(sorted(resident.ends()))
    ids = prompt_ids(resident.tokenizer, prompts)
    return [
        Ask({"row": row}, prompt, settings, ends, tokens, adapter)
        for row, prompt in enumerate(ids)
        for adapter in (None, *ADAPTERS)
    ]


def _ours(model: Path, adapters: Path, prompts: list[str], options: Any, meter: Meter) -> None:
    """Through the code that the inference helper runs."""
    from ftstudio_ext.workers.answering import Answering
    from ftstudio_ext.workers.resident_model import ResidentModel

    began = time.perf_counter()
    resident = ResidentModel(model, options.precision)
    for name in ADAPTERS:
        resident.require(name, adapters / name)
    meter.loading_s = time.perf_counter() - began
    params = {
        "adapters": [{"key": n, "path": str(adapters / n), "name": n} for n in ADAPTERS],
        "questions": [{"text": prompt} for prompt in prompts],
        "asks": [
            {
                "answer": {"column": column, "row": row, "setting": 0},
                "adapter": adapter,
                "question": row,
                "settings": {"max_new_tokens": options.tokens},
            }
            for row in range(len(prompts))
            for column, adapter in enumerate((None, *ADAPTERS))
        ],
    }

    def emit(message: dict[str, Any]) -> None:
        for event in message["events"]:
            if event["event"] == "done":
                key = event["answer"]
                meter.first.append(event["metrics"]["first_token_s"])
                meter.tokens += event["metrics"]["tokens"]
                name = (None, *ADAPTERS)[key["column"]]
                meter.texts[f"{key['row']} {name}"] = event["text"]

    Answering(resident, params, emit, lambda: False, options.batch).run()


def _switch(model: Path, adapters: Path, prompts: list[str], options: Any, meter: Meter) -> None:
    from ftstudio_ext.workers.decoding import Listener, write
    from ftstudio_ext.workers.resident_model import ResidentModel

    began = time.perf_counter()
    resident = ResidentModel(model, options.precision)
    for name in ADAPTERS:
        resident.require(name, adapters / name)
    meter.loading_s = time.perf_counter() - began
    listener = Listener(lambda pieces: None, meter.told, lambda: False)
    for ask in _asks(resident, prompts, options.tokens):
        with resident.using(ask.adapter) as active:
            write(active, resident.tokenizer, [ask], listener)


def _reload(model: Path, adapters: Path, prompts: list[str], options: Any, meter: Meter) -> None:
    from ftstudio_ext.workers.decoding import Listener, write
    from ftstudio_ext.workers.resident_model import ResidentModel

    listener = Listener(lambda pieces: None, meter.told, lambda: False)
    for adapter in (None, *ADAPTERS):
        began = time.perf_counter()
        resident = ResidentModel(model, options.precision)
        if adapter:
            resident.require(adapter, adapters / adapter)
        meter.loading_s += time.perf_counter() - began
        for ask in _asks(resident, prompts, options.tokens):
            if ask.adapter == adapter:
                with resident.using(adapter) as active:
                    write(active, resident.tokenizer, [ask], listener)


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as scratch:
        model = Path(options.model) if options.model else _demo_model(Path(scratch))
        adapters = Path(options.adapters or scratch) / "adapters"
        if options.inside:
            print(json.dumps(measure(options.inside, model, adapters, options)))
            return
        if not (adapters / ADAPTERS[-1] / "adapter_config.json").exists():
            make_adapters(model, adapters)
        found = {}
        for way in WAYS if options.way == "all" else (options.way,):
            found[way] = _in_a_process(way, model, adapters.parent)
            _show(found[way])
        if {"ours", "switch"} <= found.keys():
            _compare(found)


def _in_a_process(way: str, model: Path, adapters: Path) -> dict[str, Any]:
    given = [*sys.argv[1:], "--inside", way, "--model", str(model), "--adapters", str(adapters)]
    done = subprocess.run(
        [sys.executable, __file__, *given], stdout=subprocess.PIPE, text=True, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def _show(found: dict[str, Any]) -> None:
    print(
        f"{found['way']:7} answering {found['answering_s']:7.1f} s, loading {found['loading_s']:5.1f} s, "
        f"{found['tokens'] / found['answering_s']:6.1f} tokens/s, first token (median) "
        f"{found['first_token_s']:.2f} s, memory {found['memory_bytes'] / 1e9:.2f} GB",
        flush=True,
    )


def _compare(found: dict[str, Any]) -> None:
    ours = found["ours"]
    for way in ("switch", "reload"):
        if way in found:
            answering = found[way]["answering_s"] / ours["answering_s"]
            whole = found[way]["seconds"] / ours["seconds"]
            print(f"ours over {way}: {answering:.2f}x answering, {whole:.2f}x with loading")
    same = sum(ours["texts"].get(key) == text for key, text in found["switch"]["texts"].items())
    print(f"same answers as one at a time: {same} of {len(ours['texts'])}")


def _demo_model(scratch: Path) -> Path:
    from ftstudio_ext.demo.model import bring_model

    bring_model(scratch / "model", lambda words: print(words, file=sys.stderr))
    return scratch / "model"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="folder in Hugging Face format")
    parser.add_argument("--adapters", help="folder to keep the adapters in")
    parser.add_argument("--rows", type=int, default=20)
    parser.add_argument("--tokens", type=int, default=48)
    parser.add_argument("--precision", default="4-bit")
    parser.add_argument("--batch", type=int, default=0, help="answers in a batch; 0: as the studio")
    parser.add_argument("--device", default="cpu", choices=("cpu", "auto"))
    parser.add_argument("--way", default="all", choices=("all", *WAYS))
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
