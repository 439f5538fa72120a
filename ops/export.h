// `billing export journal|events`: the books of a stopped service for other programs.
#pragma once

#include <string>

#include "ops/config.h"

namespace billing::ops {

struct ExportOrder {
  std::string output;  // empty: standard output
  std::string from;    // YYYY-MM-DD or empty
  std::string to;
};

// Exit codes: 0 written, 1 failed (nothing but an unfinished temporary file is left), 2 a date is not valid.
int export_journal(const Config& config, const ExportOrder& order);
int export_events(const Config& config, const ExportOrder& order);

}  // namespace billing::ops
