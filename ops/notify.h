// What the service tells the manager that started it (systemd): datagrams to the socket of $NOTIFY_SOCKET, see sd_notify(3).
//
// libsystemd would bring five more libraries into the process for these forty lines; its manual invites to do without it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace billing::ops::notify {

// Sends assignments, one a line ("READY=1\nSTATUS=…"). Does nothing without the variable; never waits; a manager that is gone
// changes nothing. True when it was sent. Any thread.
bool send(std::string_view assignments);

// What is sent when the service begins to stop: that it does, and that it takes so long as the settings allow and a minute for the
// last writes. Without that a manager kills it at the end of its own patience (TimeoutStopSec).
std::string stopping(std::chrono::seconds at_most);

// How often the manager wants to hear WATCHDOG=1 at least ($WATCHDOG_USEC, for this process); none: not at all.
std::optional<std::chrono::microseconds> watchdog();

}  // namespace billing::ops::notify
