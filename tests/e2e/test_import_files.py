"""Files of `billing import` are read or refused, never guessed: numbers, columns, rows that disagree, line ends, encodings,
currency signs; and the exports of other systems by the mappings that are shipped."""

import csv
import pathlib

import pytest

from harness import ROOT
from test_import import derived, head, load

HERE = pathlib.Path(__file__).resolve().parent
ACCOUNT = "key,opened_on\nK,2019-01-01\n"


class Books:
    """A customer of its own with the account K, and what was loaded for it."""

    def __init__(self, server, folder):
        self.server, self.folder = server, folder
        self.api = server.client()
        answer = self.api.post("/v1/customers", {"name": "Larch", "currency": "USD"})
        assert answer.status_code == 201, answer.text
        self.customer = answer.json()["id"]
        assert self.load("accounts", ACCOUNT)[0] == 0

    def load(self, kind, rows, *arguments):
        """Loads rows without a mapping, or with `kind` as one (TOML); returns the exit code and what was printed."""
        file = self.folder / "rows.csv"
        file.write_bytes(rows if isinstance(rows, bytes) else rows.encode())
        how = ["--kind", kind]
        if "\n" in kind:
            mapping = self.folder / "rows.toml"
            mapping.write_text(kind, encoding="utf-8")
            how = ["--mapping", mapping]
        return load(self.server, file, *how, "--name", "files", "--customer", self.customer, "--currency", "USD", *arguments)

    def refused(self):
        """What the last load refused: line -> code."""
        with open(self.folder / "rows.csv.refused.csv", newline="", encoding="utf-8") as file:
            return {int(row["line"]): row["code"] for row in csv.DictReader(file)}

    def list(self, what, **params):
        answer = self.api.get(f"/v1/{what}", params={"customer": self.customer, "min_position": head(self.server), "limit": 200, **params})
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    def payments(self):
        return sorted(payment["amount"]["amount"] for payment in self.list("payments"))

    def invoices(self):
        return {invoice["number"]: invoice for invoice in self.list("invoices")}


@pytest.fixture
def books(ledger_server, tmp_path):
    return Books(ledger_server, tmp_path)


def test_a_group_of_digits_that_is_not_three_refuses_its_row(books):
    mapping = """
[[step]]
kind = "payments"
delimiter = ";"
[step.fields]
key = "Nr"
account = "Konto"
amount = { column = "Betrag", decimal = ",", thousands = "." }
received_on = "Datum"
"""
    status, output = books.load(mapping, "Nr;Konto;Betrag;Datum\nR1;K;12.50;2026-01-02\nR2;K;110.7;2026-01-02\nR3;K;1.5,00;2026-01-02\n"
                                         "R4;K;0.0.66962;2026-01-02\nR5;K;1.234,50;2026-01-02\n")
    assert status == 3, output
    assert books.refused() == dict.fromkeys((2, 3, 4, 5), "invalid-amount")
    assert books.payments() == ["1234.50"]


def test_rows_of_one_document_that_disagree_refuse_it_whole(books):
    status, output = books.load("invoices", "number,account_key,date,due_date,description,amount\nI1,K,2026-01-02,2026-02-01,first,10.00\n"
                                            "I1,K,2026-06-30,2026-07-30,second,20.00\nJ1,K,2026-01-02,,x,100.00\nJ2,K,2026-01-05,,x,100.00\n")
    assert status == 3 and list(books.refused()) == [2], output
    assert set(books.invoices()) == {"J1", "J2"}
    status, output = books.load("credit_notes", "number,account_key,invoice_key,date,reason,amount,credited_line\n"
                                                "C1,K,J1,2026-07-31,r1,5.00,0\nC1,K,J2,2026-08-31,r1,7.00,0\n")
    assert status == 3 and list(books.refused()) == [2], output
    assert [invoice["open"]["amount"] for invoice in books.invoices().values()] == ["100.00", "100.00"]


def test_a_column_that_no_field_takes_or_that_is_there_twice_books_nothing(books):
    before = head(books.server)
    status, output = books.load("invoices", "number,account_key,Date,due_dat,description,amount,tax_authority,tax_code,taxrate\n"
                                            "M1,K,2026-01-02,2026-01-09,a,100.00,DE,UST,0.19\n")
    assert status == 1 and "columns that no field takes: 'Date', 'due_dat', 'taxrate'" in output, output
    status, output = books.load("payments", "key,account_key,amount,received_on,amount\nR1,K,10.00,2026-01-02,99.00\n")
    assert status == 1 and "the column 'amount' is there twice" in output, output
    assert head(books.server) == before


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_lines_end_with_cr_crlf_or_lf(books, end):
    status, output = books.load("payments", end.join(["key,account_key,amount,received_on", "R6,K,6.00,2026-01-02", "R7,K,7.00,2026-01-02", ""]))
    assert status == 0, output
    assert books.payments() == ["6.00", "7.00"]


WITH_TEXT = """
[[step]]
kind = "payments"
delimiter = ";"
encoding = "{}"
[step.fields]
key = "Nr"
account = "Konto"
amount = {{ column = "Betrag", decimal = "," }}
reference = "Text"
"""


@pytest.mark.parametrize("encoding, bytes_as", [("latin-1", "cp1252"), ("windows-1252", "cp1252"), ("utf-8", "utf-8"), ("utf-8", "utf-8-sig"),
                                                ("utf-16", "utf-16"), ("utf-16le", "utf-16-le"), ("utf-16be", "utf-16-be")])
def test_texts_come_out_whatever_the_encoding(books, encoding, bytes_as):
    status, output = books.load(WITH_TEXT.format(encoding), "Nr;Konto;Betrag;Text\nB9;K;1,00;O’Neil – 50 €\n".encode(bytes_as))
    assert status == 0, output
    assert [payment["reference"] for payment in books.list("payments")] == ["O’Neil – 50 €"]


def test_a_file_in_another_encoding_than_said_is_refused(books):
    rows = "Nr;Konto;Betrag;Text\nB9;K;1,00;O’Neil\n"
    status, output = books.load(WITH_TEXT.format("utf-8"), rows.encode("cp1252"))
    assert status == 3 and books.refused() == {2: "invalid-text"}, output
    status, output = books.load(WITH_TEXT.format("windows-1252"), rows.encode("utf-8-sig"))
    assert status == 1 and "mark of UTF-8" in output, output
    assert books.payments() == []


REPORT = """
[[step]]
kind = "payments"
skip_lines = 3
where = [{ column = "Amount", not_starts_with = "(" }]
[step.fields]
key = "Invoice"
account = { constant = "K" }
amount = { column = "Amount", thousands = "," }
received_on = { column = "Date", date = "us" }
[[step]]
kind = "refunds"
skip_lines = 3
where = [{ column = "Amount", starts_with = "(" }]
ignore = ["Client"]
[step.fields]
key = "Invoice"
payment = "Invoice"
amount = { column = "Amount", thousands = ",", sign = "absolute" }
refunded_on = { column = "Date", date = "us" }
"""


def test_a_report_with_currency_signs_lines_above_and_a_refund_in_brackets(books):
    assert books.load("payments", "key,account_key,amount,received_on\n801,K,500.00,2020-01-02\n")[0] == 0
    rows = ('Report,,,\n,,,\nPayments,,,\nClient,Invoice,Amount,Date\nQuince Ltd,1,$13.50 ,10/20/2019\n'
            'Quince Ltd,2,"$1,026.67 ",2/29/2020\nQuince Ltd,801,($400.00),1/29/2020\n')
    status, output = books.load(REPORT, rows)
    assert status == 0, output
    paid = {payment["amount"]["amount"]: payment for payment in books.list("payments")}
    assert set(paid) == {"500.00", "13.50", "1026.67"}
    assert paid["13.50"]["received_on"] == "2019-10-20" and paid["1026.67"]["received_on"] == "2020-02-29"
    status, output = books.load(REPORT, rows)
    assert status == 0 and ": 0 new, 5 already there, 0 refused" in output, output
    left = books.api.get(f"/v1/payments/{paid['500.00']['id']}").json()
    assert left["unapplied"]["amount"] == "100.00", left
    assert [(claim["kind"], claim["amount"]["amount"]) for claim in left["claims"]] == [("refund", "400.00")], left


def test_an_overpayment_of_an_invoice_applies_what_is_open_and_leaves_the_rest(books):
    assert books.load("invoices", "number,account_key,date,amount\nP,K,2026-01-02,20.00\n")[0] == 0
    status, output = books.load("payments", "key,account_key,amount,received_on,invoice_key\nA,K,25.00,2026-01-03,P\nB,K,5.00,2026-01-04,P\n")
    assert status == 0, output
    assert books.invoices()["P"]["open"]["amount"] == "0.00"
    assert sorted(payment["unapplied"]["amount"] for payment in books.list("payments")) == ["5.00", "5.00"]


def test_a_dry_run_says_what_would_be_booked_and_sends_nothing(books):
    before = head(books.server)
    rows = "number,account_key,date,amount\n1,K,2026-01-02,10.00\n1,K,2026-01-02,2.50\n2,K,,7.00\n3,K,2026-01-02,1e3\n"
    status, output = books.load("invoices", rows, "--dry-run")
    assert status == 3, output
    assert "invoices, line 4: missing-field: date: the row does not say it" in output
    assert "invoices, line 5: invalid-amount" in output
    assert "invoices                       4                 2                 2" in output
    assert "  USD                      19.50             12.50              7.00" in output
    assert head(books.server) == before
    assert sorted(file.name for file in books.folder.iterdir() if file.is_file() and file.name.startswith("rows")) == ["rows.csv"]


def test_a_file_that_does_not_add_up_is_refused_before_anything_is_sent(books):
    before = head(books.server)
    rows = "key,account_key,amount,received_on\nA,K,10.00,2026-01-02\nB,K,2.50,2026-01-02\n"
    for expected, words in ((("--expect-rows", "3"), "2 rows were read, 3 are expected"), (("--expect-total", "12.51"), "come to 12.50, 12.51 are expected"),
                            (("--expect-rows", "2", "--expect-total", "payments=9"), "come to 12.50, 9.00 are expected")):
        status, output = books.load("payments", rows, *expected)
        assert status == 1 and words in output and "nothing was sent" in output, output
    assert head(books.server) == before
    assert not list(books.folder.glob("rows.csv.*")), "nothing is left behind"
    status, output = books.load("payments", rows, "--expect-rows", "2", "--expect-total", "12.50")
    assert status == 0, output
    assert "  USD                      12.50             12.50              0.00              0.00" in output
    status, output = books.load("payments", rows, "--expect-rows", "2", "--expect-total", "12.50")
    assert "  USD                      12.50              0.00             12.50              0.00" in output


def test_nothing_of_any_file_is_sent_when_one_of_them_is_refused(books):
    before = head(books.server)
    good, bad = books.folder / "good.csv", books.folder / "bad.csv"
    good.write_text("key,account_key,amount,received_on\nA,K,10.00,2026-01-02\n")
    bad.write_text("key,account_key,amount,received_on,fee\nB,K,10.00,2026-01-02,1\n")
    status, output = load(books.server, good, bad, "--kind", "payments", "--name", "files", "--customer", books.customer, "--currency", "USD")
    assert status == 1 and "'fee'" in output, output
    assert head(books.server) == before
    assert not list(books.folder.glob("good.csv.*"))


def test_refunds_chargebacks_deposits_contacts_users_and_groups_are_loaded(books):
    for kind, rows in (
            ("payments", "key,account_key,amount,received_on,method\np,K,50.00,2026-01-02,card\nq,K,30.00,2026-01-02,card\nr,K,8.00,2026-01-02,card\n"),
            ("refunds", "key,payment_key,amount,refunded_on,reason\nf,p,20.00,2026-01-05,outage\n"),
            ("chargebacks", "key,payment_key,amount,code,opened_on,outcome,closed_on\nc,q,30.00,4853,2026-01-06,lost,2026-01-20\n"
                            "d,r,8.00,4853,2026-01-06,won,2026-01-20\n"),
            ("deposits", "key,account_key,amount,received_on\nd,K,75.00,2026-01-07\n"),
            ("contacts", "account_key,role,name,email,phone\nK,billing,Kim Berg,kim@larch.example,\nK,technical,Lee Ash,,+47 1\n"),
            ("users", "email,role,name\nkim@larch.example,viewer,Kim Berg\n"),
            ("groups", "key,grouping,name,parent_key,account_key\nn,Regions,North,,\no,Regions,Oslo,n,K\n")):
        status, output = books.load(kind, rows)
        assert status == 0, (kind, output)
        status, output = books.load(kind, rows)
        assert status == 0 and ": 0 new" in output, (kind, output)
    unapplied = {payment["amount"]["amount"]: payment["unapplied"]["amount"] for payment in books.list("payments")}
    assert unapplied == {"50.00": "30.00", "30.00": "0.00", "8.00": "8.00"}
    assert [deposit["amount"]["amount"] for deposit in books.list("deposits")] == ["75.00"]
    account = f"acc_{derived('acc', 'files', 'K')}"
    contacts = books.api.get(f"/v1/accounts/{account}/contacts").json()["items"]
    assert {contact["name"] for contact in contacts} == {"Kim Berg", "Lee Ash"}
    assert [user["email"] for user in books.list("users")] == ["kim@larch.example"]
    grouping = books.api.get(f"/v1/customers/{books.customer}/groupings").json()["items"][0]["id"]
    groups = books.api.get(f"/v1/groupings/{grouping}", params={"totals": "true"}).json()["groups"]
    assert {group["name"]: group["accounts"] for group in groups} == {"North": 1, "Oslo": 1}, "with those of the groups in it"


# What each system's sample file comes to: invoices with their totals, and the lines of what is refused.
EXPORTS = {
    "invoice_ninja": ({"0001": "1026.50", "0002": "13.50"}, [8]),
    "freshbooks": ({"0000001": "1070.50", "0000002": "585.00"}, [5]),
    "wave": ({"2": "509.86", "3": "1450.00"}, []),
    "zoho": ({"INV-000001": "305.50", "INV-000002": "203.49"}, [5]),
    "quickbooks": ({"1001": "1539.30", "1002": "180.00"}, [5]),
    "xero": ({"INV-3440": "1580.80", "INV-3441": "12.00"}, [6]),
}


def test_every_mapping_that_is_shipped_has_a_sample():
    assert {path.stem for path in (ROOT / "ops/import/mappings").glob("*.toml")} == set(EXPORTS)


@pytest.mark.parametrize("system", EXPORTS)
def test_the_export_of_another_system_is_loaded_by_its_mapping(books, system):
    totals, lines = EXPORTS[system]
    status, output = books.load((ROOT / f"ops/import/mappings/{system}.toml").read_text(encoding="utf-8"),
                                (HERE / f"exports/{system}.csv").read_bytes())
    assert status == (3 if lines else 0), output
    assert {number: invoice["total"]["amount"] for number, invoice in books.invoices().items()} == totals
    assert not lines or list(books.refused()) == lines
    if system == "wave":
        assert {number: invoice["open"]["amount"] for number, invoice in books.invoices().items()} == {"2": "0.00", "3": "1450.00"}
        assert [payment["unapplied"]["amount"] for payment in books.list("payments")] == ["90.14"]
    if system == "xero":
        assert [note["total"]["amount"] for note in books.list("credit-notes")] == ["34.37"]
