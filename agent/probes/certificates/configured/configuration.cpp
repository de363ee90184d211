#include "agent/probes/certificates/configured/configuration.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/internet_name.h"
#include "common/text.h"

namespace muster::configured {
namespace {

constexpr size_t kMostPathBytes = 4096;
constexpr size_t kMostNameBytes = 255;

// Whether it can be told as it is: `printable` would have changed nothing.
bool can_be_told(const std::string& text, size_t limit) {
  return !text.empty() && text.size() <= limit && printable(text, limit) == text;
}

bool is_path(const std::string& text) {
  return text.starts_with('/') && can_be_told(text, kMostPathBytes);
}

// A name in another alphabet as certificates and those who ask for it have it, in A-labels
// (RFC 6066, RFC 5280): "*.bücher.example" is "*.xn--bcher-kva.example". Others are as they are
// written, and so are those that no domain is called.
std::string asked_for_as(const std::string& name) {
  const bool is_ascii = std::all_of(name.begin(), name.end(),
                                    [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (is_ascii) return name;
  const std::string_view wildcard = name.starts_with("*.") ? "*." : "";
  const absl::StatusOr<std::string> labels =
      to_internet_name(std::string_view(name).substr(wildcard.size()));
  return labels.ok() ? std::string(wildcard) + *labels : name;
}

std::string why(const absl::Status& status) {
  std::string reason(status.message().data(), status.message().size());
  if (absl::IsPermissionDenied(status))
    reason += ": run the probe as root, or name its directory in the setting paths";
  return reason;
}

}  // namespace

Configuration::Configuration(Source& source, const Limits& limits)
    : source_(source), limits_(limits) {}

void Configuration::begin(std::string_view program) {
  program_ = program;
}

absl::StatusOr<std::string> Configuration::read(const std::string& path, size_t depth) {
  if (depth > limits_.depth) {
    return absl::OutOfRangeError(
        fmt::format("not read: more than {} files include one another", limits_.depth));
  }
  if (files_ == limits_.files) {
    return absl::OutOfRangeError(
        fmt::format("not read: more than {} files of configuration", limits_.files));
  }
  ++files_;
  if (bytes_ >= limits_.total_size) {
    return absl::OutOfRangeError(
        fmt::format("not read: more than {} bytes of configuration", limits_.total_size));
  }
  absl::StatusOr<std::string> text =
      source_.read(path, std::min(limits_.file_size, limits_.total_size - bytes_));
  if (text.ok()) bytes_ += text->size();
  return text;
}

std::optional<std::string> Configuration::text(const std::string& path, size_t depth) {
  absl::StatusOr<std::string> read_text = read(path, depth);
  if (read_text.ok()) return *std::move(read_text);
  complain(fmt::format("{}: {}", path, why(read_text.status())));
  return std::nullopt;
}

std::optional<std::string> Configuration::text_if_there(const std::string& path, size_t depth) {
  absl::StatusOr<std::string> read_text = read(path, depth);
  if (read_text.ok()) return *std::move(read_text);
  if (!absl::IsNotFound(read_text.status()))
    complain(fmt::format("{}: {}", path, why(read_text.status())));
  return std::nullopt;
}

absl::StatusOr<std::vector<std::string>> Configuration::list(const std::string& directory) {
  if (!source_.exists(directory)) return absl::NotFoundError("No such file or directory");
  if (names_ >= limits_.names) {
    return absl::OutOfRangeError(
        fmt::format("not listed: more than {} names were looked at", limits_.names));
  }
  absl::StatusOr<std::vector<std::string>> listed = source_.list(directory, limits_.names - names_);
  if (listed.ok()) names_ += listed->size();
  return listed;
}

std::vector<std::string> Configuration::names(const std::string& directory) {
  absl::StatusOr<std::vector<std::string>> listed = list(directory);
  return listed.ok() ? *std::move(listed) : std::vector<std::string>();
}

bool Configuration::exists(const std::string& path) {
  return source_.exists(path);
}

std::vector<std::string> Configuration::matches(const std::string& pattern) {
  if (pattern.find_first_of("*?[") == std::string::npos) return {pattern};
  std::vector<std::string> found;
  if (pattern.starts_with('/') && pattern.size() <= kMostPathBytes)
    expand("", std::string_view(pattern).substr(1), found);
  return found;
}

// One part of the pattern a step: a path has at most kMostPathBytes / 2 of them, and what is listed
// is counted.
void Configuration::expand(const std::string& below, std::string_view rest,
                           std::vector<std::string>& found) {
  const size_t slash = rest.find('/');
  const std::string part(rest.substr(0, slash));
  const bool last = slash == std::string_view::npos;
  const auto step = [&](const std::string& path) {
    if (last)
      found.push_back(path);
    else
      expand(path, rest.substr(slash + 1), found);
  };
  if (part.find_first_of("*?[") == std::string::npos) {
    const std::string path = part.empty() ? below : below + "/" + part;
    if (!last || source_.exists(path)) step(path);
    return;
  }
  const std::string directory = below.empty() ? "/" : below;
  const absl::StatusOr<std::vector<std::string>> listed = list(directory);
  if (!listed.ok()) {
    // What is missing matches nothing, and neither does what is no directory.
    if (!absl::IsNotFound(listed.status()) && !absl::IsFailedPrecondition(listed.status()))
      complain(fmt::format("{}: {}", directory, why(listed.status())));
    return;
  }
  for (const std::string& name : *listed) {
    if (::fnmatch(part.c_str(), name.c_str(), FNM_PERIOD) == 0) step(below + "/" + name);
  }
}

void Configuration::add_use(const Place& place, const std::string& certificate,
                            const std::string& key, const std::vector<std::string>& server_names) {
  if (!is_path(certificate)) {
    complain(place, fmt::format("the certificate '{}' is no absolute path that could be read",
                                printable(certificate, kMostNameBytes)));
    return;
  }
  v1::CertificateUse use;
  use.set_program(program_);
  use.set_configured_at(printable(fmt::format("{}:{}", place.file, place.line)));
  use.set_certificate_path(certificate);
  if (is_path(key)) use.set_key_path(key);
  for (const std::string& written : server_names) {
    const std::string name = asked_for_as(written);
    const size_t so_far = static_cast<size_t>(use.server_names_size());
    if (so_far < limits_.server_names && can_be_told(name, kMostNameBytes))
      use.add_server_names(name);
  }
  const size_t bytes = use.ByteSizeLong();
  if (uses_.size() == limits_.uses || use_bytes_ + bytes > limits_.use_bytes) {
    complain(fmt::format("not told: more than {} servers with a certificate, or {} bytes of them",
                         limits_.uses, limits_.use_bytes));
    return;
  }
  use_bytes_ += bytes;
  uses_.push_back(std::move(use));
}

void Configuration::complain(std::string_view what) {
  std::string complaint = printable(what);
  if (std::find(complaints_.begin(), complaints_.end(), complaint) != complaints_.end()) return;
  if (complaints_.size() < limits_.complaints)
    complaints_.push_back(std::move(complaint));
  else
    ++further_complaints_;
}

void Configuration::complain(const Place& place, std::string_view what) {
  complain(fmt::format("{}:{}: {}", place.file, place.line, what));
}

void Configuration::finish(v1::CertificateFacts& facts) {
  // By line within a file: "default:12" is after "default:2".
  std::stable_sort(uses_.begin(), uses_.end(), [](const auto& one, const auto& other) {
    const auto order = [](const v1::CertificateUse& use) {
      const std::string& at = use.configured_at();
      const size_t colon = at.rfind(':');
      return std::tuple(std::string_view(use.program()), std::string_view(at).substr(0, colon),
                        at.size(), std::string_view(at));
    };
    return order(one) < order(other);
  });
  for (v1::CertificateUse& use : uses_)
    *facts.add_uses() = std::move(use);
  uses_.clear();
  if (further_complaints_ > 0 && !complaints_.empty())
    complaints_.back() = fmt::format("and {} more", further_complaints_ + 1);
  for (std::string& complaint : complaints_)
    facts.add_unread_configurations(std::move(complaint));
  complaints_.clear();
}

}  // namespace muster::configured
