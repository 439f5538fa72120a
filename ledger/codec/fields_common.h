// Field lists (fields.h): what several events share, and the marks that a field of a list may carry.
#pragma once

#include <concepts>
#include <type_traits>

#include "ledger/domain/event.h"

namespace billing::codec {

// The type or the const type: lists serve writers and readers alike.
template <class E, class T>
concept Is = std::same_as<std::remove_const_t<E>, T>;

// An edition of the schema adds events and fields to the one before, and changes nothing else. 1: release 0.1;
// 2: roles, addresses, computed tax, refunds, deposits, plans, periods; 3: follow-ups, the tax of a recovery,
// exchange differences; 4: groupings and groups deleted, the parts of a
// postal address, late money.
inline constexpr std::uint32_t kEdition = 4;

// Marks a field that an edition added to a message of before. Older records do not have it: then it has its default.
template <class T>
struct Since {
  std::uint32_t edition;
  T& value;
};
template <class T>
  requires(!std::is_enum_v<T>)
Since<T> since(std::uint32_t edition, T& value) {
  return {edition, value};
}
// The same for an enum, whose default is not 0: `absent` stands for a field that is not written, and is never written.
template <class Enum>
struct SinceEnum {
  std::uint32_t edition;
  Enum& value;
  std::remove_const_t<Enum> absent;
};
template <class Enum>
SinceEnum<Enum> since(std::uint32_t edition, Enum& value, std::remove_const_t<Enum> absent) {
  return {edition, value, absent};
}

// Marks a month_index, which people read as YYYY-MM.
template <class T>
struct Month {
  T& index;
};

template <class V, Is<Period> E>
void fields(V& v, E& e) {
  v(1, "from_date", e.from);
  v(2, "to_date", e.to);
}
template <class V, Is<Tax> E>
void fields(V& v, E& e) {
  v(1, "authority", e.authority);
  v(2, "code", e.code);
  v(3, "rate", e.rate);
  v(4, "basis", e.basis);
  v(5, "amount", e.amount);
  v(6, "exempt_reason", e.exempt_reason);
  v(7, "computed", since(2, e.computed));
}
template <class V, Is<Line> E>
void fields(V& v, E& e) {
  v(1, "service_account", e.service_account);
  v(2, "description", e.description);
  v(3, "product_code", e.product_code);
  v(4, "revenue_code", e.revenue_code);
  v(5, "quantity", e.quantity);
  v(6, "unit_price", e.unit_price);
  v(7, "net", e.net);
  v(8, "service_period", e.service_period);
  v(9, "taxes", e.taxes);
  v(10, "credited_line", e.credited_line);
  v(11, "discount", since(2, e.discount));
  v(12, "late_fee_for", since(2, e.late_fee_for));
}
template <class V, Is<Share> E>
void fields(V& v, E& e) {
  v(1, "account", e.account);
  v(2, "amount", e.amount);
}
template <class V, Is<RevenueShare> E>
void fields(V& v, E& e) {
  v(1, "ledger", e.ledger);
  v(2, "amount", e.amount);
}
template <class V, Is<Allocation> E>
void fields(V& v, E& e) {
  v(1, "invoice", e.invoice);
  v(2, "account", e.account);
  v(3, "amount", e.amount);
}
template <class V, Is<Posting> E>
void fields(V& v, E& e) {
  v(1, "ledger", e.ledger);
  v(2, "amount", e.amount);
  v(3, "account", e.account);
  v(4, "item", e.item);
  v(5, "currency", since(2, e.currency));
}
template <class V, Is<CreditPart> E>
void fields(V& v, E& e) {
  v(1, "account", e.account);
  v(2, "source", e.source);
  v(3, "source_id", e.source_id);
  v(4, "amount", e.amount);
}
template <class V, Is<Settlement> E>
void fields(V& v, E& e) {
  v(1, "amount", e.amount);
  v(2, "currency", e.currency);
  v(3, "rate", e.rate);
  v(4, "source", e.source);
}
template <class V, Is<Takeback> E>
void fields(V& v, E& e) {
  v(1, "amount", e.amount);
  v(2, "credits", e.credits);
  v(3, "reopened", e.reopened);
  v(4, "settled", e.settled);
}

}  // namespace billing::codec
