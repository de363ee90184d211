#include "common/policy/policy_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "common/digest.h"
#include "common/policy/file/baselines.h"
#include "common/policy/file/calendar.h"
#include "common/policy/file/controls.h"
#include "common/policy/file/groups.h"
#include "common/policy/file/owners.h"
#include "common/policy/file/selectors.h"
#include "common/policy/file/waivers.h"
#include "common/text.h"
#include "common/yaml_reader.h"

namespace muster::policy {
namespace {

constexpr size_t kMostComplaints = 100;

// Keys at the top whose values are lists of maps, and how many all files may have together: as many
// as are judged, matched and shown in good time.
struct List {
  std::string_view key;
  size_t most;
};
constexpr std::array<List, 7> kLists{{{"controls", kMostControls},
                                      {"groups", kMostGroups},
                                      {"owners", kMostOwners},
                                      {"waivers", kMostWaivers},
                                      {"maintenance", kMostWindows},
                                      {"dates", kMostDates},
                                      {"baselines", kMostBaselines}}};
constexpr std::array<std::string_view, 3> kOtherKeys = {"labels", "deadlines", "waiver_limit"};

class PolicyReader {
 public:
  absl::Status open(std::span<const PolicyText> texts);
  Policy read();
  // Whether any list has more than it may: then none of them is read.
  bool has_too_much();
  absl::Status finish();

 private:
  std::vector<YamlMap> all(std::string_view key);
  void require_controls();

  std::vector<YamlDocument> documents_;
  std::vector<YamlMap> files_;
};

// The first complaints of them all.
absl::Status refuse(const std::string& complaints) {
  return absl::InvalidArgumentError(first_lines(complaints, kMostComplaints));
}

void append_line(std::string& text, const absl::Status& status) {
  if (status.ok()) return;
  if (!text.empty()) text += '\n';
  text += std::string(status.message());
}

absl::Status PolicyReader::open(std::span<const PolicyText> texts) {
  size_t bytes = 0;
  std::string complaints;
  for (const PolicyText& text : texts) {
    bytes += text.text.size();
    if (bytes > kLargestPolicy) {
      return absl::InvalidArgumentError(
          fmt::format("{}:1:1: with this file the policy is larger than 4 MiB", text.name));
    }
    absl::StatusOr<YamlDocument> document = YamlDocument::parse(text.text, text.name);
    append_line(complaints, document.status());
    if (document.ok()) documents_.push_back(*std::move(document));
  }
  if (!complaints.empty()) return refuse(complaints);
  for (YamlDocument& document : documents_)
    files_.push_back(document.root());
  return absl::OkStatus();
}

bool PolicyReader::has_too_much() {
  bool too_much = false;
  for (YamlMap& file : files_) {
    for (const std::string_view key : kOtherKeys)
      file.has(key);
  }
  for (const List& list : kLists) {
    size_t count = 0;
    for (YamlMap& file : files_) {
      if (!file.is_map(list.key)) count += file.size(list.key);
      if (count <= list.most) continue;
      file.complain(list.key, fmt::format("more than {} {} in the policy", list.most, list.key));
      too_much = true;
      break;
    }
  }
  return too_much;
}

std::vector<YamlMap> PolicyReader::all(std::string_view key) {
  std::vector<YamlMap> maps;
  for (YamlMap& file : files_) {
    // A list whose every line is commented out is an empty one.
    if (file.is_blank(key)) continue;
    std::vector<YamlMap> more = file.maps(key);
    maps.insert(maps.end(), more.begin(), more.end());
  }
  return maps;
}

void PolicyReader::require_controls() {
  const auto with = std::find_if(files_.begin(), files_.end(),
                                 [](const YamlMap& file) { return file.has("controls"); });
  if (with == files_.end()) {
    files_.front().require("controls");
  } else if (std::all_of(files_.begin(), files_.end(), [](const YamlMap& file) {
               return !file.is_map("controls") && file.size("controls") == 0;
             })) {
    with->complain("controls", "a policy without controls judges nothing");
  }
}

Policy PolicyReader::read() {
  Policy policy;
  require_controls();
  policy.labels = read_vocabulary(files_);
  SelectorReader selectors(policy.labels);
  std::vector<YamlMap> groups = all("groups");
  policy.groups = read_groups(groups, selectors);
  std::vector<YamlMap> controls = all("controls");
  policy.controls = read_controls(controls, read_deadlines(files_), selectors);
  std::vector<YamlMap> owners = all("owners");
  policy.owners = read_owners(owners, selectors);
  std::vector<YamlMap> waivers = all("waivers");
  policy.waivers = read_waivers(waivers, policy, read_waiver_limit(files_), selectors);
  std::vector<YamlMap> windows = all("maintenance");
  policy.maintenance = read_maintenance(windows, selectors);
  std::vector<YamlMap> dates = all("dates");
  policy.dates = read_dates(dates, policy.labels);
  std::vector<YamlMap> baselines = all("baselines");
  policy.baselines = read_baselines(baselines);
  return policy;
}

absl::Status PolicyReader::finish() {
  std::string complaints;
  for (YamlDocument& document : documents_)
    append_line(complaints, document.finish());
  return complaints.empty() ? absl::OkStatus() : refuse(complaints);
}

// Over names (the same wherever the files are) and contents, each with its length before it, so
// that nothing can move between them.
std::string digest_of(std::span<const PolicyText> texts) {
  std::string all;
  for (const PolicyText& text : texts) {
    const std::string name = text.name.substr(text.name.rfind('/') + 1);
    all += fmt::format("{} {} {} ", name.size(), name, text.text.size());
    all += text.text;
  }
  return to_hex(sha256(all));
}

}  // namespace

absl::StatusOr<Policy> parse_policy(std::span<const PolicyText> texts) {
  if (texts.empty()) return absl::InvalidArgumentError("a policy needs at least one file");
  PolicyReader reader;
  if (absl::Status status = reader.open(texts); !status.ok()) return status;
  if (reader.has_too_much()) return reader.finish();
  Policy policy = reader.read();
  if (absl::Status status = reader.finish(); !status.ok()) return status;
  policy.sha256 = digest_of(texts);
  return policy;
}

absl::StatusOr<Policy> parse_policy(const std::string& text, std::string name) {
  const PolicyText one{.name = std::move(name), .text = text};
  return parse_policy({&one, 1});
}

const Policy& default_policy() {
  static const Policy policy = [] {
    absl::StatusOr<Policy> parsed =
        parse_policy(std::string(default_policy_text()), "default_policy.yml");
    if (!parsed.ok()) {
      // It is compiled in and a test reads it: only a broken build gets here.
      std::fprintf(stderr, "%s\n", parsed.status().ToString().c_str());
      std::abort();
    }
    return *std::move(parsed);
  }();
  return policy;
}

}  // namespace muster::policy
