#include "agent/probes/hardware/arrays/mapping_status.h"

#include <linux/dm-ioctl.h>

#include <algorithm>
#include <cstring>

#include "agent/probes/hardware/numbers.h"
#include "common/text.h"

namespace muster::hardware {
namespace {

// Words of the target that are no fixed ones.
constexpr size_t kLongestWord = 64;

absl::Status broken(const char* why) {
  return absl::InvalidArgumentError(why);
}

// Words with blanks between, one after the other.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}

  // Empty at the end.
  std::string_view next() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
    const std::string_view word = rest_.substr(0, rest_.find(' '));
    rest_.remove_prefix(word.size());
    return word;
  }
  std::optional<uint64_t> number() { return whole_number(next()); }
  // A count and so many words behind it.
  bool skip_counted() {
    const auto count = number();
    return count && skip(*count);
  }
  // Whether there are so many.
  bool skip(uint64_t count) {
    for (; count > 0; --count) {
      if (next().empty()) return false;
    }
    return true;
  }

 private:
  std::string_view rest_;
};

// "2/100"
bool read_ratio(std::string_view word, RaidStatus& status) {
  const size_t slash = word.find('/');
  if (slash == std::string_view::npos) return false;
  const auto filled = whole_number(word.substr(0, slash));
  const auto total = whole_number(word.substr(slash + 1));
  if (!filled || !total) return false;
  status.filled = *filled;
  status.total = *total;
  return true;
}

bool are_legs(std::string_view legs, uint64_t count, std::string_view letters) {
  return legs.size() == count && count <= kMostParts &&
         legs.find_first_not_of(letters) == std::string_view::npos;
}

}  // namespace

absl::StatusOr<std::vector<MappingTarget>> parse_mapping(std::string_view reply) {
  dm_ioctl header{};
  if (reply.size() < sizeof header) return broken("the device mapper's answer is cut off");
  std::memcpy(&header, reply.data(), sizeof header);
  if (header.version[0] != 4) return broken("the device mapper has another version than 4");
  if (header.data_start < sizeof header || header.data_start > reply.size())
    return broken("the device mapper's answer has no data");
  if (header.target_count > kMostTargets) return broken("the mapping has too many targets");
  const std::string_view data = reply.substr(header.data_start);
  std::vector<MappingTarget> targets;
  size_t at = 0;
  for (uint32_t i = 0; i < header.target_count; ++i) {
    dm_target_spec target{};
    if (at > data.size() || data.size() - at < sizeof target)
      return broken("the device mapper's answer is cut off");
    std::memcpy(&target, data.data() + at, sizeof target);
    const std::string_view rest = data.substr(at + sizeof target);
    const size_t end = rest.find('\0');
    if (end == std::string_view::npos) return broken("the device mapper's answer is cut off");
    const std::string_view type(target.target_type,
                                ::strnlen(target.target_type, sizeof target.target_type));
    targets.push_back({printable(type, kLongestWord), std::string(rest.substr(0, end))});
    // From the first target to the next one, whichever this is.
    if (target.next <= at && i + 1 < header.target_count)
      return broken("the device mapper's answer goes round in circles");
    at = target.next;
  }
  return targets;
}

absl::StatusOr<RaidStatus> parse_raid_status(std::string_view text) {
  Words words(text);
  RaidStatus status;
  const std::string_view type = words.next();
  status.level = printable(type.substr(0, type.find('_')), kLongestWord);
  const auto count = words.number();
  status.legs = std::string(words.next());
  if (!type.starts_with("raid") || !count || *count == 0 || !are_legs(status.legs, *count, "AaD-"))
    return broken("a RAID of the device mapper does not tell how its legs are");
  if (!read_ratio(words.next(), status))
    return broken("a RAID of the device mapper does not tell how far it is filled");
  status.action = printable(words.next(), kLongestWord);
  status.mismatches = words.number();
  return status;
}

absl::StatusOr<RaidStatus> parse_mirror_status(std::string_view text) {
  Words words(text);
  RaidStatus status;
  status.level = "raid1";
  const auto count = words.number();
  if (!count || *count == 0 || *count > kMostParts || !words.skip(*count))
    return broken("a mirror of the device mapper does not tell its legs");
  if (!read_ratio(words.next(), status))
    return broken("a mirror of the device mapper does not tell how far it is filled");
  // How many words follow that tell of the legs.
  const auto described = words.number();
  status.legs = std::string(words.next());
  if (described != 1 || !are_legs(status.legs, *count, "ADFSRU"))
    return broken("a mirror of the device mapper does not tell how its legs are");
  return status;
}

absl::StatusOr<std::vector<PathStatus>> parse_multipath_status(std::string_view text) {
  Words words(text);
  // What it does in general, and its handler of the hardware.
  if (!words.skip_counted() || !words.skip_counted())
    return broken("a multipath does not tell what it does");
  const auto groups = words.number();
  // Which of them is next.
  if (!groups || !words.number() || *groups > kMostParts)
    return broken("a multipath does not tell its groups of paths");
  std::vector<PathStatus> paths;
  for (uint64_t group = 0; group < *groups; ++group) {
    // Its state, and its selector's.
    if (words.next().empty() || !words.skip_counted())
      return broken("a multipath's group of paths does not tell its state");
    const auto count = words.number();
    const auto selector_words = words.number();
    if (!count || !selector_words || *count > kMostParts - paths.size())
      return broken("a multipath's group does not tell its paths");
    for (uint64_t path = 0; path < *count; ++path) {
      const std::string_view device = words.next();
      const std::string_view state = words.next();
      if ((state != "A" && state != "F") || !words.number() || !words.skip(*selector_words))
        return broken("a path of a multipath does not tell its state");
      paths.push_back({printable(device, kLongestWord), state == "A"});
    }
  }
  return paths;
}

}  // namespace muster::hardware
