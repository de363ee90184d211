// The text of the file `revocations`.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>

#include "collector/store/revocations.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

constexpr size_t kIdDigits = 32;

std::optional<Revocation::Kind> parse_kind(std::string_view text) {
  if (text == "revoked") return Revocation::Kind::kRevoked;
  if (text == "removed") return Revocation::Kind::kRemoved;
  return std::nullopt;
}

bool is_host_id(std::string_view text) {
  return text.size() == kIdDigits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

// Takes the text before the next space out of it.
std::string_view take_word(std::string_view& line) {
  const size_t space = line.find(' ');
  const std::string_view word = line.substr(0, space);
  line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
  return word;
}

std::optional<Revocation> parse_line(std::string_view line) {
  const std::optional<TimePoint> at = parse_iso8601(take_word(line));
  const std::optional<Revocation::Kind> kind = parse_kind(take_word(line));
  const std::string_view id = take_word(line);
  if (!at || !kind || !is_host_id(id)) return std::nullopt;
  // Cut and made printable when it was written; an editor may have been at it since.
  return Revocation{.kind = *kind,
                    .host_id = std::string(id),
                    .at = *at,
                    .reason = printable(line, kRevocationReasonLimit)};
}

}  // namespace

std::string revocation_line(const Revocation& revocation) {
  const std::string reason = printable(revocation.reason, kRevocationReasonLimit);
  return fmt::format("{} {} {}{}{}\n", to_iso8601(revocation.at),
                     revocation.kind == Revocation::Kind::kRevoked ? "revoked" : "removed",
                     revocation.host_id, reason.empty() ? "" : " ", reason);
}

absl::StatusOr<ParsedRevocations> parse_revocations(std::string_view text, std::string_view path) {
  ParsedRevocations parsed;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      parsed.torn = true;
      break;
    }
    std::optional<Revocation> revocation = parse_line(text.substr(0, end));
    if (!revocation) {
      return absl::DataLossError(fmt::format(
          "{} line {}: this is not a revocation (\"{}\"). Somebody who was revoked might get in "
          "again: put the line right from a backup of this file, or take it out if you know that "
          "host to be gone",
          path, number, printable(text.substr(0, end), 100)));
    }
    parsed.revocations.push_back(*std::move(revocation));
    text.remove_prefix(end + 1);
  }
  return parsed;
}

}  // namespace muster::collector
