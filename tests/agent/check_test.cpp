// What `muster-agent check` makes of sections; the programs themselves are in tests/end_to_end.
#include "agent/output/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/output/check_notes.h"
#include "common/policy/policy_file.h"
#include "common/terminal_text.h"
#include "common/timestamp.h"
#include "muster/v1/certificate_facts.pb.h"
#include "muster/v1/host_facts.pb.h"
#include "muster/v1/lifecycle_facts.pb.h"
#include "muster/v1/package_facts.pb.h"
#include "muster/v1/protection_facts.pb.h"
#include "muster/v1/restart_facts.pb.h"
#include "tests/agent/forked_launcher.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr TimePoint kNow{std::chrono::sys_days(std::chrono::year(2026) / 11 / 21)};

SectionState state_of(const std::string& probe, const google::protobuf::Message& facts) {
  SectionState state;
  state.probe = probe;
  state.outcome = v1::OUTCOME_OBSERVED;
  state.looked_at = state.observed_at = kNow;
  state.facts_type = facts.GetTypeName();
  state.facts = facts.SerializeAsString();
  return state;
}

SectionState failed(const std::string& probe, const std::string& reason) {
  SectionState state;
  state.probe = probe;
  state.outcome = v1::OUTCOME_FAILED;
  state.looked_at = kNow;
  state.reason = reason;
  return state;
}

v1::HostFacts host_facts() {
  v1::HostFacts facts;
  facts.set_hostname("web1");
  facts.set_os_pretty_name("Debian GNU/Linux 12 (bookworm)");
  return facts;
}

v1::CertificateFacts certificate(TimePoint not_after) {
  v1::CertificateFacts facts;
  v1::CertificateFile& file = *facts.add_files();
  file.set_path("/etc/nginx/www.pem");
  v1::Certificate& made = *file.add_certificates();
  made.set_subject("CN=www.example.org");
  made.set_common_name("www.example.org");
  made.mutable_not_before()->set_seconds(
      std::chrono::floor<std::chrono::seconds>(kNow - 24h).time_since_epoch().count());
  made.mutable_not_after()->set_seconds(
      std::chrono::floor<std::chrono::seconds>(not_after).time_since_epoch().count());
  return facts;
}

SectionState not_applicable(const std::string& probe) {
  SectionState state = failed(probe, "there is none here");
  state.outcome = v1::OUTCOME_NOT_APPLICABLE;
  state.observed_at = kNow;
  return state;
}

v1::PackageFacts current_packages() {
  v1::PackageFacts facts;
  facts.set_lists_present(true);
  *facts.mutable_lists_updated_at() = to_proto(kNow);
  v1::RepositoryKey& key = *facts.add_repository_keys();
  key.set_repository("bookworm");
  key.set_state(v1::REPOSITORY_KEY_STATE_VALID);
  return facts;
}

// Packages are well, and what is about anything else has nothing to say.
std::vector<SectionState> with_others_good(std::vector<SectionState> sections) {
  for (const SectionState& other :
       {state_of("packages-apt", current_packages()), not_applicable("restart"),
        not_applicable("lifecycle"), not_applicable("antivirus"),
        not_applicable("intrusion-detection"), not_applicable("listeners"),
        not_applicable("firmware"), not_applicable("hardware")}) {
    const bool is_there =
        std::any_of(sections.begin(), sections.end(),
                    [&other](const SectionState& section) { return section.probe == other.probe; });
    if (!is_there) sections.push_back(other);
  }
  return sections;
}

CheckReport report(const std::vector<SectionState>& sections,
                   CheckOptions::Format format = CheckOptions::Format::kTable) {
  CheckOptions options;
  options.format = format;
  options.runs_as_root = true;
  return report_check(sections, policy::default_policy(), options, kNow);
}

TEST(Check, ExitStatusIsTheWorstOfAllVerdicts) {
  const SectionState host = state_of("host", host_facts());
  const SectionState good = state_of("certificates", certificate(kNow + 24h * 365));
  const SectionState expired = state_of("certificates", certificate(kNow - 24h * 30));
  const SectionState blind = failed("packages-apt", "killed");
  EXPECT_EQ(report(with_others_good({host, good})).exit_status, 0);
  EXPECT_EQ(report(with_others_good({host, blind, good})).exit_status, 2);
  EXPECT_EQ(report(with_others_good({host, expired})).exit_status, 1);
  EXPECT_EQ(report(with_others_good({host, blind, expired})).exit_status, 1)
      << "fail wins over unknown";
  EXPECT_EQ(report(with_others_good({host, not_applicable("packages-apt"), good})).exit_status, 2)
      << "a system with another package manager is not known to be well";
  EXPECT_EQ(report({}).exit_status, 2) << "nothing seen is not healthy";
}

TEST(Check, TableSaysWhoAndFitsItsWidth) {
  CheckOptions options;
  options.runs_as_root = true;
  options.root = "/mnt/" + std::string(100, 'x');
  for (const size_t width : {80, 50}) {
    options.style.width = width;
    const std::string text =
        report_check({state_of("host", host_facts()), failed("packages-apt", std::string(300, 'r')),
                      state_of("certificates", certificate(kNow - 1h))},
                     policy::default_policy(), options, kNow)
            .text;
    EXPECT_THAT(text, HasSubstr("web1 (Debian GNU/Linux 12 (bookworm)), looked at"));
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = text.find('\n', begin);
      EXPECT_LE(display_width(text.substr(begin, end - begin)), width);
      begin = end + 1;
    }
  }
}

TEST(Check, JsonHasTheFactsAsMessages) {
  const std::string json =
      report({state_of("host", host_facts())}, CheckOptions::Format::kJson).text;
  EXPECT_THAT(json, HasSubstr("\"@type\": \"type.googleapis.com/muster.v1.HostFacts\""));
  EXPECT_THAT(json, HasSubstr("\"hostname\": \"web1\""));
  EXPECT_THAT(json, HasSubstr("\"control\": \"certificate-valid\""));
}

TEST(Check, JsonLeavesOutFactsItDoesNotKnow) {
  SectionState unknown = state_of("future", host_facts());
  unknown.facts_type = "muster.v9.FutureFacts";
  SectionState broken = state_of("host", host_facts());
  broken.facts = "\xff\xff";
  const auto json_of = [](const SectionState& state) {
    return report({state}, CheckOptions::Format::kJson).text;
  };
  EXPECT_THAT(json_of(unknown), HasSubstr("\"facts_type\": \"muster.v9.FutureFacts\""));
  EXPECT_THAT(json_of(unknown), Not(HasSubstr("\"@type\"")));
  // Facts that do not parse leave the rest as it is.
  EXPECT_THAT(json_of(broken), HasSubstr("\"probe\": \"host\""));
}

TEST(Check, PrometheusIsAnExpositionOfThisHost) {
  const std::string text =
      report({state_of("host", host_facts())}, CheckOptions::Format::kPrometheus).text;
  EXPECT_THAT(text, HasSubstr("# TYPE muster_control_status gauge\n"));
  EXPECT_THAT(text, HasSubstr("host=\"web1\""));
}

TEST(Check, AWrongPolicyOrRootIsAnError) {
  CheckOptions options;
  test::TemporaryDirectory directory;
  options.probe_directory = directory.path();
  options.root = directory.path() + "/missing";
  EXPECT_TRUE(absl::IsInvalidArgument(check(options, SystemClock()).status()));
  options.root = directory.path();
  options.policy_path = directory.path() + "/missing.yml";
  EXPECT_TRUE(absl::IsNotFound(check(options, SystemClock()).status()));
  options.policy_path = directory.write("policy.yml", "controls: nonsense\n");
  EXPECT_TRUE(absl::IsInvalidArgument(check(options, SystemClock()).status()));
  // The directory that has it is a policy too.
  options.policy_path = directory.path();
  EXPECT_THAT(std::string(check(options, SystemClock()).status().message()),
              HasSubstr("/policy.yml:1:11: 'controls' must be a list"));
}

TEST(Check, AMissingProbeIsUnknownAndNamed) {
  test::TemporaryDirectory directory;
  CheckOptions options;
  options.probe_directory = directory.path();
  options.root = directory.path();
  options.connect_launcher = test::forked_launcher(all_probes(), directory.path());
  const auto report = check(options, SystemClock());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->exit_status, 2);
  EXPECT_THAT(report->text, HasSubstr("Could not look at host: muster-probe-host is"));
  EXPECT_THAT(report->text, HasSubstr("muster-probe-packages-apt is"));
}

v1::PackageFacts with_security_update() {
  v1::PackageFacts facts;
  facts.set_lists_present(true);
  facts.mutable_lists_updated_at()->set_seconds(
      std::chrono::floor<std::chrono::seconds>(kNow).time_since_epoch().count());
  v1::PendingUpdate& update = *facts.add_pending_updates();
  update.set_package("libssl3");
  update.set_source_package("openssl");
  update.set_candidate_version("2");
  update.set_security(v1::SECURITY_YES);
  update.set_would_install(true);
  return facts;
}

TEST(Check, DeadlinesAreTrueFromTheSecondRunOn) {
  const std::vector<SectionState> sections{state_of("host", host_facts()),
                                           state_of("packages-apt", with_security_update())};
  CheckOptions options;
  options.runs_as_root = true;
  Remembered remembered{.is_first = true};
  const CheckReport first =
      report_check(sections, policy::default_policy(), options, kNow, remembered);
  EXPECT_THAT(first.text, HasSubstr("the first check: the next ones remember."));
  EXPECT_THAT(first.text, HasSubstr("\n1 security update, first seen now.\n"));
  remembered = {.first_seen = first.first_seen};
  const SectionState later_packages = [] {
    SectionState state = state_of("packages-apt", with_security_update());
    state.looked_at = state.observed_at = kNow + 24h * 9;
    return state;
  }();
  const CheckReport second = report_check({sections[0], later_packages}, policy::default_policy(),
                                          options, kNow + 24h * 9, remembered);
  EXPECT_THAT(second.text, HasSubstr("Deadlines count from the first check that saw it."));
  EXPECT_THAT(second.text, HasSubstr("\n1 security update, pending 9 days.\n"));
  EXPECT_EQ(second.first_seen.at({"", "security-updates", "openssl"}), kNow);
  const CheckReport unknown =
      report_check(sections, policy::default_policy(), options, kNow,
                   {.unknown_because = "checks of an image remember nothing"});
  EXPECT_THAT(unknown.text, HasSubstr("not known how long it waits: checks of an"));
  EXPECT_THAT(unknown.text, HasSubstr("\n1 security update, age unknown.\n"));
}

// Nine days ago something stopped loading what freshclam brings.
v1::AntivirusFacts stale_clamav() {
  v1::AntivirusFacts facts;
  v1::ProtectionProduct& clamav = *facts.add_products();
  clamav.set_product("clamav");
  clamav.set_name("ClamAV");
  clamav.set_running(v1::ANSWER_YES);
  clamav.set_mode(v1::PROTECTION_MODE_ACTIVE);
  clamav.mutable_loaded_signatures()->set_version("27491");
  *clamav.mutable_loaded_signatures()->mutable_built_at() = to_proto(kNow - 24h * 9);
  clamav.mutable_disk_signatures()->set_version("27500");
  *clamav.mutable_disk_signatures()->mutable_written_at() =
      to_proto(std::chrono::floor<std::chrono::days>(kNow) + 6h + 12min);
  return facts;
}

TEST(Check, SaysInWordsWhatIsWrongWithTheAntivirus) {
  CheckOptions options;
  options.runs_as_root = true;
  options.style.width = 80;
  const auto text_of = [&options](const v1::AntivirusFacts& facts) {
    return report_check(
               with_others_good({state_of("host", host_facts()), state_of("antivirus", facts)}),
               policy::default_policy(), options, kNow)
        .text;
  };
  EXPECT_THAT(text_of(stale_clamav()),
              HasSubstr("\nClamAV: loaded signatures are 9 days old; a newer database lies on disk "
                        "since\n06:12 UTC: reload clamd.\n"));
  EXPECT_THAT(text_of({}), HasSubstr("\nNo antivirus is installed: none of the products that "
                                     "Muster looks for.\n"));
  v1::AntivirusFacts blind;
  blind.add_problems("/opt: Permission denied");
  EXPECT_THAT(text_of(blind), HasSubstr("cannot be told"));
  for (const v1::AntivirusFacts& facts : {stale_clamav(), blind, {}}) {
    std::istringstream lines(text_of(facts));
    for (std::string line; std::getline(lines, line);)
      EXPECT_LE(std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; }),
                80)
          << line;
  }
}

TEST(CheckNotes, NamesWhatOnlyRootMayRead) {
  v1::CertificateFacts facts;
  facts.add_unreadable_directories()->set_path("/etc/ssl/private");
  v1::CertificateFile& file = *facts.add_files();
  file.set_path("/etc/postfix/key.pem");
  file.set_error("Permission denied");
  v1::CertificateFile& broken = *facts.add_files();
  broken.set_path("/etc/nginx/broken.pem");
  broken.set_error("bad base64");
  const std::vector<SectionState> sections{state_of("certificates", facts)};
  EXPECT_THAT(
      check_notes(sections, {}, false),
      ElementsAre("Could not read /etc/ssl/private, /etc/postfix/key.pem. Run it as root to "
                  "see these too."));
  EXPECT_THAT(check_notes(sections, {}, true),
              ElementsAre("Could not read /etc/ssl/private, /etc/postfix/key.pem."));
  EXPECT_THAT(check_notes({}, {}, true), IsEmpty());
  EXPECT_THAT(check_notes({}, {}, false), ElementsAre(HasSubstr("Not run as root")));
}

TEST(CheckNotes, NamesWhatMayBeMissingInEachFactsUnlessAVerdictDoes) {
  v1::RestartFacts restart;
  restart.add_problems("the maps of 1 process could not be read");
  v1::LifecycleFacts lifecycle;
  lifecycle.add_problems("debian.csv is too long");
  const std::vector<SectionState> sections{state_of("restart", restart),
                                           state_of("lifecycle", lifecycle)};
  v1::Verdict verdict;
  verdict.set_summary("not everything could be read: the maps of 1 process could not be read");
  EXPECT_THAT(check_notes(sections, {}, true),
              ElementsAre("Restarts: the maps of 1 process could not be read",
                          "Support: debian.csv is too long"));
  EXPECT_THAT(check_notes(sections, std::vector{verdict}, true),
              ElementsAre("Support: debian.csv is too long"));
}

TEST(CheckNotes, NamesAFailedLookUnlessAVerdictDoes) {
  const std::vector<SectionState> sections{failed("host", "killed")};
  EXPECT_THAT(check_notes(sections, {}, true), ElementsAre("Could not look at host: killed."));
  v1::Verdict verdict;
  verdict.set_summary("the probe host could not look: killed");
  EXPECT_THAT(check_notes(sections, std::vector{verdict}, true), IsEmpty());
}

TEST(CheckNotes, ThePreferredNameIsTheFullOne) {
  v1::HostFacts facts = host_facts();
  EXPECT_EQ(host_names(std::vector{state_of("host", facts)}).name, "web1");
  facts.set_fqdn("web1.example.org");
  EXPECT_EQ(host_names(std::vector{state_of("host", facts)}).name, "web1.example.org");
  EXPECT_EQ(host_names({}).name, "localhost");
}

}  // namespace
}  // namespace muster::agent
