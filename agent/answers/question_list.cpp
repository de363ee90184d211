#include "agent/answers/question_list.h"

namespace muster::answers {
namespace {

using namespace std::string_view_literals;

// One command each: at most twelve words. Paths are those of the makers' packages; a link among
// them is followed, and what it leads to must be root's.
constexpr auto kQuestions = std::to_array<Question>({
    {.name = "processes", .kind = Kind::kProcesses},

    // ---- antivirus
    {.name = "clamd",
     .group = Group::kAntivirus,
     .kind = Kind::kUnixSocket,
     .paths = {"/run/clamav/clamd.ctl", "/run/clamd.scan/clamd.sock", "/run/clamav/clamd.sock"},
     .settings = {"/etc/clamav/clamd.conf", "/etc/clamd.d/scan.conf", "/etc/clamd.conf"},
     // clamd(8): a session, so that one connection has several answers; each ends with a zero.
     .sent = "zIDSESSION\0zPING\0zVERSION\0zSTATS\0zEND\0"sv,
     .process = "clamd",
     .seconds = 5},
    {.name = "clamav-version",
     .group = Group::kAntivirus,
     .paths = {"/usr/bin/clamscan", "/usr/local/bin/clamscan"},
     .arguments = {"--version"}},
    {.name = "microsoft-defender",
     .group = Group::kAntivirus,
     .paths = {"/opt/microsoft/mdatp/sbin/wdavdaemonclient", "/usr/bin/mdatp"},
     .arguments = {"health", "--output", "json"}},
    {.name = "microsoft-defender-exclusions",
     .group = Group::kAntivirus,
     .paths = {"/opt/microsoft/mdatp/sbin/wdavdaemonclient", "/usr/bin/mdatp"},
     .arguments = {"exclusion", "list", "--output", "json"}},
    {.name = "microsoft-defender-scans",
     .group = Group::kAntivirus,
     .paths = {"/opt/microsoft/mdatp/sbin/wdavdaemonclient", "/usr/bin/mdatp"},
     .arguments = {"scan", "list", "--output", "json"}},
    {.name = "microsoft-defender-threats",
     .group = Group::kAntivirus,
     .paths = {"/opt/microsoft/mdatp/sbin/wdavdaemonclient", "/usr/bin/mdatp"},
     .arguments = {"threat", "list", "--output", "json"}},
    {.name = "crowdstrike-falcon",
     .group = Group::kAntivirus,
     .paths = {"/opt/CrowdStrike/falconctl"},
     .arguments = {"-g", "--aid", "--rfm-state", "--rfm-reason", "--version"}},
    {.name = "sentinelone",
     .group = Group::kAntivirus,
     .paths = {"/opt/sentinelone/bin/sentinelctl"},
     .arguments = {"control", "status"}},
    {.name = "sentinelone-version",
     .group = Group::kAntivirus,
     .paths = {"/opt/sentinelone/bin/sentinelctl"},
     .arguments = {"version"}},
    {.name = "sentinelone-engines",
     .group = Group::kAntivirus,
     .paths = {"/opt/sentinelone/bin/sentinelctl"},
     .arguments = {"engines", "status"}},
    {.name = "sentinelone-management",
     .group = Group::kAntivirus,
     .paths = {"/opt/sentinelone/bin/sentinelctl"},
     .arguments = {"management", "status"}},
    {.name = "trend-micro-status",
     .group = Group::kAntivirus,
     .paths = {"/opt/ds_agent/dsa_query"},
     .arguments = {"-c", "GetAgentStatus"}},
    {.name = "trend-micro-components",
     .group = Group::kAntivirus,
     .paths = {"/opt/ds_agent/dsa_query"},
     .arguments = {"-c", "GetComponentInfo"}},
    {.name = "eset-licence",
     .group = Group::kAntivirus,
     .paths = {"/opt/eset/eea/sbin/lic", "/opt/eset/efs/sbin/lic"},
     .arguments = {"--status"}},
    {.name = "eset-modules",
     .group = Group::kAntivirus,
     .paths = {"/opt/eset/eea/bin/upd", "/opt/eset/efs/bin/upd"},
     .arguments = {"--list-modules"}},
    {.name = "eset-version",
     .group = Group::kAntivirus,
     .paths = {"/opt/eset/eea/bin/upd", "/opt/eset/efs/bin/upd"},
     .arguments = {"--version"}},
    {.name = "bitdefender",
     .group = Group::kAntivirus,
     .paths = {"/opt/bitdefender-security-tools/bin/bduitool"},
     .arguments = {"get", "ps"}},
    {.name = "kaspersky",
     .group = Group::kAntivirus,
     .paths = {"/opt/kaspersky/kesl/bin/kesl-control", "/usr/bin/kesl-control"},
     .arguments = {"--app-info"}},
    {.name = "drweb",
     .group = Group::kAntivirus,
     .paths = {"/opt/drweb.com/bin/drweb-ctl", "/usr/bin/drweb-ctl"},
     .arguments = {"baseinfo"}},
    {.name = "drweb-version",
     .group = Group::kAntivirus,
     .paths = {"/opt/drweb.com/bin/drweb-ctl", "/usr/bin/drweb-ctl"},
     .arguments = {"--version"}},
    {.name = "drweb-license",
     .group = Group::kAntivirus,
     .paths = {"/opt/drweb.com/bin/drweb-ctl", "/usr/bin/drweb-ctl"},
     .arguments = {"license"}},
    {.name = "cortex-xdr",
     .group = Group::kAntivirus,
     .paths = {"/opt/traps/bin/cytool"},
     .arguments = {"runtime", "query"}},
    {.name = "cortex-xdr-version",
     .group = Group::kAntivirus,
     .paths = {"/opt/traps/bin/cytool"},
     .arguments = {"info"}},
    {.name = "cortex-xdr-info",
     .group = Group::kAntivirus,
     .paths = {"/opt/traps/bin/cytool"},
     .arguments = {"info", "query"}},

    // ---- intrusion detection
    {.name = "auditd", .group = Group::kIntrusionDetection, .kind = Kind::kAudit, .seconds = 5},
    {.name = "falco",
     .group = Group::kIntrusionDetection,
     .kind = Kind::kLoopback,
     .settings = {"/etc/falco/falco.yaml"},
     .sent = "GET /metrics HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"sv,
     .port = 8765,
     .seconds = 5},
});

}  // namespace

std::span<const Question> all_questions() {
  return kQuestions;
}

std::string_view name_of(Group group) {
  switch (group) {
    case Group::kAntivirus:
      return "antivirus";
    case Group::kIntrusionDetection:
      return "intrusion-detection";
    case Group::kBoth:
      break;
  }
  return "";
}

}  // namespace muster::answers
