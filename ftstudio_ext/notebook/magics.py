"""`%load_ext ftstudio_ext`: the magic `%ftstudio`."""

from __future__ import annotations

from typing import Any

from IPython.core.magic import Magics, line_magic, magics_class

from .arguments import LISTS, HelpShown, parse, spec_from
from .client import Studio

COMMANDS = ("help", "status", *LISTS, "train", "form", "watch", "stop", "resume", "log")
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
        command = getattr(self, f"_{given.command}", None)
        return command(given) if command else self._list(given)

    @property
    def studio(self) -> Studio:
        """The variable `studio` of the notebook where there is one, else the own server's."""
        named = self.shell.user_ns.get("studio") if self.shell else None
        if isinstance(named, Studio):
            return named
        if self._own is None:
            self._own = Studio()
        return self._own

    # --- commands ------------------------------------------------------------------------------

    def _status(self, given: Any) -> Any:
        return self.studio.status()

    def _list(self, given: Any) -> Any:
        return getattr(self.studio, given.command).find(given.search)

    def _form(self, given: Any) -> Any:
        return self.studio.train_form()

    def _train(self, given: Any) -> Any:
        job = self.studio.train(**spec_from(given))
        return job.wait() if given.watch else job

    def _watch(self, given: Any) -> Any:
        return self.studio.jobs[given.job].wait()

    def _stop(self, given: Any) -> Any:
        return self.studio.jobs[given.job].stop(save=not given.now)

    def _resume(self, given: Any) -> Any:
        return self.studio.jobs[given.job].resume()

    def _log(self, given: Any) -> Any:
        return self.studio.jobs[given.job].log()


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
