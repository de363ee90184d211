#include "agent/probes/certificates/certificate_search.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <utility>

#include "agent/probes/certificates/certificate_names.h"
#include "agent/probes/probe_program.h"
#include "agent/probes/root_files.h"

namespace muster {
namespace {

bool is_pattern(const std::string& path) {
  return path.find_first_of("*?[") != std::string::npos;
}

}  // namespace

CertificateSearch::CertificateSearch(std::string root, SearchLimits limits,
                                     const PasswordTable& passwords, CertificateSinks sinks)
    : root_(std::move(root)),
      limits_(limits),
      entries_(root_, limits.file_size, limits.rounds, passwords, sinks),
      sinks_(std::move(sinks)) {}

void CertificateSearch::look_at_configured(const std::string& pattern) {
  const std::string path = without_doubled_slashes(pattern);
  // A name that exists as it is written wins, so that "site[1].pem" can be named.
  if (is_pattern(path) && !probe::status_in_root(root_, path).ok()) {
    expand("", path.substr(1));
    return;
  }
  std::vector<Directory> above;
  visit(path, Asked::kByName, above);
}

void CertificateSearch::look_at_usual(const std::string& path) {
  const absl::StatusOr<probe::FileStatus> status = probe::status_in_root(root_, path);
  if (absl::IsNotFound(status.status())) return;
  std::vector<Directory> above;
  visit(path, Asked::kUsual, above);
}

void CertificateSearch::look_at_use(const std::string& path) {
  look_at_referred(path, Asked::kReferred);
}

void CertificateSearch::look_at_key(const std::string& path) {
  look_at_referred(path, Asked::kReferredKey);
}

void CertificateSearch::look_at_referred(const std::string& path, Asked asked) {
  const std::string clean = without_doubled_slashes(path);
  if (absl::IsNotFound(probe::status_in_root(root_, clean).status())) return;
  std::vector<Directory> above;
  visit(clean, asked, above);
}

void CertificateSearch::expand(const std::string& below, const std::string& rest) {
  const size_t slash = std::min(rest.find('/'), rest.size());
  const std::string part = rest.substr(0, slash);
  const bool is_last = slash == rest.size();
  if (!is_pattern(part) && !is_last) {
    expand(below + "/" + part, rest.substr(slash + 1));
    return;
  }
  std::vector<std::string> names = {part};
  if (is_pattern(part)) {
    const absl::StatusOr<std::vector<std::string>> listed =
        probe::list_in_root(root_, below.empty() ? "/" : below, limits_.names);
    if (absl::IsNotFound(listed.status())) return;
    if (!listed.ok()) return report_problem(below, why_not(listed.status()));
    names = *listed;
  }
  for (const std::string& name : names) {
    const std::string path = below + "/" + name;
    if (is_pattern(part)) {
      if (!may_look(path)) return;
      if (::fnmatch(part.c_str(), name.c_str(), FNM_PERIOD) != 0) continue;
    }
    if (!is_last) {
      expand(path, rest.substr(slash + 1));
    } else if (is_pattern(part) || !absl::IsNotFound(probe::status_in_root(root_, path).status())) {
      std::vector<Directory> above;
      visit(path, Asked::kByPlace, above);
    }
  }
}

void CertificateSearch::visit(const std::string& path, Asked asked, std::vector<Directory>& above) {
  const absl::StatusOr<probe::FileStatus> status = probe::status_in_root(root_, path);
  if (status.ok() && status->kind == probe::FileKind::kDirectory) {
    const Directory self{status->device, status->inode};
    const bool is_loop = std::any_of(above.begin(), above.end(), [self](const Directory& other) {
      return other.device == self.device && other.inode == self.inode;
    });
    if (is_loop) return;
    above.push_back(self);
    visit_directory(path, asked == Asked::kUsual ? asked : Asked::kByPlace, above);
    above.pop_back();
    return;
  }
  // Sockets, FIFOs and devices that merely lie in a directory.
  const bool is_special = status.ok() && status->kind == probe::FileKind::kOther;
  if (is_special && !is_asked_for(asked)) return;
  // May not even be asked about, so it may be a directory: its place could not be looked at.
  if (!is_asked_for(asked) && absl::IsPermissionDenied(status.status())) {
    return report_problem(path.substr(0, path.find_last_of('/')), why_not(status.status()));
  }
  visit_file(path, asked);
}

void CertificateSearch::visit_directory(const std::string& path, Asked asked,
                                        std::vector<Directory>& above) {
  if (above.size() > limits_.depth) {
    return report_problem(path, fmt::format("it lies deeper than {} directories and was not looked "
                                            "at: name it in the setting paths",
                                            limits_.depth));
  }
  const absl::StatusOr<std::vector<std::string>> names =
      probe::list_in_root(root_, path, limits_.names);
  if (!names.ok()) return report_problem(path, why_not(names.status()));
  for (const std::string& name : *names) {
    const std::string below = (path == "/" ? "" : path) + "/" + name;
    if (!may_look(below)) return;
    visit(below, asked, above);
  }
}

void CertificateSearch::visit_file(const std::string& path, Asked asked) {
  if (seen_.contains(path)) return;
  const CertificateEntries::Taken taken = entries_.take(path, asked);
  if (taken.is_entry) seen_.insert(path);
  // What is referred to refers to nothing: a chain of files would have no end.
  if (asked == Asked::kReferred || asked == Asked::kReferredKey) return;
  visit_all(taken.referred_paths, Asked::kReferred);
  visit_all(taken.referred_keys, Asked::kReferredKey);
}

void CertificateSearch::visit_all(const std::vector<std::string>& paths, Asked asked) {
  for (const std::string& path : paths) {
    std::vector<Directory> above;
    if (!may_look(path)) return;
    visit(path, asked, above);
  }
}

bool CertificateSearch::may_look(const std::string& path) {
  if (++names_ <= limits_.names) return true;
  if (!names_exhausted_) {
    names_exhausted_ = true;
    report_problem(path,
                   fmt::format("more than {} names were looked at; this and all after it were "
                               "not: name narrower places in the setting paths",
                               limits_.names));
  }
  return false;
}

void CertificateSearch::report_problem(const std::string& path, std::string_view error) {
  if (!seen_.insert(path).second) return;
  v1::CertificateFile problem;
  problem.set_path(shown_path(path.empty() ? "/" : path));
  problem.set_error(std::string(error));
  sinks_.problem(std::move(problem));
}

}  // namespace muster
