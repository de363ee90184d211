#include "agent/probes/certificates/password_table.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>

#include "common/text.h"

namespace muster {
namespace {

absl::Status complaint(size_t line, std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("line {}: {}", line, what));
}

}  // namespace

absl::Status PasswordTable::add(std::string_view text) {
  size_t number = 0;
  while (!text.empty()) {
    ++number;
    const size_t newline = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, newline);
    text.remove_prefix(std::min(newline + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (trim(line).empty() || line.starts_with('#')) continue;
    const size_t blank = line.find_first_of(" \t");
    const size_t begin = line.find_first_not_of(" \t", std::min(blank, line.size()));
    if (!line.starts_with('/') || begin == std::string_view::npos) {
      return complaint(number, "it must be an absolute path or glob, a blank and the password");
    }
    if (lines_.size() == kMostLines) {
      return complaint(number, fmt::format("more than {} passwords", kMostLines));
    }
    const std::string_view password = line.substr(begin);
    if (password.size() > kLongest) {
      return complaint(number, fmt::format("a password longer than {} bytes", kLongest));
    }
    lines_.push_back({std::string(line.substr(0, blank)), SecretText(password)});
  }
  return absl::OkStatus();
}

std::vector<std::string_view> PasswordTable::passwords_for(const std::string& path,
                                                           const std::string& links_to) const {
  std::vector<std::string_view> passwords;
  const auto matches = [](const Line& line, const std::string& name) {
    return !name.empty() && ::fnmatch(line.glob.c_str(), name.c_str(), FNM_PATHNAME) == 0;
  };
  for (const Line& line : lines_) {
    if (passwords.size() == kMostTried) break;
    if (matches(line, path) || matches(line, links_to)) passwords.push_back(line.password.view());
  }
  return passwords;
}

}  // namespace muster
