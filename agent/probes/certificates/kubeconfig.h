// A kubeconfig: what a client of Kubernetes (kubectl, kubelet, the control plane itself) has of
// clusters and users, in YAML or JSON. Pure; any thread.
#pragma once

#include <string_view>

#include "agent/probes/certificates/file_content.h"

namespace muster {

// The certificates of its users, then of its clusters, named "user admin" and "cluster prod"; the
// key of the first user who has one; the files that it names in place of them. Nothing else of it
// is taken: no token, no password.
FileContent read_kubeconfig(std::string_view text, Unlocking& unlocking);

}  // namespace muster
