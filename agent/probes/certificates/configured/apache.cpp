// Apache's syntax: https://httpd.apache.org/docs/2.4/configuring.html#syntax
#include <fmt/format.h>

#include <map>
#include <optional>
#include <utility>

#include "agent/probes/certificates/configured/configuration_text.h"
#include "agent/probes/certificates/configured/servers.h"

namespace muster::configured {
namespace {

struct Named {
  std::string path;
  Place place;
};

// The server itself, or a virtual host of it.
struct Host {
  std::vector<Named> certificates;
  std::vector<std::string> keys;
  std::vector<std::string> names;
  std::optional<bool> speaks_tls;
};

class Apache {
 public:
  Apache(Configuration& configuration, const std::string& main)
      : configuration_(configuration), root_(directory_of(main)) {
    // httpd.conf lies in a directory of the server's root, apache2.conf in the root itself.
    if (root_.ends_with("/conf")) root_ = directory_of(root_);
  }

  void read(const std::string& path, size_t depth) {
    const std::optional<std::string> text = configuration_.text(path, depth);
    if (!text) return;
    for (const Line& line : lines_of(*text, Continued::kByBackslash)) {
      std::vector<std::string> words = words_of(line.text, "");
      if (words.empty()) continue;
      if (words[0].starts_with('<'))
        section(words[0]);
      else
        take(words, {path, line.number}, depth);
    }
  }

  // What hosts inherit may come after them.
  void finish() {
    tell(main_, main_);
    for (const Host& host : hosts_)
      tell(host, host.certificates.empty() ? main_ : host);
  }

 private:
  static constexpr size_t kMostHosts = 4096;
  static constexpr size_t kMostCertificates = 64;  // of a host

  void section(const std::string& word) {
    if (same_word(word, "<VirtualHost")) {
      // Beyond them, hosts are taken for one: no use is without its certificate, and too many uses
      // are complained about.
      if (hosts_.size() < kMostHosts) hosts_.emplace_back();
      in_host_ = true;
    } else if (same_word(word.substr(0, 13), "</VirtualHost")) {
      in_host_ = false;
    }
  }

  // With what Define has made; unset where a variable is not known, as those of the environment.
  std::optional<std::string> resolved(std::string text) const {
    for (size_t rounds = 0; rounds < 16; ++rounds) {
      const size_t begin = text.find("${");
      if (begin == std::string::npos) return text;
      const size_t end = text.find('}', begin);
      if (end == std::string::npos) return std::nullopt;
      const auto defined = defined_.find(text.substr(begin + 2, end - begin - 2));
      if (defined == defined_.end() || defined->second.size() > 4096) return std::nullopt;
      text.replace(begin, end - begin + 1, defined->second);
    }
    return std::nullopt;
  }

  void take(const std::vector<std::string>& words, const Place& place, size_t depth) {
    if (words.size() < 2) return;
    const std::string& name = words[0];
    Host& host = in_host_ ? hosts_.back() : main_;
    if (same_word(name, "Define")) {
      if (words.size() > 2 && defined_.size() < 1024) defined_[words[1]] = words[2];
    } else if (same_word(name, "ServerRoot")) {
      root_ = words[1];
    } else if (same_word(name, "Include") || same_word(name, "IncludeOptional")) {
      include(words, place, depth, same_word(name, "IncludeOptional"));
    } else if (same_word(name, "SSLCertificateFile")) {
      if (host.certificates.size() < kMostCertificates)
        host.certificates.push_back({words[1], place});
      else
        configuration_.complain(place, "not read: too many certificates of one host");
    } else if (same_word(name, "SSLCertificateKeyFile")) {
      if (host.keys.size() < kMostCertificates) host.keys.push_back(words[1]);
    } else if (same_word(name, "SSLEngine")) {
      host.speaks_tls = !same_word(words[1], "off");
    } else if (same_word(name, "ServerName") || same_word(name, "ServerAlias")) {
      for (size_t each = 1; each < words.size(); ++each)
        host.names.push_back(host_of(words[each]));
    }
  }

  // "https://www.example.org:443" names www.example.org.
  static std::string host_of(std::string name) {
    if (const size_t scheme = name.find("://"); scheme != std::string::npos)
      name.erase(0, scheme + 3);
    if (!name.starts_with('[')) name.resize(std::min(name.find(':'), name.size()));
    return name;
  }

  void include(const std::vector<std::string>& words, const Place& place, size_t depth,
               bool may_be_missing) {
    const std::optional<std::string> pattern = resolved(words[1]);
    if (!pattern) {
      configuration_.complain(place, fmt::format("{} {} has a variable that the environment gives",
                                                 words[0], words[1]));
      return;
    }
    for (const std::string& path : configuration_.matches(absolute_path(*pattern, root_))) {
      if (may_be_missing && !configuration_.exists(path)) continue;
      const std::vector<std::string> names = configuration_.names(path);
      for (const std::string& name : names)
        read(path + "/" + name, depth + 1);
      if (names.empty()) read(path, depth + 1);
    }
  }

  // `host` with the certificates of `configured`, itself or what is around it.
  void tell(const Host& host, const Host& configured) {
    const bool inherits = &host != &configured;
    // What a host inherits is in use where it speaks TLS; its own is configured in any case but
    // one.
    if (inherits && !host.speaks_tls.value_or(false)) return;
    if (host.speaks_tls.has_value() && !*host.speaks_tls) return;
    for (size_t each = 0; each < configured.certificates.size(); ++each) {
      const Named& certificate = configured.certificates[each];
      const std::optional<std::string> path = resolved(certificate.path);
      if (!path) {
        configuration_.complain(certificate.place,
                                fmt::format("SSLCertificateFile {} has a variable that the "
                                            "environment gives",
                                            certificate.path));
        continue;
      }
      // Without a file of its own, the key is beside the certificate in the same.
      std::string key = *path;
      if (each < configured.keys.size()) key = resolved(configured.keys[each]).value_or("");
      configuration_.add_use(certificate.place, absolute_path(*path, root_),
                             absolute_path(key, root_), host.names);
    }
  }

  Configuration& configuration_;
  std::string root_;
  std::map<std::string, std::string> defined_;
  Host main_;
  std::vector<Host> hosts_;
  bool in_host_ = false;
};

}  // namespace

void read_apache(Configuration& configuration, const std::string& main) {
  Apache apache(configuration, main);
  apache.read(main, 0);
  apache.finish();
}

}  // namespace muster::configured
