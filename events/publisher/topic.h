// Making sure that the topic is there and is what the protocol needs. Internal to the folder.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "events/publisher/kafka.h"

namespace billing::publisher {

struct TopicCheck {
  bool created = false;
  std::vector<std::string> warnings;  // settings that weaken what we promise, in plain words
};

// Creates the topic when it is missing: one partition, kept for ever, no unclean election. When `must_exist`, a
// missing topic halts instead: somebody deleted it. A topic with another number of partitions halts.
Outcome<TopicCheck> ensure_topic(const Client& client, const PublisherOptions& options, bool must_exist,
                                 const std::function<bool()>& stopped);

}  // namespace billing::publisher
