#include "common/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cctype>
#include <memory>

#include "common/text.h"

namespace muster {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

constexpr std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

spdlog::logger& logger() {
  // The one process-wide object: stderr is process-wide too.
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto created = std::make_shared<spdlog::logger>(
        "muster", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    created->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        "time=%Y-%m-%dT%H:%M:%S.%eZ %v", spdlog::pattern_time_type::utc));
    created->flush_on(spdlog::level::trace);
    return created;
  }();
  return *instance;
}

constexpr size_t kLongestValue = 4096;

void append_value(std::string& line, std::string_view value) {
  const bool plain = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-_.:/+@%,").find(c) != std::string_view::npos;
  });
  if (plain) {
    line += value;
    return;
  }
  // Backslashes too: a value that ends with one must not swallow the closing quote.
  std::string escaped;
  for (const char c : value.substr(0, kLongestValue + 1)) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  line += '"';
  line += printable(escaped, kLongestValue);
  line += '"';
}

}  // namespace

void set_log_level(LogLevel level) {
  logger().set_level(to_spdlog(level));
}

std::string format_log_line(LogLevel level, std::string_view message,
                            std::initializer_list<LogField> fields) {
  std::string line = fmt::format("level={} msg=", level_name(level));
  append_value(line, message);
  for (const LogField& field : fields) {
    line += fmt::format(" {}=", field.key);
    append_value(line, field.value);
  }
  return line;
}

void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!logger().should_log(to_spdlog(level))) return;
  logger().log(to_spdlog(level), "{}", format_log_line(level, message, fields));
}

}  // namespace muster
