// A host with its kernels, as its files and its running system tell it: the story that a test is
// named for, and the root that is made of it. The package databases are made as on the real ones:
// dpkg's status and file lists with the lists that apt-get fetched, or rpm's database with the
// cache that dnf made.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "agent/probes/running_system.h"
#include "common/section_state.h"
#include "muster/v1/fleet.pb.h"

namespace muster::test {

enum class Distribution { kDebian, kUbuntu, kRedHat, kSuse };

// A package with an image.
struct KernelPackage {
  // "linux-image-6.1.0-28-amd64"; "kernel-core".
  std::string name;
  // "6.1.119-1"; "5.14.0-427.13.1.el9_4".
  std::string version;
  // What uname -r says once it runs. Empty: it has no image, and depends on one that has.
  std::string release;
  // Of dpkg's status. Empty: linux-signed-amd64, or on Ubuntu linux-signed.
  std::string source = {};
  // Removed, and its configuration left (dpkg).
  bool is_removed = false;
};

struct KernelStory {
  std::string name;
  Distribution distribution = Distribution::kDebian;
  // uname -r and uname -v.
  std::string release;
  std::string version;
  std::vector<KernelPackage> installed;
  // In a repository besides those that are installed.
  std::vector<KernelPackage> offered = {};
  // The rest of the root: paths and contents.
  std::vector<std::pair<std::string, std::string>> files = {};
  // What reboot_done says of the host, and of its kernel.
  v1::Status verdict = v1::STATUS_PASS;
  std::string sentence;
};

// What the probes packages-apt, packages-rpm and restart see on such a host.
std::vector<SectionState> sections_of(const KernelStory& story);

}  // namespace muster::test
