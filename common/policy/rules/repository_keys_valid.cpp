// repository_keys_valid: the lists of every repository are signed with a key that is there and has
// not ended. One good key of several is enough, as it is to the package manager. A key that has
// ended stops updates: the lists are refused, or worse, taken without a signature.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/package_sections.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

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
      return {.kind = Kind::kUnmet, .reason = name_of(key) + " is in none of its keyrings"};
    case v1::REPOSITORY_KEY_STATE_UNSIGNED:
      return {.kind = Kind::kUnmet, .reason = "nothing that it offers need be signed"};
    default:
      return {.kind = Kind::kUnknown,
              .reason = fmt::format("how {} stands could not be told", name_of(key))};
  }
}

// The best key of a repository counts; of two good ones, the one that lasts longer.
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

void judge_manager(const PackageFactsView& facts, TimePoint now, const std::string& manager,
                   TimePoint holds_until, RuleOutput& output) {
  std::map<std::string_view, Judgement> repositories;
  for (const RepositoryKeyView& key : facts.repository_keys) {
    Judgement judgement = judge_key(key, now);
    const auto [known, is_new] = repositories.try_emplace(key.repository, judgement);
    if (!is_new && is_better(judgement, known->second)) known->second = std::move(judgement);
  }
  for (auto& [repository, judgement] : repositories) {
    judgement.subject = repository.empty() ? manager : printable(repository, 256);
    judgement.holds_until = std::min(judgement.holds_until, holds_until);
    output.judgements.push_back(std::move(judgement));
  }
  if (!repositories.empty()) return;
  // Without lists there is nothing that a signature would be of.
  output.judgements.push_back({.subject = manager,
                               .kind = facts.lists_present ? Kind::kUnknown : Kind::kNotApplicable,
                               .reason = facts.lists_present
                                             ? "the probe tells of no repository's key"
                                             : "no package lists are present",
                               .holds_until = holds_until});
}

}  // namespace

RuleOutput judge_repository_keys_valid(const RuleInput& input) {
  return judge_package_managers(input,
                                [&input](const PackageFactsView& facts, const std::string& manager,
                                         TimePoint holds_until, RuleOutput& output) {
                                  judge_manager(facts, input.now, manager, holds_until, output);
                                });
}

}  // namespace muster::policy
