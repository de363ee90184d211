#include "collector/http/negotiation.h"

#include <absl/strings/ascii.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_split.h>

#include <optional>
#include <string>
#include <vector>

namespace muster::collector::http {
namespace {

// One element of a list: "text/plain;version=0.0.4;q=0.5".
struct Choice {
  std::string value;
  std::string version;
  double weight = 1;
};

// A header of a client that means well has a handful.
constexpr size_t kChoiceLimit = 32;

// Elements whose weight is not a number from 0 to 1 are left out: what cannot be read was not
// asked for.
std::vector<Choice> parse_choices(std::string_view header) {
  std::vector<Choice> choices;
  for (absl::string_view element :
       absl::StrSplit(absl::string_view(header.data(), header.size()), ',')) {
    if (choices.size() == kChoiceLimit) break;
    Choice choice;
    bool readable = true;
    bool first = true;
    for (absl::string_view part : absl::StrSplit(element, ';')) {
      part = absl::StripAsciiWhitespace(part);
      if (first) {
        choice.value = absl::AsciiStrToLower(part);
        first = false;
        continue;
      }
      const size_t equals = part.find('=');
      if (equals == absl::string_view::npos) continue;
      const std::string name =
          absl::AsciiStrToLower(absl::StripAsciiWhitespace(part.substr(0, equals)));
      absl::string_view value = absl::StripAsciiWhitespace(part.substr(equals + 1));
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
        value = value.substr(1, value.size() - 2);
      }
      if (name == "version") choice.version = std::string(value.data(), value.size());
      if (name == "q") {
        readable =
            absl::SimpleAtod(value, &choice.weight) && choice.weight >= 0 && choice.weight <= 1;
      }
      if (!readable) break;
    }
    if (readable && !choice.value.empty()) choices.push_back(std::move(choice));
  }
  return choices;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  std::optional<double> named;
  std::optional<double> any;
  for (const Choice& choice : parse_choices(accept_encoding)) {
    if (choice.value == "gzip" || choice.value == "x-gzip") named = choice.weight;
    if (choice.value == "*") any = choice.weight;
  }
  return named.value_or(any.value_or(0)) > 0;
}

bool prefers_openmetrics(std::string_view accept) {
  double openmetrics = 0;
  std::optional<double> plain;
  std::optional<double> any_text;
  std::optional<double> anything;
  for (const Choice& choice : parse_choices(accept)) {
    if (choice.value == "application/openmetrics-text" &&
        (choice.version.empty() || choice.version == "1.0.0")) {
      openmetrics = std::max(openmetrics, choice.weight);
    }
    if (choice.value == "text/plain" && (choice.version.empty() || choice.version == "0.0.4")) {
      plain = std::max(plain.value_or(0), choice.weight);
    }
    if (choice.value == "text/*") any_text = choice.weight;
    if (choice.value == "*/*") anything = choice.weight;
  }
  // The most specific word about the plain format counts.
  const double text = plain.value_or(any_text.value_or(anything.value_or(0)));
  return openmetrics > 0 && openmetrics >= text;
}

}  // namespace muster::collector::http
