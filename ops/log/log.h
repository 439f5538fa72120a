// The service's log lines on standard error: time, level, text. spdlog lives here.
#pragma once

#include <string_view>

namespace billing::ops::log {

// "debug", "info", "warning" or "error".
bool is_level(std::string_view level);
// One that is_level(); another one changes nothing. Before the first line.
void set_level(std::string_view level);
// Any thread. Lines hold no secret and no personal data: that is the caller's duty.
void info(std::string_view text);
void warning(std::string_view text);
void error(std::string_view text);

}  // namespace billing::ops::log
