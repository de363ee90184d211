// Small readings of text that WHOIS answers are made of. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace muster::domains::whois {

// ASCII letters only: names of domains and fields need no more.
std::string lower(std::string_view text);

// Runs of letters and digits in lower case; bytes above ASCII count as letters: "Paid-till (UTC)"
// is "paid", "till", "utc".
std::vector<std::string> words_of(std::string_view text);
std::string joined(const std::vector<std::string>& words);

// Parts between any of `separators`, without the empty ones.
std::vector<std::string_view> parts_of(std::string_view text, std::string_view separators);

// "NS1.Example.ORG." -> "ns1.example.org". Empty for what is no name of a host: letters, digits,
// dots and hyphens (and the underscore, for the hosts that have one), at least two labels, and no
// IP address.
std::string host_name(std::string_view text);

// As host_name; text in another script is given in punycode, and a single label is a name, too. The
// last for what registries of registries (IANA) answer.
std::string domain_name(std::string_view text);

// The same for a word of a sentence, most of which are no names: a single label is one only if it
// is `asked`.
std::string domain_in_sentence(std::string_view word, std::string_view asked);

}  // namespace muster::domains::whois
