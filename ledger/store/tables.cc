#include "ledger/store/tables.h"

namespace billing::store {
namespace {

// A search for each range.
class Searches final : public Walk {
 public:
  explicit Searches(const Snapshot& rows) : rows_(rows) {}
  Result<void> scan(std::string_view begin, std::string_view end, const VisitRows& visit) override {
    return rows_.scan(begin, end, visit);
  }

 private:
  const Snapshot& rows_;
};

}  // namespace

Result<void> Snapshot::get_many(std::span<const std::string> keys, const VisitValue& visit) const {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    BILLING_TRY(value, get(keys[i]));
    if (value) visit(i, *value);
  }
  return {};
}

std::unique_ptr<Walk> Snapshot::walk(std::string_view, std::string_view) const {
  return std::make_unique<Searches>(*this);
}

}  // namespace billing::store
