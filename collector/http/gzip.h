// gzip (RFC 1952) by libdeflate, which takes two thirds of zlib's time for the same text. Pure; any
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace muster::collector::http {

// nullopt if there is no memory for it: send it as it is.
std::optional<std::string> gzip(std::string_view data);

}  // namespace muster::collector::http
