#include "agent/probes/domain/registry/registry_inputs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "agent/output/status_text.h"
#include "agent/probes/network/inherited_data.h"
#include "agent/probes/network/look_request.h"
#include "agent/sandbox/inherited_files.h"
#include "common/descriptor.h"

namespace muster::domains::registry {
namespace {

using network_probe::kRegistryFiles;
using network_probe::kResolverFiles;
using network_probe::kTrustFiles;

constexpr size_t kLargestBundle = size_t{16} << 20;
constexpr size_t kLargestSuffixes = size_t{4} << 20;
constexpr size_t kLargestBootstrapFile = size_t{1} << 20;

// A file that is there; `descriptor` as the launcher leaves it.
struct Input {
  std::string name;
  int descriptor = -1;
  Descriptor by_hand = Descriptor(-1);

  int get() const { return by_hand.get() >= 0 ? by_hand.get() : descriptor; }
};

// Unset where there is none.
std::optional<Input> open_input(std::string_view name, size_t which) {
  Input input{.name = std::string(name), .descriptor = agent::kFirstInherited + int(which)};
  if (::fcntl(input.descriptor, F_GETFD) >= 0) return input;
  // As the agent runs it, it sees no files.
  input.by_hand =
      Descriptor(::open(input.name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (input.by_hand.get() < 0) return std::nullopt;
  return input;
}

absl::StatusOr<std::string> content_of(const Input& input, size_t limit) {
  absl::StatusOr<std::string> text = network_probe::read_descriptor(input.get(), limit);
  if (text.ok() && text->size() > limit)
    return absl::OutOfRangeError(fmt::format("it is larger than {} MiB", limit >> 20));
  return text;
}

WebTrust trust_of_host() {
  std::string why;
  for (size_t i = 0; i < kTrustFiles.size(); ++i) {
    const std::optional<Input> input = open_input(kTrustFiles.at(i), kResolverFiles.size() + i);
    if (!input) continue;
    const absl::StatusOr<std::string> text = content_of(*input, kLargestBundle);
    if (text.ok() && text->empty()) continue;
    absl::StatusOr<WebTrust> trust = text.ok() ? WebTrust::from_bundle(*text) : text.status();
    if (trust.ok()) return *std::move(trust);
    if (why.empty()) why = fmt::format("{}: {}", input->name, agent::text_of(trust.status()));
  }
  if (why.empty()) {
    why = fmt::format("this host has no bundle of authorities: there is no {}",
                      fmt::join(kTrustFiles, ", "));
  }
  return WebTrust::missing(std::move(why));
}

// The list of the system, which its updates renew; else the one that libpsl was built with.
absl::StatusOr<PublicSuffixes> suffixes_of_host(size_t which) {
  const std::optional<Input> input = open_input(kRegistryFiles.at(0), which);
  if (input) {
    const absl::StatusOr<std::string> text = content_of(*input, kLargestSuffixes);
    if (text.ok()) {
      absl::StatusOr<PublicSuffixes> suffixes = PublicSuffixes::parse(*text);
      if (suffixes.ok()) return suffixes;
    }
  }
  return PublicSuffixes::of_this_system();
}

absl::Status problem_with(const Input& input, std::string_view why) {
  return absl::FailedPreconditionError(fmt::format("{}: {}", input.name, why));
}

absl::StatusOr<std::optional<rdap::Bootstrap>> bootstrap_of_site(size_t which) {
  const std::optional<Input> input = open_input(kRegistryFiles.at(1), which);
  if (!input) return std::nullopt;
  struct stat status {};
  if (::fstat(input->get(), &status) != 0) return std::nullopt;
  if ((status.st_uid != 0 && status.st_uid != ::geteuid()) ||
      (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return problem_with(*input, "it says whom to believe, and must be root's to write alone");
  }
  const absl::StatusOr<std::string> text = content_of(*input, kLargestBootstrapFile);
  if (!text.ok()) return problem_with(*input, agent::text_of(text.status()));
  absl::StatusOr<rdap::Bootstrap> bootstrap =
      rdap::Bootstrap::parse(*text, rdap::Bootstrap::Author::kConfiguration);
  if (!bootstrap.ok()) return problem_with(*input, agent::text_of(bootstrap.status()));
  return *std::move(bootstrap);
}

}  // namespace

absl::StatusOr<RegistryInputs> read_registry_inputs() {
  constexpr size_t kBefore = kResolverFiles.size() + kTrustFiles.size();
  absl::StatusOr<PublicSuffixes> suffixes = suffixes_of_host(kBefore);
  if (!suffixes.ok()) return suffixes.status();
  absl::StatusOr<std::optional<rdap::Bootstrap>> of_site = bootstrap_of_site(kBefore + 1);
  if (!of_site.ok()) return of_site.status();
  return RegistryInputs{
      .suffixes = *std::move(suffixes), .trust = trust_of_host(), .of_site = *std::move(of_site)};
}

}  // namespace muster::domains::registry
