// A subtree of accounts, each with its own and its subtree's totals, parents before children, in bounded parts.
#include <algorithm>

#include "gateway/api/read_routes.h"
#include "gateway/api/render_views.h"

namespace billing::api {
namespace {

constexpr std::size_t kChildrenAtOnce = 100;

// Where the walk stands at one level: the part of the parent's children, and the last of them that was given.
struct Level {
  std::string page_cursor;
  AccountId last;
};

// The place after the root, before its children.
constexpr std::string_view kAfterRoot = "-";

// The levels as text of [0-9a-z.-]: "cursor-id.cursor-id…", the id without its prefix.
std::string cursor_text(const std::vector<Level>& levels) {
  if (levels.empty()) return std::string(kAfterRoot);
  std::string out;
  for (const Level& level : levels) {
    if (!out.empty()) out += '.';
    out.append(level.page_cursor).append(1, '-').append(base32(level.last.uuid));
  }
  return out;
}

Result<std::vector<Level>> parse_cursor(std::string_view text) {
  std::vector<Level> levels;
  if (text == kAfterRoot) return levels;
  while (!text.empty()) {
    const auto part = text.substr(0, text.find('.'));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    const auto dash = part.find('-');
    if (dash == std::string_view::npos || levels.size() >= static_cast<std::size_t>(kHierarchyDepthMax))
      return refuse(Code::kInvalidCursor);
    const auto id = parse_base32(part.substr(dash + 1));
    if (!id) return refuse(Code::kInvalidCursor);
    levels.push_back({std::string(part.substr(0, dash)), AccountId{*id}});
  }
  return levels;
}

class Walk {
 public:
  Walk(const views::Reader& views, AccountId root, Date date, std::size_t limit, std::size_t depth_max)
      : views_(views), root_(root), date_(date), limit_(limit), depth_max_(depth_max) {}

  struct Node {
    views::Account account;
    std::size_t depth = 0;
  };
  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<Level>& levels() const { return levels_; }

  void begin(const views::Account& root) { nodes_.push_back({root, 0}); }
  // Goes on after `from` until the limit is reached (false, and levels() says where) or all was given (true).
  Result<bool> go(std::vector<Level> from) {
    levels_ = std::move(from);
    bool descend = true;
    BILLING_CHECK(drop_moved());
    while (true) {
      if (descend && nodes_.size() >= limit_) return false;
      BILLING_TRY(went, descend ? into_children() : next_sibling());
      if (went) {
        descend = true;
      } else if (descend) {
        descend = false;  // no children: try the sibling
      } else if (!levels_.empty()) {
        levels_.pop_back();
      }
      if (levels_.empty() && !descend) return true;
    }
  }

 private:
  AccountId parent_of_level(std::size_t level) const { return level == 0 ? root_ : levels_[level - 1].last; }

  // An account that has moved away since is not walked below.
  Result<void> drop_moved() {
    for (std::size_t i = 0; i < levels_.size(); ++i) {
      const auto account = views_.account(levels_[i].last, date_);
      if (account && account->parent == parent_of_level(i)) continue;
      if (!account && account.error().code == Code::kUnknownAccount) return refuse(Code::kInvalidCursor);
      if (!account) return std::unexpected(account.error());
      levels_.resize(i + 1);
      moved_ = true;
      return {};
    }
    return {};
  }

  Result<bool> into_children() {
    if (std::exchange(moved_, false)) return false;
    if (levels_.size() >= depth_max_) return false;
    const AccountId parent = levels_.empty() ? root_ : levels_.back().last;
    BILLING_TRY(page, views_.children(parent, {.limit = kChildrenAtOnce, .cursor = {}}, date_));
    if (page.items.empty()) return false;
    levels_.push_back({{}, page.items.front().id});
    nodes_.push_back({page.items.front(), levels_.size()});
    cache_.resize(levels_.size());
    cache_.back() = std::move(page);
    return true;
  }

  Result<bool> next_sibling() {
    if (levels_.empty()) return false;
    Level& level = levels_.back();
    const AccountId parent = parent_of_level(levels_.size() - 1);
    cache_.resize(levels_.size());
    auto& page = cache_.back();
    if (page.items.empty()) {
      BILLING_TRY(read, views_.children(parent, {.limit = kChildrenAtOnce, .cursor = level.page_cursor}, date_));
      page = std::move(read);
    }
    while (true) {
      const auto next = std::ranges::upper_bound(page.items, level.last, {}, &views::Account::id);
      if (next != page.items.end()) {
        level.last = next->id;
        nodes_.push_back({*next, levels_.size()});
        return true;
      }
      if (page.next.empty()) return false;
      level.page_cursor = page.next;
      BILLING_TRY(following, views_.children(parent, {.limit = kChildrenAtOnce, .cursor = level.page_cursor}, date_));
      if (following.items.empty()) return false;
      page = std::move(following);
    }
  }

  const views::Reader& views_;
  const AccountId root_;
  const Date date_;
  const std::size_t limit_;
  const std::size_t depth_max_;
  bool moved_ = false;
  std::vector<Level> levels_;
  std::vector<views::Page<views::Account>> cache_;  // the part of the children at each level, where it was read
  std::vector<Node> nodes_;
};

Read read_hierarchy(Query& query) {
  const auto id = query.path_id<AccountId>("account_id");
  const auto as_of = query.date("as_of");
  const auto page = query.page();
  const auto depth = query.number("depth", 0, kHierarchyDepthMax).value_or(kHierarchyDepthMax);
  auto from = parse_cursor(page.cursor);
  if (!from) query.refuse_with(from.error().code, "cursor: take it from the answer before.");
  return [=](const Look& look) -> Result<http::Response> {
    const Date date = as_of.value_or(look.today);
    BILLING_TRY(root, look.views->account(id, date));
    BILLING_CHECK(look.may_see(root.customer, Code::kUnknownAccount));
    Walk walk(*look.views, id, date, page.limit, static_cast<std::size_t>(depth));
    if (page.cursor.empty()) walk.begin(root);
    BILLING_TRY(ended, walk.go(*from));
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.key("items");
    json.begin_array();
    for (const auto& node : walk.nodes()) {
      json.begin_object();
      json.member("depth", node.depth);
      write_members(json, node.account);
      json.end_object();
    }
    json.end_array();
    write_or_null(json, "next_cursor", ended ? std::string() : cursor_text(walk.levels()));
    json.end_object();
    return json_response(std::move(out));
  };
}

}  // namespace

void add_hierarchy_read(ReadRoutes& routes) { routes.add("/v1/accounts/{account_id}/hierarchy", read_hierarchy); }

}  // namespace billing::api
