#include "ledger/store/rehearsal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>

namespace billing::store::rocks {
namespace {

constexpr std::chrono::seconds kTimeMax{120};
constexpr std::size_t kTextMax = 2'000;  // of what the child printed, the last of it

std::size_t write_ahead_logs(const std::string& directory) {
  std::size_t count = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() == ".log") ++count;
  }
  return count;
}

[[noreturn]] void open_and_end(const std::function<void()>& open, int output) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const struct ::rlimit none {};
  ::setrlimit(RLIMIT_CORE, &none);
  ::dup2(output, STDERR_FILENO);
  open();
  ::_exit(0);
}

// What the child prints until it ends; nothing more is waited for after kTimeMax.
std::string read_all(int input) {
  std::string text;
  const auto until = std::chrono::steady_clock::now() + kTimeMax;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    struct ::pollfd waited {input, POLLIN, 0};
    if (left.count() <= 0) return text;
    const int ready = ::poll(&waited, 1, static_cast<int>(left.count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return text;
    std::array<char, 512> part;
    const ssize_t got = ::read(input, part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(part.data(), static_cast<std::size_t>(got));
    if (text.size() > kTextMax) text.erase(0, text.size() - kTextMax);
  }
}

std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const auto begin = text.rfind('\n');
  return begin == std::string::npos ? text : text.substr(begin + 1);
}

}  // namespace

Result<void> rehearse_opening(const std::string& directory, const std::function<void()>& open) {
  if (write_ahead_logs(directory) < 2) return {};
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return refuse(Code::kStorageFailure, std::string("pipe: ") + std::strerror(errno));
  const pid_t child = ::fork();
  if (child == 0) open_and_end(open, pipe[1]);
  ::close(pipe[1]);
  const std::string text = child > 0 ? read_all(pipe[0]) : std::string();
  ::close(pipe[0]);
  if (child < 0) return refuse(Code::kStorageFailure, std::string("fork: ") + std::strerror(errno));
  ::kill(child, SIGKILL);  // of one that has ended nothing is left to kill
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFSIGNALED(status)) return {};
  if (WTERMSIG(status) == SIGKILL) {  // by us, or for lack of memory: that says nothing of the files
    return refuse(Code::kStorageFailure,
                  fmt::format("{}: opening it for a trial did not end within {} s, or was killed: start again", directory, kTimeMax.count()));
  }
  return refuse(Code::kCorruptRecord,
                fmt::format("{}: RocksDB cannot open these files and would end the process ({}). They are not those of one "
                            "store, as when a write-ahead log of another one lies among them: restore a backup",
                            directory, text.empty() ? std::string(::strsignal(WTERMSIG(status))) : last_line(text)));
}

}  // namespace billing::store::rocks
