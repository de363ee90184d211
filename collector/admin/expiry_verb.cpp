#include "collector/admin/expiry_verb.h"

#include "collector/admin/ask.h"
#include "collector/admin/expiry_table.h"
#include "collector/expiry/expiry_kind.h"

namespace muster::collector {
namespace {

Channel::Query query_of(const ExpiryChoice& choice) {
  Channel::Query query;
  if (!choice.within.empty()) query.emplace_back("within", choice.within);
  if (!choice.after.empty()) query.emplace_back("after", choice.after);
  for (const std::string& kind : choice.kinds)
    query.emplace_back("kind", kind);
  // A table has no room for each host's, which it renews by itself every few days.
  for (const ExpiryKindRow& row : all_expiry_kinds()) {
    const bool is_shown = row.kind != v1::EXPIRY_KIND_AGENT_CERTIFICATE;
    if (choice.format == "table" && choice.kinds.empty() && is_shown) {
      query.emplace_back("kind", row.name);
    }
  }
  for (const std::string& owner : choice.owners)
    query.emplace_back("owner", owner);
  for (const std::string& label : choice.labels)
    query.emplace_back("label", label);
  if (choice.format != "table") query.emplace_back("format", choice.format);
  return query;
}

}  // namespace

int show_expiry(const Config& config, const Clock& clock, const ExpiryChoice& choice,
                const TerminalStyle& style) {
  Channel channel(config, clock);
  const absl::StatusOr<std::string> answer = channel.get("/admin/v1/expiry", query_of(choice));
  if (!answer.ok()) return fail(answer.status());
  if (choice.format != "table") {
    print(*answer);
    return 0;
  }
  const absl::StatusOr<v1::ExpiryList> list = parse_answer<v1::ExpiryList>(*answer);
  if (!list.ok()) return fail(list.status());
  print(expiry_table(*list, clock.now(), style));
  return 0;
}

}  // namespace muster::collector
