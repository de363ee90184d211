// Certificates as servers show them: on the host's own sockets, and at targets of the kind tls. As
// for the rules, only what a server has proved to have the key of counts.
#include <fmt/format.h>

#include "collector/expiry/facts_reader.h"
#include "collector/expiry/section_ends.h"
#include "common/policy/rules/served.h"
#include "common/policy/rules/served_words.h"
#include "common/policy/rules/tls_words.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "muster/v1/listener_facts.pb.h"
#include "muster/v1/tls_facts.pb.h"

namespace muster::collector {
namespace {

constexpr v1::ExpiryKind kKind = v1::EXPIRY_KIND_SERVED_CERTIFICATE;

// The first of a chain to end: the leaf, what is served with it, or the authority that it leads to.
SectionEnd first_end(const v1::ServedChain& chain) {
  const v1::Certificate& leaf = chain.certificates(0);
  SectionEnd end{.kind = kKind,
                 .subject = {},
                 .thing = printable(leaf.sha256(), 64),
                 .detail = policy::name_of(leaf)};
  // Without the leaf's own nothing is known, whatever is beside it.
  if (!leaf.has_not_after()) return end;
  end.ends = from_proto(leaf.not_after());
  for (int i = 1; i < chain.certificates_size(); ++i) {
    const v1::Certificate& authority = chain.certificates(i);
    if (!authority.has_not_after() || from_proto(authority.not_after()) >= *end.ends) continue;
    end.ends = from_proto(authority.not_after());
    end.detail = fmt::format("{}, served with {}, ends first", policy::name_of(authority),
                             policy::name_of(leaf));
  }
  const bool has_anchor = chain.trust() == v1::CHAIN_TRUST_TRUSTED && chain.has_anchor_not_after();
  if (has_anchor && from_proto(chain.anchor_not_after()) < *end.ends) {
    end.ends = from_proto(chain.anchor_not_after());
    end.detail = fmt::format("{}, to which {} leads, ends first", printable(chain.anchor(), 128),
                             policy::name_of(leaf));
  }
  return end;
}

void list_service(const v1::TlsService& service, const v1::Listener* listener,
                  const policy::ServedChains& chains, const TakeEnd& take) {
  const std::string subject = truncate_utf8(policy::subject_of(service, listener), kLongestSubject);
  const v1::ServedChain* const chain = policy::chain_of(service, chains);
  if (chain != nullptr && chain->certificates_size() > 0 && policy::speaks_tls(service.answer())) {
    SectionEnd end = first_end(*chain);
    end.subject = subject;
    end.detail = truncate_utf8(end.detail, kLongestDetail);
    return take(std::move(end));
  }
  // A socket need not have one; a target is there because it should.
  if (listener == nullptr) take({.kind = kKind, .subject = subject});
}

}  // namespace

void list_listener_ends(const SectionState& section, ExpiryKinds /*kinds*/, const TakeEnd& take) {
  google::protobuf::Arena arena;
  const auto* const facts = read_facts<v1::ListenerFacts>(section, kKind, take, arena);
  if (facts == nullptr) return;
  for (const v1::Listener& listener : facts->listeners()) {
    for (const v1::TlsService& service : listener.services())
      list_service(service, &listener, facts->chains(), take);
  }
}

void list_tls_ends(const SectionState& section, ExpiryKinds /*kinds*/, const TakeEnd& take) {
  google::protobuf::Arena arena;
  const auto* const facts = read_facts<v1::TlsFacts>(section, kKind, take, arena);
  if (facts == nullptr) return;
  for (const v1::TlsService& service : facts->services())
    list_service(service, nullptr, facts->chains(), take);
  if (facts->services().empty()) {
    take({.kind = kKind, .subject = printable(facts->address(), kLongestSubject)});
  }
}

}  // namespace muster::collector
