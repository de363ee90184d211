#include "common/service_environment.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "common/text.h"

namespace muster {
namespace {

constexpr std::string_view kCredential = "credential:";
// A day: more is a mistake, and would overflow.
constexpr uint64_t kLongestWatchdog = 86'400'000'000;

// 0 for what is no number.
uint64_t number(const std::string& text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

bool is_credential_name(std::string_view name) {
  return !name.empty() && name.size() <= 255 && name != "." && name != ".." &&
         std::none_of(name.begin(), name.end(), [](char character) {
           return character == '/' || static_cast<unsigned char>(character) < 0x20;
         });
}

}  // namespace

ServiceEnvironment service_environment(
    const std::function<std::string(std::string_view name)>& variable, pid_t self) {
  ServiceEnvironment environment{.notify_socket = variable("NOTIFY_SOCKET"),
                                 .watchdog = Duration(0),
                                 .credentials_directory = variable("CREDENTIALS_DIRECTORY")};
  const std::string process = variable("WATCHDOG_PID");
  if (process.empty() || number(process) == static_cast<uint64_t>(self)) {
    const uint64_t microseconds = std::min(number(variable("WATCHDOG_USEC")), kLongestWatchdog);
    environment.watchdog = std::chrono::microseconds(microseconds);
  }
  return environment;
}

ServiceEnvironment take_service_environment() {
  ServiceEnvironment environment = service_environment(
      [](std::string_view name) {
        const char* value = std::getenv(std::string(name).c_str());
        return std::string(value == nullptr ? "" : value);
      },
      ::getpid());
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
    ::unsetenv(name);
  return environment;
}

bool is_credential(std::string_view path) {
  return path.starts_with(kCredential);
}

absl::StatusOr<std::string> resolve_credential(const std::string& path,
                                               const std::string& credentials_directory) {
  if (!is_credential(path)) return path;
  const std::string name = path.substr(kCredential.size());
  if (!is_credential_name(name)) {
    return absl::InvalidArgumentError(
        fmt::format("{} names no credential: write credential:NAME, with the NAME of a "
                    "LoadCredential= line of the unit",
                    printable(path, 300)));
  }
  if (credentials_directory.empty()) {
    return absl::FailedPreconditionError(
        fmt::format("{} is there only for the service, and only if its unit has a line "
                    "LoadCredential={}:/PATH/OF/THE/FILE (systemctl edit)",
                    path, name));
  }
  return credentials_directory + "/" + name;
}

}  // namespace muster
