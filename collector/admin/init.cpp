#include "collector/admin/init.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "collector/state_files.h"
#include "common/files.h"
#include "common/policy/policy_file.h"

namespace muster::collector {
namespace {

constexpr mode_t kDirectoryMode = 0700;
constexpr mode_t kSecretMode = 0600;
constexpr mode_t kPublicMode = 0644;

absl::Status make_state_directory(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(directory).parent_path(), error);
  if (error) {
    return errno_status(error.value(), fmt::format("making the directories above {}", directory));
  }
  absl::Status status = make_directory(directory, kDirectoryMode);
  if (!status.ok()) return status;
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
