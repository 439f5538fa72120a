// Rows in, commands out: for tests of what a file becomes.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ops/import/command_file.h"
#include "ops/import/convert.h"
#include "ops/import/files.h"
#include "ops/import/names.h"

namespace billing::import::test {

// Each test is a process of its own, several at a time.
inline std::string scratch(std::string_view name) {
  return testing::TempDir() + std::to_string(::getpid()) + "-" + std::string(name);
}

struct Read {
  Converted converted;
  std::vector<std::string> lines;   // the line's number, a tab, and the command or "!", code, id and reason
  std::vector<Portion> portions;    // of each
  std::vector<std::string> refusals;  // "code: reason" of those that are no command
  std::string error;                // of the whole; then nothing was given
};

inline Read read_text_as(const Mapping& mapping, std::string_view csv, std::size_t memory = std::size_t{1} << 20U) {
  EXPECT_TRUE(replace_text(scratch("in.csv"), csv));
  std::string text;
  const auto converted = convert(mapping, scratch("in.csv"),
                                 {.folder = testing::TempDir(), .memory_bytes_max = memory, .progress = {}},
                                 [&](std::string_view lines) -> Result<void> {
                                   text += lines;
                                   return {};
                                 });
  Read read;
  if (!converted) {
    read.error = converted.error().detail;
    return read;
  }
  read.converted = *converted;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    const Item item = parse_converted(line);
    read.portions.push_back(item.portion);
    if (item.refusal) read.refusals.push_back(item.refusal->code + ": " + item.refusal->detail);
    const std::size_t first = line.find('\t');
    line.erase(first, line.find('\t', first + 1) - first);
    read.lines.push_back(line);
  }
  return read;
}

inline Mapping of(Kind kind, std::string_view currency = "USD") {
  Mapping mapping;
  mapping.name = "test";
  mapping.currency = currency;
  mapping.customer = CustomerId{derived("cus", "test", "c")}.text();
  mapping.steps.emplace_back().kind = kind;
  return mapping;
}

// A mapping of TOML with the rest that it needs.
inline Mapping mapping_of(std::string_view toml) {
  auto mapping = parse_mapping(toml, "");
  EXPECT_TRUE(mapping) << mapping.error().detail;
  Mapping out = mapping ? std::move(*mapping) : Mapping{};
  if (out.name.empty()) out.name = "test";
  if (out.currency.empty()) out.currency = "USD";
  if (out.customer.empty()) out.customer = CustomerId{derived("cus", "test", "c")}.text();
  return out;
}

}  // namespace billing::import::test
