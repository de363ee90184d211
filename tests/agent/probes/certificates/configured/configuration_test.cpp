// What no reader goes beyond, and that it is said.
#include <gmock/gmock.h>

#include "tests/agent/probes/certificates/configured/memory_source.h"

namespace muster::configured {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kNginx = "/etc/nginx/nginx.conf";

TEST(Configuration, AServerThatIsNotThereIsNotMentioned) {
  MemorySource source(Files{{"/etc/passwd", ""}});
  const auto facts = facts_of(source);
  EXPECT_THAT(told(facts), IsEmpty());
  EXPECT_THAT(complaints(facts), IsEmpty());
}

TEST(Configuration, WhatMayNotBeReadIsSaidWithWhatToDo) {
  MemorySource source(
      Files{{"/var/lib/pgsql/data/postgresql.conf", ""}, {kNginx, "include /x/*;"}});
  source.refused = {"/var/lib/pgsql", "/x", "/etc/haproxy/haproxy.cfg"};
  EXPECT_THAT(
      complaints(facts_of(source)),
      ElementsAre("/etc/haproxy/haproxy.cfg: Permission denied: run the probe as root, or name its "
                  "directory in the setting paths",
                  HasSubstr("/x: Permission denied"),
                  HasSubstr("/var/lib/pgsql: Permission denied")));
}

TEST(Configuration, FilesThatIncludeThemselvesEnd) {
  MemorySource source(Files{{kNginx,
                             "include nginx.conf; include nginx.conf; http { server { "
                             "listen 1 ssl; ssl_certificate /a.pem; } }"}});
  const auto facts = facts_of(source, {.files = 100, .depth = 3});
  EXPECT_LE(source.reads, 100U);
  EXPECT_THAT(told(facts), SizeIs(15)) << "1, 2, 4 and 8 times";
  EXPECT_THAT(
      complaints(facts),
      ElementsAre("/etc/nginx/nginx.conf: not read: more than 3 files include one another"));
}

TEST(Configuration, FilesAndTheirBytesAreCounted) {
  Files files = {{kNginx, "include many/*;"}};
  for (const char name : {'a', 'b', 'c'})
    files[std::string("/etc/nginx/many/") + name] = std::string(100, '#');
  MemorySource source(files);
  EXPECT_THAT(complaints(facts_of(source, {.files = 4})), IsEmpty());
  EXPECT_THAT(complaints(facts_of(source, {.files = 3})),
              ElementsAre("/etc/nginx/many/c: not read: more than 3 files of configuration"));
  EXPECT_THAT(complaints(facts_of(source, {.total_size = 315})), IsEmpty());
  EXPECT_THAT(complaints(facts_of(source, {.total_size = 314})),
              ElementsAre("/etc/nginx/many/c: it is too large"));
  EXPECT_THAT(complaints(facts_of(source, {.total_size = 215})),
              ElementsAre("/etc/nginx/many/c: not read: more than 215 bytes of configuration"));
  EXPECT_THAT(complaints(facts_of(source, {.file_size = 100})), IsEmpty());
  EXPECT_THAT(complaints(facts_of(source, {.file_size = 99})), SizeIs(3));
  EXPECT_THAT(complaints(facts_of(source, {.names = 3})), IsEmpty());
  EXPECT_THAT(complaints(facts_of(source, {.names = 2})),
              ElementsAre("/etc/nginx/many: it has too many names"));
}

TEST(Configuration, UsesNamesAndComplaintsAreCounted) {
  std::string text = "http {\n";
  for (int server = 0; server < 5; ++server)
    text += "server { listen 1 ssl; server_name a b c;\nssl_certificate /a.pem; }\n";
  for (int variable = 0; variable < 5; ++variable)
    text += "server { listen 1 ssl;\nssl_certificate $a; }\n";
  MemorySource source(Files{{kNginx, text + "}"}});
  EXPECT_THAT(told(facts_of(source)), SizeIs(5));
  EXPECT_THAT(complaints(facts_of(source)), SizeIs(5));
  const auto few = facts_of(source, {.uses = 4, .server_names = 2, .complaints = 3});
  EXPECT_THAT(told(few), SizeIs(4));
  EXPECT_THAT(told(few).front(), "nginx /etc/nginx/nginx.conf:3 /a.pem - a b");
  EXPECT_THAT(complaints(few),
              ElementsAre(HasSubstr("not told: more than 4 servers with a certificate"),
                          HasSubstr("nginx.conf:13"), "and 4 more"));
  EXPECT_THAT(told(facts_of(source, {.use_bytes = 100})), SizeIs(2));
}

TEST(Configuration, WhatCannotBePrintedIsNoPathAndNoName) {
  MemorySource source(Files{{kNginx,
                             "http { server { listen 1 ssl; server_name \x1b[2J ok \xff; "
                             "ssl_certificate /a\x1b.pem; ssl_certificate /b.pem; } }"}});
  const auto facts = facts_of(source);
  EXPECT_THAT(told(facts), ElementsAre("nginx /etc/nginx/nginx.conf:1 /b.pem - ok"));
  EXPECT_THAT(complaints(facts), ElementsAre(HasSubstr("'/a\\x1b.pem' is no absolute path")));
}

TEST(Configuration, LinesAreInTheirOrder) {
  std::string text = "http {\n";
  for (int line = 0; line < 11; ++line)
    text += "server { ssl_certificate /a.pem; }\n";
  MemorySource source(Files{{kNginx, text + "}"}});
  EXPECT_EQ(told(facts_of(source)).back(), "nginx /etc/nginx/nginx.conf:12 /a.pem -");
}

}  // namespace
}  // namespace muster::configured
