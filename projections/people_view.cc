#include "projections/people_view.h"

#include "projections/accounts_view.h"
#include "projections/customers_view.h"

namespace billing::views {
namespace {

Key user_key(UserId id) { return Key(Table::kUser).add(id); }
Key contacts_key(AccountId id) { return Key(Table::kContacts).add(id); }

Result<User> present(const Source& source, UserId id, const UserRow& row) {
  BILLING_TRY(event, event_at(source, row.personal_position));
  User found{.id = id,
             .customer = row.customer,
             .person = row.person,
             .role = row.role,
             .suspended = row.suspended,
             .personal = {},
             .invited = row.invited,
             .version = row.version};
  if (const auto* invited = std::get_if<user::Invited>(&event.event)) found.personal = invited->personal;
  if (const auto* edited = std::get_if<user::Edited>(&event.event)) found.personal = edited->personal;
  return found;
}

}  // namespace

void people::apply(const codec::Envelope& event, Rows& rows) {
  if (const auto* changed = std::get_if<account::ContactsChanged>(&event.event)) {
    return rows.save(contacts_key(changed->id), ContactsRow{event.position});
  }
  if (event.stream.kind != StreamKind::kUser) return;
  const Key key = user_key(UserId{event.stream.id});
  if (const auto* invited = std::get_if<user::Invited>(&event.event)) {
    rows.append(Key(Table::kUserOfCustomer).add(invited->customer).add(invited->id), {});
    return rows.save_new(key, UserRow{.customer = invited->customer,
                                      .person = invited->person,
                                      .role = invited->role,
                                      .invited = event.recorded,
                                      .personal_position = event.position,
                                      .version = event.version});
  }
  auto row = rows.load<UserRow>(key);
  if (!row) return rows.damaged(key);
  row->version = event.version;
  if (std::holds_alternative<user::Edited>(event.event)) row->personal_position = event.position;
  if (const auto* changed = std::get_if<user::RoleChanged>(&event.event)) row->role = changed->new_role;
  if (std::holds_alternative<user::Suspended>(event.event)) row->suspended = true;
  if (std::holds_alternative<user::Reinstated>(event.event)) row->suspended = false;
  rows.save(key, *row);
}

Result<User> read_user(const Source& source, UserId id) {
  BILLING_TRY(row, row_at<UserRow>(source, user_key(id)));
  if (!row) return refuse(Code::kUnknownUser, "there is no user " + id.text());
  return present(source, id, *row);
}

Result<Page<User>> list_users(const Source& source, CustomerId customer, const PageRequest& request) {
  BILLING_TRY(known, find_customer(source, customer));
  Page<User> page;
  BILLING_CHECK(page_of(source, Key(Table::kUserOfCustomer).add(customer), request, false, page,
                            [&](std::string_view tail, std::string_view) -> Result<bool> {
                              BILLING_TRY(found, read_user(source, KeyReader(tail, 0).id<UserId>()));
                              page.items.push_back(std::move(found));
                              return true;
                            }));
  return page;
}

Result<std::vector<Contact>> read_contacts(const Source& source, AccountId account) {
  BILLING_TRY(known, find_account(source, account));
  std::vector<Contact> contacts;
  BILLING_TRY(row, row_at<ContactsRow>(source, contacts_key(account)));
  if (!row) return contacts;
  BILLING_TRY(event, event_at(source, row->position));
  if (const auto* changed = std::get_if<account::ContactsChanged>(&event.event)) {
    for (const account::Contact& contact : changed->contacts) {
      contacts.push_back({contact.person, contact.role, contact.personal});
    }
  }
  return contacts;
}

}  // namespace billing::views
