// What OSSEC and Wazuh have in common: where they lie, ossec.conf, ossec.log, and whether their
// daemons run. Calls block; any thread.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>

#include "agent/probes/intrusion_detection/ossec_config.h"
#include "agent/probes/intrusion_detection/ossec_log.h"
#include "agent/probes/protection/product.h"

namespace muster::intrusion_detection {

struct OssecHome {
  // "/var/ossec".
  std::string path;
  bool is_wazuh = false;
  // Reports to a server; else this host is the server, or has none.
  bool is_agent = false;
};

// The one that is installed. What keeps from seeing it is a problem, in the name of `product`.
std::optional<OssecHome> find_ossec_home(const protection::ProductLook& look,
                                         std::string_view product);

// Sets management_server, real_time, checks_scheduled, and a reduced mode where no file is checked.
OssecConfig read_ossec_config(const protection::ProductLook& look, const OssecHome& home,
                              v1::ProtectionProduct& product);

// Sets last_check: when it was; what it found only the server knows. An empty log where it could
// not be read.
OssecLog read_ossec_log(const protection::ProductLook& look, const OssecHome& home,
                        const OssecConfig& config, v1::ProtectionProduct& product);

// Sets running, by the daemon, and a reduced mode where the one that checks files does not run.
void tell_ossec_daemons(const protection::ProductLook& look, const char* unit,
                        std::string_view daemon, std::string_view checker,
                        v1::ProtectionProduct& product);

}  // namespace muster::intrusion_detection
