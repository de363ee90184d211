#include "agent/output/protection_sentences.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "agent/output/unmet_subjects.h"
#include "common/text.h"

namespace muster::agent {
namespace {

// Of one product; a host may have hundreds of exclusions.
constexpr size_t kShownParts = 6;

// Those of the host, and those of each product, by what matters most.
constexpr std::array<std::string_view, 4> kRulesOfTheHost = {
    "antivirus_present", "antivirus_protects", "intrusion_detection_present",
    "intrusion_detection_checks"};
constexpr std::array<std::string_view, 10> kRulesOfProducts = {
    "threats_resolved",     "signatures_fresh",  "signatures_loaded",   "full_scan_recent",
    "changes_acknowledged", "events_not_lost",   "protection_licensed", "management_connected",
    "baseline_recent",      "exclusions_allowed"};

// Titles of controls in a sentence.
constexpr size_t kShownTitles = 4;

// What is said of one product, in the order in which it came.
struct Product {
  std::string_view id;
  std::string name = {};
  std::vector<std::string> parts = {};
};

// The subject is the product, or begins with it: "clamav: path /srv". So does the reason, with its
// name: "ClamAV: loaded signatures are 9 days old".
void add(const v1::SubjectVerdict& subject, std::vector<Product>& products) {
  constexpr std::string_view kColon = ": ";
  const std::string_view whole = subject.subject();
  const std::string_view id = whole.substr(0, whole.find(kColon));
  const std::string reason = printable(subject.reason(), kShownReason);
  const size_t colon = reason.find(kColon);
  auto product = std::find_if(products.begin(), products.end(),
                              [id](const Product& known) { return known.id == id; });
  if (product == products.end()) {
    product = products.insert(product, {.id = id});
    product->name =
        colon == std::string::npos ? printable(id, kShownReason) : reason.substr(0, colon);
  }
  product->parts.push_back(colon == std::string::npos ? reason
                                                      : reason.substr(colon + kColon.size()));
}

std::string words_of(const Product& product) {
  const size_t shown = std::min(product.parts.size(), kShownParts);
  std::string words =
      fmt::format("{}: {}", product.name,
                  fmt::join(product.parts.begin(),
                            product.parts.begin() + static_cast<ptrdiff_t>(shown), "; "));
  if (shown < product.parts.size())
    words += fmt::format("; and {} more", product.parts.size() - shown);
  // A product's name is written as it is.
  return words + ".";
}

// Each once: a probe that could not look says so to all that ask it.
void add_sentence(const v1::SubjectVerdict& host, std::vector<std::string>& sentences) {
  std::string text = sentence(printable(host.reason(), kShownReason));
  if (std::find(sentences.begin(), sentences.end(), text) == sentences.end())
    sentences.push_back(std::move(text));
}

// What could not be told of products: the reasons are in the table.
std::string not_known(std::span<const v1::Verdict> verdicts) {
  std::vector<std::string> titles;
  for (const std::string_view rule : kRulesOfProducts) {
    for (const v1::Verdict& verdict : verdicts) {
      if (verdict.rule() != rule || unknown_of({&verdict, 1}, rule).empty()) continue;
      titles.push_back(printable(verdict.title().empty() ? verdict.control() : verdict.title()));
    }
  }
  if (titles.empty()) return {};
  return fmt::format("Not known, for the reasons above: {}.", join_some(titles, kShownTitles));
}

}  // namespace

std::vector<std::string> protection_sentences(std::span<const v1::Verdict> verdicts) {
  std::vector<std::string> sentences;
  for (const std::string_view rule : kRulesOfTheHost) {
    for (const v1::SubjectVerdict* const host : unmet_of(verdicts, rule))
      add_sentence(*host, sentences);
    for (const v1::SubjectVerdict* const host : unknown_of(verdicts, rule))
      add_sentence(*host, sentences);
  }
  std::vector<Product> products;
  for (const std::string_view rule : kRulesOfProducts) {
    for (const v1::SubjectVerdict* const subject : unmet_of(verdicts, rule))
      add(*subject, products);
  }
  for (const Product& product : products)
    sentences.push_back(words_of(product));
  if (std::string unknown = not_known(verdicts); !unknown.empty())
    sentences.push_back(std::move(unknown));
  return sentences;
}

}  // namespace muster::agent
