#include "agent/probes/packages_apt/keyring_choice.h"

#include <algorithm>
#include <cctype>

#include "agent/probes/packages_apt/openpgp_packets.h"

namespace muster::packages_apt {

KeyringChoice keyring_choice(std::string_view signed_by) {
  KeyringChoice choice;
  if (is_armored(signed_by)) {
    choice.embedded = signed_by;
    return choice;
  }
  while (!signed_by.empty()) {
    const size_t end = std::min(signed_by.find_first_of(", \t\n"), signed_by.size());
    std::string word(signed_by.substr(0, end));
    signed_by.remove_prefix(std::min(end + 1, signed_by.size()));
    if (word.empty()) continue;
    if (word.starts_with('/')) {
      choice.files.push_back(std::move(word));
      continue;
    }
    std::transform(word.begin(), word.end(), word.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (word.starts_with("0X")) word.erase(0, 2);
    choice.fingerprints.push_back(std::move(word));
  }
  return choice;
}

bool is_chosen(const KeyringChoice& choice, const OpenPgpKey& key) {
  return choice.fingerprints.empty() ||
         std::any_of(choice.fingerprints.begin(), choice.fingerprints.end(),
                     [&](const std::string& wanted) {
                       if (wanted.ends_with('!')) return wanted == key.fingerprint + '!';
                       return wanted == key.fingerprint || wanted == key.primary_fingerprint;
                     });
}

}  // namespace muster::packages_apt
