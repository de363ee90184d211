#include "agent/identity/pinned_chain.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <array>
#include <cctype>

#include "common/openssl.h"
#include "common/text.h"

namespace muster::agent {
namespace {

void free_certificates(STACK_OF(X509) * certificates) {
  sk_X509_pop_free(certificates, X509_free);
}
using X509StackPtr = std::unique_ptr<STACK_OF(X509), OpensslDeleter<free_certificates>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, OpensslDeleter<X509_STORE_CTX_free>>;

std::string fingerprint_of(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  X509_digest(certificate, EVP_sha256(), digest.data(), &size);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

X509* find_pinned(STACK_OF(X509) * chain, const std::string& pin) {
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    X509* certificate = sk_X509_value(chain, i);
    if (fingerprint_of(certificate) == pin && X509_check_ca(certificate) != 0) return certificate;
  }
  return nullptr;
}

int hex_value(char c) {
  const char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (lower >= '0' && lower <= '9') return lower - '0';
  if (lower >= 'a' && lower <= 'f') return lower - 'a' + 10;
  return -1;
}

// OK if the leaf chains to one of `trusted` and is a server's of this name. `whose`: who they are.
absl::Status verify(STACK_OF(X509) * chain, STACK_OF(X509) * trusted, const std::string& host,
                    std::string_view whose) {
  if (sk_X509_num(chain) <= 0) {
    return absl::PermissionDeniedError(fmt::format("{} presents no certificate", printable(host)));
  }
  const X509StorePtr store(X509_STORE_new());
  const StoreContextPtr context(X509_STORE_CTX_new());
  if (store == nullptr || context == nullptr ||
      X509_STORE_CTX_init(context.get(), store.get(), sk_X509_value(chain, 0), chain) != 1) {
    return openssl_error("preparing to verify the collector");
  }
  X509_STORE_CTX_set0_trusted_stack(context.get(), trusted);
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  // What is trusted is trusted as it is, also where it is an intermediate.
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_SERVER);
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) != 1 &&
      X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), host.size()) != 1) {
    return openssl_error("preparing to verify the collector's name");
  }
  if (X509_verify_cert(context.get()) != 1) {
    return absl::PermissionDeniedError(
        fmt::format("the certificate of {} does not verify against {}: {}", printable(host), whose,
                    X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()))));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> parse_fingerprint(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != ':') digits += c;
  }
  std::string bytes;
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    const int high = hex_value(digits[i]);
    const int low = hex_value(digits[i + 1]);
    if (high < 0 || low < 0) break;
    bytes += static_cast<char>(high * 16 + low);
  }
  if (digits.size() != 64 || bytes.size() != 32) {
    return absl::InvalidArgumentError(
        "--ca-sha256 takes the 64 hex digits that `muster-collector token create` prints");
  }
  return bytes;
}

absl::Status check_pinned_chain(STACK_OF(X509) * chain, const std::string& pin,
                                const std::string& host) {
  X509* leaf = sk_X509_num(chain) > 0 ? sk_X509_value(chain, 0) : nullptr;
  X509* pinned = chain == nullptr ? nullptr : find_pinned(chain, pin);
  if (leaf == nullptr || pinned == nullptr) {
    return absl::PermissionDeniedError(
        fmt::format("{} presents no CA certificate with the SHA-256 {}: either --ca-sha256 is "
                    "wrong, or this is not your collector",
                    printable(host), to_hex(pin)));
  }
  const X509StackPtr trusted(sk_X509_new_null());
  if (trusted == nullptr || X509_up_ref(pinned) != 1) return openssl_error("trusting the CA");
  sk_X509_push(trusted.get(), pinned);
  return verify(chain, trusted.get(), host, "the pinned CA");
}

absl::Status check_trusted_chain(STACK_OF(X509) * chain, const std::string& roots,
                                 const std::string& host) {
  const X509StackPtr trusted(sk_X509_new_null());
  const BioPtr bio = memory_bio(roots);
  while (X509* root = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr))
    sk_X509_push(trusted.get(), root);
  ERR_clear_error();
  return verify(chain, trusted.get(), host, "the CA certificates that this host trusts");
}

}  // namespace muster::agent
