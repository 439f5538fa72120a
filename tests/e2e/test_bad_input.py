"""Whatever is sent: a clear refusal with its own code, never a 5xx, and nothing lost or half done by it."""

import json

import pytest

from books import Books, RawRequest, check_whole, line, made, problem, stream_batch

UNKNOWN_ACCOUNT = "acc_01hzy3v8m4e6rt5k2xw9c7d0qf"


@pytest.fixture
def books(api):
    """Ready to post on; in the end the ledger must be whole and still work."""
    books = Books(api)
    yield books
    made(api.post("/v1/payments", books.payment("0.01")))
    check_whole(api)


def post_text(api, text, path="/v1/payments", key="text"):
    """A body as it stands."""
    return api.request("POST", path, data=text, headers={"Content-Type": "application/json", "Idempotency-Key": key})


def positions(api):
    return int(api.get("/v1/events", {"after": 0, "limit": 1}).headers["Ledger-Position"])


def test_an_unknown_account_is_refused(api, books):
    assert problem(api.post("/v1/payments", books.payment(account=UNKNOWN_ACCOUNT))) == (404, "unknown-account")
    assert problem(api.post("/v1/invoices", books.invoice(account=UNKNOWN_ACCOUNT))) == (404, "unknown-account")
    assert problem(api.get(f"/v1/accounts/{UNKNOWN_ACCOUNT}")) == (404, "unknown-account")


def test_a_wrong_currency_is_refused(api, books):
    body = books.payment()
    body["amount"]["currency"] = "EUR"
    assert problem(api.post("/v1/payments", body)) == (422, "currency-mismatch")
    body["amount"]["currency"] = "ZZZ"
    assert problem(api.post("/v1/payments", body)) == (422, "unknown-currency")
    assert problem(api.post("/v1/invoices", {**books.invoice(), "currency": "EUR"})) == (422, "currency-mismatch")


@pytest.mark.parametrize("currency, good, bad", [("USD", "1.01", "1.001"), ("KWD", "1.001", "1.0001"), ("JPY", "1", "1.1")])
def test_an_amount_has_the_decimals_of_its_currency(api, currency, good, bad):
    books = Books(api, currency)
    assert problem(api.post("/v1/payments", books.payment(bad))) == (422, "too-many-decimals")
    answer = api.post("/v1/payments", books.payment(good))
    assert answer.status_code == 201, answer.text
    seen = api.get(f"/v1/payments/{answer.json()['id']}", {"min_position": answer.json()["position"]}).json()
    assert seen["amount"] == {"amount": good, "currency": currency}
    check_whole(api)


def test_the_pointer_of_a_refusal_shows_the_field(api, books):
    answer = api.post("/v1/payments", books.payment("1.001")).json()
    assert answer["pointer"].startswith("/amount")
    answer = api.post("/v1/invoices", {**books.invoice(), "lines": [{"service_account": books.root, "net": "x"}]}).json()
    assert answer["pointer"] == "/lines/0/net"


@pytest.mark.parametrize("amount", [12, 12.5, True, None, "", "1e3", "NaN", "Infinity", "0x10", "1,000.00", " 1", "+1", "١"])
def test_an_amount_is_a_plain_decimal_string(api, books, amount):
    body = books.payment()
    body["amount"]["amount"] = amount
    before = positions(api)
    assert 400 <= api.post("/v1/payments", body).status_code < 500
    assert positions(api) == before


@pytest.mark.parametrize("amount", ["0", "0.00", "-1.00"])
def test_a_payment_of_nothing_or_less_is_refused(api, books, amount):
    assert problem(api.post("/v1/payments", books.payment(amount))) == (422, "amount-not-positive")


@pytest.mark.parametrize("amount", ["92233720368547758.08", "9" * 30, "9" * 1000 + ".00"])
def test_an_amount_beyond_the_range_is_refused(api, books, amount):
    status, code = problem(api.post("/v1/payments", books.payment(amount)))
    assert status == 422 and code in ("overflow", "invalid-amount")


def test_sums_beyond_the_range_are_refused_and_harm_nothing(api, books):
    for body in (books.payment("90000000000000000.00"), books.payment("90000000000000000.00")):
        answer = api.post("/v1/payments", body)
        assert answer.status_code == 201 or problem(answer) == (422, "overflow"), answer.text
    other = Books(api)
    for body in (other.payment("90000000000000000.00"), other.payment("10.00")):
        answer = api.post("/v1/payments", body)
        assert answer.status_code == 201 or problem(answer) == (422, "overflow"), answer.text
    check_whole(api)
    for path in (f"/v1/accounts/{books.root}", f"/v1/customers/{books.customer}/summary", f"/v1/accounts/{other.root}"):
        assert api.get(path).status_code == 200, path
    assert api.get("/readyz").status_code == 200
    lines = [{"service_account": books.root, "net": "90000000000000000.00"}] * 3
    assert problem(api.post("/v1/invoices", {**books.invoice(), "lines": lines})) == (422, "overflow")


@pytest.mark.parametrize("opening, closing", [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
def test_deep_nesting_is_refused_closed_or_not(api, books, opening, closing):
    for depth in (65, 1_000, 50_000, 250_000):
        closed = post_text(api, opening * depth + "1" + closing * depth, key="deep")
        too_big = depth * len(opening + closing) > 1_000_000
        assert problem(closed) in [(400, "too-deep"), *[(413, "line-too-long"), (413, "body-too-large")] * too_big], depth
        assert post_text(api, opening * depth, key="deep").status_code in (400, 413), depth


def test_a_body_cut_short_does_nothing(api, ledger_server, books):
    body = json.dumps(books.payment()).encode()
    before = positions(api)
    for part in (body, body[:-1], body[:1], b""):
        request = RawRequest(ledger_server, "/v1/payments", len(body) + 1, ["Idempotency-Key: cut"])
        request.send(part)
        request.end()
        try:
            assert 400 <= request.answer().status < 500
        except ConnectionError:
            pass  # closing is an answer too
        request.close()
    assert positions(api) == before
    assert api.post("/v1/payments", books.payment(), "cut").status_code == 201


def test_the_complete_lines_of_a_batch_cut_short_are_answered_and_committed(api, ledger_server, books):
    lines = [line("payment.record", books.payment(f"{number + 1}.00")) for number in range(50)]
    body = b"".join(data for _, data in lines)
    request = RawRequest(ledger_server, "/v1/batches", len(body) + 100)
    request.send(body[:-20])
    request.end()
    answers = [json.loads(one) for one in request.answer().read().splitlines()]
    request.close()
    assert [answer["id"] for answer in answers[:49]] == [key for key, _ in lines[:49]]
    assert {answer["status"] for answer in answers[:49]} == {201}
    assert len(answers) == 50 and answers[49]["problem"]["code"] == "body-cut-short"
    commands = check_whole(api)
    assert all(key in commands for key, _ in lines[:49]) and lines[49][0] not in commands
    again = stream_batch(ledger_server, [data for _, data in lines])
    assert [answer.get("repeated", False) for answer in again] == [True] * 49 + [False]


@pytest.mark.parametrize("text", ['{"account":"%s","account":"%s"}', '{"amount":{"amount":"1.00","amount":"2.00","currency":"USD"}}',
                                  '{"a":1,"b":[{"x":1,"x":1}]}'])
def test_a_key_that_stands_twice_is_refused_as_such(api, books, text):
    text = text.replace("%s", books.root)
    assert problem(post_text(api, text)) == (422, "duplicate-key")


@pytest.mark.slow
def test_one_bad_line_of_six_thousand_harms_no_other(api, ledger_server, books):
    lines = [line("payment.record", books.payment(f"{1 + number % 50}.00", books.leaves[0])) for number in range(6000)]
    lines[4999] = line("payment.record", books.payment("1.001"))
    answers = stream_batch(ledger_server, [data for _, data in lines])
    assert [answer["id"] for answer in answers] == [key for key, _ in lines]
    bad = answers.pop(4999)
    assert (bad["status"], bad["line"], bad["problem"]["code"]) == (422, 5000, "too-many-decimals")
    assert bad["problem"]["pointer"].startswith("/body/amount")
    assert {answer["status"] for answer in answers} == {201}
    order = [answer["position"] for answer in answers]
    assert order == sorted(set(order))
    commands = check_whole(api)
    assert bad["id"] not in commands and all(answer["id"] in commands for answer in answers)


def parsing_cases(test_data):
    """(name, bytes) of every file of the JSON test suite."""
    cases = sorted((path.name, path.read_bytes()) for path in (test_data / "json/test_parsing").iterdir())
    assert len(cases) == 318
    return cases


def wrong_status(name, status, code):
    """Whether this answer is not what a file of the suite must get: y_ is JSON, n_ is not, i_ may be either."""
    if name.startswith("y_"):
        return not (400 < status < 500)  # JSON, but no payment
    if name.startswith("n_"):
        return status != 400
    return not 400 <= status < 500


def test_every_body_of_the_json_test_suite_is_told_apart(api, books, test_data):
    before, wrong = positions(api), []
    for number, (name, text) in enumerate(parsing_cases(test_data)):
        status, code = problem(post_text(api, text, key=f"suite-{number}"))
        if wrong_status(name, status, code) or ("duplicate" in name and name[0] == "y" and code != "duplicate-key"):
            wrong.append((name, status, code))
    assert wrong == []
    assert positions(api) == before


def test_every_line_of_the_json_test_suite_is_told_apart_in_one_batch(api, ledger_server, books, test_data):
    cases = [(name, text) for name, text in parsing_cases(test_data) if b"\n" not in text and text.strip()]
    good = [line("payment.record", books.payment(f"{number + 1}.00")) for number in range(len(cases))]
    lines = [part for (_, text), (_, data) in zip(cases, good) for part in (text + b"\n", data)]
    answers = stream_batch(ledger_server, lines)
    assert len(answers) == len(lines)
    assert [(answer["id"], answer["status"]) for answer in answers[1::2]] == [(key, 201) for key, _ in good]
    assert [answer["line"] for answer in answers[0::2]] == list(range(1, len(lines), 2))
    wrong = [(name, answer) for (name, _), answer in zip(cases, answers[0::2])
             if wrong_status(name, answer["status"], answer["problem"]["code"])]
    assert wrong == []
    assert all(key in check_whole(api) for key, _ in good[:3])


@pytest.mark.parametrize("text, code", [
    ('{"unknown":1}', "unknown-field"), ("[]", "wrong-type"), ('"text"', "wrong-type"), ("{}", "missing-field")])
def test_a_body_of_another_shape_is_refused(api, books, text, code):
    assert problem(post_text(api, text)) == (422, code)


def test_an_unknown_route_or_method_is_refused(api, books):
    assert problem(api.get("/v1/nonsense")) == (404, "no-such-route")
    assert problem(api.request("PUT", "/v1/payments")) == (405, "method-not-allowed")
