// Statuses of domains by the names that EPP gives them (RFC 8056). Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace muster::domains::rdap {

// "client transfer prohibited" -> "clientTransferProhibited", "active" -> "ok", "associated" ->
// "linked"; also for EPP's own names, in any case, and with EPP's URL behind them. What has no name
// in EPP stays as it is, in lower case and printable: "transfer prohibited", "locked". Empty for
// blanks.
std::string epp_status(std::string_view status);

}  // namespace muster::domains::rdap
