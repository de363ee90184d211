#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "agent/probes/domain/rdap/rdap_answer.h"

namespace muster::domains::rdap {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kType = "application/rdap+json";
constexpr std::string_view kNotFound =
    R"({"errorCode":404,"title":"Not Found","description":["No such domain"],"rdapConformance":["rdap_level_0"],
       "notices":[{"title":"Terms","description":["All rights reserved. Too many queries: rate limit."]}]})";

AnswerKind kind_of(int status, std::string_view type, std::string_view body,
                   Server server = Server::kRegistry) {
  const Registration found = read_rdap(status, type, body, "example.com", server);
  EXPECT_FALSE(found.expires || found.created);
  EXPECT_EQ(found.reason.empty(), found.kind == AnswerKind::kFree) << found.reason;
  return found.kind;
}

TEST(RdapError, OnlyRdapsOwnNotFoundOfTheRegistryIsAFreeName) {
  EXPECT_EQ(kind_of(404, kType, kNotFound), AnswerKind::kFree);
  EXPECT_EQ(kind_of(404, "application/json", kNotFound), AnswerKind::kFree);
  EXPECT_EQ(kind_of(404, kType, ""), AnswerKind::kFree);
  EXPECT_EQ(kind_of(404, kType, R"({"errorCode":"404"})"), AnswerKind::kFree);
  EXPECT_EQ(kind_of(404, kType, R"({"rdapConformance":["rdap_level_0"]})"), AnswerKind::kFree);

  // A registrar's server knows its own names alone.
  EXPECT_EQ(kind_of(404, kType, kNotFound, Server::kOther), AnswerKind::kRefused);
  EXPECT_EQ(read_rdap(404, kType, kNotFound, "example.com").kind, AnswerKind::kRefused);

  // A web server without that page.
  EXPECT_EQ(kind_of(404, "text/html", "<h1>Not Found</h1>"), AnswerKind::kUnreadable);
  EXPECT_EQ(kind_of(404, "text/html", kNotFound), AnswerKind::kUnreadable);
  EXPECT_EQ(kind_of(404, "", ""), AnswerKind::kUnreadable);
  EXPECT_EQ(kind_of(404, kType, "<h1>Not Found</h1>"), AnswerKind::kUnreadable);
  EXPECT_EQ(kind_of(404, kType, std::string((1 << 20) + 1, ' ')), AnswerKind::kUnreadable);

  // The number within says something else.
  EXPECT_EQ(kind_of(404, kType, R"({"errorCode":500})"), AnswerKind::kUnreadable);
  EXPECT_EQ(kind_of(200, kType, R"({"errorCode":404})"), AnswerKind::kUnreadable);
  EXPECT_EQ(kind_of(200, kType, R"({"errorCode":null})"), AnswerKind::kUnreadable);
}

TEST(RdapError, ANotFoundInOtherWordsIsNotAFreeName) {
  const auto with = [](const std::string& words) {
    return kind_of(404, kType,
                   R"({"errorCode":404,"title":"Not Found","description":[")" + words + "\"]}");
  };
  EXPECT_EQ(with("Reserved by the registry"), AnswerKind::kReserved);
  EXPECT_EQ(with("This name cannot be registered"), AnswerKind::kReserved);
  EXPECT_EQ(with("TLD not supported"), AnswerKind::kRefused);
  EXPECT_EQ(with("This server is not authoritative for it"), AnswerKind::kRefused);
  EXPECT_EQ(with("Rate limit exceeded"), AnswerKind::kThrottled);
  EXPECT_EQ(with("(c) The Registry, All Rights Reserved"), AnswerKind::kFree);
}

TEST(RdapError, AThrottleIsNeitherFreeNorRegistered) {
  EXPECT_EQ(kind_of(429, kType, R"({"errorCode":429,"title":"Too Many Requests"})"),
            AnswerKind::kThrottled);
  EXPECT_EQ(kind_of(429, "text/html", "<h1>Slow down</h1>"), AnswerKind::kThrottled);
  EXPECT_EQ(kind_of(429, "", "", Server::kOther), AnswerKind::kThrottled);
  EXPECT_EQ(kind_of(404, kType, R"({"errorCode":429})"), AnswerKind::kThrottled);
  EXPECT_EQ(kind_of(200, kType, R"({"errorCode":429})"), AnswerKind::kThrottled);
  EXPECT_EQ(kind_of(403, kType, R"({"errorCode":403,"description":"Daily quota exceeded"})"),
            AnswerKind::kThrottled);
  EXPECT_EQ(kind_of(503, kType, R"({"errorCode":503,"title":"Query limit"})"),
            AnswerKind::kThrottled);
}

TEST(RdapError, ARefusalIsAWordOfTheServerAndAFaultIsNone) {
  for (const int status : {400, 401, 403, 405, 422, 451, 501}) {
    EXPECT_EQ(kind_of(status, kType, ""), AnswerKind::kRefused) << status;
    EXPECT_EQ(kind_of(status, "text/html", "<h1>No</h1>"), AnswerKind::kRefused) << status;
  }
  for (const int status : {0, -1, 100, 204, 301, 302, 410, 418, 500, 502, 503, 504, 999}) {
    EXPECT_EQ(kind_of(status, kType, ""), AnswerKind::kUnreadable) << status;
  }
}

TEST(RdapError, TheReasonIsTheServersInPrintableWords) {
  const Registration found = read_rdap(
      400, kType,
      "{\"errorCode\":400,\"title\":\"Bad\\u001b[31m\",\"description\":[\"one\",7,\"two\"]}",
      "example.com");
  EXPECT_EQ(found.reason, "HTTP 400: Bad\\x1b[31m: one: two");
  const Registration wordy =
      read_rdap(400, kType, R"({"title":")" + std::string(100000, 'x') + R"("})", "example.com");
  EXPECT_LT(wordy.reason.size(), 600U);
  EXPECT_THAT(wordy.reason, HasSubstr("xxx"));
}

}  // namespace
}  // namespace muster::domains::rdap
