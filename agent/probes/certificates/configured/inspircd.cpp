// InspIRCd's tags: https://docs.inspircd.org/3/configuration/
#include <algorithm>
#include <map>
#include <optional>

#include "agent/probes/certificates/configured/configuration_text.h"
#include "agent/probes/certificates/configured/servers.h"

namespace muster::configured {
namespace {

struct Tag {
  std::string name;
  std::map<std::string, std::string, std::less<>> values;
  size_t line = 0;
};

class Tags {
 public:
  explicit Tags(std::string_view text) : text_(text) {}

  // <name key="value" …>; what is around tags is left out, and comments from "#" to the line's end
  // are in and around them.
  std::optional<Tag> next() {
    while (at_ < text_.size() && text_[at_] != '<')
      skip_one();
    if (at_ == text_.size()) return std::nullopt;
    take();
    Tag tag{.name = word(), .values = {}, .line = line_};
    while (at_ < text_.size() && text_[at_] != '>') {
      const std::string key = word();
      if (at_ < text_.size() && text_[at_] == '=') {
        take();
        std::string value = quoted();
        if (tag.values.size() < 256) tag.values[key] = std::move(value);
      } else if (key.empty() && at_ < text_.size() && text_[at_] != '>') {
        skip_one();
      }
    }
    return tag;
  }

  std::string value(const Tag& tag, std::string_view key) const {
    const auto found = tag.values.find(key);
    return found == tag.values.end() ? "" : found->second;
  }

 private:
  static bool is_of_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == ':';
  }
  char take() {
    if (text_[at_] == '\n') ++line_;
    return text_[at_++];
  }
  void skip_one() {
    if (text_[at_] == '#')
      at_ = std::min(text_.find('\n', at_), text_.size());
    else
      take();
  }
  std::string word() {
    while (at_ < text_.size() && !is_of_word(text_[at_]) && text_[at_] != '>' && text_[at_] != '=')
      skip_one();
    std::string word;
    while (at_ < text_.size() && is_of_word(text_[at_]))
      word += take();
    return word;
  }
  std::string quoted() {
    while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '>')
      take();
    std::string value;
    if (at_ == text_.size() || take() != '"') return value;
    while (at_ < text_.size() && text_[at_] != '"')
      value += take();
    if (at_ < text_.size()) take();
    return value;
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t line_ = 1;
};

// Profiles, and the tags of before version 3.
bool is_profile(const std::string& name) {
  for (const std::string_view each : {"sslprofile", "gnutls", "openssl", "mbedtls"}) {
    if (same_word(name, each)) return true;
  }
  return false;
}

void read(Configuration& configuration, const std::string& path, size_t depth,
          const std::string& directory) {
  const std::optional<std::string> text = configuration.text(path, depth);
  if (!text) return;
  Tags tags(*text);
  while (const std::optional<Tag> tag = tags.next()) {
    if (same_word(tag->name, "include")) {
      const std::string file = tags.value(*tag, "file");
      const std::string all = tags.value(*tag, "directory");
      if (!file.empty()) {
        for (const std::string& each : configuration.matches(absolute_path(file, directory)))
          read(configuration, each, depth + 1, directory);
      }
      if (all.empty()) continue;
      for (const std::string& each :
           configuration.matches(absolute_path(all, directory) + "/*.conf"))
        read(configuration, each, depth + 1, directory);
    } else if (is_profile(tag->name)) {
      std::string certificate = tags.value(*tag, "certfile");
      std::string key = tags.value(*tag, "keyfile");
      if (certificate.find('&') != std::string::npos) {
        configuration.complain({path, tag->line}, "certfile has a variable: it is not read");
        continue;
      }
      if (certificate.empty()) certificate = "cert.pem";
      if (key.empty()) key = "key.pem";
      configuration.add_use(
          {path, tag->line}, absolute_path(certificate, directory),
          key.find('&') == std::string::npos ? absolute_path(key, directory) : "");
    }
  }
}

}  // namespace

void read_inspircd(Configuration& configuration, const std::string& main) {
  read(configuration, main, 0, directory_of(main));
}

}  // namespace muster::configured
