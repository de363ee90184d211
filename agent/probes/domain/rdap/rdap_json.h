// Members of an RDAP answer's objects, each of the kind that RFC 9083 wants or taken for missing:
// servers put arrays where texts belong, texts where arrays do, and null everywhere. Pure; any
// thread.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace muster::domains::rdap {

// Of an answer; more is not read at all.
inline constexpr size_t kLargestAnswer = 1 << 20;
inline constexpr size_t kDeepestAnswer = 32;
// Of one text in what we keep.
inline constexpr size_t kLongestText = 256;

// The object that the text is; unset where it is no JSON, none of an object, or nested too deeply.
// A byte order mark before it is passed over.
std::optional<boost::json::object> parse_object(std::string_view text);

// Null where there is none, or it is null.
const boost::json::value* member_of(const boost::json::object& object, std::string_view name);
const boost::json::object* object_of(const boost::json::object& object, std::string_view name);
// Unset unless it is a text; as it stands there.
std::optional<std::string_view> raw_text_of(const boost::json::object& object,
                                            std::string_view name);
// Printable, trimmed, at most kLongestText bytes; empty unless it is a text.
std::string text_of(const boost::json::object& object, std::string_view name);
// A whole number, also as a text of digits ("404").
std::optional<int64_t> number_of(const boost::json::object& object, std::string_view name);

// Calls with each element of an array, or with the member itself where it stands without its array.
// False if there were more than `most`: the others are left out.
bool for_each(const boost::json::object& object, std::string_view name, size_t most,
              const std::function<void(const boost::json::value&)>& call);
// The same of those that are objects, and of those that are texts.
bool for_each_object(const boost::json::object& object, std::string_view name, size_t most,
                     const std::function<void(const boost::json::object&)>& call);
bool for_each_text(const boost::json::object& object, std::string_view name, size_t most,
                   const std::function<void(std::string_view)>& call);

// Lower case, of ASCII alone.
std::string lower(std::string_view text);

}  // namespace muster::domains::rdap
