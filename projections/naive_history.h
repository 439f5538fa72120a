// Histories for the naive model: commands of every kind on two customers with a forest each, most of them such that they
// are accepted. A seed makes the same history always.
#pragma once

#include "projections/history_testing.h"
#include "tests/support/random_commands.h"

namespace billing::views::naive {

class BusyHistory {
 public:
  explicit BusyHistory(std::uint64_t seed);
  // Gives so many commands; refused ones count too.
  void run(std::size_t commands);

  History& history() { return history_; }
  const State& state() const { return story_.state; }
  Date today() const { return story_.today; }
  static inline const CustomerId kSecond{billing::testing::Story::id(2, 1)};

 private:
  std::uint64_t below(std::uint64_t bound) { return commands_.below(bound); }
  bool one_in(std::uint64_t n) { return commands_.one_in(n); }
  // One of the objects there are that `fits`, or nullptr.
  template <class Map>
  const typename Map::mapped_type* any(const Map& map, auto&& fits);
  template <class Map>
  const typename Map::mapped_type* any(const Map& map);
  bool tell(const Command& command);
  void next_day();
  void close_month();

  AccountId any_account();
  const invoice::State* any_issued();
  const payment::State* any_succeeded();
  // The amount divided by 1 to `least`; at least 1.
  std::int64_t part_of(std::int64_t amount, std::uint64_t least);
  Date back(std::uint64_t days) { return story_.today.plus_days(-static_cast<std::int32_t>(below(days))); }
  std::optional<Date> perhaps_back(std::uint64_t days);
  Line line(AccountId service);
  std::vector<Line> lines(AccountId owner, Date date);
  std::vector<payment::Instruction> instructions(CustomerId customer, std::int64_t amount);

  void one();
  void open_account();
  void change_account();
  void issue();
  void draft();
  void correct_invoice();
  void credit_note();
  void pay();
  void request();
  void correct_payment();
  bool exchange();  // false when nothing was settled in another currency
  void refund();
  void chargeback();
  void move_credit();
  void dispute();
  void deposit();
  void plan_or_method();
  void group();
  void people();
  void report();

  billing::testing::Story story_;
  billing::testing::RandomCommands commands_;
  History history_;
  std::uint32_t serial_ = 100'000;
};

template <class Map>
const typename Map::mapped_type* BusyHistory::any(const Map& map, auto&& fits) {
  if (map.empty()) return nullptr;
  for (int tries = 0; tries < 8; ++tries) {
    auto found = map.begin();
    std::advance(found, static_cast<std::ptrdiff_t>(below(map.size())));
    if (fits(found->second)) return &found->second;
  }
  return nullptr;
}
template <class Map>
const typename Map::mapped_type* BusyHistory::any(const Map& map) {
  return any(map, [](const auto&) { return true; });
}

}  // namespace billing::views::naive
