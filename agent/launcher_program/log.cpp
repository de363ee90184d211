#include "agent/launcher_program/log.h"

#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <string>

namespace muster::agent {
namespace {

constexpr size_t kLongestValue = 1024;

// In quotes; what is no printable ASCII becomes a question mark, so that no value makes a line.
void append_quoted(std::string& line, std::string_view value) {
  line += '"';
  for (const char byte : value.substr(0, kLongestValue)) {
    if (byte == '"' || byte == '\\') line += '\\';
    line += byte >= 0x20 && byte < 0x7f ? byte : '?';
  }
  line += '"';
}

}  // namespace

void say(std::string_view level, std::string_view message,
         std::initializer_list<LaunchLogField> fields) {
  const auto now = std::chrono::system_clock::now();
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(now);
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm civil{};
  ::gmtime_r(&seconds, &civil);
  std::array<char, 64> time{};
  std::snprintf(time.data(), time.size(), "time=%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                civil.tm_year + 1900, civil.tm_mon + 1, civil.tm_mday, civil.tm_hour, civil.tm_min,
                civil.tm_sec, static_cast<int>(milliseconds.time_since_epoch().count() % 1000));
  std::string line(time.data());
  line.append(" level=").append(level).append(" msg=");
  append_quoted(line, message);
  for (const auto& [key, value] : fields) {
    line.append(" ").append(key).append("=");
    append_quoted(line, value);
  }
  line += '\n';
  // A reader of stderr that has gone away must not end the launcher.
  [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace muster::agent
