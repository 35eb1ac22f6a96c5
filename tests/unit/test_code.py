"""Code: what is written can be read back."""

from __future__ import annotations

import ast

import yaml

from ftstudio_ext.core import templates
from ftstudio_ext.notebook.arguments import comparison_from, parse
from ftstudio_ext.studio.code.comparison import magic_line
from ftstudio_ext.studio.code.forms import dump
from ftstudio_ext.studio.code.literals import function, literal

NASTY = "a \"quoted\"\n\ttext\\ with {braces} \u2028 “ü” 'and' \r\n more"


def test_values_are_python_literals():
    value = {"text": NASTY, "none": None, "flag": True, "list": [1, 2.5, ["x" * 100]], "": {}}
    assert ast.literal_eval(literal(value)) == value


def test_templates_become_functions_that_say_the_same():
    template = f"{{{{x}}}} {{a}}{{?b}} [{{b}}{{?a}}!{{/a}}]{{/b}} {NASTY.replace('{', '{{').replace('}', '}}')}"
    made: dict = {"text": templates.text_of}
    exec(function("said", "What it says.", template), made)  # noqa: S102
    for row in ({"a": "1", "b": "2"}, {"a": "", "b": " "}, {"a": None, "b": "x"}):
        assert made["said"](row) == templates.render(template, row)


def test_yaml_keeps_every_character():
    fields = {"prompt": {"prompt_template": NASTY, "completion_template": " {a}\n"}, "lr": 1e-05}
    assert yaml.safe_load(dump(fields)) == fields


def test_a_magic_line_is_understood():
    said = {"base_model": "my model", "question": NASTY, "expected": "x", "temperature": 0.5}
    given = parse(magic_line(["one", "two 2"], said).removeprefix("%ftstudio ").strip())
    assert given.adapters == ["one", "two 2"]
    temperature = said.pop("temperature")
    assert comparison_from(given) == said | {"generation": {"temperature": temperature}}
