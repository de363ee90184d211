#include "tests/compatibility/recorded_files.h"

#include <fmt/format.h>
#include <zlib.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "common/files.h"

namespace muster::compatibility {

namespace {

namespace fs = std::filesystem;

constexpr size_t kPlainLimit = 64 << 10;

}  // namespace

[[noreturn]] void give_up(std::string_view what) {
  fmt::print(stderr, "compatibility_recorder: {}\n", what);
  std::exit(1);
}

void expect_ok(const absl::Status& status, std::string_view what) {
  if (!status.ok()) give_up(fmt::format("{}: {}", what, status.ToString()));
}

void write_file(const std::string& path, std::string_view content, mode_t mode) {
  fs::create_directories(fs::path(path).parent_path());
  expect_ok(write_file_atomically(path, content, mode), "writing");
}

void write_golden(const std::string& path, const std::string& bytes) {
  if (bytes.size() <= kPlainLimit) return write_file(path, bytes);
  fs::create_directories(fs::path(path).parent_path());
  gzFile file = ::gzopen((path + ".gz").c_str(), "wb9");
  if (file == nullptr || ::gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())) <= 0 ||
      ::gzclose(file) != Z_OK) {
    give_up("writing " + path);
  }
}

std::string read_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace muster::compatibility
