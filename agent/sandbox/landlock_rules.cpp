#include "agent/sandbox/landlock_rules.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "agent/sandbox/sanitized_build.h"

namespace muster::agent {
namespace {

// Rights to files and to ports of version 1 and later, by number: the header on the building
// machine may know fewer than the kernel that runs.
constexpr uint64_t kExecute = 1 << 0;
constexpr uint64_t kWriteFile = 1 << 1;
constexpr uint64_t kReadFile = 1 << 2;
constexpr uint64_t kReadDirectory = 1 << 3;
// Removing, making and linking of whatever kind: bits 4 to 12.
constexpr uint64_t kAllOfVersion1 = (1 << 13) - 1;
constexpr uint64_t kRefer = 1 << 13;     // version 2
constexpr uint64_t kTruncate = 1 << 14;  // version 3
constexpr uint64_t kIoctlDevice = 1 << 15;
constexpr int kNetworkVersion = 4;
constexpr uint64_t kBindTcp = 1 << 0;
constexpr uint64_t kConnectTcp = 1 << 1;
constexpr int kIoctlVersion = 5;
constexpr int kScopeVersion = 6;
constexpr uint64_t kScopeAbstractSocket = 1 << 0;
constexpr uint64_t kScopeSignal = 1 << 1;

// What every program needs to start: its libraries, and where they are.
constexpr std::array<std::string_view, 7> kLibraries{"/usr/lib", "/lib", "/lib64", "/usr/lib64",
                                                     "/usr/local/lib", "/etc/ld.so.cache",
                                                     // OpenSSL reads it when it starts.
                                                     "/etc/ssl/openssl.cnf"};

// The dynamic loader, which the kernel executes in the program's name: its path is part of each
// architecture's ABI.
constexpr std::array<std::string_view, 9> kLoaders{"/lib64/ld-linux-x86-64.so.2",
                                                   "/lib/ld-linux-aarch64.so.1",
                                                   "/lib/ld-linux-armhf.so.3",
                                                   "/lib/ld-linux.so.2",
                                                   "/lib64/ld64.so.2",
                                                   "/lib/ld64.so.1",
                                                   "/lib/ld-linux-riscv64-lp64d.so.1",
                                                   "/lib/ld-musl-x86_64.so.1",
                                                   "/lib/ld-musl-aarch64.so.1"};

// Where the programs are that a probe with children starts.
constexpr std::array<std::string_view, 3> kPrograms{"/usr", "/bin", "/sbin"};

// The second where there is no first: a right to make files is one to read what others left beside.
constexpr std::array<std::string_view, 2> kTemporary{"/dev/shm", "/tmp"};

class Rules {
 public:
  explicit Rules(uint64_t known) : known_(known) {}

  // `rights` beneath a directory; of a file those that a file can have.
  // False where there is nothing, or nothing that can be reached.
  bool add(const std::string& path, uint64_t rights) {
    return add(::open(path.c_str(), O_PATH | O_CLOEXEC), rights);
  }
  // Takes the descriptor.
  bool add(int descriptor, uint64_t rights) {
    if (descriptor < 0) return false;
    struct stat status {};
    const bool is_directory = ::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode);
    if (!is_directory) rights &= ~kReadDirectory;
    rules_.push_back({descriptor, rights & known_});
    return true;
  }

  template <typename Paths>
  void add_all(const Paths& paths, uint64_t rights) {
    for (const auto& path : paths)
      add(std::string(path), rights);
  }

  std::vector<LandlockRule> take() { return std::move(rules_); }

 private:
  uint64_t known_;
  std::vector<LandlockRule> rules_;
};

}  // namespace

LandlockAttributes landlock_attributes(SandboxDeclaration::Reach reach, int version) {
  LandlockAttributes attributes;
  attributes.handled_access_files = kAllOfVersion1;
  if (version >= 2) attributes.handled_access_files |= kRefer;
  if (version >= 3) attributes.handled_access_files |= kTruncate;
  if (version >= kIoctlVersion) attributes.handled_access_files |= kIoctlDevice;
  if (version >= kNetworkVersion) {
    attributes.handled_access_network = kBindTcp;
    if (reach == SandboxDeclaration::Reach::kFiles) {
      attributes.handled_access_network |= kConnectTcp;
    }
  }
  if (version >= kScopeVersion) attributes.scoped = kScopeAbstractSocket | kScopeSignal;
  return attributes;
}

size_t landlock_attributes_size(int version) {
  if (version >= kScopeVersion) return sizeof(LandlockAttributes);
  if (version >= kNetworkVersion) return offsetof(LandlockAttributes, scoped);
  return offsetof(LandlockAttributes, handled_access_network);
}

std::vector<LandlockRule> landlock_rules(const SandboxPlan& plan, int version) {
  const SandboxDeclaration& declaration = plan.declaration;
  Rules rules(landlock_attributes(declaration.reach, version).handled_access_files);
  // By the descriptor, so that it is the file that will be executed whatever its path leads to now.
  rules.add(::fcntl(plan.program, F_DUPFD_CLOEXEC, 0), kReadFile | kExecute);
  rules.add_all(kLibraries, kReadFile);
  rules.add_all(kLoaders, kReadFile | kExecute);
  rules.add_all(declaration.needs, kReadFile);
  if (kSanitizedBuild) rules.add("/proc", kReadFile | kReadDirectory);
  if (declaration.reach == SandboxDeclaration::Reach::kFiles) {
    const uint64_t execute = declaration.children ? kExecute : 0;
    rules.add_all(plan.readable, kReadFile | kReadDirectory | execute);
  }
  if (declaration.temporary_files) {
    for (const std::string_view place : kTemporary) {
      if (rules.add(std::string(place), kReadFile | kWriteFile | kTruncate)) break;
    }
  }
  if (declaration.children) rules.add_all(kPrograms, kReadFile | kReadDirectory | kExecute);
  return rules.take();
}

std::string readable_part(std::string_view path_or_glob) {
  const size_t wildcard = path_or_glob.find_first_of("*?[");
  if (wildcard == std::string_view::npos) return std::string(path_or_glob);
  const size_t slash = path_or_glob.substr(0, wildcard).rfind('/');
  return slash == 0 || slash == std::string_view::npos ? "/"
                                                       : std::string(path_or_glob.substr(0, slash));
}

}  // namespace muster::agent
