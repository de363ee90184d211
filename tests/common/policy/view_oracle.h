// What a view into facts must say: what protobuf's parser says of the same bytes. For the tests and
// the fuzz target.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "common/policy/package_facts_view.h"
#include "common/timestamp.h"

namespace muster::policy {

inline bool is_same(const PendingUpdateView& view, const v1::PendingUpdate& message) {
  return view.package == message.package() && view.architecture == message.architecture() &&
         view.candidate_version == message.candidate_version() &&
         view.security == message.security() && view.would_install == message.would_install() &&
         view.not_installed_because == message.not_installed_because();
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
  return "";
}

}  // namespace muster::policy
