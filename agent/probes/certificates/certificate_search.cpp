#include "agent/probes/certificates/certificate_search.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <utility>

#include "agent/probes/certificates/certificate_names.h"
#include "agent/probes/certificates/certificate_parser.h"
#include "agent/probes/probe_program.h"
#include "agent/probes/root_files.h"
#include "common/text.h"

namespace muster {
namespace {

constexpr size_t kPathLimit = 4096;

std::string reason_of(const absl::Status& status) {
  const std::string reason(status.message().data(), status.message().size());
  if (absl::IsPermissionDenied(status)) {
    return reason + ": run the probe as root, or give its user's group the right to read it; " +
           "where a link led there, name it in the setting paths";
  }
  return reason;
}

bool is_pattern(const std::string& path) {
  return path.find_first_of("*?[") != std::string::npos;
}

}  // namespace

CertificateSearch::CertificateSearch(std::string root, SearchLimits limits, TakeFile take_file,
                                     TakeFile take_problem)
    : root_(std::move(root)),
      limits_(limits),
      take_file_(std::move(take_file)),
      take_problem_(std::move(take_problem)) {}

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
    if (!listed.ok()) return report_problem(below, reason_of(listed.status()));
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
  if (is_special && asked != Asked::kByName) return;
  // May not even be asked about, so it may be a directory: its place could not be looked at.
  if (asked != Asked::kByName && absl::IsPermissionDenied(status.status())) {
    return report_problem(path.substr(0, path.find_last_of('/')), reason_of(status.status()));
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
  if (!names.ok()) return report_problem(path, reason_of(names.status()));
  for (const std::string& name : *names) {
    const std::string below = (path == "/" ? "" : path) + "/" + name;
    if (!may_look(below)) return;
    visit(below, asked, above);
  }
}

void CertificateSearch::visit_file(const std::string& path, Asked asked) {
  const bool is_usual = asked == Asked::kUsual;
  const std::string resolved = probe::resolve_in_root(root_, path).substr(root_.size());
  if (seen_.contains(path) || (is_usual && is_trust_store(path, resolved))) return;
  const absl::StatusOr<probe::FileStatus> status = probe::status_in_root(root_, path);
  const absl::StatusOr<std::string> content = probe::read_in_root(root_, path, limits_.file_size);

  v1::CertificateFile file;
  if (content.ok()) {
    const CertificateContent kind = classify_certificate_content(*content);
    const bool is_sought = kind == CertificateContent::kCertificates ||
                           (kind != CertificateContent::kCompanion && has_certificate_name(path) &&
                            !(is_usual && kind == CertificateContent::kRevocationList));
    if (!is_sought && asked != Asked::kByName) return;
    ParsedCertificates parsed = parse_certificates(*content);
    for (v1::Certificate& certificate : parsed.certificates)
      *file.add_certificates() = std::move(certificate);
    file.set_error(parsed.error);
  } else {
    // What it holds cannot be told: its name has to say whether it is missed.
    if (asked != Asked::kByName && (!has_certificate_name(path) || has_key_name(path))) return;
    file.set_error(reason_of(content.status()));
    if (absl::IsNotFound(content.status())) {
      file.mutable_error()->append(asked == Asked::kByName
                                       ? ": restore it, or take it out of the setting paths"
                                       : ": the link leads to a file that is missing");
    }
  }
  seen_.insert(path);
  file.set_path(truncate_utf8(repair_utf8(path), kPathLimit));
  if (status.ok() && status->has_modified_at) *file.mutable_modified_at() = status->modified_at;
  take_file_(std::move(file));
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
  problem.set_path(truncate_utf8(repair_utf8(path.empty() ? "/" : path), kPathLimit));
  problem.set_error(std::string(error));
  take_problem_(std::move(problem));
}

}  // namespace muster
