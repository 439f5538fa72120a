// A reader whose time can run out.
#pragma once

#include <functional>
#include <memory>

#include "projections/views.h"

namespace billing::views {

// Another reader on the same rows, of the same log and keys as the first. Once `over` is true every question ends with
// kReadTooLong, one that is under way too: it is asked at each look-up and after every few rows of a scan, on the thread
// that reads.
std::unique_ptr<Reader> limit_reader(std::shared_ptr<const Reader> reader, const store::Log& log,
                                     const codec::PersonKeys* keys, std::function<bool()> over);

}  // namespace billing::views
