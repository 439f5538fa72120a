"""Commands on customers, accounts, groups and users."""

from openapi_limits import limit
from openapi_parts import ACC, CUS, EXTERNAL, GRP, ITEMS, NAME, ON, REASON, SHORT, TEXT, array, body, new_id, nullable, ref, route, words

ACCOUNTS = array(ref("AccountId"), ITEMS, minItems=1)
TERMS = {"type": "integer", "minimum": 0, "maximum": limit("kTermsDaysMax"), "description": "Days from the document date to the due date."}
CYCLE = {"type": "integer", "minimum": 1, "maximum": 31, "description": "Day of the month on which a cycle begins."}
PERSON = {"name": NAME, "email": NAME, "phone": SHORT}
ROLE = words("viewer", "payer", "manager", "administrator")
INVOICING = words("rolled_up", "owner", "payer")
ADDRESS = body(("lines",), lines=array(NAME, "kAddressLinesMax", minItems=1), postcode=SHORT, city=NAME, region=NAME, country=NAME)
ADDRESS["description"] = "It comes back as it was given."

COMMANDS = {
    "customer.create": {"schema": body(("name", "currency"), id=new_id("CustomerId"), name=NAME, currency=ref("Currency"), external_id=EXTERNAL, legal_entity={"type": "string", "pattern": "^[A-Z0-9]{1,8}$", "description": "Whose number series its documents take; the operator's when absent."})},
    "account.open": {"schema": body(("customer", "number", "name"), id=new_id("AccountId"), customer=ref("CustomerId"), number=SHORT, name=NAME,
                                    parent=nullable(ref("AccountId")), opened_on=ref("Date"), payment_terms_days=TERMS | {"default": 30},
                                    bill_cycle_day=CYCLE | {"default": 1}, external_id=EXTERNAL, role=INVOICING | {"default": "rolled_up"}),
                     "description": "Under `parent`, or as a root of its customer."},
    "account.rename": {"schema": body(("account", "name"), account=ref("AccountId"), name=NAME, reason=REASON),
                       "description": "Documents that were issued keep the name of their day."},
    "account.change_terms": {"schema": body(("account",), account=ref("AccountId"), payment_terms_days=TERMS, bill_cycle_day=CYCLE)},
    "account.change_contacts": {"schema": body(("account", "contacts"), account=ref("AccountId"), contacts=array(
        body(("role", "name"), person=new_id("PersonId"), role=SHORT, **PERSON), "kContactsMax")),
        "description": "All contacts as they shall be."},
    "account.change_address": {"schema": body(("account", "postal_address"), account=ref("AccountId"), person=new_id("PersonId"), name=NAME, postal_address=ADDRESS),
                               "description": "Personal data: stored encrypted under the person's key. Invoices that were issued keep the address of their day."},
    "account.change_role": {"schema": body(("account", "role"), account=ref("AccountId"), role=INVOICING, **{"from": ON}),
                            "description": "Counts for documents dated `from` and later. `rolled_up`: its charges stand on the invoice of the account above; `owner`: "
                                           "invoices of its own, paid above; `payer`: invoices of its own, which it pays. A root always owns and pays."},
    "account.unfreeze": {"schema": body(("account", "reason", "approved_by"), account=ref("AccountId"), reason=REASON, approved_by=array(
        NAME, "kApprovers", minItems=limit("kApprovers"), description="Two different people.")),
        "description": "A check of the books failed on this account, and the ledger froze it. Its money moves again once two people say so."},
    "account.close": {"schema": body(("account",), account=ref("AccountId"))},
    "hierarchy.move": {"schema": body(("account", "new_parent"), account=ref("AccountId"), new_parent=nullable(ref("AccountId"))),
                       "description": "From today on; never back-dated. Without a parent it becomes a root of the same customer."},
    "grouping.create": {"schema": body(("customer", "name"), id=new_id("GroupingId"), customer=ref("CustomerId"), name=NAME)},
    "grouping.rename": {"schema": body(("grouping", "name"), grouping=ref("GroupingId"), name=NAME)},
    "grouping.add_group": {"schema": body(("grouping", "name"), grouping=ref("GroupingId"), id=new_id("GroupId"), name=NAME,
                                          parent=nullable(ref("GroupId")))},
    "grouping.rename_group": {"schema": body(("grouping", "group", "name"), grouping=ref("GroupingId"), group=ref("GroupId"), name=NAME)},
    "grouping.nest_group": {"schema": body(("grouping", "group", "parent"), grouping=ref("GroupingId"), group=ref("GroupId"),
                                           parent=nullable(ref("GroupId"))),
                            "description": "Under another group, or with `null` at the top."},
    "grouping.add_accounts": {"schema": body(("grouping", "group", "accounts"), grouping=ref("GroupingId"), group=ref("GroupId"), accounts=ACCOUNTS,
                                             with_subtree={"type": "boolean", "default": False}, **{"from": ref("Date")})},
    "grouping.remove_accounts": {"schema": body(("grouping", "group", "accounts"), grouping=ref("GroupingId"), group=ref("GroupId"), accounts=ACCOUNTS)},
    "grouping.delete_group": {"schema": body(("grouping", "group"), grouping=ref("GroupingId"), group=ref("GroupId")),
                              "description": "With the groups in it. Accounts, and what they owe, stay as they are; the group is gone on every day, "
                                             "and questions as of an earlier position still know it."},
    "grouping.delete": {"schema": body(("grouping",), grouping=ref("GroupingId")), "description": "With all its groups."},
    "user.invite": {"schema": body(("customer", "role", "name", "email"), id=new_id("UserId"), customer=ref("CustomerId"), role=ROLE, **PERSON)},
    "user.edit": {"schema": body(("user", "name", "email"), user=ref("UserId"), **PERSON)},
    "user.change_role": {"schema": body(("user", "role"), user=ref("UserId"), role=ROLE)},
    "user.suspend": {"schema": body(("user",), user=ref("UserId"), reason=REASON)},
    "user.reinstate": {"schema": body(("user",), user=ref("UserId"))},
}

A = "/v1/accounts/{account_id}"
G = "/v1/groupings/{grouping_id}/groups/{group_id}"
BOTH = ("grouping", "group")
ROUTES = [
    route("/v1/customers", "customer.create", "Customers", "Create a customer", {"name": "Acme Corporation", "currency": "USD"}, creates=True),
    route("/v1/accounts", "account.open", "Accounts", "Open an account", {"customer": CUS, "number": "A-1001", "name": "Head office"}, creates=True),
    route(A + "/rename", "account.rename", "Accounts", "Rename an account", {"name": "Head office Memphis", "reason": "moved"}, ("account",)),
    route(A + "/terms", "account.change_terms", "Accounts", "Change an account's terms", {"payment_terms_days": 14}, ("account",)),
    route(A + "/contacts", "account.change_contacts", "Accounts", "Change an account's contacts", {"contacts": [{"role": "billing", "name": "Pat Doe", "email": "pat@example.com"}]}, ("account",)),
    route(A + "/address", "account.change_address", "Accounts", "Change an account's postal address", {"name": "Acme Corporation", "postal_address": {"lines": ["Accounts payable", "12 Harbour Road"], "postcode": "38103", "city": "Memphis", "region": "TN", "country": "USA"}}, ("account",)),
    route(A + "/role", "account.change_role", "Accounts", "Change who invoices and who pays", {"role": "payer"}, ("account",)),
    route(A + "/unfreeze", "account.unfreeze", "Accounts", "Unfreeze an account", {"reason": "the books were checked by hand", "approved_by": ["Pat Doe", "Kim Roe"]}, ("account",)),
    route(A + "/close", "account.close", "Accounts", "Close an account", {}, ("account",)),
    route(A + "/move", "hierarchy.move", "Accounts", "Move an account", {"new_parent": ACC}, ("account",)),
    route("/v1/groupings", "grouping.create", "Groups", "Create a grouping", {"customer": CUS, "name": "Regions"}, creates=True),
    route("/v1/groupings/{grouping_id}/rename", "grouping.rename", "Groups", "Rename a grouping", {"name": "Sales regions"}, ("grouping",)),
    route("/v1/groupings/{grouping_id}/groups", "grouping.add_group", "Groups", "Add a group", {"name": "North"}, ("grouping",), creates=True),
    route(G + "/rename", "grouping.rename_group", "Groups", "Rename a group", {"name": "North-East"}, BOTH),
    route(G + "/nest", "grouping.nest_group", "Groups", "Put a group under another", {"parent": GRP}, BOTH),
    route(G + "/accounts", "grouping.add_accounts", "Groups", "Add accounts to a group", {"accounts": [ACC], "with_subtree": True}, BOTH),
    route(G + "/accounts/remove", "grouping.remove_accounts", "Groups", "Remove accounts from a group", {"accounts": [ACC]}, BOTH),
    route(G + "/delete", "grouping.delete_group", "Groups", "Delete a group", {}, BOTH),
    route("/v1/groupings/{grouping_id}/delete", "grouping.delete", "Groups", "Delete a grouping", {}, ("grouping",)),
    route("/v1/users", "user.invite", "Users", "Invite a user", {"customer": CUS, "role": "payer", "name": "Pat Doe", "email": "pat@example.com"}, creates=True),
    route("/v1/users/{user_id}/edit", "user.edit", "Users", "Edit a user", {"name": "Pat Roe", "email": "pat@example.com"}, ("user",)),
    route("/v1/users/{user_id}/role", "user.change_role", "Users", "Change a user's role", {"role": "manager"}, ("user",)),
    route("/v1/users/{user_id}/suspend", "user.suspend", "Users", "Suspend a user", {"reason": "left the company"}, ("user",)),
    route("/v1/users/{user_id}/reinstate", "user.reinstate", "Users", "Reinstate a user", {}, ("user",)),
]
