#include "agent/probes/network/network_probe.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <iostream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/output/status_text.h"
#include "agent/probes/network/inherited_data.h"
#include "agent/probes/network/look_request.h"
#include "agent/probes/network/section_output.h"
#include "agent/probes/network/shared_pace.h"
#include "agent/sandbox/inherited_files.h"
#include "agent/targets/credentials.h"
#include "common/descriptor.h"
#include "common/duration.h"
#include "common/files.h"
#include "common/targets/target_kinds.h"
#include "common/targets/target_rules.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::network_probe {
namespace {

constexpr int kUsageError = 64;
constexpr int kBrokenRequest = 65;
constexpr int kOutputError = 74;
// For what is no connection: standard streams, name servers, the loop's own, inherited files.
constexpr size_t kOtherDescriptors = 64;

struct Options {
  std::vector<std::string> targets;
  std::string timeout;
  std::string format = "protobuf";
};

// What it was given must not outlive it in a file: names of targets, and of some probes
// credentials.
void forbid_core_dumps() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

std::optional<int> parse_options(int argc, char** argv, const probe::Description& description,
                                 Options& options) {
  const TargetKind* const kind = find_target_kind(description.name);
  const bool of_a_domain = is_of_a_domain(description.name);
  options.timeout = kind == nullptr ? "10s" : format_duration(kind->timeout);
  const std::string_view example = of_a_domain ? "example.org" : "www.example.org:443";
  CLI::App app{std::string(description.summary)};
  app.name(fmt::format("muster-probe-{}", description.name));
  app.set_version_flag("--version", probe::program_version());
  app.footer(fmt::format(
      "Without options it reads a muster.v1.ProbeRequest on stdin and a muster.v1.TargetBatch on\n"
      "descriptor {}, as the agent runs it; then it looks where the request's rules let it.\n\n"
      "Example:\n  muster-probe-{} --target {} --timeout 5s --format json\n",
      agent::kTargetsDescriptor, description.name, example));
  app.add_option("--target", options.targets,
                 fmt::format("Look at {}, wherever it is; again for more",
                             of_a_domain ? "DOMAIN" : "HOST:PORT"));
  app.add_option("--timeout", options.timeout, "How long a look may take: 5s");
  app.add_option("--format", options.format, "protobuf or json")
      ->check(CLI::IsMember({"protobuf", "json"}));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  if (argc > 1 && options.targets.empty()) {
    std::cerr << fmt::format("name what to look at: --target {}\n", example);
    return kUsageError;
  }
  return std::nullopt;
}

absl::StatusOr<LookRequest> request_by_hand(const Options& options,
                                            const probe::Description& description) {
  const absl::StatusOr<Duration> timeout = parse_duration(options.timeout);
  if (!timeout.ok()) return timeout.status();
  if (*timeout < kShortestLook || *timeout > kLongestLook) {
    return absl::InvalidArgumentError(fmt::format("--timeout is from {} to {}",
                                                  format_duration(kShortestLook),
                                                  format_duration(kLongestLook)));
  }
  v1::ProbeRequest request;
  request.mutable_target_rules()->set_anywhere(true);
  for (const std::string& target : options.targets) {
    const absl::StatusOr<Address> address = look_target(description.name, target);
    if (!address.ok()) return address.status();
    v1::TargetLook& look = *request.mutable_targets()->add_looks();
    look.set_entity(target);
    look.set_address(target);
    look.set_timeout_milliseconds(static_cast<uint32_t>(*timeout / std::chrono::milliseconds(1)));
  }
  return parse_look_request(request.SerializeAsString(), nullptr, description.name);
}

absl::StatusOr<LookRequest> request_of_agent(const probe::Description& description) {
  const absl::StatusOr<std::string> request = read_descriptor(STDIN_FILENO, kRequestLimit);
  if (!request.ok()) return request.status();
  if (::fcntl(agent::kTargetsDescriptor, F_GETFD) < 0) {
    return parse_look_request(*request, nullptr, description.name);
  }
  const absl::StatusOr<std::string> batch = read_descriptor(agent::kTargetsDescriptor, kBatchLimit);
  if (!batch.ok()) return batch.status();
  return parse_look_request(*request, &*batch, description.name);
}

// A file that the probe was given open, or by hand the file itself; empty if there is none.
std::string resolver_file(size_t which) {
  const int descriptor = agent::kFirstInherited + static_cast<int>(which);
  absl::StatusOr<std::string> text =
      ::fcntl(descriptor, F_GETFD) < 0
          ? read_file(std::string(kResolverFiles.at(which)), kResolverFileLimit)
          : read_descriptor(descriptor, kResolverFileLimit);
  if (!text.ok()) return {};
  if (text->size() > kResolverFileLimit) {
    std::cerr << fmt::format("{} is larger than {} MiB: what comes after is not used\n",
                             kResolverFiles.at(which), kResolverFileLimit >> 20);
    text->resize(kResolverFileLimit);
  }
  return *std::move(text);
}

NameResolver::Sources resolver_sources(const std::vector<RequestedLook>& looks,
                                       std::string_view kind) {
  std::set<std::string> names;
  for (const RequestedLook& look : looks) {
    const absl::StatusOr<Address> address = look_target(kind, look.address);
    if (address.ok()) names.insert(plain_name(address->host));
  }
  std::string hosts = resolver_file(1);
  HostsFile of_targets = parse_hosts_file(hosts, names);
  return {.config = parse_resolver_config(resolver_file(0)),
          .hosts = std::move(of_targets),
          .hosts_text = std::move(hosts)};
}

// None where there is no file.
absl::StatusOr<agent::Credentials> read_credentials() {
  constexpr int kInherited = agent::kFirstInherited + static_cast<int>(kResolverFiles.size());
  const std::string name(kCredentialsFile);
  const Descriptor by_hand(::fcntl(kInherited, F_GETFD) < 0
                               ? ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
                               : -1);
  const int file = by_hand.get() < 0 ? kInherited : by_hand.get();
  struct stat status {};
  if (::fstat(file, &status) != 0) return agent::Credentials();
  absl::Status checked = agent::check_credentials_file(status, ::geteuid(), name);
  if (!checked.ok()) return checked;
  absl::StatusOr<std::string> text = read_descriptor(file, agent::kCredentialsFileLimit);
  if (!text.ok()) return text.status();
  if (text->size() > agent::kCredentialsFileLimit) {
    return absl::OutOfRangeError(
        fmt::format("{} is larger than {} MiB", name, agent::kCredentialsFileLimit >> 20));
  }
  absl::StatusOr<agent::Credentials> credentials = agent::Credentials::parse(*text, name);
  ::OPENSSL_cleanse(text->data(), text->size());
  return credentials;
}

// As the section without an entity, which goes no further than the agent.
void add_kept(const Kept& kept, std::string_view probe, const Clock& clock, SectionOutput& output) {
  v1::Section section;
  section.set_facts(kept.leave());
  if (section.facts().empty()) return;
  section.set_probe(std::string(probe));
  section.set_outcome(v1::OUTCOME_OBSERVED);
  section.set_facts_type(std::string(kept.type));
  *section.mutable_observed_at() = to_proto(clock.now());
  output.add(section);
}

// What of the pace is this process's to keep, which may have only so many descriptors, and what it
// keeps together with other runs.
Pace possible(Pace pace, SharedPace* shared) {
  pace.shared = shared;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    const size_t connections =
        limit.rlim_cur > kOtherDescriptors ? limit.rlim_cur - kOtherDescriptors : 1;
    pace.at_once = std::min(pace.at_once, connections);
  }
  return pace;
}

}  // namespace

int run(int argc, char** argv, const probe::Description& description, LookFunction look,
        Needs needs, const Kept* kept) {
  forbid_core_dumps();
  // Whoever reads may go away: that is an error of writing.
  std::signal(SIGPIPE, SIG_IGN);
  Options options;
  if (const auto status = parse_options(argc, argv, description, options)) return *status;
  absl::StatusOr<LookRequest> request =
      argc > 1 ? request_by_hand(options, description) : request_of_agent(description);
  if (!request.ok()) {
    std::cerr << agent::text_of(request.status()) << '\n';
    return argc > 1 ? kUsageError : kBrokenRequest;
  }
  if (const std::string complaint = probe::complaint_about_settings(request->request, description);
      !complaint.empty()) {
    std::cerr << complaint << '\n';
    return kBrokenRequest;
  }
  const absl::StatusOr<agent::Credentials> credentials =
      needs == Needs::kCredentials ? read_credentials() : agent::Credentials();
  if (!credentials.ok()) {
    std::cerr << agent::text_of(credentials.status()) << '\n';
    return kBrokenRequest;
  }
  const absl::StatusOr<std::unique_ptr<SharedPace>> shared =
      SharedPace::open(agent::kPaceDescriptor);
  if (!shared.ok()) {
    std::cerr << agent::text_of(shared.status()) << '\n';
    return kBrokenRequest;
  }
  boost::asio::io_context io(1);
  SectionOutput output(io, STDOUT_FILENO, options.format == "json");
  const SystemClock clock;
  LookRunner runner({.io = io,
                     .rules = request->rules,
                     .pace = possible(request->rules.pace(), shared->get()),
                     .clock = clock,
                     .look = look,
                     .credentials = &*credentials,
                     .probe = description.name},
                    resolver_sources(request->looks, description.name),
                    [&output](const v1::Section& section) { output.add(section); });
  if (kept != nullptr) kept->take(request->memory);
  runner.run(std::move(request->looks));
  if (kept != nullptr) add_kept(*kept, description.name, clock, output);
  return output.finish() ? 0 : kOutputError;
}

}  // namespace muster::network_probe
