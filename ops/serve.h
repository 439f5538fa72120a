// `billing serve`: runs until SIGTERM or SIGINT; SIGHUP reads the settings again.
#pragma once

#include "ops/config.h"
#include "ops/reload.h"

namespace billing::ops {

// `config` is what `settings` say; `read` reads them again. Returns the exit code: 0 stopped as asked, 1 could not start.
int serve(const Config& config, const Settings& settings, const ReadSettings& read);

}  // namespace billing::ops
