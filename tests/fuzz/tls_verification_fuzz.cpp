// Any bytes to what makes sense of chains, names, OCSP responses and revocation lists. The first
// one says which: certificates, names, a response and a list as they are; and, since no chance
// finds a signature, a response and a list that are changed in some places and then signed again.
#include <openssl/x509v3.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/tls/chain_verification.h"
#include "agent/probes/tls/revocation_list.h"
#include "agent/probes/tls/staple.h"
#include "agent/probes/tls/verification_handles.h"
#include "common/text.h"
#include "tests/agent/probes/tls/test_ocsp.h"

namespace {

namespace tls = muster::tls;
using tls::test::Identity;

constexpr size_t kDetailLimit = 1024;

void require(bool holds) {
  if (!holds) std::abort();
}

void require_text(const std::string& text) {
  require(text.size() <= kDetailLimit && muster::printable(text, kDetailLimit) == text);
}

std::string taken(int size, unsigned char* bytes) {
  if (size <= 0) return {};
  std::string der(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

struct World {
  Identity root = tls::test::make_authority("Example Root");
  Identity issuing = tls::test::make_authority("Example Issuing", &root);
  Identity leaf = tls::test::make_leaf("www.example.org", issuing);
  std::vector<std::string> chain = tls::test::ders_of({&leaf, &issuing});
  tls::TrustStore store = *tls::TrustStore::from_bundle(root.pem());
  std::string response = tls::test::make_ocsp_response(
      {{.leaf = &leaf, .issuer = &issuing},
       {.leaf = &leaf, .issuer = &issuing, .status = V_OCSP_CERTSTATUS_REVOKED}},
      issuing);
  std::string list = tls::test::make_list(
      {.revoked = {1, 42, 300},
       .extensions = {{NID_issuing_distribution_point, "critical,onlyuser:TRUE"},
                      {NID_crl_number, "7"}}},
      issuing);
};

const World& world() {
  static const World world;
  return world;
}

// Three bytes a change: where, and what is there.
std::string changed(std::string bytes, std::string_view changes) {
  for (; changes.size() >= 3; changes.remove_prefix(3)) {
    const auto byte = [&](size_t i) { return static_cast<unsigned char>(changes[i]); };
    bytes[(byte(0) * 256U + byte(1)) % bytes.size()] = changes[2];
  }
  return bytes;
}

std::string signed_response(const std::string& der) {
  const auto* cursor = reinterpret_cast<const unsigned char*>(der.data());
  const tls::OcspResponsePtr response(
      d2i_OCSP_RESPONSE(nullptr, &cursor, static_cast<long>(der.size())));
  if (response == nullptr) return {};
  const tls::OcspBasicPtr basic(OCSP_response_get1_basic(response.get()));
  if (basic == nullptr ||
      OCSP_basic_sign(basic.get(), world().issuing.certificate.get(), world().issuing.key.get(),
                      EVP_sha256(), nullptr, OCSP_NOCERTS) != 1) {
    return {};
  }
  const tls::OcspResponsePtr again(
      OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic.get()));
  unsigned char* bytes = nullptr;
  const int size = i2d_OCSP_RESPONSE(again.get(), &bytes);
  return taken(size, bytes);
}

std::string signed_list(const std::string& der) {
  using ListPtr = std::unique_ptr<X509_CRL, muster::OpensslDeleter<X509_CRL_free>>;
  const auto* cursor = reinterpret_cast<const unsigned char*>(der.data());
  const ListPtr list(d2i_X509_CRL(nullptr, &cursor, static_cast<long>(der.size())));
  if (list == nullptr) return {};
  if (X509_CRL_sign(list.get(), world().issuing.key.get(), EVP_sha256()) <= 0) return {};
  unsigned char* bytes = nullptr;
  const int size = i2d_X509_CRL(list.get(), &bytes);
  return taken(size, bytes);
}

void check_chain(std::string_view bytes) {
  for (const std::vector<std::string>& served :
       {std::vector<std::string>{std::string(bytes)},
        std::vector<std::string>{world().chain[0], std::string(bytes), world().chain[1]}}) {
    const muster::v1::ServedChain chain = tls::describe_chain(served, 0, world().store);
    require_text(chain.trust_detail());
    require(chain.trust_detail().empty() == (chain.trust() == muster::v1::CHAIN_TRUST_TRUSTED));
    require(chain.certificates_size() == static_cast<int>(served.size()));
  }
}

void check_names(std::string_view bytes) {
  const size_t line = bytes.find('\n');
  const std::string_view name = bytes.substr(0, line);
  const std::string_view certificate =
      line == std::string_view::npos ? std::string_view() : bytes.substr(line + 1);
  const bool matches = tls::certificate_names(certificate, name);
  require(!matches || muster::printable(name) == name);
  const bool is_leafs = tls::certificate_names(world().chain[0], name);
  require(!is_leafs || name.size() - (name.ends_with('.') ? 1 : 0) == 15);
}

void check_response(std::string_view bytes) {
  const tls::OcspWord word = tls::read_ocsp_response(bytes, world().chain, &world().store);
  require_text(word.said.error());
  require(word.said.error().empty() == word.said.has_this_update());
  require(!word.revoked_at || word.said.status() == muster::v1::REVOCATION_REVOKED);
}

void check_list(std::string bytes) {
  const auto list = tls::RevocationList::read(std::move(bytes), world().issuing.certificate.get());
  if (!list.ok()) return;
  const tls::RevocationAnswer answer =
      (*list)->about(world().leaf.certificate.get(), muster::TimePoint());
  require(answer.status != muster::v1::REVOCATION_UNSPECIFIED);
  require(answer.detail.empty() == (answer.status != muster::v1::REVOCATION_UNKNOWN));
  require_text(answer.detail);
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'c':
      check_chain(bytes);
      break;
    case 'n':
      check_names(bytes);
      break;
    case 'o':
      check_response(bytes);
      break;
    case 'O':
      check_response(signed_response(changed(world().response, bytes)));
      break;
    case 'l':
      check_list(std::string(bytes));
      break;
    case 'L':
      check_list(signed_list(changed(world().list, bytes)));
      break;
    default:
      break;
  }
  return 0;
}
