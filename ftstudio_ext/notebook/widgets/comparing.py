"""Comparing in a notebook: one question, and all answers side by side while they are written."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import ipywidgets

from .. import display
from ..comparisons import ComparisonHandle
from ..listing import key_of
from .panel import Panel, options_of

if TYPE_CHECKING:
    from ..client import Studio

SHOW_EVERY_S = 0.2


class CompareForm(Panel):
    """Choose a base model and adapters of it, ask. `comparison` is what was asked last."""

    def __init__(self, studio: Studio, *adapters: Any, base_model: Any = None) -> None:
        self.studio = studio
        self.comparison: ComparisonHandle | None = None
        self.model = ipywidgets.Dropdown(description="Base model")
        self.adapters = ipywidgets.SelectMultiple(description="Adapters", rows=4)
        self.question = ipywidgets.Textarea(
            description="Question", layout=ipywidgets.Layout(width="46em", height="7em")
        )
        self.tokens = ipywidgets.BoundedIntText(description="At most", value=128, min=1, max=8192)
        self.ask_button = ipywidgets.Button(description="Compare", button_style="primary")
        self.cancel_button = ipywidgets.Button(description="Cancel", disabled=True)
        self.answers = ipywidgets.HTML()
        buttons = ipywidgets.HBox([self.ask_button, self.cancel_button, self.tokens])
        super().__init__([self.model, self.adapters, self.question, buttons, self.answers])
        self._offer(adapters, base_model)
        self.model.observe(lambda _: self._offer_adapters(), "value")
        self.ask_button.on_click(lambda _: self.begin(self._ask))
        self.cancel_button.on_click(lambda _: self._cancel())

    def _offer(self, adapters: Any, base_model: Any) -> None:
        self._adapters = list(self.studio.adapters)
        self.model.options = options_of(self.studio.models, "choose …")
        wanted = [self.studio.adapters[key_of(adapter)] for adapter in adapters]
        if base_model is not None:
            self.model.value = self.studio.models[key_of(base_model)].id
        elif wanted:
            self.model.value = wanted[0].base_model_id
        self._offer_adapters()
        self.adapters.value = [adapter.id for adapter in wanted]

    def _offer_adapters(self) -> None:
        """Those that belong to the base model."""
        of_it = [one for one in self._adapters if one.base_model_id == self.model.value]
        self.adapters.options = [(adapter.name, adapter.id) for adapter in of_it]

    def _ask(self) -> None:
        if self.model.value is None or not self.question.value.strip():
            self.say("Choose a base model, and write a question.")
            return
        self.ask_button.disabled, self.cancel_button.disabled = True, False
        self.answers.value = display.soft("Loading the model, a few seconds …")
        try:
            self.comparison = self.studio.compare(
                *self.adapters.value,
                base_model=self.model.value,
                question=self.question.value,
                generation={"max_new_tokens": self.tokens.value},
            )
            self._follow(self.comparison)
        finally:
            self.ask_button.disabled, self.cancel_button.disabled = False, True

    def _follow(self, handle: ComparisonHandle) -> None:
        """The answers as far as they are written, a few times a second."""
        texts = {column.label: "" for column in handle.comparison.columns}
        shown = 0.0
        for piece in handle:
            texts[piece.column] += piece.text
            if time.monotonic() - shown > SHOW_EVERY_S:
                shown = time.monotonic()
                self.answers.value = display.table(
                    list(texts), [[display.code(text) for text in texts.values()]]
                )
        self.answers.value = handle._repr_html_()

    def _cancel(self) -> None:
        """By the server: the thread that follows the answers sees them end."""
        if (asked := self.comparison) is not None and not self.cancel_button.disabled:
            self.begin(lambda: self.studio.connection.post("comparisons", asked.id, "cancel"))

    def close(self) -> None:
        self._cancel()
        super().close()
