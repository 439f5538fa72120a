#include "ledger/store/info_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <mutex>

#include "ledger/base/date.h"

namespace billing::store::rocks {
namespace {

constexpr std::size_t kLineBytesMax = 4096;

class InfoLog final : public rocksdb::Logger {
 public:
  InfoLog(std::string path, std::size_t bytes_max)
      : rocksdb::Logger(rocksdb::InfoLogLevel::INFO_LEVEL), path_(std::move(path)), bytes_max_(bytes_max) {
    open_file();
  }
  ~InfoLog() override {
    if (file_ >= 0) ::close(file_);
  }
  InfoLog(const InfoLog&) = delete;
  InfoLog& operator=(const InfoLog&) = delete;

  using rocksdb::Logger::Logv;
  __attribute__((format(printf, 2, 0))) void Logv(const char* format, va_list arguments) override {
    std::array<char, kLineBytesMax> line;
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    const std::string time = Instant{now.count()}.text() + " ";
    std::copy(time.begin(), time.end(), line.begin());
    const std::size_t room = line.size() - time.size() - 1;
    const int wanted = std::vsnprintf(line.data() + time.size(), room, format, arguments);
    if (wanted < 0) return;
    std::size_t size = time.size() + std::min(static_cast<std::size_t>(wanted), room - 1);
    line[size++] = '\n';
    write_line(line.data(), size);
  }

 private:
  void open_file() {
    file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    struct stat status {};
    bytes_ = file_ >= 0 && ::fstat(file_, &status) == 0 ? static_cast<std::size_t>(status.st_size) : 0;
  }

  void write_line(const char* line, std::size_t size) {
    std::lock_guard lock(mutex_);
    if (bytes_ + size > bytes_max_) {
      if (file_ >= 0) ::close(file_);
      static_cast<void>(std::rename(path_.c_str(), (path_ + ".1").c_str()));
      open_file();
      if (bytes_ + size > bytes_max_) return;  // it could not be renamed: the limit holds, the line is dropped
    }
    if (file_ < 0) return;
    const ssize_t written = ::write(file_, line, size);  // a full disk loses lines of this file, nothing else
    if (written > 0) bytes_ += static_cast<std::size_t>(written);
  }

  const std::string path_;
  const std::size_t bytes_max_;
  std::mutex mutex_;
  int file_ = -1;
  std::size_t bytes_ = 0;
};

class SilentLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

}  // namespace

std::shared_ptr<rocksdb::Logger> make_info_log(std::string path, std::size_t bytes_max) {
  return std::make_shared<InfoLog>(std::move(path), bytes_max);
}

std::shared_ptr<rocksdb::Logger> make_silent_log() { return std::make_shared<SilentLog>(); }

}  // namespace billing::store::rocks
