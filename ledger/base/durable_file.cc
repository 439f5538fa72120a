#include "ledger/base/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "ledger/base/descriptor.h"

namespace billing {
namespace {

std::unexpected<Error> failed(const char* doing, const std::string& path) {
  const Code code = errno == ENOSPC || errno == EDQUOT ? Code::kStorageFull : Code::kStorageFailure;
  return refuse(code, std::string("cannot ") + doing + " " + path + ": " + std::strerror(errno));
}

Result<void> sync(const std::string& path, int flags) {
  const Descriptor file(::open(path.c_str(), flags | O_CLOEXEC));
  if (!file.valid()) return failed("open", path);
  if (::fsync(file.get()) != 0) return failed("sync", path);
  return {};
}

}  // namespace

Result<void> sync_file(const std::string& path) { return sync(path, O_RDONLY); }
Result<void> sync_directory(const std::string& path) { return sync(path, O_RDONLY | O_DIRECTORY); }

Result<void> write_file(const std::string& path, std::string_view bytes, ::mode_t mode) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  if (!file.valid()) return failed("create", path);
  if (::fchmod(file.get(), mode) != 0) return failed("protect", path);
  if (!write_all(file.get(), bytes)) return failed("write", path);
  if (::fsync(file.get()) != 0) return failed("sync", path);
  return {};
}

Result<void> rename_durably(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) return failed("rename to", to);
  const std::string directory = std::filesystem::path(to).parent_path();
  return sync_directory(directory.empty() ? "." : directory);
}

Result<void> replace_file(const std::string& path, std::string_view bytes, ::mode_t mode, std::string_view suffix) {
  const std::string fresh = path + std::string(suffix);
  BILLING_CHECK(write_file(fresh, bytes, mode));
  return rename_durably(fresh, path);
}

}  // namespace billing
