#include "agent/probes/packages_apt/repository_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>

#include "agent/probes/packages_apt/keyring_choice.h"
#include "agent/probes/packages_apt/openpgp_keys.h"
#include "agent/probes/packages_apt/openpgp_packets.h"
#include "agent/probes/packages_apt/origin_rules.h"
#include "agent/probes/packages_apt/package_report.h"
#include "agent/probes/packages_apt/third_party.h"
#include "agent/probes/root_files.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::packages_apt {
namespace {

struct OpenedKeyring {
  Keyring keyring;
  // Why the keys in it are not known, for an operator; empty: they are.
  std::string trouble;
};

OpenedKeyring read(const std::string& root, const std::string& path) {
  const auto content = probe::read_in_root(root, path, kLargestKeyring);
  if (absl::IsNotFound(content.status())) return {};
  if (!content.ok()) {
    // In its sandbox it may read the usual places only.
    const bool denied = absl::IsPermissionDenied(content.status());
    return {
        {},
        std::string(content.status().message()) +
            (denied ? "; let all users read it, and name it in the probe's setting readable" : "")};
  }
  if (const std::string reason = why_apt_skips(path, *content); !reason.empty()) {
    return {{}, "apt before 3.0 takes no key from it, since " + reason};
  }
  OpenedKeyring opened{read_keyring(*content), {}};
  if (!opened.keyring.whole && !content->empty()) {
    opened.trouble = "it is in no format that apt reads, or breaks off";
  }
  return opened;
}

// Reads each keyring once a look. One that is not there holds no key.
class Keyrings {
 public:
  Keyrings(const std::string& root, const AptPaths& paths) : root_(root), paths_(paths) {}

  const OpenedKeyring& open(const std::string& path) {
    static const OpenedKeyring too_many = {{}, "it is one keyring too many to be read"};
    const auto known = read_.find(path);
    if (known != read_.end()) return known->second;
    if (read_.size() == kMostKeyrings) return too_many;
    return read_[path] = read(root_, path);
  }

  // Those that count for every repository whose source names none.
  const std::vector<std::string>& trusted() {
    if (!trusted_) trusted_ = list_trusted();
    return *trusted_;
  }

 private:
  std::vector<std::string> list_trusted() {
    std::vector<std::string> files;
    if (paths_.trusted != "/dev/null") files.push_back(paths_.trusted);
    const std::string& parts = paths_.trusted_parts;
    if (parts == "/dev/null") return files;
    const auto names = probe::list_in_root(root_, parts, kMostKeyrings);
    if (!names.ok()) {
      if (absl::IsNotFound(names.status())) return files;
      read_[parts] = {{}, std::string(names.status().message())};
      files.push_back(parts);
      return files;
    }
    for (const std::string& name : *names) {
      if (name.ends_with(".gpg") || name.ends_with(".asc")) files.push_back(parts + "/" + name);
    }
    return files;
  }

  const std::string& root_;
  const AptPaths& paths_;
  std::map<std::string, OpenedKeyring> read_;
  std::optional<std::vector<std::string>> trusted_;
};

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
  RepositoryJudge(TimePoint now, Keyrings& keyrings) : now_(now), keyrings_(keyrings) {}

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
  Keyrings& keyrings_;
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

// Of what was never fetched only the source tells: "download.docker.com bookworm".
std::string name_of(const AptRepository& repository, const std::set<std::string>& distribution) {
  if (repository.never_fetched) {
    return printable(trim(repository.origin.site + " " + repository.distribution), kLongestName);
  }
  return is_distribution_origin(repository.origin, distribution)
             ? printable(repository.distribution, kLongestName)
             : repository_name(repository.origin);
}

}  // namespace

std::vector<v1::RepositoryKey> repository_keys(const std::string& root, const AptPaths& paths,
                                               const AptSnapshot& snapshot, TimePoint now,
                                               std::vector<std::string>& problems) {
  const std::set<std::string> distribution = distribution_origins(snapshot);
  Keyrings keyrings(root, paths);
  RepositoryJudge judge(now, keyrings);
  // Of one name there may be several, on several hosts.
  using Place = std::tuple<std::string, std::string, int>;
  std::map<Place, v1::RepositoryKey> found;
  for (const AptRepository& repository : snapshot.repositories) {
    const std::string name = name_of(repository, distribution);
    std::vector<v1::RepositoryKey> keys;
    const bool is_unsigned = repository.signature.empty() && !repository.never_fetched;
    if (repository.is_trusted_unsigned || is_unsigned) {
      keys.emplace_back().set_state(v1::REPOSITORY_KEY_STATE_UNSIGNED);
    } else if (repository.never_fetched) {
      keys.push_back(judge.key_of_unfetched(repository));
    } else if (const auto signatures = signatures_in(repository.signature); signatures.empty()) {
      keys.emplace_back();
      problems.push_back(fmt::format("the signature of {} could not be read", name));
    } else {
      keys = judge.keys_of(repository, signatures);
    }
    for (v1::RepositoryKey& key : keys) {
      key.set_repository(name);
      found.try_emplace({name, key.fingerprint(), key.state()}, std::move(key));
    }
  }
  std::vector<v1::RepositoryKey> keys;
  for (auto& [place, key] : found) {
    if (keys.size() == kMostRepositoryKeys) {
      problems.push_back(fmt::format("only {} of {} keys of repositories are listed",
                                     kMostRepositoryKeys, found.size()));
      break;
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace muster::packages_apt
