#include "ledger/base/thread_name.h"

#include <pthread.h>

namespace billing {

void name_thread(const char* name) { static_cast<void>(pthread_setname_np(pthread_self(), name)); }

}  // namespace billing
