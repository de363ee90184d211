#include "agent/output/check_notes.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "agent/output/product_notes.h"
#include "agent/output/unmet_subjects.h"
#include "common/text.h"
#include "muster/v1/certificate_facts.pb.h"
#include "muster/v1/host_facts.pb.h"
#include "muster/v1/lifecycle_facts.pb.h"
#include "muster/v1/package_facts.pb.h"
#include "muster/v1/protection_facts.pb.h"
#include "muster/v1/restart_facts.pb.h"

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

template <typename Facts>
void add_problems_of(std::string_view what, const SectionState& section,
                     std::span<const v1::Verdict> verdicts, std::vector<std::string>& notes) {
  Facts facts;
  if (section.facts_type != facts.GetTypeName() || !facts.ParseFromString(section.facts)) return;
  for (const std::string& problem : facts.problems()) {
    if (!is_said(problem, verdicts)) notes.push_back(fmt::format("{}: {}", what, problem));
  }
}

// What may be missing in facts that there are, and no verdict names.
void add_problems(std::span<const SectionState> sections, std::span<const v1::Verdict> verdicts,
                  std::vector<std::string>& notes) {
  for (const SectionState& section : sections) {
    add_problems_of<v1::PackageFacts>("Packages", section, verdicts, notes);
    add_problems_of<v1::RestartFacts>("Restarts", section, verdicts, notes);
    add_problems_of<v1::LifecycleFacts>("Support", section, verdicts, notes);
    add_problems_of<v1::AntivirusFacts>("Antivirus", section, verdicts, notes);
    add_problems_of<v1::IntrusionDetectionFacts>("Intrusion detection", section, verdicts, notes);
  }
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
    if (section.outcome == v1::OUTCOME_FAILED && !is_said(section.reason, verdicts)) {
      const bool ends = section.reason.ends_with('?') || section.reason.ends_with('.');
      notes.push_back(fmt::format("Could not look at {}: {}{}", section.probe, section.reason,
                                  ends ? "" : "."));
    }
  }
  add_problems(sections, verdicts, notes);
  for (std::string& note : product_notes(sections, verdicts))
    notes.push_back(std::move(note));
  const std::vector<std::string> paths = unreadable_paths(sections);
  if (!paths.empty()) {
    notes.push_back(fmt::format("Could not read {}.{}", join_some(paths, kShownPaths),
                                runs_as_root ? "" : " Run it as root to see these too."));
  } else if (!runs_as_root) {
    notes.push_back("Not run as root: what only root may read was not looked at.");
  }
  return notes;
}

std::string age_note(std::span<const v1::Verdict> verdicts, const Remembered& remembered) {
  if (!remembered.note.empty()) return remembered.note;
  // Also behind what is unknown, which is worse.
  const bool any_is_unmet = std::any_of(verdicts.begin(), verdicts.end(), [](const auto& verdict) {
    const auto& subjects = verdict.subjects();
    return std::any_of(subjects.begin(), subjects.end(), [](const v1::SubjectVerdict& subject) {
      return subject.status() == v1::STATUS_DUE || subject.status() == v1::STATUS_FAIL;
    });
  });
  if (!any_is_unmet) return {};
  if (!remembered.unknown_because.empty()) {
    return fmt::format("Deadlines count from now, since it is not known how long it waits: {}.",
                       remembered.unknown_because);
  }
  return remembered.is_first
             ? "Deadlines count from now, the first check: the next ones remember."
             : "Deadlines count from the first check that saw it. Where an agent runs, its "
               "collector's memory is the one that counts.";
}

}  // namespace muster::agent
