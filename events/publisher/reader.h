// Reading the topic as a committed reader sees it: the verifier's way, and how the publisher finds its place.
// Internal to the folder.
#pragma once

#include <chrono>
#include <functional>

#include "events/publisher/kafka.h"
#include "events/publisher/wire.h"

namespace billing::publisher {

struct Offsets {
  std::int64_t low = 0;
  std::int64_t end = 0;  // the offset behind the last record that this isolation level sees
};

enum class Isolation : std::uint8_t { kCommitted, kUncommitted };

// A client that asks and reads, never writes and never creates a topic.
Outcome<Client> make_reading_client(const Connection& connection, Isolation isolation);

// Where partition 0 begins and ends. With kCommitted the end is the last stable offset, else the high watermark.
Outcome<Offsets> query_offsets(const Client& client, const std::string& topic, std::chrono::milliseconds at_most);

// Reads partition 0 with read_committed. One thread.
class Reader {
 public:
  enum class Step : std::uint8_t { kRecord, kEnd, kNothing };

  static Outcome<Reader> open(const Connection& connection);
  ~Reader();
  Reader(Reader&& other) noexcept;
  Reader& operator=(Reader&&) = delete;

  Outcome<Offsets> offsets(std::chrono::milliseconds at_most) const;
  // Reads from `offset` on.
  Outcome<void> seek(std::int64_t offset);
  // kRecord: visit was called. kEnd: the end is reached (once each time it is). kNothing: the time is over.
  // What `visit` is given lives for the call only.
  Outcome<Step> next(std::chrono::milliseconds at_most, const std::function<void(const TopicRecord&)>& visit);
  const Client& client() const { return client_; }

 private:
  Reader(Client client, rd_kafka_topic_t* topic, std::string name);
  void close();
  Client client_;
  rd_kafka_topic_t* topic_ = nullptr;
  std::string name_;
  bool reading_ = false;
  TopicRecord record_;
};

// Reads from where the reader was sent on and hands over what lies before offset `end`, until that is passed, the topic's end is
// reached or `visit` returns false. Trouble as of Reader::next, and when nothing arrives for `patience`.
Outcome<void> read_until(Reader& reader, std::int64_t end, std::chrono::milliseconds patience,
                         const std::function<bool(const TopicRecord&)>& visit);

// The end of the topic as a new writer needs it.
struct Tail {
  store::Head head;              // the last committed event; position 0 when there is none
  std::uint64_t epoch = 0;       // the highest one met
  std::uint64_t claim_epoch = 0;  // of the newest CLAIM met, 0 without one
  std::string claim_node;
  std::uint64_t foreign = 0;  // records that are not ours
  std::uint64_t read = 0;     // records read
};

// Reads back from the end, further and further, until a window holds an event or the topic's start is reached.
// `stopped` is asked between records. Halts when positions in the tail do not rise by one.
Outcome<Tail> read_tail(const Connection& connection, const std::function<bool()>& stopped);

}  // namespace billing::publisher
