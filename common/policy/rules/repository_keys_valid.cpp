// repository_keys_valid: the lists of every repository are signed with a key that is there and has
// not ended. One good key of several is enough, as it is to the package manager; but of several
// repositories that give themselves one name, each needs its own. A key that has ended stops
// updates: the lists are refused, or worse, taken without a signature.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/package_sections.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kNamesInSummary = 5;
constexpr size_t kKeyringsInReason = 3;

// "4D64390375060AA4 (Debian Archive)", as far as it is told.
std::string name_of(const RepositoryKeyView& key) {
  std::string name = key.fingerprint.empty() ? "its key" : printable(key.fingerprint, 64);
  if (!key.user_id.empty()) name += fmt::format(" ({})", printable(key.user_id, 128));
  return name;
}

std::string ended(const RepositoryKeyView& key) {
  if (!key.not_after) return name_of(key) + " has ended";
  return fmt::format("{} ended on {}", name_of(key), to_iso_date(*key.not_after));
}

// ": /usr/share/keyrings/vendor.gpg (it is in no format that apt reads, or breaks off)".
std::string after_colon(const RepositoryKeyView& key) {
  if (!key.reason.empty()) return ": " + printable(key.reason, 512);
  std::vector<std::string> keyrings;
  for (const std::string_view keyring : key.keyrings)
    keyrings.push_back(printable(keyring, 256));
  return keyrings.empty() ? "" : ": " + join_some(keyrings, kKeyringsInReason);
}

Judgement judge_key(const RepositoryKeyView& key, TimePoint now) {
  switch (key.state) {
    case v1::REPOSITORY_KEY_STATE_VALID:
      // It may have ended since somebody looked.
      if (key.not_after && now >= *key.not_after) {
        return {.kind = Kind::kUnmet, .reason = ended(key)};
      }
      if (!key.not_after) return {.kind = Kind::kMet, .reason = name_of(key) + " has no end"};
      return {.kind = Kind::kMet,
              .reason = fmt::format("{} ends on {}", name_of(key), to_iso_date(*key.not_after)),
              .holds_until = *key.not_after};
    case v1::REPOSITORY_KEY_STATE_EXPIRED:
      return {.kind = Kind::kUnmet, .reason = ended(key)};
    case v1::REPOSITORY_KEY_STATE_REVOKED:
      return {.kind = Kind::kUnmet, .reason = name_of(key) + " was revoked"};
    case v1::REPOSITORY_KEY_STATE_MISSING:
      return {.kind = Kind::kUnmet,
              .reason = name_of(key) + " is in none of its keyrings" + after_colon(key)};
    case v1::REPOSITORY_KEY_STATE_UNSIGNED:
      return {.kind = Kind::kUnmet,
              .reason = "nothing that it offers need be signed" + after_colon(key)};
    default:
      return {.kind = Kind::kUnknown,
              .reason =
                  fmt::format("how {} stands could not be told{}", name_of(key), after_colon(key))};
  }
}

// The best key of a repository counts; of two good ones, the one that lasts longer. Of several
// repositories that cannot be told apart by name and site, the worst counts.
int goodness(const Judgement& judgement) {
  switch (judgement.kind) {
    case Kind::kMet:
      return 2;
    case Kind::kUnknown:
      return 1;
    default:
      return 0;
  }
}

bool is_better(const Judgement& one, const Judgement& other) {
  return std::pair(goodness(one), one.holds_until) > std::pair(goodness(other), other.holds_until);
}

struct Tally {
  // Repositories.
  std::vector<std::string> bad;
  std::vector<std::string> not_told;
  size_t good = 0;
  // Of the good ones the first to end; max: none ends.
  TimePoint first_end = TimePoint::max();
  std::string ends_first;
  // Of a package manager nothing is told.
  bool is_blind = false;

  void add(const std::string& repository, const Judgement& judgement) {
    if (judgement.kind == Kind::kUnmet) return bad.push_back(repository);
    if (judgement.kind == Kind::kUnknown) return not_told.push_back(repository);
    ++good;
    if (judgement.holds_until >= first_end) return;
    first_end = judgement.holds_until;
    ends_first = repository;
  }
};

// "2 repositories have no good key: docker, epel".
std::string counted(const std::vector<std::string>& repositories, std::string_view one_does,
                    std::string_view many_do) {
  return fmt::format("{} {}: {}", repositories.size(),
                     repositories.size() == 1 ? one_does : many_do,
                     join_some(repositories, kNamesInSummary));
}

std::string summary_of(const Tally& tally) {
  if (!tally.bad.empty()) {
    return counted(tally.bad, "repository has no good key", "repositories have no good key");
  }
  if (tally.is_blind) return {};
  if (!tally.not_told.empty()) {
    return counted(tally.not_told, "repository has a key that could not be judged",
                   "repositories have keys that could not be judged");
  }
  if (tally.good == 0) return {};
  if (tally.ends_first.empty()) return "every repository has a good key, and none of these ends";
  return fmt::format("every repository has a good key; the first to end is that of {}, on {}",
                     tally.ends_first, to_iso_date(tally.first_end));
}

// "bookworm (deb.debian.org)": by its name alone, another could pass for it.
std::string subject_of(const RepositoryKeyView& key, const std::string& manager) {
  if (key.repository.empty()) return manager;
  const std::string name = printable(key.repository, 256);
  return key.site.empty() ? name : fmt::format("{} ({})", name, printable(key.site, 256));
}

void judge_manager(const PackageFactsView& facts, TimePoint now, const std::string& manager,
                   TimePoint holds_until, RuleOutput& output, Tally& tally) {
  // By name, site and number.
  std::map<std::tuple<std::string_view, std::string_view, uint32_t>, Judgement> repositories;
  for (const RepositoryKeyView& key : facts.repository_keys) {
    Judgement judgement = judge_key(key, now);
    judgement.subject = subject_of(key, manager);
    const auto [known, is_new] =
        repositories.try_emplace({key.repository, key.site, key.number}, judgement);
    if (!is_new && is_better(judgement, known->second)) known->second = std::move(judgement);
  }
  std::map<std::string, Judgement> subjects;
  for (auto& [repository, judgement] : repositories) {
    const auto [known, is_new] = subjects.try_emplace(judgement.subject, judgement);
    if (!is_new && is_better(known->second, judgement)) known->second = std::move(judgement);
  }
  for (auto& [subject, judgement] : subjects) {
    tally.add(subject, judgement);
    judgement.holds_until = std::min(judgement.holds_until, holds_until);
    output.judgements.push_back(std::move(judgement));
  }
  if (!subjects.empty()) return;
  tally.is_blind = true;
  output.judgements.push_back({.subject = manager,
                               .kind = Kind::kUnknown,
                               .reason = facts.lists_present
                                             ? "the probe tells of no repository's key"
                                             : "no package lists are present, so no key is told of",
                               .holds_until = holds_until});
}

// One that could not look says nothing of its repositories.
bool has_unknown_host(const RuleOutput& output) {
  return std::any_of(output.judgements.begin(), output.judgements.end(),
                     [](const Judgement& judgement) {
                       return judgement.kind == Kind::kUnknown && judgement.subject.empty();
                     });
}

}  // namespace

RuleOutput judge_repository_keys_valid(const RuleInput& input) {
  Tally tally;
  RuleOutput output = judge_package_managers(
      input, [&input, &tally](const PackageFactsView& facts, const std::string& manager,
                              TimePoint holds_until, RuleOutput& judged) {
        judge_manager(facts, input.now, manager, holds_until, judged, tally);
      });
  if (has_unknown_host(output)) tally.is_blind = true;
  output.summary = summary_of(tally);
  return output;
}

}  // namespace muster::policy
