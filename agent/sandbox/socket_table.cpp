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
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/sandbox/process_text.h"
#include "common/descriptor.h"

namespace muster::agent {
namespace {

// Adds the number of a descriptor that is "socket:[1234]".
void add_socket(std::string_view link, std::vector<uint64_t>& numbers) {
  constexpr std::string_view kSocket = "socket:[";
  if (!link.starts_with(kSocket)) return;
  numbers.push_back(std::strtoull(link.data() + kSocket.size(), nullptr, 10));
}

// 0 or an errno. A socket counts once, however often it was duplicated.
int copy_sockets(int process, std::string& texts) {
  Descriptor opened(::openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0) return errno;
  DIR* const directory = ::fdopendir(opened.get());
  if (directory == nullptr) return errno;
  const int open = opened.release();
  std::vector<uint64_t> numbers;
  int count = 0;
  std::array<char, 64> link{};
  while (const dirent* const entry = ::readdir(directory)) {
    if (++count > kMostDescriptors) break;
    const ssize_t size = ::readlinkat(open, entry->d_name, link.data(), link.size() - 1);
    if (size <= 0) continue;
    link.at(static_cast<size_t>(size)) = '\0';
    add_socket(link.data(), numbers);
  }
  ::closedir(directory);
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  texts.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(uint64_t));
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
  explicit Gatherer(size_t most_of_one_user) : most_of_one_user_(most_of_one_user) {}
  std::string gather(const char* proc) {
    const Descriptor self(
        ::open((std::string(proc) + "/self").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    add(0, self.get());
    for_each_process(proc, [this](int number, int process) { add(number, process); });
    return std::move(table_);
  }

 private:
  // What one user has of the table.
  struct Share {
    size_t size = 0;
    size_t networks = 0;
    bool is_full = false;
  };

  void add(int number, int process) {
    SocketRecord record{.process = number, .user = user_of(process)};
    Share& share = share_of(record.user);
    if (share.is_full) return;
    std::string texts;
    struct stat network {};
    if (::fstatat(process, "ns/net", &network, 0) == 0) record.network = network.st_ino;
    record.error = copy_sockets(process, texts);
    if (!has_room(record.user, share, texts.size())) {
      share.is_full = true;
      record.error = EDQUOT;
      texts.clear();
    }
    record.sockets = static_cast<uint32_t>(texts.size() / sizeof(uint64_t));
    const bool is_new = record.network != 0 && is_new_network(record, share);
    // Without a socket, or gone: nothing to tell.
    if (!is_new && record.sockets == 0 &&
        (record.error == 0 || record.error == ENOENT || record.error == ESRCH)) {
      return;
    }
    record.executable_size = copy_link(process, "exe", texts);
    record.stat_size = copy_stat(process, texts);
    record.cgroup_size = copy_control_groups(process, texts);
    share.size += sizeof record + texts.size();
    size_ += sizeof record + texts.size();
    if (is_new) {
      record.tcp_size = copy_tcp(process, "net/tcp", texts);
      record.tcp6_size = copy_tcp(process, "net/tcp6", texts);
      networks_size_ += record.tcp_size + record.tcp6_size;
    }
    table_.append(reinterpret_cast<const char*>(&record), sizeof record).append(texts);
  }

  Share& share_of(uint64_t user) {
    constexpr uint64_t kRange = 65536;
    return shares_[user < kRange ? user : kRange + user / kRange];
  }

  bool has_room(uint64_t user, const Share& share, size_t more) const {
    const size_t most = user == 0 ? kMostOfSocketTable : kMostOfSocketTable - kMostOfOneUser;
    return share.size + more <= most_of_one_user_ && size_ + more <= most;
  }

  bool is_new_network(const SocketRecord& record, Share& share) {
    const bool known =
        std::find(networks_.begin(), networks_.end(), record.network) != networks_.end();
    if (known || networks_.size() == kMostNetworks || networks_size_ >= kMostOfNetworks ||
        (record.user != 0 && share.networks == kMostNetworksOfOneUser)) {
      return false;
    }
    networks_.push_back(record.network);
    ++share.networks;
    return true;
  }

  const size_t most_of_one_user_;
  std::string table_;
  std::map<uint64_t, Share> shares_;
  std::vector<uint64_t> networks_;
  size_t size_ = 0;
  size_t networks_size_ = 0;
};

}  // namespace

std::string gather_sockets(const char* proc, size_t most_of_one_user) {
  return Gatherer(most_of_one_user).gather(proc);
}

}  // namespace muster::agent
