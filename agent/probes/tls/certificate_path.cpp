#include "agent/probes/tls/certificate_path.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <utility>

#include "agent/probes/tls/certificate_urls.h"
#include "agent/probes/tls/path_check.h"
#include "agent/probes/tls/verification_handles.h"

namespace muster::tls {
namespace {

using Certificates = std::vector<X509*>;

constexpr int kMostSteps = 256;
// Of whole paths: each checks its signatures again.
constexpr int kMostChecks = 4;

bool is_in(const Certificates& list, const X509* certificate) {
  return std::any_of(list.begin(), list.end(),
                     [&](const X509* other) { return X509_cmp(other, certificate) == 0; });
}

bool is_self_signed(X509* certificate) {
  return X509_self_signed(certificate, 0) == 1;
}

bool has_signed(X509* issuer, X509* certificate) {
  EVP_PKEY* const key = X509_get0_pubkey(issuer);
  const bool signs = key != nullptr && X509_verify(certificate, key) == 1;
  ERR_clear_error();
  return signs;
}

// Every authority that a chain could lead to by its names.
Certificates authorities_for(std::span<const X509Ptr> served,
                             const TrustStore::Authorities& authorities) {
  Certificates found;
  const auto add_issuers_of = [&](const X509* certificate) {
    for (X509* issuer : authorities.with_subject(X509_get_issuer_name(certificate))) {
      if (std::find(found.begin(), found.end(), issuer) == found.end()) found.push_back(issuer);
    }
  };
  for (const X509Ptr& certificate : served)
    add_issuers_of(certificate.get());
  for (size_t i = 0; i < found.size() && i < kMostSteps; ++i)
    add_issuers_of(found[i]);
  return found;
}

// How near an end is to a path that holds.
int nearness(v1::ChainTrust trust) {
  switch (trust) {
    case v1::CHAIN_TRUST_UNTRUSTED_ROOT:
    case v1::CHAIN_TRUST_SELF_SIGNED:
      return 3;
    case v1::CHAIN_TRUST_INCOMPLETE:
      return 2;
    case v1::CHAIN_TRUST_BROKEN:
      return 1;
    default:
      return 0;
  }
}

// Every path that names and signatures allow, until one holds.
class PathSearch {
 public:
  PathSearch(std::span<const X509Ptr> served, const TrustStore::Authorities& authorities)
      : served_(served), authorities_(authorities) {
    for (const X509Ptr& certificate : served) {
      if (!is_in(each_, certificate.get())) each_.push_back(certificate.get());
    }
  }

  CertificatePath run() {
    path_.push_back(served_.front().get());
    follow();
    if (best_.trust == v1::CHAIN_TRUST_UNSPECIFIED || (gave_up_ && nearest_ < kReached)) {
      best_ = {.trust = v1::CHAIN_TRUST_UNSPECIFIED,
               .detail = "its certificates lead to each other in more ways than are followed"};
    }
    return std::move(best_);
  }

 private:
  // Of a path that came to an authority of the store, and holds or not.
  static constexpr int kReached = 4;
  static constexpr int kHolds = 5;

  void follow();
  void reach(X509* anchor);
  // What there is of the name that the last one gives as its issuer's.
  struct Issuers {
    bool some = false;
    bool in_a_circle = false;
    X509* of_another_key = nullptr;
    X509* without_signature = nullptr;
    X509* not_for_signing = nullptr;
  };
  Issuers follow_issuers();
  void end(const Issuers& issuers);
  void end_at_root(X509* root);
  bool spent() {
    gave_up_ = gave_up_ || signatures_ >= kMostSignatures || steps_ >= kMostSteps;
    return gave_up_ || nearest_ == kHolds;
  }
  void take(v1::ChainTrust trust, std::string detail, int near, X509* anchor = nullptr);

  std::span<const X509Ptr> served_;
  const TrustStore::Authorities& authorities_;
  Certificates each_;
  Certificates path_;
  CertificatePath best_;
  int nearest_ = -1;
  int signatures_ = 0;
  int steps_ = 0;
  int checks_ = 0;
  bool gave_up_ = false;
};

void PathSearch::take(v1::ChainTrust trust, std::string detail, int near, X509* anchor) {
  if (near <= nearest_) return;
  nearest_ = near;
  best_ = {.trust = trust, .detail = std::move(detail), .anchor = anchor, .positions = {}};
  for (const X509* on_path : path_) {
    for (size_t i = 0; i < served_.size(); ++i) {
      if (X509_cmp(served_[i].get(), on_path) != 0) continue;
      best_.positions.push_back(i);
      break;
    }
  }
}

void PathSearch::follow() {
  ++steps_;
  if (spent()) return;
  X509* const last = path_.back();
  if (is_self_signed(last)) {
    const Certificates same = authorities_.with_subject(X509_get_subject_name(last));
    const auto anchor = std::find_if(same.begin(), same.end(),
                                     [last](X509* one) { return X509_cmp(one, last) == 0; });
    if (anchor != same.end()) return reach(*anchor);
  }
  const Issuers issuers = follow_issuers();
  if (!issuers.some && !spent()) end(issuers);
}

PathSearch::Issuers PathSearch::follow_issuers() {
  X509* const last = path_.back();
  Issuers issuers;
  Certificates candidates = authorities_.with_subject(X509_get_issuer_name(last));
  for (X509* one : each_) {
    if (X509_NAME_cmp(X509_get_subject_name(one), X509_get_issuer_name(last)) == 0 &&
        !is_in(candidates, one)) {
      candidates.push_back(one);
    }
  }
  for (X509* candidate : candidates) {
    if (spent()) break;
    if (is_in(path_, candidate)) {
      issuers.in_a_circle = true;
      continue;
    }
    const int issued = X509_check_issued(candidate, last);
    if (issued != X509_V_OK && issued != X509_V_ERR_KEYUSAGE_NO_CERTSIGN) {
      issuers.of_another_key = candidate;
      continue;
    }
    ++signatures_;
    if (!has_signed(candidate, last)) {
      issuers.without_signature = candidate;
      continue;
    }
    if (issued != X509_V_OK) {
      issuers.not_for_signing = candidate;
      continue;
    }
    issuers.some = true;
    path_.push_back(candidate);
    follow();
    path_.pop_back();
  }
  return issuers;
}

void PathSearch::reach(X509* anchor) {
  if (++checks_ > kMostChecks) {
    gave_up_ = true;
    return;
  }
  // The leaf may be the anchor itself.
  const Certificates between(path_.begin() + 1, path_.end());
  std::string complaint = check_path(path_.front(), between, {anchor}).complaint;
  if (complaint.empty()) return take(v1::CHAIN_TRUST_TRUSTED, {}, kHolds, anchor);
  take(v1::CHAIN_TRUST_BROKEN, std::move(complaint), kReached);
}

void PathSearch::end(const Issuers& issuers) {
  X509* const last = path_.back();
  const std::string name = subject_text(last);
  const auto take_end = [this](v1::ChainTrust trust, std::string detail) {
    take(trust, std::move(detail), nearness(trust));
  };
  if (is_self_signed(last)) return end_at_root(last);
  if (issuers.not_for_signing != nullptr) {
    return take_end(v1::CHAIN_TRUST_BROKEN,
                    fmt::format("{} may not sign certificates by its key usage, and did",
                                subject_text(issuers.not_for_signing)));
  }
  if (issuers.without_signature != nullptr) {
    return take_end(v1::CHAIN_TRUST_BROKEN,
                    fmt::format("{} names {} as its issuer, whose signature it does not have", name,
                                subject_text(issuers.without_signature)));
  }
  if (issuers.in_a_circle) {
    return take_end(v1::CHAIN_TRUST_BROKEN,
                    fmt::format("its certificates have signed each other in a circle, by way of {}",
                                issuer_text(last)));
  }
  std::string detail = fmt::format("the issuer {} was not served", issuer_text(last));
  if (issuers.of_another_key != nullptr) detail += ", only one of that name with another key";
  const std::vector<std::string> urls = issuer_urls(last);
  if (!urls.empty()) detail += fmt::format("; it can be had at {:.256}", urls.front());
  take_end(v1::CHAIN_TRUST_INCOMPLETE, std::move(detail));
}

void PathSearch::end_at_root(X509* root) {
  ++signatures_;
  const std::string name = subject_text(root);
  if (!has_signed(root, root)) {
    return take(
        v1::CHAIN_TRUST_BROKEN,
        fmt::format("{} names itself as its issuer, and its signature is not its own", name),
        nearness(v1::CHAIN_TRUST_BROKEN));
  }
  if (path_.size() == 1) {
    return take(v1::CHAIN_TRUST_SELF_SIGNED, fmt::format("{} has signed itself", name),
                nearness(v1::CHAIN_TRUST_SELF_SIGNED));
  }
  if (++checks_ > kMostChecks) {
    gave_up_ = true;
    return;
  }
  // Were it trusted, would all else hold?
  const Certificates between(path_.begin() + 1, path_.end() - 1);
  std::string complaint = check_path(path_.front(), between, {root}).complaint;
  if (!complaint.empty()) {
    return take(v1::CHAIN_TRUST_BROKEN, std::move(complaint), nearness(v1::CHAIN_TRUST_BROKEN));
  }
  take(v1::CHAIN_TRUST_UNTRUSTED_ROOT,
       fmt::format("it ends in {}, which this host does not trust", name),
       nearness(v1::CHAIN_TRUST_UNTRUSTED_ROOT));
}

// The path as OpenSSL finds it at once, with each signature checked once: what nearly all chains
// take. Unset trust where it does not hold.
CertificatePath first_path(std::span<const X509Ptr> served,
                           const TrustStore::Authorities& authorities) {
  Certificates anchors = authorities_for(served, authorities);
  if (anchors.empty()) return {};
  Certificates between;
  for (size_t i = 1; i < served.size(); ++i)
    between.push_back(served[i].get());
  const PathCheck check = check_path(served.front().get(), between, anchors);
  if (!check.complaint.empty() || check.path.empty()) return {};
  CertificatePath path{.trust = v1::CHAIN_TRUST_TRUSTED, .anchor = check.path.back()};
  for (const X509* on_path : check.path) {
    for (size_t i = 0; i < served.size(); ++i) {
      if (served[i].get() != on_path) continue;
      path.positions.push_back(i);
      break;
    }
  }
  // A leaf that is an authority of the store is there as the store's.
  if (path.positions.empty()) path.positions.push_back(0);
  return path;
}

}  // namespace

CertificatePath find_path(std::span<const X509Ptr> served,
                          const TrustStore::Authorities& authorities) {
  CertificatePath path = first_path(served, authorities);
  if (path.trust == v1::CHAIN_TRUST_TRUSTED) return path;
  return PathSearch(served, authorities).run();
}

X509* find_issuer(X509* certificate, std::span<const X509Ptr> served,
                  const TrustStore::Authorities* authorities) {
  const X509_NAME* const name = X509_get_issuer_name(certificate);
  Certificates candidates;
  for (const X509Ptr& one : served) {
    if (one != nullptr && X509_NAME_cmp(X509_get_subject_name(one.get()), name) == 0) {
      candidates.push_back(one.get());
    }
  }
  if (authorities != nullptr) {
    for (X509* one : authorities->with_subject(name))
      candidates.push_back(one);
  }
  for (X509* candidate : candidates) {
    if (X509_cmp(candidate, certificate) == 0) continue;
    if (has_signed(candidate, certificate)) return candidate;
  }
  return nullptr;
}

}  // namespace muster::tls
