#include "agent/probes/packages_apt/release_file.h"

#include <absl/status/statusor.h>
#include <apt-pkg/configuration.h>
#include <apt-pkg/metaindex.h>
#include <apt-pkg/strutl.h>
#include <fmt/format.h>

#include <optional>
#include <utility>

#include "agent/probes/packages_apt/release_fields.h"
#include "common/files.h"
#include "common/text.h"

namespace muster::packages_apt {
namespace {

// One file beside the lists; unset if it is not there. What keeps it from being read goes to
// `trouble`.
std::optional<std::string> read_file_of(const std::string& base_uri, const char* name, size_t limit,
                                        std::string& trouble) {
  const std::string path = _config->FindDir("Dir::State::lists") + URItoFileName(base_uri + name);
  absl::StatusOr<std::string> text = read_file(path, limit);
  if (text.ok()) return *std::move(text);
  if (!absl::IsNotFound(text.status())) {
    trouble =
        fmt::format("its {} could not be read: {}", name, std::string(text.status().message()));
  }
  return std::nullopt;
}

// "deb.debian.org bookworm"; the whole address of what is on this system.
std::string place_of(const metaIndex& configured, const URI& address) {
  const std::string where =
      address.Host.empty() ? address.Access + ':' + address.Path : address.Host;
  return std::string(trim(where + ' ' + configured.GetDist()));
}

}  // namespace

ReleaseFile read_release(const std::string& base_uri) {
  ReleaseFile release;
  const auto take = [&](const char* name) {
    auto text = read_file_of(base_uri, name, kLargestReleaseFile, release.trouble);
    release.is_there = text.has_value();
    release.text = std::move(text).value_or(std::string());
  };
  take("InRelease");
  if (release.is_there) {
    release.signature = inline_signature(release.text);
    return release;
  }
  if (!release.trouble.empty()) return release;
  take("Release");
  if (!release.is_there) return release;
  release.signature =
      read_file_of(base_uri, "Release.gpg", kLargestSignatureFile, release.trouble).value_or("");
  return release;
}

AptRepository repository_of(const metaIndex& configured, ReleaseFile release, bool has_lists) {
  AptRepository repository;
  const URI address(configured.GetURI());
  const auto field = [&](const char* name) {
    return std::string(release_field(release.text, name));
  };
  repository.origin = {field("Origin"), field("Label"), field("Suite"), field("Codename"),
                       address.Host};
  repository.distribution = configured.GetDist();
  repository.place = place_of(configured, address);
  repository.signed_by = configured.GetSignedBy();
  // What the repository asks for itself counts where its source does not say.
  if (repository.signed_by.empty()) repository.signed_by = field("Signed-By");
  repository.is_trusted_unsigned = configured.GetTrusted() == metaIndex::TRI_YES;
  repository.has_release = release.is_there;
  repository.never_fetched = !release.is_there && release.trouble.empty() && !has_lists;
  repository.signature = std::move(release.signature);
  repository.trouble = std::move(release.trouble);
  return repository;
}

}  // namespace muster::packages_apt
