// One version's set of recorded bytes, tests/compatibility/v<version>/: see README.md.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace muster::test {

class GoldenSet {
 public:
  explicit GoldenSet(std::string name) : name_(std::move(name)) {}

  const std::string& name() const { return name_; }
  std::string path(const std::string& file) const { return directory() + "/" + name_ + "/" + file; }

  // The file's bytes; it may be there compressed, as FILE.gz.
  std::string read(const std::string& file) const {
    const std::string plain = path(file);
    const std::string stored = std::filesystem::exists(plain) ? plain : plain + ".gz";
    std::string content;
    gzFile input = ::gzopen(stored.c_str(), "rb");
    if (input == nullptr) {
      ADD_FAILURE() << "no " << plain;
      return content;
    }
    std::array<char, 64 << 10> part{};
    int size = 0;
    while ((size = ::gzread(input, part.data(), part.size())) > 0)
      content.append(part.data(), static_cast<size_t>(size));
    EXPECT_EQ(::gzclose(input), Z_OK) << stored;
    return content;
  }

  // Names of the folder's files, sorted, without .gz.
  std::vector<std::string> list(const std::string& folder) const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path(folder))) {
      std::string name = entry.path().filename();
      if (name.ends_with(".gz")) name.resize(name.size() - 3);
      names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  // A copy that a test may change.
  void copy(const std::string& file, const std::string& to) const {
    std::ofstream(to, std::ios::binary) << read(file);
  }

  // Of every version that was recorded.
  static std::vector<GoldenSet> all() {
    std::vector<GoldenSet> sets;
    for (const auto& entry : std::filesystem::directory_iterator(directory())) {
      const std::string name = entry.path().filename();
      if (name.size() > 1 && name[0] == 'v' && name[1] >= '0' && name[1] <= '9') {
        sets.emplace_back(name);
      }
    }
    return sets;
  }

 private:
  static std::string directory() {
    return std::string(MUSTER_SOURCE_DIRECTORY) + "/tests/compatibility";
  }

  std::string name_;
};

inline std::string version_of_test(const ::testing::TestParamInfo<GoldenSet>& info) {
  std::string name = info.param.name();
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

}  // namespace muster::test
