// nginx's syntax: https://nginx.org/en/docs/beginners_guide.html#conf_structure
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "agent/probes/certificates/configured/configuration_text.h"
#include "agent/probes/certificates/configured/servers.h"

namespace muster::configured {
namespace {

struct Word {
  std::string text;
  size_t line = 0;
  bool is_mark = false;  // an unquoted ; { or }
};

// The words of a file, one after the other.
class Words {
 public:
  explicit Words(std::string_view text) : text_(text) {}

  std::optional<Word> next() {
    skip();
    if (at_ == text_.size()) return std::nullopt;
    Word word{.text = {}, .line = line_};
    if (is_mark(text_[at_])) {
      word.text = text_[at_++];
      word.is_mark = true;
      return word;
    }
    const char quote = text_[at_] == '"' || text_[at_] == '\'' ? take() : '\0';
    while (at_ < text_.size() && !(quote != 0 ? text_[at_] == quote : ends_word())) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) take();
      // "${name}": braces of a variable are no block.
      if (quote == 0 && text_[at_] == '$' && at_ + 1 < text_.size() && text_[at_ + 1] == '{') {
        while (at_ < text_.size() && text_[at_] != '}')
          word.text += take();
        if (at_ == text_.size()) break;
      }
      word.text += take();
    }
    if (quote != 0 && at_ < text_.size()) take();
    return word;
  }

  // After the brace that opens a block of another language: to the one that closes it.
  void skip_block() {
    for (size_t depth = 1; at_ < text_.size() && depth > 0;) {
      const char c = take();
      if (c == '{') ++depth;
      if (c == '}') --depth;
    }
  }

 private:
  static bool is_mark(char c) { return c == ';' || c == '{' || c == '}'; }
  static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
  bool ends_word() const { return is_space(text_[at_]) || is_mark(text_[at_]); }
  char take() {
    if (text_[at_] == '\n') ++line_;
    return text_[at_++];
  }
  void skip() {
    while (at_ < text_.size() && (is_space(text_[at_]) || text_[at_] == '#')) {
      if (text_[at_] == '#')
        at_ = std::min(text_.find('\n', at_), text_.size());
      else
        take();
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t line_ = 1;
};

// A certificate or key as it is named.
struct Named {
  std::string path;
  Place place;
};

struct Block {
  std::string name;
  std::vector<Named> certificates;
  std::vector<Named> keys;
  std::vector<std::string> server_names;
  // Else what is around it has them.
  bool has_own = false;
  bool has_own_keys = false;
  bool listens_with_tls = false;
};

class Nginx {
 public:
  Nginx(Configuration& configuration, const std::string& main)
      : configuration_(configuration), directory_(directory_of(main)) {
    blocks_.emplace_back();
  }

  void read(const std::string& path, size_t depth) {
    const std::optional<std::string> text = configuration_.text(path, depth);
    if (!text) return;
    Words words(*text);
    std::vector<std::string> directive;
    size_t line = 0;
    while (const std::optional<Word> word = words.next()) {
      if (!word->is_mark) {
        if (directive.empty()) line = word->line;
        directive.push_back(word->text);
      } else if (word->text == ";") {
        take(directive, {path, line}, depth);
        directive.clear();
      } else if (word->text == "{") {
        open(directive, words);
        directive.clear();
      } else {
        close();
        directive.clear();
      }
    }
  }

 private:
  static constexpr size_t kMostBlocks = 64;
  static constexpr size_t kMostCertificates = 64;  // of a block

  void open(const std::vector<std::string>& directive, Words& words) {
    const std::string name = directive.empty() ? "" : directive.front();
    // Lua, of which braces say nothing; and nesting that no configuration has.
    if (name.ends_with("_by_lua_block") || blocks_.size() == kMostBlocks) {
      words.skip_block();
      return;
    }
    Block block = blocks_.back();
    block.name = name;
    block.has_own = block.has_own_keys = false;
    block.server_names.clear();
    blocks_.push_back(std::move(block));
  }

  void close() {
    if (blocks_.size() == 1) return;
    if (blocks_.back().name == "server") tell(blocks_.back());
    blocks_.pop_back();
  }

  void take(const std::vector<std::string>& directive, const Place& place, size_t depth) {
    if (directive.size() < 2) return;
    Block& block = blocks_.back();
    const std::string& name = directive[0];
    if (name == "include") {
      for (const std::string& path :
           configuration_.matches(absolute_path(directive[1], directory_)))
        read(path, depth + 1);
    } else if (name == "ssl_certificate") {
      // The first of a block's own replaces what is around it.
      if (!std::exchange(block.has_own, true)) block.certificates.clear();
      if (block.certificates.size() < kMostCertificates)
        block.certificates.push_back({directive[1], place});
      else
        configuration_.complain(place, "not read: too many certificates of one server");
    } else if (name == "ssl_certificate_key") {
      if (!std::exchange(block.has_own_keys, true)) block.keys.clear();
      if (block.keys.size() < kMostCertificates) block.keys.push_back({directive[1], place});
    } else if (name == "server_name") {
      add_names(directive, block);
    } else if (name == "listen") {
      for (const std::string& word : directive)
        block.listens_with_tls |= word == "ssl" || word == "quic";
    } else if (name == "ssl") {
      block.listens_with_tls |= directive[1] == "on";
    } else if (name == "starttls") {
      block.listens_with_tls |= directive[1] == "on" || directive[1] == "only";
    }
  }

  static void add_names(const std::vector<std::string>& directive, Block& block) {
    for (size_t each = 1; each < directive.size(); ++each) {
      const std::string& name = directive[each];
      // An expression is no name, and neither are those that nobody asks for.
      if (name.empty() || name == "_" || name.starts_with('~') || name.starts_with('$')) continue;
      if (name.starts_with('.')) {
        block.server_names.push_back(name.substr(1));
        block.server_names.push_back("*" + name);
      } else {
        block.server_names.push_back(name);
      }
    }
  }

  // A server that does not speak TLS itself may have certificates for another of its socket.
  void tell(const Block& block) {
    if (!block.has_own && !block.listens_with_tls) return;
    for (size_t each = 0; each < block.certificates.size(); ++each) {
      const Named& certificate = block.certificates[each];
      const std::string key = each < block.keys.size() ? block.keys[each].path : "";
      if (certificate.path.find('$') != std::string::npos ||
          certificate.path.find(':') != std::string::npos) {
        configuration_.complain(
            certificate.place,
            fmt::format("ssl_certificate {} is known when nginx is asked only", certificate.path));
        continue;
      }
      const bool is_file = key.find('$') == std::string::npos && key.find(':') == std::string::npos;
      configuration_.add_use(certificate.place, absolute_path(certificate.path, directory_),
                             is_file ? absolute_path(key, directory_) : "", block.server_names);
    }
  }

  Configuration& configuration_;
  const std::string directory_;
  std::vector<Block> blocks_;
};

}  // namespace

void read_nginx(Configuration& configuration, const std::string& main) {
  Nginx(configuration, main).read(main, 0);
}

}  // namespace muster::configured
