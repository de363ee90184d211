#include "agent/output/status_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string_view>

#include "common/descriptor.h"
#include "common/failpoint.h"
#include "common/files.h"

namespace muster::agent {
namespace {

constexpr size_t kFileLimit = 1 << 20;

int write_all(int descriptor, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written =
        failpoint::write("status.write", path, descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    content.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

}  // namespace

std::string status_path(const std::string& state_directory) {
  return state_directory + "/status.json";
}

absl::Status write_status(const std::string& state_directory, const v1::AgentStatus& status) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(status, &json, options).ok()) {
    return absl::InternalError("writing the status: it has no JSON form");
  }
  const std::string path = status_path(state_directory);
  const std::string beside = path + ".new";
  const std::string doing = fmt::format("writing {}", path);
  // Whatever fails, its errno is in `error`: nothing may come between.
  int error = 0;
  {
    const Descriptor file(
        failpoint::fails("status.create", beside)
            ? -1
            : ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (file.get() < 0) return errno_status(errno, doing);
    error = write_all(file.get(), json, beside);
    if (error == 0 &&
        (failpoint::fails("status.mode", beside) || ::fchmod(file.get(), 0644) != 0)) {
      error = errno;
    }
  }
  if (error == 0 &&
      (failpoint::fails("status.rename", beside) || ::rename(beside.c_str(), path.c_str()) != 0)) {
    error = errno;
  }
  if (error != 0) {
    ::unlink(beside.c_str());
    return errno_status(error, doing);
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::AgentStatus> read_status(const std::string& state_directory) {
  const absl::StatusOr<std::string> json = read_file(status_path(state_directory), kFileLimit);
  if (!json.ok()) return json.status();
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  v1::AgentStatus status;
  if (!google::protobuf::util::JsonStringToMessage(*json, &status, options).ok()) {
    return absl::DataLossError(
        fmt::format("{} is not what an agent writes", status_path(state_directory)));
  }
  return status;
}

}  // namespace muster::agent
