// Who gives a command or reads: the caller as the rest of the gateway sees it.
#pragma once

#include <string>

#include "ledger/base/ids.h"

namespace billing::identity {

struct Principal {
  std::string name;   // goes into the events as `actor`: the name of the key, never the key
  CustomerId tenant;  // nil: the operator, who may act for every customer
  friend bool operator==(const Principal&, const Principal&) = default;
};

}  // namespace billing::identity
