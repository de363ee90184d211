#include "agent/launcher/look_result.h"

#include <fmt/format.h>

#include <csignal>
#include <cstring>

#include "agent/launcher/section_stream.h"
#include "agent/output/status_text.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::agent {
namespace {

constexpr size_t kQuotedLimit = 400;

// ": what it said", where it said anything: the first line, which names the cause more often than
// the last.
std::string first_line(std::string_view error_output) {
  const std::string_view text = trim(error_output);
  if (text.empty()) return {};
  return ": " + printable(trim(text.substr(0, text.find('\n'))), kQuotedLimit);
}

// "4 MiB", "16 KiB", "10 bytes".
std::string describe_size(size_t bytes) {
  if (bytes >= 1 << 20 && bytes % (1 << 20) == 0) return fmt::format("{} MiB", bytes >> 20);
  if (bytes >= 1 << 10 && bytes % (1 << 10) == 0) return fmt::format("{} KiB", bytes >> 10);
  return fmt::format("{} bytes", bytes);
}

// "30 s", "1500 ms": a limit is said exactly.
std::string describe_limit(Duration limit) {
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(limit).count();
  return milliseconds % 1000 == 0 ? fmt::format("{} s", milliseconds / 1000)
                                  : fmt::format("{} ms", milliseconds);
}

std::string signal_name(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", signal);
}

std::string not_started(const LaunchRequest& request, const absl::Status& error) {
  if (absl::IsNotFound(error)) {
    return fmt::format("is not installed at {}", printable(request.program, kQuotedLimit));
  }
  return fmt::format("could not be started from {}: {}", printable(request.program, kQuotedLimit),
                     printable(text_of(error), kQuotedLimit));
}

}  // namespace

std::string mishap(const LaunchRequest& request, const LaunchResult& result) {
  switch (result.end) {
    case LaunchResult::End::kNotStarted:
      return not_started(request, result.error);
    case LaunchResult::End::kLauncherGone:
      return fmt::format("was not run to its end: {}",
                         printable(text_of(result.error), kQuotedLimit));
    case LaunchResult::End::kTimedOut:
      return fmt::format("was killed after {}{}", describe_limit(request.timeout),
                         first_line(result.error_output));
    case LaunchResult::End::kTooMuchOutput:
      return fmt::format("wrote more than {} and was killed", describe_size(request.output_limit));
    case LaunchResult::End::kGivenUp:
      return "was given up";
    case LaunchResult::End::kSignalled:
      if (result.code == SIGXCPU) {
        return fmt::format("used more processor time than it is allowed and was killed{}",
                           first_line(result.error_output));
      }
      if (result.code == SIGSYS) {
        return "made a system call that its sandbox forbids and was ended by SIGSYS; the kernel's "
               "log names the call: journalctl -k --grep type=1326";
      }
      return fmt::format("was ended by {}{}", signal_name(result.code),
                         first_line(result.error_output));
    case LaunchResult::End::kExited:
      if (result.code == 0) return {};
      return fmt::format("ended with status {}{}", result.code, first_line(result.error_output));
  }
  return "ended in an unknown way";
}

std::string failed_reason(const ProbeRow& row, std::string_view what) {
  return truncate_utf8(fmt::format("{} {}", row.program, what), kReasonLimit);
}

v1::Section section_of(const ProbeRow& row, const LaunchRequest& request,
                       const LaunchResult& result, TimePoint now) {
  const auto failed = [&](const std::string& what) {
    v1::Section section;
    section.set_outcome(v1::OUTCOME_FAILED);
    section.set_reason(failed_reason(row, what));
    return section;
  };
  const auto read_output = [&]() -> v1::Section {
    absl::StatusOr<std::vector<v1::Section>> sections = parse_section_stream(result.output);
    if (!sections.ok()) {
      return failed(fmt::format("broke the probe contract: {}", text_of(sections.status())));
    }
    if (sections->size() != 1) {
      return failed(fmt::format("broke the probe contract: {} sections where one belongs{}",
                                sections->size(), first_line(result.error_output)));
    }
    v1::Section& section = sections->front();
    if (!section.entity().empty()) {
      return failed("broke the probe contract: it speaks for another entity than the host");
    }
    if (section.probe() != row.name) {
      return failed(fmt::format("broke the probe contract: it says it is '{}'",
                                printable(section.probe(), 80)));
    }
    return std::move(section);
  };

  const std::string what = mishap(request, result);
  v1::Section section = what.empty() ? read_output() : failed(what);
  section.set_probe(std::string(row.name));
  *section.mutable_observed_at() = to_proto(now);
  return section;
}

}  // namespace muster::agent
