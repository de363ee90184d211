#include "agent/output/check_notes.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "common/text.h"
#include "muster/v1/certificate_facts.pb.h"
#include "muster/v1/host_facts.pb.h"
#include "muster/v1/package_facts.pb.h"

namespace muster::agent {
namespace {

constexpr size_t kShownPaths = 6;

// The facts of the first section that holds such a message.
template <typename Facts>
Facts facts_in(std::span<const SectionState> sections) {
  Facts facts;
  for (const SectionState& section : sections) {
    if (section.facts_type == facts.GetTypeName() && facts.ParseFromString(section.facts)) break;
  }
  return facts;
}

std::vector<std::string> unreadable_paths(std::span<const SectionState> sections) {
  std::vector<std::string> paths;
  const auto host = facts_in<v1::HostFacts>(sections);
  for (const v1::UnreadableSource& source : host.unreadable())
    paths.push_back(source.path());
  const auto certificates = facts_in<v1::CertificateFacts>(sections);
  for (const v1::CertificateFile& directory : certificates.unreadable_directories())
    paths.push_back(directory.path());
  for (const v1::CertificateFile& file : certificates.files()) {
    // A file that could be opened, but not understood, is no matter of privilege.
    if (file.certificates().empty() && file.error().find("ermission") != std::string::npos) {
      paths.push_back(file.path());
    }
  }
  return paths;
}

}  // namespace

HostNames host_names(std::span<const SectionState> sections) {
  const auto facts = facts_in<v1::HostFacts>(sections);
  HostNames names{.name = facts.fqdn(), .os = facts.os_pretty_name()};
  if (names.name.empty()) names.name = facts.hostname();
  if (names.name.empty()) names.name = "localhost";
  return names;
}

std::vector<std::string> check_notes(std::span<const SectionState> sections,
                                     std::span<const v1::Verdict> verdicts, bool runs_as_root) {
  std::vector<std::string> notes;
  for (const SectionState& section : sections) {
    const bool said =
        std::any_of(verdicts.begin(), verdicts.end(), [&](const v1::Verdict& verdict) {
          return verdict.summary().find(section.reason) != std::string::npos;
        });
    if (section.outcome == v1::OUTCOME_FAILED && !said) {
      const bool ends = section.reason.ends_with('?') || section.reason.ends_with('.');
      notes.push_back(fmt::format("Could not look at {}: {}{}", section.probe, section.reason,
                                  ends ? "" : "."));
    }
  }
  const auto packages = facts_in<v1::PackageFacts>(sections);
  for (const std::string& problem : packages.problems())
    notes.push_back(fmt::format("Packages: {}", problem));
  const std::vector<std::string> paths = unreadable_paths(sections);
  if (!paths.empty()) {
    notes.push_back(fmt::format("Could not read {}.{}", join_some(paths, kShownPaths),
                                runs_as_root ? "" : " Run it as root to see these too."));
  } else if (!runs_as_root) {
    notes.push_back("Not run as root: what only root may read was not looked at.");
  }
  const bool any_is_due = std::any_of(verdicts.begin(), verdicts.end(), [](const auto& verdict) {
    return verdict.status() == v1::STATUS_DUE;
  });
  if (any_is_due) {
    notes.push_back("Deadlines count from now: only a collector remembers since when it waits.");
  }
  return notes;
}

}  // namespace muster::agent
