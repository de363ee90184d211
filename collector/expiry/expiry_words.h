// What ends, in words for people: printable, whatever was said by whom. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "muster/v1/fleet.pb.h"

namespace muster::collector {

// "web1", "web1 and 2 more", "the target www"; empty: it is nobody's.
std::string expiry_place(const v1::ExpiryEntry& entry);
// "/etc/ssl/shop.pem on web1 and 2 more: certificate ends".
std::string expiry_summary(const v1::ExpiryEntry& entry);
// Its time, owner, detail and labels, a line each.
std::string expiry_description(const v1::ExpiryEntry& entry);
// "role=web site=fra".
std::string expiry_labels(const v1::ExpiryEntry& entry);

// What a list lacks.
std::string omitted_in_words(uint64_t omitted);
std::string without_end_in_words(uint64_t without_end);

}  // namespace muster::collector
