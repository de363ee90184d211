#include "collector/targets/targets_http_sd.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "collector/sources/http_sd.h"
#include "common/duration.h"
#include "common/targets/domain_target.h"
#include "common/targets/target_address.h"
#include "common/targets/target_kinds.h"
#include "common/targets/target_rules.h"
#include "common/targets/tls_endpoint.h"
#include "common/text.h"

namespace muster::collector {
namespace {

constexpr const char* kName = "__muster_name";
constexpr const char* kKind = "__muster_kind";
constexpr const char* kInterval = "__muster_interval";
constexpr const char* kTimeout = "__muster_timeout";
// Words that come after the address of each target of the group.
constexpr const char* kOptions = "__muster_options";

absl::Status no_kind() {
  return absl::InvalidArgumentError(
      fmt::format("these targets have no kind: they need the label {}, or their server in "
                  "collector.yml a `kind`",
                  kKind));
}

class TargetSink : public HttpSdSink {
 public:
  explicit TargetSink(const TargetServer& server) : server_(server) {}

  TargetList take() { return std::move(list_); }

  Words words() const override {
    return {.example = "www.example.org:443", .target = "as www.example.org:443"};
  }

  absl::Status target(std::string target) override {
    // Whether its kind has such addresses is known at the group's end.
    if (!parse_tls_endpoint(target).ok() && !parse_domain_target(target).ok()) {
      if (absl::Status status = parse_target_address(target).status(); !status.ok()) return status;
    }
    if (list_.size() + addresses_.size() == kMostTargets) {
      return absl::InvalidArgumentError(fmt::format("more than {} targets", kMostTargets));
    }
    addresses_.push_back(std::move(target));
    return absl::OkStatus();
  }

  absl::Status label(const std::string& name, std::string value) override {
    const bool ours =
        name == kName || name == kKind || name == kInterval || name == kTimeout || name == kOptions;
    // Of Prometheus, for relabelling.
    if (!ours && name.starts_with("__")) return absl::OkStatus();
    if (absl::Status status = ours ? absl::OkStatus() : check_label(name, value); !status.ok()) {
      return status;
    }
    if (labels_.emplace(name, std::move(value)).second) return absl::OkStatus();
    return absl::InvalidArgumentError(fmt::format("the label {} comes twice", name));
  }

  absl::Status end_group() override {
    const std::vector<std::string> addresses = std::exchange(addresses_, {});
    const absl::StatusOr<Group> group = take_labels();
    if (!group.ok()) return group.status();
    if (!group->usual.name.empty() && addresses.size() != 1) {
      return absl::InvalidArgumentError(
          fmt::format("{} is for a group of one target, not of {}", kName, addresses.size()));
    }
    for (const std::string& address : addresses) {
      Target one = group->usual;
      one.address = group->options.empty() ? address : address + " " + group->options;
      if (one.name.empty()) one.name = usual_target_name(one.kind, one.address).value_or(address);
      if (absl::Status status = add(std::move(one)); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

 private:
  // What a group's labels say of each of its targets.
  struct Group {
    Target usual;
    // Words that come after its address.
    std::string options;
  };

  absl::StatusOr<Group> take_labels() {
    Labels labels = std::exchange(labels_, {});
    const auto take = [&labels](const char* name) -> std::optional<std::string> {
      const auto node = labels.extract(name);
      return node.empty() ? std::nullopt : std::optional(node.mapped());
    };
    Target target = server_.usual;
    target.place = server_.name;
    target.name = take(kName).value_or("");
    target.kind = take(kKind).value_or(target.kind);
    std::string options = take(kOptions).value_or("");
    // There is only one for such a kind.
    const TargetKind* const kind = find_target_kind(target.kind);
    if (kind != nullptr && kind->once_a_day) target.interval = kind->interval;
    if (const std::optional<std::string> written = take(kInterval)) {
      const absl::StatusOr<Duration> interval = parse_duration(*written);
      if (!interval.ok()) return interval.status();
      target.interval = *interval;
    }
    take_usual_times(target);
    target.timeout = std::min(target.timeout, target.interval);
    if (const std::optional<std::string> written = take(kTimeout)) {
      const absl::StatusOr<Duration> timeout = parse_duration(*written);
      if (!timeout.ok()) return timeout.status();
      target.timeout = *timeout;
    }
    for (auto& [name, value] : labels)
      target.labels.insert_or_assign(name, std::move(value));
    return Group{.usual = std::move(target), .options = std::move(options)};
  }

  absl::Status add(Target target) {
    if (target.kind.empty()) return no_kind();
    if (absl::Status status = check_target(target); !status.ok()) return status;
    const auto [known, is_new] = numbers_.emplace(target.name, list_.size());
    if (is_new) {
      list_.targets.push_back(std::move(target));
      return absl::OkStatus();
    }
    if (list_.targets[known->second] == target) return absl::OkStatus();
    return absl::InvalidArgumentError(fmt::format(
        "the target {} is listed twice, and not alike: keep one of them, or name them by {}",
        target.name, kName));
  }

  const TargetServer& server_;
  TargetList list_;
  // Of the names in the list.
  std::map<std::string, size_t> numbers_;
  // Of the group that is being read.
  std::vector<std::string> addresses_;
  Labels labels_;
};

std::string in_quotes(std::string_view text) {
  return boost::json::serialize(boost::json::string_view(text.data(), text.size()));
}

std::string group_of(const Target& target) {
  std::string labels;
  for (const auto& [name, value] : target.labels)
    labels += fmt::format("{}: {}, ", in_quotes(name), in_quotes(value));
  const auto [place, options] = split_endpoint(target.address);
  if (!options.empty()) labels += fmt::format("\"{}\": {}, ", kOptions, in_quotes(options));
  return fmt::format(
      R"({{"targets": [{}], "labels": {{{}"{}": {}, "{}": {}, "{}": "{}", "{}": "{}"}}}})",
      in_quotes(place), labels, kName, in_quotes(target.name), kKind, in_quotes(target.kind),
      kInterval, format_duration(target.interval), kTimeout, format_duration(target.timeout));
}

}  // namespace

absl::StatusOr<TargetList> parse_http_sd_targets(std::string_view text,
                                                 const TargetServer& server) {
  TargetSink sink(server);
  if (absl::Status status = read_http_sd(text, server.name, sink); !status.ok()) return status;
  return sink.take();
}

std::string targets_http_sd(const TargetTable& table) {
  std::string groups;
  for (const auto& [name, target] : table.targets())
    groups += fmt::format("{}{}", groups.empty() ? "" : ",\n ", group_of(target));
  return fmt::format("[{}]\n", groups);
}

}  // namespace muster::collector
