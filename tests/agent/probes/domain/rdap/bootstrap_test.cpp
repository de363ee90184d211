#include "agent/probes/domain/rdap/bootstrap.h"

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
using Author = Bootstrap::Author;

std::string file_with(const std::string& services,
                      const std::string& publication = "2026-11-01T12:00:00Z") {
  return R"({"version":"1.0","publication":")" + publication +
         R"(","description":"a test","services":[)" + services + "]}";
}

Bootstrap parsed(const std::string& services, Author author = Author::kIana) {
  auto bootstrap = Bootstrap::parse(file_with(services), author);
  EXPECT_TRUE(bootstrap.ok()) << bootstrap.status();
  return bootstrap.ok() ? *std::move(bootstrap) : Bootstrap();
}

TEST(Bootstrap, TheLongestEntryDecidesLabelByLabel) {
  const Bootstrap bootstrap = parsed(
      R"([["net","COM"],["https://rdap.example/v1/"]],
         [["example.com"],["https://special.example"]],
         [["xn--zckzah"],["https://test.example/"]])");
  EXPECT_THAT(bootstrap.base_urls("com"), ElementsAre("https://rdap.example/v1/"));
  EXPECT_THAT(bootstrap.base_urls("Other.COM."), ElementsAre("https://rdap.example/v1/"));
  EXPECT_THAT(bootstrap.base_urls("example.com"), ElementsAre("https://special.example/"));
  EXPECT_THAT(bootstrap.base_urls("www.example.com"), ElementsAre("https://special.example/"));
  EXPECT_THAT(bootstrap.base_urls("myexample.com"), ElementsAre("https://rdap.example/v1/"));
  EXPECT_THAT(bootstrap.base_urls("xn--r8jz45g.xn--zckzah"), ElementsAre("https://test.example/"));
  EXPECT_THAT(bootstrap.base_urls("example.telecom"), IsEmpty());
  EXPECT_THAT(bootstrap.base_urls("de"), IsEmpty());
  EXPECT_THAT(bootstrap.base_urls(""), IsEmpty());
  EXPECT_THAT(bootstrap.base_urls("."), IsEmpty());
}

TEST(Bootstrap, OfIanasOnlyHttpsCounts) {
  const std::string services =
      R"([["a"],["http://a.example/","https://a.example/"]],[["b"],["http://b.example/"]],
         [["c"],["ftp://c.example/","c.example","https://c.example/?q="]],[["x.a"],[]])";
  const Bootstrap iana = parsed(services);
  EXPECT_THAT(iana.base_urls("a"), ElementsAre("https://a.example/"));
  EXPECT_THAT(iana.base_urls("b"), IsEmpty());
  EXPECT_THAT(iana.base_urls("c"), IsEmpty());
  // More specific, and without a server.
  EXPECT_THAT(iana.base_urls("x.a"), IsEmpty());

  const Bootstrap own = parsed(services, Author::kConfiguration);
  EXPECT_THAT(own.base_urls("a"), ElementsAre("https://a.example/", "http://a.example/"));
  EXPECT_THAT(own.base_urls("b"), ElementsAre("http://b.example/"));
}

TEST(Bootstrap, KnowsItsServers) {
  const Bootstrap bootstrap = parsed(R"([["a"],["https://a.example:8443/v1/"]])");
  const auto has = [&bootstrap](std::string_view text) {
    return bootstrap.has_server(*parse_web_url(text));
  };
  EXPECT_TRUE(has("https://a.example:8443/other"));
  EXPECT_FALSE(has("https://a.example/v1/"));
  EXPECT_FALSE(has("http://a.example:8443/v1/"));
  EXPECT_TRUE(bootstrap.has_host("a.example"));
  EXPECT_FALSE(bootstrap.has_host("example"));
}

TEST(Bootstrap, IsWholeOrIsRefused) {
  struct Row {
    std::string text;
    std::string_view why;
  };
  for (const Row& row : {
           Row{"", "no JSON"},
           Row{"<html>", "no JSON"},
           Row{"[]", "no JSON"},
           Row{R"({"publication":"2026-11-01T12:00:00Z","services":[[["a"],[]]]})", "version"},
           Row{R"({"version":"2.0","publication":"2026-11-01T12:00:00Z","services":[[["a"],[]]]})",
               "version"},
           Row{R"({"version":"1.0","services":[[["a"],[]]]})", "publication"},
           Row{file_with(R"([["a"],[]])", "yesterday"), "publication"},
           Row{file_with(R"([["a"],[]])", "2026-11-01"), "publication"},
           Row{file_with(""), "no service"},
           Row{R"({"version":"1.0","publication":"2026-11-01T12:00:00Z","services":{}})",
               "no service"},
           Row{file_with(R"([["a"]])"), "no pair"},
           Row{file_with(R"([["a"],[],[]])"), "no pair"},
           Row{file_with(R"(["a","https://a.example/"])"), "lists of texts"},
           Row{file_with(R"([["a",7],["https://a.example/"]])"), "lists of texts"},
           Row{file_with(R"([["a"],[null]])"), "lists of texts"},
           Row{file_with("null"), "no pair"},
       }) {
    const auto bootstrap = Bootstrap::parse(row.text, Author::kIana);
    ASSERT_FALSE(bootstrap.ok()) << row.text;
    EXPECT_THAT(std::string(bootstrap.status().message()), HasSubstr(std::string(row.why)))
        << row.text;
  }
}

std::string repeated(size_t count, std::string_view text) {
  std::string list;
  for (size_t i = 0; i < count; ++i)
    list += (i == 0 ? "" : ",") + std::string(text);
  return list;
}

TEST(Bootstrap, IsBounded) {
  const auto ok = [](const std::string& text) {
    return Bootstrap::parse(text, Author::kIana).ok();
  };
  EXPECT_TRUE(ok(file_with(repeated(4096, "[[],[]]"))));
  EXPECT_FALSE(ok(file_with(repeated(4097, "[[],[]]"))));
  EXPECT_TRUE(ok(file_with("[[" + repeated(32768, "\"a\"") + "],[]]")));
  EXPECT_FALSE(ok(file_with("[[" + repeated(32769, "\"a\"") + "],[]]")));
  std::string large = file_with(R"([["a"],[]])");
  large.resize(1 << 20, ' ');
  EXPECT_TRUE(ok(large));
  EXPECT_FALSE(ok(large + " "));
  EXPECT_EQ(
      parsed(R"([["a"],[)" + repeated(17, R"("https://a.example/")") + "]]").base_urls("a").size(),
      16U);
}

TEST(Bootstrap, TheShippedOneKnowsTheGreatTlds) {
  const auto chosen = choose_bootstrap(std::nullopt);
  ASSERT_TRUE(chosen.ok()) << chosen.status();
  EXPECT_TRUE(chosen->is_shipped);
  EXPECT_EQ(chosen->problem, "");
  for (const std::string_view domain :
       {"example.com", "example.net", "example.org", "example.co.uk", "example.fr"}) {
    EXPECT_THAT(chosen->bootstrap.base_urls(domain), ElementsAre(HasSubstr("https://"))) << domain;
  }
}

TEST(Bootstrap, ANewerCachedFileWinsAndSaysWhenItWasPublished) {
  const std::string shipped = file_with(R"([["a"],["https://shipped.example/"]])");
  const auto choose = [&shipped](const std::string& cached) {
    auto chosen = choose_bootstrap(cached, shipped);
    EXPECT_TRUE(chosen.ok()) << chosen.status();
    return *std::move(chosen);
  };
  const std::string services = R"([["a"],["https://cached.example/"]])";
  const ChosenBootstrap newer = choose(file_with(services, "2026-11-01T12:00:01Z"));
  EXPECT_FALSE(newer.is_shipped);
  EXPECT_EQ(newer.problem, "");
  EXPECT_EQ(to_iso8601(newer.bootstrap.publication()), "2026-11-01T12:00:01Z");
  EXPECT_THAT(newer.bootstrap.base_urls("a"), ElementsAre("https://cached.example/"));

  const ChosenBootstrap older = choose(file_with(services, "2026-11-01T12:00:00Z"));
  EXPECT_TRUE(older.is_shipped);
  EXPECT_THAT(older.problem, HasSubstr("no newer"));
  EXPECT_THAT(older.bootstrap.base_urls("a"), ElementsAre("https://shipped.example/"));

  const ChosenBootstrap broken = choose("<html>a proxy's page</html>");
  EXPECT_TRUE(broken.is_shipped);
  EXPECT_THAT(broken.problem, HasSubstr("no JSON"));
  EXPECT_FALSE(choose_bootstrap(std::nullopt, "{}").ok());
}

}  // namespace
}  // namespace muster::domains::rdap
