#include "agent/probes/certificates/certificate_look.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/probes/certificates/configured/configured_uses.h"
#include "agent/probes/certificates/password_file.h"
#include "agent/probes/certificates/password_table.h"
#include "agent/probes/certificates/problem_list.h"
#include "agent/probes/probe_program.h"
#include "agent/probes/root_files.h"
#include "common/text.h"

namespace muster {
namespace {

constexpr size_t kMostPaths = 256;
constexpr size_t kMostPasswordFiles = 16;

constexpr std::array<std::string_view, 12> kUsualPlaces = {
    "/etc/ssl/private", "/etc/letsencrypt/live", "/etc/nginx",         "/etc/apache2",
    "/etc/postfix",     "/etc/dovecot",          "/etc/ldap",          "/etc/postgresql",
    "/etc/pki/tls",     "/etc/kubernetes",       "/root/.kube/config", "/var/lib/kubelet/pki",
};

// What is wrong with the settings; empty if nothing is.
std::string complaint_about(const std::vector<std::string>& paths,
                            const std::vector<std::string>& password_files,
                            const std::vector<std::string>& usual) {
  if (paths.size() > kMostPaths) {
    return fmt::format(
        "the setting paths has {} values: at most {} are looked at; use a directory "
        "or a glob",
        paths.size(), kMostPaths);
  }
  for (const std::string& path : paths) {
    if (!path.starts_with('/') || path.find('\0') != std::string::npos) {
      return fmt::format("the setting paths has '{}': it must be an absolute path or glob",
                         printable(path));
    }
  }
  if (password_files.size() > kMostPasswordFiles) {
    return fmt::format("the setting password_files has {} values: at most {} are read",
                       password_files.size(), kMostPasswordFiles);
  }
  for (const std::string& path : password_files) {
    if (!path.starts_with('/') || path.find_first_of(std::string_view("\0*?[", 4)) != path.npos) {
      return fmt::format("the setting password_files has '{}': it must be an absolute path",
                         printable(path));
    }
  }
  if (usual.size() > 1 || (usual.size() == 1 && usual[0] != "true" && usual[0] != "false")) {
    return fmt::format("the setting default_paths must be true or false, not '{}'",
                       printable(usual.back()));
  }
  return {};
}

void read_passwords(const std::string& root, const std::string& path, PasswordTable& passwords,
                    CertificateCollection& collection) {
  const absl::Status status = read_password_file(root, path, passwords);
  if (status.ok()) return;
  v1::CertificateFile problem;
  problem.set_path(shown_path(path));
  problem.set_error(reason_text(status));
  collection.add_problem(std::move(problem));
}

CertificateSinks sinks_of(CertificateCollection& collection) {
  return {
      .file = [&collection](v1::CertificateFile file) { collection.add_file(std::move(file)); },
      .key = [&collection](v1::KeyFile key) { collection.add_key(std::move(key)); },
      .problem = [&collection](
                     v1::CertificateFile problem) { collection.add_problem(std::move(problem)); },
  };
}

// What servers are configured with, wherever it lies.
void look_at_uses(const std::string& root, CertificateSearch& search,
                  CertificateCollection& collection) {
  v1::CertificateFacts configured;
  configured::find_uses_in_root(root, configured);
  for (const v1::CertificateUse& use : configured.uses()) {
    search.look_at_use(use.certificate_path());
    if (!use.key_path().empty()) search.look_at_key(use.key_path());
  }
  collection.add_uses(configured);
}

}  // namespace

v1::Section look_at_certificates(const v1::ProbeRequest& request, const SearchLimits& search_limits,
                                 const CollectionLimits& collection_limits) {
  const std::vector<std::string> paths = probe::setting_values(request, "paths");
  const std::vector<std::string> usual = probe::setting_values(request, "default_paths");
  const std::vector<std::string> password_files = probe::setting_values(request, "password_files");
  const std::string complaint = complaint_about(paths, password_files, usual);
  if (!complaint.empty()) return probe::failed(complaint);
  const absl::StatusOr<probe::FileStatus> root = probe::status_in_root(request.root(), "/");
  if (!root.ok() || root->kind != probe::FileKind::kDirectory) {
    return probe::failed(fmt::format("the root {} is not a directory", request.root()));
  }

  CertificateCollection collection(collection_limits);
  PasswordTable passwords;
  for (const std::string& file : password_files)
    read_passwords(request.root(), file, passwords, collection);
  CertificateSearch search(request.root(), search_limits, passwords, sinks_of(collection));
  // First what the site asked for: where something has to be left out, it is not that.
  for (const std::string& path : paths)
    search.look_at_configured(path);
  if (usual.empty() || usual[0] == "true") {
    look_at_uses(request.root(), search, collection);
    for (const std::string_view place : kUsualPlaces)
      search.look_at_usual(std::string(place));
  }
  return probe::observed(collection.finish());
}

}  // namespace muster
