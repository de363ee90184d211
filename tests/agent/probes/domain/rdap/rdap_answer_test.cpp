#include "agent/probes/domain/rdap/rdap_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "common/timestamp.h"

namespace muster::domains::rdap {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view kType = "application/rdap+json";

Registration read(std::string_view body, std::string_view domain = "example.com") {
  return read_rdap(200, kType, body, domain, Server::kRegistry);
}

// A domain object about example.com with these members besides.
std::string domain_with(const std::string& members) {
  return R"({"objectClassName":"domain","ldhName":"EXAMPLE.COM")" +
         (members.empty() ? "" : "," + members) + "}";
}

Registration read_with(const std::string& members) {
  Registration registration = read(domain_with(members));
  EXPECT_EQ(registration.kind, AnswerKind::kRegistered) << members << ": " << registration.reason;
  return registration;
}

std::string event(const std::string& action, const std::string& date) {
  return R"({"eventAction":")" + action + R"(","eventDate":")" + date + R"("})";
}

std::string shown(const std::optional<RegistryTime>& time) {
  if (!time) return "none";
  return to_iso8601(time->time) + (time->zone_named ? "" : " in no zone");
}

// As a gTLD's registry answers, notices and all.
constexpr std::string_view kWhole = R"({
  "objectClassName": "domain", "handle": "2336799_DOMAIN_COM-VRSN", "ldhName": "EXAMPLE.COM",
  "links": [
    {"value": "https://rdap.registry.example/com/v1/domain/EXAMPLE.COM", "rel": "self",
     "href": "https://rdap.registry.example/com/v1/domain/EXAMPLE.COM", "type": "application/rdap+json"},
    {"value": "https://rdap.registrar.example/domain/EXAMPLE.COM", "rel": "related",
     "href": "https://rdap.registrar.example/domain/EXAMPLE.COM", "type": "application/rdap+json"}],
  "status": ["client transfer prohibited", "client delete prohibited", "client transfer prohibited"],
  "entities": [{"objectClassName": "entity", "handle": "292", "roles": ["registrar"],
    "publicIds": [{"type": "IANA Registrar ID", "identifier": "292"}],
    "vcardArray": ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", "MarkMonitor Inc."]]],
    "entities": [{"objectClassName": "entity", "roles": ["abuse"],
      "vcardArray": ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", "Abuse Desk"]]]}]}],
  "events": [
    {"eventAction": "registration", "eventDate": "1995-08-14T04:00:00Z"},
    {"eventAction": "expiration", "eventDate": "2027-08-13T04:00:00Z"},
    {"eventAction": "last changed", "eventDate": "2026-08-14T07:01:31Z"},
    {"eventAction": "last update of RDAP database", "eventDate": "2026-11-23T03:00:00Z"}],
  "secureDNS": {"delegationSigned": true, "dsData": [{"keyTag": 370, "algorithm": 13}]},
  "nameservers": [{"objectClassName": "nameserver", "ldhName": "B.IANA-SERVERS.NET"},
                  {"objectClassName": "nameserver", "ldhName": "a.iana-servers.net."}],
  "rdapConformance": ["rdap_level_0"],
  "notices": [{"title": "Terms of Use", "description": ["Do not ask too often: a rate limit holds."]}]})";

TEST(RdapAnswer, OfARegistryIsReadWhole) {
  const Registration found = read(kWhole);
  EXPECT_EQ(found.kind, AnswerKind::kRegistered) << found.reason;
  EXPECT_EQ(found.domain, "example.com");
  EXPECT_EQ(shown(found.expires), "2027-08-13T04:00:00Z");
  EXPECT_EQ(shown(found.created), "1995-08-14T04:00:00Z");
  EXPECT_EQ(shown(found.changed), "2026-08-14T07:01:31Z");
  EXPECT_EQ(found.registrar, "MarkMonitor Inc.");
  EXPECT_THAT(found.statuses, ElementsAre("clientDeleteProhibited", "clientTransferProhibited"));
  EXPECT_THAT(found.name_servers, ElementsAre("a.iana-servers.net", "b.iana-servers.net"));
  EXPECT_EQ(found.delegation_signed, true);
  EXPECT_EQ(found.referral, "https://rdap.registrar.example/domain/EXAMPLE.COM");
  EXPECT_FALSE(found.partial);
  EXPECT_EQ(found.reason, "");
}

TEST(RdapAnswer, OfFewWordsHasNoMoreInIt) {
  const Registration found = read_with("");
  EXPECT_FALSE(found.expires || found.created || found.changed);
  EXPECT_EQ(found.registrar, "");
  EXPECT_THAT(found.statuses, IsEmpty());
  EXPECT_THAT(found.name_servers, IsEmpty());
  EXPECT_EQ(found.delegation_signed, std::nullopt);
  EXPECT_EQ(found.referral, "");
}

TEST(RdapAnswer, EventsThatDisagreeAreNoDate) {
  struct Row {
    std::string events;
    std::string_view expires;
  };
  const std::string one = event("expiration", "2027-08-13T04:00:00Z");
  for (const Row& row : {
           Row{one, "2027-08-13T04:00:00Z"},
           Row{one + "," + one, "2027-08-13T04:00:00Z"},
           Row{one + "," + event("Expiration", "2027-08-13T06:00:00+02:00"),
               "2027-08-13T04:00:00Z"},
           Row{one + "," + event("expiration", "2028-08-13T04:00:00Z"), "none"},
           Row{one + "," + event("expiration", "soon"), "none"},
           Row{event("expiration", "soon") + "," + one, "none"},
           Row{one + "," + event("expiration", "2028-08-13T04:00:00Z") + "," + one, "none"},
           Row{one + "," + event("registrar expiration", "2026-08-13T04:00:00Z"),
               "2027-08-13T04:00:00Z"},
           Row{event("registrar expiration", "2026-08-13T04:00:00Z"), "2026-08-13T04:00:00Z"},
           // The registry's is there: nobody else's stands in for it.
           Row{event("expiration", "soon") + "," +
                   event("registrar expiration", "2026-08-13T04:00:00Z"),
               "none"},
           Row{event("last update of RDAP database", "2026-08-13T04:00:00Z"), "none"},
           Row{event("soft expiration", "2026-08-13T04:00:00Z"), "none"},
           Row{R"({"eventAction":"expiration"})", "none"},
           Row{R"({"eventAction":"expiration","eventDate":null})", "none"},
           Row{R"({"eventAction":"expiration","eventDate":1786593600})", "none"},
           Row{R"({"eventAction":["expiration"],"eventDate":"2027-08-13T04:00:00Z"})", "none"},
           Row{R"(null,"expiration",[])", "none"},
       }) {
    EXPECT_EQ(shown(read_with(R"("events":[)" + row.events + "]").expires), row.expires)
        << row.events;
  }
  EXPECT_EQ(shown(read_with(R"("events":)" + one).expires), "2027-08-13T04:00:00Z");
  EXPECT_EQ(shown(read_with(R"("events":null)").expires), "none");
}

TEST(RdapAnswer, ARegistrarIsNamedByWhatItsCardHas) {
  struct Row {
    std::string_view entity;
    std::string_view name;
  };
  for (
      const Row& row : {
          Row{R"("roles":["registrar"],"vcardArray":["vcard",[["fn",{},"text","A"]]])", "A"},
          Row{R"("roles":["sponsor","Registrar"],"vcardArray":["vcard",[["fn",{},"text","A"]]])",
              "A"},
          Row{R"("roles":"registrar","vcardArray":["vcard",[["FN",{},"text"," A "]]])", "A"},
          Row{R"("roles":["registrar"],"vcardArray":["vcard",[["fn",{},"text",""],["org",{},"text","O"]]])",
              "O"},
          Row{R"("roles":["registrar"],"vcardArray":["vcard",[["org",{},"text",["","O","Unit"]]]])",
              "O"},
          Row{R"("roles":["registrar"],"vcardArray":["vcard",[["fn",{},"text",null],["fn"],7,["fn",{},"text",{}]]],"handle":"H-1")",
              "H-1"},
          Row{R"("roles":["registrar"],"handle":"H","publicIds":[{"type":"IANA Registrar ID","identifier":"292"}])",
              "IANA 292"},
          Row{R"("roles":["registrar"],"handle":"H","publicIds":{"type":"IANA Registrar ID","identifier":292})",
              "IANA 292"},
          Row{R"("roles":["registrar"],"vcardArray":[],"handle":"H")", "H"},
          Row{R"("roles":["registrar"],"vcardArray":"vcard","handle":null)", ""},
          Row{R"("roles":["registrant"],"vcardArray":["vcard",[["fn",{},"text","A"]]])", ""},
          Row{R"("roles":null,"vcardArray":["vcard",[["fn",{},"text","A"]]])", ""},
          Row{R"("roles":["technical"],"entities":[{"roles":["registrar"],"handle":"within"}])",
              "within"},
          Row{"\"roles\":[\"registrar\"],\"handle\":\"a\\u0000\\u001b[31mb\"", "a\\x00\\x1b[31mb"},
      }) {
    EXPECT_EQ(read_with(R"("entities":[{)" + std::string(row.entity) + "}]").registrar, row.name)
        << row.entity;
  }
}

TEST(RdapAnswer, TheDelegationIsSignedOnlyWhereTheAnswerSaysSo) {
  struct Row {
    std::string_view secure;
    std::optional<bool> is_signed;
  };
  for (const Row& row : {
           Row{R"({"delegationSigned":true})", true},
           Row{R"({"delegationSigned":false})", false},
           Row{R"({"zoneSigned":true})", std::nullopt},
           Row{R"({"zoneSigned":true,"delegationSigned":false})", false},
           Row{R"({"dsData":[{"keyTag":1}]})", true},
           Row{R"({"delegationSigned":false,"dsData":[{"keyTag":1}]})", std::nullopt},
           Row{R"({"delegationSigned":true,"dsData":[]})", true},
           Row{R"({"delegationSigned":"false"})", std::nullopt},
           Row{"null", std::nullopt},
           Row{"[]", std::nullopt},
       }) {
    EXPECT_EQ(read_with(R"("secureDNS":)" + std::string(row.secure)).delegation_signed,
              row.is_signed)
        << row.secure;
  }
}

TEST(RdapAnswer, NameServersMayBeWrittenInManyWays) {
  EXPECT_THAT(read_with(R"("nameservers":[{"ldhName":"NS2.example.net."},"ns1.example.net",null,7,
                           {"ldhName":"ns2.example.net"},{"unicodeName":"ns.bücher.example"},
                           {"ldhName":"<script>"},{"handle":"none"}])")
                  .name_servers,
              ElementsAre("ns.xn--bcher-kva.example", "ns1.example.net", "ns2.example.net"));
}

TEST(RdapAnswer, RefersToTheRegistrarsRdapByHttpsAlone) {
  const auto referral = [](const std::string& link) {
    return read_with(R"("links":[)" + link + "]").referral;
  };
  const std::string type = R"("type":"application/rdap+json")";
  EXPECT_EQ(
      referral(R"({"rel":"related","href":"https://r.example/domain/example.com",)" + type + "}"),
      "https://r.example/domain/example.com");
  EXPECT_EQ(
      referral(R"({"rel":"related","href":"http://r.example/domain/example.com",)" + type + "}"),
      "");
  EXPECT_EQ(referral(R"({"rel":"related","href":"https://r.example/","type":"text/html"})"), "");
  EXPECT_EQ(referral(R"({"rel":"related","href":"javascript:alert",)" + type + "}"), "");
  EXPECT_EQ(referral(R"({"rel":"related","href":null,)" + type + "}"), "");
  EXPECT_EQ(referral(R"({"rel":"about","href":"https://r.example/",)" + type + "}"), "");
  const std::string same = R"("href":"https://r.example/domain/example.com",)" + type;
  EXPECT_EQ(referral(R"({"rel":"self",)" + same + R"(},{"rel":"related",)" + same + "}"), "");
}

TEST(RdapAnswer, OfAnotherDomainIsNone) {
  struct Row {
    std::string_view names;
    std::string_view asked;
    AnswerKind kind;
  };
  constexpr auto kRegistered = AnswerKind::kRegistered;
  constexpr auto kUnreadable = AnswerKind::kUnreadable;
  for (const Row& row : {
           Row{R"("ldhName":"example.com.")", "Example.COM", kRegistered},
           Row{R"("ldhName":"other.com")", "example.com", kUnreadable},
           Row{R"("ldhName":"www.example.com")", "example.com", kUnreadable},
           Row{R"("ldhName":null)", "example.com", kUnreadable},
           Row{R"("ldhName":["example.com"])", "example.com", kUnreadable},
           Row{R"("handle":"example.com")", "example.com", kUnreadable},
           Row{R"("unicodeName":"bücher.example")", "xn--bcher-kva.example", kRegistered},
           Row{R"("ldhName":"xn--bcher-kva.example","unicodeName":"bücher.example")",
               "bücher.example", kRegistered},
           Row{R"("ldhName":"xn--bcher-kva.example","unicodeName":"other.example")",
               "bücher.example", kUnreadable},
           Row{R"("ldhName":"other.example","unicodeName":"bücher.example")", "bücher.example",
               kUnreadable},
           // What IDNA does not allow says nothing against the other name, and nothing for itself.
           Row{R"("ldhName":"example.com","unicodeName":"☃☃")", "example.com", kRegistered},
           Row{R"("unicodeName":"☃☃")", "example.com", kUnreadable},
       }) {
    const Registration found =
        read(R"({"objectClassName":"domain",)" + std::string(row.names) + "}", row.asked);
    EXPECT_EQ(found.kind, row.kind) << row.names << ": " << found.reason;
    EXPECT_EQ(found.reason.empty(), row.kind == kRegistered) << row.names;
  }
}

TEST(RdapAnswer, ThatIsNoDomainIsUnreadable) {
  for (const std::string_view body :
       {"", "null", "[]", "{}", "7", "{", R"({"ldhName":"example.com"})",
        R"({"objectClassName":"entity","ldhName":"example.com"})",
        R"({"objectClassName":["domain"],"ldhName":"example.com"})",
        R"({"domainSearchResults":[{"objectClassName":"domain","ldhName":"example.com"}]})",
        "{\"objectClassName\":\"domain\",\"ldhName\":\"example.com\",\"handle\":\"\xff\"}",
        R"({"objectClassName":"domain","ldhName":"example.com"} and more)"}) {
    const Registration found = read(body);
    EXPECT_EQ(found.kind, AnswerKind::kUnreadable) << body;
    EXPECT_NE(found.reason, "") << body;
    EXPECT_FALSE(found.expires) << body;
  }
}

TEST(RdapAnswer, OfAnotherContentTypeIsUnreadable) {
  for (const std::string_view type : {"text/html", "text/html; charset=utf-8", "text/plain", "",
                                      "application/rdap+jsonp", "application/json-seq"}) {
    const Registration found = read_rdap(200, type, kWhole, "example.com", Server::kRegistry);
    EXPECT_EQ(found.kind, AnswerKind::kUnreadable) << type;
    EXPECT_THAT(found.reason, HasSubstr("type")) << type;
  }
  for (const std::string_view type :
       {"application/rdap+json;charset=UTF-8", " Application/RDAP+JSON ; charset=utf-8",
        "application/json"}) {
    EXPECT_EQ(read_rdap(200, type, kWhole, "example.com").kind, AnswerKind::kRegistered) << type;
  }
}

TEST(RdapAnswer, ThatIsCutSaysSo) {
  EXPECT_TRUE(read_with(R"("remarks":[{"type":"object truncated due to authorization"}])").partial);
  EXPECT_TRUE(read_with(R"("notices":[{"title":"Response Truncated"}])").partial);
  EXPECT_FALSE(read_with(R"("notices":[{"title":"Terms of Use"}])").partial);
}

TEST(RdapAnswer, ANoticeInPlaceOfTheDomainMayBeAThrottle) {
  EXPECT_EQ(read(R"({"notices":[{"title":"Rate Limit Exceeded"}]})").kind, AnswerKind::kThrottled);
  EXPECT_EQ(
      read(R"({"notices":[{"title":"x","type":"result set truncated due to excessive load"}]})")
          .kind,
      AnswerKind::kThrottled);
  EXPECT_EQ(read(R"({"notices":[{"title":"Terms of Use","description":["no rate limit"]}]})").kind,
            AnswerKind::kUnreadable);
}

TEST(RdapAnswer, AReservedNameIsNotRegistered) {
  EXPECT_EQ(read(domain_with(R"("status":["reserved"])")).kind, AnswerKind::kReserved);
  EXPECT_EQ(read_with(R"("status":["reserved"],"events":[)" +
                      event("registration", "2020-01-01T00:00:00Z") + "]")
                .kind,
            AnswerKind::kRegistered);
}

std::string list_of(size_t count, const std::function<std::string(size_t)>& element) {
  std::string list = "[";
  for (size_t i = 0; i < count; ++i)
    list += (i == 0 ? "" : ",") + element(i);
  return list + "]";
}

TEST(RdapAnswer, ListsAreBounded) {
  const auto status = [](size_t i) { return "\"status " + std::to_string(i) + "\""; };
  Registration found = read_with("\"status\":" + list_of(64, status));
  EXPECT_THAT(found.statuses, SizeIs(64));
  EXPECT_FALSE(found.partial);
  found = read_with("\"status\":" + list_of(65, status));
  EXPECT_THAT(found.statuses, SizeIs(64));
  EXPECT_TRUE(found.partial);

  const auto server = [](size_t i) { return "\"ns" + std::to_string(i) + ".example.net\""; };
  EXPECT_FALSE(read_with("\"nameservers\":" + list_of(128, server)).partial);
  found = read_with("\"nameservers\":" + list_of(129, server));
  EXPECT_THAT(found.name_servers, SizeIs(128));
  EXPECT_TRUE(found.partial);

  // What was not read may disagree.
  const auto same = [](size_t) { return event("expiration", "2027-08-13T04:00:00Z"); };
  EXPECT_TRUE(read_with("\"events\":" + list_of(256, same)).expires);
  found = read_with("\"events\":" + list_of(257, same));
  EXPECT_FALSE(found.expires);
  EXPECT_TRUE(found.partial);

  const std::string long_name(1000, 'x');
  EXPECT_LE(read_with(R"("entities":[{"roles":["registrar"],"handle":")" + long_name + "\"}]")
                .registrar.size(),
            256U);
}

TEST(RdapAnswer, SizeAndDepthAreBounded) {
  const std::string body = domain_with("");
  EXPECT_EQ(read(body + std::string((1 << 20) - body.size(), ' ')).kind, AnswerKind::kRegistered);
  const Registration large = read(body + std::string((1 << 20) - body.size() + 1, ' '));
  EXPECT_EQ(large.kind, AnswerKind::kUnreadable);
  EXPECT_THAT(large.reason, HasSubstr("1 MiB"));

  const auto nested = [](size_t depth) {
    return domain_with("\"x\":" + std::string(depth, '[') + std::string(depth, ']'));
  };
  EXPECT_EQ(read(nested(31)).kind, AnswerKind::kRegistered);
  EXPECT_EQ(read(nested(32)).kind, AnswerKind::kUnreadable);
}

TEST(RdapAnswer, ToWhatIsNoDomainIsUnreadable) {
  EXPECT_EQ(read(kWhole, "192.0.2.1").kind, AnswerKind::kUnreadable);
  EXPECT_EQ(read(kWhole, "").kind, AnswerKind::kUnreadable);
}

}  // namespace
}  // namespace muster::domains::rdap
