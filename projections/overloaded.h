// Visits a variant with one function for each kind that matters.
#pragma once

namespace billing::views {

template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};

}  // namespace billing::views
