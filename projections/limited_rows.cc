#include "projections/limited_rows.h"

#include <utility>

namespace billing::views {
namespace {

constexpr std::size_t kRowsBetween = 64;  // of a scan; asking costs some ten nanoseconds

class Limit {
 public:
  explicit Limit(std::function<bool()> over) : over_(std::move(over)) {}
  Result<void> check() const {
    if (over_()) return too_long();
    return {};
  }
  // Gives `scan` a visit that ends it when time is over.
  template <class Scan>
  Result<void> during(const store::VisitRows& visit, const Scan& scan) const {
    BILLING_CHECK(check());
    std::size_t rows = 0;
    bool ended = false;
    BILLING_CHECK(scan([&](std::string_view key, std::string_view value) {
      if (++rows % kRowsBetween == 0) ended = over_();
      return !ended && visit(key, value);
    }));
    if (ended) return too_long();
    return {};
  }

 private:
  static std::unexpected<Error> too_long() {
    return refuse(Code::kReadTooLong, "Ask for fewer rows: a shorter period, a smaller scope or a page.");
  }
  const std::function<bool()> over_;
};

class LimitedWalk final : public store::Walk {
 public:
  LimitedWalk(std::unique_ptr<store::Walk> walk, std::shared_ptr<const Limit> limit)
      : walk_(std::move(walk)), limit_(std::move(limit)) {}
  Result<void> scan(std::string_view begin, std::string_view end, const store::VisitRows& visit) override {
    return limit_->during(visit, [&](const store::VisitRows& limited) { return walk_->scan(begin, end, limited); });
  }

 private:
  const std::unique_ptr<store::Walk> walk_;
  const std::shared_ptr<const Limit> limit_;
};

class LimitedRows final : public store::Snapshot {
 public:
  LimitedRows(std::shared_ptr<const Reader> reader, std::function<bool()> over)
      : reader_(std::move(reader)), limit_(std::make_shared<const Limit>(std::move(over))) {}
  Result<std::optional<std::string>> get(std::string_view key) const override {
    BILLING_CHECK(limit_->check());
    return rows().get(key);
  }
  Result<void> get_many(std::span<const std::string> keys, const VisitValue& visit) const override {
    BILLING_CHECK(limit_->check());
    return rows().get_many(keys, visit);
  }
  Result<void> scan(std::string_view begin, std::string_view end, const store::VisitRows& visit,
                    bool reverse) const override {
    return limit_->during(visit,
                          [&](const store::VisitRows& limited) { return rows().scan(begin, end, limited, reverse); });
  }
  std::unique_ptr<store::Walk> walk(std::string_view begin, std::string_view end) const override {
    return std::make_unique<LimitedWalk>(rows().walk(begin, end), limit_);
  }

 private:
  const store::Snapshot& rows() const { return reader_->rows(); }
  const std::shared_ptr<const Reader> reader_;
  const std::shared_ptr<const Limit> limit_;
};

}  // namespace

std::unique_ptr<Reader> limit_reader(std::shared_ptr<const Reader> reader, const store::Log& log,
                                     const codec::PersonKeys* keys, std::function<bool()> over) {
  OverdueSteps steps = reader->steps();
  return std::make_unique<Reader>(std::make_unique<LimitedRows>(std::move(reader), std::move(over)), log, keys,
                                  std::move(steps));
}

}  // namespace billing::views
