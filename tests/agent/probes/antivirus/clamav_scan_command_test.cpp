#include "agent/probes/antivirus/clamav_scan_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace muster::antivirus {
namespace {

using Scope = ScanCommand::Scope;
using testing::ElementsAre;

TEST(ScanCommand, IsFullOnlyIfItIsSeenToLookAtTheWholeSystem) {
  struct Case {
    const char* text;
    Scope scope;
  };
  for (const Case& each : std::vector<Case>{
           {"/usr/bin/clamscan -r -i --log=/var/log/scan.log /", Scope::kFull},
           {"nice -n 19 clamscan -ri / >/dev/null 2>&1", Scope::kFull},
           {"clamdscan --fdpass \"/\"", Scope::kFull},
           {"clamscan --recursive --quiet /*", Scope::kFull},
           {"#!/bin/sh\nclamscan -r \\\n  --quiet \\\n  /\n", Scope::kFull},
           {"clamscan -r /home; clamscan -r /", Scope::kFull},
           {"clamscan -r / --log=$LOG", Scope::kFull},
           {"0 3 * * * root clamdscan -l /var/log/s.log /home /srv", Scope::kParts},
           {"clamscan -r /home > /dev/null; ls /", Scope::kParts},
           {"clamscan -i / # without -r: the files in / itself", Scope::kParts},
           {"clamscan --recursive=no /", Scope::kParts},
           {"clamscan -r --include=exe$ /", Scope::kParts},
           {"clamscan -r --log /var/log/s.log --exclude-dir /proc /srv", Scope::kParts},
           {"#!/bin/sh\nclamscan -r \"$WHERE\" --log=$LOG\n", Scope::kUnknown},
           {"clamdscan --fdpass --log=/var/log/in.log $INCOMING", Scope::kUnknown},
           {"clamscan -r /srv; clamscan -r $WHERE", Scope::kUnknown},
           {"clamscan -r --file-list=/etc/what", Scope::kUnknown},
           {"clamscan -r -f /etc/what", Scope::kUnknown},
           {"clamscan -r", Scope::kUnknown}}) {
    const ScanCommand command = parse_scan_command(each.text);
    EXPECT_EQ(command.scope, each.scope) << each.text;
    EXPECT_TRUE(command.is_scan) << each.text;
  }
}

TEST(ScanCommand, IsNoneThatAsksForAVersionOrStandsInAComment) {
  for (const char* text :
       {"", "clamscan --version", "0 3 * * * root clamscan -V | logger", "clamdscan --reload",
        "# clamscan -r /", "true # clamscan -r /", "echo clamscan -r /"}) {
    EXPECT_FALSE(parse_scan_command(text).is_scan) << text;
  }
  EXPECT_EQ(parse_scan_command("clamscan --version; clamscan -r /").scope, Scope::kFull);
}

TEST(ScanCommand, NamesItsLogAndWhatItLeavesOut) {
  EXPECT_EQ(parse_scan_command("clamscan -r --log=/var/log/scan.log /").log, "/var/log/scan.log");
  EXPECT_EQ(parse_scan_command("clamdscan -l '/var/log/s.log' /").log, "/var/log/s.log");
  EXPECT_EQ(parse_scan_command("clamscan -r --log=$LOG /").log, "");
  const ScanCommand command = parse_scan_command(
      "clamscan -r --exclude-dir=/home --exclude-dir '^/srv' --exclude=\"[.]iso$\" /");
  EXPECT_THAT(command.exclusions, ElementsAre("/home", "^/srv", "[.]iso$"));
  EXPECT_FALSE(command.has_variables);
  for (const char* text : {"clamscan -r --exclude-dir='^/(proc|sys)/' /; true",
                           "clamscan -r --exclude-dir \"^/(proc|sys)/\" /",
                           "clamscan -r --exclude-dir=^/(proc|sys)/ /",
                           "bash -c 'nice clamscan -r --exclude-dir=\"^/(proc|sys)/\" / | mail'"}) {
    EXPECT_THAT(parse_scan_command(text).exclusions, ElementsAre("^/(proc|sys)/")) << text;
    EXPECT_EQ(parse_scan_command(text).scope, Scope::kFull) << text;
  }
  EXPECT_EQ(parse_scan_command("clamscan -r / --exclude").scope, Scope::kFull);
  EXPECT_EQ(parse_scan_command("clamscan -r / --exclude='a").scope, Scope::kFull);
  EXPECT_TRUE(parse_scan_command("clamscan -r $OPTIONS /").has_variables);
}

}  // namespace
}  // namespace muster::antivirus
