"""`%load_ext ftstudio_ext`: the magic `%ftstudio`."""

from __future__ import annotations

from typing import Any

from IPython.core.magic import Magics, line_magic, magics_class

from . import doctor, verbs
from .arguments import HelpShown, parse
from .client import Studio

COMMANDS = ("help", "doctor", "form", *verbs.VERBS)
ABOUT_RUNS = ("watch", "stop", "resume", "log")


@magics_class
class StudioMagics(Magics):  # type: ignore[misc]
    """One word for each thing; what comes back is the same object that the client gives."""

    _own: Studio | None = None

    @line_magic
    def ftstudio(self, line: str) -> Any:
        """Datasets, models, prompts, adapters and runs of Fine-tuning Studio; `%ftstudio help`."""
        try:
            given = parse("--help" if line.strip() in ("", "help") else line)
        except HelpShown:
            return None
        if given.command == "doctor":
            return doctor.examine()
        if given.command == "form":
            return self.studio.train_form()
        return verbs.run(self.studio, given)

    @property
    def studio(self) -> Studio:
        """The variable `studio` of the notebook where there is one, else the own server's."""
        named = self.shell.user_ns.get("studio") if self.shell else None
        if isinstance(named, Studio):
            return named
        if self._own is None:
            self._own = Studio()
        return self._own


def complete(shell: Any, event: Any) -> list[str]:
    """Words that may stand at the cursor: commands, then names of runs."""
    words = event.line.split()
    if len(words) < 2 or (len(words) == 2 and not event.line.endswith(" ")):
        return list(COMMANDS)
    if words[1] in ABOUT_RUNS:
        magics = shell.magics_manager.registry.get("StudioMagics")
        return [job.name for job in magics.studio.jobs] if magics else []
    return []


def load_ipython_extension(ipython: Any) -> None:
    """Make `%ftstudio` known to a shell."""
    ipython.register_magics(StudioMagics)
    ipython.set_hook("complete_command", complete, str_key="%ftstudio")
