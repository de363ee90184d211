// Ends of a recording, and the files that it writes. What fails ends the program with a line that
// says what.
#pragma once

#include <absl/status/status.h>
#include <sys/stat.h>

#include <string>
#include <string_view>

namespace muster::compatibility {

[[noreturn]] void give_up(std::string_view what);
void expect_ok(const absl::Status& status, std::string_view what);

// Directories above it are made.
void write_file(const std::string& path, std::string_view content, mode_t mode = 0644);
// As `path`, or where it is large compressed as `path`.gz, as zlib's gzread takes both.
void write_golden(const std::string& path, const std::string& bytes);
std::string read_whole(const std::string& path);

}  // namespace muster::compatibility
