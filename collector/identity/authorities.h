// The fleet's own CAs: the roots that agents and the gRPC port trust, one of which signs. Two while
// a rotation is under way: `prepare` adds a root that is trusted and told to agents, `activate` has
// it sign, `retire` drops the one that does not sign any more.
//
// On disk each change is one file replaced, so a kill leaves the old state or the new one: ca.pem
// has the roots, oldest first (and is what others trust us by), ca.active the fingerprint of the
// one that signs (no such file: the first); each key is in ca-<16 hex digits of the root's
// fingerprint>.key, the first one's in ca.key.
//
// Any thread. What reads takes what is in force at that moment; changes block on the disk.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "collector/identity/certificate_authority.h"
#include "collector/service/state_files.h"
#include "common/clock.h"

namespace muster::collector {

// What agents trust the collector by.
struct TrustBundle {
  // Every root, oldest first, PEM: byte for byte what an agent keeps.
  std::string pem;
  // SHA-256 over these bytes, 32 bytes.
  std::string sha256;
};

class Authorities {
 public:
  using Root = std::shared_ptr<const CertificateAuthority>;

  // From the state directory. NotFound and what to do when `init` never ran there.
  static absl::StatusOr<std::unique_ptr<Authorities>> load(const StateFiles& files,
                                                           const std::string& trust_domain);
  // Of one root that is on no disk and cannot be rotated.
  explicit Authorities(CertificateAuthority only);

  // The root that signs now. Shared, because a rotation may replace it meanwhile.
  Root signing() const;
  // Whether a certificate of the root with this fingerprint (hex) is of the one that signs now.
  bool signs_now(std::string_view ca_sha256) const;
  std::shared_ptr<const TrustBundle> bundle() const;
  // Oldest first; the one that signs is among them.
  std::vector<Root> roots() const;

  // Adds a root. FailedPrecondition while there is more than one.
  absl::Status prepare(TimePoint now);
  // Signs with that root from now on. NotFound: there is none of that fingerprint.
  absl::Status activate(std::string_view ca_sha256);
  // Drops the roots that do not sign, and their keys. FailedPrecondition: there is none.
  absl::Status retire();

  // Whether a certificate that TLS took when its connection was made is of a root that was dropped
  // since. Free unless one was dropped in the last hours: no connection lives longer.
  bool is_of_dropped_root(std::string_view certificate_pem) const;

  // Removes what a kill left of one of these. Only the one collector of the directory.
  void remove_leftovers() const;

 private:
  struct State {
    std::vector<Root> roots;
    size_t signing = 0;
    std::shared_ptr<const TrustBundle> bundle;
  };

  Authorities(StateFiles files, std::string trust_domain)
      : files_(std::move(files)), trust_domain_(std::move(trust_domain)) {}
  static State make_state(std::vector<Root> roots, size_t signing);
  std::string key_path_of(const CertificateAuthority& root) const;
  absl::StatusOr<Root> load_root(const std::string& certificate) const;
  State state() const;
  void set_state(State state);

  const StateFiles files_;
  const std::string trust_domain_;

  // Until when there may be such connections, by the steady clock; 0: nothing was dropped.
  std::atomic<std::chrono::steady_clock::rep> dropped_until_ = 0;

  // One change at a time. Taken before mutex_.
  std::mutex change_mutex_;
  mutable std::mutex mutex_;
  // Guarded by mutex_, a leaf.
  State state_;
};

}  // namespace muster::collector
