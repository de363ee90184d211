#include "agent/probes/certificates/legacy_ciphers.h"

#include <openssl/err.h>
#include <openssl/provider.h>

#include <memory>

#include "common/openssl.h"

namespace muster {
namespace {

using ProviderPtr = std::unique_ptr<OSSL_PROVIDER, OpensslDeleter<OSSL_PROVIDER_unload>>;

// Whoever loads one provider by name has no others but those loaded so.
struct Providers {
  ProviderPtr usual{OSSL_PROVIDER_load(nullptr, "default")};
  ProviderPtr legacy{OSSL_PROVIDER_load(nullptr, "legacy")};
};

bool is_legacy(int algorithm) {
  switch (algorithm) {
    case NID_pbe_WithSHA1And128BitRC4:
    case NID_pbe_WithSHA1And40BitRC4:
    case NID_pbe_WithSHA1And128BitRC2_CBC:
    case NID_pbe_WithSHA1And40BitRC2_CBC:
    case NID_pbeWithMD2AndDES_CBC:
    case NID_pbeWithMD5AndDES_CBC:
    case NID_pbeWithSHA1AndDES_CBC:
    case NID_pbeWithMD2AndRC2_CBC:
    case NID_pbeWithMD5AndRC2_CBC:
    case NID_pbeWithSHA1AndRC2_CBC:
      return true;
    default:
      return false;
  }
}

}  // namespace

void need_ciphers_of(const X509_ALGOR* algorithm) {
  if (algorithm == nullptr || !is_legacy(OBJ_obj2nid(algorithm->algorithm))) return;
  static const Providers providers;
  ERR_clear_error();
}

}  // namespace muster
