// What a join token may be, and how it is listed. Pure; any thread.
#pragma once

#include <absl/status/status.h>

#include "collector/store/store.h"
#include "muster/v1/fleet.pb.h"

namespace muster::collector {

// Hex digits of its digest that name a token where it is listed.
inline constexpr size_t kTokenIdDigits = 8;

absl::Status check_token_request(const v1::CreateTokenRequest& request);

// Of a token that is to be revoked.
absl::Status check_token_id(std::string_view id);

v1::TokenSummary summarize_token(const TokenRecord& token);

}  // namespace muster::collector
