// The command line of muster-collector: argv to what is wanted, nothing done yet.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "collector/admin/backup_verbs.h"
#include "collector/admin/ca_verbs.h"
#include "collector/admin/expiry_verb.h"
#include "collector/admin/host_verbs.h"
#include "collector/admin/policy_verbs.h"
#include "collector/admin/verbs.h"
#include "collector/config.h"

namespace muster::collector {

enum class Verb {
  kInit,
  kServe,
  kCheckConfig,
  kTokenCreate,
  kTokenList,
  kTokenRevoke,
  kHostList,
  kHostListMissing,
  kHostShow,
  kHostUpdates,
  kHostRevoke,
  kHostRelease,
  kHostRename,
  kHostRemove,
  kUpdates,
  kExpiry,
  kTargetList,
  kTargetShow,
  kTargetCheck,
  kPolicyShow,
  kPolicyShowDefault,
  kPolicyCheck,
  kPolicyTest,
  kExplain,
  kCaStatus,
  kCaPrepare,
  kCaActivate,
  kCaRetire,
  kBackup,
  kRestore,
};

struct CommandLine {
  Verb verb = Verb::kServe;
  // Empty: one of the usual places (choose_config).
  std::string config_path;
  OutputFormat format = OutputFormat::kTable;
  // Of `token create`.
  TokenRequest token;
  // Of the verbs that change a host.
  HostChange host_change;
  UpdateChoice update_choice;
  ExpiryChoice expiry;
  TargetChoice target_choice;
  // Of `host show`, `host updates` and `target show` (a name) and `token revoke` (an id).
  std::string argument;
  // Of `ca activate` and `ca retire`.
  CaChange ca_change;
  // Of `target check`; empty: those of the configuration.
  std::vector<std::string> target_files;
  // Of `policy check` and `policy test`.
  PolicyQuestion policy;
  ExplainQuestion explain;
  BackupRequest backup;
  // Its passphrase file is the one of `backup`.
  RestoreRequest restore;
  // Of `init`: the values it was given over the defaults.
  Config initial;
};

// Status 64: usage, said on stderr; 0: help or version, said on stdout.
struct Exit {
  int status = 0;
};

std::variant<CommandLine, Exit> parse_command_line(int argc, char** argv);

}  // namespace muster::collector
