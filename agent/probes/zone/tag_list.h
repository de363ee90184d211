// "v=DMARC1; p=reject": the form that records of DMARC and DKIM have (RFC 6376, section 3.2). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace muster::zone {

// Tags, in lower case, and their values, in their order. Unset where a part is none, or a tag comes
// twice.
using TagList = std::vector<std::pair<std::string, std::string>>;
std::optional<TagList> parse_tag_list(std::string_view text);

// Null where there is none.
const std::string* find_tag(const TagList& tags, std::string_view name);

}  // namespace muster::zone
