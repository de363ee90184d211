#include "collector/identity/authorities.h"

#include <fmt/format.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "common/digest.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "common/openssl.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

constexpr size_t kFileLimit = 1 << 20;
// One more than a rotation has; more is not ours.
constexpr size_t kMostRoots = 4;
constexpr mode_t kSecretMode = 0600;
constexpr mode_t kPublicMode = 0644;
constexpr size_t kKeyNameDigits = 16;
// Of the gRPC port's, with the time in which it finds that a root was dropped, and some more.
constexpr std::chrono::hours kLongestConnection{13};

// Each certificate of a file, as PEM of our own writing.
absl::StatusOr<std::vector<std::string>> split_certificates(const std::string& path,
                                                            const std::string& text) {
  std::vector<std::string> certificates;
  const BioPtr bio = memory_bio(text);
  while (const X509Ptr one{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    if (certificates.size() == kMostRoots) {
      return absl::InvalidArgumentError(
          fmt::format("{} has more than {} certificates; a rotation has two", path, kMostRoots));
    }
    const BioPtr out(BIO_new(BIO_s_mem()));
    if (out == nullptr || PEM_write_bio_X509(out.get(), one.get()) != 1) {
      return openssl_error("writing a CA certificate");
    }
    certificates.push_back(bio_content(out.get()));
  }
  if (certificates.empty()) return openssl_error(fmt::format("{} has no certificate", path));
  // The end of the file is an error to it.
  (void)openssl_error("reading");
  return certificates;
}

bool is_key_name(std::string_view name) {
  constexpr std::string_view kPrefix = "ca-";
  constexpr std::string_view kSuffix = ".key";
  return name.size() == kPrefix.size() + kKeyNameDigits + kSuffix.size() &&
         name.starts_with(kPrefix) && name.ends_with(kSuffix);
}

absl::Status remove_file(const std::string& path) {
  if (!failpoint::fails("file.remove", path) && (::unlink(path.c_str()) == 0 || errno == ENOENT)) {
    return absl::OkStatus();
  }
  return errno_status(errno, fmt::format("removing {}", path));
}

bool is_there(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

}  // namespace

Authorities::State Authorities::make_state(std::vector<Root> roots, size_t signing) {
  TrustBundle bundle;
  for (const Root& root : roots)
    bundle.pem += root->certificate_pem();
  bundle.sha256 = sha256(bundle.pem);
  return {.roots = std::move(roots),
          .signing = signing,
          .bundle = std::make_shared<const TrustBundle>(std::move(bundle))};
}

Authorities::Authorities(CertificateAuthority only)
    : Authorities(StateFiles(""), only.trust_domain()) {
  state_ = make_state({std::make_shared<const CertificateAuthority>(std::move(only))}, 0);
}

absl::StatusOr<std::unique_ptr<Authorities>> Authorities::load(const StateFiles& files,
                                                               const std::string& trust_domain) {
  const absl::StatusOr<std::string> text = read_file(files.ca_certificate, kFileLimit);
  if (absl::IsNotFound(text.status())) {
    return absl::NotFoundError(
        fmt::format("{} is missing: make the collector's directory with `muster-collector init "
                    "--state-directory DIR`, or name its configuration with --config",
                    files.ca_certificate));
  }
  if (!text.ok()) return text.status();
  const absl::StatusOr<std::vector<std::string>> certificates =
      split_certificates(files.ca_certificate, *text);
  if (!certificates.ok()) return certificates.status();
  std::unique_ptr<Authorities> authorities(new Authorities(files, trust_domain));
  std::vector<Root> roots;
  for (const std::string& certificate : *certificates) {
    absl::StatusOr<Root> root = authorities->load_root(certificate);
    if (!root.ok()) return root.status();
    roots.push_back(*std::move(root));
  }
  size_t signing = 0;
  const absl::StatusOr<std::string> active = read_file(files.ca_active, kFileLimit);
  if (active.ok()) {
    const auto found = std::find_if(roots.begin(), roots.end(), [&active](const Root& root) {
      return root->sha256() == trim(*active);
    });
    if (found == roots.end()) {
      return absl::InvalidArgumentError(fmt::format(
          "{} names the CA that signs, and {} has no such certificate: put both back from the same "
          "backup",
          files.ca_active, files.ca_certificate));
    }
    signing = static_cast<size_t>(found - roots.begin());
  } else if (!absl::IsNotFound(active.status())) {
    return active.status();
  }
  authorities->set_state(make_state(std::move(roots), signing));
  return authorities;
}

absl::StatusOr<Authorities::Root> Authorities::load_root(const std::string& certificate) const {
  const BioPtr bio = memory_bio(certificate);
  const X509Ptr parsed(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (parsed == nullptr) return openssl_error("reading the CA certificate");
  const absl::StatusOr<std::string> digest = certificate_sha256(parsed.get());
  if (!digest.ok()) return digest.status();
  std::string key_path = files_.ca_key_of(*digest);
  if (!is_there(key_path)) key_path = files_.ca_key;
  absl::StatusOr<std::string> key = read_file(key_path, kFileLimit);
  if (absl::IsNotFound(key.status())) {
    return absl::NotFoundError(
        fmt::format("{} is missing, the key of a CA in {}: put it back from a backup "
                    "(`muster-collector restore`)",
                    key_path, files_.ca_certificate));
  }
  if (!key.ok()) return key.status();
  absl::StatusOr<CertificateAuthority> authority = CertificateAuthority::load(
      {.certificate = certificate, .key = *std::move(key)}, trust_domain_);
  if (authority.ok()) return std::make_shared<const CertificateAuthority>(*std::move(authority));
  return absl::Status(
      authority.status().code(),
      fmt::format("{}: {}", files_.ca_certificate, std::string(authority.status().message())));
}

std::string Authorities::key_path_of(const CertificateAuthority& root) const {
  std::string path = files_.ca_key_of(root.sha256());
  return is_there(path) ? path : files_.ca_key;
}

Authorities::State Authorities::state() const {
  const std::lock_guard guard(mutex_);
  return state_;
}

void Authorities::set_state(State state) {
  const std::lock_guard guard(mutex_);
  state_ = std::move(state);
}

Authorities::Root Authorities::signing() const {
  const std::lock_guard guard(mutex_);
  return state_.roots[state_.signing];
}

bool Authorities::signs_now(std::string_view ca_sha256) const {
  return signing()->sha256() == ca_sha256;
}

std::shared_ptr<const TrustBundle> Authorities::bundle() const {
  const std::lock_guard guard(mutex_);
  return state_.bundle;
}

std::vector<Authorities::Root> Authorities::roots() const {
  return state().roots;
}

absl::Status Authorities::prepare(TimePoint now) {
  const std::lock_guard guard(change_mutex_);
  State before = state();
  if (before.roots.size() > 1) {
    return absl::FailedPreconditionError(
        "a rotation is under way: there are two CAs already. `muster-collector ca status` shows "
        "them; `ca activate` goes on with it, `ca retire` drops the one that does not sign");
  }
  // A name of its own: whoever looks at a chain must be able to tell them apart.
  absl::StatusOr<KeyPair> pair = CertificateAuthority::generate(
      trust_domain_, now, to_iso8601(now).substr(0, std::string_view("2026-11-22").size()));
  if (!pair.ok()) return pair.status();
  absl::StatusOr<CertificateAuthority> made = CertificateAuthority::load(*pair, trust_domain_);
  if (!made.ok()) return made.status();
  // The key first: it is a leftover, not a CA, until ca.pem has its certificate.
  absl::Status status =
      write_file_atomically(files_.ca_key_of(made->sha256()), pair->key, kSecretMode);
  std::vector<Root> roots = before.roots;
  roots.push_back(std::make_shared<const CertificateAuthority>(*std::move(made)));
  State after = make_state(std::move(roots), before.signing);
  if (status.ok()) {
    status = write_file_atomically(files_.ca_certificate, after.bundle->pem, kPublicMode);
  }
  if (status.ok()) set_state(std::move(after));
  return status;
}

absl::Status Authorities::activate(std::string_view ca_sha256) {
  const std::lock_guard guard(change_mutex_);
  State changed = state();
  const auto found =
      std::find_if(changed.roots.begin(), changed.roots.end(),
                   [ca_sha256](const Root& root) { return root->sha256() == ca_sha256; });
  if (found == changed.roots.end()) {
    return absl::NotFoundError(
        fmt::format("no CA has the fingerprint {}; `muster-collector ca status` shows both",
                    printable(ca_sha256, 100)));
  }
  changed.signing = static_cast<size_t>(found - changed.roots.begin());
  absl::Status status =
      write_file_atomically(files_.ca_active, (*found)->sha256() + "\n", kPublicMode);
  if (status.ok()) set_state(std::move(changed));
  return status;
}

absl::Status Authorities::retire() {
  const std::lock_guard guard(change_mutex_);
  const State before = state();
  if (before.roots.size() == 1) {
    return absl::FailedPreconditionError(
        "there is only one CA, and it signs: `muster-collector ca prepare` begins a rotation");
  }
  const Root& kept = before.roots[before.signing];
  State after = make_state({kept}, 0);
  absl::Status status =
      write_file_atomically(files_.ca_certificate, after.bundle->pem, kPublicMode);
  if (!status.ok()) return status;
  dropped_until_ =
      (std::chrono::steady_clock::now() + kLongestConnection).time_since_epoch().count();
  set_state(std::move(after));
  const std::string kept_key = key_path_of(*kept);
  for (const Root& root : before.roots) {
    const std::string key = key_path_of(*root);
    if (root == kept || key == kept_key) continue;
    status = remove_file(key);
    if (!status.ok()) return status;
  }
  return sync_directory(files_.directory);
}

bool Authorities::is_of_dropped_root(std::string_view certificate_pem) const {
  if (std::chrono::steady_clock::now().time_since_epoch().count() >= dropped_until_) return false;
  const BioPtr bio = memory_bio(certificate_pem);
  const X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) {
    (void)openssl_error("reading");
    return true;
  }
  const std::vector<Root> trusted = roots();
  const bool is_trusted =
      std::any_of(trusted.begin(), trusted.end(),
                  [&certificate](const Root& r) { return r->has_signed(*certificate); });
  // OpenSSL notes what did not fit.
  if (!is_trusted) (void)openssl_error("verifying");
  return !is_trusted;
}

void Authorities::remove_leftovers() const {
  const State now = state();
  std::vector<std::string> keys;
  for (const Root& root : now.roots)
    keys.push_back(key_path_of(*root));
  const auto is_used = [&keys](const std::string& path) {
    return std::find(keys.begin(), keys.end(), path) != keys.end();
  };
  muster::remove_temporary_files(files_.ca_active);
  // Every path first: the directory must not change while it is read.
  std::vector<std::string> leftovers;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(files_.directory, error), end;
       !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    const std::string_view original = std::string_view(name).substr(0, name.rfind('.'));
    const bool is_key = is_key_name(name) || name == "ca.key";
    const bool is_part = is_key_name(original) && is_temporary_of(name, original);
    if (is_part || (is_key && !is_used(entry->path()))) leftovers.push_back(entry->path());
  }
  for (const std::string& path : leftovers)
    (void)remove_file(path);
}

}  // namespace muster::collector
