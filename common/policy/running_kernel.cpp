#include "common/policy/running_kernel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include "common/text.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

std::string shown(std::string_view text) {
  return printable(text, 128);
}

bool is_of_a_version(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '+' || c == '~' ||
         c == '-' || c == '_';
}

// "6.1.119-1" in "#1 SMP Debian 6.1.119-1 (2024-11-22)", and not in "6.1.119-10".
bool has_word(std::string_view text, std::string_view word) {
  for (size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    const bool begins = at == 0 || !is_of_a_version(text[at - 1]);
    if (begins && (end == text.size() || !is_of_a_version(text[end]))) return true;
  }
  return false;
}

// What the releases of one flavour have in common: "--amd", "--rt-amd", "--generic". Of the running
// kernel nothing else tells its flavour once its package is gone.
std::string without_numbers(std::string_view release) {
  std::string letters;
  for (const char c : release) {
    const bool is_number = std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_';
    if (!is_number) letters += c;
  }
  return letters;
}

bool is_this_build(const v1::RunningKernel& running, const InstalledKernelView& kernel) {
  return kernel.build.empty() || has_word(running.version(), kernel.build) ||
         has_word(running.version_signature(), kernel.build);
}

// The level that it was brought to without a restart; empty: it was not.
std::string live_patched(const v1::RunningKernel& running) {
  const bool is_patched = std::any_of(running.live_patches().begin(), running.live_patches().end(),
                                      [](const v1::LivePatch& patch) { return patch.enabled(); });
  if (!running.effective_level().empty()) {
    return "live-patched to " + shown(running.effective_level());
  }
  return is_patched ? "live-patched" : "";
}

Judgement pending(const v1::RunningKernel& running, std::string reason) {
  if (const std::string patched = live_patched(running); !patched.empty()) {
    reason += fmt::format("; {}, restart at the next occasion", patched);
  }
  return {.kind = Kind::kUnmet, .reason = std::move(reason)};
}

std::string named(const InstalledKernelView& kernel) {
  return kernel.version.empty()
             ? shown(kernel.release)
             : fmt::format("{} ({})", shown(kernel.release), shown(kernel.version));
}

// Of a release that is installed, in this build or in another.
Judgement judge_installed(const v1::RunningKernel& running,
                          std::span<const InstalledKernelView> installed,
                          const InstalledKernelView& entry) {
  const auto newest = std::find_if(
      installed.begin(), installed.end(),
      [&entry](const InstalledKernelView& kernel) { return kernel.flavour == entry.flavour; });
  const bool is_build = is_this_build(running, entry);
  if (is_build && &*newest == &entry) {
    const std::string patched = live_patched(running);
    return {.kind = Kind::kMet,
            .reason = fmt::format("{} runs, the newest of its kind{}", shown(running.release()),
                                  patched.empty() ? "" : ", " + patched)};
  }
  if (!is_build && running.version().empty() && running.version_signature().empty()) {
    return {.kind = Kind::kUnknown,
            .reason = fmt::format("it could not be told which build of {} runs",
                                  shown(running.release()))};
  }
  if (newest->release == running.release()) {
    return pending(running, fmt::format("an older build of {} runs, {} is installed",
                                        shown(running.release()), shown(newest->version)));
  }
  return pending(running,
                 fmt::format("{} runs, {} is installed", shown(running.release()), named(*newest)));
}

}  // namespace

Judgement judge_running_kernel(const v1::RunningKernel& running,
                               std::span<const InstalledKernelView> installed) {
  if (running.state() == v1::RESTART_STATE_NOT_APPLICABLE) {
    return {.kind = Kind::kNotApplicable,
            .reason = running.reason().empty() ? "there is no kernel to restart here"
                                               : printable(running.reason(), 300)};
  }
  if (running.release().empty()) {
    return {.kind = Kind::kUnknown,
            .reason = running.reason().empty() ? "it could not be told which kernel runs"
                                               : printable(running.reason(), 300)};
  }
  const InstalledKernelView* entry = nullptr;
  for (const InstalledKernelView& kernel : installed) {
    if (kernel.release != running.release()) continue;
    if (entry == nullptr || !is_this_build(running, *entry)) entry = &kernel;
  }
  if (entry != nullptr) return judge_installed(running, installed, *entry);
  if (installed.empty()) {
    return {.kind = Kind::kUnknown,
            .reason = fmt::format("{} runs, and no installed kernel is told of to compare it with",
                                  shown(running.release()))};
  }
  const std::string letters = without_numbers(running.release());
  const auto alike = std::find_if(installed.begin(), installed.end(),
                                  [&letters](const InstalledKernelView& kernel) {
                                    return without_numbers(kernel.release) == letters;
                                  });
  if (alike == installed.end()) {
    return {
        .kind = Kind::kUnknown,
        .reason = fmt::format("{} runs, which no installed package brings, and none of its kind",
                              shown(running.release()))};
  }
  return pending(running, fmt::format("{} runs, whose package was removed; {} is installed",
                                      shown(running.release()), named(*alike)));
}

}  // namespace muster::policy
