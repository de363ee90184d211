// The certificates in a host's files, found by what is known of one that is served: by itself, by
// its names, by the server that is configured with it. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "common/policy/rules.h"
#include "muster/v1/certificate_facts.pb.h"

namespace muster::policy {

// A leaf in a file.
struct OnDisk {
  const v1::CertificateFile* file;
  const v1::Certificate* certificate;
};

// With what a server is configured.
struct ConfiguredServer {
  std::vector<const v1::CertificateUse*> uses;
  // By path; those that were found.
  std::unordered_set<const v1::CertificateFile*> files;
  // Fingerprints of the leaves in them.
  std::unordered_set<std::string_view> leaves;
  // By server name, lower case: "shop.example.org", "*.example.org".
  std::unordered_map<std::string, std::vector<const v1::CertificateUse*>> by_name;

  // Those that answer to that name: by it, else by the wildcard above it.
  std::vector<const v1::CertificateUse*> uses_for(std::string_view server_name) const;
};

class CertificatesOnDisk {
 public:
  // The facts outlive this.
  explicit CertificatesOnDisk(const v1::CertificateFacts& facts);

  // Null: there is none of that path.
  const v1::CertificateFile* file(std::string_view path) const;
  // Files that have it as a leaf.
  std::vector<const v1::CertificateFile*> files_with(const v1::Certificate& leaf) const;
  // Null: nothing is known of its configuration. `process` may be called as the program is, or as
  // its processes are.
  const ConfiguredServer* server(std::string_view process) const;
  // Whether any server is configured to answer to that name.
  bool is_configured_name(std::string_view server_name) const;
  // Leaves for the same names, that begin later: the newest first; at most 64.
  std::vector<OnDisk> successors_of(const v1::Certificate& leaf,
                                    std::string_view server_name) const;
  // What could not be looked into; empty: all could.
  const std::string& unseen() const { return unseen_; }
  // A configuration that could not be read; empty: all could.
  const std::string& unread_configuration() const { return unread_configuration_; }

 private:
  void add_file(const v1::CertificateFile& file);
  void add_use(const v1::CertificateUse& use);

  std::unordered_map<std::string_view, const v1::CertificateFile*> by_path_;
  std::unordered_map<std::string_view, std::vector<const v1::CertificateFile*>> by_fingerprint_;
  std::unordered_map<std::string, std::vector<OnDisk>> by_name_;
  std::unordered_map<std::string_view, ConfiguredServer> servers_;
  std::string unseen_;
  std::string unread_configuration_;
};

// The certificates of a file that a server may show as its own: the first, and of a key store each
// that is no authority's.
std::vector<const v1::Certificate*> leaves_of(const v1::CertificateFile& file);

}  // namespace muster::policy
