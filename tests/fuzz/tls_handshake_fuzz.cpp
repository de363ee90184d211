// What a server sends after our ClientHello, and the certificates of a message: whatever the bytes,
// and in whatever pieces, there is one answer whose words can be shown, and no more than the
// bounds.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/probes/tls/certificate_message.h"
#include "agent/probes/tls/tls_handshake.h"
#include "common/text.h"

namespace {

using namespace muster::tls;

void require(bool holds) {
  if (!holds) std::abort();
}

void shake_hands(std::string_view bytes, size_t piece, bool version_only) {
  TlsQuestion question{.server_name = "www.example.org"};
  question.version_only = version_only;
  if (version_only) question.highest = TlsVersion::kTls12;
  TlsHandshake handshake(question);
  TlsHandshake::Step step = handshake.begin();
  while (step != TlsHandshake::Step::kEnded && !bytes.empty()) {
    step = handshake.receive(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  if (step != TlsHandshake::Step::kEnded) step = handshake.receive_end(false);
  require(step == TlsHandshake::Step::kEnded);
  const TlsConversation told = handshake.finish();
  require(told.answer != muster::v1::TLS_ANSWER_UNSPECIFIED);
  require(told.detail.size() <= 256 && muster::printable(told.detail, 1024) == told.detail);
  require(told.chain.size() <= kMostServedCertificates);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const uint8_t how = data[0];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const CertificateMessage parsed = parse_certificate_message(bytes, (how & 1) != 0, 4);
  require(parsed.certificates.size() <= 4);
  shake_hands(bytes, (how & 2) != 0 ? 7 : 16'384, (how & 4) != 0);
  return 0;
}
