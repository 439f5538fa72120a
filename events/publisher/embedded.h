// The broker inside the process, for development, and the plain way to publish to it. Internal to the folder.
#pragma once

#include <memory>
#include <string>

#include "events/publisher/progress.h"

struct rd_kafka_mock_cluster_s;

namespace billing::publisher {

class EmbeddedBroker {
 public:
  // Listens on a free port of 127.0.0.1 and has the topic with one partition. Error: kInternal.
  static Result<std::unique_ptr<EmbeddedBroker>> start(const std::string& topic);
  ~EmbeddedBroker();
  std::string bootstrap() const;

 private:
  explicit EmbeddedBroker(Client client) : client_(std::move(client)) {}
  Client client_;
  rd_kafka_mock_cluster_s* cluster_ = nullptr;
};

// Publishes with an idempotent producer without transactions: the log from its beginning, or as much of its end as the broker
// keeps, then what comes. Returns when
// stopped or when the producer has to be made anew.
Trouble publish_embedded(Shared& shared);

}  // namespace billing::publisher
