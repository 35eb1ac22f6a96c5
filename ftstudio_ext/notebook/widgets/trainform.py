"""The train form in a notebook: the sidebar's fields, from the same schema."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import ipywidgets

from .. import display
from ..errors import StudioApiError
from ..fields import GROUPS, REFERENCES, Control, fields_of
from ..job import JobHandle
from ..listing import key_of
from ..memory import memory_bar
from ..objects import Preflight
from ..runview import RunView
from ..specs import proposed_name, spec_of

if TYPE_CHECKING:
    from ..client import Studio

QUIET_S = 0.3
"""How long the form must rest before the server is asked what it thinks of it."""

HOW_TO_ADD = {
    "model": 'There is no base model yet: studio.models.add("models/my-model").',
    "dataset": 'There is no dataset yet: studio.datasets.add("data/train.jsonl").',
    "prompt": 'This dataset has no prompt yet: studio.prompts.create("my prompt", dataset) takes '
    "the suggested one.",
}


class TrainForm(ipywidgets.VBox):  # type: ignore[misc]
    """Fill it in, read what would happen, press Start. `spec()` is what is filled in, `job` the
    run that was started last. Nothing here blocks the kernel."""

    def __init__(self, studio: Studio, **fields: Any) -> None:
        self.studio = studio
        self.job: JobHandle | None = None
        self.checked: Preflight | None = None
        self._timer: threading.Timer | None = None
        self._asked = 0
        self._proposed = ""
        schema = studio.connection.get("schemas", "TrainSpec")
        self.controls = {field.path: Control(field) for field in fields_of(schema)}
        self.summary = ipywidgets.HTML()
        self.memory = ipywidgets.HTML()
        self.why = ipywidgets.HTML()
        self.start_button = ipywidgets.Button(
            description="Start training", button_style="primary", disabled=True
        )
        self.reload_button = ipywidgets.Button(
            description="Reload lists", tooltip="Look again for datasets, models and prompts"
        )
        self.runs = ipywidgets.VBox()
        self.start_button.on_click(lambda _: self.start())
        self.reload_button.on_click(lambda _: self._guarded(self.reload))
        super().__init__(list(self._parts()))
        self.reload()
        self._fill(fields)
        for path, control in self.controls.items():
            control.watch(lambda path=path: self._changed(path))  # type: ignore[misc]
        self._propose()
        self._check_soon()

    # --- what it holds -------------------------------------------------------------------------

    def spec(self) -> dict[str, Any]:
        """The specification as filled in. Raises StudioApiError where a text cannot be read."""
        values = {path: control.value for path, control in self.controls.items()}
        return spec_of(values)

    def missing(self) -> list[str]:
        """Titles of the fields that must be filled in and are not."""
        return [
            control.field.title
            for control in self.controls.values()
            if control.field.required and control.value is None
        ]

    def reload(self) -> None:
        """Look again for what references can point at."""
        self._found: dict[str, list[Any]] = {
            "model": list(self.studio.models),
            "dataset": [item for item in self.studio.datasets if item.state == "ready"],
            "prompt": list(self.studio.prompts),
        }
        self._taken = [item.name for item in (*self.studio.adapters, *self.studio.jobs)]
        for control in self._references():
            control.offer(self._options(control.field.kind))

    # --- how it is laid out --------------------------------------------------------------------

    def _parts(self) -> Iterator[Any]:
        groups: dict[str, list[Control]] = {}
        for control in self.controls.values():
            groups.setdefault(control.field.group, []).append(control)
        self._advanced = {
            group: rest
            for group, controls in groups.items()
            if (rest := [control for control in controls if control.field.advanced])
        }
        for group, controls in groups.items():
            simple = [control.row for control in controls if not control.field.advanced]
            if simple:
                yield ipywidgets.HTML(display.strong(GROUPS.get(group, group)))
                yield ipywidgets.VBox(simple)
        self.accordion = ipywidgets.Accordion(
            [ipywidgets.VBox([each.row for each in rest]) for rest in self._advanced.values()],
            selected_index=None,
        )
        self._count_changes()
        yield ipywidgets.HTML(display.strong("Advanced"))
        yield self.accordion
        yield self.summary
        yield self.memory
        yield ipywidgets.HBox([self.start_button, self.reload_button, self.why])
        yield self.runs

    def _count_changes(self) -> None:
        for index, (group, controls) in enumerate(self._advanced.items()):
            changed = sum(control.changed for control in controls)
            title = GROUPS.get(group, group)
            self.accordion.set_title(index, f"{title} ({changed} changed)" if changed else title)

    def _references(self) -> list[Control]:
        return [each for each in self.controls.values() if each.field.kind in REFERENCES]

    def _options(self, kind: str) -> list[tuple[str, str]]:
        items = self._found[kind]
        dataset = self.controls["dataset"].value
        if kind == "prompt" and dataset:
            items = [item for item in items if item.dataset_id == dataset]
        return [(item.name, item.id) for item in items]

    def _fill(self, fields: dict[str, Any]) -> None:
        """Set what the caller gave; objects by id or name."""
        for path, value in _flat(spec_of(fields), self.controls):
            if path not in self.controls:
                raise StudioApiError(
                    f"There is no field '{path}'.",
                    code="invalid_input",
                    field=path,
                    remedy=f"The fields are {', '.join(self.controls)}.",
                )
            control = self.controls[path]
            if control.field.kind in REFERENCES:
                value = self._id_of(control, value)
            control.value = value

    def _id_of(self, control: Control, wanted: Any) -> str:
        for name, key in self._options(control.field.kind):
            if key_of(wanted) in (name, key):
                return key
        raise StudioApiError(
            f"There is no {control.field.title.lower()} “{wanted}”.",
            code="not_found",
            field=control.field.path,
            remedy=HOW_TO_ADD[control.field.kind],
        )

    # --- what happens on a change --------------------------------------------------------------

    def _changed(self, path: str) -> None:
        if path == "dataset":
            prompts = self._options("prompt")
            self.controls["prompt"].offer(prompts)
            if self.controls["dataset"].value and prompts and not self.controls["prompt"].value:
                self.controls["prompt"].value = prompts[0][1]
        if path in ("dataset", "base_model"):
            self._propose()
        self._count_changes()
        self._check_soon()

    def _propose(self) -> None:
        """A name, as long as nobody wrote one."""
        name = self.controls["name"]
        if name.value not in (None, self._proposed):
            return
        labels = [self.controls[path].widget.label for path in ("dataset", "base_model")]
        if all(self.controls[path].value for path in ("dataset", "base_model")):
            self._proposed = proposed_name(labels[0], labels[1], self._taken)
            name.value = self._proposed

    def _check_soon(self) -> None:
        """Ask the server in a moment, unless the form changes again before."""
        self._asked += 1
        if self._timer:
            self._timer.cancel()
        self.start_button.disabled = True
        self._timer = threading.Timer(QUIET_S, self._guarded, [self._check, self._asked])
        self._timer.daemon = True
        self._timer.start()

    def _check(self, asked: int) -> None:
        missing = self.missing()
        if missing:
            self._say(f"Still to fill in: {', '.join(missing).lower()}.", self._how_to_add())
            self.summary.value = self.memory.value = ""
            return
        checked = self.studio.preflight(**self.spec())
        if asked != self._asked:
            return  # the form has changed meanwhile
        self.checked = checked
        self.summary.value = checked._repr_html_()
        self._estimate(asked)
        self.start_button.disabled = not checked.ready
        self.why.value = ""
        if not checked.ready:
            self._say(f"Cannot start: {checked.blocking[0].message}" if checked.blocking else "")

    def _estimate(self, asked: int) -> None:
        """The memory bar; a machine that cannot estimate says why, and holds nothing up."""
        try:
            answer = self.studio.memory(**self.spec())
        except StudioApiError as error:
            shown = display.soft(f"Memory: {error.message}")
        else:
            shown = memory_bar(answer)
        if asked == self._asked:
            self.memory.value = shown

    def _how_to_add(self) -> str:
        for control in self._references():
            if not control.value and not self._options(control.field.kind):
                return HOW_TO_ADD[control.field.kind]
        return ""

    # --- starting ------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the run that is filled in, and show it below."""
        self.start_button.disabled = True
        self.why.value = display.soft("Starting…")
        threading.Thread(target=self._guarded, args=[self._start], daemon=True).start()

    def _start(self) -> None:
        try:
            self.job = self.studio.train(**self.spec())
        except StudioApiError:
            self.start_button.disabled = False  # trying again may help
            raise
        self.why.value = ""
        self.runs.children = (RunView(self.job), *self.runs.children)
        self._taken.append(self.job.name)
        self._proposed = self.controls["name"].value or ""
        self._propose()
        self._check_soon()

    def _guarded(self, action: Any, *arguments: Any) -> None:
        """Every failure of a thread is said in the form."""
        try:
            action(*arguments)
        except StudioApiError as error:
            self._say(error.message, error.remedy or "")

    def _say(self, message: str, remedy: str = "") -> None:
        self.why.value = display.html(message) + (f" {display.soft(remedy)}" if remedy else "")

    def close(self) -> None:
        if self._timer:
            self._timer.cancel()
        for view in self.runs.children:
            view.close()
        super().close()


def _flat(
    spec: dict[str, Any], known: dict[str, Control], above: str = ""
) -> Iterator[tuple[str, Any]]:
    """`{"lora": {"r": 8}}` as `lora.r`, 8; datasets before prompts, which depend on them."""
    for name, value in sorted(spec.items(), key=lambda item: item[0] == "prompt"):
        path = f"{above}{name}"
        if isinstance(value, dict) and path not in known:
            yield from _flat(value, known, f"{path}.")
        else:
            yield path, value
