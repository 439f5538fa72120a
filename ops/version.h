// What this binary is; CMake fills it in.
#pragma once

namespace billing::ops {
extern const char* const kVersion;   // "0.1.0"
extern const char* const kRevision;  // of the source; "unknown" outside a checkout
extern const char* const kCompiler;
}  // namespace billing::ops
