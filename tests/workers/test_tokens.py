"""Tokens: what the view shows is what training reads, for the families of tokenizers that matter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ftstudio_ext.core.chat import apply, chat_format
from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.core.examples import encode_examples, encode_prompts, fit_tokenizer, stop_ids
from ftstudio_ext.core.prompt_checks import Sample
from ftstudio_ext.core.token_checks import token_checks
from ftstudio_ext.core.token_view import TokenReader
from ftstudio_ext.jobs.worker import WorkerRun
from ftstudio_ext.schema.prompts import Message, PromptContent
from tests.tokenizer_styles import STYLES, make

pytestmark = pytest.mark.train

TEXT = PromptContent(
    prompt_template="Question: Say {colour}\nAnswer:", completion_template=" it is {colour}"
)
LINES = PromptContent(prompt_template="Say:\n", completion_template="blue{colour}")
CHAT = PromptContent(
    mode="chat",
    messages=[
        Message(role="user", content="Say {colour}"),
        Message(role="assistant", content="it is {colour}"),
    ],
)
BLUE = {"colour": "blue"}

# Written by hand, from the rules of each family: |…| is what is learned.
EXPECTED = {
    ("gpt2", "text"): "Question : ĠSay Ġblue Ċ Answer : | Ġit Ġis Ġblue <|endoftext|>",
    ("llama", "text"): "<s> ▁Question : ▁Say ▁blue <0x0A> A ns wer : | ▁it ▁is ▁blue </s>",
    ("mistral", "text"): "<s> ▁Question : ▁Say ▁blue <0x0A> A ns wer : | ▁it ▁is ▁blue </s>",
    ("qwen", "text"): "Question : ĠSay Ġblue Ċ Answer : | Ġit Ġis Ġblue <|endoftext|>",
    ("mistral", "chat"): "<s> [INST] ▁ ▁Say ▁blue [/INST] | ▁it ▁is ▁blue </s>",
    ("qwen", "chat"): "<|im_start|> user Ċ Say Ġblue <|im_end|> Ċ <|im_start|> assistant Ċ"
    " | it Ġis Ġblue <|im_end|>",
}


@pytest.fixture(scope="module")
def tokenizers() -> dict[str, Any]:
    return {style: make(style) for style in STYLES}


@pytest.mark.parametrize(("style", "mode"), EXPECTED)
def test_a_row_has_the_tokens_that_its_family_gives_it(tokenizers, style, mode):
    tokenizer = tokenizers[style]
    row = encode_examples(tokenizer, TEXT if mode == "text" else CHAT, [BLUE], 99)[0]
    pieces = tokenizer.convert_ids_to_tokens(row.input_ids)
    prompt, learned = EXPECTED[style, mode].split(" | ")
    assert pieces == [*prompt.split(), *learned.split()]
    assert row.prompt_tokens == len(prompt.split())
    assert row.learned_tokens == len(learned.split())


@pytest.mark.parametrize("style", STYLES)
def test_no_space_is_put_in_front_of_an_answer(tokenizers, style):
    tokenizer = tokenizers[style]
    row = encode_examples(tokenizer, LINES, [{"colour": ""}], 99)[0]
    learned = tokenizer.convert_ids_to_tokens(row.input_ids)[row.prompt_tokens :]
    assert not learned[0].startswith(("▁", "Ġ")), learned


@pytest.mark.parametrize("style", STYLES)
def test_the_view_shows_text_names_and_whole_characters(tokenizers, style):
    tokenizer = tokenizers[style]
    row = encode_examples(tokenizer, TEXT, [{"colour": "é🙂 blue"}], 12)[0]
    view = TokenReader(tokenizer).view(row, 12)
    begin = "<s> " if style in ("llama", "mistral") else ""
    end = str(tokenizer.eos_token)
    text = "Question: Say é🙂 blue\nAnswer: it is é🙂 blue"
    assert "".join(token.text for token in view.tokens) == begin + text + end
    assert view.tokens[-1].special == "eos" and view.tokens[-1].kind == "end"
    assert (view.tokens[0].special == "bos") == bool(begin)
    assert (view.outcome, view.limit_at) == ("too_long", 12)
    assert any(token.text == "🙂" for token in view.tokens)


@pytest.mark.parametrize("style", ["mistral", "qwen"])
def test_inference_is_given_what_training_has_shown(tokenizers, style):
    tokenizer = tokenizers[style]
    row = encode_examples(tokenizer, CHAT, [BLUE], 99)[0]
    [given] = encode_prompts(tokenizer, CHAT, [BLUE])
    assert row.input_ids[: row.prompt_tokens] == given
    turns = [{"role": "user", "content": "Say blue"}]
    own = tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_dict=False)
    assert given == list(own), "the model's own template, as everyone else applies it"


def test_a_turn_that_ends_otherwise_than_the_text_is_learned_and_stops_answers(tokenizers):
    tokenizer = make("qwen")
    end, eos = tokenizer.convert_tokens_to_ids(["<|im_end|>", "<|endoftext|>"])
    row = encode_examples(tokenizer, CHAT, [BLUE], 99)[0]
    assert row.labels[-1] == end
    assert stop_ids(tokenizer, CHAT) == [end, eos] and stop_ids(tokenizer, TEXT) == [eos]
    fit_tokenizer(tokenizer, CHAT)
    assert tokenizer.eos_token_id == end, "for everyone who loads the adapter's tokenizer"


def test_a_base_model_gets_a_chosen_chat_template(tokenizers):
    with pytest.raises(InvalidInput, match="no chat template") as caught:
        encode_prompts(tokenizers["gpt2"], CHAT, [BLUE])
    assert caught.value.field == "chat_template"
    for style in STYLES:
        for name in ("chatml", "headings"):
            tokenizer = make(style)
            prompt = CHAT.model_copy(update={"chat_template": name})
            before = encode_examples(tokenizer, prompt, [BLUE], 999)[0]
            assert before.labels[-1] == tokenizer.eos_token_id, "a token that the model knows"
            fit_tokenizer(tokenizer, prompt)
            own = CHAT  # now the tokenizer's own
            assert encode_examples(tokenizer, own, [BLUE], 999)[0] == before
            assert before.input_ids.count(tokenizer.bos_token_id or -1) <= 1 or style == "gpt2"


def test_a_template_that_refuses_the_roles_says_so(tokenizers):
    messages = [Message(role="system", content="Be brief"), *CHAT.messages]
    prompt = CHAT.model_copy(update={"messages": messages})
    with pytest.raises(InvalidInput, match="Only user and assistant") as caught:
        encode_prompts(tokenizers["mistral"], prompt, [BLUE])
    assert caught.value.field == "messages" and caught.value.remedy


def test_what_a_template_puts_around_an_answer_is_found(tokenizers):
    form = chat_format(tokenizers["mistral"], CHAT)
    assert (form.before, form.after) == (" ", "")
    silent = make("qwen")  # one that does not say where the assistant begins
    silent.chat_template = silent.chat_template.split("{% if add_generation_prompt")[0]
    assert chat_format(silent, CHAT).before == "<|im_start|>assistant\n"
    thinking = make("qwen")
    thinking.chat_template = thinking.chat_template.replace(
        "{{ '<|im_start|>assistant\\n' }}", "{{ '<|im_start|>assistant\\n<think>\\n' }}"
    )
    form = chat_format(thinking, CHAT)
    assert (form.before, form.opening) == ("", "<think>")
    row = encode_examples(thinking, CHAT, [BLUE], 99)[0]
    assert row.input_ids[: row.prompt_tokens] == encode_prompts(thinking, CHAT, [BLUE])[0]
    broken = make("qwen")
    broken.chat_template = "{{ messages[0]['content'] + 1 }}"
    with pytest.raises(InvalidInput, match="refuses this conversation"):
        chat_format(broken, CHAT)
    endless = make("gpt2")
    endless.chat_template = "{% for m in messages %}{{ m['content'] + '\\n' }}{% endfor %}"
    assert chat_format(endless, CHAT).end == endless.eos_token_id
    assert apply(endless, None, [[{"role": "user", "content": "x"}]], question=True) == ["x\n"]


@pytest.mark.parametrize("style", STYLES)
def test_token_checks_find_what_is_wrong(tokenizers, style):
    tokenizer = tokenizers[style]

    def codes(prompt: PromptContent, colours: list[str], limit: int = 99) -> dict[str, Any]:
        values = [{"colour": colour} for colour in colours]
        rows = encode_examples(tokenizer, prompt, values, limit)
        sample = Sample(prompt, range(len(values)), values)
        return {check.code: check for check in token_checks(sample, tokenizer, rows, limit)}

    good = codes(TEXT, ["blue"] * 5)
    assert set(good) <= {"pad_token"} and all(c.level == "info" for c in good.values())
    answer = TEXT.model_copy(update={"completion_template": "{colour}"})
    assert codes(answer, ["", "blue"])["empty_completions"].level == "warning"
    assert codes(answer, ["", ""])["empty_completions"].level == "blocking"
    ended = f"blue {tokenizer.eos_token} green"
    assert codes(TEXT, [ended])["end_inside"].level == "warning"
    long = codes(TEXT, ["blue", "blue " * 40], 20)["rows_too_long"]
    assert long.level == "warning" and long.rows == [1] and long.fix
    assert "rows_too_long" not in codes(TEXT, ["blue", "blue " * 40], long.fix.value)
    if begin := {"llama": "<s>", "mistral": "<s>"}.get(style):
        written = TEXT.model_copy(update={"prompt_template": begin + TEXT.prompt_template})
        found = codes(written, ["blue"])["doubled_begin"]
        assert found.fix and found.fix.value == TEXT.prompt_template
    else:
        fused = TEXT.model_copy(update={"prompt_template": "Say{colour} "})
        spaced = fused.model_copy(update={"completion_template": "blue{colour}"})
        assert codes(spaced, ["blue"])["fused_seam"].level == "info"


# --- what reaches the model ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("style", "content"),
    [("gpt2", TEXT), ("llama", TEXT), ("mistral", CHAT), ("qwen", CHAT)],
    ids=["gpt2", "llama", "mistral-chat", "qwen-chat"],
)
def test_what_reaches_the_model_is_what_the_view_shows(style, content, tmp_path, monkeypatch):
    from ftstudio_ext.workers import data_prompts, train, training
    from tests.tiny_model import make_tiny_model
    from tests.workers.training_job import TrainingJob

    seen: set[tuple[tuple[int, ...], tuple[int, ...]]] = set()

    class Watched(training.SFTTrainer):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.model.register_forward_pre_hook(note, with_kwargs=True)

    def note(_module: Any, _args: Any, kwargs: Any) -> None:
        if kwargs.get("labels") is None:  # it writes a sample
            return
        masks = kwargs["attention_mask"].bool()
        for ids, labels, mask in zip(kwargs["input_ids"], kwargs["labels"], masks, strict=True):
            assert (labels[~mask] == -100).all(), "padding is never in the loss"
            seen.add((tuple(ids[mask].tolist()), tuple(labels[mask].tolist())))

    monkeypatch.setattr(training, "SFTTrainer", Watched)
    model = make_tiny_model(tmp_path / "model", layers=1, tokenizer=make(style))
    rows = [{"colour": f"{word} {number}"} for number in range(8) for word in ("blue", "é🙂")]
    rows.append({"colour": "blue " * 80})
    job = TrainingJob(
        tmp_path,
        model,
        {"train": rows},
        content=content,
        method="lora",
        max_length=64,
        data={"test_fraction": 0, "validation_fraction": 0.2},
        evaluation={"samples": 1},
    )
    train.work(WorkerRun(job.run.path, 1))
    shown = data_prompts.render(
        {
            "dataset_dir": str(tmp_path / "datasets" / "ds_1"),
            "split_file": "train.arrow",
            "prompt": content.model_dump(),
            "rows": list(range(len(rows))),
            "model": model_record(model),
            "max_length": 64,
        }
    )
    views = [row["tokens"] for row in shown["rows"]]
    assert views[-1]["outcome"] == "too_long" and views[-1]["limit_at"] == 64
    assert seen == {as_trained(view) for view in views[:-1]}
    assert check_saved(job.adapter_dir, style, content)
    sample = job.events("sample")[0]
    assert sample.prompt == shown["rows"][sample.row]["prompt"]


def model_record(folder: Path) -> dict[str, Any]:
    source = {"source": "directory", "path": "model"}
    return {"id": "bm_1", "name": "tiny", "source": source, "path": str(folder)}


def as_trained(view: dict[str, Any]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Ids and labels, as the view tells them."""
    tokens = view["tokens"]
    ids = tuple(token["id"] for token in tokens)
    return ids, tuple(token["id"] if token["learned"] else -100 for token in tokens)


def check_saved(adapter: Path, style: str, content: PromptContent) -> bool:
    """The adapter's tokenizer ends where training has ended."""
    from transformers import AutoTokenizer

    saved = AutoTokenizer.from_pretrained(adapter)
    return bool(saved.eos_token_id == stop_ids(make(style), content)[0])


def test_a_row_that_stands_solved_in_the_prompt_is_not_trained_on(tmp_path):
    from ftstudio_ext.core.sampling import parts
    from ftstudio_ext.schema.prompts import SolvedExample
    from ftstudio_ext.schema.training import DataSettings
    from ftstudio_ext.workers.training_data import tokenize_parts
    from tests.workers.training_job import TrainingJob

    rows = [{"colour": f"blue {number}"} for number in range(6)]
    shown = SolvedExample(split="train", row=3, values=rows[3])
    prompt = TEXT.model_copy(update={"examples": [shown]})
    job = TrainingJob(tmp_path, tmp_path, {"train": rows}, content=prompt, max_length=99)
    drawn = parts({"train": 6}, DataSettings(validation_fraction=0, test_fraction=0), 1)
    tokenizer = make("gpt2")
    data = tokenize_parts(job.resolved, job.spec, drawn, tokenizer, 99, lambda *_: None)
    assert data.counts["train"].kept == 5
    solved = "Question: Say blue 3\nAnswer: it is blue 3\n\n"
    texts = [tokenizer.decode(ids) for ids in data.train["input_ids"]]
    assert all(text.startswith(solved) and text.count("blue 3") == 2 for text in texts)


def test_the_sample_of_the_checks_is_bounded_in_text(tmp_path, monkeypatch):
    import pyarrow as pa

    from ftstudio_ext.workers import data_prompts

    monkeypatch.setattr(data_prompts, "CHECKED_CHARACTERS", 1_000)
    table = pa.table({"colour": ["blue " * 20] * 300})
    numbers, values = data_prompts._sample(table, None, ["colour"])
    assert len(numbers) == len(values) == 10 and numbers == sorted(numbers)
    assert data_prompts._sample(table, [7, 3], ["colour"])[0] == [3, 7]
