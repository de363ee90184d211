// What RegistryQuestion does by RDAP, and to know whom to ask by it.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "agent/output/status_text.h"
#include "agent/probes/domain/rdap/rdap_answer.h"
#include "agent/probes/domain/rdap/redirects.h"
#include "agent/probes/domain/registry/registry_question.h"
#include "agent/probes/network/boottime_timer.h"

namespace muster::domains::registry {
namespace {

namespace asio = boost::asio;
using network_probe::BoottimeTimer;

constexpr int kOk = 200;
constexpr int kTooManyRequests = 429;
constexpr int kServiceUnavailable = 503;
// Of a registry with several servers, those that are tried until one can be reached.
constexpr size_t kMostServers = 3;
constexpr Duration kMoment = std::chrono::milliseconds(50);

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool wants_rest(const WebReply& reply) {
  return reply.status == kTooManyRequests ||
         (reply.status == kServiceUnavailable && !reply.retry_after.empty());
}

bool is_told(AnswerKind kind) {
  return kind == AnswerKind::kRegistered || kind == AnswerKind::kFree ||
         kind == AnswerKind::kReserved;
}

}  // namespace

asio::awaitable<RegistryReply> RegistryQuestion::by_rdap(const rdap::Bootstrap& bootstrap,
                                                         std::vector<std::string> base_urls) {
  base_urls.resize(std::min(base_urls.size(), kMostServers));
  std::vector<rdap::WebUrl> asked;
  Told told;
  for (const std::string& base : base_urls) {
    const absl::StatusOr<rdap::WebUrl> url =
        rdap::parse_web_url(fmt::format("{}domain/{}", base, name_.name));
    if (!url.ok()) continue;
    asked = {*url};
    told = co_await ask_rdap(bootstrap, asked);
    if (told.was_asked) break;
  }
  if (asked.empty())
    co_return not_told(fmt::format("failed: {} is no URL that can be asked", base_urls.front()));
  Registration& found = told.registration;
  if (told.why.empty() && found.kind == AnswerKind::kRegistered && !found.expires &&
      !found.referral.empty()) {
    co_await ask_rdap_registrar(bootstrap, std::move(asked), found);
  }
  co_return reply_of(told, v1::REGISTRY_PROTOCOL_RDAP);
}

asio::awaitable<RegistryQuestion::Told> RegistryQuestion::ask_rdap(
    const rdap::Bootstrap& bootstrap, std::vector<rdap::WebUrl>& asked) {
  const rdap::RedirectRules rules{
      .bootstrap = bootstrap, .suffixes = registries_.parts_.suffixes, .allowed_hosts = {}};
  bool was_asked = false;
  for (;;) {
    const rdap::WebUrl url = asked.back();
    // A registry that rests is not asked at another of its servers.
    if (const std::string why = rest_words(url.host); !why.empty())
      co_return Told{.why = why, .was_asked = true};
    const WebReply reply =
        co_await ask_web(look_,
                         {.url = url,
                          .accept = "application/rdap+json",
                          .wanted =
                              [&bootstrap, url](const asio::ip::address& address) {
                                return rdap::may_dial(bootstrap, url, address).ok();
                              },
                          .still_wanted = [this, &url] { return rest_words(url.host).empty(); },
                          .at_most = time_for_one()},
                         registries_.parts_.trust);
    was_asked = was_asked || reply.connected;
    if (const std::string why = rest_words(url.host); !why.empty() && !reply.failure.empty())
      co_return Told{.why = why, .was_asked = true};
    if (!reply.failure.empty())
      co_return Told{.why = "failed: " + reply.failure, .was_asked = was_asked};
    if (!is_redirect(reply.status)) co_return read_rdap_reply(bootstrap, asked, reply);
    absl::StatusOr<rdap::WebUrl> next = rdap::next_hop(rules, asked, reply.location);
    if (!next.ok()) {
      co_return Told{.why = fmt::format("failed: {}: {}", url.host, agent::text_of(next.status())),
                     .was_asked = true};
    }
    asked.push_back(*std::move(next));
  }
}

RegistryQuestion::Told RegistryQuestion::read_rdap_reply(const rdap::Bootstrap& bootstrap,
                                                         const std::vector<rdap::WebUrl>& asked,
                                                         const WebReply& reply) {
  const rdap::WebUrl& url = asked.back();
  const std::vector<std::string> bases = bootstrap.base_urls(name_.name);
  const bool is_registry = std::any_of(bases.begin(), bases.end(), [&url](const std::string& base) {
    const absl::StatusOr<rdap::WebUrl> known = rdap::parse_web_url(base);
    return known.ok() && known->same_origin(url);
  });
  Told told{
      .registration = rdap::read_rdap(reply.status, reply.content_type, reply.body, name_.name,
                                      is_registry ? rdap::Server::kRegistry : rdap::Server::kOther),
      .server = url.host,
      .was_asked = true};
  const AnswerKind kind = told.registration.kind;
  if (wants_rest(reply) || kind == AnswerKind::kThrottled) {
    told.why = leave_alone(url.host, reply.retry_after);
  } else if (is_told(kind)) {
    registries_.memory_.answered(url.host);
  } else {
    told.why = fmt::format("failed: {}: {}", url.host, told.registration.reason);
  }
  return told;
}

asio::awaitable<void> RegistryQuestion::ask_rdap_registrar(const rdap::Bootstrap& bootstrap,
                                                           std::vector<rdap::WebUrl> asked,
                                                           Registration& found) {
  const rdap::RedirectRules rules{
      .bootstrap = bootstrap, .suffixes = registries_.parts_.suffixes, .allowed_hosts = {}};
  absl::StatusOr<rdap::WebUrl> next = rdap::next_hop(rules, asked, found.referral);
  // The registry's word stands without it.
  if (!next.ok()) co_return;
  asked.push_back(*std::move(next));
  const Told told = co_await ask_rdap(bootstrap, asked);
  if (!told.why.empty() || told.registration.kind != AnswerKind::kRegistered) co_return;
  found.expires = told.registration.expires;
  if (found.registrar.empty()) found.registrar = told.registration.registrar;
}

asio::awaitable<void> RegistryQuestion::refresh_bootstrap() {
  BoottimeTimer timer(look_.io());
  while (registries_.asking_for_bootstrap_ && look_.time_left() > Duration(0)) {
    timer.expires_after(kMoment);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    look_.spend(kMoment);
  }
  ServerMemory& memory = registries_.memory_;
  if (!registries_.asking_for_bootstrap_ && memory.bootstrap_is_due(now())) {
    registries_.asking_for_bootstrap_ = true;
    co_await ask_iana_for_bootstrap();
    registries_.asking_for_bootstrap_ = false;
  }
  if (registries_.of_iana_ != nullptr) co_return;
  const std::optional<std::string> kept = memory.bootstrap();
  absl::StatusOr<rdap::ChosenBootstrap> chosen =
      kept ? rdap::choose_bootstrap(*kept) : rdap::choose_bootstrap(std::nullopt);
  if (!kept || (chosen.ok() && !chosen->problem.empty())) memory.drop_bootstrap();
  if (chosen.ok())
    registries_.of_iana_ = std::make_shared<rdap::Bootstrap>(std::move(chosen->bootstrap));
}

asio::awaitable<void> RegistryQuestion::ask_iana_for_bootstrap() {
  const absl::StatusOr<rdap::WebUrl> url =
      rdap::parse_web_url(registries_.parts_.iana_bootstrap_url);
  if (!url.ok() || !rest_words(url->host).empty()) co_return;
  ServerMemory& memory = registries_.memory_;
  memory.asked_for_bootstrap(now());
  const WebReply reply = co_await ask_web(look_,
                                          {.url = *url,
                                           .accept = "application/json",
                                           .wanted = [](const asio::ip::address&) { return true; },
                                           .still_wanted = [] { return true; },
                                           .at_most = time_for_one()},
                                          registries_.parts_.trust);
  if (!reply.failure.empty()) co_return;
  if (wants_rest(reply)) leave_alone(url->host, reply.retry_after);
  if (reply.status != kOk ||
      !rdap::Bootstrap::parse(reply.body, rdap::Bootstrap::Author::kIana).ok()) {
    co_return;
  }
  memory.answered(url->host);
  if (memory.keep_bootstrap(reply.body)) registries_.of_iana_.reset();
}

}  // namespace muster::domains::registry
