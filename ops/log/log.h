// The service's log on standard error: lines with a level, an event, a message and typed fields.
#pragma once

#include <cstdint>
#include <string_view>

#include "ops/log/line.h"

namespace billing::ops::log {

// "debug", "info", "warning" or "error".
bool is_level(std::string_view level);
// "auto", "plain" or "json".
bool is_format(std::string_view format);

// Opens the log; until then, and after close(), lines are nothing. "auto" is plain where standard error is a terminal, else
// JSON. Both texts are checked ones. One thread, before the others start.
void open(std::string_view format, std::string_view level);
// Writes what waits. When the other threads that write lines have ended.
void close();
// Whether lines are JSON.
bool is_json();

// Any thread, at any time; what is_level() refuses changes nothing.
void set_level(std::string_view level);

// Any thread; none waits for the disk. `event` is a literal: a stable snake_case name by which lines are found. Of one
// event so many lines are written in ten seconds, and how many more there were. Lines hold no secret and no personal data:
// that is the caller's duty.
void debug(std::string_view event, std::string_view message, Fields fields = {});
void info(std::string_view event, std::string_view message, Fields fields = {});
void warning(std::string_view event, std::string_view message, Fields fields = {});
void error(std::string_view event, std::string_view message, Fields fields = {});
// A line of the access log, of the event "request". Any thread; with its queue full the oldest line is dropped.
void access(Fields fields);

// Says how many lines were left out where that is due; about every second, one thread.
void settle();
// Lines that were lost since the start, of the access log and others. Any thread.
std::uint64_t dropped_lines();

}  // namespace billing::ops::log
