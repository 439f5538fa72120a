"""The API's description is valid OpenAPI 3.1, is what its script makes, and its examples fit its own schemas."""

import json
import subprocess
import sys

import jsonschema
import pytest
from openapi_spec_validator import validate
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from harness import ROOT

API = ROOT / "gateway/api"


@pytest.fixture(scope="module")
def description():
    return json.loads((API / "openapi.json").read_text(encoding="utf-8"))


def operations(description):
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def checker(description, schema):
    """A validator of one schema, whose references lead into the description."""
    parts = {"components": description["components"]}
    registry = Registry().with_resource("urn:api", Resource.from_contents(parts, default_specification=DRAFT202012))
    rooted = json.loads(json.dumps(schema).replace('"#/components', '"urn:api#/components'))
    return jsonschema.Draft202012Validator(rooted, registry=registry)


def test_the_description_is_valid(description):
    validate(description)


def test_the_description_is_what_its_script_makes():
    done = subprocess.run([sys.executable, str(API / "openapi.py"), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_example_of_a_body_fits_its_schema(description):
    seen = 0
    for _, path, operation in operations(description):
        media = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if media:
            checker(description, media["schema"]).validate(media["example"])
            seen += 1
    assert seen > 20


def test_operation_ids_are_unique(description):
    ids = [operation["operationId"] for _, _, operation in operations(description)]
    assert len(ids) == len(set(ids))


def test_every_operation_of_v1_wants_the_key(description):
    for _, path, operation in operations(description):
        if path.startswith("/v1/"):
            assert "security" not in operation, path


@pytest.mark.parametrize("path", ["/openapi.json", "/livez", "/readyz", "/v1/customers", "/v1/events",
                                  "/v1/reports/trial-balance"])
def test_answers_of_the_server_fit_their_schemas(api, description, path):
    answer = api.get(path)
    assert answer.status_code == 200, answer.text
    schema = description["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    checker(description, schema).validate(answer.json())


def test_problems_of_the_server_fit_their_schema(api, description):
    answer = api.get("/v1/customers?nonsense=1")
    assert answer.status_code == 422
    checker(description, description["components"]["schemas"]["Problem"]).validate(answer.json())
