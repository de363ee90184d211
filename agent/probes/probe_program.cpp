#include "agent/probes/probe_program.h"

#include <absl/status/statusor.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <climits>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <utility>

#include "agent/probes/section_text.h"
#include "common/clock.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "common/version.h"

namespace muster::probe {
namespace {

namespace fs = std::filesystem;

constexpr size_t kRequestLimit = 1 << 20;
constexpr size_t kReasonLimit = 1024;
constexpr int kUsageError = 64;
constexpr int kBrokenRequest = 65;
constexpr int kOutputError = 74;

// The kernel refuses it wherever it is looked for.
std::string nowhere() {
  return "/too-many-links" + std::string(PATH_MAX, '-');
}

std::string help_footer(const Description& description) {
  std::string text =
      "Without options it reads a muster.v1.ProbeRequest on stdin, as the agent runs it.";
  if (!description.settings.empty()) text += "\n\nSettings:\n";
  for (const Setting& setting : description.settings) {
    text += fmt::format("  {:<24} {}\n", setting.name, setting.help);
  }
  text += fmt::format(
      "\n\nExamples:\n  muster-probe-{0} --format json\n"
      "  muster-probe-{0} --root /mnt/image --format json\n",
      description.name);
  return text;
}

// What is wrong with the request; empty if nothing is.
std::string complaint_about(const v1::ProbeRequest& request, const Description& description) {
  if (!request.root().starts_with('/')) {
    return fmt::format("the root '{}' is not an absolute path", printable(request.root()));
  }
  return complaint_about_settings(request, description);
}

bool write(const v1::Section& section, std::string_view format) {
  const absl::StatusOr<std::string> text = section_text(section, format == "json");
  return text.ok() && std::fwrite(text->data(), 1, text->size(), stdout) == text->size() &&
         std::fflush(stdout) == 0;
}

}  // namespace

int run(int argc, char** argv, const Description& description, const LookFunction& look) {
  CLI::App app{std::string(description.summary)};
  app.name(fmt::format("muster-probe-{}", description.name));
  app.set_version_flag("--version", kVersion);
  app.footer(help_footer(description));
  std::string root = "/";
  std::string format = "protobuf";
  std::vector<std::string> settings;
  app.add_option("--root", root, "Look at the system below this directory");
  app.add_option("--format", format, "protobuf or json")
      ->check(CLI::IsMember({"protobuf", "json"}));
  app.add_option("--set", settings, "A setting, NAME=VALUE; again for more values");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }

  v1::ProbeRequest request;
  if (argc > 1) {
    std::error_code ignored;
    request.set_root(fs::absolute(root, ignored).lexically_normal().string());
    for (const std::string& text : settings) {
      const size_t equals = text.find('=');
      if (equals == std::string::npos) {
        std::cerr << "--set wants NAME=VALUE, not '" << printable(text) << "'\n";
        return kUsageError;
      }
      v1::ProbeSetting& setting = *request.add_settings();
      setting.set_name(text.substr(0, equals));
      setting.add_values(text.substr(equals + 1));
    }
  } else {
    std::string bytes(kRequestLimit + 1, '\0');
    std::cin.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<size_t>(std::cin.gcount()));
    if (bytes.size() > kRequestLimit || !request.ParseFromString(bytes)) {
      std::cerr << "stdin is not a muster.v1.ProbeRequest; by hand, use --format json\n";
      return kBrokenRequest;
    }
  }
  if (const std::string complaint = complaint_about(request, description); !complaint.empty()) {
    std::cerr << complaint << '\n';
    return argc > 1 ? kUsageError : kBrokenRequest;
  }
  while (request.root().ends_with('/'))
    request.mutable_root()->pop_back();

  v1::Section section = look(request);
  section.set_probe(std::string(description.name));
  *section.mutable_observed_at() = to_proto(SystemClock().now());
  return write(section, format) ? 0 : kOutputError;
}

v1::Section observed(const google::protobuf::Message& facts) {
  v1::Section section;
  section.set_outcome(v1::OUTCOME_OBSERVED);
  section.set_facts_type(facts.GetTypeName());
  section.set_facts(facts.SerializeAsString());
  return section;
}

v1::Section not_applicable(std::string_view reason) {
  v1::Section section;
  section.set_outcome(v1::OUTCOME_NOT_APPLICABLE);
  section.set_reason(truncate_utf8(repair_utf8(reason), kReasonLimit));
  return section;
}

v1::Section failed(std::string_view reason) {
  v1::Section section;
  section.set_outcome(v1::OUTCOME_FAILED);
  section.set_reason(truncate_utf8(repair_utf8(reason), kReasonLimit));
  return section;
}

std::string complaint_about_settings(const v1::ProbeRequest& request,
                                     const Description& description) {
  for (const v1::ProbeSetting& setting : request.settings()) {
    const bool known = std::any_of(description.settings.begin(), description.settings.end(),
                                   [&](const Setting& s) { return s.name == setting.name(); });
    if (known) continue;
    std::vector<std::string_view> names;
    for (const Setting& s : description.settings)
      names.push_back(s.name);
    return fmt::format("unknown setting '{}'{}", printable(setting.name()),
                       did_you_mean(setting.name(), names));
  }
  return {};
}

std::string program_version() {
  return kVersion;
}

std::vector<std::string> setting_values(const v1::ProbeRequest& request, std::string_view name) {
  std::vector<std::string> values;
  for (const v1::ProbeSetting& setting : request.settings()) {
    if (setting.name() != name) continue;
    values.insert(values.end(), setting.values().begin(), setting.values().end());
  }
  return values;
}

std::string resolve_in_root(const std::string& root, const std::string& path) {
  constexpr int kMostLinks = 40;
  int links = 0;
  fs::path resolved = "/";  // as the looked-at system names it
  fs::path rest = fs::path(path).relative_path();
  while (!rest.empty()) {
    const fs::path name = *rest.begin();
    rest = rest.lexically_relative(name);
    if (rest == ".") rest.clear();
    if (name == "..") {
      resolved = resolved.parent_path();
      continue;
    }
    if (name == "." || name.empty()) continue;
    std::error_code error;
    const fs::path target = fs::read_symlink(root + (resolved / name).string(), error);
    if (error) {
      resolved /= name;
      continue;
    }
    if (++links > kMostLinks) return root + nowhere();
    if (target.is_absolute()) resolved = "/";
    rest = target.relative_path() / rest;
  }
  return root + resolved.string();
}

bool gave_up(const std::string& resolved) {
  return resolved.ends_with(nowhere());
}

}  // namespace muster::probe
