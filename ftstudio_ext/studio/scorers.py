"""Scorers as the form lists them, and files with scorers of one's own."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.core.threads import in_thread
from ftstudio_ext.schema.scorers import (
    ResolvedScorerFile,
    ScorerFile,
    ScorerFileView,
    ScorerList,
)

if TYPE_CHECKING:
    from .studio import Studio

LARGEST_FILE_BYTES = 200_000


class Scorers:
    """What evaluations can measure. Scorers themselves live in the workers' environment: the
    data helper lists them, jobs run them, the server never loads one."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    async def list(self, dataset: str | None = None, prompt: str | None = None) -> ScorerList:
        """All scorers; with data, those that fit are marked."""
        params = {}
        if dataset is not None or prompt is not None:
            params = await in_thread(self._data, dataset, prompt)
        answer = await self._studio.helpers.call("data", "scorers", params)
        return ScorerList.model_validate(answer)

    def _data(self, dataset: str | None, prompt: str | None) -> dict[str, object]:
        if prompt is None:
            raise InvalidInput(
                "Only a prompt tells which column holds the expected answers.",
                field="prompt",
                remedy="Give a prompt with the dataset, or neither of them.",
            )
        asked = self._studio.prompts.referred(prompt, "prompt")
        found = self._studio.datasets.referred(dataset or asked.dataset_id, "dataset")
        split = self._studio.datasets.split(found, None, "dataset")
        return {
            "dataset_dir": str(self._studio.datasets.directory(found)),
            "split_file": split.file,
            "prompt": asked.model_dump(mode="json"),
        }

    def file(self, path: str) -> ScorerFileView:
        """A scorer file's text and hash, to be read before agreeing to it."""
        file = self._studio.paths.existing_file(path, "path")
        if file.suffix != ".py":
            raise InvalidInput(
                f"“{path}” is no Python file.", field="path", remedy="Name a file that ends in .py."
            )
        data = file.read_bytes()[: LARGEST_FILE_BYTES + 1]
        if len(data) > LARGEST_FILE_BYTES:
            raise InvalidInput(
                f"“{path}” is larger than {LARGEST_FILE_BYTES // 1000} kB.",
                field="path",
                remedy="Move what is not scoring to a package, and import it.",
            )
        try:
            text = data.decode()
        except UnicodeDecodeError:
            raise InvalidInput(
                f"“{path}” is not UTF-8 text.", field="path", remedy="Save it as UTF-8."
            ) from None
        return ScorerFileView(
            path=self._studio.paths.relative(file),
            sha256=hashlib.sha256(data).hexdigest(),
            size_bytes=len(data),
            text=text,
        )

    def agreed(self, files: Sequence[ScorerFile]) -> Sequence[ResolvedScorerFile]:
        """The files as a job takes them along; raises InvalidInput when one has changed since it
        was agreed to."""
        found: Sequence[ResolvedScorerFile] = ()
        for number, file in enumerate(files):
            field = f"scorer_files.{number}"
            try:
                now = self.file(file.path)
            except InvalidInput as error:
                error.field = field
                raise
            if now.sha256 != file.sha256:
                raise InvalidInput(
                    f"The scorer file “{now.path}” is not the one that was agreed to.",
                    field=field,
                    remedy="Read it again, and give the hash of what you have read.",
                    code="not_agreed",
                )
            found = [
                *found,
                ResolvedScorerFile(path=now.path, sha256=now.sha256, text=now.text),
            ]
        return found
