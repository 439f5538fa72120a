"""The API's description is valid OpenAPI 3.1, is what its script makes, and its examples fit its own schemas."""

import json
import re
import subprocess
import sys

import jsonschema
import pytest
from openapi_spec_validator import validate
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from harness import ROOT
from scenario import World

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


def test_answers_about_a_busy_account_fit_their_schemas(api, description):
    world = World(api, "Busy")
    account = world.account("A", role="payer")
    invoice = world.issue(account, world.line(account, "100.00", "0.2"))
    payment = world.pay(account, "50.00")
    world.refund(payment, "20.00", False)
    deposit = world.do("/v1/deposits", {"account": account, "amount": world.sum("20.00"), "method": "wire"})["id"]
    plan = world.do("/v1/plans", {"account": account, "kind": "promise", "amount": world.sum("14.00"),
                                  "instalments": [{"due": "2999-01-01", "amount": "14.00"}]})["id"]
    method = world.do("/v1/payment-methods", {"account": account, "kind": "card", "token": "tok", "brand": "visa",
                                              "last_four": "4242", "expires": "2030-05"})["id"]
    ids = {"account_id": account, "invoice_id": invoice, "payment_id": payment, "deposit_id": deposit, "plan_id": plan,
           "method_id": method, "customer_id": world.customer}
    seen = 0
    for method_name, path, operation in operations(description):
        names = re.findall(r"{(\w+)}", path)
        if method_name != "get" or not path.startswith("/v1/") or not set(names) <= set(ids):
            continue
        asked = {p["$ref"].rpartition("/")[2] for p in operation["parameters"] if "$ref" in p}
        answer = api.get(path.format(**ids), {"account": account, "min_position": world.position} if "account" in asked
                         else {"min_position": world.position} if "min_position" in asked else {})
        if answer.status_code == 422 and not names:
            continue  # it wants a customer
        assert answer.status_code == 200, f"{path}: {answer.text}"
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        checker(description, schema).validate(answer.json())
        seen += 1
    assert seen > 30
