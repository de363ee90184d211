#include "agent/probes/tls/tls_look.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/output/status_text.h"
#include "agent/probes/probe_program.h"
#include "agent/probes/tls/client_certificate.h"
#include "agent/probes/tls/section_limit.h"
#include "agent/probes/tls/staple.h"
#include "agent/probes/tls/starttls.h"
#include "agent/probes/tls/tls_conversation.h"
#include "agent/probes/tls/version_questions.h"
#include "common/targets/tls_endpoint.h"
#include "common/text.h"
#include "muster/v1/tls_facts.pb.h"

namespace muster::tls {
namespace {

namespace asio = boost::asio;
namespace ip = boost::asio::ip;
using network_probe::Dial;
using network_probe::Look;
using SteadyClock = std::chrono::steady_clock;

constexpr size_t kDetailLimit = 256;

v1::TlsAnswer answer_of(Dial::End end) {
  switch (end) {
    case Dial::End::kRefused:
      return v1::TLS_ANSWER_REFUSED;
    case Dial::End::kTimedOut:
      return v1::TLS_ANSWER_CONNECT_TIMED_OUT;
    case Dial::End::kUnreachable:
      return v1::TLS_ANSWER_UNREACHABLE;
    case Dial::End::kProxyRefused:
      return v1::TLS_ANSWER_PROXY_REFUSED;
    default:
      return v1::TLS_ANSWER_UNSPECIFIED;
  }
}

class TlsLook {
 public:
  TlsLook(Look& look, TlsEndpoint endpoint, const LookParts& parts)
      : look_(look), endpoint_(std::move(endpoint)), parts_(parts) {
    facts_.set_address(look.address());
    v1::StartTls starttls = v1::START_TLS_UNSPECIFIED;
    parse_starttls(endpoint_.starttls, starttls);
    facts_.set_starttls(starttls);
  }

  asio::awaitable<std::optional<v1::Section>> run();

 private:
  // One address, and what it said; behind a proxy the target as such, without an address.
  struct Peer {
    ip::address address;
    v1::TlsService service;
    // Kept only where revocation is still to be asked for.
    std::vector<std::string> chain;
  };
  struct Talk {
    Dial dial;
    TlsConversation conversation;
  };

  TlsQuestion question() const {
    return {.server_name = endpoint_.server_name, .starttls = facts_.starttls()};
  }
  std::string text_of(const ip::address& address) const {
    if (look_.proxy() != nullptr) return look_.target().text();
    return Address{.host = address.to_string(), .port = look_.target().port}.text();
  }
  // What root gave for that address; unset where it gave none.
  absl::StatusOr<std::optional<ClientCertificate>> certificate_for(
      const ip::address& address) const;
  // Takes its time from the look's.
  asio::awaitable<Talk> talk(ip::address address, const TlsQuestion& question, Duration at_most);
  asio::awaitable<void> ask(Peer& peer, Duration at_most);
  asio::awaitable<void> ask_versions(Peer& peer, Duration at_most);
  void take(const TlsConversation& conversation, Peer& peer);
  void take_staple(const TlsConversation& conversation, v1::TlsService& service);
  asio::awaitable<void> ask_revocation(Peer& peer);
  uint32_t number_of(const TlsConversation& conversation);
  void measure(const char* name, Duration value, const Peer& peer);
  v1::Section observed() const;
  v1::Section section();
  v1::Section no_such_name();

  Look& look_;
  const TlsEndpoint endpoint_;
  const LookParts& parts_;
  v1::TlsFacts facts_;
  std::vector<Peer> peers_;
  // By all their bytes, so that each is described once.
  std::map<std::vector<std::string>, uint32_t> chains_;
  std::vector<v1::Measurement> measurements_;
};

void TlsLook::measure(const char* name, Duration value, const Peer& peer) {
  v1::Measurement& measurement = measurements_.emplace_back();
  measurement.set_name(name);
  measurement.set_subject(peer.service.address());
  measurement.set_value(std::chrono::duration<double>(value).count());
}

absl::StatusOr<std::optional<ClientCertificate>> TlsLook::certificate_for(
    const ip::address& address) const {
  const agent::Credential* const credential = look_.credential(address);
  if (credential == nullptr || credential->key.reveal().empty()) return std::nullopt;
  absl::StatusOr<ClientCertificate> certificate =
      ClientCertificate::from_pem(credential->certificate.reveal(), credential->key.reveal());
  if (!certificate.ok()) return certificate.status();
  return std::optional<ClientCertificate>(*std::move(certificate));
}

asio::awaitable<TlsLook::Talk> TlsLook::talk(ip::address address, const TlsQuestion& question,
                                             Duration at_most) {
  ip::tcp::socket socket(look_.io());
  Talk talk;
  if (look_.proxy() != nullptr) {
    talk.dial = co_await look_.connect_by_proxy(socket, at_most);
  } else {
    talk.dial = co_await look_.connect(socket, address, at_most);
  }
  if (talk.dial.end != Dial::End::kConnected) co_return talk;
  // What it waits for its place is not the server's time.
  const HandshakePlaces::Place place = co_await parts_.places.wait(look_.io());
  if (look_.lease_ended()) {
    talk.dial.end = Dial::End::kLeaseEnded;
    co_return talk;
  }
  const SteadyClock::time_point began = SteadyClock::now();
  const Duration left = at_most - std::min(talk.dial.took, at_most);
  talk.conversation = co_await converse(socket, question, std::min(left, look_.time_left()));
  look_.spend(std::chrono::duration_cast<Duration>(SteadyClock::now() - began));
  co_return talk;
}

uint32_t TlsLook::number_of(const TlsConversation& conversation) {
  const auto next = static_cast<uint32_t>(chains_.size() + 1);
  const auto [entry, is_new] = chains_.try_emplace(conversation.chain, next);
  if (is_new) {
    *facts_.add_chains() =
        parts_.chains.describe(conversation.chain, conversation.certificates_omitted);
  }
  return entry->second;
}

void tell(const RevocationAnswer& answer, v1::TlsService& service) {
  service.set_revocation(answer.status);
  service.set_revocation_detail(answer.detail);
  if (answer.revoked_at) *service.mutable_revoked_at() = *answer.revoked_at;
}

void TlsLook::take_staple(const TlsConversation& conversation, v1::TlsService& service) {
  if (conversation.staple.empty()) return;
  *service.mutable_staple() = read_staple(conversation.staple, conversation.chain, &parts_.store);
  tell(revocation_by_staple(conversation.staple, conversation.chain, &parts_.store), service);
}

asio::awaitable<void> TlsLook::ask_revocation(Peer& peer) {
  // What the server says against itself counts, whoever else is asked.
  if (peer.chain.empty() || peer.service.revocation() == v1::REVOCATION_REVOKED) co_return;
  const RevocationAnswer answer =
      co_await parts_.revocations.ask(look_, endpoint_.revocation, peer.chain);
  tell(answer, peer.service);
}

void TlsLook::take(const TlsConversation& conversation, Peer& peer) {
  v1::TlsService& service = peer.service;
  service.set_answer(conversation.answer);
  service.set_detail(conversation.detail);
  service.set_version(conversation.version);
  service.set_cipher(conversation.cipher);
  if (conversation.answer == v1::TLS_ANSWER_COMPLETED)
    measure("tls_handshake_duration_seconds", conversation.handshake, peer);
  if (conversation.chain.empty()) return;
  service.set_chain(number_of(conversation));
  service.set_name_matches(parts_.chains.names(
      conversation.chain.front(),
      endpoint_.server_name.empty() ? peer.address.to_string() : endpoint_.server_name));
  take_staple(conversation, service);
  if (endpoint_.revocation != RevocationQuestion::kStaple) peer.chain = conversation.chain;
}

asio::awaitable<void> TlsLook::ask(Peer& peer, Duration at_most) {
  peer.service.set_address(text_of(peer.address));
  peer.service.set_server_name(endpoint_.server_name);
  TlsQuestion asked = question();
  const absl::StatusOr<std::optional<ClientCertificate>> ours = certificate_for(peer.address);
  if (!ours.ok()) {
    peer.service.set_detail(
        printable(fmt::format("the client certificate for it: {}", agent::text_of(ours.status())),
                  kDetailLimit));
    co_return;
  }
  if (*ours) asked.client_certificate = &**ours;
  const Talk talked = co_await talk(peer.address, asked, at_most);
  if (talked.dial.end != Dial::End::kConnected) {
    peer.service.set_answer(answer_of(talked.dial.end));
    peer.service.set_detail(printable(talked.dial.why, kDetailLimit));
    co_return;
  }
  measure("connect_duration_seconds", talked.dial.took, peer);
  take(talked.conversation, peer);
}

asio::awaitable<void> TlsLook::ask_versions(Peer& peer, Duration at_most) {
  const bool is_known = peer.service.answer() == v1::TLS_ANSWER_COMPLETED ||
                        peer.service.answer() == v1::TLS_ANSWER_CLIENT_CERTIFICATE_WANTED;
  VersionQuestions questions(is_known ? peer.service.version() : "");
  // What is not to be used of the look's time.
  const Duration rest = look_.time_left() - std::min(at_most, look_.time_left());
  while (const std::optional<TlsVersion> highest = questions.next()) {
    if (!parts_.ask_versions) break;
    TlsQuestion asked = question();
    asked.highest = *highest;
    asked.version_only = true;
    const Duration left = look_.time_left() - std::min(rest, look_.time_left());
    if (left <= Duration(0)) break;
    const Talk talked = co_await talk(peer.address, asked, left);
    if (look_.lease_ended()) co_return;
    questions.take(talked.conversation);
  }
  questions.tell(peer.service);
}

v1::Section TlsLook::section() {
  std::sort(peers_.begin(), peers_.end(),
            [](const Peer& a, const Peer& b) { return a.service.address() < b.service.address(); });
  for (Peer& peer : peers_)
    *facts_.add_services() = std::move(peer.service);
  for (const ip::address& address : look_.refused())
    facts_.add_not_allowed(address.to_string());
  std::sort(facts_.mutable_not_allowed()->begin(), facts_.mutable_not_allowed()->end());
  const bool is_nothing_known = std::all_of(
      facts_.services().begin(), facts_.services().end(),
      [](const auto& service) { return service.answer() == v1::TLS_ANSWER_UNSPECIFIED; });
  if (is_nothing_known) {
    const v1::TlsService& first = facts_.services(0);
    return probe::failed(fmt::format("{} told nothing: {}", first.address(), first.detail()));
  }
  keep_within(facts_);
  v1::Section section = observed();
  for (v1::Measurement& measurement : measurements_)
    *section.add_measurements() = std::move(measurement);
  return section;
}

// As probe::observed, which asks the descriptor for the facts' name: that builds the descriptors of
// their file, for one word that a test compares with it.
v1::Section TlsLook::observed() const {
  v1::Section section;
  section.set_outcome(v1::OUTCOME_OBSERVED);
  section.set_facts_type("muster.v1.TlsFacts");
  section.set_facts(facts_.SerializeAsString());
  return section;
}

v1::Section TlsLook::no_such_name() {
  v1::TlsService& service = peers_.emplace_back().service;
  service.set_address(look_.target().text());
  service.set_server_name(endpoint_.server_name);
  service.set_answer(v1::TLS_ANSWER_NO_SUCH_NAME);
  VersionQuestions("").tell(service);
  return section();
}

asio::awaitable<std::optional<v1::Section>> TlsLook::run() {
  if (look_.proxy() != nullptr) {
    peers_.push_back({.address = {}, .service = {}, .chain = {}});
  } else if (look_.addresses().empty()) {
    co_return no_such_name();
  }
  for (const ip::address& address : look_.addresses())
    peers_.push_back({.address = address, .service = {}, .chain = {}});
  auto unasked = static_cast<Duration::rep>(peers_.size());
  for (Peer& peer : peers_) {
    co_await ask(peer, look_.time_left() / unasked--);
    if (look_.lease_ended()) co_return std::nullopt;
  }
  for (Peer& peer : peers_) {
    co_await ask_revocation(peer);
    if (look_.lease_ended()) co_return std::nullopt;
  }
  unasked = static_cast<Duration::rep>(peers_.size());
  for (Peer& peer : peers_) {
    co_await ask_versions(peer, look_.time_left() / unasked--);
    if (look_.lease_ended()) co_return std::nullopt;
  }
  co_return section();
}

}  // namespace

asio::awaitable<std::optional<v1::Section>> look_at_tls(Look& look, const LookParts& parts) {
  absl::StatusOr<TlsEndpoint> endpoint = parse_tls_endpoint(look.address());
  if (!endpoint.ok()) co_return probe::failed(agent::text_of(endpoint.status()));
  TlsLook current(look, *std::move(endpoint), parts);
  co_return co_await current.run();
}

}  // namespace muster::tls
