// keys_match: the private key beside a certificate, or each that is configured with it, belongs to
// it. Where a renewal replaced one of both, the server goes on with the old ones until it is
// started anew, and then does not start.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/policy/rules/certificate_subjects.h"
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/few_texts.h"
#include "common/policy/rules/one_section.h"
#include "common/text.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kLongestPath = 4096;
// What is said of the keys that are configured with one certificate.
constexpr size_t kMostKeys = 3;
constexpr size_t kLongestReason = 8192;

// A certificate's file and the file of its key, as they belong together.
struct Pair {
  const v1::CertificateFile* file;
  std::string_view key_path;
  // The server that is configured with both; null: they lie beside each other.
  const v1::CertificateUse* use;
};

class Keys {
 public:
  explicit Keys(const v1::CertificateFacts& facts) {
    for (const v1::KeyFile& key : facts.keys())
      by_path_[key.path()].push_back(&key);
  }

  Judgement judge(const Pair& pair) const {
    const std::string key_path = printable(pair.key_path, kLongestPath);
    if (pair.file->certificates().empty()) {
      return {.reason = fmt::format("{} is configured with it, and it could not be read: {}",
                                    printable(pair.use->program(), 64),
                                    printable(pair.file->error(), 256))};
    }
    const std::string& wanted = pair.file->certificates(0).public_key_sha256();
    if (wanted.empty()) return {.reason = "the public key of its certificate could not be read"};
    const auto found = by_path_.find(pair.key_path);
    if (found == by_path_.end()) {
      return {.reason = fmt::format("its key {} could not be read", key_path)};
    }
    // A file may have several keys.
    std::string unread;
    for (const v1::KeyFile* key : found->second) {
      if (key->public_key_sha256() == wanted) {
        return {.kind = Kind::kMet, .reason = fmt::format("its key is {}", key_path)};
      }
      if (key->public_key_sha256().empty()) unread = why_unread(*key);
    }
    if (!unread.empty())
      return {.reason = fmt::format("whether its key is {} is not known: {}", key_path, unread)};
    return {.kind = Kind::kUnmet, .reason = mismatch(pair, key_path)};
  }

 private:
  static std::string why_unread(const v1::KeyFile& key) {
    if (!key.error().empty()) return printable(key.error(), 256);
    return key.encrypted() ? "it takes a password that the probe was not given"
                           : "it could not be read";
  }

  static std::string mismatch(const Pair& pair, const std::string& key_path) {
    if (pair.use == nullptr) {
      return fmt::format(
          "the key {} belongs to another certificate: a server that is started "
          "with both does not start, one that runs serves what was there before",
          key_path);
    }
    return fmt::format(
        "the key {} belongs to another certificate: {} ({}) will not start with both, and serves "
        "what was there before until then",
        key_path, printable(pair.use->program(), 64), printable(pair.use->configured_at(), 256));
  }

  std::unordered_map<std::string_view, std::vector<const v1::KeyFile*>> by_path_;
};

// Of one certificate's file, each key once: those that configurations pair with it, else the one
// beside it.
using Pairs = std::vector<Pair>;

std::vector<Pairs> pairs_of(const v1::CertificateFacts& facts) {
  using ByKey = std::map<std::string_view, const v1::CertificateUse*>;
  std::unordered_map<std::string_view, ByKey> uses;
  for (const v1::CertificateUse& use : facts.uses()) {
    if (!use.key_path().empty()) uses[use.certificate_path()].emplace(use.key_path(), &use);
  }
  std::vector<Pairs> all;
  for (const v1::CertificateFile& file : facts.files()) {
    const auto configured = uses.find(file.path());
    const bool is_configured = configured != uses.end();
    // What has no certificate has no key beside it; what is configured and was not read may have.
    if (file.certificates().empty() && (!is_configured || file.error().empty())) continue;
    Pairs pairs;
    if (is_configured) {
      for (const auto& [key_path, use] : configured->second)
        pairs.push_back({.file = &file, .key_path = key_path, .use = use});
    } else if (!file.key_path().empty()) {
      pairs.push_back({.file = &file, .key_path = file.key_path(), .use = nullptr});
    }
    if (!pairs.empty()) all.push_back(std::move(pairs));
  }
  return all;
}

// One is enough that does not belong to it; then one of which it is not known.
Judgement judge_all(const Keys& keys, const Pairs& pairs) {
  FewTexts unmet(kMostKeys);
  FewTexts unknown(kMostKeys);
  FewTexts met(kMostKeys);
  for (const Pair& pair : pairs) {
    const Judgement judgement = keys.judge(pair);
    FewTexts& alike = judgement.kind == Kind::kUnmet ? unmet
                      : judgement.kind == Kind::kMet ? met
                                                     : unknown;
    alike.add(judgement.reason, kLongestReason);
  }
  if (!unmet.empty()) return {.kind = Kind::kUnmet, .reason = unmet.joined("; ")};
  if (!unknown.empty()) return {.kind = Kind::kUnknown, .reason = unknown.joined("; ")};
  return {.kind = Kind::kMet, .reason = met.joined("; ")};
}

}  // namespace

RuleOutput judge_keys_match(const RuleInput& input) {
  RuleOutput output;
  const auto section = read_one_section<v1::CertificateFacts>(input, kCertificateProbe, output);
  if (section.facts == nullptr) return output;
  const Keys keys(*section.facts);
  size_t met = 0;
  for (const Pairs& pairs : pairs_of(*section.facts)) {
    Judgement judgement = judge_all(keys, pairs);
    judgement.subject = printable(pairs.front().file->path(), kLongestPath);
    judgement.holds_until = section.holds_until;
    if (judgement.kind == Kind::kMet) ++met;
    output.judgements.push_back(std::move(judgement));
  }
  if (output.judgements.empty()) {
    output.judgements.push_back({.kind = Kind::kNotApplicable,
                                 .reason = "no key is known to belong to a certificate",
                                 .holds_until = section.holds_until});
  }
  if (met > 1 && met == output.judgements.size())
    output.summary = fmt::format("{} certificates have the key that belongs to them", met);
  return output;
}

}  // namespace muster::policy
