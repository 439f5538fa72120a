// The API's description (OpenAPI 3.1) and a page to read it, both part of the binary.
#pragma once

#include <string_view>

#include "gateway/http/router.h"

namespace billing::api {

// gateway/api/openapi.json as it was when this was built.
std::string_view openapi_json();

// Adds GET /openapi.json and GET /docs, open to everybody: they say nothing about any customer.
void add_openapi_routes(http::Router& router);

}  // namespace billing::api
