"""Programs that speak OpenAI's API ask any base model or adapter, with the real client."""

from __future__ import annotations

import openai
import pytest

from .answering import ADAPTERS, Answers, texts

pytestmark = pytest.mark.train

GREEDY = {"temperature": 0, "max_tokens": 8, "extra_body": {"precision": "32-bit"}}
PROMPT = "Q: Say red\nA:"


@pytest.fixture(scope="module")
def client(answers: Answers) -> openai.OpenAI:
    return openai.OpenAI(
        base_url=f"{answers.server.url}ftstudio/v1",
        api_key=answers.server.token,
        timeout=120,
        max_retries=0,
    )


def test_models_are_listed_with_the_base_that_they_need(client: openai.OpenAI) -> None:
    found = {model.id: model for model in client.models.list()}
    assert {"tiny", *ADAPTERS} <= set(found)
    assert found["one"].parent == "tiny"  # type: ignore[attr-defined]
    assert client.models.retrieve("one").id == "one"


def test_a_completion_is_the_answer_of_the_comparison(client, answers: Answers) -> None:
    shown = texts(answers.ask(tokens=8))
    for column, model in enumerate(("tiny", *ADAPTERS)):
        answer = client.completions.create(model=model, prompt=PROMPT, **GREEDY)
        assert answer.choices[0].text == shown[column, 0, 0]
        assert answer.choices[0].finish_reason == "length"
        assert answer.usage.completion_tokens == 8
        assert answer.usage.total_tokens == answer.usage.prompt_tokens + 8


def test_pieces_of_a_stream_are_the_whole_answer(client: openai.OpenAI) -> None:
    whole = client.completions.create(model="one", prompt=PROMPT, **GREEDY)
    options = {"include_usage": True}
    stream = client.completions.create(
        model="one", prompt=PROMPT, stream=True, stream_options=options, **GREEDY
    )
    pieces = list(stream)
    text = "".join(piece.choices[0].text for piece in pieces if piece.choices)
    assert text == whole.choices[0].text and len(pieces) > 3
    assert pieces[-1].usage == whole.usage
    assert pieces[-2].choices[0].finish_reason == "length"


def test_several_prompts_answers_seeds_and_stops(client: openai.OpenAI) -> None:
    answer = client.completions.create(model="two", prompt=["Say red", "Say blue"], **GREEDY)
    assert [choice.index for choice in answer.choices] == [0, 1]
    sampled = {**GREEDY, "temperature": 1, "seed": 3, "n": 3}
    first = client.completions.create(model="two", prompt=PROMPT, **sampled)
    again = client.completions.create(model="two", prompt=PROMPT, **sampled)
    said = [choice.text for choice in first.choices]
    assert said == [choice.text for choice in again.choices] and len(set(said)) == 3
    whole = answer.choices[0].text
    cut = client.completions.create(model="two", prompt="Say red", stop=whole[2:4], **GREEDY)
    assert cut.choices[0].text == whole[: whole.index(whole[2:4])]
    assert cut.choices[0].finish_reason == "stop"
    echoed = client.completions.create(model="two", prompt="Say red", echo=True, **GREEDY)
    assert echoed.choices[0].text == "Say red" + whole


def test_a_chat_without_a_chat_template_says_so(client: openai.OpenAI) -> None:
    for stream in (False, True):
        with pytest.raises(openai.BadRequestError, match="chat template") as error:
            client.chat.completions.create(
                model="one",
                messages=[{"role": "user", "content": "hi"}],
                stream=stream,
                extra_body=GREEDY["extra_body"],
            )
        assert error.value.code == "no_chat_template"


def test_errors_have_openais_shape(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="Did you mean “one”") as missing:
        client.completions.create(model="onee", prompt=PROMPT)
    assert missing.value.code == "model_not_found"
    with pytest.raises(openai.AuthenticationError, match="token"):
        openai.OpenAI(base_url=client.base_url, api_key="wrong", max_retries=0).models.list()
    with pytest.raises(openai.BadRequestError, match="logprobs"):
        client.completions.create(model="one", prompt=PROMPT, logprobs=3)
    with pytest.raises(openai.BadRequestError) as wrong:
        client.completions.create(model="one", prompt=PROMPT, temperature=-1)
    assert wrong.value.param == "temperature"
    with pytest.raises(openai.BadRequestError, match="at most 512"):
        client.completions.create(model="one", prompt="red " * 600, **GREEDY)
    with pytest.raises(openai.NotFoundError, match="chat/completions"):
        client.embeddings.create(model="one", input="x")
