"""Small tokenizers in the manner of the families that matter, each with its traps.

    gpt2     byte-level BPE; nothing in front; one token begins, ends and pads; no chat template
    llama    sentencepiece BPE: `<s>` and a space in front of every text, bytes as a fallback;
             no pad token, an unknown token
    mistral  the same, with `[INST]` as tokens of their own and the chat template around them
    qwen     byte-level BPE, ChatML: a turn ends with `<|im_end|>`, the text with `<|endoftext|>`

They know the words of the tests, so that the expected tokens can be written by hand.
"""

from __future__ import annotations

from typing import Any

WORDS = "So Say it is the colour blue green Question Answer user assistant system Be brief"
MISTRAL_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}"
    "{{ '[INST] ' + message['content'] + '[/INST]' }}{% elif message['role'] == 'assistant' %}"
    "{{ ' ' + message['content'] + eos_token }}{% else %}"
    "{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}"
)
CHATML_TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + "
    "message['content'] + '<|im_end|>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
STYLES = ("gpt2", "llama", "mistral", "qwen")


def make(style: str) -> Any:
    """The tokenizer of a style, as transformers wraps it."""
    from transformers import PreTrainedTokenizerFast

    if style == "gpt2":
        end = "<|endoftext|>"
        return PreTrainedTokenizerFast(
            tokenizer_object=_byte_level([end]), bos_token=end, eos_token=end, pad_token=end
        )
    if style == "qwen":
        special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
        return PreTrainedTokenizerFast(
            tokenizer_object=_byte_level(special),
            eos_token="<|endoftext|>",
            pad_token="<|endoftext|>",
            chat_template=CHATML_TEMPLATE,
        )
    marks = ["[INST]", "[/INST]"] if style == "mistral" else []
    return PreTrainedTokenizerFast(
        tokenizer_object=_sentencepiece(marks),
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        additional_special_tokens=marks,
        chat_template=MISTRAL_TEMPLATE if marks else None,
    )


def _byte_level(special: list[str]) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([*WORDS.split(), WORDS], trainer)
    return tokenizer


def _sentencepiece(marks: list[str]) -> Any:
    from tokenizers import (
        Regex,
        Tokenizer,
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        processors,
        trainers,
    )

    special = ["<unk>", "<s>", "</s>", *marks, *(f"<0x{byte:02X}>" for byte in range(256))]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("▁"), "merged_with_next")
    tokenizer.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    trainer = trainers.BpeTrainer(vocab_size=700, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator([*WORDS.split(), WORDS, "Q A S L : ? . [ ] /"], trainer)
    _bytes_are_ordinary(tokenizer, len(special) - 256, len(special))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))]
    )
    return tokenizer


def _bytes_are_ordinary(tokenizer: Any, first: int, end: int) -> None:
    """Byte tokens belong to the vocabulary, but are no special tokens: text is not read as them."""
    import json

    from tokenizers import Tokenizer

    state = json.loads(tokenizer.to_str())
    state["added_tokens"] = [t for t in state["added_tokens"] if not first <= t["id"] < end]
    tokenizer.__setstate__(Tokenizer.from_str(json.dumps(state)).__getstate__())
