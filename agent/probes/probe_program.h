// What every probe program shares: the contract of probe.proto on stdin and stdout, and the tool
// that an operator runs by hand. A probe's own folder holds what it reads and how it parses.
//
//   muster-probe-host                         reads a ProbeRequest on stdin, writes sections
//   muster-probe-host --root /mnt --format json   by hand: reads nothing, prints JSON
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "muster/v1/probe.pb.h"
#include "muster/v1/section.pb.h"

namespace muster::probe {

// A setting that the probe understands, for --help and for refusing others.
struct Setting {
  std::string_view name;
  std::string_view help;
};

struct Description {
  // "packages-apt": the program is muster-probe-<name>.
  std::string_view name;
  // One sentence for --help.
  std::string_view summary;
  std::span<const Setting> settings;
};

// One look. The request has been checked: its root is an absolute path without a slash at the end
// ("" for "/"), so that root + "/etc" is a path; its settings are known ones.
using LookFunction = std::function<v1::Section(const v1::ProbeRequest&)>;

// Runs the program: exit status 0 when a section was written (failed ones too), 64 on a usage
// error, 65 on a broken request, 74 when stdout could not be written.
int run(int argc, char** argv, const Description& description, const LookFunction& look);

// The three ends of a look. `run` adds the probe's name and the time.
v1::Section observed(const google::protobuf::Message& facts);
v1::Section not_applicable(std::string_view reason);
v1::Section failed(std::string_view reason);

// What is wrong with the request's settings, a sentence; empty if nothing is.
std::string complaint_about_settings(const v1::ProbeRequest& request,
                                     const Description& description);
// Muster's, for --version.
std::string program_version();

// The values of a setting; empty if it is not set.
std::vector<std::string> setting_values(const v1::ProbeRequest& request, std::string_view name);

// `path` (absolute, as the looked-at system names it) with every symbolic link followed inside
// `root`, as a chroot would; links that climb out stay inside. The result is a path of this system.
// A missing file gives the path it would have. After 40 links it gives up, with a path longer than
// any that can be opened: what calls it opens what it gives, and a link there would lead outside.
std::string resolve_in_root(const std::string& root, const std::string& path);
bool gave_up(const std::string& resolved);

}  // namespace muster::probe
