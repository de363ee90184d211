#include "tests/agent/probes/packages_apk/alpine_root.h"

#include <archive.h>
#include <archive_entry.h>
#include <utime.h>

#include <utility>

#include "agent/probes/packages_apk/apk_look.h"
#include "agent/probes/packages_apk/apk_repositories.h"

namespace muster::test {
namespace {

// A gzip stream with these files in a tar; without its end, as apk writes what comes first.
std::string stream_of(const std::vector<std::pair<std::string, std::string>>& files, bool has_end) {
  archive* writer = archive_write_new();
  archive_write_add_filter_none(writer);
  archive_write_set_format_ustar(writer);
  size_t size = 0;
  for (const auto& file : files)
    size += file.second.size() + 2048;
  std::string tar(size + 16384, '\0');
  size_t used = 0;
  archive_write_open_memory(writer, tar.data(), tar.size(), &used);
  for (const auto& [name, content] : files) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    EXPECT_EQ(archive_write_header(writer, entry), ARCHIVE_OK);
    archive_write_data(writer, content.data(), content.size());
    archive_entry_free(entry);
  }
  archive_write_close(writer);
  archive_write_free(writer);
  tar.resize(used);
  if (!has_end) {
    // Headers and content are whole blocks of 512 bytes; what follows is the end.
    size_t blocks = 0;
    for (const auto& file : files)
      blocks += 1 + (file.second.size() + 511) / 512;
    tar.resize(blocks * 512);
  }
  archive* packer = archive_write_new();
  archive_write_add_filter_gzip(packer);
  archive_write_set_format_raw(packer);
  std::string packed(tar.size() + 4096, '\0');
  archive_write_set_bytes_in_last_block(packer, 1);
  archive_write_open_memory(packer, packed.data(), packed.size(), &used);
  archive_entry* entry = archive_entry_new();
  archive_entry_set_filetype(entry, AE_IFREG);
  EXPECT_EQ(archive_write_header(packer, entry), ARCHIVE_OK);
  archive_write_data(packer, tar.data(), tar.size());
  archive_entry_free(entry);
  archive_write_close(packer);
  archive_write_free(packer);
  packed.resize(used);
  return packed;
}

}  // namespace

std::string index_archive(const IndexParts& parts) {
  std::string content;
  if (!parts.key.empty()) content += stream_of({{".SIGN.RSA." + parts.key, "signature"}}, false);
  if (!parts.rest.empty()) content += stream_of({{"rest", parts.rest}}, false);
  return content +
         stream_of({{"DESCRIPTION", parts.description}, {"APKINDEX", parts.packages}}, true);
}

std::string paragraph(std::string_view name, std::string_view version, std::string_view more) {
  std::string text = "C:Q1pSfbQwqQwqQwqQwqQwqQwqQwqQ=\nP:";
  text.append(name).append("\nV:").append(version);
  return text.append("\nA:x86_64\nS:1000\nI:4096\nT:what it is\n").append(more).append("\n");
}

AlpineRoot::AlpineRoot() {
  write("/etc/os-release", "ID=alpine\nVERSION_ID=3.20.3\n");
  write("/etc/apk/arch", "x86_64\n");
  write("/etc/apk/world", "alpine-baselayout\n");
  write("/etc/apk/keys/alpine-devel@lists.alpinelinux.org-6165ee59.rsa.pub", "a key");
  write("/etc/apk/repositories", "");
  make_directory("/var/cache/apk");
}

void AlpineRoot::install(const std::string& paragraphs) const {
  write("/lib/apk/db/installed", paragraphs);
}

void AlpineRoot::configure(const std::string& line) {
  repositories_ += line + "\n";
  write("/etc/apk/repositories", repositories_);
}

std::string AlpineRoot::cached_file(std::string_view url) const {
  return "/var/cache/apk/" +
         packages_apk::cached_index_names({.url = std::string(url)}, "x86_64").back();
}

void AlpineRoot::cache(std::string_view url, const std::string& content) const {
  write(cached_file(url), content);
}

void AlpineRoot::add(std::string_view url, const std::string& paragraphs, const std::string& tag) {
  configure((tag.empty() ? "" : "@" + tag + " ") + std::string(url));
  cache(url, index_archive({.packages = paragraphs}));
}

void AlpineRoot::set_cache_time(std::string_view url, time_t time) const {
  const utimbuf times{.actime = time, .modtime = time};
  if (::utime((path() + cached_file(url)).c_str(), &times) != 0) ADD_FAILURE() << "utime " << url;
}

v1::PackageFacts apk_facts_of(const TestRoot& root) {
  const v1::Section section = packages_apk::look_at_packages(root.path());
  EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
  v1::PackageFacts facts;
  EXPECT_TRUE(facts.ParseFromString(section.facts()));
  return facts;
}

}  // namespace muster::test
