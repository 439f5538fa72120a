// Figures of a large subtree while payments arrive: how long summary, ageing and group totals take, now and as of a day,
// beside a naive scan of the same rows in the same run. Prints a table; asserts nothing.
//
//     figures DIRECTORY [seconds] [payments a second]
//     figures DIRECTORY past            questions as of past positions: checkpoints, jobs, and asking afterwards
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <thread>

#include "ledger/codec/codec.h"
#include "ledger/domain/state.h"
#include "ledger/store/memory_log.h"
#include "ledger/store/rocks_tables.h"
#include "ledger/store/table_checkpoints.h"
#include "projections/items_view.h"
#include "projections/past_views.h"
#include "projections/projector.h"
#include "projections/scopes.h"
#include "projections/verify.h"
#include "tests/support/measure.h"

namespace billing {
namespace {

using namespace std::chrono_literals;

constexpr int kRegions = 5, kDistricts = 10, kSites = 99;  // 5 x (1 + 10 x (1 + 99)) = 5,005 accounts below the top
constexpr int kInvoices = 200'000;
constexpr int kDaysBack = 120;  // over which invoices are spread; payments over the last half of them

// Commands decided as the service does it, into a log in memory. One thread.
class Books {
 public:
  std::vector<StreamEvent> run(const Command& command) {
    const auto now = Instant{today.days * 86'400'000'000LL + static_cast<std::int64_t>(++commands_)};
    std::array<std::uint8_t, 10> fresh{};
    for (auto& byte : fresh) byte = static_cast<std::uint8_t>(random());
    auto events = need(decide(state_, command, {.now = now, .today = today, .actor = "bench",
                                                .fresh = Uuid::v7({static_cast<std::int64_t>(commands_) * 1'000}, fresh)}));
    for (std::uint32_t i = 0; i < events.size(); ++i) {
      evolve(state_, events[i]);
      add(now, events[i], i, static_cast<std::uint32_t>(events.size()));
    }
    if (records_.size() >= 2'048) commit();
    return events;
  }
  void commit() {
    if (!records_.empty()) need(log->commit(records_, {}));
    records_.clear();
  }
  std::uint64_t below(std::uint64_t bound) { return random() % bound; }

  std::unique_ptr<store::Log> log = store::make_memory_log();
  std::unique_ptr<codec::PersonKeys> keys = need(codec::PersonKeys::open(""));
  std::mt19937_64 random{1};
  Date today = Date::clamped(2026, 6, 30);

 private:
  void add(Instant now, const StreamEvent& event, std::uint32_t index, std::uint32_t count) {
    const codec::Envelope envelope{.position = ++position_,
                                   .stream = event.stream,
                                   .version = ++versions_[event.stream],
                                   .customer = event.customer,
                                   .customer_sequence = position_,
                                   .recorded = now,
                                   .document_date = event.document_date,
                                   .posting_date = event.posting_date,
                                   .actor = "bench",
                                   .command_id = std::to_string(commands_),
                                   .index = index,
                                   .count = count,
                                   .currency = event.currency,
                                   .event = event.event,
                                   .postings = postings_for(event.event)};
    store::Record& record = records_.emplace_back();
    need(codec::encode(envelope, *keys, record));
    record.previous_hash = hash_;
    hash_ = store::record_hash(record);
  }
  State state_;
  std::map<StreamId, std::uint64_t> versions_;
  std::vector<store::Record> records_;
  store::Hash hash_{};
  Position position_ = 0;
  std::uint64_t commands_ = 0;
};

struct Scene {
  Books books;
  Currency usd = *Currency::parse("USD");
  CustomerId customer;
  AccountId top, other, region;
  std::vector<AccountId> sites;  // and all between them and the top
  GroupingId grouping;
  GroupId single, subtree;
  int opened = 0;

  AccountId open(std::optional<AccountId> parent) {
    const std::string name = "A-" + std::to_string(++opened);
    const auto events = books.run(account::Open{.id = {}, .customer = customer, .number = name, .name = name,
                                                .parent = parent, .opened_on = books.today.plus_days(-1'000), .external_id = {},
                                                .role = account::InvoicingRole::kPayer});
    const AccountId id = std::get<account::Opened>(events[0].event).id;
    if (parent) sites.push_back(id);
    return id;
  }
  AccountId any_site() { return sites[books.below(sites.size())]; }
  void issue() {
    const AccountId site = any_site();
    const auto net = static_cast<std::int64_t>(1'000 + books.below(30'000));
    const Line line{.service_account = site, .description = "Plan", .product_code = {}, .quantity = Decimal::from_int(1),
                    .unit_price = Decimal{net * (Decimal::kOne / 100)}, .net = net, .service_period = {}, .taxes = {},
                    .credited_line = {}};
    books.run(invoice::Issue{.header = {.id = {}, .account = site, .purchase_order = {}, .memo = {}, .external_id = {}},
                             .lines = {line},
                             .document_date = books.today.plus_days(-static_cast<std::int32_t>(books.below(kDaysBack))),
                             .due_date = {}, .imported_number = {}, .currency = {}});
  }
  void pay(Date on) {
    books.run(payment::Record{.id = {}, .account = any_site(), .amount = static_cast<std::int64_t>(100 + books.below(900)),
                              .currency = usd, .method = payment::Method::kWire, .reference = "wire", .external_id = {},
                              .received_on = on, .instructions = {}});
  }

  Scene() {
    customer = std::get<customer::Created>(
        books.run(customer::Create{.id = {}, .name = "Acme", .currency = usd, .external_id = {}})[0].event).id;
    top = open({});
    other = open({});
    for (int r = 0; r < kRegions; ++r) {
      region = open(top);
      for (int d = 0; d < kDistricts; ++d) {
        const AccountId district = open(region);
        for (int s = 0; s < kSites; ++s) open(district);
      }
    }
    grouping = std::get<grouping::Created>(
        books.run(grouping::Create{.id = {}, .customer = customer, .name = "Groups"})[0].event).id;
    for (GroupId* group : {&single, &subtree}) {
      *group = std::get<grouping::GroupAdded>(books.run(grouping::AddGroup{
          .id = grouping, .group = {}, .name = group == &single ? "one by one" : "subtree", .parent = {}})[0].event).group;
    }
    const Date from = books.today.plus_days(-500);
    for (std::size_t i = 0; i < sites.size(); i += kItemsMax) {
      books.run(grouping::AddAccounts{.id = grouping, .group = single,
                                      .accounts = {sites.begin() + static_cast<std::ptrdiff_t>(i),
                                                   sites.begin() + static_cast<std::ptrdiff_t>(std::min(i + kItemsMax, sites.size()))},
                                      .from = from});
    }
    books.run(grouping::AddAccounts{.id = grouping, .group = subtree, .accounts = {top}, .with_subtree = true, .from = from});
    for (int i = 0; i < kInvoices; ++i) issue();
    for (int i = 0; i < kInvoices / 4; ++i) pay(books.today.plus_days(-static_cast<std::int32_t>(books.below(kDaysBack / 2))));
    books.commit();
  }
};

struct Measured {
  std::string name;
  std::function<void(const views::Reader&, const views::Source&)> ask;
  std::vector<double> times{};
  double cpu = 0;  // of the asking thread, ms, all times together
};

// What a reader without figures has to do: find the accounts and add up their open items.
void naive_ageing(const views::Source& source, const views::Scope& scope, CustomerId customer, Date date) {
  const auto accounts = need(views::accounts_of(source, scope, date));
  std::array<std::int64_t, 5> buckets{};
  need(views::visit_items(source, customer, accounts, date,
                          [&](AccountId, InvoiceId, const views::ItemRow& row, std::int64_t open) {
    buckets[static_cast<std::size_t>(std::clamp((date.days - row.due_date.days + 29) / 30, 0, 4))] += open;
  }));
}
void naive_totals(const views::Source& source, const views::Scope& scope, Date date, bool latest) {
  views::Figures sum;
  for (const AccountId& id : need(views::accounts_of(source, scope, date))) {
    sum.add(need(views::figures_at(source, views::Scope::only(id), date, latest, views::Detail::kSums)));
  }
}

std::vector<Measured> questions(const Scene& scene) {
  const Date now = scene.books.today;
  const views::Scope subtree = views::Scope::subtree(scene.top);
  const views::Scope by_subtree = views::Scope::of_group(scene.grouping, scene.subtree);
  const views::Scope one_by_one = views::Scope::of_group(scene.grouping, scene.single);
  std::vector<Measured> all;
  const auto add = [&](std::string name, auto ask) { all.push_back({std::move(name), ask}); };
  for (const auto& [when, date] : {std::pair("now", now), std::pair("30 days ago", now.plus_days(-30)),
                                   std::pair("100 days ago", now.plus_days(-100))}) {
    const std::string at = std::string(", ") + when;
    const bool latest = date == now;
    add("summary of the subtree" + at, [=](const auto& reader, const auto&) { need(reader.summary(subtree, date)); });
    add("ageing of the subtree" + at, [=](const auto& reader, const auto&) { need(reader.ageing(subtree, date)); });
    add("totals, group with_subtree" + at, [=](const auto& reader, const auto&) { need(reader.sums(by_subtree, date)); });
    add("totals, group of 5,055 members" + at, [=](const auto& reader, const auto&) { need(reader.sums(one_by_one, date)); });
    add("ageing, group of 5,055 members" + at, [=](const auto& reader, const auto&) { need(reader.ageing(one_by_one, date)); });
    add("naive: ageing of the subtree" + at, [=, customer = scene.customer](const auto&, const auto& source) {
      naive_ageing(source, subtree, customer, date);
    });
    add("naive: totals of the subtree" + at, [=](const auto&, const auto& source) {
      naive_totals(source, subtree, date, latest);
    });
  }
  return all;
}

void print(Measured& measured) {
  auto& times = measured.times;
  std::sort(times.begin(), times.end());
  const auto at = [&](double part) { return times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))]; };
  std::printf("| %s | %zu | %.2f | %.2f | %.2f | %.2f |\n", measured.name.c_str(), times.size(), at(0.5), at(0.99),
              at(0.999), measured.cpu / static_cast<double>(times.size()));
}

// Payments at a steady rate until it is told to stop; half-way a region of 1,001 accounts moves to another root.
void keep_paying(Scene& scene, views::Views& views, const std::atomic<bool>& stop, double seconds, int rate) {
  const auto begin = Clock::now();
  std::uint64_t paid = 0;
  bool moved = false;
  while (!stop) {
    const double elapsed = milliseconds_since(begin) / 1'000;
    for (const auto due = static_cast<std::uint64_t>(elapsed * rate); paid < due; ++paid) scene.pay(scene.books.today);
    scene.books.commit();
    if (!moved && elapsed > seconds / 2) {
      moved = true;
      scene.books.run(hierarchy::Move{.account = scene.region, .new_parent = scene.other});
      scene.books.commit();
      const auto since = Clock::now();
      need(views.wait_for(scene.books.log->head().position, 10s));
      std::printf("a move of 1,001 accounts was in the views after %.1f ms\n", milliseconds_since(since));
    }
    std::this_thread::sleep_for(5ms);
  }
  std::printf("%.0f payments a second were offered\n", static_cast<double>(paid) / (milliseconds_since(begin) / 1'000));
}

int run(const std::string& directory, double seconds, int rate) {
  Scene scene;
  std::filesystem::create_directories(directory);
  const auto tables = need(store::open_rocks_tables({.directory = directory + "/views"}));
  const double cpu = cpu_microseconds(RUSAGE_SELF);
  const Position head = scene.books.log->head().position;
  std::uint64_t rows = 0;
  need(views::rebuild_views(*scene.books.log, scene.books.keys.get(), *tables, head, [&](const auto& progress) {
    rows = progress.rows;
    return true;
  }));
  std::printf("%llu events folded: %.1f us of CPU and %.2f rows each\n", static_cast<unsigned long long>(head),
              (cpu_microseconds(RUSAGE_SELF) - cpu) / static_cast<double>(head), static_cast<double>(rows) / static_cast<double>(head));
  views::Views views(*scene.books.log, scene.books.keys.get(), *tables);
  views::ProjectorOptions options;
  options.now = [&] { return Instant{(scene.books.today.days + 1) * 86'400'000'000LL}; };
  const auto projector = need(views::Projector::start(*scene.books.log, scene.books.keys.get(), *tables, views, options));
  std::atomic<bool> stop = false;
  std::thread payer([&] { keep_paying(scene, views, stop, seconds, rate); });
  auto all = questions(scene);
  const auto begin = Clock::now();
  while (milliseconds_since(begin) < seconds * 1'000) {
    for (Measured& measured : all) {
      // What takes little is asked more often, so that its percentiles mean something.
      for (double spent = 0; spent < 20;) {
        const auto reader = views.read();
        const auto snapshot = tables->snapshot();
        const double before = cpu_microseconds(RUSAGE_THREAD);
        const auto since = Clock::now();
        measured.ask(*reader, {*snapshot, *scene.books.log, nullptr});
        spent += measured.times.emplace_back(milliseconds_since(since));
        measured.cpu += (cpu_microseconds(RUSAGE_THREAD) - before) / 1'000;
      }
    }
  }
  std::printf("views %llu events behind at the end\n", static_cast<unsigned long long>(projector->metrics().lag_events));
  stop = true;
  payer.join();
  need(views.wait_for(scene.books.log->head().position, 600s));
  scene.books.run(hierarchy::Move{.account = scene.region, .new_parent = scene.top});
  const auto moved = Clock::now();
  scene.books.commit();
  need(views.wait_for(scene.books.log->head().position, 10s));
  std::printf("the move back, without load: %.1f ms\n", milliseconds_since(moved));
  const auto metrics = projector->metrics();
  std::printf("%.2f rows a payment, %.0f events a batch\n\n| ms | times | p50 | p99 | p99.9 | CPU, mean |\n|---|---|---|---|---|---|\n",
              static_cast<double>(metrics.rows_written) / static_cast<double>(metrics.events_applied),
              static_cast<double>(metrics.events_applied) / static_cast<double>(metrics.batches));
  for (Measured& measured : all) print(measured);
  return 0;
}

// The job for a position and the same question afterwards, beside the question at the head.
void ask_past(const Scene& scene, const views::Views& views, views::PastViews& past, Position position, Position base) {
  const auto before = past.metrics();
  const auto since = Clock::now();
  const auto job = need(past.at(position));
  while (!job->answer()) std::this_thread::sleep_for(1ms);
  const double took = milliseconds_since(since);
  const auto reader = need(*job->answer());
  const auto events = past.metrics().events - before.events;
  const auto summary = [&](const views::Reader& asked) {
    const auto begin = Clock::now();
    for (int i = 0; i < 100; ++i) need(asked.summary(views::Scope::subtree(scene.top), scene.books.today));
    return milliseconds_since(begin) / 100;
  };
  const double then = summary(*reader), now = summary(*views.read());
  std::printf("| %llu | %llu | %llu | %.0f | %.1f | %.2f | %.2f |\n", static_cast<unsigned long long>(position),
              static_cast<unsigned long long>(base), static_cast<unsigned long long>(events), took,
              static_cast<double>(past.metrics().bytes_kept) / 1e6, then, now);
}

int run_past(const std::string& directory) {
  constexpr std::uint64_t kInterval = 32'768;
  Scene scene;
  const auto& log = *scene.books.log;
  const Position head = log.head().position;
  std::filesystem::create_directories(directory);
  const auto tables = need(store::open_rocks_tables({.directory = directory + "/views"}));
  std::vector<store::DroppedCheckpoint> dropped;
  const auto copies = need(store::open_rocks_checkpoints(*tables, {.directory = directory + "/checkpoints"}, &dropped));
  const auto checkpoints =
      need(views::ViewCheckpoints::open(log, *copies, {.interval = kInterval, .kept_max = 64, .on_problem = {}}));
  std::vector<double> costs;
  need(views::rebuild_views(log, scene.books.keys.get(), *tables, head, [&](const views::FoldProgress& at) {
    if (at.position % kInterval != 0) return true;
    const auto since = Clock::now();
    checkpoints->reached(at.position);
    costs.push_back(milliseconds_since(since));
    return true;
  }));
  std::sort(costs.begin(), costs.end());
  std::printf("%zu checkpoints over %llu events: %.1f ms each (median), %.1f at most\n\n", costs.size(),
              static_cast<unsigned long long>(head), costs[costs.size() / 2], costs.back());
  views::Views live(log, scene.books.keys.get(), *tables);
  live.advanced(head);
  std::printf("| position | checkpoint | folded | job, ms | rows in memory, MB | summary as of it, ms | now, ms |\n"
              "|---|---|---|---|---|---|---|\n");
  const auto ask = [&](Position position, Position base) {
    views::PastViews past(log, scene.books.keys.get(), live, *checkpoints, {.kept_max = 1});
    ask_past(scene, live, past, position, base);
  };
  const Position last = head / kInterval * kInterval;
  for (const Position ahead : {Position{1'000}, Position{10'000}, kInterval - 1}) ask(last - kInterval + ahead, last - kInterval);
  for (Position one = 2 * kInterval; one <= last; one += kInterval) need(copies->drop(one));
  const auto sparse = need(views::ViewCheckpoints::open(log, *copies, {.interval = kInterval, .kept_max = 64, .on_problem = {}}));
  views::PastViews past(log, scene.books.keys.get(), live, *sparse, {.kept_max = 1});
  ask_past(scene, live, past, head - 1, kInterval);
  return 0;
}

}  // namespace
}  // namespace billing

int main(int count, char** values) {
  if (count < 2) {
    std::fprintf(stderr, "usage: figures DIRECTORY [seconds] [payments a second] | DIRECTORY past\n");
    return 2;
  }
  if (count > 2 && std::strcmp(values[2], "past") == 0) return billing::run_past(values[1]);
  return billing::run(values[1], count > 2 ? std::atof(values[2]) : 30, count > 3 ? std::atoi(values[3]) : 5'000);
}
