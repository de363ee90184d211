#include "common/policy/rules/certificates_on_disk.h"

#include <absl/strings/ascii.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "common/counted.h"
#include "common/policy/rules/certificate_subjects.h"
#include "common/policy/rules/server_programs.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

// Of one name; what a broken probe tells of is not searched without end.
constexpr size_t kMostOfAName = 256;
constexpr size_t kMostSuccessors = 64;
constexpr size_t kLongestPath = 256;

std::string lower(std::string_view text) {
  return absl::AsciiStrToLower({text.data(), text.size()});
}

// "dns:shop.example.org", or "cn:shop" where it has no alternative names.
std::set<std::string> names_of(const v1::Certificate& certificate) {
  std::set<std::string> names;
  for (const std::string& name : certificate.subject_alternative_names())
    names.insert(lower(name));
  if (names.empty() && !certificate.common_name().empty())
    names.insert("cn:" + lower(certificate.common_name()));
  return names;
}

// "*.example.org" for "shop.example.org"; nothing for a name without a dot.
std::optional<std::string> wildcard_of(const std::string& name) {
  const size_t dot = name.find('.');
  if (dot == std::string::npos) return std::nullopt;
  return "*" + name.substr(dot);
}

bool covers(const std::set<std::string>& names, const std::string& server_name) {
  if (server_name.empty()) return false;
  const std::optional<std::string> wildcard = wildcard_of(server_name);
  return names.contains("dns:" + server_name) || names.contains("cn:" + server_name) ||
         (wildcard && names.contains("dns:" + *wildcard));
}

}  // namespace

std::vector<const v1::Certificate*> leaves_of(const v1::CertificateFile& file) {
  const bool is_store = file.entry_names_size() == file.certificates_size();
  std::vector<const v1::Certificate*> leaves;
  for (const v1::Certificate& certificate : file.certificates()) {
    if (leaves.empty() || (is_store && !certificate.certificate_authority()))
      leaves.push_back(&certificate);
  }
  return leaves;
}

std::vector<const v1::CertificateUse*> ConfiguredServer::uses_for(
    std::string_view server_name) const {
  if (server_name.empty()) return {};
  const std::string name = lower(server_name);
  if (const auto exact = by_name.find(name); exact != by_name.end()) return exact->second;
  const std::optional<std::string> wildcard = wildcard_of(name);
  if (!wildcard) return {};
  const auto above = by_name.find(*wildcard);
  return above == by_name.end() ? std::vector<const v1::CertificateUse*>() : above->second;
}

CertificatesOnDisk::CertificatesOnDisk(const v1::CertificateFacts& facts) {
  size_t errors = facts.files_omitted();
  for (const v1::CertificateFile& file : facts.files()) {
    add_file(file);
    if (file.error().empty() || is_of_lists(file)) continue;
    if (errors++ == 0) unseen_ = printable(file.path(), kLongestPath);
  }
  for (const v1::CertificateFile& directory : facts.unreadable_directories()) {
    if (errors++ == 0) unseen_ = printable(directory.path(), kLongestPath);
  }
  if (errors > 0) {
    unseen_ = unseen_.empty() ? counted(errors, "file")
              : errors == 1   ? unseen_
                              : fmt::format("{} and {} more", unseen_, errors - 1);
  }
  for (const v1::CertificateUse& use : facts.uses())
    add_use(use);
  if (!facts.unread_configurations().empty())
    unread_configuration_ = printable(facts.unread_configurations(0), kLongestPath);
}

void CertificatesOnDisk::add_file(const v1::CertificateFile& file) {
  by_path_.emplace(file.path(), &file);
  for (const v1::Certificate* leaf : leaves_of(file)) {
    if (!leaf->sha256().empty()) by_fingerprint_[leaf->sha256()].push_back(&file);
    for (const std::string& name : names_of(*leaf)) {
      std::vector<OnDisk>& of_name = by_name_[name];
      if (of_name.size() < kMostOfAName) of_name.push_back({.file = &file, .certificate = leaf});
    }
  }
}

void CertificatesOnDisk::add_use(const v1::CertificateUse& use) {
  ConfiguredServer& server = servers_[program_of(use.program())];
  server.uses.push_back(&use);
  for (const std::string& name : use.server_names())
    server.by_name[lower(name)].push_back(&use);
  const v1::CertificateFile* const found = file(use.certificate_path());
  if (found == nullptr) return;
  server.files.insert(found);
  for (const v1::Certificate* leaf : leaves_of(*found))
    server.leaves.insert(leaf->sha256());
}

const v1::CertificateFile* CertificatesOnDisk::file(std::string_view path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : found->second;
}

std::vector<const v1::CertificateFile*> CertificatesOnDisk::files_with(
    const v1::Certificate& leaf) const {
  const auto found = by_fingerprint_.find(leaf.sha256());
  return found == by_fingerprint_.end() ? std::vector<const v1::CertificateFile*>() : found->second;
}

const ConfiguredServer* CertificatesOnDisk::server(std::string_view process) const {
  if (process.empty()) return nullptr;
  const auto found = servers_.find(program_of(process));
  return found == servers_.end() ? nullptr : &found->second;
}

bool CertificatesOnDisk::is_configured_name(std::string_view server_name) const {
  return std::any_of(servers_.begin(), servers_.end(), [server_name](const auto& server) {
    return !server.second.uses_for(server_name).empty();
  });
}

namespace {

// Issued later; of two of the same second, the one that lasts longer.
bool is_newer(const v1::Certificate& one, const v1::Certificate& other) {
  if (!one.has_not_before()) return false;
  const TimePoint begin = from_proto(one.not_before());
  const TimePoint begin_of_other = from_proto(other.not_before());
  if (begin != begin_of_other) return begin > begin_of_other;
  return one.has_not_after() && other.has_not_after() &&
         from_proto(one.not_after()) > from_proto(other.not_after());
}

}  // namespace

std::vector<OnDisk> CertificatesOnDisk::successors_of(const v1::Certificate& leaf,
                                                      std::string_view server_name) const {
  const std::set<std::string> names = names_of(leaf);
  const std::string asked = lower(server_name);
  const bool covers_asked = covers(names, asked);
  std::vector<OnDisk> successors;
  const auto add_of_name = [&](const std::string& name) {
    const auto found = by_name_.find(name);
    if (found == by_name_.end() || !leaf.has_not_before()) return;
    for (const OnDisk& one : found->second) {
      const v1::Certificate& other = *one.certificate;
      if (other.sha256() == leaf.sha256() || !is_newer(other, leaf)) continue;
      const std::set<std::string> others = names_of(other);
      const bool has_all = std::includes(others.begin(), others.end(), names.begin(), names.end());
      const bool is_known = std::any_of(successors.begin(), successors.end(), [&](const auto& s) {
        return s.file == one.file && s.certificate == one.certificate;
      });
      if (is_known || !(has_all || (covers_asked && covers(others, asked)))) continue;
      if (successors.size() < kMostSuccessors) successors.push_back(one);
    }
  };
  if (!names.empty()) add_of_name(*names.begin());
  if (covers_asked) {
    add_of_name("dns:" + asked);
    add_of_name("dns:" + wildcard_of(asked).value_or(asked));
  }
  std::stable_sort(successors.begin(), successors.end(), [](const OnDisk& a, const OnDisk& b) {
    return from_proto(a.certificate->not_before()) > from_proto(b.certificate->not_before());
  });
  return successors;
}

}  // namespace muster::policy
