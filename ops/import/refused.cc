#include "ops/import/refused.h"

#include <utility>

#include "ledger/base/utf8.h"
#include "ledger/codec/json_writer.h"
#include "ops/import/csv_reader.h"

namespace billing::import {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} << 10U;

}  // namespace

Result<RefusedFile> RefusedFile::open(std::string path, FileForm form, std::uint64_t bytes) {
  RefusedFile refused(std::move(path), form, bytes);
  if (bytes == 0) {
    remove_file(refused.path_);
    return refused;
  }
  BILLING_TRY(file, File::open(refused.path_, File::Mode::kAppend));
  BILLING_TRY(size, file.size());
  if (size < bytes) return refuse(Code::kStorageFailure, refused.path_ + " is shorter than the state says: use --restart");
  BILLING_CHECK(file.cut(bytes));
  refused.file_ = std::move(file);
  return refused;
}

Result<void> RefusedFile::add(const Item& item, const RowRefusal& refusal) {
  std::string text;
  if (form_ == FileForm::kConverted) {
    if (bytes_ == 0) text += "line,command_id,code,reason\n";
    text += std::to_string(item.line) + ',';
    append_csv_field(text, item.id);
    text += ',' + refusal.code + ',';
    append_csv_field(text, refusal.detail);
  } else {
    codec::JsonWriter writer(text);
    writer.begin_object();
    writer.member("line", item.line);
    writer.member("id", item.id);
    writer.member("code", refusal.code);
    writer.member("reason", refusal.detail);
    if (valid_utf8(item.text)) writer.member("text", item.text);
    writer.end_object();
  }
  text += '\n';
  bytes_ += text.size();
  unsent_ += text;
  return unsent_.size() < kBufferBytes ? Result<void>{} : sync();
}

Result<void> RefusedFile::sync() {
  if (unsent_.empty()) return {};
  if (!file_) {
    BILLING_TRY(file, File::open(path_, File::Mode::kReplace));
    file_ = std::move(file);
  }
  BILLING_CHECK(file_->write(std::exchange(unsent_, {})));
  return file_->sync();
}

}  // namespace billing::import
