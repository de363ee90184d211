#include "agent/probes/tls/revocation.h"

#include <fmt/format.h>
#include <openssl/err.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/probes/network/boottime_timer.h"
#include "agent/probes/tls/answer_age.h"
#include "agent/probes/tls/certificate_path.h"
#include "agent/probes/tls/certificate_urls.h"
#include "agent/probes/tls/http_exchange.h"
#include "agent/probes/tls/revocation_list.h"
#include "agent/probes/tls/staple.h"
#include "agent/probes/tls/tls_conversation.h"
#include "agent/probes/tls/trust_store.h"
#include "agent/probes/tls/verification_handles.h"
#include "common/digest.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::tls {
namespace {

namespace asio = boost::asio;
using network_probe::BoottimeClock;
using network_probe::BoottimeTimer;
using network_probe::Look;

// Of those that a certificate names.
constexpr size_t kMostAsked = 3;
constexpr size_t kDetailLimit = 512;

RevocationAnswer unknown(std::string_view why) {
  return {.status = v1::REVOCATION_UNKNOWN, .detail = printable(why, kDetailLimit)};
}

std::string request_for(const X509* leaf, const X509* issuer) {
  const OcspRequestPtr request(OCSP_REQUEST_new());
  // SHA-1 here is a name, and the one that every responder knows.
  OcspCertIdPtr id(OCSP_cert_to_id(EVP_sha1(), leaf, issuer));
  if (request == nullptr || id == nullptr) return {};
  if (OCSP_request_add0_id(request.get(), id.get()) == nullptr) return {};
  static_cast<void>(id.release());
  unsigned char* bytes = nullptr;
  const int size = i2d_OCSP_REQUEST(request.get(), &bytes);
  ERR_clear_error();
  if (size <= 0) return {};
  std::string der(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

}  // namespace

class Revocations::State {
 public:
  State(const TrustStore& store, const Clock& clock) : store_(store), clock_(clock) {}

  asio::awaitable<RevocationAnswer> ask(Look& look, RevocationQuestion question,
                                        std::span<const std::string> chain);

 private:
  // Of whom it is asked, and by whom they were signed.
  struct Subject {
    X509* leaf;
    X509* issuer;
    std::span<const std::string> chain;
  };
  // What was asked in this run.
  struct Entry {
    bool is_under_way = false;
    bool is_done = false;
    std::string response = {};
    std::unique_ptr<RevocationList> list = {};
    // Of `response` or `list`, from memory_.
    size_t held = 0;
    std::string failure = {};
    // Of coroutines that wait.
    std::set<BoottimeTimer*> waiters = {};
  };

  asio::awaitable<RevocationAnswer> ask_all(Look& look, Subject subject, bool by_list);
  asio::awaitable<RevocationAnswer> ask_one(Look& look, Subject subject, HttpPlace place,
                                            bool by_list, Duration at_most);
  // Until the entry is done, by this look or by another; else why it is not.
  asio::awaitable<std::string> fetch(Look& look, Entry& entry, HttpQuestion question,
                                     Subject subject, Duration at_most);
  void take(Entry& entry, HttpReply reply, const Subject& subject, bool is_list);
  void make_room();
  RevocationAnswer by_response(const Entry& entry, const Subject& subject) const;

  const TrustStore& store_;
  const Clock& clock_;
  SharedMemory memory_{kMemory};
  // By place and question; of lists, by their issuer.
  std::map<std::string, Entry> entries_;
};

// What can be asked for again, where there is less left than an answer may take.
void Revocations::State::make_room() {
  if (memory_.left() >= kLargestList) return;
  for (auto& [key, entry] : entries_) {
    if (entry.is_under_way || entry.held == 0) continue;
    memory_.give(std::exchange(entry.held, 0));
    entry.is_done = false;
    entry.response = {};
    entry.list.reset();
  }
}

void Revocations::State::take(Entry& entry, HttpReply reply, const Subject& subject, bool is_list) {
  entry.is_under_way = false;
  entry.is_done = reply.is_lasting;
  entry.failure = std::move(reply.failure);
  const size_t size = reply.body.size();
  if (!is_list) {
    entry.response = std::move(reply.body);
    entry.held = size;
  } else if (entry.failure.empty()) {
    absl::StatusOr<std::unique_ptr<RevocationList>> list =
        RevocationList::read(std::move(reply.body), subject.issuer);
    if (list.ok()) {
      entry.list = *std::move(list);
      entry.held = size;
    } else {
      entry.failure = std::string(list.status().message().data(), list.status().message().size());
      memory_.give(size);
    }
  }
  for (BoottimeTimer* waiter : entry.waiters)
    waiter->cancel();
}

asio::awaitable<std::string> Revocations::State::fetch(Look& look, Entry& entry,
                                                       HttpQuestion question, Subject subject,
                                                       Duration at_most) {
  const auto until = BoottimeClock::now() + at_most;
  while (entry.is_under_way) {
    const auto began = BoottimeClock::now();
    if (began >= until) {
      co_return fmt::format("{} did not answer in time", question.place.url);
    }
    BoottimeTimer timer(look.io());
    timer.expires_at(until);
    entry.waiters.insert(&timer);
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    entry.waiters.erase(&timer);
    look.spend(BoottimeClock::now() - began);
  }
  if (entry.is_done) co_return entry.failure;
  const Duration left = until - BoottimeClock::now();
  if (left <= Duration(0)) co_return fmt::format("there was no time to ask {}", question.place.url);
  entry.is_under_way = true;
  make_room();
  const bool is_list = question.body.empty();
  HttpReply reply = co_await ask_by_http(look, std::move(question), left, memory_);
  take(entry, std::move(reply), subject, is_list);
  co_return entry.failure;
}

RevocationAnswer Revocations::State::by_response(const Entry& entry, const Subject& subject) const {
  const OcspWord word = read_ocsp_response(entry.response, subject.chain, &store_);
  if (!word.said.error().empty()) return unknown(word.said.error());
  if (word.said.status() == v1::REVOCATION_UNKNOWN) {
    return unknown("its responder does not know the certificate");
  }
  if (word.said.status() == v1::REVOCATION_GOOD) {
    const std::optional<TimePoint> end = word.said.has_next_update()
                                             ? std::optional(from_proto(word.said.next_update()))
                                             : std::nullopt;
    const std::string why = why_not_now(from_proto(word.said.this_update()), end, clock_.now());
    if (!why.empty()) return unknown(fmt::format("its responder's answer {}", why));
  }
  return {.status = word.said.status(), .detail = {}, .revoked_at = word.revoked_at};
}

asio::awaitable<RevocationAnswer> Revocations::State::ask_one(Look& look, Subject subject,
                                                              HttpPlace place, bool by_list,
                                                              Duration at_most) {
  HttpQuestion question{.place = place};
  std::string key = place.url;
  if (by_list) {
    question.largest_answer = kLargestList;
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    X509_digest(subject.issuer, EVP_sha256(), digest, &size);
    key.append("\n").append(reinterpret_cast<const char*>(digest), size);
  } else {
    question.largest_answer = kLargestOcspResponse;
    question.body = request_for(subject.leaf, subject.issuer);
    question.content_type = "application/ocsp-request";
    if (question.body.empty()) co_return unknown("no request could be made for it");
    key.append("\n").append(question.body);
  }
  Entry& entry = entries_[key];
  const std::string failure = co_await fetch(look, entry, std::move(question), subject, at_most);
  if (!failure.empty()) co_return unknown(failure);
  RevocationAnswer answer =
      by_list ? entry.list->about(subject.leaf, clock_.now()) : by_response(entry, subject);
  const std::string by = fmt::format("by {:.256}", place.url);
  answer.detail = answer.detail.empty() ? by : fmt::format("{}: {}", by, answer.detail);
  answer.detail = printable(answer.detail, kDetailLimit);
  co_return answer;
}

asio::awaitable<RevocationAnswer> Revocations::State::ask_all(Look& look, Subject subject,
                                                              bool by_list) {
  const std::vector<std::string> urls =
      by_list ? list_urls(subject.leaf) : responder_urls(subject.leaf);
  std::vector<HttpPlace> places;
  for (const std::string& url : urls) {
    const std::optional<HttpPlace> place = parse_http_place(url);
    if (place && places.size() < kMostAsked) places.push_back(*place);
  }
  if (places.empty()) {
    co_return unknown(
        fmt::format("the certificate names no {} by http", by_list ? "list" : "responder"));
  }
  const auto until = BoottimeClock::now() + std::min(kLongest, look.time_left());
  auto unasked = static_cast<Duration::rep>(places.size());
  std::string failures;
  for (const HttpPlace& place : places) {
    const Duration left = std::max(Duration(0), until - BoottimeClock::now());
    RevocationAnswer answer = co_await ask_one(look, subject, place, by_list, left / unasked--);
    if (answer.status != v1::REVOCATION_UNKNOWN) co_return answer;
    failures += fmt::format("{}{}", failures.empty() ? "" : "; ", answer.detail);
  }
  co_return unknown(failures);
}

asio::awaitable<RevocationAnswer> Revocations::State::ask(Look& look, RevocationQuestion question,
                                                          std::span<const std::string> chain) {
  if (question == RevocationQuestion::kStaple) co_return RevocationAnswer{};
  look.let_go();
  std::vector<X509Ptr> served;
  for (const std::string& der : chain.subspan(0, std::min(chain.size(), kMostServedCertificates)))
    served.push_back(decoded(der));
  if (served.empty() || served.front() == nullptr) {
    co_return unknown("its certificate cannot be read");
  }
  X509* const leaf = served.front().get();
  if (X509_self_signed(leaf, 0) == 1) {
    co_return unknown("it has signed itself: there is nobody who could say");
  }
  X509* const issuer = find_issuer(leaf, served, &store_.authorities());
  if (issuer == nullptr) {
    co_return unknown("the certificate's issuer, who would say, was not served");
  }
  const Subject subject{.leaf = leaf, .issuer = issuer, .chain = chain};
  co_return co_await ask_all(look, subject, question == RevocationQuestion::kCrl);
}

Revocations::Revocations(const TrustStore& store, const Clock& clock)
    : state_(std::make_unique<State>(store, clock)) {}

Revocations::~Revocations() = default;

asio::awaitable<RevocationAnswer> Revocations::ask(Look& look, RevocationQuestion question,
                                                   std::span<const std::string> chain) {
  return state_->ask(look, question, chain);
}

}  // namespace muster::tls
