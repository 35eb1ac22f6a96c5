"""`studio.prompts`: prompts, suggestions, and rows as a model will read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from pydantic import PrivateAttr

from ftstudio_ext.schema import prompts

from . import display
from .listing import Collection, key_of
from .objects import Attached
from .tables import short

LEARNED = "var(--jp-success-color1, #388e3c)"


class Prompt(Attached, prompts.Prompt):
    """A stored prompt."""

    def preview(self, row: int | None = None, split: str | None = None, **more: Any) -> Preview:
        """One row of its dataset, rendered; a random one by default. With `model=`, also as the
        model's tokens; see `studio.prompts.preview`."""
        return self.studio.prompts.preview(self, row=row, split=split, **more)

    def with_examples(self, n: int, seed: int = 0) -> Prompt:
        """The prompt with `n` solved rows in front of every question; 0 takes them out. They are
        stored with it, and neither trained on nor asked."""
        found = []
        if n:
            body = {"dataset": self.dataset_id, "prompt": self.id, "n": n, "seed": seed}
            found = self.studio.connection.post("prompts", "examples", body=body)["examples"]
        changed = self.studio.connection.request(
            "PATCH", "prompts", self.id, body={"examples": found}
        )
        return self.studio.prompts._made(changed)

    def delete(self) -> None:
        self.studio.prompts.delete(self)

    def _summary(self) -> str:
        return short(_first(self), 60)

    def _repr_html_(self) -> str:
        return display.card(self.name, [], note=_templates(self))


class Suggestion(Attached, prompts.Suggestion):
    """Proposed templates; `save` makes a prompt of them."""

    _dataset: Any = PrivateAttr(default=None)

    def save(self, name: str) -> Prompt:
        return self.studio.prompts.create(
            name, self._dataset, self.prompt_template, self.completion_template
        )

    def _summary(self) -> str:
        return f"{', '.join(self.input_columns)} → {self.output_column}"

    def _repr_html_(self) -> str:
        reasons = display.Html("".join(f"<div>{display.soft(why)}</div>" for why in self.reasons))
        pair = _pair("Prompt", self.prompt_template, "Completion", self.completion_template)
        return display.card(self._summary(), [], note=display.Html(pair + reasons))


class Preview(Attached, prompts.Preview):
    """Rendered rows; `tokens` where a model was named, `checks` where they were asked for."""

    def _summary(self) -> str:
        return f"row {self.row} of {self.split}"

    def __repr__(self) -> str:
        lines = [f"{row.prompt}⟦{row.completion}⟧" for row in self.rows or [self]]
        lines += [f"{c.level}: {c.message} {c.remedy or ''}".rstrip() for c in self.checks]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        checks = "".join(display.problem(c.message, c.remedy, c.level) for c in self.checks)
        return "".join(self._card(row) for row in self.rows or [self]) + checks

    def _card(self, row: prompts.PreviewRow) -> display.Html:
        return display.card(
            f"Row {row.row:,} of {self.total:,} ({self.split})",
            [("Tokens", _counts(row.tokens))] if row.tokens else [],
            note=_tokens(row.tokens)
            if row.tokens
            else _pair("The model reads", row.prompt, "It learns to write", row.completion),
        )


class Prompts(Collection[Prompt]):
    """Prompts."""

    path, title, item = "prompts", "prompts", Prompt
    headers = ("Name", "Prompt", "Completion")
    empty = "No prompts yet. Look at studio.prompts.suggest(dataset)."

    def suggest(self, dataset: Any) -> Suggestion:
        """Templates that fit a dataset, with reasons; `.save(name)` keeps them."""
        answer = self._studio.connection.post(
            self.path, "suggest", body={"dataset": key_of(dataset)}
        )
        made = Suggestion.model_validate(answer)
        made._studio, made._dataset = self._studio, key_of(dataset)
        return made

    def create(
        self,
        name: str,
        dataset: Any,
        prompt_template: str | None = None,
        completion_template: str | None = None,
        *,
        messages: Sequence[Mapping[str, str]] | None = None,
        chat_template: str | None = None,
    ) -> Prompt:
        """Save a prompt. Text mode: two templates; one that is not given is taken from the
        suggestion. Chat mode: `messages`, each `{"role": …, "content": …}`, the last one the
        assistant's; `chat_template` for base models without one of their own."""
        body: dict[str, Any] = {"name": name, "dataset": key_of(dataset)}
        if messages is not None:
            body |= {"mode": "chat", "messages": list(messages), "chat_template": chat_template}
        elif prompt_template is None or completion_template is None:
            proposed = self.suggest(dataset)
            prompt_template = prompt_template or proposed.prompt_template
            completion_template = completion_template or proposed.completion_template
        templates = {"prompt_template": prompt_template, "completion_template": completion_template}
        body |= {field: text for field, text in templates.items() if text is not None}
        return self._made(self._studio.connection.post(self.path, body=body))

    def preview(
        self,
        prompt: Any = None,
        *,
        dataset: Any = None,
        model: Any = None,
        checks: bool | None = None,
        **fields: Any,
    ) -> Preview:
        """Rows as the model will read them: of a stored prompt, or of templates and a dataset.

        Further fields are those of the request: `row`, `rows`, `n` random ones, `split`, `seed`;
        `prompt_template`, `completion_template`, `messages`, `chat_template`; `max_length`,
        `loss_on`. With `model`, rows are shown as its tokens, and the prompt is checked.
        """
        stored = self[prompt] if isinstance(prompt, str) else prompt
        if dataset is None and stored is not None:
            dataset = stored.dataset_id
        body = {
            "dataset": key_of(dataset) if dataset is not None else None,
            "prompt": stored.id if stored is not None else None,
            "model": key_of(model) if model is not None else None,
            "checks": model is not None if checks is None else checks,
            **fields,
        }
        if fields.get("messages") is not None:
            body.setdefault("mode", "chat")
        given = {name: value for name, value in body.items() if value is not None}
        made = Preview.model_validate(
            self._studio.connection.post(self.path, "preview", body=given)
        )
        made._studio = self._studio
        return made

    def _cells(self, item: Prompt) -> list[object]:
        last = item.completion_template if item.mode == "text" else item.messages[-1].content
        return [item.name, display.code(_first(item)), display.code(last)]


def _first(prompt: prompts.Prompt) -> str:
    """What stands for a prompt in one line of a list."""
    if prompt.mode == "text":
        return prompt.prompt_template
    return next((m.content for m in prompt.messages if m.role == "user"), "")


def _templates(prompt: prompts.Prompt) -> display.Html:
    if prompt.mode == "text":
        return _pair("Prompt", prompt.prompt_template, "Completion", prompt.completion_template)
    return display.Html(
        "".join(
            display.soft(message.role.capitalize()) + display.code(message.content, lines=10)
            for message in prompt.messages
        )
    )


def _pair(first_title: str, first: str, second_title: str, second: str) -> display.Html:
    return display.Html(
        display.soft(first_title)
        + display.code(first, lines=14)
        + display.soft(second_title)
        + display.code(second, lines=8)
    )


def _counts(view: prompts.TokenView) -> str:
    total = view.prompt_tokens + view.completion_tokens
    text = f"{total:,}, {view.learned_tokens:,} of them learned"
    if view.outcome == "too_long":
        return f"{text}; more than {view.max_length:,}: training leaves the row out"
    return f"{text}; nothing to learn" if view.outcome == "nothing_to_learn" else text


def _tokens(view: prompts.TokenView) -> display.Html:
    """Tokens side by side: what is learned underlined in green, special tokens in bold."""
    pieces: list[str] = []
    for place, token in enumerate(view.tokens):
        if place == view.omitted_at:
            pieces.append(display.soft(f" … {view.omitted:,} tokens … "))
        shown = escape(token.text or "·").replace("\n", "↵\n")
        style = f"border-bottom: 2px solid {LEARNED if token.learned else 'transparent'}"
        style += "; font-weight: 600" if token.special else ""
        title = f"{token.id}{f' ({token.special})' if token.special else ''}"
        pieces.append(
            f'<span title="{title}" style="{style}; outline: 1px solid {display.LINE}">{shown}</span>'
        )
    return display.Html(
        f'<div style="{display.MONO}; white-space: pre-wrap; line-height: 1.9; margin: 6px 0; '
        f'max-height: 24em; overflow: auto">{"".join(pieces)}</div>'
        + display.soft("Underlined: what the model learns to write.")
    )
