// Of real processes: what Linux answers when it is asked for their mappings (since 6.11) is what
// stands in /proc/PID/maps.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>
#include <string>
#include <tuple>

#include "agent/probes/restart/mapped_files.h"
#include "agent/probes/restart/process_list.h"
#include "agent/sandbox/process_table.h"
#include "common/descriptor.h"
#include "tests/agent/probes/test_root.h"

namespace muster::restart {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;

namespace fs = std::filesystem;

constexpr size_t kPage = 4096;

bool linux_can_be_asked() {
  utsname name{};
  ::uname(&name);
  int major = 0;
  int minor = 0;
  char dot = 0;
  std::istringstream(name.release) >> major >> dot >> minor;
  return std::pair(major, minor) >= std::pair(6, 11);
}

bool map_to_execute(int descriptor) {
  return ::mmap(nullptr, kPage, PROT_READ | PROT_EXEC, MAP_PRIVATE, descriptor, 0) != MAP_FAILED;
}

// A process that has mapped something, until the end of the test.
class Mapper {
 public:
  explicit Mapper(const std::function<bool()>& map) {
    std::array<int, 2> ready{};
    std::array<int, 2> until{};
    if (::pipe(ready.data()) != 0 || ::pipe(until.data()) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(until[1]);
      char byte = map() ? 'y' : 'n';
      if (::write(ready[1], &byte, 1) == 1) static_cast<void>(::read(until[0], &byte, 1) == 1);
      ::_exit(0);
    }
    ::close(ready[1]);
    ::close(until[0]);
    until_.reset(until[1]);
    char byte = 0;
    EXPECT_EQ(::read(ready[0], &byte, 1), 1);
    EXPECT_EQ(byte, 'y');
    ::close(ready[0]);
  }
  ~Mapper() {
    until_.reset(-1);
    ::waitpid(pid_, nullptr, 0);
  }
  Mapper(const Mapper&) = delete;
  Mapper& operator=(const Mapper&) = delete;

  std::string directory() const { return "/proc/" + std::to_string(pid_); }

 private:
  pid_t pid_ = -1;
  Descriptor until_;
};

using File = std::tuple<uint32_t, uint32_t, uint64_t, std::string, bool>;

// What is told of the only process of a /proc.
struct Told {
  std::set<File> files;
  bool was_asked = false;
  bool is_cut = false;
};

class AskedOrRead : public ::testing::Test {
 protected:
  AskedOrRead() : place_(std::string(MUSTER_BUILD_DIRECTORY) + "/tests/asked-or-read-XXXXXX") {
    if (::mkdtemp(place_.data()) == nullptr) std::abort();
  }
  ~AskedOrRead() override { fs::remove_all(place_); }

  // Of a /proc that has this process, as Linux gives it.
  static Told asked(const Mapper& process) {
    const test::TestRoot root;
    root.link("/proc/1", process.directory());
    return told(root);
  }
  // Of files with the same texts, which are no /proc that could be asked.
  static Told read(const Mapper& process) {
    const test::TestRoot root;
    for (const std::string name : {"/stat", "/cgroup", "/maps"}) {
      std::ostringstream text;
      text << std::ifstream(process.directory() + name).rdbuf();
      root.write("/proc/1" + name, text.str());
    }
    return told(root);
  }
  // A file with a page to map, below the place of the test.
  Descriptor file(const std::string& name) const {
    const fs::path path = fs::path(place_) / name;
    fs::create_directories(path.parent_path());
    Descriptor descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0700));
    EXPECT_EQ(::ftruncate(descriptor.get(), kPage), 0) << name;
    return descriptor;
  }
  static std::set<std::string> paths_of(const Told& told) {
    std::set<std::string> paths;
    for (const File& file : told.files)
      paths.insert(std::get<std::string>(file) + (std::get<bool>(file) ? " gone" : ""));
    return paths;
  }

  std::string place_;

 private:
  static Told told(const test::TestRoot& root) {
    const std::string table = agent::gather_processes((root.path() + "/proc").c_str());
    ::close(agent::kFirstProcessRoot);
    const auto list = parse_process_table(table);
    Told told;
    if (!list.ok() || list->processes.size() != 1) {
      ADD_FAILURE() << list.status();
      return told;
    }
    const Process& process = list->processes[0];
    told.was_asked = !process.files.empty();
    told.is_cut = list->cut == 1;
    EXPECT_NE(process.files.empty(), process.maps.empty());
    const auto add = [&told](const std::optional<MappedFile>& file) {
      if (!file) return;
      told.files.emplace(file->device_major, file->device_minor, file->inode, file->path,
                         file->is_deleted);
    };
    std::string_view files = process.files;
    while (const std::optional<RecordedFile> file = take_file_record(files))
      add(mapped_file(*file));
    std::istringstream maps{std::string(process.maps)};
    for (std::string line; std::getline(maps, line);)
      add(parse_mapping(line));
    return told;
  }
};

TEST_F(AskedOrRead, MappingsAreTheSame) {
  const Descriptor plain = file("plain.so");
  const Descriptor named = file("two words/line\nbreak/a (deleted).so");
  const Descriptor gone = file("gone.so");
  const Descriptor again = file("again.so");
  const Mapper mapper([&] {
    const Descriptor memory(::memfd_create("jit", MFD_CLOEXEC));
    return ::ftruncate(memory.get(), kPage) == 0 && map_to_execute(memory.get()) &&
           map_to_execute(plain.get()) && map_to_execute(named.get()) &&
           map_to_execute(gone.get()) && map_to_execute(again.get()) &&
           ::mmap(nullptr, kPage, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS, -1, 0) !=
               MAP_FAILED;
  });
  fs::remove(place_ + "/gone.so");
  fs::rename(place_ + "/again.so", place_ + "/renamed.so");
  const Told asked = AskedOrRead::asked(mapper);
  const Told read = AskedOrRead::read(mapper);
  EXPECT_EQ(asked.was_asked, linux_can_be_asked());
  EXPECT_FALSE(read.was_asked);
  EXPECT_EQ(asked.files, read.files);
  for (const std::string& path :
       {place_ + "/plain.so", place_ + "/two words/line\nbreak/a (deleted).so",
        place_ + "/gone.so gone", place_ + "/renamed.so", std::string("/memfd:jit gone")}) {
    EXPECT_THAT(paths_of(asked), Contains(path));
  }
}

// Linux answers with at most PATH_MAX of a path; maps has all of it.
TEST_F(AskedOrRead, LongPathsAreRead) {
  const std::string part(250, 'd');
  const Mapper mapper([&] {
    if (::chdir(place_.c_str()) != 0) return false;
    for (int i = 0; i < 20; ++i) {
      if (::mkdir(part.c_str(), 0700) != 0 || ::chdir(part.c_str()) != 0) return false;
    }
    const Descriptor file(::open("deep.so", O_RDWR | O_CREAT | O_CLOEXEC, 0700));
    return ::ftruncate(file.get(), kPage) == 0 && map_to_execute(file.get());
  });
  const Told asked = AskedOrRead::asked(mapper);
  EXPECT_FALSE(asked.was_asked);
  EXPECT_EQ(asked.files, read(mapper).files);
  EXPECT_TRUE(std::any_of(asked.files.begin(), asked.files.end(), [](const File& file) {
    return std::get<std::string>(file).size() > PATH_MAX;
  }));
}

TEST_F(AskedOrRead, WhatIsBeyondTheBoundOfAProcessIsLeftOutAndSaid) {
  constexpr int kMappings = 40'000;
  const std::string directory = std::string(200, 'a') + "/" + std::string(200, 'b');
  const Descriptor many = file(directory + "/many.so");
  const Mapper mapper([&] {
    for (int i = 0; i < kMappings; ++i) {
      if (!map_to_execute(many.get())) return false;
    }
    return true;
  });
  static_assert(size_t{kMappings} * (sizeof(agent::FileRecord) + 400) > agent::kMostOfMaps);
  const Told asked = AskedOrRead::asked(mapper);
  EXPECT_TRUE(asked.is_cut);
  EXPECT_EQ(asked.was_asked, linux_can_be_asked());
  EXPECT_THAT(asked.files, Not(IsEmpty()));
}

}  // namespace
}  // namespace muster::restart
