#include "projections/customers_view.h"

namespace billing::views {
namespace {

Key row_key(CustomerId id) { return Key(Table::kCustomer).add(id); }

Customer present(CustomerId id, CustomerRow row) {
  return {.id = id,
          .name = std::move(row.name),
          .currency = row.currency,
          .external_id = std::move(row.external_id),
          .created = row.created,
          .version = row.version,
          .hierarchy_version = row.hierarchy_version};
}

}  // namespace

void customers::apply(const codec::Envelope& event, Rows& rows) {
  if (const auto* created = std::get_if<customer::Created>(&event.event)) {
    rows.save_new(row_key(created->id), CustomerRow{.name = created->name,
                                                    .currency = created->currency,
                                                    .external_id = created->external_id,
                                                    .created = event.recorded,
                                                    .version = event.version});
    if (!created->external_id.empty()) {
      rows.append(Key(Table::kCustomerByExternalId).text(created->external_id).add(created->id), {});
    }
    return;
  }
  if (event.stream.kind != StreamKind::kHierarchy && event.stream.kind != StreamKind::kCustomer) return;
  const Key key = row_key(event.customer);
  auto row = rows.load<CustomerRow>(key);
  if (!row) return rows.damaged(key);
  (event.stream.kind == StreamKind::kHierarchy ? row->hierarchy_version : row->version) = event.version;
  rows.save(key, *row);
}

Result<CustomerRow> find_customer(const Source& source, CustomerId id) {
  BILLING_TRY(row, row_at<CustomerRow>(source, row_key(id)));
  if (!row) return refuse(Code::kUnknownCustomer, "there is no customer " + id.text());
  return std::move(*row);
}

Result<Customer> read_customer(const Source& source, CustomerId id) {
  BILLING_TRY(row, find_customer(source, id));
  return present(id, std::move(row));
}

Result<Currency> currency_of(const Source& source, CustomerId id) {
  BILLING_TRY(row, find_customer(source, id));
  return row.currency;
}

Result<Page<Customer>> list_customers(const Source& source, const PageRequest& request) {
  Page<Customer> page;
  BILLING_CHECK(page_of(source, Key(Table::kCustomer), request, false, page,
                            [&](std::string_view tail, std::string_view value) -> Result<bool> {
                              auto row = parse_row<CustomerRow>(value);
                              if (!row) return std::unexpected(unreadable_row(tail));
                              page.items.push_back(present(KeyReader(tail, 0).id<CustomerId>(), std::move(*row)));
                              return true;
                            }));
  return page;
}

Result<Page<Customer>> list_customers_by_external_id(const Source& source, std::string_view external_id,
                                                     const PageRequest& request) {
  Page<Customer> page;
  BILLING_CHECK(page_of(source, Key(Table::kCustomerByExternalId).text(external_id), request, false, page,
                            [&](std::string_view tail, std::string_view) -> Result<bool> {
                              BILLING_TRY(found, read_customer(source, KeyReader(tail, 0).id<CustomerId>()));
                              page.items.push_back(std::move(found));
                              return true;
                            }));
  return page;
}

}  // namespace billing::views
