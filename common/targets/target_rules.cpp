#include "common/targets/target_rules.h"
#include "common/targets/target_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "common/duration.h"
#include "common/labels.h"
#include "common/targets/target_kinds.h"
#include "common/text.h"

namespace muster {
namespace {

constexpr size_t kDnsLabelLimit = 63;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_name_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x80 &&
         (std::isalnum(byte) != 0 || std::string_view("._:[]-").find(c) != std::string_view::npos);
}

// What resolvers read as a number, be it decimal or, as "0x7f", hexadecimal.
bool is_number(std::string_view label) {
  const bool hexadecimal = label.starts_with("0x") || label.starts_with("0X");
  const std::string_view digits = hexadecimal ? label.substr(2) : label;
  return std::all_of(digits.begin(), digits.end(), [hexadecimal](char c) {
    return is_digit(c) || (hexadecimal && std::isxdigit(static_cast<unsigned char>(c)) != 0);
  });
}

bool is_dns_label(std::string_view label) {
  return !label.empty() && label.size() <= kDnsLabelLimit && !label.starts_with('-') &&
         !label.ends_with('-');
}

// Its characters are looked at by parse_address.
bool is_dns_name(std::string_view name) {
  for (size_t at = 0;;) {
    const size_t dot = name.find('.', at);
    const std::string_view label = name.substr(at, dot - at);
    if (!is_dns_label(label)) return false;
    if (dot == std::string_view::npos) return !is_number(label);
    at = dot + 1;
  }
}

bool is_host(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  if (host.find(':') != std::string::npos) {
    return ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
  }
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 || is_dns_name(host);
}

absl::Status check_range(std::string_view what, Duration value, Duration low, Duration high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("the {} must be from {} to {}, not {}", what,
                                                format_duration(low), format_duration(high),
                                                format_duration(value)));
}

}  // namespace

std::vector<std::string_view> target_kind_names() {
  std::vector<std::string_view> names;
  for (const TargetKind& kind : all_target_kinds())
    names.push_back(kind.name);
  return names;
}

absl::Status check_target_kind(std::string_view kind) {
  if (find_target_kind(kind) != nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("'{}' is no kind of target (there are: {})",
                                                printable(kind, 80),
                                                fmt::join(target_kind_names(), ", ")));
}

absl::Status check_target_name(std::string_view name) {
  if (!name.empty() && name.size() <= kTargetNameLimit &&
      std::all_of(name.begin(), name.end(), is_name_character)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      fmt::format("'{}' cannot be the name of a target: 1 to {} letters, digits and . _ : [ ] -",
                  printable(name, 80), kTargetNameLimit));
}

absl::StatusOr<Address> parse_target_address(std::string_view text) {
  absl::StatusOr<Address> address = parse_address(text);
  // Written in one way only: no port as 0443.
  if (address.ok() && address->text() == text && is_host(address->host)) return address;
  return absl::InvalidArgumentError(
      fmt::format("'{}' is not the address of a target: write it like www.example.org:443, "
                  "192.0.2.1:443 or [2001:db8::1]:443",
                  printable(text, 256)));
}

void take_usual_times(Target& target) {
  static constexpr TargetKind kNone{};
  const TargetKind* const known = find_target_kind(target.kind);
  const TargetKind& kind = known == nullptr ? kNone : *known;
  if (target.interval == Duration(0)) target.interval = kind.interval;
  if (target.timeout == Duration(0)) target.timeout = std::min(kind.timeout, target.interval);
}

absl::Status check_kind_interval(std::string_view kind, Duration interval) {
  const TargetKind* const known = find_target_kind(kind);
  if (known == nullptr || !known->once_a_day || interval == known->interval) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      fmt::format("a registry is asked once a day: the interval of this kind is {}, not {}",
                  format_duration(known->interval), format_duration(interval)));
}

absl::Status check_look_times(Duration interval, Duration timeout) {
  if (timeout <= interval) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("the timeout ({}) is longer than the interval ({})",
                                                format_duration(timeout),
                                                format_duration(interval)));
}

absl::Status check_target(const Target& target) {
  for (const absl::Status& status :
       {check_target_kind(target.kind), dialled_address(target.kind, target.address).status(),
        check_target_name(target.name), check_labels(target.labels, "a target"),
        check_range("interval", target.interval, kShortestLookInterval, kLongestLookInterval),
        check_range("timeout", target.timeout, kShortestLook, kLongestLook),
        check_kind_interval(target.kind, target.interval),
        check_look_times(target.interval, target.timeout)}) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace muster
