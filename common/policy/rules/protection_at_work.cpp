#include "common/policy/rules/protection_at_work.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "common/policy/rules/few_texts.h"
#include "common/policy/rules/protection_age.h"
#include "common/policy/rules/times.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;
using Answer = AtWork::Answer;

constexpr size_t kProductsInReason = 4;
constexpr size_t kLongestPart = 400;
// What is said of one has commas of its own.
constexpr std::string_view kBetweenProducts = "; ";

// "is passive"; with its own words where they say more.
std::string mode_words(const Product& product, std::string_view mode) {
  const std::string own = words_of(product.mode_words());
  if (own.empty() || own == mode || own == fmt::format("{} mode", mode))
    return fmt::format("is {}", mode);
  return fmt::format("is {} (\"{}\")", mode, own);
}

// Of a product whose mode is not told.
std::string why_not_told(const Product& product) {
  for (const char* const fact : {"mode", "running", "real_time"}) {
    if (const auto why = why_unread(product, fact))
      return fmt::format("could not be asked: {}", *why);
  }
  return "does not tell";
}

// What there is to say of several products.
class Products {
 public:
  void add(const Product& product, AtWork at_work) {
    std::string words = fmt::format("{} {}", name_of(product), at_work.words);
    if (at_work.answer == Answer::kMaybe) maybe_.add(words, kLongestPart);
    if (at_work.answer == Answer::kNo) no_.add(words, kLongestPart);
    if (at_work.answer != Answer::kYes) {
      holds_until_ = std::min(holds_until_, at_work.holds_until);
      reads_until_ = std::min(reads_until_, at_work.reads_until);
    } else if (!has_one_ || one_.holds_until < at_work.holds_until) {
      has_one_ = true;
      one_ = std::move(at_work);
      one_.words = name_of(product);
    }
  }

  Judgement judgement(std::string_view does, std::string_view missing) const {
    if (has_one_) {
      return {.kind = Kind::kMet,
              .reason = fmt::format("{} {}", one_.words, does),
              .holds_until = one_.holds_until};
    }
    Judgement judgement{.holds_until = holds_until_, .reads_until = reads_until_};
    if (maybe_.empty() && missing.empty()) {
      judgement.kind = Kind::kUnmet;
      judgement.reason = fmt::format("nothing {}: {}", does, no_.joined(kBetweenProducts));
      return judgement;
    }
    std::vector<std::string> parts;
    for (const FewTexts* const texts : {&maybe_, &no_}) {
      if (!texts->empty()) parts.push_back(texts->joined(kBetweenProducts));
    }
    if (!missing.empty()) parts.push_back(fmt::format("another may be missing: {}", missing));
    judgement.reason = fmt::format("whether anything {} cannot be told: {}", does,
                                   fmt::join(parts, kBetweenProducts));
    return judgement;
  }

 private:
  FewTexts maybe_{kProductsInReason};
  FewTexts no_{kProductsInReason};
  bool has_one_ = false;
  AtWork one_;
  TimePoint holds_until_ = TimePoint::max();
  TimePoint reads_until_ = TimePoint::max();
};

}  // namespace

std::optional<AtWork> at_work_by_mode(const Product& product) {
  const bool is_stopped = product.running() == v1::ANSWER_NO;
  switch (product.mode()) {
    case v1::PROTECTION_MODE_ACTIVE:
      if (is_stopped) return AtWork{Answer::kNo, "does not run"};
      if (const auto why = why_unread(product, "running")) {
        return AtWork{Answer::kMaybe, fmt::format("may not run: {}", *why)};
      }
      return AtWork{Answer::kYes, ""};
    case v1::PROTECTION_MODE_PASSIVE:
      return AtWork{Answer::kNo, mode_words(product, "passive")};
    case v1::PROTECTION_MODE_REDUCED:
      return AtWork{Answer::kNo, mode_words(product, "in a reduced mode")};
    case v1::PROTECTION_MODE_OFF:
      return AtWork{Answer::kNo, mode_words(product, "off")};
    case v1::PROTECTION_MODE_ON_DEMAND:
      return std::nullopt;
    default:
      if (is_stopped) return AtWork{Answer::kNo, "does not run"};
      return AtWork{Answer::kMaybe, why_not_told(product)};
  }
}

AtWork judge_schedule(const Product& product, std::string_view what) {
  if (product.checks_scheduled() == v1::ANSWER_YES) return {Answer::kYes, ""};
  const std::string own = words_of(product.mode_words());
  const std::string looks =
      own.empty() ? "looks when it is told to" : fmt::format("looks when it is told to ({})", own);
  if (product.checks_scheduled() == v1::ANSWER_NO) {
    return {Answer::kNo, fmt::format("{}, and nothing runs {}", looks, what)};
  }
  const auto why = why_unread(product, "checks_scheduled");
  return {Answer::kMaybe,
          fmt::format("{}, and whether anything runs {} {}", looks, what,
                      why ? fmt::format("could not be read: {}", *why) : "is not told")};
}

AtWork judge_last_look(const Product& product, const v1::LastCheck& last,
                       const LastLookWords& words, AtWork at_work, Duration most, TimePoint now) {
  if (const auto why = why_unread(product, words.fact)) {
    return {Answer::kMaybe, fmt::format("may not have {}: {}", words.looked, *why)};
  }
  if (last.result() == v1::CHECK_RESULT_NEVER) return {Answer::kNo, std::string(words.never)};
  if (last.result() == v1::CHECK_RESULT_FAILED) {
    return {Answer::kNo,
            fmt::format("does not {}: {}", words.look, failed_words(words.name, last))};
  }
  const google::protobuf::Timestamp* const time = time_of(last);
  if (time == nullptr) {
    return {Answer::kMaybe, fmt::format("does not tell when it last {}", words.looked)};
  }
  const TimePoint looked_at = from_proto(*time);
  if (is_in_the_future(looked_at, now)) {
    return {
        Answer::kMaybe,
        fmt::format("last {} on {}, which has not come yet", words.looked, to_iso_date(looked_at)),
        saturating_add(looked_at, -kTomorrow)};
  }
  const TimePoint too_old = saturating_add(looked_at, most);
  if (now >= too_old) {
    const Age age = describe_age(looked_at, now);
    return {Answer::kNo, fmt::format("last {} {} ago", words.looked, age.words), TimePoint::max(),
            age.changes_at};
  }
  if (last.result() == v1::CHECK_RESULT_UNSPECIFIED) {
    return {Answer::kMaybe, fmt::format("does not tell how {} ended", words.name), too_old};
  }
  at_work.holds_until = too_old;
  return at_work;
}

RuleOutput judge_at_work(const RuleInput& input, std::string_view probe, std::string_view does,
                         const JudgeAtWork& judge) {
  RuleOutput output;
  const ProtectionSection section = read_protection(input, probe, output);
  if (section.products == nullptr) return output;
  Products products;
  visit_products(section, [&](const Product& product) { products.add(product, judge(product)); });
  Judgement judgement = products.judgement(does, section.problem);
  if (section.products->empty() && section.problem.empty()) {
    judgement.kind = Kind::kNotApplicable;
    judgement.reason = fmt::format("no {} is installed", kind_of_products(probe));
  }
  judgement.holds_until = std::min(judgement.holds_until, section.holds_until);
  output.judgements.push_back(std::move(judgement));
  return output;
}

RuleOutput judge_present(const RuleInput& input, std::string_view probe) {
  RuleOutput output;
  const ProtectionSection section = read_protection(input, probe, output);
  if (section.products == nullptr) return output;
  const std::string_view kind = kind_of_products(probe);
  Judgement judgement{.holds_until = section.holds_until};
  FewTexts installed(kProductsInReason);
  for (const Product& product : *section.products) {
    std::string words = name_of(product);
    if (!product.version().empty()) words += " " + printable(product.version(), 64);
    installed.add(words, kLongestPart);
  }
  if (!section.products->empty()) {
    judgement.kind = Kind::kMet;
    judgement.reason = fmt::format(
        "{} {} installed", installed.size() == 2 ? installed.joined(" and ") : installed.joined(),
        installed.size() == 1 ? "is" : "are");
  } else if (!section.problem.empty()) {
    judgement.reason =
        fmt::format("whether any {} is installed cannot be told: {}", kind, section.problem);
  } else {
    judgement.kind = Kind::kUnmet;
    judgement.reason =
        fmt::format("no {} is installed: none of the products that Muster looks for", kind);
  }
  output.judgements.push_back(std::move(judgement));
  return output;
}

}  // namespace muster::policy
