#include "collector/admin/init.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "collector/service/state_files.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "common/policy/policy_file.h"

namespace muster::collector {
namespace {

constexpr mode_t kDirectoryMode = 0700;
constexpr mode_t kSecretMode = 0600;
constexpr mode_t kPublicMode = 0644;

// The paths in it, sorted, if all are what an init writes before collector.yml: it was killed.
std::vector<std::string> left_by_a_kill(const std::string& directory) {
  const StateFiles files(directory);
  const std::array written = {files.ca_key,
                              files.ca_certificate,
                              files.server_key,
                              files.server_certificate,
                              directory + "/policy.yml",
                              directory + "/collector.yml"};
  std::vector<std::string> found;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string path = entry->path();
    const bool is_known = std::any_of(
        written.begin(), written.end(),
        [&path](const std::string& one) { return path == one || is_temporary_of(path, one); });
    if (!is_known || path == written.back()) return {};
    found.push_back(path);
  }
  std::sort(found.begin(), found.end());
  return found;
}

absl::Status make_state_directory(const std::string& directory) {
  std::error_code error;
  const std::filesystem::path above = std::filesystem::path(directory).parent_path();
  if (failpoint::fails("directory.make", above.string())) {
    error.assign(errno, std::generic_category());
  } else {
    std::filesystem::create_directories(above, error);
  }
  if (error) {
    return errno_status(error.value(), fmt::format("making the directories above {}", directory));
  }
  absl::Status status = make_directory(directory, kDirectoryMode);
  if (!status.ok()) return status;
  // Not removed by itself: a CA that was put back from a backup looks the same.
  if (const std::vector<std::string> left = left_by_a_kill(directory); !left.empty()) {
    return absl::AlreadyExistsError(fmt::format(
        "an earlier init of {} has not come to its end: it has no collector.yml, and nothing can "
        "have used it yet. Unless these files are a CA of yours, remove them and run init again: "
        "rm {}",
        directory, fmt::join(left, " ")));
  }
  if (!std::filesystem::is_empty(directory, error) || error) {
    return absl::AlreadyExistsError(fmt::format(
        "{} is not empty: a collector's directory is never overwritten. Use it with `serve "
        "--config {}/collector.yml`, or name another --state-directory",
        directory, directory));
  }
  if (::chmod(directory.c_str(), kDirectoryMode) != 0) {
    return errno_status(errno, fmt::format("setting the mode of {}", directory));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> initialize(Config config, const Clock& clock) {
  config.state_directory =
      std::filesystem::absolute(config.state_directory).lexically_normal().string();
  if (config.state_directory.ends_with('/')) config.state_directory.pop_back();
  config.policy = "policy.yml";
  const std::string config_path = config.state_directory + "/collector.yml";
  const std::string text = config_text(config);
  // What it writes must be what it reads: a name with a quote, an address that is none.
  if (absl::Status status = parse_config(text, config_path).status(); !status.ok()) return status;

  const TimePoint now = clock.now();
  absl::StatusOr<KeyPair> pair = CertificateAuthority::generate(config.trust_domain, now);
  if (!pair.ok()) return pair.status();
  absl::StatusOr<CertificateAuthority> authority =
      CertificateAuthority::load(*pair, config.trust_domain);
  if (!authority.ok()) return authority.status();

  absl::Status status = make_state_directory(config.state_directory);
  if (!status.ok()) return status;
  const StateFiles files(config.state_directory);
  status = write_file_atomically(files.ca_key, pair->key, kSecretMode);
  if (status.ok()) {
    status = write_file_atomically(files.ca_certificate, pair->certificate, kPublicMode);
  }
  if (status.ok()) {
    status = ensure_server_certificate(files, *authority, config.names, now).status();
  }
  if (status.ok()) {
    status = write_file_atomically(config.state_directory + "/policy.yml",
                                   policy::default_policy_text(), kPublicMode);
  }
  // Last: with a configuration, it is complete.
  if (status.ok()) status = write_file_atomically(config_path, text, kPublicMode);
  if (!status.ok()) return status;
  return config_path;
}

std::string next_steps(const std::string& config_path) {
  return fmt::format(R"(Made {0}. Next:
  muster-collector serve --config {0}
  muster-collector token create --config {0}
The second prints the command that adds a host. What is required of hosts is in policy.yml beside it.
)",
                     config_path);
}

}  // namespace muster::collector
