// Users and contacts. No row holds personal data: a row names the event that does, and that is read, with the person's
// key, when it is asked for. So an erased person is erased here too.
#pragma once

#include "projections/rows.h"
#include "projections/source.h"

namespace billing::views {

struct UserRow {
  CustomerId customer{};
  PersonId person{};
  user::Role role = user::Role::kViewer;
  bool suspended = false;
  Instant invited{};
  Position personal_position = 0;  // of the last event that carries the personal data
  std::uint64_t version = 0;
  static void fields(auto& row, auto& archive) {
    archive(row.customer, row.person, row.role, row.suspended, row.invited, row.personal_position, row.version);
  }
};
struct ContactsRow {
  Position position = 0;  // of the last event that carries them
  static void fields(auto& row, auto& archive) { archive(row.position); }
};

namespace people {
void apply(const codec::Envelope& event, Rows& rows);
}

Result<Page<User>> list_users(const Source& source, CustomerId customer, const PageRequest& page);
Result<User> read_user(const Source& source, UserId id);
Result<std::vector<Contact>> read_contacts(const Source& source, AccountId account);

}  // namespace billing::views
