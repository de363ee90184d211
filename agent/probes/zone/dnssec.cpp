#include "agent/probes/zone/dnssec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "agent/probes/zone/ldns_handles.h"
#include "common/text.h"

namespace muster::zone {
namespace {

constexpr size_t kDetailLimit = 256;
constexpr size_t kMostSigners = 16;
// Signatures of one set, and keys, that are tried: each try is one verification.
constexpr size_t kMostSignatures = 16;
constexpr size_t kMostKeys = 32;

// Where the parts of a record are.
struct SignatureParts {
  enum : size_t { kAlgorithm = 1, kEnds = 4, kBegins = 5, kSigner = 7 };
};
struct SignerParts {
  enum : size_t { kTag, kAlgorithm, kDigestType, kDigest };
};
struct KeyParts {
  enum : size_t { kFlags, kProtocol, kAlgorithm };
};

enum class Found { kGood, kUnknown, kBroken };

struct Finding {
  Found found = Found::kGood;
  std::string why;
};

std::optional<ldns_hash> hash_of(uint32_t digest_type) {
  for (const ldns_hash known : {LDNS_SHA1, LDNS_SHA256, LDNS_SHA384})
    if (static_cast<uint32_t>(known) == digest_type) return known;
  return std::nullopt;
}

bool is_known(uint32_t algorithm) {
  static constexpr auto kKnown = std::to_array<uint32_t>(
      {LDNS_RSASHA1, LDNS_RSASHA1_NSEC3, LDNS_RSASHA256, LDNS_RSASHA512, LDNS_ECDSAP256SHA256,
       LDNS_ECDSAP384SHA384, LDNS_ED25519, LDNS_ED448});
  return std::find(kKnown.begin(), kKnown.end(), algorithm) != kKnown.end();
}

LdnsRecords copy_of(const std::vector<Record>& records, size_t most) {
  LdnsRecords list(ldns_rr_list_new());
  for (const Record& record : records) {
    if (ldns_rr_list_rr_count(list.get()) == most) break;
    LdnsRecord copy(ldns_rr_clone(record.get()));
    if (copy != nullptr && ldns_rr_list_push_rr(list.get(), copy.get()))
      static_cast<void>(copy.release());
  }
  return list;
}

// Keys of the zone that may sign (RFC 4034, section 2.1.1).
std::vector<Record> signing_keys(const Message& message, const std::string& zone) {
  std::vector<Record> keys = message.records(Part::kAnswer, zone, Type::kDnskey);
  std::erase_if(keys, [](const Record& key) {
    constexpr uint32_t kDnssec = 3;
    return (key.number(KeyParts::kFlags) & LDNS_KEY_ZONE_KEY) == 0 ||
           key.number(KeyParts::kProtocol) != kDnssec;
  });
  if (keys.size() > kMostKeys) keys.erase(keys.begin() + kMostKeys, keys.end());
  return keys;
}

bool fits(const Record& key, const Record& signer) {
  if (key.number(KeyParts::kAlgorithm) != signer.number(SignerParts::kAlgorithm) ||
      ldns_calc_keytag(key.get()) != signer.number(SignerParts::kTag)) {
    return false;
  }
  const std::optional<ldns_hash> hash = hash_of(signer.number(SignerParts::kDigestType));
  if (!hash) return false;
  const LdnsRecord made(ldns_key_rr2ds(key.get(), *hash));
  return made != nullptr &&
         Record(made.get()).bytes(SignerParts::kDigest) == signer.bytes(SignerParts::kDigest);
}

Finding check_set(const ServedSet& set, const std::string& zone, const std::vector<Record>& keys,
                  const std::string& at) {
  const std::string what =
      fmt::format("{} of {} at {}", type_text(set.type), set.owner.empty() ? "." : set.owner, at);
  std::vector<Record> signatures = set.message.signatures(Part::kAnswer, set.owner, set.type);
  std::erase_if(signatures, [&zone](const Record& signature) {
    return signature.name(SignatureParts::kSigner) != zone;
  });
  if (signatures.empty()) return {Found::kBroken, what + " is not signed"};
  const LdnsRecords records =
      copy_of(set.message.records(Part::kAnswer, set.owner, set.type), SIZE_MAX);
  const LdnsRecords trusted = copy_of(keys, kMostKeys);
  bool unknown = false;
  size_t tried = 0;
  for (const Record& signature : signatures) {
    if (tried++ == kMostSignatures) break;
    if (!is_known(signature.number(SignatureParts::kAlgorithm))) {
      unknown = true;
      continue;
    }
    const LdnsRecords by(ldns_rr_list_new());
    const ldns_status status =
        ldns_verify_rrsig_keylist_notime(records.get(), signature.get(), trusted.get(), by.get());
    // These are the keys of `trusted`.
    while (ldns_rr_list_pop_rr(by.get()) != nullptr) {
    }
    if (status == LDNS_STATUS_OK) return {};
    unknown = unknown || status == LDNS_STATUS_CRYPTO_UNKNOWN_ALGO || status == LDNS_STATUS_MEM_ERR;
  }
  if (unknown) return {Found::kUnknown, what + " is signed in a way that is not known here"};
  return {Found::kBroken, what + " is signed by no key that the zone above trusts"};
}

// From the DS records of the zone above down to what one server served.
Finding check_server(const std::string& zone, const std::vector<Record>& signers,
                     const ServedZone& served) {
  if (!served.keys) {
    return {Found::kUnknown,
            fmt::format("{} did not tell its keys: {}", served.at, served.keys_unknown)};
  }
  const std::vector<Record> keys = signing_keys(*served.keys, zone);
  if (keys.empty()) return {Found::kBroken, fmt::format("{} serves no key", served.at)};
  std::vector<Record> entry;
  for (const Record& key : keys)
    if (std::any_of(signers.begin(), signers.end(),
                    [&key](const Record& signer) { return fits(key, signer); })) {
      entry.push_back(key);
    }
  if (entry.empty()) {
    return {Found::kBroken,
            fmt::format("no key at {} is that of a DS record of the zone above", served.at)};
  }
  const ServedSet key_set{.message = *served.keys, .owner = zone, .type = Type::kDnskey};
  Finding worst = check_set(key_set, zone, entry, served.at);
  if (worst.found != Found::kGood) return worst;
  for (const ServedSet& set : served.sets) {
    Finding finding = check_set(set, zone, keys, served.at);
    if (finding.found > worst.found) worst = std::move(finding);
  }
  return worst;
}

// The dates of all signatures by the zone that were seen.
class Dates {
 public:
  void see(const std::string& zone, const ServedSet& set, const std::string& at) {
    for (const Record& signature : set.message.signatures(Part::kAnswer, set.owner, set.type)) {
      if (signature.name(SignatureParts::kSigner) != zone) continue;
      const uint32_t ends = signature.number(SignatureParts::kEnds);
      if (!first_end_ || ends < *first_end_) {
        first_end_ = ends;
        of_ = set.owner == zone ? fmt::format("{} at {}", type_text(set.type), at)
                                : fmt::format("{} of {} at {}", type_text(set.type), set.owner, at);
      }
      last_begin_ = std::max(last_begin_, signature.number(SignatureParts::kBegins));
    }
  }

  void write(v1::ZoneFacts& facts) const {
    if (!first_end_) return;
    facts.mutable_signatures_expire()->set_seconds(*first_end_);
    facts.set_signatures_expire_of(printable(of_, kDetailLimit));
    facts.mutable_signatures_begin()->set_seconds(last_begin_);
  }

 private:
  std::optional<uint32_t> first_end_;
  std::string of_;
  uint32_t last_begin_ = 0;
};

void tell(v1::ZoneFacts& facts, v1::DnssecState state, std::string_view detail) {
  facts.set_dnssec(state);
  facts.set_dnssec_detail(printable(detail, kDetailLimit));
}

void judge_without_signers(const std::string& zone, const std::vector<ServedZone>& servers,
                           v1::ZoneFacts& facts) {
  std::string unknown = "no server of the zone answered";
  bool told = false;
  for (const ServedZone& served : servers) {
    if (!served.keys) {
      unknown = fmt::format("{} did not tell its keys: {}", served.at, served.keys_unknown);
    } else if (!served.keys->records(Part::kAnswer, zone, Type::kDnskey).empty()) {
      return tell(facts, v1::DNSSEC_STATE_NOT_DELEGATED,
                  fmt::format("{} serves keys, and the zone above has no DS record", served.at));
    } else {
      told = true;
    }
  }
  if (told) return tell(facts, v1::DNSSEC_STATE_UNSIGNED, "");
  tell(facts, v1::DNSSEC_STATE_UNSPECIFIED, unknown);
}

void write_signers(const std::vector<Record>& signers, v1::ZoneFacts& facts) {
  for (const Record& signer : signers) {
    v1::DelegationSigner& written = *facts.add_delegation_signers();
    written.set_key_tag(signer.number(SignerParts::kTag));
    written.set_algorithm(signer.number(SignerParts::kAlgorithm));
    written.set_digest_type(signer.number(SignerParts::kDigestType));
  }
  auto& written = *facts.mutable_delegation_signers();
  std::sort(written.begin(), written.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.key_tag(), a.algorithm(), a.digest_type()) <
           std::tuple(b.key_tag(), b.algorithm(), b.digest_type());
  });
  if (std::cmp_greater(written.size(), kMostSigners))
    written.DeleteSubrange(kMostSigners, written.size() - static_cast<int>(kMostSigners));
}

}  // namespace

void judge_signatures(const std::string& zone, const Delegation& delegation,
                      const std::vector<ServedZone>& servers, v1::ZoneFacts& facts) {
  Dates dates;
  for (const ServedZone& served : servers) {
    if (served.keys)
      dates.see(zone, {.message = *served.keys, .owner = zone, .type = Type::kDnskey}, served.at);
    for (const ServedSet& set : served.sets)
      dates.see(zone, set, served.at);
  }
  dates.write(facts);
  if (!delegation.signers)
    return tell(facts, v1::DNSSEC_STATE_UNSPECIFIED, delegation.signers_unknown);
  std::vector<Record> signers = delegation.signers->records(Part::kAnswer, zone, Type::kDs);
  write_signers(signers, facts);
  if (signers.empty()) return judge_without_signers(zone, servers, facts);
  std::erase_if(signers, [](const Record& signer) {
    return !is_known(signer.number(SignerParts::kAlgorithm)) ||
           !hash_of(signer.number(SignerParts::kDigestType));
  });
  if (signers.empty()) {
    return tell(facts, v1::DNSSEC_STATE_UNSPECIFIED,
                "the DS records of the zone above have algorithms that are not known here");
  }
  if (servers.empty())
    return tell(facts, v1::DNSSEC_STATE_UNSPECIFIED, "no server of the zone answered");
  if (signers.size() > kMostSigners) signers.erase(signers.begin() + kMostSigners, signers.end());
  Finding worst;
  for (const ServedZone& served : servers) {
    Finding finding = check_server(zone, signers, served);
    if (finding.found > worst.found) worst = std::move(finding);
  }
  const v1::DnssecState state = worst.found == Found::kGood      ? v1::DNSSEC_STATE_GOOD
                                : worst.found == Found::kUnknown ? v1::DNSSEC_STATE_UNSPECIFIED
                                                                 : v1::DNSSEC_STATE_BROKEN;
  tell(facts, state, worst.why);
}

}  // namespace muster::zone
