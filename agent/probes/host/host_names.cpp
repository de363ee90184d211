#include "agent/probes/host/host_names.h"

#include <algorithm>
#include <vector>

#include "common/text.h"

namespace muster {
namespace {

// Linux's HOST_NAME_MAX is 64, a name in DNS has 253.
constexpr size_t kNameLimit = 253;
constexpr std::string_view kWhite = " \t\r\n";

// Takes the first line off `text`, without its comment and the white space around it.
std::string_view take_line(std::string_view& text) {
  const size_t newline = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, newline);
  text.remove_prefix(std::min(newline + 1, text.size()));
  return trim(line.substr(0, line.find('#')));
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const std::string_view word = line.substr(0, line.find_first_of(kWhite));
    words.push_back(word);
    line = trim(line.substr(word.size()));
  }
  return words;
}

bool is_qualified(std::string_view name) {
  return name.find('.') != std::string_view::npos && !name.starts_with("localhost.");
}

}  // namespace

std::string parse_hostname(std::string_view etc_hostname) {
  while (!etc_hostname.empty()) {
    const std::string_view line = take_line(etc_hostname);
    if (!line.empty()) return printable(line, kNameLimit);
  }
  return {};
}

std::string find_fqdn(std::string_view hostname, std::string_view etc_hosts) {
  if (hostname.empty()) return {};
  if (is_qualified(hostname)) return printable(hostname, kNameLimit);
  while (!etc_hosts.empty()) {
    std::vector<std::string_view> names = words_of(take_line(etc_hosts));
    if (names.size() < 2) continue;
    names.erase(names.begin());  // the address
    if (std::find(names.begin(), names.end(), hostname) == names.end()) continue;
    if (is_qualified(names.front())) return printable(names.front(), kNameLimit);
    const std::string prefix = std::string(hostname) + '.';
    for (const std::string_view name : names) {
      if (name.starts_with(prefix) && is_qualified(name)) return printable(name, kNameLimit);
    }
  }
  return {};
}

}  // namespace muster
