#include "common/exposition/package_metrics.h"

#include <map>
#include <string_view>

#include "common/exposition/host_families.h"
#include "common/exposition/section_facts.h"

namespace muster::exposition {
namespace {

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
  for (const Count& count : {security, other, unknown}) {
    // Where every repository tells, there is no third series.
    const bool all_tell = facts.repositories_without_errata().empty();
    if (count.kind == "unknown" && count.pending == 0 && all_tell) continue;
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

}  // namespace

void add_packages(SampleWriter& writer, const v1::PackageFacts& facts) {
  const Labels manager{{"manager", facts.manager()}};
  writer.add(kPackagesInstalled, manager, facts.installed());
  add_updates(writer, facts);
  writer.add(kPackagesHeld, manager, facts.held_size());
  writer.add(kPackagesObsolete, manager, facts.obsolete());
  writer.add(kPackagesThirdParty, manager, facts.third_party());
  writer.add(kPackagesBroken, manager, facts.broken_size());
  writer.add(kPackagesExcluded, manager, facts.excluded_size());
  if (facts.has_lists_updated_at()) {
    writer.add(kPackageListsUpdated, manager, unix_seconds(facts.lists_updated_at()));
  }
  writer.add(kRepositoriesWithoutErrata, manager, facts.repositories_without_errata_size());
  add_keys(writer, facts);
  add_automatic_updates(writer, facts);
}

}  // namespace muster::exposition
