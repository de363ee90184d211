// gzip (RFC 1952) by zlib, at its fastest level: an exposition shrinks to a tenth even so. Pure;
// any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace muster::collector::http {

// nullopt if there is no memory for it: send it as it is.
std::optional<std::string> gzip(std::string_view data);

}  // namespace muster::collector::http
