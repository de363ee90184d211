// OpenLDAP's slapd.conf(5) and slapd-config(5).
#include <optional>

#include "agent/probes/certificates/configured/configuration_text.h"
#include "agent/probes/certificates/configured/servers.h"
#include "common/text.h"

namespace muster::configured {
namespace {

struct Pair {
  std::string certificate;
  std::string key;
  Place place;
};

void take_directives(Configuration& configuration, const std::string& path, size_t depth,
                     Pair& pair) {
  const std::optional<std::string> text = configuration.text(path, depth);
  if (!text) return;
  for (const Line& line : lines_of(*text, Continued::kByIndent)) {
    const std::vector<std::string> words = words_of(line.text);
    if (words.size() < 2) continue;
    if (same_word(words[0], "include")) {
      take_directives(configuration, words[1], depth + 1, pair);
    } else if (same_word(words[0], "TLSCertificateFile")) {
      pair.certificate = words[1];
      pair.place = {path, line.number};
    } else if (same_word(words[0], "TLSCertificateKeyFile")) {
      pair.key = words[1];
    }
  }
}

}  // namespace

void read_slapd_conf(Configuration& configuration, const std::string& main) {
  Pair pair;
  take_directives(configuration, main, 0, pair);
  if (!pair.certificate.empty()) configuration.add_use(pair.place, pair.certificate, pair.key);
}

void read_slapd_ldif(Configuration& configuration, const std::string& main) {
  const std::optional<std::string> text = configuration.text(main);
  if (!text) return;
  Pair pair;
  for (const Line& line : lines_of(*text, Continued::kByIndent, "#", "")) {
    const size_t colon = std::min(line.text.find(':'), line.text.size());
    const std::string name = line.text.substr(0, colon);
    const bool is_certificate = same_word(name, "olcTLSCertificateFile");
    if (!is_certificate && !same_word(name, "olcTLSCertificateKeyFile")) continue;
    std::string_view value =
        std::string_view(line.text).substr(std::min(colon + 1, line.text.size()));
    if (value.starts_with(':') || value.starts_with('<')) {
      configuration.complain(Place{main, line.number}, name + " is in base64 or another file");
      continue;
    }
    (is_certificate ? pair.certificate : pair.key) = trim(value);
    if (is_certificate) pair.place = {main, line.number};
  }
  if (!pair.certificate.empty()) configuration.add_use(pair.place, pair.certificate, pair.key);
}

}  // namespace muster::configured
