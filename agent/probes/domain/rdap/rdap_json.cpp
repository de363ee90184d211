#include "agent/probes/domain/rdap/rdap_json.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/string.hpp>
#include <utility>

#include "agent/probes/json_number.h"
#include "common/text.h"

namespace muster::domains::rdap {

namespace json = boost::json;

namespace {

std::string_view view_of(const json::string& text) {
  return {text.data(), text.size()};
}

}  // namespace

std::optional<json::object> parse_object(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  json::parse_options options;
  options.max_depth = kDeepestAnswer;
  json::error_code error;
  json::value value = json::parse({text.data(), text.size()}, error, {}, options);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.as_object());
}

const json::value* member_of(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains({name.data(), name.size()});
  return member == nullptr || member->is_null() ? nullptr : member;
}

const json::object* object_of(const json::object& object, std::string_view name) {
  const json::value* member = member_of(object, name);
  return member == nullptr ? nullptr : member->if_object();
}

std::optional<std::string_view> raw_text_of(const json::object& object, std::string_view name) {
  const json::value* member = member_of(object, name);
  const json::string* text = member == nullptr ? nullptr : member->if_string();
  if (text == nullptr) return std::nullopt;
  return view_of(*text);
}

std::string text_of(const json::object& object, std::string_view name) {
  return printable(trim(raw_text_of(object, name).value_or("")), kLongestText);
}

std::optional<int64_t> number_of(const json::object& object, std::string_view name) {
  return whole_number(member_of(object, name));
}

bool for_each(const json::object& object, std::string_view name, size_t most,
              const std::function<void(const json::value&)>& call) {
  const json::value* member = member_of(object, name);
  if (member == nullptr) return true;
  const json::array* array = member->if_array();
  if (array == nullptr) {
    call(*member);
    return true;
  }
  size_t seen = 0;
  for (const json::value& element : *array) {
    if (seen++ == most) return false;
    call(element);
  }
  return true;
}

bool for_each_object(const json::object& object, std::string_view name, size_t most,
                     const std::function<void(const json::object&)>& call) {
  return for_each(object, name, most, [&call](const json::value& value) {
    if (const json::object* element = value.if_object()) call(*element);
  });
}

bool for_each_text(const json::object& object, std::string_view name, size_t most,
                   const std::function<void(std::string_view)>& call) {
  return for_each(object, name, most, [&call](const json::value& value) {
    if (const json::string* text = value.if_string()) call(view_of(*text));
  });
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

}  // namespace muster::domains::rdap
