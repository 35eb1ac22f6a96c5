"""Adapters on the tiny model whose answers differ from each other's and from the base model's.

A fresh LoRA is the base model in disguise and proves nothing; these have weights drawn from a
seed, so that they are the same everywhere.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def make_adapter(base: Path, folder: Path, seed: int, **config: Any) -> Path:
    """Write a LoRA (or with `use_dora=True` a DoRA) of rank 4 on all linear layers."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    settings = {"r": 4, "lora_alpha": 8, "target_modules": "all-linear", **config}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        adapted = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", **settings))
        for name, parameter in adapted.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(parameter, std=0.3)
    adapted.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    return folder


def place_adapter(workspace: Path, source: Path, name: str, manifest: dict[str, Any]) -> Path:
    """Put an adapter where the studio finds it, with its manifest."""
    import shutil

    folder = workspace / "adapters" / name
    shutil.copytree(source, folder)
    facts = {"id": f"ad_{name}", "name": name, "origin": "trained", **manifest}
    (folder / "ftstudio.json").write_text(json.dumps(facts))
    return folder
