// What systemd gives a service by its environment: where to tell how it stands, how often it must
// prove to live, and where its credentials are (LoadCredential=, systemd.exec(5)). Only main reads
// it; everything else gets the values.
#pragma once

#include <absl/status/statusor.h>
#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>

#include "common/clock.h"

namespace muster {

struct ServiceEnvironment {
  // For NotifySocket. Empty: not started by systemd as Type=notify.
  std::string notify_socket = {};
  // Within which a sign of life is due; 0: never.
  Duration watchdog{0};
  // Absolute; empty: no credentials were given.
  std::string credentials_directory = {};
};

// Out of variables, for the process `self`; pure. A watchdog that is meant for another process
// (WATCHDOG_PID) is none. `variable` gives "" for what is not set.
ServiceEnvironment service_environment(
    const std::function<std::string(std::string_view name)>& variable, pid_t self);

// Out of this process's environment, from which the three that no child must have are removed.
ServiceEnvironment take_service_environment();

// A path of a configuration that may be given as `credential:NAME`, a file of that name in the
// credentials' directory; any other path is given back as it is. InvalidArgument for a NAME that is
// none, FailedPrecondition where there are no credentials.
absl::StatusOr<std::string> resolve_credential(const std::string& path,
                                               const std::string& credentials_directory);

// Whether the path has the form above.
bool is_credential(std::string_view path);

}  // namespace muster
