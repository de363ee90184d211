#include "agent/sandbox/socket_table.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/sandbox/process_text.h"
#include "common/descriptor.h"

namespace muster::agent {
namespace {

// Appends the number of a descriptor that is "socket:[1234]".
void add_socket(std::string_view link, std::string& numbers) {
  constexpr std::string_view kSocket = "socket:[";
  if (!link.starts_with(kSocket)) return;
  const uint64_t number = std::strtoull(link.data() + kSocket.size(), nullptr, 10);
  numbers.append(reinterpret_cast<const char*>(&number), sizeof number);
}

// 0 or an errno.
int copy_sockets(int process, std::string& numbers) {
  const int opened = ::openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return errno;
  DIR* const directory = ::fdopendir(opened);
  if (directory == nullptr) return errno;
  int count = 0;
  std::array<char, 64> link{};
  while (const dirent* const entry = ::readdir(directory)) {
    if (++count > kMostDescriptors) break;
    const ssize_t size = ::readlinkat(opened, entry->d_name, link.data(), link.size() - 1);
    if (size <= 0) continue;
    link.at(static_cast<size_t>(size)) = '\0';
    add_socket(link.data(), numbers);
  }
  ::closedir(directory);
  return count > kMostDescriptors ? EFBIG : 0;
}

uint32_t copy_link(int process, const char* name, std::string& texts) {
  std::array<char, PATH_MAX> path;
  const ssize_t size = ::readlinkat(process, name, path.data(), path.size());
  if (size <= 0) return 0;
  texts.append(path.data(), static_cast<size_t>(size));
  return static_cast<uint32_t>(size);
}

uint32_t copy_tcp(int process, const char* name, std::string& texts) {
  const Descriptor file(::openat(process, name, O_RDONLY | O_CLOEXEC));
  const size_t before = texts.size();
  std::array<char, 1 << 14> piece;
  ssize_t count = 0;
  while (texts.size() - before < kMostOfTcpText &&
         (count = ::read(file.get(), piece.data(), piece.size())) > 0) {
    texts.append(piece.data(), static_cast<size_t>(count));
  }
  return static_cast<uint32_t>(texts.size() - before);
}

class Gatherer {
 public:
  std::string gather(const char* proc) {
    const Descriptor self(
        ::open((std::string(proc) + "/self").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    add(0, self.get());
    for_each_process(proc, [this](int number, int process) { add(number, process); });
    return std::move(table_);
  }

 private:
  void add(int number, int process) {
    SocketRecord record{.process = number, .error = EFBIG};
    std::string texts;
    if (table_.size() < kMostOfSocketTable) {
      struct stat network {};
      if (::fstatat(process, "ns/net", &network, 0) == 0) record.network = network.st_ino;
      record.error = copy_sockets(process, texts);
      record.sockets = static_cast<uint32_t>(texts.size() / sizeof(uint64_t));
      const bool is_new = record.network != 0 && is_new_network(record.network);
      // Without a socket, or gone: nothing to tell.
      if (!is_new && record.sockets == 0 &&
          (record.error == 0 || record.error == ENOENT || record.error == ESRCH)) {
        return;
      }
      record.executable_size = copy_link(process, "exe", texts);
      record.stat_size = copy_stat(process, texts);
      record.cgroup_size = copy_control_groups(process, texts);
      if (is_new) {
        record.tcp_size = copy_tcp(process, "net/tcp", texts);
        record.tcp6_size = copy_tcp(process, "net/tcp6", texts);
      }
    }
    table_.append(reinterpret_cast<const char*>(&record), sizeof record).append(texts);
  }

  bool is_new_network(uint64_t number) {
    const bool known = std::find(networks_.begin(), networks_.end(), number) != networks_.end();
    if (known || networks_.size() == kMostNetworks) return false;
    networks_.push_back(number);
    return true;
  }

  std::string table_;
  std::vector<uint64_t> networks_;
};

}  // namespace

std::string gather_sockets(const char* proc) {
  return Gatherer().gather(proc);
}

}  // namespace muster::agent
