#include "agent/probes/protection/product_json.h"

#include <fmt/format.h>

#include <boost/json/src.hpp>
#include <utility>

#include "agent/probes/json_number.h"

namespace muster::protection {
namespace {

namespace json = boost::json;

// From the first line that begins with `bracket`, blanks before it left aside.
std::string_view from_bracket(std::string_view text, char bracket) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  while (!text.empty()) {
    const size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    text.remove_prefix(first);
    if (text.front() == bracket) return text;
    const size_t newline = text.find('\n');
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline);
  }
  return {};
}

absl::StatusOr<json::value> value_of(std::string_view text, char bracket) {
  const std::string_view from = from_bracket(text, bracket);
  if (from.empty()) return absl::InvalidArgumentError("there is no JSON in it");
  json::parse_options options;
  options.max_depth = kDeepestJson;
  json::stream_parser parser({}, options);
  json::error_code error;
  // Stops after the value, whatever follows.
  parser.write_some(from.data(), from.size(), error);
  if (error) return absl::InvalidArgumentError("it is no JSON: " + error.message());
  if (!parser.done()) return absl::InvalidArgumentError("its JSON is not whole");
  return parser.release();
}

}  // namespace

absl::StatusOr<json::object> json_object_of(std::string_view text) {
  absl::StatusOr<json::value> value = value_of(text, '{');
  if (!value.ok()) return value.status();
  return std::move(value->as_object());
}

absl::StatusOr<json::array> json_array_of(std::string_view text) {
  absl::StatusOr<json::value> value = value_of(text, '[');
  if (!value.ok()) return value.status();
  return std::move(value->as_array());
}

const json::value* json_member(const json::object& object, std::string_view path) {
  const json::object* at = &object;
  while (true) {
    const size_t dot = path.find('.');
    const std::string_view name = path.substr(0, dot);
    const json::value* found = at->if_contains({name.data(), name.size()});
    if (found == nullptr || dot == std::string_view::npos) return found;
    at = found->if_object();
    if (at == nullptr) return nullptr;
    path.remove_prefix(dot + 1);
  }
}

std::optional<std::string> json_text(const json::object& object, std::string_view path) {
  const json::value* member = json_member(object, path);
  const json::string* text = member != nullptr ? member->if_string() : nullptr;
  if (text == nullptr) return std::nullopt;
  return std::string(text->data(), text->size());
}

std::optional<bool> json_flag(const json::object& object, std::string_view path) {
  const json::value* member = json_member(object, path);
  if (member == nullptr || !member->is_bool()) return std::nullopt;
  return member->get_bool();
}

std::optional<int64_t> json_number(const json::object& object, std::string_view path) {
  return whole_number(json_member(object, path));
}

}  // namespace muster::protection
