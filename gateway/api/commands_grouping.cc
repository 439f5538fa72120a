// Groupings: a customer's own nested groups of accounts.
#include "gateway/api/commands.h"

namespace billing::api::parse {

Command grouping_create(Fields& body, const ParseEnvironment& /*environment*/) {
  grouping::Create command;
  command.id = body.new_id<GroupingId>("id");
  command.customer = body.id<CustomerId>("customer");
  command.name = body.text("name");
  return command;
}

Command grouping_rename(Fields& body, const ParseEnvironment& /*environment*/) {
  grouping::Rename command;
  command.id = body.id<GroupingId>("grouping");
  command.name = body.text("name");
  return command;
}

Command grouping_add_group(Fields& body, const ParseEnvironment& /*environment*/) {
  grouping::AddGroup command;
  command.id = body.id<GroupingId>("grouping");
  command.group = body.new_id<GroupId>("id");
  command.name = body.text("name");
  command.parent = body.optional_id<GroupId>("parent");
  return command;
}

Command grouping_rename_group(Fields& body, const ParseEnvironment& /*environment*/) {
  grouping::RenameGroup command;
  command.id = body.id<GroupingId>("grouping");
  command.group = body.id<GroupId>("group");
  command.name = body.text("name");
  return command;
}

Command grouping_nest_group(Fields& body, const ParseEnvironment& /*environment*/) {
  grouping::NestGroup command;
  command.id = body.id<GroupingId>("grouping");
  command.group = body.id<GroupId>("group");
  command.parent = body.nullable_id<GroupId>("parent");
  return command;
}

Command grouping_add_accounts(Fields& body, const ParseEnvironment& /*environment*/) {
  grouping::AddAccounts command;
  command.id = body.id<GroupingId>("grouping");
  command.group = body.id<GroupId>("group");
  command.accounts = body.ids<AccountId>("accounts", true, kItemsMax);
  command.with_subtree = body.flag("with_subtree");
  command.from = body.optional_date("from");
  return command;
}

Command grouping_remove_accounts(Fields& body, const ParseEnvironment& /*environment*/) {
  grouping::RemoveAccounts command;
  command.id = body.id<GroupingId>("grouping");
  command.group = body.id<GroupId>("group");
  command.accounts = body.ids<AccountId>("accounts", true, kItemsMax);
  return command;
}

Command grouping_delete_group(Fields& body, const ParseEnvironment& /*environment*/) {
  grouping::DeleteGroup command;
  command.id = body.id<GroupingId>("grouping");
  command.group = body.id<GroupId>("group");
  return command;
}

Command grouping_delete(Fields& body, const ParseEnvironment& /*environment*/) {
  return grouping::Delete{body.id<GroupingId>("grouping")};
}

}  // namespace billing::api::parse
