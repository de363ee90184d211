// Which of the names like a domain are registered, of a resolver and a registry that the test has.
#include "agent/probes/lookalikes/lookalikes_look.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/timestamp.h"
#include "tests/agent/probes/zone/fake_asker.h"

namespace muster::lookalikes {
namespace {

using namespace std::chrono_literals;
using domains::registry::RegistryReply;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using zone::Type;
using zone::test::Canned;
using zone::test::FakeAsker;

// A resolver to which no other names are known than those that it was told.
class Resolver : public zone::Asker {
 public:
  boost::asio::awaitable<zone::Reply> ask(std::optional<boost::asio::ip::address> server,
                                          zone::Question question, zone::Way way) override {
    EXPECT_FALSE(server.has_value()) << "nobody else is asked";
    ++asked[question.name];
    const bool below_wild = std::any_of(wild.begin(), wild.end(), [&](const std::string& suffix) {
      return question.name.ends_with("." + suffix);
    });
    if (!names.contains(question.name) && !below_wild && !refuses)
      fake.at("", question.name, question.type) = {.code = zone::kNameError};
    if (refuses) fake.at("", question.name, question.type) = {.code = 5};
    co_return co_await fake.ask(server, question, way);
  }

  void add(const std::string& name, Type type, const std::string& data) {
    names.insert(name);
    fake.at("", name, type).answer.push_back(name + ". " + data);
  }
  void add_registered(const std::string& name, const std::string& server = "ns1.parking.example") {
    add(name, Type::kNs, "NS " + server + ".");
  }

  FakeAsker fake;
  std::set<std::string> names;
  // Suffixes below which every name is there.
  std::set<std::string> wild;
  bool refuses = false;
  std::map<std::string, int> asked;
};

class LookalikesLookTest : public ::testing::Test {
 protected:
  v1::LookalikeFacts look(const std::string& target = "example.org", Duration at_most = 60s) {
    v1::LookalikeFacts facts;
    boost::asio::io_context io;
    LookalikesParts parts{
        .asker = resolver,
        .suffixes = suffixes,
        .clock = clock,
        .ask_registry = [this](std::string name) -> boost::asio::awaitable<RegistryReply> {
          asked_registry.push_back(name);
          RegistryReply reply;
          const auto created = registry.find(name);
          if (created == registry.end()) {
            reply.why = "rate-limited: the registry asked to be left alone";
          } else {
            reply.end = RegistryReply::End::kTold;
            reply.registration.created = domains::RegistryTime{created->second};
          }
          co_return reply;
        },
        .at_most = at_most,
        .per_second = 100'000};
    boost::asio::co_spawn(
        io,
        [&]() -> boost::asio::awaitable<void> {
          facts = co_await look_for_lookalikes(parts, parse_lookalikes_target(target).value(),
                                               suffixes.registrable("example.org").value());
        },
        [](const std::exception_ptr& error) {
          if (error) std::rethrow_exception(error);
        });
    io.run();
    return facts;
  }

  static const v1::Lookalike* find(const v1::LookalikeFacts& facts, const std::string& name) {
    for (const v1::Lookalike& one : facts.registered()) {
      if (one.name() == name) return &one;
    }
    return nullptr;
  }

  SystemClock clock;
  domains::PublicSuffixes suffixes = domains::PublicSuffixes::of_this_system().value();
  Resolver resolver;
  std::map<std::string, std::chrono::sys_seconds> registry;
  std::vector<std::string> asked_registry;
};

TEST_F(LookalikesLookTest, FindsNothingWhereNothingIsRegistered) {
  const v1::LookalikeFacts facts = look();
  EXPECT_GT(facts.tried(), 200U);
  EXPECT_EQ(facts.unanswered(), 0U);
  EXPECT_THAT(facts.registered(), IsEmpty());
  EXPECT_EQ(facts.domain(), "example.org");
  EXPECT_THAT(asked_registry, IsEmpty());
  EXPECT_FALSE(resolver.asked.contains("example.org")) << "the domain itself is none";
}

TEST_F(LookalikesLookTest, TellsOfEachThatIsRegisteredWhetherItTakesMailAndSinceWhen) {
  // With a mail server, with an address alone, with neither, and one that says it takes none.
  resolver.add_registered("exarnple.org");
  resolver.add("exarnple.org", Type::kMx, "MX 10 mail.exarnple.org.");
  resolver.add_registered("examp1e.org");
  resolver.add("examp1e.org", Type::kA, "A 192.0.2.1");
  resolver.add_registered("exmple.org");
  resolver.add_registered("xample.org");
  resolver.add("xample.org", Type::kA, "A 192.0.2.1");
  resolver.add("xample.org", Type::kMx, "MX 0 .");
  const auto created = std::chrono::sys_days(std::chrono::year(2026) / 11 / 1);
  registry["exarnple.org"] = created;
  const v1::LookalikeFacts facts = look();
  ASSERT_THAT(facts.registered(), SizeIs(4));

  const v1::Lookalike* const mail = find(facts, "exarnple.org");
  ASSERT_NE(mail, nullptr);
  EXPECT_TRUE(mail->mail_ready());
  EXPECT_TRUE(mail->has_has_address());
  EXPECT_FALSE(mail->has_address());
  EXPECT_EQ(mail->kind(), v1::LOOKALIKE_KIND_HOMOGLYPH);
  EXPECT_EQ(from_proto(mail->registered()), TimePoint(created));
  EXPECT_THAT(mail->name_servers(), ElementsAre("ns1.parking.example"));
  EXPECT_FALSE(mail->owned());

  EXPECT_TRUE(find(facts, "examp1e.org")->mail_ready());
  EXPECT_TRUE(find(facts, "examp1e.org")->has_address());
  EXPECT_TRUE(find(facts, "exmple.org")->has_mail_ready());
  EXPECT_FALSE(find(facts, "exmple.org")->mail_ready());
  EXPECT_FALSE(find(facts, "xample.org")->mail_ready()) << "RFC 7505";
  EXPECT_THAT(find(facts, "xample.org")->registered_detail(), HasSubstr("rate-limited"));
  EXPECT_FALSE(find(facts, "xample.org")->has_registered());
  // Those that can take mail were asked about first.
  EXPECT_THAT(asked_registry,
              ElementsAre("examp1e.org", "exarnple.org", "exmple.org", "xample.org"));
}

TEST_F(LookalikesLookTest, MarksWhatIsTheHousesOwnAndAsksNoRegistryAboutIt) {
  resolver.add_registered("example.net");
  resolver.add_registered("example.com", "ns1.example.net");
  resolver.add_registered("exarnple.org", "ns1.example.org");
  // A provider's name servers are everybody's.
  resolver.add_registered("examp1e.org", "ns1.parking.example");
  resolver.add_registered("example.info", "ns1.notexample.org");
  const v1::LookalikeFacts facts = look("example.org owned=example.net");
  EXPECT_EQ(find(facts, "example.net")->owned_because(), "listed by the target");
  EXPECT_EQ(find(facts, "example.com")->owned_because(), "its name servers are the house's own");
  EXPECT_TRUE(find(facts, "exarnple.org")->owned());
  EXPECT_FALSE(find(facts, "examp1e.org")->owned());
  EXPECT_FALSE(find(facts, "example.info")->owned());
  EXPECT_THAT(asked_registry, ElementsAre("examp1e.org", "example.info"));
}

TEST_F(LookalikesLookTest, BelievesNoSuffixThatHasEveryName) {
  resolver.wild.insert("ws");
  resolver.wild.insert("com");
  resolver.add_registered("example.com");
  const v1::LookalikeFacts facts = look("example.org suffixes=ws");
  EXPECT_THAT(facts.registered(), IsEmpty());
  EXPECT_EQ(facts.unanswered(), 2U);
}

TEST_F(LookalikesLookTest, SaysOfWhatNobodyAnsweredThatNothingIsKnown) {
  resolver.refuses = true;
  const v1::LookalikeFacts refused = look();
  EXPECT_EQ(refused.unanswered(), refused.tried());
  EXPECT_THAT(refused.registered(), IsEmpty());
  resolver.refuses = false;
  // No time at all: as if every server were slow.
  const v1::LookalikeFacts late = look("example.org", 0s);
  EXPECT_EQ(late.unanswered(), late.tried());
}

TEST_F(LookalikesLookTest, AsksRegistriesAboutSoManyAndNoMore) {
  for (char c = 'a'; c <= 'z'; ++c)
    resolver.add_registered(std::string("example-") + c + ".org");
  std::string words = "example.org words=";
  for (int i = 0; i < 60; ++i) {
    const std::string word = "w" + std::to_string(i);
    words += (i == 0 ? "" : ",") + word;
    resolver.add_registered(word + "example.org");
  }
  const v1::LookalikeFacts facts = look(words);
  ASSERT_THAT(facts.registered(), SizeIs(60));
  EXPECT_THAT(asked_registry, SizeIs(kMostDates));
  EXPECT_THAT(facts.registered(59).registered_detail(), HasSubstr("not asked: 40 others"));
}

}  // namespace
}  // namespace muster::lookalikes
