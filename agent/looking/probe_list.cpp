#include "agent/looking/probe_list.h"

#include <linux/capability.h>

#include <array>

#include "agent/looking/probe_paths.h"
#include "agent/probes/network/inherited_data.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::array<ProbeSettingRow, 1> kApkSettings{{
    {"readable", ProbeSettingRow::Kind::kPaths},
}};

constexpr std::array<ProbeSettingRow, 1> kAptSettings{{
    {"readable", ProbeSettingRow::Kind::kPaths},
}};

constexpr std::array<ProbeSettingRow, 3> kCertificateSettings{{
    {"paths", ProbeSettingRow::Kind::kPaths},
    {"password_files", ProbeSettingRow::Kind::kPaths},
    {"default_paths", ProbeSettingRow::Kind::kBoolean},
}};

constexpr std::array<ProbeSettingRow, 1> kListenerSettings{{
    {"leave_alone", ProbeSettingRow::Kind::kTexts},
}};
// Which sockets there are, which names are theirs, and what was said so far.
constexpr std::array<std::string_view, 3> kGivenToListeners{"sockets", "certificates", "listeners"};

// Of probes that look at targets. A run has looks that begin within so long; agent.yml may say up
// to a minute. The last of them may wait as long again for its turn, and take the longest time of
// any target: the agent ends a run by what is in it, and this is for one that does not.
constexpr Duration kTargetsAhead = 10s;
constexpr Duration kTargetsTimeout = 200s;

constexpr uint64_t kMebibyte = 1 << 20;

// Files that only root may read; nothing that only root may do.
constexpr uint64_t kReadAnyFile = uint64_t{1} << CAP_DAC_READ_SEARCH;

constexpr auto kProbes = std::to_array<ProbeRow>({
    {.name = "host",
     .program = "muster-probe-host",
     .interval = 1h,
     .timeout = 30s,
     .inputs = {},
     .settings = {},
     .sandbox = {.capabilities = kReadAnyFile, .readable = kHostFiles, .memory = 256 * kMebibyte},
     .privilege_reason = "the serial number",
     .facts = "HostFacts"},
    {.name = "packages-apt",
     .program = "muster-probe-packages-apt",
     .interval = 15min,
     .timeout = 120s,
     .inputs = kAptInputs,
     .settings = kAptSettings,
     .sandbox = {.readable = kAptFiles,
                 .needs = kAptNeeds,
                 .temporary_files = true,
                 .memory = 1024 * kMebibyte},
     .facts = "PackageFacts"},
    {.name = "packages-apk",
     .program = "muster-probe-packages-apk",
     .interval = 15min,
     .timeout = 60s,
     .inputs = kApkInputs,
     .settings = kApkSettings,
     .sandbox = {.readable = kApkFiles, .memory = 512 * kMebibyte},
     .facts = "PackageFacts"},
    {.name = "packages-rpm",
     .program = "muster-probe-packages-rpm",
     .interval = 15min,
     .timeout = 120s,
     .inputs = kRpmInputs,
     .settings = {},
     .sandbox = {.readable = kRpmFiles, .needs = kRpmNeeds, .memory = 1024 * kMebibyte},
     .facts = "PackageFacts"},
    {.name = "lifecycle",
     .program = "muster-probe-lifecycle",
     .interval = 1h,
     .timeout = 30s,
     .inputs = kLifecycleInputs,
     .settings = {},
     .sandbox = {.readable = kLifecycleFiles, .memory = 256 * kMebibyte},
     .facts = "LifecycleFacts"},
    {.name = "certificates",
     .program = "muster-probe-certificates",
     .interval = 15min,
     .timeout = 60s,
     .inputs = {},
     .settings = kCertificateSettings,
     .sandbox = {.capabilities = kReadAnyFile,
                 .readable = kCertificateFiles,
                 .memory = 256 * kMebibyte},
     .privilege_reason = "private directories",
     .facts = "CertificateFacts"},
    {.name = "restart",
     .program = "muster-probe-restart",
     // What it reads of every process has no stamp that says it is unchanged, and days are given
     // for it.
     .interval = 1h,
     .timeout = 60s,
     .inputs = {},
     .settings = {},
     .sandbox = {.readable = kRestartFiles,
                 .processes = SandboxDeclaration::Processes::kMappings,
                 .memory = 256 * kMebibyte},
     .facts = "RestartFacts"},
    {.name = "sockets",
     .program = "muster-probe-sockets",
     .interval = 5min,
     .timeout = 60s,
     .inputs = {},
     .settings = {},
     .sandbox = {.processes = SandboxDeclaration::Processes::kSockets,
                 .socket_list = true,
                 .memory = 256 * kMebibyte},
     .facts = "SocketFacts"},
    {.name = "listeners",
     .program = "muster-probe-listeners",
     .interval = 5min,
     .timeout = 150s,
     .inputs = {},
     .settings = kListenerSettings,
     .sandbox = {.reach = SandboxDeclaration::Reach::kNetwork,
                 .inherited = network_probe::kTrustFiles,
                 .memory = 256 * kMebibyte},
     .given = kGivenToListeners,
     .facts = "ListenerFacts"},
    {.name = "antivirus",
     .program = "muster-probe-antivirus",
     .interval = 15min,
     .timeout = 90s,
     .inputs = {},
     .settings = {},
     .sandbox = {.capabilities = kReadAnyFile,
                 .readable = kAntivirusFiles,
                 .answers = 'a',
                 .memory = 256 * kMebibyte},
     .privilege_reason = "logs and state of products",
     .facts = "AntivirusFacts"},
    {.name = "intrusion-detection",
     .program = "muster-probe-intrusion-detection",
     .interval = 15min,
     .timeout = 90s,
     .inputs = {},
     .settings = {},
     .sandbox = {.capabilities = kReadAnyFile,
                 .readable = kIntrusionDetectionFiles,
                 .answers = 'i',
                 .memory = 256 * kMebibyte},
     .privilege_reason = "logs and state of products",
     .facts = "IntrusionDetectionFacts"},
    {.name = "firmware",
     .program = "muster-probe-firmware",
     .interval = 1h,
     .timeout = 90s,
     .inputs = {},
     .settings = {},
     .sandbox = {.capabilities = kReadAnyFile,
                 .readable = kFirmwareFiles,
                 .answers = 'f',
                 .memory = 256 * kMebibyte},
     .privilege_reason = "the tables of SMBIOS and the ESRT",
     .facts = "FirmwareFacts"},
    {.name = "hardware",
     .program = "muster-probe-hardware",
     .interval = 1h,
     .timeout = 90s,
     .inputs = {},
     .settings = {},
     .sandbox = {.capabilities = kReadAnyFile,
                 .readable = kHardwareFiles,
                 .answers = 'h',
                 .memory = 256 * kMebibyte},
     .privilege_reason = "the tables of SMBIOS",
     .facts = "HardwareFacts"},
    {.name = "firmware-fwupd",
     .program = "muster-probe-firmware-fwupd",
     .interval = 6h,
     .timeout = 120s,
     .inputs = {},
     .settings = {},
     .sandbox = {.system_bus = true, .memory = 256 * kMebibyte},
     // It starts fwupd, which on some machines makes itself a user of the management controller.
     .is_opt_in = true,
     .facts = "FwupdFacts"},
    {.name = "tcp",
     .program = "muster-probe-tcp",
     .interval = kTargetsAhead,
     .timeout = kTargetsTimeout,
     .inputs = {},
     .settings = {},
     .sandbox = {.reach = SandboxDeclaration::Reach::kNetwork,
                 .inherited = network_probe::kResolverFiles,
                 .memory = 256 * kMebibyte},
     .facts = "TcpFacts"},
    {.name = "tls",
     .program = "muster-probe-tls",
     .interval = kTargetsAhead,
     .timeout = kTargetsTimeout,
     .inputs = {},
     .settings = {},
     .sandbox = {.reach = SandboxDeclaration::Reach::kNetwork,
                 .inherited = kTlsInherited,
                 .memory = 256 * kMebibyte},
     .facts = "TlsFacts"},
    {.name = "domain",
     .program = "muster-probe-domain",
     .interval = kTargetsAhead,
     .timeout = kTargetsTimeout,
     .inputs = {},
     .settings = {},
     .sandbox = {.reach = SandboxDeclaration::Reach::kNetwork,
                 .inherited = kRegistryInherited,
                 .memory = 256 * kMebibyte},
     .keeps_memory = true,
     .facts = "DomainFacts"},
    {.name = "zone",
     .program = "muster-probe-zone",
     .interval = kTargetsAhead,
     .timeout = kTargetsTimeout,
     .inputs = {},
     .settings = {},
     .sandbox = {.reach = SandboxDeclaration::Reach::kNetwork,
                 .inherited = network_probe::kResolverFiles,
                 .memory = 256 * kMebibyte},
     .facts = "ZoneFacts"},
    {.name = "lookalikes",
     .program = "muster-probe-lookalikes",
     .interval = kTargetsAhead,
     .timeout = kTargetsTimeout,
     .inputs = {},
     .settings = {},
     .sandbox = {.reach = SandboxDeclaration::Reach::kNetwork,
                 .inherited = kRegistryInherited,
                 .memory = 256 * kMebibyte},
     .keeps_memory = true,
     .facts = "LookalikeFacts"},
});

}  // namespace

std::span<const ProbeRow> all_probes() {
  return kProbes;
}

}  // namespace muster::agent
