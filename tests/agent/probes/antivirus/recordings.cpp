#include "tests/agent/probes/antivirus/recordings.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>

#include "agent/probes/antivirus/product_readers.h"

namespace muster::antivirus::test {
namespace {

// From the test data of an inventory program: bduitool 7.0.3.2239.
constexpr const char* kBitdefender = R"(Product version: 7.0.3.2239
Last product update: 2023-08-24 at 10:44:23 GMT+2
New product update available: no
Engines version: 7.95171
Last security content update: 2023-08-24 at 11:44:37 GMT+2
New security content available: no
Installed scan type: Full
Installed scan type fallback: None
Currently used scan type: Full
Features:
  - Antimalware status: On
  - NetworkMonitor status: On

)";

// From the same: cytool 8.2.1.120305.
constexpr const char* kCortexRuntime =
    R"(              Name       PID           User                Status               Command
               pmd      1092           root               Running               /opt/traps/bin/pmd
              clad      1716       cortexu+               Running               /opt/traps/analyzerd/clad
              dypd      1707           root               Running               /opt/traps/bin/dypdng
              spmd      1732       cortexu+               Running               /opt/traps/analyzerd/spmd
              lted      1862       cortexu+               Running               /opt/traps/python/payload/lted
              pyxd      1288           root               Running               /opt/traps/python/payload/pyxd 

)";
constexpr const char* kCortexVersion = R"(Cortex XDR (R) supervisor tool 8.2.1.120305
(c) Palo Alto Networks, Inc. All rights reserved

General Cortex XDR information

)";
constexpr const char* kCortexInfo = R"(Content Type: 1270
Content Build: 120305
Content Version: 1270-120305
Event Log: 1

)";

// From a comment in a Puppet module, without what was not asked here.
constexpr const char* kFalcon =
    R"(aid="bace43f9de594f479627b75adb54c294", rfm-state=false, rfm-reason=None, code=0x0, version = 6.24.12104.0)";

// From a comment in a program that drives scanners; the licence's line from what three programs
// look for in it.
constexpr const char* kDrweb = R"(Core engine version: 7.00.47.04280
Virus database timestamp: 2020-Aug-11 18:40:16
Virus database fingerprint: D2EFA560783BC31243E97B3B73766C18
Virus databases loaded: 202
Virus records: 9118543
Anti-spam core is not loaded
Last successful update: 2020-Aug-11 20:42:37
Next scheduled update: 2020-Aug-11 21:12:37
)";
constexpr const char* kDrwebLicence =
    "License number 123456789, expires 2027-Feb-01 (71 days left)\n";
constexpr const char* kDrwebVersion = "drweb-ctl 11.1.2.1907091642\n";

// From the test data of an inventory program: eea 12.0.13.0.
constexpr const char* kEsetLicence = R"(Product name: ESET Endpoint Antivirus for Linux
Status: Activated
Public ID: 999-XXX-YYY
License Validity: 2026-06-21
)";
constexpr const char* kEsetModules =
    "EM000\t  1088 (20250708)\tUpdate module\n"
    "EM001\t  1629 (20250805)\tAntivirus and antispyware scanner module\n"
    "EM002\t 31832 (20250909)\tDetection engine\n"
    "EM017\t2054.1 (20250805)\tTranslation support module\n";
constexpr const char* kEsetVersion = "/opt/eset/eea/bin/upd (eea) 12.0.13.0\n";

// From a monitoring system's check: KESL 10.1.0.5960.
constexpr const char* kKaspersky =
    R"(Name:                                       Kaspersky Endpoint Security 10 SP1 for Linux
Version:                                    10.1.0.5960
Key status:                                 Valid
License expiration date:                    2019-07-09
Storage state:                              No time limit for objects in Storage
Storage space usage:                        Storage size is unlimited
Last run date of the Scan_My_Computer task: Never run
Last release date of databases:             2018-08-23 04:11:00
Anti-virus databases loaded:                Yes
Anti-virus database records:                11969941
KSN state:                                  Off
File monitoring:                            Available and stopped
Integrity monitoring:                       Unavailable due to license limitation
Firewall Management:                        Available and stopped
Anti-Cryptor:                               Available and stopped
Application update state:                   No application updates available
)";

// From the test data of an inventory program: Defender 101.23062.0010. It says "healthy" in passive
// mode, with real-time protection off.
constexpr const char* kDefender =
    R"({"$type":"getHealthAllResult","appVersion":"101.23062.0010","automaticDefinitionUpdateEnabled":{"displayValue":true,"isManaged":false,"value":true},"behaviorMonitoring":{"displayValue":true,"isManaged":false,"value":"disabled"},"cloudEnabled":{"displayValue":true,"isManaged":false,"value":true},"conflictingApplications":[],"definitionsStatus":{"$type":"upToDate"},"definitionsUpdated":"1691587153787","definitionsUpdatedMinutesAgo":20,"definitionsVersion":"1.395.30.0","engineVersion":"1.1.23070.1002","functionalityMode":{"displayValue":false,"isManaged":false,"value":"default"},"healthIssues":[],"healthy":true,"licensed":true,"logLevel":"info","managedBy":{"displayValue":false,"isManaged":false,"value":""},"networkProtectionStatus":"stopped","passiveModeEnabled":{"displayValue":true,"isManaged":false,"value":true},"productExpiration":"1712756068000","realTimeProtectionAvailable":true,"realTimeProtectionEnabled":{"displayValue":true,"isManaged":false,"value":false},"realTimeProtectionSubsystem":"fanotify","releaseRing":"InsiderFast","tamperProtection":{"displayValue":true,"isManaged":false,"value":"disabled"}})";
// Of the form of Microsoft's documentation of managed settings; what the command itself writes has
// not been seen.
constexpr const char* kDefenderExclusions = R"([
  {"$type":"excludedPath","isDirectory":true,"path":"/srv/db","scopes":["epp"]},
  {"$type":"excludedFileExtension","extension":"pdf"},
  {"$type":"excludedFileName","name":"cat"}
])";
// Made from the names that other programs read of these two; not seen.
constexpr const char* kDefenderScans = R"([
  {"type":"full","startTime":"1763600000000","endTime":"1763603600000","state":"succeeded","threats":[]},
  {"type":"quick","startTime":"1763700000000","endTime":"1763700060000","state":"succeeded","threats":[]},
  {"type":"quick","startTime":"1763500000000","endTime":"1763500060000","state":"failed","threats":[]}
])";
constexpr const char* kDefenderThreats =
    R"({"threats":{"scans":[{"threats":[{"threat":{"name":"EICAR","tracking_id":"1","type":"virus"},"history":[{"key":1763600000000,"value":"detected"},{"key":1763600001000,"value":"quarantined"}]}]}]}})";

// From the test data of an inventory program: sentinelctl 30.1.1.10.
constexpr const char* kSentinelVersion = R"(Agent version: 30.1.1.10
SentinelCTL version: 30.1.1.10
Ranger version: 30.5.5.9
Git hash: 123456789abcde123456789abcde
)";
constexpr const char* kSentinelEngines = R"(DFI engine                          Enabled
DFI library                         Initialized
DFI library version                 30.5.6.5
DFI library git hash                d3dfc2a1641635f8e319257ab2314887fd0bc62d-Release.x64
Dynamic engine                      Enabled
Application control (container)     Disabled
Application control (host)          Disabled
)";
constexpr const char* kSentinelControl = R"(Agent state      Enabled

Process Name     PID
orchestrator     901
network          902
scanner          903
agent            904
firewall         905
)";
constexpr const char* kSentinelManagement = R"(Anti Tamper                      On
AppInventory force update        86400
AppInventory interval            600
Connect through                  direct
Connectivity                     On
Customer id                      undefined
Device type                      server
Machine information interval     600
Override DV proxy address        undefined
Proxy address                    undefined
Secured protocol mode            best_effort
Site-Key                         12345abcdef6789
URL                              https://server-101.example.net
UUID                             123a123-12d12-1234-ab0c-1234bd1234
)";

// From the tests of a program that repairs agents, which says they are of live hosts.
constexpr const char* kTrendStatus = R"(AgentStatus.13: driverHooked
AgentStatus.15: driverState
AgentStatus.16: dsmUrl
AgentStatus.agentState: green
AgentStatus.auStatus: 2
AgentStatus.currentTime: 1785771972
AgentStatus.driverChecked: 7
AgentStatus.driverHooked: 7
AgentStatus.dsmUrl: https://agents-004.workload.example.com:443/
AgentStatus.lastAgentToManagerSession: 1785771571
)";
// From an Ansible playbook's description.
constexpr const char* kTrendComponents = R"(Component.AM.cap.Qrestore: true
Component.AM.cap.realtime: true
Component.AM.cap.spyware: false
Component.AM.configurations: 3
Component.AM.driverOffline: false
Component.AM.licenseExpiry: 1686780000
Component.AM.mode: on
Component.AM.moduleStatus: 0
Component.AM.scan.Manual: 2
Component.AM.scan.Quick: 2
Component.AM.scan.Realtime: 1
Component.AM.scan.Scheduled: 3
Component.AM.scanStatus: 4
Component.AM.scanType: 0
Component.AM.version.engine.ATSE: 21.600.1005
Component.AM.version.pattern.1.name: Trusted Certificate Authorities Pattern
Component.AM.version.pattern.1.version: 1.00007.00
Component.AM.version.pattern.4.name: Smart Scan Agent Pattern
Component.AM.version.pattern.4.version: 18.489.00
Component.CORE.version: 12.5
Component.FWDPI.firewallMode: on-prevent
Component.IM.mode: on
)";

const std::vector<RecordedProduct>& products() {
  static const auto* const all = new std::vector<RecordedProduct>{
      {"bitdefender",
       read_bitdefender,
       "/opt/bitdefender-security-tools",
       {{"bitdefender", kBitdefender}}},
      {"cortex-xdr",
       read_cortex_xdr,
       "/opt/traps",
       {{"cortex-xdr", kCortexRuntime},
        {"cortex-xdr-version", kCortexVersion},
        {"cortex-xdr-info", kCortexInfo}}},
      {"crowdstrike-falcon",
       read_crowdstrike_falcon,
       "/opt/CrowdStrike",
       {{"processes", "90953 0 falcond\n90954 0 falcon-sensor-b\n"},
        {"crowdstrike-falcon", kFalcon}}},
      {"drweb",
       read_drweb,
       "/opt/drweb.com",
       {{"processes", "700 0 drweb-configd\n701 0 drweb-spider\n"},
        {"drweb", kDrweb},
        {"drweb-license", kDrwebLicence},
        {"drweb-version", kDrwebVersion}}},
      {"eset",
       read_eset,
       "/opt/eset/eea",
       {{"processes", "600 0 startd\n"},
        {"eset-licence", kEsetLicence},
        {"eset-modules", kEsetModules},
        {"eset-version", kEsetVersion}}},
      {"kaspersky",
       read_kaspersky,
       "/opt/kaspersky/kesl",
       {{"processes", "500 0 kesl\n"}, {"kaspersky", kKaspersky}}},
      {"microsoft-defender",
       read_microsoft_defender,
       "/opt/microsoft/mdatp",
       {{"processes", "812 0 wdavdaemon\n"},
        {"microsoft-defender", kDefender},
        {"microsoft-defender-exclusions", kDefenderExclusions},
        {"microsoft-defender-scans", kDefenderScans},
        {"microsoft-defender-threats", kDefenderThreats}}},
      {"sentinelone",
       read_sentinelone,
       "/opt/sentinelone",
       {{"sentinelone", kSentinelControl},
        {"sentinelone-version", kSentinelVersion},
        {"sentinelone-engines", kSentinelEngines},
        {"sentinelone-management", kSentinelManagement}}},
      {"trend-micro",
       read_trend_micro,
       "/opt/ds_agent",
       {{"processes", "400 0 ds_agent\n"},
        {"trend-micro-status", kTrendStatus},
        {"trend-micro-components", kTrendComponents}}},
  };
  return *all;
}

}  // namespace

std::span<const RecordedProduct> recorded_products() {
  return products();
}

const RecordedProduct& recorded(std::string_view product) {
  const auto found = std::find_if(products().begin(), products().end(),
                                  [product](const auto& one) { return one.product == product; });
  if (found == products().end()) std::abort();
  return *found;
}

v1::ProtectionProduct read_recorded(std::string_view product,
                                    const std::vector<RecordedAnswer>& changed) {
  const RecordedProduct& recording = recorded(product);
  protection::test::ProductWorld world;
  world.root().make_directory(std::string(recording.directory));
  std::vector<RecordedAnswer> answers = changed;
  answers.insert(answers.end(), recording.answers.begin(), recording.answers.end());
  // Of two with one name the first counts.
  for (const auto& [question, text] : answers)
    world.answer(question, text);
  auto facts = world.read(recording.read);
  if (!facts) std::abort();
  return *std::move(facts);
}

RecordedAnswer with(std::string_view product, std::string_view question, std::string_view from,
                    std::string_view to) {
  for (const auto& [name, text] : recorded(product).answers) {
    const size_t at = text.find(from);
    if (name != question || at == std::string::npos) continue;
    std::string changed = text;
    return {name, changed.replace(at, from.size(), to)};
  }
  std::cerr << "the recording of " << question << " has no '" << from << "'\n";
  std::abort();
}

RecordedAnswer nothing_runs() {
  return {"processes", "1 0 systemd\n"};
}

}  // namespace muster::antivirus::test
