// Names of domains as people write them, in the form that DNS and registries know them by. Pure;
// any thread.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

namespace muster {

// "Bücher.Example." -> "xn--bcher-kva.example": lower case, A-labels, no last dot. By IDNA 2008
// (RFC 5891) with the mapping of UTS #46, not transitional: "ß" and the joiners are characters of
// their own. At least two labels; of each, letters, digits and hyphens only.
//
// InvalidArgument, and why, for what no domain is called: an empty or too long label, a character
// that IDNA does not allow, a punycode label that is not what it stands for, an IP address, a
// single label.
absl::StatusOr<std::string> to_internet_name(std::string_view name);

}  // namespace muster
