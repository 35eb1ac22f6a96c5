"""The Hugging Face hub: search, what repositories hold, the token. All of it is asked by the data
helper, so that the server waits for no network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from ftstudio_ext.core.threads import in_thread
from ftstudio_ext.schema.hub import (
    HubDatasetInfo,
    HubDatasetPage,
    HubModelInfo,
    HubModelPage,
    HubToken,
    HubTokenPut,
)

from .fit import fit_of, largest_free

if TYPE_CHECKING:
    from .studio import Studio

TIMEOUT_S = 30.0
Sort = Literal["downloads", "likes", "updated"]


class Hub:
    """What the studio asks the hub. Every call fails in words, within seconds."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    async def datasets(self, **query: Any) -> HubDatasetPage:
        """Search datasets; takes q, limit, cursor and sort."""
        return HubDatasetPage.model_validate(await self._ask("hub_datasets", query))

    async def models(self, **query: Any) -> HubModelPage:
        """Search models; takes q, limit, cursor and sort."""
        page = HubModelPage.model_validate(await self._ask("hub_models", query))
        device = await in_thread(largest_free, self._studio)
        for model in page.items:
            model.fit = fit_of(model.memory, device)
        return page

    async def dataset(self, repo_id: str, revision: str | None = None) -> HubDatasetInfo:
        """Subsets, splits and columns of a dataset, and whether it may be had."""
        asked = {"repo_id": repo_id, "revision": revision}
        return HubDatasetInfo.model_validate(await self._ask("hub_dataset", asked))

    async def model(self, repo_id: str, revision: str | None = None) -> HubModelInfo:
        """Facts of a model, and whether it may be had and could be trained."""
        asked = {"repo_id": repo_id, "revision": revision}
        info = HubModelInfo.model_validate(await self._ask("hub_model", asked))
        info.fit = fit_of(info.memory, await in_thread(largest_free, self._studio))
        return info

    async def token(self, test: bool = False) -> HubToken:
        """The state of the token; asks the hub whose it is when `test`."""
        return HubToken.model_validate(await self._ask("hub_token", {"test": test}))

    async def set_token(self, request: HubTokenPut) -> HubToken:
        """Test a token and keep it where the hub's library does. Bad ones are not kept."""
        secret = {"token": request.token.get_secret_value()}
        return HubToken.model_validate(await self._ask("set_hub_token", secret))

    async def forget_token(self) -> None:
        """Delete the stored token."""
        await self._ask("forget_hub_token", {})

    async def _ask(self, verb: str, params: dict[str, Any]) -> Any:
        return await self._studio.helpers.call("data", verb, params, timeout_s=TIMEOUT_S)
