"""No verb of any route answers without a token, or against the authorizer's word."""

from __future__ import annotations

import json

import pytest
from jupyter_server.auth import Authorizer

from ftstudio_ext.handlers.routes import ROUTES, VERBS
from ftstudio_ext.handlers.system import UnknownHandler

VERBS_OF_ROUTES = [
    (verb.upper(), route.path.replace("{id}", "any").replace("{name}", "any"))
    for route in ROUTES
    for verb in VERBS
    if verb in route.handler.__dict__
] + [(verb.upper(), "no/such/route") for verb in VERBS if verb in UnknownHandler.__dict__]


class Nobody(Authorizer):
    """Lets nobody do anything."""

    def is_authorized(self, handler, user, action, resource):
        return False


async def statuses(fetch, headers):
    found = {}
    for verb, path in VERBS_OF_ROUTES:
        body = "{}" if verb in ("POST", "PATCH", "PUT") else None
        answer = await fetch(
            *("ftstudio/api", *path.split("/")),
            method=verb,
            body=body,
            headers=dict(headers),
            raise_error=False,
        )
        found[verb, path] = answer.code, json.loads(answer.body or b"{}")
    return found


def refused(found):
    return {key for key, (status, body) in found.items() if status == 403 and "error" in body}


async def test_no_verb_answers_without_a_token(api, jp_fetch):
    found = await statuses(jp_fetch, {"Authorization": "token wrong"})
    assert refused(found) == set(VERBS_OF_ROUTES)


class TestWithAnAuthorizerThatRefuses:
    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        jp_server_config.ServerApp.authorizer_class = Nobody
        return jp_server_config

    async def test_no_verb_answers(self, api, jp_fetch, jp_auth_header):
        found = await statuses(jp_fetch, jp_auth_header)
        assert refused(found) == set(VERBS_OF_ROUTES)


async def test_a_browser_needs_the_xsrf_cookie_to_write(api, jp_fetch, jp_serverapp):
    """With a login cookie instead of a token, as browsers do it."""
    response = await jp_fetch(
        "login",
        headers={"Authorization": ""},
        params={"token": jp_serverapp.identity_provider.token},
        follow_redirects=False,
        raise_error=False,
    )
    cookies = "; ".join(c.split(";")[0] for c in response.headers.get_list("Set-Cookie"))
    answer = await jp_fetch(
        *("ftstudio/api", "presets"),
        method="POST",
        body=json.dumps({"name": "x", "kind": "lora"}),
        headers={"Authorization": "", "Cookie": cookies},
        raise_error=False,
    )
    assert answer.code == 403 and "XSRF" in json.loads(answer.body)["error"]["message"].upper()
