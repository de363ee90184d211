#include "tests/simulator/linux_servers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "common/digest.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "muster/v1/agent_facts.pb.h"
#include "muster/v1/certificate_facts.pb.h"
#include "muster/v1/host_facts.pb.h"
#include "muster/v1/lifecycle_facts.pb.h"
#include "muster/v1/package_facts.pb.h"
#include "muster/v1/restart_facts.pb.h"
#include "tests/simulator/firmware_servers.h"
#include "tests/simulator/hardware_servers.h"
#include "tests/simulator/protected_servers.h"
#include "tests/simulator/tls_servers.h"
#include "tests/simulator/watched_domains.h"

namespace muster::simulator {
namespace {

using std::chrono::days;
using std::chrono::hours;

enum Probe : size_t {
  kAgent,
  kHost,
  kPackages,
  kCertificates,
  kRestart,
  kLifecycle,
  kAntivirus,
  kIntrusionDetection,
  kSockets,
  kListeners,
  kFirmware,
  kHardware,
  // Of what it looks at.
  kDomain,
  kZone,
  kLookalikes
};

// Of so many hosts, one waits for a reboot, runs replaced files, has a key that has ended, is
// broken.
constexpr size_t kOneOf = 4;

constexpr std::array<std::string_view, 20> kSources = {
    "openssl", "glibc",    "systemd", "curl",    "nginx", "linux",  "postgresql-15",
    "libxml2", "gnutls28", "krb5",    "openssh", "expat", "bind9",  "python3.11",
    "perl",    "git",      "sudo",    "zlib",    "vim",   "ncurses"};

// Probes that look at the host itself.
constexpr size_t kHostProbes = kDomain;

std::vector<std::string> probe_names(bool domains) {
  std::vector<std::string> names{"agent",   "host",      "packages-apt", "certificates",
                                 "restart", "lifecycle", "antivirus",    "intrusion-detection",
                                 "sockets", "listeners", "firmware",     "hardware"};
  if (!domains) return names;
  for (const WatchedDomain& watched : kWatchedDomains)
    names.emplace_back(watched.kind);
  return names;
}

v1::AgentFacts agent_facts(size_t host, const std::vector<std::string>& probes, TimePoint started) {
  v1::AgentFacts facts;
  facts.set_version("0.1.0");
  *facts.mutable_started_at() = to_proto(started);
  *facts.mutable_certificate_not_after() = to_proto(started + days(90));
  for (size_t i = kHost; i < probes.size(); ++i) {
    v1::AgentProbe& probe = *facts.add_probes();
    probe.set_name(probes[i]);
    probe.set_interval_seconds(900);
  }
  if (probes.size() > kHostProbes) add_watched_domains(host, facts);
  return facts;
}

v1::HostFacts host_facts(size_t host, TimePoint started) {
  v1::HostFacts facts;
  facts.set_hostname(simulated_host_name(host));
  facts.set_fqdn(simulated_host_name(host) + ".example.org");
  facts.set_machine_id_hash(to_hex(sha256(simulated_host_name(host))).substr(0, 32));
  facts.set_os_id("debian");
  facts.set_os_version_id("12");
  facts.set_os_codename("bookworm");
  facts.set_os_pretty_name("Debian GNU/Linux 12 (bookworm)");
  facts.set_kernel_release("6.1.0-28-amd64");
  facts.set_kernel_version("#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)");
  facts.set_architecture("x86_64");
  *facts.mutable_boot_time() = to_proto(started - days(30));
  facts.set_virtualization(v1::VIRTUALIZATION_VIRTUAL_MACHINE);
  facts.set_virtualization_technology("kvm");
  facts.set_vendor("QEMU");
  facts.set_model("Standard PC (Q35 + ICH9, 2009)");
  facts.set_serial_number(fmt::format("{:08}", host));
  facts.set_time_zone("Etc/UTC");
  return facts;
}

void fill_update(size_t number, uint64_t revision, v1::PendingUpdate& update) {
  const std::string_view source = kSources.at(number % kSources.size());
  const bool security = number % 5 == 0;
  update.set_package(fmt::format("{}-part{}", source, number));
  update.set_architecture("amd64");
  update.set_source_package(std::string(source));
  update.set_installed_version("1.18.0-6.1+deb12u1");
  update.set_candidate_version(fmt::format("1.18.0-6.1+deb12u{}", revision + 1));
  update.set_security(security ? v1::SECURITY_YES : v1::SECURITY_NO);
  update.set_would_install(true);
  v1::PackageOrigin& origin = *update.add_origins();
  origin.set_origin("Debian");
  origin.set_label(security ? "Debian-Security" : "Debian");
  origin.set_suite(security ? "stable-security" : "stable");
  origin.set_codename(security ? "bookworm-security" : "bookworm");
  origin.set_site(security ? "security.debian.org" : "deb.debian.org");
  origin.set_security(security);
}

void fill_kernel(std::string_view release, std::string_view build, v1::InstalledKernel& kernel) {
  kernel.set_package(fmt::format("linux-image-{}", release));
  kernel.set_version(std::string(build));
  kernel.set_release(std::string(release));
  kernel.set_flavour("amd64");
  kernel.set_build(std::string(build));
}

// What else apt knows, with something wrong on one of a few hosts.
void fill_state(size_t host, TimePoint started, v1::PackageFacts& facts) {
  const bool story = host % kOneOf == 0;
  if (story) fill_kernel("6.1.0-29-amd64", "6.1.123-1", *facts.add_kernels());
  fill_kernel("6.1.0-28-amd64", "6.1.119-1", *facts.add_kernels());
  v1::AutomaticUpdateState& automatic = *facts.mutable_automatic_updates();
  automatic.set_mechanism("unattended-upgrades");
  automatic.set_state(story ? v1::AUTOMATIC_UPDATES_OFF : v1::AUTOMATIC_UPDATES_ON);
  automatic.set_reason(story ? "APT::Periodic::Unattended-Upgrade is \"0\"" : "");
  automatic.set_takes_security(!story);
  if (!story) *automatic.mutable_last_success_at() = to_proto(started - hours(6));
  v1::RepositoryKey& key = *facts.add_repository_keys();
  key.set_repository("bookworm");
  key.set_state(story ? v1::REPOSITORY_KEY_STATE_EXPIRED : v1::REPOSITORY_KEY_STATE_VALID);
  key.set_fingerprint("4CB50190207B4758A3F73A796ED0E7B82643E131");
  key.set_user_id("Debian Archive Automatic Signing Key (12/bookworm)");
  *key.mutable_not_after() = to_proto(started + (story ? -days(3) : days(2000)));
  if (story) facts.add_broken("nginx-core");
}

v1::PackageFacts package_facts(const LinuxServerOptions& options, size_t host, uint64_t sequence,
                               TimePoint started) {
  v1::PackageFacts facts;
  facts.set_manager("apt");
  facts.set_installed(612);
  for (size_t number = 0; number < options.updates; ++number) {
    fill_update(number, number < options.changed_updates ? sequence : 1,
                *facts.add_pending_updates());
  }
  // As a probe gives them.
  std::sort(facts.mutable_pending_updates()->pointer_begin(),
            facts.mutable_pending_updates()->pointer_end(),
            [](const v1::PendingUpdate* a, const v1::PendingUpdate* b) {
              return a->package() < b->package();
            });
  *facts.mutable_lists_updated_at() = to_proto(started - hours(2));
  facts.set_lists_updated_source("update-success-stamp");
  facts.set_lists_present(true);
  fill_state(host, started, facts);
  return facts;
}

v1::RestartFacts restart_facts(size_t host, TimePoint started) {
  v1::RestartFacts facts;
  v1::RunningKernel& kernel = *facts.mutable_kernel();
  kernel.set_release("6.1.0-28-amd64");
  kernel.set_version("#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)");
  kernel.set_state(v1::RESTART_STATE_CURRENT);
  kernel.set_modules_present(true);
  v1::Microcode& microcode = *facts.mutable_microcode();
  microcode.set_state(v1::RESTART_STATE_NOT_APPLICABLE);
  microcode.set_reason("a virtual machine: its host loads the microcode");
  facts.set_processes(143);
  if (host % kOneOf != 0) return facts;
  v1::StaleService& service = *facts.add_stale_services();
  service.set_unit("nginx.service");
  service.add_programs("nginx");
  service.set_processes(3);
  service.add_files("/usr/lib/x86_64-linux-gnu/libssl.so.3");
  service.set_file_count(1);
  *service.mutable_started_at() = to_proto(started - days(30));
  facts.set_stale_service_count(1);
  v1::RebootRequest& request = *facts.add_reboot_requests();
  request.set_source("/run/reboot-required");
  request.add_packages("linux-image-6.1.0-29-amd64");
  *request.mutable_requested_at() = to_proto(started - days(2));
  return facts;
}

// On one of a few: a release that nobody mends any more.
v1::LifecycleFacts lifecycle_facts(size_t host, TimePoint started) {
  v1::LifecycleFacts facts;
  facts.set_os_id("debian");
  facts.set_os_version_id("12");
  facts.set_os_codename("bookworm");
  facts.set_os_pretty_name("Debian GNU/Linux 12 (bookworm)");
  const bool ended = host % kOneOf == 0;
  for (const auto& [programme, left] : {std::pair("standard", -days(160)), {"lts", days(580)}}) {
    v1::SupportPeriod& period = *facts.add_periods();
    period.set_programme(programme);
    *period.mutable_ends_at() = to_proto(started + left - (ended ? days(600) : days(0)));
    period.set_coverage(v1::SUPPORT_COVERAGE_INCLUDED);
    period.set_source("distro-info-data 0.58+deb12u6");
  }
  *facts.mutable_data_as_of() = to_proto(started - days(100));
  return facts;
}

v1::CertificateFacts certificate_facts(const LinuxServerOptions& options, size_t host,
                                       uint64_t sequence, TimePoint started) {
  v1::CertificateFacts facts;
  for (size_t number = 0; number < options.certificates; ++number) {
    const std::string name = fmt::format("www{}.{}.example.org", number, simulated_host_name(host));
    v1::CertificateFile& file = *facts.add_files();
    file.set_path(fmt::format("/etc/ssl/private/www{:03}.pem", number));
    *file.mutable_modified_at() = to_proto(started - days(20));
    v1::Certificate& certificate = *file.add_certificates();
    certificate.set_subject("CN=" + name);
    certificate.set_issuer("CN=R11,O=Let's Encrypt,C=US");
    certificate.set_common_name(name);
    const std::string digest = to_hex(sha256(fmt::format("{} {}", name, sequence)));
    certificate.set_serial(digest.substr(0, 36));
    certificate.add_subject_alternative_names("DNS:" + name);
    certificate.add_subject_alternative_names("DNS:www." + name);
    certificate.set_key_type("EC");
    certificate.set_key_bits(256);
    certificate.set_signature_algorithm("sha256WithRSAEncryption");
    *certificate.mutable_not_before() = to_proto(started - days(20));
    *certificate.mutable_not_after() = to_proto(started + days(70));
    certificate.set_sha256(digest);
    certificate.set_public_key_sha256(to_hex(sha256(name)));
  }
  add_keys_and_uses(host, started, facts);
  return facts;
}

template <typename Facts>
void put_facts(const Facts& facts, v1::Section& section) {
  section.set_facts_type(facts.GetTypeName());
  section.set_facts(facts.SerializeAsString());
}

v1::Measurement measurement(std::string_view name, std::string_view subject, double value) {
  v1::Measurement made;
  made.set_name(std::string(name));
  made.set_subject(std::string(subject));
  made.set_value(value);
  return made;
}

}  // namespace

std::string simulated_host_name(size_t host) {
  return fmt::format("sim-{:05}", host);
}

LinuxServers::LinuxServers(LinuxServerOptions options, TimePoint started)
    : options_(options), started_(started), probes_(probe_names(options.domains)) {}

size_t LinuxServers::changing_probe(size_t /*host*/, uint64_t /*changes*/) const {
  return kPackages;
}

v1::Section LinuxServers::look(size_t host, size_t probe, uint64_t sequence, TimePoint now) const {
  v1::Section section;
  section.set_probe(probes_.at(probe));
  section.set_outcome(v1::OUTCOME_OBSERVED);
  *section.mutable_observed_at() = to_proto(now);
  if (probe >= kHostProbes) {
    section.set_entity(fmt::format("/{}", kWatchedDomains.at(probe - kHostProbes).name));
  }
  switch (probe) {
    case kAgent:
      put_facts(agent_facts(host, probes_, started_), section);
      break;
    case kHost:
      put_facts(host_facts(host, started_), section);
      break;
    case kPackages:
      put_facts(package_facts(options_, host, sequence, started_), section);
      break;
    case kRestart:
      put_facts(restart_facts(host, started_), section);
      break;
    case kLifecycle:
      put_facts(lifecycle_facts(host, started_), section);
      break;
    case kAntivirus:
      put_facts(antivirus_facts(host, started_), section);
      break;
    case kIntrusionDetection:
      put_facts(intrusion_detection_facts(host, started_), section);
      break;
    case kSockets:
      put_facts(socket_facts(host), section);
      break;
    case kListeners:
      // The certificates never change: what does is apt's list.
      put_facts(listener_facts(host, certificate_facts(options_, host, 1, started_), started_),
                section);
      break;
    case kFirmware:
      put_facts(firmware_facts(host, started_), section);
      break;
    case kHardware:
      put_facts(hardware_facts(host), section);
      break;
    case kDomain:
      if (const std::string why = domain_failure(host); !why.empty()) {
        section.set_outcome(v1::OUTCOME_FAILED);
        section.set_reason(why);
        break;
      }
      put_facts(domain_facts(host, started_), section);
      break;
    case kZone:
      put_facts(zone_facts(host, started_), section);
      break;
    case kLookalikes:
      put_facts(lookalike_facts(host, started_), section);
      break;
    default:
      put_facts(certificate_facts(options_, host, sequence, started_), section);
  }
  return section;
}

// As agent/looking/own_section.cpp has them.
std::vector<v1::Measurement> LinuxServers::measurements(size_t host, size_t probe,
                                                        TimePoint now) const {
  std::vector<v1::Measurement> all;
  if (probe != kAgent) return all;
  const double looks = std::chrono::duration<double>(now - started_).count() / 900 + 1;
  for (size_t i = kHost; i < probes_.size(); ++i) {
    all.push_back(measurement("probe_runs_total", probes_[i], 1));
    all.push_back(measurement("probe_failures_total", probes_[i], 0));
    all.push_back(measurement("probe_confirmed_total", probes_[i], static_cast<int64_t>(looks)));
    all.push_back(measurement("probe_duration_seconds", probes_[i],
                              0.02 + static_cast<double>(host % 7) / 1000));
  }
  all.push_back(measurement("outbox_entries", "", 0));
  all.push_back(measurement("outbox_bytes", "", 20'000));
  all.push_back(measurement("outbox_dropped_total", "", 0));
  all.push_back(measurement("outbox_damaged_total", "", 0));
  all.push_back(measurement("resident_memory_bytes", "", 1.1e7 + static_cast<double>(host)));
  return all;
}

}  // namespace muster::simulator
