"""Padding: a token that the embeddings know already, and one that means nothing where there is one."""

import pytest

from ftstudio_ext.core.padding import choose_pad_token

SPECIAL = {"<s>": 1, "</s>": 2, "<unk>": 0}


@pytest.mark.parametrize(
    ("more", "pad", "unk", "chosen"),
    [
        ({"<pad>": 3}, "<pad>", "<unk>", "<pad>"),
        ({"<pad>": 3}, None, "<unk>", "<pad>"),
        ({"<|finetune_right_pad_id|>": 7}, None, None, "<|finetune_right_pad_id|>"),
        ({"<|reserved_special_token_0|>": 5}, None, None, "<|reserved_special_token_0|>"),
        ({"<new pad>": 99}, "<new pad>", "<unk>", "<unk>"),  # no row in the embeddings
        ({"<pad>": 99}, None, None, "</s>"),
        ({}, None, "<unk>", "<unk>"),
        ({}, None, "</s>", "</s>"),
        ({}, None, None, "</s>"),
    ],
)
def test_the_pad_token_has_a_row_in_the_embeddings(more, pad, unk, chosen):
    assert choose_pad_token(SPECIAL | more, pad, unk, "</s>", rows=10) == chosen
