// Prosody's configuration is a program in Lua, of which literal strings are read:
// https://prosody.im/doc/configure
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "agent/probes/certificates/configured/configuration_text.h"
#include "agent/probes/certificates/configured/servers.h"

namespace muster::configured {
namespace {

enum class Kind { kName, kString, kMark };

struct Token {
  Kind kind = Kind::kMark;
  std::string text;
  size_t line = 0;
};

// Names with dots, strings in quotes, and single characters; comments left out.
class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {}

  std::optional<Token> next() {
    skip();
    if (at_ == text_.size()) return std::nullopt;
    Token token;
    token.line = line_;
    const char first = text_[at_];
    if (first == '"' || first == '\'') {
      token.kind = Kind::kString;
      take();
      while (at_ < text_.size() && text_[at_] != first && text_[at_] != '\n') {
        if (text_[at_] == '\\' && at_ + 1 < text_.size()) take();
        token.text += take();
      }
      if (at_ < text_.size()) take();
    } else if (is_of_name(first)) {
      token.kind = Kind::kName;
      while (at_ < text_.size() && is_of_name(text_[at_]))
        token.text += take();
    } else {
      token.text = take();
    }
    return token;
  }

 private:
  static bool is_of_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  }
  char take() {
    if (text_[at_] == '\n') ++line_;
    return text_[at_++];
  }
  void skip() {
    while (at_ < text_.size()) {
      const std::string_view rest = text_.substr(at_);
      if (rest.starts_with("--[["))
        skip_to(text_.find("]]", at_), 2);
      else if (rest.starts_with("--"))
        skip_to(text_.find('\n', at_), 0);
      else if (std::string_view(" \t\r\n").find(rest.front()) != std::string_view::npos)
        take();
      else
        return;
    }
  }
  void skip_to(size_t end, size_t more) {
    end = end == std::string_view::npos ? text_.size() : end + more;
    while (at_ < end)
      take();
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t line_ = 1;
};

struct Pair {
  std::string certificate;
  std::string key;
  Place place;
};

class Prosody {
 public:
  Prosody(Configuration& configuration, const std::string& main)
      : configuration_(configuration), directory_(directory_of(main)) {}

  void read(const std::string& path, size_t depth) {
    const std::optional<std::string> text = configuration_.text(path, depth);
    if (!text) return;
    path_ = path;
    std::vector<Token> all;
    Tokens tokens(*text);
    while (const std::optional<Token> token = tokens.next())
      all.push_back(*token);
    // What includes it goes on there.
    for (size_t at = 0; at < all.size(); ++at) {
      const Token& token = all[at];
      if (token.kind == Kind::kMark) brace(token.text);
      if (token.kind != Kind::kName || at + 1 == all.size()) continue;
      const Token& following = all[at + 1];
      if (token.text == "VirtualHost" || token.text == "Component") {
        if (following.kind == Kind::kString) begin_host(following.text, {path, token.line});
      } else if (token.text == "Include" && following.kind == Kind::kString) {
        include(following.text, depth);
        path_ = path;
      } else if (following.text == "=" && following.kind == Kind::kMark && at + 2 < all.size()) {
        assigned(token, all[at + 2], at + 3 < all.size() ? &all[at + 3] : nullptr);
      }
    }
    end_table();
    depth_ = 0;
  }

  void finish() { end_host(); }

 private:
  static constexpr size_t kMostDepth = 1000;

  void brace(const std::string& mark) {
    if (mark == "{" && depth_ < kMostDepth) ++depth_;
    if (mark == "}" && depth_ > 0 && --depth_ == 0) end_table();
  }

  // A certificate at the top is a host's or a service's ("https_certificate"), one in a table
  // belongs to that table.
  void assigned(const Token& name, const Token& value, const Token* after) {
    const bool is_certificate =
        name.text == "certificate" || (depth_ == 0 && name.text.ends_with("_certificate"));
    const bool is_key = name.text == "key" || (depth_ == 0 && name.text.ends_with("_key"));
    if (!is_certificate && !is_key) return;
    // A string that goes on (..) is computed.
    const bool is_literal = value.kind == Kind::kString && (after == nullptr || after->text != ".");
    if (!is_literal) {
      if (is_certificate)
        configuration_.complain(
            {path_, name.line},
            fmt::format("{} is computed: only literal strings are read", name.text));
      return;
    }
    const std::string file = absolute_path(value.text, directory_);
    if (is_key && (depth_ > 0 || name.text == "key"))
      pair_.key = file;
    else if (is_certificate && depth_ > 0)
      pair_.certificate = file, pair_.place = {path_, name.line};
    else if (is_certificate)
      configuration_.add_use({path_, name.line}, file, "", names());
    if (is_certificate) host_has_own_ = true;
  }

  void end_table() {
    if (!pair_.certificate.empty())
      configuration_.add_use(pair_.place, pair_.certificate, pair_.key, names());
    pair_ = {};
  }

  void begin_host(const std::string& name, const Place& place) {
    end_host();
    host_ = name;
    host_at_ = place;
    host_has_own_ = false;
  }

  // Without a certificate of its own a host has the one that is named like it.
  // https://prosody.im/doc/certificates#automatic_location
  void end_host() {
    if (host_.empty() || host_has_own_ || host_.find('/') != std::string::npos) return;
    const std::string path = directory_ + "/certs/" + host_;
    if (configuration_.exists(path + ".crt"))
      configuration_.add_use(host_at_, path + ".crt", path + ".key", names());
    else if (configuration_.exists(path + "/fullchain.pem"))
      configuration_.add_use(host_at_, path + "/fullchain.pem", path + "/privkey.pem", names());
  }

  std::vector<std::string> names() const {
    return host_.empty() ? std::vector<std::string>() : std::vector<std::string>{host_};
  }

  void include(const std::string& pattern, size_t depth) {
    for (const std::string& path : configuration_.matches(absolute_path(pattern, directory_)))
      read(path, depth + 1);
  }

  Configuration& configuration_;
  const std::string directory_;
  std::string path_;
  size_t depth_ = 0;
  Pair pair_;
  std::string host_;
  Place host_at_;
  bool host_has_own_ = false;
};

}  // namespace

void read_prosody(Configuration& configuration, const std::string& main) {
  Prosody prosody(configuration, main);
  prosody.read(main, 0);
  prosody.finish();
}

}  // namespace muster::configured
