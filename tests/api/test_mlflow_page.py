"""MLflow's own page: behind Jupyter's login, under any base URL, safe from other pages' requests."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from ftstudio_ext.studio import mlflow_page
from ftstudio_ext.studio.settings import Settings

PAGE = ("ftstudio", "mlflow")
SEARCH = ("ajax-api", "2.0", "mlflow", "experiments", "search")


@pytest.mark.train
async def test_the_page_starts_on_demand_and_only_for_those_who_are_logged_in(
    api, jp_fetch, jp_base_url
):
    async def ask(*path, method="GET", body=None, **headers):
        return await jp_fetch(
            *PAGE,
            *path,
            method=method,
            body=body,
            headers=headers,
            raise_error=False,
            follow_redirects=False,
            request_timeout=120,
        )

    stranger = await ask("/", Authorization="token wrong")
    assert stranger.code in (302, 403)
    slash = await jp_fetch(*PAGE, raise_error=False, follow_redirects=False)
    assert slash.headers["Location"] == f"{jp_base_url}ftstudio/mlflow/"

    page = await ask("/")
    assert page.code == 200 and b"<title>MLflow" in page.body
    assert b'src="./static-files' in page.body or b'src="static-files' in page.body

    limits = json.dumps({"max_results": 5})
    found = await ask(*SEARCH, method="POST", body=limits, **{"Content-Type": "application/json"})
    assert found.code == 200 and "experiments" in json.loads(found.body)

    cookie = page.headers.get_list("Set-Cookie")[0].split(";")[0]
    mine = f"http://127.0.0.1:{api.serverapp.port}"
    for origin, status in ((mine, 200), ("https://elsewhere.example", 403), (None, 403)):
        headers = {"Authorization": "", "Cookie": cookie, "Content-Type": "application/json"}
        headers |= {"Origin": origin} if origin else {}
        answer = await ask(*SEARCH, method="POST", body=limits, **headers)
        assert answer.code == status, (origin, answer.body[:300])


async def test_a_page_without_its_package_says_what_to_install(api, jp_fetch, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "jupyter_server_proxy.config", None)
    answer = await jp_fetch(*PAGE, "/", raise_error=False)
    assert answer.code == 503
    assert "pip install jupyter-server-proxy" in json.loads(answer.body)["error"]["remedy"]


def test_a_tracking_server_with_a_page_of_its_own_is_linked_without_its_password():
    url = mlflow_page.run_url("https://me:secret@mlflow.example/", "1", "abc")
    assert url == "https://mlflow.example/#/experiments/1/runs/abc"
    local = mlflow_page.run_url("sqlite:////x/mlflow.db", "1", "abc")
    assert local == "ftstudio/mlflow/#/experiments/1/runs/abc"


def test_the_store_is_named_in_the_environment_not_in_the_arguments(tmp_path: Path):
    settings = Settings(root_dir=tmp_path, workspace=tmp_path / "w", tracking_uri="db://u:p@h/x")
    assert "p@h" not in " ".join(mlflow_page.command(settings, "/s"))
    assert mlflow_page.environment(settings)["MLFLOW_TRACKING_URI"] == "db://u:p@h/x"


def test_the_sockets_folder_is_its_owners_alone():
    from jupyter_server_proxy.handlers import mkdtemp

    folder = Path(mkdtemp(prefix="jupyter-server-proxy-"))
    try:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    finally:
        folder.rmdir()
