#include "collector/identity/token_refusal.h"

#include <absl/strings/cord.h>

#include <optional>

namespace muster::collector {
namespace {

constexpr const char* kPayload = "muster.internal/token_refusal";

std::string_view text_of(TokenRefusal why) {
  switch (why) {
    case TokenRefusal::kUsed:
      return "used";
    case TokenRefusal::kExpired:
      return "expired";
    case TokenRefusal::kUnknown:
      break;
  }
  return "unknown";
}

}  // namespace

absl::Status refused_token(TokenRefusal why, std::string_view message) {
  absl::Status status = absl::PermissionDeniedError({message.data(), message.size()});
  const std::string_view text = text_of(why);
  status.SetPayload(kPayload, absl::Cord(absl::string_view(text.data(), text.size())));
  return status;
}

TokenRefusal token_refusal_of(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayload);
  for (const TokenRefusal why : {TokenRefusal::kUsed, TokenRefusal::kExpired}) {
    const std::string_view text = text_of(why);
    if (payload.has_value() && *payload == absl::string_view(text.data(), text.size())) return why;
  }
  return TokenRefusal::kUnknown;
}

}  // namespace muster::collector
