// The authorities of a TrustStore, found by name: for what verifies by it. Certificates are decoded
// where somebody asks for them, and then kept. Any thread.
#pragma once

#include <openssl/x509.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/probes/tls/chain_verification.h"
#include "common/openssl.h"

namespace muster::tls {

class TrustStore::Authorities {
 public:
  // Beyond these the others of a bundle are not in it; Mozilla's has about 140.
  static constexpr size_t kMost = 4096;

  // Of a PEM bundle; what of it is no certificate is stepped over.
  explicit Authorities(std::string_view pem);
  static std::unique_ptr<Authorities> missing(std::string why);

  size_t size() const { return entries_.size(); }
  // Why there is none; empty where there is a store.
  const std::string& missing_why() const { return missing_why_; }
  // Those with this subject, as names are compared (RFC 5280, 7.1). They are this object's.
  std::vector<X509*> with_subject(const X509_NAME* name) const;

 private:
  using NamePtr = std::unique_ptr<X509_NAME, OpensslDeleter<X509_NAME_free>>;
  struct Entry {
    std::string der;
    // Its subject within it.
    std::string_view subject;
  };
  Authorities() = default;
  void add(std::string der);
  std::vector<size_t> find(const X509_NAME* name) const;

  std::vector<Entry> entries_;
  std::string missing_why_;
  // By the bytes of the subject, which nearly always are those of the issuer that leads to it.
  std::unordered_multimap<std::string_view, size_t> by_bytes_;
  mutable std::mutex mutex_;
  // Guarded by it: decoded ones, null where nobody asked or nothing could be decoded; and all
  // subjects, once bytes alone led nowhere.
  mutable std::vector<X509Ptr> decoded_;
  mutable std::vector<NamePtr> subjects_;
};

}  // namespace muster::tls
