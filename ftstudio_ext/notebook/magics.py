"""`%load_ext ftstudio_ext`: the magics `%ftstudio` and `%%ftstudio`."""

from __future__ import annotations

from typing import Any

from IPython.core.magic import Magics, line_cell_magic, magics_class

from . import doctor, verbs
from .arguments import HelpShown, magic_parser, parse
from .cells import cell_parser, run_cell
from .client import Studio
from .completing import candidates


@magics_class
class StudioMagics(Magics):  # type: ignore[misc]
    """One word for each thing; what comes back is the same object that the client gives."""

    _own: Studio | None = None

    @line_cell_magic
    def ftstudio(self, line: str, cell: str | None = None) -> Any:
        """Datasets, models, prompts, adapters and runs of Fine-tuning Studio; `%ftstudio help`."""
        try:
            if cell is not None:
                return run_cell(self.studio, line, cell)
            given = parse("--help" if line.strip() in ("", "help") else line)
        except HelpShown:
            return None
        if given.command == "doctor":
            return doctor.examine()
        if given.command == "form":
            return self.studio.train_form()
        if given.command == "watch":  # in a cell there is room for a chart, and no need to wait
            return self.studio.jobs[given.job].watch()
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
    """Words that may stand at the cursor: commands, options, names."""
    before = getattr(event, "text_until_cursor", event.line)
    magic, *words = before.split()
    if words and not before[-1:].isspace():
        words.pop()  # the one that is being written
    parser = cell_parser() if magic.startswith("%%") else magic_parser()
    magics = shell.magics_manager.registry["StudioMagics"]
    return candidates(parser, words, lambda: magics.studio)


def load_ipython_extension(ipython: Any) -> None:
    """Make `%ftstudio` known to a shell."""
    ipython.register_magics(StudioMagics)
    for word in ("%ftstudio", "%%ftstudio"):
        ipython.set_hook("complete_command", complete, str_key=word)
