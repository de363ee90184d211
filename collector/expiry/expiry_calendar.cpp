#include "collector/expiry/expiry_calendar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <tuple>

#include "collector/expiry/facts_reader.h"
#include "common/digest.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

// No constant, because of the map in it.
const Labels no_labels;

// What a Timestamp may say in JSON, and a calendar show.
bool is_in_calendar(TimePoint time) {
  using std::chrono::sys_days;
  using namespace std::chrono_literals;
  return time >= sys_days(1900y / 1 / 1) && time < sys_days(9999y / 12 / 31);
}

// Kinds of targets that are there because something of them ends.
v1::ExpiryKind kind_of_target(std::string_view kind) {
  if (kind == "domain") return v1::EXPIRY_KIND_DOMAIN;
  if (kind == "zone") return v1::EXPIRY_KIND_ZONE_SIGNATURE;
  if (kind == "tls") return v1::EXPIRY_KIND_SERVED_CERTIFICATE;
  return v1::EXPIRY_KIND_UNSPECIFIED;
}

// Each text with its length before it, so that nothing can move between them.
std::string id_of(const SectionEnd& end, std::string_view holder, std::string_view owner) {
  const std::string_view thing = end.thing.empty() ? holder : end.thing;
  std::string all = fmt::format("{} {} {} ", static_cast<int>(end.kind), end.thing.empty(),
                                to_unix_seconds(*end.ends));
  for (const std::string_view text : {std::string_view(end.subject), thing, owner})
    all += fmt::format("{} {} ", text.size(), text);
  constexpr size_t kIdBytes = 16;
  return to_hex(std::string_view(sha256(all)).substr(0, kIdBytes));
}

// Only labels that all of them have.
void keep_common(const Labels& labels, google::protobuf::Map<std::string, std::string>& common) {
  for (auto label = common.begin(); label != common.end();) {
    const auto other = labels.find(label->first);
    const bool is_common = other != labels.end() && other->second == label->second;
    label = is_common ? std::next(label) : common.erase(label);
  }
}

}  // namespace

ExpiryCalendar::ExpiryCalendar(ExpiryQuery query, size_t most_of_a_kind)
    : query_(std::move(query)), most_of_a_kind_(most_of_a_kind) {
  *list_.mutable_made_at() = to_proto(query_.now);
}

void ExpiryCalendar::add(const EntityView& entity) {
  if (!query_.wants(entity.owner, entity.labels)) return;
  Holder holder{.name = entity.name,
                .is_target = entity.is_target(),
                .owner = entity.owner,
                .labels = entity.labels};
  bool has_facts = false;
  for (const SectionState& section : entity.sections) {
    // Of a host's sections only its own; those of a target are all its.
    if (!entity.is_target() && !section.entity.empty()) continue;
    has_facts = has_facts || section.has_facts();
    holder.observed_at = section.observed_at;
    list_ends(section, query_.kinds,
              [this, &holder](SectionEnd end) { take_end(holder, std::move(end)); });
  }
  const v1::ExpiryKind kind = kind_of_target(entity.kind);
  if (has_facts || kind == v1::EXPIRY_KIND_UNSPECIFIED) return;
  if (kind == v1::EXPIRY_KIND_DOMAIN) return take_end(holder, end_of_domain_target(entity.address));
  take_end(holder, {.kind = kind, .subject = std::string(entity.name)});
}

void ExpiryCalendar::add_dates(const policy::Policy& policy) {
  for (const policy::KeptDate& date : policy.dates) {
    if (!query_.wants(date.owner, date.labels)) continue;
    take_end({.owner = date.owner, .labels = date.labels, .kind_name = date.kind},
             {.kind = v1::EXPIRY_KIND_BY_HAND,
              .subject = date.name,
              .thing = date.kind,
              .ends = date.date,
              .by_hand = true,
              .detail = date.detail});
  }
}

void ExpiryCalendar::add_authorities(const v1::CaStatus& status) {
  if (!query_.wants("", no_labels)) return;
  for (const v1::CaRoot& root : status.roots()) {
    SectionEnd end{.kind = v1::EXPIRY_KIND_FLEET_AUTHORITY,
                   .subject = printable(root.name(), kLongestSubject),
                   .thing = root.sha256(),
                   .detail = root.signs() ? "it signs, and with it ends all that it signed"
                                          : "it does not sign"};
    if (root.has_not_after()) end.ends = from_proto(root.not_after());
    take_end({.labels = no_labels, .observed_at = query_.now}, std::move(end));
  }
}

void ExpiryCalendar::take_end(const Holder& holder, SectionEnd end) {
  if (!query_.kinds.has(end.kind)) return;
  if (end.ends && !is_in_calendar(*end.ends)) end.ends.reset();
  if (!end.ends) {
    list_.set_without_end(list_.without_end() + 1);
  } else if (query_.wants(*end.ends)) {
    keep(holder, std::move(end));
  }
}

void ExpiryCalendar::keep(const Holder& holder, SectionEnd end) {
  const Duration distance = std::chrono::abs(*end.ends - query_.now);
  std::map<Key, Kept>& of_kind = kept_[end.kind];
  Key key{distance, id_of(end, holder.name, holder.owner)};
  if (const auto known = of_kind.find(key); known != of_kind.end()) {
    Kept& kept = known->second;
    keep_common(holder.labels, *kept.entry.mutable_labels());
    if (kept.holder == holder.name) return;
    kept.holder = std::string(holder.name);
    kept.entry.set_more_hosts(kept.entry.more_hosts() + 1);
    return;
  }
  if (of_kind.size() >= most_of_a_kind_) {
    const auto farthest = std::prev(of_kind.end());
    if (farthest->first < key) return list_.set_omitted(list_.omitted() + 1);
    list_.set_omitted(list_.omitted() + 1 + farthest->second.entry.more_hosts());
    of_kind.erase(farthest);
  }
  v1::ExpiryEntry entry;
  entry.set_kind(end.kind);
  entry.set_kind_name(
      std::string(holder.kind_name.empty() ? expiry_kind_row(end.kind).name : holder.kind_name));
  entry.set_subject(std::move(end.subject));
  *entry.mutable_ends_at() = to_proto(*end.ends);
  (holder.is_target ? *entry.mutable_target() : *entry.mutable_host()) = holder.name;
  entry.set_owner(std::string(holder.owner));
  entry.mutable_labels()->insert(holder.labels.begin(), holder.labels.end());
  entry.set_by_hand(end.by_hand);
  entry.set_detail(std::move(end.detail));
  if (holder.observed_at != TimePoint())
    *entry.mutable_observed_at() = to_proto(holder.observed_at);
  entry.set_id(key.second);
  of_kind.emplace(std::move(key),
                  Kept{.entry = std::move(entry), .holder = std::string(holder.name)});
}

v1::ExpiryList ExpiryCalendar::take() {
  std::vector<v1::ExpiryEntry> entries;
  for (auto& [kind, of_kind] : kept_) {
    for (auto& [key, kept] : of_kind)
      entries.push_back(std::move(kept.entry));
  }
  kept_.clear();
  const auto order = [](const v1::ExpiryEntry& entry) {
    return std::tuple(from_proto(entry.ends_at()), entry.kind(), std::string_view(entry.subject()),
                      std::string_view(entry.host()), std::string_view(entry.target()),
                      std::string_view(entry.id()));
  };
  std::sort(entries.begin(), entries.end(),
            [&order](const auto& one, const auto& other) { return order(one) < order(other); });
  for (v1::ExpiryEntry& entry : entries)
    *list_.add_entries() = std::move(entry);
  return std::move(list_);
}

std::map<v1::ExpiryKind, size_t> count_by_kind(const v1::ExpiryList& list) {
  std::map<v1::ExpiryKind, size_t> counts;
  for (const v1::ExpiryEntry& entry : list.entries())
    ++counts[entry.kind()];
  return counts;
}

}  // namespace muster::collector
