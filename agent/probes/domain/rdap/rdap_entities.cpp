#include "agent/probes/domain/rdap/rdap_entities.h"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <string_view>

#include "agent/probes/domain/rdap/rdap_json.h"
#include "common/text.h"

namespace muster::domains::rdap {
namespace {

namespace json = boost::json;

constexpr size_t kMostEntities = 64;
constexpr int kDeepestEntity = 4;
constexpr size_t kMostProperties = 256;

// The first text in a value that may be one, or an array of them (a structured value of RFC 7095).
std::string first_text(const json::value& value) {
  if (const json::string* text = value.if_string()) {
    return printable(trim(std::string_view(text->data(), text->size())), kLongestText);
  }
  const json::array* parts = value.if_array();
  if (parts == nullptr) return {};
  for (const json::value& part : *parts) {
    const json::string* text = part.if_string();
    if (text != nullptr && !text->empty()) return first_text(part);
  }
  return {};
}

// A property of a jCard (RFC 7095): ["vcard", [["fn", {}, "text", "Example Inc."], …]].
std::string card_property(const json::object& entity, std::string_view name) {
  const json::value* member = member_of(entity, "vcardArray");
  const json::array* card = member == nullptr ? nullptr : member->if_array();
  if (card == nullptr || card->size() < 2) return {};
  const json::array* properties = (*card)[1].if_array();
  if (properties == nullptr) return {};
  size_t seen = 0;
  for (const json::value& value : *properties) {
    if (seen++ == kMostProperties) break;
    const json::array* property = value.if_array();
    if (property == nullptr || property->size() < 4) continue;
    const json::string* title = (*property)[0].if_string();
    if (title == nullptr || lower({title->data(), title->size()}) != name) continue;
    std::string text = first_text((*property)[3]);
    if (!text.empty()) return text;
  }
  return {};
}

std::string iana_number(const json::object& entity) {
  std::string number;
  for_each_object(entity, "publicIds", kMostEntities, [&number](const json::object& id) {
    if (lower(text_of(id, "type")) != "iana registrar id") return;
    if (const auto digits = number_of(id, "identifier")) number = "IANA " + std::to_string(*digits);
  });
  return number;
}

std::string name_of(const json::object& entity) {
  for (const std::string_view property : {"fn", "org"}) {
    std::string name = card_property(entity, property);
    if (!name.empty()) return name;
  }
  std::string number = iana_number(entity);
  return number.empty() ? text_of(entity, "handle") : number;
}

bool is_registrar(const json::object& entity) {
  bool found = false;
  for_each_text(entity, "roles", kMostEntities, [&found](std::string_view role) {
    if (lower(trim(role)) == "registrar") found = true;
  });
  return found;
}

std::string registrar_within(const json::object& object, int depth) {
  std::string name;
  // Before those within others: an entity's own entities may be those of its reseller.
  for_each_object(object, "entities", kMostEntities, [&name](const json::object& entity) {
    if (name.empty() && is_registrar(entity)) name = name_of(entity);
  });
  if (depth == kDeepestEntity) return name;
  for_each_object(object, "entities", kMostEntities, [&name, depth](const json::object& entity) {
    if (name.empty()) name = registrar_within(entity, depth + 1);
  });
  return name;
}

}  // namespace

std::string registrar_of(const json::object& domain) {
  return registrar_within(domain, 1);
}

}  // namespace muster::domains::rdap
