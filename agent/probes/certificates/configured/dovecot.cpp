// Dovecot's syntax: https://doc.dovecot.org/2.3/configuration_manual/config_file/
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "agent/probes/certificates/configured/configuration_text.h"
#include "agent/probes/certificates/configured/servers.h"

namespace muster::configured {
namespace {

// A certificate's setting and its key's: of 2.3, where "<" before a path reads the file, and
// of 2.4.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kPairs = {{
    {"ssl_cert", "ssl_key"},
    {"ssl_alt_cert", "ssl_alt_key"},
    {"ssl_server_cert_file", "ssl_server_key_file"},
}};

struct Value {
  std::string text;
  Place place;
};

// The settings of a block, those of what is around it left out.
struct Scope {
  std::vector<std::string> names;  // of local_name
  std::map<std::string, Value, std::less<>> values;
};

class Dovecot {
 public:
  explicit Dovecot(Configuration& configuration) : configuration_(configuration), scopes_(1) {}

  void read(const std::string& path, size_t depth) {
    const std::optional<std::string> text = configuration_.text(path, depth);
    if (!text) return;
    for (const Line& line : lines_of(*text, Continued::kByBackslash))
      take(line, path, depth);
  }

  void finish() {
    while (scopes_.size() > 1)
      close();
    if (const auto ssl = scopes_[0].values.find("ssl");
        ssl != scopes_[0].values.end() && ssl->second.text == "no") {
      return;
    }
    told_.push_back(std::move(scopes_[0]));
    for (const Scope& scope : told_)
      tell(scope);
  }

 private:
  static constexpr size_t kMostBlocks = 64;
  static constexpr size_t kMostScopes = 4096;

  void take(const Line& line, const std::string& path, size_t depth) {
    const std::vector<std::string> words = words_of(line.text);
    if (words.empty()) return;
    const size_t equals = line.text.find('=');
    if (words[0] == "!include" || words[0] == "!include_try") {
      include(words, path, depth);
    } else if (line.text.ends_with('{') && equals == std::string::npos) {
      open(words);
    } else if (words[0] == "}") {
      close();
    } else if (equals != std::string::npos) {
      const std::string name(trim_end(line.text.substr(0, equals)));
      // A comment after it goes; quotes around it too.
      std::string value;
      for (const std::string& word : words_of(std::string_view(line.text).substr(equals + 1)))
        value += value.empty() ? word : " " + word;
      Scope& scope = scopes_.back();
      if (scope.values.size() < 1024) {
        scope.values[name] = {
            file_of(value, path),
            {path, line.number},
        };
      }
    }
  }

  static std::string trim_end(std::string text) {
    text.resize(text.find_last_not_of(" \t") + 1);
    return text;
  }

  // "</path", relative ones from the file that says so.
  static std::string file_of(const std::string& value, const std::string& path) {
    if (!value.starts_with('<')) return value;
    const size_t begin = value.find_first_not_of("< ");
    return begin == std::string::npos ? "" : absolute_path(value.substr(begin), directory_of(path));
  }

  void include(const std::vector<std::string>& words, const std::string& path, size_t depth) {
    if (words.size() < 2) return;
    for (const std::string& included :
         configuration_.matches(absolute_path(words[1], directory_of(path)))) {
      if (words[0] == "!include" || configuration_.exists(included)) read(included, depth + 1);
    }
  }

  // What a service or protocol says for itself is not told apart from its block's begin on; only a
  // name's certificates are.
  void open(const std::vector<std::string>& words) {
    if (scopes_.size() == kMostBlocks) {
      ++too_deep_;
      return;
    }
    Scope scope;
    if (words[0] == "local_name") {
      for (size_t each = 1; each < words.size() && words[each] != "{"; ++each)
        scope.names.push_back(words[each]);
    }
    scopes_.push_back(std::move(scope));
  }

  void close() {
    if (too_deep_ > 0) {
      --too_deep_;
      return;
    }
    if (scopes_.size() == 1) return;
    if (told_.size() < kMostScopes) told_.push_back(std::move(scopes_.back()));
    scopes_.pop_back();
  }

  void tell(const Scope& scope) {
    for (const auto& [certificate, key] : kPairs) {
      const auto named = scope.values.find(certificate);
      if (named == scope.values.end() || named->second.text.empty()) continue;
      const auto key_named = scope.values.find(key);
      configuration_.add_use(named->second.place, named->second.text,
                             key_named == scope.values.end() ? "" : key_named->second.text,
                             scope.names);
    }
  }

  Configuration& configuration_;
  std::vector<Scope> scopes_;
  std::vector<Scope> told_;
  size_t too_deep_ = 0;
};

}  // namespace

void read_dovecot(Configuration& configuration, const std::string& main) {
  Dovecot dovecot(configuration);
  dovecot.read(main, 0);
  dovecot.finish();
}

}  // namespace muster::configured
