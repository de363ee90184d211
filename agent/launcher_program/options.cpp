#include "agent/launcher_program/options.h"

#include <getopt.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>

#include "common/version.h"

namespace muster::agent {
namespace {

constexpr int kUsageError = 64;

constexpr const char* kHelp =
    "Usage: muster-launcher [OPTION]...\n\n"
    "Starts the probes of muster-agent, each in its sandbox, and does nothing else. Not for use "
    "by\n"
    "hand: systemd starts it with a socket to listen on, or muster-agent with one that is "
    "connected.\n\n"
    "  --config FILE         agent.yml, for the probes' settings; of root, writable by nobody "
    "else\n"
    "  --probes DIR          where the probes are\n"
    "  --agent-program FILE  muster-agent, which reads the configuration in a sandbox\n"
    "  --root DIR            look at the system below it\n"
    "  --user NAME           whom probes run as, as root: a name or a number [muster-probe]\n"
    "  --agent-user NAME     who may connect to systemd's socket [muster]\n"
    "  --require-sandbox     end rather than run probes without a part of their sandbox\n"
    "  --any-target          probes of the network look at any target, whatever agent.yml allows\n"
    "  --quiet               do not log what is missing of the sandbox\n"
    "  --socket-fd N         a connected socket\n"
    "  --version, --help\n\n"
    "SIGHUP reads the configuration again. Exit status: 0 ended by a signal or with its agent, 64\n"
    "wrong usage, 77 a part of the sandbox is missing and required, 78 the configuration is not "
    "good.\n\n"
    "Examples:\n"
    "  muster-launcher --config /etc/muster/agent.yml --require-sandbox\n";

enum Option : int {
  kConfig = 256,
  kProbes,
  kAgentProgram,
  kRoot,
  kUser,
  kAgentUser,
  kRequireSandbox,
  kQuiet,
  kAnyTarget,
  kSocket,
  kVersionOption,
  kHelpOption,
};

constexpr std::array<option, 13> kOptions{{
    {"config", required_argument, nullptr, kConfig},
    {"probes", required_argument, nullptr, kProbes},
    {"agent-program", required_argument, nullptr, kAgentProgram},
    {"root", required_argument, nullptr, kRoot},
    {"user", required_argument, nullptr, kUser},
    {"agent-user", required_argument, nullptr, kAgentUser},
    {"require-sandbox", no_argument, nullptr, kRequireSandbox},
    {"quiet", no_argument, nullptr, kQuiet},
    {"any-target", no_argument, nullptr, kAnyTarget},
    {"socket-fd", required_argument, nullptr, kSocket},
    {"version", no_argument, nullptr, kVersionOption},
    {"help", no_argument, nullptr, kHelpOption},
    {nullptr, 0, nullptr, 0},
}};

int to_descriptor(const char* text) {
  int number = -1;
  const char* end = text + std::strlen(text);
  const auto [rest, error] = std::from_chars(text, end, number);
  return error == std::errc() && rest == end ? number : -1;
}

int wrong_usage(const char* mistake) {
  std::fprintf(stderr, "%s%sTry: muster-launcher --help\n", mistake, *mistake == '\0' ? "" : "\n");
  return kUsageError;
}

}  // namespace

LauncherOptions parse_launcher_options(int argc, char** argv, int& status) {
  LauncherOptions options;
  status = -1;
  for (int found = 0; status < 0 && found != -1;) {
    found = ::getopt_long(argc, argv, "", kOptions.data(), nullptr);
    switch (found) {
      case -1:
        break;
      case kConfig:
        options.config = optarg;
        break;
      case kProbes:
        options.probe_directory = optarg;
        break;
      case kAgentProgram:
        options.agent_program = optarg;
        break;
      case kRoot:
        options.root = optarg;
        break;
      case kUser:
        options.user = optarg;
        break;
      case kAgentUser:
        options.agent_user = optarg;
        break;
      case kRequireSandbox:
        options.require_sandbox = true;
        break;
      case kQuiet:
        options.quiet = true;
        break;
      case kAnyTarget:
        options.any_target = true;
        break;
      case kSocket:
        options.socket = to_descriptor(optarg);
        if (options.socket < 0) status = wrong_usage("--socket-fd wants a number");
        break;
      case kVersionOption:
        std::printf("muster-launcher %s\n", std::string(kVersion).c_str());
        status = 0;
        break;
      case kHelpOption:
        std::fputs(kHelp, stdout);
        status = 0;
        break;
      default:
        // getopt has said what.
        status = wrong_usage("");
    }
  }
  if (status < 0 && optind < argc) status = wrong_usage("it takes no arguments");
  for (const std::string* path :
       {&options.config, &options.probe_directory, &options.agent_program, &options.root}) {
    if (status < 0 && !path->empty() && !path->starts_with('/')) {
      status = wrong_usage("paths must be absolute");
    }
  }
  return options;
}

}  // namespace muster::agent
