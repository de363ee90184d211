// HAProxy's `bind`, `crt` and `crt-list`: https://docs.haproxy.org/2.6/configuration.html#5.1
#include <fmt/format.h>

#include <array>
#include <optional>

#include "agent/probes/certificates/configured/configuration_text.h"
#include "agent/probes/certificates/configured/servers.h"

namespace muster::configured {
namespace {

// Files that lie beside a certificate in a directory and are none.
constexpr std::array<std::string_view, 5> kBeside = {".key", ".ocsp", ".issuer", ".sctl", ".dh"};

class Haproxy {
 public:
  explicit Haproxy(Configuration& configuration) : configuration_(configuration) {}

  void read(const std::string& path) {
    const std::optional<std::string> text = configuration_.text(path);
    if (!text) return;
    for (const Line& line : lines_of(*text, Continued::kNever)) {
      const std::vector<std::string> words = words_of(line.text);
      if (words.size() < 2) continue;
      if (words[0] == "crt-base")
        base_ = words[1];
      else if (words[0] == "bind")
        bind(words, {path, line.number});
    }
  }

 private:
  void bind(const std::vector<std::string>& words, const Place& place) {
    for (size_t each = 2; each + 1 < words.size(); ++each) {
      if (words[each] == "crt")
        certificates(words[each + 1], place, {});
      else if (words[each] == "crt-list")
        list(words[each + 1], place);
    }
  }

  // A file, or a directory with files of which each is a certificate with its key.
  void certificates(const std::string& named, const Place& place,
                    const std::vector<std::string>& server_names) {
    const std::string path = resolved(named);
    const std::vector<std::string> names = configuration_.names(path);
    if (names.empty()) {
      certificate(path, place, server_names);
      return;
    }
    for (const std::string& name : names) {
      bool is_beside = name.starts_with('.');
      for (const std::string_view ending : kBeside)
        is_beside |= name.ends_with(ending);
      if (!is_beside) certificate(path + "/" + name, place, server_names);
    }
  }

  // The key is in the same file, or in one of the same name with ".key" after it.
  void certificate(const std::string& path, const Place& place,
                   const std::vector<std::string>& server_names) {
    const std::string beside = path + ".key";
    configuration_.add_use(place, path, configuration_.exists(beside) ? beside : path,
                           server_names);
  }

  // Lines "FILE [options] names…"; names that begin with "!" are those that do not count.
  void list(const std::string& named, const Place& place) {
    const std::string path = resolved(named);
    if (!path.starts_with('/')) {
      configuration_.complain(place, fmt::format("crt-list {} is no absolute path", named));
      return;
    }
    const std::optional<std::string> text = configuration_.text(path, 1);
    if (!text) return;
    for (const Line& line : lines_of(*text, Continued::kNever)) {
      const std::vector<std::string> words = words_of(line.text);
      std::vector<std::string> server_names;
      bool in_options = false;
      for (size_t each = 1; each < words.size(); ++each) {
        in_options |= words[each].starts_with('[');
        if (!in_options && !words[each].starts_with('!')) server_names.push_back(words[each]);
        if (words[each].ends_with(']')) in_options = false;
      }
      if (!words.empty()) certificates(words[0], {path, line.number}, server_names);
    }
  }

  // Relative ones are below crt-base; without it they are where HAProxy was started, which nobody
  // can tell, and stay as they are.
  std::string resolved(const std::string& path) const {
    return path.starts_with('/') || !base_.empty() ? absolute_path(path, base_) : path;
  }

  Configuration& configuration_;
  std::string base_;
};

}  // namespace

void read_haproxy(Configuration& configuration, const std::string& main) {
  Haproxy(configuration).read(main);
}

}  // namespace muster::configured
