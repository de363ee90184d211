#include "collector/policy_test/policy_case_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/looking/probe_list.h"
#include "collector/fleet/known_facts.h"
#include "collector/policy_test/message_reader.h"
#include "collector/policy_test/recorded_host.h"
#include "common/timestamp.h"
#include "muster/v1/agent_facts.pb.h"
#include "muster/v1/certificate_facts.pb.h"
#include "muster/v1/host_facts.pb.h"
#include "muster/v1/listener_facts.pb.h"
#include "muster/v1/package_facts.pb.h"
#include "tests/collector/policy_test/a_policy.h"

namespace muster::collector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TimePoint at(std::string_view text) {
  return *parse_iso8601(text);
}

absl::StatusOr<std::vector<PolicyCase>> parse(const std::string& text,
                                              std::optional<TimePoint> time = std::nullopt) {
  static const policy::Policy policy = a_policy();
  return parse_policy_cases(
      text, "p_test.yml",
      {.policy = policy, .at = time, .read_recorded = [](const std::string& file) {
         if (file == "shop.json") {
           return parse_recorded_host(R"({
             "summary": {"name": "shop", "kind": "tcp", "address": "shop.example.org:443"},
             "sections": [{"entity": "shop", "probe": "tcp", "outcome": "OUTCOME_OBSERVED",
                           "looked_at": "2026-11-20T11:00:00Z",
                           "observed_at": "2026-11-20T11:00:00Z",
                           "facts_type": "muster.v1.TcpFacts",
                           "facts": {"@type": "type.googleapis.com/muster.v1.TcpFacts",
                                     "answer": "TCP_ANSWER_REFUSED"}}],
             "verdicts": [{"control": "shop-answers", "subjects": [
               {"first_failed_at": "2026-11-20T00:00:00Z"}]}]})");
         }
         if (file != "web1.json") return absl::StatusOr<RecordedHost>(absl::NotFoundError("gone"));
         return parse_recorded_host(R"({
           "summary": {"name": "web1", "labels": {"role": "web"},
                       "last_sync_at": "2026-11-20T12:00:00Z"},
           "sections": [{"probe": "host", "outcome": "OUTCOME_OBSERVED",
                         "looked_at": "2026-11-20T11:00:00Z",
                         "observed_at": "2026-11-20T11:00:00Z", "facts_type": "muster.v1.HostFacts",
                         "facts": {"@type": "type.googleapis.com/muster.v1.HostFacts",
                                   "os_id": "debian"}}],
           "verdicts": [{"control": "security-updates", "subjects": [
             {"subject": "openssl", "first_failed_at": "2026-11-01T00:00:00Z"}]},
             {"control": "of-another-policy", "subjects": [
             {"subject": "x", "first_failed_at": "2026-11-01T00:00:00Z"}]}]})");
       }});
}

PolicyCase parsed(const std::string& text, std::optional<TimePoint> time = std::nullopt) {
  absl::StatusOr<std::vector<PolicyCase>> cases = parse(text, time);
  EXPECT_EQ(cases.status(), absl::OkStatus());
  EXPECT_THAT(*cases, SizeIs(1));
  return cases->at(0);
}

std::string complaint(const std::string& text) {
  const absl::StatusOr<std::vector<PolicyCase>> cases = parse(text);
  EXPECT_FALSE(cases.ok()) << text;
  return std::string(cases.status().message());
}

TEST(PolicyCaseFile, ReadsWhatIsKnownOfAHost) {
  const PolicyCase test = parsed(R"(tests:
  - name: an update that waits
    at: 2026-11-20T12:00:00Z
    host: {name: web1, labels: {role: web}, last_sync: 2026-11-20T11:59:00Z, os: "debian:12"}
    facts:
      packages-apt:
        observed_at: 2026-11-20T11:50:00Z
        facts:
          manager: apt
          installed: 300
          lists_present: true
          lists_updated_at: 2026-11-20T06:00:00Z
          pending_updates:
            - {package: openssl, candidate_version: 3.0.15, security: SECURITY_YES}
      certificates: {outcome: failed, reason: Permission denied}
    unmet_since: {security-updates: {openssl: 2026-11-05}, host-reporting: 2026-11-01}
    expect: {security-updates: fail}
)");
  EXPECT_EQ(test.file, "p_test.yml");
  EXPECT_EQ(test.name, "an update that waits");
  EXPECT_EQ(test.host, "web1");
  EXPECT_EQ(test.labels, (Labels{{"role", "web"}}));
  EXPECT_EQ(test.last_sync, at("2026-11-20T11:59:00Z"));
  ASSERT_THAT(test.sections, SizeIs(3));
  v1::HostFacts host;
  ASSERT_TRUE(host.ParseFromString(test.sections[0].facts));
  EXPECT_EQ(host.os_version_id(), "12");
  EXPECT_EQ(test.sections[1].observed_at, at("2026-11-20T11:50:00Z"));
  v1::PackageFacts packages;
  ASSERT_TRUE(packages.ParseFromString(test.sections[1].facts));
  EXPECT_EQ(packages.installed(), 300U);
  EXPECT_EQ(packages.lists_updated_at().seconds(), to_proto(at("2026-11-20T06:00:00Z")).seconds());
  EXPECT_EQ(packages.pending_updates(0).candidate_version(), "3.0.15");
  EXPECT_EQ(packages.pending_updates(0).security(), v1::SECURITY_YES);
  EXPECT_EQ(test.sections[2].outcome, v1::OUTCOME_FAILED);
  EXPECT_EQ(test.sections[2].reason, "Permission denied");
  EXPECT_EQ(test.sections[2].looked_at, at("2026-11-20T12:00:00Z"));
  EXPECT_FALSE(test.sections[2].has_facts());
  EXPECT_THAT(test.unmet_since, SizeIs(2));
}

TEST(PolicyCaseFile, ReadsWhatIsExpectedShortlyOrInFull) {
  const PolicyCase test = parsed(R"(at: 2026-11-20
tests:
  - name: a
    expect:
      certificate-valid: unknown
      security-updates:
        status: fail
        deadline: none
        summary: "1 security update*"
        subjects:
          openssl: fail
          linux-image: {status: waived, waiver: freeze, reason: "*release", deadline: 2026-11-30}
          bash: {waiver: none}
    expect_owner: web
    expect_maintenance: [sunday]
)");
  EXPECT_EQ(test.at, at("2026-11-20T00:00:00Z"));
  EXPECT_EQ(test.last_sync, test.at);
  ASSERT_THAT(test.expected, SizeIs(2));
  EXPECT_EQ(test.expected[0].whole.status, v1::STATUS_UNKNOWN);
  const ExpectedVerdict& updates = test.expected[1];
  EXPECT_EQ(updates.whole.deadline, TimePoint::max());
  EXPECT_EQ(updates.whole.sentence, "1 security update*");
  EXPECT_EQ(updates.subjects.at("openssl").status, v1::STATUS_FAIL);
  EXPECT_EQ(updates.subjects.at("linux-image").waiver, "freeze");
  EXPECT_EQ(updates.subjects.at("linux-image").deadline, at("2026-11-30T00:00:00Z"));
  EXPECT_EQ(updates.subjects.at("bash").waiver, "");
  EXPECT_EQ(test.owner, "web");
  EXPECT_THAT(*test.maintenance, ElementsAre("sunday"));
}

TEST(PolicyCaseFile, TakesAHostAsItWasRecorded) {
  const PolicyCase test = parsed(
      "tests:\n  - {name: a, facts_from: web1.json, host: {labels: {site: fra}},\n"
      "     facts: {certificates: {outcome: not_applicable}}, expect: {host-reporting: pass}}\n");
  EXPECT_EQ(test.at, at("2026-11-20T12:00:00Z"));
  EXPECT_EQ(test.host, "web1");
  EXPECT_EQ(test.labels, (Labels{{"role", "web"}, {"site", "fra"}}));
  ASSERT_THAT(test.sections, SizeIs(2));
  v1::HostFacts host;
  ASSERT_TRUE(host.ParseFromString(test.sections[0].facts));
  EXPECT_EQ(host.os_id(), "debian");
  EXPECT_EQ(test.unmet_since,
            (policy::FirstSeen{{{.entity = "", .control = "security-updates", .subject = "openssl"},
                                at("2026-11-01T00:00:00Z")}}));
}

TEST(PolicyCaseFile, ReadsWhatIsKnownOfATarget) {
  const PolicyCase test = parsed(
      "tests:\n"
      "  - name: a\n"
      "    at: 2026-11-20T12:00:00Z\n"
      "    target: {name: shop, kind: tcp, labels: {role: web}}\n"
      "    facts: {tcp: {facts: {answer: TCP_ANSWER_CONNECTED},"
      " measurements: {connect_duration_seconds: 0.25}}}\n"
      "    unmet_since: {shop-answers: 2026-11-20}\n"
      "    expect: {shop-answers: pass}\n");
  EXPECT_EQ(test.kind, "tcp");
  EXPECT_EQ(test.host, "shop");
  EXPECT_EQ(test.labels.at("role"), "web");
  EXPECT_EQ(test.last_sync, std::nullopt);
  ASSERT_THAT(test.sections, SizeIs(1));
  EXPECT_EQ(test.sections[0].entity, "shop");
  EXPECT_EQ(test.sections[0].facts_type, "muster.v1.TcpFacts");
  EXPECT_EQ(find_measurement(test.sections[0], "connect_duration_seconds")->value(), 0.25);
  EXPECT_THAT(test.unmet_since, SizeIs(1));
}

TEST(PolicyCaseFile, TakesATargetAsItWasRecorded) {
  const PolicyCase test =
      parsed("tests: [{name: a, facts_from: shop.json, expect: {shop-answers: fail}}]\n");
  EXPECT_EQ(test.kind, "tcp");
  EXPECT_EQ(test.host, "shop");
  EXPECT_EQ(test.at, at("2026-11-20T11:00:00Z"));
  EXPECT_EQ(test.sections.at(0).entity, "shop");
  EXPECT_THAT(test.unmet_since, SizeIs(1));
}

TEST(PolicyCaseFile, RunsAtAnotherTimeWhereThatIsAsked) {
  const PolicyCase test = parsed(
      "tests:\n  - {name: a, at: 2026-01-01, facts: {certificates: {facts: {}}},\n"
      "     expect: {certificate-valid: pass}}\n",
      at("2027-01-01T00:00:00Z"));
  EXPECT_EQ(test.at, at("2027-01-01T00:00:00Z"));
  EXPECT_EQ(test.sections.at(0).observed_at, test.at);
  EXPECT_EQ(test.sections.at(0).facts_type, "muster.v1.CertificateFacts");
}

TEST(PolicyCaseFile, SaysWhereAMistakeIsAndWhatWasMeant) {
  struct Case {
    std::string test;
    std::string complaint;
  };
  const std::string head = "tests:\n  - name: a\n    at: 2026-01-01\n    ";
  const std::string expect = "\n    expect: {host-reporting: pass}\n";
  const Case cases[] = {
      {"expect: {securty-updates: fail}\n",
       "4:31: the policy has no control 'securty-updates', did you mean 'security-updates'?"},
      {"expect: {security-updates: failed}\n",
       "4:32: 'security-updates' is 'failed', but must be one of pass, due, fail, unknown, waived, "
       "not_applicable, did you mean 'fail'?"},
      {"expect: {security-updates: {state: fail}}\n",
       "unknown key 'state', did you mean 'status'?"},
      {"facts: {package-apt: {facts: {}}}" + expect,
       "4:26: no probe that looks at a host is called 'package-apt', did you mean 'packages-apt'?"},
      {"facts: {nonsense: {facts: {a: b}}}" + expect,
       "no probe that looks at a host is called 'nonsense' (known: agent, antivirus, certificates, "
       "firmware, firmware-fwupd, hardware, host, "
       "intrusion-detection, lifecycle, listeners, packages-apk, packages-apt, packages-rpm, "
       "restart, sockets)"},
      {"facts: {packages-apt: {facts: {pending_update: []}}}" + expect,
       "4:36: unknown key 'pending_update', did you mean 'pending_updates'?"},
      {"facts: {packages-apt: {facts: {pending_updates: [{security: YES}]}}}" + expect,
       "'security' is 'YES', but must be one of SECURITY_UNSPECIFIED, SECURITY_NO, SECURITY_YES"},
      {"facts: {packages-apt: {facts: {installed: -1}}}" + expect,
       "'installed' must be a whole number from 0 to 4294967295, not '-1'"},
      {"facts: {packages-apt: {facts: {lists_updated_at: yesterday}}}" + expect,
       "'lists_updated_at' must be a date, as 2026-11-21, or a time in UTC"},
      {"facts: {packages-apt: {observed_at: 2026-01-01}}" + expect,
       "give its facts, or the outcome"},
      {"facts: {packages-apt: {outcome: not_applicable, facts: {}}}" + expect,
       "what is not applicable has no facts"},
      {"facts_from: web2.json" + expect, "4:17: web2.json: gone"},
      {"unmet_since: {updates: 2026-01-01}" + expect, "the policy has no control 'updates'"},
      {"unmet_since: {security-updates: {openssl: soon}}" + expect, "'openssl' must be a date"},
      {"host: {last_sync: never}" + expect, "say `enrolled_at`"},
      {"host: {lables: {}}" + expect, "unknown key 'lables', did you mean 'labels'?"},
      {"host: {labels: {rol: web}}" + expect,
       "the policy does not know 'rol', did you mean 'role'?"},
      {"host: {labels: {role: wbe}}" + expect,
       "the policy does not know 'wbe', did you mean 'web'?"},
      {"facts: {tcp: {facts: {}}}" + expect,
       "4:18: no probe that looks at a host is called 'tcp' (known: agent, antivirus, "
       "certificates, firmware, firmware-fwupd, hardware, host, "
       "intrusion-detection, lifecycle, listeners, packages-apk, packages-apt, packages-rpm, "
       "restart, sockets)"},
      {"target: {kind: tcp}\n    facts: {host: {facts: {}}}\n    expect: {shop-answers: pass}\n",
       "5:19: no probe that looks at a target is called 'host' (known: tcp)"},
      {"target: {name: shop}\n    expect: {shop-answers: pass}\n", "4:13: 'kind' is missing"},
      {"target: {kind: host}\n    expect: {shop-answers: pass}\n",
       "4:20: 'kind' is 'host', but must be one of tcp, tls, domain, zone, lookalikes"},
      {"target: {kind: tcp}" + expect,
       "5:30: the control host-reporting is of the kind 'host', and this test is about the kind "
       "'tcp': it has no verdict of it"},
      {"expect: {shop-answers: {status: pass}}\n",
       "4:28: the control shop-answers is of the kind 'tcp', and this test is about the kind "
       "'host': it has no verdict of it"},
      {"host: {}\n    target: {kind: tcp}\n    expect: {shop-answers: pass}\n",
       "5:13: a test is about a host or about a target, not both"},
      {"expect_owner: wbe\n", "4:19: the policy has no owner 'wbe', did you mean 'web'?"},
      {"expect_maintenance: [monday]\n", "the policy has no maintenance window 'monday', did you"},
      {"expect: {security-updates: {subjects: {a: {waiver: frieze}}}}\n",
       "the policy has no waiver 'frieze', did you mean 'freeze'?"},
      {"facts: {}\n", "say what is expected"},
  };
  for (const Case& c : cases)
    EXPECT_THAT(complaint(head + c.test), HasSubstr(c.complaint)) << c.test;
  EXPECT_THAT(complaint("test: []\n"), HasSubstr("1:1: unknown key 'test', did you mean 'tests'?"));
  EXPECT_THAT(complaint("tests: []\n"), HasSubstr("there is no test in it"));
  EXPECT_THAT(complaint("tests:\n  - {name: a, expect: {host-reporting: pass}}\n"),
              HasSubstr("say the time of the test"));
  EXPECT_THAT(complaint("at: 2026-01-01\ntests:\n  - {name: a, expect: {host-reporting: pass}}\n"
                        "  - {name: a, expect: {host-reporting: pass}}\n"),
              HasSubstr("4:12: another test of this file is called so"));
}

TEST(PolicyCaseFile, HasABoundForTests) {
  std::string text = "at: 2026-01-01\ntests:\n";
  const auto add = [&text](size_t number) {
    text += "  - {name: t" + std::to_string(number) + ", expect: {host-reporting: pass}}\n";
  };
  for (size_t i = 0; i < kMostPolicyCases; ++i)
    add(i);
  EXPECT_TRUE(parse(text).ok());
  add(kMostPolicyCases);
  EXPECT_THAT(complaint(text), HasSubstr("more than 1000 tests in a file"));
}

TEST(RecordedHost, IsRefusedWhereItIsSomethingElse) {
  EXPECT_THAT(std::string(parse_recorded_host("[]").status().message()),
              HasSubstr("host show NAME --format json"));
  EXPECT_THAT(std::string(parse_recorded_host("{}").status().message()),
              HasSubstr("there are no sections in it"));
}

TEST(PolicyCaseFile, ReadsFactsThatAreMapsOfTexts) {
  const PolicyCase test = parsed(
      "at: 2026-01-01\ntests:\n  - name: a\n    facts: {agent: {facts: {labels: {rack: r12}}}}\n"
      "    expect: {host-reporting: pass}\n");
  v1::AgentFacts agent;
  ASSERT_TRUE(agent.ParseFromString(test.sections.at(0).facts));
  EXPECT_EQ(agent.labels().at("rack"), "r12");
}

TEST(PolicyCaseFile, ReadsFactsThatAreListsOfNumbers) {
  const auto text = [](const std::string& numbers) {
    return "at: 2026-01-01\ntests:\n  - name: a\n    facts: {listeners: {facts: {listeners: "
           "[{port: 443, "
           "missed: {since_service: [" +
           numbers + "]}}]}}}\n    expect: {host-reporting: pass}\n";
  };
  v1::ListenerFacts facts;
  ASSERT_TRUE(facts.ParseFromString(parsed(text("0, 4294967295")).sections.at(0).facts));
  EXPECT_THAT(facts.listeners(0).missed().since_service(), ElementsAre(0, 4294967295));
  for (const char* const wrong : {"-1", "4294967296", "many"})
    EXPECT_THAT(complaint(text(wrong)), HasSubstr("not a whole number from 0 to 4294967295"));
}

TEST(KnownFacts, CanAllBeGivenInATest) {
  for (const KnownFacts& known : all_known_facts())
    EXPECT_TRUE(can_be_read(*known.type->GetDescriptor())) << known.probe;
}

TEST(KnownFacts, AreReadOutOfARecordedHost) {
  for (const KnownFacts& known : all_known_facts()) {
    const std::string type = known.type->GetTypeName();
    const absl::StatusOr<RecordedHost> host =
        parse_recorded_host(R"({"sections": [{"probe": ")" + std::string(known.probe) +
                            R"(", "outcome": "OUTCOME_OBSERVED", "facts_type": ")" + type +
                            R"(", "facts": {"@type": "type.googleapis.com/)" + type + R"("}}]})");
    ASSERT_TRUE(host.ok()) << host.status();
    EXPECT_EQ(host->sections.at(0).facts_type, type);
  }
}

TEST(KnownFacts, AreThereForEveryProbeOfTheAgent) {
  for (const agent::ProbeRow& probe : agent::all_probes()) {
    const auto facts = all_known_facts();
    const auto known = std::find_if(facts.begin(), facts.end(), [&probe](const KnownFacts& row) {
      return row.probe == probe.name;
    });
    ASSERT_NE(known, facts.end()) << probe.name;
    EXPECT_EQ(known->type->GetDescriptor()->name(), probe.facts);
  }
}

}  // namespace
}  // namespace muster::collector
