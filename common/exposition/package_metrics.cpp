#include "common/exposition/package_metrics.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "common/exposition/host_families.h"
#include "common/exposition/section_facts.h"

namespace muster::exposition {
namespace {

// Whether any repository tells which of its updates are for security.
bool any_tells(const v1::PackageFacts& facts) {
  const auto& silent = facts.repositories_without_errata();
  if (silent.empty()) return true;
  const std::set<std::string_view> all_silent(silent.begin(), silent.end());
  const auto& keys = facts.repository_keys();
  // Every repository has at least one entry among the keys, also where nothing is signed. Where
  // there is a reason to give, what it offers is not known by that name.
  return std::any_of(keys.begin(), keys.end(), [&all_silent](const v1::RepositoryKey& key) {
    return key.reason().empty() && all_silent.find(key.repository()) == all_silent.end();
  });
}

void add_updates(SampleWriter& writer, const v1::PackageFacts& facts) {
  struct Count {
    std::string_view kind;
    double pending = 0;
    double installable = 0;
  };
  Count security{"security"};
  Count other{"other"};
  Count unknown{"unknown"};
  for (const v1::PendingUpdate& update : facts.pending_updates()) {
    Count& count = update.security() == v1::SECURITY_YES  ? security
                   : update.security() == v1::SECURITY_NO ? other
                                                          : unknown;
    ++count.pending;
    if (update.would_install()) ++count.installable;
  }
  const bool some_do_not_tell = !facts.repositories_without_errata().empty();
  const bool some_tell = any_tells(facts);
  for (const Count& count : {security, other, unknown}) {
    // "None" is said of a kind only where a repository would tell of one.
    const bool would_be_told = count.kind == "unknown" ? some_do_not_tell : some_tell;
    if (count.pending == 0 && !would_be_told) continue;
    const Labels labels{{"manager", facts.manager()}, {"kind", count.kind}};
    writer.add(kPackagesPending, labels, count.pending);
    writer.add(kPackagesInstallable, labels, count.installable);
  }
}

std::string_view state_name(v1::RepositoryKeyState state) {
  switch (state) {
    case v1::REPOSITORY_KEY_STATE_VALID:
      return "valid";
    case v1::REPOSITORY_KEY_STATE_EXPIRED:
      return "expired";
    case v1::REPOSITORY_KEY_STATE_REVOKED:
      return "revoked";
    case v1::REPOSITORY_KEY_STATE_MISSING:
      return "missing";
    case v1::REPOSITORY_KEY_STATE_UNSIGNED:
      return "unsigned";
    default:
      return "unknown";
  }
}

void add_keys(SampleWriter& writer, const v1::PackageFacts& facts) {
  std::map<std::string_view, double> counts;
  for (const v1::RepositoryKey& key : facts.repository_keys())
    ++counts[state_name(key.state())];
  for (const auto& [state, count] : counts)
    writer.add(kRepositoryKeys, {{"manager", facts.manager()}, {"state", state}}, count);
}

void add_automatic_updates(SampleWriter& writer, const v1::PackageFacts& facts) {
  if (!facts.has_automatic_updates()) return;
  const v1::AutomaticUpdateState& state = facts.automatic_updates();
  const Labels labels{{"manager", facts.manager()}, {"mechanism", state.mechanism()}};
  switch (state.state()) {
    case v1::AUTOMATIC_UPDATES_ON:
      writer.add(kAutomaticUpdates, labels, state.takes_security() ? 1 : 0);
      break;
    case v1::AUTOMATIC_UPDATES_OFF:
    case v1::AUTOMATIC_UPDATES_DOWNLOAD_ONLY:
      writer.add(kAutomaticUpdates, labels, 0);
      break;
    default:
      break;
  }
  if (state.has_last_success_at()) {
    writer.add(kAutomaticUpdatesLastSuccess, labels, unix_seconds(state.last_success_at()));
  }
}

// What only the lists of available packages tell: without them nobody knows, and 0 would be wrong.
void add_what_lists_tell(SampleWriter& writer, const v1::PackageFacts& facts) {
  if (!facts.lists_present()) return;
  const Labels manager{{"manager", facts.manager()}};
  add_updates(writer, facts);
  writer.add(kPackagesObsolete, manager, facts.obsolete());
  writer.add(kPackagesThirdParty, manager, facts.third_party());
  writer.add(kPackagesExcluded, manager, facts.excluded_size());
  if (facts.has_lists_updated_at()) {
    writer.add(kPackageListsUpdated, manager, unix_seconds(facts.lists_updated_at()));
  }
  writer.add(kRepositoriesWithoutErrata, manager, facts.repositories_without_errata_size());
}

}  // namespace

void add_packages(SampleWriter& writer, const v1::PackageFacts& facts) {
  const Labels manager{{"manager", facts.manager()}};
  writer.add(kPackagesInstalled, manager, facts.installed());
  add_what_lists_tell(writer, facts);
  writer.add(kPackagesHeld, manager, facts.held_size());
  // The probe of rpm does not look for broken packages.
  if (facts.manager() != "rpm" || !facts.broken().empty()) {
    writer.add(kPackagesBroken, manager, facts.broken_size());
  }
  add_keys(writer, facts);
  add_automatic_updates(writer, facts);
}

}  // namespace muster::exposition
