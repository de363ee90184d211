// What a view into facts must say: what protobuf's parser says of the same bytes. For the tests and
// the fuzz target.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/policy/package_facts_view.h"
#include "common/timestamp.h"

namespace muster::policy {

// Whether the bytes are of that message, however they are written.
inline bool is_of(std::string_view bytes, const v1::PendingUpdate& message) {
  v1::PendingUpdate parsed;
  return parsed.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) &&
         parsed.SerializeAsString() == message.SerializeAsString();
}

inline bool is_same(const PendingUpdateView& view, const v1::PendingUpdate& message) {
  return view.package == message.package() && view.architecture == message.architecture() &&
         view.candidate_version == message.candidate_version() &&
         view.security == message.security() && view.would_install == message.would_install() &&
         view.not_installed_because == message.not_installed_because() &&
         view.source_package == message.source_package() && view.severity == message.severity() &&
         (view.bytes.empty() || is_of(view.bytes, message));
}

template <typename Texts>
bool are_same(const std::vector<std::string_view>& views, const Texts& texts) {
  return std::equal(views.begin(), views.end(), texts.begin(), texts.end());
}

inline std::optional<TimePoint> time_if(bool is_there, const google::protobuf::Timestamp& time) {
  return is_there ? std::optional(from_proto(time)) : std::nullopt;
}

inline InstalledKernelView view_of(const v1::InstalledKernel& kernel) {
  return {kernel.package(), kernel.version(), kernel.release(), kernel.flavour(), kernel.build()};
}

inline RepositoryKeyView view_of(const v1::RepositoryKey& key) {
  return {key.repository(),
          key.state(),
          key.fingerprint(),
          key.user_id(),
          time_if(key.has_not_after(), key.not_after()),
          {key.keyrings().begin(), key.keyrings().end()},
          key.site(),
          key.number(),
          key.reason()};
}

inline std::optional<AutomaticUpdatesView> automatic_of(const v1::PackageFacts& message) {
  if (!message.has_automatic_updates()) return std::nullopt;
  const v1::AutomaticUpdateState& state = message.automatic_updates();
  return AutomaticUpdatesView{state.mechanism(), state.state(), state.reason(),
                              time_if(state.has_last_success_at(), state.last_success_at()),
                              state.takes_security()};
}

template <typename Views, typename Messages>
bool are_views_of(const Views& views, const Messages& messages) {
  return std::equal(views.begin(), views.end(), messages.begin(), messages.end(),
                    [](const auto& view, const auto& message) { return view == view_of(message); });
}

// What the views say beside the updates and the lists.
inline std::string difference_of_rest(const PackageFactsView& view,
                                      const v1::PackageFacts& message) {
  if (!are_same(view.held, message.held())) return "held";
  if (view.obsolete != message.obsolete()) return "obsolete";
  if (!are_same(view.broken, message.broken())) return "broken";
  if (!are_same(view.excluded, message.excluded())) return "excluded";
  if (!are_same(view.repositories_without_errata, message.repositories_without_errata())) {
    return "repositories_without_errata";
  }
  if (!are_views_of(view.kernels, message.kernels())) return "kernels";
  if (!are_views_of(view.repository_keys, message.repository_keys())) return "repository_keys";
  if (view.automatic_updates != automatic_of(message)) return "automatic_updates";
  return "";
}

// Empty: there is none.
inline std::string difference_of_view(std::string_view bytes) {
  v1::PackageFacts message;
  const bool good = message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  PackageFactsView view;
  if (read_facts(bytes, view) != good) return good ? "refused" : "taken";
  if (!good) return "";
  if (view.lists_present != message.lists_present()) return "lists_present";
  if (view.lists_updated_at.has_value() != message.has_lists_updated_at()) return "has time";
  if (view.lists_updated_at && *view.lists_updated_at != from_proto(message.lists_updated_at())) {
    return "time";
  }
  if (!std::equal(view.problems.begin(), view.problems.end(), message.problems().begin(),
                  message.problems().end())) {
    return "problems";
  }
  if (!std::equal(view.pending_updates.begin(), view.pending_updates.end(),
                  message.pending_updates().begin(), message.pending_updates().end(), is_same)) {
    return "pending_updates";
  }
  return difference_of_rest(view, message);
}

}  // namespace muster::policy
