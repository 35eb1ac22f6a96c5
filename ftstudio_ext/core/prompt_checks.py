"""Checks of a prompt over sampled rows, before any token is looked at.

Each check answers one finding or none. Blocking ones are those after which training would be
worthless; all of them name the cause and what to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ftstudio_ext.schema.checks import Check, Fix
from ftstudio_ext.schema.prompts import PromptContent

from . import templates
from .errors import InvalidInput
from .examples import completion_placeholders, expected_completion, prompt_templates

SHOWN_ROWS = 5
MOSTLY = 0.5
COPIED_CHARACTERS = 40
"""An answer of at least this length that stands in its prompt word for word is no accident."""


@dataclass(frozen=True)
class Sample:
    """Rows of a split with their numbers: what the checks look at."""

    prompt: PromptContent
    numbers: Sequence[int]
    values: Sequence[Mapping[str, Any]]

    def __len__(self) -> int:
        return len(self.numbers)

    def shown(self, places: Sequence[int]) -> list[int]:
        """A few row numbers as examples."""
        return [self.numbers[place] for place in places[:SHOWN_ROWS]]

    def share(self, places: Sequence[int]) -> str:
        return f"{len(places):,} of {len(self):,} sampled rows"


def text_checks(sample: Sample) -> list[Check]:
    """What the templates and the rows' values tell."""
    if not len(sample):
        return []
    found = [
        _answer_in_prompt(sample),
        _answer_in_text(sample),
        _trailing_space(sample),
        _same_for_all_rows(sample),
        *_mostly_empty(sample),
    ]
    return [check for check in found if check is not None]


def _answer_in_prompt(sample: Sample) -> Check | None:
    """Columns that both the prompt and the completion ask for."""
    answer = completion_placeholders(sample.prompt)
    given = [
        (field, template, name)
        for field, template in prompt_templates(sample.prompt)
        for name in templates.placeholders(template)
        if name in answer
    ]
    if not given:
        return None
    shown = [name for _field, _template, name in given]
    whole = set(answer) <= set(shown)
    field, template, _name = given[0]
    cleared = template
    for name in answer:
        cleared = cleared.replace(f"{{{name}}}", "")
    fixable = len({place for place, _t, _n in given}) == 1 and bool(cleared.strip())
    names = ", ".join(f"{{{name}}}" for name in dict.fromkeys(shown))
    return Check(
        level="blocking" if whole else "warning",
        code="answer_in_prompt",
        message=f"The prompt shows the model its answer: {names} stands in the completion too.",
        field=field,
        remedy=f"Take {names} out of the prompt: when the model is used, nobody knows the answer.",
        fix=Fix(
            kind="set_prompt_field",
            field=field,
            value=cleared,
            label=f"Remove {names} from the prompt",
        )
        if fixable
        else None,
    )


def _answer_in_text(sample: Sample) -> Check | None:
    """Long answers that stand in the prompt's values word for word, under another name."""
    names = [
        name for _f, t in prompt_templates(sample.prompt) for name in templates.placeholders(t)
    ]
    answers = [expected_completion(sample.prompt, row).strip() for row in sample.values]
    places = [
        place
        for place, (row, answer) in enumerate(zip(sample.values, answers, strict=True))
        if len(answer) >= COPIED_CHARACTERS
        and any(answer in templates.text_of(row[name]) for name in names)
    ]
    own = set(completion_placeholders(sample.prompt)) & set(names)
    if own or len(places) <= MOSTLY * len(sample):
        return None
    return Check(
        level="warning",
        code="answer_in_prompt_text",
        message=f"In {sample.share(places)} the whole answer stands in the prompt, word for word.",
        field=prompt_templates(sample.prompt)[0][0],
        remedy="Look at these rows: a column of the prompt may hold question and answer together. "
        "If finding the passage is the task, all is well.",
        rows=sample.shown(places),
    )


def _trailing_space(sample: Sample) -> Check | None:
    """Words are tokens with the space in front of them, so a prompt must not take it away."""
    prompt = sample.prompt
    if prompt.mode == "chat":
        return None
    bare = prompt.prompt_template.rstrip(" \t")
    if bare == prompt.prompt_template:
        return None
    return Check(
        level="warning",
        code="trailing_space",
        message="The prompt ends with a space. Models write a word together with the space in "
        "front of it, so the answer would begin with a token that is unusual there.",
        field="prompt_template",
        remedy="End the prompt with a line break, or begin the completion with the space.",
        fix=Fix(
            kind="set_prompt_field",
            field="prompt_template",
            value=bare + "\n",
            label="End the prompt with a line break",
        )
        if bare
        else None,
    )


def _same_for_all_rows(sample: Sample) -> Check | None:
    """A prompt, or a completion, that does not depend on the row."""
    asks = any(templates.placeholders(t) for _field, t in prompt_templates(sample.prompt))
    if not completion_placeholders(sample.prompt):
        return Check(
            level="blocking",
            code="same_answer",
            message="The completion asks for no column: the model would learn one fixed answer.",
            field=_completion_field(sample.prompt),
            remedy="Put the placeholder of the answer's column into it.",
        )
    if asks:
        return None
    return Check(
        level="warning",
        code="same_prompt",
        message="The prompt asks for no column: it is the same for every row.",
        field=prompt_templates(sample.prompt)[0][0],
        remedy="Put the placeholders of the columns that the answer depends on into it.",
    )


def _mostly_empty(sample: Sample) -> Iterator[Check]:
    """Placeholders that insert nothing in most rows."""
    for name in _inserted(sample.prompt):
        places = [
            place
            for place, row in enumerate(sample.values)
            if not templates.text_of(row[name]).strip()
        ]
        if len(places) <= MOSTLY * len(sample):
            continue
        answers = name in completion_placeholders(sample.prompt)
        everywhere = len(places) == len(sample)
        yield Check(
            level="blocking" if answers and everywhere else "warning",
            code="empty_column",
            message=f"The column “{name}” is empty in {sample.share(places)}.",
            field=_field_of(sample.prompt, name),
            remedy="Choose another column for the answer, or drop the rows without one."
            if answers
            else f"Leave {{{name}}} out, or put it and what belongs to it into a section that "
            f"stands only where there is a value: {{?{name}}}…{{{name}}}…{{/{name}}}.",
            fix=None if answers else _section_fix(sample.prompt, name),
            rows=sample.shown(places),
        )


def _inserted(prompt: PromptContent) -> list[str]:
    """Columns that are inserted whether they have a value or not."""
    given = [name for _f, t in prompt_templates(prompt) for name in templates.always_inserted(t)]
    return list(dict.fromkeys([*given, *completion_placeholders(prompt)]))


def _section_fix(prompt: PromptContent, name: str) -> Fix | None:
    """The paragraph that the column stands in, made a section, where it is the only one there."""
    field, template = next(
        pair for pair in prompt_templates(prompt) if name in templates.placeholders(pair[1])
    )
    paragraphs = re.split(r"(?<=\n\n)", template)
    inside = [place for place, text in enumerate(paragraphs) if f"{{{name}}}" in text]
    if len(inside) != 1 or inside[0] == len(paragraphs) - 1:
        return None
    alone = paragraphs[inside[0]]
    try:
        if templates.placeholders(alone) != [name]:
            return None
    except InvalidInput:  # a section begins or ends in it
        return None
    paragraphs[inside[0]] = f"{{?{name}}}{alone}{{/{name}}}"
    return Fix(
        kind="set_prompt_field",
        field=field,
        value="".join(paragraphs),
        label=f"Leave this part out where “{name}” is empty",
    )


def _field_of(prompt: PromptContent, name: str) -> str:
    """The first field that asks for the column."""
    pairs = [*prompt_templates(prompt), (_completion_field(prompt), "")]
    return next(
        (field for field, template in pairs if name in templates.placeholders(template)),
        pairs[-1][0],
    )


def _completion_field(prompt: PromptContent) -> str:
    if prompt.mode == "text":
        return "completion_template"
    return f"messages.{len(prompt.messages) - 1}.content"
