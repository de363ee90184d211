// signatures_loaded: the signatures that each product has loaded are those on disk: an update helps
// once it is loaded.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/protection.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

bool is_number(std::string_view version) {
  return !version.empty() && std::all_of(version.begin(), version.end(),
                                         [](unsigned char c) { return std::isdigit(c) != 0; });
}

// Of two versions that differ; by their times, else as the numbers that they are, else not at all.
std::optional<bool> is_newer(const v1::Signatures& disk, const v1::Signatures& loaded) {
  if (disk.has_built_at() && loaded.has_built_at() &&
      from_proto(disk.built_at()) != from_proto(loaded.built_at())) {
    return from_proto(disk.built_at()) > from_proto(loaded.built_at());
  }
  if (!is_number(disk.version()) || !is_number(loaded.version())) return std::nullopt;
  return std::pair(disk.version().size(), disk.version()) >
         std::pair(loaded.version().size(), loaded.version());
}

// "since 06:12 UTC" of today, else with the date; `changes_at` is when that is no longer today.
std::string since(TimePoint time, TimePoint now, TimePoint& changes_at) {
  const std::string text = to_iso8601(time);
  const std::string minute = text.substr(text.find('T') + 1, 5);
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const auto today = std::chrono::floor<std::chrono::days>(now);
  if (day > today) changes_at = day;
  if (day != today) {
    return fmt::format(" since {} {} UTC", to_iso_date(time), minute);
  }
  changes_at = today + std::chrono::days(1);
  return fmt::format(" since {} UTC", minute);
}

Judgement judge_other(const Product& product, TimePoint now) {
  const v1::Signatures& disk = product.disk_signatures();
  const std::optional<bool> newer = is_newer(disk, product.loaded_signatures());
  Judgement judgement = judgement_of(product, Kind::kUnmet, "");
  judgement.reason += fmt::format("{} database lies on disk", !newer   ? "another"
                                                              : *newer ? "a newer"
                                                                       : "an older");
  if (disk.has_written_at()) {
    judgement.reason += since(from_proto(disk.written_at()), now, judgement.reads_until);
  }
  // It is the daemon that is asked what it has loaded.
  judgement.reason += product.product() == "clamav" ? ": reload clamd" : ": let it load that";
  return judgement;
}

Judgement judge_product(const Product& product, TimePoint now) {
  if (!product.has_loaded_signatures()) {
    if (product.mode() == v1::PROTECTION_MODE_ON_DEMAND) {
      return judge_absent(product, {"loaded_signatures"}, "what is loaded",
                          "it loads its signatures at each scan");
    }
    if (product.running() == v1::ANSWER_NO) {
      return judge_absent(product, {}, "", "it does not run, so no signatures are loaded");
    }
    if (product.has_disk_signatures() && !why_unread(product, "loaded_signatures")) {
      return judgement_of(product, Kind::kUnknown, "it does not tell which signatures are loaded");
    }
    return judge_absent(product, {"loaded_signatures"}, "what is loaded",
                        "on the host it tells of no signatures");
  }
  if (!product.has_disk_signatures()) {
    return judge_absent(product, {"disk_signatures"}, "what lies on disk",
                        "it does not tell its signatures on disk from those that are loaded");
  }
  const std::string& loaded = product.loaded_signatures().version();
  if (loaded != product.disk_signatures().version()) return judge_other(product, now);
  if (loaded.empty()) {
    return judgement_of(product, Kind::kUnknown,
                        "its signatures are local ones: without a version it cannot be told "
                        "whether those on disk are loaded");
  }
  return judgement_of(product, Kind::kMet,
                      fmt::format("the database on disk is loaded: {}", printable(loaded, 64)));
}

}  // namespace

RuleOutput judge_signatures_loaded(const RuleInput& input) {
  return judge_each_product(input, {kAntivirusProbe}, [&input](const Product& product) {
    return judge_product(product, input.now);
  });
}

}  // namespace muster::policy
