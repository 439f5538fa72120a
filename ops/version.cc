#include "ops/version.h"

namespace billing::ops {
const char* const kVersion = BILLING_VERSION;
const char* const kRevision = BILLING_REVISION;
const char* const kCompiler = BILLING_COMPILER;
}  // namespace billing::ops
