#include "agent/probes/zone/dmarc_record.h"

#include <absl/strings/ascii.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "agent/probes/zone/tag_list.h"
#include "common/text.h"

namespace muster::zone {
namespace {

constexpr size_t kTextLimit = 1024;
constexpr auto kPolicies = std::to_array<std::string_view>({"none", "quarantine", "reject"});

// Other texts at the name count for nothing.
bool is_dmarc(std::string_view text) {
  constexpr std::string_view kBegins = "v";
  text = trim(text);
  if (!text.starts_with(kBegins)) return false;
  text = trim(text.substr(kBegins.size()));
  if (!text.starts_with('=')) return false;
  text = trim(text.substr(1));
  constexpr std::string_view kVersion = "DMARC1";
  if (!text.starts_with(kVersion)) return false;
  text = trim(text.substr(kVersion.size()));
  return text.empty() || text.front() == ';';
}

std::optional<std::string> policy_of(const TagList& tags, std::string_view name) {
  const std::string* written = find_tag(tags, name);
  if (written == nullptr) return std::nullopt;
  const std::string policy = absl::AsciiStrToLower(*written);
  if (std::find(kPolicies.begin(), kPolicies.end(), policy) == kPolicies.end()) return std::nullopt;
  return policy;
}

}  // namespace

v1::DmarcRecord read_dmarc(const std::vector<std::string>& texts, bool of_parent) {
  v1::DmarcRecord record;
  const auto invalid = [&record](const std::string& detail) {
    record.set_state(v1::RECORD_STATE_INVALID);
    record.set_detail(detail);
    return record;
  };
  const auto count = std::count_if(texts.begin(), texts.end(), is_dmarc);
  if (count == 0) {
    record.set_state(v1::RECORD_STATE_ABSENT);
    return record;
  }
  const std::string& text = *std::find_if(texts.begin(), texts.end(), is_dmarc);
  record.set_text(printable(text, kTextLimit));
  if (count > 1)
    return invalid(fmt::format("there are {} records, and who finds several uses none", count));
  const std::optional<TagList> tags = parse_tag_list(text);
  if (!tags) return invalid("it is no list of tags");
  const bool has_sub = find_tag(*tags, "sp") != nullptr;
  const std::optional<std::string> own = policy_of(*tags, "p");
  const std::optional<std::string> sub = policy_of(*tags, "sp");
  if (!own || (has_sub && !sub)) {
    // RFC 7489, section 6.6.3: with somewhere to report to it counts as one that only watches.
    if (find_tag(*tags, "rua") == nullptr)
      return invalid("it has no policy that is one (p=none, quarantine or reject)");
    record.set_policy("none");
  } else {
    record.set_policy(of_parent && sub ? *sub : *own);
  }
  record.set_state(v1::RECORD_STATE_PRESENT);
  return record;
}

}  // namespace muster::zone
