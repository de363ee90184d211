// Why a join token was not taken: told to the operator, by metric and log, and not to the stranger
// who came with it. It travels beside the message of the status that the stranger is answered with.
#pragma once

#include <absl/status/status.h>

#include <string_view>

namespace muster::collector {

enum class TokenRefusal { kUnknown, kUsed, kExpired };

// PermissionDenied with this message, for which token_refusal_of gives `why`.
absl::Status refused_token(TokenRefusal why, std::string_view message);

// kUnknown where nothing is told.
TokenRefusal token_refusal_of(const absl::Status& status);

}  // namespace muster::collector
