"""The same command twice is one command; versions guard changes; reads see what was written; lists are whole."""

import concurrent.futures

import pytest

from books import Books, check_whole, feed, line, made, problem, stream_batch, walk


@pytest.fixture
def books(api):
    return Books(api)


def test_the_same_key_and_body_give_the_same_answer_and_no_new_events(api, books):
    first = api.post("/v1/payments", books.payment(), "key-1")
    before = len(list(feed(api)))
    again = api.post("/v1/payments", books.payment(), "key-1")
    assert first.status_code == again.status_code == 201
    assert first.json()["repeated"] is False
    assert again.json() == {**first.json(), "repeated": True}
    assert again.headers["Ledger-Position"] == first.headers["Ledger-Position"]
    assert len(list(feed(api))) == before


def test_blanks_and_the_order_of_fields_do_not_make_another_body(api, books):
    body = books.payment()
    first = api.post("/v1/payments", body, "key-2").json()
    again = api.post("/v1/payments", dict(reversed(body.items())), "key-2").json()
    assert again == {**first, "repeated": True}


def test_the_same_key_with_another_body_is_refused(api, books):
    assert api.post("/v1/payments", books.payment("12.00"), "key-3").status_code == 201
    assert problem(api.post("/v1/payments", books.payment("12.01"), "key-3")) == (422, "idempotency-key-reused")
    assert problem(api.post("/v1/invoices", books.invoice(), "key-3")) == (422, "idempotency-key-reused")


def test_keys_of_single_commands_and_of_batch_lines_are_one_space(api, ledger_server, books):
    first = api.post("/v1/payments", books.payment(), "key-4").json()
    same, other = line("payment.record", books.payment(), "key-4"), line("payment.record", books.payment("1.00"), "key-4")
    answers = stream_batch(ledger_server, [same[1], other[1]])
    assert answers[0]["repeated"] is True and answers[0]["object_id"] == first["id"]
    assert answers[1]["problem"]["code"] == "idempotency-key-reused"


def test_a_refused_command_leaves_no_trace_under_its_key(api, books):
    assert api.post("/v1/payments", books.payment("0.00"), "key-5").status_code == 422
    answer = api.post("/v1/payments", books.payment("5.00"), "key-5")
    assert answer.status_code == 201 and answer.json()["repeated"] is False


def test_fifty_posts_at_once_with_one_key_are_one_event(ledger_server, books):
    def post(_):
        return ledger_server.client().post("/v1/payments", books.payment(), "key-6", timeout=30)

    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(post, range(50)))
    assert {answer.status_code for answer in answers} == {201}
    bodies = [answer.json() for answer in answers]
    assert sorted(body.pop("repeated") for body in bodies) == [False] + [True] * 49
    assert all(body == bodies[0] for body in bodies)
    assert len(check_whole(ledger_server.client())["key-6"]) == 1


def test_a_command_without_a_key_is_refused(api, books):
    before = len(list(feed(api)))
    assert problem(api.post("/v1/payments", books.payment(), "")) == (422, "missing-idempotency-key")
    assert len(list(feed(api))) == before


@pytest.mark.parametrize("key", ["x" * 256, "with blank", "with\ttab"])
def test_a_key_of_the_wrong_form_is_refused(api, books, key):
    assert 400 <= api.post("/v1/payments", books.payment(), key).status_code < 500


def test_an_etag_guards_a_rename(api, books):
    path = f"/v1/accounts/{books.root}"
    etag = api.get(path).headers["ETag"]
    renamed = api.post(f"{path}/rename", {"name": "Second"}, headers={"If-Match": etag})
    assert renamed.status_code == 200, renamed.text
    late = api.post(f"{path}/rename", {"name": "Third"}, headers={"If-Match": etag})
    assert problem(late) == (412, "version-mismatch")
    seen = api.get(path, {"min_position": renamed.json()["position"]})
    assert seen.json()["name"] == "Second"
    assert seen.headers["ETag"] == renamed.headers["ETag"] != etag
    assert api.post(f"{path}/rename", {"name": "Third"}, headers={"If-Match": seen.headers["ETag"]}).status_code == 200


def test_of_two_changes_of_one_version_at_once_one_wins(ledger_server, books):
    def rename(number):
        return ledger_server.client().post(f"/v1/accounts/{books.root}/rename", {"name": f"Name {number}"},
                                           headers={"If-Match": '"1"'}).status_code

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(rename, range(8))) == [200] + [412] * 7


def test_a_read_with_the_position_of_a_write_sees_the_write(api, books):
    for number in range(100):
        written = api.post("/v1/payments", books.payment(f"{number + 1}.00")).json()
        if number % 2:
            seen = api.get(f"/v1/payments/{written['id']}", {"min_position": written["position"]})
        else:
            seen = api.get(f"/v1/payments/{written['id']}", headers={"Ledger-Position": str(written["position"])})
        assert seen.status_code == 200, seen.text
        assert seen.json()["amount"]["amount"] == f"{number + 1}.00"
        assert int(seen.headers["Ledger-Position"]) >= written["position"]


def test_a_position_that_does_not_come_is_answered_after_a_limit(api, books):
    assert problem(api.get("/v1/customers", {"min_position": 1_000_000}, timeout=15)) == (504, "position-not-reached")
    assert problem(api.get("/v1/customers", {"min_position": 2**53})) == (422, "invalid-parameter")  # at once


@pytest.mark.parametrize("limit", [1, 7, 23, 1000])
def test_a_walk_by_cursor_meets_every_item_once(api, ledger_server, books, limit):
    keys = [line("payment.record", books.payment(f"{number + 1}.00")) for number in range(23)]
    answers = stream_batch(ledger_server, [data for _, data in keys])
    expected = [answer["object_id"] for answer in answers]
    position = answers[-1]["position"]
    found = [one["id"] for one in walk(api, "/v1/payments", limit, customer=books.customer, min_position=position)]
    assert len(found) == 23 and set(found) == set(expected)


def test_items_that_come_during_a_walk_do_not_disturb_it(api, books):
    accounts = {books.open(f"n{number:03}") for number in range(20)} | {books.root, *books.leaves}
    position = list(feed(api))[-1]["position"]
    path = f"/v1/customers/{books.customer}/accounts"
    seen = []
    for number, account in enumerate(walk(api, path, 4, min_position=position)):
        seen.append(account["id"])
        if number % 4 == 3 and number < 16:
            books.open(f"during-{number}")
    assert len(seen) == len(set(seen)) and accounts <= set(seen)


def test_a_cursor_of_another_list_or_a_changed_one_is_refused(api, books):
    for number in range(3):
        made(api.post("/v1/payments", books.payment(f"{number + 1}.00")))
    position = list(feed(api))[-1]["position"]
    page = api.get("/v1/payments", {"customer": books.customer, "limit": 1, "min_position": position}).json()
    cursor = page["next_cursor"]
    for path, text in [("/v1/invoices", cursor), ("/v1/payments", cursor[:-1] + ("A" if cursor[-1] != "A" else "B")),
                       ("/v1/payments", "nonsense")]:
        refused = api.get(path, {"customer": books.customer, "limit": 1, "cursor": text})
        assert problem(refused) == (422, "invalid-cursor"), (path, text)
