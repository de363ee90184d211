// What RegistryQuestion does by WHOIS, and to know whom to ask by it.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agent/probes/domain/registry/registry_question.h"
#include "agent/probes/domain/whois/answer_fields.h"
#include "agent/probes/domain/whois/plain_text.h"
#include "agent/probes/domain/whois/whois_answer.h"
#include "agent/probes/domain/whois/whois_servers.h"

namespace muster::domains::registry {
namespace {

namespace asio = boost::asio;

// Whether it is IANA's record of the top-level domain, and not of another, or none.
bool is_record_of(std::string_view answer, std::string_view top_level_domain) {
  const whois::Answer read = whois::split_answer(answer);
  return std::any_of(read.fields.begin(), read.fields.end(),
                     [top_level_domain](const whois::Field& field) {
                       return field.meaning == whois::Meaning::kDomain &&
                              whois::domain_name(field.values.front()) == top_level_domain;
                     });
}

}  // namespace

asio::awaitable<RegistryReply> RegistryQuestion::by_whois() {
  const std::string top_level_domain = name_.name.substr(name_.name.rfind('.') + 1);
  whois::WhoisServer server = whois::server_of(top_level_domain);
  std::string host(server.host);
  if (host.empty()) {
    WhoisHost found = co_await find_whois_host(top_level_domain);
    if (!found.why.empty()) co_return not_told(found.why);
    host = std::move(found.host);
  }
  if (host.empty() && !registries_.memory_.has_bootstrap()) {
    // Only its file says that there is no RDAP, either.
    co_return not_told(
        fmt::format("failed: IANA's list of RDAP servers could not be had, and .{} has no WHOIS",
                    top_level_domain));
  }
  if (host.empty()) {
    RegistryReply reply = not_told(
        fmt::format("the registry of .{} answers neither RDAP nor WHOIS", top_level_domain));
    reply.end = RegistryReply::End::kUnsupported;
    co_return reply;
  }
  Told told = co_await ask_whois_server(host, whois::question_for(server, name_.name));
  Registration& found = told.registration;
  if (told.why.empty() && found.kind == AnswerKind::kRegistered && !found.expires &&
      !found.referral.empty() && found.referral != host) {
    const Told more =
        co_await ask_whois_server(found.referral, whois::question_for({}, name_.name));
    // Else the registry's word stands without it.
    if (more.why.empty() && more.registration.kind == AnswerKind::kRegistered) {
      found.expires = more.registration.expires;
      if (found.registrar.empty()) found.registrar = more.registration.registrar;
    }
  }
  co_return reply_of(told, v1::REGISTRY_PROTOCOL_WHOIS);
}

asio::awaitable<RegistryQuestion::WhoisHost> RegistryQuestion::find_whois_host(
    std::string top_level_domain) {
  if (auto known = registries_.memory_.whois_server(top_level_domain, now()))
    co_return WhoisHost{.host = *std::move(known)};
  const std::string iana = registries_.parts_.iana_whois;
  if (const std::string why = rest_words(iana); !why.empty()) co_return WhoisHost{.why = why};
  const WhoisReply reply = co_await ask_whois(
      look_, {.host = iana, .port = registries_.parts_.whois_port}, top_level_domain + "\r\n",
      [this, &iana] { return rest_words(iana).empty(); }, time_for_one());
  if (const std::string why = rest_words(iana); !why.empty() && !reply.failure.empty())
    co_return WhoisHost{.why = why};
  if (!reply.failure.empty()) co_return WhoisHost{.why = "failed: " + reply.failure};
  co_return read_iana_record(top_level_domain, reply.answer);
}

RegistryQuestion::WhoisHost RegistryQuestion::read_iana_record(const std::string& top_level_domain,
                                                               const std::string& answer) {
  const std::string& iana = registries_.parts_.iana_whois;
  const Registration read = whois::read_whois(answer, name_.name);
  if (!is_record_of(answer, top_level_domain)) {
    if (read.kind == AnswerKind::kThrottled) return {.why = leave_alone(iana, "")};
    return {.why = fmt::format("failed: {} has no record of .{}", iana, top_level_domain)};
  }
  registries_.memory_.answered(iana);
  registries_.memory_.learn_whois_server(top_level_domain, read.referral, now());
  return {.host = read.referral};
}

asio::awaitable<RegistryQuestion::Told> RegistryQuestion::ask_whois_server(std::string host,
                                                                           std::string question) {
  if (const std::string why = rest_words(host); !why.empty()) co_return Told{.why = why};
  const WhoisReply reply = co_await ask_whois(
      look_, {.host = host, .port = registries_.parts_.whois_port}, std::move(question),
      [this, &host] { return rest_words(host).empty(); }, time_for_one());
  if (const std::string why = rest_words(host); !why.empty() && !reply.failure.empty())
    co_return Told{.why = why};
  if (!reply.failure.empty()) co_return Told{.why = "failed: " + reply.failure};
  Told told{.registration = whois::read_whois(reply.answer, name_.name),
            .server = host,
            .was_asked = true};
  switch (told.registration.kind) {
    case AnswerKind::kRegistered:
    case AnswerKind::kFree:
    case AnswerKind::kReserved:
      registries_.memory_.answered(host);
      break;
    case AnswerKind::kThrottled:
      told.why = leave_alone(host, "");
      break;
    default:
      told.why = fmt::format("failed: {}: {}", host, told.registration.reason);
  }
  co_return told;
}

}  // namespace muster::domains::registry
