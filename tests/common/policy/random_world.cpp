#include "tests/common/policy/random_world.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "muster/v1/agent_facts.pb.h"
#include "muster/v1/host_facts.pb.h"
#include "tests/common/policy/random_domain.h"
#include "tests/common/policy/random_firmware.h"
#include "tests/common/policy/random_hardware.h"
#include "tests/common/policy/random_protection.h"
#include "tests/common/policy/random_served.h"
#include "tests/common/policy/random_zone.h"
#include "tests/common/policy/restart.h"

namespace muster::testing {
namespace {

const std::vector<std::string> host_probes{
    "host",         "agent",    "packages-apt", "packages-rpm",  "packages-apk",
    "certificates", "restart",  "lifecycle",    "antivirus",     "intrusion-detection",
    "listeners",    "firmware", "hardware",     "firmware-fwupd"};
const std::vector<std::string> tcp_probes{"tcp"};
const std::vector<std::string> tls_probes{"tls"};
const std::vector<std::string> zone_probes{"zone"};
const std::vector<std::string> domain_probes{"domain"};
const std::vector<std::string> lookalikes_probes{"lookalikes"};

}  // namespace

RandomWorld::RandomWorld(uint32_t seed)
    : random_(seed),
      kind_(seed % 5 == 0    ? "tcp"
            : seed % 5 == 1  ? "tls"
            : seed % 20 == 2 ? "zone"
            : seed % 20 == 3 ? "domain"
            : seed % 20 == 4 ? "lookalikes"
                             : "host") {
  if (chance(70)) labels_["site"] = chance(50) ? "fra" : "ams";
  enrolled_at_ = kNow - up_to(days(2));
  if (chance(85)) last_sync_ = kNow - up_to(chance(50) ? Duration(hours(1)) : days(3));
  for (const std::string& probe : probes()) {
    if (chance(80)) sections_.push_back(make(probe, kNow));
  }

  policy::Policy policy;
  policy.sha256 = "abc";
  policy.groups = {{.name = "group", .any_of = {selector(false), selector(false)}}};
  for (const policy::Rule& rule : policy::all_rules()) {
    policy.controls.push_back(control(rule, std::string(rule.name)));
    if (chance(30)) policy.controls.push_back(control(rule, std::string(rule.name) + "-2"));
  }
  std::shuffle(policy.controls.begin(), policy.controls.end(), random_);
  for (int64_t i = pick(1, 9); i > 0; --i)
    policy.waivers.push_back(waiver(policy.controls, "waiver-" + std::to_string(i), kNow));
  if (chance(80)) policy.baselines = random_baselines(*this);
  // Changes no verdict.
  policy.maintenance = {{.name = "always", .weekdays = 0x7f, .lasts = days(1)}};
  policy_ = std::make_shared<const policy::Policy>(std::move(policy));
}

policy::HostView RandomWorld::view() const {
  return {.sections = sections_,
          .last_sync = last_sync_,
          .enrolled_at = enrolled_at_,
          .name = "web1",
          .labels = &labels_,
          .kind = kind_};
}

const std::vector<std::string>& RandomWorld::probes() const {
  if (kind_ == "zone") return zone_probes;
  if (kind_ == "domain") return domain_probes;
  if (kind_ == "lookalikes") return lookalikes_probes;
  return kind_ == "host" ? host_probes : kind_ == "tcp" ? tcp_probes : tls_probes;
}

std::string RandomWorld::change(TimePoint now) {
  std::string probe = one_of(probes());
  last_sync_ = now;
  const auto section = std::find_if(sections_.begin(), sections_.end(),
                                    [&probe](const auto& s) { return s.probe == probe; });
  if (section == sections_.end()) {
    sections_.push_back(look(probe, now));
  } else if (chance(30)) {
    *section = failed(std::move(*section), "killed after 30s");
    section->looked_at = now;
  } else {
    *section = look(probe, now);
  }
  return probe;
}

void RandomWorld::heartbeat(TimePoint now) {
  last_sync_ = now;
  for (SectionState& section : sections_) {
    if (chance(30)) continue;
    section.looked_at = now;
    if (section.outcome != v1::OUTCOME_FAILED) section.observed_at = now;
  }
}

void RandomWorld::amend_policy(TimePoint now) {
  policy::Policy policy = *policy_;
  if (chance(20)) policy.baselines = random_baselines(*this);
  for (int64_t i = pick(0, 3); i > 0; --i) {
    policy::Control& old = one_of(policy.controls);
    policy::Control other = control(*policy::find_rule(old.rule), old.id);
    switch (pick(0, 6)) {
      case 0:
        old = std::move(other);
        break;
      case 1:
        old.severity = other.severity;
        break;
      case 2:
        old.deadlines = other.deadlines;
        break;
      case 3:
        old.applies_to = other.applies_to;
        break;
      case 4:
        old.title += " now";
        break;
      case 5:
        std::shuffle(policy.controls.begin(), policy.controls.end(), random_);
        break;
      case 6:
        // Another rule's, with the memory of this one: that is what an id is for.
        old = control(one_of(policy::all_rules()), old.id);
        break;
    }
  }
  for (int64_t i = pick(0, 2); i > 0; --i) {
    const std::string id = "waiver-" + std::to_string(pick(1, 9));
    std::erase_if(policy.waivers, [&id](const policy::Waiver& waiver) { return waiver.id == id; });
    if (chance(70)) policy.waivers.push_back(waiver(policy.controls, id, now));
  }
  if (!policy.waivers.empty() && chance(60)) amend(one_of(policy.waivers), policy.controls);
  if (chance(20)) policy.groups[0].any_of = {selector(false)};
  if (chance(20)) std::shuffle(policy.waivers.begin(), policy.waivers.end(), random_);
  policy_ = std::make_shared<const policy::Policy>(std::move(policy));
}

int64_t RandomWorld::pick(int64_t low, int64_t high) {
  return std::uniform_int_distribution<int64_t>(low, high)(random_);
}

policy::Control RandomWorld::control(const policy::Rule& rule, std::string id) {
  policy::Control control{.id = std::move(id), .title = "Title", .rule = std::string(rule.name)};
  control.severity = static_cast<v1::Severity>(pick(v1::SEVERITY_LOW, v1::SEVERITY_CRITICAL));
  control.max_age = chance(80) ? Duration(hours(24)) : up_to(days(4)) + kMicrosecond;
  if (rule.has_deadline && chance(80)) {
    control.deadlines = {.low = days(30),
                         .medium = up_to(days(20)),
                         .high = up_to(days(7)),
                         .critical = chance(50) ? Duration(0) : up_to(days(1))};
  }
  for (const policy::Parameter& parameter : rule.parameters) {
    if (chance(50)) control.parameters.emplace_back(parameter.name, value_of(parameter));
  }
  if (chance(40)) control.applies_to = selector();
  control.applies_to.kind = !rule.kind.empty() ? std::string(rule.kind)
                            : chance(80)       ? "host"
                                               : "target";
  if (!rule.other_kind.empty() && chance(40)) control.applies_to.kind = rule.other_kind;
  return control;
}

policy::ParameterValue RandomWorld::value_of(const policy::Parameter& parameter) {
  if (chance(10)) return parameter.low;
  if (const auto* const usual = std::get_if<Duration>(&parameter.usual)) {
    return std::get<Duration>(parameter.low) + up_to(2 * *usual);
  }
  if (std::holds_alternative<double>(parameter.usual)) {
    return static_cast<double>(pick(0, 1000)) / 1000;
  }
  if (std::holds_alternative<policy::Globs>(parameter.usual)) {
    return policy::Globs{chance(50) ? "path /proc" : "*: extension *"};
  }
  return std::get<int64_t>(parameter.low) + pick(0, 2 * std::get<int64_t>(parameter.usual));
}

// Mostly one that selects the host, or would if its operating system were known.
policy::Selector RandomWorld::selector(bool may_name_group) {
  policy::Selector selector;
  selector.kind = chance(10) ? "target" : chance(10) ? "host" : "";
  if (chance(30)) selector.os = {chance(80) ? "debian*" : "ubuntu"};
  if (chance(20)) selector.labels["site"] = {"fra"};
  if (chance(20)) selector.hosts = {chance(80) ? "web*" : "db*"};
  if (may_name_group && chance(20)) selector.groups = {0};
  if (chance(20)) selector.except.push_back({.kind = "", .os = {"ubuntu"}});
  return selector;
}

policy::Waiver RandomWorld::waiver(const std::vector<policy::Control>& controls, std::string id,
                                   TimePoint now) {
  policy::Waiver waiver{.id = std::move(id),
                        .control = chance(55) ? "security_updates" : one_of(controls).id,
                        .reason = "there is no patch",
                        .approved_by = "ciso"};
  waiver.match.kind = "";
  if (chance(30)) waiver.match = selector();
  const std::string subjects[] = {"deb*", "deb1", "/etc/*", "/etc/1#*", "*", "seccomp", "waiver-1"};
  for (int64_t i = chance(50) ? 0 : pick(1, 2); i > 0; --i)
    waiver.subjects.push_back(one_of(subjects));
  waiver.starts = now - days(15) + up_to(days(30));
  waiver.ends = waiver.starts + kMicrosecond + up_to(chance(30) ? Duration(hours(2)) : days(25));
  return waiver;
}

// One thing of it, and nothing else.
void RandomWorld::amend(policy::Waiver& waiver, const std::vector<policy::Control>& controls) {
  switch (pick(0, 5)) {
    case 0:
      waiver.subjects = chance(50) ? std::vector<std::string>{} : std::vector<std::string>{"deb1"};
      break;
    case 1:
      waiver.starts -= days(5);
      break;
    case 2:
      waiver.ends += days(5);
      break;
    case 3:
      waiver.control = one_of(controls).id;
      break;
    case 4:
      waiver.match = selector();
      break;
    default:
      waiver.reason += " yet";
  }
}

// As it may have been for a while.
SectionState RandomWorld::make(const std::string& probe, TimePoint now) {
  if (chance(5)) return without_facts(probe);
  SectionState state = look(probe, now - up_to(hours(30)));
  if (chance(15)) state = failed(std::move(state), "killed after 30s");
  return state;
}

SectionState RandomWorld::look(const std::string& probe, TimePoint now) {
  if (chance(5) || probe == "packages-apk") return not_applicable(probe, "there is none", now);
  SectionState state;
  if (probe == "host") {
    v1::HostFacts facts;
    if (chance(90)) facts.set_os_id(chance(80) ? "debian" : "ubuntu");
    facts.set_os_version_id(chance(50) ? "11" : "12");
    state = observed(probe, facts, now);
  } else if (probe == "agent") {
    v1::AgentFacts facts;
    facts.set_runs_as_root(chance(70));
    if (chance(90)) facts.mutable_sandbox();
    for (const std::string mechanism : {"seccomp", "landlock"}) {
      if (chance(80) || !facts.has_sandbox()) continue;
      facts.mutable_sandbox()->add_missing()->set_mechanism(mechanism);
    }
    state = observed(probe, facts, now);
  } else if (probe == "tcp") {
    state = observed(probe, tcp(), now);
    v1::Measurement& took = state.measurements.emplace_back();
    took.set_name("connect_duration_seconds");
    took.set_value(static_cast<double>(pick(0, 100)) / 100);
  } else if (probe == "certificates") {
    state = observed(probe, certificates(now), now);
  } else if (probe == "listeners") {
    state = observed(probe, random_listeners(*this, now), now);
  } else if (probe == "tls") {
    state = observed(probe, random_tls(*this, now), now);
  } else if (probe == "zone") {
    state = observed(probe, random_zone(*this, now), now);
  } else if (probe == "domain") {
    state = observed(probe, random_domain(*this, now), now);
  } else if (probe == "lookalikes") {
    state = observed(probe, random_lookalikes(*this, now), now);
  } else if (probe == "firmware") {
    state = observed(probe, random_firmware(*this), now);
  } else if (probe == "firmware-fwupd") {
    state = observed(probe, random_fwupd(*this), now);
  } else if (probe == "hardware") {
    state = observed(probe, random_hardware(*this), now);
  } else if (probe == "restart") {
    state = observed(probe, restart(), now);
  } else if (probe == "antivirus") {
    state = observed(probe, random_antivirus(*this, now), now);
  } else if (probe == "intrusion-detection") {
    state = observed(probe, random_intrusion_detection(*this, now), now);
  } else if (probe == "lifecycle") {
    v1::LifecycleFacts facts;
    for (int64_t i = pick(0, 2); i > 0; --i) {
      add_period(facts, "lts", now - days(10) + up_to(days(120)),
                 static_cast<v1::SupportCoverage>(pick(0, 3)), chance(80) ? "" : "hwe");
    }
    state = observed(probe, facts, now);
  } else {
    state = observed(probe, packages(probe == "packages-apt" ? "deb" : "rpm", now), now);
  }
  if (chance(3)) state.facts_type = "muster.v9.Facts";
  if (chance(2)) state.facts = "\xff damaged";
  return state;
}

v1::TcpFacts RandomWorld::tcp() {
  v1::TcpFacts facts;
  facts.set_address("www.example.org:443");
  facts.set_answer(chance(50) ? v1::TCP_ANSWER_CONNECTED : static_cast<v1::TcpAnswer>(pick(0, 6)));
  if (facts.answer() != v1::TCP_ANSWER_CONNECTED) facts.add_attempts("192.0.2.7:443 refused");
  return facts;
}

v1::RestartFacts RandomWorld::restart() {
  v1::RestartFacts facts = restart_facts();
  if (chance(20)) facts.mutable_kernel()->set_release("6.1.0-27-amd64");
  facts.mutable_microcode()->set_state(static_cast<v1::RestartState>(pick(0, 3)));
  if (chance(30)) facts.add_reboot_requests()->set_source("/run/reboot-required");
  if (chance(20)) facts.add_replaced_since_boot("glibc");
  for (int64_t i = chance(50) ? 0 : pick(1, 3); i > 0; --i)
    facts.add_stale_services()->set_unit("unit" + std::to_string(pick(1, 3)) + ".service");
  if (chance(10)) facts.set_processes_unreadable(3);
  if (chance(10)) facts.set_processes_mounts_unseen(20);
  return facts;
}

v1::PackageFacts RandomWorld::packages(std::string_view prefix, TimePoint now) {
  v1::PackageFacts facts = apt_facts();
  for (int64_t i = chance(40) ? 0 : pick(1, 4); i > 0; --i) {
    add_update(facts, std::string(prefix) + std::to_string(pick(1, 4)),
               chance(80) ? v1::SECURITY_YES : static_cast<v1::Security>(pick(0, 2)),
               chance(90) ? "amd64" : "i386")
        .set_would_install(chance(80));
    v1::PendingUpdate& update = *facts.mutable_pending_updates()->rbegin();
    if (chance(50)) update.set_source_package(std::string(prefix) + std::to_string(pick(1, 2)));
    update.set_severity(static_cast<v1::AdvisorySeverity>(chance(60) ? 0 : pick(0, 4)));
    if (chance(20)) facts.add_held(update.package());
  }
  if (chance(70)) add_kernel(facts, {"6.1.0-28-amd64", "6.1.119-1", "amd64", "6.1.119-1"});
  if (chance(20)) facts.add_broken("half");
  if (chance(3)) facts.add_excluded("kernel");
  facts.set_obsolete(static_cast<uint32_t>(pick(0, 2)));
  if (chance(60)) {
    *add_key(facts, "main", static_cast<v1::RepositoryKeyState>(pick(0, 5))).mutable_not_after() =
        to_proto(now + up_to(days(3)));
  }
  if (chance(60)) {
    facts.mutable_automatic_updates()->set_state(static_cast<v1::AutomaticUpdates>(pick(0, 3)));
    facts.mutable_automatic_updates()->set_takes_security(chance(70));
  }
  *facts.mutable_lists_updated_at() = to_proto(now - up_to(days(5)));
  if (chance(5)) facts.clear_lists_updated_at();
  if (chance(5)) facts.set_lists_present(false);
  return facts;
}

v1::CertificateFacts RandomWorld::certificates(TimePoint now) {
  v1::CertificateFacts facts;
  for (int64_t i = pick(0, 3); i > 0; --i) {
    v1::CertificateFile& file = add_file(facts, "/etc/" + std::to_string(i));
    for (int64_t j = pick(1, 2); j > 0; --j) {
      const TimePoint begin = now - up_to(days(300)) + (chance(20) ? days(302) : days(0));
      const TimePoint end = std::max(begin, now) - days(2) + up_to(days(60));
      add_certificate(file, "cn", begin, end);
    }
    if (chance(10)) file.mutable_certificates(0)->clear_not_before();
    if (chance(10)) file.set_error("broken");
  }
  if (chance(10)) facts.add_unreadable_directories()->set_path("/etc/private");
  if (chance(5)) facts.set_files_omitted(7);
  add_random_uses(*this, now, facts);
  return facts;
}

}  // namespace muster::testing
