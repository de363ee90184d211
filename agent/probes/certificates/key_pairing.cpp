#include "agent/probes/certificates/key_pairing.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace muster {
namespace {

// "fullchain3" is "fullchain" and "3", as certbot numbers them in its archive.
std::pair<std::string, std::string> without_number(const std::string& stem) {
  const size_t last = stem.find_last_not_of("0123456789");
  const size_t length = last == std::string::npos ? 0 : last + 1;
  return {stem.substr(0, length), stem.substr(length)};
}

// What a certificate's stem is once "cert" or "chain" is taken off: "web-cert" gives "web-".
std::vector<std::string> key_stems(const std::string& stem) {
  std::vector<std::string> stems;
  for (const std::string_view word : {"fullchain", "cert", "certificate", "crt"}) {
    if (!stem.ends_with(word)) continue;
    const std::string before = stem.substr(0, stem.size() - word.size());
    stems.push_back(before + "privkey");
    stems.push_back(before + "key");
  }
  for (const std::string_view word : {"-key", "_key", ".key"})
    stems.push_back(stem + std::string(word));
  return stems;
}

// The names that a key of the file `name` would have, likeliest first.
std::vector<std::string> key_names(const std::string& name) {
  const size_t dot = std::min(name.find_last_of('.'), name.size());
  const std::string stem = name.substr(0, dot);
  const std::string suffix = name.substr(dot);
  std::vector<std::string> names = {stem + ".key"};
  const auto [word, number] = without_number(stem);
  for (const std::string& key : key_stems(word)) {
    names.push_back(key + number + suffix);
    names.push_back(key + number + ".pem");
    names.push_back(key + number + ".key");
  }
  // "web.example.org.fullchain.pem" and "web.example.org.key".
  for (const std::string_view part : {".fullchain", ".cert", "-cert", "_cert", ".chain"}) {
    if (stem.ends_with(part)) names.push_back(stem.substr(0, stem.size() - part.size()) + ".key");
  }
  return names;
}

// The directory itself, and where distributions keep keys apart: certs/ and private/.
std::vector<std::string> key_directories(const std::string& directory) {
  std::vector<std::string> directories = {directory};
  constexpr std::string_view kCertificates = "/certs";
  if (directory.ends_with(kCertificates)) {
    directories.push_back(directory.substr(0, directory.size() - kCertificates.size()) +
                          "/private");
  }
  return directories;
}

// Formats that keep a key with its certificates.
bool is_store(v1::CertificateFormat format) {
  return format == v1::CERTIFICATE_FORMAT_PKCS12 || format == v1::CERTIFICATE_FORMAT_JKS ||
         format == v1::CERTIFICATE_FORMAT_JCEKS || format == v1::CERTIFICATE_FORMAT_KUBECONFIG;
}

std::string key_beside(const std::string& path, const std::set<std::string>& keys) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return {};
  for (const std::string& directory : key_directories(path.substr(0, slash))) {
    for (const std::string& name : key_names(path.substr(slash + 1))) {
      std::string candidate = directory;
      candidate += '/';
      candidate += name;
      if (candidate != path && keys.contains(candidate)) return candidate;
    }
  }
  return keys.contains(path) ? path : std::string();
}

}  // namespace

void pair_keys(v1::CertificateFacts& facts) {
  std::set<std::string> keys;
  for (const v1::KeyFile& key : facts.keys())
    keys.insert(key.path());
  std::map<std::string, std::string> configured;
  for (const v1::CertificateUse& use : facts.uses()) {
    if (!use.key_path().empty()) configured.emplace(use.certificate_path(), use.key_path());
  }
  for (v1::CertificateFile& file : *facts.mutable_files()) {
    if (file.certificates().empty() || !file.key_path().empty()) continue;
    if (is_store(file.format())) {
      if (keys.contains(file.path())) file.set_key_path(file.path());
      continue;
    }
    const auto pair = configured.find(file.path());
    file.set_key_path(pair != configured.end() ? pair->second : key_beside(file.path(), keys));
  }
}

}  // namespace muster
