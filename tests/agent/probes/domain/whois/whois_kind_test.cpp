// What kind of answer it is: whoever takes one for another loses a domain, or sees one that is
// none.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "agent/probes/domain/whois/answer_fields.h"
#include "agent/probes/domain/whois/whois_answer.h"
#include "common/text.h"

namespace muster::domains::whois {
namespace {

AnswerKind kind_of(std::string_view answer) {
  return read_whois(answer, "example.test").kind;
}

void expect_all(AnswerKind kind, const std::vector<std::string_view>& answers) {
  for (const std::string_view answer : answers)
    EXPECT_EQ(kind_of(answer), kind) << answer;
}

TEST(WhoisKind, IsFreeInManyWords) {
  expect_all(AnswerKind::kFree,
             {"No match for \"EXAMPLE.TEST\".\n",
              "NOT FOUND\n>>> Last update of WHOIS database: 2026-01-01T00:00:00Z <<<\n",
              "Domain not found.\n",
              "% No entries found for the selected source(s).\n",
              "Domain: example.test\nStatus: free\n",
              "Domain Name: example.test\nDomain Status: No Object Found\n",
              "domain_name: example.test\nquery_status: 220 Available\n",
              "example.test is free\n",
              "The queried object does not exist: DOMAIN NOT FOUND\n",
              "This domain name has not been registered.\n",
              ">>> Domain example.test is available for registration\n",
              "%ERROR:103: Domain is not registered\n",
              "Nincs talalat / No match\n",
              "The domain example.test was not found in our database.\n",
              "No Data Found\n",
              "Domain example.test not registered.\n",
              "No match!!\n",
              "Not found: example.test\n",
              "domain \"example.test\" not found.\n",
              "*** Nothing found for this query.\n"});
}

TEST(WhoisKind, IsThrottledInManyWords) {
  expect_all(
      AnswerKind::kThrottled,
      {"WHOIS LIMIT EXCEEDED - SEE WWW.EXAMPLE.ORG/WHOIS FOR DETAILS\n", "% Quota exceeded\n",
       "Queried interval is too short.\n", "-1: Still in grace period, wait 4832 seconds\n",
       "Error: the query quota for 192.0.2.1 has been exceeded and will be replenished in 20 "
       "seconds\n",
       "Number of allowed queries exceeded.\n", "Too many requests, please try again later.\n",
       "% Query rate limit exceeded. Reduce query rate.\n",
       "Your IP address has been blacklisted\n",
       "55000000002 Connection refused; access control limit exceeded.\n",
       "Excessive querying, grace period of 30 seconds\n",
       "You have exceeded your allowed number of queries\n",
       // Nor does another sentence beside it count.
       "Domain: example.test\nStatus: available\nError: query limit exceeded\n",
       "Domain: example.test\nRegistrar: Names\nError: query limit exceeded\n",
       "No match for example.test\nToo many queries, try again in 60 seconds\n"});
}

TEST(WhoisKind, IsReservedOrRefused) {
  expect_all(
      AnswerKind::kReserved,
      {"Not available for registration.\nSecond level domain name is reserved.\n",
       "Domain: example.test\nStatus: RESERVED\n", "This name is reserved by the registry.\n",
       "The domain example.test cannot be registered.\n",
       "Domain: example.test\nStatus: NOT ALLOWED\n"});
  expect_all(AnswerKind::kRefused,
             {"% Permission denied.\n", "Access denied for 192.0.2.1\n", "Unsupported TLD\n",
              "Invalid query\n", "This server is not authoritative for that domain\n"});
}

TEST(WhoisKind, IsNeitherFreeNorRegisteredWhereTheAnswerIsNotOfThisDomain) {
  expect_all(
      AnswerKind::kUnreadable,
      {"", "\n\n", "Hello.\n", "No match for \"OTHER.TEST\".\n", "TLD not found\n",
       "Whois server not found\n",
       "Domain: other.test\nexpires: 2027-01-01\nnserver: ns1.other.test\n",
       "Domain: other.test\nStatus: free\n", "Domain: example.test\n",
       "expires: 2027-01-01\nregistrar: Names\n",
       // Two answers at once.
       "Domain: example.test\nStatus: available\nnserver: ns1.example.test\n",
       "Domain: example.test\nRegistrar: Names\nNot found\n", "example.test is not available\n",
       "A response that a domain is not found does not mean that it is available for "
       "registration.\n"});
}

TEST(WhoisKind, IsNotTakenFromTheTermsOfUse) {
  EXPECT_EQ(
      kind_of(
          "Domain: example.test\nexpires: 2027-01-01\n\nAccess may be denied if you have exceeded "
          "the limit.\n"
          "A name that is not found here is not registered.\nToo many requests are forbidden.\n"),
      AnswerKind::kRegistered);
  EXPECT_EQ(
      kind_of("Domain not found.\n\nAccess to this service is rate limited. If you have exceeded "
              "the limit, access may\n"
              "be denied. You agree not to use high-volume, automated processes, exceeding query "
              "rate or volume limits.\n"
              "All rights reserved. The registry reserves the right to modify these terms.\n"),
      AnswerKind::kFree);
}

TEST(WhoisKind, GivesNothingOfADomainThatIsNotRegistered) {
  const Registration found =
      read_whois("Domain: example.test\nRegistrar: Names\nquota exceeded\n", "example.test");
  EXPECT_EQ(found.kind, AnswerKind::kThrottled);
  EXPECT_EQ(found.registrar, "");
  EXPECT_FALSE(found.expires);
}

TEST(WhoisKind, LeavesNoTabInATextThatIsShown) {
  const Registration found =
      read_whois("domain: example.test\nexpires: 2027-01-01\nregistrar: A\tB\nstatus: odd\tone\n",
                 "example.test");
  EXPECT_EQ(found.registrar, "A B");
  EXPECT_EQ(found.statuses, std::vector<std::string>{"odd one"});
}

TEST(WhoisKind, SaysWhyItTellsNothing) {
  const auto reason = [](std::string_view answer) {
    return read_whois(answer, "example.test").reason;
  };
  EXPECT_EQ(reason("% Query rate\tlimit exceeded.\n"), "Query rate limit exceeded.");
  EXPECT_EQ(reason("Domain: example.test\nStatus: reserved\n"),
            "its status says that it is reserved");
  EXPECT_EQ(reason("Domain: other.test\nexpires: 2027-01-01\n"),
            "the answer is about another domain");
  EXPECT_EQ(reason("Hello.\n"),
            "the answer says neither that the domain is registered nor that it is free");
  EXPECT_EQ(reason("Domain not found.\n"), "");
  EXPECT_EQ(reason("Domain: example.test\nexpires: 2027-01-01\n"), "");
  EXPECT_EQ(read_whois("", "example.test").reason, "the answer is empty or beyond its bounds");
}

TEST(WhoisKind, OfAnAnswerBeyondItsBoundsIsUnreadable) {
  const std::string record = "domain: example.test\nexpires: 2027-01-01\n";
  EXPECT_EQ(kind_of(record + std::string(kMaxAnswerBytes - record.size(), '%')),
            AnswerKind::kRegistered);
  EXPECT_EQ(kind_of(record + std::string(kMaxAnswerBytes - record.size() + 1, '%')),
            AnswerKind::kUnreadable);
  EXPECT_EQ(kind_of(record + std::string(kMaxLines - 2, '\n')), AnswerKind::kRegistered);
  EXPECT_EQ(kind_of(record + std::string(kMaxLines - 1, '\n')), AnswerKind::kUnreadable);
}

TEST(WhoisKind, BoundsListsAndValues) {
  std::string answer = "domain: example.test\nregistrar: " + std::string(3000, 'r') +
                       "\nstatus: " + std::string(500, 's') + "\n";
  for (int i = 0; i < 200; ++i)
    answer += "nserver: ns" + std::to_string(i) + ".example.test\nstatus: odd " +
              std::to_string(i) + "\n";
  answer += "nserver: " + std::string(64, 'a') + ".test\n";
  const Registration found = read_whois(answer, "example.test");
  EXPECT_EQ(found.kind, AnswerKind::kRegistered);
  EXPECT_EQ(found.name_servers.size(), 64U);
  EXPECT_EQ(found.statuses.size(), 64U);
  EXPECT_EQ(found.registrar.size(), 256U);
  std::string below = "Domain: example.test\n\nName servers:\n";
  for (int i = 0; i < 200; ++i)
    below += "  ns" + std::to_string(i) + ".example.test\n";
  EXPECT_EQ(read_whois(below, "example.test").name_servers.size(), 64U);
}

TEST(WhoisKind, MakesForeignBytesPrintable) {
  // With a NUL within.
  constexpr char kBytes[] =
      "domain: example.test\r\nregistrar: Soci\xE9t\xE9 \x1b[31m\0 Names\r\nstatus: "
      "\xff\xfe\r\nexpires: 2027-01-01\r\n"
      "nserver: ns1.\xE9.test\r\n";
  const std::string answer(kBytes, sizeof kBytes - 1);
  const Registration found = read_whois(answer, "example.test");
  EXPECT_EQ(found.kind, AnswerKind::kRegistered);
  EXPECT_TRUE(is_valid_utf8(found.registrar));
  EXPECT_EQ(found.registrar.find('\x1b'), std::string::npos);
  EXPECT_EQ(found.registrar.find('\0'), std::string::npos);
  EXPECT_TRUE(found.registrar.starts_with("Soci\xEF\xBF\xBDt")) << found.registrar;
  EXPECT_EQ(kind_of(std::string(1000, '\0')), AnswerKind::kUnreadable);
  EXPECT_EQ(kind_of("\x1f\x8b\x08\xff\xfe\x80:\x81\n[\n]\n:\n::\n[]\n[a]\n"),
            AnswerKind::kUnreadable);
  EXPECT_EQ(read_whois("domain: example.test\n", "").kind, AnswerKind::kUnreadable);
  EXPECT_EQ(read_whois("domain: example.test\n", std::string(5000, 'a')).kind,
            AnswerKind::kUnreadable);
}

}  // namespace
}  // namespace muster::domains::whois
