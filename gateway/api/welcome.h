// GET /: what answers here, for a person who came by; and where a problem's `type` leads.
#pragma once

#include <string>

#include "gateway/api/health.h"
#include "gateway/http/router.h"

namespace billing::api {

// Open to everybody. A page for a browser (Accept: text/html), text for everything else: the name, the version, whether the
// service is ready, and where to read on. GET /problems/{code} leads to the code in the documentation.
void add_welcome_routes(http::Router& router, std::string version, HealthSource source);

}  // namespace billing::api
