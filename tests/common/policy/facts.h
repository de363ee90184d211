// Hosts and their facts for tests of the policy and the exposition, in a few words each.
#pragma once

#include <absl/strings/escaping.h>
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "common/digest.h"
#include "common/policy/evaluation.h"
#include "common/section_state.h"
#include "common/timestamp.h"
#include "muster/v1/certificate_facts.pb.h"
#include "muster/v1/package_facts.pb.h"

namespace muster::testing {

// 2026-11-21T12:00:00Z: "now" in every test.
inline constexpr TimePoint kNow = TimePoint(std::chrono::seconds(1795262400));
inline constexpr Duration kMicrosecond{1};

inline Duration days(int count) {
  return std::chrono::days(count);
}
inline Duration hours(int count) {
  return std::chrono::hours(count);
}

// An observed section of the host with these facts.
template <typename Facts>
SectionState observed(std::string probe, const Facts& facts, TimePoint observed_at = kNow) {
  SectionState state;
  state.probe = std::move(probe);
  state.outcome = v1::OUTCOME_OBSERVED;
  state.looked_at = observed_at;
  state.observed_at = observed_at;
  state.facts_type = Facts::descriptor()->full_name();
  state.facts = facts.SerializeAsString();
  return state;
}

inline SectionState not_applicable(std::string probe, std::string reason,
                                   TimePoint looked_at = kNow) {
  SectionState state;
  state.probe = std::move(probe);
  state.outcome = v1::OUTCOME_NOT_APPLICABLE;
  state.reason = std::move(reason);
  state.looked_at = looked_at;
  state.observed_at = looked_at;
  return state;
}

// A section of a probe that has not seen anything yet.
inline SectionState without_facts(std::string probe) {
  SectionState state;
  state.probe = std::move(probe);
  return state;
}

inline SectionState failed(SectionState before, std::string reason) {
  before.outcome = v1::OUTCOME_FAILED;
  before.reason = std::move(reason);
  return before;
}

// Packages of apt whose lists are an hour old and with nothing pending.
inline v1::PackageFacts apt_facts() {
  v1::PackageFacts facts;
  facts.set_manager("apt");
  facts.set_installed(500);
  facts.set_lists_present(true);
  *facts.mutable_lists_updated_at() = to_proto(kNow - hours(1));
  return facts;
}

inline v1::PendingUpdate& add_update(v1::PackageFacts& facts, std::string_view package,
                                     v1::Security security,
                                     std::string_view architecture = "amd64") {
  v1::PendingUpdate& update = *facts.add_pending_updates();
  update.set_package(std::string(package));
  update.set_architecture(std::string(architecture));
  update.set_installed_version("1.0-1");
  update.set_candidate_version("1.0-2");
  update.set_security(security);
  update.set_would_install(true);
  return update;
}

inline v1::CertificateFile& add_file(v1::CertificateFacts& facts, std::string_view path) {
  v1::CertificateFile& file = *facts.add_files();
  file.set_path(std::string(path));
  return file;
}

inline void add_certificate(v1::CertificateFile& file, std::string_view common_name,
                            TimePoint not_before, TimePoint not_after) {
  v1::Certificate& certificate = *file.add_certificates();
  certificate.set_common_name(std::string(common_name));
  // Of the certificate that it would be.
  certificate.set_sha256(absl::BytesToHexString(
      sha256(fmt::format("{} {} {}", common_name, to_iso8601(not_before), to_iso8601(not_after)))));
  *certificate.mutable_not_before() = to_proto(not_before);
  *certificate.mutable_not_after() = to_proto(not_after);
}

}  // namespace muster::testing
