#include "collector/http/target.h"

#include <gtest/gtest.h>

namespace muster::collector::http {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;

TEST(Target, DecodesPathAndQueryOnce) {
  struct Row {
    std::string_view raw;
    std::string path;
    Query query;
  };
  for (const Row& row : std::vector<Row>{
           {"/", "/", {}},
           {"/-/healthy", "/-/healthy", {}},
           {"/api/v1/hosts/web%31", "/api/v1/hosts/web1", {}},
           {"/a%2525", "/a%25", {}},
           {"/a+b", "/a+b", {}},
           {"/%C3%A4", "/ä", {}},
           {"/m?host=a+b%26c&x=&y&&=z", "/m", {{"host", "a b&c"}, {"x", ""}, {"y", ""}, {"", "z"}}},
           {"/m?a=b=c?d/../e", "/m", {{"a", "b=c?d/../e"}}},
           {"/...", "/...", {}},
           {"http://example.org/a?b=c", "/a", {{"b", "c"}}},
           {"https://example.org/", "/", {}},
       }) {
    const absl::StatusOr<Target> target = parse_target(row.raw);
    ASSERT_TRUE(target.ok()) << row.raw << ": " << target.status();
    EXPECT_EQ(target->path, row.path);
    EXPECT_EQ(target->query, row.query) << row.raw;
  }
}

TEST(Target, SaysWhereTheFirstSlashIsThatIsAnEscape) {
  struct Row {
    std::string_view raw;
    std::string path;
    size_t encoded_slash;
  };
  for (const Row& row :
       {Row{"/a/b", "/a/b", std::string::npos}, Row{"/a%2Fb", "/a/b", 2},
        Row{"/%61/b%2fc%2Fd", "/a/b/c/d", 4}, Row{"/a%252Fb", "/a%2Fb", std::string::npos},
        Row{"/a?b=%2F", "/a", std::string::npos}}) {
    const absl::StatusOr<Target> target = parse_target(row.raw);
    ASSERT_TRUE(target.ok()) << row.raw << ": " << target.status();
    EXPECT_EQ(target->path, row.path);
    EXPECT_EQ(target->encoded_slash, row.encoded_slash) << row.raw;
  }
}

TEST(Target, RefusesWhatIsNotPlain) {
  using std::string_view_literals::operator""sv;
  for (const std::string_view raw : std::vector<std::string_view>{"",
                                                                  "*",
                                                                  "a",
                                                                  "//",
                                                                  "/a//b",
                                                                  "/a/",
                                                                  "/.",
                                                                  "/..",
                                                                  "/a/../b",
                                                                  "/a/./b",
                                                                  "/%2e%2e",
                                                                  "/%2E./a/.%2e",
                                                                  "/a%2f%2fb",
                                                                  "/a%2f..%2fb",
                                                                  "/..%2fb",
                                                                  "/a%2f",
                                                                  "/%2f",
                                                                  "/a%00b",
                                                                  "/a%0ab",
                                                                  "/a%7f",
                                                                  "/a%",
                                                                  "/a%4",
                                                                  "/a%zz",
                                                                  "/a% 1",
                                                                  "/a%+1",
                                                                  "/%ff",
                                                                  "/%c0%ae",
                                                                  "/a?b=%00",
                                                                  "/a?b=%",
                                                                  "/a?%zz=1",
                                                                  "/a?b=%ff",
                                                                  "/a#b",
                                                                  "/a\\b",
                                                                  "/a b",
                                                                  "/ä",
                                                                  "http://a",
                                                                  "https://a?b",
                                                                  "ftp://a/b",
                                                                  "example.org:443",
                                                                  "/a\0b"sv,
                                                                  "/a\x01"sv,
                                                                  "/a\x7f"sv}) {
    EXPECT_EQ(parse_target(raw).status().code(), absl::StatusCode::kInvalidArgument) << raw;
  }
}

TEST(Target, BoundsTheParameters) {
  std::string raw = "/a?b";
  for (size_t i = 1; i < kQueryLimit; ++i)
    raw += "&b";
  EXPECT_TRUE(parse_target(raw).ok());
  EXPECT_FALSE(parse_target(raw + "&b").ok());
}

}  // namespace
}  // namespace muster::collector::http
