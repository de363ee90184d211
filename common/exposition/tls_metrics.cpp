#include "common/exposition/tls_metrics.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "common/exposition/host_families.h"
#include "common/exposition/target_families.h"

namespace muster::exposition {
namespace {

constexpr CertificateFamilies kOfTarget{.info = kTargetCertificateInfo,
                                        .not_before = kTargetCertificateNotBefore,
                                        .not_after = kTargetCertificateNotAfter};

constexpr std::array<std::pair<v1::ListenerState, std::string_view>, 6> kStates{{
    {v1::LISTENER_STATE_TLS, "tls"},
    {v1::LISTENER_STATE_NO_TLS, "no_tls"},
    {v1::LISTENER_STATE_LEFT_ALONE, "left_alone"},
    {v1::LISTENER_STATE_NOT_ASKED, "not_asked"},
    {v1::LISTENER_STATE_OUT_OF_REACH, "out_of_reach"},
    {v1::LISTENER_STATE_UNKNOWN, "unknown"},
}};

// One of an enumeration's words; what a newer agent may say is unknown.
std::string_view state_word(v1::ListenerState state) {
  for (const auto& [known, word] : kStates) {
    if (known == state) return word;
  }
  return "unknown";
}

// Null where the service has none, or names one that is not there.
const v1::ServedChain* chain_of(const v1::TlsService& service,
                                const google::protobuf::RepeatedPtrField<v1::ServedChain>& chains) {
  const auto number = static_cast<int64_t>(service.chain());
  return number < 1 || number > chains.size() ? nullptr : &chains.Get(static_cast<int>(number - 1));
}

// One listening socket's samples: each has its address, port and owner.
class ListenerSamples {
 public:
  ListenerSamples(SampleWriter& writer, const v1::Listener& listener)
      : writer_(writer), listener_(listener), port_(std::to_string(listener.port())) {}

  void service(const v1::TlsService& service, const v1::ServedChain* chain) {
    add(kListenerTlsAnswer, service.server_name(), {"answer", answer_word(service.answer())});
    if (service.revocation() != v1::REVOCATION_UNSPECIFIED) {
      add(kListenerRevocation, service.server_name(),
          {"revocation", revocation_word(service.revocation())});
    }
    if (chain == nullptr) return;
    add(kListenerChainTrust, service.server_name(), {"trust", trust_word(chain->trust())});
    for (int i = 0; i < chain->certificates_size(); ++i)
      served(service.server_name(), i, fingerprint_of(chain->certificates(i)));
  }
  void version(std::string_view version) {
    writer_.add(kListenerTlsVersion,
                {{"address", listener_.address()}, {"port", port_}, {"version", version}}, 1);
  }

 private:
  void add(size_t family, std::string_view server_name, Label label) {
    writer_.add(
        family,
        {{"address", listener_.address()}, {"port", port_}, {"server_name", server_name}, label},
        1);
  }
  void served(std::string_view server_name, int position, std::string_view fingerprint) {
    writer_.add(kCertificateServed,
                {{"address", listener_.address()},
                 {"port", port_},
                 {"program", listener_.owner().program()},
                 {"unit", listener_.owner().unit()},
                 {"server_name", server_name},
                 {"position", std::to_string(position)},
                 {"fingerprint", fingerprint}},
                1);
  }

  SampleWriter& writer_;
  const v1::Listener& listener_;
  const std::string port_;
};

}  // namespace

std::string_view answer_word(v1::TlsAnswer answer) {
  switch (answer) {
    case v1::TLS_ANSWER_COMPLETED:
      return "completed";
    case v1::TLS_ANSWER_CLIENT_CERTIFICATE_WANTED:
      return "client_certificate_wanted";
    case v1::TLS_ANSWER_ALERT:
      return "alert";
    case v1::TLS_ANSWER_NOT_TLS:
      return "not_tls";
    case v1::TLS_ANSWER_NOT_THE_PROTOCOL:
      return "not_the_protocol";
    case v1::TLS_ANSWER_NO_STARTTLS:
      return "no_starttls";
    case v1::TLS_ANSWER_CLOSED:
      return "closed";
    case v1::TLS_ANSWER_HANDSHAKE_TIMED_OUT:
      return "handshake_timed_out";
    case v1::TLS_ANSWER_TOO_LARGE:
      return "too_large";
    case v1::TLS_ANSWER_REFUSED:
      return "refused";
    case v1::TLS_ANSWER_CONNECT_TIMED_OUT:
      return "connect_timed_out";
    case v1::TLS_ANSWER_UNREACHABLE:
      return "unreachable";
    case v1::TLS_ANSWER_NO_SUCH_NAME:
      return "no_such_name";
    case v1::TLS_ANSWER_PROXY_REFUSED:
      return "proxy_refused";
    default:
      return "unknown";
  }
}

std::string_view trust_word(v1::ChainTrust trust) {
  switch (trust) {
    case v1::CHAIN_TRUST_TRUSTED:
      return "trusted";
    case v1::CHAIN_TRUST_SELF_SIGNED:
      return "self_signed";
    case v1::CHAIN_TRUST_INCOMPLETE:
      return "incomplete";
    case v1::CHAIN_TRUST_UNTRUSTED_ROOT:
      return "untrusted_root";
    case v1::CHAIN_TRUST_BROKEN:
      return "broken";
    default:
      return "unknown";
  }
}

std::string_view revocation_word(v1::Revocation revocation) {
  switch (revocation) {
    case v1::REVOCATION_GOOD:
      return "good";
    case v1::REVOCATION_REVOKED:
      return "revoked";
    default:
      return "unknown";
  }
}

void add_listeners(SampleWriter& writer, const v1::ListenerFacts& facts) {
  for (const auto& [state, word] : kStates) {
    const auto count = std::count_if(facts.listeners().begin(), facts.listeners().end(),
                                     [word = word](const v1::Listener& listener) {
                                       return state_word(listener.state()) == word;
                                     });
    writer.add(kListeningSockets, {{"state", word}}, static_cast<double>(count));
  }
  for (const v1::Listener& listener : facts.listeners()) {
    ListenerSamples samples(writer, listener);
    for (const v1::TlsService& service : listener.services()) {
      samples.service(service, chain_of(service, facts.chains()));
      for (const std::string& version : service.versions())
        samples.version(version);
    }
  }
}

void add_listener_certificates(CertificateSamples& certificates, const v1::ListenerFacts& facts) {
  for (const v1::ServedChain& chain : facts.chains()) {
    for (const v1::Certificate& certificate : chain.certificates())
      certificates.add(certificate);
  }
}

void add_endpoint(SampleWriter& writer, const v1::TlsFacts& facts) {
  for (const v1::TlsService& service : facts.services()) {
    const Label address{"address", service.address()};
    const Label name{"server_name", service.server_name()};
    writer.add(kTargetTlsAnswer, {address, name, {"answer", answer_word(service.answer())}}, 1);
    for (const std::string& version : service.versions())
      writer.add(kTargetTlsVersion, {address, {"version", version}}, 1);
    if (service.revocation() != v1::REVOCATION_UNSPECIFIED) {
      writer.add(kTargetRevocation,
                 {address, name, {"revocation", revocation_word(service.revocation())}}, 1);
    }
    const v1::ServedChain* const chain = chain_of(service, facts.chains());
    if (chain == nullptr) continue;
    writer.add(kTargetChainTrust, {address, name, {"trust", trust_word(chain->trust())}}, 1);
    for (int i = 0; i < chain->certificates_size(); ++i) {
      writer.add(kTargetCertificateServed,
                 {address,
                  name,
                  {"position", std::to_string(i)},
                  {"fingerprint", fingerprint_of(chain->certificates(i))}},
                 1);
    }
  }
  CertificateSamples certificates(writer, kOfTarget);
  for (const v1::ServedChain& chain : facts.chains()) {
    for (const v1::Certificate& certificate : chain.certificates())
      certificates.add(certificate);
  }
}

}  // namespace muster::exposition
