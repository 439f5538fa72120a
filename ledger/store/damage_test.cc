// Seeded damage to a store: never a crash, never a silently wrong answer. BILLING_DAMAGE_CASES sets how many cases.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "ledger/store/rocks_log.h"
#include "ledger/store/store_testing.h"
#include "ledger/store/verify_files.h"

namespace billing::store {
namespace {
namespace fs = std::filesystem;
using testing::slurp;
using testing::spit;

class Damage : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 3; ++i) {
      auto log = open_rocks_log({.directory = directory_.path("good/ledger"), .witness_dir = directory_.path("good/witness")});
      ASSERT_TRUE(log.has_value());
      testing::fill(**log, 5, 20, 700);
      head_ = (*log)->head();
    }
    for (const auto& entry : fs::directory_iterator(directory_.path("good/ledger"))) {
      if (entry.file_size() > 0) names_.push_back(entry.path().filename());
    }
    std::sort(names_.begin(), names_.end());
  }

  // Damages one file of a fresh copy; says what was done, nothing when the bytes happen to be the same.
  std::string damage(std::mt19937& random) {
    fs::remove_all(copy());
    fs::copy(directory_.path("good"), copy(), fs::copy_options::recursive);
    const std::string name = names_[random() % names_.size()];
    const std::string path = copy() + "/ledger/" + name;
    const std::string good = slurp(path);
    std::string bad = good;
    const std::size_t at = random() % bad.size();
    std::string what;
    switch (random() % 5) {
      case 0:
      case 1:
        bad[at] = static_cast<char>(bad[at] ^ (1 << (random() % 8)));
        what = "bit flip";
        break;
      case 2:
        std::fill_n(bad.begin() + static_cast<std::ptrdiff_t>(at), std::min<std::size_t>(512, bad.size() - at), '\0');
        what = "zeroed sector";
        break;
      case 3:
        bad.resize(at);
        what = "truncation";
        break;
      default:
        bad = slurp(copy() + "/ledger/" + names_[random() % names_.size()]);
        what = "swapped file";
    }
    if (bad == good) return "";
    spit(path, bad);
    return what + " of " + name + " at " + std::to_string(at);
  }

  std::string copy() const { return directory_.path("copy"); }

  // True when the damaged store is refused, or still has every record unchanged.
  bool answers_rightly() {
    const auto log = open_rocks_log({.directory = copy() + "/ledger", .witness_dir = copy() + "/witness"});
    if (!log) return true;
    Head head;
    const auto read = (*log)->read(1, SIZE_MAX, [&](const Record& record) {
      head = {record.position, record_hash(record)};
      return true;
    });
    return !read || (head == head_ && (*log)->head() == head_);
  }

  testing::TempDirectory directory_;
  std::vector<std::string> names_;
  Head head_;
};

TEST_F(Damage, IsReportedAndNeverGivesAWrongAnswer) {
  const char* const wanted = std::getenv("BILLING_DAMAGE_CASES");
  const int cases = wanted != nullptr ? std::atoi(wanted) : 60;
  std::mt19937 random(2026);  // NOLINT: the same cases every time
  for (int i = 0; i < cases; ++i) {
    const std::string what = damage(random);
    if (what.empty()) continue;
    EXPECT_FALSE(verify_files(copy() + "/ledger", copy() + "/witness").empty()) << "not reported: " << what;
    EXPECT_TRUE(answers_rightly()) << "a wrong answer after " << what;
  }
}

}  // namespace
}  // namespace billing::store
