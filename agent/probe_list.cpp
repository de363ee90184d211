#include "agent/probe_list.h"

#include <array>

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using Kind = ProbeInput::Kind;

// What libapt-pkg reads to say which updates wait. The machine id decides about phased updates.
constexpr std::array<ProbeInput, 8> kAptInputs{{
    {"/var/lib/dpkg/status", Kind::kFile},
    {"/var/lib/dpkg/arch", Kind::kFile},
    // The journal of a dpkg that is at work, or was interrupted.
    {"/var/lib/dpkg/updates", Kind::kDirectory},
    {"/var/lib/apt/lists", Kind::kDirectory},
    {"/etc/apt", Kind::kTree},
    {"/var/lib/apt/extended_states", Kind::kFile},
    {"/var/lib/apt/periodic", Kind::kDirectory},
    {"/etc/machine-id", Kind::kFile},
}};

constexpr std::array<ProbeSettingRow, 2> kCertificateSettings{{
    {"paths", ProbeSettingRow::Kind::kPaths},
    {"default_paths", ProbeSettingRow::Kind::kBoolean},
}};

constexpr std::array<ProbeRow, 3> kProbes{{
    {.name = "host",
     .program = "muster-probe-host",
     .interval = 1h,
     .timeout = 30s,
     .inputs = {},
     .settings = {}},
    {.name = "packages-apt",
     .program = "muster-probe-packages-apt",
     .interval = 15min,
     .timeout = 120s,
     .inputs = kAptInputs,
     .settings = {}},
    {.name = "certificates",
     .program = "muster-probe-certificates",
     .interval = 15min,
     .timeout = 60s,
     .inputs = {},
     .settings = kCertificateSettings},
}};

}  // namespace

std::span<const ProbeRow> all_probes() {
  return kProbes;
}

}  // namespace muster::agent
