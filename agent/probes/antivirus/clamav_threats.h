// What the logs of ClamAV say was found, and how much of that still lies where it was found. Calls
// block; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "agent/probes/antivirus/clamav_scans.h"
#include "agent/probes/antivirus/found_files.h"
#include "agent/probes/protection/product.h"

namespace muster::antivirus {

// How many of those without a name count. `repeats`: its scans look at the same each time, so that
// what one before the last found and nobody can look up is over.
uint64_t unnamed_in(const ScanLog& log, bool repeats);

class ClamavThreats {
 public:
  explicit ClamavThreats(const protection::ProductLook& look) : look_(look) {}

  // `has_looked`: none found is none. What was found is there until it is seen to be gone, or is
  // over by `repeats`, as above.
  void add(const ScanLog& log, bool has_looked, bool repeats);
  // More may have been found: there is something that could not be read.
  void miss(std::string reason);
  // Sets threats_found and threats_unresolved, where anything was looked at; or has them unread
  // where none is known and something is missing. What is known to be there is told either way.
  void tell(v1::ProtectionProduct& product) const;

 private:
  // 1 if it is there; 0 also if the name was counted already.
  uint64_t count_name(const std::string& name, bool counts_unseen);
  std::optional<bool> is_gone_from(const std::string& name) const;

  const protection::ProductLook& look_;
  const Mounts mounts_ = own_mounts();
  bool is_known_ = false;
  std::string missing_;
  std::set<std::string> names_;
  uint64_t found_ = 0;
  uint64_t there_ = 0;
};

}  // namespace muster::antivirus
