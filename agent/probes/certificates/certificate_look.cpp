#include "agent/probes/certificates/certificate_look.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/probes/probe_program.h"
#include "agent/probes/root_files.h"
#include "common/text.h"

namespace muster {
namespace {

constexpr size_t kMostPaths = 256;

constexpr std::array<std::string_view, 10> kUsualPlaces = {
    "/etc/ssl/private", "/etc/letsencrypt/live", "/etc/nginx", "/etc/apache2",
    "/etc/postfix",     "/etc/dovecot",          "/etc/ldap",  "/etc/postgresql",
    "/etc/pki/tls",     "/etc/kubernetes/pki",
};

// What is wrong with the settings; empty if nothing is.
std::string complaint_about(const std::vector<std::string>& paths,
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
  if (usual.size() > 1 || (usual.size() == 1 && usual[0] != "true" && usual[0] != "false")) {
    return fmt::format("the setting default_paths must be true or false, not '{}'",
                       printable(usual.back()));
  }
  return {};
}

}  // namespace

v1::Section look_at_certificates(const v1::ProbeRequest& request, const SearchLimits& search_limits,
                                 const CollectionLimits& collection_limits) {
  const std::vector<std::string> paths = probe::setting_values(request, "paths");
  const std::vector<std::string> usual = probe::setting_values(request, "default_paths");
  if (const std::string complaint = complaint_about(paths, usual); !complaint.empty()) {
    return probe::failed(complaint);
  }
  const absl::StatusOr<probe::FileStatus> root = probe::status_in_root(request.root(), "/");
  if (!root.ok() || root->kind != probe::FileKind::kDirectory) {
    return probe::failed(fmt::format("the root {} is not a directory", request.root()));
  }

  CertificateCollection collection(collection_limits);
  CertificateSearch search(
      request.root(), search_limits,
      [&collection](v1::CertificateFile file) { collection.add_file(std::move(file)); },
      [&collection](v1::CertificateFile problem) { collection.add_problem(std::move(problem)); });
  // First what the site asked for: where something has to be left out, it is not that.
  for (const std::string& path : paths)
    search.look_at_configured(path);
  if (usual.empty() || usual[0] == "true") {
    for (const std::string_view place : kUsualPlaces)
      search.look_at_usual(std::string(place));
  }
  return probe::observed(collection.finish());
}

}  // namespace muster
