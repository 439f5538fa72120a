// Customers: who they are, by id and by the id that another system knows them by.
#pragma once

#include "projections/rows.h"
#include "projections/source.h"

namespace billing::views {

struct CustomerRow {
  std::string name{};
  Currency currency{};
  std::string external_id{};
  Instant created{};
  std::uint64_t version = 0;
  std::uint64_t hierarchy_version = 0;
  static void fields(auto& row, auto& archive) {
    archive(row.name, row.currency, row.external_id, row.created, row.version, row.hierarchy_version);
  }
};

namespace customers {
void apply(const codec::Envelope& event, Rows& rows);
}

// Error: kUnknownCustomer.
Result<CustomerRow> find_customer(const Source& source, CustomerId id);
Result<Customer> read_customer(const Source& source, CustomerId id);
Result<Page<Customer>> list_customers(const Source& source, const PageRequest& page);
Result<Page<Customer>> list_customers_by_external_id(const Source& source, std::string_view external_id,
                                                     const PageRequest& page);
Result<Currency> currency_of(const Source& source, CustomerId id);

}  // namespace billing::views
