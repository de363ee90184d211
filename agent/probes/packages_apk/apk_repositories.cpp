#include "agent/probes/packages_apk/apk_repositories.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/text.h"

namespace muster::packages_apk {
namespace {

// More than anybody writes on a line; apk itself refuses addresses of more than 4,096.
constexpr size_t kLongestUrl = 4096;
constexpr std::string_view kTooLong = "an address is longer than 4096";
constexpr size_t kMostVariables = 100;

std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view kSpace = " \t\r";
  std::vector<std::string_view> words;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(kSpace), line.size()));
    if (line.empty()) return words;
    words.push_back(line.substr(0, line.find_first_of(kSpace)));
    line.remove_prefix(words.back().size());
  }
}

// Without the slashes at its end.
std::string_view trimmed(std::string_view url) {
  while (url.size() > 1 && url.ends_with('/'))
    url.remove_suffix(1);
  return url;
}

std::string_view without_scheme(std::string_view url) {
  const size_t scheme = url.find("://");
  return scheme == std::string_view::npos ? url : url.substr(scheme + 3);
}

bool is_local(std::string_view url) {
  return url.starts_with('/') || url.starts_with("file://");
}

std::string digest_of(const EVP_MD* algorithm, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), bytes.data(), &size, algorithm, nullptr) != 1) return {};
  return to_hex({reinterpret_cast<const char*>(bytes.data()), size});
}

std::string index_name(const std::string& digest) {
  return fmt::format("APKINDEX.{}.tar.gz", std::string_view(digest).substr(0, 8));
}

std::string index_url(const ApkRepository& repository, const std::string& architecture) {
  if (repository.names_index) return repository.url;
  return fmt::format("{}/{}/{}", trimmed(repository.url), architecture,
                     repository.is_v3 ? "Packages.adb" : "APKINDEX.tar.gz");
}

}  // namespace

RepositoryReader::RepositoryReader(std::string architecture) {
  variables_.push_back({"APK_ARCH", std::move(architecture)});
}

void RepositoryReader::read(std::string_view path, std::string_view text,
                            std::vector<std::string>& problems) {
  if (is_full_) return;
  std::vector<std::string_view> complaints;
  while (!text.empty() && !is_full_) {
    const size_t newline = std::min(text.find('\n'), text.size());
    std::vector<std::string_view> words = words_of(text.substr(0, newline));
    text.remove_prefix(std::min(newline + 1, text.size()));
    if (words.empty() || words.front().starts_with('#')) continue;
    if (words.front() == "set") {
      set(std::move(words));
    } else {
      add(std::move(words), complaints);
    }
  }
  for (size_t i = 0; i < std::min(complaints.size(), kMostComplaints); ++i)
    problems.push_back(fmt::format("{}: {}", path, complaints[i]));
  if (complaints.size() > kMostComplaints) {
    problems.push_back(fmt::format("{}: and {} more that cannot be used", path,
                                   complaints.size() - kMostComplaints));
  }
  if (is_full_) {
    problems.push_back(
        fmt::format("{}: only {} repositories are looked at", path, kMostRepositories));
  }
}

// "set [-default] key=value"; apk's own variables stay as they are.
void RepositoryReader::set(std::vector<std::string_view> words) {
  const bool only_if_new = words.size() > 1 && words[1] == "-default";
  const size_t at = only_if_new ? 2 : 1;
  const size_t equals = words.size() > at ? words[at].find('=') : std::string_view::npos;
  if (equals == std::string_view::npos || words[at].starts_with("APK_")) return;
  const std::string_view name = words[at].substr(0, equals);
  std::string value = expand(words[at].substr(equals + 1));
  const auto known = std::find_if(variables_.begin(), variables_.end(),
                                  [name](const Variable& v) { return v.name == name; });
  if (known == variables_.end()) {
    if (variables_.size() < kMostVariables) {
      variables_.push_back({std::string(name), std::move(value)});
    }
  } else if (!only_if_new) {
    known->value = std::move(value);
  }
}

// "${name}"; a name that is not set stays as it is written.
std::string RepositoryReader::expand(std::string_view text) const {
  std::string expanded;
  while (!text.empty() && expanded.size() <= kLongestUrl) {
    const size_t begin = text.find("${");
    const size_t end = begin == std::string_view::npos ? begin : text.find('}', begin);
    if (end == std::string_view::npos) break;
    expanded += text.substr(0, begin);
    const std::string_view name = text.substr(begin + 2, end - begin - 2);
    const auto known = std::find_if(variables_.begin(), variables_.end(),
                                    [name](const Variable& v) { return v.name == name; });
    expanded += known == variables_.end() ? text.substr(begin, end - begin + 1) : known->value;
    text.remove_prefix(end + 1);
  }
  expanded += text;
  return expanded.substr(0, kLongestUrl + 1);
}

// "[ndx|v2|v3] [@tag] url [component...]".
void RepositoryReader::add(std::vector<std::string_view> words,
                           std::vector<std::string_view>& complaints) {
  ApkRepository repository;
  auto word = words.begin();
  const std::string_view kind = *word == "ndx" || *word == "v2" || *word == "v3" ? *word++ : "";
  if (word != words.end() && word->starts_with('@')) repository.tag = (*word++).substr(1);
  if (word == words.end()) {
    complaints.push_back("a line names no repository");
    return;
  }
  const std::string url = expand(*word++);
  repository.names_index =
      kind == "ndx" || (kind.empty() && (url.ends_with(".adb") || url.ends_with(".tar.gz")));
  repository.is_v3 = kind == "v3" || (repository.names_index && url.ends_with(".adb"));
  // One by one: a line of a megabyte may name 500,000 components, each of which a variable makes
  // an address of 4,096 bytes.
  do {
    std::string each = url;
    if (word != words.end()) each = fmt::format("{}/{}", trimmed(url), expand(*word++));
    if (each.size() > kLongestUrl) {
      complaints.push_back(kTooLong);
      continue;
    }
    is_full_ = repositories_.size() == kMostRepositories;
    if (is_full_) return;
    repository.url = std::move(each);
    repositories_.push_back(repository);
  } while (word != words.end());
}

std::string shown_name(const ApkRepository& repository) {
  std::string_view url = trimmed(without_scheme(repository.url));
  const size_t slash = std::min(url.find('/'), url.size());
  const size_t at = url.substr(0, slash).rfind('@');
  if (!is_local(repository.url) && at != std::string_view::npos) url.remove_prefix(at + 1);
  return std::string(url.substr(0, url.find_first_of("?#")));
}

std::string site_of(const ApkRepository& repository) {
  if (is_local(repository.url)) return {};
  const std::string name = shown_name(repository);
  return name.substr(0, name.find_first_of(":/"));
}

std::string local_directory(const ApkRepository& repository) {
  if (!is_local(repository.url)) return {};
  return std::string(trimmed(without_scheme(repository.url)));
}

std::string parent_of(const ApkRepository& repository) {
  const std::string name = shown_name(repository);
  const size_t slash = name.rfind('/');
  return name.substr(0, slash == std::string::npos ? 0 : slash);
}

std::string local_index(const ApkRepository& repository, const std::string& architecture) {
  return std::string(without_scheme(index_url(repository, architecture)));
}

std::vector<std::string> cached_index_names(const ApkRepository& repository,
                                            const std::string& architecture) {
  return {index_name(digest_of(EVP_sha256(), index_url(repository, architecture))),
          index_name(digest_of(EVP_sha1(), repository.url))};
}

}  // namespace muster::packages_apk
