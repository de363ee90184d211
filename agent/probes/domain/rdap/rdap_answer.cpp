#include "agent/probes/domain/rdap/rdap_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <utility>

#include "agent/probes/domain/rdap/rdap_entities.h"
#include "agent/probes/domain/rdap/rdap_error.h"
#include "agent/probes/domain/rdap/rdap_events.h"
#include "agent/probes/domain/rdap/rdap_json.h"
#include "agent/probes/domain/rdap/rdap_status.h"
#include "agent/probes/domain/rdap/web_url.h"
#include "common/internet_name.h"
#include "common/text.h"

namespace muster::domains::rdap {
namespace {

namespace json = boost::json;

constexpr size_t kMostStatuses = 64;
constexpr size_t kMostNameServers = 128;
constexpr size_t kMostNotices = 64;
constexpr size_t kMostLinks = 64;

Registration unreadable(std::string reason) {
  Registration registration;
  registration.reason = std::move(reason);
  return registration;
}

// "application/rdap+json; charset=utf-8" is RDAP's; plain JSON is what a few servers call it.
bool is_json_type(std::string_view content_type) {
  const std::string type = lower(trim(content_type.substr(0, content_type.find(';'))));
  return type == "application/rdap+json" || type == "application/json";
}

void keep_each_once(std::vector<std::string>& texts) {
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
}

// The object's name by its member; unset where it has none, empty where that is no name.
std::optional<std::string> name_of(const json::object& object, std::string_view member) {
  const auto text = raw_text_of(object, member);
  if (!text) return std::nullopt;
  return to_internet_name(trim(*text)).value_or("");
}

void read_statuses(const json::object& domain, Registration& registration) {
  std::vector<std::string>& statuses = registration.statuses;
  registration.partial |=
      !for_each_text(domain, "status", kMostStatuses, [&statuses](std::string_view text) {
        if (std::string status = epp_status(text); !status.empty())
          statuses.push_back(std::move(status));
      });
  keep_each_once(statuses);
}

// Of objects, and of names that stand there without one.
void read_name_servers(const json::object& domain, Registration& registration) {
  std::vector<std::string>& servers = registration.name_servers;
  const auto add = [&servers](const std::string& name) {
    if (!name.empty()) servers.push_back(name);
  };
  const bool whole =
      for_each(domain, "nameservers", kMostNameServers, [&add](const json::value& value) {
        if (const json::string* text = value.if_string()) {
          add(to_internet_name(trim(std::string_view(text->data(), text->size()))).value_or(""));
        } else if (const json::object* server = value.if_object()) {
          const std::optional<std::string> name = name_of(*server, "ldhName");
          add(name ? *name : name_of(*server, "unicodeName").value_or(""));
        }
      });
  registration.partial |= !whole;
  keep_each_once(servers);
}

bool has_elements(const json::object& object, std::string_view name) {
  const json::value* member = member_of(object, name);
  return member != nullptr && member->is_array() && !member->get_array().empty();
}

// Whether the parent zone has a DS record: not "zoneSigned", which is of the zone itself. A no
// beside the very records is no answer.
std::optional<bool> delegation_signed(const json::object& domain) {
  const json::object* secure = object_of(domain, "secureDNS");
  if (secure == nullptr) return std::nullopt;
  const bool has_records = has_elements(*secure, "dsData") || has_elements(*secure, "keyData");
  const json::value* said = member_of(*secure, "delegationSigned");
  if (said == nullptr || !said->is_bool()) {
    return has_records ? std::optional<bool>(true) : std::nullopt;
  }
  if (has_records && !said->get_bool()) return std::nullopt;
  return said->get_bool();
}

// The registrar's own answer about the domain, by https: "related", in RDAP's content type, and not
// the answer that names it.
std::string referral_of(const json::object& domain) {
  std::string referral, self;
  const auto whole_url = [](const json::object& link) -> std::string {
    const auto url = parse_web_url(raw_text_of(link, "href").value_or(""));
    return url.ok() && url->tls ? url->text() : "";
  };
  for_each_object(domain, "links", kMostLinks, [&](const json::object& link) {
    const std::string relation = lower(text_of(link, "rel"));
    if (relation == "self") self = whole_url(link);
    if (relation != "related" || !referral.empty()) return;
    if (lower(text_of(link, "type")).starts_with("application/rdap+json"))
      referral = whole_url(link);
  });
  return referral == self ? "" : referral;
}

// RFC 9083, section 10.2.1: "object truncated due to excessive load" and its kin.
bool says_truncated(const json::object& domain) {
  bool truncated = false;
  const auto look = [&truncated](const json::object& notice) {
    truncated |= lower(text_of(notice, "type")).find("truncated") != std::string::npos ||
                 lower(text_of(notice, "title")).find("truncated") != std::string::npos;
  };
  const bool notices = for_each_object(domain, "notices", kMostNotices, look);
  const bool remarks = for_each_object(domain, "remarks", kMostNotices, look);
  return truncated || !notices || !remarks;
}

bool notices_say_throttled(const json::object& answer) {
  bool throttled = false;
  const auto look = [&throttled](const json::object& notice) {
    throttled |= says_throttled(lower(text_of(notice, "title"))) ||
                 lower(text_of(notice, "type")).find("excessive load") != std::string::npos;
  };
  for_each_object(answer, "notices", kMostNotices, look);
  for_each_object(answer, "remarks", kMostNotices, look);
  return throttled;
}

// Empty, or why this is not an answer about the domain that was asked for.
std::string not_about(const json::object& domain, const std::string& asked) {
  const std::optional<std::string> ldh = name_of(domain, "ldhName");
  const std::optional<std::string> unicode = name_of(domain, "unicodeName");
  const auto differs = [&asked](const std::optional<std::string>& name) {
    return name && *name != asked;
  };
  if (!ldh && !unicode) return "the answer does not say of which domain it is";
  // A registry may write a script in a way that IDNA does not: then the other name decides.
  if (differs(ldh) || (unicode && !unicode->empty() && *unicode != asked) ||
      (!ldh && differs(unicode))) {
    return "the answer is about another domain than was asked for";
  }
  return {};
}

bool is_reserved(const Registration& registration) {
  const auto& statuses = registration.statuses;
  return std::find(statuses.begin(), statuses.end(), "reserved") != statuses.end() &&
         !registration.created && !registration.expires && registration.registrar.empty();
}

Registration read_domain(const json::object& answer, const std::string& asked) {
  if (lower(text_of(answer, "objectClassName")) != "domain") {
    Registration registration = unreadable("the answer is about no domain");
    if (notices_say_throttled(answer)) {
      registration.kind = AnswerKind::kThrottled;
      registration.reason = "the answer says that it was asked too often";
    }
    return registration;
  }
  std::string problem = not_about(answer, asked);
  if (!problem.empty()) return unreadable(std::move(problem));
  Registration registration;
  registration.kind = AnswerKind::kRegistered;
  registration.domain = asked;
  registration.registrar = registrar_of(answer);
  registration.delegation_signed = delegation_signed(answer);
  registration.referral = referral_of(answer);
  registration.partial = says_truncated(answer);
  read_events(answer, registration);
  read_statuses(answer, registration);
  read_name_servers(answer, registration);
  if (is_reserved(registration)) {
    registration.kind = AnswerKind::kReserved;
    registration.reason = "its status is \"reserved\", and nobody has registered it";
  }
  return registration;
}

}  // namespace

Registration read_rdap(int http_status, std::string_view content_type, std::string_view body,
                       std::string_view domain, Server server) {
  const auto asked = to_internet_name(domain);
  if (!asked.ok()) return unreadable(std::string(asked.status().message()));
  const bool too_large = body.size() > kLargestAnswer;
  if (too_large) body = {};
  const bool is_json = is_json_type(content_type);
  std::optional<json::object> object = is_json ? parse_object(body) : std::nullopt;
  if (http_status != 200 || (object && member_of(*object, "errorCode") != nullptr)) {
    return read_error({.http_status = http_status,
                       .is_json = is_json,
                       .is_empty = !too_large && trim(body).empty(),
                       .body = std::move(object)},
                      server);
  }
  if (too_large) return unreadable("the answer is larger than 1 MiB");
  if (!is_json) {
    return unreadable(fmt::format("the answer is of the type '{}', which is not RDAP's",
                                  printable(trim(content_type), 80)));
  }
  if (!object) return unreadable("the answer is no JSON object");
  return read_domain(*object, *asked);
}

}  // namespace muster::domains::rdap
