#include "agent/probes/domain/rdap/rdap_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "agent/probes/domain/rdap/rdap_json.h"
#include "common/text.h"

namespace muster::domains::rdap {
namespace {

namespace json = boost::json;

constexpr size_t kMostLines = 32;

bool has_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [text](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
}

// The title and the description of the error; not the notices, in which every registry forbids to
// ask too often.
std::string words_of(const json::object& error) {
  std::string words = text_of(error, "title");
  for_each_text(error, "description", kMostLines, [&words](std::string_view line) {
    words += (words.empty() ? "" : ": ") + printable(trim(line), kLongestText);
  });
  return truncate_utf8(words, 2 * kLongestText);
}

bool says_reserved(std::string_view words) {
  std::string text(words);
  for (size_t at = 0; (at = text.find("rights reserved")) != std::string::npos;)
    text.erase(at, std::string_view("rights reserved").size());
  return has_one_of(text, {"reserved", "cannot be registered", "can not be registered",
                           "not available for registration"});
}

bool says_not_mine(std::string_view words) {
  return has_one_of(words, {"not supported", "unsupported", "not authoritative", "unknown tld",
                            "no such tld", "not managed", "not served", "invalid", "bad request"});
}

Registration answer_of(AnswerKind kind, std::string reason) {
  Registration registration;
  registration.kind = kind;
  if (kind != AnswerKind::kFree) registration.reason = std::move(reason);
  return registration;
}

Registration not_found(const ErrorAnswer& answer, const std::string& lowered,
                       const std::string& reason, Server server) {
  // A web server that has no such page answers so too, in HTML or with nothing.
  if (!answer.is_json || (!answer.is_empty && !answer.body)) {
    return answer_of(AnswerKind::kUnreadable, "HTTP 404 that is not RDAP's");
  }
  if (says_reserved(lowered)) return answer_of(AnswerKind::kReserved, reason);
  if (says_not_mine(lowered)) return answer_of(AnswerKind::kRefused, reason);
  if (server != Server::kRegistry) {
    return answer_of(AnswerKind::kRefused, reason + ", of a server that is not the registry's");
  }
  return answer_of(AnswerKind::kFree, {});
}

}  // namespace

bool says_throttled(const std::string& lowered) {
  return has_one_of(lowered,
                    {"rate limit", "rate-limit", "ratelimit", "too many", "quota", "throttl",
                     "limit exceeded", "limit reached", "query limit", "too often"});
}

Registration read_error(const ErrorAnswer& answer, Server server) {
  const int status = answer.http_status;
  std::string words;
  std::optional<int64_t> code;
  if (answer.is_json && answer.body) {
    words = words_of(*answer.body);
    code = number_of(*answer.body, "errorCode");
  }
  const std::string lowered = lower(words);
  const std::string reason =
      words.empty() ? fmt::format("HTTP {}", status) : fmt::format("HTTP {}: {}", status, words);
  if (status == 429 || code == 429 || says_throttled(lowered)) {
    return answer_of(AnswerKind::kThrottled, reason);
  }
  if (code && *code != status) {
    return answer_of(AnswerKind::kUnreadable,
                     fmt::format("HTTP {} with an error of number {} in it", status, *code));
  }
  switch (status) {
    case 404:
      return not_found(answer, lowered, reason, server);
    case 400:
    case 401:
    case 403:
    case 405:
    case 422:
    case 451:
    case 501:
      return answer_of(AnswerKind::kRefused, reason);
    default:
      return answer_of(AnswerKind::kUnreadable, reason);
  }
}

}  // namespace muster::domains::rdap
