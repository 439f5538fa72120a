// docs/api.md lists every error code with its status: the list follows the table in ledger/base/error.h.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "gateway/api/commands.h"
#include "gateway/api/problem.h"

namespace billing::api {
namespace {

std::string document() {
  std::ostringstream text;
  text << std::ifstream(std::string(BILLING_SOURCE_DIR) + "/docs/api.md").rdbuf();
  return text.str();
}

TEST(ErrorCodesTest, TheDocumentListsEveryCodeWithItsStatusAndTitle) {
  const std::string text = document();
  std::set<std::string> rows;
#define X(name, public_code, kind, title) \
  rows.insert("| `" public_code "` | " + std::to_string(status_of(Error{Code::name, {}, {}})) + " | " title " |");
  BILLING_ERROR_CODES(X)
#undef X
  for (const std::string& row : rows) EXPECT_NE(text.find(row + "\n"), std::string::npos) << row;
}

TEST(ErrorCodesTest, TheDocumentListsNoCodeThatIsNot) {
  std::set<std::string> codes;
#define X(name, public_code, kind, title) codes.insert(public_code);
  BILLING_ERROR_CODES(X)
#undef X
  std::istringstream lines(document());
  bool in_table = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("| Code |")) in_table = true;
    if (line.empty()) in_table = false;
    if (!in_table || !line.starts_with("| `")) continue;
    EXPECT_TRUE(codes.contains(line.substr(3, line.find('`', 3) - 3))) << line;
  }
}

TEST(ErrorCodesTest, TheDocumentListsEveryCommand) {
  const std::string text = document();
  for (const CommandKind& kind : command_kinds())
    EXPECT_NE(text.find("| `" + std::string(kind.name) + "` |"), std::string::npos) << kind.name;
}

}  // namespace
}  // namespace billing::api
