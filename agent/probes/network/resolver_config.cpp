#include "agent/probes/network/resolver_config.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "common/text.h"

namespace muster::network_probe {
namespace {

namespace ip = boost::asio::ip;

constexpr size_t kMostServers = 3;
constexpr size_t kMostSearched = 32;
constexpr size_t kMostAddresses = 16;
constexpr size_t kNameLimit = 253;
constexpr int kMostSeconds = 30;
constexpr int kMostAttempts = 5;

constexpr std::string_view kBlank = " \t\r";

// Takes the first word off `line`; empty if it has none.
std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
  const size_t end = std::min(line.find_first_of(kBlank), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

template <typename Take>
void for_each_line(std::string_view text, Take take) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::optional<ip::address> address_of(std::string_view text) {
  boost::system::error_code error;
  const ip::address address = ip::make_address(std::string(text), error);
  return error ? std::nullopt : std::optional(address);
}

void add_server(std::string_view word, ResolverConfig& config) {
  if (config.servers.size() >= kMostServers) return;
  const size_t percent = word.find('%');
  const std::optional<ip::address> address = address_of(word.substr(0, percent));
  if (!address || (percent != std::string_view::npos && !address->is_v6())) return;
  config.servers.push_back(
      {.address = *address,
       .zone = percent == std::string_view::npos ? "" : std::string(word.substr(percent + 1))});
}

// "timeout:3" -> 3, at least 1 and at most `most`, as libc bounds it.
void read_number(std::string_view option, std::string_view name, int most, int& number) {
  if (!option.starts_with(name)) return;
  option.remove_prefix(name.size());
  int read = 0;
  const auto [end, error] = std::from_chars(option.data(), option.data() + option.size(), read);
  if (error == std::errc() && end == option.data() + option.size() && read >= 0) {
    number = std::clamp(read, 1, most);
  }
}

void read_option(std::string_view option, ResolverConfig& config) {
  read_number(option, "timeout:", kMostSeconds, config.timeout_seconds);
  read_number(option, "attempts:", kMostAttempts, config.attempts);
  if (option == "rotate") config.rotate = true;
  if (option == "edns0") config.edns = true;
  if (option == "use-vc") config.tcp = true;
}

void read_line(std::string_view line, ResolverConfig& config) {
  if (line.starts_with('#') || line.starts_with(';')) return;
  const std::string_view keyword = take_word(line);
  if (keyword == "nameserver") add_server(take_word(line), config);
  if (keyword == "domain" || keyword == "search") {
    config.search.clear();
    for (std::string_view word = take_word(line);
         !word.empty() && config.search.size() < kMostSearched; word = take_word(line)) {
      const std::string name = plain_name(word);
      if (!name.empty() && name.size() <= kNameLimit && is_valid_utf8(name)) {
        config.search.push_back(name);
      }
    }
  }
  if (keyword == "options") {
    for (std::string_view word = take_word(line); !word.empty(); word = take_word(line))
      read_option(word, config);
  }
}

}  // namespace

std::string plain_name(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

ResolverConfig parse_resolver_config(std::string_view text) {
  ResolverConfig config;
  for_each_line(text, [&config](std::string_view line) { read_line(line, config); });
  return config;
}

HostsFile parse_hosts_file(std::string_view text, const std::set<std::string>& names) {
  HostsFile hosts;
  for_each_line(text, [&](std::string_view line) {
    line = line.substr(0, line.find('#'));
    const std::optional<ip::address> address = address_of(take_word(line));
    if (!address) return;
    for (std::string_view word = take_word(line); !word.empty(); word = take_word(line)) {
      const std::string name = plain_name(word);
      if (!names.contains(name)) continue;
      std::vector<ip::address>& addresses = hosts[name];
      if (addresses.size() < kMostAddresses &&
          std::find(addresses.begin(), addresses.end(), *address) == addresses.end()) {
        addresses.push_back(*address);
      }
    }
  });
  return hosts;
}

}  // namespace muster::network_probe
