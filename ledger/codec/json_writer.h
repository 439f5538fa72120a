// Writes JSON (RFC 8259) into a string: one pass, no tree. Valid UTF-8 in, valid UTF-8 out.
#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

namespace billing::codec {

// The caller writes values in order: begin_object, key, value, key, value, …, end_object. Commas come by themselves;
// that every key has a value and every begin an end is up to the caller. One thread.
class JsonWriter {
 public:
  // Appends to `out`, which must outlive the writer.
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  // The name of the next value of an object.
  void key(std::string_view name) {
    separate();
    quote(name);
    out_.push_back(':');
    comma_ = false;
  }

  void string(std::string_view text) {
    separate();
    quote(text);
  }
  template <std::integral Number>
    requires(!std::same_as<Number, bool>)
  void number(Number value) {
    separate();
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out_.append(digits, static_cast<std::size_t>(end - digits));
  }
  void boolean(bool value) { raw(value ? "true" : "false"); }
  void null() { raw("null"); }
  // A value that is JSON already.
  void raw(std::string_view json) {
    separate();
    out_.append(json);
  }

  // key() and the value at once.
  void member(std::string_view name, std::string_view text) {
    key(name);
    string(text);
  }
  template <std::integral Number>
    requires(!std::same_as<Number, bool>)
  void member(std::string_view name, Number value) {
    key(name);
    number(value);
  }
  template <std::same_as<bool> Bool>  // else a pointer would turn into a bool
  void member(std::string_view name, Bool value) {
    key(name);
    boolean(value);
  }

 private:
  void open(char bracket) {
    separate();
    out_.push_back(bracket);
    comma_ = false;
  }
  void close(char bracket) {
    out_.push_back(bracket);
    comma_ = true;
  }
  void separate() {
    if (comma_) out_.push_back(',');
    comma_ = true;
  }
  static constexpr bool as_it_is(unsigned char byte) { return (byte >= 0x20) & (byte != '"') & (byte != '\\'); }
  void quote(std::string_view text) {
    out_.push_back('"');
    // Nearly every text is written as it is; without a branch a byte, that is seen eight or more bytes at a time.
    bool all = true;
    for (const char c : text) all &= as_it_is(static_cast<unsigned char>(c));
    if (all) {
      out_.append(text);
    } else {
      append_escaped(text);
    }
    out_.push_back('"');
  }
  void append_escaped(std::string_view text) {
    std::size_t plain = 0;  // begin of what is not appended yet
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      if (as_it_is(byte)) continue;
      out_.append(text, plain, i - plain);
      escape(byte);
      plain = i + 1;
    }
    out_.append(text, plain);
  }
  void escape(unsigned char byte) {
    constexpr std::string_view kHex = "0123456789abcdef";
    switch (byte) {
      case '"': out_.append("\\\""); return;
      case '\\': out_.append("\\\\"); return;
      case '\n': out_.append("\\n"); return;
      case '\r': out_.append("\\r"); return;
      case '\t': out_.append("\\t"); return;
      default:
        out_.append("\\u00");
        out_.push_back(kHex[byte >> 4U]);
        out_.push_back(kHex[byte & 0xFU]);
    }
  }

  std::string& out_;
  bool comma_ = false;
};

}  // namespace billing::codec
