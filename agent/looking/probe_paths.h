// The paths of the probes' rows: what each depends on, and what it may read, as narrow as it can be
// said. Part of probe_list.cpp, which alone includes it.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "agent/looking/probe_list.h"
#include "agent/probes/network/inherited_data.h"
#include "agent/probes/packages_rpm/other_managers.h"

namespace muster::agent {

using Kind = ProbeInput::Kind;

// What libapt-pkg reads to say which updates wait; the machine id decides about phased updates.
// After it the usual keyrings, and what starts apt's daily jobs: links, and masks of systemd.
inline constexpr std::array<ProbeInput, 19> kAptInputs{{
    {"/var/lib/dpkg/status", Kind::kFile},
    {"/var/lib/dpkg/arch", Kind::kFile},
    // The journal of a dpkg that is at work, or was interrupted.
    {"/var/lib/dpkg/updates", Kind::kDirectory},
    {"/var/lib/apt/lists", Kind::kDirectory},
    {"/etc/apt", Kind::kTree},
    {"/var/lib/apt/extended_states", Kind::kFile},
    {"/var/lib/apt/periodic", Kind::kDirectory},
    {"/etc/machine-id", Kind::kFile},
    {"/etc/os-release", Kind::kFile},
    {"/usr/lib/os-release", Kind::kFile},
    {"/usr/share/keyrings", Kind::kDirectory},
    {"/etc/cron.daily/apt-compat", Kind::kFile},
    {"/etc/systemd/system/apt-daily.service", Kind::kFile},
    {"/etc/systemd/system/apt-daily.timer", Kind::kFile},
    {"/etc/systemd/system/apt-daily-upgrade.service", Kind::kFile},
    {"/etc/systemd/system/apt-daily-upgrade.timer", Kind::kFile},
    {"/etc/systemd/system/timers.target.wants/apt-daily.timer", Kind::kFile},
    {"/etc/systemd/system/timers.target.wants/apt-daily-upgrade.timer", Kind::kFile},
    {"/run/systemd/system/apt-daily-upgrade.timer", Kind::kFile},
}};

// What apk keeps of packages and repositories, and the jobs that may upgrade them; what tells
// whether a system without these should have them.
inline constexpr std::array<ProbeInput, 9> kApkInputs{{
    {"/lib/apk/db", Kind::kDirectory},
    {"/lib/apk/repositories.d", Kind::kDirectory},
    {"/usr/lib/apk/db", Kind::kDirectory},
    {"/usr/lib/apk/repositories.d", Kind::kDirectory},
    {"/etc/apk", Kind::kTree},
    {"/etc/periodic", Kind::kTree},
    {"/var/cache/apk", Kind::kDirectory},
    {"/etc/os-release", Kind::kFile},
    {"/usr/lib/os-release", Kind::kFile},
}};

// Which kernel runs counts too: another one only after a restart, and so of the agent.
inline constexpr std::array<ProbeInput, 7> kLifecycleInputs{{
    {"/etc/os-release", Kind::kFile},
    {"/usr/lib/os-release", Kind::kFile},
    {"/usr/share/distro-info", Kind::kDirectory},
    {"/var/lib/dpkg/status", Kind::kFile},
    {"/var/lib/ubuntu-advantage/status.json", Kind::kFile},
    {"/etc/apt/sources.list", Kind::kFile},
    {"/etc/apt/sources.list.d", Kind::kDirectory},
}};

// What says which updates wait by rpm, dnf, yum and zypper; and their timers.
inline constexpr std::array<ProbeInput, 21> kRpmOwnInputs{{
    {"/var/lib/rpm", Kind::kDirectory},
    {"/usr/lib/sysimage/rpm", Kind::kDirectory},
    {"/var/cache/dnf", Kind::kTree},
    {"/var/cache/libdnf5", Kind::kTree},
    {"/var/cache/yum", Kind::kTree},
    {"/var/cache/zypp/raw", Kind::kTree},
    {"/var/lib/dnf/modulefailsafe", Kind::kDirectory},
    {"/etc/dnf", Kind::kTree},
    {"/etc/yum", Kind::kTree},
    {"/etc/yum.conf", Kind::kFile},
    {"/etc/yum.repos.d", Kind::kDirectory},
    {"/etc/distro.repos.d", Kind::kDirectory},
    {"/etc/zypp", Kind::kTree},
    {"/etc/pki/rpm-gpg", Kind::kDirectory},
    {"/etc/os-release", Kind::kFile},
    {"/usr/lib/os-release", Kind::kFile},
    {"/etc/systemd/system/timers.target.wants", Kind::kDirectory},
    {"/var/lib/systemd/timers/stamp-dnf-automatic.timer", Kind::kFile},
    {"/var/lib/systemd/timers/stamp-dnf-automatic-install.timer", Kind::kFile},
    {"/var/lib/systemd/timers/stamp-dnf5-automatic.timer", Kind::kFile},
    {"/var/lib/systemd/timers/stamp-transactional-update.timer", Kind::kFile},
}};

// With the databases of other managers, which decide what is said of a system without rpm's.
inline constexpr auto kRpmInputs = [] {
  using packages_rpm::kSupportedDatabases;
  using packages_rpm::kUnsupportedManagers;
  std::array<ProbeInput,
             kRpmOwnInputs.size() + kSupportedDatabases.size() + kUnsupportedManagers.size()>
      inputs{};
  auto next = std::copy(kRpmOwnInputs.begin(), kRpmOwnInputs.end(), inputs.begin());
  for (const char* path : kSupportedDatabases)
    *next++ = {path, Kind::kPresence};
  for (const auto& [manager, path] : kUnsupportedManagers)
    *next++ = {path, Kind::kPresence};
  return inputs;
}();

// As narrow as it can be said: of /proc, what tells about the kernel and process 1, and no process
// besides.
inline constexpr auto kHostFiles = std::to_array<std::string_view>({
    "/etc/hostname",
    "/etc/hosts",
    "/etc/machine-id",
    "/etc/os-release",
    "/etc/timezone",
    "/proc/1/cgroup",
    "/proc/cpuinfo",
    "/proc/device-tree",
    "/proc/stat",
    "/proc/sysinfo",
    "/proc/xen",
    "/run/host/container-manager",
    "/run/systemd/container",
    "/sys/class/dmi/id",
    "/sys/hypervisor",
    "/usr/lib/os-release",
});

inline constexpr auto kApkFiles = std::to_array<std::string_view>({
    "/etc/apk",
    "/etc/os-release",
    "/etc/periodic",
    "/lib/apk",
    "/usr/lib/apk",
    "/usr/lib/os-release",
    "/var/cache/apk",
});

inline constexpr auto kLifecycleFiles = std::to_array<std::string_view>({
    "/etc/apt/sources.list",
    "/etc/apt/sources.list.d",
    "/etc/os-release",
    "/usr/lib/os-release",
    "/usr/share/distro-info",
    "/var/lib/dpkg/status",
    "/var/lib/ubuntu-advantage/status.json",
});

// Classes of sysfs have links to devices, wherever in the tree of these.
inline constexpr auto kFirmwareFiles = std::to_array<std::string_view>({
    "/proc/cpuinfo",
    "/proc/driver/nvidia/gpus",
    "/sys/block",
    "/sys/bus/pci",
    "/sys/class/dmi/id",
    "/sys/class/drm",
    "/sys/class/infiniband",
    "/sys/class/ipmi",
    "/sys/class/net",
    "/sys/class/nvme",
    "/sys/class/scsi_host",
    "/sys/class/tpm",
    "/sys/devices",
    "/sys/firmware",
});

// The same, what tells whether this is a container, and the state of pools of ZFS.
inline constexpr auto kHardwareFiles = std::to_array<std::string_view>({
    "/proc/1/cgroup",
    "/proc/cpuinfo",
    "/proc/device-tree",
    "/proc/meminfo",
    "/proc/spl/kstat/zfs",
    "/proc/sysinfo",
    "/proc/xen",
    "/run/host/container-manager",
    "/run/systemd/container",
    "/sys/block",
    "/sys/bus/pci",
    "/sys/class/dmi/id",
    "/sys/class/net",
    "/sys/devices",
    "/sys/firmware/dmi",
    "/sys/fs/btrfs",
    "/sys/hypervisor",
});

inline constexpr auto kRpmFiles = std::to_array<std::string_view>({
    "/etc/distro.repos.d",
    "/etc/dnf",
    "/etc/os-release",
    "/etc/pki/rpm-gpg",
    "/etc/systemd/system/timers.target.wants",
    "/etc/yum",
    "/etc/yum.conf",
    "/etc/yum.repos.d",
    "/etc/zypp",
    "/usr/lib/os-release",
    "/usr/lib/sysimage/rpm",
    "/var/cache/dnf",
    "/var/cache/libdnf5",
    "/var/cache/yum",
    "/var/cache/zypp/raw",
    "/var/lib/dnf/modulefailsafe",
    "/var/lib/rpm",
    "/var/lib/systemd/timers",
});

// rpm's own list of architectures, without which libdnf does not start.
inline constexpr auto kRpmNeeds = std::to_array<std::string_view>({"/usr/lib/rpm"});

// What tells about the kernel, the microcode and the machine; of other processes nothing.
inline constexpr auto kRestartFiles = std::to_array<std::string_view>({
    "/etc/dnf/plugins/needs-restarting.d",
    "/lib/firmware",
    "/proc/1/cgroup",
    "/proc/cpuinfo",
    "/proc/device-tree",
    "/proc/stat",
    "/proc/sysinfo",
    "/proc/version_signature",
    "/proc/xen",
    "/run/host/container-manager",
    "/run/reboot-needed",
    "/run/reboot-required",
    "/run/reboot-required.pkgs",
    "/run/systemd/container",
    "/sys/class/dmi/id",
    "/sys/devices/system/cpu/cpu0/microcode",
    "/sys/hypervisor",
    "/sys/kernel/livepatch",
});

inline constexpr auto kAptFiles = std::to_array<std::string_view>({
    "/etc/apt",
    "/etc/machine-id",
    "/etc/os-release",
    "/proc/1/mountinfo",
    "/proc/self/mountinfo",
    "/usr/lib/os-release",
    "/usr/share/keyrings",
    "/var/cache/apt",
    "/var/lib/apt",
    "/var/lib/dpkg",
});

// The tables of architectures.
inline constexpr auto kAptNeeds = std::to_array<std::string_view>({"/usr/share/dpkg"});

// The usual places of certificate_look.cpp, and where links in them lead; the names of those who
// own keys; what the servers of configured_uses.cpp are configured by.
inline constexpr auto kCertificateFiles = std::to_array<std::string_view>({
    "/etc/apache2",
    "/etc/ca-certificates",
    "/etc/dovecot",
    "/etc/group",
    "/etc/haproxy",
    "/etc/httpd",
    "/etc/inspircd",
    "/etc/kubernetes",
    "/etc/ldap",
    "/etc/letsencrypt",
    "/etc/my.cnf",
    "/etc/my.cnf.d",
    "/etc/mysql/conf.d",
    "/etc/mysql/mariadb.cnf",
    "/etc/mysql/mariadb.conf.d",
    "/etc/mysql/my.cnf",
    "/etc/mysql/my.cnf.fallback",
    "/etc/mysql/mysql.cnf",
    "/etc/mysql/mysql.conf.d",
    "/etc/mysql/ssl",
    "/etc/news/cert.pem",
    "/etc/news/inn.conf",
    "/etc/news/key.pem",
    "/etc/nginx",
    "/etc/openldap",
    "/etc/passwd",
    "/etc/pki",
    "/etc/postfix",
    "/etc/postgresql",
    "/etc/prosody",
    "/etc/ssl",
    "/etc/vsftpd",
    "/etc/vsftpd.conf",
    "/etc/xrdp/cert.pem",
    "/etc/xrdp/key.pem",
    "/etc/xrdp/xrdp.ini",
    "/root/.kube/config",
    "/usr/local/share/ca-certificates",
    "/usr/share/ca-certificates",
    "/usr/share/pki",
    "/var/lib/ca-certificates",
    "/var/lib/kubelet/pki",
});

// What says of any product whether it runs, what starts it, and in which zone its times are.
inline constexpr auto kProtectionFiles = std::to_array<std::string_view>({
    "/etc/anacrontab",
    "/etc/cron.d",
    "/etc/cron.daily",
    "/etc/cron.hourly",
    "/etc/cron.monthly",
    "/etc/cron.weekly",
    "/etc/crontab",
    "/etc/debian_version",
    "/etc/localtime",
    "/etc/passwd",
    "/etc/systemd/system",
    "/lib/systemd/system",
    "/run/systemd/system",
    "/sys/fs/cgroup",
    "/usr/lib/systemd/system",
    "/usr/local/bin",
    "/usr/local/lib/systemd/system",
    "/usr/local/sbin",
    "/usr/share/zoneinfo",
    "/var/lib/systemd/timers",
    "/var/spool/cron",
});

// The paths of both, in order.
template <size_t N, size_t M>
constexpr std::array<std::string_view, N + M> both(const std::array<std::string_view, N>& some,
                                                   const std::array<std::string_view, M>& others) {
  std::array<std::string_view, N + M> all{};
  std::copy(others.begin(), others.end(), std::copy(some.begin(), some.end(), all.begin()));
  std::sort(all.begin(), all.end());
  return all;
}

// Of the probe tls: what every network probe has, the credentials, and the host's authorities.
inline constexpr auto kTlsInherited = [] {
  using namespace network_probe;
  std::array<std::string_view, kResolverFiles.size() + 1 + kTrustFiles.size()> files{};
  auto* next = std::copy(kResolverFiles.begin(), kResolverFiles.end(), files.begin());
  *next++ = kCredentialsFile;
  std::copy(kTrustFiles.begin(), kTrustFiles.end(), next);
  return files;
}();

// Of probes that ask registries: what every network probe has, the host's authorities, and what
// registries are known by.
inline constexpr auto kRegistryInherited = [] {
  using namespace network_probe;
  std::array<std::string_view, kResolverFiles.size() + kTrustFiles.size() + kRegistryFiles.size()>
      files{};
  auto* next = std::copy(kResolverFiles.begin(), kResolverFiles.end(), files.begin());
  next = std::copy(kTrustFiles.begin(), kTrustFiles.end(), next);
  std::copy(kRegistryFiles.begin(), kRegistryFiles.end(), next);
  return files;
}();

// Configuration, signatures and logs of the antivirus products.
inline constexpr auto kAntivirusFiles =
    both(kProtectionFiles, std::to_array<std::string_view>({
                               "/etc/clamav",
                               "/etc/clamd.conf",
                               "/etc/clamd.d",
                               "/etc/freshclam.conf",
                               "/etc/opt/microsoft/mdatp/managed",
                               "/opt/sophos-spl/base/mcs/policy",
                               "/opt/sophos-spl/base/mcs/status",
                               "/opt/sophos-spl/plugins/av",
                               "/proc/self/mountinfo",
                               "/usr/local/etc/clamd.conf",
                               "/usr/local/etc/freshclam.conf",
                               "/var/lib/clamav",
                               "/var/log/clamav",
                               "/var/log/clamd.scan",
                               "/var/log/freshclam.log",
                               "/var/log/freshclam.log.1",
                           }));

// Settings, state and logs of what watches; of Wazuh's and OSSEC's folders nothing that holds keys.
inline constexpr auto kIntrusionDetectionFiles =
    both(kProtectionFiles, std::to_array<std::string_view>({
                               "/etc/aide",
                               "/etc/aide.conf",
                               "/etc/default/rkhunter",
                               "/etc/osquery/osquery.conf",
                               "/etc/osquery/osquery.conf.d",
                               "/etc/osquery/osquery.flags",
                               "/etc/rkhunter.conf",
                               "/etc/rkhunter.conf.local",
                               "/etc/rkhunter.d",
                               "/etc/samhain",
                               "/opt/ossec/VERSION.json",
                               "/opt/ossec/etc/ossec.conf",
                               "/opt/ossec/logs/ossec.log",
                               "/opt/ossec/queue/rids",
                               "/opt/ossec/var/run",
                               "/var/lib/aide",
                               "/var/lib/rkhunter",
                               "/var/lib/samhain",
                               "/var/lib/tripwire",
                               "/var/log/aide",
                               "/var/log/rkhunter.log",
                               "/var/log/samhain",
                               "/var/ossec/VERSION.json",
                               "/var/ossec/etc/ossec.conf",
                               "/var/ossec/logs/ossec.log",
                               "/var/ossec/queue/rids",
                               "/var/ossec/var/run",
                           }));

}  // namespace muster::agent
