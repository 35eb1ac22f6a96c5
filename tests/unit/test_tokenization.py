"""A row as tokens: apart at the seam, ended, never cut, labelled where the loss looks."""

import pytest

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.core.tokenization import IGNORED, prompt_ids, tokenize_row, tokenize_rows


class Words:
    """A tokenizer by hand: a token a word, spaces kept with the word behind them, as byte-pair
    tokenizers do; 1 begins, 2 ends a sequence."""

    def __init__(self, *, bos: bool = True, adds_eos: bool = False, eos: int | None = 2) -> None:
        known = ["<s>", "</s>", "say", "blue", "the", "sky", "Answer:", *"abcdefghi"]
        self.words = {word: number for number, word in enumerate(known, 1)}
        self.bos_token_id = 1 if bos else None
        self.eos_token_id = eos
        self.adds_eos = adds_eos

    def __call__(self, text, add_special_tokens=True):
        if isinstance(text, list):
            return {"input_ids": [self(one, add_special_tokens)["input_ids"] for one in text]}
        pieces = text.replace("<s>", "<s> ").replace(" ", "\0 ").split("\0")
        ids = [self.words[piece.strip()] for piece in pieces if piece.strip()]
        if add_special_tokens:
            ids = ([1] if self.bos_token_id else []) + ids + ([2] if self.adds_eos else [])
        return {"input_ids": ids}


def test_completion_is_learned_with_its_end_and_the_prompt_is_not():
    row = tokenize_row(Words(), "say blue", "the sky", 99)
    assert row.input_ids == [1, 3, 4, 5, 6, 2]
    assert row.labels == [IGNORED, IGNORED, IGNORED, 5, 6, 2]
    assert (row.prompt_tokens, row.completion_tokens, row.too_long) == (3, 3, False)


def test_loss_on_all_tokens_labels_the_prompt_too():
    row = tokenize_row(Words(), "say blue", "the sky", 99, loss_on="all")
    assert row.labels == row.input_ids


def test_training_reads_the_prompt_exactly_as_inference_does():
    words = Words()
    row = tokenize_row(words, "Answer: ", "sky", 99)
    assert row.input_ids[: row.prompt_tokens] == prompt_ids(words, ["Answer: "])[0]


def test_a_row_over_the_limit_is_marked_and_left_whole():
    row = tokenize_row(Words(), "a b c d", "e f", 7)
    assert row.too_long and len(row) == 8
    assert not tokenize_row(Words(), "a b c d", "e f", 8).too_long


def test_a_beginning_of_sequence_in_the_text_is_not_doubled():
    assert tokenize_row(Words(), "<s>say", "sky", 99).input_ids[:2] == [1, 3]


def test_a_tokenizer_that_ends_every_text_does_not_end_the_prompt():
    row = tokenize_row(Words(adds_eos=True), "say", "sky", 99)
    assert row.input_ids == [1, 3, 6, 2]


def test_an_end_of_sequence_in_the_completion_is_not_doubled():
    assert tokenize_row(Words(), "say", "sky </s>", 99).input_ids == [1, 3, 6, 2]


def test_an_empty_completion_is_just_the_end():
    row = tokenize_row(Words(), "say", "", 99)
    assert (row.completion_tokens, row.labels) == (1, [IGNORED, IGNORED, 2])


def test_many_rows_are_the_same_as_one_by_one():
    prompts, completions = ["a b", "c", "d e f"], ["g", "h i", ""]
    together = tokenize_rows(Words(), prompts, completions, 5)
    words = Words()
    alone = [tokenize_row(words, *pair, 5) for pair in zip(prompts, completions, strict=True)]
    assert [len(row) for row in together] == [len(row) for row in alone]
    assert [row.too_long for row in together] == [row.too_long for row in alone]
    assert tokenize_rows(Words(), [], [], 5) == []


def test_a_tokenizer_without_an_end_of_sequence_is_refused():
    with pytest.raises(InvalidInput, match="no end-of-sequence token"):
        tokenize_row(Words(eos=None), "a", "b", 9)
