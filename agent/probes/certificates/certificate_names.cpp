#include "agent/probes/certificates/certificate_names.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace muster {
namespace {

// Files that distributions make from their roots: /etc/pki/tls of the Red Hat family, and the
// bundle of Debian's, which server configurations link to.
constexpr std::array<std::string_view, 6> kTrustFiles = {
    "/etc/pki/tls/cert.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/tls/certs/ca-bundle.trust.crt",
    "/etc/pki/tls/certs/ca-certificates.crt",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/certs/java/cacerts",
};

constexpr std::array<std::string_view, 11> kSuffixes = {
    ".crt", ".cer", ".der",   ".pem",      ".crl",        ".p12",
    ".pfx", ".jks", ".jceks", ".keystore", ".truststore",
};

constexpr std::array<std::string_view, 5> kTrustDirectories = {
    "/etc/pki/ca-trust/",          "/usr/share/pki/ca-trust-source/",
    "/usr/share/ca-certificates/", "/etc/ca-certificates/extracted/",
    "/var/lib/ca-certificates/",
};

std::string lower_name(std::string_view path) {
  std::string name(path.substr(path.find_last_of('/') + 1));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

}  // namespace

bool has_certificate_name(std::string_view path) {
  const std::string name = lower_name(path);
  return std::any_of(kSuffixes.begin(), kSuffixes.end(),
                     [&name](std::string_view suffix) { return name.ends_with(suffix); });
}

bool has_key_name(std::string_view path) {
  const std::string name = lower_name(path);
  const std::string_view stem = std::string_view(name).substr(0, name.find_last_of('.'));
  return stem.ends_with("key");
}

bool is_named_a_key(std::string_view path) {
  return lower_name(path).ends_with(".key") || (has_key_name(path) && has_certificate_name(path));
}

bool is_trust_store(std::string_view path, std::string_view resolved) {
  for (const std::string_view place : {path, resolved}) {
    if (std::find(kTrustFiles.begin(), kTrustFiles.end(), place) != kTrustFiles.end()) return true;
    const bool below =
        std::any_of(kTrustDirectories.begin(), kTrustDirectories.end(),
                    [place](std::string_view directory) { return place.starts_with(directory); });
    if (below) return true;
  }
  return false;
}

std::string without_doubled_slashes(std::string_view path) {
  std::string clean;
  for (const char c : path) {
    if (c != '/' || !clean.ends_with('/')) clean += c;
  }
  if (clean.size() > 1 && clean.ends_with('/')) clean.pop_back();
  return clean;
}

}  // namespace muster
