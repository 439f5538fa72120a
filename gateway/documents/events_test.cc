#include "gateway/documents/events.h"

#include "gateway/documents/documents_testing.h"
#include "ledger/codec/json.h"

namespace billing::documents {
namespace {

TEST(EventsExport, EachEventIsALineOfJson) {
  test::Books books;
  books.given_a_busy_year();
  std::string expected;
  auto read = books.log().read(1, 1'000, [&](const store::Record& record) {
    expected += codec::to_json(*codec::decode(record, nullptr)) + "\n";
    return true;
  });
  ASSERT_TRUE(read.has_value());

  std::string text;
  Position shown = 0;
  const auto events = export_events(
      books.log(),
      [&](std::string_view piece) {
        text += piece;
        return Result<void>{};
      },
      [&](Position done, Position) { shown = done; });

  ASSERT_TRUE(events.has_value());
  EXPECT_EQ(*events, *read);
  EXPECT_GT(*events, 20U);
  EXPECT_EQ(shown, books.log().head().position);
  EXPECT_EQ(text, expected);
}

TEST(EventsExport, AnEmptyLogIsAnEmptyText) {
  test::Books books;
  const auto events =
      export_events(books.log(), [](std::string_view) -> Result<void> { return refuse(Code::kInternal, "text"); });
  ASSERT_TRUE(events.has_value()) << events.error().detail;
  EXPECT_EQ(*events, 0U);
}

TEST(EventsExport, PersonalDataIsNotInIt) {
  test::Books books;
  books.given_customer(1, "USD");
  account::ChangeContacts contacts{test::Books::account(1), {{{}, "billing", {"Jane Doe", "jane@example.com", "1"}}}};
  books.given(contacts);
  std::string text;
  const auto events = export_events(books.log(), [&](std::string_view piece) {
    text += piece;
    return Result<void>{};
  });
  ASSERT_TRUE(events.has_value());
  EXPECT_NE(text.find("account.ContactsChanged"), std::string::npos);
  EXPECT_EQ(text.find("Jane"), std::string::npos);
  EXPECT_EQ(text.find("example.com"), std::string::npos);
}

}  // namespace
}  // namespace billing::documents
