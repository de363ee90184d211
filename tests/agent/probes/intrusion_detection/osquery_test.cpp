// osquery. Its configurations are those of its documentation and of its package (recordings).
#include "agent/probes/intrusion_detection/osquery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "agent/probes/intrusion_detection/osquery_config.h"
#include "tests/agent/probes/protection/product_world.h"

namespace muster::intrusion_detection {
namespace {

using protection::test::why_unread;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kConfig = "/etc/osquery/osquery.conf";
constexpr const char* kFlags = "/etc/osquery/osquery.flags";
// osquery.example.conf of the package, shortened: comments are lines of their own.
constexpr const char* kExample = R"({
  // Configure the daemon below:
  "options": {
    // Select the osquery config plugin.
    "config_plugin": "filesystem",
    //"logger_path": "/var/log/osquery",
    "utc": "true"
  },
  # Define a schedule of queries:
  "schedule": {
    "system_info": {
      "query": "SELECT hostname FROM system_info;",
      "interval": 3600
    }
  },
  "packs": {
  }
}
)";
// Of the page "File Integrity Monitoring".
constexpr const char* kPaths = R"({
  "schedule": {
    "file_events": {"query": "SELECT * FROM file_events;", "removed": false, "interval": 300}
  },
  "file_paths": {
    "homes": ["/root/.ssh/%%", "/home/%/.ssh/%%"],
    "etc": ["/etc/%%"]
  },
  "exclude_paths": {"homes": ["/home/not_to_monitor/.ssh/%%"]}
}
)";

class Osquery : public ::testing::Test {
 protected:
  Osquery() {
    world_.root().write("/usr/bin/osqueryd", "");
    world_.root().write(kConfig, kExample);
  }
  v1::ProtectionProduct read() {
    const auto product = world_.read(read_osquery);
    EXPECT_TRUE(product);
    return product.value_or(v1::ProtectionProduct());
  }

  protection::test::ProductWorld world_;
};

TEST_F(Osquery, AsItIsInstalledRecordsNoChanges) {
  world_.answer("processes", "9 0 osqueryd\n");
  const v1::ProtectionProduct product = read();
  EXPECT_EQ(product.running(), v1::ANSWER_YES);
  EXPECT_EQ(product.real_time(), v1::ANSWER_NO);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_REDUCED);
  EXPECT_EQ(product.mode_words(), "no changes of files are recorded: disable_events is not false");
  EXPECT_THAT(product.unread(), IsEmpty());
}

TEST_F(Osquery, RecordsChangesWhereAllThatIsNeededIsSet) {
  const struct {
    const char* flags;
    const char* paths;
    const char* why_not;
  } cases[] = {
      {"--disable_events=false\n--enable_file_events=true\n", kPaths, ""},
      {"--nodisable_events\n--enable_file_events\n", kPaths, ""},
      {"--disable_events=false\n--disable_audit=false\n--audit_allow_fim_events=true\n", kPaths,
       ""},
      {"--disable_events=false\n", kPaths, "enable_file_events is not true"},
      {"--disable_events=false\n--disable_audit=false\n", kPaths, "enable_file_events is not true"},
      {"--disable_events=false\n--enable_file_events=true\n", "{}", "file_paths names none"},
      {"--enable_file_events=true\n", kPaths, "disable_events is not false"},
  };
  for (const auto& each : cases) {
    world_.root().write(kFlags, each.flags);
    world_.root().write("/etc/osquery/osquery.conf.d/fim.conf", each.paths);
    const bool is_on = std::string(each.why_not).empty();
    EXPECT_EQ(read().real_time(), is_on ? v1::ANSWER_YES : v1::ANSWER_NO) << each.flags;
    EXPECT_EQ(read().mode(), is_on ? v1::PROTECTION_MODE_ACTIVE : v1::PROTECTION_MODE_REDUCED);
    EXPECT_THAT(read().mode_words(), HasSubstr(each.why_not));
  }
}

TEST_F(Osquery, OptionsOfTheConfigurationCountMoreThanFlags) {
  OsquerySettings settings;
  parse_osquery_flags("# x\n--disable_events=true\n-verbose\n--noutc\nfoo=bar\n", settings);
  ASSERT_TRUE(
      parse_osquery_config(R"({"options": {"disable_events": false, "n": 3}})", settings).ok());
  EXPECT_EQ(osquery_flag(settings, "disable_events", ""), "false");
  EXPECT_EQ(osquery_flag(settings, "verbose", ""), "true");
  EXPECT_EQ(osquery_flag(settings, "utc", ""), "false");
  EXPECT_EQ(osquery_flag(settings, "n", ""), "3");
  EXPECT_EQ(osquery_flag(settings, "foo", "none"), "none");
}

TEST_F(Osquery, KeepsNoMoreFlagsThanItsBound) {
  OsquerySettings settings;
  std::string text;
  for (size_t i = 0; i <= kMostOsqueryFlags; ++i)
    text += "--f" + std::to_string(i) + "\n";
  parse_osquery_flags(text, settings);
  EXPECT_EQ(settings.flags.size(), kMostOsqueryFlags);
}

TEST_F(Osquery, ThatIsToldByAServerTellsThatOnly) {
  world_.root().write(kFlags, "--config_plugin=tls\n--tls_hostname=fleet.example.org:443\n");
  const v1::ProtectionProduct product = read();
  EXPECT_EQ(product.management_server(), "fleet.example.org:443");
  EXPECT_EQ(product.real_time(), v1::ANSWER_UNSPECIFIED);
  EXPECT_THAT(why_unread(product, "real_time"), HasSubstr("by its plugin tls"));
  EXPECT_NE(why_unread(product, "mode"), "");
  EXPECT_NE(why_unread(product, "management_connected"), "");
}

TEST_F(Osquery, AConfigurationThatIsNoneIsUnread) {
  for (const char* text :
       {"{\"options\": {", "file_paths: []", "{\"options\": []}", "{\"file_paths\": [\"/etc\"]}"}) {
    world_.root().write(kConfig, text);
    EXPECT_NE(why_unread(read(), "real_time"), "") << text;
    EXPECT_NE(why_unread(read(), "mode"), "");
    EXPECT_EQ(read().real_time(), v1::ANSWER_UNSPECIFIED);
  }
}

TEST_F(Osquery, ThatDiedDoesNotRun) {
  world_.root().write("/var/osquery/osquery.pidfile", "9\n");
  world_.answer("processes", "1 0 systemd\n9 1000 osqueryd\n");
  EXPECT_EQ(read().running(), v1::ANSWER_NO);
}

TEST_F(Osquery, WhatMayNotBeReadIsUnread) {
  world_.root().set_mode(kConfig, 0600);
  const muster::test::WithoutRights without_rights;
  EXPECT_THAT(why_unread(read(), "real_time"), HasSubstr("Permission denied"));
  EXPECT_THAT(why_unread(read(), "running"), HasSubstr("nobody was asked"));
}

}  // namespace
}  // namespace muster::intrusion_detection
