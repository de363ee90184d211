#include "collector/identity/join_token.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "collector/identity/host_name.h"
#include "common/labels.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

constexpr uint32_t kLongestTokenLifetime = 30 * 24 * 3600;
constexpr uint32_t kMostTokenUses = 100'000;

}  // namespace

absl::Status check_token_request(const v1::CreateTokenRequest& request) {
  if (request.lifetime_seconds() < 1 || request.lifetime_seconds() > kLongestTokenLifetime) {
    return absl::InvalidArgumentError("a token lives from 1 second to 30 days");
  }
  if (request.uses() < 1 || request.uses() > kMostTokenUses) {
    return absl::InvalidArgumentError(fmt::format("a token has from 1 to {} uses", kMostTokenUses));
  }
  const Labels labels(request.labels().begin(), request.labels().end());
  if (absl::Status status = check_labels(labels, "a token"); !status.ok()) return status;
  if (request.host().empty()) return absl::OkStatus();
  if (request.uses() != 1) {
    return absl::InvalidArgumentError(
        "a token for one host has one use: each use gives the host to another key");
  }
  return check_host_name(request.host());
}

absl::Status check_token_id(std::string_view id) {
  const bool is_hex = std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
  if (id.size() == kTokenIdDigits && is_hex) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("\"{}\" is not a token's id: {} hex digits, as `muster-collector token list` "
                  "shows them (never the token itself)",
                  printable(id.substr(0, kTokenIdDigits), 100), kTokenIdDigits));
}

v1::TokenSummary summarize_token(const TokenRecord& token) {
  v1::TokenSummary summary;
  summary.set_id(token.sha256.substr(0, kTokenIdDigits));
  *summary.mutable_created_at() = to_proto(token.created_at);
  *summary.mutable_expires_at() = to_proto(token.expires_at);
  summary.set_uses_left(token.uses_left);
  summary.mutable_labels()->insert(token.labels.begin(), token.labels.end());
  summary.set_host(token.host);
  return summary;
}

}  // namespace muster::collector
