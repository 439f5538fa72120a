// Names and priorities of threads. Debuggers, profilers and /proc show both.
#pragma once

namespace billing {

// Names the calling thread. At most 15 bytes; what is longer is not taken.
void name_thread(const char* name);

// Makes the calling thread yield the processor to threads of less `niceness` (0, as threads begin, to 19). Where the
// system does not allow it the thread stays as it is.
void lower_priority(int niceness);

}  // namespace billing
