// Structured log lines to stderr: `time=… level=info msg="…" key=value`, one line an event. Set up
// once by main; then any thread. Only the edges log: libraries return errors.
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace muster {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// One key=value of a log line; the value is quoted and escaped where it must be.
struct LogField {
  std::string_view key;
  std::string value;

  LogField(std::string_view name, std::string_view text) : key(name), value(text) {}
  template <typename T>
  requires(!std::convertible_to<T, std::string_view>)
      LogField(std::string_view name, const T& number)
      : key(name), value(fmt::format("{}", number)) {}
};

// Lines below `level` are dropped from here on.
void set_log_level(LogLevel level);

// The line, as it is written, without its time. Pure.
std::string format_log_line(LogLevel level, std::string_view message,
                            std::initializer_list<LogField> fields);

void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

inline void log_debug(std::string_view message, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::kDebug, message, fields);
}
inline void log_info(std::string_view message, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::kInfo, message, fields);
}
inline void log_warning(std::string_view message, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::kWarning, message, fields);
}
inline void log_error(std::string_view message, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::kError, message, fields);
}

}  // namespace muster
