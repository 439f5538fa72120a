#include "ops/import/command_file.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "gateway/api/json_input.h"

namespace billing::import {
namespace {

constexpr std::size_t kLineBytesMax = std::size_t{1} << 20U;
constexpr std::size_t kReadBytes = std::size_t{256} << 10U;

std::string id_of_json(std::string_view text) {
  const auto root = api::JsonParser::of_thread().parse(text);
  if (!root || !root->is(api::JsonKind::kObject) || root->size() == 0) return {};
  api::JsonValue member = root->first();
  for (std::size_t i = 0; i < root->size(); ++i, member = member.next())
    if (member.key() == "id" && member.is(api::JsonKind::kString)) return std::string(member.text());
  return {};
}

// Our own lines begin with the id, which has no escapes.
std::string id_of_converted(std::string_view text) {
  constexpr std::string_view kBegin = R"({"id":")";
  if (!text.starts_with(kBegin)) return {};
  text.remove_prefix(kBegin.size());
  return std::string(text.substr(0, text.find('"')));
}

std::string_view cut_at(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return part;
}

std::string prefix(std::uint64_t line, const Portion& portion) {
  std::string out = std::to_string(line);
  out.append("\t").append(std::to_string(static_cast<unsigned>(portion.kind)));
  out.append(" ").append(std::to_string(portion.tally.rows)).append(" ").append(std::to_string(portion.tally.amount));
  return out + '\t';
}

}  // namespace

struct CommandFile::Impl {
  Impl(File f, FileForm how, std::uint64_t size) : file(std::move(f)), form(how), bytes(size) {}
  File file;
  FileForm form;
  std::uint64_t bytes;
  std::string buffer;
  std::size_t at = 0;
  std::uint64_t offset = 0;  // of buffer[at] in the file
  std::uint64_t line = 0;    // lines begun so far
  bool ended = false;

  // Reads on; false at the end.
  Result<bool> fill() {
    if (ended) return false;
    buffer.erase(0, at);
    at = 0;
    const std::size_t old = buffer.size();
    buffer.resize(old + kReadBytes);
    auto got = file.read(buffer.data() + old, kReadBytes);
    buffer.resize(old + (got ? *got : 0));
    if (!got) return std::unexpected(std::move(got.error()));
    ended = *got == 0;
    return !ended;
  }
  void skip(std::size_t n) {
    at += n;
    offset += n;
  }
  // The next line; of one that is too long only its beginning, with too_long.
  Result<std::optional<std::string>> next_line(bool& too_long) {
    too_long = false;
    std::size_t scanned = 0;
    for (;;) {
      const std::size_t end = buffer.find('\n', at + scanned);
      if (end != std::string::npos) {
        std::string text = too_long ? std::string() : buffer.substr(at, end - at);
        skip(end + 1 - at);
        return text;
      }
      scanned = buffer.size() - at;
      if (scanned > kLineBytesMax) {
        too_long = true;
        skip(scanned);
        scanned = 0;
      }
      BILLING_TRY(more, fill());
      if (more) continue;
      if (buffer.size() == at && !too_long) return std::nullopt;
      std::string text = too_long ? std::string() : buffer.substr(at);
      skip(buffer.size() - at);
      return text;
    }
  }
  void interpret(Item& item, std::string_view text) const {
    if (form == FileForm::kNdjson) {
      item.text = text;
      item.id = id_of_json(text);
      return;
    }
    Item converted = parse_converted(text);
    item.line = converted.line;
    item.portion = converted.portion;
    item.text = std::move(converted.text);
    item.id = std::move(converted.id);
    item.refusal = std::move(converted.refusal);
  }
};

CommandFile::CommandFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CommandFile::CommandFile(CommandFile&&) noexcept = default;
CommandFile& CommandFile::operator=(CommandFile&&) noexcept = default;
CommandFile::~CommandFile() = default;

Result<CommandFile> CommandFile::open(const std::string& path, FileForm form) {
  BILLING_TRY(file, File::open(path, File::Mode::kRead));
  BILLING_TRY(size, file.size());
  return CommandFile(std::make_unique<Impl>(std::move(file), form, size));
}

Result<std::optional<Item>> CommandFile::next() {
  for (;;) {
    Item item;
    bool too_long = false;
    BILLING_TRY(text, impl_->next_line(too_long));
    if (!text) return std::nullopt;
    item.end_offset = impl_->offset;
    item.file_line = ++impl_->line;
    item.line = item.file_line;
    if (too_long || text->size() > kLineBytesMax) {
      item.refusal = RowRefusal{"line-too-long", "a line has at most 1 MiB"};
      return item;
    }
    constexpr std::string_view kBlank = " \t\r";
    const std::size_t last = text->find_last_not_of(kBlank);
    if (last == std::string::npos) continue;
    text->erase(last + 1);
    impl_->interpret(item, *text);
    return item;
  }
}

Result<void> CommandFile::seek(std::uint64_t offset, std::uint64_t line) {
  BILLING_CHECK(impl_->file.seek(offset));
  impl_->buffer.clear();
  impl_->at = 0;
  impl_->offset = offset;
  impl_->line = line - 1;
  impl_->ended = false;
  return {};
}

std::uint64_t CommandFile::bytes() const { return impl_->bytes; }

std::string converted_line(std::uint64_t line, const Portion& portion, std::string_view command) {
  return prefix(line, portion).append(command) + '\n';
}

std::string converted_refusal(std::uint64_t line, const Portion& portion, std::string_view id, const Error& error) {
  std::string detail = error.detail;
  for (char& c : detail)
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  std::string out = prefix(line, portion);
  out.append("!").append(code_text(error.code)).append("\t").append(id).append("\t").append(detail);
  return out + '\n';
}

Item parse_converted(std::string_view text) {
  Item item;
  const auto number = [](std::string_view digits, auto& value) {
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
  };
  number(cut_at(text, '\t'), item.line);
  std::string_view portion = cut_at(text, '\t');
  std::size_t kind = 0;
  number(cut_at(portion, ' '), kind);
  item.portion.kind = static_cast<Kind>(std::min(kind, kKindCount - 1));
  number(cut_at(portion, ' '), item.portion.tally.rows);
  number(portion, item.portion.tally.amount);
  if (!text.starts_with('!')) {
    item.text = text;
    item.id = id_of_converted(text);
    return item;
  }
  text.remove_prefix(1);
  RowRefusal& refusal = item.refusal.emplace();
  refusal.code = cut_at(text, '\t');
  item.id = cut_at(text, '\t');
  refusal.detail = text;
  return item;
}

}  // namespace billing::import
