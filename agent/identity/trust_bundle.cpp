#include "agent/identity/trust_bundle.h"

#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>
#include <string_view>

#include "agent/launcher/input_fingerprint.h"
#include "common/digest.h"
#include "common/files.h"
#include "common/openssl.h"
#include "common/text.h"

namespace muster::agent {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";

size_t count_of(std::string_view text, std::string_view words) {
  size_t count = 0;
  for (size_t at = text.find(words); at != std::string_view::npos;
       at = text.find(words, at + words.size())) {
    ++count;
  }
  return count;
}

absl::Status unfit(std::string_view why) {
  return absl::InvalidArgumentError(
      fmt::format("the CA certificates that the collector sends are not taken: {}", why));
}

bool has_ended(const X509* certificate, TimePoint now) {
  std::time_t time = std::chrono::system_clock::to_time_t(
      std::chrono::time_point_cast<std::chrono::system_clock::duration>(now));
  return X509_cmp_time(X509_get0_notAfter(certificate), &time) <= 0;
}

}  // namespace

absl::Status check_trust_bundle(const std::string& pem, TimePoint now) {
  if (pem.size() > kTrustBundleLimit) {
    return unfit(fmt::format("{} bytes are more than {}", pem.size(), kTrustBundleLimit));
  }
  const BioPtr bio = memory_bio(pem);
  size_t roots = 0;
  bool one_is_valid = false;
  while (const X509Ptr root{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    ++roots;
    if (X509_check_ca(root.get()) == 0) return unfit("one of them is not of a CA");
    one_is_valid = one_is_valid || !has_ended(root.get(), now);
  }
  // Why it ended: where there is no more, as after any other text.
  (void)openssl_error("");
  if (roots == 0) return unfit("there is none");
  if (roots > kMostRoots) return unfit(fmt::format("{} are more than {}", roots, kMostRoots));
  if (count_of(pem, kBegin) != roots) return unfit("something else is between them");
  if (!one_is_valid) return unfit("all of them have expired; compare the clocks");
  return absl::OkStatus();
}

std::string first_fingerprint(const std::string& pem) {
  const BioPtr bio = memory_bio(pem);
  const X509Ptr root(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (root == nullptr || X509_digest(root.get(), EVP_sha256(), digest.data(), &size) != 1) {
    (void)openssl_error("");
    return {};
  }
  return to_hex({reinterpret_cast<const char*>(digest.data()), size});
}

const std::string& TrustBundleFile::sha256_of(const std::string& path) {
  const std::array<ProbeInput, 1> file{{{path}}};
  const std::string fingerprint = input_fingerprint("", file).value_or("");
  if (!sha256_.empty() && path == path_ && !fingerprint.empty() && fingerprint == fingerprint_) {
    return sha256_;
  }
  path_ = path;
  fingerprint_ = fingerprint;
  const absl::StatusOr<std::string> pem = read_file(path, kTrustBundleLimit);
  sha256_ = pem.ok() ? sha256(*pem) : std::string();
  return sha256_;
}

}  // namespace muster::agent
