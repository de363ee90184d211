// Registries' servers that behave badly: each look ends in its time, with no more taken than its
// bound, and says who it was.
#include "tests/agent/probes/domain/registry/registry_world.h"

namespace muster::domains::registry {
namespace {

using namespace std::chrono_literals;
using test::Break;
using test::http_answer;
using test::kRecord;
using test::Saying;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;
using End = Saying::End;

class BadRegistries : public test::RegistryWorld {
 protected:
  void say(Saying saying) {
    registry.answer = [saying](const std::string&) { return saying; };
  }
  void whois_says(Saying saying) {
    list_org("");
    whois.answer = [saying](const std::string&) { return saying; };
  }
};

TEST_F(BadRegistries, ThatSendMoreThanAMebibyteAreCutOff) {
  const std::string much(64 << 10, ' ');
  for (const std::string head : {"HTTP/1.1 200 OK\r\nContent-Type: application/rdap+json\r\n\r\n",
                                 "HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n"}) {
    say({.bytes = head, .endless = much});
    EXPECT_EQ(failure(look()), "failed: rdap.example.net has an answer of more than 1024 KiB");
  }
}

TEST_F(BadRegistries, ThatSendAnEndlessHeaderAreCutOff) {
  say({.bytes = "HTTP/1.1 200 OK\r\n", .endless = "X-Much: much\r\n"});
  EXPECT_EQ(failure(look()), "failed: rdap.example.net has an answer with too large a header");
}

TEST_F(BadRegistries, OfWhoisThatSendMoreThanAMebibyteAreCutOff) {
  whois_says({.bytes = "", .endless = std::string(64 << 10, 'x')});
  EXPECT_EQ(failure(look("example.jp")),
            "failed: whois.jprs.jp has an answer of more than 1024 KiB");
}

// The bound of one server, and not the look's.
TEST_F(BadRegistries, ThatDripAreLeftAfterTheirTime) {
  longest_answer = 300ms;
  say({.bytes = http_answer("200 OK", kRecord), .piece = 1, .pause = 50ms});
  EXPECT_EQ(failure(look()), "failed: rdap.example.net did not answer in time");
  whois_says({.bytes = std::string(1000, 'x'), .piece = 1, .pause = 50ms});
  EXPECT_EQ(failure(look("example.jp")), "failed: whois.jprs.jp did not answer in time");
}

TEST_F(BadRegistries, ThatSayNothingAreLeftAtTheEndOfTheLook) {
  say({.end = End::kWait});
  EXPECT_EQ(failure(look("example.org", 300ms)), "failed: rdap.example.net did not answer in time");
}

TEST_F(BadRegistries, ThatNeverFinishTheHandshakeAreLeftAfterTheirTime) {
  longest_answer = 300ms;
  // It takes the first message of TLS for a question that does not end.
  test::RegistryServer silent(io, nullptr);
  list_org(fmt::format("https://rdap.example.net:{}/", silent.port()));
  EXPECT_EQ(failure(look()), "failed: rdap.example.net did not answer in time");
  EXPECT_EQ(silent.accepted, 1);
}

TEST_F(BadRegistries, ThatBreakOffSayNothingWhereverTheyDo) {
  for (const Break where : {Break::kAtOnce, Break::kAfterHandshake, Break::kAfterQuestion}) {
    registry.breaks = where;
    EXPECT_THAT(failure(look()), StartsWith("failed: rdap.example.net "));
  }
  registry.breaks = Break::kNowhere;
  for (const std::string bytes :
       {"HTTP/1.1 200 OK\r\nContent-", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"objectCl",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"obj"}) {
    say({.bytes = bytes, .end = End::kReset});
    EXPECT_THAT(failure(look()), HasSubstr("broke the connection")) << bytes;
  }
}

// Without a length the connection's end is the answer's: only an orderly one says that it is whole.
TEST_F(BadRegistries, ThatBreakOffAnAnswerWithoutLengthSayNothing) {
  const std::string bytes =
      "HTTP/1.1 200 OK\r\nContent-Type: application/rdap+json\r\n\r\n" + kRecord;
  say({.bytes = bytes, .end = End::kReset});
  EXPECT_THAT(failure(look()), HasSubstr("broke the connection"));
  say({.bytes = bytes});
  EXPECT_EQ(facts(look()).answer(), v1::REGISTRY_ANSWER_REGISTERED);
}

TEST_F(BadRegistries, OfWhoisThatBreakOffSayNothingWhereverTheyDo) {
  whois_says({});
  for (const Break where : {Break::kAtOnce, Break::kAfterQuestion}) {
    whois.breaks = where;
    EXPECT_THAT(failure(look("example.jp")), StartsWith("failed: whois.jprs.jp "));
  }
  whois.breaks = Break::kNowhere;
  // The whole of it would be read as free.
  whois_says({.bytes = "No match for domain \"EXAMPLE.JP\".\r\n", .end = End::kReset});
  EXPECT_THAT(failure(look("example.jp")), HasSubstr("broke the connection"));
  whois_says({});
  EXPECT_EQ(failure(look("example.jp")), "failed: whois.jprs.jp closed without an answer");
}

TEST_F(BadRegistries, OfWhoisThatSendJunkSayNothing) {
  std::string junk;
  for (int i = 0; i < 4096; ++i)
    junk += static_cast<char>(i * 7 % 256);
  whois_says({.bytes = junk});
  const std::string why = failure(look("example.jp"));
  EXPECT_THAT(why, StartsWith("failed: whois.jprs.jp: "));
  EXPECT_EQ(why, printable(why));
}

TEST_F(BadRegistries, WithACertificateOfAnotherNameAreNotAsked) {
  dns.names["other.example.net"] = {.ipv4 = {"127.0.0.1"}};
  list_org(fmt::format("https://other.example.net:{}/", registry.port()));
  EXPECT_THAT(failure(look()),
              AllOf(StartsWith("failed: other.example.net is not who it should be"),
                    HasSubstr("hostname mismatch")));
  EXPECT_THAT(registry.questions, SizeIs(0));
}

TEST_F(BadRegistries, WithACertificateThatNobodyVouchesForAreNotAsked) {
  const test::ServerIdentity stranger("DNS:rdap.example.net");
  test::RegistryServer impostor(io, &stranger);
  impostor.answer = registry.answer;
  list_org(fmt::format("https://rdap.example.net:{}/", impostor.port()));
  EXPECT_THAT(failure(look()), StartsWith("failed: rdap.example.net is not who it should be"));
  EXPECT_THAT(impostor.questions, SizeIs(0));
}

TEST_F(BadRegistries, AreNotBelievedOnAHostThatKnowsNoAuthorities) {
  trust = WebTrust::missing("this host has no bundle of authorities");
  EXPECT_EQ(failure(look()),
            "failed: rdap.example.net was not asked: this host has no bundle of authorities");
  EXPECT_EQ(registry.accepted, 0);
}

}  // namespace
}  // namespace muster::domains::registry
