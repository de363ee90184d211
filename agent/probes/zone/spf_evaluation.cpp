#include "agent/probes/zone/spf_evaluation.h"

#include <absl/strings/ascii.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agent/probes/zone/spf_terms.h"
#include "common/text.h"

namespace muster::zone {
namespace {

namespace asio = boost::asio;

constexpr size_t kTextLimit = 1024;
constexpr size_t kDetailLimit = 256;
constexpr size_t kNameShown = 100;

std::vector<std::string> spf_texts(const FoundRecords& found) {
  std::vector<std::string> texts;
  for (const Record& record : found.records(Type::kTxt))
    if (std::string text = record.text(); is_spf(text)) texts.push_back(std::move(text));
  return texts;
}

std::string as_question(std::string_view domain) {
  std::string name = absl::AsciiStrToLower({domain.data(), domain.size()});
  if (name.ends_with('.')) name.pop_back();
  return name;
}

class Evaluation {
 public:
  explicit Evaluation(ZoneRecords& records) : records_(records) {}

  // `whole`: what it says of all others is said for the domain, as a redirect takes it over.
  asio::awaitable<void> walk(std::string domain, SpfTerms terms, bool whole) {
    if (whole) all_ = terms.all;
    for (const SpfTerm& term : terms.terms) {
      if (!term.looks_up()) continue;
      if (!count()) co_return;
      if (term.name == "ptr") uses_ptr_ = true;
      const std::string to = term.domain.empty() ? domain : as_question(term.domain);
      if (has_macro(to)) continue;
      if (term.name == "include") co_await enter(to, "include:", false);
      if (term.name == "a" || term.name == "exists") co_await look_up_addresses(to, term.name);
      if (term.name == "mx") co_await look_up_exchangers(to);
    }
    if (terms.redirect.empty() || !count() || has_macro(terms.redirect)) co_return;
    co_await enter(as_question(terms.redirect), "redirect=", whole);
  }

  void write(v1::SpfRecord& record) const {
    record.set_lookups(lookups_);
    record.set_all(all_);
    record.set_state(v1::RECORD_STATE_INVALID);
    if (!problem_.empty()) {
      record.set_detail(printable(problem_, kDetailLimit));
    } else if (lookups_ > kMostSpfLookups) {
      record.set_detail(fmt::format("evaluating it takes {}{} look-ups, and {} are allowed",
                                    lookups_ >= kMostCountedLookups ? "at least " : "", lookups_,
                                    kMostSpfLookups));
    } else if (!unknown_.empty()) {
      record.set_state(v1::RECORD_STATE_UNSPECIFIED);
      record.set_detail(printable(unknown_, kDetailLimit));
    } else if (voids_ > kMostVoidLookups) {
      record.set_detail(fmt::format("{} of its look-ups find nothing, and {} are allowed", voids_,
                                    kMostVoidLookups));
    } else {
      record.set_state(v1::RECORD_STATE_PRESENT);
      if (uses_ptr_) record.set_detail("it uses ptr, which shall not be used any more");
    }
  }

 private:
  // Whether the next look-up may be followed.
  bool count() {
    if (lookups_ >= kMostCountedLookups) return false;
    ++lookups_;
    return true;
  }

  void complain(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }

  // Whether it is known what the name has.
  bool know(const FoundRecords& found) {
    if (found.state != v1::RECORD_STATE_UNSPECIFIED) return true;
    if (unknown_.empty()) unknown_ = found.why;
    return false;
  }

  asio::awaitable<void> enter(std::string domain, std::string by, bool whole) {
    const FoundRecords found = co_await records_.find_elsewhere(domain, Type::kTxt);
    if (!know(found)) co_return;
    const std::vector<std::string> texts = spf_texts(found);
    const std::string what = by + printable(domain, kNameShown);
    if (texts.size() != 1) {
      complain(fmt::format("{} leads to {} record{} of SPF", what,
                           texts.empty() ? "no" : std::to_string(texts.size()),
                           texts.empty() ? "" : "s"));
      co_return;
    }
    absl::StatusOr<SpfTerms> terms = parse_spf(texts.front());
    if (!terms.ok()) {
      complain(fmt::format("the record of {}: {}", what, std::string(terms.status().message())));
      co_return;
    }
    co_await walk(std::move(domain), *std::move(terms), whole);
  }

  // RFC 7208 counts the question of whoever evaluates, for IPv4 or for IPv6; void is what is so for
  // both. `exists` is of IPv4 alone.
  asio::awaitable<void> look_up_addresses(std::string domain, std::string mechanism) {
    FoundRecords found = co_await records_.find_elsewhere(domain, Type::kA);
    if (!know(found) || found.state == v1::RECORD_STATE_PRESENT) co_return;
    if (mechanism == "a") {
      found = co_await records_.find_elsewhere(domain, Type::kAaaa);
      if (!know(found) || found.state == v1::RECORD_STATE_PRESENT) co_return;
    }
    ++voids_;
  }

  asio::awaitable<void> look_up_exchangers(std::string domain) {
    constexpr size_t kMostExchangers = 10;
    const FoundRecords found = co_await records_.find_elsewhere(domain, Type::kMx);
    if (!know(found)) co_return;
    if (found.state == v1::RECORD_STATE_ABSENT) ++voids_;
    if (found.records(Type::kMx).size() > kMostExchangers) {
      complain(fmt::format("mx of {} leads to more than {} mail servers",
                           printable(domain, kNameShown), kMostExchangers));
    }
  }

  ZoneRecords& records_;
  unsigned lookups_ = 0;
  unsigned voids_ = 0;
  bool uses_ptr_ = false;
  std::string all_;
  std::string problem_;
  std::string unknown_;
};

}  // namespace

asio::awaitable<v1::SpfRecord> evaluate_spf(ZoneRecords& records, std::string domain,
                                            FoundRecords found) {
  v1::SpfRecord record;
  record.set_state(found.state);
  record.set_detail(printable(found.why, kDetailLimit));
  if (found.state != v1::RECORD_STATE_PRESENT) co_return record;
  const std::vector<std::string> texts = spf_texts(found);
  if (texts.empty()) {
    record.set_state(v1::RECORD_STATE_ABSENT);
    co_return record;
  }
  record.set_text(printable(texts.front(), kTextLimit));
  record.set_state(v1::RECORD_STATE_INVALID);
  if (texts.size() > 1) {
    record.set_detail(
        fmt::format("there are {} records, and who finds several uses none", texts.size()));
    co_return record;
  }
  absl::StatusOr<SpfTerms> terms = parse_spf(texts.front());
  if (!terms.ok()) {
    record.set_detail(printable(std::string(terms.status().message()), kDetailLimit));
    co_return record;
  }
  Evaluation evaluation(records);
  co_await evaluation.walk(std::move(domain), *std::move(terms), true);
  evaluation.write(record);
  co_return record;
}

}  // namespace muster::zone
