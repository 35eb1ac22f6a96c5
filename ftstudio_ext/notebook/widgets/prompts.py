"""The prompt builder in a notebook: templates, and at once what the model reads and learns."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ipywidgets

from .. import display
from ..listing import key_of
from ..prompts import Preview, Prompt
from .panel import Panel, options_of

if TYPE_CHECKING:
    from ..client import Studio

WIDE = ipywidgets.Layout(width="46em", height="6em")


class PromptBuilder(Panel):
    """Two templates with `{column}`; below them a row as the model will read it, as tokens where a
    base model is chosen. `saved` is the prompt that was saved last."""

    def __init__(self, studio: Studio, dataset: Any = None, base_model: Any = None) -> None:
        self.studio = studio
        self.saved: Prompt | None = None
        self.preview: Preview | None = None
        self.dataset = ipywidgets.Dropdown(description="Dataset")
        self.model = ipywidgets.Dropdown(description="Tokens of")
        self.columns = ipywidgets.HTML()
        self.prompt = ipywidgets.Textarea(description="Prompt", layout=WIDE)
        self.completion = ipywidgets.Textarea(description="Completion", layout=WIDE)
        self.suggest_button = ipywidgets.Button(description="Suggest")
        self.row = ipywidgets.BoundedIntText(description="Row", min=0, max=10**9)
        self.shown = ipywidgets.HTML()
        self.name = ipywidgets.Text(placeholder="Name of the prompt")
        self.save_button = ipywidgets.Button(description="Save", button_style="primary")
        super().__init__(
            [
                ipywidgets.HBox([self.dataset, self.model]),
                self.columns,
                self.prompt,
                self.completion,
                ipywidgets.HBox([self.suggest_button, self.row]),
                self.shown,
                ipywidgets.HBox([self.name, self.save_button]),
            ]
        )
        self._offer(dataset, base_model)
        self.suggest_button.on_click(lambda _: self.begin(self._suggest))
        self.save_button.on_click(lambda _: self.begin(self._save))
        self.dataset.observe(lambda _: self._dataset_chosen(), "value")
        for control in (self.model, self.prompt, self.completion, self.row):
            control.observe(lambda _: self.later(self._look), "value")
        self._dataset_chosen()

    def _offer(self, dataset: Any, base_model: Any) -> None:
        self._datasets = {item.id: item for item in self.studio.datasets if item.state == "ready"}
        self.dataset.options = options_of(self._datasets.values(), "choose …")
        self.model.options = options_of(self.studio.models, "no model: text only")
        if dataset is not None:
            self.dataset.value = self.studio.datasets[key_of(dataset)].id
        if base_model is not None:
            self.model.value = self.studio.models[key_of(base_model)].id

    def _dataset_chosen(self) -> None:
        found = self._datasets.get(self.dataset.value)
        names = ", ".join(f"{{{column.name}}}" for column in found.columns) if found else ""
        self.columns.value = display.soft(f"Columns: {names}") if found else ""
        if found and not self.prompt.value and not self.completion.value:
            self.begin(self._suggest)
        else:
            self.later(self._look)

    def _suggest(self) -> None:
        if self.dataset.value is None:
            self.say("Choose a dataset first.")
            return
        found = self.studio.prompts.suggest(self.dataset.value)
        self.prompt.value = found.prompt_template
        self.completion.value = found.completion_template
        self.later(self._look)

    def _templates(self) -> dict[str, str]:
        return {
            "prompt_template": self.prompt.value,
            "completion_template": self.completion.value,
        }

    def _look(self) -> Callable[[], None]:
        if self.dataset.value is None or not self.completion.value:
            return lambda: self._show(None)
        found = self.studio.prompts.preview(
            dataset=self.dataset.value,
            model=self.model.value,
            checks=True,
            row=self.row.value,
            **self._templates(),
        )
        return lambda: self._show(found)

    def _show(self, preview: Preview | None) -> None:
        self.preview = preview
        self.shown.value = preview._repr_html_() if preview else ""

    def _save(self) -> None:
        if self.dataset.value is None or not self.name.value.strip():
            self.say("A prompt needs a dataset and a name.")
            return
        name = self.name.value.strip()
        self.saved = self.studio.prompts.create(
            name, self.dataset.value, self.prompt.value, self.completion.value
        )
        self.say(f"“{name}” is saved.")
