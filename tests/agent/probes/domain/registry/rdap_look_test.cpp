// A domain's record by RDAP: each shape of an answer, and how often anybody is asked.
#include "tests/agent/probes/domain/registry/registry_world.h"

namespace muster::domains::registry {
namespace {

using namespace std::chrono_literals;
using test::http_answer;
using test::kRecord;
using test::Saying;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class RdapLook : public test::RegistryWorld {
 protected:
  void answer(const std::string& bytes) {
    registry.answer = [bytes](const std::string&) { return Saying{bytes}; };
  }
};

TEST_F(RdapLook, TellsWhatTheRegistryHasOfTheRegisteredPartOfTheName) {
  const v1::DomainFacts told = facts(look("www.example.org expires=2027-03-31"));
  EXPECT_EQ(told.address(), "www.example.org expires=2027-03-31");
  EXPECT_EQ(told.domain(), "example.org");
  EXPECT_EQ(told.public_suffix(), "org");
  EXPECT_EQ(told.answer(), v1::REGISTRY_ANSWER_REGISTERED);
  EXPECT_EQ(told.protocol(), v1::REGISTRY_PROTOCOL_RDAP);
  EXPECT_EQ(told.server(), "rdap.example.net");
  EXPECT_EQ(date(told.expires()), "2027-08-30T04:00:00Z");
  EXPECT_FALSE(told.expires_zone_unknown());
  EXPECT_EQ(date(told.expires_by_hand()), "2027-04-01T00:00:00Z");
  EXPECT_EQ(date(told.created()), "1995-08-31T04:00:00Z");
  EXPECT_EQ(told.registrar(), "Example Registrar");
  EXPECT_THAT(told.statuses(), ElementsAre("clientTransferProhibited", "locked by us"));
  EXPECT_THAT(told.name_servers(), ElementsAre("ns1.example.net", "ns2.example.net"));
  EXPECT_TRUE(told.delegation_signed());
  EXPECT_FALSE(told.partial());
  ASSERT_THAT(registry.questions, SizeIs(1));
  EXPECT_THAT(registry.questions[0],
              AllOf(StartsWith("GET /v1/domain/example.org HTTP/1.1\r\n"),
                    HasSubstr("Accept: application/rdap+json\r\n"),
                    HasSubstr(fmt::format("Host: rdap.example.net:{}\r\n", registry.port()))));
  EXPECT_EQ(iana.accepted, 0);
  EXPECT_EQ(whois.accepted, 0);
}

TEST_F(RdapLook, ListsAtMost32StatusesAndNameServersAndSaysThatThereAreMore) {
  std::string servers;
  for (int i = 0; i < 33; ++i)
    servers += fmt::format(R"({}{{"ldhName":"ns{}.example.net"}})", i == 0 ? "" : ",", i);
  answer(http_answer("200 OK", fmt::format(R"({{"objectClassName":"domain","ldhName":"example.org",
    "nameservers":[{}]}})",
                                           servers)));
  const v1::DomainFacts told = facts(look());
  EXPECT_EQ(told.name_servers_size(), 32);
  EXPECT_TRUE(told.partial());
}

TEST_F(RdapLook, TellsThatNobodyHasAName) {
  answer(http_answer("404 Not Found", R"({"errorCode":404,"title":"Not Found"})"));
  const v1::DomainFacts told = facts(look());
  EXPECT_EQ(told.answer(), v1::REGISTRY_ANSWER_FREE);
  EXPECT_FALSE(told.has_expires());
  EXPECT_THAT(registry.questions, SizeIs(1));
}

TEST_F(RdapLook, DoesNotTakeAWebServersErrorPageForAFreeName) {
  answer(http_answer("404 Not Found", "<html>Not found</html>", "", "text/html"));
  EXPECT_THAT(failure(look()), StartsWith("failed: rdap.example.net: "));
}

TEST_F(RdapLook, SaysWhoAndWhatWhereTheAnswerSaysNothing) {
  const std::vector<std::pair<std::string, std::string>> answers = {
      {http_answer("500 Internal Server Error", ""), "500"},
      {http_answer("503 Service Unavailable", ""), "503"},
      {http_answer("200 OK", kRecord, "", "text/html"), "text/html"},
      {http_answer("200 OK", "{\"objectClassName\":"), ""},
      {http_answer("200 OK", R"({"objectClassName":"domain","ldhName":"example.net"})"), ""},
      {http_answer("403 Forbidden", ""), "403"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{", "broke the connection"},
      {std::string("\x16\x03\x01\x00\xff\x00\x1b[2J", 10), ""},
      {"", "broke the connection"},
  };
  for (const auto& [bytes, words] : answers) {
    answer(bytes);
    const std::string why = failure(look());
    EXPECT_THAT(why, AllOf(StartsWith("failed: rdap.example.net"), HasSubstr(words))) << bytes;
    EXPECT_EQ(why, printable(why)) << bytes;
  }
  EXPECT_THAT(registry.questions, SizeIs(answers.size()));
}

TEST_F(RdapLook, LeavesARegistryAloneForAsLongAsItSays) {
  answer(http_answer("429 Too Many Requests", "", "Retry-After: 7200\r\n"));
  EXPECT_EQ(failure(look()),
            "rate-limited: rdap.example.net asked to be left alone until 2026-11-23T02:00:00Z");
  pass(2h - 1s);
  EXPECT_EQ(failure(look()),
            "rate-limited: rdap.example.net asked to be left alone until 2026-11-23T02:00:00Z");
  EXPECT_THAT(registry.questions, SizeIs(1));
  EXPECT_EQ(registry.accepted, 1);
  pass(1s);
  answer(http_answer("200 OK", kRecord));
  EXPECT_EQ(facts(look()).answer(), v1::REGISTRY_ANSWER_REGISTERED);
  EXPECT_THAT(registry.questions, SizeIs(2));
}

TEST_F(RdapLook, LeavesItAloneTwiceAsLongEachTimeWhereItDoesNotSayAndAnewAfterAnAnswer) {
  answer(http_answer("429 Too Many Requests", ""));
  EXPECT_THAT(failure(look()), HasSubstr("until 2026-11-23T01:00:00Z"));
  pass(1h);
  EXPECT_THAT(failure(look()), HasSubstr("until 2026-11-23T03:00:00Z"));
  pass(2h);
  answer(http_answer("200 OK", kRecord));
  facts(look());
  answer(http_answer("429 Too Many Requests", ""));
  EXPECT_THAT(failure(look()), HasSubstr("until 2026-11-23T04:00:00Z"));
}

TEST_F(RdapLook, TakesAnUnavailableServerThatSaysWhenToComeBackAtItsWord) {
  answer(
      http_answer("503 Service Unavailable", "", "Retry-After: Tue, 24 Nov 2026 08:00:00 GMT\r\n"));
  EXPECT_EQ(failure(look()),
            "rate-limited: rdap.example.net asked to be left alone until 2026-11-24T08:00:00Z");
}

TEST_F(RdapLook, OfOthersInTheSameRunAreNotMadeOnceItAskedForThat) {
  answer(http_answer("429 Too Many Requests", ""));
  pace.at_once = 1;
  const auto sections = look_at_all({"example.org", "www.example.org"});
  ASSERT_THAT(sections, SizeIs(2));
  for (const v1::Section& section : sections)
    EXPECT_THAT(failure(section), StartsWith("rate-limited: "));
  EXPECT_THAT(registry.questions, SizeIs(1));
}

TEST_F(RdapLook, FollowsARedirectOfTheSameServerAndCountsItsWordAsTheRegistrys) {
  registry.answer = [](const std::string& question) {
    if (question.starts_with("GET /v1/"))
      return Saying{
          http_answer("301 Moved Permanently", "", "Location: /v2/domain/example.org\r\n")};
    return Saying{http_answer("404 Not Found", R"({"errorCode":404})")};
  };
  EXPECT_EQ(facts(look()).answer(), v1::REGISTRY_ANSWER_FREE);
  EXPECT_THAT(registry.questions, SizeIs(2));
}

TEST_F(RdapLook, FollowsNoCircleAndNoFourthRedirect) {
  answer(http_answer("302 Found", "", "Location: /v1/domain/example.org\r\n"));
  EXPECT_THAT(failure(look()), HasSubstr("it was asked already"));
  EXPECT_THAT(registry.questions, SizeIs(1));
  registry.questions.clear();
  int count = 0;
  registry.answer = [&count](const std::string&) {
    return Saying{http_answer("302 Found", "", fmt::format("Location: /v1/{}\r\n", ++count))};
  };
  EXPECT_THAT(failure(look()), HasSubstr("one redirect too many"));
  EXPECT_THAT(registry.questions, SizeIs(4));
}

TEST_F(RdapLook, IsSentNowhereThatNoListHas) {
  for (const std::string location :
       {"https://127.0.0.1/domain/example.org", "https://10.0.0.1/",
        "http://169.254.169.254/latest/", "https://other.example.net:8443/",
        "http://rdap.example.net/domain/example.org",
        "https://registrar.example.com/domain/example.org", "file:///etc/passwd", ""}) {
    answer(http_answer("302 Found", "", fmt::format("Location: {}\r\n", location)));
    EXPECT_THAT(failure(look()), StartsWith("failed: rdap.example.net: ")) << location;
  }
  EXPECT_EQ(iana.accepted + whois.accepted, 0);
}

TEST_F(RdapLook, AsksTheRegistrarOnlyWhereTheRegistryGivesNoExpiry) {
  const std::string other =
      fmt::format("https://rdap.example.net:{}/r/example.org", registry.port());
  const std::string link = fmt::format(
      R"("links":[{{"rel":"related","type":"application/rdap+json","href":"{}"}}])", other);
  std::string thick = kRecord;
  thick.replace(0, 1, "{" + link + ",");
  answer(http_answer("200 OK", thick));
  facts(look());
  EXPECT_THAT(registry.questions, SizeIs(1));
  registry.questions.clear();
  registry.answer = [link](const std::string& question) {
    return Saying{http_answer(
        "200 OK",
        question.starts_with("GET /v1/")
            ? fmt::format(R"({{"objectClassName":"domain","ldhName":"example.org",{}}})", link)
            : kRecord)};
  };
  EXPECT_EQ(date(facts(look()).expires()), "2027-08-30T04:00:00Z");
  EXPECT_THAT(registry.questions, SizeIs(2));
}

TEST_F(RdapLook, AsksNobodyWhoseAddressRootDoesNotLet) {
  dns.names["rdap.example.net"] = {.ipv4 = {"10.0.0.1"}};
  EXPECT_THAT(failure(look()),
              AllOf(StartsWith("failed: rdap.example.net was not asked: "), HasSubstr("10.0.0.1")));
  EXPECT_EQ(registry.accepted, 0);
}

TEST_F(RdapLook, AsksInTheClearOnlyWhereTheSiteItselfListsThat) {
  test::RegistryServer clear(io, nullptr);
  clear.answer = registry.answer;
  list_org(fmt::format("http://rdap.example.net:{}/", clear.port()));
  EXPECT_EQ(facts(look()).answer(), v1::REGISTRY_ANSWER_REGISTERED);
  EXPECT_THAT(clear.questions, SizeIs(1));
}

TEST_F(RdapLook, RefusesWhatIsNoNameOfADomain) {
  v1::AllowedTarget& entry = *rules.add_allow();
  entry.add_names("co.uk");
  entry.add_kinds("domain");
  EXPECT_THAT(failure(look("co.uk")), AllOf(StartsWith("failed: "), HasSubstr("public suffix")));
  EXPECT_EQ(registry.accepted + iana.accepted + whois.accepted, 0);
}

// What IANA is asked.

TEST_F(RdapLook, AsksIanaForItsListOnceAWeekAndKeepsIt) {
  list_org("");
  // Ours does not list this one.
  const auto list = [](const char* tld) {
    return fmt::format(R"({{"version":"1.0","publication":"2026-11-01T12:00:00Z","services":[
        [["{}"],["https://rdap.example.net/"]]]}})",
                       tld);
  };
  iana.answer = [&list](const std::string&) {
    return Saying{http_answer("200 OK", list("test"), "", "application/json")};
  };
  // Loopback is nowhere that IANA's list leads to.
  EXPECT_THAT(failure(look("example.test")), HasSubstr("leads to 127.0.0.1"));
  ASSERT_THAT(iana.questions, SizeIs(1));
  EXPECT_THAT(iana.questions[0], StartsWith("GET /dns.json HTTP/1.1\r\n"));
  pass(7 * 24h - 1s);
  EXPECT_THAT(failure(look("example.test")), HasSubstr("leads to 127.0.0.1"));
  EXPECT_THAT(iana.questions, SizeIs(1));
  pass(1s);
  // What is no list takes the place of none.
  iana.answer = [](const std::string&) { return Saying{http_answer("200 OK", "{}")}; };
  EXPECT_THAT(failure(look("example.test")), HasSubstr("leads to 127.0.0.1"));
  EXPECT_THAT(iana.questions, SizeIs(2));
  EXPECT_EQ(whois.accepted, 0);
}

TEST_F(RdapLook, OfOneRunAskIanaOnceTogether) {
  list_org("");
  whois.answer = [](const std::string&) { return Saying{"nothing\r\n"}; };
  look_at_all({"example.test", "example.org", "www.example.org"});
  EXPECT_THAT(iana.questions, SizeIs(1));
}

}  // namespace
}  // namespace muster::domains::registry
