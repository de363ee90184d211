#include "agent/probes/packages_apt/opened_keyrings.h"

#include "agent/probes/packages_apt/keyring_choice.h"
#include "agent/probes/root_files.h"

namespace muster::packages_apt {
namespace {

OpenedKeyring read(const std::string& root, const std::string& path) {
  const auto content = probe::read_in_root(root, path, kLargestKeyring);
  if (absl::IsNotFound(content.status())) return {};
  if (!content.ok()) {
    // In its sandbox it may read the usual places only.
    const bool denied = absl::IsPermissionDenied(content.status());
    return {
        {},
        std::string(content.status().message()) +
            (denied ? "; let all users read it, and name it in the probe's setting readable" : "")};
  }
  if (const std::string reason = why_apt_skips(path, *content); !reason.empty()) {
    return {{}, "apt before 3.0 takes no key from it, since " + reason};
  }
  OpenedKeyring opened{read_keyring(*content), {}};
  if (!opened.keyring.whole && !content->empty()) {
    opened.trouble = "it is in no format that apt reads, or breaks off";
  }
  return opened;
}

}  // namespace

const OpenedKeyring& OpenedKeyrings::open(const std::string& path) {
  static const OpenedKeyring too_many = {{}, "it is one keyring too many to be read"};
  const auto known = read_.find(path);
  if (known != read_.end()) return known->second;
  if (read_.size() == kMostKeyrings) return too_many;
  return read_[path] = read(root_, path);
}

const std::vector<std::string>& OpenedKeyrings::trusted() {
  if (!trusted_) trusted_ = list_trusted();
  return *trusted_;
}

std::vector<std::string> OpenedKeyrings::list_trusted() {
  std::vector<std::string> files;
  if (paths_.trusted != "/dev/null") files.push_back(paths_.trusted);
  const std::string& parts = paths_.trusted_parts;
  if (parts == "/dev/null") return files;
  const auto names = probe::list_in_root(root_, parts, kMostKeyrings);
  if (!names.ok()) {
    if (absl::IsNotFound(names.status())) return files;
    read_[parts] = {{}, std::string(names.status().message())};
    files.push_back(parts);
    return files;
  }
  for (const std::string& name : *names) {
    if (name.ends_with(".gpg") || name.ends_with(".asc")) files.push_back(parts + "/" + name);
  }
  return files;
}

}  // namespace muster::packages_apt
