#include "ops/import/row_sorter.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <tuple>
#include <vector>

namespace billing::import {
namespace {

constexpr std::size_t kRunsMax = 64;  // then they are merged into one
constexpr std::size_t kRunBufferBytes = std::size_t{256} << 10U;
constexpr std::size_t kRowOverhead = 64;

std::unexpected<Error> failed(std::string_view what, int error) {
  return refuse(Code::kStorageFailure, std::string(what) + ": " + std::strerror(error));
}

struct Row {
  std::string key;
  std::string row;
  std::size_t order = 0;  // among the rows in memory
};

// A sorted file without a name: written once, then read once.
class Run {
 public:
  explicit Run(int fd) : fd_(fd) {}
  ~Run() { ::close(fd_); }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  Result<void> write(std::string_view key, std::string_view row) {
    put_size(key.size());
    put_size(row.size());
    buffer_.append(key).append(row);
    return buffer_.size() < kRunBufferBytes ? Result<void>{} : flush();
  }
  Result<void> flush() {
    for (std::size_t at = 0; at < buffer_.size();) {
      const ssize_t n = ::write(fd_, buffer_.data() + at, buffer_.size() - at);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return failed("a file of sorted rows cannot be written", errno);
      at += static_cast<std::size_t>(n);
    }
    buffer_.clear();
    return {};
  }
  Result<void> rewind() {
    BILLING_CHECK(flush());
    if (::lseek(fd_, 0, SEEK_SET) != 0) return failed("a file of sorted rows cannot be read", errno);
    at_ = 0;
    return {};
  }
  // Reads the next row into `current`; false at the end.
  Result<bool> read() {
    BILLING_TRY(any, have(8));
    if (!any) return false;
    const std::size_t key = get_size();
    const std::size_t row = get_size();
    BILLING_TRY(whole, have(key + row));
    if (!whole) return refuse(Code::kStorageFailure, "a file of sorted rows is cut short");
    current.key.assign(buffer_, at_, key);
    current.row.assign(buffer_, at_ + key, row);
    at_ += key + row;
    return true;
  }
  Row current;

 private:
  void put_size(std::size_t size) {
    const auto value = static_cast<std::uint32_t>(size);
    char bytes[4];
    std::memcpy(bytes, &value, 4);
    buffer_.append(bytes, 4);
  }
  std::size_t get_size() {
    std::uint32_t value = 0;
    std::memcpy(&value, buffer_.data() + at_, 4);
    at_ += 4;
    return value;
  }
  Result<bool> have(std::size_t bytes) {
    while (buffer_.size() - at_ < bytes) {
      buffer_.erase(0, at_);
      at_ = 0;
      const std::size_t old = buffer_.size();
      buffer_.resize(old + std::max(bytes, kRunBufferBytes));
      const ssize_t n = ::read(fd_, buffer_.data() + old, buffer_.size() - old);
      buffer_.resize(old + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
      if (n < 0 && errno != EINTR) return failed("a file of sorted rows cannot be read", errno);
      if (n == 0) return buffer_.empty() ? Result<bool>(false) : refuse(Code::kStorageFailure, "sorted rows are cut short");
    }
    return true;
  }
  int fd_;
  std::string buffer_;
  std::size_t at_ = 0;
};

}  // namespace

std::string big_endian(std::uint64_t number) {
  std::string out(8, '\0');
  for (std::size_t i = 8; i-- > 0; number >>= 8U) out[i] = static_cast<char>(number & 0xFFU);
  return out;
}

struct RowSorter::Impl {
  std::string folder;
  std::size_t memory_bytes_max;
  std::vector<Row> rows;
  std::size_t bytes = 0;
  std::vector<std::unique_ptr<Run>> runs;
  std::vector<std::size_t> heap;  // indexes of runs, the least row first
  std::size_t at = 0;
  std::size_t written = 0;
  bool advance = false;  // the run on top gave its row

  Result<std::unique_ptr<Run>> new_run() {
    const int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) return failed("no temporary file in " + folder, errno);
    ++written;
    return std::make_unique<Run>(fd);
  }
  void sort_rows() {
    std::ranges::sort(rows, {}, [](const Row& row) { return std::tie(row.key, row.order); });
  }
  Result<void> spill() {
    sort_rows();
    BILLING_TRY(run, new_run());
    for (const Row& row : rows) BILLING_CHECK(run->write(row.key, row.row));
    rows.clear();
    bytes = 0;
    runs.push_back(std::move(run));
    return runs.size() < kRunsMax ? Result<void>{} : merge_runs();
  }
  bool later(std::size_t a, std::size_t b) const {
    return std::tie(runs[a]->current.key, a) > std::tie(runs[b]->current.key, b);
  }
  void push(std::size_t run) {
    heap.push_back(run);
    std::ranges::push_heap(heap, [this](std::size_t a, std::size_t b) { return later(a, b); });
  }
  Result<void> begin_merge() {
    heap.clear();
    advance = false;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      BILLING_CHECK(runs[i]->rewind());
      BILLING_TRY(any, runs[i]->read());
      if (any) push(i);
    }
    return {};
  }
  Result<const Row*> merge_next() {
    if (advance) {
      std::ranges::pop_heap(heap, [this](std::size_t a, std::size_t b) { return later(a, b); });
      const std::size_t run = heap.back();
      heap.pop_back();
      BILLING_TRY(more, runs[run]->read());
      if (more) push(run);
    }
    advance = !heap.empty();
    return heap.empty() ? nullptr : &runs[heap.front()]->current;
  }
  Result<void> merge_runs() {
    BILLING_TRY(merged, new_run());
    BILLING_CHECK(begin_merge());
    for (;;) {
      BILLING_TRY(row, merge_next());
      if (row == nullptr) break;
      BILLING_CHECK(merged->write(row->key, row->row));
    }
    BILLING_CHECK(merged->flush());
    runs.clear();
    runs.push_back(std::move(merged));
    return {};
  }
};

RowSorter::RowSorter(std::string folder, std::size_t memory_bytes_max)
    : impl_(std::make_unique<Impl>()) {
  impl_->folder = std::move(folder);
  impl_->memory_bytes_max = memory_bytes_max;
}
RowSorter::~RowSorter() = default;

Result<void> RowSorter::add(std::string_view key, std::string_view row) {
  impl_->bytes += key.size() + row.size() + kRowOverhead;
  impl_->rows.push_back({std::string(key), std::string(row), impl_->rows.size()});
  return impl_->bytes < impl_->memory_bytes_max ? Result<void>{} : impl_->spill();
}

Result<void> RowSorter::sort() {
  if (impl_->runs.empty()) {
    impl_->sort_rows();
    return {};
  }
  if (!impl_->rows.empty()) BILLING_CHECK(impl_->spill());
  return impl_->begin_merge();
}

Result<bool> RowSorter::next(std::string_view& key, std::string_view& row) {
  const Row* found = nullptr;
  if (impl_->runs.empty()) {
    if (impl_->at < impl_->rows.size()) found = &impl_->rows[impl_->at++];
  } else {
    BILLING_TRY(merged, impl_->merge_next());
    found = merged;
  }
  if (found == nullptr) return false;
  key = found->key;
  row = found->row;
  return true;
}

std::size_t RowSorter::runs() const { return impl_->written; }

}  // namespace billing::import
