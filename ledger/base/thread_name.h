// Names for threads, as debuggers, profilers and /proc show them.
#pragma once

namespace billing {

// Names the calling thread. At most 15 bytes; what is longer is not taken.
void name_thread(const char* name);

}  // namespace billing
