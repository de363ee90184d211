#include "agent/probes/tls/version_questions.h"

#include <gmock/gmock.h>

#include <vector>

namespace muster::tls {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A server that takes some versions, asked as a look asks it.
struct Told {
  std::vector<std::string> versions;
  std::vector<std::string> not_asked;
  std::vector<std::string> asked;
};

Told ask(const std::vector<std::string>& takes, v1::TlsAnswer refusal = v1::TLS_ANSWER_ALERT,
         const std::string& detail = "protocol version") {
  const auto pick = [&](TlsVersion highest) {
    TlsConversation told{.answer = refusal, .detail = detail, .began = true};
    for (auto version :
         {TlsVersion::kTls10, TlsVersion::kTls11, TlsVersion::kTls12, TlsVersion::kTls13}) {
      const std::string name(version_name(version));
      if (version > highest || std::find(takes.begin(), takes.end(), name) == takes.end()) continue;
      told.answer = v1::TLS_ANSWER_COMPLETED;
      told.version = name;
    }
    return told;
  };
  VersionQuestions questions(pick(TlsVersion::kTls13).version);
  Told told;
  while (const auto highest = questions.next()) {
    told.asked.emplace_back(version_name(*highest));
    questions.take(pick(*highest));
  }
  v1::TlsService service;
  questions.tell(service);
  told.versions.assign(service.versions().begin(), service.versions().end());
  told.not_asked.assign(service.versions_not_asked().begin(), service.versions_not_asked().end());
  return told;
}

TEST(VersionQuestions, TellWhatAServerTakesWhateverThatIs) {
  const std::vector<std::string> all{"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};
  for (int set = 1; set < 16; ++set) {
    std::vector<std::string> takes;
    for (size_t i = 0; i < all.size(); ++i)
      if ((set >> i & 1) != 0) takes.push_back(all[i]);
    for (const char* const alert :
         {"protocol version", "handshake failure", "insufficient security"}) {
      const Told told = ask(takes, v1::TLS_ANSWER_ALERT, alert);
      EXPECT_EQ(told.versions, takes);
      EXPECT_THAT(told.not_asked, IsEmpty());
      EXPECT_LE(told.asked.size(), 3);
    }
  }
}

TEST(VersionQuestions, AreFewForAServerAsItShouldBe) {
  EXPECT_THAT(ask({"TLSv1.3"}).asked, ElementsAre("TLSv1.1", "TLSv1.2"));
  EXPECT_THAT(ask({"TLSv1.2", "TLSv1.3"}).asked, ElementsAre("TLSv1.1", "TLSv1.2"));
  EXPECT_THAT(ask({"TLSv1.2"}).asked, ElementsAre("TLSv1.1"));
  EXPECT_THAT(ask({"TLSv1"}).asked, IsEmpty());
}

TEST(VersionQuestions, WhatSaysNothingIsNotAskedAndNoRefusal) {
  for (const v1::TlsAnswer answer :
       {v1::TLS_ANSWER_UNSPECIFIED, v1::TLS_ANSWER_HANDSHAKE_TIMED_OUT, v1::TLS_ANSWER_NOT_TLS,
        v1::TLS_ANSWER_NO_STARTTLS, v1::TLS_ANSWER_CLOSED}) {
    const Told told = ask({"TLSv1.3"}, answer);
    EXPECT_THAT(told.versions, ElementsAre("TLSv1.3"));
    EXPECT_THAT(told.not_asked, ElementsAre("TLSv1", "TLSv1.1", "TLSv1.2"));
  }
}

// Nor is an alert about something else.
TEST(VersionQuestions, OnlyAnAlertAboutVersionsIsARefusal) {
  for (const char* const alert : {"unrecognized name", "access denied", ""}) {
    EXPECT_THAT(ask({"TLSv1.3"}, v1::TLS_ANSWER_ALERT, alert).not_asked,
                ElementsAre("TLSv1", "TLSv1.1", "TLSv1.2"))
        << alert;
  }
}

// What OpenSSL 3 says to TLS 1.1 and older at its usual security level.
TEST(VersionQuestions, AnInternalErrorOfOldVersionsIsARefusal) {
  EXPECT_THAT(ask({"TLSv1.3"}, v1::TLS_ANSWER_ALERT, "internal error").not_asked, ElementsAre());
}

TEST(VersionQuestions, AnOrderlyEndInPlaceOfAnAnswerIsARefusalAndAResetIsNone) {
  for (const bool closed_at_hello : {true, false}) {
    VersionQuestions questions("TLSv1.2");
    questions.take(
        {.answer = v1::TLS_ANSWER_CLOSED, .began = true, .closed_at_hello = closed_at_hello});
    v1::TlsService service;
    questions.tell(service);
    EXPECT_EQ(service.versions_not_asked().empty(), closed_at_hello);
  }
}

TEST(VersionQuestions, AConnectionThatEndedBeforeTlsBeganRefusesNothing) {
  VersionQuestions questions("TLSv1.2");
  questions.take({.answer = v1::TLS_ANSWER_CLOSED, .began = false});
  v1::TlsService service;
  questions.tell(service);
  EXPECT_THAT(service.versions_not_asked(), ElementsAre("TLSv1", "TLSv1.1"));
}

TEST(VersionQuestions, AreNoneWhereNothingIsKnown) {
  for (const char* picked : {"", "SSLv3"}) {
    const VersionQuestions questions(picked);
    EXPECT_FALSE(questions.next().has_value());
    v1::TlsService service;
    questions.tell(service);
    EXPECT_THAT(service.versions(), IsEmpty());
    EXPECT_THAT(service.versions_not_asked(),
                ElementsAre("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"));
  }
}

}  // namespace
}  // namespace muster::tls
