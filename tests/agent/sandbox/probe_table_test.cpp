// The list of probes as it is shown, and the document that is made from it.
#include "agent/looking/probe_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "agent/looking/probe_list.h"

namespace muster::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Not;

v1::ProbeList small_list() {
  v1::ProbeList list;
  v1::ProbeDeclaration& files = *list.add_probes();
  files.set_name("disk-files");
  files.set_facts("DiskFacts");
  files.set_interval_seconds(3600);
  files.set_timeout_seconds(90);
  files.add_capabilities("CAP_DAC_READ_SEARCH");
  files.set_privilege_reason("the serial number");
  files.add_readable("/sys/block");
  files.add_readable("/etc/fstab");
  files.add_needs("/usr/share/hwdata");
  files.add_path_settings("paths");
  files.set_temporary_files(true);
  files.set_memory_bytes(256 << 20);
  v1::ProbeDeclaration& network = *list.add_probes();
  network.set_name("tls");
  network.set_facts("TlsFacts");
  network.set_timeout_seconds(30);
  network.set_network(true);
  network.add_inherited("/etc/hosts");
  network.set_memory_bytes(64 << 20);
  return list;
}

TEST(ProbeTable, ShowsWhatEachMayDo) {
  EXPECT_EQ(probe_table(small_list(), {.color = false, .unicode = true, .width = 80}),
            "PROBE       EVERY          LIMIT  MEMORY   NETWORK  PRIVILEGE\n"
            "disk-files  1h             1m30s  256 MiB  no       DAC_READ_SEARCH\n"
            "tls         each target's  30s    64 MiB   yes      none\n"
            "\n"
            "Reads, with all below, its own program and libraries besides:\n"
            "disk-files           /etc/fstab /sys/block /usr/share/hwdata, and what its\n"
            "                     setting paths names, nameless temporary files, by\n"
            "                     CAP_DAC_READ_SEARCH the serial number\n"
            "tls                  its batch of targets, and what it is given open: /etc/hosts\n");
}

TEST(ProbeTable, ShowsWhatMustBeSwitchedOnAndWhatIsAskedOnTheBus) {
  v1::ProbeList list;
  v1::ProbeDeclaration& probe = *list.add_probes();
  probe.set_name("asks");
  probe.set_interval_seconds(3600);
  probe.set_opt_in(true);
  probe.set_system_bus(true);
  const std::string text = probe_table(list, {.color = false, .unicode = true, .width = 80});
  EXPECT_THAT(text, HasSubstr("asks   1h, if on"));
  EXPECT_THAT(text, HasSubstr("asks                 what a daemon on the system bus answers\n"));
}

TEST(ProbeTable, CutsNothingOfTheRealListInATerminal) {
  EXPECT_EQ(
      probe_table(describe_probes(), {.color = false, .unicode = true, .width = 80}).find("\u2026"),
      std::string::npos);
}

TEST(ProbeTable, ShowsWhatIsAskedForAProbe) {
  v1::ProbeList list = small_list();
  *list.mutable_probes(0)->add_questions() = "/opt/watcher/watchctl status --all";
  *list.mutable_probes(0)->add_questions() = "the socket /run/watcher";
  const std::string text = probe_table(list, {.color = false, .unicode = true, .width = 80});
  EXPECT_THAT(text,
              HasSubstr("\nIs told what this host answers, which is asked, as far as it is there:\n"
                        "disk-files           /opt/watcher/watchctl status --all\n"
                        "                     the socket /run/watcher\n"));
  EXPECT_THAT(probe_markdown(list),
              HasSubstr("| disk-files | `/opt/watcher/watchctl status --all`, "
                        "`the socket /run/watcher` |\n"));
}

TEST(ProbeTable, FitsEightyColumns) {
  std::istringstream text(
      probe_table(describe_probes(), {.color = false, .unicode = true, .width = 80}));
  for (std::string line; std::getline(text, line);)
    EXPECT_THAT(display_width(line), Le(80u)) << line;
}

TEST(ProbeTable, AsJsonHasEveryFieldOfEveryProbe) {
  const std::string json = probe_json(describe_probes());
  for (const ProbeRow& row : all_probes())
    EXPECT_THAT(json, HasSubstr("\"name\": \"" + std::string(row.name) + "\""));
  EXPECT_THAT(json, HasSubstr("\"network\": false"));
  EXPECT_THAT(json, HasSubstr("\"/etc/letsencrypt\""));
}

TEST(ProbeTable, IsTheOneInTheDocument) {
  std::ifstream file(MUSTER_SOURCE_DIRECTORY "/agent/probes/README.md");
  const std::string document{std::istreambuf_iterator<char>(file), {}};
  const std::string begin = "<!-- muster-agent probes --format markdown -->\n";
  const std::string end = "<!-- end -->";
  const size_t from = document.find(begin);
  const size_t to = document.find(end);
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  EXPECT_EQ(document.substr(from + begin.size(), to - from - begin.size()),
            probe_markdown(describe_probes()))
      << "agent/probes/README.md: replace the tables with what the command in them prints";
}

TEST(ProbeList, DeclaresAReasonForEveryPrivilegeAndAbsolutePaths) {
  for (const ProbeRow& row : all_probes()) {
    EXPECT_EQ(row.sandbox.capabilities == 0, row.privilege_reason.empty()) << row.name;
    EXPECT_FALSE(row.facts.empty()) << row.name;
    EXPECT_FALSE(row.sandbox.children) << row.name;
    EXPECT_LE(row.timeout, kLongestTimeout);
    for (const std::string_view path : row.sandbox.readable) {
      EXPECT_TRUE(path.starts_with('/') && path.size() > 1 && !path.ends_with('/')) << path;
      EXPECT_EQ(path.find_first_of("*?["), std::string_view::npos) << path;
    }
    const auto& paths = row.sandbox.readable;
    EXPECT_TRUE(std::is_sorted(paths.begin(), paths.end())) << row.name;
  }
}

// Whatever a row says, some files are nobody's to read.
TEST(ProbeList, LetsNoProbeReadSecretsOfTheSystem) {
  for (const ProbeRow& row : all_probes()) {
    for (const std::string_view path : row.sandbox.readable) {
      for (const std::string_view secret :
           {"/etc/shadow", "/etc/ssh/ssh_host_ed25519_key", "/root/.ssh/id_ed25519", "/proc/kcore",
            "/var/lib/muster-agent/identity.pem", "/etc/muster/agent.yml",
            "/var/ossec/etc/client.keys", "/var/ossec/etc/authd.pass", "/etc/tripwire/site.key",
            "/etc/osquery/enroll.secret"}) {
        EXPECT_FALSE(secret == path || secret.starts_with(std::string(path) + "/"))
            << row.name << " may read " << secret;
      }
    }
  }
}

}  // namespace
}  // namespace muster::agent
