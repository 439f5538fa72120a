"""The API's description is valid OpenAPI 3.1, is what its script makes, and its examples fit its own schemas."""

import collections
import datetime
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


def busy(api):
    """A world in which no list is empty, and its ids by the names that paths have for them."""
    world = World(api, "Busy")
    root = world.account("R", role="payer")
    account = world.account("A", root, role="payer")
    world.account("B", account)
    disputed = world.issue(account, world.line(account, "7.00"))
    dispute = world.do("/v1/disputes", {"invoice": disputed, "reason": "not ordered", "amount": world.sum("1.00")})["id"]
    invoice = world.issue(account, world.line(account, "100.00", "0.2", service_period={"from": "2026-01-01", "to": "2030-01-01"}))
    payment = world.pay(account, "50.00")
    refund = world.refund(payment, "20.00", False)
    chargeback = world.charge_back(payment, "1.00")
    note = world.credit(root, world.line(root, "5.00"))
    world.do(f"/v1/accounts/{account}/contacts", {"contacts": [{"role": "billing", "name": "Pat Doe"}]})
    receipt = world.do("/v1/receipts", {"amount": world.sum("5.00"), "method": "wire", "reference": "nobody's", "customer": world.customer})
    user = world.do("/v1/users", {"customer": world.customer, "role": "viewer", "name": "Pat Doe", "email": "pat@example.org"})["id"]
    grouping = world.do("/v1/groupings", {"customer": world.customer, "name": "Regions"})["id"]
    group = world.do(f"/v1/groupings/{grouping}/groups", {"name": "North"})["id"]
    world.do(f"/v1/groupings/{grouping}/groups/{group}/accounts", {"accounts": [account]})
    deposit = world.do("/v1/deposits", {"account": account, "amount": world.sum("20.00"), "method": "wire"})["id"]
    plan = world.do("/v1/plans", {"account": account, "kind": "promise", "amount": world.sum("14.00"),
                                  "instalments": [{"due": "2999-01-01", "amount": "14.00"}]})["id"]
    method = world.do("/v1/payment-methods", {"account": account, "kind": "card", "token": "tok", "brand": "visa",
                                              "last_four": "4242", "expires": "2030-05"})["id"]
    held = world.pay(root, "3.00")
    period = str(datetime.date.today().replace(day=1) - datetime.timedelta(days=1))[:7]
    assert held
    world.do(f"/v1/periods/{period}/begin-close", {})
    return world, {"account_id": account, "invoice_id": invoice, "payment_id": payment, "refund_id": refund, "chargeback_id": chargeback,
                   "credit_note_id": note, "dispute_id": dispute, "unbooked_id": receipt["id"], "user_id": user, "grouping_id": grouping,
                   "group_id": group, "deposit_id": deposit, "plan_id": plan, "method_id": method, "customer_id": world.customer,
                   "period": period, "root": root}


def test_answers_about_a_busy_account_fit_their_schemas_and_no_list_is_empty(api, description):
    world, ids = busy(api)
    empty, seen = [], 0
    for method_name, path, operation in operations(description):
        if method_name != "get" or not path.startswith("/v1/"):
            continue
        names = re.findall(r"{(\w+)}", path)
        asked = {p["$ref"].rpartition("/")[2] if "$ref" in p else p["name"] for p in operation["parameters"]}
        # The root has what the account below it has too, and credit of its own.
        params = {"min_position": world.position} if "min_position" in asked else {}
        if "account" in asked:
            params |= {"account": ids["root"], "subtree": "true"}
        elif "customer" in asked and path != "/v1/unbooked":  # the receipt is nobody's
            params["customer"] = world.customer
        of_root = path.endswith(("/credits", "/children"))
        target = path.format(**(ids | ({"account_id": ids["root"]} if of_root else {})))
        answer = api.get(target, params)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        checker(description, schema).validate(answer.json())
        if not answer.json().get("items", [None]):
            empty.append(path)
        seen += 1
    assert empty == []
    assert seen == sum(method == "get" and path.startswith("/v1/") for method, path, _ in operations(description))


def test_the_columns_of_every_csv_are_those_of_the_description(api, description):
    world = World(api, "Columns")
    account = world.account("A")
    seen = 0
    for _, path, operation in operations(description):
        content = operation["responses"].get("200", {}).get("content", {})
        if "text/csv" not in content:
            continue
        scope = {"account": account} if any(p.get("$ref", "").endswith("/account") for p in operation["parameters"]) else {}
        answer = api.get(path, {**scope, "format": "csv", "min_position": world.position})
        assert answer.status_code == 200, f"{path}: {answer.text}"
        assert answer.text.partition("\r\n")[0] == content["text/csv"]["example"].partition("\r\n")[0], path
        seen += 1
    assert seen > 10


# Limits: what the description allows is taken, and one more is refused.

LIMIT_CODES = {"invalid-text", "too-many-items", "too-many-lines", "wrong-type", "invalid-parameter", "four-eyes"}


def example_of(schema, description):
    while "$ref" in schema:
        schema = description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], description)
    if "exempt_reason" in schema.get("properties", {}):
        return {"authority": "US-TN", "code": "SALES", "rate": "0.07"}  # of a tax more is needed than the schema can say
    if "source" in schema.get("properties", {}):
        return {"amount": "249.95", "currency": "EUR", "rate": "1"}  # in another currency than the payment
    if schema.get("type") == "object":
        return {name: example_of(value, description) for name, value in schema["properties"].items() if name in schema.get("required", [])}
    if schema.get("type") == "array":
        return [example_of(schema["items"], description)]
    if schema.get("type") == "integer":
        return schema.get("minimum", 0)
    return schema.get("examples", schema.get("enum", ["x"]))[0]


def edges(schema, description, at=()):
    """(path, value at the limit, value beyond it) for every limit within a schema, 0 standing for an array's element."""
    if "$ref" in schema:
        return
    for part in schema.get("anyOf", []):
        yield from edges(part, description, at)
    if "maxLength" in schema and "pattern" not in schema:
        tail = "@b.example" if at and at[-1] == "email" else ""
        yield at, *("x" * (length - len(tail)) + tail for length in (schema["maxLength"], schema["maxLength"] + 1))
    if "maxItems" in schema:
        one = example_of(schema["items"], description)
        many = [one if one != "x" else f"x{number}" for number in range(schema["maxItems"] + 1)]
        yield at, many[:-1], many
    if schema.get("type") == "integer" and "maximum" in schema:
        yield at, schema["maximum"], schema["maximum"] + 1
    if schema.get("type") == "integer" and schema.get("minimum"):
        yield at, schema["minimum"], schema["minimum"] - 1
    for name, value in schema.get("properties", {}).items():
        yield from edges(value, description, (*at, name))
    if "items" in schema:
        yield from edges(schema["items"], description, (*at, 0))


def put(body, schema, description, path, value):
    """Sets what is at `path`, making what leads there."""
    if "anyOf" in schema:
        schema = schema["anyOf"][0]
    key = path[0]
    inner = schema["items"] if key == 0 else schema["properties"][key]
    if len(path) == 1:
        body[key] = value
        return
    if key != 0 and key not in body:
        body[key] = example_of(inner, description)
    if key == 0 and not body:
        body.append(example_of(inner, description))
    put(body[key], inner, description, path[1:], value)


def fill(value, ids):
    """The example with ids that are there."""
    live = {"cus": "customer_id", "acc": "account_id", "inv": "invoice_id", "crn": "credit_note_id", "pay": "payment_id", "dsp": "dispute_id",
            "gpg": "grouping_id", "grp": "group_id", "usr": "user_id", "rfd": "refund_id", "cbk": "chargeback_id", "dep": "deposit_id",
            "pln": "plan_id", "pmt": "method_id", "ubk": "unbooked_id"}
    if isinstance(value, dict):
        return {key: fill(one, ids) for key, one in value.items()}
    if isinstance(value, list):
        return [fill(one, ids) for one in value]
    if isinstance(value, str) and re.fullmatch(r"[a-z]{3}_[0-9a-z]{26}", value):
        return ids[live[value[:3]]]
    return value


def refused_there(answer, path):
    """Whether the answer refuses what is at this path for its length, number or size."""
    if answer.status_code < 400 or answer.json()["code"] not in LIMIT_CODES:
        return False
    pointer = answer.json().get("pointer", "")
    wanted = "".join(f"/{part}" for part in path)
    return pointer == wanted or wanted.startswith(pointer + "/") and pointer != ""


# The state of the object is looked at first, and these are not in one where the command could be done.
STATE_FIRST = {"account.unfreeze", "invoice.add_lines", "invoice.replace_lines", "unbooked.resolve", "payment.progress", "invoice.recover",
               "payment.record_exchange_difference", "plan.cancel", "payment.pay_out", "refund.progress", "credit.transfer"}


def test_every_limit_of_a_body_is_that_of_the_service(api, description):
    world, ids = busy(api)
    schemas = description["components"]["schemas"]
    problems, seen = [], collections.Counter()
    for _, path, operation in operations(description):
        command = operation.get("x-command")
        if command is None:
            continue
        media = operation["requestBody"]["content"]["application/json"]
        schema = media["schema"]
        schema = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        for where, most, beyond in edges(schema, description):
            of_draft = command == "invoice.issue" and "{" in path
            drafted = {"invoice_id": world.draft(ids["root"], world.line(ids["root"], "1.00"))} if of_draft else {}
            target = path.format(**ids | drafted)

            def ask(value):
                body = fill(json.loads(json.dumps(media["example"])), ids)
                put(body, schema, description, where, fill(value, ids))
                return api.post(target, body)
            refused, taken = ask(beyond), ask(most)
            name = f"{command} {'/'.join(map(str, where))}"
            if refused_there(taken, where):
                problems.append(f"{name}: the limit itself is refused: {taken.text}")
            if not refused_there(refused, where) and not (command in STATE_FIRST and refused.status_code >= 400):
                problems.append(f"{name}: beyond the limit: {refused.status_code} {refused.text[:200]}")
            seen[command] += 1
    assert problems == [], "\n".join(problems)
    assert len(seen) > 40 and seen.total() > 120, seen
