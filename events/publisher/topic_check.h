// The rules that a whole topic keeps, checked record by record. Pure: no Kafka, no clock.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "events/publisher/wire.h"

namespace billing::publisher {

// What a pass over the topic found.
struct TopicReport {
  std::uint64_t events = 0;
  Position first = 0;  // position of the first event met; 0 when there is none
  Position last = 0;   // position of the last one
  store::Hash hash{};  // its hash
  std::uint64_t claims = 0;
  std::uint64_t epoch = 0;      // the highest writer epoch met
  std::uint64_t customers = 0;  // customers with an event
  std::uint64_t foreign = 0;    // records that are not ours (each also a problem)
  std::uint64_t problem_count = 0;
  std::vector<std::string> problems;  // the first 100, in plain words with offset and position
  bool sound() const { return problem_count == 0; }
};

class TopicChecker {
 public:
  // `from_start`: the first event must be position 1 with a zero previous hash. Else the first one met is taken as the
  // beginning, and so is the first sequence met of each customer.
  explicit TopicChecker(bool from_start) : from_start_(from_start) {}

  // Records in offset order. After a problem the check goes on from what was met.
  void take(const TopicRecord& record);
  const TopicReport& report() const { return report_; }

 private:
  void take_event(const TopicRecord& event);
  void check_order(const TopicRecord& event);
  void check_customer(const TopicRecord& event);
  void check_content(const TopicRecord& event);
  void take_claim(const TopicRecord& claim);
  void problem(const TopicRecord& record, std::string text);

  bool from_start_;
  TopicReport report_;
  std::unordered_map<Uuid, std::uint64_t> sequences_;
};

}  // namespace billing::publisher
