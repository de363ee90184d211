#include "agent/probes/tls/revocation.h"

#include <gmock/gmock.h>
#include <openssl/x509v3.h>

#include "agent/probes/tls/answer_age.h"
#include "agent/probes/tls/http_exchange.h"
#include "agent/probes/tls/staple.h"
#include "tests/agent/probes/network/look_world.h"
#include "tests/agent/probes/tls/http_server.h"
#include "tests/agent/probes/tls/test_ocsp.h"

namespace muster::tls {
namespace {

using namespace std::chrono_literals;
using network_probe::Look;
using test::HttpServer;
using test::Identity;
using test::make_authority;
using test::make_leaf;
using testing::HasSubstr;
using testing::StartsWith;

class TimeOfLists : public Clock {
 public:
  TimePoint now() const override { return time; }
  TimePoint time{std::chrono::seconds(test::kThisUpdate + 60)};
};

// What the look below asks. A look is a plain function.
struct Asking {
  Revocations* revocations = nullptr;
  RevocationQuestion question = RevocationQuestion::kOcsp;
  std::vector<std::string> chain;
  std::vector<RevocationAnswer> answers;
};
Asking asking;

boost::asio::awaitable<std::optional<v1::Section>> ask_look(Look& look) {
  asking.answers.push_back(co_await asking.revocations->ask(look, asking.question, asking.chain));
  v1::Section section;
  section.set_outcome(v1::OUTCOME_OBSERVED);
  co_return section;
}

class RevocationTest : public network_probe::test::LookWorld {
 protected:
  RevocationTest() : server(io), target(listen()) {
    look_function = &ask_look;
    allow("127.0.0.1", target.port());
    allow("127.0.0.1", server.port());
    asking = {};
    asking.revocations = &revocations;
    set_leaf({{NID_info_access, "OCSP;URI:" + server.url("/ocsp")},
              {NID_crl_distribution_points, "URI:" + server.url("/list.crl")}});
  }

  void set_leaf(std::vector<std::pair<int, std::string>> extensions) {
    leaf = make_leaf("www.example.org", issuing, std::move(extensions));
    asking.chain = test::ders_of({&leaf, &issuing});
  }
  void answer_by_ocsp(int status) {
    server.answer = [this, status](const std::string&) {
      return HttpServer::ok(test::make_ocsp_response(
          {{.leaf = &leaf, .issuer = &issuing, .status = status}}, issuing));
    };
  }
  void answer(const std::string& bytes) {
    server.answer = [bytes](const std::string&) { return bytes; };
  }

  // As many looks at once, all asking the same; the last's answer.
  RevocationAnswer ask(RevocationQuestion question, int looks = 1, Duration timeout = 60s) {
    asking.question = question;
    asking.answers.clear();
    network_probe::RequestedLook look = look_at("127.0.0.1:" + std::to_string(target.port()));
    look.timeout = timeout;
    run(std::vector<network_probe::RequestedLook>(static_cast<size_t>(looks), look));
    EXPECT_EQ(asking.answers.size(), static_cast<size_t>(looks));
    return asking.answers.empty() ? RevocationAnswer{} : asking.answers.back();
  }
  std::string why_unknown(RevocationQuestion question, Duration timeout = 60s) {
    const RevocationAnswer answer = ask(question, 1, timeout);
    EXPECT_EQ(answer.status, v1::REVOCATION_UNKNOWN);
    return answer.detail;
  }

  HttpServer server;
  network_probe::test::Listener& target;
  TimeOfLists time;
  Identity root = make_authority("Example Root");
  Identity issuing = make_authority("Example Issuing", &root);
  Identity leaf = make_leaf("www.example.org", issuing);
  TrustStore store = *TrustStore::from_bundle(root.pem());
  Revocations revocations{store, time};
};

TEST_F(RevocationTest, TheResponderSaysThatItIsGood) {
  answer_by_ocsp(V_OCSP_CERTSTATUS_GOOD);
  const RevocationAnswer answer = ask(RevocationQuestion::kOcsp);
  EXPECT_EQ(answer.status, v1::REVOCATION_GOOD);
  EXPECT_EQ(answer.detail, "by " + server.url("/ocsp"));
  ASSERT_EQ(server.requests.size(), 1);
  EXPECT_THAT(server.requests[0], StartsWith("POST /ocsp HTTP/1.1\r\n"));
  EXPECT_THAT(server.requests[0], HasSubstr("Content-Type: application/ocsp-request\r\n"));
  EXPECT_THAT(server.requests[0],
              HasSubstr("Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"));
  EXPECT_EQ(target.accepted(), 0);
}

TEST_F(RevocationTest, TheResponderSaysThatItWasRevokedAndWhen) {
  answer_by_ocsp(V_OCSP_CERTSTATUS_REVOKED);
  const RevocationAnswer answer = ask(RevocationQuestion::kOcsp);
  EXPECT_EQ(answer.status, v1::REVOCATION_REVOKED);
  ASSERT_TRUE(answer.revoked_at.has_value());
  EXPECT_EQ(answer.revoked_at->seconds(), test::kRevokedAt);
}

TEST_F(RevocationTest, TheListSaysWhetherItIsInIt) {
  answer(HttpServer::ok(test::make_list({.revoked = {7}}, issuing)));
  const RevocationAnswer good = ask(RevocationQuestion::kCrl);
  EXPECT_EQ(good.status, v1::REVOCATION_GOOD);
  EXPECT_EQ(good.detail, "by " + server.url("/list.crl"));
  EXPECT_THAT(server.requests[0], StartsWith("GET /list.crl HTTP/1.1\r\n"));
  Revocations next_run(store, time);
  asking.revocations = &next_run;
  answer(HttpServer::ok(test::make_list({.revoked = {7, 42}}, issuing)));
  EXPECT_EQ(ask(RevocationQuestion::kCrl).status, v1::REVOCATION_REVOKED);
}

TEST_F(RevocationTest, ByTheStapleNobodyIsAsked) {
  EXPECT_EQ(ask(RevocationQuestion::kStaple).status, v1::REVOCATION_UNSPECIFIED);
  EXPECT_EQ(server.accepted, 0);
}

TEST_F(RevocationTest, ManyLooksOfARunAskOnce) {
  answer_by_ocsp(V_OCSP_CERTSTATUS_GOOD);
  ask(RevocationQuestion::kOcsp, 20);
  for (const RevocationAnswer& one : asking.answers)
    EXPECT_EQ(one.status, v1::REVOCATION_GOOD) << one.detail;
  EXPECT_EQ(server.accepted, 1);
  answer(HttpServer::ok(test::make_list({}, issuing)));
  ask(RevocationQuestion::kCrl, 20);
  for (const RevocationAnswer& one : asking.answers)
    EXPECT_EQ(one.status, v1::REVOCATION_GOOD) << one.detail;
  EXPECT_EQ(server.accepted, 2);
  answer("HTTP/1.1 404 Not Found\r\n\r\n");
  set_leaf({{NID_info_access, "OCSP;URI:" + server.url("/gone")}});
  ask(RevocationQuestion::kOcsp, 20);
  EXPECT_EQ(server.accepted, 3);
}

// One that waits for another's answer keeps no place of those that may dial at once.
TEST_F(RevocationTest, ManyLooksOfWhichOneMayDialAtATimeAskToo) {
  pace.at_once = 1;
  answer_by_ocsp(V_OCSP_CERTSTATUS_GOOD);
  ask(RevocationQuestion::kOcsp, 5);
  for (const RevocationAnswer& one : asking.answers)
    EXPECT_EQ(one.status, v1::REVOCATION_GOOD) << one.detail;
}

// The certificate is anybody's: it aims the agent nowhere.
TEST_F(RevocationTest, APlaceThatRootDoesNotAllowIsNeverDialled) {
  HttpServer secret(io);
  for (const std::string& url :
       {secret.url("/"), "http://localhost:" + std::to_string(secret.port()) + "/"}) {
    set_leaf({{NID_info_access, "OCSP;URI:" + url}, {NID_crl_distribution_points, "URI:" + url}});
    const std::string place = url.substr(7, url.size() - 8);
    EXPECT_EQ(why_unknown(RevocationQuestion::kOcsp), place + " is not in targets.allow");
    EXPECT_EQ(why_unknown(RevocationQuestion::kCrl), place + " is not in targets.allow");
  }
  EXPECT_EQ(secret.accepted, 0);
}

TEST_F(RevocationTest, ARedirectIsNotFollowed) {
  HttpServer secret(io);
  allow("127.0.0.1", secret.port());
  answer("HTTP/1.1 302 Found\r\nLocation: " + secret.url("/") + "\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(why_unknown(RevocationQuestion::kOcsp),
            server.url("/ocsp") + " answered 302 Found, which is not followed");
  EXPECT_EQ(why_unknown(RevocationQuestion::kCrl),
            server.url("/list.crl") + " answered 302 Found, which is not followed");
  EXPECT_EQ(secret.accepted, 0);
}

TEST_F(RevocationTest, NoMoreIsTakenThanABound) {
  answer("HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\n\r\n");
  EXPECT_EQ(why_unknown(RevocationQuestion::kCrl),
            server.url("/list.crl") + " has an answer of more than 16384 KiB");
  answer("HTTP/1.1 200 OK\r\n\r\n" + std::string(kLargestOcspResponse + 1, 'x'));
  EXPECT_EQ(why_unknown(RevocationQuestion::kOcsp),
            server.url("/ocsp") + " has an answer of more than 64 KiB");
  set_leaf({{NID_crl_distribution_points, "URI:" + server.url("/endless.crl")}});
  answer("HTTP/1.1 200 OK\r\n\r\n" + std::string(Revocations::kLargestList + 1, 'x'));
  EXPECT_EQ(why_unknown(RevocationQuestion::kCrl),
            server.url("/endless.crl") + " has an answer of more than 16384 KiB");
  set_leaf({{NID_info_access, "OCSP;URI:" + server.url("/header")}});
  answer("HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n");
  EXPECT_EQ(why_unknown(RevocationQuestion::kOcsp),
            server.url("/header") + " has an answer with too large a header");
}

TEST_F(RevocationTest, WhoIsSlowIsGivenUp) {
  server.stays_open = true;
  for (const char* bytes : {"", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"}) {
    answer(bytes);
    EXPECT_EQ(why_unknown(RevocationQuestion::kOcsp, 300ms),
              server.url("/ocsp") + " did not answer in time");
  }
  // That one look's time was over is no answer for the next.
  server.stays_open = false;
  answer_by_ocsp(V_OCSP_CERTSTATUS_GOOD);
  EXPECT_EQ(ask(RevocationQuestion::kOcsp).status, v1::REVOCATION_GOOD);
}

TEST_F(RevocationTest, WhatIsNoAnswerIsSaid) {
  const struct {
    const char* path;
    std::string bytes;
    const char* why;
  } rows[] = {
      {"/a", "", "{} closed the connection before its answer's end"},
      {"/b", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
       "{} closed the connection before its answer's end"},
      {"/c", "HTTP/1.1 404 Not Found\r\n\r\n", "{} answered 404 Not Found"},
      {"/d", "SSH-2.0-OpenSSH_9.2p1\r\n\r\n", "{} does not answer by HTTP: bad version"},
      {"/e", HttpServer::ok("garbage"), "by {}: it cannot be decoded"},
      {"/f", HttpServer::ok(test::make_ocsp_refusal(OCSP_RESPONSE_STATUS_TRYLATER)),
       "by {}: the responder said to try later"},
  };
  for (const auto& row : rows) {
    set_leaf({{NID_info_access, "OCSP;URI:" + server.url(row.path)}});
    answer(row.bytes);
    std::string why = row.why;
    why.replace(why.find("{}"), 2, server.url(row.path));
    EXPECT_EQ(why_unknown(RevocationQuestion::kOcsp), why) << row.path;
  }
}

TEST_F(RevocationTest, AnAnswerOfLongAgoIsNoneUnlessItWasRevoked) {
  time.time = TimePoint(std::chrono::seconds(test::kNextUpdate + 1));
  answer_by_ocsp(V_OCSP_CERTSTATUS_GOOD);
  EXPECT_THAT(why_unknown(RevocationQuestion::kOcsp),
              HasSubstr(": its responder's answer ended at 2026-11-25T"));
  Revocations next_run(store, time);
  asking.revocations = &next_run;
  answer_by_ocsp(V_OCSP_CERTSTATUS_REVOKED);
  EXPECT_EQ(ask(RevocationQuestion::kOcsp).status, v1::REVOCATION_REVOKED);
}

TEST_F(RevocationTest, AnAnswerThatSaysNoEndCountsForSevenDays) {
  server.answer = [this](const std::string&) {
    return HttpServer::ok(test::make_ocsp_response(
        {{.leaf = &leaf, .issuer = &issuing, .has_next_update = false}}, issuing));
  };
  time.time = TimePoint(std::chrono::seconds(test::kThisUpdate)) + kWithoutEnd;
  EXPECT_EQ(ask(RevocationQuestion::kOcsp).status, v1::REVOCATION_GOOD);
  time.time += std::chrono::seconds(1);
  EXPECT_THAT(why_unknown(RevocationQuestion::kOcsp),
              HasSubstr(": its responder's answer is of 2026-11-18T11:06:40Z, and says no end"));
}

TEST_F(RevocationTest, TheNextPlaceIsAskedWhereTheFirstFails) {
  set_leaf({{NID_info_access, "OCSP;URI:http://ocsp.example.org/,OCSP;URI:" + server.url("/2")}});
  answer_by_ocsp(V_OCSP_CERTSTATUS_GOOD);
  const RevocationAnswer answer = ask(RevocationQuestion::kOcsp);
  EXPECT_EQ(answer.status, v1::REVOCATION_GOOD);
  EXPECT_EQ(answer.detail, "by " + server.url("/2"));
}

TEST_F(RevocationTest, WhereNobodyCanBeAskedItSaysWhy) {
  set_leaf({});
  EXPECT_EQ(why_unknown(RevocationQuestion::kOcsp), "the certificate names no responder by http");
  set_leaf({{NID_info_access, "OCSP;URI:https://127.0.0.1/,caIssuers;URI:" + server.url("/ca")},
            {NID_crl_distribution_points, "URI:ldap://127.0.0.1/cn=list"}});
  EXPECT_EQ(why_unknown(RevocationQuestion::kOcsp), "the certificate names no responder by http");
  EXPECT_EQ(why_unknown(RevocationQuestion::kCrl), "the certificate names no list by http");
  asking.chain = test::ders_of({&leaf});
  EXPECT_EQ(why_unknown(RevocationQuestion::kOcsp),
            "the certificate's issuer, who would say, was not served");
  asking.chain = test::ders_of({&root});
  EXPECT_EQ(why_unknown(RevocationQuestion::kCrl),
            "it has signed itself: there is nobody who could say");
  asking.chain = {"garbage"};
  EXPECT_EQ(why_unknown(RevocationQuestion::kCrl), "its certificate cannot be read");
  EXPECT_EQ(server.accepted, 0);
}

// What is held of all answers together.
SharedMemory* shared_memory = nullptr;
HttpReply reply_of_memory;
HttpQuestion question_of_memory;

boost::asio::awaitable<std::optional<v1::Section>> ask_with_memory(Look& look) {
  reply_of_memory = co_await ask_by_http(look, question_of_memory, 5s, *shared_memory);
  co_return std::nullopt;
}

TEST_F(RevocationTest, WhatAllTakeTogetherIsBounded) {
  look_function = &ask_with_memory;
  SharedMemory memory(100);
  shared_memory = &memory;
  question_of_memory = {.place = *parse_http_place(server.url("/")), .largest_answer = 1000};
  answer(HttpServer::ok(std::string(101, 'x')));
  run({look_at("127.0.0.1:" + std::to_string(target.port()))});
  EXPECT_THAT(reply_of_memory.failure, HasSubstr("and others sent more at once than is held"));
  EXPECT_FALSE(reply_of_memory.is_lasting);
  EXPECT_EQ(memory.left(), 100);
  answer(HttpServer::ok(std::string(60, 'x')));
  run({look_at("127.0.0.1:" + std::to_string(target.port()))});
  EXPECT_EQ(reply_of_memory.body, std::string(60, 'x'));
  EXPECT_EQ(memory.left(), 40);
}

TEST(HttpPlaces, AreHttpWithoutAUser) {
  const struct {
    const char* url;
    const char* address;
    const char* target;
  } good[] = {{"http://ocsp.example.org", "ocsp.example.org:80", "/"},
              {"http://ocsp.example.org/", "ocsp.example.org:80", "/"},
              {"HTTP://ocsp.example.org/a/b?c=d#e", "ocsp.example.org:80", "/a/b?c=d"},
              {"http://ocsp.example.org?q", "ocsp.example.org:80", "/?q"},
              {"http://ocsp.example.org:8080/x", "ocsp.example.org:8080", "/x"},
              {"http://192.0.2.1/x", "192.0.2.1:80", "/x"},
              {"http://[2001:db8::1]:81/x", "[2001:db8::1]:81", "/x"}};
  for (const auto& row : good) {
    const std::optional<HttpPlace> place = parse_http_place(row.url);
    ASSERT_TRUE(place.has_value()) << row.url;
    EXPECT_EQ(place->address.text(), row.address);
    EXPECT_EQ(place->target, row.target);
  }
  for (const char* url :
       {"", "http://", "https://ocsp.example.org/", "ldap://ocsp.example.org/",
        "file:///etc/passwd", "http:///x", "http://user@ocsp.example.org/",
        "http://a:b@ocsp.example.org/", "http://ocsp.example.org:0/", "http://ocsp.example.org:x/",
        "http://ocsp.example.org:99999/", "http://ocsp example.org/",
        "http://ocsp.example.org/\r\nX: y", "http://ocsp.example.org/\x7f", "//ocsp.example.org/",
        "ocsp.example.org"}) {
    EXPECT_FALSE(parse_http_place(url).has_value()) << url;
  }
  EXPECT_TRUE(parse_http_place("http://a/" + std::string(1024 - 9, 'x')).has_value());
  EXPECT_FALSE(parse_http_place("http://a/" + std::string(1024 - 8, 'x')).has_value());
}

}  // namespace
}  // namespace muster::tls
