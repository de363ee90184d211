// signatures_fresh: what each product finds threats with was made not longer ago than
// signatures_max_age: what is loaded, or what lies on disk of a scanner that loads it at each scan.
// A product that names them and does not tell how old they are goes by its last update.
#include <fmt/format.h>

#include <string>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/protection.h"
#include "common/policy/rules/protection_age.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

// Not where those on disk and those that are loaded are two things: an update is of the former.
bool updates_what_it_loads(const Product& product) {
  return product.has_last_update_succeeded_at() && !product.has_disk_signatures() &&
         !why_unread(product, "disk_signatures");
}

Judgement judge_last_update(const Product& product, const std::string& version,
                            const RuleInput& input) {
  const std::string words =
      fmt::format("it does not tell how old its signatures {} are; it last updated", version);
  return judge_age(product, from_proto(product.last_update_succeeded_at()),
                   input.duration("signatures_max_age"), input.now,
                   {.fresh = words + " on", .before = words, .after = "ago"});
}

Judgement judge_signatures(const Product& product, const v1::Signatures& signatures,
                           std::string_view which, const RuleInput& input) {
  const std::string version = printable(signatures.version(), 64);
  if (!signatures.has_built_at()) {
    if (!version.empty() && updates_what_it_loads(product)) {
      return judge_last_update(product, version, input);
    }
    if (const auto why = why_unread(product, "loaded_signatures.built_at")) {
      return judgement_of(
          product, Kind::kUnknown,
          fmt::format("when {} signatures were made could not be read: {}", which, *why));
    }
    return judgement_of(
        product, Kind::kUnknown,
        version.empty()
            ? fmt::format("{} signatures are local ones: they have no version and "
                          "no time",
                          which)
            : fmt::format("{} signatures {} do not tell when they were made", which, version));
  }
  const std::string fresh =
      fmt::format("{} signatures{}{} were made on", which, version.empty() ? "" : " ", version);
  return judge_age(
      product, from_proto(signatures.built_at()), input.duration("signatures_max_age"), input.now,
      {.fresh = fresh, .before = fmt::format("{} signatures are", which), .after = "old"});
}

Judgement judge_product(const Product& product, const RuleInput& input) {
  if (product.has_loaded_signatures()) {
    return judge_signatures(product, product.loaded_signatures(), "loaded", input);
  }
  const bool is_scanner = product.mode() == v1::PROTECTION_MODE_ON_DEMAND;
  if (is_scanner && product.has_disk_signatures() && !why_unread(product, "loaded_signatures")) {
    return judge_signatures(product, product.disk_signatures(), "its", input);
  }
  if (product.running() == v1::ANSWER_NO) {
    return judge_absent(product, {}, "", "it does not run, so no signatures are loaded");
  }
  if (is_scanner) {
    return judge_absent(product, {"loaded_signatures", "disk_signatures"}, "its signatures",
                        "it has no signatures");
  }
  if (product.has_disk_signatures() && !why_unread(product, "loaded_signatures")) {
    return judgement_of(product, Kind::kUnknown, "it does not tell which signatures are loaded");
  }
  return judge_absent(product, {"loaded_signatures"}, "the loaded signatures",
                      "on the host it tells of no signatures");
}

}  // namespace

RuleOutput judge_signatures_fresh(const RuleInput& input) {
  return judge_each_product(input, {kAntivirusProbe}, [&input](const Product& product) {
    return judge_product(product, input);
  });
}

}  // namespace muster::policy
