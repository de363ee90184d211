// What products say of themselves in JSON, by Boost.JSON within bounds. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace muster::protection {

// Nothing here is nested deeper than a few levels.
inline constexpr size_t kDeepestJson = 32;

// The object that begins with the first line that begins with "{": what stands before it (banners,
// warnings, a byte order mark) and after it is passed over. InvalidArgument where there is none, or
// it is not whole.
absl::StatusOr<boost::json::object> json_object_of(std::string_view text);
// The same of an array of objects, "[".
absl::StatusOr<boost::json::array> json_array_of(std::string_view text);

// A member of that name and kind. `path` goes through objects by dots: "health.license". Unset
// where there is none, or it is of another kind. Numbers that are written as texts count.
std::optional<std::string> json_text(const boost::json::object& object, std::string_view path);
std::optional<bool> json_flag(const boost::json::object& object, std::string_view path);
std::optional<int64_t> json_number(const boost::json::object& object, std::string_view path);
// Null where there is none.
const boost::json::value* json_member(const boost::json::object& object, std::string_view path);

}  // namespace muster::protection
