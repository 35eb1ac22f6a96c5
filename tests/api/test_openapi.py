"""OpenAPI says what the server does: every route and verb, and a valid document."""

from __future__ import annotations

from openapi_spec_validator import validate

from ftstudio_ext.handlers.routes import ROUTES, VERBS


async def test_the_document_is_valid_openapi_3_1(api):
    document = await api.get("openapi.json")
    assert document["openapi"].startswith("3.1")
    validate(document)


async def test_every_verb_that_the_server_answers_is_in_it(api):
    document = await api.get("openapi.json")
    for pattern, handler in (
        api.serverapp.extension_manager.extension_apps["ftstudio_ext"].copy().pop().handlers[:-1]
    ):
        route = next(route for route in ROUTES if route.pattern == pattern)
        described = document["paths"][f"/{route.path}"]
        answered = {verb for verb in VERBS if verb in handler.__dict__}
        assert set(described) == answered, route.path


async def test_every_operation_has_its_own_id_and_says_how_it_fails(api):
    document = await api.get("openapi.json")
    operations = [o for path in document["paths"].values() for o in path.values()]
    assert len({o["operationId"] for o in operations}) == len(operations)
    for operation in operations:
        for status in ("404", "409", "422"):
            schema = operation["responses"][status]["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/ErrorBody"}


async def test_schemas_of_forms_have_ui_hints_and_no_choices_for_optional_fields(api):
    names = (await api.get("schemas"))["items"]
    assert "TrainSpec" in names
    schema = await api.get("schemas/TrainSpec")
    assert schema["properties"]["learning_rate"]["ui"]["group"] == "training"
    assert "anyOf" not in schema["properties"]["max_steps"]
    answer = await api.refused("GET", "schemas/TrianSpec")
    assert answer.status == 404 and "TrainSpec" in answer.error["remedy"]
