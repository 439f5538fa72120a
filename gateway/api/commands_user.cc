// Users, and the fields of a person.
#include <algorithm>

#include "gateway/api/commands.h"
#include "gateway/api/person.h"

namespace billing::api {
namespace {

// One "@" with something before it and a name with a point after it; whether mail arrives only a mail can tell.
bool looks_like_email(std::string_view email) {
  const std::size_t at = email.find('@');
  if (at == 0 || at == std::string_view::npos || email.find('@', at + 1) != std::string_view::npos) return false;
  const std::string_view host = email.substr(at + 1);
  const std::size_t point = host.find('.');
  const bool plain = std::ranges::all_of(email, [](char c) { return static_cast<unsigned char>(c) > 0x20; });
  return plain && email.size() <= kNameMax && point != 0 && point != std::string_view::npos && host.back() != '.';
}

}  // namespace

account::Personal read_person(Fields& body, bool email_required) {
  account::Personal personal;
  personal.name = body.text("name");
  personal.email = email_required ? body.text("email") : body.optional_text("email");
  personal.phone = body.optional_text("phone");
  if (body.good() && (email_required || !personal.email.empty()) && !looks_like_email(personal.email))
    body.refuse_field(Code::kInvalidText, "email", "This is not an e-mail address of at most 200 bytes.");
  return personal;
}

std::string email_digest(std::string_view email, const ParseEnvironment& environment) {
  std::string lower(email);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return environment.keys.digest(lower);
}

namespace parse {
namespace {

user::Role role(Fields& body) {
  return body.parsed("role", [](std::string_view text) { return user::parse_role(text); });
}

}  // namespace

Command user_invite(Fields& body, const ParseEnvironment& environment) {
  user::Invite command;
  command.id = body.new_id<UserId>("id");
  command.customer = body.id<CustomerId>("customer");
  command.role = role(body);
  command.personal = read_person(body, true);
  if (body.good()) command.email_digest = email_digest(command.personal.email, environment);
  return command;
}

Command user_edit(Fields& body, const ParseEnvironment& environment) {
  user::Edit command;
  command.id = body.id<UserId>("user");
  command.personal = read_person(body, true);
  if (body.good()) command.email_digest = email_digest(command.personal.email, environment);
  return command;
}

Command user_change_role(Fields& body, const ParseEnvironment& /*environment*/) {
  user::ChangeRole command;
  command.id = body.id<UserId>("user");
  command.role = role(body);
  return command;
}

Command user_suspend(Fields& body, const ParseEnvironment& /*environment*/) {
  user::Suspend command;
  command.id = body.id<UserId>("user");
  command.reason = body.optional_text("reason");
  return command;
}

Command user_reinstate(Fields& body, const ParseEnvironment& /*environment*/) {
  return user::Reinstate{body.id<UserId>("user")};
}

}  // namespace parse
}  // namespace billing::api
