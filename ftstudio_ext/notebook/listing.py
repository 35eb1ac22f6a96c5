"""A list on the server: paged behind the scenes, and a name works wherever an id does."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from . import display
from .errors import NotFoundError
from .tables import Table

if TYPE_CHECKING:
    from .client import Studio

Item = TypeVar("Item")

PAGE = 100
SHOWN = 20


def key_of(item: Any) -> str:
    """The id of an object, or the name or id that was given."""
    return str(getattr(item, "id", item))


def new_request_id() -> str:
    """Sent with what makes something, so that a repeated request makes it once."""
    return f"nb-{secrets.token_hex(12)}"


class Collection(Generic[Item]):
    """A list on the server."""

    path = ""
    title = ""
    empty = ""
    headers: tuple[str, ...] = ()
    item: type[Any]

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def __iter__(self) -> Iterator[Item]:
        yield from self._all({})

    def __len__(self) -> int:
        return int(self._page(0, 1, {})["total"])

    def __getitem__(self, key: str | int) -> Item:
        """By name or id; by number, the place in the list."""
        if isinstance(key, int):
            place = key if key >= 0 else key + len(self)
            items = self._page(place, 1, {})["items"] if place >= 0 else []
            if not items:
                raise IndexError(f"there are {len(self)} {self.title}")
            return self._made(items[0])
        return self._made(self._studio.connection.get(self.path, key))

    def __contains__(self, key: object) -> bool:
        return self.get(key_of(key)) is not None

    def get(self, key: str, default: Item | None = None) -> Item | None:
        """By name or id; `default` when there is none."""
        try:
            return self[key]
        except NotFoundError:
            return default

    def find(self, q: str | None = None, **filters: Any) -> Table:
        """All whose name contains `q`, as a table."""
        return self._table(list(self._all({"q": q, **filters})))

    def delete(self, item: Any, cascade: bool = False) -> None:
        """Delete by name, id or object. What is used by others needs `cascade=True`, and the
        error of a first try names them."""
        query = {"cascade": "true"} if cascade else {}
        self._studio.connection.request("DELETE", self.path, key_of(item), query=query)

    def __repr__(self) -> str:
        items = [self._made(data) for data in self._page(0, SHOWN, {})["items"]]
        return "\n".join(map(repr, items)) or self.empty

    def _repr_html_(self) -> str:
        page = self._page(0, SHOWN, {})
        shown = self._table([self._made(data) for data in page["items"]])
        more = page["total"] - len(shown)
        return shown._repr_html_() + (display.soft(f"… and {more:,} more") if more > 0 else "")

    def _ipython_key_completions_(self) -> Any:
        return [item.name for item in self]  # type: ignore[attr-defined]

    # --- how a kind differs ------------------------------------------------------------------

    def _made(self, data: dict[str, Any]) -> Item:
        made = self.item.model_validate(data)
        made._studio = self._studio
        return made  # type: ignore[no-any-return]

    def _cells(self, item: Any) -> list[object]:
        return [item.name]

    # --- pages -------------------------------------------------------------------------------

    def _page(self, offset: int, limit: int, filters: dict[str, Any]) -> dict[str, Any]:
        page: dict[str, Any] = self._studio.connection.get(
            self.path, offset=offset, limit=limit, **filters
        )
        return page

    def _all(self, filters: dict[str, Any]) -> Iterator[Item]:
        seen: set[str] = set()
        offset = 0
        while True:
            page = self._page(offset, PAGE, filters)
            for data in page["items"]:
                if data["id"] not in seen:  # the list may have moved between two pages
                    seen.add(data["id"])
                    yield self._made(data)
            offset += len(page["items"])
            if not page["items"] or offset >= page["total"]:
                return

    def _table(self, items: Any) -> Table:
        return Table(
            items,
            headers=list(self.headers),
            cells=self._cells,
            caption="" if items else self.empty,
        )
