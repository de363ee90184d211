#include "common/targets/target_texts.h"

#include <fmt/format.h>
#include <glob.h>

#include <cerrno>
#include <map>
#include <set>
#include <utility>

#include "common/files.h"
#include "common/targets/target_file.h"
#include "common/targets/target_rules.h"
#include "common/text.h"

namespace muster {
namespace {

constexpr size_t kMostComplaints = 100;

bool is_glob(const std::string& pattern) {
  return pattern.find_first_of("*?[") != std::string::npos;
}

// The paths that fit, none twice; of a path that is no glob, the path.
absl::StatusOr<std::vector<std::string>> expand(const std::string& pattern) {
  if (!is_glob(pattern)) return std::vector<std::string>{pattern};
  ::glob_t found{};
  // A directory that is not there has no files.
  const auto gives_up = [](const char* /*directory*/, int error) {
    return error == ENOENT || error == ENOTDIR ? 0 : 1;
  };
  const int result = ::glob(pattern.c_str(), GLOB_NOSORT, gives_up, &found);
  std::vector<std::string> paths(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  if (result == 0 || result == GLOB_NOMATCH) return paths;
  return absl::UnavailableError(fmt::format("{}: its directory cannot be read", pattern));
}

absl::Status too_large(const std::string& path, size_t bytes) {
  return absl::InvalidArgumentError(fmt::format(
      "{}: with this file the lists of targets are larger than {} MiB", path, bytes >> 20));
}

void append_line(std::string& text, std::string_view line) {
  if (!text.empty()) text += '\n';
  text += line;
}

}  // namespace

absl::StatusOr<TargetTexts> read_target_texts(std::span<const std::string> patterns) {
  TargetTexts read;
  std::set<std::string> paths;
  for (const std::string& pattern : patterns) {
    const absl::StatusOr<std::vector<std::string>> found = expand(pattern);
    if (!found.ok()) return found.status();
    if (found->empty()) read.empty_globs.push_back(pattern);
    paths.insert(found->begin(), found->end());
    if (paths.size() > kMostTargetTexts) {
      return absl::InvalidArgumentError(
          fmt::format("{}: more than {} files", pattern, kMostTargetTexts));
    }
  }
  size_t bytes = 0;
  for (const std::string& path : paths) {
    if (path.find('\n') != std::string::npos) {
      return absl::InvalidArgumentError(
          fmt::format("{}: its name has a line break", printable(path)));
    }
    absl::StatusOr<std::string> text = read_file(path, kLargestTargetFile);
    if (!text.ok()) return text.status();
    // With what it takes to keep them as one text.
    bytes += path.size() + text->size() + 32;
    if (bytes > kTargetTextsBytes) return too_large(path, kTargetTextsBytes);
    read.texts.push_back({.name = path, .text = *std::move(text)});
  }
  return read;
}

absl::StatusOr<std::vector<Target>> parse_target_texts(std::span<const TargetText> texts) {
  std::vector<Target> list;
  std::string complaints;
  // Where each name is listed.
  std::map<std::string, std::string> places;
  for (const TargetText& text : texts) {
    absl::StatusOr<std::vector<Target>> targets = parse_target_file(text.text, text.name);
    if (!targets.ok()) {
      append_line(complaints, std::string(targets.status().message()));
      continue;
    }
    for (Target& target : *targets) {
      const auto [first, is_new] = places.emplace(target.name, target.place);
      if (!is_new) {
        append_line(complaints, fmt::format("{}: the target {} is listed already, at {}: give one "
                                            "of them another `name`",
                                            target.place, target.name, first->second));
      }
      list.push_back(std::move(target));
    }
    if (list.size() > kMostTargets) {
      append_line(complaints, fmt::format("{}:1:1: with this file there are more than {} targets",
                                          text.name, kMostTargets));
      break;
    }
  }
  if (complaints.empty()) return list;
  return absl::InvalidArgumentError(first_lines(complaints, kMostComplaints));
}

}  // namespace muster
