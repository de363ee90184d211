// Statuses of domains as registries write them, by the names of EPP (RFC 5731, RFC 3915). Pure; any
// thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace muster::domains::whois {

// "CLIENT_TRANSFER_PROHIBITED https://…", "Transfer Prohibited by Registrar" ->
// clientTransferProhibited; several with commas between them. What EPP has no name for stays as it
// is written, without what stands behind it in parentheses.
std::vector<std::string> statuses_in(std::string_view value);

// What a status says of whether there is such a domain.
enum class Existence { kUnknown, kRegistered, kFree, kReserved };
Existence existence_by(std::string_view status);

}  // namespace muster::domains::whois
