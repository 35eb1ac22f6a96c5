"""A real but tiny causal language model, built on the spot.

`make_tiny_model` writes what a person would download: config.json, model.safetensors, a byte-pair
tokenizer trained right here on a few sentences, its special tokens. The weights are random, so it
knows nothing, yet it loads, quantizes to 4 bits, trains and generates like any other Llama.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

EOS, PAD, UNK = "</s>", "<pad>", "<unk>"

CORPUS = [
    "The quick brown fox jumps over the lazy dog.",
    "SELECT name, age FROM people WHERE city = 'Paris' ORDER BY age DESC LIMIT 10;",
    "CREATE TABLE people (name TEXT, age INTEGER, city TEXT);",
    "Question: how many people live in the city?\nAnswer: SELECT COUNT(*) FROM people;",
    "### Instruction:\nSay the colour of the sky.\n\n### Response:\nThe sky is blue.",
    "red green blue yellow black white one two three four five six seven eight nine ten",
]

CHAT_TEMPLATE = (
    "{% for message in messages %}<{{ message['role'] }}>{{ message['content'] }}"
    "{% if message['role'] == 'assistant' %}" + EOS + "{% endif %}\n{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)


def make_tokenizer(vocab: int = 512, *, chat_template: bool = False) -> Any:
    """A byte-level BPE tokenizer (any text round-trips) with eos, pad and unk tokens."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE(unk_token=UNK))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab,
        special_tokens=[UNK, EOS, PAD],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token=UNK,
        eos_token=EOS,
        pad_token=PAD,
        model_max_length=512,
    )
    if chat_template:
        wrapped.chat_template = CHAT_TEMPLATE
    return wrapped


def make_tiny_model(
    path: Path,
    *,
    vocab: int = 512,
    layers: int = 2,
    hidden: int = 64,
    chat_template: bool = False,
    seed: int = 0,
    tokenizer: Any = None,
) -> Path:
    """Write a random Llama with its tokenizer to `path` and return it; under two seconds once
    torch and transformers are imported. `tokenizer`: another one than our own."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    if tokenizer is None:
        tokenizer = make_tokenizer(vocab, chat_template=chat_template)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=hidden,
        intermediate_size=2 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        tie_word_embeddings=False,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = LlamaForCausalLM(config).to(torch.bfloat16)
        # With the usual small output weights no logit could become large: nothing to learn.
        model.lm_head.weight.data.mul_(10)
    path.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(path, safe_serialization=True)
    tokenizer.save_pretrained(path)
    return path


if __name__ == "__main__":
    import sys

    print(make_tiny_model(Path(sys.argv[1])))
