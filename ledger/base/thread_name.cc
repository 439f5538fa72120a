#include "ledger/base/thread_name.h"

#include <pthread.h>
#include <sys/resource.h>

namespace billing {

void name_thread(const char* name) { static_cast<void>(pthread_setname_np(pthread_self(), name)); }

// Of Linux: niceness belongs to each thread, and 0 is the calling one.
void lower_priority(int niceness) {
  if (niceness > 0) static_cast<void>(setpriority(PRIO_PROCESS, 0, niceness));
}

}  // namespace billing
