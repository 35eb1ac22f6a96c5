"""Suggestions are what a practitioner would write for datasets of well-known shapes."""

from __future__ import annotations

import json

import pytest

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.core.recognise import recognise
from ftstudio_ext.core.suggest import suggest
from ftstudio_ext.core.templates import check, render
from ftstudio_ext.schema.datasets import Column

SHAPES = {
    "gretel": {
        "id": [5097, 5098, 80000],
        "domain": ["forestry", "defense", "forestry"],
        "domain_description": ["All about forests.", "Contract data.", "All about forests."],
        "sql_complexity": ["single join", "aggregation", "basic SQL"],
        "sql_complexity_description": ["only one join", "aggregates", "basic"],
        "sql_task_type": ["analytics and reporting"] * 3,
        "sql_task_type_description": ["generating reports"] * 3,
        "sql_prompt": ["What is the total volume?", "List all sites.", "Count the trees."],
        "sql_context": ["CREATE TABLE a (b INT);", "CREATE TABLE c (d INT);", "create table e()"],
        "sql": ["SELECT SUM(b) FROM a", "SELECT d FROM c", "SELECT COUNT(*) FROM e"],
        "sql_explanation": ["Joins the tables.", "Selects d.", "Counts rows."],
    },
    "alpaca": {
        "instruction": ["Translate.", "Name three.", "Sum up."],
        "input": ["Bonjour", "", ""],
        "output": ["Hello", "a, b, c", "All well."],
        "text": [
            "Do: Translate. Bonjour Hello",
            "Do: Name three. a, b, c",
            "Do: Sum up. All well.",
        ],
    },
    "prompt_completion": {"prompt": ["a?", "b?"], "completion": ["A.", "B."]},
    "squad_like": {
        "id": ["5733be28", "5733be29"],
        "title": ["Warsaw", "Warsaw"],
        "context": ["Warsaw is a city.", "It lies on the Vistula."],
        "question": ["What is Warsaw?", "Where does it lie?"],
        "answer": ["a city", "on the Vistula"],
    },
    "text_label": {"text": ["good", "bad", "fine"], "label": [1, 0, 1]},
    "sqlqa": {
        "question": ["How many?", "Which?"],
        "context": ["CREATE TABLE t (a INT)", "CREATE TABLE u (b INT)"],
        "answer": ["SELECT COUNT(a) FROM t", "SELECT b FROM u"],
    },
    "preferences": {"prompt": ["a", "b"], "chosen": ["x y", "z"], "rejected": ["u", "v"]},
    "spider": {
        "db_id": ["pets", "cars"],
        "question": ["How many pets?", "Which cars?"],
        "query": ["SELECT 1", "SELECT 2"],
    },
    "mmlu": {
        "question": ["1+1?", "2+2?"],
        "subject": ["math", "math"],
        "choices": [["1", "2"], ["3", "4"]],
        "answer": [1, 1],
    },
    "nli": {
        "premise": ["A man eats.", "A dog runs."],
        "hypothesis": ["He eats.", "It sleeps."],
        "label": ["entailment", "contradiction"],
    },
    "news": {
        "article": ["Long text.", "More."],
        "highlights": ["Short.", "M."],
        "id": ["x1", "x2"],
    },
    "camel": {"userQuestion": ["a b", "c d"], "botReply": ["e f", "g h"], "createdAt": ["1", "2"]},
}
EXPECTED = {
    "gretel": (["sql_prompt", "sql_context"], "sql"),
    "alpaca": (["instruction", "input"], "output"),
    "prompt_completion": (["prompt"], "completion"),
    "squad_like": (["context", "question"], "answer"),
    "text_label": (["text"], "label"),
    "sqlqa": (["question", "context"], "answer"),
    "preferences": (["prompt"], "chosen"),
    "spider": (["question"], "query"),
    "mmlu": (["question", "choices"], "answer"),
    "nli": (["premise", "hypothesis"], "label"),
    "news": (["article"], "highlights"),
    "camel": (["userQuestion"], "botReply"),
}
TYPES = {str: "string", int: "int64", list: "list<string>", bool: "bool", float: "float64"}


def suggestion_of(values: dict[str, list]):
    columns = [Column(name=name, type=TYPES[type(cells[0])]) for name, cells in values.items()]
    rows = [dict(zip(values, cells, strict=True)) for cells in zip(*values.values(), strict=True)]
    return suggest(columns, rows), columns, rows


@pytest.mark.parametrize("shape", SHAPES)
def test_known_shapes_get_their_columns(shape):
    made, columns, _ = suggestion_of(SHAPES[shape])
    inputs, output = EXPECTED[shape]
    # SQuAD's title repeats in two rows here and over whole articles there: either is right.
    assert [name for name in made.input_columns if name != "title"] == inputs
    assert made.output_column == output
    assert made.completion_template == f"{{{output}}}"
    used = {*made.input_columns, made.output_column}
    assert set(made.ignored_columns) == {column.name for column in columns} - used


@pytest.mark.parametrize("shape", SHAPES)
def test_templates_render_and_keep_the_seam_clean(shape):
    made, columns, rows = suggestion_of(SHAPES[shape])
    names = [column.name for column in columns]
    for template in (made.prompt_template, made.completion_template):
        check(template, names)
        assert render(template, rows[0]).strip()
    assert not made.prompt_template.endswith((" ", "\n\n", "\t"))
    assert not made.completion_template.startswith((" ", "\n"))


@pytest.mark.parametrize("shape", SHAPES)
def test_every_column_has_a_reason(shape):
    made, columns, _ = suggestion_of(SHAPES[shape])
    for column in columns:
        assert any(f"`{column.name}`" in reason for reason in made.reasons), column.name


def test_text_to_sql_reads_like_a_practitioner_wrote_it():
    made, _, _ = suggestion_of(SHAPES["gretel"])
    assert made.prompt_template == (
        "### Schema:\n{sql_context}\n\n### Question:\n{sql_prompt}\n\n### SQL:\n"
    )
    reasons = " ".join(made.reasons)
    assert "`id` is left out: it identifies rows" in reasons
    assert "`sql_explanation` is left out: it explains the answer" in reasons
    assert "`domain_description` is left out: it only describes `domain`" in reasons


def test_sql_is_known_by_its_content_and_its_tables_are_given_once():
    shape = SHAPES["sqlqa"] | {"schema": ["CREATE TABLE t (a INT)", "CREATE TABLE u (b INT)"]}
    made, _, _ = suggestion_of(shape)
    assert made.prompt_template == (
        "### Schema:\n{context}\n\n### Question:\n{question}\n\n### SQL:\n"
    )
    assert "`schema` is left out: another column has the tables already." in made.reasons


def test_sections_never_share_a_heading():
    made, _, _ = suggestion_of(
        {"user_text": ["a b", "c"], "news_text": ["d e", "f"], "label": ["x", "y"]}
    )
    assert "### User text:\n{user_text}" in made.prompt_template
    assert "### News text:\n{news_text}" in made.prompt_template


def test_translation_pairs():
    made, _, _ = suggestion_of({"source": ["Guten Tag", "Hallo"], "target": ["Hello", "Hi"]})
    assert made.prompt_template == "### Source:\n{source}\n\n### Target:\n"


def test_alpaca_reads_like_alpaca_and_leaves_empty_inputs_out():
    made, _, rows = suggestion_of(SHAPES["alpaca"])
    assert made.recognised.format == "alpaca"
    assert render(made.prompt_template, rows[0]) == (
        "### Instruction:\nTranslate.\n\n### Input:\nBonjour\n\n### Response:\n"
    )
    assert render(made.prompt_template, rows[1]) == (
        "### Instruction:\nName three.\n\n### Response:\n"
    )


def test_conversations_as_columns_are_offered_in_chat_mode_and_in_text():
    made, _, rows = suggestion_of(
        {
            "system": ["Be brief.", "Be brief."],
            "history": ["User: Hi\nAssistant: Hello", None],
            "user": ["2+2?", "Hi"],
            "assistant": ["4", "Hello"],
        }
    )
    assert (made.mode, [message.role for message in made.messages]) == (
        "chat",
        ["system", "user", "assistant"],
    )
    asked = made.messages[1].content
    assert render(asked, rows[0]) == "User: Hi\nAssistant: Hello\n\n2+2?"
    assert render(asked, rows[1]) == "Hi"
    assert render(made.prompt_template, rows[1]).endswith("### User:\nHi\n\n### Assistant:\n")
    assert (made.output_column, made.recognised.format) == ("assistant", "turns")


TALK = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]


@pytest.mark.parametrize(
    ("values", "format"),
    [
        ({"prompt": ["a"], "completion": ["b"]}, "prompt_completion"),
        ({"instruction": ["a"], "input": [""], "output": ["b"]}, "alpaca"),
        ({"messages": [TALK]}, "messages"),
        ({"conversations": [[{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]]}, "sharegpt"),
        ({"text": [json.dumps(TALK)]}, "messages"),
        ({"prompt": ["a"], "chosen": ["b"], "rejected": ["c"]}, "preference"),
        ({"prompt": ["a"], "chosen": [TALK], "rejected": [TALK]}, "preference"),
        ({"Question": ["a"], "Answer": ["b"]}, "question_answer"),
        ({"user": ["a"], "assistant": ["b"]}, "turns"),
        ({"messages": [[{"role": "user", "content": "a"}]]}, None),
        ({"sql": ["a"], "schema": ["b"]}, None),
        ({"tags": [["a", "b"]]}, None),
    ],
)  # fmt: skip
def test_published_formats_are_recognised(values, format):
    columns = [Column(name=name, type="string") for name in values]
    rows = [{name: cells[0] for name, cells in values.items()}]
    found = recognise(columns, rows)
    assert (found.format if found else None) == format
    nested = any(isinstance(cells[0], list) or "[{" in cells[0] for cells in values.values())
    assert bool(found and found.conversation) == (nested and format is not None)


def test_ready_made_prompts_are_used_as_they_are():
    made, _, _ = suggestion_of({"prompt": ["Q: a\nA:", "Q: b\nA:"], "completion": [" x", " y"]})
    assert made.prompt_template == "{prompt}"
    made, _, _ = suggestion_of({"prompt": ["Say a", "Say b"], "completion": ["x", "y"]})
    assert made.prompt_template == "{prompt}\n"


def test_a_single_text_column_becomes_the_completion():
    made, _, _ = suggestion_of({"text": ["One poem.", "Another."]})
    assert (made.input_columns, made.output_column) == ([], "text")
    assert made.prompt_template == "### Text:\n"


def test_unknown_names_are_guessed_and_said_to_be():
    made, _, _ = suggestion_of({"foo": ["some words", "other words"], "bar": ["x y", "z w"]})
    assert (made.input_columns, made.output_column) == (["foo"], "bar")
    assert "by guess" in made.reasons[0]


def test_columns_a_placeholder_cannot_name_are_left_out():
    made, _, _ = suggestion_of({"q{1}": ["a b", "c"], "question": ["d", "e"], "answer": ["f", "g"]})
    assert made.ignored_columns == ["q{1}"]


def test_conversations_are_refused_with_a_remedy():
    columns = [Column(name="messages", type="list<struct<role: string, content: string>>")]
    with pytest.raises(InvalidInput, match="conversations") as caught:
        suggest(columns, [{"messages": [{"role": "user", "content": "a"}]}])
    assert "option `conversation`" in (caught.value.remedy or "")


def test_nothing_to_learn_is_said():
    with pytest.raises(InvalidInput, match="No column looks like an answer"):
        suggest([Column(name="id", type="int64")], [{"id": 1}, {"id": 2}])


def test_no_sampled_rows_still_suggests_by_name():
    made = suggest(
        [Column(name="question", type="string"), Column(name="answer", type="string")], []
    )
    assert (made.input_columns, made.output_column) == (["question"], "answer")


def test_the_task_is_said_where_the_answers_leave_no_doubt():
    sql, _, _ = suggestion_of(SHAPES["gretel"])
    assert sql.task == "sql" and "Answers are judged as SQL" in sql.reasons[-1]
    labels, _, _ = suggestion_of({"text": list("abcdefgh"), "label": ["good", "bad"] * 4})
    assert labels.task == "label"
    words, _, _ = suggestion_of({"question": ["a?", "b?"], "answer": ["Paris", "Rome"]})
    assert words.task == "auto"
