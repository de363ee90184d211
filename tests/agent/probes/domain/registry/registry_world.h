// What a test of looks at domains needs: a registry of .org that answers RDAP, IANA, a WHOIS
// server, a clock in the test's hand, and looks over them. Tests only.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "agent/probes/domain/registry/domain_look.h"
#include "agent/probes/domain/registry/web_question.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "tests/agent/probes/domain/registry/registry_answers.h"
#include "tests/agent/probes/domain/registry/registry_server.h"
#include "tests/agent/probes/network/look_world.h"

namespace muster::domains::registry::test {

class SetClock : public Clock {
 public:
  TimePoint now() const override { return time; }
  TimePoint time = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23);
};

class RegistryWorld : public network_probe::test::LookWorld {
 protected:
  RegistryWorld()
      : identity("DNS:rdap.example.net"),
        registry(io, &identity),
        iana(io, &identity),
        whois(io, nullptr, "\r\n"),
        trust(*WebTrust::from_bundle(identity.authority_pem)),
        memory(ServerMemory()) {
    kind = "domain";
    for (const char* name : {"127.0.0.0/8"}) {
      v1::AllowedTarget& servers = *rules.add_allow();
      servers.add_networks(name);
      servers.add_kinds("domain");
    }
    v1::AllowedTarget& targets = *rules.add_allow();
    for (const char* name :
         {"example.org", "www.example.org", "example.test", "www.example.test", "example.jp"})
      targets.add_names(name);
    targets.add_kinds("domain");
    for (const char* name : {"rdap.example.net", "other.example.net", "whois.nic.test",
                             "whois.registrar.test", "whois.iana.org", "whois.jprs.jp"}) {
      dns.names[name] = {.ipv4 = {"127.0.0.1"}};
    }
    registry.answer = [](const std::string&) { return Saying{http_answer("200 OK", kRecord)}; };
    iana.answer = [](const std::string&) { return Saying{http_answer("404 Not Found", "")}; };
    list_org(fmt::format("https://rdap.example.net:{}/v1/", registry.port()));
  }

  // What the site's own file says of .org; empty: there is no such file.
  void list_org(const std::string& url) {
    site.reset();
    if (url.empty()) return;
    auto parsed = rdap::Bootstrap::parse(
        fmt::format(R"({{"version":"1.0","publication":"2026-11-01T12:00:00Z","services":[
          [["org"],["{}"]]]}})",
                    url),
        rdap::Bootstrap::Author::kConfiguration);
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    site = *std::move(parsed);
  }

  // One run of the probe, which leaves its memory for the next.
  v1::Section look(const std::string& target = "example.org", Duration timeout = kLong) {
    const std::vector<v1::Section> sections = look_at_all({target}, timeout);
    EXPECT_EQ(sections.size(), 1U);
    return sections.empty() ? v1::Section() : sections.front();
  }
  std::vector<v1::Section> look_at_all(const std::vector<std::string>& targets,
                                       Duration timeout = kLong) {
    const auto now = [this] { return std::chrono::floor<std::chrono::seconds>(set_clock.now()); };
    Registries registries(
        {.suffixes = suffixes,
         .trust = trust,
         .clock = set_clock,
         .of_site = site ? &*site : nullptr,
         .longest_answer = longest_answer,
         .iana_bootstrap_url = fmt::format("https://rdap.example.net:{}/dns.json", iana.port()),
         .whois_port = whois.port()},
        ServerMemory::parse(memory.serialize(), now()));
    look_function = [&registries](network_probe::Look& one) {
      return look_at_domain(one, registries);
    };
    std::vector<network_probe::RequestedLook> looks;
    for (const std::string& target : targets) {
      looks.push_back(look_at(target));
      looks.back().timeout = timeout;
    }
    std::vector<v1::Section> sections = run(looks);
    memory = registries.memory();
    return sections;
  }

  v1::DomainFacts facts(const v1::Section& section) {
    v1::DomainFacts result;
    EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
    EXPECT_EQ(section.facts_type(), "muster.v1.DomainFacts");
    EXPECT_TRUE(result.ParseFromString(section.facts()));
    return result;
  }
  // Of a look that was told nothing: there are no facts in it.
  std::string failure(const v1::Section& section) {
    EXPECT_EQ(section.outcome(), v1::OUTCOME_FAILED);
    EXPECT_EQ(section.facts(), "");
    return section.reason();
  }
  static std::string date(const google::protobuf::Timestamp& time) {
    return to_iso8601(from_proto(time));
  }
  void pass(Duration time) { set_clock.time += time; }

  static constexpr Duration kLong = std::chrono::seconds(60);
  ServerIdentity identity;
  RegistryServer registry;
  RegistryServer iana;
  RegistryServer whois;
  PublicSuffixes suffixes = *PublicSuffixes::of_this_system();
  WebTrust trust;
  SetClock set_clock;
  std::optional<rdap::Bootstrap> site;
  Duration longest_answer = std::chrono::seconds(10);
  ServerMemory memory;
};

}  // namespace muster::domains::registry::test
