// A root of its own for a test: a directory below the temporary one, filled by the test and removed
// at its end. And the rights of a user who is not root, whoever runs the test.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace muster::test {

class TestRoot {
 public:
  TestRoot() {
    std::string name = (std::filesystem::temp_directory_path() / "muster_root_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    // mkdtemp's 0700 would keep the user without rights out of everything.
    ::chmod(name.c_str(), 0755);
    path_ = name;
  }
  ~TestRoot() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestRoot(const TestRoot&) = delete;
  TestRoot& operator=(const TestRoot&) = delete;

  const std::string& path() const { return path_; }

  // `file` is absolute, as the looked-at system names it; its directories are made.
  void write(const std::string& file, std::string_view content) const {
    make_directory(std::filesystem::path(file).parent_path().string());
    std::ofstream stream(path_ + file, std::ios::binary);
    stream << content;
    if (!stream.flush()) ADD_FAILURE() << "writing " << file;
  }
  void make_directory(const std::string& directory) const {
    std::filesystem::create_directories(path_ + directory);
  }
  void link(const std::string& name, const std::string& target) const {
    make_directory(std::filesystem::path(name).parent_path().string());
    std::filesystem::create_symlink(target, path_ + name);
  }
  void set_mode(const std::string& name, mode_t mode) const {
    if (::chmod((path_ + name).c_str(), mode) != 0) ADD_FAILURE() << "chmod " << name;
  }

 private:
  std::string path_;
};

// While it lives, files are opened with the rights of `nobody` where the test runs as root.
class WithoutRights {
 public:
  WithoutRights() {
    if (was_root_ && ::seteuid(65534) != 0) ADD_FAILURE() << "giving up root's rights";
  }
  ~WithoutRights() {
    if (was_root_ && ::seteuid(0) != 0) std::abort();
  }
  WithoutRights(const WithoutRights&) = delete;
  WithoutRights& operator=(const WithoutRights&) = delete;

 private:
  const bool was_root_ = ::geteuid() == 0;
};

}  // namespace muster::test
