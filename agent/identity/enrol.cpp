#include "agent/identity/enrol.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/config/config.h"
#include "agent/identity/identity.h"
#include "agent/identity/pinned_chain.h"
#include "agent/identity/post_message.h"
#include "agent/output/status_text.h"
#include "agent/probes/host/machine_id.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "muster/v1/fleet.pb.h"

namespace muster::agent {
namespace {

namespace fs = std::filesystem;

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

absl::StatusOr<v1::EnrolResponse> ask(const EnrolOptions& options, const std::string& csr) {
  v1::EnrolRequest request;
  request.set_token(options.token);
  request.set_certificate_signing_request(csr);
  request.set_hostname(options.name);
  request.set_machine_id_hash(machine_id_hash());
  HttpsPost post;
  post.server = options.collector;
  post.proxy = options.proxy;
  post.path = "/api/v1/enroll";
  post.check_server = [&options](STACK_OF(X509) * chain) {
    return check_pinned_chain(chain, options.ca_sha256, options.collector.host);
  };
  v1::EnrolResponse response;
  if (absl::Status asked = post_message(std::move(post), request, response); !asked.ok()) {
    return asked;
  }
  return response;
}

absl::Status check_response(const v1::EnrolResponse& response, const std::string& key) {
  if (absl::Status fits = check_identity(key, response.certificate(), response.ca_certificates());
      !fits.ok()) {
    return fits;
  }
  if (response.collectors().empty()) {
    return absl::InternalError("the collector does not say where to report");
  }
  for (const std::string& collector : response.collectors()) {
    const absl::StatusOr<Address> address = parse_address(collector);
    if (!address.ok()) return while_doing("where to report", address.status());
  }
  return absl::OkStatus();
}

// Writes as the owner of the directory, which packages give to the agent's user.
absl::Status write_for_owner(const std::string& path, std::string_view content, mode_t mode) {
  if (absl::Status written = write_file_atomically(path, content, mode); !written.ok()) {
    return written;
  }
  struct stat directory {};
  const std::string parent = fs::path(path).parent_path();
  if (::geteuid() == 0 && ::stat(parent.c_str(), &directory) == 0 &&
      (failpoint::fails("enrol.owner", path) ||
       ::lchown(path.c_str(), directory.st_uid, directory.st_gid) != 0)) {
    const absl::Status failed =
        errno_status(errno, fmt::format("giving {} to the owner of its directory", path));
    // A certificate that stays would be an identity, and the command could not be repeated.
    if (!failpoint::fails("file.remove", path)) ::unlink(path.c_str());
    return failed;
  }
  return absl::OkStatus();
}

}  // namespace

std::string machine_id_hash() {
  const absl::StatusOr<std::string> text = read_file("/etc/machine-id", 4096);
  if (!text.ok()) return {};
  const absl::StatusOr<std::string> id = parse_machine_id(*text);
  return id.ok() ? application_specific_id(*id, muster_application_id()) : std::string();
}

absl::StatusOr<Enrolled> enrol(const EnrolOptions& options) {
  const IdentityFiles files = identity_in(options.state_directory);
  if (!options.force && exists(files.certificate)) {
    return absl::AlreadyExistsError(
        fmt::format("{} holds an identity already; --force replaces it, and this host is then a "
                    "new one to the collector",
                    options.state_directory));
  }
  const std::string config_directory = fs::path(options.config_path).parent_path();
  for (const auto& [path, mode] : {std::pair(options.state_directory, mode_t{0750}),
                                   std::pair(config_directory, mode_t{0755})}) {
    if (absl::Status made = make_directory(path, mode); !made.ok()) return made;
  }
  const absl::StatusOr<std::string> key = make_key();
  if (!key.ok()) return key.status();
  const absl::StatusOr<std::string> csr = make_signing_request(*key, options.name);
  if (!csr.ok()) return csr.status();
  const absl::StatusOr<v1::EnrolResponse> response = ask(options, *csr);
  if (!response.ok()) return response.status();
  if (absl::Status good = check_response(*response, *key); !good.ok()) return good;

  Enrolled enrolled;
  enrolled.host = response->host();
  enrolled.kept_config = exists(options.config_path);
  // The identity last: with it, all is there.
  struct File {
    std::string path;
    std::string content;
    mode_t mode;
    // Whose word the configuration is, matters: see config_owner.h.
    bool is_config = false;
  };
  std::vector<File> written{{files.ca, response->ca_certificates(), 0644},
                            {files.key, *key + response->certificate(), 0600}};
  if (!enrolled.kept_config) {
    const std::vector<std::string> collectors(response->collectors().begin(),
                                              response->collectors().end());
    const std::string proxy =
        options.proxy.host.empty() ? "" : fmt::format("http://{}", options.proxy.text());
    const std::string enrolment = fmt::format("https://{}", options.collector.text());
    written.insert(
        written.begin(),
        {options.config_path,
         initial_config_text(collectors, options.state_directory, enrolment, proxy), 0644, true});
  }
  for (const File& file : written) {
    remove_temporary_files(file.path);
    const auto put = file.is_config ? write_file_atomically : write_for_owner;
    if (absl::Status done = put(file.path, file.content, file.mode); !done.ok()) return done;
  }
  return enrolled;
}

}  // namespace muster::agent
