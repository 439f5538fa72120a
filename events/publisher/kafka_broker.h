// A real broker for the tests of this folder: started with ops/kafka on a free port, killed and started at will.
#pragma once

#include <string>

#include "events/publisher/publisher.h"
#include "events/publisher/verifier.h"

namespace billing::publisher {

class KafkaBroker {
 public:
  // The broker of this test process, started at the first call; nullptr when java is missing.
  static KafkaBroker* shared();
  ~KafkaBroker();

  bool up();
  // SIGKILL to the JVM, at once.
  void kill_hard() const;
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  const std::string& directory() const { return directory_; }

 private:
  KafkaBroker();
  std::string directory_;
  int port_ = 0;
};

// Options for one test: a topic of its own, one replica, short waits.
PublisherOptions kafka_options(const std::string& topic);
// Reads the whole topic with read_committed.
TopicReport read_topic(const std::string& topic);
// A new empty directory below the broker's, removed with it.
std::string fresh_directory();
bool delete_topic(const std::string& topic);
bool create_topic(const std::string& topic, int partitions);
// Sets the topic's max.message.bytes.
bool set_largest_message(const std::string& topic, int bytes);
// Where the topic ends for a reader of this isolation level.
std::int64_t end_offset(const std::string& topic, bool committed);

}  // namespace billing::publisher
