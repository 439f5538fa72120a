// Bodies of commands in tests: read well, or refused where they are spoilt.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "gateway/api/api_testing.h"
#include "gateway/api/commands.h"

namespace billing::api::test {

// Replaces "cus:1" and the like by an id of that kind.
inline std::string with_ids(std::string text) {
  for (const std::string prefix : {"cus", "acc", "inv", "crn", "pay", "dsp", "gpg", "grp", "usr", "per", "rfd",
                                   "cbk", "ret", "dep", "pln", "pmt", "ubk"})
    for (int n = 1; n <= 3; ++n) {
      const std::string mark = prefix + ":" + std::to_string(n);
      for (std::size_t at = 0; (at = text.find(mark)) != std::string::npos;)
        text.replace(at, mark.size(), test_id(prefix, static_cast<std::uint64_t>(n)));
    }
  return text;
}

inline Result<Command> parse(std::string_view name, const std::string& body) {
  static const auto keys = *codec::PersonKeys::open("");
  JsonParser parser;
  BILLING_TRY(value, parser.parse(with_ids(body)));
  return parse_command(name, value, {*keys});
}

template <class AnyCommand>
AnyCommand good(std::string_view name, const std::string& body) {
  const auto command = parse(name, body);
  EXPECT_TRUE(command.has_value()) << (command ? "" : command.error().detail + " " + command.error().pointer);
  if (!command || !std::holds_alternative<AnyCommand>(*command)) return ADD_FAILURE() << name, AnyCommand{};
  return std::get<AnyCommand>(*command);
}

struct Spoilt {
  std::string body;
  Code code;
  std::string pointer;
};
inline void refused(std::string_view name, const std::vector<Spoilt>& cases) {
  for (const Spoilt& c : cases) {
    const auto command = parse(name, c.body);
    ASSERT_FALSE(command.has_value()) << c.body;
    EXPECT_EQ(command.error().code, c.code) << c.body << ": " << code_text(command.error().code);
    EXPECT_EQ(command.error().pointer, c.pointer) << c.body;
  }
}

}  // namespace billing::api::test
