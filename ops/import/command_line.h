// What the bodies of all commands of an import are written with.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "ledger/base/ids.h"
#include "ledger/codec/json_writer.h"
#include "ops/import/bodies.h"
#include "ops/import/names.h"

namespace billing::import {

using codec::JsonWriter;

// One line {"id","command","body"}; the body's members are written between.
class CommandLine {
 public:
  CommandLine(const Target& target, std::string_view command, std::string_view key) : writer_(text_) {
    writer_.begin_object();
    writer_.member("id", command_id(command, target.name, key));
    writer_.member("command", command);
    writer_.key("body");
    writer_.begin_object();
  }
  JsonWriter& body() { return writer_; }
  void copy(std::string_view member, const RowValues& row, std::string_view field) {
    if (const std::string* value = row.get(field)) writer_.member(member, *value);
  }
  void copy(const RowValues& row, std::initializer_list<std::string_view> fields) {
    for (const std::string_view field : fields) copy(field, row, field);
  }
  void number(std::string_view member, const RowValues& row, std::string_view field) {
    if (const std::string* value = row.get(field)) {
      writer_.key(member);
      writer_.raw(*value);
    }
  }
  void money(std::string_view member, std::string_view amount, std::string_view currency) {
    writer_.key(member);
    writer_.begin_object();
    writer_.member("amount", amount);
    writer_.member("currency", currency);
    writer_.end_object();
  }
  std::string end() {
    writer_.end_object();
    writer_.end_object();
    return std::move(text_);
  }

 private:
  std::string text_;
  JsonWriter writer_;
};

template <class AnyId>
void reference(JsonWriter& body, std::string_view member, const Target& target, const std::string* key) {
  if (key != nullptr) body.member(member, object_id<AnyId>(target.name, *key));
}

}  // namespace billing::import
