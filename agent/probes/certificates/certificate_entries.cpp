#include "agent/probes/certificates/certificate_entries.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "agent/probes/certificates/certificate_names.h"
#include "agent/probes/certificates/file_content.h"
#include "agent/probes/certificates/secrets.h"
#include "agent/probes/probe_program.h"
#include "common/text.h"

namespace muster {

// One file on its way.
struct CertificateEntries::Place {
  std::string path;
  // Where its links lead; empty where it is none.
  std::string links_to;
  Asked asked;
  absl::StatusOr<probe::FileStatus> status;
};

namespace {

constexpr size_t kPathLimit = 4096;

// Whether a file that holds this is worth decoding, or an entry because it cannot be.
bool is_sought(CertificateContent kind, const std::string& path, Asked asked) {
  switch (kind) {
    case CertificateContent::kCertificates:
    case CertificateContent::kRevocationList:
    case CertificateContent::kKey:
    case CertificateContent::kPkcs12:
    case CertificateContent::kJavaKeyStore:
    case CertificateContent::kKubeconfig:
      return true;
    case CertificateContent::kDerKey:
      return is_asked_for(asked) || is_named_a_key(path) || has_certificate_name(path);
    case CertificateContent::kCompanion:
      return is_asked_for(asked);
    case CertificateContent::kDer:
    case CertificateContent::kEmpty:
    case CertificateContent::kOther:
      return is_asked_for(asked) || has_certificate_name(path);
  }
  return false;
}

std::string_view what_if_missing(Asked asked) {
  switch (asked) {
    case Asked::kByName:
      return ": restore it, or take it out of the setting paths";
    case Asked::kReferred:
    case Asked::kReferredKey:
      return ": a kubeconfig names it";
    default:
      return ": the link leads to a file that is missing";
  }
}

// A path as a kubeconfig names it: from the directory that the kubeconfig is in.
std::string absolute_path(const std::string& referrer, const std::string& path) {
  return (std::filesystem::path(referrer).parent_path() / path).lexically_normal().string();
}

bool holds_anything(const v1::CertificateFile& file) {
  return file.certificates_size() > 0 || file.revocation_lists_size() > 0 || !file.error().empty();
}

// Whether it lies among what the site named for its certificates, named like one, and is a
// revocation list. One that was named itself is meant.
bool lacks_certificate(const v1::CertificateFile& file, const std::string& path, Asked asked) {
  return asked == Asked::kByPlace && !path.ends_with(".crl") && file.error().empty() &&
         file.certificates_size() == 0 && file.revocation_lists_size() > 0;
}

}  // namespace

std::string why_not(const absl::Status& status) {
  const std::string reason(status.message().data(), status.message().size());
  if (absl::IsPermissionDenied(status)) {
    return reason + ": run the probe as root, or give its user's group the right to read it; " +
           "where a link led there, name it in the setting paths";
  }
  return reason;
}

std::string shown_path(std::string_view path) {
  return truncate_utf8(repair_utf8(path), kPathLimit);
}

CertificateEntries::CertificateEntries(std::string root, size_t file_limit, uint64_t rounds,
                                       const PasswordTable& passwords, CertificateSinks sinks)
    : root_(std::move(root)),
      file_limit_(file_limit),
      passwords_(passwords),
      sinks_(std::move(sinks)),
      rights_(root_),
      rounds_left_(rounds) {}

CertificateEntries::Taken CertificateEntries::take(const std::string& path, Asked asked) {
  const std::string real = probe::resolve_in_root(root_, path);
  const std::string resolved = probe::gave_up(real) ? path : real.substr(root_.size());
  if (asked == Asked::kUsual && is_trust_store(path, resolved)) return {};
  const Place place{.path = path,
                    .links_to = resolved == path ? std::string() : resolved,
                    .asked = asked,
                    .status = probe::status_in_root(root_, path)};
  absl::StatusOr<std::string> content = probe::read_in_root(root_, path, file_limit_);
  if (!content.ok()) return take_unreadable(place, content.status());
  const WipeAtEnd wipe(*content);
  const CertificateContent kind = classify_certificate_content(*content);
  return is_sought(kind, path, asked) ? take_content(place, *content, kind) : Taken();
}

// What it holds cannot be told: its name has to say whether it is missed.
CertificateEntries::Taken CertificateEntries::take_unreadable(const Place& place,
                                                              const absl::Status& why) {
  std::string error = why_not(why);
  if (absl::IsNotFound(why)) error += what_if_missing(place.asked);
  const bool should_be_key = place.asked == Asked::kReferredKey;
  const bool is_key = should_be_key || is_named_a_key(place.path);
  const bool is_file =
      !should_be_key && (is_asked_for(place.asked) ||
                         (has_certificate_name(place.path) && !has_key_name(place.path)));
  if (is_key) {
    v1::KeyFile key;
    key.set_error(error);
    give_key(place, std::move(key));
  }
  if (is_file) {
    v1::CertificateFile file;
    file.set_error(error);
    give_file(place, std::move(file));
  }
  return {.is_entry = is_key || is_file};
}

CertificateEntries::Taken CertificateEntries::take_content(const Place& place,
                                                           std::string_view bytes,
                                                           CertificateContent kind) {
  const std::vector<std::string_view> passwords =
      passwords_.passwords_for(place.path, place.links_to);
  const uint64_t allowed = std::min(kMostRounds, rounds_left_);
  Unlocking unlocking{.passwords = passwords, .rounds = allowed};
  FileContent content = read_file_content(bytes, kind, unlocking);
  rounds_left_ -= allowed - unlocking.rounds;

  Taken taken;
  for (const std::string& path : content.referred_paths)
    taken.referred_paths.push_back(absolute_path(place.path, path));
  if (lacks_certificate(content.file, place.path, place.asked)) {
    content.file.set_error(
        "it holds a revocation list, and no certificate: where that is meant, name the file itself "
        "in the setting paths");
  }
  for (const std::string& path : content.referred_keys)
    taken.referred_keys.push_back(absolute_path(place.path, path));
  if (place.asked == Asked::kReferredKey && !content.key.has_value()) {
    content.key.emplace().set_error("it holds no private key");
  }
  const bool has_key = content.key.has_value();
  if (has_key) give_key(place, *std::move(content.key));
  bool is_file = holds_anything(content.file);
  // Much begins as a key does, in a file that is named like a certificate by chance.
  if (kind == CertificateContent::kDerKey && !is_asked_for(place.asked)) is_file = false;
  if (place.asked == Asked::kReferredKey && content.file.certificates().empty()) is_file = false;
  const bool refers = !taken.referred_paths.empty() || !taken.referred_keys.empty();
  if (!is_file && !has_key && !refers && is_asked_for(place.asked)) {
    content.file.set_error("it holds no certificate");
    is_file = true;
  }
  if (is_file) give_file(place, std::move(content.file));
  taken.is_entry = is_file || has_key;
  return taken;
}

void CertificateEntries::give_file(const Place& place, v1::CertificateFile file) {
  file.set_path(shown_path(place.path));
  if (!place.links_to.empty()) file.set_links_to(shown_path(place.links_to));
  if (place.status.ok() && place.status->has_modified_at) {
    *file.mutable_modified_at() = place.status->modified_at;
  }
  sinks_.file(std::move(file));
}

void CertificateEntries::give_key(const Place& place, v1::KeyFile key) {
  key.set_path(shown_path(place.path));
  if (place.status.ok()) rights_.describe(place.path, *place.status, key);
  sinks_.key(std::move(key));
}

}  // namespace muster
