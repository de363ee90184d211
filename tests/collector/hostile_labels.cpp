#include "tests/collector/hostile_labels.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <string_view>

#include "collector/fleet/fleet.h"
#include "collector/http/self_metrics.h"
#include "collector/metrics/policy_metrics.h"
#include "common/digest.h"
#include "common/files.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "muster/v1/agent_facts.pb.h"
#include "muster/v1/certificate_facts.pb.h"
#include "muster/v1/firmware_facts.pb.h"
#include "muster/v1/fwupd_facts.pb.h"
#include "muster/v1/hardware_facts.pb.h"
#include "muster/v1/host_facts.pb.h"
#include "muster/v1/lifecycle_facts.pb.h"
#include "muster/v1/package_facts.pb.h"
#include "muster/v1/protection_facts.pb.h"
#include "tests/collector/fakes.h"
#include "tests/common/exposition/run_command.h"

namespace muster::collector {
namespace {

using exposition::Format;
using namespace std::literals;

constexpr unsigned kHosts = 100;
constexpr unsigned kProbesOfAHost = 60;
constexpr unsigned kCertificatesOfAHost = 900;
constexpr unsigned kNamesInThePolicy = 20;
constexpr std::array<const char*, 4> kLabels{"site", "role", "environment", "owner"};

constexpr std::array kWorst{
    "\0"sv, "\n"sv, "\r"sv, "\""sv, "\\"sv, "\\n"sv, "\\\""sv, "\\\\"sv, "}"sv, "{"sv, ","sv, "="sv,
    " "sv, "\t"sv, "#"sv, "# HELP a b\n"sv, "\n# EOF\n"sv, "\n# TYPE muster_forged gauge\n"sv,
    "\nmuster_control_status{host=\"web1\",control=\"a\",severity=\"low\",status=\"pass\"} 1\n"sv,
    "\"} 1\nforged{x=\""sv, "\",host=\"other"sv, "\"} 1 1700000000000\n"sv,
    // A lone surrogate, an overlong slash, beyond U+10FFFF, sequences that end too early.
    "\xED\xA0\x80"sv, "\xC0\xAF"sv, "\xF4\x90\x80\x80"sv, "\xE2\x80"sv, "\xF0\x9F\x98"sv, "\x80"sv,
    "\xFF\xFE"sv,
    // Ends of lines that are none here: NEL, U+2028, U+2029; a byte order mark; right to left.
    "\xC2\x85"sv, "\xE2\x80\xA8"sv, "\xE2\x80\xA9"sv, "\x0B"sv, "\x0C"sv, "\x1C"sv,
    "\xEF\xBB\xBF"sv, "\xE2\x80\xAE"sv, "\xF0\x9F\x98\x80"sv, "e\xCC\x81"sv, "\x7F"sv, "\x1B[2J"sv};

class Strings {
 public:
  explicit Strings(unsigned seed) : random_(seed) {}

  unsigned draw(unsigned least, unsigned most) {
    return std::uniform_int_distribution<unsigned>(least, most)(random_);
  }

  std::string next() {
    std::string text;
    switch (draw(0, 9)) {
      case 0:
        return bytes(draw(0, 4));
      case 1:
        return bytes(draw(200, 400));
      case 2:
        // At the limit of 256, with a character across it.
        return std::string(draw(240, 258), 'x') + std::string(worst()) + bytes(draw(0, 3));
      case 3:
        return std::string(worst()) + std::string(draw(0, 1) * draw(1, 2000), 'y');
      default:
        for (unsigned count = draw(1, 6); count > 0; --count)
          text += draw(0, 1) == 0 ? std::string(worst()) : bytes(draw(0, 8));
        return text;
    }
  }

 private:
  std::string_view worst() { return kWorst[draw(0, kWorst.size() - 1)]; }
  std::string bytes(unsigned count) {
    std::string text;
    while (count-- > 0)
      text += static_cast<char>(draw(0, 255));
    return text;
  }

  std::mt19937 random_;
};

// What was said, as a line each for hostile_labels.py.
class Said {
 public:
  void add(std::string_view family, std::string_view labels, std::string_view value) {
    text_ += fmt::format("{{\"family\":\"{}\",\"labels\":{{{}}},\"value\":{}}}\n", family, labels,
                         value);
  }
  void add_hostile(std::string_view family, std::string_view labels, std::string_view label,
                   const std::string& hostile, std::string_view value) {
    text_ += fmt::format(
        "{{\"family\":\"{}\",\"labels\":{{{}}},\"label\":\"{}\",\"hostile\":\"{}\",\"value\":{}}}"
        "\n",
        family, labels, label, to_hex(hostile), value);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

v1::SectionVersion& add_version(v1::SyncRequest& request, const std::string& probe,
                                v1::Outcome outcome) {
  v1::SectionVersion& version = *request.add_versions();
  version.set_probe(probe);
  version.set_sequence(1);
  version.set_outcome(outcome);
  *version.mutable_observed_at() = request.sent_at();
  return version;
}

std::string certificates(Strings& strings, const std::string& host, Said& said) {
  v1::CertificateFacts facts;
  for (unsigned i = 0; i < kCertificatesOfAHost; ++i) {
    const std::string hostile = strings.next();
    v1::CertificateFile& file = *facts.add_files();
    v1::Certificate& certificate = *file.add_certificates();
    certificate.mutable_not_after()->set_seconds(i);
    const bool is_path = i % 2 == 0;
    file.set_path(is_path ? repair_utf8(hostile) : fmt::format("/{}", i));
    certificate.set_common_name(is_path ? fmt::format("cn{}", i) : repair_utf8(hostile));
    const std::string fingerprint = fmt::format("{:016x}", i);
    certificate.set_sha256(fingerprint + "of which no more is shown");
    const std::string labels = fmt::format("{},\"fingerprint\":\"{}\"", host, fingerprint);
    said.add("muster_certificate_not_after_timestamp_seconds", labels, std::to_string(i));
    const std::string position = labels + ",\"position\":\"0\"";
    const std::string info =
        labels + ",\"subject\":\"\",\"issuer\":\"\",\"key\":\"\",\"signature\":\"\"";
    if (is_path) {
      said.add_hostile("muster_certificate_file", position, "path", hostile, "1");
      said.add("muster_certificate_info", fmt::format("{},\"common_name\":\"cn{}\"", info, i), "1");
    } else {
      said.add("muster_certificate_file", fmt::format("{},\"path\":\"/{}\"", position, i), "1");
      said.add_hostile("muster_certificate_info", info, "common_name", hostile, "1");
    }
  }
  return facts.SerializeAsString();
}

v1::PackageFacts packages_of(const std::string& manager, unsigned installed) {
  v1::PackageFacts packages;
  packages.set_manager(manager);
  packages.set_installed(installed);
  packages.set_lists_present(true);
  packages.add_repository_keys()->set_state(v1::REPOSITORY_KEY_STATE_EXPIRED);
  packages.mutable_automatic_updates()->set_mechanism("m");
  packages.mutable_automatic_updates()->set_state(v1::AUTOMATIC_UPDATES_OFF);
  return packages;
}

// One label of muster_host_info is hostile on each host, in turn, and every manager of packages is.
void add_host_and_agent(v1::SyncRequest& request, Strings& strings, const std::string& host,
                        unsigned number, Said& said) {
  const auto add = [&](const std::string& probe, const google::protobuf::Message& facts) {
    v1::SectionVersion& version = add_version(request, probe, v1::OUTCOME_OBSERVED);
    version.set_facts_type(std::string(facts.GetDescriptor()->full_name()));
    version.set_facts(facts.SerializeAsString());
    version.set_digest(sha256(version.facts()));
    said.add("muster_probe_outcome",
             fmt::format("{},\"outcome\":\"observed\",\"probe\":\"{}\"", host, probe), "1");
    said.add("muster_probe_last_observed_timestamp_seconds",
             fmt::format("{},\"probe\":\"{}\"", host, probe), "null");
  };
  const char* const names[] = {"os_id",  "os_version",     "kernel", "architecture",
                               "vendor", "virtualization", "model",  "agent_version"};
  const size_t chosen = number % std::size(names);
  // An empty technology is told by the enumeration instead.
  const std::string hostile = "a" + strings.next();
  std::array<std::string, std::size(names)> values;
  std::string labels = host;
  for (size_t i = 0; i < std::size(names); ++i) {
    values[i] = i == chosen ? repair_utf8(hostile) : fmt::format("v{}", i);
    if (i != chosen) labels += fmt::format(",\"{}\":\"{}\"", names[i], values[i]);
  }
  said.add_hostile("muster_host_info", labels, names[chosen], hostile, "1");
  v1::HostFacts facts;
  facts.set_os_id(values[0]);
  facts.set_os_version_id(values[1]);
  facts.set_kernel_release(values[2]);
  facts.set_architecture(values[3]);
  facts.set_vendor(values[4]);
  facts.set_virtualization_technology(values[5]);
  facts.set_model(values[6]);
  add("host", facts);
  v1::AgentFacts agent;
  agent.set_version(values[7]);
  add("agent", agent);

  const std::string manager = strings.next();
  add("packages", packages_of(repair_utf8(manager), number));
  const auto say_packages = [&](const char* family, const std::string& more, unsigned value) {
    said.add_hostile(family, host + more, "manager", manager, std::to_string(value));
  };
  say_packages("muster_packages_installed", "", number);
  for (const char* family : {"muster_packages_held", "muster_packages_obsolete",
                             "muster_packages_third_party", "muster_packages_broken",
                             "muster_packages_excluded", "muster_repositories_without_errata"}) {
    say_packages(family, "", 0);
  }
  for (const char* family : {"muster_packages_pending", "muster_packages_installable"}) {
    for (const char* kind : {"security", "other"})
      say_packages(family, fmt::format(",\"kind\":\"{}\"", kind), 0);
  }
  say_packages("muster_repository_keys", ",\"state\":\"expired\"", 1);
  say_packages("muster_automatic_updates", ",\"mechanism\":\"m\"", 0);

  const std::string programme = strings.next();
  v1::LifecycleFacts lifecycle;
  v1::SupportPeriod& period = *lifecycle.add_periods();
  period.set_programme(repair_utf8(programme));
  period.mutable_ends_at()->set_seconds(number);
  period.set_coverage(v1::SUPPORT_COVERAGE_ENABLED);
  add("lifecycle", lifecycle);
  said.add_hostile("muster_support_end_timestamp_seconds", host + ",\"component\":\"\"",
                   "programme", programme, std::to_string(number));

  const std::string model = strings.next();
  v1::FirmwareFacts firmware;
  v1::FirmwareComponent& component = *firmware.add_components();
  component.set_kind(v1::FIRMWARE_KIND_SYSTEM);
  component.set_model(repair_utf8(model));
  v1::SecureBootAuthority& authority = *firmware.mutable_secure_boot()->add_authorities();
  authority.set_list("db");
  authority.set_subject(repair_utf8(model));
  authority.mutable_not_after()->set_seconds(number);
  add("firmware", firmware);
  said.add_hostile(
      "muster_firmware_info",
      host + R"(,"kind":"bios","component":"","vendor":"","version":"","next_version":"")", "model",
      model, "1");
  said.add("muster_firmware_updates_failed", host, "0");
  said.add("muster_secure_boot", host + R"(,"state":"unknown")", "1");
  said.add_hostile("muster_secure_boot_authority_not_after_timestamp_seconds",
                   host + R"(,"list":"db","fingerprint":"")", "subject", model,
                   std::to_string(number));

  const std::string source = strings.next();
  v1::FwupdFacts fwupd;
  fwupd.set_host_security_id(repair_utf8(source));
  v1::FirmwareRemote& remote = *fwupd.add_remotes();
  remote.set_id(repair_utf8(source));
  remote.mutable_modified_at()->set_seconds(number);
  add("firmware-fwupd", fwupd);
  for (const char* const urgency : {"unknown", "low", "medium", "high", "critical"})
    said.add("muster_firmware_upgrades", host + ",\"urgency\":\"" + urgency + "\"", "0");
  said.add_hostile("muster_firmware_metadata_timestamp_seconds", host, "remote", source,
                   std::to_string(number));

  const std::string array = strings.next();
  v1::HardwareFacts hardware;
  hardware.add_arrays()->set_name(repair_utf8(array));
  add("hardware", hardware);
  said.add("muster_hardware_info", host + R"(,"vendor":"","model":"","board":"","chassis":"")",
           "1");
  said.add("muster_hardware_processors", host, "0");
  said.add("muster_hardware_memory_bytes", host, "0");
  said.add_hostile("muster_array_state", host + R"(,"kind":"unknown","level":"","state":"unknown")",
                   "array", array, "1");

  const std::string product = strings.next();
  v1::AntivirusFacts antivirus;
  antivirus.add_products()->set_product(repair_utf8(product));
  add("antivirus", antivirus);
  const std::string kind = host + R"(,"kind":"antivirus")";
  said.add("muster_protection_products", kind, "1");
  said.add_hostile("muster_protection_product_info", kind + R"(,"version":"","engine_version":"")",
                   "product", product, "1");
  said.add_hostile("muster_protection_mode", kind + R"(,"mode":"unknown")", "product", product,
                   "1");
  said.add_hostile("muster_protection_unread_facts", kind, "product", product, "0");
}

// A policy whose names are hostile, and what metrics tell of it alone.
std::shared_ptr<const policy::Policy> hostile_policy(Strings& strings, Said& said) {
  policy::Policy policy;
  policy.controls.push_back({.id = "reporting", .title = "", .rule = "host_reporting"});
  for (unsigned i = 0; i < kNamesInThePolicy; ++i) {
    const TimePoint time{std::chrono::seconds(i)};
    policy::MaintenanceWindow window;
    window.name = strings.next();
    window.ends = TimePoint::max();
    policy.maintenance.push_back(window);
    policy::Owner owner;
    owner.team = strings.next();
    owner.match.hosts = {"nobody"};
    owner.match.may_be_empty = true;
    said.add_hostile("muster_owner_info", R"("contact":"","escalation":"")", "owner", owner.team,
                     "1");
    policy.owners.push_back(owner);
    policy::Waiver waiver;
    waiver.id = fmt::format("w{}", i);
    waiver.approved_by = strings.next();
    waiver.ends = time;
    said.add_hostile("muster_waiver_end_timestamp_seconds",
                     fmt::format(R"("waiver":"{}","control":"","ticket":"")", waiver.id),
                     "approved_by", waiver.approved_by, std::to_string(i));
    policy.waivers.push_back(waiver);
    policy::KeptDate date;
    date.name = strings.next();
    date.date = time;
    said.add_hostile("muster_date_timestamp_seconds", R"("kind":"","owner":"")", "date", date.name,
                     std::to_string(i));
    policy.dates.push_back(date);
  }
  said.add("muster_policy_info", R"("sha256":"")", "1");
  said.add("muster_policy_controls", "", "1");
  said.add("muster_policy_control_deadline_seconds", R"("control":"reporting","severity":"")", "0");
  said.add("muster_policy_loaded_timestamp_seconds", "", "null");
  said.add("muster_policy_last_reload_successful", "", "1");
  said.add("muster_policy_selectors_without_hosts", "", "0");
  return std::make_shared<const policy::Policy>(std::move(policy));
}

// One of a host's labels is hostile, in turn; all hosts comply.
Labels labels_of(Strings& strings, unsigned number, const std::string& host, Said& said) {
  const char* const chosen = kLabels[number % kLabels.size()];
  const std::string hostile = strings.next();
  std::string others = host;
  for (const char* label : kLabels) {
    if (label != chosen) others += fmt::format(",\"{}\":\"\"", label);
    for (const char* control : {"", "reporting"}) {
      const std::string by = fmt::format(R"("control":"{}","by":"{}")", control, label);
      said.add_hostile("muster_compliance_ratio", by, "value",
                       label == chosen ? hostile : std::string(), "1");
    }
  }
  said.add_hostile("muster_host_labels_info", others, chosen, hostile, "1");
  return {{chosen, hostile}};
}

void say_how_the_host_stands(const std::string& host, const policy::Policy& policy, Said& said) {
  for (const policy::MaintenanceWindow& window : policy.maintenance)
    said.add_hostile("muster_host_maintenance", host, "window", window.name, "1");
  for (const char* control : {"", "reporting"}) {
    said.add("muster_compliance_ratio",
             fmt::format(R"("control":"{}","by":"","value":"")", control), "1");
  }
  said.add("muster_control_status",
           host + R"(,"control":"reporting","severity":"medium","status":"pass")", "1");
}

void report(Fleet& fleet, const Clock& clock, Strings& strings, unsigned number, Said& said) {
  const std::string name = fmt::format("web{}", number);
  const std::string host = fmt::format("\"host\":\"{}\"", name);
  say_how_the_host_stands(host, *fleet.policy(), said);
  fleet.add_host({.id = name,
                  .name = name,
                  .labels = labels_of(strings, number, host, said),
                  .machine_id_hash = {},
                  .enrolled_at = clock.now(),
                  .last_sync_at = std::nullopt});
  v1::SyncRequest request;
  request.set_epoch(1);
  *request.mutable_sent_at() = to_proto(clock.now());
  for (unsigned i = 0; i < kProbesOfAHost; ++i) {
    const std::string hostile = strings.next();
    add_version(request, hostile, v1::OUTCOME_NOT_APPLICABLE);
    said.add_hostile("muster_probe_outcome", host + ",\"outcome\":\"not_applicable\"", "probe",
                     hostile, "1");
    said.add_hostile("muster_probe_last_observed_timestamp_seconds", host, "probe", hostile,
                     "null");
  }
  v1::SectionVersion& version = add_version(request, "certificates", v1::OUTCOME_OBSERVED);
  version.set_facts_type("muster.v1.CertificateFacts");
  version.set_facts(certificates(strings, host, said));
  version.set_digest(sha256(version.facts()));
  said.add("muster_probe_outcome", host + ",\"outcome\":\"observed\",\"probe\":\"certificates\"",
           "1");
  said.add("muster_probe_last_observed_timestamp_seconds", host + ",\"probe\":\"certificates\"",
           "null");
  add_host_and_agent(request, strings, host, number, said);
  said.add("muster_host_reporting", host, "1");
  said.add("muster_host_last_sync_timestamp_seconds", host, "null");
  said.add("muster_host_clock_offset_seconds", host, "0");
  said.add("muster_host_series_cut", host, "0");
  said.add("muster_certificates", host, std::to_string(kCertificatesOfAHost));
  said.add("muster_certificate_files_unreadable", host, "0");
  said.add("muster_certificate_files_omitted", host, "0");
  const auto plan = fleet.plan_sync(name, request);
  ASSERT_TRUE(plan.ok()) << plan.status();
  fleet.apply_sync(*plan, request);
}

}  // namespace

void expect_that_readers_find_what_was_said(unsigned seed) {
  FakeClock clock;
  FakeStore store;
  Strings strings(seed);
  Said said;
  Fleet fleet(clock, store, hostile_policy(strings, said));
  const PolicyMetrics policy_metrics(clock, fleet);
  for (unsigned number = 0; number < kHosts; ++number)
    report(fleet, clock, strings, number, said);

  const test::TemporaryDirectory directory;
  const auto exposition_in = [&fleet, &policy_metrics](Format format) {
    return fleet.render_metrics(format) +
           http::render_self_metrics(policy_metrics.Collect(), format);
  };
  const test::Ended ended = test::run_command(
      fmt::format("/usr/bin/python3 -B {}/tests/collector/hostile_labels.py {} {} {}",
                  MUSTER_SOURCE_DIRECTORY, directory.write("said", said.text()),
                  directory.write("text", exposition_in(Format::kPrometheusText)),
                  directory.write("openmetrics", exposition_in(Format::kOpenMetrics) + "# EOF\n")));
  EXPECT_EQ(ended.status, 0) << "seed " << seed << ": " << ended.output;
  EXPECT_TRUE(ended.output.ends_with("promtool: nothing to say\n")) << ended.output;
}

}  // namespace muster::collector
