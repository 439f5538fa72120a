// The page behind the one-time link: shows the key once.
#pragma once

#include "gateway/http/router.h"
#include "gateway/identity/admin_key.h"

namespace billing::identity {

// Adds GET /first-login. Opening the link with its token makes the key, shows it and ends the link; HEAD does not.
// `keys` must outlive the router.
void add_first_login(http::Router& router, AdminKey& keys);

}  // namespace billing::identity
