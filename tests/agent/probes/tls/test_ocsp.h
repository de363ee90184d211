// OCSP responses and revocation lists for tests, with what a test says in them.
#pragma once

#include <openssl/ocsp.h>

#include <string>
#include <vector>

#include "tests/agent/probes/tls/test_pki.h"

namespace muster::tls::test {

inline constexpr int64_t kThisUpdate = 1'795'000'000;
inline constexpr int64_t kNextUpdate = kThisUpdate + 7 * 24 * 60 * 60;
inline constexpr int64_t kRevokedAt = kThisUpdate - 1000;

struct OcspEntry {
  const Identity* leaf = nullptr;
  const Identity* issuer = nullptr;
  int status = V_OCSP_CERTSTATUS_GOOD;
  const EVP_MD* digest = EVP_sha1();
  bool has_next_update = true;
  int64_t this_update = kThisUpdate;
};

// DER of a successful response. `signer`: its certificate goes along if `with_certificate`.
std::string make_ocsp_response(const std::vector<OcspEntry>& entries, const Identity& signer,
                               bool with_certificate = false);
// One that answers nothing: OCSP_RESPONSE_STATUS_TRYLATER.
std::string make_ocsp_refusal(int status);

struct ListSpec {
  // Serials.
  std::vector<long> revoked = {};
  // 0: it does not say.
  int64_t next_update = kNextUpdate;
  // Of the list: {NID_delta_crl, "critical,01"}.
  std::vector<std::pair<int, std::string>> extensions = {};
  int64_t this_update = kThisUpdate;
};

// DER.
std::string make_list(const ListSpec& spec, const Identity& issuer);

}  // namespace muster::tls::test
