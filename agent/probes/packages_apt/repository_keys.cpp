#include "agent/probes/packages_apt/repository_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "agent/probes/packages_apt/keyring_choice.h"
#include "agent/probes/packages_apt/opened_keyrings.h"
#include "agent/probes/packages_apt/openpgp_keys.h"
#include "agent/probes/packages_apt/openpgp_packets.h"
#include "agent/probes/packages_apt/origin_rules.h"
#include "agent/probes/packages_apt/package_report.h"
#include "agent/probes/packages_apt/third_party.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::packages_apt {
namespace {

constexpr size_t kLongestReason = 512;

v1::RepositoryKeyState state_of(const OpenPgpKey& key, TimePoint now) {
  if (key.is_revoked) return v1::REPOSITORY_KEY_STATE_REVOKED;
  if (!key.ends_at) return v1::REPOSITORY_KEY_STATE_VALID;
  return TimePoint(std::chrono::seconds(*key.ends_at)) <= now ? v1::REPOSITORY_KEY_STATE_EXPIRED
                                                              : v1::REPOSITORY_KEY_STATE_VALID;
}

bool made(const OpenPgpKey& key, const SignatureFields& signature) {
  return signature.issuer_fingerprint.empty() ? key.id == signature.issuer_id
                                              : key.fingerprint == signature.issuer_fingerprint;
}

class RepositoryJudge {
 public:
  RepositoryJudge(TimePoint now, OpenedKeyrings& keyrings) : now_(now), keyrings_(keyrings) {}

  // Each key that signed, as it stands; if one is valid, only those that are.
  std::vector<v1::RepositoryKey> keys_of(const AptRepository& repository,
                                         const std::vector<SignatureFields>& signatures) {
    const KeyringChoice choice = keyring_choice(repository.signed_by);
    std::vector<v1::RepositoryKey> keys;
    for (const SignatureFields& signature : signatures)
      keys.push_back(key_of(choice, signature));
    const auto is_valid = [](const v1::RepositoryKey& key) {
      return key.state() == v1::REPOSITORY_KEY_STATE_VALID;
    };
    if (std::any_of(keys.begin(), keys.end(), is_valid)) {
      std::erase_if(keys, [&](const v1::RepositoryKey& key) { return !is_valid(key); });
    }
    return keys;
  }

  // Who will sign what was never fetched is not known; without a key that its source takes, nobody
  // can.
  v1::RepositoryKey key_of_unfetched(const AptRepository& repository) {
    constexpr int kMostNamed = 20;
    v1::RepositoryKey key;
    key.set_reason("it was never fetched");
    const KeyringChoice choice = keyring_choice(repository.signed_by);
    if (!choice.embedded.empty()) {
      key.add_keyrings("Signed-By of its source");
      return key;
    }
    bool may_be_there = false;
    for (const std::string& path : choice.files.empty() ? keyrings_.trusted() : choice.files) {
      const OpenedKeyring& opened = keyrings_.open(path);
      const auto& keys = opened.keyring.keys;
      may_be_there = may_be_there || !opened.trouble.empty() ||
                     std::any_of(keys.begin(), keys.end(),
                                 [&](const OpenPgpKey& each) { return is_chosen(choice, each); });
      if (key.keyrings_size() < kMostNamed) key.add_keyrings(shown(path, opened));
    }
    if (!may_be_there) key.set_state(v1::REPOSITORY_KEY_STATE_MISSING);
    return key;
  }

 private:
  static std::string shown(const std::string& path, const OpenedKeyring& opened) {
    return printable(opened.trouble.empty() ? path : fmt::format("{} ({})", path, opened.trouble),
                     512);
  }

  v1::RepositoryKey key_of(const KeyringChoice& choice, const SignatureFields& signature) {
    v1::RepositoryKey key;
    key.set_state(v1::REPOSITORY_KEY_STATE_MISSING);
    key.set_fingerprint(signature.issuer_fingerprint.empty() ? signature.issuer_id
                                                             : signature.issuer_fingerprint);
    if (!choice.embedded.empty()) {
      const Keyring embedded = read_keyring(choice.embedded);
      look_into(embedded, "Signed-By of its source", choice, signature, key);
      return key;
    }
    bool all_known = true;
    for (const std::string& path : choice.files.empty() ? keyrings_.trusted() : choice.files) {
      const OpenedKeyring& opened = keyrings_.open(path);
      all_known = all_known && opened.trouble.empty();
      if (look_into(opened.keyring, shown(path, opened), choice, signature, key)) return key;
    }
    // It may be in the one whose keys are not known.
    if (!all_known && key.state() == v1::REPOSITORY_KEY_STATE_MISSING) {
      key.set_state(v1::REPOSITORY_KEY_STATE_UNSPECIFIED);
    }
    return key;
  }

  // Whether the key is there and valid, so that no other keyring matters.
  bool look_into(const Keyring& keyring, const std::string& path, const KeyringChoice& choice,
                 const SignatureFields& signature, v1::RepositoryKey& out) {
    constexpr int kMostNamed = 20;
    for (const OpenPgpKey& key : keyring.keys) {
      if (!made(key, signature) || !is_chosen(choice, key)) continue;
      out.set_state(state_of(key, now_));
      out.set_fingerprint(key.fingerprint);
      out.set_user_id(printable(key.user_id, kLongestName));
      out.clear_not_after();
      if (key.ends_at) {
        *out.mutable_not_after() = to_proto(TimePoint(std::chrono::seconds(*key.ends_at)));
      }
      out.clear_keyrings();
      out.add_keyrings(printable(path, 512));
      return out.state() == v1::REPOSITORY_KEY_STATE_VALID;
    }
    if (out.state() == v1::REPOSITORY_KEY_STATE_MISSING && out.keyrings_size() < kMostNamed) {
      out.add_keyrings(printable(path, 512));
    }
    return false;
  }

  const TimePoint now_;
  OpenedKeyrings& keyrings_;
};

std::vector<SignatureFields> signatures_in(const std::string& text) {
  const std::string unarmored = is_armored(text) ? without_armor(text) : text;
  std::vector<SignatureFields> signatures;
  for (const Packet& packet : read_packets(unarmored).packets) {
    if (packet.tag != PacketTag::kSignature || signatures.size() == kMostSignatures) continue;
    const std::optional<SignatureFields> fields = read_signature(packet.body);
    if (fields && !fields->issuer_id.empty()) signatures.push_back(*fields);
  }
  return signatures;
}

// Of what was never fetched, or has no Release file, only the source tells.
std::string name_of(const AptRepository& repository, const std::set<std::string>& distribution) {
  if (repository.never_fetched) return printable(repository.place, kLongestName);
  return is_distribution_origin(repository.origin, distribution)
             ? printable(repository.distribution, kLongestName)
             : repository_name(repository.origin);
}

std::vector<v1::RepositoryKey> one_entry(v1::RepositoryKeyState state, const std::string& reason) {
  std::vector<v1::RepositoryKey> entries(1);
  entries[0].set_state(state);
  entries[0].set_reason(printable(reason, kLongestReason));
  return entries;
}

// What there is to say of one repository; never nothing.
std::vector<v1::RepositoryKey> entries_of(const AptRepository& repository, RepositoryJudge& judge) {
  if (!repository.trouble.empty() && !repository.is_trusted_unsigned) {
    return one_entry(v1::REPOSITORY_KEY_STATE_UNSPECIFIED,
                     repository.place + ": " + repository.trouble);
  }
  const bool is_unsigned = repository.signature.empty() && !repository.never_fetched;
  if (repository.is_trusted_unsigned || is_unsigned) {
    const bool is_bare = !repository.has_release && !repository.never_fetched;
    return one_entry(v1::REPOSITORY_KEY_STATE_UNSIGNED,
                     is_bare ? repository.place + " has no Release file" : "");
  }
  if (repository.never_fetched) return {judge.key_of_unfetched(repository)};
  const auto signatures = signatures_in(repository.signature);
  if (signatures.empty()) {
    return one_entry(v1::REPOSITORY_KEY_STATE_UNSPECIFIED,
                     "the signature of " + repository.place + " could not be read");
  }
  return judge.keys_of(repository, signatures);
}

// Repositories by their name and their site: a mirror calls itself what it likes.
class Entries {
 public:
  void add(const std::string& name, const std::string& site,
           std::vector<v1::RepositoryKey> entries) {
    const auto of_entry = [](const v1::RepositoryKey& key) {
      return std::tie(key.fingerprint(), key.reason());
    };
    std::sort(entries.begin(), entries.end(),
              [&](const auto& a, const auto& b) { return of_entry(a) < of_entry(b); });
    const auto are_same = [&](const auto& a, const auto& b) {
      return of_entry(a) == of_entry(b) && a.state() == b.state();
    };
    entries.erase(std::unique(entries.begin(), entries.end(), are_same), entries.end());
    std::vector<std::vector<v1::RepositoryKey>>& all = repositories_[{name, site}];
    const bool is_known = std::any_of(all.begin(), all.end(), [&](const auto& known) {
      return std::equal(known.begin(), known.end(), entries.begin(), entries.end(), are_same);
    });
    if (is_known) return;
    for (v1::RepositoryKey& key : entries) {
      key.set_repository(name);
      if (site != name) key.set_site(site);
      key.set_number(static_cast<uint32_t>(all.size()));
    }
    all.push_back(std::move(entries));
  }

  // In the order of the contract.
  std::vector<v1::RepositoryKey> take() {
    std::vector<v1::RepositoryKey> keys;
    for (auto& [place, all] : repositories_) {
      for (std::vector<v1::RepositoryKey>& entries : all)
        std::move(entries.begin(), entries.end(), std::back_inserter(keys));
    }
    repositories_.clear();
    return keys;
  }

 private:
  std::map<std::pair<std::string, std::string>, std::vector<std::vector<v1::RepositoryKey>>>
      repositories_;
};

// Keeps what is not well, so that a bound crossed never hides it, and room for the entry that says
// what is left out.
void shorten(std::vector<v1::RepositoryKey>& keys) {
  const auto in_order = [](const v1::RepositoryKey& a, const v1::RepositoryKey& b) {
    const auto place = [](const v1::RepositoryKey& key) {
      return std::tuple<const std::string&, const std::string&, uint32_t, const std::string&>(
          key.repository(), key.site(), key.number(), key.fingerprint());
    };
    return place(a) < place(b);
  };
  std::stable_partition(keys.begin(), keys.end(), [](const v1::RepositoryKey& key) {
    return key.state() != v1::REPOSITORY_KEY_STATE_VALID;
  });
  keys.resize(kMostRepositoryKeys - 1);
  std::stable_sort(keys.begin(), keys.end(), in_order);
}

}  // namespace

std::vector<v1::RepositoryKey> repository_keys(const std::string& root, const AptPaths& paths,
                                               const AptSnapshot& snapshot, TimePoint now) {
  const std::set<std::string> distribution = distribution_origins(snapshot);
  OpenedKeyrings keyrings(root, paths);
  RepositoryJudge judge(now, keyrings);
  Entries entries;
  for (const AptRepository& repository : snapshot.repositories) {
    // The place of what was never fetched has its site in it.
    entries.add(
        name_of(repository, distribution),
        repository.never_fetched ? std::string() : printable(repository.origin.site, kLongestName),
        entries_of(repository, judge));
  }
  std::vector<v1::RepositoryKey> keys = entries.take();
  std::string left_out;
  if (snapshot.all_repositories > snapshot.repositories.size()) {
    left_out = fmt::format("only {} of {} repositories were looked at",
                           snapshot.repositories.size(), snapshot.all_repositories);
  }
  const size_t all = keys.size();
  if (all + (left_out.empty() ? 0 : 1) > kMostRepositoryKeys) {
    shorten(keys);
    if (left_out.empty()) {
      left_out = fmt::format("only {} of {} keys of repositories are listed", keys.size(), all);
    }
  }
  if (left_out.empty()) return keys;
  keys.insert(keys.begin(), one_entry(v1::REPOSITORY_KEY_STATE_UNSPECIFIED, left_out)[0]);
  return keys;
}

}  // namespace muster::packages_apt
