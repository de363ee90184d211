#include "common/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace muster {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class Files : public ::testing::Test {
 protected:
  Files() {
    std::string pattern = ::testing::TempDir() + "muster-files-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    directory_ = pattern;
  }
  ~Files() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  std::string path(const std::string& name) const { return directory_ + "/" + name; }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }
  static mode_t mode_of(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
  }

 private:
  std::string directory_;
};

TEST_F(Files, AreReadUpToTheLimitAndNotBeyond) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{4096}, size_t{100'000}}) {
    ASSERT_EQ(write_file_atomically(path("f"), std::string(size, 'x'), 0600), absl::OkStatus());
    EXPECT_EQ(read_file(path("f"), size).value(), std::string(size, 'x'));
    EXPECT_EQ(read_file(path("f"), size + 1).value().size(), size);
    if (size == 0) continue;
    const absl::Status status = read_file(path("f"), size - 1).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
    EXPECT_THAT(std::string(status.message()), HasSubstr("larger than the limit"));
  }
}

TEST_F(Files, OfTheKernelAreReadThoughTheirSizeSaysNothing) {
  EXPECT_FALSE(read_file("/proc/self/status", 1 << 20).value().empty());
  EXPECT_EQ(read_file("/proc/self/status", 4).status().code(), absl::StatusCode::kOutOfRange);
}

TEST_F(Files, ThatAreNoFilesAreRefusedAndNeverWaitedFor) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  for (const std::string& name : {path("fifo"), path(""), std::string("/dev/zero")}) {
    const absl::Status status = read_file(name, 100).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  }
}

TEST_F(Files, ThatAreMissingAreNotFoundByName) {
  EXPECT_EQ(read_file(path("none"), 1).status(),
            absl::NotFoundError("reading " + path("none") + ": No such file or directory"));
}

TEST_F(Files, AreReplacedWholeWithExactlyTheirMode) {
  const mode_t before = ::umask(077);
  EXPECT_EQ(write_file_atomically(path("f"), "old", 0600), absl::OkStatus());
  EXPECT_EQ(write_file_atomically(path("f"), "new", 0644), absl::OkStatus());
  ::umask(before);
  EXPECT_EQ(read_file(path("f"), 100).value(), "new");
  EXPECT_EQ(mode_of(path("f")), 0644U);
  EXPECT_THAT(names(), ElementsAre("f"));
}

TEST_F(Files, AreAsTheyWereWhenWritingFails) {
  // A directory cannot be replaced by a file.
  ASSERT_EQ(make_directory(path("d"), 0700), absl::OkStatus());
  EXPECT_FALSE(write_file_atomically(path("d"), "x", 0600).ok());
  EXPECT_THAT(names(), ElementsAre("d"));
  EXPECT_EQ(write_file_atomically(path("none/f"), "x", 0600).code(), absl::StatusCode::kNotFound);
}

TEST_F(Files, OfManyEachIsReplacedOrAsItWas) {
  for (const size_t others : {0, 10}) {
    ASSERT_EQ(make_directory(path("d"), 0700), absl::OkStatus());
    ASSERT_EQ(write_file_atomically(path("a"), "old", 0600), absl::OkStatus());
    std::vector<FileToWrite> files = {
        {path("a"), "new"}, {path("d"), "x"}, {path("none/f"), "x"}, {path("z"), "last"}};
    files.insert(files.end(), others, {path("z"), "later"});
    const std::vector<absl::Status> written = write_files_atomically(files, 0640);
    ASSERT_EQ(written.size(), files.size());
    EXPECT_TRUE(written[0].ok() && written[3].ok()) << written[0] << written[3];
    EXPECT_EQ(written[1].code(), absl::StatusCode::kUnavailable) << "a directory is in its place";
    EXPECT_EQ(written[2].code(), absl::StatusCode::kNotFound);
    EXPECT_EQ(read_file(path("a"), 100).value(), "new");
    EXPECT_EQ(read_file(path("z"), 100).value(), others == 0 ? "last" : "later");
    EXPECT_EQ(mode_of(path("z")), 0640U);
    EXPECT_THAT(names(), UnorderedElementsAre("a", "d", "z"));
  }
  EXPECT_TRUE(write_files_atomically({}, 0600).empty());
}

// As a full disk: no file may grow beyond `bytes` while this lives.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
  }
  ~SmallDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

TEST_F(Files, LeaveNothingBesideThemWhenTheDiskIsFull) {
  ASSERT_EQ(write_file_atomically(path("f"), "old", 0600), absl::OkStatus());
  {
    const SmallDisk disk(4096);
    EXPECT_FALSE(write_file_atomically(path("f"), std::string(10'000, 'x'), 0600).ok());
  }
  EXPECT_EQ(read_file(path("f"), 100).value(), "old");
  EXPECT_THAT(names(), ElementsAre("f"));
}

TEST(ErrnoStatus, HasTheCodeThatCallersDecideBy) {
  EXPECT_EQ(errno_status(ENOSPC, "writing f"),
            absl::ResourceExhaustedError("writing f: No space left on device"));
  EXPECT_EQ(errno_status(EACCES, "x").code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(errno_status(EPERM, "x").code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(errno_status(EEXIST, "x").code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(errno_status(EIO, "x").code(), absl::StatusCode::kUnavailable);
}

TEST_F(Files, HaveDirectoriesMadeOnceWithExactlyTheirMode) {
  const mode_t before = ::umask(077);
  EXPECT_EQ(make_directory(path("d"), 0755), absl::OkStatus());
  ::umask(before);
  EXPECT_EQ(mode_of(path("d")), 0755U);
  EXPECT_EQ(make_directory(path("d"), 0700), absl::OkStatus());
  EXPECT_EQ(mode_of(path("d")), 0755U) << "one that is there stays as it is";
  EXPECT_EQ(make_directory(path("none/d"), 0700).code(), absl::StatusCode::kNotFound);
  ASSERT_EQ(write_file_atomically(path("f"), "", 0600), absl::OkStatus());
  EXPECT_EQ(make_directory(path("f"), 0700).code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(Files, HaveTheirDirectorySynced) {
  EXPECT_EQ(sync_directory(path("")), absl::OkStatus());
  EXPECT_EQ(sync_directory(path("none")).code(), absl::StatusCode::kNotFound);
}

TEST_F(Files, ATemporaryFileIsLeftToItsWriterForAsLongAsIsAskedFor) {
  ASSERT_TRUE(write_file_atomically(path("key.pem.a1B2c3"), "being written", 0600).ok());
  ASSERT_TRUE(write_file_atomically(path("key.pem.d4E5f6"), "left by a kill", 0600).ok());
  const std::string left = path("key.pem.d4E5f6");
  std::filesystem::last_write_time(
      left, std::filesystem::last_write_time(left) - std::chrono::minutes(61));
  remove_temporary_files(path("key.pem"), std::chrono::hours(1));
  EXPECT_TRUE(std::filesystem::exists(path("key.pem.a1B2c3")));
  EXPECT_FALSE(std::filesystem::exists(left));
  remove_temporary_files(path("key.pem"));
  EXPECT_FALSE(std::filesystem::exists(path("key.pem.a1B2c3")));
}

}  // namespace
}  // namespace muster
