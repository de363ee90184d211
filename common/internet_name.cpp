#include "common/internet_name.h"

#include <fmt/format.h>
#include <idn2.h>

#include <algorithm>
#include <memory>

#include "common/text.h"

namespace muster {
namespace {

// A name of 253 bytes in DNS has at most as many characters, of up to four bytes each.
constexpr size_t kLongestWritten = 4 * 253;
constexpr size_t kLongestName = 253;

struct Idn2Free {
  void operator()(char* text) const { idn2_free(text); }
};
using Idn2Text = std::unique_ptr<char, Idn2Free>;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

absl::Status not_a_domain(std::string_view name, std::string_view why) {
  return absl::InvalidArgumentError(
      fmt::format("'{}' is no domain: {}", printable(name, 300), why));
}

// Old resolvers read "127.1", "0x7f.1" and "2130706433" as addresses: a last label that begins like
// a number is none of a name (RFC 3696, section 2).
bool ends_in_a_number(std::string_view name) {
  const std::string_view last = name.substr(name.rfind('.') + 1);
  if (std::all_of(last.begin(), last.end(), is_digit)) return true;
  return last.starts_with("0x") &&
         last.find_first_not_of("0123456789abcdef", 2) == std::string_view::npos;
}

std::string_view why_not(int result) {
  switch (result) {
    case IDN2_TOO_BIG_DOMAIN:
      return "it is longer than 253 bytes";
    case IDN2_TOO_BIG_LABEL:
      return "a label is longer than 63 bytes";
    case IDN2_ALABEL_ROUNDTRIP_FAILED:
      return "a punycode label is not what it stands for";
    case IDN2_BIDI:
      return "it mixes directions of writing in a way that IDNA does not allow";
    case IDN2_2HYPHEN:
      return "a label has hyphens in its third and fourth place";
    case IDN2_HYPHEN_STARTEND:
      return "a label begins or ends with a hyphen";
    case IDN2_DOT_IN_LABEL:
    case IDN2_INVALID_ALABEL:
    case IDN2_PUNYCODE_BAD_INPUT:
    case IDN2_PUNYCODE_OVERFLOW:
    case IDN2_PUNYCODE_BIG_OUTPUT:
      return "a label that begins with xn-- is no punycode";
    case IDN2_DISALLOWED:
    case IDN2_UNASSIGNED:
    case IDN2_INVALID_NONTRANSITIONAL:
      return "it has a character that IDNA 2008 does not allow";
    default:
      return idn2_strerror(result);
  }
}

// Empty, or why this is not a name of letters, digits and hyphens (RFC 952, 1123).
std::string_view problem_of(std::string_view name) {
  if (name.size() > kLongestName) return "it is longer than 253 bytes";
  size_t labels = 0;
  for (size_t start = 0; start <= name.size(); ++labels) {
    const size_t end = std::min(name.find('.', start), name.size());
    const std::string_view label = name.substr(start, end - start);
    start = end + 1;
    if (label.empty()) return "a label is empty";
    if (label.size() > 63) return "a label is longer than 63 bytes";
    if (label.front() == '-' || label.back() == '-') return "a label begins or ends with a hyphen";
    if (label.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") !=
        std::string_view::npos) {
      return "a label may have letters, digits and hyphens only";
    }
  }
  if (ends_in_a_number(name)) return "it is an IP address, or could be taken for one";
  if (labels < 2) return "it has no dot";
  return {};
}

}  // namespace

absl::StatusOr<std::string> to_internet_name(std::string_view name) {
  if (name.empty()) return absl::InvalidArgumentError("the name of a domain is empty");
  if (name.size() > kLongestWritten) return not_a_domain(name, "it is longer than 253 bytes");
  // libidn2 reads C strings.
  if (name.find('\0') != std::string_view::npos || !is_valid_utf8(name)) {
    return not_a_domain(name, "it is no text in UTF-8");
  }
  char* output = nullptr;
  // Not IDN2_USE_STD3_ASCII_RULES: with it libidn2 leaves out "_" and blanks, and gives another
  // name.
  const int result =
      idn2_to_ascii_8z(std::string(name).c_str(), &output, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
  const Idn2Text ascii(output);
  if (result != IDN2_OK) return not_a_domain(name, why_not(result));
  // The full stops of other scripts are dots by now.
  std::string text = ascii.get();
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (text.ends_with('.')) text.pop_back();
  const std::string_view problem = problem_of(text);
  if (!problem.empty()) return not_a_domain(name, problem);
  return text;
}

}  // namespace muster
