// The keyrings that apt would ask, each read once a look. Calls block; not for several threads.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/probes/packages_apt/apt_paths.h"
#include "agent/probes/packages_apt/openpgp_keys.h"

namespace muster::packages_apt {

// Those that are read in a look.
inline constexpr size_t kMostKeyrings = 200;

struct OpenedKeyring {
  Keyring keyring;
  // Why the keys in it are not known, for an operator; empty: they are.
  std::string trouble;
};

class OpenedKeyrings {
 public:
  // Both outlive it.
  OpenedKeyrings(const std::string& root, const AptPaths& paths) : root_(root), paths_(paths) {}

  // One that is not there holds no key.
  const OpenedKeyring& open(const std::string& path);

  // Those that count for every repository whose source names none.
  const std::vector<std::string>& trusted();

 private:
  std::vector<std::string> list_trusted();

  const std::string& root_;
  const AptPaths& paths_;
  std::map<std::string, OpenedKeyring> read_;
  std::optional<std::vector<std::string>> trusted_;
};

}  // namespace muster::packages_apt
